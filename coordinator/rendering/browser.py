"""One look at one page in a browser: as a response with the HTML that a reader sees, and a screenshot.

The browser is driven in a child process without the environment of this one, in a folder of its own that is removed
afterwards. Whatever the page does, the child is killed at the deadline, and the browser ends with it.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from coordinator.http.browser_proxy import BrowserProxy
from coordinator.http.responses import Headers, HttpResponse
from coordinator.rendering.failures import LookFailed, LookFailure

DEADLINE = 75.0  # seconds for everything; an ordinary page takes ten to fifteen
# Bytes of the child, the browser and all processes of the page; an ordinary page takes 300 MB.
MOST_MEMORY = 1_200_000_000
_MARGIN = 10.0  # seconds of the deadline that the child does not get, for its start and its end
_SAMPLING = 0.1  # seconds between two looks at the memory
_GROUPS_OF_MEMORY = (b"RssAnon:", b"RssShmem:")  # what a process has of its own; the program's text is shared by all
NAMES = ("chromium", "chromium-headless-shell")  # Debian's programs


class Screen(Enum):
    """What a reader holds."""

    DESKTOP = "desktop"
    PHONE = "phone"


@dataclass(frozen=True)
class RenderedPage:
    """What a browser showed. ``answer``: the response with what a reader sees as HTML for its body; ``screenshot``: a
    JPEG picture of ``width`` × ``height`` pixels, empty where the browser took none; ``refused``: how many connections
    of the page were refused; ``screen``: the window that the page was shown in.

    ``letters_seen``, ``letters_unseen``: letters and digits of the page's words that are seen, and of those that are in
    the document and are not. ``pressed``: the words of the controls that were pressed to see more. ``left_for``: the
    address to which the page itself, by a script or a ``meta`` element, sent the browser or will send a reader; None
    where it stays. Redirects by the server are in ``answer.redirects``."""

    answer: HttpResponse
    screenshot: bytes
    width: int
    height: int
    refused: int
    screen: Screen = Screen.DESKTOP
    letters_seen: int = 0
    letters_unseen: int = 0
    pressed: tuple[str, ...] = ()
    left_for: str | None = None


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
    if find_chromium() is None:
        return "Chromium is not installed; run: apt install chromium"
    return None


class Renderer:
    """Looks at pages, one at a time in each thread. ``visit``: of the HTTP client."""

    def __init__(self, visit: Visit, *, deadline: float = DEADLINE, memory: int = MOST_MEMORY) -> None:
        """``deadline``: seconds for one look; ``memory``: bytes that it may take."""
        self._visit = visit
        self._deadline = deadline
        self._memory = memory

    def look(self, url: str, screen: Screen | None = None, agent: str = "") -> RenderedPage:
        """Open a page as a reader with this screen; with one drawn by chance where none is named. ``agent``: another
        one than a reader's browser has, for a picture of what the site shows it.

        Raises ``LookFailed`` with the reason where there is no page to read, and ``RequestError`` for an address that
        may not be visited."""
        screen = random.choice(list(Screen)) if screen is None else screen  # noqa: S311  # chance, no secret
        began = time.monotonic()
        with self._visit(url, deadline=self._deadline) as proxy:
            left = self._deadline - (time.monotonic() - began)
            answer, html, picture = _run_browser(url, proxy, screen, agent, left, self._memory)
            refused, overflowed = len(proxy.refused), proxy.overflowed
        if overflowed:
            raise LookFailed(LookFailure.TOO_LARGE, "the page loads more than a look may")
        if "failure" in answer:
            raise LookFailed(LookFailure(answer["failure"]), str(answer["error"]))
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
        return RenderedPage(
            response,
            picture,
            int(answer["width"]),
            int(answer["height"]),
            refused,
            screen=screen,
            letters_seen=int(answer.get("letters_seen", 0)),
            letters_unseen=int(answer.get("letters_unseen", 0)),
            pressed=tuple(answer.get("pressed", ())),
            left_for=answer["left_for"],
        )


def _run_browser(
    url: str, proxy: BrowserProxy, screen: Screen, agent: str, seconds: float, memory: int
) -> tuple[dict[str, Any], bytes, bytes]:
    """Run the child; returns its answer, the HTML and the screenshot. Raises ``LookFailed``."""
    folder = tempfile.mkdtemp(prefix="lantoa-render-")
    wanted = {
        "url": url,
        "proxy": {"server": proxy.address, "username": proxy.user, "password": proxy.password},
        "chromium": find_chromium(),
        "seconds": max(seconds - _MARGIN, 5.0),
        "folder": folder,
        "screen": screen.value,
        "agent": agent,
    }
    # Nothing of this process's environment but where programs are: it holds secrets.
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}
    child = subprocess.Popen(  # this program, with arguments of its own
        [sys.executable, "-I", "-m", "coordinator.rendering.child"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=folder,
        start_new_session=True,
    )  # fmt: skip
    watch = _MemoryWatch(child.pid, folder, memory)
    try:
        with watch:
            out, trouble = child.communicate(json.dumps(wanted).encode(), timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise LookFailed(LookFailure.TIMEOUT, "the browser did not come to an end with the page") from error
    finally:
        _end(child, folder)
    if watch.exceeded:
        raise LookFailed(LookFailure.MEMORY, f"the page takes more than {memory // 1_000_000} MB of memory")
    head, _, rest = out.partition(b"\n")
    if child.returncode != 0 or not head:
        last = trouble.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise LookFailed(LookFailure.CRASH, f"the browser failed: {' '.join(last)[:300]}")
    answer: dict[str, Any] = json.loads(head)
    length = int(answer.get("html", 0))
    return answer, rest[:length], rest[length:]


class _MemoryWatch:
    """Ends a child with all that it started when they take more than ``most`` bytes together.

    ``exceeded``: whether it did; ``peak``: the most that was measured, in bytes."""

    def __init__(self, pid: int, folder: str, most: int) -> None:
        self._pid, self._folder, self._most = pid, folder, most
        self.exceeded = False
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="browser-memory", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLING):
            below = _processes_below(self._pid)
            taken = sum(_own_memory(pid) for pid in below)
            self.peak = max(self.peak, taken)
            if taken > self._most:
                self.exceeded = True
                for pid in reversed(below):
                    _kill(lambda pid=pid: os.kill(pid, signal.SIGKILL))  # type: ignore[misc]  # bound on purpose
                return


def _processes_below(pid: int) -> list[int]:
    """A process and all that it started, on Linux."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    above = int(file.read().rpartition(b")")[2].split()[1])
            except OSError:
                continue  # it ended meanwhile
            children.setdefault(above, []).append(int(name))
    found = [pid]
    for process in found:
        found.extend(children.get(process, []))
    return found


def _own_memory(pid: int) -> int:
    """Bytes of memory that a process does not share with the files it was loaded from."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return 0  # it ended meanwhile
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(_GROUPS_OF_MEMORY))


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
