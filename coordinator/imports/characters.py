"""Single characters on the way in: what may not be stored, what Windows meant, what sub- and superscripts become."""

import re
from typing import Final

# NUL is refused by PostgreSQL, other controls by XML; overrides of writing direction can make a text read differently
# from what is stored; the rest is never seen. Tab, newline and carriage return stay: they are white space.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    "\ufffe\uffff\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\U000e0000-\U000e007f]"
)
# Of those, the ones nobody needs to be told about: soft hyphens, zero-width spaces and byte order marks are everyday.
_EVERYDAY: Final = re.compile("[\u00ad\u200b\u2060\ufeff\u200e\u200f]")
# U+0080–U+009F are controls in Unicode but quotes and dashes in Windows-1252, which is what a document meant by them.
_WINDOWS: Final = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
_RAISED: Final = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_LOWERED: Final = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def storable(text: str) -> tuple[str, int]:
    """The text without characters that may not be stored, and how many of those were worth a mention."""
    if text.isprintable():  # nearly all cells of a sheet are; nothing that may not be stored is
        return text, 0
    text = text.translate(_WINDOWS)
    noted = sum(1 for found in _UNWANTED.findall(text) if not _EVERYDAY.match(found))
    return _UNWANTED.sub("", text), noted


def raised(text: str) -> str:
    """``m<sup>2</sup>`` is m², never m2: digits as superscript characters; text that has none is left as it is."""
    moved = text.translate(_RAISED)
    return moved if not any(char.isascii() and char.isalnum() for char in moved) else text


def lowered(text: str) -> str:
    """``CO<sub>2</sub>`` is CO₂; text that has no subscript characters is left as it is."""
    moved = text.translate(_LOWERED)
    return moved if not any(char.isascii() and char.isalnum() for char in moved) else text
