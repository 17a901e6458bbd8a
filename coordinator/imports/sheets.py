"""Sheets of any kind as rows with headings, and the template that people fill in."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

import xlsxwriter

from campaigns.core.vietnamese import nfc
from campaigns.partners.columns import COLUMNS, field_of
from coordinator.imports.characters import storable
from coordinator.imports.records import load_json, objects
from coordinator.imports.separated import read_separated
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.imports.workbook import read_workbook

LARGEST_JSON: Final = 50_000_000  # bytes
SUFFIXES: Final = (".xlsx", ".csv", ".json")
_HEAD_WITHIN: Final = 20  # rows above a table: letterhead, title, date
_JSON_LISTS: Final = ("data", "items", "rows", "results", "licences", "licenses", "content")
_SAYING: Final = ("domain", "domainName", "host", "url", "value", "name")


@dataclass(frozen=True)
class Row:
    """A row below the headings. ``number`` is its place as a person sees it in the sheet, where the first row is 1; in
    JSON it is the place of the object in its list. ``cells``: text by heading, empty cells left out."""

    number: int
    cells: Mapping[str, str]


def read_sheet(name: str, data: bytes, *, knows: Callable[[str], object] = field_of) -> list[Row]:
    """The rows of an .xlsx, .csv or .json file, told by the suffix of its ``name``; rows without text are left out.

    ``knows`` tells a heading it is looking for from other text: the headings are the first row, of the first twenty,
    with two known ones, else the first with two filled cells. A workbook's sheets are tried in order for such a row.
    Raises ``UnreadableDocument``.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == ".json":
        return _from_json(data)
    if suffix == ".csv":
        return _below_head(read_separated(data, knows), knows)
    if suffix == ".xlsx":
        sheets = list(read_workbook(data))
        chosen = next((rows for rows in sheets if _head(rows, knows)[1]), sheets[0] if sheets else [])
        return _below_head(chosen, knows)
    if suffix == ".xls":
        raise UnreadableDocument("this is an old Excel file (.xls); save it as .xlsx", code="old_format")
    expected = ", ".join(SUFFIXES)
    raise UnreadableDocument(f"{suffix or 'no suffix'} is not a kind that is read; expected {expected}", code="suffix")


def _head(rows: Sequence[Sequence[str]], knows: Callable[[str], object]) -> tuple[int, bool]:
    """The place of the headings, and whether two of them are known; -1 when the sheet is empty."""
    fallback = -1
    for place, row in enumerate(rows[:_HEAD_WITHIN]):
        filled = [cell for cell in row if cell]
        if sum(1 for cell in filled if knows(cell)) >= 2:
            return place, True
        if fallback < 0 and len(filled) >= 2:
            fallback = place
    return fallback, False


def _below_head(rows: Sequence[Sequence[str]], knows: Callable[[str], object]) -> list[Row]:
    head, _ = _head(rows, knows)
    if head < 0:
        if any(any(row) for row in rows):
            raise UnreadableDocument("the sheet has no row of headings with two filled cells", code="no_headings")
        raise UnreadableDocument("the sheet is empty", code="empty")
    headings: list[str] = []
    for place, cell in enumerate(rows[head], start=1):
        heading = nfc(" ".join(cell.split())) or f"[{place}]"
        headings.append(heading if heading not in headings else f"{heading} [{place}]")
    found = []
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        cells = {heading: nfc(cell) for heading, cell in zip(headings, row, strict=False) if cell}
        if cells:
            found.append(Row(number, cells))
    return found


def _from_json(data: bytes) -> list[Row]:
    rows = []
    for number, record in enumerate(objects(load_json(data, LARGEST_JSON), _JSON_LISTS), start=1):
        if not isinstance(record, dict):
            raise UnreadableDocument(
                f"record {number} is not an object with named fields", code="json_shape", record=number
            )
        cells = {heading: text for heading, text in _flat("", record) if text}
        if cells:
            rows.append(Row(number, cells))
    return rows


def _flat(above: str, record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Fields of an object as cells: those of an object inside are named ``outer.inner``, lists are lines."""
    for name, value in record.items():
        heading = nfc(storable(f"{above}{name}")[0])
        if isinstance(value, dict):
            yield from _flat(f"{heading}.", value)
        elif isinstance(value, list):
            yield heading, "\n".join(text for one in value if (text := _line(one)))
        else:
            yield heading, _line(value)


def _line(value: Any) -> str:
    if isinstance(value, dict):  # {"id": 3, "domain": "…"}: the field that says it, else the first text
        named = [value[name] for name in _SAYING if name in value]
        texts = [one for one in (*named, *value.values()) if isinstance(one, str)]
        return _line(texts[0]) if texts else ""
    if isinstance(value, str):
        return nfc(storable(value)[0]).strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or isinstance(value, list) else str(value)


def write_template() -> bytes:
    """An .xlsx to fill in: the register's headings, and on a second sheet what belongs in each column, with a sample.

    Every cell is text, so that a leading zero and a date stay as typed; the kind is chosen from a list.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Giấy phép")
        hints = book.add_worksheet("Hướng dẫn")
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, max(16, min(40, len(column.sample) + 2)), plain)
            sheet.write_string(0, place, column.heading, head)
            hints.write_string(place + 1, 0, column.heading, plain)
            hints.write_string(place + 1, 1, "Có" if column.needed else "Không", plain)
            hints.write_string(place + 1, 2, column.hint, plain)
            hints.write_string(place + 1, 3, column.sample, plain)
            if column.field == "kind":
                sheet.data_validation(
                    1, place, 5000, place, {"validate": "list", "source": ["Trang tổng hợp", "Mạng xã hội"]}
                )
        sheet.freeze_panes(1, 1)
        for place, heading in enumerate(("Cột", "Bắt buộc", "Cách ghi", "Ví dụ")):
            hints.write_string(0, place, heading, head)
        hints.set_column(0, 0, 24)
        hints.set_column(2, 2, 70)
        hints.set_column(3, 3, 44)
    return out.getvalue()
