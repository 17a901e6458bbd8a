"""A bulletin's way out, by keys: two people, one exact text."""

import pytest

from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_two_keys_bring_a_bulletin_out_and_subscribers_and_workers_are_notified(world: ApiHarness) -> None:
    published = world.published()
    assert published["state"] == "published"
    assert published["release_at"] == "2026-11-24T08:00:00+07:00"
    assert {"delivery", "websub"} <= set(world.runner.kinds)


def test_who_wrote_it_cannot_approve_it(world: ApiHarness) -> None:
    approver = world.caller("approver")
    code = approver.post("/bulletins", {"title": "Tin", "body_text": "Chữ", "topic": "dich-benh"}).get_json()["code"]
    item = approver.post(f"/bulletins/{code}/submit").get_json()
    own = approver.post(f"/bulletins/{code}/approve", {"revision_hash": item["revision_hash"]})
    assert (own.status_code, own.get_json()["code"]) == (403, "own_bulletin")
    other = world.key("người thứ hai", role=Role.APPROVER)
    assert other.post(f"/bulletins/{code}/approve", {"revision_hash": item["revision_hash"]}).status_code == 200


def test_an_approval_names_the_text_that_was_read(world: ApiHarness) -> None:
    draft = world.draft()
    path = f"/bulletins/{draft['code']}"
    world.caller("writer").patch(path, {"title": "Đã đổi"})
    world.caller("writer").post(f"{path}/submit")
    stale = world.caller("approver").post(f"{path}/approve", {"revision_hash": draft["revision_hash"]})
    assert (stale.status_code, stale.get_json()["code"]) == (409, "text_changed")
    assert world.caller("approver").post(f"{path}/approve", {}).get_json()["errors"][0]["field"] == "revision_hash"


@pytest.mark.parametrize("body", [None, {}, {"at": None}])
def test_publish_takes_no_body_and_an_empty_one(world: ApiHarness, body: object) -> None:
    draft = world.draft()
    path = f"/bulletins/{draft['code']}"
    world.caller("writer").post(f"{path}/submit")
    world.caller("approver").post(f"{path}/approve", {"revision_hash": draft["revision_hash"]})
    assert world.caller("approver").post(f"{path}/publish", body).get_json()["state"] == "published"


def test_a_time_ahead_schedules_and_the_time_itself_publishes(world: ApiHarness) -> None:
    draft = world.draft()
    path = f"/bulletins/{draft['code']}"
    world.caller("writer").post(f"{path}/submit")
    world.caller("approver").post(f"{path}/approve", {"revision_hash": draft["revision_hash"]})
    past = world.caller("approver").post(f"{path}/publish", {"at": "2026-11-24T00:00:00Z"})
    assert (past.status_code, past.get_json()["errors"][0]["field"]) == (422, "at")
    planned = world.caller("approver").post(f"{path}/publish", {"at": "2026-11-24T05:00:00Z"}).get_json()
    assert (planned["state"], planned["release_at"]) == ("scheduled", "2026-11-24T12:00:00+07:00")
    analyst = world.caller("analyst")
    assert analyst.get("/bulletins?state=scheduled").get_json()["items"][0]["code"] == draft["code"]
    assert world.caller("tinven").get(path).status_code == 404
    assert world.caller("tinven").get("/bulletins").get_json()["items"] == []
    world.clock.forward(hours=4)
    assert world.caller("tinven").get(path).get_json()["state"] == "published"
    assert analyst.get("/bulletins?state=published").get_json()["items"][0]["state"] == "published"
    assert analyst.get("/bulletins?state=scheduled").get_json()["items"] == []


@pytest.mark.parametrize(
    "at",
    [
        0,
        "0",
        "1764000000",
        "2026-11-25",
        "2026-11-25T08:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        True,
    ],
)
def test_a_moment_is_text_with_an_offset_and_nothing_else(world: ApiHarness, at: object) -> None:
    answer = world.caller("approver").post("/bulletins/BT-2026-11-24-001/publish", {"at": at})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "at")


