"""Changes added up, sums made anew, and both compared with the rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from campaigns.core.lines import Line, stand_in
from campaigns.partners.directory import Site
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting import history
from campaigns.reporting.spans import MONTH, YEAR, wider_span
from campaigns.reporting.sums import CUBES, NO_CAMPAIGN, Cube, arrivals, cells, changes, facts, widened
from campaigns.tracking.republications import Evidence, Republication

BATCH = 2000  # changes that are added up in one go


@dataclass(frozen=True)
class Difference:
    """One figure that is not what the rows say. ``table`` holds it, ``key`` says which line of it, in names."""

    table: str
    key: dict[str, str]
    figure: str
    kept: int
    counted: int


def add_up(session: Session) -> int:
    """Add the oldest changes to the sums; returns how many there were. Nobody waits for this but another adding."""
    stand_in(session, Line.ADDING)
    picked = sa.select(changes.c.id).order_by(changes.c.id).limit(BATCH)
    numbers = list(session.execute(picked).scalars())
    if not numbers:
        return 0
    # Those very rows: others may be committed in between, with smaller numbers.
    these = changes.c.id.in_(numbers)
    for cube in CUBES:
        for made in cells(cube, changes, these):
            _add(session, cube, made)
    history.keep(session, these)
    session.execute(sa.delete(changes).where(these))
    return len(numbers)


def _add(session: Session, cube: Cube, made: sa.Select[Any]) -> None:
    kind = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    table = cube.table
    statement: Any = kind(table).from_select(["span", *cube.keys, *cube.figures], made)
    summed = {figure: table.c[figure] + statement.excluded[figure] for figure in cube.figures}
    session.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=summed))


def forget(session: Session) -> None:
    """Throw away what is noted and not added up: for a restore, whose rows have a history of their own."""
    session.execute(sa.delete(changes))


def rebuild(session: Session) -> int:
    """Make every sum anew from the rows, and have the history say the same; returns how many things are counted.
    Writers of what counts wait meanwhile."""
    stand_in(session, Line.SUMS)
    stand_in(session, Line.ADDING)
    history.keep(session, sa.true())
    forget(session)
    read = sa.exists().where(Evidence.republication_id == Republication.id)
    session.execute(
        sa.update(Republication).where(Republication.was_read != read).values(was_read=read),
        execution_options={"synchronize_session": False},
    )
    session.execute(sa.delete(arrivals))
    pairs = (
        sa.select(Delivery.bulletin_id, Delivery.channel_id, sa.func.count())
        .where(Delivery.state == DeliveryState.DELIVERED)
        .group_by(Delivery.bulletin_id, Delivery.channel_id)
    )
    session.execute(sa.insert(arrivals).from_select(["bulletin_id", "channel_id", "deliveries"], pairs))
    history.reconcile(session)
    forget(session)
    rows = facts()
    for cube in CUBES:
        session.execute(sa.delete(cube.table))
        by_day, *_ = cells(cube, rows)
        session.execute(sa.insert(cube.table).from_select(["span", *cube.keys, *cube.figures], by_day))
        if cube.whole:
            for wider in widened(cube):
                session.execute(sa.insert(cube.table).from_select(["span", *cube.keys, *cube.figures], wider))
    return counted(session)


def counted(session: Session) -> int:
    """How many copies, teasers and arrivals are counted."""
    return session.execute(sa.select(sa.func.count()).select_from(facts())).scalar_one()


def waiting(session: Session) -> int:
    """How many changes are not added up yet."""
    return session.execute(sa.select(sa.func.count()).select_from(changes)).scalar_one()


def differences(session: Session) -> Iterator[Difference]:
    """Every figure that is not what the rows say, what is not added up yet included. Reads everything; the session is
    to see the database at one moment."""
    names = _names(session)
    for cube in CUBES:
        keys = ("span", *cube.keys)
        kept = _lines(session, keys, cube, [sa.select(cube.table), *cells(cube, changes)])
        rows = _lines(session, keys, cube, cells(cube, facts())[:1])
        if cube.whole:
            _widen(rows)
        for key in sorted(kept.keys() | rows.keys()):
            nothing = (0,) * len(cube.figures)
            for figure, had, has in zip(cube.figures, kept.get(key, nothing), rows.get(key, nothing), strict=True):
                if had != has:
                    told = {name: names.get((name, value), str(value)) for name, value in zip(keys, key, strict=True)}
                    yield Difference(cube.table.name, told, figure, had, has)
    yield from _arrivals(session, names)


def _lines(
    session: Session, keys: tuple[str, ...], cube: Cube, parts: list[sa.Select[Any]]
) -> dict[tuple[int, ...], tuple[int, ...]]:
    """The figures by key, added up over the parts; lines of nothing are left out."""
    tables = [part.subquery() for part in parts]
    whole = sa.union_all(*(sa.select(*(one.c[name] for name in (*keys, *cube.figures))) for one in tables)).subquery()
    by = [whole.c[name] for name in keys]
    query = sa.select(*by, *(sa.func.sum(whole.c[name]) for name in cube.figures)).group_by(*by)
    found = {}
    for row in session.execute(query):
        figures = tuple(int(one) for one in row[len(keys) :])
        if any(figures):
            found[tuple(int(one) for one in row[: len(keys)])] = figures
    return found


def _widen(rows: dict[tuple[int, ...], tuple[int, ...]]) -> None:
    """Add the months and years to lines of days."""
    for (span, *keys), figures in list(rows.items()):
        for wider in (wider_span(span, MONTH), wider_span(span, YEAR)):
            key = (wider, *keys)
            before = rows.get(key)
            rows[key] = figures if before is None else tuple(map(sum, zip(before, figures, strict=True)))


def _arrivals(session: Session, names: dict[tuple[str, int], str]) -> Iterator[Difference]:
    """How many deliveries of one bulletin arrived at one channel."""
    kept = {row[:2]: row[2] for row in session.execute(sa.select(arrivals).where(arrivals.c.deliveries != 0))}
    query = (
        sa.select(Delivery.bulletin_id, Delivery.channel_id, sa.func.count())
        .where(Delivery.state == DeliveryState.DELIVERED)
        .group_by(Delivery.bulletin_id, Delivery.channel_id)
    )
    rows = {row[:2]: row[2] for row in session.execute(query)}
    for key in sorted(kept.keys() | rows.keys()):
        if kept.get(key, 0) != rows.get(key, 0):
            told = {
                name: names.get((name, value), str(value)) for name, value in zip(arrivals.c.keys(), key, strict=False)
            }
            yield Difference(arrivals.name, told, "deliveries", kept.get(key, 0), rows.get(key, 0))


def _names(session: Session) -> dict[tuple[str, int], str]:
    """The codes that people know the keys by."""
    kinds = {
        "site_id": Site,
        "topic_id": Topic,
        "campaign_id": Campaign,
        "bulletin_id": Bulletin,
        "channel_id": Channel,
    }
    found = {
        (name, ident): code
        for name, kind in kinds.items()
        for ident, code in session.execute(sa.select(kind.id, kind.code))  # type: ignore[attr-defined]
    }
    return found | {("campaign_id", NO_CAMPAIGN): "none"}
