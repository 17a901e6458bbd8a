"""Pages in a real Chromium: opened, and checked for every kind of reader."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from coordinator.web import browser
from tests.conftest import need
from tests.coordinator.installation import until

AXE = browser.ROOT / browser.TEST_FILE.source
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # rules that depend on the colour scheme
COUNT_VIOLATIONS = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""
# A time limit, never a check: what takes a moment on an idle machine may take this long on a busy one.
TIMEOUT_MS = 60_000
# How many times slower than this machine the browser runs, 1 = as it is. The server then answers late as well.
SLOWER = float(os.environ.get("LANTOA_TEST_SLOW_BROWSER", "1"))
# Before this has happened, a page may show fallback fonts or an editor that is not set up yet.
READY = """async () => {
  await document.fonts.ready;
  const editorsReady = () => [...document.querySelectorAll("textarea[data-editor]")].every(
    (area) => !window.hugerte || window.hugerte.get(area.id)?.initialized);
  const late = performance.now() + %d;
  while (!editorsReady() || document.querySelector(".htmx-request")) {
    if (performance.now() > late) throw new Error("the page is still loading");
    await new Promise((done) => setTimeout(done, 20));
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}""".replace("%d", str(TIMEOUT_MS))
BROKEN_WORDS = r"""() => {
  const found = [];
  for (const fold of document.querySelectorAll("main details")) fold.open = true;
  for (const cell of document.querySelectorAll("main :is(td, th)")) {
    if (cell.getBoundingClientRect().width < 3) continue;  // heads that only readers of a screen hear
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (text.parentElement.closest(".vh, svg, select, textarea")) continue;
      for (const word of text.data.matchAll(/(?<![\p{L}\p{M}\p{N}])[\p{L}\p{M}\p{N}]{2,16}(?![\p{L}\p{M}\p{N}])/gu)) {
        const range = document.createRange();
        let last = null;
        for (let i = word.index; i < word.index + word[0].length; i += 1) {
          range.setStart(text, i);
          range.setEnd(text, i + 1);
          const box = range.getClientRects()[0];
          if (!box) continue;
          if (last !== null && box.top > last + 6) {
            found.push(`${word[0].slice(0, i - word.index)}|${word[0].slice(i - word.index)}`);
          }
          last = box.top;
        }
      }
    }
  }
  for (const table of document.querySelectorAll("main .sheet > table")) {
    const beyond = table.getBoundingClientRect().right - table.parentElement.getBoundingClientRect().right;
    if (beyond > 1) found.push(`${table.caption?.textContent} is cut off`);
  }
  return found;
}"""
# A bar at the edge of the window covers a part of what is scrolled under it just now. Axe takes what is left for the
# size of the target, so that bars stand at their own place of the page while it measures.
FIND = """(async () => {
  const bars = [...document.querySelectorAll('body *')].filter((one) => getComputedStyle(one).position === 'sticky');
  const before = bars.map((bar) => bar.style.position);
  bars.forEach((bar) => { bar.style.position = 'relative'; });
  try {
    const all = await axe.run(document, %s);
    return JSON.stringify(all.violations
      .filter((one) => %s.includes(one.impact) || one.id === 'empty-table-header')
      .map((one) => [one.id, one.nodes[0].html]));
  } finally { bars.forEach((bar, place) => { bar.style.position = before[place]; }); }
})()"""
# Every rule still checks every element; only the results of correct elements are left out.
ONLY_VIOLATIONS = "resultTypes: ['violations'], selectors: false"
# Targets of at least 24 by 24 pixels: a rule of WCAG 2.2 that axe runs only where it is asked to.
ALSO_RUN = "rules: {'target-size': {enabled: true}}"
GRAVE = ["serious", "critical"]

# A desktop by day and a phone by night: tests of every page on both see both colour schemes.
WIDE, PHONE = (1366, 900, "light"), (390, 844, "dark")
SCREENS = [WIDE, PHONE]


@pytest.fixture(scope="session")
def running_chromium() -> Iterator[Any]:
    """Start the installed Chromium, once per process, because a start takes as long as two pages."""
    if importlib.util.find_spec("playwright") is None:
        need("Playwright", "install the extra dev")
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
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


@pytest.fixture(scope="module")
def chromium(running_chromium: Any) -> Iterator[Any]:
    """The browser. Cookies, caches and storage belong to a context, and none outlives the module that opened it. At the
    end no page of the module's tests, in no state and in no frame, has tried what the content policy blocks."""
    _BLOCKED.clear()
    yield running_chromium
    for context in running_chromium.contexts:
        context.close()
    assert _BLOCKED == [], _BLOCKED


_BLOCKED: list[str] = []  # what the policy has blocked in the pages of the present module


@pytest.fixture(scope="module")
def allow_blocked(chromium: Any) -> Iterator[None]:
    """For modules whose pages are hostile on purpose: what the policy blocks is what they test."""
    yield
    _BLOCKED.clear()


def _note_blocked(message: Any) -> None:
    # The console also tells of frames, whose own documents hold the event.
    if "Content Security Policy" in message.text:
        _BLOCKED.append(f"{message.page.url}: {message.text[:200]}")


