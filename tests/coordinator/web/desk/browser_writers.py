"""A department whose staff write in Chromium: a page signed in as a role, and the body inside the editor."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import open_page, until_true
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.signed_in import add_staff_of_each_role

NEW = "/desk/bulletins/new"
FRAME = ".tox-edit-area__iframe"


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with people and no bulletin."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        yield outside


@contextmanager
def writer(
    chromium: Any, served: RunningApplication, screen: Any = (1366, 900, "light"), role: Role = Role.WRITER, **more: Any
) -> Iterator[Any]:
    """Return the page of a signed-in writer."""
    page = open_page(chromium, *screen, **more)
    enter(page, served, role)
    yield page
    page.context.close()


def body_of(page: Any) -> Any:
    """Return the body inside the editor's frame once the editor is ready; before that, typed text is lost."""
    until_true(page, "window.hugerte?.get('body-html')?.initialized")
    body = page.frame_locator(FRAME).locator("body#hugerte, body.mce-content-body")
    body.wait_for()
    return body


def enter(page: Any, served: RunningApplication, role: Role = Role.WRITER) -> None:
    """Sign in, or sign in again."""
    base = served.app_context.settings.base_url
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(served.app, role), "url": base}])


def press_save(page: Any) -> None:
    """Save and wait for the result."""
    with page.expect_navigation():
        page.click("button[value=save]")


def fill_head(page: Any, title: str = "Lịch tiêm nhắc") -> None:
    """Fill in title and topic."""
    page.fill("#title", title)
    page.select_option("#topic", "dich-benh")
