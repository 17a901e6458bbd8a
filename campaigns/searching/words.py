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
from typing import NamedTuple

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
_PLAIN_WORD = re.compile("[A-Za-z0-9]+")  # the same of ASCII alone: addresses, codes, numbers
_WORD = re.compile("(?:[^\\W_][\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]*)+")


class Word(NamedTuple):
    """One word in its two written forms."""

    exact: str
    folded: str


@dataclass(frozen=True)
class Placed:
    """A word of a text and where it stands: character offsets into the composed text."""

    start: int
    end: int
    word: Word


class Indexed(NamedTuple):
    """What is kept of one subject: four strings of written words with single spaces."""

    exact_head: str
    exact_body: str
    folded_head: str
    folded_body: str


def _written(word: str) -> str:
    """A word in ASCII that begins with a letter. Begins with another's writing if and only if the word does."""
    if word.isascii() and word.isalnum() and "z" not in word:  # most: the first letter alone may want another writing
        return word if word[0].isalpha() else f"z{ord(word[0]):x}z{word[1:]}"
    out: list[str] = []
    for letter in word:
        if letter == "z":
            out.append("zz")
        elif letter.isascii() and (letter.isalpha() or (letter.isdigit() and out)):
            out.append(letter)
        else:
            out.append(f"z{ord(letter):x}z")
    return "".join(out)


@lru_cache(maxsize=50_000)  # the syllables of the language, and what lately came besides them
def _word(raw: str) -> Word | None:
    return _plain_word(raw) if raw.isascii() else _marked_word(raw)


def _plain_word(raw: str) -> Word:
    """A word of ASCII letters and digits, as the other way would tell it too, and much sooner: numbers and parts of
    addresses hardly come twice."""
    lower = raw[:LONGEST_WORD].lower()
    written = _written(lower)
    return Word(written, _written(lower.replace("y", "i")) if "y" in lower else written)


def _marked_word(raw: str) -> Word | None:
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
    raws = _PLAIN_WORD.findall(text) if text.isascii() else _WORD.findall(nfc(text))
    return [word for raw in raws if (word := _word(raw)) is not None]


_SHORT = 1000  # characters of a head and a body that hardly have more words than are kept of any
_SHORT_LINE = 200


def indexed(head: str, body: str) -> Indexed:
    """What is kept of a head and a body, within what both databases can keep."""
    if len(head) + len(body) <= _SHORT:
        top, rest = _lines(head), _lines(body)
        if top.number + rest.number <= MOST_OF_ONE:  # of fewer words no limit can be reached
            return Indexed(top.exact, rest.exact, top.folded, rest.folded)
    first, more = (_joined(words) for words in _within(words_of(head), words_of(body)))
    return Indexed(first.exact, more.exact, first.folded, more.folded)


class _Joined(NamedTuple):
    number: int
    exact: str
    folded: str


def _joined(words: list[Word]) -> _Joined:
    return _Joined(len(words), " ".join([one.exact for one in words]), " ".join([one.folded for one in words]))


def _lines(text: str) -> _Joined:
    """The words of a text, line by line: a register says the same issuer and the same fields again and again."""
    found = [_line(line) if len(line) <= _SHORT_LINE else _joined(words_of(line)) for line in text.split("\n")]
    if len(found) == 1:
        return found[0]
    told = [one for one in found if one.number]
    number = sum([one.number for one in told])
    return _Joined(number, " ".join([one.exact for one in told]), " ".join([one.folded for one in told]))


@lru_cache(maxsize=4096)
def _line(line: str) -> _Joined:
    return _joined(words_of(line))


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
