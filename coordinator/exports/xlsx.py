"""An Excel workbook: a summary with time and rule of the count, then one sheet for each table."""

import io
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import xlsxwriter

from coordinator.exports.format import ABSENT, Locale, in_city
from coordinator.exports.printable_text import printable, shortened
from coordinator.exports.tables import CellValue, Column, Table, display_value
from coordinator.translation import N_, NP_, catalogue

# Excel's own limits: characters in a cell, in a sheet's name, in an address, and addresses on one sheet.
_CELL, _NAME, _ADDRESS, _ADDRESSES = 32_767, 31, 2_079, 65_000
# Excel's calendar begins in 1900; an older day is written as text.
_FIRST_YEAR = 1900
_LONG = 5_000  # rows of all tables together
# Column widths in characters; only the first rows are measured.
_NARROWEST, _WIDEST, _MEASURED = 8, 60, 500

# A chart on its sheet: its size in px, the rows that it covers, and the bars that can be distinguished.
_CHART_WIDTH, _CHART_HEIGHT, _CHART_ROWS, _MOST_BARS = 960, 400, 22, 15

_MESSAGES: Mapping[str, str] = {
    "summary": N_("Tóm tắt"),
    "charts": NP_("sheet", "Biểu đồ"),
    "made": N_("Lập lúc"),
    "zone": N_("Giờ ghi trong tệp là giờ Việt Nam (GMT+7)"),
    "sheet": N_("Trang tính"),
    "table": NP_("sheet", "Nội dung"),
    "rows": N_("Số dòng"),
    "first": N_("%(title)s (%(count)s dòng đầu)"),
}
# Separators follow the locale of the reader's Excel: a Vietnamese one shows 12.500 and 98,5%. Figures are indented, so
# that they do not touch the text of the next column.
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "text": {"valign": "top", "text_wrap": True},
    "link": {"valign": "top", "font_color": "#1f3f8a", "underline": 1},
    "number": {"valign": "top", "num_format": "#,##0", "align": "right", "indent": 1},
    "fraction": {"valign": "top", "num_format": "#,##0.0", "align": "right", "indent": 1},
    "percent": {"valign": "top", "num_format": "0.0%", "align": "right", "indent": 1},
    "date": {"valign": "top", "num_format": "dd/mm/yyyy", "align": "left"},
    "datetime": {"valign": "top", "num_format": "hh:mm dd/mm/yyyy", "align": "left"},
    "head": {"bold": True, "bg_color": "#f1efe9", "bottom": 1, "valign": "top", "text_wrap": True},
    "title": {"bold": True, "font_size": 16},
    "label": {"bold": True, "valign": "top"},
    "note": {"italic": True, "font_color": "#5f636d", "valign": "top", "text_wrap": True},
}


@dataclass(frozen=True)
class SheetChart:
    """A chart of Excel over the cells of one table: the columns ``values`` by the column ``names``, by their keys. A
    ``bar`` chart has the first rows only, as many as can be distinguished."""

    kind: Literal["line", "bar"]
    title: str
    table: Table
    names: str
    values: tuple[str, ...]

    @property
    def shows_anything(self) -> bool:
        """Whether any of its cells has a figure: a chart of zeros is empty."""
        places = [place for place, column in enumerate(self.table.columns) if column.key in self.values]
        return any(line[place] for line in self.table.lines() for place in places)


def sheet_name(title: str, taken: Iterable[str]) -> str:
    """Return a valid sheet name for ``title`` that differs from those in use, also when letter case is ignored."""
    used = {name.casefold() for name in taken}
    plain = re.sub(r"[\[\]:*?/\\]", " ", printable(title))
    plain = " ".join(plain.split()).strip("' ") or "Sheet"
    number = 1
    while True:
        ending = "" if number == 1 else f" ({number})"
        available = _NAME - len(ending)
        name = plain
        while len(name.encode("utf-16-le")) // 2 > available:
            name = name[:-1]
        if name != plain and plain[len(name)] != " ":
            name = name.rpartition(" ")[0] or name  # no half of a word
        name = name.rstrip("' ") + ending
        # Excel reserves the name "History".
        if name.casefold() not in used | {"history"}:
            return name
        number += 1


