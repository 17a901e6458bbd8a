"""Pages in a real Chromium: opened on a screen, and looked at as every kind of reader would."""

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
COLOURS = ["color-contrast", "link-in-text-block"]  # what can differ between a page by day and by night
COUNT_VIOLATIONS = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""
# A bound on patience and never a check: what takes a moment on an idle machine may take this long on a busy one.
PATIENCE = 60_000  # ms
# How many times slower than this machine the browser is to be, 1 = as it is. The server then answers late as well.
SLOWER = float(os.environ.get("LANTOA_TEST_SLOW_BROWSER", "1"))
# Whoever looks sooner sees a page in a stand-in's letters, or an editor that is not there yet.
READY = """async () => {
  await document.fonts.ready;
  const dressed = () => [...document.querySelectorAll("textarea[data-editor]")].every(
    (area) => !window.hugerte || window.hugerte.get(area.id)?.initialized);
  const late = performance.now() + %d;
  while (!dressed() || document.querySelector(".htmx-request")) {
    if (performance.now() > late) throw new Error("the page is still not done with itself");
    await new Promise((done) => setTimeout(done, 20));
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}""".replace("%d", str(PATIENCE))
FIND = """axe.run(document, %s).then((all) => JSON.stringify(all.violations
  .filter((one) => %s.includes(one.impact)).map((one) => [one.id, one.nodes[0].html])))"""
# Every rule looks at every element all the same; only what it has to say of elements that are in order is left out.
ONLY_VIOLATIONS = "resultTypes: ['violations'], selectors: false"
GRAVE = ["serious", "critical"]

# A desk and a phone. What is looked at on one of them is looked at in both of its colours.
WIDE, PHONE = (1366, 900, "light"), (390, 844, "dark")
SCREENS = [WIDE, PHONE]


@pytest.fixture(scope="session")
def running_chromium() -> Iterator[Any]:
    """The machine's own Chromium; nothing is downloaded for it. Once a process: to start takes as long as two pages."""
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


@pytest.fixture(scope="module")
def chromium(running_chromium: Any) -> Iterator[Any]:
    """The browser. Cookies, caches and storage are a context's own, and none outlives the module that opened it."""
    yield running_chromium
    for context in running_chromium.contexts:
        context.close()


def open_page(chromium: Any, width: int = 1440, height: int = 900, scheme: str = "light", **options: Any) -> Any:
    """A page of its own context, which its user closes."""
    usual = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", "color_scheme": scheme}
    context = chromium.new_context(viewport={"width": width, "height": height}, **usual | options)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(COUNT_VIOLATIONS)
    page = context.new_page()
    if SLOWER > 1:
        # As slow as an old office PC: races that a fast machine hides show.
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def expect(what: Any) -> Any:
    """Playwright's assertions about a page or a part of one: each looks again until it holds or patience is over.

    Whatever a press, an answer or a page's own script brings about is asked for by these, never read at once.
    """
    from playwright.sync_api import expect as look_again  # not at the top: files are read where it is not installed

    look_again.set_options(timeout=PATIENCE)
    return look_again(what)


def until_true(page: Any, expression: str) -> None:
    """Wait until this is true in the page. ``wait_for_function`` cannot: the policy forbids how it looks again."""
    until(f"{expression} is true in the page", lambda: bool(page.evaluate(expression)), PATIENCE / 1000)


def come_to(page: Any, url: str) -> None:
    """Open an address, and go on once the page's own scripts have run and it is done with itself.

    Needs scripts. An idle network would tell less: a slow machine still has to run what was fetched.
    """
    page.goto(url, wait_until="load")
    page.evaluate(READY)


def hold_back(page: Any, files: str) -> list[Any]:
    """Let no file of this pattern come; what was asked for, each of which ``continue_()`` lets go on its way."""
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route(files, hold)
    return held


def search_for(page: Any, words: str) -> None:
    """Type into the box that has the focus, and wait for what is offered for all of these words.

    A slow machine is offered something for their beginning too, and that would be exchanged under the next key.
    """

    def for_all(answer: Any) -> bool:
        return [words] in parse_qs(urlsplit(answer.url).query).values()

    with page.expect_response(for_all):
        page.keyboard.type(words)
    page.evaluate(READY)


def found_by_axe(page: Any, *, minor: bool = False) -> str:
    """What axe finds that keeps readers out of the page as it stands now, in both of its colours; empty = nothing.

    ``minor``: what only hinders them too.
    """
    impacts = [*GRAVE, "moderate", "minor"] if minor else GRAVE
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    protocol = page.context.new_cdp_session(page)
    # Through the protocol: a script element would itself break the policy.
    protocol.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})

    def find(options: str) -> str:
        answer = protocol.send("Runtime.evaluate", {"expression": FIND % (options, impacts), "awaitPromise": True})
        return str(answer["result"]["value"]).removeprefix("[]")

    found = find(f"{{runOnly: {RULES}, {ONLY_VIOLATIONS}}}")
    # Without motion: colours that glide into each other are nobody's half-way.
    page.emulate_media(color_scheme="light" if dark else "dark", reduced_motion="reduce")
    other = find(f"{{runOnly: {{type: 'rule', values: {COLOURS}}}, {ONLY_VIOLATIONS}}}")
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="no-preference")
    protocol.detach()
    return found + (f" in {'light' if dark else 'dark'}: {other}" if other else "")


def look_at(page: Any, url: str) -> str:
    """Everything wrong with one page: broken policy, what keeps readers out, files that are not there."""
    failed: list[str] = []

    def note(reply: Any) -> None:
        if reply.status >= 400 and reply.url != url:
            failed.append(reply.url)

    page.on("response", note)
    answer = page.goto(url, wait_until="load")
    page.evaluate(READY)
    told = {
        "status": answer.status if answer.status >= 500 else "",
        "axe": found_by_axe(page),
        "policy": page.evaluate("violations") or "",
        "missing": list(failed),
        "wider than the screen": page.evaluate("document.documentElement.scrollWidth > innerWidth") or "",
    }
    page.remove_listener("response", note)
    return "; ".join(f"{name}: {value}" for name, value in told.items() if value)
