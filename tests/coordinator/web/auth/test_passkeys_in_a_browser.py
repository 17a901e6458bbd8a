"""Passkeys in a real browser with a virtual authenticator: created, used alone and after a password, removed; copies,
repeated responses and passkeys of other people are rejected."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.people.sessions import SignInMethod, UserSession
from campaigns.people.sign_in_factors import Passkey
from campaigns.people.staff import Person
from coordinator.db import Database
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import chromium, expect, open_page, problems_of_page
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import PASSWORD, add_staff_of_each_role
from tests.factories import ADMIN, APPROVER, WRITER

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

NEW = "/desk/account/passkeys/new"
FACTOR = "/desk/account/factor"


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department whose approvers must have a second factor, at a host name to which passkeys can be bound."""
    with serving(sqlite, tmp_path, "localhost", own=True, second_factor_for="approver") as outside:
        add_staff_of_each_role(outside)
        yield outside


class Device:
    """A browser with a virtual authenticator, as in a phone or an office PC."""

    def __init__(self, page: Any, outside: RunningApplication) -> None:
        self.page, self.outside = page, outside
        self.protocol = page.context.new_cdp_session(page)
        self.protocol.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        self.ident = self.protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def keys(self) -> list[dict[str, Any]]:
        """Return the credentials of the authenticator."""
        found: list[dict[str, Any]] = self.protocol.send("WebAuthn.getCredentials", {"authenticatorId": self.ident})[
            "credentials"
        ]
        return found

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(address(self.outside, path))

    def password(self, email: str) -> None:
        """Enter the password."""
        self.go("/login")
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password]", PASSWORD)
        with self.page.expect_navigation():
            self.page.locator("main form:has(.input) button").first.click()

    def make(self, name: str) -> None:
        """Create a passkey and wait for the page that lists it."""
        self.go(NEW)
        self.page.fill("[name=name]", name)
        self.press()
        self.page.wait_for_url(address(self.outside, FACTOR))

    def press(self) -> None:
        """Press the button of the passkey form."""
        self.page.locator("form[data-passkey] button").click()

    def expect_error(self, words: str) -> None:
        """Wait until the page shows this message under the button."""
        self.page.locator("[data-say]", has_text=words).wait_for()

    def look(self, path: str) -> str:
        """Return the problems of a page, opened in a tab of its own: the check ends the authenticator's protocol
        session."""
        tab = self.page.context.new_page()
        try:
            return problems_of_page(tab, address(self.outside, path), both_schemes=True)
        finally:
            tab.close()

    def leave(self) -> None:
        """Clear the cookies, so that the browser counts as another one."""
        self.page.context.clear_cookies()


@contextmanager
def device(chromium: Any, outside: RunningApplication, width: int = 1366, scheme: str = "light") -> Iterator[Device]:
    page = open_page(chromium, width, 844, scheme)
    try:
        yield Device(page, outside)
    finally:
        page.context.close()


def stored(outside: RunningApplication) -> list[Passkey]:
    with outside.database.read() as session:
        return list(session.execute(sa.select(Passkey).order_by(Passkey.id)).scalars())


def acts(outside: RunningApplication) -> list[str]:
    with outside.database.read() as session:
        return [
            act
            for act in session.execute(sa.select(JournalEntry.act).order_by(JournalEntry.seq)).scalars()
            if "passkey" in act
        ]


def last_way(outside: RunningApplication) -> SignInMethod:
    with outside.database.read() as session:
        return session.execute(sa.select(UserSession.way).order_by(UserSession.id.desc()).limit(1)).scalar_one()