class _Sheet:
    """One worksheet and the formats of its cells."""

    def __init__(self, sheet: Any, looks: Mapping[str, Any], bold: Mapping[str, Any]) -> None:
        self.sheet = sheet
        self.looks = looks
        self.bold = bold
        self.addresses = 0

    def text(self, row: int, column: int, text: str, look: str, *, bold: bool = False) -> None:
        looks = self.bold if bold else self.looks
        self.sheet.write_string(row, column, shortened(printable(text), _CELL), looks[look])

    def cell(self, row: int, column: int, kind: str, value: CellValue, locale: Locale, *, bold: bool = False) -> None:
        """Write one value by its type first and its column's kind second; text is always written as text."""
        looks = self.bold if bold else self.looks
        if value is None:
            return
        if isinstance(value, str):
            if kind == "link" and self._address(row, column, value):
                return
            self.text(row, column, value, "text", bold=bold)
        elif isinstance(value, date):
            if value.year < _FIRST_YEAR:
                self.text(row, column, display_value(value, "date", locale), "text", bold=bold)
            elif isinstance(value, datetime):
                moment = in_city(value).replace(tzinfo=None)
                look = "datetime" if kind == "datetime" else "date"
                self.sheet.write_datetime(row, column, moment if kind == "datetime" else moment.date(), looks[look])
            else:
                self.sheet.write_datetime(row, column, value, looks["date"])
        elif not math.isfinite(value):
            self.text(row, column, ABSENT, "text", bold=bold)
        else:
            whole = "number" if value % 1 == 0 else "fraction"
            self.sheet.write_number(row, column, float(value), looks["percent" if kind == "percent" else whole])

    def _address(self, row: int, column: int, value: str) -> bool:
        """Write a web address as a link if it is valid for Excel; returns whether it was written."""
        text = printable(value)
        if len(text) > _ADDRESS or self.addresses >= _ADDRESSES or not re.fullmatch(r"[!-~]+", text):
            return False
        try:
            parts = urlsplit(text)
        except ValueError:
            return False
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            return False
        self.addresses += 1
        # 0 is written; anything else (XlsxWriter's own stricter limits) leaves the cell to be written as text.
        return bool(self.sheet.write_url(row, column, text, self.looks["link"], string=text) == 0)


def _width(column: Column, table: Table, position: int, locale: Locale) -> float:
    # The filter's arrow covers the last letters of the heading.
    longest = max((len(word) for word in column.title.split()), default=0) + 2
    longest = max(longest, min(len(column.title), 24))
    for row in table.rows[:_MEASURED]:
        longest = max(longest, len(display_value(table.cells(row)[position], column.kind, locale)))
    return float(min(max(longest + 2, _NARROWEST), _WIDEST))


def _fill(target: _Sheet, table: Table, locale: Locale) -> None:
    target.sheet.freeze_panes(1, 0)
    for position, column in enumerate(table.columns):
        target.sheet.set_column(position, position, _width(column, table, position, locale))
        target.text(0, position, column.title, "head")
    line = 0
    for line, values in enumerate(table.lines(), start=1):
        for position, (column, value) in enumerate(zip(table.columns, values, strict=True)):
            target.cell(line, position, column.kind, value, locale)
    if line:
        target.sheet.autofilter(0, 0, line, len(table.columns) - 1)
    if table.footer is not None:
        line += 1
        for position, (column, value) in enumerate(zip(table.columns, table.cells(table.footer), strict=True)):
            target.cell(line, position, column.kind, value, locale, bold=True)
    if table.note:
        # Over the table's columns, so that a long sentence neither shrinks the print nor leaves the page.
        widths = sum(_width(column, table, position, locale) for position, column in enumerate(table.columns))
        lines = math.ceil(len(table.note) / max(widths, 1)) + 1
        if len(table.columns) > 1:
            target.sheet.merge_range(line + 2, 0, line + 2, len(table.columns) - 1, "", target.looks["note"])
        target.sheet.set_row(line + 2, 15 * lines)
        target.text(line + 2, 0, table.note, "note")
    target.sheet.repeat_rows(0)
    target.sheet.set_landscape()
    _on_paper(target)


def _on_paper(target: _Sheet) -> None:
    """Set the print layout: A4, fitted to the page's width, with the name above and page numbers below."""
    target.sheet.set_paper(9)
    target.sheet.fit_to_pages(1, 0)
    target.sheet.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.8)
    target.sheet.set_header("&C&A")
    target.sheet.set_footer("&C&P/&N")


def _summarise(
    target: _Sheet,
    title: str,
    facts: Sequence[tuple[str, str]],
    made_at: datetime,
    sheets: Sequence[tuple[str, Table]],
    locale: Locale,
) -> None:
    words = {key: catalogue(locale).gettext(message) for key, message in _MESSAGES.items()}
    target.sheet.set_column(0, 0, max(34, *(len(label) + 2 for label, _value in facts), 0))
    target.sheet.set_column(1, 1, 60)
    target.sheet.set_column(2, 2, 12)
    _on_paper(target)
    target.text(0, 0, title, "title")
    lines = [*facts, (words["made"], display_value(made_at, "datetime", locale))]
    for row, (label, value) in enumerate(lines, start=2):
        target.text(row, 0, label, "label")
        target.text(row, 1, value, "text")
    row = 2 + len(lines)
    target.text(row, 0, words["zone"], "note")
    if sheets:
        for column, word in enumerate(("sheet", "table", "rows")):
            target.text(row + 2, column, words[word], "head")
        for line, (name, table) in enumerate(sheets, start=row + 3):
            quoted = name.replace("'", "''")
            target.sheet.write_url(line, 0, f"internal:'{quoted}'!A1", target.looks["link"], string=name)
            target.text(line, 1, table.title, "text")
            target.cell(line, 2, "number", len(table.rows), locale)


