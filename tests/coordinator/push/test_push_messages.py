"""Messages in browsers: from the page that switches them on to a push service of ours, which decrypts them by the RFC,
and what becomes of a browser that is gone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from campaigns.core.journal import JournalEntry
from campaigns.people.personal_data.erasure import erase_person
from campaigns.people.push.push_outbox import PushMessage
from campaigns.people.push.subscriptions import PushKey, PushSubscription, push_key
from campaigns.people.staff import Role, find_by_email
from campaigns.release import workflow
from coordinator.db import Database
from coordinator.encryption import Encryption, KeyRing
from coordinator.jobs.job_loop import drain
from coordinator.jobs.people.key_rotation import count_former, reseal_all, sealed_columns
from coordinator.jobs.people.web_push import queue_task_pushes
from coordinator.push import web_push
from tests import factories, shared_caches
from tests.coordinator.push.service import Browser, PushService, push_service
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role, csrf_token
from tests.factories import ADMIN, APPROVER, WRITER

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
ACCOUNT = "/desk/account"


@dataclass
class PushingOffice:
    """A department whose messages go to the push service of tests."""

    outside: RunningApplication
    service: PushService
    browser: Browser = field(default_factory=Browser)

    @property
    def database(self) -> Database:
        return self.outside.database

    def post(self, role: Role, path: str, data: dict[str, object] | None = None) -> TestResponse:
        client = client_of_role(self.outside, role)
        form = {"csrf_token": csrf_token(self.outside, client), **(data or {})}
        return client.post(f"{ACCOUNT}{path}", data=form, headers={"User-Agent": CHROME})

    def switch_on(self, role: Role = Role.APPROVER, name: str = "one", **changed: str) -> TestResponse:
        """Switch messages on as the page's script does, and forget the message that tries them."""
        given = {"endpoint": self.service.endpoint(name), **self.browser.keys, **changed}
        answer = self.post(role, "/push", given)
        if answer.status_code == 200 and not self.service.answers:
            self.send()
            self.service.got.clear()
        return answer

    def send(self) -> int:
        """Send the due messages and return their number."""
        return drain(self.outside.office, "push", 8)

    def submit(self, title: str = "Lịch tiêm nhắc tháng 12") -> str:
        """Submit a text for approval; returns its code."""
        with self.database.write() as session:
            now = self.outside.office.now()
            bulletin = factories.draft(session, title=title, now=now)
            workflow.submit(session, WRITER, bulletin.code, now=now)
            return bulletin.code

    def page(self, role: Role = Role.APPROVER) -> str:
        return client_of_role(self.outside, role).get(ACCOUNT).text

    def messages(self) -> list[PushMessage]:
        with self.database.read() as session:
            return list(session.execute(sa.select(PushMessage).order_by(PushMessage.id)).scalars())

    def browsers(self) -> list[PushSubscription]:
        with self.database.read() as session:
            return list(session.execute(sa.select(PushSubscription)).scalars())


@pytest.fixture
def pushing(sqlite: Database, tmp_path: Path) -> Iterator[PushingOffice]:
    with push_service() as service:
        outside = open_application(sqlite, tmp_path, allow_hosts=f"127.0.0.1:{service.port}")
        add_staff_of_each_role(outside)
        yield PushingOffice(outside, service)


def test_an_approver_is_told_of_a_text_with_its_title_and_nothing_more(pushing: PushingOffice) -> None:
    assert "Chưa bật trên trình duyệt nào" in pushing.page()
    assert pushing.switch_on().get_json() == {"ok": True}
    code = pushing.submit()
    assert pushing.send() == 1
    (text,) = pushing.service.texts(pushing.browser)
    assert text == {
        "title": f"Chờ duyệt: {code}", "body": "Lịch tiêm nhắc tháng 12", "url": f"/desk/bulletins/{code}/approve",
        "tag": code,
    }  # fmt: skip
    headers = pushing.service.got[0][0]
    assert (headers["content-encoding"], headers["ttl"], len(headers["topic"])) == ("aes128gcm", "43200", 32)
    with pushing.database.read() as session:
        key = push_key(session)
        assert key is not None
        claims = pushing.service.claims(key.public)
    assert claims["aud"] == f"http://127.0.0.1:{pushing.service.port}"
    now = pushing.outside.office.now().timestamp()
    assert now < claims["exp"] <= now + 86_400
    assert "Chrome · Windows" in pushing.page()
    assert "gửi tới lần cuối" in pushing.page()


def test_a_writer_is_told_of_a_text_that_was_returned_unless_it_is_no_longer_so_or_not_chosen(
    pushing: PushingOffice,
) -> None:
    pushing.switch_on(Role.WRITER)
    code, later = pushing.submit(), pushing.submit()
    with pushing.database.write() as session:
        now = pushing.outside.office.now()
        for one in (code, later):
            workflow.return_for_changes(session, APPROVER, one, "Thiếu số liệu", now=now)
        workflow.submit(session, WRITER, later, now=now)
    pushing.send()
    assert [text["title"] for text in pushing.service.texts(pushing.browser)] == [f"Được trả lại để sửa: {code}"]
    pushing.post(Role.WRITER, "/push/subjects", {"pushes": "tasks"})
    with pushing.database.write() as session:
        workflow.return_for_changes(session, APPROVER, later, "Sửa", now=pushing.outside.office.now())
    assert pushing.send() == 0


