"""Urgent release at the desk: the reason, the mark wherever the bulletin is shown, the second person's review."""

from campaigns.bulletins.bulletins import BulletinState, find_bulletin
from campaigns.people.staff import Actor, Role
from coordinator.web.auth.security import Account
from tests import factories
from tests.coordinator.web.desk.conftest import Desk, signed_in
from tests.coordinator.web.desk.page_reader import Page

SECOND = Actor("thu@so.example", "Minh Thư", Role.APPROVER)


def second(desk: Desk) -> None:
    """A client with another approver signed in."""
    with desk.database.write() as session:
        session.add(
            Account(email=SECOND.id, name=SECOND.name, role=SECOND.role, active=True, fs_uniquifier="second",
                    created_at=desk.office.now())
        )  # fmt: skip
    signed_in(desk.database, desk.client, "second")


def test_one_signature_is_marked_everywhere_until_another_person_has_read_the_text(desk: Desk) -> None:
    approver = desk.sign_in(Role.APPROVER)
    with desk.database.write() as session:
        bulletin = factories.draft(session, writer=approver, title="Cảnh báo mưa lớn")
        code, revision_hash = bulletin.code, bulletin.revision(1).hash
    path = f"/desk/bulletins/{code}/urgent"
    assert "Phát gấp…" in desk.get(f"/desk/bulletins/{code}")
    answer = desk.post(path, {"revision_hash": revision_hash, "reason": ""})
    values = {"reason": "Ghi rõ vì sao không chờ được người thứ hai"}
    assert (answer.status_code, Page(answer.text).errors()) == (422, values)
    answer = desk.post(path, {"revision_hash": revision_hash, "reason": "Mưa lớn trong một giờ tới"})
    assert answer.status_code == 303
    with desk.database.read() as session:
        assert find_bulletin(session, code).state is BulletinState.PUBLISHED
    shown = desk.get(f"/desk/bulletins/{code}")
    assert "Phát gấp, một chữ ký" in shown
    assert "Chưa có người thứ hai đọc lại" in shown
    assert "/urgent/review" not in shown
    assert "Một chữ ký" in desk.get("/desk/bulletins")
    assert "Phát gấp, một chữ ký: Cảnh báo mưa lớn" in desk.get("/desk")
    answer = desk.post(path, {"revision_hash": revision_hash, "reason": "Bấm lần nữa"})
    assert answer.location == f"/desk/bulletins/{code}"
    second(desk)
    assert "Đọc lại" in desk.get("/desk")
    review = f"{path}/review"
    assert "Văn bản đúng" in desk.get(review)
    answer = desk.post(review, {"do": "objection", "note": ""})
    assert answer.status_code == 422
    assert desk.post(review, {"do": "in_order", "note": ""}).status_code == 303
    assert "Phát gấp, một chữ ký: Cảnh báo mưa lớn" not in desk.get("/desk")
    shown = desk.get(f"/desk/bulletins/{code}")
    assert "Quốc Bảo, phát gấp" in shown
    assert "Minh Thư đọc lại" in shown


def test_a_text_that_changed_after_the_page_was_opened_is_not_released(desk: Desk) -> None:
    desk.sign_in(Role.APPROVER)
    with desk.database.write() as session:
        code = factories.draft(session).code
    answer = desk.post(f"/desk/bulletins/{code}/urgent", {"revision_hash": "0" * 64, "reason": "Gấp"})
    assert answer.status_code == 409
    assert "Đó là phiên bản 1, ở dưới đây" in answer.text
    desk.sign_in(Role.WRITER)
    assert desk.client.get(f"/desk/bulletins/{code}/urgent").status_code == 403
