"""Excel workbooks (.xlsx) as rows of text."""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO, Final, TypeAlias
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from campaigns.core.vietnamese import nfc
from coordinator.imports.decoding import UnreadableDocument, check_size
from coordinator.imports.text.characters import remove_controls

MAX_CELLS: Final = 3_000_000  # cells of the smallest rectangle that holds a sheet; the reader allocates all of it
CHUNK_BYTES: Final = 1 << 20  # bytes of a part parsed at once
NO_VALUE: Final = "=?"  # replaces a formula whose value is not in the file
_CELL_NAME: Final = re.compile("([A-Za-z]{1,3})([0-9]{1,7})")
_MAX_ERROR_LENGTH: Final = 20  # characters; Excel's own have a few


@dataclass
class SheetScan:
    """What the reader does not tell of one part. ``unvalued``: (row, column), counted from 0, of each formula with an
    error or without a value in the file -> the error as Excel writes it, or ``NO_VALUE``. ``hidden``: the number of
    rows with content that Excel does not show. ``damage``: why the part is not XML, "" if it is."""

    unvalued: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: int = 0
    damage: str = ""


class SheetScanner:
    """Scans one part of a workbook before the reader gets it: how far its filled cells reach, and a ``SheetScan``."""

    def __init__(self) -> None:
        self._row = self._column = 0
        self._rows = self._columns = 0
        self._formula = self._error = False  # of the current cell
        self._empty = False  # the value of a formula may be an empty text
        self._value = ""  # of the current cell, as far as it was read
        self._hidden = False  # the current row
        self._name = ""
        self._scan = SheetScan()

    def check(self, name: str, body: IO[bytes]) -> SheetScan:
        """Scan one part.

        Raises ``UnreadableDocument`` for a part that spans more than ``MAX_CELLS`` or declares a document type.
        """
        self._name = name
        parser = self._parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        try:
            with body:
                while piece := body.read(CHUNK_BYTES):
                    parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError) as error:  # the latter for an unknown encoding
            # Pictures and printer settings are not XML. What the workbook names as a sheet must be, see below.
            if name.lower().endswith((".xml", ".rels")):
                raise _damaged_part(name, str(error)) from error
            self._scan.damage = str(error)
        if self._rows * self._columns > MAX_CELLS:
            raise UnreadableDocument(
                f"{name} spans {self._rows:,} rows and {self._columns:,} columns; "
                "delete what stands far below or beside the table",
                code="too_wide",
                part=name,
            )
        return self._scan

    def _refuse_doctype(self, *_: object) -> None:
        raise UnreadableDocument(
            f"{self._name} in the Excel file declares a document type", code="doctype", part=self._name
        )

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            kind = attributes.get("t")
            self._formula, self._error, self._empty = False, kind == "e", kind == "str"
            self._column += 1
            if place := attributes.get("r"):
                self._go_to(place)
            if self._error:  # an error that was pasted as a value has no formula any more
                self._listen()
        elif tag in {"v", "is", "f"}:  # a cell with a style only is not counted
            self._rows = max(self._rows, self._row)
            self._columns = max(self._columns, self._column)
            if self._hidden:
                self._scan.hidden += 1
                self._hidden = False
            if tag == "f":
                self._formula = True
                self._listen()
            self._value = ""
        elif tag == "row":
            place = attributes.get("r", "")
            self._row, self._column = int(place) if place.isdecimal() else self._row + 1, 0
            self._hidden = attributes.get("hidden") in {"1", "true"}

    def _listen(self) -> None:
        """Read the text of this cell up to its end; most cells are skipped."""
        self._value = ""
        self._parser.EndElementHandler, self._parser.CharacterDataHandler = self._end, self._text

    def _go_to(self, place: str) -> None:
        """Take the position from the name of a cell; an invalid name changes nothing."""
        if found := _CELL_NAME.fullmatch(place):
            self._row, self._column = int(found[2]), _column_number(found[1])

    def _text(self, text: str) -> None:
        if len(self._value) <= _MAX_ERROR_LENGTH:
            self._value += text

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "f":
            self._value = ""
        elif tag == "c":
            self._parser.EndElementHandler = self._parser.CharacterDataHandler = None
            if self._error:
                self._scan.unvalued[self._row - 1, self._column - 1] = self._value.strip() or NO_VALUE
            elif self._formula and not (self._value or self._empty):
                self._scan.unvalued[self._row - 1, self._column - 1] = NO_VALUE


