"""Reads the rows of history into entries, and rejects those that cannot be read, each with its reasons.

Pure: rows in, frozen values out. What is known and what contradicts it is decided by ``import_plan``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from campaigns.core.clock import Period, parse_period
from campaigns.core.errors import Invalid
from campaigns.core.import_runs import RejectedRow, kept_problems
from campaigns.core.vietnamese import fold, nfc
from campaigns.discovery.urls import page_key
from campaigns.partners.normalisation import INVISIBLE_CHARACTERS
from campaigns.partners.register import cells
from campaigns.partners.register.cells import BadCell
from campaigns.partners.register.columns import SheetRow
from campaigns.planning.campaigns import Metric
from campaigns.reporting.history.columns import HistoryTable, TableColumns
from campaigns.reporting.history.reported import TOTAL_METRICS

LONGEST_TITLE: Final = 500
LONGEST_TEXT: Final = 100_000  # characters
LONGEST_URL: Final = 1000
LONGEST_NUMBER: Final = 80
LONGEST_NETWORK: Final = 200
LARGEST_FIGURE: Final = 10**12
HEADINGS_NAMED: Final = 20  # in a message

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: the sheet's name, "" for a file of one table, and the row, counted as a person does.
    ``in_body``: it came in a request's body, whose lists are counted from 0 in the fields of errors."""

    sheet: str
    row: int
    in_body: bool = False

    def refused(self, name: str, code: str, message: str) -> RejectedRow:
        """An error of this row."""
        return RejectedRow(self.row, name, code, message, self.sheet)

    def __str__(self) -> str:
        return f"{self.sheet}.{self.row - 1}" if self.in_body else f"row {self.row}"


@dataclass(frozen=True, slots=True)
class BulletinEntry:
    """A bulletin that was published before the product was in use. ``topic``: as it was written."""

    place: Place
    day: date
    topic: str
    title: str
    url: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class CopyEntry:
    """A copy that was reported. ``bulletin``: a code, a number or an address."""

    place: Place
    bulletin: str
    url: str
    day: date
    network: str


@dataclass(frozen=True, slots=True)
class TotalEntry:
    """A total of a period. ``topic``: as it was written, "" for all topics."""

    place: Place
    period: Period
    metric: Metric
    topic: str
    figure: int


@dataclass
class HistoryReading:
    """The entries of all tables of a file, and its rejected rows. ``in_body``: as in ``Place``."""

    in_body: bool = False
    bulletins: list[BulletinEntry] = field(default_factory=list)
    copies: list[CopyEntry] = field(default_factory=list)
    totals: list[TotalEntry] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    @property
    def entries(self) -> int:
        """The number of entries that could be read."""
        return len(self.bulletins) + len(self.copies) + len(self.totals)


def read_history_table(
    reading: HistoryReading,
    table: TableColumns,
    sheet: str,
    headings: Sequence[str],
    rows: Sequence[SheetRow],
    checked: Callable[[int], None],
) -> None:
    """Read the rows of one table into ``reading``. ``checked`` is called with the number of rows read so far.

    Of a table without a needed column its first row is rejected, naming each that is missing.
    """
    fields = {heading: name for heading in headings if (name := table.field_of(" ".join(heading.split())))}
    if missing := {name: heading for name, heading in table.needed.items() if name not in fields.values()}:
        named = ", ".join(list(headings)[:HEADINGS_NAMED])
        place = Place(sheet, rows[0].number if rows else 1)
        reading.rejected += [
            place.refused(name, "column", f"there is no column {heading!r}, only: {named}")
            for name, heading in missing.items()
        ]
        return
    for number, row in enumerate(rows, start=1):
        values: dict[str, list[str]] = {}
        row_cells = row.cells
        for heading, name in fields.items():
            text = nfc(INVISIBLE_CHARACTERS.sub("", row_cells.get(heading, "")))
            if text.strip():
                values.setdefault(name, []).append(text)
        if values:
            place = Place(sheet, row.number, reading.in_body)
            reader = _RowReader(place, {name: "\n".join(texts) for name, texts in values.items()})
            reader.read_into(reading, table.table)
        checked(number)