@pytest.mark.promise("People")
def test_a_passkey_is_made_opens_the_door_by_itself_and_no_longer_does_once_removed(
    chromium: Any, served: RunningApplication
) -> None:
    with device(chromium, served) as mine:
        mine.password(APPROVER.id)
        mine.page.wait_for_url(address(served, FACTOR))  # the role must have a factor
        assert mine.look(NEW) == ""
        mine.make("Máy ở phòng")
        expect(mine.page.locator("main")).to_contain_text("Máy ở phòng")
        assert mine.look(FACTOR) == ""
        mine.go("/desk/bulletins")  # a passkey counts as the factor that the role needs
        expect(mine.page).to_have_url(address(served, "/desk/bulletins"))
        mine.leave()
        mine.go("/desk/progress/")
        assert mine.look("/login") == ""
        mine.press()
        mine.page.wait_for_url(address(served, "/desk/progress/"))
        assert last_way(served) is SignInMethod.PASSKEY
        # The only factor that the approver's role requires is not removed.
        mine.go(FACTOR)
        with mine.page.expect_navigation():
            mine.page.locator("form[action*='/factor/passkeys/'] button").click()
        expect(mine.page.locator("main")).to_contain_text("bắt buộc")
        with served.database.write() as session:
            session.execute(sa.delete(Passkey))
        mine.leave()
        mine.go("/login")
        mine.press()
        mine.expect_error("không được nhận")
        assert acts(served) == ["person.passkey_added"]


def test_a_password_alone_does_not_let_in_somebody_with_a_passkey(chromium: Any, served: RunningApplication) -> None:
    with device(chromium, served, 390, "dark") as mine:
        mine.password(WRITER.id)
        mine.make("Điện thoại")
        mine.leave()
        mine.password(WRITER.id)
        expect(mine.page).to_have_url(re.compile(re.escape(address(served, "/login/passkey"))))
        mine.page.wait_for_selector("form[data-passkey] button:visible")
        assert mine.page.evaluate("violations") == []
        assert mine.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        mine.press()
        mine.page.wait_for_url(address(served, "/desk"))
        mine.go(FACTOR)
        with mine.page.expect_navigation():
            mine.page.locator("form[action*='/factor/passkeys/'] button").click()
        assert stored(served) == []
        assert acts(served) == ["person.passkey_added", "person.passkey_removed"]


def test_another_persons_passkey_is_no_second_step(chromium: Any, served: RunningApplication) -> None:
    with device(chromium, served) as theirs, device(chromium, served) as mine:
        theirs.password(APPROVER.id)
        theirs.make("Của người khác")
        mine.password(WRITER.id)
        mine.make("Của tôi")
        mine.leave()
        mine.password(WRITER.id)
        # The other passkey replaces the own one: the device answers with the credential it holds under that name.
        with served.database.write() as session:
            other = session.execute(sa.select(Person.id).where(Person.email == APPROVER.id)).scalar_one()
            key = session.execute(sa.select(Passkey).where(Passkey.name == "Của tôi")).scalar_one()
            handle = session.execute(
                sa.select(Person.fs_webauthn_user_handle).where(Person.id == key.person_id)
            ).scalar_one()
            session.execute(sa.update(Person).values(fs_webauthn_user_handle=None))
            key.person_id = other
            session.execute(sa.update(Person).where(Person.id == other).values(fs_webauthn_user_handle=handle))
            owner = session.execute(sa.select(Person.id).where(Person.email == WRITER.id)).scalar_one()
            session.add(copy_of(key, owner))
        mine.go("/login/passkey")
        mine.protocol.send(
            "Runtime.evaluate",
            {
                "expression": "const real = navigator.credentials.get.bind(navigator.credentials);"
                "navigator.credentials.get = (asked) => {"
                " delete asked.publicKey.allowCredentials; return real(asked); }"
            },
        )
        mine.press()
        mine.expect_error("không được nhận")
        mine.go("/desk/bulletins")
        expect(mine.page).to_have_url(re.compile("/login"))


def copy_of(key: Passkey, person_id: int) -> Passkey:
    """Store another passkey of a person that their device does not hold."""
    return Passkey(
        public="khac", person_id=person_id, name="Khóa khác", created_at=key.created_at, credential_id=b"another",
        public_key=key.public_key, sign_count=0, backup_state=False, device_type="single_device", usage=key.usage,
        lastuse_datetime=key.lastuse_datetime,
    )  # fmt: skip


