"""One look at one page in a browser: as a response with the HTML that a reader sees, and a screenshot.

The browser is driven in a child process without the environment of this one, in a folder of its own that is removed
afterwards. Whatever the page does, the child is killed at the deadline, and the browser ends with it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

from coordinator.http.browser_proxy import BrowserProxy
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import Headers, HttpResponse

DEADLINE = 75.0  # seconds for everything; a slow page with many pictures takes twenty
_MARGIN = 10.0  # seconds of the deadline that the child does not get, for its start and its end
NAMES = ("chromium", "chromium-headless-shell")  # Debian's programs


@dataclass(frozen=True)
class RenderedPage:
    """What a browser showed. ``answer``: the response with what a reader sees as HTML for its body; ``screenshot``: a
    JPEG picture of ``width`` × ``height``, empty where the browser took none; ``refused``: how many connections of the
    page were refused."""

    answer: HttpResponse
    screenshot: bytes
    width: int
    height: int
    refused: int


class Visit(Protocol):
    """``HttpClient.visit``."""

    def __call__(self, url: str, *, deadline: float) -> AbstractContextManager[BrowserProxy]:
        """Hold the host's turn, with a proxy."""
        ...


def find_chromium() -> str | None:
    """The path of Debian's Chromium; None where it is not installed."""
    return next((path for name in NAMES if (path := shutil.which(name)) is not None), None)


def missing_part() -> str | None:
    """What is missing for a look, in words; None when all is there."""
    if find_spec("playwright") is None:
        return "Playwright is not installed; run: pip install 'lantoa[render]'"
    if find_chromium() is None:
        return "Chromium is not installed; run: apt install chromium"
    return None


class Renderer:
    """Looks at pages, one at a time in each thread. ``visit``: of the HTTP client."""

    def __init__(self, visit: Visit, *, deadline: float = DEADLINE) -> None:
        """``deadline``: seconds for one look."""
        self._visit = visit
        self._deadline = deadline

    def look(self, url: str) -> RenderedPage:
        """Open a page. Raises ``RequestError`` for an address that may not be visited, a page that does not come to an
        end, and one that the browser could not open."""
        began = time.monotonic()
        with self._visit(url, deadline=self._deadline) as proxy:
            left = self._deadline - (time.monotonic() - began)
            answer, html, picture = _run_browser(url, proxy, left)
            refused = len(proxy.refused)
        if "error" in answer:
            raise RequestError(str(answer["error"]), kind=RequestErrorKind.PROTOCOL, sent=True)
        fields = (
            ("Content-Type", answer["content_type"] if answer["content_type"] else "text/html; charset=utf-8"),
            ("X-Rendered-By", f"Chromium/{answer['version']}"),
        )
        response = HttpResponse(
            str(answer["url"]).partition("#")[0],
            int(answer["status"]),
            Headers(dict(fields)),
            html,
            redirects=tuple(answer["redirects"]),
            elapsed=time.monotonic() - began,
            fields=fields,
            asked=(("User-Agent", answer["agent"]),),
        )
        return RenderedPage(response, picture, int(answer["width"]), int(answer["height"]), refused)


def _run_browser(url: str, proxy: BrowserProxy, seconds: float) -> tuple[dict[str, Any], bytes, bytes]:
    """Run the child; returns its answer, the HTML and the screenshot."""
    folder = tempfile.mkdtemp(prefix="lantoa-render-")
    wanted = {
        "url": url,
        "proxy": {"server": proxy.address, "username": proxy.user, "password": proxy.password},
        "chromium": find_chromium(),
        "seconds": max(seconds - _MARGIN, 5.0),
        "folder": folder,
    }
    # Nothing of this process's environment but where programs are: it holds secrets.
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}
    child = subprocess.Popen(  # this program, with arguments of its own
        [sys.executable, "-I", "-m", "coordinator.rendering.child"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=folder,
        start_new_session=True,
    )  # fmt: skip
    try:
        out, trouble = child.communicate(json.dumps(wanted).encode(), timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise RequestError(
            "the browser did not come to an end with the page", kind=RequestErrorKind.TIMEOUT, sent=True
        ) from error
    finally:
        _end(child, folder)
    head, _, rest = out.partition(b"\n")
    if child.returncode != 0 or not head:
        last = trouble.decode("utf-8", "replace").strip().splitlines()[-1:]
        why = f"the browser failed: {' '.join(last)[:300]}"
        raise RequestError(why, kind=RequestErrorKind.PROTOCOL, sent=True)
    answer: dict[str, Any] = json.loads(head)
    length = int(answer.get("html", 0))
    return answer, rest[:length], rest[length:]


def _end(child: "subprocess.Popen[bytes]", folder: str) -> None:
    """End the child and every process that it started: those of its group, and the browser, which is known by its
    folder."""
    _kill(lambda: os.killpg(child.pid, signal.SIGKILL))
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
    for pid in _processes_in(folder):
        _kill(lambda pid=pid: os.kill(pid, signal.SIGKILL))  # type: ignore[misc]  # bound in the loop on purpose
    shutil.rmtree(folder, ignore_errors=True)


def _kill(act: Callable[[], None]) -> None:
    try:
        act()
    except (ProcessLookupError, PermissionError):
        return


def _processes_in(folder: str) -> list[int]:
    """Processes that have this folder in their environment or command line, on Linux."""
    found = []
    try:
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    for number in numbers:
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{number}/{name}", "rb") as file:
                    if folder.encode() in file.read():
                        found.append(number)
                        break
            except OSError:
                continue
    return [number for number in found if number != os.getpid()]
