"""The content policy in Chromium: no page, in no state and in no frame, tries what the policy blocks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.partners.directory import Company
from campaigns.partners.editor_access import make_editor_link
from campaigns.partners.editors import add_editor
from campaigns.people.staff import Role
from campaigns.release import workflow
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.db import Database
from tests import factories
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import READY, chromium, expect, open_address, open_page
from tests.coordinator.web.desk.browser_writers import NEW, body_of, enter
from tests.coordinator.web.desk.bulletins.test_editor_in_a_browser import PASTE
from tests.coordinator.web.desk.copies import Copy, add_copy, bulletin_of
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.routes import routes
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import ADMIN, NOW, WRITER

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

QUEUE = "/desk/republications/_review"
# Answers that are files, and pages that leave for elsewhere or end the session.
NO_PAGES = ("/static/", "/api/", "/feeds/", "/i/", "/hub", "/open-data/", "/metrics", "/security-static/", "/sign-on/")
LEAVING = {"security.logout", "sign_on.begin", "sign_on.back", "sign_on.leave", "portal.leave"}


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[tuple[RunningApplication, dict[str, str], str]]:
    """A department in the middle of its work, values for the addresses, and an editor's way into the portal."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        company_id, key = outside.partner("Nhịp Sông")
        with outside.database.write() as session:
            for number, way in enumerate((Attribution.NONE, Attribution.NAMED_OTHER_SOURCE, Attribution.NONE)):
                url = f"https://nhipsong.example/bai-{number}"
                seen = NOW + timedelta(minutes=number)
                copy = add_copy(session, bulletin_of(session), Copy(url=url, attribution=way, seen_at=seen))
            ident = copy
            ahead = factories.draft(session, title="Mở thêm buổi tiêm").code
            workflow.revise(session, WRITER, ahead, factories.text("Mở thêm hai buổi", "Một. Hai."), now=NOW)
            workflow.submit(session, WRITER, ahead, now=NOW)
            company = session.get_one(Company, company_id)
            editor = add_editor(session, ADMIN, company, email="lan@nhipsong.example", name="Ngọc Lan", now=NOW)
            secret = make_editor_link(session, ADMIN, editor, now=outside.office.now()).secret
            partner = company.code
        out = outside.publish()
        values = {"code": out, "key": key, "ident": ident, "email": "an@so.example", "waiting": ahead}
        yield outside, values | {"partner": partner}, f"/portal/join/{secret}"


@contextmanager
def watched(chromium: Any, outside: RunningApplication, role: Role | None) -> Iterator[tuple[Any, list[str]]]:
    """A page, and everything the policy has blocked in it and in its frames so far."""
    page = open_page(chromium)
    found: list[str] = []

    def note(message: Any) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            found.append(f"{page.url}: {message.text[:300]}")

    page.on("console", note)
    if role is not None:
        enter(page, outside, role)
    yield page, found
    page.context.close()


def pages(outside: RunningApplication, values: dict[str, str]) -> Iterator[str]:
    """Every address of the application that answers with a page, with and without values."""
    seen = set()
    for given in (values, values | {"code": values["waiting"]}, values | {"code": values["partner"]}):
        for route in routes(outside.app, given):
            skipped = route.endpoint in LEAVING or route.path.startswith(NO_PAGES)
            if route.readable and not skipped and route.path not in seen:
                seen.add(route.path)
                yield route.path


def test_no_page_tries_what_the_policy_blocks(
    chromium: Any, served: tuple[RunningApplication, dict[str, str], str]
) -> None:
    outside, values, join = served
    blocked: list[str] = []
    opened = 0
    for role in (Role.APPROVER, Role.ADMIN, None):
        with watched(chromium, outside, role) as (page, found):
            if role is None:  # an editor of a partner
                page.goto(address(outside, join))
                page.locator("main form button, form button").first.click()
                page.wait_for_load_state()
            for path in pages(outside, values):
                if (role is None) == path.startswith("/desk") or (role is Role.ADMIN and not path.startswith("/desk")):
                    continue
                answer = page.request.get(address(outside, path), max_redirects=0)
                if answer.status == 200 and "text/html" in answer.headers.get("content-type", ""):
                    page.goto(address(outside, path), wait_until="load")
                    page.evaluate(READY)
                    opened += 1
            blocked += found
    assert blocked == []
    assert opened > 100


def test_work_by_key_and_in_the_editor_tries_nothing_that_the_policy_blocks(
    chromium: Any, served: tuple[RunningApplication, dict[str, str], str]
) -> None:
    outside, _values, _join = served
    with watched(chromium, outside, Role.APPROVER) as (page, found):
        open_address(page, address(outside, QUEUE))
        page.keyboard.press("j")
        page.wait_for_url("**/rep_*")
        for key in ("j", "k", "j", "c", "5", "?", "Escape"):
            page.keyboard.press(key)
            page.wait_for_load_state("networkidle")
            page.evaluate(READY)
        assert found == []
        page.goto(address(outside, NEW))
        body = body_of(page)
        body.click()
        page.keyboard.type("Tiêm ")
        page.keyboard.press("Control+b")
        page.keyboard.type("miễn phí")
        page.keyboard.press("Enter")
        for button in page.locator(".tox-tbtn:not(.tox-tbtn--disabled)").all():
            button.click()
            page.keyboard.press("Escape")
        body.press("Enter")
        page.evaluate("hugerte.get('body-html').execCommand('mceInsertTable', false, {rows: 2, columns: 2})")
        page.evaluate("hugerte.get('body-html').execCommand('mceTableInsertRowAfter')")
        page.evaluate("hugerte.get('body-html').undoManager.undo()")
        styled = "<p style='color:red'>Đỏ</p>"
        body.evaluate(PASTE, styled)
        expect(body.get_by_text("Đỏ")).to_have_count(1)
        page.context.set_offline(True)  # then a paste goes in as the editor reads it
        body.evaluate(PASTE, styled)
        expect(body.get_by_text("Đỏ")).to_have_count(2)
        page.context.set_offline(False)
        page.evaluate(READY)
        assert found == []
