"""The progress page in Chromium: on both screens, in both colour schemes, with and without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Kept
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import SCREENS, chromium, problems_of_page
from tests.coordinator.web.desk.reporting.progress.quarter import quarter
from tests.coordinator.web.desk.republications.test_review_in_a_browser import opened
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


@pytest.fixture(scope="module")
def served(kept_sqlite: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApplication]:
    """A plan in its eighth week; nothing in this file changes it."""
    folder = tmp_path_factory.mktemp("quarter")
    with kept_sqlite.fresh(folder / "lantoa.db") as database, serving(database, folder, own=True) as outside:
        add_staff_of_each_role(outside)
        with outside.database.write() as session:
            quarter(session)
        yield outside


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(
    "path",
    [
        "/desk/progress/",
        "/desk/progress/scenario?silent_weekly=2&more_weekly=x",
        "/desk/progress/quiet/",
        "/desk/progress/timing",
        "/desk/progress/partner",
        "/desk/progress/site",
    ],
)
def test_nothing_keeps_a_reader_out(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str], path: str
) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url, screen) as page:
        assert problems_of_page(page, address(served, path)) == ""


@pytest.mark.parametrize("screen", SCREENS)
def test_without_scripts_what_if_is_asked_and_answered_and_a_table_opens(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base, screen, java_script_enabled=False) as page:
        page.goto(address(served, "/desk/progress/scenario?period=2026-Q4"))
        page.get_by_label("Mỗi đối tác ấy mỗi tuần được bao nhiêu lượt").fill("2")
        page.get_by_role("button", name="Tính thử").click()
        answer = page.locator("[aria-labelledby=phuong-an] [role=status]")
        answer.wait_for()
        assert "hơn dự báo hiện nay" in answer.inner_text()
        # The address contains the scenario, so that it can be shared, and the former choice.
        assert "silent_weekly=2" in page.url
        assert "period=2026-Q4" in page.url
        page.get_by_text("Xem bảng số liệu").first.click()
        page.get_by_role("cell", name="31/12, nếu vậy").or_(
            page.get_by_role("rowheader", name="31/12, nếu vậy")
        ).wait_for()


def test_a_sentence_that_says_why_leads_to_its_rows(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        page.goto(address(served, "/desk/progress/"))
        page.get_by_role("link", name="im lặng từ 14 ngày nay").click()
        page.get_by_role("heading", name="Đối tác im lặng", level=1).wait_for()
        page.get_by_role("link", name="Công ty cổ phần Tin 0", exact=True).wait_for()
