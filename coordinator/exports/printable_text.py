"""Text for files: composed Vietnamese letters and no character that XML forbids."""

import re
import unicodedata

# XML 1.0 §2.2 allows tab, line feed, carriage return and everything from space on, except surrogates and two
# non-characters. python-docx and XlsxWriter write XML; a lone surrogate cannot be encoded in UTF-8 either.
_XML_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def to_nfc(text: str) -> str:
    """Return the text in NFC, so that a letter with marks is one character."""
    return unicodedata.normalize("NFC", text)


def printable(text: str) -> str:
    """Return ``text`` in NFC without the characters that XML 1.0 forbids."""
    if text.isascii() and text.isprintable():
        return text
    return to_nfc(_XML_FORBIDDEN.sub("", text))


def shortened(text: str, limit: int) -> str:
    """Return ``text``, or its beginning and an ellipsis when it has more than ``limit`` characters (at least 1)."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
