"""The day's page in Chromium: it updates itself, keeps the reader's position, and shows when it cannot update."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.delivery.outbox import Delivery, DeliveryState
from coordinator.db import Database
from tests import factories
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import READY, SCREENS, chromium, expect, open_address, problems_of_page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import opened
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

AGAIN = "document.body.dispatchEvent(new CustomEvent('lantoa:again'))"  # the event of the twenty-second timer


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with one bulletin published through one channel."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        with outside.database.write() as session:
            factories.channel(session).name = "Báo A"
            factories.published(session, title="Lịch tiêm sởi")
        yield outside


def troubled(outside: RunningApplication) -> None:
    with outside.database.write() as session:
        session.execute(sa.update(Delivery).values(state=DeliveryState.UNKNOWN))


def test_what_happens_appears_by_itself_and_the_reader_stays_where_they_were(
    chromium: Any, served: RunningApplication
) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        open_address(page, address(served, "/desk"))
        page.get_by_role("link", name="Lịch tiêm sởi").focus()
        troubled(served)
        page.evaluate(AGAIN)
        page.get_by_role("heading", name="đã lên Báo A hay chưa").wait_for()
        expect(page.get_by_role("link", name="Lịch tiêm sởi", exact=True)).to_be_focused()
        expect(page.locator("#tin-moi")).to_have_text("Trang vừa cập nhật. Cần xử lý: 1.")
        assert page.evaluate("violations") == []
        # Requested again without a change, the present part is not replaced.
        page.evaluate("document.getElementById('hom-nay').dataset.kept = 'yes'")
        with page.expect_response(lambda answer: answer.headers.get("hx-reswap") == "none"):
            page.evaluate(AGAIN)
        page.evaluate(READY)
        expect(page.locator("#hom-nay")).to_have_attribute("data-kept", "yes")


def test_the_page_is_small_for_a_browser_that_has_nothing_of_it_and_has_one_style_sheet(
    chromium: Any, served: RunningApplication
) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        protocol = page.context.new_cdp_session(page)
        protocol.send("Network.enable")
        kinds: list[str] = []
        sizes: list[int] = []
        protocol.on("Network.responseReceived", lambda event: kinds.append(event["type"]))
        protocol.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
        page.goto(address(served, "/desk"), wait_until="networkidle")
        assert kinds.count("Stylesheet") == 1
        assert kinds.count("Font") >= 4
        assert len(sizes) == len(kinds)
        assert sum(sizes) <= 300_000


@pytest.mark.parametrize("width", [1280, 390])
def test_the_figures_of_neighbouring_tiles_stand_on_the_same_line(
    chromium: Any, served: RunningApplication, width: int
) -> None:
    troubled(served)
    lines = """(figures) => {
      const rows = new Map();  // of tiles beside each other
      for (const figure of figures) {
        const tile = Math.round(figure.parentElement.getBoundingClientRect().top);
        rows.set(tile, [...(rows.get(tile) || []), Math.round(figure.getBoundingClientRect().bottom)]);
      }
      return [...rows.values()].map((bottoms) => [bottoms.length > 1, new Set(bottoms).size]);
    }"""
    with opened(chromium, served.app, served.app_context.settings.base_url, (width, 900, "light")) as page:
        open_address(page, address(served, "/desk"))
        # One label takes two lines.
        page.evaluate("document.querySelector('.facts dt').append(' tới mọi kênh và mọi trang đối tác'.repeat(2))")
        found = page.locator(".facts .tally").evaluate_all(lines)
        assert found
        assert all(row == [True, 1] for row in found), found


def test_after_the_session_has_ended_the_page_stays_and_says_so(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        open_address(page, address(served, "/desk"))
        page.context.clear_cookies()
        page.evaluate(AGAIN)
        page.get_by_text("Phiên đã hết").wait_for()
        expect(page.get_by_role("link", name="Lịch tiêm sởi")).to_have_count(1)
        expect(page.locator("h1")).to_have_text("Hôm nay")


def test_while_the_server_is_away_the_page_says_so_and_takes_it_back_after(
    chromium: Any, served: RunningApplication
) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        open_address(page, address(served, "/desk"))
        page.context.set_offline(True)
        page.evaluate(AGAIN)
        page.locator("#mat-mang:not([hidden])").wait_for()
        page.context.set_offline(False)
        page.evaluate(AGAIN)
        page.locator("#mat-mang[hidden]").wait_for(state="attached")
        expect(page.get_by_role("link", name="Lịch tiêm sởi")).to_have_count(1)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_the_page_is_in_order(chromium: Any, served: RunningApplication, screen: Any) -> None:
    troubled(served)
    served.publish("mot-tieu-de-khong-co-khoang-trang-" * 5)
    with opened(chromium, served.app, served.app_context.settings.base_url, screen) as page:
        assert problems_of_page(page, address(served, "/desk")) == ""


def test_without_a_script_the_page_is_whole(chromium: Any, served: RunningApplication) -> None:
    troubled(served)
    with opened(chromium, served.app, served.app_context.settings.base_url, java_script_enabled=False) as page:
        page.goto(address(served, "/desk"))
        expect(page.get_by_role("heading", name="đã lên Báo A hay chưa")).to_have_count(1)
        expect(page.locator("[role=alert]:visible")).to_have_count(0)
