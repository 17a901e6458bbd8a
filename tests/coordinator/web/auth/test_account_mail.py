"""Mail to staff, from the button to a real mail server and back through the link."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from campaigns.core.clock import CITY
from campaigns.people.invitations import Invitation, renew
from campaigns.people.keys import AccessKey
from campaigns.people.mail_outbox import MailKind, PersonalMail
from campaigns.people.staff import Person, Role, find_by_email
from campaigns.release import workflow
from coordinator.db import Database
from coordinator.jobs.job_loop import drain
from coordinator.jobs.people.task_mail import queue_task_mails
from tests import factories
from tests.coordinator.mail.recording_server import RecordingMailServer, recording_mail_server
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.signed_in import PASSWORD, STAFF, add_staff_of_each_role, client_of_role, csrf_token, sign_in
from tests.factories import ADMIN, APPROVER, WRITER

NEW = "một câu khác dễ nhớ"


@dataclass
class MailingOffice:
    """A department with a mail server."""

    outside: RunningApplication
    box: RecordingMailServer

    def send(self) -> int:
        """Send the due mails and return their number."""
        return drain(self.outside.office, "personal_mail", 8)

    def link(self) -> str:
        """Return the path of the link in the last mail."""
        found = re.search(r"http://localhost:8800(/join/\S+)", self.box.text())
        assert found is not None, self.box.text()
        return found[1]

    def forget(self, email: str, client: object = None) -> str:
        """Submit the form for a forgotten password and return the page."""
        client = client or self.outside.app.test_client()
        answer = client.post(  # type: ignore[attr-defined]  # a test client
            "/login/forgotten",
            data={"email": email, "csrf_token": csrf_token(self.outside, client)},  # type: ignore[arg-type]
        )
        assert answer.status_code == 200, answer.status
        return str(answer.text)

    def letters(self) -> list[PersonalMail]:
        with self.outside.database.read() as session:
            return list(session.execute(sa.select(PersonalMail).order_by(PersonalMail.id)).scalars())


@pytest.fixture
def mailing(sqlite: Database, tmp_path: Path) -> Iterator[MailingOffice]:
    with recording_mail_server() as box:
        outside = open_application(
            sqlite, tmp_path, mail_server=f"smtp://127.0.0.1:{box.port}", mail_from="Lan Tỏa <tin@so.example>"
        )
        add_staff_of_each_role(outside)
        yield MailingOffice(outside, box)


def test_who_forgot_their_password_gets_a_link_for_half_an_hour(mailing: MailingOffice) -> None:
    forget = mailing.forget(WRITER.id.upper())
    assert "Mời xem hộp thư" in forget
    assert mailing.send() == 1
    assert mailing.box.letters[0]["To"] == WRITER.id
    assert mailing.box.letters[0]["Subject"] == "Đặt mật khẩu mới trên Lan Tỏa"
    client, link = mailing.outside.app.test_client(), mailing.link()
    form = {"password": NEW, "again": NEW, "csrf_token": csrf_token(mailing.outside, client)}
    assert client.post(link, data=form).status_code == 303
    fresh = mailing.outside.app.test_client()
    assert sign_in(mailing.outside, fresh, WRITER.id, NEW).status_code == 302
    assert client.get(link).status_code == 410
    mailing.send()
    assert "Đã đổi mật khẩu" in mailing.box.text(1)


def test_the_link_is_over_after_half_an_hour_and_another_ends_it(mailing: MailingOffice) -> None:
    mailing.forget(WRITER.id)
    mailing.send()
    first = mailing.link()
    mailing.forget(WRITER.id)
    mailing.send()
    client = mailing.outside.app.test_client()
    assert client.get(first).status_code == 410
    second = mailing.link()
    assert client.get(second).status_code == 200
    mailing.outside.clock.forward(minutes=30)
    assert client.get(second).status_code == 410


def test_nothing_tells_whether_an_address_is_anybodys(mailing: MailingOffice) -> None:
    with mailing.outside.database.write() as session:
        session.execute(sa.update(Person).where(Person.email == ADMIN.id).values(active=False))
    values = []
    for email in (WRITER.id, "khong@co.example", ADMIN.id):
        seen: list[str] = []

        def count(_connection: object, _cursor: object, statement: str, *_: object, seen: list[str] = seen) -> None:
            seen.append(statement)

        sa.event.listen(mailing.outside.database.engine, "before_cursor_execute", count)
        page = mailing.forget(email).replace(email, "#")
        sa.event.remove(mailing.outside.database.engine, "before_cursor_execute", count)
        values.append((re.sub(r'value="[^"]*"', "", page), seen))
    assert values[0] == values[1] == values[2]
    assert mailing.send() == 3
    assert [letter["To"] for letter in mailing.box.letters] == [WRITER.id]
    with mailing.outside.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Invitation)).scalar_one() == 1


def test_one_person_gets_three_letters_an_hour_from_one_network_and_twelve_from_all(mailing: MailingOffice) -> None:
    for email in (WRITER.id, "khong@co.example"):
        statuses = []
        for number in (*range(4), *(1000 * network for network in range(1, 11))):
            client = mailing.outside.app.test_client()
            form = {"email": email, "csrf_token": csrf_token(mailing.outside, client)}
            place = {"REMOTE_ADDR": f"203.0.{113 + number // 1000}.{number % 1000}"}
            statuses.append(client.post("/login/forgotten", data=form, environ_overrides=place).status_code)
        assert statuses == [200, 200, 200, 429, *([200] * 9), 429]
    client = mailing.outside.app.test_client()
    form = {"email": WRITER.id, "csrf_token": csrf_token(mailing.outside, client)}
    assert "5 phút" in client.post("/login/forgotten", data=form).text


def test_what_is_no_address_is_asked_for_again(mailing: MailingOffice) -> None:
    client = mailing.outside.app.test_client()
    for email in ("", "ha", "ha@", "ha ha@so.example", "a" * 200 + "@so.example"):
        form = {"email": email, "csrf_token": csrf_token(mailing.outside, client)}
        answer = client.post("/login/forgotten", data=form)
        assert answer.status_code == 422
        assert "ví dụ ha@so.example" in answer.text
    assert mailing.letters() == []


def test_an_invitation_is_mailed_and_its_page_says_how_it_went(mailing: MailingOffice) -> None:
    admin = client_of_role(mailing.outside, Role.ADMIN)
    form = {"email": "ha@so.example", "name": "Hà", "role": "writer", "csrf_token": csrf_token(mailing.outside, admin)}
    answer = admin.post("/desk/admin/people/_new", data=form)
    assert answer.status_code == 303
    page = admin.get(answer.location).text
    assert "Thư đang gửi" in page
    assert "/join/" not in page
    mailing.box.refuses = ["451 later"]
    mailing.send()
    assert "451 later" in admin.get(answer.location).text
    mailing.outside.clock.forward(minutes=10)
    mailing.send()
    assert "Thư đã gửi" in admin.get(answer.location).text
    assert ADMIN.name in mailing.box.text()
    assert mailing.outside.app.test_client().get(mailing.link()).status_code == 200
    # A rejected mailbox is reported once, and the link can still be created for copying.
    form = {"mail": "1", "csrf_token": csrf_token(mailing.outside, admin)}
    admin.post("/desk/admin/people/ha@so.example/link", data=form)
    mailing.box.refuses = ["550 no such mailbox"]
    mailing.send()
    assert "550 no such mailbox" in admin.get(answer.location).text
    assert mailing.send() == 0
    copied = admin.post(
        "/desk/admin/people/ha@so.example/link", data={"csrf_token": csrf_token(mailing.outside, admin)}
    )
    assert "/join/" in admin.get(copied.location).text


def test_every_owner_is_mailed_what_others_do_to_the_account(mailing: MailingOffice) -> None:
    outside, admin = mailing.outside, client_of_role(mailing.outside, Role.ADMIN)
    approver = client_of_role(outside, Role.APPROVER)

    def sent(client: FlaskClient, path: str, **form: str) -> list[tuple[str, str]]:
        """Send a form, and return the mails that it caused: to whom, and what about."""
        known = len(mailing.box.letters)
        answer = client.post(path, data={**form, "csrf_token": csrf_token(outside, client)})
        assert answer.status_code == 303, answer.text[:2000]
        mailing.send()
        new = mailing.box.letters[known:]
        return sorted((str(one["To"]), str(one["Subject"]).removeprefix("Lan Tỏa: ")) for one in new)

    people, keys = "/desk/admin/people", "/desk/admin/keys"
    assert sent(admin, f"{keys}/_new", name="Cổng tin", holder="role:approver") == [
        (APPROVER.id, "Có khóa mới có quyền duyệt, chờ một người thứ hai xác nhận")
    ]
    assert "Cổng tin" in mailing.box.text()
    with outside.database.read() as session:
        key = session.execute(sa.select(AccessKey.public)).scalar_one()
    assert sent(approver, f"/desk/confirmations/keys/{key}") == [
        (ADMIN.id, "Một khóa có quyền duyệt đã được một người thứ hai xác nhận")
    ]
    assert sent(admin, f"{people}/{WRITER.id}", name=WRITER.name, email=WRITER.id, role="approver", active="1") == [
        (WRITER.id, "Có vai trò mới, chờ một người thứ hai xác nhận")
    ]
    assert sent(approver, f"/desk/confirmations/people/{WRITER.id}") == [
        (WRITER.id, "Một người thứ hai đã xác nhận vai trò")
    ]
    assert sent(admin, f"{people}/{WRITER.id}/link") == [(WRITER.id, "Có người tạo một đường dẫn đặt lại mật khẩu")]
    with outside.database.write() as session:
        person = find_by_email(session, WRITER.id)
        assert person is not None
        path = f"/join/{renew(session, ADMIN, person, now=outside.office.now()).secret}"
    mailing.send()
    assert sent(outside.app.test_client(), path, password=NEW, again=NEW) == [
        (WRITER.id, "Có người vào bằng đường dẫn do người khác tạo"),
        (WRITER.id, "Đã đổi mật khẩu"),
    ]
    assert sent(approver, f"/desk/confirmations/people/{WRITER.id}", do="refuse") == [
        (WRITER.id, "Vai trò không được xác nhận; tài khoản bị tắt")
    ]


def test_a_sign_in_from_a_new_browser_is_reported_and_from_a_known_one_is_not(mailing: MailingOffice) -> None:
    client = mailing.outside.app.test_client()
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36"}
    assert sign_in(mailing.outside, client, WRITER.id, headers=agent).status_code == 302
    mailing.send()
    assert "Chrome · Windows" in mailing.box.text()
    client.post("/logout", data={"csrf_token": csrf_token(mailing.outside, client)})
    assert sign_in(mailing.outside, client, WRITER.id, PASSWORD).status_code == 302
    assert mailing.send() == 0


def test_a_letter_that_comes_too_late_is_not_sent_and_no_letter_holds_a_secret(mailing: MailingOffice) -> None:
    mailing.forget(WRITER.id)
    mailing.outside.clock.forward(hours=13)
    mailing.send()
    (letter,) = mailing.letters()
    assert (mailing.box.letters, letter.due_at, letter.kind) == ([], None, MailKind.FORGOTTEN)
    assert "too late" in letter.last_error


def test_where_nothing_is_mailed_the_page_says_whom_to_ask(sqlite: Database, tmp_path: Path) -> None:
    outside = open_application(sqlite, tmp_path, own=True)
    assert "Nhờ người quản trị" in outside.client.get("/login/forgotten").text
    form = {"email": WRITER.id, "csrf_token": csrf_token(outside, outside.client)}
    assert "Nhờ người quản trị" in outside.client.post("/login/forgotten", data=form).text
    with sqlite.read() as session:
        assert session.execute(sa.select(PersonalMail)).all() == []


def test_a_text_to_approve_and_one_returned_are_mailed_to_whom_they_concern_and_stand_at_the_bell(
    mailing: MailingOffice,
) -> None:
    outside, now = mailing.outside, mailing.outside.office.now()
    with outside.database.write() as session:
        session.execute(sa.update(Person).values(unconfirmed_since=None))
        code = factories.draft(session, title="Lịch cấp nước").code
        workflow.submit(session, WRITER, code, now=now)
    assert mailing.send() == 1
    letter = mailing.box.letters[0]
    assert (letter["To"], letter["Subject"]) == (APPROVER.id, "Chờ duyệt: Lịch cấp nước")
    assert f"http://localhost:8800/desk/bulletins/{code}/approve" in mailing.box.text()
    approver, writer = (client_of_role(outside, role) for role in (Role.APPROVER, Role.WRITER))
    bell = Page(approver.get("/desk/messages").text)
    assert bell.has(f"{WRITER.name} gửi duyệt bản tin {code}.")
    assert bell.has("1 tin chưa đọc")
    answer = approver.post(f"/desk/bulletins/{code}/approve", data={
        "do": "return", "note": "Thiếu giờ", "csrf_token": csrf_token(outside, approver),
    })  # fmt: skip
    assert answer.status_code == 303
    assert mailing.send() == 1
    assert (mailing.box.letters[1]["To"], "“Thiếu giờ”" in mailing.box.text(1)) == (WRITER.id, True)
    # Opened from the bell, it leads to the text and is read; it stays in the history.
    page = writer.get("/desk/messages").text
    public = re.search(r'action="/desk/messages/(msg_\w+)"', page)
    assert public is not None
    token = {"csrf_token": csrf_token(outside, writer)}
    assert (
        approver.post(f"/desk/messages/{public[1]}", data={"csrf_token": csrf_token(outside, approver)}).status_code
        == 404
    )
    assert writer.post(f"/desk/messages/{public[1]}", data=token).location == f"/desk/bulletins/{code}"
    assert not Page(writer.get("/desk/messages").text).has("tin chưa đọc")
    assert Page(writer.get("/desk/messages").text).has(f"{APPROVER.name} trả lại bản tin {code} để sửa.")
    # Who wants no mails gets none; the bell says it all the same. What is no longer so is not mailed.
    assert writer.post("/desk/account/mails", data=token | {"mails": "tasks"}).status_code == 303
    with outside.database.write() as session:
        workflow.submit(session, WRITER, code, now=now)
        workflow.return_for_changes(session, APPROVER, code, "Sai ngày", now=now)
    mailing.send()
    assert len(mailing.box.letters) == 2
    assert Page(writer.get("/desk/messages").text).has("1 tin chưa đọc")


def test_each_morning_who_chose_it_is_mailed_what_waits_once_and_nothing_when_nothing_waits(
    mailing: MailingOffice,
) -> None:
    outside = mailing.outside
    with outside.database.write() as session:
        session.execute(sa.update(Person).values(unconfirmed_since=None, mail_tasks=True))
        code = factories.draft(session).code
        workflow.submit(session, WRITER, code, now=outside.office.now())
        session.execute(sa.delete(PersonalMail))
    outside.clock.forward(hours=(6 - outside.office.now().astimezone(CITY).hour) % 24)
    assert queue_task_mails(outside.office) == 0  # six o'clock
    outside.clock.forward(hours=1)
    assert queue_task_mails(outside.office) == len(STAFF)
    assert queue_task_mails(outside.office) == 0
    mailing.send()
    assert [letter["To"] for letter in mailing.box.letters] == [APPROVER.id]
    assert "- 1 bản tin chờ duyệt\r\n" in mailing.box.text()
    outside.clock.forward(hours=24)
    assert queue_task_mails(outside.office) == len(STAFF)
