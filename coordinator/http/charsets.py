"""Bytes to text, when the header, the document and the truth do not always agree."""

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

PRESCAN = 4096  # bytes at the head in which a declaration counts; HTML says 1024, many sites need more
GUESS = 65_536  # bytes looked at when nothing is declared; guessing costs time by length

_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]+)["']""", re.IGNORECASE)
_META = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(body: bytes, content_type: str = "") -> str:
    """``body`` as text; a byte that fits no encoding becomes U+FFFD. Never raises.

    In order: a byte order mark; UTF-8 when the bytes are valid UTF-8 (text in another encoding practically never is,
    whatever the header says); the charset of ``content_type``; an XML declaration or ``<meta>``; a guess. Labels mean
    what the WHATWG Encoding Standard says: iso-8859-1 is windows-1252.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, errors="replace")
    declared = [name for name in (_in_header(content_type), _in_document(body)) if name]
    # UTF-16 without a mark can be valid UTF-8 by accident of its NULs, so it is believed when named and likely.
    if declared and declared[0].startswith("utf-16") and b"\x00" in body[:PRESCAN]:
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
    return body.decode(declared[0] if declared else _guess(body), errors="replace")


def _in_header(content_type: str) -> str | None:
    found = _HEADER.search(content_type)
    return _known(found[1]) if found else None


def _in_document(body: bytes) -> str | None:
    head = body[:PRESCAN]
    found = _XML.search(head) or _META.search(head)
    return _known(found[1].decode("ascii")) if found else None


def _known(label: str) -> str | None:
    """Python's name of an encoding of the Standard, or None. The Standard has no UTF-7, which could hide markup."""
    name: str | None = map_encoding_to_html5(label, False)
    if name is None:
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _guess(body: bytes) -> str:
    sample = body[:GUESS]
    # Damaged UTF-8 is far more common than anything undeclared: one cut character must not garble a whole page.
    broken = sample.decode("utf-8", errors="replace").count("\ufffd")
    if broken * 50 < len(sample) - len(sample.decode("ascii", errors="ignore")):
        return "utf-8"
    return _known(detect_encoding(sample) or "") or "cp1252"
