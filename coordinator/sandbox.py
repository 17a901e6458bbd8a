"""Child processes with limits on memory, time and output, in which pages and files from outside are read.

Whatever a hostile page or file does to the library that reads it ends with the child. The child gets a function and its
arguments, and answers JSON, or a line of JSON followed by bytes; nothing of its answer is executed. It has none of this
process's environment, which holds secrets.

``run_child`` starts a child for one file that a person brought. ``read_in_child`` uses children that live for many
pages, since starting one costs more than reading a page. All children of a process share one budget of memory.
"""

import atexit
import contextlib
import json
import logging
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any, BinaryIO, Final, NoReturn, TypeAlias, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from campaigns.core.errors import CampaignError, FieldError, Invalid

log = logging.getLogger(__name__)

MOST_MEMORY: Final = 500_000_000  # bytes of address space; a picture of 40 million pixels needs two thirds of it
CPU_SECONDS: Final = 10  # of processor time; a Word file of 300 pages takes three
WALL_SECONDS: Final = 60.0  # seconds by the clock, on a busy machine
MOST_ANSWERED: Final = 40_000_000  # bytes; a scan, which is returned unchanged, may have 20 million
SLOT_SECONDS: Final = 15.0  # seconds that a brought file waits for its turn; a person waits for the page
# Bytes that all children of this process may take together: two that read pages, or one that reads a brought file.
ALL_MEMORY: Final = 600_000_000
PAGE_MEMORY: Final = 300_000_000  # bytes of a child that reads pages, all in all
PAGE_CPU_SECONDS: Final = 5  # of processor time for one page, feed or list
PDF_CPU_SECONDS: Final = 10  # of processor time for a PDF file, which may have a hundred pages
# Data beside which the program's own files, which it maps, still fit into ``PAGE_MEMORY``.
_PAGE_DATA: Final = 220_000_000
_HEAVY_DATA: Final = 110_000_000  # bytes at which a child is replaced, so that the next page has its whole share
_PAGES_A_CHILD: Final = 500
_IDLE_SECONDS: Final = 30.0  # after which an idle child ends
_MOST_QUESTIONS: Final = 3000  # of one page; each may cost a query of the database
_NICENESS: Final = 5  # of children that read pages, so that people are served first
_OUT_OF_MEMORY: Final = 3  # exit status of the child

ChildAnswer: TypeAlias = tuple[dict[str, Any], Iterable[bytes]]


BUSY: Final = "busy_reading"
LOST: Final = "child_lost"


class ChildFailed(Exception):
    """The child ended without an answer: the file takes too much memory or time, or crashed the library. ``code``:
    ``too_heavy``, or ``BUSY`` where no child was free and the file was not read, or ``LOST`` where the machine had no
    time for the child or another program ended it."""

    def __init__(self, message: str, code: str = "too_heavy") -> None:
        super().__init__(message)
        self.code = code


def run_child(
    read: Callable[..., ChildAnswer],
    *arguments: Any,
    raises: Iterable[type[CampaignError]] = (),
    most_written: int = 0,
) -> tuple[dict[str, Any], bytes]:
    """Call ``read(*arguments)`` in a child process; returns its answer and the bytes after it.

    ``read``: a function of a module; it and the arguments are pickled. ``raises``: the errors of ``read`` that are
    raised here again. ``most_written``: bytes of a file that the child may write. Raises ``ChildFailed``.
    """
    with _BUDGET.reserved(MOST_MEMORY, SLOT_SECONDS):
        status, head, rest, late = _run((read, arguments), most_written)
    if status != 0:
        log.warning("%s in a child: status %d%s", read.__qualname__, status, ", out of time" if late else "")
        what = "memory" if status == _OUT_OF_MEMORY else "time" if late else "memory or time"
        raise ChildFailed(f"reading the file takes too much {what}")
    if len(head) + len(rest) > MOST_ANSWERED:
        raise ChildFailed("the file holds more than is taken from one file")
    answer: dict[str, Any] = json.loads(head)
    if "crashed" in answer:
        log.warning("%s in a child: %s", read.__qualname__, answer["crashed"])
        raise ChildFailed("the program that reads such files failed at this one")
    if "error" in answer:
        _raise_again(answer["error"], {kind.__name__: kind for kind in raises})
    return answer, rest


