"""Excel workbooks (.xlsx) as rows of text."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from campaigns.core.vietnamese import nfc
from coordinator.imports.characters import storable
from coordinator.imports.extent import Extent, Looked, Names, nothing_odd
from coordinator.imports.unreadable import UnreadableDocument, too_big

LARGEST: Final = 20_000_000  # bytes of the file
LARGEST_UNPACKED: Final = 120_000_000  # bytes of its XML; 50,000 rows of 11 columns need 30 million
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Value: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
_SEAM: Final = "\x1f"  # no cell has it: it may not be stored
_EDGE: Final = _SEAM.encode()


class Rows:
    """Rows of cells, each kept as one text in UTF-8: as so many texts they would take six times the room."""

    def __init__(self, rows: Iterable[Sequence[str]] = ()) -> None:
        self._rows = [_pack(row) for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> list[str]:
        return self._rows[place].decode().split(_SEAM)

    def composed(self, place: int) -> list[str]:
        """The same with letters and their marks together: said of a whole row at once."""
        return nfc(self._rows[place].decode()).split(_SEAM)

    def __setitem__(self, place: int, row: Sequence[str]) -> None:
        self._rows[place] = _pack(row)

    def __iter__(self) -> Iterator[list[str]]:
        return (row.decode().split(_SEAM) for row in self._rows)

    def append(self, row: Sequence[str]) -> None:
        """One more."""
        self._rows.append(_pack(row))

    def any(self) -> bool:
        """Whether there is text in any of them."""
        return any(row.strip(_EDGE) for row in self._rows)


def _pack(row: Sequence[str]) -> bytes:
    return _SEAM.join(row).encode()  # what may be stored has no half of a character, which could not be written so


@dataclass(frozen=True)
class Worksheet:
    """A worksheet. ``rows`` begin at the sheet's first cell, A1, so that places stay true; a hidden sheet's are not
    read. ``merged``: ((row, column), (last row, last column)) of every merged range, counted from 0. ``unvalued``: how
    many cells hold the error that a formula came to, or ``NO_VALUE`` for one whose value is not in the file.
    ``concealed``: rows that Excel does not show; they are among ``rows``."""

    name: str
    hidden: bool
    rows: Rows
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    unvalued: int = 0
    concealed: int = 0


def read_workbook(data: bytes) -> Iterator[Worksheet]:
    """Each worksheet that holds anything, hidden ones by their name alone.

    Raises ``UnreadableDocument`` for anything but a sound .xlsx of sensible size.
    """
    too_big(data, LARGEST)
    looked = _check(data)
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
                # The reader leaves empty rows above in their place, and empty columns on the left out.
                beside = [""] * (opened.start[1] if opened.start else 0)
                rows = Rows([*beside, *map(text_of, row)] for row in opened.iter_rows())
                merged = opened.merged_cell_ranges or ()
                del opened
                if rows.any():
                    seen = looked.get(sheet.name, Looked())
                    _say_unvalued(rows, seen.unvalued)
                    yield Worksheet(sheet.name, False, rows, merged, len(seen.unvalued), seen.hidden)
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


def _say_unvalued(rows: Rows, unvalued: Mapping[tuple[int, int], str]) -> None:
    """The reader shows these cells as empty, and an empty cell has a meaning of its own: they say what they are."""
    for (row, column), text in unvalued.items():
        if row < len(rows):  # below the last row with anything in it there is nothing to be told
            cells = rows[row]
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column] = text
            rows[row] = cells


def _locked() -> UnreadableDocument:
    return UnreadableDocument(
        "the Excel file is locked with a password; save it without one", code="password_protected"
    )


def _check(data: bytes) -> Mapping[str, Looked]:
    """Everything that must hold before the reader, which trusts its input, may see the file.

    Returns what was seen of each worksheet, by its name.
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
            looked = {
                part.filename: Extent().check(part.filename, container.open(part))
                for part in parts
                if not nothing_odd(container.open(part))
            }
            relations = "xl/_rels/workbook.xml.rels"
            if relations not in names:
                return {}  # then the reader finds no sheet either
            sheets = Names().read(container.read("xl/workbook.xml"), container.read(relations))
            return {name: looked[part] for name, part in sheets.items() if part in looked}
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
    except RuntimeError as error:  # what the standard library raises for an encrypted member
        raise _locked() from error
