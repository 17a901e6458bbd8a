"""Looks at prepared pages, with one browser for all of a file of tests."""

import os
import re
import shutil
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape

import pytest

from coordinator.http.addresses import AllowList
from coordinator.http.browser_proxy import BrowserProxy, VisitLimits
from coordinator.rendering import browser, child
from coordinator.rendering.devtools import DevTools
from tests.conftest import need
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.rendering.pages import OTHER, TEXT

UNSEEN = 0.05  # share of the text's words that may be taken for seen where nothing is
SEEN = 0.97  # share that is seen of an honest page; a word at an edge may be missed
_HOUR = 3600.0  # seconds for all pages together
# A handful in every run, of each family one; the whole tables are slow.
QUICK = {
    *("by a media list", "near white", "a box of 6", "under another text", "mirrored"),
    *("answers with another style", "asks for the automation mark", "comes after a click that nobody finds"),
    *("dark theme", "in a frame of nobody", "đọc tiếp", "a cookie wall"),
}
# Pages whose rules depend on the window, on a finger or on what fits beside each other.
OF_THE_WINDOW = {
    *("by a container", "far below", "below a margin", "fixed below the window", "right", "beyond a clip"),
    *("until it is hovered", "by :hover of itself", "for a finger or a mouse", "for a small window alone"),
    *("under a picture", "in a frame that hides", "a row of a grid of 0", "columns", "a table", "tabs"),
    *("fixed bars above and below", "a box that scrolls", "a carousel that scrolls", "in a frame", "an amp page"),
    *("a theme of wordpress", "a cookie bar", "an app that scrolls inside"),
}

# A page with nothing of these is the same however long a reader stays: no script, no animation, nothing that is loaded
# or that moves by itself.
_MOVES = re.compile(
    r"<script|<img|<video|<audio|<object|<embed|<link|<animate|<set|<marquee|\bsrc=|url\(|@import|javascript:|\bon\w+="
    r"|animation|transition|keyframes|starting-style|timeline|refresh|scroll-|lazy"
)

Look = Callable[[str, str], tuple[str, list[str]]]


class LookAtAStillPage(child.Look):
    """A look that waits for the browser and for what the page loads, and not for what it might do later."""

    def wait(self, seconds: float, quiet: bool = False) -> None:
        """As for every page until it asks for nothing more; without that, a moment."""
        super().wait(seconds if quiet else min(seconds, 0.1), quiet)


@contextmanager
def looking() -> Iterator[Look]:
    """A look at one page with one screen: the HTML that is left, and what was pressed."""
    if (missing := browser.missing_part()) is not None:
        need("browser", missing)
    ends = time.monotonic() + _HOUR
    patch = pytest.MonkeyPatch()
    patch.setattr(child, "DWELL", (1.6, 2.0))
    with HostileServer() as server, tempfile.TemporaryDirectory(prefix="lt-") as folder:
        place = frozenset({f"127.0.0.1:{server.port}"})
        limits = VisitLimits(10**9, 10**9, 10**6, 10**6, 64)
        with BrowserProxy(AllowList(place), _resolved, ends, limits) as proxy:
            wanted = {
                "proxy": {"server": proxy.address, "username": proxy.user, "password": proxy.password},
                "chromium": shutil.which("chromium"),
                "folder": folder,
                "screen": "desktop",
            }
            tools = DevTools(child.command(wanted), ends)

            def shown(html: str, screen: str) -> tuple[str, list[str]]:
                server.text("/bai", html, Content_Type="text/html; charset=utf-8")
                tools.session, tools.ends = None, time.monotonic() + 90.0
                kind = child.Look if _MOVES.search(html) else LookAtAStillPage
                one = kind(tools, {**wanted, "url": server.url("/bai"), "screen": screen})
                answer, left, _picture = one.read()
                tools.session = None
                tools.call("Target.closeTarget", targetId=one.frame)
                return left.decode(), answer["pressed"]

            yield shown
            os.kill(tools.pid, signal.SIGKILL)
            os.waitpid(tools.pid, 0)
            for pid in browser._processes_in(folder):
                os.kill(pid, signal.SIGKILL)
    patch.undo()


def _resolved(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port)]


def _words(html: str) -> Counter[str]:
    inline = re.sub(r"</?(?:i|u|mark)>", "", re.sub(r"<title>.*?</title>", "", html))
    return Counter(unescape(re.sub(r"<[^>]*>", " ", inline)).split())


def share_of_text(html: str) -> float:
    """The share of the text's words that are left, but for words that stand in the rest of the page too."""
    text, rest = Counter(TEXT.split()), set(OTHER.split())
    own = {word: count for word, count in text.items() if word not in rest}
    left = _words(html)
    return sum(min(count, left[word]) for word, count in own.items()) / sum(own.values())


def on_a_phone(table: dict[str, str]) -> list[object]:
    """The pages that may look otherwise on a phone than on a desktop, and one of each family."""
    return [pytest.param(name, marks=pytest.mark.long, id=name) for name in table if name in QUICK | OF_THE_WINDOW]


def cases(table: dict[str, str]) -> list[object]:
    return [pytest.param(name, marks=[] if name in QUICK else pytest.mark.long, id=name) for name in table]
