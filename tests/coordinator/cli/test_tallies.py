"""``lantoa tallies``: recount, named differences, rebuild; also by restore and doctor."""

import json

from campaigns.core.clock import parse_period
from campaigns.reporting import tallies
from campaigns.reporting.tallies import TallyScope
from coordinator.jobs.reporting import rollup
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.cli.test_database import edit


def spread(machine: Machine) -> None:
    """One copy, added up."""
    database = machine.database
    with database.write() as session:
        make_republication(session, factories.published(session), factories.site(session))
    assert rollup.apply_changes(database) > 0
    assert rollup.apply_changes(database) == 0
    database.dispose()


def test_sums_hold_until_a_hand_is_in_them_and_are_made_anew(lantoa: Machine) -> None:
    spread(lantoa)
    assert lantoa.well("tallies", "verify") == "sums hold: 1 copies, teasers and arrivals\n"
    edit(lantoa, "UPDATE daily_tallies SET confirmed = 41")
    done = lantoa("tallies", "verify")
    assert done.status == 1
    assert done.out.splitlines() == [
        "daily_tallies\tchannel_id=none day=2026-11-24 topic_id=dich-benh campaign_id=none\t"
        "confirmed: kept 41, counted 1",
        "1 differences; run: lantoa tallies rebuild",
    ]
    assert json.loads(lantoa("tallies", "verify", "--json").out) == {
        "counted": 1,
        "missing": [],
        "differences": [
            {
                "table": "daily_tallies", "channel_id": "none", "day": "2026-11-24", "topic_id": "dich-benh",
                "campaign_id": "none", "figure": "confirmed", "kept": 41, "counted": 1,
            }
        ],
    }  # fmt: skip
    assert lantoa.well("tallies", "rebuild") == "summed: 1 copies, teasers and arrivals\n"
    assert lantoa.well("tallies", "verify") == "sums hold: 1 copies, teasers and arrivals\n"


def test_a_trigger_that_is_gone_is_reported_and_put_back(lantoa: Machine) -> None:
    spread(lantoa)
    database = lantoa.database
    with database.write() as session:
        session.connection().exec_driver_sql("DROP TRIGGER tallies_copy_changed")
    database.dispose()
    done = lantoa("tallies", "verify")
    assert (done.status, done.out.splitlines()[0]) == (1, "tallies_copy_changed\tnot in place: changes are not noted")
    assert "BAD  tallies: 1 triggers are not in place; run: lantoa tallies rebuild" in lantoa("doctor").out
    lantoa.well("tallies", "rebuild")
    assert "ok   tallies: 0 changes are not added up yet" in lantoa("doctor").out
    edit(lantoa, "UPDATE republications SET status = 'rejected'")
    assert lantoa.well("tallies", "verify") == "sums hold: 1 copies, teasers and arrivals\n"


def test_a_restored_installation_has_the_sums_of_the_other(lantoa: Machine) -> None:
    spread(lantoa)
    lantoa.well("backup", "kept.zip")
    other = Machine(lantoa.folder)
    other.data = lantoa.folder / "other"
    other.well("restore", "kept.zip")
    assert other.well("tallies", "verify") == "sums hold: 1 copies, teasers and arrivals\n"
    database = other.database
    with database.read() as session:
        assert tallies.totals(session, TallyScope(parse_period("2026"))).confirmed == 1
    database.dispose()
