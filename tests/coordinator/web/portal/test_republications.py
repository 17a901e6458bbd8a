"""A partner sees its own copies and the corrections requested, and answers; it sees nothing of others."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.people.keys import add_key, revoke_key
from campaigns.people.staff import Role
from campaigns.republications.republications import RepublicationStatus, find_republication
from campaigns.republications.review.partner_answers import MAX_ANSWERS_PER_DAY, PartnerAnswer
from tests import factories
from tests.coordinator.web.desk.copies import TITLE
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.portal.conftest import Portal, key_of
from tests.coordinator.web.routes import Route, routes
from tests.factories import NOW


def portal_routes(portal: Portal) -> Iterator[Route]:
    """Return every route of the portal behind sign-in."""
    for route in routes(portal.desk.app, {"ident": portal.theirs}):
        if route.endpoint.startswith("portal.") and route.endpoint not in {"portal.enter", "portal.joining.page"}:
            yield route


def test_every_route_behind_sign_in_is_guarded_and_leads_strangers_to_it(portal: Portal) -> None:
    found = list(portal_routes(portal))
    assert len(found) >= 30
    for route in found:
        assert getattr(portal.desk.app.view_functions[route.endpoint], "lantoa_partner", False), route.endpoint
        answer = portal.desk.client.get(route.path) if route.readable else portal.desk.post(route.path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/portal/enter"), route.path


def test_staff_are_no_partners_and_partners_no_staff(portal: Portal) -> None:
    portal.desk.sign_in(Role.ADMIN)
    assert portal.desk.client.get("/portal").headers["Location"] == "/portal/enter"
    portal.desk.client.delete_cookie("lantoa")
    portal.enter()
    for path in ("/desk", "/desk/republications", f"/desk/republications/{portal.mine}", "/desk/journal"):
        answer = portal.desk.client.get(path)
        assert answer.status_code in {302, 404}, path
    assert "/login" in portal.desk.client.get("/desk/republications").headers["Location"]


def test_of_another_partners_copy_every_route_says_that_there_is_none(portal: Portal) -> None:
    portal.enter()
    asked = 0
    for route in portal_routes(portal):
        if "ident" not in route.rule.arguments or not route.rule.rule.startswith("/portal/copies"):
            continue
        for ident in (portal.theirs, "rep_none"):
            path = route.path.replace(portal.theirs, ident)
            form = {"answer": "note", "text": "Của ai đây?"}
            answer = portal.desk.client.get(path) if route.readable else portal.desk.post(path, form)
            asked += 1
            assert answer.status_code == 404, path
            assert "Công Tin Sáng" not in answer.text
    assert asked == 4
    with portal.desk.database.read() as session:
        assert session.execute(sa.select(PartnerAnswer)).first() is None


def test_no_page_of_the_portal_names_another_partner(portal: Portal) -> None:
    portal.enter()
    for path in ("", "/copies", "/copies?status=review", "/copies?mend=1", "/removals", "/claims"):
        text = portal.desk.get(f"/portal{path}")
        assert "congtinsang" not in text
        assert "Công Tin Sáng" not in text


def test_nothing_of_a_bulletin_that_is_still_to_come_is_shown(portal: Portal) -> None:
    portal.enter()
    with portal.desk.database.write() as session:
        row = find_republication(session, portal.mine)
        row.headline, row.stale, row.stale_since = "", True, NOW
        row.bulletin.release_at = row.bulletin.changed_at = portal.desk.office.now() + timedelta(minutes=1)
    for path in ("", "/copies", "/copies?mend=1", "/removals"):
        assert TITLE not in portal.desk.get(f"/portal{path}")
    portal.page(f"/copies/{portal.mine}", 404)
    assert portal.answer(portal.mine, "note", "Đã đăng.").status_code == 404
    portal.desk.office.clock.forward(minutes=1)
    assert TITLE in portal.desk.get(f"/portal/copies/{portal.mine}")


@pytest.mark.parametrize("which", ["nonsense", "", "a role's", "expired", "revoked"])
def test_a_key_that_is_no_partners_live_key_opens_nothing_and_says_not_why(portal: Portal, which: str) -> None:
    key = which
    with portal.desk.database.write() as session:
        if which == "a role's":
            key = add_key(session, "test", name="Máy", role=Role.ADMIN, now=NOW).text
        elif which == "revoked":
            key = portal.key
            revoke_key(session, "test", key.split("_")[1], now=NOW)
    if which == "expired":
        key = key_of(portal.desk.database, "Nhịp Sông", expires_on=NOW.date())
        portal.desk.office.clock.forward(days=2)
    answer = portal.enter(key)
    assert answer.status_code == 422
    assert Page(answer.text).errors() == {
        "key": "Khóa này không dùng được: sai, đã hết hạn, hoặc không phải khóa của đối tác."
    }
    assert portal.desk.client.get("/portal").status_code == 302


def test_of_a_key_that_is_none_nothing_is_written_but_that_it_was_tried(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    def began(_connection: object) -> None:
        begun.append("written")

    monkeypatch.setattr(portal.desk.database, "writers", Telling(portal.desk.database.writers, began))
    assert portal.enter("lt_x_y").status_code == 422
    assert begun == ["written"]  # the attempt, before it is made
    assert portal.enter().status_code == 303
    assert len(begun) > 2


class Telling:
    """Record each opened write session."""

    def __init__(self, sessions: Callable[[], Session], say: Callable[[object], None]) -> None:
        self._sessions, self._say = sessions, say

    def __call__(self) -> Session:
        self._say(self)
        return self._sessions()


def test_the_key_is_in_no_address_no_page_and_no_cookie(portal: Portal) -> None:
    answer = portal.enter()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/portal")
    secret = factories.secret_of(portal.key)
    text = "".join(answer.headers.values()) + portal.desk.get("/portal")
    assert secret not in text
    assert portal.desk.client.get(f"/portal/enter?key={portal.key}").status_code == 200
    cookie = portal.desk.client.get_cookie("lantoa")
    assert cookie is not None
    assert secret not in cookie.decoded_value


def test_a_visit_ends_with_its_key_with_its_time_and_by_leaving(portal: Portal) -> None:
    portal.enter()
    assert portal.page().heading == "Bản tin để đăng"
    portal.desk.post("/portal/leave")
    assert portal.desk.client.get("/portal").status_code == 302
    portal.enter()
    portal.desk.office.clock.forward(hours=13)
    assert portal.desk.client.get("/portal").status_code == 302
    portal.enter()
    with portal.desk.database.write() as session:
        revoke_key(session, "test", portal.key.split("_")[1], now=portal.desk.office.now())
    assert portal.desk.client.get("/portal").status_code == 302


def test_entering_is_written_down(portal: Portal) -> None:
    portal.enter()
    with portal.desk.database.read() as session:
        entry = session.execute(
            sa.select(journal.JournalEntry).where(journal.JournalEntry.act == "partner.entered")
        ).scalar_one()
    assert entry.actor == f"key:{portal.key.split('_')[1]}"


def test_what_to_put_right_comes_with_the_exact_line_to_paste(portal: Portal) -> None:
    portal.enter()
    home = portal.page("/quarter")
    assert home.pairs()["Nên sửa"] == "1 bài"
    page = portal.page(f"/copies/{portal.mine}")
    assert page.has("Có tên nguồn, thiếu đường dẫn")
    (line,) = page.words("#dong-named_only")
    assert line == (
        '<p>Theo <a href="http://localhost:8800/bulletins/BT-2026-11-24-001">Sở Thông tin &lt;thành phố&gt;</a></p>'
    )


def test_a_copy_that_waits_is_not_stated_to_count_because_its_counter_image_is_missing(portal: Portal) -> None:
    with portal.desk.database.write() as session:
        row = find_republication(session, portal.mine)
        row.status, row.counter_image = RepublicationStatus.REVIEW, False
    portal.enter()
    page = portal.page(f"/copies/{portal.mine}")
    assert page.has("Chờ xem xét")
    assert page.has("Việc này không đổi kết quả tính bài, chỉ là không đếm được lượt xem.")
    assert not page.has("được tính, nhưng")


def test_mended_asks_for_a_look_at_once_and_changes_no_figure(portal: Portal) -> None:
    portal.enter()
    before = portal.row(portal.mine)
    assert before.page.due_at is not None
    assert before.page.due_at > portal.desk.office.now()
    portal.desk.runner.kinds.clear()
    answer = portal.answer(portal.mine, "mended", finding="named_only")
    assert answer.headers["Location"] == f"/portal/copies/{portal.mine}"
    after = portal.row(portal.mine)
    assert after.page.due_at == portal.desk.office.now()
    assert (after.page.etag, after.page.last_modified) == (None, None)
    assert portal.desk.runner.kinds == ["page_check"]
    assert (after.status, after.attribution, after.decided_by) == (before.status, before.attribution, None)


def test_a_disagreement_stands_beside_the_evidence_and_among_the_days_tasks(portal: Portal) -> None:
    portal.enter()
    response = portal.answer(
        portal.mine, "disagree", "Đường dẫn ở <b>cuối</b> bài.", "named_only", follow_redirects=True
    )
    assert "Đã gửi: không đồng ý." in response.text
    assert Page(response.text).has("Sở chưa xem")
    portal.desk.client.delete_cookie("lantoa")
    portal.desk.sign_in(Role.ANALYST)
    today = Page(portal.desk.get("/desk"))
    assert today.has("1 câu trả lời không đồng ý")
    for path in (portal.mine, f"_review/{portal.mine}"):
        page = Page(portal.desk.get(f"/desk/republications/{path}"))
        assert page.has("Đường dẫn ở <b>cuối</b> bài.")
        assert page.has("về: Có tên nguồn, thiếu đường dẫn")
    assert portal.row(portal.mine).status is RepublicationStatus.CONFIRMED


def test_an_explanation_is_read_by_somebody(portal: Portal) -> None:
    portal.enter()
    portal.answer(portal.mine, "note", "Bài sẽ sửa trong tuần.")
    portal.desk.client.delete_cookie("lantoa")
    portal.desk.sign_in(Role.ANALYST)
    assert Page(portal.desk.get("/desk")).has("1 lời giải thích của đối tác chưa ai đọc")
    portal.desk.post(f"/desk/republications/_review/{portal.mine}/read", {"back": "copy"})
    assert not Page(portal.desk.get("/desk")).has("lời giải thích của đối tác")


@pytest.mark.parametrize(
    ("answer", "text", "finding", "words"),
    [
        ("disagree", "  ", "named_only", "Mục này không được để trống"),
        ("note", "", "", "Mục này không được để trống"),
        ("note", "x" * 2001, "", "Mục này quá dài"),
        ("nonsense", "x", "", "Chọn một câu trả lời"),
        ("", "x", "", "Chọn một câu trả lời"),
    ],
)
def test_an_answer_that_says_nothing_comes_back(
    portal: Portal, answer: str, text: str, finding: str, words: str
) -> None:
    portal.enter()
    response = portal.answer(portal.mine, answer, text, finding)
    assert response.status_code == 422
    assert Page(response.text).errors() == {"text": words}


def test_a_program_gone_wrong_is_stopped(portal: Portal) -> None:
    portal.enter()
    for number in range(MAX_ANSWERS_PER_DAY):
        assert portal.answer(portal.mine, "note", f"Lần {number}").status_code == 303
    response = portal.answer(portal.mine, "note", "Lần cuối")
    assert response.status_code == 422
    assert "quá nhiều câu trả lời" in response.text
    portal.desk.office.clock.forward(days=1, minutes=1)
    portal.enter()
    assert portal.answer(portal.mine, "note", "Hôm sau").status_code == 303


def test_a_withdrawn_text_is_asked_to_be_taken_down_first_of_all(portal: Portal) -> None:
    with portal.desk.database.write() as session:
        row = find_republication(session, portal.mine)
        row.stale, row.stale_since = True, NOW
        row.bulletin.recalled_at = NOW
    portal.enter()
    assert portal.page("/tasks").has("Bản tin đã thu hồi, bài còn trên trang")
    (line,) = portal.page("/removals").rows("Bài phải gỡ hoặc thay")
    assert "Nhịp Sông" in line[0]
    page = portal.page(f"/copies/{portal.mine}")
    assert page.has("Mời gỡ bài khỏi trang")
    assert not page.has("Có tên nguồn, thiếu đường dẫn")
    assert not page.has("Dòng nguồn đúng của bản tin này")


def test_why_a_person_rejected_a_copy_is_reported_and_by_whom_is_not(portal: Portal) -> None:
    with portal.desk.database.write() as session:
        row = find_republication(session, portal.mine)
        row.status, row.decided_by, row.decided_at = RepublicationStatus.REJECTED, "chi@so.example", NOW
        row.decision_note = "Chép của báo khác."
    portal.enter()
    text = portal.desk.get(f"/portal/copies/{portal.mine}")
    assert "Chép của báo khác." in text
    assert "chi@so.example" not in text
    assert "Lan Chi" not in text


def test_keys_are_not_tried_by_the_dozen(portal: Portal) -> None:
    assert [portal.enter("lt_x").status_code for _ in range(11)] == [422] * 10 + [429]
    portal.desk.client.delete_cookie("lantoa")
    assert portal.enter("lt_x").status_code == 429  # the address is restricted, not the visit


def test_the_menu_the_heading_and_the_way_back_call_a_page_by_one_name(portal: Portal) -> None:
    portal.enter()
    assert portal.page("/copies").heading == "Bài trên trang của đơn vị"
    assert portal.page("/claims").heading == "Bài đã báo"
    assert portal.page("/report").heading == "Báo bài đã đăng"
    assert portal.page("/removals").heading == "Bài phải gỡ hoặc thay"
    page = portal.page(f"/copies/{portal.mine}")
    assert page.link("Bài trên trang của đơn vị") == "/portal/copies"
    assert page.words(".crumbs li")[0] == "Bài trên trang của đơn vị"
    for old in ("Bài của tôi", "Lời báo", "Cần gỡ hoặc sửa"):
        assert not page.has(old)
