"""Tables (.xlsx, .csv, .json) as rows with headings."""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import islice
from pathlib import PurePath
from typing import Any, Final

from pydantic import TypeAdapter

from campaigns.core.imports.columns import SheetRow
from campaigns.core.vietnamese import fold, nfc
from coordinator.imports.decoding import UnreadableDocument, check_size, decode, read_brought
from coordinator.imports.documents.json_records import load_json, objects
from coordinator.imports.tables.header_rows import find_header, group_rows, read_header
from coordinator.imports.tables.xlsx import MAX_CELLS, NO_VALUE, Rows, Worksheet, has_text, read_workbook
from coordinator.imports.text.characters import remove_controls
from coordinator.sandbox import ChildAnswer

MAX_CSV_BYTES: Final = 20_000_000  # bytes
MAX_COLUMNS: Final = 16_384  # of a spreadsheet
_SEPARATORS: Final = (",", ";", "\t", "|")
_HEADER_WITHIN: Final = 20  # lines
# What a Vietnamese text in the old Windows encoding may hold beside ASCII. Texts in the font encodings before Unicode
# (TCVN3, VNI) decode as well, into signs that are not in these sets.
_VIETNAMESE_LETTERS: Final = frozenset(
    nfc(vowel + tone) for vowel in "aăâeêioôơuưy" for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
) | {"đ"}
_TEXT_SIGNS: Final = frozenset("\u00a0“”‘’–—…•«»°²³½¼¾€₫©§·")


def read_csv(data: bytes, knows: Callable[[str], object]) -> Rows:
    """Every record from the first on; an empty line is an empty record, so that row numbers are those of a sheet.

    ``knows`` recognises a known heading, by which the separator is found.
    Raises ``UnreadableDocument`` for an encoding that is neither Unicode nor Windows-1258, for broken quoting, and for
    more rows, columns or cells than a table has, as soon as that many were read.
    """
    check_size(data, MAX_CSV_BYTES)
    text = _decoded_csv(data)
    first, _, rest = text.partition("\n")
    separator = None
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # a line for Excel, which does not show it
        separator, text = first.strip()[4], rest
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or _separator(text, knows), strict=True)
    rows: Rows = []
    filled = cells = 0
    try:
        for row in reader:
            cells += len(row)
            if len(row) > MAX_COLUMNS or cells > MAX_CELLS:
                raise UnreadableDocument(
                    f"line {reader.line_num}: a table has at most {MAX_COLUMNS:,} columns and {MAX_CELLS:,} cells",
                    code="too_wide", line=reader.line_num,
                )  # fmt: skip
            rows.append([nfc(remove_controls(cell)).strip() for cell in row])
            filled += any(rows[-1])
            if filled > MAX_ROWS + _HEADER_WITHIN or len(rows) > MAX_LINES:
                raise _too_many_rows()
    except csv.Error as error:
        raise UnreadableDocument(
            f"line {reader.line_num}: the quotation marks do not match ({error})", code="csv", line=reader.line_num
        ) from error
    return rows


def _decoded_csv(data: bytes) -> str:
    try:
        return decode(data)
    except UnreadableDocument as not_unicode:
        if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
            raise
        try:
            text = nfc(data.decode("cp1258"))
        except UnicodeDecodeError:
            text = "\x00"
        if all(_is_vietnamese(char) for char in set(text)):
            return text
        place = f"byte {not_unicode.params['byte']} (line {not_unicode.params['line']})"
        raise UnreadableDocument(
            f"{place} is neither UTF-8 nor Windows-1258; save the file as 'CSV UTF-8'",
            code="encoding",
            **not_unicode.params,
        ) from not_unicode


def _is_vietnamese(char: str) -> bool:
    if char.isascii():
        return char.isprintable() or char in "\t\r\n"
    return char in _TEXT_SIGNS or char.lower() in _VIETNAMESE_LETTERS


