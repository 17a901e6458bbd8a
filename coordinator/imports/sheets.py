"""Sheets of any kind as rows with headings."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import PurePath
from typing import Any, Final

from campaigns.core.vietnamese import nfc
from campaigns.partners.columns import field_of
from coordinator.imports.characters import storable
from coordinator.imports.extent import NO_VALUE
from coordinator.imports.heads import groups, head_place, read_head
from coordinator.imports.records import load_json, objects
from coordinator.imports.separated import read_separated
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.imports.workbook import Rows, Worksheet, read_workbook

LARGEST_JSON: Final = 50_000_000  # bytes
SUFFIXES: Final = (".xlsx", ".csv", ".json")
_NAMELESS: Final = re.compile(r"\[\d+\]")  # a column without a heading
_JSON_LISTS: Final = ("data", "items", "rows", "results", "licences", "licenses", "content")
_SAYING: Final = ("domain", "domainName", "host", "url", "value", "name")


@dataclass(frozen=True)
class Row:
    """A row below the headings. ``number`` is its place as a person sees it in the sheet, where the first row is 1; in
    JSON it is the place of the object in its list. ``cells``: text by heading, empty cells left out."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a table, with its cells as they lie in it: put together when they are asked for, since there are many
    rows and few of them are looked at twice."""

    number: int
    _headings: Sequence[str]
    _rows: Rows

    @property
    def cells(self) -> Mapping[str, str]:
        """Text by heading, empty cells left out."""
        texts = self._rows.composed(self.number - 1)
        return {heading: text for heading, text in zip(self._headings, texts, strict=False) if text}


@dataclass(frozen=True)
class Table:
    """A file's rows, and what a reader should know of how they were read.

    ``headings`` in their order; ``sheet``: the worksheet read, ``others``: visible ones that were not, ``hidden``:
    those that nobody sees; ``spread``: cells filled from the merged cell they belong to; ``groups``: rows left out
    because one merged cell reaches over them, as the heading of a group; ``heads``: rows left out because they are the
    headings once more, or number the columns; ``unvalued``: formulas that came to an error or have no value in the
    file; ``concealed``: rows read although Excel does not show them; ``letters``: what a spreadsheet calls the column
    of each heading.
    """

    rows: Sequence[Row | SheetRow]
    headings: tuple[str, ...]
    sheet: str = ""
    others: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    spread: int = 0
    groups: tuple[int, ...] = ()
    heads: tuple[int, ...] = ()
    unvalued: int = 0
    concealed: int = 0
    letters: Mapping[str, str] = field(default_factory=dict)


def read_sheet(name: str, data: bytes, *, knows: Callable[[str], object] = field_of) -> Sequence[Row | SheetRow]:
    """The rows of a file, as ``read_table`` reads them with every column's cells left where they stand."""
    return read_table(name, data, knows=knows).rows


def read_table(
    name: str,
    data: bytes,
    *,
    knows: Callable[[str], object] = field_of,
    spreads: Callable[[str], bool] = lambda _heading: False,
) -> Table:
    """The rows of an .xlsx, .csv or .json file, told by the suffix of its ``name``; rows without text are left out.

    ``knows`` tells a heading it is looking for from other text: the headings are the first row, of the first twenty,
    with two known ones, else the first with two filled cells. A workbook's sheets are tried in order for such a row.
    ``spreads`` tells the headings below which a cell merged over several rows is meant for each of them.
    Raises ``UnreadableDocument``.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == ".json":
        rows = _from_json(data)
        return Table(rows, tuple(dict.fromkeys(heading for row in rows for heading in row.cells)))
    if suffix == ".csv":
        return _below_head(Worksheet("", False, read_separated(data, knows)), knows, spreads)
    if suffix == ".xlsx":
        sheets = list(read_workbook(data))
        seen = [one for one in sheets if not one.hidden]
        empty = Worksheet("", False, Rows())
        chosen = next((one for one in seen if head_place(one.rows, knows)[1]), seen[0] if seen else empty)
        others = tuple(one.name for one in seen if one is not chosen)
        hidden = tuple(one.name for one in sheets if one.hidden)
        del sheets, seen
        return replace(_below_head(chosen, knows, spreads), others=others, hidden=hidden)
    if suffix == ".xls":
        raise UnreadableDocument("this is an old Excel file (.xls); save it as .xlsx", code="old_format")
    expected = ", ".join(SUFFIXES)
    raise UnreadableDocument(f"{suffix or 'no suffix'} is not a kind that is read; expected {expected}", code="suffix")


def _below_head(sheet: Worksheet, knows: Callable[[str], object], spreads: Callable[[str], bool]) -> Table:
    rows = sheet.rows
    place, _ = head_place(rows, knows)
    if place < 0:
        if rows.any():
            raise UnreadableDocument("the sheet has no row of headings with two filled cells", code="no_headings")
        raise UnreadableDocument("the sheet is empty", code="empty")
    head = read_head(sheet, place, knows)
    headings = head.headings
    left_out = frozenset(groups(sheet, head))
    spread = _fill(sheet, head.last, [spreads(heading) for heading in headings])
    found, again = [], []
    used = set()  # the places of cells that hold anything
    width = len(headings)
    for number, row in enumerate(islice(rows, head.last + 1, None), start=head.last + 2):
        filled = [place for place, cell in enumerate(row[:width]) if cell]
        if not filled or number in left_out:
            continue
        if head.again(row):
            again.append(number)
        elif not sheet.unvalued or not all(_no_value(row[place]) for place in filled):
            found.append(SheetRow(number, headings, rows))
            used.update(filled)
    shown = tuple(
        heading for place, heading in enumerate(headings) if not _NAMELESS.fullmatch(heading) or place in used
    )
    letters = {heading: _letters(place) for place, heading in enumerate(headings)}
    return Table(
        found, shown, sheet.name, spread=spread, groups=tuple(sorted(left_out)), heads=tuple(again),
        unvalued=sheet.unvalued, concealed=sheet.concealed, letters=letters,
    )  # fmt: skip


def _no_value(cell: str) -> bool:
    """A formula drawn down below the table has nothing to reckon with; a row of such cells says nothing."""
    return cell == NO_VALUE or cell.startswith("#")


def _letters(place: int) -> str:
    """What a spreadsheet calls the column: A to Z, AA and so on."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _fill(sheet: Worksheet, head: int, spreads: Sequence[bool]) -> int:
    """Write the value of a cell merged over several rows into each of them that has anything else to say; returns how
    many cells were filled. One merged over several columns too is a heading or a remark, and stays where it is."""
    filled = seen = 0
    for (top, left), (bottom, right) in sheet.merged:
        if left != right or top <= head or left >= len(spreads) or not spreads[left] or top >= len(sheet.rows):
            continue
        value = sheet.rows[top][left]
        seen += min(bottom, len(sheet.rows)) - top
        if seen > len(sheet.rows) * len(spreads):
            raise UnreadableDocument("the Excel file is damaged: its merged cells overlap", code="damaged")
        for place in range(top + 1, min(bottom + 1, len(sheet.rows))):
            row = sheet.rows[place]
            if value and not row[left] and any(row):
                row[left] = value
                sheet.rows[place] = row
                filled += 1
    return filled


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
