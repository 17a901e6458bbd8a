"""What the look sees of pages that hide a text, that attack the look, and of honest layouts: one browser for all."""

import os
import re
import shutil
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape

import pytest

from coordinator.http.addresses import AllowList
from coordinator.http.browser_proxy import BrowserProxy, VisitLimits
from coordinator.rendering import browser, child
from coordinator.rendering.devtools import DevTools
from tests.conftest import need
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.rendering.pages import ATTACKS, HIDING, HONEST, OTHER, TEXT

pytestmark = [pytest.mark.browser, pytest.mark.minutes]

HOUR = 3600.0  # seconds for all pages together
UNSEEN = 0.05  # share of the text's words that may be taken for seen where nothing is
SEEN = 0.97  # share that is seen of an honest page; a word at an edge may be missed
# A handful in every run, of each family one; the whole tables are slow.
QUICK = {
    *("by a media list", "near white", "a box of 6", "under another text", "mirrored"),
    *("answers with another style", "asks for the automation mark", "comes after a click that nobody finds"),
    *("dark theme", "in a frame of nobody", "đọc tiếp", "a cookie wall"),
}

Look = Callable[[str, str], tuple[str, list[str]]]


@pytest.fixture(scope="module")
def look() -> Iterator[Look]:
    """A look at one page with one screen: the HTML that is left, and what was pressed."""
    if (missing := browser.missing_part()) is not None:
        need("browser", missing)
    ends = time.monotonic() + HOUR
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
                one = child.Look(tools, {**wanted, "url": server.url("/bai"), "screen": screen})
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


def cases(table: dict[str, str]) -> list[object]:
    return [pytest.param(name, marks=[] if name in QUICK else pytest.mark.long, id=name) for name in table]


# Another text of the page is not seen either: of texts that lie upon each other so, the look takes none for seen, and
# what follows far below lies there too.
ANOTHER_UNSEEN = {
    "under twelve texts",
    "under a text of the same clipped background",
    "below a margin",
    "in a page that does not scroll",
}


@pytest.mark.parametrize("name", cases(HIDING))
def test_a_text_that_a_page_hides_is_not_seen(look: Look, name: str) -> None:
    left, _ = look(HIDING[name], "desktop")
    assert share_of_text(left) <= UNSEEN
    assert left.count("Chợ đêm ven sông") == HIDING[name].count(OTHER) - (name in ANOTHER_UNSEEN)


@pytest.mark.parametrize("name", cases(ATTACKS))
def test_a_page_that_attacks_the_look_shows_it_what_a_reader_sees(look: Look, name: str) -> None:
    assert share_of_text(look(ATTACKS[name], "desktop")[0]) <= UNSEEN


@pytest.mark.parametrize("name", cases(HONEST))
def test_a_text_in_an_honest_layout_is_seen(look: Look, name: str) -> None:
    assert share_of_text(look(HONEST[name], "desktop")[0]) >= SEEN


@pytest.mark.long
@pytest.mark.parametrize("name", HONEST)
def test_a_text_in_an_honest_layout_is_seen_on_a_phone(look: Look, name: str) -> None:
    assert share_of_text(look(HONEST[name], "phone")[0]) >= SEEN


@pytest.mark.long
@pytest.mark.parametrize("name", HIDING)
def test_a_text_that_a_page_hides_is_not_seen_on_a_phone(look: Look, name: str) -> None:
    assert share_of_text(look(HIDING[name], "phone")[0]) <= UNSEEN
