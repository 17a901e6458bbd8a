"""Sign-in in a browser: by a link, with an authenticator app, and again; every page on the way is accessible."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from passlib.totp import TOTP

from campaigns.people.invitations import invite
from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import SCREENS, chromium, open_page, problems_of_page, until_true
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import PASSWORD, add_staff_of_each_role
from tests.factories import ADMIN

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

EMAIL = "ha@so.example"


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department whose approvers and administrators must have a second factor."""
    with serving(sqlite, tmp_path, own=True, second_factor_for="approver,admin") as outside:
        add_staff_of_each_role(outside)
        yield outside


def send(page: Any) -> None:
    """Press the first button of the page's own form and wait for the next page."""
    with page.expect_navigation():
        page.locator("main form:has(.input) button").first.click()


def story(page: Any, outside: RunningApplication, seen: Callable[[str], None]) -> None:
    """An approver is invited, sets up a phone, signs out and signs in again; ``seen`` is called with every page."""
    with outside.database.write() as session:
        made = invite(
            session, ADMIN, email=EMAIL, name="", role=Role.APPROVER, uniquifier="new", now=outside.office.now()
        )
        link = address(outside, f"/join/{made.secret}")
    page.goto(link)
    seen("join")
    page.fill("[name=name]", "Trần Thu Hà")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", "sai")
    send(page)
    seen("join-wrong")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    send(page)
    page.wait_for_url(address(outside, "/desk/account/factor"))
    until_true(page, "document.querySelector('img[src$=\"qr.svg\"]').naturalWidth > 0")
    seen("factor-new")
    app = TOTP(key=page.inner_text("#khoa").replace("-", "").replace(" ", ""))
    page.fill("[name=code]", "12")
    send(page)
    seen("factor-wrong")
    page.fill("[name=code]", str(app.generate(time.time()).token))
    send(page)
    recovery = page.inner_text("#cac-ma").split()
    seen("codes")
    for path, name in (("/desk/account", "account"), ("/desk/account/factor", "factor")):
        page.goto(address(outside, path))
        seen(name)
    page.context.clear_cookies()
    page.goto(address(outside, "/desk/bulletins"))
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    send(page)
    seen("code")
    page.fill("[name=code]", "12")
    send(page)
    seen("code-wrong")
    page.locator("a[href*='/login/recovery']").click()
    page.wait_for_url("**/login/recovery**")
    seen("recovery")
    page.fill("[name=code]", recovery[0].upper())
    send(page)
    page.goto(address(outside, "/login/again?next=/desk/account"))
    seen("again")
    page.goto(link)
    seen("over")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_every_page_on_the_way_in_is_open_to_every_reader(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    wrong: dict[str, str] = {}
    with ExitStack() as done:
        page = open_page(chromium, *screen)
        done.callback(page.context.close)

        def seen(name: str) -> None:
            # Only pages that answer a GET can be opened again; of the others only the policy can break.
            broken = page.evaluate("violations")
            if name in {"join", "factor-new", "account", "factor", "code", "recovery", "again", "over"}:
                broken = problems_of_page(page, page.url) or broken
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            if broken or wide:
                wrong[name] = f"{broken} {'too wide' if wide else ''}"

        story(page, served, seen)
    assert wrong == {}
