"""A department whose people write in Chromium: the page of somebody of a role, and the body inside the editor."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.live import serving
from tests.coordinator.web.desk.test_review_in_a_browser import signed_in
from tests.coordinator.web.looking import open_page, until_true
from tests.coordinator.web.public.outside import Outside
from tests.coordinator.web.signing_in import people

NEW = "/desk/bulletins/new"
FRAME = ".tox-edit-area__iframe"


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[Outside]:
    """A department with people and no bulletin."""
    with serving(sqlite, tmp_path) as outside:
        people(outside)
        yield outside


@contextmanager
def writer(
    chromium: Any, served: Outside, screen: Any = (1366, 900, "light"), role: Role = Role.WRITER, **more: Any
) -> Iterator[Any]:
    """A page of somebody who writes."""
    page = open_page(chromium, *screen, **more)
    enter(page, served, role)
    yield page
    page.context.close()


def body_of(page: Any) -> Any:
    """The body inside the editor's frame, once what is written there counts: until then it is only being set up."""
    until_true(page, "window.hugerte?.get('body-html')?.initialized")
    body = page.frame_locator(FRAME).locator("body#hugerte, body.mce-content-body")
    body.wait_for()
    return body


def enter(page: Any, served: Outside, role: Role = Role.WRITER) -> None:
    """Be signed in, or signed in again."""
    base = served.front.settings.base_url
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(served.app, role), "url": base}])


def press_save(page: Any) -> None:
    """Save, and see what came of it."""
    with page.expect_navigation():
        page.click("button[value=save]")


def fill_head(page: Any, title: str = "Lịch tiêm nhắc") -> None:
    """Title and topic."""
    page.fill("#title", title)
    page.select_option("#topic", "dich-benh")
