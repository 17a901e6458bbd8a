"""Marking the words of a query in a text, and choosing the part of a long text that holds most of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.core.vietnamese import nfc
from campaigns.search.query import SearchQuery
from campaigns.search.words import PlacedWord, placed_words

CHARACTERS_BEFORE = 60  # characters shown before the first marked word of a snippet
_WORDS_AHEAD = 40  # marked words that are compared to choose where a snippet starts


@dataclass(frozen=True)
class TextPiece:
    """A part of a text; ``hit``: whether it is a word of the query."""

    text: str
    hit: bool


def highlight_text(text: str, query: SearchQuery) -> Sequence[TextPiece]:
    """The whole text in pieces."""
    whole = nfc(text)
    return _pieces(whole, 0, len(whole), [(word.start, word.end) for word, _ in _hits(whole, query)])


def snippet(text: str, query: SearchQuery, size: int = 200) -> Sequence[TextPiece]:
    """About ``size`` characters around the place with the most different words of the query; empty if it has none."""
    whole = " ".join(nfc(text).split())
    hits = _hits(whole, query)
    if not hits:
        return ()
    best, most = 0, 0
    for index, (first, _) in enumerate(hits):
        last = first.start + size - CHARACTERS_BEFORE
        near = {number for word, number in hits[index : index + _WORDS_AHEAD] if word.end <= last}
        if len(near) > most:
            best, most = index, len(near)
    start = max(hits[best][0].start - CHARACTERS_BEFORE, 0)
    if start:
        start = whole.find(" ", start, hits[best][0].start) + 1 or start
    end = min(start + size, len(whole))
    if end < len(whole):
        end = max(whole.rfind(" ", start, end), hits[best][0].end)
    inside = [(word.start, word.end) for word, _ in hits if word.start >= start and word.end <= end]
    pieces = list(_pieces(whole, start, end, inside))
    if start:
        pieces.insert(0, TextPiece("… ", False))
    if end < len(whole):
        pieces.append(TextPiece(" …", False))
    return pieces


def _hits(text: str, query: SearchQuery) -> list[tuple[PlacedWord, int]]:
    """The words to mark, each with the number of the query's word. A word of the query that the text has with the same
    marks is marked there only: a search for *năm* does not mark *Nam* beside it."""
    words = [word for term in query.terms for word in term.words]
    if not words:
        return []
    places = list(placed_words(text))
    exact = {place.word.exact for place in places}
    found = []
    for place in places:
        for number, word in enumerate(words):
            same = place.word.exact == word.exact if word.exact in exact else place.word.folded == word.folded
            begun = query.open and number == len(words) - 1 and place.word.folded.startswith(word.folded)
            if same or (begun and word.exact not in exact):
                found.append((place, number))
                break
    return found


def _pieces(text: str, start: int, end: int, hits: Sequence[tuple[int, int]]) -> Sequence[TextPiece]:
    pieces, at = [], start
    for first, last in hits:
        if first > at:
            pieces.append(TextPiece(text[at:first], False))
        pieces.append(TextPiece(text[first:last], True))
        at = last
    if at < end:
        pieces.append(TextPiece(text[at:end], False))
    return pieces
