"""Texts as numbers: folded words, hashes of six words in a row, and a sample of them that copies share.

A copy shares runs of words with its original whatever stands around it. Hashing every run of six words and keeping the
smallest of every sixteen neighbours (winnowing: Schleimer, Wilkerson, Aiken, 2003) keeps about one in eight, and still
promises that any shared run of 21 words shares a kept hash. The recipe is fixed: hashes are stored, and a change of the
recipe is a new ``FP_VERSION``.
"""

import hashlib
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

FP_VERSION = "1"
GRAM = 6  # words in a hashed run
WINDOW = 16  # neighbouring hashes of which one is kept

Hashes = NDArray[np.int64]
Words = NDArray[np.uint64]
Offsets = NDArray[np.int64]

# Known words keep their hash. Beyond this many the store is emptied: a page of nonsense must not fill the memory.
_KNOWN_WORDS = 200_000
_TABLE_SIZE = 0x3000
_BREAK = 0x20  # what every character that belongs to no word becomes
_GONE = 0  # what every character that is dropped becomes
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def _folded(code: int) -> int:
    """The folded form of one character: a code point, ``_BREAK`` or ``_GONE``."""
    letter = chr(code)
    if 0x0300 <= code <= 0x036F or 0x200B <= code <= 0x200D or code in {0x2060, 0xFEFF, 0x00AD}:
        return _GONE
    if letter in "đĐðÐ":
        return ord("d")
    if 0x00C0 <= code <= 0x024F or 0x1E00 <= code <= 0x1EFF:
        apart = unicodedata.normalize("NFD", letter)
        letter = "".join(part for part in apart if not unicodedata.combining(part))
    low = letter.lower()
    if len(low) != 1:
        low = letter
    if low != chr(code) and not low.isascii():
        return _folded(ord(low))  # the Ångström sign becomes å before it becomes a
    if low == "y":
        low = "i"  # kỹ and kĩ, lý and lí are the same words
    return ord(low) if low.isalnum() else _BREAK


@cache
def _table() -> NDArray[np.uint32]:
    return np.array([_folded(code) for code in range(_TABLE_SIZE)], dtype=np.uint32)


def _codes(text: str) -> NDArray[np.uint32]:
    """The folded code points of a text, one for each of its characters."""
    order = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
    raw = np.frombuffer(text.encode(order, "surrogatepass"), dtype=np.uint32)
    table = _table()
    if raw.size == 0 or int(raw.max()) < _TABLE_SIZE:
        return table.take(raw)
    folded = table[np.minimum(raw, _TABLE_SIZE - 1)]
    rare = raw >= _TABLE_SIZE
    values, places = np.unique(raw[rare], return_inverse=True)
    folded[rare] = np.array([_folded(int(code)) for code in values], dtype=np.uint32)[places]
    return folded


def _text_of(codes: NDArray[np.uint32]) -> str:
    order = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
    return codes.tobytes().decode(order, "surrogatepass")


class _Folds(dict[int, int | None]):
    """For ``str.translate``, which folds a headline in a tenth of the time that arrays take to be set up."""

    def __missing__(self, code: int) -> int | None:
        folded = _folded(code)
        self[code] = folded if folded != _GONE else None
        return self[code]


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The words of a text as they are compared: lower case, no marks, đ as d, y as i, single spaces between words.

    Composed and decomposed letters, both tone styles (hòa, hoà), kỹ and kĩ, capitals, quotes and text typed without
    marks all give the same words.
    """
    return " ".join(text.translate(_FOLDS).split())


class _WordHashes(dict[str, bytes]):
    """Hash of each word met so far: the first 8 bytes of BLAKE2b, the same in every process.

    Kept as bytes: those of a text's words are joined and read as numbers at once, which costs half of putting a list of
    integers into an array.
    """

    def __missing__(self, word: str) -> bytes:
        if len(self) >= _KNOWN_WORDS:
            self.clear()
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self[word] = digest
        return digest


_hash_of = _WordHashes()


@dataclass(frozen=True)
class Tokens:
    """The words of a text: ``words[i]`` hashes the word at ``text[starts[i]:ends[i]]``."""

    words: Words
    starts: Offsets
    ends: Offsets

    def __len__(self) -> int:
        return int(self.words.size)


def words_of(text: str) -> Words:
    """The words of ``tokenize`` without their places, for a text of which nothing more may be asked."""
    codes = _codes(text)
    return _hashed(codes[codes != _GONE])


def _hashed(codes: NDArray[np.uint32]) -> Words:
    joined = b"".join(map(_hash_of.__getitem__, _text_of(codes).split()))
    return np.frombuffer(joined, dtype="<u8").astype(np.uint64, copy=False)


def starts_of(text: str) -> Offsets:
    """The ``starts`` of ``tokenize``, for a text whose words are known already."""
    return _places(text, _codes(text))[0]


def tokenize(text: str) -> Tokens:
    """Take a text apart into words. Offsets count characters of the text as given, whatever its normal form."""
    codes = _codes(text)
    return Tokens(_hashed(codes[codes != _GONE]), *_places(text, codes))


def _places(text: str, codes: NDArray[np.uint32]) -> tuple[Offsets, Offsets]:
    """Where each word of a text with these codes starts and ends."""
    kept = codes != _GONE
    places: Offsets | None = None
    if not kept.all():
        places = np.flatnonzero(kept)
        codes = codes[kept]
    if codes.size == 0:
        none = np.empty(0, dtype=np.int64)
        return none, none
    inside = np.zeros(codes.size + 2, dtype=np.int8)
    inside[1:-1] = codes != _BREAK
    steps = np.diff(inside)
    starts = np.flatnonzero(steps == 1)
    ends = np.flatnonzero(steps == -1)
    if places is not None:
        # A word ends where the next kept character begins, so that marks written apart stay with their letter.
        following = np.append(places, len(text))
        starts, ends = following[starts], following[ends]
    return starts.astype(np.int64), ends.astype(np.int64)


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


def pack(hashes: Hashes) -> bytes:
    """A fingerprint as bytes, 8 little-endian ones a hash."""
    return hashes.astype("<i8").tobytes()


def unpack(packed: bytes) -> Hashes:
    """The fingerprint that ``pack`` wrote. Raises ``ValueError`` when it did not."""
    return np.frombuffer(packed, dtype="<i8").astype(np.int64)


def likeness(one: Hashes, other: Hashes) -> float:
    """The part of the smaller fingerprint that the other shares, 0–1; 0 when either is empty."""
    least = min(one.size, other.size)
    if least == 0:
        return 0.0
    return float(np.intersect1d(one, other, assume_unique=True).size) / least