def test_each_morning_what_waits_is_told_once(pushing: PushingOffice) -> None:
    pushing.switch_on()
    pushing.switch_on(Role.WRITER, "two")
    pushing.submit()
    pushing.send()
    pushing.service.got.clear()
    office = pushing.outside.office
    assert queue_task_pushes(office) == 2
    assert queue_task_pushes(office) == 0
    pushing.send()
    # Nothing waits for the writer, and the two browsers of the test have the same keys.
    (text,) = pushing.service.texts(pushing.browser)
    assert (text["title"], text["url"]) == ("Việc cần xử lý", "/desk")
    assert "1" in text["body"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(pushing: PushingOffice, status: int) -> None:
    pushing.switch_on()
    pushing.submit()
    pushing.service.answers = [(status, {})]
    pushing.send()
    assert (pushing.browsers(), pushing.messages()) == ([], [])
    assert "Chưa bật trên trình duyệt nào" in pushing.page()


def test_a_service_that_asks_to_wait_is_waited_for_and_one_that_refuses_is_not_asked_again(
    pushing: PushingOffice,
) -> None:
    pushing.switch_on()
    pushing.submit()
    office = pushing.outside.office
    pushing.service.answers = [(429, {"Retry-After": "1200"}), (413, {})]
    assert pushing.send() == 1
    last = pushing.messages()[-1]
    assert last.due_at is not None
    assert last.due_at - office.now() == timedelta(seconds=1200)
    assert "lần gửi gần nhất chưa tới" in pushing.page()
    office.clock.forward(seconds=1201)
    assert pushing.send() == 1
    last = pushing.messages()[-1]
    assert (last.due_at, last.last_error) == (None, "answered 413")
    assert len(pushing.browsers()) == 1


def test_what_is_no_address_of_a_browser_is_refused(pushing: PushingOffice) -> None:
    other = f"http://127.0.0.1:{pushing.service.port + 1}/push"
    for part, value in (
        ("endpoint", "javascript:1"), ("endpoint", other), ("endpoint", "https://"), ("p256dh", "AAAA"), ("auth", "x"),
    ):  # fmt: skip
        answer = pushing.switch_on(**{part: value})
        assert (answer.status_code, pushing.browsers()) == (422, []), value
    keys = web_push.PushTarget("https://push.example/1", **pushing.browser.keys)
    assert web_push.wrong_part(keys) is None
    assert web_push.wrong_part(web_push.PushTarget("http://push.example/1", **pushing.browser.keys)) == "endpoint"


def test_a_browser_has_one_owner_and_its_address_and_keys_are_sealed(pushing: PushingOffice) -> None:
    pushing.switch_on()
    pushing.switch_on(Role.WRITER)
    (row,) = pushing.browsers()
    with pushing.database.read() as session:
        assert find_by_email(session, WRITER.id).id == row.person_id  # type: ignore[union-attr]  # a person of the test
        stored = " ".join(str(value) for value in session.execute(sa.select(PushSubscription.__table__)).one())
        stored += " ".join(str(value) for value in session.execute(sa.select(PushKey.__table__)).one())
    assert "/push/one" not in stored
    assert pushing.browser.keys["auth"] not in stored
    assert "PRIVATE" not in stored
    assert pushing.post(Role.APPROVER, f"/push/{row.public}/off").status_code == 404
    assert pushing.post(Role.WRITER, f"/push/{row.public}/off").status_code == 303
    assert pushing.browsers() == []
    with pushing.database.read() as session:
        acts = set(session.execute(sa.select(JournalEntry.act)).scalars())
    assert {"person.push_on", "person.push_off"} <= acts


def test_signing_out_everywhere_and_an_erasure_end_it(pushing: PushingOffice) -> None:
    pushing.switch_on()
    client = client_of_role(pushing.outside, Role.APPROVER)
    form = {"csrf_token": csrf_token(pushing.outside, client)}
    assert client.post(f"{ACCOUNT}/sign-ins/end-others", data=form).status_code == 303
    assert pushing.browsers() == []
    pushing.switch_on(Role.WRITER)
    with pushing.database.write() as session:
        find_by_email(session, WRITER.id).active = False  # type: ignore[union-attr]  # a person of the test
        session.flush()
        erase_person(session, ADMIN, WRITER.id, "Theo yêu cầu", now=pushing.outside.office.now())
    assert (pushing.browsers(), pushing.messages()) == ([], [])


def test_a_new_secret_key_seals_the_keys_anew_and_messages_go_on(pushing: PushingOffice) -> None:
    pushing.switch_on()
    both = KeyRing(lambda: ("another key of tests, long enough", shared_caches.SECRET_KEY))
    columns = sealed_columns(both, factors=False)
    assert count_former(pushing.database, columns) == {
        "push_keys.encrypted_private": 1, "push_subscriptions.encrypted_target": 1,
    }  # fmt: skip
    assert reseal_all(pushing.database, columns).sealed == 2
    after = Encryption(KeyRing(lambda: ("another key of tests, long enough",)))
    (row,) = pushing.browsers()
    assert after.decrypt(row.encrypted_target)["endpoint"] == pushing.service.endpoint()


def test_without_the_package_the_page_says_so(pushing: PushingOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_push, "is_installed", lambda: False)
    assert "chưa cài phần gửi tin báo" in pushing.page()
    assert pushing.switch_on().status_code == 422
    assert pushing.send() == 0


def test_the_worker_is_the_same_for_everybody_and_is_for_the_desk(pushing: PushingOffice) -> None:
    with pushing.outside.app.test_client().get("/desk/push-worker.js") as answer:
        told = (answer.status_code, answer.mimetype, answer.headers["Cache-Control"])
        assert told == (200, "text/javascript", "no-cache")
        assert "Set-Cookie" not in answer.headers
