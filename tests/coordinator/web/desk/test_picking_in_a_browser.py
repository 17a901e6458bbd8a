"""Fields in which one types and picks, in Chromium: by keyboard alone, with a mouse, and without a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from campaigns.people.staff import Role
from coordinator.db import Database
from tests import factories
from tests.coordinator.live import serving
from tests.coordinator.web.desk.test_picking import fill
from tests.coordinator.web.desk.test_review_in_a_browser import signed_in
from tests.coordinator.web.looking import SCREENS, chromium, found_by_axe, look_at, open_page
from tests.coordinator.web.public.outside import Outside
from tests.coordinator.web.public.test_in_a_browser import address
from tests.coordinator.web.signing_in import people

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[Outside]:
    """A department with more partners than a select shows."""
    with serving(sqlite, tmp_path) as outside:
        people(outside)
        with outside.database.write() as session:
            fill(session, 51)
            factories.company(session, "Công ty Hồng Hà")
            factories.company(session, "Công ty Hồng Hà Media")
            factories.site(session, factories.company(session, "Tập đoàn Sông Đà"), "https://thuydien.example/")
        yield outside


@contextmanager
def opened(
    chromium: Any, app: Flask, base: str, screen: tuple[int, int, str] = SCREENS[0], **more: Any
) -> Iterator[Any]:
    """A page of somebody who may see every form."""
    page = open_page(chromium, *screen, **more)
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(app, Role.ADMIN), "url": base}])
    yield page
    page.context.close()


def options(page: Any) -> Any:
    return page.locator(".offered:not([hidden]) [role=option]")


def test_the_keyboard_alone_picks_a_partner_and_filters_by_it(chromium: Any, served: Outside) -> None:
    with opened(chromium, served.app, served.front.settings.base_url) as page:
        page.goto(address(served, "/desk/republications?status=all"), wait_until="networkidle")
        box = page.get_by_role("combobox", name="Đối tác", exact=True)
        box.focus()
        page.keyboard.type("hong ha")
        options(page).first.wait_for()
        assert box.get_attribute("aria-expanded") == "true"
        page.locator("[data-picking=partner] [role=status]", has_text="2 gợi ý").wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        standing = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
        assert (standing.get_attribute("aria-selected"), standing.locator("span").text_content()) == (
            "true", "Công ty Hồng Hà",
        )  # fmt: skip
        page.keyboard.press("ArrowDown")  # round to the first
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        assert box.input_value() == "Công ty Hồng Hà"
        assert options(page).count() == 0
        assert box.get_attribute("aria-expanded") == "false"
        page.keyboard.press("Enter")
        page.wait_for_url("**partner=cong-ty-hong-ha")
        assert page.get_by_role("combobox", name="Đối tác", exact=True).input_value() == "Công ty Hồng Hà"
        assert page.evaluate("violations") == []


def test_escape_closes_what_is_offered_and_leaving_the_field_too(chromium: Any, served: Outside) -> None:
    with opened(chromium, served.app, served.front.settings.base_url) as page:
        page.goto(address(served, "/desk/republications?status=all"), wait_until="networkidle")
        box = page.get_by_role("combobox", name="Trang", exact=True)
        box.press_sequentially("thuy")
        options(page).first.wait_for()
        page.keyboard.press("Escape")
        assert options(page).count() == 0
        assert box.input_value() == "thuy"
        page.keyboard.press("ArrowDown")
        options(page).first.wait_for()
        page.keyboard.press("Tab")
        assert options(page).count() == 0


def test_a_receiver_is_added_with_the_mouse_and_makes_the_notice_one_for_the_chosen(
    chromium: Any, served: Outside
) -> None:
    with opened(chromium, served.app, served.front.settings.base_url) as page:
        page.goto(address(served, "/desk/notices/_new"), wait_until="networkidle")
        page.locator("summary", has_text="Chọn đối tác").click()
        page.locator("#partners").press_sequentially("song da")
        options(page).first.click()
        page.get_by_role("checkbox", name="Tập đoàn Sông Đà", exact=True).wait_for()
        assert page.get_by_role("radio", name="Một số đối tác", exact=True).is_checked()
        assert page.locator("#partners").input_value() == ""
        page.get_by_label("Tiêu đề", exact=True).fill("Mời họp")
        page.get_by_role("button", name="Lưu bản nháp", exact=True).click()
        page.locator(".summary").wait_for()  # a notice needs a text; what was chosen is still there
        assert page.locator(".summary a").first.text_content().startswith("Nội dung: ")
        assert page.get_by_role("checkbox", name="Tập đoàn Sông Đà", exact=True).is_checked()
        assert page.evaluate("violations") == []


def test_without_a_script_the_same_form_looks_up_what_was_typed(chromium: Any, served: Outside) -> None:
    with opened(chromium, served.app, served.front.settings.base_url, java_script_enabled=False) as page:
        page.goto(address(served, "/desk/republications?status=all"))
        page.get_by_label("Đối tác", exact=True).fill("hong ha")
        page.get_by_role("button", name="Lọc", exact=True).click()
        page.get_by_role("radio", name="Công ty Hồng Hà Media", exact=True).check()
        page.get_by_role("button", name="Chọn nơi này", exact=True).click()
        page.wait_for_url("**partner=cong-ty-hong-ha-media")
        assert page.get_by_label("Đối tác", exact=True).input_value() == "Công ty Hồng Hà Media"
        page.get_by_label("Đối tác", exact=True).fill("khong co ai")
        page.get_by_role("button", name="Lọc", exact=True).click()
        page.get_by_text("Không thấy đối tác nào cho “khong co ai”.").wait_for()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
@pytest.mark.parametrize(
    "path",
    [
        "/desk/republications?status=all&partner.q=hong+ha", "/desk/republications?status=all&site.q=zzz",
        "/desk/progress/?partner=tap-doan-song-da", "/desk/notices/_new", "/desk/channels/",
        "/desk/admin/keys/_new", "/desk/channels/_new/webhook", "/desk/calendar/series/_new",
    ],
)  # fmt: skip
def test_every_state_of_the_field_is_in_order(chromium: Any, served: Outside, screen: Any, path: str) -> None:
    with opened(chromium, served.app, served.front.settings.base_url, screen) as page:
        assert look_at(page, address(served, path)) == ""
        assert page.locator("[data-picking]").count()


def test_what_is_offered_is_in_order_by_day_and_by_night(chromium: Any, served: Outside) -> None:
    for scheme in ("light", "dark"):
        with opened(chromium, served.app, served.front.settings.base_url, (390, 844, scheme)) as page:
            page.goto(address(served, "/desk/republications?status=all"), wait_until="networkidle")
            page.locator("label[for=mo-loc]").click()
            page.locator("#partner").press_sequentially("cong ty")
            options(page).first.wait_for()
            page.keyboard.press("ArrowDown")
            assert found_by_axe(page) == ""
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
