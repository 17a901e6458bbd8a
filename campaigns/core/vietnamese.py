"""Vietnamese text: one composed form, a folded form for searching, a slug for addresses, and the alphabet's order.

Old and new tone placement (hòa, hoà) and text typed without marks fold to the same letters: a search finds all three.
"""

import re
import unicodedata
from functools import lru_cache

# Left behind by editors and copy-and-paste; they are not seen, and would keep equal words from being equal.
_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
# đ has no decomposition, so dropping marks does not reach it; ð is its common mistyping.
_STROKED = {"đ": "d", "ð": "d"}


class _Bare(dict[int, str]):
    """What each lower-case character is without its marks; worked out when it is first met, since there are few."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        apart = unicodedata.normalize("NFD", _STROKED.get(letter, letter))
        bare = "" if code in _INVISIBLE else "".join(one for one in apart if not unicodedata.combining(one))
        self[code] = bare
        return bare


_BARE = _Bare()

# The alphabet, with the four Latin letters it lacks where a dictionary puts foreign words.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTERS = {letter: 1000 + place for place, letter in enumerate(_ALPHABET)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền hỏi ngã sắc nặng

SortKey = tuple[tuple[int, ...], tuple[int, ...], str]


def nfc(text: str) -> str:
    """The composed form. macOS and some keyboards write letters and marks apart; stored text never does."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The form texts are searched in: lower case, no marks, đ as d, white space as single spaces.

    Idempotent. Both databases search this same column, so that neither's own idea of accents matters.
    """
    lower = text.lower()
    if not lower.isascii():
        lower = nfc(lower.translate(_BARE))
    return " ".join(lower.split())


def slug(text: str) -> str:
    """Lower-case latin letters and digits joined by hyphens, fit for a code or an address; empty if none are left."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(text)))


@lru_cache(maxsize=4096)
def _weigh(letter: str) -> tuple[int, int]:
    """(place in the order, tone) of one composed, lower-case character. Tones: 0 none, then huyền hỏi ngã sắc nặng."""
    tone = 0
    rest = ""
    for part in unicodedata.normalize("NFD", letter):
        if part in _TONES:
            tone = _TONES[part]
        else:
            rest += part
    base = nfc(rest)
    if base in _LETTERS:
        return _LETTERS[base], tone
    plain = fold(base)
    if len(plain) == 1 and plain in _LETTERS:
        return _LETTERS[plain], tone
    if letter.isdigit():
        return 500 + (int(letter) if letter.isdecimal() else 0), 0
    # White space and signs come before digits, digits before letters, other scripts after.
    return (ord(letter) % 499 if ord(letter) < 0x250 else 2000 + ord(letter)), 0


def sort_key(text: str) -> SortKey:
    """A key that sorts in Vietnamese order: a ă â b c d đ e ê …; equal letters by tone (ngang huyền hỏi ngã sắc nặng).

    Letters of the whole text are compared first, tones only between texts of equal letters, as in the ``vi`` collation
    of CLDR. Case matters last: ``an`` before ``An``.
    """
    composed = nfc(" ".join(text.split()))
    weights = [_weigh(letter) for letter in composed.lower()]
    return tuple(place for place, _ in weights), tuple(tone for _, tone in weights), composed.swapcase()