class _RowReader:
    """Reads one row: every field is tried, so that all errors are reported at once."""

    def __init__(self, place: Place, values: Mapping[str, str]) -> None:
        self._place, self._values = place, values
        self._problems: list[RejectedRow] = []

    def read_into(self, reading: HistoryReading, table: HistoryTable) -> None:
        """Add the row's entry, or its errors."""
        entry = {
            HistoryTable.BULLETINS: self._bulletin, HistoryTable.COPIES: self._copy, HistoryTable.TOTALS: self._total,
        }[table]()  # fmt: skip
        if self._problems or entry is None:
            reading.rejected += kept_problems(self._problems, len(reading.rejected))
        elif isinstance(entry, BulletinEntry):
            reading.bulletins.append(entry)
        elif isinstance(entry, CopyEntry):
            reading.copies.append(entry)
        else:
            reading.totals.append(entry)

    def _bulletin(self) -> BulletinEntry | None:
        day = self._needed("day", cells.parse_day)
        topic = self._needed("topic", cells.cell_text)
        title = self._needed("title", lambda text: _short(" ".join(text.split()), LONGEST_TITLE))
        url = self._needed("url", parse_address)
        number = self._optional("number", lambda text: _short(cells.cell_text(text), LONGEST_NUMBER))
        text = self._optional("text", lambda text: _short(text.strip(), LONGEST_TEXT))
        if day is None or topic is None or title is None or url is None:
            return None
        return BulletinEntry(self._place, day, topic, title, url, number or "", text or "")

    def _copy(self) -> CopyEntry | None:
        bulletin = self._needed("bulletin", lambda text: " ".join(text.split()))
        url = self._needed("url", parse_address)
        day = self._needed("day", cells.parse_day)
        network = self._optional("network", lambda text: _short(cells.cell_text(text), LONGEST_NETWORK))
        if bulletin is None or url is None or day is None:
            return None
        return CopyEntry(self._place, bulletin, url, day, network or "")

    def _total(self) -> TotalEntry | None:
        period = self._needed("period", parse_reported_period)
        metric = self._needed("metric", parse_metric)
        topic = self._optional("topic", cells.cell_text)
        figure = self._needed("figure", parse_figure)
        if period is None or metric is None or figure is None:
            return None
        return TotalEntry(self._place, period, metric, topic or "", figure)

    def _needed(self, name: str, parse: Callable[[str], Value | None]) -> Value | None:
        if not cells.cell_text(self._values.get(name, "")):
            self._problems.append(self._place.refused(name, "required", f"{name} is missing"))
            return None
        return self._optional(name, parse)

    def _optional(self, name: str, parse: Callable[[str], Value | None]) -> Value | None:
        text = self._values.get(name, "")
        if not text.strip():
            return None
        try:
            cells.refuse_formula_error(text)
            return parse(text)
        except BadCell as bad:
            self._problems.append(self._place.refused(name, bad.code, bad.message))
            return None


def _short(text: str, longest: int) -> str:
    if len(text) > longest:
        raise BadCell("too_long", f"it has {len(text)} characters; expected at most {longest}")
    return text


def parse_address(text: str) -> str:
    """An absolute http or https address; https is put before one that lacks it."""
    line = text.strip()
    address = line if re.match(r"(?i)https?://", line) else f"https://{line}"
    host = address.partition("://")[2].partition("/")[0]
    if re.search(r"\s", line) or not ("." in host or host.startswith("localhost")) or page_key(address) is None:
        raise BadCell("url", f"{line!r} is not an address; expected one such as https://tin.example.vn/bai-123")
    return _short(address, LONGEST_URL)


