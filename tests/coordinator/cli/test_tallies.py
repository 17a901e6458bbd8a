"""``lantoa tallies``: recount, named differences, rebuild, the proof of each copy; also by restore and doctor."""

import json

import pytest

from campaigns.core.clock import parse_period
from campaigns.reporting import tallies
from campaigns.reporting.tallies import TallyScope
from coordinator.jobs.reporting import rollup
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.cli.test_database import edit
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, found
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite

HOLD = "sums hold: 1 copies, teasers and arrivals\n"
PROVEN = "count proven: 1 counted copies, 1 stored files compared, 1 pages and archives of all looks\n"
PROVEN += "evidence is what the journal names: 1 rows\n"


@pytest.fixture
def spread(lantoa: Machine) -> str:
    """One copy, fetched, judged and added up; its public id."""
    database = lantoa.database
    scene = JobHarness(database, lantoa.data)
    with HostileServer() as server:
        site = ScriptedSite(scene, server)
        code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(hours=1)
        site.carries(PATH, code)
        found(site)
        copy = site.copy()
    assert rollup.apply_changes(database) > 0
    assert rollup.apply_changes(database) == 0
    database.dispose()
    return copy.public


def test_sums_hold_until_a_hand_is_in_them_and_are_made_anew(lantoa: Machine, spread: str) -> None:
    assert lantoa.well("tallies", "verify") == HOLD + PROVEN
    edit(lantoa, "UPDATE daily_tallies SET confirmed = 41")
    done = lantoa("tallies", "verify")
    assert done.status == 1
    assert done.out.splitlines() == [
        "daily_tallies\tchannel_id=none day=2026-11-24 topic_id=dich-benh campaign_id=none\t"
        "confirmed: kept 41, counted 1",
        "1 differences; run: lantoa tallies rebuild",
        *PROVEN.splitlines(),
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
        "unproven": [],
        "copies": {"walked": 1, "counted": 1, "unproven": 0},
        "files_compared": 1,
        "kept_files_compared": 1,
        "evidence_compared": 1,
        "journal": None,
    }  # fmt: skip
    assert lantoa.well("tallies", "rebuild") == "summed: 1 copies, teasers and arrivals\n"
    assert lantoa.well("tallies", "verify") == HOLD + PROVEN


def test_a_trigger_that_is_gone_is_reported_and_put_back(lantoa: Machine, spread: str) -> None:
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
    done = lantoa("tallies", "verify")
    assert done.out.splitlines()[0] == HOLD.rstrip()  # the trigger noted it; the journal knows nothing of it
    assert done.out.splitlines()[1].endswith("\tthe journal says that it counts, its row does not")
    assert done.status == 1


def test_a_copy_that_does_not_prove_itself_is_named(lantoa: Machine, spread: str) -> None:
    edit(lantoa, "UPDATE republications SET counted_on = '2026-10-01'")
    done = lantoa("tallies", "verify")
    assert done.status == 1
    copy, address, why = done.out.splitlines()[1].split("\t")
    assert (copy, why) == (spread, "its counted_on is 2026-10-01, the journal's entry names 2026-11-24")
    assert address.endswith(PATH)
    assert done.out.splitlines()[2:] == ["1 copies are not proven, of 1 counted and 1 in all"]
    report = json.loads(lantoa("tallies", "verify", "--json").out)
    assert [(row["id"], row["faults"][0]["code"]) for row in report["unproven"]] == [(spread, "other_counted_on")]
    assert report["differences"] == []


def test_stored_files_are_read_unless_they_are_to_be_left_out(lantoa: Machine, spread: str) -> None:
    (stored,) = (lantoa.data / "pages").rglob("*.warc.gz")
    stored.unlink()
    done = lantoa("tallies", "verify")
    assert (done.status, done.out.splitlines()[1].split("\t")[0]) == (1, spread)
    assert "is not in the store" in done.out
    unread = PROVEN.replace("1 stored", "0 stored").replace("1 pages", "0 pages")
    assert lantoa.well("tallies", "verify", "--without-files") == HOLD + unread


def test_a_broken_journal_proves_nothing(lantoa: Machine, spread: str) -> None:
    edit(lantoa, "UPDATE journal SET actor = 'ai-do' WHERE act = 'republication.confirmed'")
    done = lantoa("tallies", "verify")
    assert done.status == 1
    assert "count proven" not in done.out
    assert done.out.splitlines()[-1].startswith("journal broken at entry ")


def test_a_restored_installation_has_the_sums_of_the_other(lantoa: Machine, spread: str) -> None:
    lantoa.well("backup", "kept.zip")
    other = Machine(lantoa.folder)
    other.data = lantoa.folder / "other"
    other.well("restore", "kept.zip")
    assert other.well("tallies", "verify") == HOLD + PROVEN
    database = other.database
    with database.read() as session:
        assert tallies.totals(session, TallyScope(parse_period("2026"))).confirmed == 1
    database.dispose()
