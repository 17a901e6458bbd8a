"""Texts as numbers: folded words, hashes of six words in a row, and a sample of them that copies share.

A copy shares runs of words with its original whatever stands around it. Hashing every run of six words and keeping the
smallest of every sixteen neighbours (winnowing: Schleimer, Wilkerson, Aiken, 2003) keeps about one in eight, and still
promises that any shared run of 21 words shares a kept hash. The recipe is fixed: hashes are stored, and a change of the
recipe is a new ``FP_VERSION``.
"""

import sys
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from campaigns.core.vietnamese import INVISIBLE, STYLED, TWINS

FP_VERSION = "6"
GRAM = 6  # words in a hashed run
WINDOW = 16  # neighbouring hashes of which one is kept
LOOKUP_WINDOW = 7  # neighbouring hashes of a page of which one is looked up; the runs of twelve words

Hashes = NDArray[np.int64]
Words = NDArray[np.uint64]
Offsets = NDArray[np.int64]
Codes = NDArray[np.uint64]

_BASE = 0x2545F4914F6CDD1D  # odd, so that it has an inverse
_BLOCK = 1 << 14  # characters hashed at once: what is made on the way stays near the processor
_LONGEST_WORD_READ = 64  # letters of a word; the longest Vietnamese one has seven
_TABLE_SIZE = 0x3000
_BREAK = 0x20  # what every character that belongs to no word becomes
_GONE = 0  # what every character that is dropped becomes
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def _folded(code: int) -> int:
    """The folded form of one character: a code point, ``_BREAK`` or ``_GONE``.

    Letters that look like a Latin one are that one, in Russian and Greek words too. A letter by itself is folded at no
    cost, which a look at its word is not, and a Vietnamese word may be written with such letters alone ("со", "хе"). A
    Russian word folds alike in a bulletin and in its copy; that it meets a Latin word is harmless, since only runs of
    words are compared.
    """
    letter = chr(code)
    if 0x0300 <= code <= 0x036F or code in INVISIBLE:
        return _GONE
    if code in TWINS:
        letter = TWINS[code]
    elif code in STYLED:
        letter = unicodedata.normalize("NFKC", letter)
    if letter in "đĐðÐ":
        return ord("d")
    if 0x00C0 <= code <= 0x024F or 0x1E00 <= code <= 0x1EFF:
        apart = unicodedata.normalize("NFD", letter)
        letter = "".join(part for part in apart if not unicodedata.combining(part))
    elif 0x0370 <= code <= 0x04FF or 0x1F00 <= code <= 0x1FFF:
        base = ord(unicodedata.normalize("NFD", letter)[0])
        letter = TWINS.get(base, letter)  # ά is α with a mark, and that looks like a
    low = letter.lower()
    if len(low) != 1:
        low = letter
    if low != chr(code) and not low.isascii():
        return _folded(ord(low))  # the Ångström sign becomes å before it becomes a
    if low == "y":
        low = "i"  # kỹ and kĩ, lý and lí are the same words
    return ord(low) if low.isalnum() else _BREAK


@cache
def _table() -> Codes:
    return np.array([_folded(code) for code in range(_TABLE_SIZE)], dtype=np.uint64)


def _codes(text: str) -> Codes:
    """The folded code points of a text, one for each of its characters."""
    order = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
    raw = np.frombuffer(text.encode(order, "surrogatepass"), dtype=np.uint32)
    try:
        return _table().take(raw)
    except IndexError:
        return _with_rare(raw)


def _with_rare(raw: NDArray[np.uint32]) -> Codes:
    """The folded form of characters of which some lie behind the table's end."""
    table = _table()
    folded = table[np.minimum(raw, _TABLE_SIZE - 1)]
    rare = raw >= _TABLE_SIZE
    rare_codes, places = np.unique(raw[rare], return_inverse=True)
    folded[rare] = np.array([_folded(int(code)) for code in rare_codes], dtype=np.uint64)[places]
    return folded


