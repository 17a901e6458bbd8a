"""Republications: claimed by partners, judged by people, listed with their proof."""

from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.discovery.sightings import Page, Sighting
from campaigns.matching.matcher import Match
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Evidence, Republication
from tests.coordinator.api.harness import ApiHarness


def claim(
    world: ApiHarness, code: str, url: str = "https://tinven.example/tin-1", actor_id: str = "tinven"
) -> dict[str, Any]:
    """A claim of a partner, as its answer."""
    answer = world.caller(actor_id).post("/republications", {"bulletin": code, "url": url})
    assert answer.status_code == 202, answer.text
    return answer.get_json()


def test_a_claim_is_a_candidate_and_its_page_is_to_be_read(world: ApiHarness) -> None:
    code = world.published()["code"]
    world.runner.kinds.clear()
    row = claim(world, code, "https://www.tinven.example/tin-1?utm_source=x#duoi")
    assert (row["status"], row["level"], row["life"]) == ("candidate", "reported", "live")
    assert (row["bulletin"], row["site"], row["partner"]) == (code, "tinven.example", "tinven")
    assert row["first_seen_at"] == "2026-11-24T08:00:01+07:00"
    assert world.runner.kinds == ["page_check"]
    with world.database.read() as session:
        page = session.execute(sa.select(Page)).scalar_one()
        assert page.due_at == world.clock.moment
        assert session.execute(sa.select(Sighting.how)).scalar_one().value == "reported"


def test_one_page_by_many_addresses_is_one(world: ApiHarness) -> None:
    code = world.published()["code"]
    rows = {
        claim(world, code, url)["id"]
        for url in (
            "https://tinven.example/tin-1",
            "https://www.tinven.example/tin-1#binh-luan",
            "https://tinven.example/tin-1?utm_source=zalo&utm_medium=oa",
        )
    }
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": "https://bac.example/tin"}, "url"),
        ({"url": "https://la.example/tin"}, "url"),
        ({"url": "tinven.example/tin"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"bulletin": "BT-2000-01-01-001"}, "bulletin"),
        ({"published_at": "2026-11-25T08:00:00+07:00"}, "published_at"),
        ({"published_at": 0}, "published_at"),
        ({"url": None}, "url"),
        ({"views": 5}, "views"),
    ],
)
def test_a_claim_that_cannot_be_is_422(world: ApiHarness, changed: dict[str, object], field: str) -> None:
    body = {"bulletin": world.published()["code"], "url": "https://tinven.example/tin"} | changed
    answer = world.caller("tinven").post("/republications", body)
    assert (answer.status_code, [item["field"] for item in answer.get_json()["errors"]]) == (422, [field])
    with world.database.read() as session:
        assert session.execute(sa.select(Page)).first() is None


def test_what_is_not_out_is_to_partners_what_does_not_exist(world: ApiHarness) -> None:
    draft = world.draft()["code"]
    answers = [
        world.caller("tinven").post("/republications", {"bulletin": code, "url": "https://tinven.example/tin"})
        for code in (draft, draft[:-3] + "999")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text == answers[1].text.replace(draft[:-3] + "999", draft)


def test_only_a_partner_claims(world: ApiHarness) -> None:
    code = world.published()["code"]
    body = {"bulletin": code, "url": "https://tinven.example/tin"}
    answer = world.caller("admin").post("/republications", body)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "partner_only")


def test_a_person_confirms_and_rejects_with_a_note(world: ApiHarness) -> None:
    row = claim(world, world.published()["code"])
    analyst, path = world.caller("analyst"), f"/republications/{row['id']}"
    assert analyst.post(f"{path}/confirm", {"note": " "}).get_json()["errors"][0]["field"] == "note"
    assert analyst.post(f"{path}/confirm", {}).get_json()["errors"][0]["field"] == "note"
    item = analyst.post(f"{path}/confirm", {"note": "Đã xem trang"}).get_json()
    assert (item["status"], item["decision_note"]) == ("confirmed", "Đã xem trang")
    two = analyst.post(f"{path}/reject", {"note": "Nhầm trang"}).get_json()
    assert two["status"] == "rejected"
    with world.database.read() as session:
        acts = session.execute(
            sa.select(JournalEntry.act).where(JournalEntry.subject == row["id"]).order_by(JournalEntry.seq)
        ).scalars()
        assert list(acts) == ["republication.claimed", "republication.confirmed", "republication.rejected"]


