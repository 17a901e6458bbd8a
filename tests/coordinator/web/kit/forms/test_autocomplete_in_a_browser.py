"""Autocomplete fields in Chromium: by keyboard alone, with a mouse, and without a script."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from campaigns.people.staff import Role
from coordinator.db import Database
from tests import factories
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import (
    SCREENS,
    axe_violations,
    chromium,
    expect,
    open_address,
    open_page,
    problems_of_page,
    search_for,
)
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.kit.forms.test_autocomplete import fill
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with more partners than a select shows."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
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
    """Return the page of a person who may use every form."""
    page = open_page(chromium, *screen, **more)
    page.context.add_cookies([{"name": "lantoa", "value": signed_in(app, Role.ADMIN), "url": base}])
    yield page
    page.context.close()


def options(page: Any) -> Any:
    return page.locator(".offered:not([hidden]) [role=option]")


def test_the_keyboard_alone_picks_a_partner_and_filters_by_it(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        open_address(page, address(served, "/desk/republications?status=all"))
        page.get_by_text("Thêm bộ lọc").click()
        box = page.get_by_role("combobox", name="Đối tác", exact=True)
        box.focus()
        search_for(page, "hong ha")
        options(page).first.wait_for()
        expect(box).to_have_attribute("aria-expanded", "true")
        expect(page.locator("[data-picking=partner] [role=status]")).to_contain_text("2 gợi ý")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        standing = options(page).nth(1)
        expect(standing).to_have_attribute("aria-selected", "true")
        expect(standing.locator("span")).to_have_text("Công ty Hồng Hà")
        expect(box).to_have_attribute("aria-activedescendant", str(standing.get_attribute("id")))
        page.keyboard.press("ArrowDown")  # wraps around to the first
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(box).to_have_value("Công ty Hồng Hà")
        expect(options(page)).to_have_count(0)
        expect(box).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("Enter")
        page.wait_for_url("**partner=cong-ty-hong-ha")
        page.get_by_text("Thêm bộ lọc").click()
        expect(page.get_by_role("combobox", name="Đối tác", exact=True)).to_have_value("Công ty Hồng Hà")
        assert page.evaluate("violations") == []


def test_escape_closes_what_is_offered_and_leaving_the_field_too(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        open_address(page, address(served, "/desk/republications?status=all"))
        page.get_by_text("Thêm bộ lọc").click()
        box = page.get_by_role("combobox", name="Trang", exact=True)
        box.focus()
        search_for(page, "thuy")
        options(page).first.wait_for()
        page.keyboard.press("Escape")
        expect(options(page)).to_have_count(0)
        expect(box).to_have_value("thuy")
        page.keyboard.press("ArrowDown")
        options(page).first.wait_for()
        page.keyboard.press("Tab")
        expect(options(page)).to_have_count(0)


def test_a_receiver_is_added_with_the_mouse_and_makes_the_notice_one_for_the_chosen(
    chromium: Any, served: RunningApplication
) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        open_address(page, address(served, "/desk/notices/_new"))
        page.locator("summary", has_text="Chọn đối tác").click()
        page.locator("#partners").focus()
        search_for(page, "song da")
        options(page).first.click()
        chosen = page.get_by_role("checkbox", name="Tập đoàn Sông Đà", exact=True)
        expect(chosen).to_be_checked()
        expect(page.get_by_role("radio", name="Một số đối tác", exact=True)).to_be_checked()
        expect(page.locator("#partners")).to_have_value("")
        page.get_by_label("Tiêu đề", exact=True).fill("Mời họp")
        page.get_by_role("button", name="Lưu bản nháp", exact=True).click()
        # A notice needs a text; the chosen partner is still there.
        expect(page.locator(".summary a").first).to_have_text(re.compile("^Nội dung: "))
        expect(chosen).to_be_checked()
        assert page.evaluate("violations") == []


def test_without_a_script_the_same_form_looks_up_what_was_typed(chromium: Any, served: RunningApplication) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url, java_script_enabled=False) as page:
        page.goto(address(served, "/desk/republications?status=all"))
        page.get_by_text("Thêm bộ lọc").click()
        page.get_by_label("Đối tác", exact=True).fill("hong ha")
        page.get_by_role("button", name="Lọc", exact=True).click()
        page.get_by_role("radio", name="Công ty Hồng Hà Media", exact=True).check()
        page.get_by_role("button", name="Chọn nơi này", exact=True).click()
        page.wait_for_url("**partner=cong-ty-hong-ha-media")
        expect(page.get_by_label("Đối tác", exact=True)).to_have_value("Công ty Hồng Hà Media")
        page.get_by_text("Thêm bộ lọc").click()
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
def test_every_state_of_the_field_is_in_order(
    chromium: Any, served: RunningApplication, screen: Any, path: str
) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url, screen) as page:
        assert problems_of_page(page, address(served, path)) == ""
        expect(page.locator("[data-picking]").first).to_be_attached()


def test_what_is_offered_is_in_order_by_day_and_by_night(chromium: Any, served: RunningApplication) -> None:
    for scheme in ("light", "dark"):
        with opened(chromium, served.app, served.app_context.settings.base_url, (390, 844, scheme)) as page:
            open_address(page, address(served, "/desk/republications?status=all"))
            page.locator("label[for=mo-loc]").click()
            page.get_by_text("Thêm bộ lọc").click()
            page.locator("#partner").focus()
            search_for(page, "cong ty")
            options(page).first.wait_for()
            page.keyboard.press("ArrowDown")
            expect(options(page).first).to_have_attribute("aria-selected", "true")
            assert axe_violations(page) == ""
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
