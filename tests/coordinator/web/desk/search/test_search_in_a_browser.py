"""The search in Chromium: opened with one key, used by keyboard, complete without a script, and accessible."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import (
    SCREENS,
    axe_violations,
    chromium,
    expect,
    open_address,
    problems_of_page,
    search_for,
)
from tests.coordinator.web.desk.republications.test_review_in_a_browser import opened
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with a bulletin, a partner, a site and a copy that share a word."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        with outside.database.write() as session:
            for number in range(8):
                factories.published(session, title=f"Lịch tiêm sởi đợt {number} tại 30 phường, xã")
            bulletin = factories.published(session, title="Lịch tiêm sởi ở Hòa Bình")
            company = factories.company(session, "Công ty Truyền thông Sởi Hoà Bình")
            site = factories.site(session, company, "https://nhip-song-soi.example/")
            make_republication(session, bulletin, site).headline = "Tiêm sởi: lịch mới nhất"
        yield outside


def offered(page: Any) -> Any:
    return page.locator("#goi-y:not([hidden])")


def test_slash_goes_to_the_search_and_arrows_to_what_it_offers(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        open_address(page, address(served, "/desk/bulletins"))
        box = page.locator("#tim")
        page.keyboard.press("/")
        expect(box).to_be_focused()
        search_for(page, "soi hoa b")
        offered(page).wait_for()
        expect(page.locator("#goi-y-noi")).to_contain_text("Có gợi ý")
        page.keyboard.press("ArrowDown")
        standing = page.locator("#goi-y a:focus")
        expect(standing).to_have_text(re.compile(r"^\s*Lịch tiêm sởi ở Hòa Bình"))
        page.keyboard.press("ArrowUp")
        expect(box).to_be_focused()
        page.keyboard.press("Escape")
        expect(offered(page)).to_have_count(0)
        expect(box).to_have_value("soi hoa b")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/search?q=soi+hoa+b")
        # A slash in a field is a character.
        again = page.locator("main input[name=q]")
        again.focus()
        page.keyboard.press("End")
        page.keyboard.type("/")
        expect(again).to_have_value("soi hoa b/")
        assert page.evaluate("violations") == []


def test_what_is_offered_closes_when_the_reader_goes_on(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        open_address(page, address(served, "/desk/bulletins"))
        page.locator("#tim").focus()
        search_for(page, "soi")
        offered(page).wait_for()
        page.locator(".side .zone").click()
        expect(offered(page)).to_have_count(0)


def test_without_a_script_the_search_is_whole(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url, java_script_enabled=False) as page:
        page.goto(address(served, "/desk/bulletins"))
        page.locator("#tim").fill("soi hoa binh")
        page.locator("#tim").press("Enter")
        page.wait_for_url("**/desk/search?q=soi+hoa+binh")
        page.get_by_text("Thu hẹp kết quả").click()
        page.locator("main select[name=kind]").select_option("copy")
        page.locator("main form.searching button[type=submit]").click()
        page.wait_for_url("**kind=copy**")
        page.locator(".empty").wait_for()
        page.locator("main input[name=q]").fill("lich moi")
        page.locator("main form.searching button[type=submit]").click()
        page.locator("#tim-copy").wait_for()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
@pytest.mark.parametrize(
    "path", ["?q=tiêm sởi", "?q=soi&kind=bulletin&state=published", "?q=khong thay gi", "", "?q=!"]
)
def test_every_state_of_the_page_is_in_order(chromium: Any, served: RunningApplication, screen: Any, path: str) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url, screen) as page:
        assert problems_of_page(page, address(served, f"/desk/search{path}")) == ""


def test_the_box_with_what_it_offers_is_in_order(chromium: Any, served: RunningApplication) -> None:
    for scheme in ("light", "dark"):
        with opened(chromium, served.app, served.app_context.settings.base_url, (1280, 900, scheme)) as page:
            open_address(page, address(served, "/desk/bulletins"))
            page.locator("#tim").focus()
            search_for(page, "tiem soi")
            offered(page).wait_for()
            assert axe_violations(page) == ""


def test_on_a_phone_the_search_is_one_touch_away(chromium: Any, served: RunningApplication) -> None:
    with opened(
        chromium, served.app, served.app_context.settings.base_url, (390, 844, "light"), has_touch=True
    ) as page:
        open_address(page, address(served, "/desk"))
        page.locator("a.seek").tap()
        page.wait_for_url("**/desk/search")
        expect(page.locator("h1")).to_have_text("Tìm")
