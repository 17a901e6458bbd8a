"""A check names every figure that differs from the rows, and no other."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.reporting.rollups import change_log, rollup
from campaigns.reporting.rollups.rollup_tables import FIGURES, SUM_KEYS, changes, daily_sums, daily_tallies, facts
from campaigns.reporting.rollups.tally_history import tally_history
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.sample_republications import TOPICS, make_republication
from tests.conftest import seeds
from tests.factories import NOW

pytestmark = pytest.mark.long


def test_a_changed_sum_is_named_and_made_anew(session: Session) -> None:
    row = make_republication(session, factories.published(session), factories.site(session))
    rollup.rebuild_sums(session)
    session.execute(sa.update(daily_tallies).values(confirmed=7))
    (wrong,) = rollup.find_differences(session)
    assert (wrong.table, wrong.figure, wrong.kept, wrong.counted) == ("daily_tallies", "confirmed", 7, 1)
    assert (wrong.key["day"], wrong.key["topic_id"]) == (row.counted_on.isoformat(), row.bulletin.topic.code)
    rollup.rebuild_sums(session)
    assert list(rollup.find_differences(session)) == []


def test_an_entry_missing_from_the_history_is_named_and_appended(session: Session) -> None:
    row = make_republication(session, factories.published(session), factories.site(session))
    rollup.rebuild_sums(session)
    session.execute(sa.delete(tally_history).where(tally_history.c.kind == "copy"))
    (wrong,) = rollup.find_differences(session)
    assert (wrong.table, wrong.key["bulletin_id"]) == ("tally_history", row.bulletin.code)
    rollup.rebuild_sums(session)
    assert list(rollup.find_differences(session)) == []


def test_what_is_written_while_no_trigger_logs_it_is_found(session: Session) -> None:
    bulletin, site = factories.published(session), factories.site(session)
    assert change_log.missing_triggers(session.connection()) == []
    change_log.remove_triggers(session.connection())
    make_republication(session, bulletin, site)
    assert len(change_log.missing_triggers(session.connection())) > 10
    assert {difference.table for difference in rollup.find_differences(session)} == {"daily_tallies", "tally_history"}
    change_log.install_triggers(session.connection())
    rollup.rebuild_sums(session)
    assert change_log.missing_triggers(session.connection()) == []
    assert list(rollup.find_differences(session)) == []


def _spoil(session: Session, dice: random.Random) -> None:
    """Change the sums: a figure changed, a row deleted, a row added."""
    rows = [dict(row) for row in session.execute(sa.select(daily_tallies)).mappings()]
    for row in dice.sample(rows, min(3, len(rows))):
        this = sa.and_(*(daily_tallies.c[key] == row[key] for key in SUM_KEYS))
        if dice.random() < 0.5:
            session.execute(sa.delete(daily_tallies).where(this))
        else:
            figure = dice.choice(FIGURES)
            session.execute(sa.update(daily_tallies).where(this).values({figure: row[figure] + dice.choice((-1, 2))}))
    if dice.random() < 0.5:
        session.execute(sa.insert(daily_tallies).values(dict(dice.choice(rows), day=date(2025, 12, 31))))


def _counted(session: Session, *parts: sa.Select[object]) -> Counter[tuple[object, ...]]:
    """The figures by day, topic and name, added up here row by row."""
    found: Counter[tuple[object, ...]] = Counter()
    for part in parts:
        for row in session.execute(part).mappings():
            for figure in FIGURES:
                found[str(row["day"]), row["topic_id"], figure] += int(row[figure])
    return found


def _by_hand(session: Session) -> Iterator[tuple[str, str, int, int]]:
    """Day, figure, kept and counted of every wrong figure."""
    kept = _counted(session, sa.select(daily_tallies), daily_sums(changes))
    rows = _counted(session, daily_sums(facts()))
    for day, topic, figure in kept.keys() | rows.keys():
        had, has = kept[day, topic, figure], rows[day, topic, figure]
        if had != has:
            yield str(day), str(figure), had, has


@pytest.mark.parametrize("seed", seeds(6))
def test_a_check_names_what_counting_by_hand_finds(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    with database.write() as session:
        sites = [factories.site(session) for _ in range(3)]
        bulletins = [factories.published(session, topic=topic) for topic in TOPICS]
        for _ in range(40):
            seen = NOW + timedelta(hours=dice.randrange(-900, 900))
            make_republication(session, dice.choice(bulletins), dice.choice(sites), first_seen_at=seen)
        rollup.rebuild_sums(session)
        _spoil(session, dice)
        # A change that is logged and not added yet belongs to what is kept.
        make_republication(session, bulletins[0], sites[0])
    with database.read() as session:
        named = [
            (difference.key["day"], difference.figure, difference.kept, difference.counted)
            for difference in rollup.find_differences(session)
        ]
        assert sorted(named) == sorted(_by_hand(session))
        assert named
