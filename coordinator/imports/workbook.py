"""Excel workbooks (.xlsx) as rows of text."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, Final, TypeAlias
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from coordinator.imports.characters import storable
from coordinator.imports.unreadable import UnreadableDocument, too_big

LARGEST: Final = 20_000_000  # bytes of the file
LARGEST_UNPACKED: Final = 120_000_000  # bytes of its XML; 50,000 rows of 11 columns need 30 million
MOST_CELLS: Final = 3_000_000  # cells of the smallest rectangle that holds a sheet; the reader sets all of it aside
PIECE: Final = 1 << 20  # bytes of a part looked at together
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LETTERS: Final = re.compile("[A-Za-z]{1,3}")

Value: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
_SEAM: Final = "\x1f"  # no cell has it: it may not be stored


class Rows:
    """Rows of cells, each kept as one text: as so many texts they would take three times the room."""

    def __init__(self, rows: Iterable[Sequence[str]] = ()) -> None:
        self._rows = [_SEAM.join(row) for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> list[str]:
        return self._rows[place].split(_SEAM)

    def __setitem__(self, place: int, row: Sequence[str]) -> None:
        self._rows[place] = _SEAM.join(row)

    def __iter__(self) -> Iterator[list[str]]:
        return (row.split(_SEAM) for row in self._rows)

    def append(self, row: Sequence[str]) -> None:
        """One more."""
        self._rows.append(_SEAM.join(row))

    def any(self) -> bool:
        """Whether there is text in any of them."""
        return any(row.strip(_SEAM) for row in self._rows)


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
                    yield Worksheet(sheet.name, True, Rows())
                    continue
                opened = book.get_sheet_by_name(sheet.name)
                # Row by row: all cells at once, before they are texts, would take as much room again.
                rows = Rows([text_of(value) for value in row] for row in opened.iter_rows())
                merged = opened.merged_cell_ranges or ()
                del opened
                if rows.any():
                    yield Worksheet(sheet.name, False, rows, merged, unvalued)
    except PasswordError as error:
        raise _locked() from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableDocument(f"the Excel file is damaged: {error}", code="damaged") from error


def text_of(value: Value) -> str:
    """A cell as a person would type it: 2215.0 is 2215, a date is yyyy-MM-dd, text is trimmed."""
    if type(value) is str:  # most are
        return storable(value)[0].strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
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
            return sum(_Extent().check(part.filename, container.open(part)) for part in parts)
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
        self._tags: dict[str, str] = {}  # names without their prefix
        self._letters: dict[str, int] = {}  # columns by their letters

    def check(self, name: str, body: IO[bytes]) -> int:
        """How many formulas there are without a value.

        Raises ``UnreadableDocument`` for a part that spans more than ``MOST_CELLS`` or declares a document type.
        """
        parser = self._parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = _refuse_doctype
        sheet = False
        try:
            with body:
                while piece := body.read(PIECE):
                    sheet = sheet or b"sheetData" in piece
                    parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError) as error:  # the latter for an encoding that nobody knows
            # Pictures and printer settings are no XML; a sheet is, whatever it is called.
            if name.endswith((".xml", ".rels")) or sheet:
                raise UnreadableDocument(f"the Excel file is damaged: {name}: {error}", code="damaged") from error
        if self._rows * self._columns > MOST_CELLS:
            raise UnreadableDocument(
                f"{name} spans {self._rows:,} rows and {self._columns:,} columns; "
                "delete what stands far below or beside the table",
                code="too_wide",
            )
        return self._formulas - self._values

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._tags.get(name)
        if tag is None:
            tag = self._tags[name] = name.rpartition(":")[2]
        if tag == "c":
            if self._formula:  # what is in a cell is looked at where there is a formula: most cells have none
                self._parser.EndElementHandler = self._parser.CharacterDataHandler = None
            self._formula = self._filled = False
            kind = attributes.get("t")
            self._error, self._empty = kind == "e", kind == "str"
            self._column += 1
            if place := attributes.get("r"):
                self._stand(place)
        elif tag in {"v", "is", "f"}:  # a cell that only has a style takes no room
            self._rows = max(self._rows, self._row)
            self._columns = max(self._columns, self._column)
            if tag == "f" and not self._formula:
                self._formula = True
                self._formulas += 1
                self._parser.EndElementHandler, self._parser.CharacterDataHandler = self._end, self._text
        elif tag == "row":
            place = attributes.get("r", "")
            self._row, self._column = int(place) if place.isdecimal() else self._row + 1, 0

    def _stand(self, place: str) -> None:
        """Go to a cell by its name; one that is none leaves us where we are."""
        letters = place.rstrip("0123456789")
        digits = place[len(letters) :]
        column = self._letters.get(letters)
        if column is None:
            if not _LETTERS.fullmatch(letters):
                return
            column = 0
            for letter in letters.upper():
                column = column * 26 + ord(letter) - 64
            self._letters[letters] = column
        if 1 <= len(digits) <= 7:
            self._row, self._column = int(digits), column

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
