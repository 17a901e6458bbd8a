"""Every wrong figure is named by a recount, and no other."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.reporting import adding, noting, recounting, sums
from campaigns.reporting.sums import CUBES, Cube
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.copies import TOPICS, copy
from tests.factories import NOW


def test_a_hand_in_the_sums_is_told_of_by_name_and_mended(session: Session) -> None:
    row = copy(session, factories.published(session), factories.site(session))
    adding.rebuild(session)
    table = sums.BY_SITE.table
    session.execute(sa.update(table).where(table.c.span == 20260000).values(confirmed=7))
    (wrong,) = recounting.differences(session)
    assert (wrong.table, wrong.figure, wrong.kept, wrong.counted) == ("tallies_by_site", "confirmed", 7, 1)
    assert (wrong.key["span"], wrong.key["site_id"]) == ("20260000", row.site.code)
    adding.rebuild(session)
    assert list(recounting.differences(session)) == []


def test_what_is_written_while_nothing_notes_it_is_found_by_recounting(session: Session) -> None:
    bulletin, site = factories.published(session), factories.site(session)
    assert noting.missing(session.connection()) == []
    noting.remove(session.connection())
    copy(session, bulletin, site)
    assert len(noting.missing(session.connection())) > 10
    assert {one.table for one in recounting.differences(session)} >= {"tallies_by_topic", "tallies_by_site"}
    noting.install(session.connection())
    adding.rebuild(session)
    assert noting.missing(session.connection()) == []
    assert list(recounting.differences(session)) == []


def _spoil(session: Session, dice: random.Random, cube: Cube) -> None:
    """A hand in one table of the sums: a figure changed, a line gone, a line that never was."""
    table, keys = cube.table, ("span", *cube.keys)
    lines = [dict(row) for row in session.execute(sa.select(table)).mappings()]
    for line in dice.sample(lines, min(3, len(lines))):
        this = sa.and_(*(table.c[key] == line[key] for key in keys))
        if dice.random() < 0.5:
            session.execute(sa.delete(table).where(this))
        else:
            figure = dice.choice(cube.figures)
            session.execute(sa.update(table).where(this).values({figure: line[figure] + dice.choice((-1, 2))}))
    if lines and dice.random() < 0.5:
        span = dice.choice((20251231, 20251200, 20250000) if cube.whole else (20251231,))
        session.execute(sa.insert(table).values(dict(dice.choice(lines), span=span)))


def _counted(session: Session, parts: list[sa.Select[object]], cube: Cube) -> dict[tuple[int, ...], list[int]]:
    """The figures by key, added up here, line by line."""
    found: dict[tuple[int, ...], list[int]] = {}
    for part in parts:
        for row in session.execute(part).mappings():
            told = found.setdefault(tuple(row[key] for key in ("span", *cube.keys)), [0] * len(cube.figures))
            for place, figure in enumerate(cube.figures):
                told[place] += int(row[figure])
    return found


def _by_hand(session: Session) -> Iterator[tuple[str, int, str, int, int]]:
    """Table, span, figure, kept and counted of every wrong figure: each table for itself against all the rows."""
    for cube in CUBES:
        kept = _counted(session, [sa.select(cube.table), *sums.cells(cube, sums.changes)], cube)
        rows = _counted(session, [*sums.cells(cube, sums.facts())], cube)
        nothing = [0] * len(cube.figures)
        for key in kept.keys() | rows.keys():
            for figure, had, has in zip(cube.figures, kept.get(key, nothing), rows.get(key, nothing), strict=True):
                if had != has:
                    yield cube.table.name, key[0], figure, had, has


@pytest.mark.parametrize("seed", range(6))
def test_a_recount_names_what_counting_each_table_by_hand_finds(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    with database.write() as session:
        sites = [factories.site(session) for _ in range(3)]
        bulletins = [factories.published(session, topic=topic) for topic in TOPICS]
        for _ in range(40):
            seen = NOW + timedelta(hours=dice.randrange(-900, 900))
            copy(session, dice.choice(bulletins), dice.choice(sites), first_seen_at=seen)
        adding.rebuild(session)
        for cube in dice.sample(CUBES, dice.randrange(1, len(CUBES) + 1)):
            _spoil(session, dice, cube)
        # Some that is noted and not added up yet belongs to what is kept.
        copy(session, bulletins[0], sites[0])
    with database.read() as session:
        told = [
            (one.table, int(one.key["span"]), one.figure, one.kept, one.counted)
            for one in recounting.differences(session)
        ]
        assert sorted(told) == sorted(_by_hand(session))
        assert told