class _Folds(dict[int, int | None]):
    """For ``str.translate``, which folds a headline in a tenth of the time that arrays take to be set up."""

    def __missing__(self, code: int) -> int | None:
        folded = _folded(code)
        self[code] = folded if folded != _GONE else None
        return self[code]


_FOLDS = _Folds()


_HEADLINE = 300  # characters; a page may repeat its headline four times


@lru_cache(maxsize=256)
def _fold_headline(text: str) -> str:
    return " ".join(text.translate(_FOLDS).split())


def fold(text: str) -> str:
    """The words of a text as they are compared: lower case, no marks, đ as d, y as i, single spaces between words.

    Composed and decomposed letters, both tone styles (hòa, hoà), kỹ and kĩ, capitals, quotes and text typed without
    marks all give the same words.
    """
    return _fold_headline(text) if len(text) <= _HEADLINE else " ".join(text.translate(_FOLDS).split())


@dataclass(frozen=True)
class Tokens:
    """The words of a text: ``words[i]`` hashes the word at ``text[starts[i]:ends[i]]``."""

    words: Words
    starts: Offsets
    ends: Offsets

    def __len__(self) -> int:
        return int(self.words.size)


def tokenize(text: str) -> Tokens:
    """Take a text apart into words. Offsets count characters of the text as given, whatever its normal form."""
    codes = _codes(text)
    if codes.min(initial=_BREAK) > _GONE:
        starts, ends = _borders(codes)
        return Tokens(_hashed(codes, starts, ends), starts, ends)
    kept = codes != _GONE
    codes = codes[kept]
    starts, ends = _borders(codes)
    # A word ends where the next kept character begins, so that marks written apart stay with their letter.
    following = np.append(np.flatnonzero(kept), len(text))
    return Tokens(_hashed(codes, starts, ends), following[starts], following[ends])


def _borders(codes: Codes) -> tuple[Offsets, Offsets]:
    """Where each word among these codes starts and ends."""
    inside = np.zeros(codes.size + 2, dtype=np.bool_)
    np.not_equal(codes, _BREAK, out=inside[1:-1])
    # Outside and inside take turns, so that every second change begins a word.
    changes = (inside[1:] != inside[:-1]).nonzero()[0]
    return changes[::2], changes[1::2]


@cache
def _powers() -> tuple[Words, Words]:
    """Powers of ``_BASE`` and of its inverse modulo 2**64, for every place of a block."""
    first, second = (
        np.full(_BLOCK + _LONGEST_WORD_READ, base, dtype=np.uint64) for base in (_BASE, pow(_BASE, -1, 1 << 64))
    )
    first[0] = second[0] = 1
    return np.cumprod(first), np.cumprod(second)


def _hashed(codes: Codes, starts: Offsets, ends: Offsets) -> Words:
    """The hash of the word at each ``codes[start:end]``: its letters as digits of a number to ``_BASE``, modulo 2**64.

    The numbers of all beginnings of a block are summed up at once, and a word is what lies between two of them, moved
    to the lowest digit. Only the first letters of what is longer than any word are read, and its length.
    """
    powers, inverse = _powers()
    hashes = np.empty(starts.size, dtype=np.uint64)
    lengths = ends - starts
    long = lengths.max(initial=0) > _LONGEST_WORD_READ
    read = np.minimum(ends, starts + _LONGEST_WORD_READ) if long else ends
    sums = np.zeros(min(codes.size, powers.size) + 1, dtype=np.uint64)
    at = 0
    for begin in range(0, codes.size, _BLOCK):
        part = codes[begin : begin + _BLOCK + _LONGEST_WORD_READ]
        np.cumsum(part * powers[: part.size], out=sums[1 : part.size + 1])
        until = int(np.searchsorted(starts, begin + _BLOCK)) if codes.size > begin + _BLOCK else starts.size
        first, last = starts[at:until], read[at:until]
        if begin:
            first, last = first - begin, last - begin
        np.multiply(sums[last] - sums[first], inverse[first], out=hashes[at:until])
        at = until
    if long:
        longer = lengths > _LONGEST_WORD_READ
        hashes[longer] ^= lengths[longer].astype(np.uint64) * _MULTIPLIER
    return hashes


