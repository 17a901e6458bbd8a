"""The words of a text in the two forms that searching compares.

*Folded*: without marks, as ``campaigns.core.vietnamese.fold`` writes them, and with i for y (*ky* and *ki* are often
mixed up). The database indexes folded words only. *Exact*: lower case with marks, independent of the syllable's letter
that carries the tone (``hòa`` and ``hoà`` are one word); it ranks and marks what the database found.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from campaigns.core.vietnamese import INVISIBLE, STYLED, fold, nfc

LONGEST_WORD = 40  # characters of a word that are compared; PostgreSQL accepts no more than 2,046 bytes
# Characters of a folded text that are indexed, some forty pages: a vector of PostgreSQL holds one megabyte.
MOST_INDEXED = 200_000

_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
# Letters and digits with the marks and the invisible characters that ``fold`` drops. No mark is beyond U+1FFFF.
_DROPPED = INVISIBLE.union(code for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
# Circled letters, which are no letters to a regular expression; ``fold`` writes them as letters.
_CIRCLED = {code for code in STYLED if not chr(code).isalnum() and unicodedata.normalize("NFKC", chr(code)).isalnum()}
_WORD = re.compile(f"(?:(?:[^\\W_]|[{''.join(map(chr, sorted(_CIRCLED)))}])[{''.join(map(chr, sorted(_DROPPED)))}]*)+")


class Word(NamedTuple):
    """One word in its two forms."""

    exact: str
    folded: str


@dataclass(frozen=True)
class PlacedWord:
    """A word of a text with its place: character offsets into the composed text."""

    start: int
    end: int
    word: Word


@lru_cache(maxsize=50_000)  # more than the syllables of the language
def _word(raw: str) -> Word | None:
    folded = "".join(letter for letter in fold(raw).replace("y", "i") if letter.isalnum())[:LONGEST_WORD]
    if not folded:
        return None
    letters, tones = [], []
    for part in unicodedata.normalize("NFD", raw.lower()):
        if part in _TONES:
            tones.append(_TONES[part])
        elif part == "ð":  # the usual mistyping of đ
            letters.append("đ")
        elif part.isalnum() or unicodedata.combining(part):
            letters.append(part)
    return Word(nfc("".join(letters))[:LONGEST_WORD] + "".join(tones[:2]), folded)


def placed_words(text: str) -> Iterator[PlacedWord]:
    """The words of a composed text in their order."""
    for found in _WORD.finditer(text):
        word = _word(found.group())
        if word is not None:
            yield PlacedWord(found.start(), found.end(), word)


def words_of(text: str) -> list[Word]:
    """The words of any text in their order."""
    return [word for raw in _WORD.findall(nfc(text)) if (word := _word(raw)) is not None]


def folded_text(text: str) -> str:
    """The folded words of a text with single spaces: what the database indexes."""
    return " ".join([word.folded for word in words_of(text)])[:MOST_INDEXED]


def exact_text(text: str) -> str:
    """The exact words of a text with single spaces."""
    return " ".join([word.exact for word in words_of(text)])
