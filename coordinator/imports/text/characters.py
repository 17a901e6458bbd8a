"""Characters of imported text: removal of those that may not be stored, Windows quotes, sub- and superscripts."""

import re
from typing import Final

# NUL is refused by PostgreSQL, other controls by XML; overrides of writing direction can make a text read differently
# from what is stored; the rest is invisible. Tab, newline and carriage return stay: they are white space.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    "\ufffe\uffff\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e007f]"
)
# U+0080–U+009F are controls in Unicode but quotes and dashes in Windows-1252, which such documents use.
_WINDOWS: Final = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
_SUPERSCRIPTS: Final = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPTS: Final = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def remove_controls(text: str) -> str:
    """The text without characters that may not be stored."""
    if text.isprintable():  # most texts are; no character that may not be stored is printable
        return text
    return _UNWANTED.sub("", text.translate(_WINDOWS))


def superscript(text: str) -> str:
    """``m<sup>2</sup>`` is m², never m2: digits as superscript characters; text that has none is left as it is."""
    moved = text.translate(_SUPERSCRIPTS)
    return moved if not any(char.isascii() and char.isalnum() for char in moved) else text


def subscript(text: str) -> str:
    """``CO<sub>2</sub>`` is CO₂; text that has no subscript characters is left as it is."""
    moved = text.translate(_SUBSCRIPTS)
    return moved if not any(char.isascii() and char.isalnum() for char in moved) else text