def grams(words: Words, size: int = GRAM) -> Hashes:
    """The hash of every run of ``size`` words: ``max(1, n - size + 1)`` of them, none for no words.

    A text shorter than one run is filled up with zeros and has one hash.
    """
    if words.size == 0:
        return np.empty(0, dtype=np.int64)
    if words.size < size:
        words = np.concatenate([words, np.zeros(size - words.size, dtype=np.uint64)])
    count = words.size - size + 1
    mixed = words[:count].copy()
    for step in range(1, size):
        mixed *= _MULTIPLIER
        mixed += words[step : step + count]
    mixed ^= mixed >> np.uint64(30)
    mixed *= _FIRST
    mixed ^= mixed >> np.uint64(27)
    mixed *= _SECOND
    mixed ^= mixed >> np.uint64(31)
    # One bit less fits the signed 64-bit integers of both databases.
    return (mixed >> np.uint64(1)).astype(np.int64)


def distinct(hashes: Hashes) -> Hashes:
    """Each hash once, sorted. For the few hundred of a text it takes a fifth of what ``numpy.unique`` does."""
    ranked = np.sort(hashes)
    if ranked.size == 0:
        return ranked
    fresh = np.empty(ranked.size, dtype=np.bool_)
    fresh[0] = True
    np.not_equal(ranked[1:], ranked[:-1], out=fresh[1:])
    return ranked[fresh]


def distinct_with_counts(hashes: Hashes) -> tuple[Hashes, Offsets]:
    """Each hash once, sorted, and how many times it is among them; as ``distinct`` faster than ``numpy.unique``."""
    ranked = np.sort(hashes)
    firsts = np.flatnonzero(ranked[1:] != ranked[:-1]) + 1
    borders = np.concatenate(([0], firsts, [ranked.size])) if ranked.size else np.zeros(1, dtype=np.int64)
    return ranked[borders[:-1]], np.diff(borders)


def winnow(hashes: Hashes, window: int = WINDOW) -> Hashes:
    """The rightmost smallest of every ``window`` neighbours: unique, sorted."""
    if hashes.size <= window:
        return hashes.min(keepdims=True) if hashes.size else hashes
    least, span = hashes, 1
    while 2 * span <= window:
        least, span = np.minimum(least[:-span], least[span:]), 2 * span
    if span < window:
        rest = window - span
        least = np.minimum(least[:-rest], least[rest:])
    return distinct(least)


def fingerprint(text: str) -> Hashes:
    """What is stored and looked up for a text: about one hash in eight words, unique, sorted, signed 64-bit."""
    return fingerprint_of(tokenize(text))


def fingerprint_of(tokens: Tokens) -> Hashes:
    """``fingerprint`` of words already taken apart."""
    return winnow(grams(tokens.words))


def lookup_hashes(words: Words) -> Hashes:
    """The hashes that a page is looked up by: all that ``fingerprint`` keeps, and as many again.

    The shortest bulletin that can be recognised has seven runs and keeps the smallest of them. On a page it stands
    among others' runs, and is the smallest of sixteen neighbours only by luck; it is always the smallest of seven.
    """
    return winnow(grams(words), LOOKUP_WINDOW)


def pack(hashes: Hashes) -> bytes:
    """A fingerprint as bytes, 8 little-endian ones a hash."""
    return hashes.astype("<i8").tobytes()


def unpack(packed: bytes) -> Hashes:
    """The fingerprint that ``pack`` wrote. Raises ``ValueError`` when it did not."""
    return np.frombuffer(packed, dtype="<i8").astype(np.int64)


def likeness(array: Hashes, other: Hashes) -> float:
    """The part of the smaller fingerprint that the other shares, 0–1; 0 when either is empty."""
    least = min(array.size, other.size)
    if least == 0:
        return 0.0
    return float(np.intersect1d(array, other, assume_unique=True).size) / least