def test_returned_with_a_note_it_is_a_draft_again(world: ApiHarness) -> None:
    draft = world.draft()
    path = f"/bulletins/{draft['code']}"
    world.caller("writer").post(f"{path}/submit")
    assert world.caller("approver").post(f"{path}/return", {"note": " "}).get_json()["errors"][0]["field"] == "note"
    back = world.caller("approver").post(f"{path}/return", {"note": "Thiếu số điện thoại"}).get_json()
    assert (back["state"], back["return_note"]) == ("draft", "Thiếu số điện thoại")


def test_an_approver_corrects_at_once_and_a_writer_waits(world: ApiHarness) -> None:
    published = world.published()
    path = f"/bulletins/{published['code']}"
    at_once = world.caller("approver").post(f"{path}/correct", {"title": "Sửa lần một", "note": "sai tên"}).get_json()
    assert (at_once["revision"], at_once["released"], at_once["pending"]) == (2, 2, None)
    assert at_once["lead"] == published["lead"]
    waiting = world.caller("writer").post(f"{path}/correct", {"lead": "Sapo khác", "note": "sai sapo"}).get_json()
    assert (waiting["pending"], waiting["released"], waiting["state"]) == (3, 2, "published")
    assert waiting["title"] == "Sửa lần một"
    world.clock.forward(seconds=1)
    seen = world.caller("tinven").get(path).get_json()
    assert (seen["revision"], seen["lead"]) == (2, published["lead"])
    named = {"revision_hash": waiting["revision_hash"]}
    # Nobody but the approver has read revision 2 yet, and it is in revision 3.
    alone = world.caller("approver").post(f"{path}/approve", named)
    assert (alone.status_code, alone.get_json()["code"]) == (403, "own_bulletin")
    out = world.key("second", role=Role.APPROVER).post(f"{path}/approve", named).get_json()
    assert (out["released"], out["pending"], out["lead"]) == (3, None, "Sapo khác")


def test_a_correction_made_from_an_older_text_is_refused(world: ApiHarness) -> None:
    published = world.published()
    path = f"/bulletins/{published['code']}"
    body = {"title": "Sửa", "note": "sai", "revision": 1}
    assert world.caller("approver").post(f"{path}/correct", body).status_code == 200
    late = world.caller("approver").post(f"{path}/correct", body | {"title": "Khác"})
    assert (late.status_code, late.get_json()["code"]) == (409, "text_changed")


def test_a_pending_correction_is_found_by_no_partner(world: ApiHarness) -> None:
    published = world.published(title="Tên cũ")
    world.caller("writer").post(f"/bulletins/{published['code']}/correct", {"title": "Bí mật sắp tới", "note": "sửa"})
    partner = world.caller("tinven")
    assert partner.get("/bulletins", query_string={"q": "bi mat"}).get_json()["items"] == []
    assert partner.get("/bulletins", query_string={"q": published["code"]}).get_json()["items"][0]["title"] == "Tên cũ"


def test_a_recall_leaves_partners_the_notice(world: ApiHarness) -> None:
    published = world.published()
    path = f"/bulletins/{published['code']}"
    assert world.caller("approver").post(f"{path}/recall", {"reason": ""}).status_code == 422
    gone = world.caller("approver").post(f"{path}/recall", {"reason": "Sai số liệu"}).get_json()
    assert (gone["state"], gone["recall_reason"]) == ("recalled", "Sai số liệu")
    world.clock.forward(seconds=1)
    seen = world.caller("tinven").get(path).get_json()
    assert (seen["state"], seen["recall_reason"], seen["body_html"]) == ("recalled", "Sai số liệu", "")
    again = world.caller("approver").post(f"{path}/recall", {"reason": "Lần nữa"})
    assert (again.status_code, again.get_json()["code"]) == (409, "wrong_state")


def test_a_draft_cannot_be_corrected(world: ApiHarness) -> None:
    draft = world.draft()
    answer = world.caller("approver").post(f"/bulletins/{draft['code']}/correct", {"title": "x", "note": "y"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong_state")