def _separator(text: str, knows: Callable[[str], object]) -> str:
    """The separator that gives most known headings in one of the first lines; among equals the most frequent one."""
    head = "\n".join(text.split("\n", _HEADER_WITHIN)[:_HEADER_WITHIN])

    def score(sign: str) -> tuple[int, int]:
        known = 0
        try:
            for row in csv.reader(io.StringIO(head, newline=""), delimiter=sign):
                known = max(known, sum(1 for cell in row[:MAX_COLUMNS] if knows(cell.strip())))
        except csv.Error:  # the same text is read again, and the error raised then
            known = 0
        return known, head.count(sign)

    return max(_SEPARATORS, key=score)


MAX_JSON_BYTES: Final = 50_000_000  # bytes
# Rows of one file. They are written in one transaction that takes about 1 ms a row; another writer to SQLite waits for
# it, and fails after 30 s.
MAX_ROWS: Final = 20_000
MAX_FILLED: Final = 1_000_000  # cells of one file: as many rows of fifty columns
MAX_LINES: Final = 1_048_576  # of a CSV file, empty ones included: as many as a sheet has
MAX_CELL_LENGTH: Final = 100_000  # characters; Excel allows 32,767
SUFFIXES: Final = (".xlsx", ".csv", ".json")
_SUM: Final = re.compile(r"(?:tong|tong cong|tong so|cong|total)(?: [ivx]{1,4}| \d{1,3})?\s*(?:[:(].*)?")
_NAMELESS_HEADING: Final = re.compile(r"\[\d+\]")  # a column without a heading
_JSON_LISTS: Final = ("data", "items", "rows", "results", "licences", "licenses", "content")
_NAMED_FIELDS: Final = ("domain", "domainName", "host", "url", "value", "name")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row below the headings. ``number`` is its number in the sheet, where the first row is 1; in JSON it is the
    position of the object in its list. ``cells``: text by heading, without empty cells."""

    number: int
    cells: Mapping[str, str]


_CELLS: Final = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A row of a child's answer, which keeps it as ``lines``: cells take many times the memory of their line. They are
    read from it each time."""

    number: int
    _lines: bytes
    _start: int
    _end: int

    @property
    def cells(self) -> Mapping[str, str]:
        """Text by heading, without empty cells."""
        return _CELLS.validate_json(self._lines[self._start : self._end])


@dataclass(frozen=True)
class ImportedTable:
    """The rows of a file, and how they were read.

    ``headings`` in their order; ``sheet``: the worksheet read, ``others``: visible ones that were not read, ``hidden``:
    hidden ones; ``spread``: number of cells filled from the merged cell they belong to; ``groups``: rows left out as
    the heading of a group, one merged cell; ``heads``: rows left out because they repeat the headings or number the
    columns; ``sums``: rows left out because they hold a total of the table; ``unvalued``: number of formulas with an
    error or without a value in the file; ``concealed``: number of rows read although Excel does not show them;
    ``letters``: the letters of the column of each heading.
    """

    rows: Sequence[SheetRow]
    headings: tuple[str, ...]
    sheet: str = ""
    others: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    spread: int = 0
    groups: tuple[int, ...] = ()
    heads: tuple[int, ...] = ()
    sums: tuple[int, ...] = ()
    unvalued: int = 0
    concealed: int = 0
    letters: Mapping[str, str] = field(default_factory=dict)


_HEAD: Final = tuple(part.name for part in fields(ImportedTable) if part.name != "rows")


def spreads_nowhere(_heading: str) -> bool:
    """For tables in which every merged cell counts once."""
    return False


def read_tables(
    name: str,
    data: bytes,
    lists: Sequence[str] = (),
    *,
    knows: Callable[[str], object],
    spreads: Callable[[str], bool] = spreads_nowhere,
    left_out: Collection[str] = (),
) -> list[ImportedTable]:
    """Read a brought file in a child process (``parse_tables``). ``knows`` and ``spreads`` are pickled: functions of a
    module, or methods of what is made of plain values. Raises ``UnreadableDocument``."""
    return _tables_of(*read_brought(_tables_answer, name, data, lists, knows, spreads, left_out))


