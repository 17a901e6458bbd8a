"""Notices and questions in the API: written, published, read, asked, answered, shared."""

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_a_notice_goes_from_draft_to_correction_and_withdrawal(world: ApiHarness) -> None:
    writer, approver = world.caller("writer"), world.caller("approver")
    row = writer.post("/notices", {"title": "Quy định mới", "body_text": "Từ 1/12.", "audience": "all"}).get_json()
    path = f"/notices/{row['id']}"
    assert writer.patch(path, {"version": row["version"], "title": "Quy định"}).get_json()["title"] == "Quy định"
    assert writer.patch(path, {"version": row["version"], "title": "Cũ"}).get_json()["code"] == "notice_moved"
    out = approver.post(f"{path}/publish", {"version": row["version"] + 1}).get_json()
    assert (out["state"], out["edition"], out["receivers"]) == ("published", 1, 2)
    fixed = approver.post(f"{path}/correct", {"version": out["version"], "note": "Sửa ngày", "body_text": "2/12"})
    assert (fixed.get_json()["edition"], "2/12" in fixed.get_json()["body_html"]) == (2, True)
    assert len(approver.get(f"{path}/readers").get_json()["items"]) == 2
    gone = approver.post(f"{path}/withdraw", {"version": fixed.get_json()["version"], "note": "Bỏ"}).get_json()
    assert gone["state"] == "withdrawn"
    assert approver.post(f"{path}/restore").get_json()["state"] == "published"
    assert [item["id"] for item in writer.get("/notices?state=draft").get_json()["items"]] == []


def test_a_draft_for_chosen_partners_keeps_them_and_is_discarded(world: ApiHarness) -> None:
    writer = world.caller("writer")
    body = {"title": "Riêng", "body_text": "x", "audience": "chosen", "partners": ["tinven"]}
    row = writer.post("/notices", body).get_json()
    changed = writer.patch(f"/notices/{row['id']}", {"version": row["version"], "title": "Riêng nữa"}).get_json()
    assert changed["receivers"] == 1
    assert writer.post(f"/notices/{row['id']}/discard", {"version": changed["version"]}).status_code == 200
    assert writer.get(f"/notices/{row['id']}").status_code == 404
    bad = writer.post("/notices", body | {"title": "", "body_text": "", "partners": ["khong-co"]})
    assert bad.status_code == 422
    assert {error["field"] for error in bad.get_json()["errors"]} == {"title", "body_text", "partners"}


def test_receivers_of_another_audience_are_refused_and_named(world: ApiHarness) -> None:
    writer = world.caller("writer")
    text = {"title": "x", "body_text": "x"}
    some = {"topic": "dich-benh", "partners": ["tinven"], "groups": ["silent"]}
    for audience, named in (("all", {*some}), ("topic", {"partners", "groups"}), ("chosen", {"topic"})):
        refused = writer.post("/notices", text | some | {"audience": audience})
        assert (refused.status_code, {error["field"] for error in refused.get_json()["errors"]}) == (422, named)
    row = writer.post("/notices", text).get_json()
    refused = writer.patch(f"/notices/{row['id']}", {"version": row["version"], "topic": "dich-benh"})
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "topic")
    changed = {"version": row["version"], "topic": "dich-benh", "audience": "topic"}
    assert writer.patch(f"/notices/{row['id']}", changed).get_json()["audience"] == "topic"


def test_a_question_is_asked_answered_and_shared(world: ApiHarness) -> None:
    partner, approver = world.caller("tinven"), world.caller("approver")
    bad = partner.post("/questions", {"title": "", "text": "", "about": "bulletin", "subject": "BT-1"}).get_json()
    assert {error["field"] for error in bad["errors"]} == {"title", "text", "subject"}
    row = partner.post("/questions", {"title": "Ảnh", "text": "Ảnh lấy ở đâu?"}).get_json()
    path = f"/questions/{row['id']}"
    assert world.caller("bac").get(path).status_code == 404
    assert world.caller("bac").get("/questions").get_json()["items"] == []
    assert approver.get("/questions?state=open&partner=tinven").get_json()["items"][0]["id"] == row["id"]
    stale = approver.post(f"{path}/answer", {"text": "Ở trang bản tin.", "heard": 0})
    assert stale.get_json()["code"] == "question_moved"
    answered = approver.post(f"{path}/answer", {"text": "Ở trang bản tin.", "heard": 1}).get_json()
    assert (answered["state"], len(answered["messages"])) == ("answered", 2)
    seen = partner.get(path).get_json()
    assert [(said["ours"], said["by"] == "") for said in seen["messages"]] == [(False, False), (True, True)]
    shared = approver.post(f"{path}/share", {"question": "Ảnh ở đâu?", "answer": "Ở trang bản tin."}).get_json()
    assert shared["shared"]["version"] == 1
    assert partner.get(path).get_json()["shared"] is None
    assert approver.post(f"{path}/withdraw").get_json()["shared"]["withdrawn_at"] is not None
    assert partner.post(f"{path}/messages", {"text": "Cảm ơn"}).get_json()["state"] == "open"
    assert partner.post(f"{path}/close").get_json()["state"] == "closed"
    assert world.caller("bac").post(f"{path}/reopen").status_code == 404
