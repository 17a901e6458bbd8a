"""Vietnamese text: one composed form, a folded form for searching, a slug for addresses, and the alphabet's order.

Old and new tone placement (hòa, hoà) and text typed without marks fold to the same letters, so that a search finds all.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import chain

# Invisible characters that editors, copy-and-paste and writing to deceive insert; they would make equal words differ.
INVISIBLE = frozenset(
    chain(
        (0x00AD, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
        *(range(0x180B, 0x1810), range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x2070)),
        *(range(0xFE00, 0xFE10), range(0xFFF9, 0xFFFC), range(0x1D173, 0x1D17B)),
        *(range(0xE0000, 0xE0080), range(0xE0100, 0xE01F0)),
    )
)  # soft hyphen, bidi marks, Hangul fillers, joiners, variation selectors, beams of notes, tags
# Letters that look like a Latin one: Cyrillic, Greek (but not signs of units), Armenian, Cherokee and others.
# With them whole words can be written in one of these alphabets.
TWINS = {
    ord(twin): latin
    for twins, latins in (
        ("аАвВеЕѕЅіІјЈкКмМнНоОрРсСтТуУхХһҺԁԀԛԚԝԜӏӀ", "aabbeessiijjkkmmhhooppccttyyxxhhddqqwwll"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx"),
        ("αβγεηικνορτυχωϲϳϱϰϵ", "abyenikvoptuxwcjpke"),
        ("ьЬѵѴѡүҮғҒ", "bbvvwyyff"),
        ("օՕսՍհոցզԼՏ", "oouuhngqls"),
        ("ɩʋԍᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ", "ivgabcdehjklmprstvwz"),
        ("ıɑɡᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ", "iagabcdeghijklmnoprtuvwyz"),
    )
    for twin, latin in zip(twins, latins, strict=True)
}
# Letters, digits and signs in another shape, each for one: as wide as a Chinese one, in circles, in the typefaces of
# mathematics, Roman numerals.
STYLED = frozenset(
    code
    for code in chain(
        range(0xFF01, 0xFF5F), range(0x2100, 0x2150), range(0x2160, 0x2180), range(0x2460, 0x24EB),
        range(0x1D400, 0x1D800),
    )
    if len(unicodedata.normalize("NFKC", chr(code))) == 1
)  # fmt: skip
# đ has no decomposition into a letter and a mark; ð is its common mistyping.
_STROKED = {"đ": "d", "ð": "d"}


class _UnmarkedLetters(dict[int, str]):
    """Each lower-case character without its marks, computed on first use."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if code in STYLED:
            letter = unicodedata.normalize("NFKC", letter).lower()
        apart = unicodedata.normalize("NFD", _STROKED.get(letter, letter))
        bare = "" if code in INVISIBLE else "".join(part for part in apart if not unicodedata.combining(part))
        self[code] = bare
        return bare


_UNMARKED = _UnmarkedLetters()
_VISIBLE = dict.fromkeys(INVISIBLE)
_WORD = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f])+")
_LATIN = re.compile("[A-Za-zÀ-ɏḀ-ỿ]")

_DIGITS = re.compile("([0-9]+)")

# The alphabet with the four Latin letters it lacks, in the place where dictionaries sort foreign words.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTERS = {letter: 1000 + place for place, letter in enumerate(_ALPHABET)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền hỏi ngã sắc nặng

SortKey = tuple[tuple[int, ...], tuple[int, ...], str]


def nfc(text: str) -> str:
    """The composed form. macOS and some keyboards write letters and marks apart; stored text is composed."""
    return unicodedata.normalize("NFC", text)


def _without_twins(text: str) -> str:
    """The text with Latin letters for those that look like them, in words that also have Latin letters."""
    return _WORD.sub(
        lambda found: word.translate(TWINS) if not (word := found[0]).isascii() and _LATIN.search(word) else word, text
    )


def fold(text: str) -> str:
    """The form texts are searched in: lower case, no marks, đ as d, white space as single spaces.

    Full-width letters are their usual forms, and letters that look like Latin ones are those within words with Latin
    letters: a Russian or Greek word keeps its own, so that it is found by what is typed and by what was stored before.

    Idempotent. Both databases search folded text, so that their own rules for accents do not matter.
    """
    lower = text.lower()
    if not lower.isascii():
        lower = nfc(lower.translate(_UNMARKED))
        if not lower.isascii():  # as hardly any Vietnamese text is
            lower = _without_twins(text.translate(_VISIBLE)).lower()
            lower = _without_twins(nfc(lower.translate(_UNMARKED)))
    return " ".join(lower.split())


def slug(text: str) -> str:
    """Lower-case latin letters and digits joined by hyphens, fit for a code or an address; empty if none are left."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(text)))


@lru_cache(maxsize=4096)
def _letter_weight(letter: str) -> tuple[int, int]:
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
    # White space and signs sort before digits, digits before letters, other scripts after them.
    return (ord(letter) % 499 if ord(letter) < 0x250 else 2000 + ord(letter)), 0


def sort_key(text: str) -> SortKey:
    """A key that sorts in Vietnamese order: a ă â b c d đ e ê …; equal letters by tone (ngang huyền hỏi ngã sắc nặng).

    Letters of the whole text are compared first, tones only between texts of equal letters, as in the ``vi`` collation
    of CLDR. Case matters last: ``an`` before ``An``. Runs of digits are numbers: 9 before 10.
    """
    composed = nfc(" ".join(text.split()))
    weights: list[tuple[int, int]] = []
    for part in _DIGITS.split(composed.lower()):
        if part.isascii() and part.isdigit():
            number = part.lstrip("0")
            weights.append((500 + min(len(number), 400), 0))  # a longer number is greater
            weights += [(500 + int(digit), 0) for digit in number]
        else:
            weights += [_letter_weight(letter) for letter in part]
    return tuple(place for place, _ in weights), tuple(tone for _, tone in weights), composed.swapcase()
