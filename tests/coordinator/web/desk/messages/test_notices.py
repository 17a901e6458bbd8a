"""Notices at the desk: written in a form, published with permission, corrected, withdrawn, with their read receipts."""

import csv
import io
import zipfile
from datetime import timedelta

from sqlalchemy import func, select

from campaigns.messages import notice_readers
from campaigns.messages.notices import Notice
from campaigns.people.staff import Actor, Role
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

FORM = {
    "mark": "m1",
    "heading": "Thêm ảnh đếm từ ngày 1/12",
    "words": "Từ 1/12 mời thêm ảnh đếm.\n\n- trang máy tính\n- trang điện thoại",
    "body_as": "text",
    "audience": "all",
    "deadline": "2026-11-25",
    "must_confirm": "y",
}
EDITOR = Actor("key:abc", "Phòng nội dung", None)


def drafted(desk: Desk, role: Role = Role.APPROVER, **more: object) -> str:
    """Create a draft by its form; returns the address of its page."""
    desk.sign_in(role)
    answer = desk.post("/desk/notices/_new", FORM | more)
    assert answer.status_code == 303, answer.text[:3000]
    return answer.headers["Location"]


def published(desk: Desk, **more: object) -> str:
    page = drafted(desk, **more)
    desk.post(f"{page}/publish", {"version": Page(desk.get(page)).value("version")})
    return page


def public_of(page: str) -> str:
    return page.rpartition("/")[2]


def company(desk: Desk, name: str) -> int:
    with desk.database.write() as session:
        return factories.company(session, name).id


def test_a_notice_is_written_cleaned_shown_and_published(desk: Desk) -> None:
    company(desk, "Nhịp Sông")
    page = drafted(desk, words="<p>Mời <b>thêm</b> ảnh.</p><script>alert(1)</script>", body_as="html")
    shown = desk.get(page)
    assert "<strong>thêm</strong>" in shown
    assert "alert(1)" not in shown
    assert Page(shown).has("1 đối tác thấy ngay trong cổng")
    desk.post(f"{page}/publish", {"version": Page(shown).value("version")})
    assert Page(desk.get(page)).pairs()["Nơi nhận"] == "1"
    assert Page(desk.get("/desk/notices")).rows("Thông báo")[0][4] == "0 / 1 xác nhận"


def test_the_form_sent_twice_makes_one_notice(desk: Desk) -> None:
    assert drafted(desk) == drafted(desk)
    with desk.database.read() as session:
        assert session.execute(select(func.count()).select_from(Notice)).scalar_one() == 1


