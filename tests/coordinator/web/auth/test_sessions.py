"""Sessions: each one is a row, ends by itself or on request, and sign-in returns to the page that was open."""

from dataclasses import replace
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from campaigns.people.sessions import SessionEnd, UserSession
from campaigns.people.staff import Person, Role
from coordinator.web.auth.passwords import hash_password
from coordinator.web.auth.sessions import device_name
from tests.coordinator.web.desk.conftest import Desk
from tests.factories import WRITER

PASSWORD = "một câu dễ nhớ"
DIGEST = hash_password(PASSWORD)
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36"
)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """The writer has a password."""
    with desk.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == WRITER.id).values(password=DIGEST))
    return desk


def come_in(desk: Desk, agent: str = "") -> Desk:
    """Return the writer's client on their own machine, signed in by the form."""
    found = replace(desk, client=desk.app.test_client())
    sent = {"email": WRITER.id, "password": PASSWORD}
    assert found.post("/login", sent, headers={"User-Agent": agent}).status_code == 302
    return found


def inside(desk: Desk) -> bool:
    return desk.client.get("/desk/account").status_code == 200


def rows(desk: Desk) -> list[UserSession]:
    with desk.database.read() as session:
        return list(session.execute(sa.select(UserSession).order_by(UserSession.id)).scalars())


def test_a_session_not_used_for_half_an_hour_is_over_and_says_so(desk: Desk) -> None:
    office = come_in(desk)
    for _time in range(3):
        desk.office.clock.forward(minutes=29)
        assert inside(office)
    desk.office.clock.forward(minutes=30)
    answer = office.client.get("/desk/bulletins?q=sởi")
    assert unquote(answer.location) == "/login?next=/desk/bulletins?q=sởi"
    assert "Phiên làm việc đã hết giờ" in office.get(answer.location)


def test_however_busy_a_session_ends_after_twelve_hours(desk: Desk) -> None:
    office = come_in(desk)
    for _time in range(35):
        desk.office.clock.forward(minutes=20)
        assert inside(office)
    desk.office.clock.forward(minutes=20)
    assert not inside(office)


def test_a_page_that_asks_for_news_by_itself_keeps_nobody_signed_in(desk: Desk) -> None:
    office = come_in(desk)
    for _time in range(2):
        desk.office.clock.forward(minutes=20)
        office.client.get("/desk/account", headers={"HX-Request": "true"})
    assert not inside(office)


def test_who_was_writing_when_the_session_ended_comes_back_to_the_page_of_the_form(desk: Desk) -> None:
    office = come_in(desk)
    desk.office.clock.forward(hours=1)
    came = {"Referer": "http://localhost/desk/bulletins/new?topic=dich-benh"}
    answer = office.post("/desk/bulletins/new", {"title": "Đang viết dở"}, headers=came)
    assert unquote(answer.location) == "/login?next=/desk/bulletins/new?topic=dich-benh"
    elsewhere = office.post("/desk/bulletins/new", {}, headers={"Referer": "https://evil.example/x"})
    assert unquote(elsewhere.location) == "/login?next=/desk"


def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(desk: Desk) -> None:
    office, phone = come_in(desk), come_in(desk, PHONE)
    page = office.get("/desk/account")
    assert "Chrome · Android" in page
    assert page.count("máy này") == 1
    (other,) = [row.public for row in rows(desk) if row.device]
    assert office.post(f"/desk/account/sign-ins/{other}/end").status_code == 303
    assert inside(office)
    answer = phone.client.get("/desk")
    assert answer.status_code == 302
    assert "kết thúc từ nơi khác" in phone.get(answer.location)
    assert office.post(f"/desk/account/sign-ins/{other}/end").status_code == 404


def test_all_others_are_ended_together(desk: Desk) -> None:
    office, *others = (come_in(desk) for _time in range(3))
    assert office.post("/desk/account/sign-ins/end-others").status_code == 303
    assert inside(office)
    assert not any(inside(other) for other in others)


def test_nobody_ends_the_sessions_of_somebody_else(desk: Desk) -> None:
    office = come_in(desk)
    (row,) = rows(desk)
    other = replace(desk, client=desk.app.test_client())
    other.sign_in(Role.ANALYST)
    assert other.post(f"/desk/account/sign-ins/{row.public}/end").status_code == 404
    assert inside(office)


def test_signing_out_ends_this_session_and_no_other(desk: Desk) -> None:
    office, phone = come_in(desk), come_in(desk)
    office.post("/logout")
    assert not inside(office)
    assert inside(phone)
    assert [row.ended_why for row in rows(desk)] == [SessionEnd.LEFT, None]


def test_a_row_holds_no_address_and_nothing_that_signs_in(desk: Desk) -> None:
    office = come_in(desk, PHONE)
    with office.client.session_transaction("/login") as session:
        token = session["sign_in"]
    (row,) = rows(desk)
    kept = [str(getattr(row, column.key)) for column in sa.inspect(UserSession).columns]
    assert not any(secret in text for text in kept for secret in (token, "127.0.0.1"))
    assert "remember_token" not in str(office.client.get_cookie("remember_token"))


def test_somebody_switched_off_is_out_at_the_next_request(desk: Desk) -> None:
    office = come_in(desk)
    with desk.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == WRITER.id).values(active=False))
    assert not inside(office)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1", "Safari"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_a_browser_and_a_system(agent: str, words: str) -> None:
    found = device_name(agent)
    assert found.split(" · ")[0] == words
    assert len(found) <= 80
