"""A text with the words that were asked for marked in it, and the piece of a long text that holds most of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.core.vietnamese import nfc
from campaigns.searching.asking import Asked
from campaigns.searching.words import Placed, placed

AROUND = 60  # characters shown before the first marked word of a snippet


@dataclass(frozen=True)
class Piece:
    """A run of a text; ``hit`` when it is one of the words asked for."""

    text: str
    hit: bool


def marked(text: str, asked: Asked) -> Sequence[Piece]:
    """The whole text, in pieces."""
    whole = nfc(text)
    return _pieces(whole, 0, len(whole), [(one.start, one.end) for one, _ in _hits(whole, asked)])


def snippet(text: str, asked: Asked, size: int = 200) -> Sequence[Piece]:
    """About ``size`` characters around the place where the most different words stand; empty if none stands in it."""
    whole = " ".join(nfc(text).split())
    hits = _hits(whole, asked)
    if not hits:
        return ()
    best, most = 0, 0
    for number, (one, _) in enumerate(hits):
        near = {word for other, word in hits[number : number + 40] if other.end <= one.start + size - AROUND}
        if len(near) > most:
            best, most = number, len(near)
    start = max(hits[best][0].start - AROUND, 0)
    if start:
        start = whole.find(" ", start, hits[best][0].start) + 1 or start
    end = min(start + size, len(whole))
    if end < len(whole):
        end = max(whole.rfind(" ", start, end), hits[best][0].end)
    inside = [(one.start, one.end) for one, _ in hits if one.start >= start and one.end <= end]
    pieces = list(_pieces(whole, start, end, inside))
    if start:
        pieces.insert(0, Piece("… ", False))
    if end < len(whole):
        pieces.append(Piece(" …", False))
    return pieces


def _hits(text: str, asked: Asked) -> list[tuple[Placed, int]]:
    """The words to mark, each with the number of the word asked for. Where a word stands as it was typed, only those
    places are marked: who asks for *năm* does not mean every *Nam*."""
    words = [word for term in asked.terms for word in term.words]
    if not words:
        return []
    there = list(placed(text))
    exact = {one.word.exact for one in there}
    found = []
    for one in there:
        for number, word in enumerate(words):
            same = one.word.exact == word.exact if word.exact in exact else one.word.folded == word.folded
            begun = asked.open and number == len(words) - 1 and one.word.folded.startswith(word.folded)
            if same or (begun and word.exact not in exact):
                found.append((one, number))
                break
    return found


def _pieces(text: str, start: int, end: int, hits: Sequence[tuple[int, int]]) -> Sequence[Piece]:
    pieces, at = [], start
    for first, last in hits:
        if first > at:
            pieces.append(Piece(text[at:first], False))
        pieces.append(Piece(text[first:last], True))
        at = last
    if at < end:
        pieces.append(Piece(text[at:end], False))
    return pieces
