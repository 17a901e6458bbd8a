"""The rollup of changes into the daily sums, the rebuild of the sums from the rows, and their comparison."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.channels import Channel
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.delivery.outbox import Delivery
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.reporting.rollups import tally_history
from campaigns.reporting.rollups.rollup_tables import (
    FIGURES,
    NO_CAMPAIGN,
    NO_CHANNEL,
    SUM_KEYS,
    arrivals,
    changes,
    daily_sums,
    daily_tallies,
    facts,
    has_arrived,
    stale_sums,
)
from campaigns.republications.republications import Evidence, Republication

ROLLUP_BATCH = 2000  # changes in one batch


def roll_up(session: Session) -> int:
    """Add the oldest changes to the sums and move them to the history; returns their number."""
    acquire_until_commit(session, AdvisoryLock.ROLLUP)
    picked = sa.select(changes.c.id).order_by(changes.c.id).limit(ROLLUP_BATCH)
    numbers = list(session.execute(picked).scalars())
    if not numbers:
        return 0
    # Exactly these rows: others with smaller numbers may be committed in between.
    these = changes.c.id.in_(numbers)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # SQLite needs a WHERE before ON CONFLICT, which it would otherwise parse as a join's ON.
    sums = sa.select(daily_sums(changes, these).subquery()).where(sa.true())
    statement: Any = insert(daily_tallies).from_select([*SUM_KEYS, *FIGURES], sums)
    added = {figure: daily_tallies.c[figure] + statement.excluded[figure] for figure in FIGURES}
    session.execute(statement.on_conflict_do_update(index_elements=list(daily_tallies.primary_key), set_=added))
    tally_history.append_changes(session, these)
    session.execute(sa.delete(changes).where(these))
    return len(numbers)


def discard_changes(session: Session) -> None:
    """Delete pending changes: after a restore, whose rows have their own history."""
    session.execute(sa.delete(changes))


def rebuild_sums(session: Session) -> int:
    """Compute every sum from the rows and append missing entries to the history, in one transaction; returns the number
    of counted facts. Writers of counted rows wait meanwhile: for a restore, and SQLite, which has one writer."""
    acquire_until_commit(session, AdvisoryLock.CHANGE_LOG)
    acquire_until_commit(session, AdvisoryLock.ROLLUP)
    tally_history.append_changes(session, sa.true())
    discard_changes(session)
    correct_counts(session)
    return recompute_sums(session)


def correct_counts(session: Session, first: int = 0, last: int | None = None) -> None:
    """Correct what is kept beside the counted rows of the bulletins with keys from ``first`` to ``last``: how often
    each arrived at each channel, and which copies were read.

    Locks the rows until the caller commits, so that writers of these bulletins wait, and no others.
    """

    def chosen(column: Any) -> sa.ColumnElement[bool]:
        bounds: sa.ColumnElement[bool] = column >= first if last is None else column.between(first, last)
        return bounds

    read = sa.exists().where(Evidence.republication_id == Republication.id)
    session.execute(
        sa.update(Republication)
        .where(chosen(Republication.bulletin_id), Republication.was_read != read)
        .values(was_read=read),
        execution_options={"synchronize_session": False},
    )
    # Locked before they are counted: a writer that has counted its delivery already is waited for, another one waits.
    session.execute(sa.select(arrivals.c.bulletin_id).where(chosen(arrivals.c.bulletin_id)).with_for_update()).all()
    counted = (
        sa.select(Delivery.bulletin_id, Delivery.channel_id, sa.func.count().label("deliveries"))
        .where(chosen(Delivery.bulletin_id), has_arrived())
        .group_by(Delivery.bulletin_id, Delivery.channel_id)
        .subquery()
    )
    same = (arrivals.c.bulletin_id == counted.c.bulletin_id, arrivals.c.channel_id == counted.c.channel_id)
    session.execute(
        sa.update(arrivals)
        .where(*same, chosen(arrivals.c.bulletin_id), arrivals.c.deliveries != counted.c.deliveries)
        .values(deliveries=counted.c.deliveries)
    )
    arrived = sa.exists().where(
        Delivery.bulletin_id == arrivals.c.bulletin_id,
        Delivery.channel_id == arrivals.c.channel_id,
        has_arrived(),
    )
    session.execute(
        sa.update(arrivals)
        .where(chosen(arrivals.c.bulletin_id), arrivals.c.deliveries != 0, ~arrived)
        .values(deliveries=0)
    )
    known = sa.exists().where(*same, chosen(arrivals.c.bulletin_id))
    session.execute(
        sa.insert(arrivals).from_select(["bulletin_id", "channel_id", "deliveries"], sa.select(counted).where(~known))
    )


def recompute_sums(session: Session) -> int:
    """Compute every sum from the rows that this session's one snapshot sees, and append missing entries to the history;
    returns the number of counted facts.

    What others commit meanwhile stays in the change log and is added to the new sums later. The caller holds
    ``AdvisoryLock.ROLLUP``, before the snapshot was taken.
    """
    tally_history.append_changes(session, sa.true())
    discard_changes(session)
    tally_history.reconcile(session)
    discard_changes(session)
    session.execute(sa.delete(daily_tallies))
    session.execute(sa.insert(daily_tallies).from_select([*SUM_KEYS, *FIGURES], daily_sums(facts())))
    session.execute(sa.delete(stale_sums))
    return count_facts(session)


def mark_stale(session: Session | sa.Connection) -> None:
    """Record that the sums are to be computed anew."""
    session.execute(sa.delete(stale_sums))
    session.execute(sa.insert(stale_sums).values(id=1))


def are_stale(session: Session) -> bool:
    """Whether the sums are to be computed anew."""
    return session.execute(sa.select(stale_sums.c.id)).first() is not None


def count_facts(session: Session) -> int:
    """Return the number of counted copies, teasers and arrivals."""
    return session.execute(sa.select(sa.func.count()).select_from(facts())).scalar_one()


def count_pending(session: Session) -> int:
    """Return the number of pending changes."""
    return session.execute(sa.select(sa.func.count()).select_from(changes)).scalar_one()


@dataclass(frozen=True)
class FigureDifference:
    """One figure that differs from the rows, in ``table``; ``key`` identifies its row by codes."""

    table: str
    key: dict[str, str]
    figure: str
    kept: int
    counted: int


def find_differences(session: Session) -> Iterator[FigureDifference]:
    """Yield every figure that differs from the rows, pending changes included. Reads everything; the session must have
    one snapshot of the database."""
    names = _codes(session)
    kept = [sa.select(daily_tallies), daily_sums(changes)]
    yield from _differing(session, names, daily_tallies.name, SUM_KEYS, FIGURES, kept, daily_sums(facts()))
    pairs = sa.select(Delivery.bulletin_id, Delivery.channel_id, sa.func.count().label("deliveries"))
    pairs = pairs.where(has_arrived()).group_by(Delivery.bulletin_id, Delivery.channel_id)
    keys = ("bulletin_id", "channel_id")
    yield from _differing(session, names, arrivals.name, keys, ("deliveries",), [sa.select(arrivals)], pairs)
    for change, copies in tally_history.find_differences(session):
        key = {name: names.get((name, value), str(value)) for name, value in change.items() if value is not None}
        yield FigureDifference(tally_history.tally_history.name, key, "entries", -copies, 0)


def _differing(
    session: Session,
    names: dict[tuple[str, Any], str],
    table: str,
    keys: tuple[str, ...],
    figures: tuple[str, ...],
    kept: list[sa.Select[*tuple[Any, ...]]],
    counted: sa.Select[*tuple[Any, ...]],
) -> Iterator[FigureDifference]:
    """Return the figures that differ between the sum of ``kept`` and ``counted``."""
    zero: sa.ColumnElement[int] = sa.literal_column("0")
    arms = []
    for part in (*kept, counted):
        of = part.subquery().c
        mine, theirs = [of[name] for name in figures], [zero for _ in figures]
        sides = [*theirs, *mine] if part is counted else [*mine, *theirs]
        labelled = [side.label(f"f{number}") for number, side in enumerate(sides)]
        arms.append(sa.select(*(of[name].label(name) for name in keys), *labelled))
    both = sa.union_all(*arms).subquery()
    by = [both.c[name] for name in keys]
    sums = [sa.func.sum(both.c[f"f{number}"]) for number in range(2 * len(figures))]
    pairs = list(zip(sums[: len(figures)], sums[len(figures) :], strict=True))
    unlike = sa.or_(*(mine != theirs for mine, theirs in pairs))
    for row in session.execute(sa.select(*by, *sums).group_by(*by).having(unlike).order_by(*by)):
        key = {name: names.get((name, value), str(value)) for name, value in zip(keys, row, strict=False)}
        numbers = [int(figure) for figure in row[len(keys) :]]
        for figure, had, has in zip(figures, numbers[: len(figures)], numbers[len(figures) :], strict=True):
            if had != has:
                yield FigureDifference(table, key, figure, had, has)


def _codes(session: Session) -> dict[tuple[str, Any], str]:
    """Return the codes of the keys."""
    kinds = {"topic_id": Topic, "campaign_id": Campaign, "bulletin_id": Bulletin, "channel_id": Channel}
    found: dict[tuple[str, Any], str] = {
        (name, number): code
        for name, kind in kinds.items()
        for number, code in session.execute(sa.select(kind.id, kind.code))  # type: ignore[attr-defined]  # a mapping of classes
    }
    return found | {("campaign_id", NO_CAMPAIGN): "none", ("channel_id", NO_CHANNEL): "none"}
