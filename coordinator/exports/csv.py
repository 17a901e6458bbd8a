"""CSV for spreadsheets and programs: UTF-8 with a byte order mark, commas, CRLF, and no cell that is a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from coordinator.exports.format import in_city
from coordinator.exports.printable_text import to_nfc
from coordinator.exports.tables import CellValue, Table

# A cell that begins with one of these is a formula, or hides one, in Excel, LibreOffice and Google Sheets
# (OWASP, CSV injection; ASVS 1.2.10).
_FORMULA_STARTERS = frozenset("=+-@\t\r\n\0")
# Characters that a spreadsheet may drop at the beginning: spaces, controls such as a form feed, and format
# characters such as U+FEFF.
_INVISIBLE_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


def without_formula(text: str) -> str:
    """Return ``text``, with ``'`` before it if a spreadsheet could read it as a formula.

    Look-alikes count too: a full-width or small ``＝`` folds to ``=`` (NFKC), and spaces before it do not hide it.
    """
    for character in text:
        if not _FORMULA_STARTERS.isdisjoint(unicodedata.normalize("NFKC", character)):
            return "'" + text
        if unicodedata.category(character) not in _INVISIBLE_CATEGORIES:
            return text
    return text


def _cell_text(value: CellValue) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return without_formula(to_nfc(value).encode("utf-8", "ignore").decode("utf-8"))
    if isinstance(value, datetime):
        return in_city(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def csv_pieces(heads: Sequence[str], rows: Iterable[Sequence[CellValue]], at_once: int = 500) -> Iterator[bytes]:
    """Yield the result of ``write_csv`` in pieces of some rows, so that memory does not grow with the table."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_cell_text(head) for head in heads])
    yield b"\xef\xbb\xbf"
    for number, row in enumerate(rows, start=1):
        writer.writerow([_cell_text(value) for value in row])
        if number % at_once == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def write_csv(table: Table) -> bytes:
    """Return the table's header and rows as CSV (RFC 4180, ``utf-8-sig``).

    Numbers are plain (``12500``, ``0.593`` for a share), days are ISO, times RFC 3339 with the city's offset; text goes
    through ``without_formula``. Title, note and footer are left out: a program would count the total twice.
    """
    return b"".join(csv_pieces([column.title for column in table.columns], table.lines()))
