"""Reads single cells as people write them: texts, dates, words of a list, addresses.

Each function returns the value, of an empty cell too, or raises ``BadCell`` with a message that says what was expected.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import fold

# Characters of no width, left by copying from the web and from Word.
INVISIBLE_CHARACTERS: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_EMPTY_WORDS: Final = frozenset({"", "-", "--", "n/a", "na", "null", "none", "khong", "khong co", "chua co", "x"})
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
Value = TypeVar("Value")


class BadCell(ValueError):
    """A cell that cannot be read; ``code`` is stable, the message says what was expected."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def cell_text(text: str) -> str:
    """The text of a cell on one line, "" for words such as "không có"."""
    line = " ".join(text.split())
    return "" if fold(line) in _EMPTY_WORDS else line


def limited(text: str, longest: int) -> str:
    """The same text, unless it has more characters."""
    if len(text) > longest:
        raise BadCell("too_long", f"it has {len(text)} characters; at most {longest} are taken")
    return text


def line_up_to(longest: int) -> Callable[[str], str]:
    """A reader of texts on one line with this many characters at most."""
    return lambda text: limited(cell_text(text), longest)


def first_words(words: Mapping[Value, Sequence[str]]) -> tuple[str, ...]:
    """The word that is offered for each value."""
    return tuple(names[0] for names in words.values())


def one_of(words: Mapping[Value, Sequence[str]], code: str) -> Callable[[str], Value | None]:
    """A reader of words that stand for values, in any case and with or without marks. The first word of each value is
    named where another was written."""
    values = {fold(word): value for value, names in words.items() for word in names}
    expected = ", ".join(first_words(words))

    def read(text: str) -> Value | None:
        line = cell_text(text)
        if line and fold(line) not in values:
            raise BadCell(code, f"{line!r} is not known here; expected one of {expected}")
        return values.get(fold(line))

    return read


_DAY_NUMBER: Final = re.compile(r"\d{5}(\.\d+)?")


def parse_day(text: str) -> date | None:
    """A date as dd/MM/yyyy, yyyy-MM-dd, an ISO moment (its day in the city) or "ngày 4 tháng 3 năm 2023".

    None for an empty cell. The public register's milliseconds are read too; two-digit years are refused.
    """
    line = cell_text(text)
    if not line:
        return None
    if _DAY_NUMBER.fullmatch(line):
        # The same number is another day, four years and a day off, in a workbook that counts from 1904.
        raise BadCell(
            "day_number", f"{line!r} is Excel's number of a day, not a date; give the column the form of a date"
        )
    found = _parse_day_line(line)
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise BadCell("date", f"{line!r} is not a date; expected day/month/year such as 04/03/2023, or 2023-03-04")
    return found


def _parse_day_line(line: str) -> date | None:
    # "ngày 4 - 3 - 2023" and "04/03 /2023" are how people type it.
    tight = re.sub(r"\s*([/.\-])\s*", r"\1", re.sub(r"(?i)^ngày\s+(?=\d{1,2}\s*[/.\-])", "", line))
    parts = re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?", tight)
    parts = parts or re.fullmatch(r"(?:.*, )?ngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})", fold(line))
    try:
        if parts:
            return date(int(parts[3]), int(parts[2]), int(parts[1]))
        if re.fullmatch(r"\d{13}", line):
            return city_day(datetime.fromtimestamp(int(line) / 1000, UTC))
        if re.match(r"\d{4}-\d{2}-\d{2}", line):
            moment = datetime.fromisoformat(line)
            return city_day(moment) if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None
    return None


_ERROR: Final = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|BLOCKED!|FIELD!)")


def refuse_formula_error(text: str) -> None:
    """Raise ``BadCell`` for the error of a formula, or a formula without its value."""
    if found := _ERROR.search(text):
        raise BadCell("formula_error", f"{found[0]!r} is an error that a formula came to; expected the value itself")
    if text.lstrip().startswith("="):
        raise BadCell("formula", f"{text.strip()!r} is a formula without its value; expected the value itself")


_GAPS: Final = re.compile(r"[;,\s]+")


def each_address(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    """A reader of the domains or addresses of a cell, separated by ; , white space or new lines. It raises ``Invalid``
    with the error of each that cannot be read."""

    def read_all(text: str) -> tuple[str, ...]:
        found, errors = [], []
        for part in _GAPS.split(text):
            if cell_text(part):
                try:
                    found.append(read(part))
                except BadCell as bad:
                    errors.append(FieldError("", bad.code, bad.message))
        if errors:
            raise Invalid(errors)
        return tuple(dict.fromkeys(found))

    return read_all


def split_phrases(text: str) -> tuple[str, ...]:
    """The phrases of a cell, separated by ; or new lines, by commas only where there is neither."""
    parts = re.split(r"[;\n]+", text) if re.search(r"[;\n]", text.strip()) else text.split(",")
    # Thousands of rows name the same few.
    return tuple(dict.fromkeys(sys.intern(phrase) for part in parts if (phrase := cell_text(part.strip(" .-•")))))