def _column_number(letters: str) -> int:
    """The number of a column from its letters: A is 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _damaged_part(name: str, why: str) -> UnreadableDocument:
    return UnreadableDocument(f"the Excel file is damaged: {name}: {why}", code="damaged", part=name)


class SheetNames:
    """Finds the part of each worksheet in the workbook's list of sheets and its list of relations."""

    def __init__(self) -> None:
        self._sheets: dict[str, str] = {}  # name -> relation
        self._targets: dict[str, str] = {}  # relation -> part

    def read(self, workbook: bytes, relations: bytes) -> Mapping[str, str]:
        """Name of a worksheet -> name of its part."""
        for body, start in ((workbook, self._sheet), (relations, self._relation)):
            parser = expat.ParserCreate()
            parser.StartElementHandler = start
            parser.Parse(body, True)
        return {name: self._targets[relation] for name, relation in self._sheets.items() if relation in self._targets}

    @property
    def targets(self) -> Collection[str]:
        """The names of all parts that the workbook names, as sheets or anything else."""
        return self._targets.values()

    def _sheet(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            self._sheets[attributes.get("name", "")] = relation

    def _relation(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            part = target.removeprefix("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
            self._targets[attributes.get("Id", "")] = posixpath.normpath(part)


MAX_XLSX_BYTES: Final = 20_000_000  # bytes of the file
MAX_PARTS: Final = 3000
MAX_UNPACKED_BYTES: Final = 120_000_000  # bytes of all its parts; 20,000 rows of 11 columns need 12 million
_OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

XlsxValue: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
Rows: TypeAlias = list[list[str]]


@dataclass(frozen=True)
class Worksheet:
    """A worksheet. ``rows`` begin at cell A1; those of a hidden sheet are not read. ``merged``: ((row, column),
    (last row, last column)) of every merged range, counted from 0. ``unvalued``: how many cells hold the error of a
    formula, or ``NO_VALUE`` for one whose value is not in the file. ``concealed``: how many of ``rows`` Excel does not
    show."""

    name: str
    hidden: bool
    rows: Rows
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    unvalued: int = 0
    concealed: int = 0


def read_workbook(data: bytes) -> Iterator[Worksheet]:
    """Each worksheet with content; of hidden ones the name only.

    Raises ``UnreadableDocument`` for anything but a sound .xlsx of sensible size.
    """
    check_size(data, MAX_XLSX_BYTES)
    scans = _scan_container(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for sheet in book.sheets_metadata:
                if sheet.typ is not SheetTypeEnum.WorkSheet:
                    continue
                if sheet.visible is not SheetVisibleEnum.Visible:
                    yield Worksheet(sheet.name, True, [])
                    continue
                opened = book.get_sheet_by_name(sheet.name)
                # The reader keeps empty rows above the first cell and leaves out empty columns on its left.
                left = [""] * (opened.start[1] if opened.start else 0)
                rows = [[*left, *map(cell_text, row)] for row in opened.iter_rows()]
                if has_text(rows):
                    scan = scans.get(sheet.name, SheetScan())
                    _mark_unvalued(rows, scan.unvalued)
                    merged = opened.merged_cell_ranges or ()
                    yield Worksheet(sheet.name, False, rows, merged, len(scan.unvalued), scan.hidden)
    except PasswordError as error:
        raise _password_error() from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableDocument(f"the Excel file is damaged: {error}", code="damaged") from error


def cell_text(value: XlsxValue) -> str:
    """A cell as a person would type it: 2215.0 is 2215, a date is dd/MM/yyyy, text is composed (NFC) and trimmed."""
    if isinstance(value, str):
        return nfc(remove_controls(value)).strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        day = cell_text(value.date())
        return day if value.time() == time() else f"{day} {value.time().isoformat()}"
    if isinstance(value, date):
        return f"{value.day:02}/{value.month:02}/{value.year:04}"
    return value.isoformat() if isinstance(value, time) else str(value)


def has_text(rows: Rows) -> bool:
    """Whether any cell has text."""
    return any(any(row) for row in rows)


def _mark_unvalued(rows: Rows, unvalued: Mapping[tuple[int, int], str]) -> None:
    """Write the error or ``NO_VALUE`` into these cells, which the reader returns as empty."""
    for (row, column), text in unvalued.items():
        if row < len(rows):  # rows below the last one with a value are not returned
            rows[row].extend([""] * (column + 1 - len(rows[row])))
            rows[row][column] = text


def _password_error() -> UnreadableDocument:
    return UnreadableDocument(
        "the Excel file is locked with a password; save it without one", code="password_protected"
    )


def _scan_container(data: bytes) -> Mapping[str, SheetScan]:
    """Check the file before the reader, which trusts its input, gets it; return the scan of each worksheet by name."""
    if data.startswith(_OLE_SIGNATURE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _password_error()
        raise UnreadableDocument("this is an old Excel file (.xls); save it as .xlsx", code="old_format")
    if not data:
        raise UnreadableDocument("the file is empty", code="empty")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            names = {part.filename for part in container.infolist()}
            # The reader takes other kinds of workbook too, which are not checked here.
            if "xl/workbook.xml" not in names or names & {"xl/workbook.bin", "content.xml", "mimetype"}:
                raise UnreadableDocument(
                    "this is not an Excel file (.xlsx) but another kind of archive", code="not_excel"
                )
            # Every part is checked, whatever its folder and name: the workbook may name any of them as a sheet.
            parts = container.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise UnreadableDocument(
                    "the Excel file unpacks to far more than a register has", code="too_big_unpacked"
                )
            scans = {part.filename: SheetScanner().check(part.filename, container.open(part)) for part in parts}
            folded = {name.lower(): scan for name, scan in scans.items()}
            relations = "xl/_rels/workbook.xml.rels"
            if relations not in names:
                return {}  # the reader finds no sheet either
            named = SheetNames()
            sheets = named.read(container.read("xl/workbook.xml"), container.read(relations))
            for part in named.targets:
                if (scan := folded.get(part.lower())) and scan.damage:
                    raise _damaged_part(part, scan.damage)
            return {name: folded[part.lower()] for name, part in sheets.items() if part.lower() in folded}
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        NotImplementedError,
        ValueError,
        expat.ExpatError,
    ) as error:
        raise UnreadableDocument(
            f"this is not an Excel file (.xlsx), or it is damaged: {error}", code="damaged"
        ) from error
    except RuntimeError as error:  # raised by the standard library for an encrypted member
        raise _password_error() from error