def _tables_answer(
    name: str,
    data: bytes,
    lists: Sequence[str],
    knows: Callable[[str], object],
    spreads: Callable[[str], bool],
    left_out: Collection[str],
) -> ChildAnswer:
    return _answer(parse_tables(name, data, lists, knows=knows, spreads=spreads, left_out=left_out))


def _answer(tables: Sequence[ImportedTable]) -> ChildAnswer:
    """The answer of the child: the tables without their rows, then a line for each row, its number and its cells."""
    _check_rows(tables)
    lines = (b"%d %s\n" % (row.number, _CELLS.dump_json(dict(row.cells))) for table in tables for row in table.rows)
    heads = [{name: getattr(table, name) for name in _HEAD} for table in tables]
    return {"tables": heads, "rows": [len(table.rows) for table in tables]}, lines


def _tables_of(answer: Mapping[str, Any], lines: bytes) -> list[ImportedTable]:
    rows, tables = _answered_rows(lines), []
    for answered, count in zip(answer["tables"], answer["rows"], strict=True):
        head: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in answered.items()}
        tables.append(ImportedTable(rows=list(islice(rows, count)), **head))
    return tables


def _answered_rows(lines: bytes) -> Iterator[AnsweredRow]:
    start = 0
    while start < len(lines):
        cells, end = lines.index(b" ", start) + 1, lines.index(b"\n", start)
        yield AnsweredRow(int(lines[start:cells]), lines, cells, end)
        start = end + 1


def _too_many_rows() -> UnreadableDocument:
    message = f"the file has more than {MAX_ROWS:,} rows; divide it"
    return UnreadableDocument(message, code="too_many_rows", most=MAX_ROWS)


def _check_rows(tables: Sequence[ImportedTable]) -> None:
    """Raise ``UnreadableDocument`` for more rows, or a longer cell, than people keep in one table."""
    if sum(len(table.rows) for table in tables) > MAX_ROWS:
        raise _too_many_rows()
    if sum(len(row.cells) for table in tables for row in table.rows) > MAX_FILLED:
        message = f"the file has more than {MAX_FILLED:,} filled cells; divide it"
        raise UnreadableDocument(message, code="too_many_rows", most=MAX_FILLED)
    for table in tables:
        for row in table.rows:
            for heading, cell in row.cells.items():
                if len(cell) > MAX_CELL_LENGTH:
                    raise UnreadableDocument(
                        f"row {row.number}, column {heading[:80]!r}: the cell has {len(cell):,} characters",
                        code="long_cell", row=row.number, heading=heading[:80],
                    )  # fmt: skip


