"""A partner answers on its own copies; conclusions are taken back."""

from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.discovery.sightings import Page
from campaigns.matching.matcher import Match
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.review.partner_answers import PartnerAnswer
from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness
from tests.coordinator.api.republications.test_routes import claim


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


@pytest.fixture
def ident(world: ApiHarness) -> str:
    """A copy that a partner reported and nobody has read."""
    return str(claim(world, world.published()["code"])["id"])


def proof(world: ApiHarness, ident: str, actor_id: str = "analyst") -> dict[str, Any]:
    answer = world.caller(actor_id).get(f"/republications/{ident}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def acts(world: ApiHarness, ident: str) -> list[str]:
    with world.database.read() as session:
        return list(session.execute(sa.select(JournalEntry.act).where(JournalEntry.subject == ident)).scalars())


def test_an_answer_is_kept_shown_and_written_down(world: ApiHarness, ident: str) -> None:
    body = {"answer": "disagree", "text": "Bài đã đăng.", "finding": "not_found"}
    given = world.caller("tinven").post(f"/republications/{ident}/answer", body)
    assert given.status_code == 201
    assert {name: given.get_json()[name] for name in body} == body
    for actor_id in ("tinven", "analyst"):
        (shown,) = proof(world, ident, actor_id)["answers"]
        assert shown == given.get_json()
    assert proof(world, ident)["doubts"] == ["partner_disagrees"]
    assert proof(world, ident, "tinven")["doubts"] == []
    assert acts(world, ident)[-1] == "republication.answered"


def test_mended_has_the_page_read_again_at_once(world: ApiHarness, ident: str) -> None:
    with world.database.write() as session:
        page = session.execute(sa.select(Page)).scalar_one()
        page.due_at, page.etag = None, '"x"'
    world.runner.kinds.clear()
    assert world.caller("tinven").post(f"/republications/{ident}/answer", {"answer": "mended"}).status_code == 201
    with world.database.read() as session:
        page = session.execute(sa.select(Page)).scalar_one()
        assert (page.due_at, page.etag) == (world.clock.moment, None)
    assert world.runner.kinds == ["page_check"]


def test_the_same_answer_twice_under_one_key_is_one(world: ApiHarness, ident: str) -> None:
    for _ in range(2):
        answer = world.caller("tinven").post(
            f"/republications/{ident}/answer", {"answer": "note", "text": "Sẽ sửa."}, headers={"Idempotency-Key": "1"}
        )
        assert answer.status_code == 201
    with world.database.read() as session:
        assert len(session.execute(sa.select(PartnerAnswer)).scalars().all()) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"answer": "disagree"}, "text"),
        ({"answer": "note", "text": " "}, "text"),
        ({"answer": "note", "text": "x" * 2001}, "text"),
        ({"answer": "confirmed", "text": "x"}, "answer"),
        ({"answer": "note", "text": "x", "finding": "nonsense"}, "finding"),
        ({"text": "x"}, "answer"),
        ({"answer": "note", "text": "x", "status": "confirmed"}, "status"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_422(world: ApiHarness, ident: str, body: dict[str, str], field: str) -> None:
    answer = world.caller("tinven").post(f"/republications/{ident}/answer", body)
    assert (answer.status_code, [item["field"] for item in answer.get_json()["errors"]]) == (422, [field])


def test_another_partners_copy_is_what_does_not_exist_and_staff_do_not_answer(world: ApiHarness, ident: str) -> None:
    body = {"answer": "note", "text": "x"}
    theirs = world.caller("bac").post(f"/republications/{ident}/answer", body)
    nothing = world.caller("bac").post("/republications/rep_none/answer", body)
    assert (theirs.status_code, nothing.status_code) == (404, 404)
    assert theirs.text.replace(ident, "rep_none") == nothing.text
    assert world.caller("admin").post(f"/republications/{ident}/answer", body).status_code == 403
    with world.database.read() as session:
        assert session.execute(sa.select(PartnerAnswer)).first() is None


def test_a_conclusion_is_taken_back_and_stands_in_the_list_of_them(world: ApiHarness, ident: str) -> None:
    body = {"note": "Của nơi khác.", "reason": "other_origin"}
    rejected = world.caller("analyst").post(f"/republications/{ident}/reject", body).get_json()
    assert (rejected["status"], proof(world, ident)["decision"]) == ("rejected", rejected["decision"])
    undone = world.caller("approver").post(f"/republications/{ident}/undo", {"decision": rejected["decision"]})
    assert (undone.status_code, undone.get_json()["status"]) == (200, "candidate")
    assert undone.get_json()["decision"] is None
    (item,) = proof(world, ident)["decisions"]
    assert (item["outcome"], item["reason"], item["note"]) == ("rejected", "other_origin", "Của nơi khác.")
    assert item["undone_at"] is not None
    assert proof(world, ident, "tinven")["decisions"] == []
    again = world.caller("approver").post(f"/republications/{ident}/undo", {"decision": rejected["decision"]})
    assert (again.status_code, again.get_json()["code"]) == (409, "undone_before")
    assert acts(world, ident)[-2:] == ["republication.rejected", "republication.undone"]


def test_what_was_concluded_since_stays(world: ApiHarness, ident: str) -> None:
    first = world.caller("analyst").post(f"/republications/{ident}/reject", {"note": "Không."}).get_json()
    world.clock.forward(minutes=1)
    world.caller("approver").post(f"/republications/{ident}/confirm", {"note": "Có."})
    late = world.caller("analyst").post(f"/republications/{ident}/undo", {"decision": first["decision"]})
    assert (late.status_code, late.get_json()["code"]) == (409, "decided_since")
    assert proof(world, ident)["status"] == "confirmed"
    unknown = world.caller("analyst").post(f"/republications/{ident}/undo", {"decision": "dec_none"})
    assert unknown.status_code == 404


def test_a_person_says_how_the_page_names_us_where_no_machine_saw_it(world: ApiHarness, ident: str) -> None:
    body = {"note": "Nguồn ghi trên ảnh.", "attribution": "named_only"}
    row = world.caller("analyst").post(f"/republications/{ident}/confirm", body).get_json()
    assert row["attribution"] == "named_only"
    world.caller("analyst").post(f"/republications/{ident}/undo", {"decision": row["decision"]})
    assert proof(world, ident)["attribution"] == "not_seen"
    # Nobody has read the page: what its picture shows may also be another source.
    other = {"note": "x", "attribution": "named_other_source"}
    row = world.caller("analyst").post(f"/republications/{ident}/confirm", other).get_json()
    assert row["attribution"] == "named_other_source"


def test_lists_are_asked_for_by_doubt_by_staff_alone(world: ApiHarness, ident: str) -> None:
    world.caller("tinven").post(f"/republications/{ident}/answer", {"answer": "disagree", "text": "Có đăng."})
    found = world.caller("analyst").get("/republications?doubt=partner_disagrees").get_json()["items"]
    assert [row["id"] for row in found] == [ident]
    assert world.caller("analyst").get("/republications?doubt=excerpt").get_json()["items"] == []
    assert world.caller("tinven").get("/republications?doubt=partner_disagrees").status_code == 403


def test_figures_of_another_day_are_told_to_the_partner_answered_and_decided(world: ApiHarness, ident: str) -> None:
    with world.database.write() as session:
        row = session.execute(sa.select(Republication).where(Republication.public == ident)).scalar_one()
        row.status, row.match, row.checked_at = RepublicationStatus.REVIEW, Match.EXCERPT, world.clock.moment
        row.attribution, row.reasons = Attribution.LINKED_AT_END, ["other_figures: another day's"]
    analyst, partner = world.caller("analyst"), world.caller("tinven")
    assert [row["id"] for row in analyst.get("/republications?doubt=other_figures").get_json()["items"]] == [ident]
    body = {"answer": "mended", "finding": "other_figures", "text": "Đã thay số."}
    assert partner.post(f"/republications/{ident}/answer", body).status_code == 201
    assert proof(world, ident)["answers"][0]["finding"] == "other_figures"
    rejected = analyst.post(f"/republications/{ident}/reject", {"note": "Số của ngày 23.", "reason": "other_origin"})
    assert (rejected.status_code, rejected.get_json()["status"]) == (200, "rejected")
    undone = analyst.post(f"/republications/{ident}/undo", {"decision": rejected.get_json()["decision"]})
    assert undone.get_json()["status"] == "review"
    confirmed = analyst.post(f"/republications/{ident}/confirm", {"note": "Đúng số.", "reason": "enough"})
    assert confirmed.get_json()["status"] == "confirmed"
