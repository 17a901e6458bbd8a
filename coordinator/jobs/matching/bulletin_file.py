"""The bulletins of a file: an index of all their hashes in memory, and each bulletin prepared when a page may carry it.

Of a bulletin the index takes some six hundred bytes; prepared for comparison it takes twenty thousand, so that only the
most recently used are kept prepared. The others are read again from the file.
"""

import os
import shutil
import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from campaigns.discovery.urls import page_key
from campaigns.matching.candidates import HashIndex
from campaigns.matching.fingerprints import Hashes
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
from coordinator.jobs.matching.picture_check import BulletinPictures, pictures_field

KEPT_PREPARED = 600  # bulletins, some 15 MB: a site that announces a bulletin does so on each of its pages


@dataclass(frozen=True)
class CheckedBulletin:
    """One bulletin of the file."""

    ident: str | int
    source: OurSource
    published_at: datetime | None


class BulletinFile:
    """All bulletins of a file. ``index`` finds those that share hashes with a page, ``find`` one by its id, written as
    text. Forked processes may share it; the file must stay as it is meanwhile."""

    def __init__(
        self, path: Path, default_names: Sequence[SourceName], report_bad_line: Callable[[int, str], None]
    ) -> None:
        """Read the file. Each bad line is reported with its number and left out."""
        self._default_names = tuple(default_names)
        self._offsets, self._lengths = array("q"), array("q")  # of each bulletin's line
        self._positions: dict[str, int] = {}
        self._released: list[float | None] = []  # as timestamps
        self._by_page: dict[str, str] = {}  # ids by the key of their address
        self.pictures = BulletinPictures()
        self._picture_texts: dict[str, str] = {}  # of bulletins that are pictures only, by id
        self._file = _seekable(path)
        # Few bulletins are asked for again and again; their lines are checked and prepared once.
        self.find = lru_cache(maxsize=KEPT_PREPARED)(self._find)
        prepared_at = lru_cache(maxsize=KEPT_PREPARED)(self._prepared_at)
        self.index = HashIndex(self._read(report_bad_line), prepared_at, self._released, self._positions)
        self.pictures.close()

    def _read(self, report_bad_line: Callable[[int, str], None]) -> Iterator[Hashes]:
        """Record each bulletin of the file, and yield its fingerprint."""
        for line in read_lines(self._file):
            try:
                fields = parsed_line(line.raw)
                bulletin = checked_bulletin(fields, self._default_names)
                ident = str(bulletin.ident)
                if ident in self._positions:
                    raise BadLine(f"the id {bulletin.ident!r} was used in an earlier line, expected each once")
                in_pictures = self.pictures.add(ident, pictures_field(fields))
                if not fields["text"].strip():
                    self._picture_texts[ident] = in_pictures
            except BadLine as bad:
                report_bad_line(line.number, str(bad))
                continue
            length = len(line.raw or b"")
            self._positions[ident] = len(self._offsets)
            self._offsets.append(line.end - length)
            self._lengths.append(length)
            released = bulletin.published_at
            self._released.append(released.timestamp() if released is not None else None)
            for url in bulletin.source.urls:
                if (key := page_key(url)) is not None:
                    self._by_page.setdefault(key, ident)
            yield self._prepared(fields).fingerprint

    def _find(self, ident: str) -> CheckedBulletin:
        return checked_bulletin(self._fields_at(self._positions[ident]), self._default_names)

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

    def _prepared_at(self, position: int) -> PreparedBulletin:
        return self._prepared(self._fields_at(position))

    def _prepared(self, fields: dict[str, Any]) -> PreparedBulletin:
        """The text of a line whose fields were checked; of a bulletin of pictures only, the text in them."""
        ident = str(fields["id"])
        text = self._picture_texts.get(ident, fields["text"])
        return prepare_bulletin(ident, fields["title"], fields.get("lead") or "", text)

    def _fields_at(self, position: int) -> dict[str, Any]:
        # Reads at an offset of its own: processes that were forked share the position of the file.
        return parsed_line(os.pread(self._file.fileno(), self._lengths[position], self._offsets[position]))


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


def checked_bulletin(fields: dict[str, Any], default_names: tuple[SourceName, ...]) -> CheckedBulletin:
    """The bulletin of a line; one without names of its own has the default ones. Raises ``BadLine``."""
    ident = ident_field(fields)
    pictures_only = bool(fields.get("pictures"))
    for name, needed in (("title", True), ("text", True), ("lead", False)):
        text_field(fields, name, needed=needed, filled=name != "text" or not pictures_only)
    source = OurSource((address_field(fields),), names=names_field(fields, default_names))
    return CheckedBulletin(ident, source, time_field(fields, "published_at"))