def parse_table(
    name: str,
    data: bytes,
    *,
    knows: Callable[[str], object],
    spreads: Callable[[str], bool] = spreads_nowhere,
    left_out: Collection[str] = (),
) -> ImportedTable:
    """The rows of an .xlsx, .csv or .json file, by the suffix of its ``name``; rows without text are left out.

    ``knows`` recognises known headings: the headings are the first row, of the first twenty, with two known ones, else
    the first with two filled cells. The sheets of a workbook are searched in order for such a row.
    ``spreads`` recognises headings below which a cell merged over several rows counts for each of them; sheets named
    ``left_out`` are passed over.
    Raises ``UnreadableDocument``.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == ".json":
        rows = _from_json(data, knows)
        return ImportedTable(rows, tuple(dict.fromkeys(heading for row in rows for heading in row.cells)))
    if suffix == ".csv":
        return _below_head(Worksheet("", False, read_csv(data, knows)), knows, spreads)
    if suffix == ".xlsx":
        sheets = [sheet for sheet in read_workbook(data) if sheet.name not in left_out]
        visible = [sheet for sheet in sheets if not sheet.hidden]
        empty = Worksheet("", False, [])
        chosen = next((sheet for sheet in visible if find_header(sheet.rows, knows)[1]), (visible or [empty])[0])
        others = tuple(sheet.name for sheet in visible if sheet is not chosen)
        hidden = tuple(sheet.name for sheet in sheets if sheet.hidden)
        return replace(_below_head(chosen, knows, spreads), others=others, hidden=hidden)
    if suffix == ".xls":
        raise UnreadableDocument("this is an old Excel file (.xls); save it as .xlsx", code="old_format")
    expected = ", ".join(SUFFIXES)
    raise UnreadableDocument(f"{suffix or 'no suffix'} is not a kind that is read; expected {expected}", code="suffix")


def parse_tables(
    name: str,
    data: bytes,
    lists: Sequence[str],
    *,
    knows: Callable[[str], object],
    spreads: Callable[[str], bool] = spreads_nowhere,
    left_out: Collection[str] = (),
) -> list[ImportedTable]:
    """Every table of a file that holds several: each visible sheet with two known headings, but for those named
    ``left_out``; in JSON the lists named ``lists`` of one object, or a single list; in CSV the one table.
    ``ImportedTable.sheet`` names each. Without ``lists`` the one table of the file (``parse_table``).

    Sheets that hold no table are the ``others`` of the first one. Raises ``UnreadableDocument``.
    """
    suffix = PurePath(name).suffix.lower() if lists else ""
    if suffix == ".json":
        return json_tables(load_json(data, MAX_JSON_BYTES), lists)
    if suffix != ".xlsx":  # of a file of one table too
        return [parse_table(name, data, knows=knows, spreads=spreads, left_out=left_out)]
    sheets = [sheet for sheet in read_workbook(data) if sheet.name not in left_out]
    tables, others = [], []
    for sheet in sheets:
        if not sheet.hidden and find_header(sheet.rows, knows)[1]:
            tables.append(_below_head(sheet, knows, spreads))
        elif not sheet.hidden:
            others.append(sheet.name)
    if not tables:
        return [parse_table(name, data, knows=knows, spreads=spreads, left_out=left_out)]
    hidden = tuple(sheet.name for sheet in sheets if sheet.hidden)
    return [replace(tables[0], others=tuple(others), hidden=hidden), *tables[1:]]


def json_tables(value: Any, lists: Sequence[str]) -> list[ImportedTable]:
    """The tables of a JSON value: the lists named ``lists`` of an object, or one list. Raises
    ``UnreadableDocument``."""
    named = {"": value}
    if isinstance(value, dict):
        unknown = sorted(set(value) - set(lists))
        if unknown or not value:
            expected = ", ".join(lists)
            message = f"{unknown[0]!r} is not one of its lists" if unknown else "the object is empty"
            raise UnreadableDocument(f"{message}; expected the lists {expected}", code="json_lists")
        named = value
    tables = []
    for name, records in named.items():
        if not isinstance(records, list):
            raise UnreadableDocument(f"{name or 'the JSON'} is not a list of objects", code="json_shape")
        rows = _record_rows(records)
        tables.append(ImportedTable(rows, tuple(dict.fromkeys(key for row in rows for key in row.cells)), name))
    return tables


def _below_head(sheet: Worksheet, knows: Callable[[str], object], spreads: Callable[[str], bool]) -> ImportedTable:
    rows = sheet.rows
    place, _ = find_header(rows, knows)
    if place < 0:
        if has_text(rows):
            raise UnreadableDocument("the sheet has no row of headings with two filled cells", code="no_headings")
        raise UnreadableDocument("the sheet is empty", code="empty")
    head = read_header(sheet, place, knows)
    headings = head.headings
    left_out = frozenset(group_rows(sheet, head))
    spread = _fill_merged_cells(sheet, head.last, [spreads(heading) for heading in headings])
    found, again, sums = [], [], []
    used = set()  # the places of cells that hold anything
    width = len(headings)
    for number, row in enumerate(islice(rows, head.last + 1, None), start=head.last + 2):
        filled = [place for place, cell in enumerate(row[:width]) if cell]
        if not filled or number in left_out:
            continue
        if head.again(row):
            again.append(number)
        elif _is_sum(row[filled[0]]) and 2 * len(filled) <= width + 1:
            sums.append(number)
        elif not sheet.unvalued or not all(_is_unvalued(row[place]) for place in filled):
            found.append(TableRow(number, {headings[place]: row[place] for place in filled}))
            used.update(filled)
    shown = tuple(
        heading for place, heading in enumerate(headings) if not _NAMELESS_HEADING.fullmatch(heading) or place in used
    )
    letters = {heading: _column_letters(place) for place, heading in enumerate(headings)}
    return ImportedTable(
        found, shown, sheet.name, spread=spread, groups=tuple(sorted(left_out)), heads=tuple(again),
        sums=tuple(sums), unvalued=sheet.unvalued, concealed=sheet.concealed, letters=letters,
    )  # fmt: skip


def _is_sum(cell: str) -> bool:
    """Whether the first cell of a row calls it a total; "Tổng công ty …" is a company."""
    return _SUM.fullmatch(fold(cell)) is not None


def _is_unvalued(cell: str) -> bool:
    """Whether a cell is a formula without a value. A row of such cells, drawn down below the table, is skipped."""
    return cell == NO_VALUE or cell.startswith("#")


def _column_letters(place: int) -> str:
    """What a spreadsheet calls the column: A to Z, AA and so on."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _fill_merged_cells(sheet: Worksheet, head: int, spreads: Sequence[bool]) -> int:
    """Write the value of a cell merged over several rows into each of them that has other text; return how many cells
    were filled. A cell merged over several columns too is a heading or a remark, and is left as it is."""
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
                filled += 1
    return filled


