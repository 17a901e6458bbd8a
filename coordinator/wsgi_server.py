"""The web server of one process: waitress, started in a thread and stopped cleanly.

A body is read whole before the application is asked, so that its size is limited here too. Connections that send
nothing, or a request that never ends, are closed after a time, and earlier when new ones come and none is left.

A request that has waited ``LONGEST_WAIT`` for a thread is answered 503 with ``Retry-After``, whatever the threads do.
The addresses that monitors ask have threads of their own. So have requests with a large body, which take much memory
while they are answered: it remains with the thread that took it, so that only a few threads may.
"""

import copy
import errno
import logging
import threading
import time
from typing import Any, Final

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error

from coordinator.jobs.heartbeat import LifeSign
from coordinator.web.kit.body_limits import ANONYMOUS_BODY, LARGE_BODY, MEDIA_BODY, MEDIA_PATH, SIGNED_IN_BODY

log = logging.getLogger(__name__)

FLUSH_WITHIN = 2.0  # seconds for finished responses to be sent
MOST_CONNECTIONS: Final = 1000  # open at once; the department has sixty people, and a browser opens six each
SPARE_CONNECTIONS: Final = 50  # of them, kept free by closing the oldest that wait for the rest of a request
SPARE_FILES: Final = 300  # file descriptors for everything but connections
HEADER_SECONDS: Final = 20.0  # for the head of a request to arrive
BODY_SECONDS: Final = 300.0  # for a whole request to arrive: 20 MiB at 70 kB a second
LONGEST_WAIT: Final = 2.0  # seconds for a request to wait for a thread: an answer then takes less than five in all
STOOD_STILL: Final = 2.0  # seconds between two looks of the loop, a second apart, in which the process did not run
LARGE_THREADS: Final = 2  # for requests with a large body: as many as files are read at once
LONGEST_LARGE_WAIT: Final = 15.0  # seconds for such a request to wait for a thread
RETRY_AFTER: Final = 5  # seconds after which a refused client is asked to try again
STUCK_AFTER: Final = 60.0  # seconds in which requests wait and none is answered: the threads hang
OVERLOAD_PAUSE: Final = 60.0  # seconds between two lines of the log about refused requests
ALIVE_PATHS: Final = frozenset({"/healthz"})  # answered without the database
CHECK_PATHS: Final = frozenset({"/readyz", "/metrics"})  # monitors ask them when all else waits
_CREDENTIALS: Final = frozenset({"COOKIE", "AUTHORIZATION"})


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # the library has no types
    """Takes at most ``ANONYMOUS_BODY`` bytes from who shows nothing that could be a sign-in or a key. Whether it is
    one, the application decides."""

    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head of a request."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # of the standard library, which the parser above lets through
            raise ParsingError("the address cannot be read") from error
        if not _CREDENTIALS & self.headers.keys():
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = ANONYMOUS_BODY + 1  # the library refuses from this size on
        elif self.path == MEDIA_PATH and "AUTHORIZATION" in self.headers:
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = MEDIA_BODY + 1


