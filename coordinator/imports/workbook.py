"""Excel workbooks (.xlsx) as rows of text."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from coordinator.imports.characters import storable
from coordinator.imports.unreadable import UnreadableDocument, too_big

LARGEST: Final = 20_000_000  # bytes of the file
LARGEST_UNPACKED: Final = 120_000_000  # bytes of its XML; 50,000 rows of 11 columns need 30 million
MOST_CELLS: Final = 3_000_000  # cells of the smallest rectangle that holds a sheet; the reader sets all of it aside
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PLACE: Final = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")

Value: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
Rows: TypeAlias = list[list[str]]


@dataclass(frozen=True)
class Worksheet:
    """A worksheet. ``rows`` begin at the sheet's first row, so that places stay true; a hidden sheet's are not read.
    ``merged``: ((row, column), (last row, last column)) of every merged range, counted from 0. ``unvalued``: formulas
    whose value the file does not hold, with those that came to an error."""

    name: str
    hidden: bool
    rows: Rows
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    unvalued: int = 0


def read_workbook(data: bytes) -> Iterator[Worksheet]:
    """Each worksheet that holds anything, hidden ones by their name alone.

    Raises ``UnreadableDocument`` for anything but a sound .xlsx of sensible size.
    """
    too_big(data, LARGEST)
    unvalued = _check(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for sheet in book.sheets_metadata:
                if sheet.typ is not SheetTypeEnum.WorkSheet:
                    continue
                if sheet.visible is not SheetVisibleEnum.Visible:
                    yield Worksheet(sheet.name, True, [])
                    continue
                opened = book.get_sheet_by_name(sheet.name)
                # Row by row: all cells at once, before they are texts, would take as much room again.
                texts = [[text_of(value) for value in row] for row in opened.iter_rows()]
                if any(any(row) for row in texts):
                    yield Worksheet(sheet.name, False, texts, opened.merged_cell_ranges or (), unvalued)
    except PasswordError as error:
        raise _locked() from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableDocument(f"the Excel file is damaged: {error}", code="damaged") from error


def text_of(value: Value) -> str:
    """A cell as a person would type it: 2215.0 is 2215, a date is yyyy-MM-dd, text is trimmed."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, str):
        return storable(value)[0].strip()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _locked() -> UnreadableDocument:
    return UnreadableDocument(
        "the Excel file is locked with a password; save it without one", code="password_protected"
    )


def _check(data: bytes) -> int:
    """Everything that must hold before the reader, which trusts its input, may see the file.

    Returns how many formulas have no value: the reader shows them as empty cells.
    """
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _locked()
        raise UnreadableDocument("this is an old Excel file (.xls); save it as .xlsx", code="old_format")
    if not data:
        raise UnreadableDocument("the file is empty", code="empty")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            names = {part.filename for part in container.infolist()}
            # The reader would also take other kinds of workbook, whose traps are not known here.
            if "xl/workbook.xml" not in names or names & {"xl/workbook.bin", "content.xml", "mimetype"}:
                raise UnreadableDocument(
                    "this is not an Excel file (.xlsx) but another kind of archive", code="not_excel"
                )
            parts = [part for part in container.infolist() if not part.filename.startswith("xl/media/")]
            if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise UnreadableDocument(
                    "the Excel file unpacks to far more than a register has", code="too_big_unpacked"
                )
            return sum(_Extent().check(part.filename, container.read(part)) for part in parts)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError) as error:
        raise UnreadableDocument(
            f"this is not an Excel file (.xlsx), or it is damaged: {error}", code="damaged"
        ) from error
    except RuntimeError as error:  # what the standard library raises for an encrypted member
        raise _locked() from error


class _Extent:
    """How far a sheet's filled cells reach.

    A file of a few kilobytes may have a cell in the last row of the last column; the reader sets memory aside for the
    whole rectangle at once, and ends the process when there is none. So another parser looks first.
    """

    def __init__(self) -> None:
        self._row = self._column = 0
        self._rows = self._columns = 0
        self._formulas = self._values = 0
        self._formula = self._error = self._filled = False  # of the cell at hand
        self._empty = False  # a formula may come to an empty text, and mean it

    def check(self, name: str, data: bytes) -> int:
        """How many formulas there are without a value.

        Raises ``UnreadableDocument`` for a part that spans more than ``MOST_CELLS`` or declares a document type.
        """
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, LookupError) as error:  # the latter for an encoding that nobody knows
            # Pictures and printer settings are no XML; a sheet is, whatever it is called.
            if name.endswith((".xml", ".rels")) or b"sheetData" in data:
                raise UnreadableDocument(f"the Excel file is damaged: {name}: {error}", code="damaged") from error
        if self._rows * self._columns > MOST_CELLS:
            raise UnreadableDocument(
                f"{name} spans {self._rows:,} rows and {self._columns:,} columns; "
                "delete what stands far below or beside the table",
                code="too_wide",
            )
        return self._formulas - self._values

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "row":
            place = attributes.get("r", "")
            self._row, self._column = int(place) if place.isdecimal() else self._row + 1, 0
        elif tag == "c":
            self._column += 1
            self._formula = self._filled = False
            self._error = attributes.get("t") == "e"
            self._empty = attributes.get("t") == "str"
            if found := _PLACE.fullmatch(attributes.get("r", "")):
                self._row, self._column = int(found[2]), 0
                for letter in found[1].upper():
                    self._column = self._column * 26 + ord(letter) - 64
        elif tag in {"v", "is", "f"}:  # a cell that only has a style takes no room
            self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
            if tag == "f" and not self._formula:
                self._formula = True
                self._formulas += 1

    def _text(self, text: str) -> None:
        self._filled = True

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "v":
            self._values += self._formula and (self._filled or self._empty) and not self._error
        if tag in {"v", "f"}:
            self._filled = False


def _refuse_doctype(*_: object) -> None:
    raise UnreadableDocument("a part of the Excel file declares a document type", code="doctype")