def test_an_answer_sent_again_is_refused_and_a_count_that_went_back_as_well(
    chromium: Any, served: RunningApplication
) -> None:
    with device(chromium, served) as mine:
        mine.password(WRITER.id)
        mine.make("Khóa USB")
        mine.leave()
        mine.go("/login")
        with mine.page.expect_request(lambda one: "/login/passkey/" in one.url) as sent:
            mine.press()
        mine.page.wait_for_url(address(served, "/desk"))
        item = sent.value
        client = served.app.test_client()
        answer = {"credential": parse_qs(item.post_data)["credential"][0], "csrf_token": token_of(mine, served, client)}
        again = client.post(item.url, data=answer, headers={"Accept": "application/json"}, base_url=address(served, ""))
        assert again.status_code == 409
        # Without the mark of the first use, the device's signature counter still rejects it.
        with served.database.write() as session:
            session.execute(sa.text("DELETE FROM used_tokens"))
        again = client.post(item.url, data=answer, headers={"Accept": "application/json"}, base_url=address(served, ""))
        assert (again.status_code, "sign count" in json.dumps(again.json).lower()) == (400, True), again.json
        with served.database.write() as session:
            session.execute(sa.update(Passkey).values(sign_count=1000))
        mine.leave()
        mine.go("/login")
        mine.press()
        mine.expect_error("không được nhận")
        assert stored(served)[0].sign_count == 1000


def token_of(mine: Device, served: RunningApplication, client: Any) -> str:
    """Return the CSRF token of this client's session."""
    page = client.get("/login", base_url=address(served, "")).text
    return str(page.split('name="csrf_token" value="')[1].split('"')[0])


def test_a_key_of_the_same_name_is_asked_to_be_called_something_else(chromium: Any, served: RunningApplication) -> None:
    with device(chromium, served) as mine:
        mine.password(WRITER.id)
        mine.make("Máy ở phòng")
        mine.go(NEW)
        mine.page.fill("[name=name]", "Máy ở phòng")
        mine.press()
        mine.expect_error("khác tên các khóa đã có")
        mine.page.fill("[name=name]", "Máy khác")
        mine.press()
        mine.expect_error("đã có khóa")
        assert len(mine.keys()) == len(stored(served)) == 1
        # The recovery codes are shown once, and sign-in asks for one.
        mine.go(FACTOR)
        with mine.page.expect_navigation():
            mine.page.locator("form[action$='/factor/codes'] button").click()
        codes = mine.page.inner_text("#cac-ma").split()
        mine.leave()
        mine.password(WRITER.id)
        mine.page.locator("a[href*='/login/recovery']").click()
        mine.page.wait_for_url("**/login/recovery**")
        mine.page.fill("[name=code]", codes[0])
        with mine.page.expect_navigation():
            mine.page.locator("main form:has(.input) button").first.click()
        assert last_way(served) is SignInMethod.RECOVERY


def test_a_session_that_asks_for_the_password_again_takes_the_passkey_for_it(
    chromium: Any, served: RunningApplication
) -> None:
    with device(chromium, served) as mine:
        mine.password(WRITER.id)
        mine.make("Máy ở phòng")
        mine.go(f"/login/again?next={FACTOR}")
        mine.press()
        mine.page.wait_for_url(address(served, FACTOR))


@pytest.mark.parametrize(("width", "scheme"), [(1366, "light"), (390, "dark")])
def test_the_other_ways_in_are_open_to_every_reader(
    chromium: Any, sqlite: Database, tmp_path: Path, width: int, scheme: str
) -> None:
    given = {"mail_server": "smtp://localhost:25", "mail_from": "tin@so.example", "oidc_issuer": "https://id.example"}
    with serving(sqlite, tmp_path, "localhost", own=True, **given) as outside:
        add_staff_of_each_role(outside)
        with device(chromium, outside, width, scheme) as mine:
            for path in ("/login", "/login/forgotten", "/login/city/back?state=x"):
                assert (path, mine.look(path)) == (path, "")
            mine.password(ADMIN.id)
            for path in ("/desk/admin/role-rules", "/desk/admin/people/", f"/desk/admin/people/{WRITER.id}"):
                assert (path, mine.look(path)) == (path, "")


def test_without_scripts_or_at_a_number_the_page_says_what_to_do(served: RunningApplication) -> None:
    page = served.client.get("/login/passkey", base_url=address(served, "")).text
    assert "cần JavaScript" in page
    number = served.client.get("/login/passkey", base_url="http://127.0.0.1:8800").text
    assert "Khóa truy cập chỉ dùng được ở đúng địa chỉ" in number
    assert 'data-passkey="' not in number