class _Overloaded(Error):  # type: ignore[misc]  # the library has no types
    """The answer to a request for which no thread became free in time."""

    code = 503
    reason = "Service Unavailable"

    def __init__(self) -> None:
        super().__init__("Máy chủ đang quá tải, xin thử lại sau vài giây. The server is overloaded; try again soon.")

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Return status, headers and body."""
        status, headers, _ = super().to_response(ident)
        more = [("Retry-After", str(RETRY_AFTER)), ("Cache-Control", "no-store")]
        return status, headers + more, f"{self.body}\n".encode()


def _path_of(asked: HTTPRequestParser) -> str:
    """The path of a request; "" of one whose first line could not be read."""
    return str(getattr(asked, "path", ""))


def _overdue(lane: ThreadedTaskDispatcher, wait: float) -> list[Any]:
    """Take from a queue what has waited for longer than ``wait`` seconds."""
    ends, overdue = time.monotonic() - wait, []
    with lane.lock:
        while lane.queue and lane.queue[0].queued_at < ends:
            overdue.append(lane.queue.popleft())
    return overdue


class _Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # the library has no types
    """Hands requests to threads, in the order in which they came. One more thread answers that the process is alive,
    and refuses what has waited too long; another answers the checks of monitors, which read the database; a few more
    answer requests with a large body."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._alive, self._checks, self._large = (ThreadedTaskDispatcher() for _ in range(3))
        self._refused, self._told_at = 0, float("-inf")
        self._looked_at, self._stood_still = time.monotonic(), False
        self.sign = LifeSign()
        self._answered_at, self._refused_at = time.monotonic(), float("-inf")
        self.set_thread_count(threads)
        self._alive.set_thread_count(1)
        self._checks.set_thread_count(1)
        self._large.set_thread_count(LARGE_THREADS)

    def add_task(self, task: Any) -> None:
        """Take a connection with a whole request."""
        task.queued_at = time.monotonic()
        path = _path_of(task.requests[0])
        if path in ALIVE_PATHS:
            self._alive.add_task(task)
        elif path in CHECK_PATHS:
            self._checks.add_task(task)
        elif task.requests[0].body_bytes_received > LARGE_BODY:
            self._large.add_task(task)
        else:
            super().add_task(task)

    def note_answer(self) -> None:
        """Record that one of the threads has answered a request."""
        self._answered_at = time.monotonic()

    def refuse_overdue(self) -> None:
        """Answer 503 to each request that has waited too long. Renews the sign of the web, unless one was refused
        and no thread has answered any since, for a minute. After a time in which the whole process did not run, what
        came before it waits from now on."""
        now = time.monotonic()
        self._stood_still, self._looked_at = not self._stood_still and now - self._looked_at > STOOD_STILL, now
        if self._stood_still:
            for lane in (self, self._checks, self._large):
                with lane.lock:
                    for task in lane.queue:
                        task.queued_at = now
            return
        overdue = [*_overdue(self, LONGEST_WAIT), *_overdue(self._checks, LONGEST_WAIT)]
        if overdue:
            self._refused_at = time.monotonic()
        overdue += _overdue(self._large, LONGEST_LARGE_WAIT)  # a file may be read for a minute: no thread hangs
        if self._refused_at < self._answered_at or time.monotonic() - self._answered_at < STUCK_AFTER:
            self.sign.renew()
        for task in overdue:
            task.requests[0].error = _Overloaded()
            self._alive.add_task(task)
        self._refused += len(overdue)
        if self._refused and time.monotonic() - self._told_at > OVERLOAD_PAUSE:
            log.warning("overload: %d requests waited too long for a thread and were answered 503", self._refused)
            self._refused, self._told_at = 0, time.monotonic()

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Wait for running requests and end the threads."""
        ends = time.monotonic() + timeout
        for lane in (self._alive, self._checks, self._large):
            lane.set_thread_count(0)
        done = bool(super().shutdown(cancel_pending, timeout))
        for lane in (self._alive, self._checks, self._large):
            lane.shutdown(cancel_pending, max(1, ends - time.monotonic()))
        return done


class _Channel(HTTPChannel):  # type: ignore[misc]  # the library has no types
    """One connection."""

    parser_class = _Parser
    queued_at = 0.0  # when its present request began to wait for a thread, as ``time.monotonic``
    begun: float | None = None  # when the first byte of the present request came, as ``time.time``

    def received(self, data: bytes) -> Any:
        """Take bytes of a request."""
        if self.request is None:
            self.begun = time.time()
        return super().received(data)

    def service(self) -> None:
        """Answer one request."""
        asked = self.requests[0]
        by_one_of_the_threads = (
            asked.error is None
            and _path_of(asked) not in ALIVE_PATHS | CHECK_PATHS
            and asked.body_bytes_received <= LARGE_BODY
        )
        super().service()
        if by_one_of_the_threads:
            self.server.task_dispatcher.note_answer()

    @property
    def waits_since(self) -> float | None:
        """Since when the rest of a request is awaited; None while one is answered."""
        if self.requests or self.total_outbufs_len:
            return None
        if self.request is None:
            return float(self.last_activity)
        return self.begun

    def is_overdue(self, now: float) -> bool:
        """Whether a request has been arriving for too long, or the first one has not begun."""
        since = self.waits_since
        if since is None or (self.request is None and self.begun is not None):
            return False  # between two requests: the library's own timeout
        begun = self.request is not None and self.request.headers_finished
        return now - since > (BODY_SECONDS if begun else HEADER_SECONDS)


class _Listener(TcpWSGIServer):  # type: ignore[misc]  # the library has no types
    """One listening socket."""

    channel_class = _Channel

    def readable(self) -> bool:
        """Whether to wait for connections; asked before each wait of the loop, which lasts a second at most."""
        self.task_dispatcher.refuse_overdue()
        return bool(super().readable())

    def maintenance(self, now: float) -> None:
        """Close connections that have been idle, or half a request, for too long."""
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(now):
                channel.will_close = True

    def handle_accept(self) -> None:
        """Accept a connection. When nearly all are taken, the one that has waited longest for its request is closed."""
        super().handle_accept()
        if len(self._map) < self.adj.connection_limit - SPARE_CONNECTIONS:
            return
        waiting = [(since, id(channel), channel) for channel in self.active_channels.values()
                   if (since := channel.waits_since) is not None]  # fmt: skip
        if waiting:
            min(waiting)[2].handle_close()


def _raised_file_limit() -> int:
    """Raise the number of files that this process may open as far as it may, and return it."""
    try:
        import resource  # noqa: PLC0415  # POSIX only
    except ImportError:
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE_FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


class WebServer:
    """Serves an application on one address until it is stopped. ``port`` 0 chooses a free port.

    ``proxied``: a reverse proxy sets the headers of the client's address, and the application trusts them; without a
    proxy those headers are removed, since any client can send them. Raises ``OSError`` naming the address if it cannot
    be listened on.
    """

    def __init__(self, app: Flask, host: str, port: int, threads: int, *, proxied: bool = False) -> None:
        self._sockets: dict[int, Any] = {}
        try:
            settings = Adjustments(
                host=host,
                port=port,
                threads=threads,
                clear_untrusted_proxy_headers=not proxied,
                ident="lantoa",
                connection_limit=min(MOST_CONNECTIONS, _raised_file_limit() - SPARE_FILES),
                asyncore_use_poll=True,  # select() takes no file descriptor above 1023
                max_request_body_size=SIGNED_IN_BODY + 1,
                cleanup_interval=5,
            )
            dispatcher = _Dispatcher(settings.threads)
            self.sign: LifeSign = dispatcher.sign  # of the loop and the threads, for the heartbeat of the part ``web``
            # A host name with two addresses gives two listeners; they share port, threads and sockets.
            listeners = [
                _Listener(app, self._sockets, dispatcher=dispatcher, adj=settings, sockinfo=address)
                for address in settings.listen
            ]
        except (OSError, ValueError) as error:
            wasyncore.close_all(self._sockets, ignore_all=True)
            # The library raises ``ValueError`` for a host name that has no address.
            number, words = errno.EADDRNOTAVAIL, "this host name has no address"
            if isinstance(error, OSError):
                number, words = error.errno or 0, error.strerror or str(error)
            message = f"{words}; choose another with --host or --port"
            raise OSError(number, message, f"{host}:{port}") from error
        self._listener: Any = listeners[0]
        self.port: int = self._listener.effective_port
        self._thread = threading.Thread(target=self._listener.run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for running requests (at most five seconds), send finished responses, then close every connection."""
        self._listener.task_dispatcher.shutdown()
        ends = time.monotonic() + FLUSH_WITHIN
        while self._unsent() and time.monotonic() < ends:
            time.sleep(0.02)
        # The loop of the server's thread ends when it has no sockets left to wait on. They are closed here, after that:
        # the thread may run `leave_loop` before the trigger's pipe has been written to, so it must not close it.
        sockets = dict(self._sockets)

        def leave_loop() -> None:
            sockets.update(self._sockets)
            self._sockets.clear()

        self._listener.trigger.pull_trigger(leave_loop)
        self._thread.join(timeout=10)
        wasyncore.close_all(sockets, ignore_all=True)

    def _unsent(self) -> bool:
        return any(getattr(channel, "total_outbufs_len", 0) for channel in list(self._sockets.values()))
