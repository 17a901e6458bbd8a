"""What somebody typed, as what is looked for. Nothing typed is wrong: signs part words, quotes hold them in a row."""

import re
from dataclasses import dataclass

from campaigns.core.vietnamese import nfc
from campaigns.searching.words import Word, words_of

MOST_TYPED = 400  # characters that are read
MOST_WORDS = 12
SHORTEST_BEGINNING = 2  # letters, of a word that stands alone; one letter begins too many words

_QUOTES = re.compile('["“”„«»]')


@dataclass(frozen=True)
class Term:
    """Words that must stand in a row; mostly one."""

    words: tuple[Word, ...]


@dataclass(frozen=True)
class Asked:
    """All terms must be found. ``open``: the last word may be only the beginning of one."""

    terms: tuple[Term, ...]
    open: bool

    def __bool__(self) -> bool:
        return bool(self.terms)


def ask(typed: str) -> Asked:
    """Read what was typed.

    What is written together stands in a row (``BT-2026-11-24-001``, ``12/GP-TTĐT``, an address), and so does what is
    within quotes; an unclosed quote is none. Beyond ``MOST_TYPED`` characters and ``MOST_WORDS`` words nothing is read.
    """
    pieces = _QUOTES.split(nfc(typed[:MOST_TYPED]))
    terms: list[Term] = []
    left, last_quoted = MOST_WORDS, False
    for number, piece in enumerate(pieces):
        quoted = number % 2 == 1 and number < len(pieces) - 1
        for run in [piece] if quoted else piece.split():
            words = tuple(words_of(run))[:left]
            if not words:
                continue
            left -= len(words)
            terms.append(Term(words))
            last_quoted = quoted
    if not terms:
        return Asked((), open=False)
    alone = len(terms) == 1 and len(terms[0].words) == 1
    opens = not last_quoted and (not alone or len(terms[0].words[0].folded) >= SHORTEST_BEGINNING)
    return Asked(tuple(terms), opens)
