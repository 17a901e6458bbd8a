"""The child process that drives Chromium by Playwright for one page.

Reads one line of JSON from its standard input and answers one line of JSON, followed by the HTML that a reader sees and
the screenshot. It has no network of its own: the browser goes through the proxy that the parent names.
"""

import json
import os
import sys
import time
from importlib.resources import files
from typing import Any

WIDTH, HEIGHT = 1280, 900  # of the window
MAX_SCREENSHOT = 8000  # pixels of height
MAX_HTML = 4_200_000  # characters, slightly more than is read of a page, so that a longer one is known to be cut
MAX_REQUESTS = 200  # of one page
MAX_FRAMES = 10
SETTLING = 6.0  # seconds for the page's own requests after its document was read
_LEAST_FRAME = 120  # pixels; a smaller frame holds no article
_NOT_LOADED = frozenset({"media", "font", "websocket", "eventsource", "ping", "manifest"})
_PUT = """(frame, html) => {
  const part = document.createElement("section");
  part.innerHTML = html;
  frame.replaceWith(part);
}"""
ARGUMENTS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pings",
    "--dns-prefetch-disable",
    # Loopback is reached through the proxy too, and refused there.
    "--proxy-bypass-list=<-loopback>",
    # The browser resolves no name itself, and makes no connection beside the proxy.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=512",
)


def _agent(version: str) -> str:
    """The agent of a reader's browser: a site that shows us another page than its readers is found by it."""
    major = version.partition(".")[0]
    return f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"


def _look(wanted: dict[str, Any]) -> tuple[dict[str, Any], bytes, bytes]:
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415  # only in the child, with the extra
    from playwright.sync_api import TimeoutError as Timeout  # noqa: PLC0415  # the same

    ends = time.monotonic() + float(wanted["seconds"])
    with sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=wanted["chromium"],
            chromium_sandbox=os.geteuid() != 0,  # Chromium has no sandbox for root
            args=list(ARGUMENTS),
            proxy=wanted["proxy"],
            downloads_path=wanted["folder"],
        )
        agent = _agent(browser.version)
        context = browser.new_context(
            user_agent=agent,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport={"width": WIDTH, "height": HEIGHT},
            accept_downloads=False,
            service_workers="block",
        )
        asked = 0

        def pass_on(route: Any) -> None:
            nonlocal asked
            asked += 1
            if asked > MAX_REQUESTS or route.request.resource_type in _NOT_LOADED:
                route.abort()
            else:
                route.continue_()

        context.route("**/*", pass_on)
        page = context.new_page()
        context.on("page", lambda other: other.close())  # windows that the page opens
        documents: list[Any] = []
        page.on("response", lambda got: documents.append(got) if got.request.is_navigation_request() else None)
        try:
            response = page.goto(
                wanted["url"], wait_until="domcontentloaded", timeout=max((ends - time.monotonic()) * 500, 1000)
            )
        except Timeout as error:
            # A page that is held up in its middle is read as far as it is there.
            response = next((got for got in documents if got.frame == page.main_frame), None)
            if response is None:
                return {"error": _first_line(error)}, b"", b""
        except Error as error:
            return {"error": _first_line(error)}, b"", b""
        if response is None:
            return {"error": "the address shows no page"}, b"", b""
        answer = {
            "status": response.status, "url": page.url, "version": browser.version, "agent": agent,
            "redirects": _redirects(response.request), "content_type": "", "width": 0, "height": 0, "html": 0,
        }  # fmt: skip
        media = (response.headers.get("content-type") or "text/html").partition(";")[0].strip().lower()
        if media not in {"text/html", "application/xhtml+xml", "text/plain"}:
            return {**answer, "content_type": media}, b"", b""
        _settle(page, ends, Error)
        picture, height = _screenshot(page, Error)
        answer["url"] = page.url
        html = _shown_html(page, Error).encode("utf-8", "replace")
        answer |= {"html": len(html), "width": WIDTH if picture else 0, "height": height}
        # Not closed: the browser ends with this process, also where the page would hold it up.
        return answer, html, picture


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]


def _redirects(request: Any) -> list[str]:
    found: list[str] = []
    while (request := request.redirected_from) is not None and len(found) < 20:
        found.append(request.url)
    return list(reversed(found))


def _settle(page: Any, ends: float, failure: type[Exception]) -> None:
    """Wait until the page asks for nothing more, and scroll once, so that pictures further down are loaded."""
    for step in ("", "window.scrollTo(0, document.documentElement.scrollHeight)", "window.scrollTo(0, 0)"):
        left = min(SETTLING, ends - time.monotonic()) if not step else min(1.5, ends - time.monotonic())
        if left <= 0:
            return
        try:
            if step:
                page.evaluate(step)
            page.wait_for_load_state("networkidle", timeout=left * 1000)
        except failure:
            continue  # a page that is never quiet is read as it is


def _screenshot(page: Any, failure: type[Exception]) -> tuple[bytes, int]:
    """A picture of the page from its top, and its height in pixels."""
    try:
        height = min(max(int(page.evaluate("document.documentElement.scrollHeight")), HEIGHT), MAX_SCREENSHOT)
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": height}
        return page.screenshot(type="jpeg", quality=60, full_page=True, clip=clip, animations="disabled"), height
    except failure:
        return b"", 0


def _shown_html(page: Any, failure: type[Exception]) -> str:
    """The HTML of the page without what a reader does not see, frames with their content in their place."""
    script = files("coordinator.rendering").joinpath("shown.js").read_text("utf-8")
    for frame in page.frames[1 : MAX_FRAMES + 1]:
        try:
            element = frame.frame_element()
            box = element.bounding_box()
            if box is None or box["width"] < _LEAST_FRAME or box["height"] < _LEAST_FRAME:
                continue
            inside = frame.evaluate(script, [MAX_HTML, True])
            element.evaluate(_PUT, inside)
        except failure:
            continue  # a frame that was not loaded, or went away
    html: str = page.evaluate(script, [MAX_HTML, False])
    return html


def main() -> int:
    """The child."""
    answer, html, picture = _look(json.loads(sys.stdin.buffer.readline() or sys.stdin.buffer.read()))
    out = sys.stdout.buffer
    out.write(json.dumps(answer).encode() + b"\n" + html + picture)
    out.flush()
    return 0


if __name__ == "__main__":
    status = main()
    os._exit(status)  # without waiting for the browser
