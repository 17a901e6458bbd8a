"""``lantoa rejudge`` as a process, on pages that were really fetched."""

import json
from collections.abc import Iterator

import pytest

from campaigns.tracking.attribution import Attribution
from campaigns.tracking.matching import RULE_VERSION, Match
from campaigns.tracking.republications import Status
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.newsroom import BODY, TITLE, Newsroom
from tests.coordinator.jobs.scene import Scene
from tests.coordinator.jobs.test_check_pages import PATH, found
from tests.coordinator.jobs.test_rejudging import OLD, as_older_rules_had_it


@pytest.fixture
def newsroom(lantoa: Machine) -> Iterator[Newsroom]:
    """One counted copy that older rules did not count."""
    database = lantoa.database
    scene = Scene(database, lantoa.data)
    lantoa.settings["LANTOA_BASE_URL"] = "https://tin.example"
    with HostileServer() as server:
        room = Newsroom(scene, server)
        code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(hours=1)
        room.carries(PATH, code)
        found(room)
        yield room
    database.dispose()


def test_it_says_what_would_change_and_writes_only_when_told_to(lantoa: Machine, newsroom: Newsroom) -> None:
    assert "1 copies judged" in lantoa.well("rejudge")
    as_older_rules_had_it(newsroom, Status.REVIEW, Match.PARTIAL, Attribution.NONE)
    one = newsroom.copy()
    said = lantoa.well("rejudge")
    assert f"{one.public}\t" in said
    assert "status review -> confirmed; match partial -> full; attribution none -> linked_at_end" in said
    assert "status: review -> confirmed: 1" in said
    assert said.rstrip().endswith("1 differ; nothing written")
    assert newsroom.copy().status is Status.REVIEW
    told = json.loads(lantoa.well("rejudge", "--json"))
    assert (told["rules"], told["changed"], told["written"]) == (RULE_VERSION, 1, False)
    assert told["changes"][0]["judged_by"]["rules"] == OLD
    assert told["counts"]["match"] == [{"before": "partial", "after": "full", "copies": 1}]
    assert "1 adopted" in lantoa.well("rejudge", "--adopt")
    assert newsroom.copy().status is Status.CONFIRMED
    again = json.loads(lantoa.well("rejudge", "--adopt", "--json"))
    assert (again["changes"], again["adopted"], again["judged"]) == ([], 0, 1)
    assert "journal whole" in lantoa.well("journal", "verify")


def test_a_lost_page_is_named_and_the_status_is_1(lantoa: Machine, newsroom: Newsroom) -> None:
    one = newsroom.copy()
    (lantoa.data / "pages" / str(one.evidence[0].body_key)).unlink()
    done = lantoa("rejudge")
    assert done.status == 1
    assert done.err.startswith(f"{one.public}: the kept page cannot be read")
    assert "1 kept pages missing or damaged" in done.out


def test_a_bad_scope_is_refused(lantoa: Machine) -> None:
    assert "BT-2026-01-01-001" in lantoa.refused("rejudge", "--bulletin", "BT-2026-01-01-001")
    assert "--from is after --to" in lantoa.refused("rejudge", "--from", "2026-02-01", "--to", "2026-01-01")
    assert "'hôm qua'" in lantoa.refused("rejudge", "--from", "hôm qua")
