"""Files of JSON lines, read a line at a time: rows with their numbers, and a row's fields or what is wrong with it."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from campaigns.core.errors import CampaignError
from campaigns.tracking.dating import read_moment
from campaigns.tracking.naming import SourceName
from campaigns.tracking.urls import canonical_url

# A line longer than this is no page; it is passed over without being read into memory.
LONGEST_LINE = 64 * 1024 * 1024

Row = tuple[int, bytes | None]  # its number from 1, and its bytes; None for one that is too long


class BadLine(Exception):
    """A line that cannot be taken; the message says what is wrong and what was expected."""


class Rows:
    """The lines of a stream, each read when it is asked for; those that are empty are counted and passed over.

    ``number`` and ``at``: of the line that was given last, its number from 1 and the offset of its first byte.
    """

    def __init__(self, file: BinaryIO, progress: Callable[[int], None] | None = None) -> None:
        self._file, self._progress = file, progress
        self.number = 0
        self.at = 0

    def __iter__(self) -> Iterator[Row]:
        yield from self.until(None)

    def between(self, start: int, end: int | None) -> Iterator[Row]:
        """Those whose first byte lies at ``start`` or behind and before ``end``, numbered from 1; None: to the end.

        Ranges that lie side by side give every line once, wherever their borders fall.
        """
        self._file.seek(start)
        at = start
        if start:
            self._file.seek(start - 1)
            # The line that the one before began; where it does not end in this range, none begins in it.
            begun = self._file.readline(LONGEST_LINE if end is None else end - start + 1)
            while end is None and len(begun) == LONGEST_LINE and not begun.endswith(b"\n"):
                at += len(begun)
                begun = self._file.readline(LONGEST_LINE)
            if not begun.endswith(b"\n"):
                return
            at += len(begun) - 1
        yield from self.until(end, at)

    def until(self, end: int | None, at: int = 0) -> Iterator[Row]:
        """Those from where the stream stands, which is its byte ``at``."""
        while (end is None or at < end) and (raw := self._file.readline(LONGEST_LINE)):
            self.number += 1
            self.at = at
            at += len(raw)
            whole = raw.endswith(b"\n") or len(raw) < LONGEST_LINE
            while not raw.endswith(b"\n") and len(raw) == LONGEST_LINE:
                raw = self._file.readline(LONGEST_LINE)
                at += len(raw)
            if self._progress is not None:
                self._progress(at)
            if not whole:
                yield self.number, None
            elif raw.strip():
                yield self.number, raw


def loaded(raw: bytes | None) -> dict[str, Any]:
    """The object of a line. Raises ``BadLine``."""
    if raw is None:
        raise BadLine(f"longer than {LONGEST_LINE} bytes, expected one JSON object a line")
    try:
        line = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadLine("not UTF-8, expected one JSON object a line in UTF-8") from None
    except RecursionError:
        raise BadLine("nested too deeply, expected one flat JSON object") from None
    except ValueError as error:
        raise BadLine(f"not JSON ({error}), expected one JSON object a line") from None
    if not isinstance(line, dict):
        raise BadLine(f"{_kind(line)}, expected a JSON object")
    return line


def _kind(value: Any) -> str:
    """What a value is, as JSON calls it."""
    match value:
        case None:
            return "null"
        case bool():
            return json.dumps(value)
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


def text_of(
    line: dict[str, Any], key: str, *, needed: bool = True, filled: bool = True, expected: str = "a string"
) -> str:
    """A field that is text; "" when it is absent and not ``needed``. Raises ``BadLine``, which says ``expected``."""
    value = line.get(key)
    if value is None and not needed:
        return ""
    if key not in line:
        raise BadLine(f"no {key!r}, expected {expected}")
    if not isinstance(value, str):
        raise BadLine(f"{key!r} is {_kind(value)}, expected {expected}")
    if needed and filled and not value.strip():
        raise BadLine(f"{key!r} is empty, expected {expected} with something in it")
    return value


def ident_of(line: dict[str, Any]) -> str | int:
    """The id, text or whole number. Raises ``BadLine``."""
    value = line.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return text_of(line, "id", expected="a string or a whole number")


def address_of(line: dict[str, Any]) -> str:
    """The address, as written. Raises ``BadLine``."""
    url = text_of(line, "url")
    try:
        canonical_url(url)
    except CampaignError as error:
        raise BadLine(f"{error}, expected an absolute http or https address") from None
    return url


def moment_of(line: dict[str, Any], key: str) -> datetime | None:
    """A field that is a time; None when it is absent. Raises ``BadLine``."""
    text = text_of(line, key, needed=False)
    if not text:
        return None
    moment = read_moment(text)
    if moment is None:
        raise BadLine(f"{key!r} is {text[:60]!r}, expected a time like 2026-11-24T07:30:00+07:00")
    return moment.at


def names_of(line: dict[str, Any], default: Sequence[str]) -> tuple[SourceName, ...]:
    """The names that count as naming us. Raises ``BadLine``."""
    names = line.get("source_names")
    if names is None:
        return tuple(SourceName(name) for name in default)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadLine('\'source_names\' is no list of strings, expected one like ["Sở A", "Sở A thành phố"]')
    return tuple(SourceName(name) for name in names)
