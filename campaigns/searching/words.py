"""Texts as the words they are found by, written so that two databases cut and compare them alike.

Every word is kept twice. *Exact*: lower case, with its letters and its tone, wherever in the syllable the tone stands
(``hòa`` and ``hoà`` are one word). *Folded*: as fingerprints fold it, without any mark, đ as d, y as i. Both are
written in ASCII letters and digits, a letter first, because SQLite's and PostgreSQL's own ideas of what a letter, a
number or an address is differ, and of such words they do not.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from campaigns.core.vietnamese import nfc
from campaigns.tracking.fingerprints import fold

VERSION = "1"  # of everything below: another recipe is another number, and the index is made anew

LONGEST_WORD = 40  # characters; what is longer is no word that anybody types
# PostgreSQL keeps positions up to 16,383 and 256 of them a word, and a row's words in one megabyte.
MOST_WORDS = 12_000
MOST_OF_ONE = 200
MOST_BYTES = 500_000
# Between head and body; no word is ever written so. Nothing that stands in a row crosses it.
SEAM = "zk"

_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
# A letter or digit with the marks and invisible characters that fold() drops.
_WORD = re.compile("(?:[^\\W_][\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]*)+")


@dataclass(frozen=True)
class Word:
    """One word in its two written forms."""

    exact: str
    folded: str


@dataclass(frozen=True)
class Placed:
    """A word of a text and where it stands: character offsets into the composed text."""

    start: int
    end: int
    word: Word


@dataclass(frozen=True)
class Indexed:
    """What is kept of one subject: four strings of written words with single spaces."""

    exact_head: str
    exact_body: str
    folded_head: str
    folded_body: str


def _written(word: str) -> str:
    """A word in ASCII that begins with a letter. Begins with another's writing if and only if the word does."""
    if word.isascii() and word.isalnum() and "z" not in word and word[0].isalpha():
        return word
    out: list[str] = []
    for letter in word:
        if letter == "z":
            out.append("zz")
        elif letter.isascii() and (letter.isalpha() or (letter.isdigit() and out)):
            out.append(letter)
        else:
            out.append(f"z{ord(letter):x}z")
    return "".join(out)


@lru_cache(maxsize=200_000)
def _word(raw: str) -> Word | None:
    folded = fold(raw).replace(" ", "")[:LONGEST_WORD]
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
    exact = _written(nfc("".join(letters))[:LONGEST_WORD]) + "".join(f"zt{tone}" for tone in tones[:2])
    return Word(exact, _written(folded))


def placed(text: str) -> Iterator[Placed]:
    """The words of a composed text in their order."""
    for found in _WORD.finditer(text):
        word = _word(found.group())
        if word is not None:
            yield Placed(found.start(), found.end(), word)


def words_of(text: str) -> list[Word]:
    """The words of any text."""
    return [word for raw in _WORD.findall(nfc(text)) if (word := _word(raw)) is not None]


def indexed(head: str, body: str) -> Indexed:
    """What is kept of a head and a body, within what both databases can keep."""
    top, rest = words_of(head), words_of(body)
    if len(top) + len(rest) > MOST_OF_ONE:  # of fewer words no limit can be reached
        top, rest = _within(top, rest)
    return Indexed(
        " ".join([one.exact for one in top]),
        " ".join([one.exact for one in rest]),
        " ".join([one.folded for one in top]),
        " ".join([one.folded for one in rest]),
    )


def _within(*texts: list[Word]) -> list[list[Word]]:
    """The words that are kept of texts in a row."""
    seen: Counter[str] = Counter()
    left, size = MOST_WORDS, 0
    parts: list[list[Word]] = []
    for words in texts:
        kept = []
        for word in words:
            if left == 0 or size > MOST_BYTES:
                break
            seen[word.folded] += 1
            if seen[word.folded] > MOST_OF_ONE:
                continue
            left -= 1
            size += len(word.exact) + 8
            kept.append(word)
        parts.append(kept)
    return parts
