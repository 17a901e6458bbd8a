"""Files of JSON lines: numbered lines, read one at a time, and the check of their fields."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

from campaigns.core.errors import CampaignError
from campaigns.discovery.urls import canonical_url
from campaigns.republications.attribution.name_spellings import NO_SPELLINGS
from campaigns.republications.attribution.source_lines import SourceName
from campaigns.republications.dating.time_expressions import read_moment

LONGEST_LINE = 64 * 1024 * 1024  # bytes; a longer line is reported and skipped without being read into memory


class Line(NamedTuple):
    """A line of a file: its number from 1, its bytes (None when it is too long), and the offset of its end."""

    number: int
    raw: bytes | None
    end: int


class BadLine(Exception):
    """A line is invalid; the message says what is wrong and what was expected."""


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """Yield the lines of a stream. Empty lines are counted and skipped."""
    number = end = 0
    while raw := file.readline(LONGEST_LINE):
        number += 1
        end += len(raw)
        complete = raw.endswith(b"\n") or len(raw) < LONGEST_LINE
        while not raw.endswith(b"\n") and len(raw) == LONGEST_LINE:
            raw = file.readline(LONGEST_LINE)
            end += len(raw)
        if not complete:
            yield Line(number, None, end)
        elif raw.strip():
            yield Line(number, raw, end)


def parsed_line(raw: bytes | None) -> dict[str, Any]:
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
        raise BadLine(f"{_json_type(line)}, expected a JSON object")
    return line


def _json_type(value: Any) -> str:
    """The JSON name of a value's type."""
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


def text_field(
    line: dict[str, Any], key: str, *, needed: bool = True, filled: bool = True, expected: str = "a string"
) -> str:
    """A field that is text; "" when it is absent and not ``needed``. Raises ``BadLine``, which says ``expected``."""
    value = line.get(key)
    if value is None and not needed:
        return ""
    if key not in line:
        raise BadLine(f"no {key!r}, expected {expected}")
    if not isinstance(value, str):
        raise BadLine(f"{key!r} is {_json_type(value)}, expected {expected}")
    if needed and filled and not value.strip():
        raise BadLine(f"{key!r} is empty, expected {expected} with something in it")
    return value


def ident_field(line: dict[str, Any]) -> str | int:
    """The id, text or whole number. Raises ``BadLine``."""
    value = line.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return text_field(line, "id", expected="a string or a whole number")


def address_field(line: dict[str, Any]) -> str:
    """The address, as written. Raises ``BadLine``."""
    url = text_field(line, "url")
    try:
        canonical_url(url)
    except CampaignError as error:
        raise BadLine(f"{error}, expected an absolute http or https address") from None
    return url


def time_field(line: dict[str, Any], key: str) -> datetime | None:
    """A field that is a time; None when it is absent. Raises ``BadLine``."""
    text = text_field(line, key, needed=False)
    if not text:
        return None
    moment = read_moment(text)
    if moment is None:
        raise BadLine(f"{key!r} is {text[:60]!r}, expected a time like 2026-11-24T07:30:00+07:00")
    return moment.at


def names_field(line: dict[str, Any], default: tuple[SourceName, ...]) -> tuple[SourceName, ...]:
    """The names that count as naming us, with the abbreviations of the default ones. Raises ``BadLine``."""
    names = line.get("source_names")
    if names is None:
        return default
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadLine('\'source_names\' is no list of strings, expected one like ["Sở A", "Sở A thành phố"]')
    spellings = default[0].spellings if default else NO_SPELLINGS
    return tuple(SourceName(name, spellings=spellings) for name in names)
