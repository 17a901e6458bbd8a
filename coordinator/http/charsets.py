"""Decoding of bytes to text where the header, the document and the actual encoding may disagree."""

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

PRESCAN_BYTES = 4096  # bytes at the beginning that are searched for a declaration; HTML says 1024, many sites need more
GUESS_BYTES = 65_536  # bytes used for a guess when nothing is declared; the time of a guess grows with their number

_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]+)["']""", re.IGNORECASE)
_META = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(body: bytes, content_type: str = "") -> str:
    """``body`` as text; a byte that is invalid in the encoding becomes U+FFFD. Never raises.

    In order: a byte order mark; UTF-8 when the bytes are valid UTF-8 (text in another encoding practically never is,
    whatever the header says); the charset of ``content_type``; an XML declaration or ``<meta>``; a guess. Labels are
    those of the WHATWG Encoding Standard: iso-8859-1 is windows-1252.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, errors="replace")
    declared = [name for name in (_header_charset(content_type), _document_charset(body)) if name]
    # UTF-16 without a mark can be valid UTF-8 because of its NULs, so a declared UTF-16 is used when NULs occur.
    if declared and declared[0].startswith("utf-16") and b"\x00" in body[:PRESCAN_BYTES]:
        return body.decode(declared[0], errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for name in declared:
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode(declared[0] if declared else _guessed_charset(body), errors="replace")


def _header_charset(content_type: str) -> str | None:
    match = _HEADER.search(content_type)
    return _codec_name(match[1]) if match else None


def _document_charset(body: bytes) -> str | None:
    head = body[:PRESCAN_BYTES]
    match = _XML.search(head) or _META.search(head)
    return _codec_name(match[1].decode("ascii")) if match else None


def _codec_name(label: str) -> str | None:
    """Python's name of a label of the Standard, or None. The Standard has no UTF-7, which could hide markup."""
    name: str | None = map_encoding_to_html5(label, False)
    if name is None:
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _guessed_charset(body: bytes) -> str:
    sample = body[:GUESS_BYTES]
    # Damaged UTF-8 is far more common than another undeclared encoding: one cut character must not garble a page.
    replaced = sample.decode("utf-8", errors="replace").count("\ufffd")
    if replaced * 50 < len(sample) - len(sample.decode("ascii", errors="ignore")):
        return "utf-8"
    return _codec_name(detect_encoding(sample) or "") or "cp1252"
