"""The bulletins of a file: an index of all their hashes in memory, and each bulletin prepared when a page may carry it.

Of a bulletin the index takes some six hundred bytes; prepared for comparison it takes twenty thousand, so that only the
most recently used are kept prepared. The others are read again from the file.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from campaigns.discovery.urls import page_key
from campaigns.matching.candidates import HashIndex
from campaigns.matching.prepared_bulletin import PreparedBulletin, prepare_bulletin
from campaigns.republications.attribution.source_lines import SourceName
from campaigns.republications.attribution.verdicts import OurSource
from coordinator.jobs.matching.json_lines import (
    BadLine,
    address_field,
    ident_field,
    names_field,
    parsed_line,
    read_lines,
    text_field,
    time_field,
)

KEPT_PREPARED = 600  # bulletins, some 15 MB: a site that announces a bulletin does so on each of its pages


@dataclass(frozen=True)
class CheckedBulletin:
    """One bulletin of the file."""

    ident: str | int
    source: OurSource
    published_at: datetime | None
    prepared: PreparedBulletin


class BulletinFile:
    """All bulletins of a file. ``index`` finds those that share hashes with a page. Forked processes may share it;
    the file must stay as it is meanwhile."""

    def __init__(
        self, path: Path, default_names: Sequence[SourceName], report_bad_line: Callable[[int, str], None]
    ) -> None:
        """Read the file. Each bad line is reported with its number and left out."""
        self._default_names = tuple(default_names)
        self._spans: list[tuple[int, int]] = []  # offset and length of each bulletin's line
        self._positions: dict[str, int] = {}
        self._released: list[float | None] = []  # as timestamps
        self._by_page: dict[str, str] = {}  # ids by the key of their address
        fingerprints = []
        self._file = _seekable(path)
        for line in read_lines(self._file):
            try:
                bulletin = read_bulletin(line.raw, self._default_names)
                if str(bulletin.ident) in self._positions:
                    raise BadLine(f"the id {bulletin.ident!r} was used in an earlier line, expected each once")
            except BadLine as bad:
                report_bad_line(line.number, str(bad))
                continue
            length = len(line.raw or b"")
            self._positions[str(bulletin.ident)] = len(self._spans)
            self._spans.append((line.end - length, length))
            released = bulletin.published_at
            self._released.append(released.timestamp() if released is not None else None)
            for url in bulletin.source.urls:
                if (key := page_key(url)) is not None:
                    self._by_page.setdefault(key, str(bulletin.ident))
            fingerprints.append(bulletin.prepared.fingerprint)
        self.index = HashIndex(fingerprints, self._prepared_at, self._released, self._positions)

    def find(self, ident: str) -> CheckedBulletin:
        """The bulletin with this id, written as text."""
        return self._read(self._positions[ident])

    def bulletin_at(self, url: str) -> str | None:
        """The bulletin of the file whose address this is, or is above it; None for any other address."""
        key = page_key(url)
        while key is not None and "/" in key:
            if (ident := self._by_page.get(key)) is not None:
                return ident
            head, _, name = key.rpartition("/")
            key = f"{head}/{name.rpartition('.')[0]}" if "." in name else head
        return None

    def released_at(self, ident: str) -> datetime | None:
        """When a bulletin was published, as the file says."""
        return self.find(ident).published_at

    def delivered(self, ident: str) -> int:
        """Not known."""
        return 0

    def close(self) -> None:
        """Close the file; no bulletin is found any more."""
        self._file.close()

    def _read(self, position: int) -> CheckedBulletin:
        offset, length = self._spans[position]
        # Reads at an offset of its own: processes that were forked share the position of the file.
        return read_bulletin(os.pread(self._file.fileno(), length, offset), self._default_names)

    def _prepared_at(self, position: int) -> PreparedBulletin:
        return self._read(position).prepared


def _seekable(path: Path) -> BinaryIO:
    """The opened file, or a temporary copy of one that can be read only once, such as a pipe."""
    file = path.open("rb")
    if file.seekable():
        return file
    with file:
        copy = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the bulletins
        shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


@lru_cache(maxsize=KEPT_PREPARED)
def read_bulletin(raw: bytes | None, default_names: tuple[SourceName, ...]) -> CheckedBulletin:
    """The bulletin on a line; one without names of its own has the default ones. Raises ``BadLine``."""
    fields = parsed_line(raw)
    ident = ident_field(fields)
    title, text = text_field(fields, "title"), text_field(fields, "text")
    lead, url = text_field(fields, "lead", needed=False), address_field(fields)
    source = OurSource((url,), names=names_field(fields, default_names))
    published_at = time_field(fields, "published_at")
    return CheckedBulletin(ident, source, published_at, prepare_bulletin(str(ident), title, lead, text))
