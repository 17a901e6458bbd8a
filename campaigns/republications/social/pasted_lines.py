"""Pasted lines: an address, optionally the day and the time of the post, and optionally its first words. Pure."""

import datetime as dt
import re
from dataclasses import dataclass

from campaigns.core.clock import FIRST_YEAR, LAST_YEAR
from campaigns.core.vietnamese import fold
from campaigns.partners.social_addresses import read_address
from campaigns.republications.attribution.verdicts import Attribution

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
_TIME = re.compile(r"(?:lúc\s+)?(?P<hour>\d{1,2})(?::|h|g)(?P<minute>\d{2})(?![\w/.])", re.IGNORECASE)
_MARKS = " \t;,|–—-"
# A cell of a spreadsheet that says what the picture shows of the source.
_ATTRIBUTIONS = {
    "neu ten so": Attribution.NAMED_ONLY,
    "neu nguon": Attribution.NAMED_ONLY,
    "co neu nguon": Attribution.NAMED_ONLY,
    "neu ten so va co duong dan": Attribution.LINKED_AT_END,
    "neu nguon va co duong dan": Attribution.LINKED_AT_END,
    "co duong dan": Attribution.LINKED_AT_END,
    "neu nguon khac": Attribution.NAMED_OTHER_SOURCE,
    "ghi nguon khac": Attribution.NAMED_OTHER_SOURCE,
    "nguon khac": Attribution.NAMED_OTHER_SOURCE,
    "khong thay": Attribution.NOT_SEEN,
    "khong thay nguon": Attribution.NOT_SEEN,
    "khong thay tren anh": Attribution.NOT_SEEN,
}


@dataclass(frozen=True)
class PastedLine:
    """One line with an address. ``day`` and ``time``: those of the post, None where the line has none.
    ``attribution``: what a cell of the line says of the source."""

    number: int
    url: str
    day: dt.date | None
    words: str
    time: dt.time | None = None
    attribution: Attribution = Attribution.NOT_SEEN


@dataclass(frozen=True)
class RefusedLine:
    """A line that is not taken. ``code``: ``no_address``, ``bad_day``, ``bad_time``, ``too_long`` or ``too_many``."""

    number: int
    text: str
    code: str


def read_lines(text: str, today: dt.date) -> tuple[list[PastedLine], list[RefusedLine]]:
    """Read the lines of a text; empty ones are left out. A day without a year is the last such day until today. The
    address may stand before or after the other parts; of several, one that is no short link is taken."""
    taken: list[PastedLine] = []
    refused: list[RefusedLine] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = " ".join(raw.split())
        if not line:
            continue
        read = _read_line(number, raw, today) if len(taken) < MOST_LINES else RefusedLine(number, line, "too_many")
        if isinstance(read, PastedLine):
            taken.append(read)
        else:
            refused.append(read)
    return taken, refused


def _read_line(number: int, raw: str, today: dt.date) -> PastedLine | RefusedLine:
    cells = raw.split("\t")
    said = [cell for cell in cells if _cell_key(cell) in _ATTRIBUTIONS]
    attribution = _ATTRIBUTIONS[_cell_key(said[0])] if said else Attribution.NOT_SEEN
    line = " ".join(" ".join(cell for cell in cells if cell not in said).split())
    addresses = [word for word in line.split() if _is_address(word.strip(_MARKS + "<>()\"'"))]
    if not addresses:
        return RefusedLine(number, line, "no_address")
    found = next((word for word in addresses if not _is_short(word.strip(_MARKS + "<>()\"'"))), addresses[0])
    for word in addresses:
        line = line.replace(word, " ", 1) if word != found else line
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
    time = None
    if given := _TIME.match(rest):
        hour, minute = int(given["hour"]), int(given["minute"])
        if hour > 23 or minute > 59:
            return RefusedLine(number, line, "bad_time")
        time = dt.time(hour, minute)
        rest = rest[given.end() :].strip(_MARKS)
    return PastedLine(number, _with_scheme(address), day, rest[:LONGEST_WORDS], time, attribution)


def _cell_key(cell: str) -> str:
    return fold(cell).strip(" .")


def _with_scheme(address: str) -> str:
    return address if "://" in address else f"https://{address}"


def _is_short(address: str) -> bool:
    social = read_address(_with_scheme(address))
    return social is not None and social.short


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
