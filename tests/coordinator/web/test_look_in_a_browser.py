"""The same pages in Chromium: the policy holds, readers find their way, nothing scrolls sideways."""

import importlib.util
import shutil
import threading
from collections.abc import Iterator

import pytest
from waitress.server import create_server

from coordinator.web import browser
from tests.conftest import need
from tests.coordinator.web.gallery import NAMES, gallery

pytestmark = pytest.mark.browser

AXE = browser.ROOT / browser.TEST_FILE.source
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCREENS = [(1440, 900, "light"), (1280, 800, "dark"), (390, 844, "light"), (390, 844, "dark")]
COUNT_VIOLATIONS = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""

# A sheet with a table hides what reaches over its edge, so the page's own width would not tell.
CUT_OFF = """
  [...document.querySelectorAll(".sheet")].flatMap((sheet) =>
    [...sheet.querySelectorAll(".pill, .button, td, th, time, h2")]
      .filter((part) => part.checkVisibility() && !part.closest(".scroll, .vh, thead"))
      .filter((part) => part.getBoundingClientRect().right > sheet.getBoundingClientRect().right + 1)
      .map((part) => part.textContent.trim()))
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The gallery behind a real server on a free port of loopback."""
    server = create_server(gallery(), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """The machine's own Chromium; nothing is downloaded for it."""
    if importlib.util.find_spec("playwright") is None:
        need("Playwright", "install the extra dev")
    path = shutil.which("chromium")
    if path is None:
        need("Chromium", "install the package chromium")
    if browser.unready(browser.read_sums()) or not AXE.is_file():
        need("browser libraries", "run python -m coordinator.web.browser --with-tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        opened = running.chromium.launch(
            executable_path=path,
            chromium_sandbox=False,
            args=["--disable-quic", "--disable-background-networking", "--disable-component-update"],
        )
        yield opened
        opened.close()


def open_page(chromium, width=1440, height=900, scheme="light", **options):
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        color_scheme=scheme,
        **options,
    )
    context.add_init_script(COUNT_VIOLATIONS)
    return context.new_page()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_no_page_breaks_the_policy_the_rules_for_readers_or_its_width(chromium, address, screen) -> None:
    page = open_page(chromium, *screen)
    failed: list[str] = []
    page.on("response", lambda reply: failed.append(reply.url) if reply.status >= 400 else None)
    protocol = page.context.new_cdp_session(page)
    for name in NAMES:
        page.goto(f"{address}/{name}", wait_until="networkidle")
        # Through the protocol: a script element would itself break the policy.
        protocol.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
        found = protocol.send(
            "Runtime.evaluate",
            {
                "expression": f"axe.run(document, {{runOnly: {RULES}}})"
                ".then((all) => JSON.stringify(all.violations.map((one) => [one.id, one.nodes[0].html])))",
                "awaitPromise": True,
            },
        )
        assert (name, found["result"]["value"]) == (name, "[]")
        assert (name, page.evaluate("violations")) == (name, [])
        assert (name, page.evaluate("document.documentElement.scrollWidth <= innerWidth")) == (name, True)
        assert (name, page.evaluate(CUT_OFF)) == (name, [])
    assert failed == []
    page.context.close()


def test_vietnamese_is_set_in_our_own_letters(chromium, address) -> None:
    page = open_page(chromium)
    page.goto(f"{address}/today", wait_until="networkidle")
    assert page.evaluate("document.fonts.check('600 16px \"Be Vietnam Pro\"', 'Ễ ậ ỵ Lan Tỏa')")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily").startswith('"Be Vietnam Pro"')
    page.context.close()


def test_a_form_that_came_back_takes_the_reader_to_what_must_be_mended(chromium, address) -> None:
    page = open_page(chromium)
    page.goto(f"{address}/edit", wait_until="networkidle")
    assert page.evaluate("document.activeElement.className") == "summary"
    page.get_by_role("link", name="Viết mô tả cho ảnh 2").click()
    assert page.evaluate("document.activeElement.id || location.hash") in {"images-1-alt", "#images-1-alt"}
    page.fill("#title", "Tiếng Việt")
    assert page.locator("[data-count-for=title]").text_content() == "10 / 120 ký tự"
    page.context.close()


def test_the_line_in_the_corner_can_be_closed_and_a_menu_closes_at_escape(chromium, address) -> None:
    page = open_page(chromium)
    page.goto(f"{address}/today?done=1", wait_until="networkidle")
    page.get_by_role("button", name="Đóng").click()
    assert page.locator("[data-toast]").count() == 0
    page.locator(".own > summary").click()
    assert page.get_by_role("button", name="Đăng xuất").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Đăng xuất").is_visible()
    page.context.close()


def test_without_script_the_menu_the_tabs_and_the_forms_still_work(chromium, address) -> None:
    page = open_page(chromium, 390, 844, java_script_enabled=False)
    page.goto(f"{address}/approve")
    page.locator("details.menu > summary").click()
    assert page.locator("details.menu").get_by_role("link", name="Lượt phát").is_visible()
    page.locator("details.menu > summary").click()
    page.get_by_text("Toàn văn").click()
    page.locator(".pane").nth(1).wait_for()
    assert not page.locator(".pane").nth(0).is_visible()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Duyệt, phát lúc 14:00").click()
    assert "csrf_token=" in sent.value.post_data
    assert "revision_hash=9f3a71c4" in sent.value.post_data
    page.context.close()
