"""Text tables (.csv): their encoding and separator found out, and their rows."""

import csv
import io
from collections.abc import Callable
from typing import Final

from campaigns.core.vietnamese import nfc
from coordinator.imports.characters import storable
from coordinator.imports.unreadable import UnreadableDocument, decode, too_big
from coordinator.imports.workbook import Rows

LARGEST: Final = 20_000_000  # bytes
_SEPARATORS: Final = (",", ";", "\t", "|")
_HEAD_WITHIN: Final = 20  # lines
# What a Vietnamese text saved in the old Windows encoding may hold beside ASCII. Texts in the font encodings before
# Unicode (TCVN3, VNI) decode as well, into signs that no such text has.
_LETTERS: Final = frozenset(
    nfc(vowel + tone) for vowel in "aăâeêioôơuưy" for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
) | {"đ"}
_SIGNS: Final = frozenset("\u00a0“”‘’–—…•«»°²³½¼¾€₫©§·")


def read_separated(data: bytes, knows: Callable[[str], object]) -> Rows:
    """Every record, from the first on; an empty line is an empty record, so that row numbers are those of a sheet.

    ``knows`` tells a heading that is looked for, which settles what parts the cells.
    Raises ``UnreadableDocument`` for an encoding that is neither Unicode nor Windows-1258, or for broken quoting.
    """
    too_big(data, LARGEST)
    text = _decoded(data)
    first, _, rest = text.partition("\n")
    separator = None
    if (
        first.strip().lower().startswith("sep=") and len(first.strip()) == 5
    ):  # a line for Excel, which shows it to nobody
        separator, text = first.strip()[4], rest
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or _separator(text, knows), strict=True)
    rows = Rows()
    try:
        for row in reader:
            rows.append([nfc(storable(cell)[0]).strip() for cell in row])
    except csv.Error as error:
        raise UnreadableDocument(
            f"line {reader.line_num}: the quotation marks do not match ({error})", code="csv", line=reader.line_num
        ) from error
    return rows


def _decoded(data: bytes) -> str:
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
    return char in _SIGNS or char.lower() in _LETTERS


def _separator(text: str, knows: Callable[[str], object]) -> str:
    """The sign that makes most known headings out of one of the first lines; among equals the most frequent one."""
    head = "\n".join(text.split("\n", _HEAD_WITHIN)[:_HEAD_WITHIN])

    def score(sign: str) -> tuple[int, int]:
        known = 0
        try:
            for row in csv.reader(io.StringIO(head, newline=""), delimiter=sign):
                known = max(known, sum(1 for cell in row if knows(cell.strip())))
        except csv.Error:  # the same text will be read again, and the error said then
            known = 0
        return known, head.count(sign)

    return max(_SEPARATORS, key=score)
