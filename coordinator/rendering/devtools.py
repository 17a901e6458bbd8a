"""The DevTools protocol over a pipe to Chromium: commands with their answers, and events.

One thread: events are handed to their handlers while a command's answer is awaited, and while ``wait`` waits.
The browser reads file descriptor 3 and writes to 4 (``--remote-debugging-pipe``); messages are JSON, each followed by
NUL.
"""

import fcntl
import json
import os
import select
import time
from collections.abc import Callable
from typing import Any, Final, TypeAlias

_PIECE: Final = 1 << 20  # bytes read at a time
MOST_OF_ONE_MESSAGE: Final = 200_000_000  # bytes; a picture of 8,000 pixels of height takes some ten

Values: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[Values], None]


class DevToolsError(Exception):
    """The browser refused a command."""


class BrowserGone(DevToolsError):
    """The browser or the page's process ended, or answered nothing in time. ``late``: no answer in time."""

    def __init__(self, message: str, *, late: bool = False) -> None:
        super().__init__(message)
        self.late = late


class DevTools:
    """A browser that was started for a look. ``ends``: ``time.monotonic()`` value after which no answer is awaited."""

    def __init__(self, command: list[str], ends: float) -> None:
        """Start the browser."""
        browser_reads, self._out = os.pipe()
        self._in, browser_writes = os.pipe()
        self.pid = _start(command, browser_reads, browser_writes)
        os.close(browser_reads)
        os.close(browser_writes)
        self.ends = ends
        self.session: str | None = None  # of the page; None for commands to the browser
        self._handlers: dict[str, Handler] = {}
        self._answers: dict[int, Values] = {}
        self._number = 0
        self._rest = bytearray()

    def on(self, event: str, handler: Handler) -> None:
        """Call the handler with the parameters of each such event; it may ``post``, but not ``call``."""
        self._handlers[event] = handler

    def post(self, method: str, session: str | None = None, **values: Any) -> int:
        """Send a command without awaiting its answer; returns its number."""
        self._number += 1
        message: Values = {"id": self._number, "method": method, "params": values}
        if (of := session if session is not None else self.session) is not None and not method.startswith("Target."):
            message["sessionId"] = of
        data = json.dumps(message).encode() + b"\0"
        while data:
            try:
                data = data[os.write(self._out, data) :]
            except OSError as error:
                raise BrowserGone("the browser ended") from error
        return self._number

    def call(self, method: str, *, seconds: float = 30.0, **values: Any) -> Values:
        """Send a command; returns its result. Raises ``DevToolsError``, and ``BrowserGone`` without an answer within
        ``seconds``."""
        number = self.post(method, **values)
        ends = min(self.ends, time.monotonic() + seconds)
        while number not in self._answers:
            if not self._receive(ends):
                raise BrowserGone(f"the page does not answer to {method}", late=True)
        answer = self._answers.pop(number)
        self._answers.clear()  # of commands that nobody waits for
        if "error" in answer:
            raise DevToolsError(f"{method}: {answer['error'].get('message', '')}")
        result: Values = answer["result"]
        return result

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Hand out events for so long, or until the condition holds; returns whether it holds."""
        ends = min(self.ends, time.monotonic() + seconds)
        while not until():
            if not self._receive(ends):
                return until()
        return True

    def _receive(self, ends: float) -> bool:
        """Take one piece of what the browser sends; False when there is nothing until ``ends``."""
        left = ends - time.monotonic()
        if left <= 0 or not select.select([self._in], [], [], left)[0]:
            return False
        piece = os.read(self._in, _PIECE)
        if not piece:
            raise BrowserGone("the browser ended")
        self._rest += piece
        if len(self._rest) > MOST_OF_ONE_MESSAGE:
            raise BrowserGone("the browser sends too much")
        if b"\0" in piece:
            *whole, last = bytes(self._rest).split(b"\0")
            self._rest = bytearray(last)
            for data in whole:
                self._take(json.loads(data))
        return True

    def _take(self, message: Values) -> None:
        if "id" in message:
            self._answers[message["id"]] = message
        elif (handler := self._handlers.get(message["method"])) is not None:
            handler({**message.get("params", {}), "from_session": message.get("sessionId")})


def _start(command: list[str], browser_reads: int, browser_writes: int) -> int:
    """Start the browser with the two ends of the pipes as its descriptors 3 and 4; returns its process id."""
    # Copies with high numbers, so that neither lies in the place of the other.
    reads, writes = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (browser_reads, browser_writes))
    actions = [
        *((os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)),
        (os.POSIX_SPAWN_DUP2, reads, 3),
        (os.POSIX_SPAWN_DUP2, writes, 4),
    ]
    try:
        return os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    finally:
        os.close(reads)
        os.close(writes)
