"""The gallery in Chromium: the policy holds, pages are accessible, nothing scrolls sideways."""

import re
import threading
from collections.abc import Iterator

import pytest
from waitress.server import create_server

from tests.coordinator.web.chromium import (
    READY,
    SCREENS,
    axe_violations,
    chromium,
    delay_files,
    expect,
    open_address,
    open_page,
    until_true,
)
from tests.coordinator.web.kit.gallery import NAMES, gallery

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

# A sheet hides the overflow of its table, so the width of the page would not show it.
CUT_OFF = """
  [...document.querySelectorAll(".sheet")].flatMap((sheet) =>
    [...sheet.querySelectorAll(".pill, .button, td, th, time, h2")]
      .filter((part) => part.checkVisibility() && !part.closest(".scroll, .vh, thead"))
      .filter((part) => part.getBoundingClientRect().right > sheet.getBoundingClientRect().right + 1)
      .map((part) => part.textContent.trim()))
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Run the gallery on a real server on a free port of loopback."""
    server = create_server(gallery(), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(10)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_no_page_breaks_the_policy_the_rules_for_readers_or_its_width(chromium, address, screen) -> None:
    page = open_page(chromium, *screen)
    failed: list[str] = []
    page.on("response", lambda reply: failed.append(reply.url) if reply.status >= 400 else None)
    for name in NAMES:
        page.goto(f"{address}/{name}")
        page.evaluate(READY)
        assert (name, axe_violations(page, minor=True)) == (name, "")
        assert (name, page.evaluate("violations")) == (name, [])
        assert (name, page.evaluate("document.documentElement.scrollWidth <= innerWidth")) == (name, True)
        assert (name, page.evaluate(CUT_OFF)) == (name, [])
    assert failed == []
    page.context.close()


def test_vietnamese_is_set_in_our_own_letters(chromium, address) -> None:
    page = open_page(chromium)
    open_address(page, f"{address}/today")
    page.evaluate("document.querySelector('h1').textContent = 'Ễ ậ ỵ Ơ ư đ Lan Tỏa'")
    page.evaluate(READY)
    protocol = page.context.new_cdp_session(page)
    for command in ("DOM.enable", "CSS.enable"):
        protocol.send(command)
    root = protocol.send("DOM.getDocument")["root"]["nodeId"]
    heading = protocol.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    used = protocol.send("CSS.getPlatformFontsForNode", {"nodeId": heading})["fonts"]
    assert used
    assert all(font["isCustomFont"] and font["familyName"].startswith("Be Vietnam Pro") for font in used), used
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily").startswith('"Be Vietnam Pro"')
    page.context.close()


def test_a_form_that_came_back_takes_the_reader_to_what_must_be_mended(chromium, address) -> None:
    page = open_page(chromium)
    open_address(page, f"{address}/edit")
    expect(page.locator(".summary")).to_be_focused()
    page.get_by_role("link", name="Viết mô tả cho ảnh 2").click()
    until_true(page, "(document.activeElement.id || location.hash.slice(1)) === 'images-1-alt'")
    page.fill("#title", "Tiếng Việt")
    expect(page.locator("[data-count-for=title]")).to_have_text("10 / 120 ký tự")
    page.context.close()


def test_who_writes_before_the_scripts_came_is_not_called_away_to_the_summary(chromium, address) -> None:
    page = open_page(chromium)
    held = delay_files(page, "**/js/desk.js*")
    page.goto(f"{address}/edit", wait_until="commit")
    page.locator("#title").click()
    until_true(page, "document.readyState === 'interactive'")
    held[0].continue_()
    expect(page.locator(".summary a").first).to_have_text(re.compile("^Ảnh bìa: "))
    page.evaluate(READY)
    expect(page.locator("#title")).to_be_focused()
    page.context.close()


def test_the_line_in_the_corner_can_be_closed_and_a_menu_closes_at_escape(chromium, address) -> None:
    page = open_page(chromium)
    open_address(page, f"{address}/today?done=1")
    page.get_by_role("button", name="Đóng").click()
    expect(page.locator("[data-toast]")).to_have_count(0)
    page.locator(".own > summary").click()
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_hidden()
    expect(page.locator(".own > summary")).to_be_focused()
    page.context.close()


def test_without_script_the_menu_the_tabs_and_the_forms_still_work(chromium, address) -> None:
    page = open_page(chromium, 390, 844, java_script_enabled=False)
    page.goto(f"{address}/approve")
    page.locator("details.menu > summary").click()
    expect(page.locator("details.menu").get_by_role("link", name="Lượt phát")).to_be_visible()
    page.locator("details.menu > summary").click()
    page.get_by_text("Toàn văn").click()
    expect(page.locator(".pane").nth(1)).to_be_visible()
    expect(page.locator(".pane").nth(0)).to_be_hidden()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Duyệt, phát lúc 14:00").click()
    assert "csrf_token=" in sent.value.post_data
    assert "revision_hash=9f3a71c4" in sent.value.post_data
    page.context.close()
