"""What a person typed, as a query. Every text is a valid query: signs separate words, quotes make phrases."""

import re
from dataclasses import dataclass

from campaigns.core.vietnamese import nfc
from campaigns.search.words import Word, words_of

MOST_TYPED = 400  # characters that are read
MOST_WORDS = 12
SHORTEST_BEGINNING = 2  # letters, of a query of one word: one letter begins too many words

_QUOTES = re.compile('["“”„«»]')


@dataclass(frozen=True)
class QueryTerm:
    """Words that must follow each other; mostly one."""

    words: tuple[Word, ...]

    @property
    def exact(self) -> str:
        """The exact words with single spaces."""
        return " ".join(word.exact for word in self.words)

    @property
    def folded(self) -> str:
        """The folded words with single spaces."""
        return " ".join(word.folded for word in self.words)


@dataclass(frozen=True)
class SearchQuery:
    """A text must hold all terms. ``open``: the last word may be the beginning of a longer one."""

    terms: tuple[QueryTerm, ...]
    open: bool

    def __bool__(self) -> bool:
        return bool(self.terms)


def parse_query(typed: str) -> SearchQuery:
    """The query that was typed.

    Words without a space between them are a phrase (``BT-2026-11-24-001``, ``12/GP-TTĐT``, an address), and so is a
    text within quotes; an unclosed quote is ignored. Nothing is read beyond ``MOST_TYPED`` characters and
    ``MOST_WORDS`` words.
    """
    pieces = _QUOTES.split(nfc(typed[:MOST_TYPED]))
    terms: list[QueryTerm] = []
    left, last_quoted = MOST_WORDS, False
    for number, piece in enumerate(pieces):
        quoted = number % 2 == 1 and number < len(pieces) - 1
        for run in [piece] if quoted else piece.split():
            words = tuple(words_of(run))[:left]
            if not words:
                continue
            left -= len(words)
            terms.append(QueryTerm(words))
            last_quoted = quoted
    if not terms:
        return SearchQuery((), open=False)
    alone = len(terms) == 1 and len(terms[0].words) == 1
    opens = not last_quoted and (not alone or len(terms[0].words[0].folded) >= SHORTEST_BEGINNING)
    return SearchQuery(tuple(terms), opens)
