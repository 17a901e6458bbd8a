"""Two partners: neither sees, reads, guesses or counts anything of the other."""

from typing import Any

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness
from tests.coordinator.api.partners.test_companies import LICENCE


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


@pytest.fixture
def belongings(world: ApiHarness) -> dict[str, str]:
    """Paths of one thing of each kind of the second partner's."""
    admin = world.caller("admin")
    channel = world.webhook("bac")["code"]
    bulletin = world.published()["code"]
    admin.post("/licences", LICENCE | {"partner": "bac", "number": "9/GP"})
    admin.post("/agreements", {"partner": "bac", "number": "9/TT", "starts_on": "2026-01-01"})
    copy = (
        world.caller("bac").post("/republications", {"bulletin": bulletin, "url": "https://bac.example/x"}).get_json()
    )
    return {
        "partner": "/partners/bac",
        "site": "/sites/bac.example",
        "licence": "/licences/9/GP",
        "agreement": "/agreements/9/TT",
        "channel": f"/channels/{channel}",
        "delivery": f"/deliveries/{world.delivery(bulletin, channel)['id']}",
        "republication": f"/republications/{copy['id']}",
        "deliveries": f"/bulletins/{bulletin}/deliveries",
    }


KINDS = ["partner", "site", "licence", "agreement", "channel", "delivery", "republication"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_owner_finds_it_and_the_other_gets_the_answer_for_what_does_not_exist(
    world: ApiHarness, belongings: dict[str, str], kind: str
) -> None:
    path = belongings[kind]
    assert world.caller("bac").get(path).status_code == 200
    theirs = world.caller("tinven").get(path)
    name = path.split("/", 2)[2]
    nothing = world.caller("tinven").get(path.replace(name, "khong-co"))
    assert (theirs.status_code, nothing.status_code) == (404, 404)
    assert theirs.text.replace(name, "khong-co") == nothing.text


LISTS = ["/partners", "/sites", "/licences", "/agreements", "/channels", "/republications"]


@pytest.mark.parametrize("path", LISTS)
def test_lists_hold_ones_own_alone_whatever_is_asked_for(
    world: ApiHarness, belongings: dict[str, str], path: str
) -> None:
    mine: Any = world.caller("tinven").get(path).get_json()["items"]
    theirs = world.caller("bac").get(path).get_json()["items"]
    assert len(theirs) == 1
    assert theirs[0] not in mine
    if path not in {"/partners"}:
        others, nobodys = (world.caller("tinven").get(f"{path}?partner={code}") for code in ("bac", "xyz"))
        assert (others.status_code, nobodys.status_code) == (422, 422)
        assert others.text.replace("bac", "xyz") == nobodys.text
        assert world.caller("tinven").get(f"{path}?partner=tinven").get_json()["items"] == mine
    assert "bac" not in str(mine)


def test_deliveries_of_a_public_bulletin_are_each_ones_own(world: ApiHarness, belongings: dict[str, str]) -> None:
    assert len(world.caller("bac").get(belongings["deliveries"]).get_json()["items"]) == 1
    assert world.caller("tinven").get(belongings["deliveries"]).get_json()["items"] == []


def test_a_partner_reads_what_its_feed_channels_take(world: ApiHarness) -> None:
    world.caller("admin").post(
        "/channels", {"kind": "feed", "name": "Nguồn", "partner": "tinven", "topics": ["dich-benh"]}
    )
    takes, other = world.published()["code"], world.published(topic="kinh-te-xa-hoi")["code"]
    assert [row["code"] for row in world.caller("tinven").get("/bulletins").get_json()["items"]] == [takes]
    assert world.caller("tinven").get(f"/bulletins/{other}").status_code == 404
    assert world.caller("tinven").get(f"/bulletins/{other}/deliveries").status_code == 404
    assert [row["code"] for row in world.caller("bac").get("/bulletins").get_json()["items"]] == [other, takes]


def test_drafts_are_found_by_no_partner_by_any_parameter(world: ApiHarness) -> None:
    code = world.draft(title="Chưa công bố")["code"]
    partner = world.caller("tinven")
    for query in ("", "state=draft", f"q={code}", "q=chua", "topic=dich-benh", "limit=200"):
        assert partner.get(f"/bulletins?{query}").get_json()["items"] == []
    for path in (f"/bulletins/{code}", f"/bulletins/{code}/deliveries"):
        assert partner.get(path).status_code == 404


def test_the_desks_fields_are_not_shown_to_partners(world: ApiHarness) -> None:
    code = world.published()["code"]
    row = world.caller("tinven").get(f"/bulletins/{code}").get_json()
    desk = ("writer", "author", "channels", "approved", "released", "pending", "latest", "return_note", "submitted_at")
    assert [row[name] for name in desk] == [None] * len(desk)


def test_partner_bulletins_come_in_pages(world: ApiHarness) -> None:
    codes = []
    for _ in range(3):
        codes.append(world.published()["code"])
        world.clock.forward(seconds=1)
    first = world.caller("tinven").get("/bulletins?limit=2").get_json()
    second = world.caller("tinven").get(first["next"]).get_json()
    assert [row["code"] for row in first["items"] + second["items"]] == codes[::-1]
    assert second["next"] is None