def open_page(chromium: Any, width: int = 1440, height: int = 900, scheme: str = "light", **options: Any) -> Any:
    """Open a page with its own context; its user closes it."""
    usual = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", "color_scheme": scheme}
    context = chromium.new_context(viewport={"width": width, "height": height}, **usual | options)
    context.set_default_timeout(TIMEOUT_MS)
    context.add_init_script(COUNT_VIOLATIONS)
    page = context.new_page()
    page.on("console", _note_blocked)
    if SLOWER > 1:
        # As slow as an old office PC, so that races which a fast machine hides appear.
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def expect(what: Any) -> Any:
    """Return Playwright's assertion about a page or a part of one, which retries until it holds or times out. Whatever
    follows a press, a response or a script is asserted with these, never read at once."""
    from playwright.sync_api import expect as look_again  # not at the top: files are imported where it is not installed

    look_again.set_options(timeout=TIMEOUT_MS)
    return look_again(what)


def until_true(page: Any, expression: str) -> None:
    """Wait until this expression is true in the page. ``wait_for_function`` uses eval, which the policy forbids."""
    until(f"{expression} is true in the page", lambda: bool(page.evaluate(expression)), TIMEOUT_MS / 1000)


def open_address(page: Any, url: str) -> None:
    """Open an address and wait until the page's own scripts have run. Needs scripts. An idle network would not suffice:
    a slow machine still has to run what was fetched."""
    page.goto(url, wait_until="load")
    page.evaluate(READY)


def delay_files(page: Any, files: str) -> list[Any]:
    """Hold back every file of this pattern; returns the held requests, each of which ``continue_()`` releases."""
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route(files, hold)
    return held


def search_for(page: Any, words: str) -> None:
    """Type into the focused box and wait for the suggestions for the whole text. A slow machine also shows suggestions
    for its beginning, which the next key would replace."""

    def for_all(answer: Any) -> bool:
        return [words] in parse_qs(urlsplit(answer.url).query).values()

    with page.expect_response(for_all):
        page.keyboard.type(words)
    page.evaluate(READY)


def axe_violations(page: Any, *, minor: bool = False, both_schemes: bool = True) -> str:
    """Return the accessibility faults that axe finds on the page as it stands; empty = none. ``minor``: includes minor
    ones. ``both_schemes``: the colours of the other colour scheme are checked, too."""
    impacts = [*GRAVE, "moderate", "minor"] if minor else GRAVE
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    protocol = page.context.new_cdp_session(page)
    # Through the protocol, because a script element would itself violate the policy.
    protocol.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})

    def find(options: str) -> str:
        answer = protocol.send("Runtime.evaluate", {"expression": FIND % (options, impacts), "awaitPromise": True})
        return str(answer["result"]["value"]).removeprefix("[]")

    found = find(f"{{runOnly: {RULES}, {ALSO_RUN}, {ONLY_VIOLATIONS}}}")
    if not both_schemes:
        protocol.detach()
        return found
    # Without animation, because the colours in the middle of one are never read.
    page.emulate_media(color_scheme="light" if dark else "dark", reduced_motion="reduce")
    other = find(f"{{runOnly: {{type: 'rule', values: {COLOURS}}}, {ONLY_VIOLATIONS}}}")
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="no-preference")
    protocol.detach()
    return found + (f" in {'light' if dark else 'dark'}: {other}" if other else "")


def broken_words(page: Any) -> list[str]:
    """Unfold the page and return the words in cells of tables that break at a letter, with ``|`` at the break, and the
    tables that their sheet cuts off. Marks of more than sixteen letters, such as hashes, may break anywhere;
    addresses break after their signs."""
    return list(page.evaluate(BROKEN_WORDS))


def overflowing_widths(page: Any) -> list[int]:
    """Return the widths at which the page scrolls sideways: the screen's, and on a phone also the narrowest, 320."""
    screen = page.viewport_size
    found = []
    for width in [screen["width"], 320][: 2 if screen["width"] <= PHONE[0] else 1]:
        page.set_viewport_size(screen | {"width": width})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(width)
    page.set_viewport_size(screen)
    return found


def problems_of_page(page: Any, url: str, *, both_schemes: bool = False, fetches: bool = False) -> str:
    """Return every problem of one page: violations of the policy, accessibility faults, missing files.
    ``both_schemes``: for a page that is opened on one screen only; ``fetches``: its script fetches its rows."""
    failed: list[str] = []

    def note(reply: Any) -> None:
        if reply.status >= 400 and reply.url != url:
            failed.append(reply.url)

    page.on("response", note)
    answer = page.goto(url, wait_until="networkidle" if fetches else "load")
    page.evaluate(READY)
    values = {
        "status": answer.status if answer.status >= 500 else "",
        "axe": axe_violations(page, both_schemes=both_schemes),
        "policy": page.evaluate("violations") or "",
        "missing": list(failed),
        "wider than the screen of": overflowing_widths(page),
    }
    page.remove_listener("response", note)
    return "; ".join(f"{name}: {value}" for name, value in values.items() if value)
