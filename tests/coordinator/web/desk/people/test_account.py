"""A person's own account: language, appearance, password."""

import pytest
import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.people.staff import Person, Role
from coordinator.web.auth.passwords import hash_password
from tests.coordinator.web.desk.conftest import Desk, signed_in
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import WRITER

OLD, NEW = "mot cau de nho", "câu mới còn dễ nhớ hơn"


@pytest.fixture
def writer(desk: Desk) -> Desk:
    """A desk with the writer signed in, who has a password."""
    with desk.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == WRITER.id).values(password=hash_password(OLD)))
    desk.sign_in(Role.WRITER)
    return desk


def test_the_chosen_language_and_appearance_hold_from_the_next_page_on(writer: Desk) -> None:
    writer.get("/desk/account?lang=vi")
    answer = writer.post("/desk/account/look", {"locale": "en", "theme": "dark"})
    assert (answer.status_code, answer.location) == (303, "/desk/account")
    page = writer.get("/desk/account")
    assert '<html lang="en" data-theme="dark">' in page
    writer.post("/desk/account/look", {"locale": "", "theme": ""})
    assert '<html lang="vi">' in writer.get("/desk/account")


def test_ones_own_name_is_changed_and_shown_from_the_next_page_on(writer: Desk) -> None:
    assert Page(writer.get("/desk/account")).value("name") == WRITER.name
    assert writer.post("/desk/account/name", {"name": " Nguyễn  Thu Hà "}).status_code == 303
    page = Page(writer.get("/desk/account"))
    assert page.value("name") == "Nguyễn Thu Hà"
    assert page.has("Đã đổi tên hiển thị.")
    answer = writer.post("/desk/account/name", {"name": "x" * 121})
    assert (answer.status_code, list(Page(answer.text).errors())) == (422, ["name"])
    assert Page(answer.text).value("name") == "x" * 121


def test_what_is_not_offered_means_the_offices_own(writer: Desk) -> None:
    writer.post("/desk/account/look", {"locale": "xx", "theme": "pink"})
    with writer.database.read() as session:
        person = session.execute(sa.select(Person).where(Person.email == WRITER.id)).scalar_one()
    assert (person.locale, person.theme) == (None, None)


def test_another_password_ends_every_other_session_but_this_one(writer: Desk) -> None:
    elsewhere = writer.app.test_client()
    signed_in(writer.database, elsewhere, Role.WRITER)
    assert elsewhere.get("/desk/account").status_code == 200
    answer = writer.post("/desk/account/password", {"current": OLD, "password": NEW, "again": NEW})
    assert (answer.status_code, answer.location) == (303, "/desk/account")
    assert "Đã đổi mật khẩu" in writer.get("/desk/account")
    assert elsewhere.get("/desk/account").status_code == 302
    fresh = writer.app.test_client()
    writer.client = fresh
    assert writer.post("/login", {"email": WRITER.id, "password": OLD}).status_code == 200
    assert writer.post("/login", {"email": WRITER.id, "password": NEW}).status_code == 302
    with writer.database.read() as session:
        query = (
            sa.select(JournalEntry)
            .where(JournalEntry.act != "person.signed_in")
            .order_by(JournalEntry.seq.desc())
            .limit(1)
        )
        entry = session.execute(query).scalar_one()
    assert (entry.act, entry.actor) == ("person.password_changed", WRITER.id)
    assert NEW not in entry.details


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"current": "khong phai cau nay", "password": NEW, "again": NEW}, "current"),
        ({"current": OLD, "password": "ngắn", "again": "ngắn"}, "password"),
        ({"current": OLD, "password": NEW, "again": NEW + "a"}, "again"),
    ],
)
def test_what_is_wrong_is_reported_at_its_field_and_the_old_password_stays(
    writer: Desk, sent: dict[str, str], field: str
) -> None:
    answer = writer.post("/desk/account/password", sent)
    assert answer.status_code == 422
    assert list(Page(answer.text).errors()) == [field]
    writer.client = writer.app.test_client()
    assert writer.post("/login", {"email": WRITER.id, "password": OLD}).status_code == 302


def test_a_stranger_is_asked_to_sign_in(desk: Desk) -> None:
    assert desk.client.get("/desk/account").status_code == 302
    assert desk.post("/desk/account/password", {"current": OLD, "password": NEW, "again": NEW}).status_code == 302
