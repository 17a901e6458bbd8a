"""The other reports, schedules, filters and open data in Chromium, wide and on a phone: readable by everybody."""

from pathlib import Path
from typing import Any

import pytest

from campaigns.people.staff import Role
from coordinator.db import Database
from tests.coordinator.live import serving
from tests.coordinator.web.desk.test_papers import Town, pages
from tests.coordinator.web.desk.writing_desk import writer
from tests.coordinator.web.looking import SCREENS, chromium, look_at
from tests.coordinator.web.public.test_in_a_browser import address
from tests.coordinator.web.signing_in import people

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
        people(outside)
        town = Town(outside)
        found = {}
        with writer(chromium, outside, screen, Role.ADMIN) as page:
            for path in [*pages(town), *FIXED]:
                found[path] = look_at(page, address(outside, path))
            page.goto(address(outside, "/desk/schedules/_new/day"))
            page.get_by_label("Tên lịch").fill("Gửi lãnh đạo")
            page.get_by_label("Nơi nhận").fill("lanh.dao@ubnd.example")
            page.get_by_role("button", name="Đặt lịch", exact=True).click()
            page.get_by_role("heading", name="Gửi lãnh đạo", level=1).wait_for()
            page.get_by_role("button", name="Gửi ngay cho tôi").click()
            page.get_by_text("Đang lập", exact=True).wait_for()
            found["schedule"] = look_at(page, page.url)
        assert {path: told for path, told in found.items() if told} == {}
