"""Child processes with limits on memory, time and output, in which files from outside are read.

Whatever a hostile file does to the library that reads it ends with the child. The child gets a function and its
arguments, and answers one line of JSON, followed by bytes; nothing of its answer is executed. It has none of this
process's environment, which holds secrets.
"""

import contextlib
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from campaigns.core.errors import CampaignError, FieldError, Invalid

log = logging.getLogger(__name__)

MOST_MEMORY: Final = 500_000_000  # bytes of address space; a picture of 40 million pixels needs two thirds of it
CPU_SECONDS: Final = 10  # of processor time; a Word file of 300 pages takes three
WALL_SECONDS: Final = 60.0  # seconds by the clock, on a busy machine
MOST_ANSWERED: Final = 40_000_000  # bytes; a scan, which is returned unchanged, may have 20 million
SLOT_SECONDS: Final = 15.0  # seconds that a brought file waits for its turn; a person waits for the page
# Each child may take all its memory, so that only a few run at once. Pages that workers fetched wait apart from files
# that people brought.
_BROUGHT_SLOTS: Final = threading.BoundedSemaphore(2)
_FETCHED_SLOTS: Final = threading.BoundedSemaphore(2)
_OUT_OF_MEMORY: Final = 3  # exit status of the child

ChildAnswer: TypeAlias = tuple[dict[str, Any], Iterable[bytes]]


BUSY: Final = "busy_reading"


class ChildFailed(Exception):
    """The child ended without an answer: the file takes too much memory or time, or crashed the library. ``code``:
    ``too_heavy``, or ``BUSY`` where no child was free and the file was not read."""

    def __init__(self, message: str, code: str = "too_heavy") -> None:
        super().__init__(message)
        self.code = code


def run_child(
    read: Callable[..., ChildAnswer],
    *arguments: Any,
    fetched: bool = False,
    raises: Iterable[type[CampaignError]] = (),
) -> tuple[dict[str, Any], bytes]:
    """Call ``read(*arguments)`` in a child process; returns its answer and the bytes after it.

    ``read``: a function of a module; it and the arguments are pickled. ``fetched``: a worker fetched what is read, and
    waits for its turn without end. ``raises``: the errors of ``read`` that are raised here again. Raises
    ``ChildFailed``.
    """
    with _slot(_FETCHED_SLOTS if fetched else _BROUGHT_SLOTS, None if fetched else SLOT_SECONDS):
        status, head, rest, late = _run((read, arguments))
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


@contextlib.contextmanager
def _slot(slots: threading.BoundedSemaphore, seconds: float | None) -> Iterator[None]:
    if not slots.acquire(timeout=seconds):
        raise ChildFailed("other files are being read; bring this one again in a minute", BUSY)
    try:
        yield
    finally:
        slots.release()


def _run(call: tuple[Callable[..., ChildAnswer], tuple[Any, ...]]) -> tuple[int, bytes, bytes, bool]:
    """The status of the child, its line of JSON and the bytes after it, together at most one byte more than
    ``MOST_ANSWERED``, and whether its time was over."""
    late = threading.Event()
    child = subprocess.Popen(  # this program, with arguments of its own
        [sys.executable, "-I", "-m", "coordinator.sandbox"],
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


def _limit_resources() -> None:
    """Limit this process, which is a child."""
    try:
        import resource  # noqa: PLC0415  # POSIX only; elsewhere the clock alone limits
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # nothing is written to a file


def main() -> int:
    """The child: a function and its arguments in, one line of JSON and bytes out."""
    _limit_resources()
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


if __name__ == "__main__":
    sys.exit(main())
