"""How far a worksheet's filled cells reach, and which of its formulas have no value: looked at before the reader is.

A file of a few kilobytes may have a cell in the last row of the last column; the reader sets memory aside for the
whole rectangle at once, and ends the process when there is none. So another parser looks first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat

from coordinator.imports.unreadable import UnreadableDocument

MOST_CELLS: Final = 3_000_000  # cells of the smallest rectangle that holds a sheet; the reader sets all of it aside
PIECE: Final = 1 << 20  # bytes of a part looked at together
NO_VALUE: Final = "=?"  # stands for a formula whose value the file does not hold
_LETTERS: Final = re.compile("[A-Za-z]{1,3}")
_LONGEST_ERROR: Final = 20  # characters; Excel's own have a few


@dataclass
class Looked:
    """What was seen of one part. ``unvalued``: (row, column), counted from 0, of each formula that came to an error or
    has no value in the file -> the error as Excel writes it, or ``NO_VALUE``. ``hidden``: rows with anything in them
    that Excel does not show."""

    unvalued: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: int = 0


# What a part must be free of to be looked at quickly: comments and document types, formulas, errors, hidden rows,
# elements with a prefix. Without a document type an element stands in the text as it is called.
# The one or other text that has these letters is looked at closely for nothing.
_ODD: Final = (b"<!", b"<f", b"hidden", b'"e"', b"'e'", b"\x00")
_PREFIXES: Final = (b":c", b":row", b":v", b":f", b":is")
_PREFIXED: Final = re.compile(rb"<[^\s<>/]+:(?:c|row|v|f|is)[\s/>]")
_COLUMN: Final = re.compile(rb'<c r="([A-Z]{1,3})\d{1,7}"')
_ROW: Final = re.compile(rb'<c r="[A-Z]{1,3}(\d{1,7})"')
_ENCODED: Final = re.compile(rb"encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)


def nothing_odd(body: IO[bytes]) -> bool:
    """Whether a part is sound, as nearly all are written, and of no size to be feared: then there is nothing to tell of
    it. Every cell counts here, filled or not, so that what is too much at this look may pass at the closer one."""
    parser = expat.ParserCreate()
    columns: set[bytes] = set()
    last, rest = 0, b""
    try:
        with body:
            while piece := body.read(PIECE):
                parser.Parse(piece, False)
                whole = rest + piece
                cut = whole.rfind(b"<")  # a tag may go on in the next piece
                piece, rest = (whole[:cut], whole[cut:]) if cut > 0 else (b"", whole)
                if len(rest) > PIECE or _odd(piece) or (not last and _ENCODED.search(piece[:200])):
                    return False
                rows = _ROW.findall(piece)
                if len(rows) != piece.count(b"<c") - piece.count(b"<col"):
                    return False  # a cell that does not say where it is
                if rows:
                    last = max(last, *map(int, set(rows)))
                    columns.update(_COLUMN.findall(piece))
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError):
        return False
    if _odd(rest) or b"<c" in rest:
        return False
    return last * max(map(_place, columns), default=0) <= MOST_CELLS


def _odd(piece: bytes) -> bool:
    if any(one in piece for one in _ODD):
        return True
    return any(one in piece for one in _PREFIXES) and _PREFIXED.search(piece) is not None


def _place(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column


class Extent:
    """One part of a workbook being looked through."""

    def __init__(self) -> None:
        self._row = self._column = 0
        self._rows = self._columns = 0
        self._formula = self._error = False  # of the cell at hand
        self._empty = False  # a formula may come to an empty text, and mean it
        self._value = ""  # of the cell at hand, as far as it was read
        self._hidden = False  # the row at hand
        self._tags: dict[str, str] = {}  # names without their prefix
        self._letters: dict[str, int] = {}  # columns by their letters
        self._looked = Looked()

    def check(self, name: str, body: IO[bytes]) -> Looked:
        """What is in the part that the reader would not tell.

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
        return self._looked

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        tag = self._tags.get(name)
        if tag is None:
            tag = self._tags[name] = name.rpartition(":")[2]
        if tag == "c":
            kind = attributes.get("t")
            self._formula, self._error, self._empty = False, kind == "e", kind == "str"
            self._column += 1
            if place := attributes.get("r"):
                self._stand(place)
            if self._error:  # one that was pasted as a value has no formula any more
                self._listen()
        elif tag in {"v", "is", "f"}:  # a cell that only has a style takes no room
            self._rows = max(self._rows, self._row)
            self._columns = max(self._columns, self._column)
            if self._hidden:
                self._looked.hidden += 1
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
        """Hear what is in this cell and where it ends: most cells are of no interest."""
        self._value = ""
        self._parser.EndElementHandler, self._parser.CharacterDataHandler = self._end, self._text

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
        if len(self._value) <= _LONGEST_ERROR:
            self._value += text

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "f":
            self._value = ""
        elif tag == "c":
            self._parser.EndElementHandler = self._parser.CharacterDataHandler = None
            if self._error:
                self._looked.unvalued[self._row - 1, self._column - 1] = self._value.strip() or NO_VALUE
            elif self._formula and not (self._value or self._empty):
                self._looked.unvalued[self._row - 1, self._column - 1] = NO_VALUE


def _refuse_doctype(*_: object) -> None:
    raise UnreadableDocument("a part of the Excel file declares a document type", code="doctype")


class Names:
    """Which part of a workbook is which worksheet, read from its two lists."""

    def __init__(self) -> None:
        self._sheets: dict[str, str] = {}  # name -> relation
        self._targets: dict[str, str] = {}  # relation -> part

    def read(self, workbook: bytes, relations: bytes) -> Mapping[str, str]:
        """Name of a worksheet -> name of its part."""
        for body, start in ((workbook, self._sheet), (relations, self._relation)):
            parser = expat.ParserCreate()
            parser.StartElementHandler = start
            parser.StartDoctypeDeclHandler = _refuse_doctype
            parser.Parse(body, True)
        return {name: self._targets[one] for name, one in self._sheets.items() if one in self._targets}

    def _sheet(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            self._sheets[attributes.get("name", "")] = relation

    def _relation(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            self._targets[attributes.get("Id", "")] = part
