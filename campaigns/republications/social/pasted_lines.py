"""Pasted lines: an address, optionally the day of the post, and optionally the first words of it. Pure."""

import datetime as dt
import re
from dataclasses import dataclass

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR

LONGEST_WORDS = 500  # characters of a post's first words that are used
LONGEST_ADDRESS = 2000
MOST_LINES = 200  # in one paste; a person who has more pastes again

_ADDRESS = re.compile(
    r"(?P<scheme>https?://)?(?P<rest>[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:[/?#]\S*)?)", re.IGNORECASE
)
# Without a year only 24/11 is a day: "3.5 triệu" and "5-10 người" are words.
_DAY = re.compile(
    r"(?P<day>\d{1,2})(?:/(?P<month>\d{1,2})|(?P<mark>[/.-])(?P<of>\d{1,2})(?P=mark)(?P<year>\d{4}))(?![\w/.])"
    r"|(?P<iso>\d{4}-\d{2}-\d{2})(?![\w/.])"
)
_MARKS = " \t;,|–—-"


@dataclass(frozen=True)
class PastedLine:
    """One line with an address. ``day``: that of the post, None where the line has none."""

    number: int
    url: str
    day: dt.date | None
    words: str


@dataclass(frozen=True)
class RefusedLine:
    """A line that is not taken. ``code``: ``no_address``, ``bad_day``, ``too_long`` or ``too_many``."""

    number: int
    text: str
    code: str


def read_lines(text: str, today: dt.date) -> tuple[list[PastedLine], list[RefusedLine]]:
    """Read the lines of a text; empty ones are left out. A day without a year is the last such day until today. The
    address may stand before or after the other parts."""
    taken: list[PastedLine] = []
    refused: list[RefusedLine] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = " ".join(raw.split())
        if not line:
            continue
        read = _read_line(number, line, today) if len(taken) < MOST_LINES else RefusedLine(number, line, "too_many")
        if isinstance(read, PastedLine):
            taken.append(read)
        else:
            refused.append(read)
    return taken, refused


def _read_line(number: int, line: str, today: dt.date) -> PastedLine | RefusedLine:
    found = next((word for word in line.split() if _is_address(word.strip(_MARKS + "<>()\"'"))), None)
    if found is None:
        return RefusedLine(number, line, "no_address")
    address = found.strip(_MARKS + "<>()\"'")
    if len(address) > LONGEST_ADDRESS:
        return RefusedLine(number, line, "too_long")
    rest = line.replace(found, " ", 1).strip(_MARKS)
    day = None
    if given := _DAY.match(rest):
        day = _day(given, today)
        if day is None:
            return RefusedLine(number, line, "bad_day")
        rest = rest[given.end() :].strip(_MARKS)
    url = address if "://" in address else f"https://{address}"
    return PastedLine(number, url, day, rest[:LONGEST_WORDS])


def _is_address(word: str) -> bool:
    given = _ADDRESS.fullmatch(word)
    # "26.11" and "3.500" are no hosts; without a scheme a path shows that an address is meant.
    return given is not None and (given["scheme"] is not None or "/" in given["rest"]) and not _DAY.fullmatch(word)


def _day(given: re.Match[str], today: dt.date) -> dt.date | None:
    try:
        if given["iso"]:
            day = dt.date.fromisoformat(given["iso"])
        elif given["year"]:
            day = dt.date(int(given["year"]), int(given["of"]), int(given["day"]))
        else:
            day = dt.date(today.year, int(given["month"]), int(given["day"]))
            if day > today:
                day = day.replace(year=today.year - 1)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
