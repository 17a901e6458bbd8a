"""Sums compared with the rows: everything counted again, and every figure named that is not what the rows say.

The comparing is done in the database, which hands back only the lines that differ. What is made of other sums (months
of days, topics of sites) is compared with those, and what they lack or have too much is carried over: so the rows
themselves are gone through once for each thing that is counted, not once for each table.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Site
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting.reading import Figures, Key
from campaigns.reporting.spans import MONTH, YEAR, bin_of, wider_span
from campaigns.reporting.sums import (
    CUBES,
    FINER,
    NO_CAMPAIGN,
    Cube,
    arrivals,
    cells,
    changes,
    facts,
    from_finer,
    widened,
)

Pair = tuple[Figures, Figures]  # what is kept, and what the rows say
Parts = Sequence[sa.Select[Any]]


@dataclass(frozen=True)
class Difference:
    """One figure that is not what the rows say. ``table`` holds it, ``key`` says which line of it, in names."""

    table: str
    key: dict[str, str]
    figure: str
    kept: int
    counted: int


def differences(session: Session) -> Iterator[Difference]:
    """Every figure that is not what the rows say, what is not added up yet included. Reads everything; the session is
    to see the database at one moment."""
    names = _names(session)
    days: dict[Cube, dict[Key, Pair]] = {}
    for cube in CUBES:
        days[cube] = found = _days(session, cube, days)
        wide = _wide(session, cube, found) if cube.whole else {}
        keys = ("span", *cube.keys)
        for key, (kept, counted) in sorted({**found, **wide}.items()):
            for figure, had, has in zip(cube.figures, kept, counted, strict=True):
                if had != has:
                    told = {name: names.get((name, value), str(value)) for name, value in zip(keys, key, strict=True)}
                    yield Difference(cube.table.name, told, figure, had, has)
    yield from _arrivals(session, names)


def _days(session: Session, cube: Cube, before: Mapping[Cube, Mapping[Key, Pair]]) -> dict[Key, Pair]:
    """The lines of days that differ."""
    new = cells(cube, changes)[0]
    kept = [sa.select(cube.table).where(cube.table.c.span % MONTH != 0), new]
    if cube not in FINER:
        return _apart(session, cube, kept, [cells(cube, facts())[0]])
    finer = FINER[cube]

    def place(key: Key) -> list[Key]:
        line = dict(zip(("span", *finer.keys), key, strict=True))
        return [tuple(bin_of(line["waited"]) if name == "bin" else line[name] for name in ("span", *cube.keys))]

    return _carried(session, cube, kept, [from_finer(cube), new], before[finer], place)


def _wide(session: Session, cube: Cube, days: Mapping[Key, Pair]) -> dict[Key, Pair]:
    """The lines of months and years that differ."""
    new = cells(cube, changes)[1:]
    kept = [sa.select(cube.table).where(cube.table.c.span % MONTH == 0), *new]

    def place(key: Key) -> list[Key]:
        return [(wider_span(key[0], size), *key[1:]) for size in (MONTH, YEAR)]

    return _carried(session, cube, kept, [*widened(cube), *new], days, place)


def _carried(
    session: Session,
    cube: Cube,
    kept: Parts,
    made: Parts,
    before: Mapping[Key, Pair],
    place: Callable[[Key], list[Key]],
) -> dict[Key, Pair]:
    """The lines of ``kept`` that differ from the rows, told by ``made`` of other sums, of which ``before`` says where
    they differ; ``place``: in which lines a line of them is counted."""
    lacking: dict[Key, Figures] = {}
    for key, (had, has) in before.items():
        for there in place(key):
            known = lacking.get(there, (0,) * len(has))
            lacking[there] = tuple(sum_ + now - then for sum_, now, then in zip(known, has, had, strict=True))
    apart = _apart(session, cube, kept, made)
    # Only where something is wrong are lines read that the two agree on.
    agreed = _lines(session, cube, kept) if lacking else {}
    nothing = (0,) * len(cube.figures)
    found = {}
    for key in apart.keys() | lacking.keys():
        had, told = apart.get(key) or (agreed.get(key, nothing),) * 2
        has = tuple(map(sum, zip(told, lacking.get(key, nothing), strict=True)))
        if had != has:
            found[key] = (had, has)
    return found


def _apart(session: Session, cube: Cube, one: Parts, other: Parts) -> dict[Key, Pair]:
    """The lines of which the figures, added up over the parts, are not the same on both sides."""
    keys, figures = ("span", *cube.keys), cube.figures
    zero: sa.ColumnElement[int] = sa.literal_column("0")
    arms = []
    for parts, mine in ((one, True), (other, False)):
        for part in parts:
            of = part.subquery().c
            counts = [of[name] for name in figures]
            sides = [*counts, *(zero for _ in figures)] if mine else [*(zero for _ in figures), *counts]
            arms.append(
                sa.select(*(of[name].label(name) for name in keys), *(it.label(f"f{n}") for n, it in enumerate(sides)))
            )
    both = sa.union_all(*arms).subquery()
    by = [both.c[name] for name in keys]
    width = len(figures)
    sums = [sa.func.sum(both.c[f"f{number}"]) for number in range(2 * width)]
    unlike = sa.or_(*(mine != theirs for mine, theirs in zip(sums[:width], sums[width:], strict=True)))
    found = {}
    for row in session.execute(sa.select(*by, *sums).group_by(*by).having(unlike)):
        told = [int(it) for it in row]
        found[tuple(told[: len(by)])] = (tuple(told[len(by) : len(by) + width]), tuple(told[len(by) + width :]))
    return found


def _lines(session: Session, cube: Cube, parts: Parts) -> dict[Key, Figures]:
    """The figures by key, added up over the parts."""
    keys = ("span", *cube.keys)
    tables = [part.subquery() for part in parts]
    whole = sa.union_all(*(sa.select(*(one.c[name] for name in (*keys, *cube.figures))) for one in tables)).subquery()
    by = [whole.c[name] for name in keys]
    query = sa.select(*by, *(sa.func.sum(whole.c[name]) for name in cube.figures)).group_by(*by)
    return {
        tuple(int(it) for it in row[: len(by)]): tuple(int(it) for it in row[len(by) :])
        for row in session.execute(query)
    }


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