def test_one_is_shown_with_how_it_was_seen_and_what_was_on_the_page(world: ApiHarness) -> None:
    row = claim(world, world.published()["code"])
    with world.database.write() as session:
        ident = session.execute(sa.select(Republication.id)).scalar_one()
        session.add(
            Evidence(
                republication_id=ident, at=world.office.now(), status=200, final_url=row["url"], body_hash="0" * 64,
                body_key="ab/body.warc.gz", capture_key="cd/capture.warc.gz",
                page_title="Tin", page_text="Người dân", match=Match.FULL, share=0.97, longest_run=5, title_kept=True,
                attribution=Attribution.LINKED_AT_END, source_name="Sở", source_link="https://tin.example/bulletins/x",
                link_position=0.99, passages=[[0, 9, 0, 9]], reasons=["full: all of it"], rule_version="1",
                fp_version="1",
            )
        )  # fmt: skip
    item = world.caller("tinven").get(f"/republications/{row['id']}").get_json()
    assert item["seen"] == [{"how": "reported", "at": "2026-11-24T08:00:01+07:00"}]
    assert item["evidence"][0]["attribution"] == "linked_at_end"
    assert item["evidence"][0]["passages"] == [[0, 9, 0, 9]]
    kept = {name: item["evidence"][0][name] for name in ("body_hash", "body_key", "capture_key")}
    assert kept == {"body_hash": "0" * 64, "body_key": "ab/body.warc.gz", "capture_key": "cd/capture.warc.gz"}
    schemas = world.caller("analyst").get("/openapi.json").get_json()["components"]["schemas"]
    described = schemas["EvidenceRow"]["properties"]
    assert all(described[name]["description"] for name in kept)
    assert {name: item[name] for name in row} == row


def test_lists_are_filtered_and_paged(world: ApiHarness) -> None:
    first, second = world.published()["code"], world.published(topic="kinh-te-xa-hoi")["code"]
    a = claim(world, first)["id"]
    b = claim(world, second, "https://bac.example/x", "bac")["id"]
    world.caller("analyst").post(f"/republications/{a}/confirm", {"note": "ok"})
    analyst = world.caller("analyst")

    def ids(query: str) -> list[str]:
        answer = analyst.get(f"/republications?{query}")
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.get_json()["items"]]

    assert ids("") == [b, a]
    assert ids(f"bulletin={first}") == [a]
    assert ids("site=bac.example") == [b]
    assert ids("partner=tinven") == [a]
    assert ids("status=confirmed") == [a]
    assert ids("topic=kinh-te-xa-hoi") == [b]
    assert ids("from=2026-11-24&to=2026-11-24") == [b, a]
    assert ids("from=2026-11-25") == []
    assert ids("to=2026-11-23") == []
    assert ids("life=gone") == []
    page = analyst.get("/republications?limit=1").get_json()
    assert [row["id"] for row in analyst.get(page["next"]).get_json()["items"]] == [a]


@pytest.mark.parametrize("query", ["status=maybe", "from=24/11/2026", "to=1", "sites=x"])
def test_a_filter_that_is_none_is_named(world: ApiHarness, query: str) -> None:
    answer = world.caller("analyst").get(f"/republications?{query}")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, query.split("=", maxsplit=1)[0])


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("from=2026-12-31&to=2026-10-01", "to", "before_start"),
        ("from=2026-12", "from", "invalid"),
        ("to=9999-12-31", "to", "invalid"),
        ("bulletin=BT-2000-01-01-001", "bulletin", "unknown_code"),
        ("bulletin=", "bulletin", "unknown_code"),
        ("site=khong-co.example", "site", "unknown_code"),
        ("partner=khong-co", "partner", "unknown_code"),
        ("topic=khong-co", "topic", "unknown_code"),
        ("status=zz", "status", "enum"),
        ("month=11", "month", "unknown_field"),
    ],
)
def test_a_filter_that_means_nothing_is_a_problem_that_names_it(
    world: ApiHarness, query: str, field: str, code: str
) -> None:
    claim(world, world.published()["code"])
    answer = world.caller("analyst").get(f"/republications?{query}")
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert [(error["field"], error["code"]) for error in answer.get_json()["errors"]] == [(field, code)]


def test_every_filter_that_means_nothing_is_named_at_once(world: ApiHarness) -> None:
    answer = world.caller("analyst").get("/republications?bulletin=x&site=y&partner=z&from=2026-01-01&to=2026-01-01")
    assert [error["field"] for error in answer.get_json()["errors"]] == ["site", "bulletin", "partner"]


def test_a_filter_that_matches_nothing_is_an_empty_list(world: ApiHarness) -> None:
    code = world.published()["code"]
    for query in (f"bulletin={code}", "site=tinven.example", "partner=bac", "from=2026-11-24&to=2026-11-24"):
        answer = world.caller("analyst").get(f"/republications?{query}")
        assert (answer.status_code, answer.get_json()["items"]) == (200, [])


def test_a_partner_does_not_learn_from_a_filter_which_bulletins_are_not_out(world: ApiHarness) -> None:
    draft, out = world.draft()["code"], world.published()["code"]
    partner = world.caller("tinven")
    hidden, unknown = (partner.get(f"/republications?bulletin={code}") for code in (draft, "BT-2026-11-24-999"))
    assert (hidden.status_code, unknown.status_code) == (422, 422)
    assert hidden.text.replace(draft, "BT-2026-11-24-999") == unknown.text
    assert partner.get(f"/republications?bulletin={out}").status_code == 200
    hidden, unknown = (partner.get(f"/republications?site={site}") for site in ("bac.example", "xyz.example"))
    assert (hidden.status_code, hidden.text.replace("bac", "xyz")) == (422, unknown.text)
