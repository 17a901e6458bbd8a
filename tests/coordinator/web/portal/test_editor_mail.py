"""Mails with a partner's editor's sign-in link: from the desk through a real mail server and back."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from campaigns.core import journal
from campaigns.people.mail_outbox import PersonalMail
from campaigns.people.office import OfficeContent, save_office
from campaigns.people.staff import Role
from coordinator.db import Database
from tests import factories
from tests.coordinator.web.application import open_application
from tests.coordinator.web.auth.test_account_mail import MailingOffice, mailing
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role, csrf_token
from tests.factories import ADMIN, NOW

__all__ = ["mailing"]  # a fixture of another module

LAN = {"email": "lan@nhipsong.vn", "name": "Ngọc Lan"}


@pytest.fixture
def code(mailing: MailingOffice) -> str:
    """A partner of a department that has a name."""
    with mailing.outside.database.write() as session:
        save_office(session, "test", OfficeContent(name="Sở Tin Bình Minh"), now=NOW)
        return factories.company(session, "Báo Nhịp Sông").code


@pytest.fixture
def admin(mailing: MailingOffice) -> FlaskClient:
    return client_of_role(mailing.outside, Role.ADMIN)


def press(mailing: MailingOffice, client: FlaskClient, path: str, **form: str) -> TestResponse:
    answer = client.post(path, data=form | {"csrf_token": csrf_token(mailing.outside, client)})
    assert answer.status_code == 303, answer.text[:2000]
    return answer


def way_in(mailing: MailingOffice) -> str:
    """Return the path of the link in the last mail."""
    (line,) = [line for line in mailing.box.text().splitlines() if "/portal/join/" in line]
    return line.removeprefix("http://localhost:8800")


def invited(mailing: MailingOffice, admin: FlaskClient, code: str) -> str:
    return press(mailing, admin, f"/desk/partners/{code}/editors/_new", **LAN).location


def test_an_invitation_is_mailed_and_lets_its_editor_in(mailing: MailingOffice, admin: FlaskClient, code: str) -> None:
    assert "Thư mời kèm đường dẫn được gửi ngay" in admin.get(f"/desk/partners/{code}/editors/_new").text
    where = invited(mailing, admin, code)
    page = admin.get(where).text
    assert "Thư đang gửi" in page
    assert "Thu lại" in page  # also before it is sent
    assert "/portal/join/" not in page  # no other page shows it
    assert mailing.send() == 1
    (letter,) = mailing.box.letters
    assert (letter["To"], letter["Subject"]) == (LAN["email"], "Mời vào cổng đối tác của Sở Tin Bình Minh")
    for words in ("Chào Ngọc Lan", ADMIN.name, "thay mặt Báo Nhịp Sông", "“Vào cổng”"):
        assert words in mailing.box.text()
    assert "Thư đã gửi" in admin.get(where).text
    client = mailing.outside.app.test_client()
    link = way_in(mailing)
    assert client.get(link).status_code == 200
    assert client.post(link, data={"csrf_token": csrf_token(mailing.outside, client)}).status_code == 303
    assert "Ngọc Lan" in client.get("/portal").text
    with mailing.outside.database.read() as session:
        made = session.execute(
            sa.select(journal.JournalEntry.actor).where(journal.JournalEntry.act == "editor.link_made")
        ).scalars().all()  # fmt: skip
    assert made == [ADMIN.id]


def test_another_link_is_mailed_from_the_editors_page_and_every_letter_is_listed(
    mailing: MailingOffice, admin: FlaskClient, code: str
) -> None:
    where = invited(mailing, admin, code)
    mailing.send()
    first = way_in(mailing)
    client = mailing.outside.app.test_client()
    client.post(first, data={"csrf_token": csrf_token(mailing.outside, client)})
    mailing.box.refuses = ["451 later"]
    press(mailing, admin, f"{where}/link", mail="1")
    mailing.send()
    assert "451 later" in admin.get(where).text
    mailing.outside.clock.forward(minutes=10)
    mailing.send()
    assert mailing.box.letters[-1]["Subject"] == "Đường dẫn mới vào cổng đối tác của Sở Tin Bình Minh"
    lines = Page(admin.get(where).text).words(".letters li")
    assert len(lines) == 2
    assert all(line.startswith("Thư đã gửi") for line in lines)
    assert client.get(first).status_code == 410
    assert client.get(way_in(mailing)).status_code == 200


@pytest.mark.parametrize("how", ["revoke", "copy", "off", "closed"])
def test_a_letter_that_waits_brings_nothing_after_the_way_in_was_taken_back(
    mailing: MailingOffice, admin: FlaskClient, code: str, how: str
) -> None:
    where = invited(mailing, admin, code)
    mailing.box.refuses = ["451 later"]
    mailing.send()
    if how == "revoke":
        press(mailing, admin, f"{where}/link", revoke="1")
    elif how == "copy":
        copied = Page(admin.get(press(mailing, admin, f"{where}/link").location).text).words("#lien-ket")[0]
    elif how == "off":
        press(mailing, admin, where, name="Ngọc Lan")
    else:
        press(mailing, admin, f"/desk/partners/{code}/portal", turn="close")
    mailing.outside.clock.forward(hours=1)
    assert mailing.send() == 0
    assert mailing.box.letters == []
    if how == "copy":
        # The link in the mail would have revoked the copied one.
        assert admin.get(copied.removeprefix("http://localhost:8800")).status_code == 200
    if how in {"revoke", "copy"}:
        assert "Thư đã hủy, chưa gửi" in admin.get(where).text


def test_no_letter_holds_a_secret(mailing: MailingOffice, admin: FlaskClient, code: str) -> None:
    invited(mailing, admin, code)
    mailing.send()
    secret = way_in(mailing).rpartition("/")[2]
    with mailing.outside.database.read() as session:
        assert secret not in "".join(map(str, session.execute(sa.select(PersonalMail.__table__)).all()))


def test_where_nothing_is_mailed_the_link_is_shown_to_be_copied(sqlite: Database, tmp_path: Path) -> None:
    outside = open_application(sqlite, tmp_path)
    add_staff_of_each_role(outside)
    with outside.database.write() as session:
        code = factories.company(session, "Báo Nhịp Sông").code
    client = client_of_role(outside, Role.ADMIN)
    path = f"/desk/partners/{code}/editors/_new"
    assert "Hệ thống không gửi thư" in client.get(path).text
    answer = client.post(path, data=LAN | {"csrf_token": csrf_token(outside, client)})
    page = client.get(answer.location).text
    assert "/portal/join/" in page
    assert "Gửi qua thư" not in page