def _from_json(data: bytes, knows: Callable[[str], object]) -> list[TableRow]:
    value = load_json(data, MAX_JSON_BYTES)
    named = [name for name, inside in value.items() if _is_list_of_objects(inside)] if isinstance(value, dict) else []
    is_row = any(knows(name) for name in value if name not in named) if named else True
    if not is_row and not set(named) <= set(_JSON_LISTS):
        if len(named) > 1:
            message = f"it has several lists: {', '.join(named)}; expected one list of objects"
            raise UnreadableDocument(message, code="json_shape")
        value = value[named[0]]  # the only list, whatever its name
    return _record_rows(objects(value, _JSON_LISTS))


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _record_rows(records: Sequence[Any]) -> list[TableRow]:
    if len(records) > MAX_ROWS:
        raise _too_many_rows()
    rows = []
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise UnreadableDocument(
                f"record {number} is not an object with named fields", code="json_shape", record=number
            )
        cells = {heading: text for heading, text in _flattened("", record) if text}
        if cells:
            rows.append(TableRow(number, cells))
    return rows


def _flattened(above: str, record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The fields of an object as cells: those of a nested object are named ``outer.inner``, lists become lines."""
    for name, value in record.items():
        heading = nfc(remove_controls(f"{above}{name}"))
        if isinstance(value, dict):
            yield from _flattened(f"{heading}.", value)
        elif isinstance(value, list):
            yield heading, "\n".join(text for item in value if (text := _cell_line(item)))
        else:
            yield heading, _cell_line(value)


def _cell_line(value: Any) -> str:
    if isinstance(value, dict):  # {"id": 3, "domain": "…"}: the field with a telling name, else the first text
        named = [value[name] for name in _NAMED_FIELDS if name in value]
        texts = [text for text in (*named, *value.values()) if isinstance(text, str)]
        return _cell_line(texts[0]) if texts else ""
    if isinstance(value, str):
        return nfc(remove_controls(value)).strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or isinstance(value, list) else str(value)