_DIGITS: Final = re.compile(r"\d+|\d{1,3}(?:([., \u00a0])\d{3})(?:\1\d{3})*")


def parse_figure(text: str) -> int:
    """A whole number, with dots, commas or spaces between its thousands: 12500, 12.500, 12,500."""
    line = text.strip()
    if not _DIGITS.fullmatch(line):
        raise BadCell("figure", f"{line!r} is not a whole number; expected one such as 12500 or 12.500")
    figure = int(re.sub(r"\D", "", line))
    if figure > LARGEST_FIGURE:
        raise BadCell("figure", f"{line!r} is not a number of things that happened; expected at most {LARGEST_FIGURE}")
    return figure


_METRICS: Final[Mapping[str, Metric]] = {
    "ban tin": Metric.BULLETINS,
    "so ban tin": Metric.BULLETINS,
    "ban tin da phat hanh": Metric.BULLETINS,
    "luot lan toa": Metric.REPUBLICATIONS,
    "lan toa": Metric.REPUBLICATIONS,
    "luot bai viet": Metric.REPUBLICATIONS,
    "luot bai viet lan toa": Metric.REPUBLICATIONS,
    "luot dang lai": Metric.REPUBLICATIONS,
    "bai dang lai": Metric.REPUBLICATIONS,
    "so bai dang lai": Metric.REPUBLICATIONS,
    "doi tac": Metric.PARTNERS,
    "so doi tac": Metric.PARTNERS,
    "luot xem": Metric.VIEWS,
} | {metric.value: metric for metric in TOTAL_METRICS}


def parse_metric(text: str) -> Metric:
    """The metric of a total, in Vietnamese or as the API names it."""
    line = " ".join(text.split())
    metric = _METRICS.get(fold(line))
    if metric is None:
        raise BadCell("metric", f"{line!r} is not a metric; expected Bản tin, Lượt lan tỏa, Đối tác or Lượt xem")
    return metric


_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_QUARTER: Final = re.compile(r"(?:quy|q)\.?\s*(i{1,3}|iv|[1-4])\s*(?:/|-|nam)?\s*(\d{4})")
_MONTH: Final = re.compile(r"(?:thang|t)?\.?\s*(\d{1,2})\s*(?:/|-|nam)\s*(\d{4})")
_YEAR: Final = re.compile(r"(?:nam\s*)?(\d{4})")
_RANGE: Final = re.compile(r"(?:tu\s*(?:ngay\s*)?)?(\S+)\s*(?:den\s*(?:ngay\s*)?|-|–|\.\.)\s*(\S+)")


def parse_reported_period(text: str) -> Period:
    """A period as offices write it ("Quý III/2025", "tháng 8/2025", "từ 01/07/2025 đến 30/09/2025") or as the API does
    (2025-Q3)."""
    line = " ".join(text.split())
    folded = fold(line)
    if found := _QUARTER.fullmatch(folded):
        return parse_period(f"{found[2]}-Q{_ROMAN.get(found[1]) or int(found[1])}")
    if found := _MONTH.fullmatch(folded):
        return _read_period(f"{found[2]}-{int(found[1]):02}", line)
    if found := _YEAR.fullmatch(folded):
        return _read_period(found[1], line)
    try:
        return parse_period(line)
    except Invalid:
        if not (found := _RANGE.fullmatch(folded)):
            raise _bad_period(line) from None
    first, last = (cells.parse_day(day) for day in (found[1], found[2]))
    return _read_period(f"{first}..{last}", line)


def _read_period(label: str, line: str) -> Period:
    try:
        return parse_period(label)
    except Invalid:
        raise _bad_period(line) from None


def _bad_period(line: str) -> BadCell:
    expected = "Quý III/2025, tháng 8/2025, năm 2025 or 01/07/2025 - 30/09/2025"
    return BadCell("period", f"{line!r} is not a period; expected {expected}")