class _Budget:
    """The memory that the children at work may take together. Who waits is served in the order of asking."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    @contextlib.contextmanager
    def reserved(self, size: int, seconds: float | None = None) -> Iterator[None]:
        """Hold a share of ``size`` bytes. Raises ``ChildFailed`` where it is not free within ``seconds``."""
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                free = self._changed.wait_for(lambda: self._waiting[0] is ticket and self._left >= size, seconds)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            if not free:
                raise ChildFailed("other files are being read; bring this one again in a minute", BUSY)
            self._left -= size
        try:
            if size > PAGE_MEMORY:
                _end_idle_readers()
            yield
        finally:
            with self._changed:
                self._left += size
                self._changed.notify_all()


_BUDGET: Final = _Budget(ALL_MEMORY)


def _run(call: tuple[Callable[..., ChildAnswer], tuple[Any, ...]], most_written: int) -> tuple[int, bytes, bytes, bool]:
    """The status of the child, its line of JSON and the bytes after it, together at most one byte more than
    ``MOST_ANSWERED``, and whether its time was over."""
    late = threading.Event()
    child = subprocess.Popen(  # noqa: S603 - this program, with a number of its own
        [sys.executable, "-I", "-m", "coordinator.sandbox", "file", str(most_written)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    if child.stdin is None or child.stdout is None:
        raise AssertionError("the child has pipes")

    def stop() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(WALL_SECONDS, stop)
    writer = threading.Thread(target=_write, args=(child.stdin, call), daemon=True)
    timer.start()
    writer.start()
    try:
        head = child.stdout.readline(MOST_ANSWERED + 1)
        rest = child.stdout.read(MOST_ANSWERED + 1 - len(head))
        if len(head) + len(rest) > MOST_ANSWERED:
            child.kill()
            child.wait()
            return 0, head, rest, False
        return child.wait(), head, rest, late.is_set()
    finally:
        timer.cancel()
        child.kill()
        child.wait()
        writer.join()
        child.stdout.close()


def _write(pipe: Any, call: tuple[Callable[..., ChildAnswer], tuple[Any, ...]]) -> None:
    # A child that ends before it has read everything closes the pipe; its status says why.
    with contextlib.suppress(BrokenPipeError), pipe:
        pickle.dump(call, pipe)  # a file is written as it is, without a copy


def _environment() -> dict[str, str]:
    """The environment of a child. Numerical libraries reserve memory for each thread they may start."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _error_answer(error: CampaignError) -> dict[str, Any]:
    fields = [asdict(wrong) for wrong in error.errors] if isinstance(error, Invalid) else []
    return {
        "kind": type(error).__name__, "message": error.message, "code": error.code, "params": error.params,
        "fields": fields,
    }  # fmt: skip


def _raise_again(error: Mapping[str, Any], kinds: Mapping[str, type[CampaignError]]) -> None:
    kind = kinds.get(error["kind"])
    if kind is None:
        raise ChildFailed(error["message"])
    if issubclass(kind, Invalid):
        raise kind([FieldError(**wrong) for wrong in error["fields"]])
    raise kind(error["message"], code=error["code"], **error["params"])


def _limit_resources(most_written: int) -> None:
    """Limit this process, which is a child for one file."""
    try:
        import resource  # noqa: PLC0415  # POSIX only; elsewhere the clock alone limits
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_written, most_written))


def main(most_written: int) -> int:
    """The child: a function and its arguments in, one line of JSON and bytes out."""
    _limit_resources(most_written)
    out = sys.stdout.buffer
    pieces: Iterable[bytes] = ()
    try:
        read, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301  # written by the parent
        answer, pieces = read(*arguments)
    except CampaignError as error:
        answer = {"error": _error_answer(error)}
    except (MemoryError, RecursionError):
        return _OUT_OF_MEMORY
    except Exception as error:  # noqa: BLE001  # a library's own, of any kind; the parent logs it
        answer = {"crashed": f"{type(error).__name__}: {error}"[:500]}
    try:
        out.write(json.dumps(answer, default=str).encode() + b"\n")
        for piece in pieces:
            out.write(piece)
        out.flush()
    except MemoryError:
        return _OUT_OF_MEMORY
    return 0


# Children that live for many pages. A frame: its kind, whether the child ends behind it, the length, the bytes.

_T = TypeVar("_T")
_HEADER: Final = struct.Struct(">c?I")
_CALL, _REPLY, _QUESTION, _ANSWER, _ERROR, _MEMORY = b"C", b"R", b"Q", b"A", b"E", b"M"
_idle_readers: list["_Reader"] = []
_idle_lock = threading.Lock()

Ask: TypeAlias = Callable[..., Any]  # of a question's name and its arguments


