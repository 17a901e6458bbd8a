"""Pages in a real Chromium: opened on a screen, and looked at as every kind of reader would."""

import importlib.util
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from coordinator.web import browser
from tests.conftest import need

AXE = browser.ROOT / browser.TEST_FILE.source
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # what can differ between a page by day and by night
COUNT_VIOLATIONS = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""
# Whoever looks sooner sees a page in a stand-in's letters, or an editor that is not there yet.
READY = """async () => {
  await document.fonts.ready;
  const dressed = () => [...document.querySelectorAll("textarea[data-editor]")].every(
    (area) => !window.hugerte || window.hugerte.get(area.id)?.initialized);
  const late = performance.now() + 20000;
  while (!dressed() || document.querySelector(".htmx-request")) {
    if (performance.now() > late) throw new Error("the page is still not done with itself");
    await new Promise((done) => setTimeout(done, 20));
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
FIND = """axe.run(document, %s).then((all) => JSON.stringify(all.violations
  .filter((one) => %s.includes(one.impact)).map((one) => [one.id, one.nodes[0].html])))"""
GRAVE = ["serious", "critical"]

# A desk and a phone. What is looked at on one of them is looked at in both of its colours.
WIDE, PHONE = (1366, 900, "light"), (390, 844, "dark")
SCREENS = [WIDE, PHONE]


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


def open_page(chromium: Any, width: int = 1440, height: int = 900, scheme: str = "light", **options: Any) -> Any:
    """A page of its own context, which its user closes."""
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        color_scheme=scheme,
        **options,
    )
    context.add_init_script(COUNT_VIOLATIONS)
    return context.new_page()


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

    found = find(f"{{runOnly: {RULES}}}")
    # Without motion: colours that glide into each other are nobody's half-way.
    page.emulate_media(color_scheme="light" if dark else "dark", reduced_motion="reduce")
    other = find(f"{{runOnly: {{type: 'rule', values: {COLOURS}}}}}")
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