def _draw(book: Any, target: _Sheet, charts: Sequence[SheetChart], names: Mapping[int, str], locale: Locale) -> None:
    """Draw charts one below the other. ``names``: the name of each table's sheet, by the table's identity."""
    for place, wanted in enumerate(charts):
        keys = [column.key for column in wanted.table.columns]
        sheet, last = names[id(wanted.table)], len(wanted.table.rows)
        title = wanted.title
        if wanted.kind == "bar" and last > _MOST_BARS:
            last = _MOST_BARS
            title = catalogue(locale).gettext(_MESSAGES["first"]) % {"title": title, "count": last}
        drawn = book.add_chart({"type": wanted.kind})
        labels = keys.index(wanted.names)
        for key in wanted.values:
            column = keys.index(key)
            series = {
                "name": [sheet, 0, column],
                "categories": [sheet, 1, labels, last, labels],
                "values": [sheet, 1, column, last, column],
            }
            drawn.add_series(series | ({"data_labels": {"value": True}} if wanted.kind == "bar" else {}))
        drawn.set_title({"name": printable(title), "overlay": False})
        drawn.set_size({"width": _CHART_WIDTH, "height": _CHART_HEIGHT})
        drawn.set_legend({"position": "bottom", "none": len(wanted.values) == 1})
        if wanted.kind == "bar":
            drawn.set_y_axis({"reverse": True})  # the first row on top, as in the table
            drawn.set_x_axis({"min": 0})  # bars that do not begin at 0 are not as long as their figures
        elif wanted.table.columns[labels].kind == "date":
            drawn.set_x_axis({"date_axis": True, "num_format": "dd/mm"})
        target.sheet.insert_chart(place * _CHART_ROWS, 0, drawn, {"description": printable(title)})


def write_xlsx(
    title: str,
    tables: Sequence[Table],
    facts: Sequence[tuple[str, str]],
    made_at: datetime,
    locale: Locale = "vi",
    charts: Sequence[SheetChart] = (),
) -> bytes:
    """Return a workbook with a summary sheet, a sheet of ``charts`` where one of them has a figure, and one sheet for
    each table. A chart's table is one of ``tables``.

    ``facts`` are labels and values in order, among them the as-of time and the rule version; ``made_at`` is aware. Text
    is never a formula or a number (``=1+1``, ``0012345678``); web addresses in ``link`` columns are links.
    The same arguments give the same bytes.
    """
    out = io.BytesIO()
    options = {
        # Rows of a long table are written to disk one by one, so that 200,000 take no more memory than 10,000. The
        # texts of a short one are shared, which makes the file smaller.
        "constant_memory": (long := sum(len(table.rows) for table in tables) > _LONG),
        "in_memory": not long,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "remove_timezone": True,
    }
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": printable(title), "created": made_at.astimezone(UTC).replace(tzinfo=None)})
    looks = {name: book.add_format(dict(look)) for name, look in _LOOKS.items()}
    bold = {name: book.add_format({**look, "bold": True, "top": 1}) for name, look in _LOOKS.items()}
    names: list[str] = [catalogue(locale).gettext(_MESSAGES["summary"])]
    for table in tables:
        names.append(sheet_name(unicodedata.normalize("NFC", table.title), names))
    summary = _Sheet(book.add_worksheet(names[0]), looks, bold)
    charts = [wanted for wanted in charts if wanted.shows_anything]
    drawings = None
    if charts:
        drawings = _Sheet(
            book.add_worksheet(sheet_name(catalogue(locale).gettext(_MESSAGES["charts"]), names)), looks, bold
        )
    targets = [_Sheet(book.add_worksheet(name), looks, bold) for name in names[1:]]
    _summarise(summary, title, facts, made_at, list(zip(names[1:], tables, strict=True)), locale)
    for target, table in zip(targets, tables, strict=True):
        _fill(target, table, locale)
    if drawings is not None:
        _on_paper(drawings)
        by_table = {id(table): name for name, table in zip(names[1:], tables, strict=True)}
        _draw(book, drawings, charts, by_table, locale)
    book.close()
    return out.getvalue()