def read_in_child(
    read: Callable[..., _T],
    *arguments: Any,
    raises: tuple[type[Exception], ...] = (),
    answer: Callable[[str, list[Any]], object] | None = None,
    cpu_seconds: int = PAGE_CPU_SECONDS,
) -> _T:
    """Call ``read(*arguments)`` in a child process and return what it returns.

    ``read``: a function of a module, pickled with its arguments. Its annotation names the type of the result: frozen
    dataclasses, tuples, enums, numbers and texts, which are checked here against that type. ``raises``: the errors of
    ``read`` that are raised here again with their message. ``answer``: answers the questions of ``read``, which then
    gets a function ``ask(name, *arguments)`` before the other arguments; questions are JSON. ``cpu_seconds``: of
    processor time. Waits for its turn without end. Raises ``ChildFailed``.
    """
    with _BUDGET.reserved(PAGE_MEMORY):
        reader = _idle_reader() or _Reader()
        try:
            kind, payload = reader.call((read, arguments, answer is not None, cpu_seconds), answer)
        except BaseException:
            reader.end()
            raise
        if reader.ended:
            reader.end()
        else:
            with _idle_lock:
                _idle_readers.append(reader)
    if kind == _ANSWER:
        try:
            result: _T = _result_type(read).validate_python(json.loads(payload))
        except (ValidationError, ValueError, RecursionError) as error:
            raise ChildFailed("the program that reads such pages gave no valid answer") from error
        return result
    _raise_failure(read, kind, payload, raises)


def _raise_failure(
    read: Callable[..., Any], kind: bytes, payload: bytes, raises: tuple[type[Exception], ...]
) -> NoReturn:
    if kind == _MEMORY:
        log.warning("%s in a child: %s", read.__qualname__, payload.decode("utf-8", "replace"))
        raise ChildFailed("reading the page takes too much memory, or it is nested too deep")
    name, message = (str(part) for part in json.loads(payload))
    known = next((error for error in raises if error.__name__ == name), None)
    if known is not None:
        raise known(message)
    log.warning("%s in a child: %s: %s", read.__qualname__, name, message)
    raise ChildFailed("the program that reads such pages failed at this one")


@lru_cache(maxsize=64)
def _result_type(read: Callable[..., _T]) -> TypeAdapter[_T]:
    return TypeAdapter(get_type_hints(read)["return"])


def _idle_reader() -> "_Reader | None":
    """A child that waits for a page; those that waited long are about to end by themselves."""
    with _idle_lock:
        while _idle_readers:
            reader = _idle_readers.pop()
            if time.monotonic() - reader.idle_since < _IDLE_SECONDS / 2:
                return reader
            reader.end()
    return None


def _end_idle_readers() -> None:
    with _idle_lock:
        for reader in _idle_readers:
            reader.end()
        _idle_readers.clear()


@lru_cache(maxsize=1)
def _end_readers_at_exit() -> None:
    atexit.register(_end_idle_readers)


class _Reader:
    """One child that reads pages, as this process sees it. It ends when this process does, whatever ends that."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(  # this program, with arguments of its own
            [sys.executable, "-I", "-m", "coordinator.sandbox", "pages"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(), bufsize=0,
        )  # fmt: skip
        if self._child.stdin is None or self._child.stdout is None:
            raise AssertionError("the child has pipes")
        _end_readers_at_exit()
        self._to, self._from = self._child.stdin, self._child.stdout
        self._poll = select.poll()
        self._poll.register(self._from, select.POLLIN)
        self.idle_since = time.monotonic()
        self.ended = False

    def call(self, call: object, answer: Callable[[str, list[Any]], object] | None) -> tuple[bytes, bytes]:
        """The kind and the bytes of the child's last frame. Raises ``ChildFailed`` and whatever ``answer`` raises."""
        deadline = time.monotonic() + WALL_SECONDS
        self._send(_CALL, call)
        for _ in range(_MOST_QUESTIONS):
            kind, self.ended, length = _HEADER.unpack(self._take(_HEADER.size, deadline))
            if length > MOST_ANSWERED:
                raise ChildFailed("the page holds more than is taken from one page")
            payload = self._take(length, deadline)
            if kind != _QUESTION or answer is None:
                self.idle_since = time.monotonic()
                return kind, payload
            name, arguments = json.loads(payload)
            self._send(_REPLY, answer(name, arguments))
        raise ChildFailed("the page names more of our bulletins than are looked up for one page")

    def _send(self, kind: bytes, value: object) -> None:
        data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        with contextlib.suppress(BrokenPipeError):  # the child has ended; its status says why
            for piece in (_HEADER.pack(kind, False, len(data)), data):
                rest = memoryview(piece)
                while rest:
                    rest = rest[self._to.write(rest) or 0 :]

    def _take(self, count: int, deadline: float) -> bytes:
        pieces, left = [], count
        while left:
            if not self._poll.poll(max(deadline - time.monotonic(), 0.0) * 1000):
                raise ChildFailed("the machine had no time to read the page", LOST)
            piece = self._from.read(min(left, 1_000_000))
            if not piece:
                self._raise_ended()
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def _raise_ended(self) -> NoReturn:
        status = self._child.wait()
        log.warning("a child that read a page ended with status %d", status)
        if status in {-signal.SIGKILL, -signal.SIGTERM}:
            raise ChildFailed("the process that read the page was ended", LOST)
        if status == -signal.SIGXCPU:
            raise ChildFailed("reading the page takes too much time")
        raise ChildFailed("reading the page takes too much memory, or crashed the program that reads such pages")

    def end(self) -> None:
        """End the child."""
        self._child.kill()
        self._child.wait()
        self._to.close()
        self._from.close()


