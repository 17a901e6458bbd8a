"""The bulletins of a file, of any number: their hashes in sorted columns, and each read again when a page may carry it.

A bulletin made ready takes some twenty thousand bytes, a hundred thousand of them two gigabytes. Here one takes what
its hashes take, twelve bytes each in a mapped file that all processes share, and where its line begins.
"""

import os
import shutil
import stat
import tempfile
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from campaigns.tracking.attribution import OurSource
from campaigns.tracking.candidates import ColumnIndex
from campaigns.tracking.prepared import PreparedBulletin, fingerprint_in, prepare
from coordinator.jobs.columns import Gathering
from coordinator.jobs.rows import BadLine, Rows, address_of, ident_of, loaded, moment_of, names_of, text_of

AT_HAND = 600  # bulletins kept ready, some 15 MB: those that a site announces stand on each of its pages


@dataclass(frozen=True)
class Known:
    """What a verdict needs to know of a bulletin beside its text."""

    ident: str | int
    source: OurSource
    published_at: datetime | None


class Shelf:
    """All bulletins of a file, to be looked up, and read when they are wanted."""

    def __init__(self, path: Path, default_names: Sequence[str], complain: Callable[[int, str], None]) -> None:
        """Read the file. ``complain`` is told of every bad row, which is then left out.

        What cannot be read twice, like a pipe, is first copied into a file without a name.
        """
        self._names = tuple(default_names)
        self._at, self._lengths = array("q"), array("l")
        self._held: OrderedDict[int, tuple[PreparedBulletin, Known]] = OrderedDict()
        self._places: dict[str, int] = {}
        self._file = _readable_again(path)
        try:
            with Gathering() as gathering:
                self._read_all(gathering, complain)
                self.index = ColumnIndex(gathering.columns(), self._fetch)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def _read_all(self, gathering: Gathering, complain: Callable[[int, str], None]) -> None:
        taken: set[str] = set()
        rows = Rows(self._file)
        for number, raw in rows:
            try:
                bulletin = self._read(raw)
                ident = bulletin.known.ident
                if str(ident) in taken:
                    raise BadLine(f"the id {ident!r} was used in an earlier line, expected each once")
            except BadLine as bad:
                complain(number, str(bad))
                continue
            taken.add(str(ident))
            gathering.add(fingerprint_in(bulletin.title, bulletin.lead, bulletin.text))
            self._at.append(rows.at)
            self._lengths.append(len(raw or b""))

    def known(self, ident: str) -> Known:
        """What there is to know of a bulletin that a look-up for the page at hand has found."""
        return self._held[self._places[ident]][1]

    def _fetch(self, place: int) -> PreparedBulletin:
        if place in self._held:
            self._held.move_to_end(place)
            return self._held[place][0]
        raw = _read_at(self._file, self._lengths[place], self._at[place])
        read = self._read(raw)
        prepared = prepare(str(read.known.ident), read.title, read.lead, read.text)
        self._held[place] = prepared, read.known
        self._places[prepared.id] = place
        if len(self._held) > AT_HAND:
            _, (oldest, _) = self._held.popitem(last=False)
            del self._places[oldest.id]
        return prepared

    def _read(self, raw: bytes | None) -> "_Bulletin":
        line = loaded(raw)
        ident = ident_of(line)
        title, text = text_of(line, "title"), text_of(line, "text")
        lead, url = text_of(line, "lead", needed=False), address_of(line)
        source = OurSource((url,), names=names_of(line, self._names))
        return _Bulletin(title, lead, text, Known(ident, source, moment_of(line, "published_at")))


@dataclass(frozen=True)
class _Bulletin:
    title: str
    lead: str
    text: str
    known: Known


def _readable_again(path: Path) -> BinaryIO:
    file = path.open("rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    with file:
        copy = cast(BinaryIO, tempfile.TemporaryFile(prefix="lantoa-"))  # noqa: SIM115  # the shelf closes it
        shutil.copyfileobj(file, copy, 1 << 20)
        copy.seek(0)
        return copy


def _read_at(file: BinaryIO, length: int, at: int) -> bytes:
    """So many bytes from an offset. Processes that were forked share the position of an open file, so it is not used;
    Windows, where nothing is forked, cannot read without it."""
    if hasattr(os, "pread"):
        return os.pread(file.fileno(), length, at)
    file.seek(at)
    return file.read(length)
