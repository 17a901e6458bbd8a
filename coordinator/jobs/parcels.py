"""Rows of a file judged by several processes, told in the order of the file.

A process is given a range of bytes and reads its rows itself: the one that hands out has next to nothing to do, and no
page is copied from one process to another. Only what can be read but once, like a pipe, is read by one and sent to all.
"""

import gc
import multiprocessing
import os
import signal
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol

from coordinator.jobs.rows import Row, Rows

# Parcels are small enough to keep order cheaply and all processes at work, and large enough to be worth sending.
LINES = 32
BYTES = 2 * 1024 * 1024
_LEAST_BYTES = 64 * 1024
_ENDING = (signal.SIGINT, signal.SIGTERM)
_EACH = 16  # of a file that is not large, so many parcels for each process
AHEAD = 3  # parcels on their way for each process; no more are begun before the first is told

Told = tuple[int, list[str], str | None]  # the row's number, lines to write, what is wrong with it
Progress = Callable[[int], None] | None
_Parcel = tuple[int, list[Told]]  # how many lines it had, and what is told of its rows, numbered within it


class LineJudge(Protocol):
    """Whoever judges a row."""

    def line(self, number: int, raw: bytes | None) -> Told:
        """What is told of one row."""
        ...


def judged(judge: LineJudge, path: Path, workers: int, progress: Progress) -> Iterator[Told]:
    """What is told of each row of a file, in order. Raises ``BrokenProcessPool`` when a process dies."""
    with path.open("rb") as file:
        if workers <= 1:
            yield from (judge.line(*row) for row in Rows(file, progress))
        elif stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            size = os.fstat(file.fileno()).st_size
            yield from _in_ranges(judge, path, size, workers, progress)
        else:
            yield from _by_hand(judge, Rows(file, progress), workers)


class _Here:
    """What a process that judges has, set once when it starts."""

    judge: LineJudge
    file: BinaryIO


def _end_with_parent() -> None:
    # Killed outright, the one that hands out ends nobody: without this the others would wait for it for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _begin(judge: LineJudge, path: Path | None) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Ctrl-C and SIGTERM are for the one that hands out, which ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)  # held back when this process was made
    _Here.judge = judge
    if path is not None:
        _Here.file = path.open("rb")  # one of its own: an inherited one would share its position
    gc.freeze()  # what is there already stays to the end and need not be looked through again


def _judge_range(start: int, end: int | None) -> _Parcel:
    rows = Rows(_Here.file)
    told = [_Here.judge.line(number, raw) for number, raw in rows.between(start, end)]
    return rows.number, told


def _judge_rows(parcel: list[Row]) -> list[Told]:
    return [_Here.judge.line(number, raw) for number, raw in parcel]


@contextmanager
def _pool(judge: LineJudge, path: Path | None, workers: int) -> Iterator[ProcessPoolExecutor]:
    # A forked process shares the bulletins' memory; where there is no fork they are copied once to each.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(judge, path)) as pool:
        # The processes begin with the first task, and then the thread that can end them. Interrupted between the two
        # they would wait for ever, and whoever interrupts for them.
        with _undisturbed():
            pool.submit(os.getpid)
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C and SIGTERM come afterwards, where the system can hold them back."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _in_ranges(judge: LineJudge, path: Path, size: int, workers: int, progress: Progress) -> Iterator[Told]:
    step = max(_LEAST_BYTES, min(BYTES, size // (_EACH * workers)))
    # The last has no end: a file that has grown in the meantime is read whole.
    starts = list(range(0, size, step)) or [0]
    ranges = zip(starts, chain(starts[1:], [None]), strict=True)
    waiting: deque[tuple[int, Future[_Parcel]]] = deque()
    before = 0

    def first() -> Iterator[Told]:
        nonlocal before
        end, future = waiting.popleft()
        lines, told = future.result()
        for number, written, wrong in told:
            yield before + number, written, wrong
        before += lines
        if progress is not None:
            progress(end)

    with _pool(judge, path, workers) as pool:
        for start, end in ranges:
            waiting.append((end or size, pool.submit(_judge_range, start, end)))
            if len(waiting) >= AHEAD * workers:
                yield from first()
        while waiting:
            yield from first()


def _by_hand(judge: LineJudge, rows: Iterable[Row], workers: int) -> Iterator[Told]:
    waiting: deque[Future[list[Told]]] = deque()
    with _pool(judge, None, workers) as pool:
        for parcel in _parcels(rows):
            waiting.append(pool.submit(_judge_rows, parcel))
            if len(waiting) >= AHEAD * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _parcels(rows: Iterable[Row]) -> Iterator[list[Row]]:
    parcel: list[Row] = []
    size = 0
    for row in rows:
        parcel.append(row)
        size += len(row[1] or b"")
        if len(parcel) >= LINES or size >= BYTES:
            yield parcel
            parcel, size = [], 0
    if parcel:
        yield parcel
