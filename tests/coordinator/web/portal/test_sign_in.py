"""An editor is invited at the desk, signs in by a one-time link, acts under their name, and can be signed out."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from campaigns.core import journal
from campaigns.people.staff import Role
from campaigns.republications.review.partner_answers import PartnerAnswer
from coordinator.web.portal.sign_in import VISIT_COOKIE
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.portal.conftest import Portal
from tests.coordinator.web.portal.editors import COMPANY_CODE, editor_link, enter_as_editor, invited_editor


def test_a_robot_that_looks_at_the_link_does_not_use_it_up(portal: Portal) -> None:
    link = editor_link(portal)
    for _ in range(3):
        answer = portal.desk.client.get(link)
        assert answer.status_code == 200
        assert VISIT_COOKIE not in "".join(answer.headers.getlist("Set-Cookie"))
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert Page(answer.text).heading == "Mời vào cổng đối tác"
    assert "Công ty CP Truyền thông Nhịp Sông" in answer.text
    answer = portal.desk.post(link)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/portal")
    assert portal.page().has("Ngọc Lan")


def test_a_link_is_good_for_one_press(portal: Portal) -> None:
    link = editor_link(portal)
    assert portal.desk.post(link).status_code == 303
    for answer in (portal.desk.client.get(link), portal.desk.post(link)):
        assert answer.status_code == 410
        assert "Đường dẫn không còn dùng được" in answer.text
    assert portal.desk.client.get("/portal/join/nonsense").status_code == 410


def test_links_are_not_tried_by_the_dozen(portal: Portal) -> None:
    assert [portal.desk.post("/portal/join/nonsense").status_code for _ in range(11)] == [410] * 10 + [429]


def test_the_cookie_is_the_portals_own_and_holds_nothing_that_is_in_the_database(portal: Portal) -> None:
    answer = enter_as_editor(portal)
    (cookie,) = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith(f"{VISIT_COOKIE}=")]
    for word in ("HttpOnly", "SameSite=Lax", "Path=/portal", "Max-Age=5184000"):
        assert word in cookie
    token = re.match(rf"{VISIT_COOKIE}=([^;]+)", cookie)
    assert token is not None
    with portal.desk.database.read() as session:
        dump = "".join(map(str, session.execute(sa.text("SELECT * FROM sessions"))))
        dump += "".join(map(str, session.execute(sa.text("SELECT * FROM journal"))))
    assert token[1] not in dump
    # It gives no access to the desk.
    assert "/login" in portal.desk.client.get("/desk/republications").headers["Location"]


def test_what_an_editor_does_is_written_down_under_the_editors_name(portal: Portal) -> None:
    enter_as_editor(portal)
    portal.answer(portal.mine, "note", "Bài sẽ sửa trong tuần.")
    with portal.desk.database.read() as session:
        answer = session.execute(sa.select(PartnerAnswer)).scalar_one()
        assert (answer.actor, answer.actor_name) == (
            "editor:lan@nhipsong.vn", "Ngọc Lan, Công ty CP Truyền thông Nhịp Sông",
        )  # fmt: skip
        acts = session.execute(
            sa.select(journal.JournalEntry.act).where(journal.JournalEntry.actor == "editor:lan@nhipsong.vn")
        ).scalars()
        assert list(acts) == ["partner.entered", "republication.answered"]


def test_leaving_ends_the_visit_and_every_copy_of_its_cookie(portal: Portal) -> None:
    enter_as_editor(portal)
    cookie = portal.desk.client.get_cookie(VISIT_COOKIE, path="/portal")
    assert cookie is not None
    portal.desk.post("/portal/leave")
    assert portal.desk.client.get_cookie(VISIT_COOKIE, path="/portal") is None
    portal.desk.client.set_cookie(VISIT_COOKIE, cookie.value, path="/portal")
    assert portal.desk.client.get("/portal").headers["Location"] == "/portal/enter"


def test_a_visit_lasts_over_a_night_and_ends_after_two_weeks_without_use(portal: Portal) -> None:
    enter_as_editor(portal)
    portal.desk.office.clock.forward(days=13)
    portal.page()
    portal.desk.office.clock.forward(days=13)
    portal.page()
    portal.desk.office.clock.forward(days=14)
    assert portal.desk.client.get("/portal").status_code == 302


def other(portal: Portal) -> FlaskClient:
    """Return the desk in another browser."""
    mine = portal.desk.client
    portal.desk.client = portal.desk.app.test_client()
    portal.desk.sign_in(Role.ADMIN)
    staff, portal.desk.client = portal.desk.client, mine
    return staff


@pytest.mark.parametrize("how", ["visit", "editor", "portal"])
def test_the_department_shows_somebody_out_at_once(portal: Portal, how: str) -> None:
    enter_as_editor(portal)
    mine, portal.desk.client = portal.desk.client, other(portal)
    public = invited_editor(portal)
    path = f"/desk/partners/{COMPANY_CODE}/editors/{public}"
    page = Page(portal.desk.get(path))
    if how == "visit":
        assert page.has("Các phiên đang mở")
        visit = page.value("visit")
        assert portal.desk.post(f"{path}/end-visit", {"visit": visit}).status_code == 303
        response = portal.desk.post(f"{path}/end-visit", {"visit": visit}, follow_redirects=True)
        assert "Phiên này đã kết thúc từ trước." in response.text
    elif how == "editor":
        assert portal.desk.post(path, {"name": "Ngọc Lan"}).status_code == 303
    else:
        assert portal.desk.post(f"/desk/partners/{COMPANY_CODE}/portal", {"turn": "close"}).status_code == 303
    portal.desk.client = mine
    assert portal.desk.client.get("/portal").headers["Location"] == "/portal/enter"


def test_while_the_portal_is_closed_no_key_opens_it_and_feeds_go_on(portal: Portal) -> None:
    portal.enter()
    mine, portal.desk.client = portal.desk.client, other(portal)
    portal.desk.post(f"/desk/partners/{COMPANY_CODE}/portal", {"turn": "close"})
    response = portal.desk.post(f"/desk/partners/{COMPANY_CODE}/portal", {"turn": "close"}, follow_redirects=True)
    assert "Cổng đang đóng với đối tác này" in response.text
    staff, portal.desk.client = portal.desk.client, mine
    assert portal.desk.client.get("/portal").status_code == 302
    assert portal.enter().status_code == 422
    portal.desk.get(f"/feeds/{portal.key}/rss.xml")
    portal.desk.client = staff
    portal.desk.post(f"/desk/partners/{COMPANY_CODE}/portal", {"turn": "open"})
    portal.desk.client = mine
    assert portal.enter().status_code == 303


def test_who_enters_by_key_leaves_the_visit_by_name_and_the_other_way_round(portal: Portal) -> None:
    enter_as_editor(portal)
    portal.enter()
    assert not portal.page().has("Ngọc Lan")
    assert portal.desk.client.get_cookie(VISIT_COOKIE, path="/portal") is None
    enter_as_editor(portal)
    assert portal.page().has("Ngọc Lan")


def test_the_link_is_shown_once_and_the_partners_page_says_who_is_in(portal: Portal) -> None:
    link = editor_link(portal)
    portal.desk.sign_in(Role.ADMIN)
    path = f"/desk/partners/{COMPANY_CODE}/editors/{invited_editor(portal)}"
    assert link not in portal.desk.get(path)
    assert Page(portal.desk.get(f"/desk/partners/{COMPANY_CODE}")).has("Chờ mở đường dẫn")
    made = portal.desk.post(f"{path}/link", follow_redirects=True)
    (shown,) = Page(made.text).words("#lien-ket")
    assert "/portal/join/" in shown
    assert shown not in portal.desk.get(path)
    portal.desk.post(f"{path}/link", {"revoke": "1"})
    assert portal.desk.client.get(shown.removeprefix("http://localhost:8800")).status_code == 410
    assert Page(portal.desk.get(f"/desk/partners/{COMPANY_CODE}")).has("Cần đường dẫn mới")


def test_a_bad_invitation_comes_back_with_what_was_typed(portal: Portal) -> None:
    portal.desk.sign_in(Role.ADMIN)
    response = portal.desk.post(f"/desk/partners/{COMPANY_CODE}/editors/_new", {"name": "", "email": "lan"})
    assert response.status_code == 422
    page = Page(response.text)
    assert page.errors() == {"email": "Nhập một địa chỉ thư điện tử đúng", "name": "Nhập tên"}
    assert page.value("email") == "lan"
    invited_editor(portal)
    response = portal.desk.post(
        f"/desk/partners/{COMPANY_CODE}/editors/_new", {"name": "Lan", "email": "LAN@nhipsong.vn"}
    )
    assert Page(response.text).errors() == {"email": "lan@nhipsong.vn đã là người của đối tác này."}


def test_a_form_that_was_opened_filled_in_is_there_after_the_sign_in(portal: Portal) -> None:
    shared = "/portal/report?text=Xem+https%3A%2F%2Ffb.watch%2Fa%2F"
    link = editor_link(portal)
    assert portal.desk.client.get(shared).headers["Location"] == "/portal/enter"
    answer = portal.desk.post(link)
    assert answer.headers["Location"] == shared
    page = portal.desk.client.get(shared).text
    assert 'value="https://fb.watch/a/"' in page
    assert "javascript:void(open(" in page


def test_the_manifests_offer_the_share_menu_of_a_phone(portal: Portal) -> None:
    client = portal.desk.app.test_client()
    for place, action in (("desk", "/desk/republications/_social"), ("portal", "/portal/report")):
        answer = client.get(f"/manifests/{place}.webmanifest")
        assert (answer.status_code, answer.mimetype) == (200, "application/manifest+json")
        share = answer.get_json(force=True)["share_target"]
        assert (share["action"], share["method"], share["params"]["url"]) == (action, "GET", "url")
    assert client.get("/manifests/other.webmanifest").status_code == 404