def test_a_bad_form_comes_back_with_what_was_typed(desk: Desk) -> None:
    desk.sign_in(Role.WRITER)
    answer = desk.post("/desk/notices/_new", FORM | {"heading": "", "audience": "topic", "topic": "khong-co"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.errors() == {"heading": "Nhập tiêu đề", "topic": "Chọn một chuyên đề trong danh sách"}
    assert page.value("words").startswith("Từ 1/12 mời")
    for wrong in ({"deadline": "mai"}, {"audience": "ai đó"}):
        assert desk.post("/desk/notices/_new", FORM | wrong).status_code == 422


def test_writers_see_who_publishes(desk: Desk) -> None:
    page = drafted(desk, Role.WRITER)
    assert Page(desk.get(page)).has("Người duyệt hoặc quản trị phát thông báo này.")
    assert desk.post(f"{page}/publish", {"version": "1"}).status_code == 403


def test_a_stale_form_keeps_what_was_typed_and_changes_nothing_until_it_is_sent_again(desk: Desk) -> None:
    page = drafted(desk)
    stale = Page(desk.get(f"{page}/edit"))
    assert desk.post(f"{page}/edit", FORM | {"heading": "Của người khác", "version": "1"}).status_code == 303
    mine = FORM | {"heading": "Của tôi", "version": stale.value("version"), "out": stale.value("out")}
    answer = desk.post(f"{page}/edit", mine)
    assert answer.status_code == 409
    again = Page(answer.text)
    assert again.value("heading") == "Của tôi"
    assert Page(desk.get(page)).heading == "Của người khác"
    assert desk.post(f"{page}/edit", mine | {"version": again.value("version")}).status_code == 303
    assert Page(desk.get(page)).heading == "Của tôi"


def test_an_edit_opened_on_a_draft_that_went_out_meanwhile_becomes_no_correction_by_itself(desk: Desk) -> None:
    page = drafted(desk)
    desk.post(f"{page}/publish", {"version": "1"})
    answer = desk.post(f"{page}/edit", FORM | {"heading": "Khác", "version": "1", "out": "0"})
    assert answer.status_code == 409
    assert Page(answer.text).has("Lưu là phát ngay phiên bản mới")
    assert Page(desk.get(page)).heading == FORM["heading"]


def test_a_correction_says_what_changed_and_asks_everybody_again(desk: Desk) -> None:
    ident = company(desk, "Nhịp Sông")
    page = published(desk)
    with desk.database.write() as session:
        notice_readers.confirm_notice(session, EDITOR, ident, public_of(page), 1, now=desk.office.now())
    form = Page(desk.get(f"{page}/edit"))
    sent = FORM | {"version": form.value("version"), "out": "1"}
    assert Page(desk.post(f"{page}/edit", sent).text).errors() == {"note": "Ghi rõ lý do để người khác hiểu"}
    assert desk.post(f"{page}/edit", sent | {"note": "Đổi ngày"}).status_code == 303
    shown = Page(desk.get(page))
    assert shown.has("Đổi ngày")
    assert shown.rows("Nơi nhận") == [["Nhịp Sông", "Mới đọc bản trước", "–", "–"]]
    assert shown.has("Phiên bản 1")


def test_withdrawing_wants_a_reason_and_is_undone(desk: Desk) -> None:
    page = published(desk)
    version = Page(desk.get(page)).value("version")
    assert desk.post(f"{page}/withdraw", {"version": version}).status_code == 422
    desk.post(f"{page}/withdraw", {"version": version, "note": "Có văn bản mới"})
    assert Page(desk.get(page)).has("Có văn bản mới")
    assert desk.client.get(f"{page}/edit").status_code == 303
    desk.post(f"{page}/restore")
    assert not Page(desk.get(page)).has("Có văn bản mới")


def test_a_draft_is_thrown_away_and_what_is_out_is_not(desk: Desk) -> None:
    page = drafted(desk)
    desk.post(f"{page}/discard", {"version": "1"})
    desk.get(page, 404)
    page = published(desk, mark="m2")
    desk.post(f"{page}/discard", {"version": Page(desk.get(page)).value("version")})
    desk.get(page)


def test_the_files_say_who_has_read_and_who_is_late(desk: Desk) -> None:
    reader, late = company(desk, "Nhịp Sông"), company(desk, "=Công Tin Sáng")
    assert late
    page = published(desk)
    with desk.database.write() as session:
        notice_readers.confirm_notice(session, EDITOR, reader, public_of(page), 1, now=desk.office.now())
    desk.office.clock.moment += timedelta(days=3)
    rows = list(csv.DictReader(io.StringIO(desk.client.get(f"{page}/readers.csv").data.decode("utf-8-sig"))))
    assert [(row["Đối tác"], row["Tình trạng"], row["Người xác nhận"]) for row in rows] == [
        ("'=Công Tin Sáng", "Quá hạn, chưa đọc", ""),
        ("Nhịp Sông", "Đã xác nhận", "Phòng nội dung"),
    ]
    book = desk.client.get(f"{page}/readers.xlsx")
    assert "Công Tin Sáng" in zipfile.ZipFile(io.BytesIO(book.data)).read("xl/sharedStrings.xml").decode()
    desk.get(f"{page}/readers.pdf", 404)


def test_a_deadline_that_is_over_is_among_the_days_tasks_of_who_can_press(desk: Desk) -> None:
    reader = company(desk, "Nhịp Sông")
    page = published(desk)
    with desk.database.write() as session:
        factories.draft(session)
    assert not Page(desk.get("/desk")).has("quá hạn với")
    desk.office.clock.moment += timedelta(days=3)
    assert Page(desk.get("/desk")).has("1 đối tác quá hạn với “Thêm ảnh đếm từ ngày 1/12”")
    desk.sign_in(Role.WRITER)
    assert not Page(desk.get("/desk")).has("quá hạn với")
    with desk.database.write() as session:
        notice_readers.confirm_notice(session, EDITOR, reader, public_of(page), 1, now=desk.office.now())
    desk.sign_in(Role.APPROVER)
    assert not Page(desk.get("/desk")).has("quá hạn với")
