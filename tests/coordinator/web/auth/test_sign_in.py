"""Sign-in and sign-out."""

from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from campaigns.people.staff import Person, Role
from coordinator.web.auth.passwords import hash_password
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import WRITER

PASSWORD = "một câu dễ nhớ"


@pytest.fixture
def known(desk: Desk) -> Desk:
    """The writer has a password."""
    with desk.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == WRITER.id).values(password=hash_password(PASSWORD)))
    return desk


def test_sign_in_leads_on_to_the_page_that_was_asked_for(known: Desk) -> None:
    answer = known.client.get("/desk/bulletins?q=sởi")
    assert answer.status_code == 302
    page = Page(known.get(answer.location))
    assert page.heading == "Đăng nhập"
    asked = page.value("next")
    assert asked.startswith("/desk/bulletins?q=")
    answer = known.post("/login", {"email": WRITER.id, "password": PASSWORD, "next": asked})
    assert (answer.status_code, unquote(answer.location or "")) == (302, asked)
    assert Page(known.get("/desk/bulletins")).heading == "Bản tin"


def test_a_page_elsewhere_is_not_led_to(known: Desk) -> None:
    answer = known.post("/login", {"email": WRITER.id, "password": PASSWORD, "next": "https://evil.example/"})
    assert "evil.example" not in (answer.location or "")


@pytest.mark.parametrize(
    ("email", "password"), [(WRITER.id, "mot cau da quen"), ("la@so.example", PASSWORD), (WRITER.id, PASSWORD + " ")]
)
def test_what_was_wrong_is_not_distinguished(known: Desk, email: str, password: str) -> None:
    answer = known.post("/login", {"email": email, "password": password})
    page = Page(answer.text)
    assert page.errors() == {"password": "Thư điện tử hoặc mật khẩu không đúng"}
    assert page.value("email") == email
    assert page.value("password") == ""
    assert known.client.get("/desk").status_code == 302


def test_an_empty_field_is_asked_for(known: Desk) -> None:
    assert Page(known.post("/login", {"email": "", "password": "x"}).text).errors() == {"email": "Nhập thư điện tử"}
    assert Page(known.post("/login", {"email": WRITER.id}).text).errors() == {"password": "Nhập mật khẩu"}


def test_somebody_switched_off_does_not_get_in(known: Desk) -> None:
    with known.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == WRITER.id).values(active=False))
    known.post("/login", {"email": WRITER.id, "password": PASSWORD})
    assert known.client.get("/desk").status_code == 302


def test_a_form_without_its_token_signs_nobody_in(known: Desk) -> None:
    known.get("/login")
    answer = known.client.post("/login", data={"email": WRITER.id, "password": PASSWORD})
    assert answer.status_code in {200, 400}
    assert known.client.get("/desk").status_code == 302


def test_signing_out_ends_the_session(known: Desk) -> None:
    known.sign_in(Role.WRITER)
    assert known.client.get("/desk").status_code == 200
    assert known.post("/logout").status_code == 302
    assert known.client.get("/desk").status_code == 302


def test_the_page_speaks_english_when_asked_and_goes_on_doing_so(known: Desk) -> None:
    assert 'lang="en"' in known.get("/login?lang=en")
    assert 'lang="en"' in known.get("/login")


def test_by_another_name_the_page_says_where_alone_passkeys_are_good(known: Desk) -> None:
    """The test client asks for ``localhost``; the base address has a port."""
    home = known.app.test_client()
    at_home = home.get("/login", base_url="http://localhost:8800").text
    assert "data-passkey=" in at_home
    assert "data-passkeys-elsewhere" not in at_home
    for other in ("http://127.0.0.1:8800", "http://localhost"):
        for path in ("/login", "/login/passkey"):
            text = known.app.test_client().get(path, base_url=other).text
            assert "data-passkey=" not in text
            page = Page(text)
            here = other.removeprefix("http://")
            assert page.has(f"Khóa truy cập chỉ dùng được ở đúng địa chỉ http://localhost:8800; bạn đang ở {here}.")
            assert page.link("Mở ở địa chỉ ấy") == "http://localhost:8800/login"
