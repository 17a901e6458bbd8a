"""``lantoa rejudge`` as a process, on fetched pages."""

import json
from collections.abc import Iterator

import pytest

from campaigns.matching.matcher import RULE_VERSION, Match
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import RepublicationStatus
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.test_page_check import PATH, found
from tests.coordinator.jobs.republications.test_rejudgement import OLD, as_older_rules_had_it
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite


@pytest.fixture
def newsroom(lantoa: Machine) -> Iterator[ScriptedSite]:
    """One counted copy that older rules did not count."""
    database = lantoa.database
    scene = JobHarness(database, lantoa.data)
    lantoa.settings["LANTOA_BASE_URL"] = "https://tin.example"
    with HostileServer() as server:
        site = ScriptedSite(scene, server)
        code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(hours=1)
        site.carries(PATH, code)
        found(site)
        yield site
    database.dispose()


def test_it_says_what_would_change_and_writes_only_when_asked_to(lantoa: Machine, newsroom: ScriptedSite) -> None:
    assert "1 copies judged" in lantoa.well("rejudge")
    as_older_rules_had_it(newsroom, RepublicationStatus.REVIEW, Match.PARTIAL, Attribution.NONE)
    republication = newsroom.copy()
    well = lantoa.well("rejudge")
    assert f"{republication.public}\t" in well
    assert "status review -> confirmed; match partial -> full; attribution none -> linked_at_end" in well
    assert "status: review -> confirmed: 1" in well
    assert "move: review partial none -> confirmed full linked_at_end: 1" in well
    assert f"partner: {newsroom.company.code}: 1 differ, counted +1" in well
    assert f"rules: {OLD} -> {RULE_VERSION}: 1 judged, 1 differ" in well
    assert "counted: 0 -> 1" in well
    assert well.rstrip().endswith("1 differ; nothing written")
    assert newsroom.copy().status is RepublicationStatus.REVIEW
    item = json.loads(lantoa.well("rejudge", "--json"))
    assert (item["rules"], item["changed"], item["written"]) == (RULE_VERSION, 1, False)
    assert item["changes"][0]["judged_by"]["rules"] == OLD
    assert item["counts"]["match"] == [{"before": "partial", "after": "full", "copies": 1}]
    assert item["moves"] == [
        {
            "before": {"status": "review", "match": "partial", "attribution": "none"},
            "after": {"status": "confirmed", "match": "full", "attribution": "linked_at_end"},
            "copies": 1,
        }
    ]
    assert item["partners"] == [{"partner": newsroom.company.code, "changed": 1, "counted": 1}]
    assert item["earlier_rules"] == [{"rules": OLD, "judged": 1, "changed": 1}]
    assert (item["counted_before"], item["counted_after"]) == (0, 1)
    assert "1 adopted" in lantoa.well("rejudge", "--adopt")
    assert "counted: 1 -> 1" in lantoa.well("rejudge")
    assert newsroom.copy().status is RepublicationStatus.CONFIRMED
    again = json.loads(lantoa.well("rejudge", "--adopt", "--json"))
    assert (again["changes"], again["adopted"], again["judged"]) == ([], 0, 1)
    assert "journal whole" in lantoa.well("journal", "verify")


def test_a_lost_page_is_named_and_the_status_is_1(lantoa: Machine, newsroom: ScriptedSite) -> None:
    republication = newsroom.copy()
    (lantoa.data / "pages" / str(republication.evidence[0].body_key)).unlink()
    done = lantoa("rejudge")
    assert done.status == 1
    assert done.err.startswith(f"{republication.public}: the kept page cannot be read")
    assert "1 kept pages missing or damaged" in done.out


def test_a_bad_scope_is_refused(lantoa: Machine) -> None:
    assert "BT-2026-01-01-001" in lantoa.refused("rejudge", "--bulletin", "BT-2026-01-01-001")
    assert "--from is after --to" in lantoa.refused("rejudge", "--from", "2026-02-01", "--to", "2026-01-01")
    assert "'hôm qua'" in lantoa.refused("rejudge", "--from", "hôm qua")