def _serve_pages() -> int:
    """The child: calls in, answers out, until the pipe ends or nothing comes for a while."""
    # Signals of a terminal or a service manager reach every process; this one ends with the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(_NICENESS)
    taken, out = sys.stdin.buffer, sys.stdout.buffer
    _limit_page_resources()
    for number in range(1, _PAGES_A_CHILD + 1):
        if not select.select([taken], [], [], _IDLE_SECONDS)[0]:
            return 0
        head = taken.read(_HEADER.size)
        if len(head) < _HEADER.size:
            return 0
        kind, payload = _outcome(taken.read(_HEADER.unpack(head)[2]), taken, out)
        ends = number == _PAGES_A_CHILD or data_size() > _HEAVY_DATA or kind == _MEMORY
        out.write(_HEADER.pack(kind, ends, len(payload)))
        out.write(payload)
        out.flush()
        if ends:
            return 0
    return 0


def _outcome(data: bytes, taken: BinaryIO, out: BinaryIO) -> tuple[bytes, bytes]:
    def ask(name: str, *arguments: Any) -> Any:
        question = json.dumps([name, arguments]).encode()
        out.write(_HEADER.pack(_QUESTION, False, len(question)) + question)
        out.flush()
        head = taken.read(_HEADER.size)
        if len(head) < _HEADER.size:
            os._exit(0)  # the parent has ended
        return pickle.loads(taken.read(_HEADER.unpack(head)[2]))  # noqa: S301  # written by the parent

    try:
        read, arguments, asks, cpu_seconds = pickle.loads(data)  # noqa: S301  # written by the parent
        limit_cpu(cpu_seconds)
        result = read(ask, *arguments) if asks else read(*arguments)
        values = _result_type(read).dump_python(result, mode="json")
        # A lone surrogate, which JSON of a page may hold, becomes a question mark.
        return _ANSWER, json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")
    except (MemoryError, RecursionError) as error:
        return _MEMORY, type(error).__name__.encode()
    except Exception as error:  # noqa: BLE001  # of any kind; the parent raises again what it knows
        return _ERROR, json.dumps([type(error).__name__, str(error)[:2000]]).encode()


def _limit_page_resources() -> None:
    """Limit this process, which is a child that reads pages."""
    try:
        import resource  # noqa: PLC0415  # POSIX only; elsewhere the clock alone limits
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (_PAGE_DATA, _PAGE_DATA))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # nothing is written to a file


def limit_own_memory() -> None:
    """Let this process hold as much more than now as a child that reads pages may hold."""
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415  # POSIX only

        now = data_size()
        if now:
            resource.setrlimit(resource.RLIMIT_DATA, (now + _PAGE_DATA, now + _PAGE_DATA))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_cpu(seconds: int) -> None:
    """Let this process use so many further seconds of processor time; the system ends it then."""
    try:
        import resource  # noqa: PLC0415  # POSIX only
    except ImportError:
        return
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds, most))


def data_size() -> int:
    """The data that this process holds, in bytes; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as numbers:
            return int(numbers.read().split()[5]) * 4096
    except OSError:
        return 0


if __name__ == "__main__":
    sys.exit(_serve_pages() if sys.argv[1] == "pages" else main(int(sys.argv[2])))
