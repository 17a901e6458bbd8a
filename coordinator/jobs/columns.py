"""The hashes of any number of bulletins as two sorted columns in a file, put together without holding them in memory.

Hashes come in the order of the bulletins. As many as fit a chunk are sorted and written as a run; in the end the runs
are cut at the same values, and what lies between two cuts is sorted and written, one stretch behind the other.
"""

import tempfile
from dataclasses import dataclass
from typing import BinaryIO, cast

import numpy as np

from campaigns.tracking.candidates import Bits, Columns, Owners
from campaigns.tracking.fingerprints import Hashes

CHUNK = 1 << 18  # hashes sorted at once: 3 MB, and as much again while they are
_SAMPLES = 64  # of each run, by which the cuts are chosen
_HASH, _OWNER = 8, 4  # bytes


@dataclass(frozen=True)
class _Run:
    """Where a run lies in the file: ``count`` hashes, and behind them as many owners."""

    at: int
    count: int
    samples: Hashes


class Gathering:
    """Columns that are being put together. Its files have no name, so that nothing is left behind however it ends."""

    def __init__(self, chunk: int = CHUNK) -> None:
        self._chunk = chunk
        self._waiting: list[tuple[Hashes, int]] = []
        self._held = 0
        self._sizes: list[int] = []
        self._runs: list[_Run] = []
        self._file = cast(BinaryIO, tempfile.TemporaryFile(prefix="lantoa-"))  # noqa: SIM115  # closed by its user

    def __enter__(self) -> "Gathering":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, hashes: Hashes) -> None:
        """The next bulletin's, sorted or not."""
        self._waiting.append((hashes, len(self._sizes)))
        self._sizes.append(hashes.size)
        self._held += hashes.size
        if self._held >= self._chunk:
            self._write_run()

    def _write_run(self) -> None:
        if not self._held:
            return
        hashes = np.concatenate([one for one, _ in self._waiting])
        owners = np.repeat(
            np.array([owner for _, owner in self._waiting], dtype=np.int32), [one.size for one, _ in self._waiting]
        )
        order = np.argsort(hashes, kind="stable")
        hashes = hashes[order]
        at = -(-self._file.seek(0, 2) // _HASH) * _HASH  # numbers that lie across words would be copied to be searched
        self._file.seek(at)
        self._file.write(hashes.tobytes())
        self._file.write(owners[order].tobytes())
        self._runs.append(_Run(at, hashes.size, hashes[:: max(1, hashes.size // _SAMPLES)].copy()))
        self._waiting, self._held = [], 0

    def columns(self) -> Columns:
        """All of it, in a file that is mapped into memory."""
        self._write_run()
        sizes = np.array(self._sizes, dtype=np.int32)
        total = sum(run.count for run in self._runs)
        if total == 0:
            return Columns(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), sizes)
        bits = Bits(total)
        with tempfile.TemporaryFile(prefix="lantoa-") as target:
            done = 0
            for low, high in self._cuts(total):
                hashes, owners = self._stretch(low, high)
                bits.add(hashes)
                target.seek(_HASH * done)
                target.write(hashes.tobytes())
                target.seek(_HASH * total + _OWNER * done)
                target.write(owners.tobytes())
                done += hashes.size
            target.flush()
            # The maps stay when the file is closed.
            return Columns(
                np.memmap(target, dtype=np.int64, mode="r", shape=(total,)),
                np.memmap(target, dtype=np.int32, mode="r", offset=_HASH * total, shape=(total,)),
                sizes,
                bits,
            )

    def _cuts(self, total: int) -> list[tuple[int | None, int | None]]:
        """Pairs of values between which about a chunk lies; None for the ends."""
        samples = np.sort(np.concatenate([run.samples for run in self._runs]))
        step = max(1, samples.size * self._chunk // total)
        inner = [int(one) for one in np.unique(samples[step::step])]
        return list(zip([None, *inner], [*inner, None], strict=True))

    def _stretch(self, low: int | None, high: int | None) -> tuple[Hashes, Owners]:
        """Everything from ``low`` to before ``high``, sorted, ties by owner."""
        hashes, owners = [], []
        for run in self._runs:
            column = np.memmap(self._file, dtype=np.int64, mode="r", offset=run.at, shape=(run.count,))
            first = 0 if low is None else int(np.searchsorted(column, low))
            last = run.count if high is None else int(np.searchsorted(column, high))
            del column
            self._file.seek(run.at + _HASH * first)
            hashes.append(np.frombuffer(self._file.read(_HASH * (last - first)), dtype=np.int64))
            self._file.seek(run.at + _HASH * run.count + _OWNER * first)
            owners.append(np.frombuffer(self._file.read(_OWNER * (last - first)), dtype=np.int32))
        together = np.concatenate(hashes)
        order = np.argsort(together, kind="stable")
        return together[order], np.concatenate(owners)[order]
