"""The other reports, schedules, filters and open data in Chromium, accessible on both screens."""

from pathlib import Path
from typing import Any

import pytest

from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.live_server import serving
from tests.coordinator.web.chromium import SCREENS, chromium, problems_of_page
from tests.coordinator.web.desk.browser_writers import writer
from tests.coordinator.web.desk.reporting.test_documents import Town, pages
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

FIXED = [
    "/desk/reports/", "/desk/filters/?listed=copies&status=confirmed", "/desk/schedules/",
    "/desk/schedules/_new/partner",
    "/desk/open-data/",
]  # fmt: skip


@pytest.mark.parametrize("screen", SCREENS, ids=["wide", "phone"])
def test_every_page_is_for_everybody_and_a_schedule_is_set_by_hand(
    chromium: Any, sqlite: Database, tmp_path: Path, screen: tuple[int, int, str]
) -> None:
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        town = Town(outside)
        found = {}
        with writer(chromium, outside, screen, Role.ADMIN) as page:
            for path in [*pages(town), *FIXED]:
                found[path] = problems_of_page(page, address(outside, path))
            page.goto(address(outside, "/desk/schedules/_new/day"))
            page.get_by_label("Tên lịch").fill("Gửi lãnh đạo")
            page.get_by_label("Nơi nhận").fill("lanh.dao@ubnd.example")
            page.get_by_role("button", name="Đặt lịch", exact=True).click()
            page.get_by_role("heading", name="Gửi lãnh đạo", level=1).wait_for()
            page.get_by_role("button", name="Gửi ngay cho tôi").click()
            page.get_by_text("Đang lập", exact=True).wait_for()
            found["schedule"] = problems_of_page(page, page.url)
        assert {path: text for path, text in found.items() if text} == {}
