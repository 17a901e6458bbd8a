"""Text as every written file can hold it: composed Vietnamese letters and no character that XML forbids."""

import re
import unicodedata

# XML 1.0 §2.2 allows tab, line feed, carriage return and everything from space on, except surrogates and two
# non-characters. python-docx and XlsxWriter write XML; a lone surrogate cannot be encoded in UTF-8 either.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def composed(text: str) -> str:
    """The same text in NFC, so that search and fonts see one letter where the reader sees one."""
    return unicodedata.normalize("NFC", text)


def printable(text: str) -> str:
    """``text`` in NFC with the characters left out that XML 1.0 cannot carry."""
    if text.isascii() and text.isprintable():
        return text
    return composed(_FORBIDDEN.sub("", text))


def shortened(text: str, limit: int) -> str:
    """``text``, or its beginning and an ellipsis when it has more than ``limit`` characters (at least 1)."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
