"""Search in the guides: every word of the query, with or without marks, in one section; titles and headings first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.core.vietnamese import fold
from coordinator.web.manual.guides import Guide, Section, sections

MOST = 30
LONGEST_QUERY = 100
_AROUND = 90  # characters of a snippet on each side of the first word


@dataclass(frozen=True)
class Hit:
    """A section that has every word; ``snippet``: the words around the first of them."""

    section: Section
    snippet: str


def find(shown: Iterable[Guide], query: str) -> Sequence[Hit]:
    """Return the sections that have every word of the query, those with a word in the title or heading first."""
    words = fold(query[:LONGEST_QUERY]).split()
    if not words:
        return ()
    ranked: list[tuple[int, int, Hit]] = []
    for guide in shown:
        title = fold(guide.title)
        for section in sections(guide.name):
            heading, text = fold(section.heading), fold(section.words)
            everything = f"{title} {heading} {text}"
            if not all(word in everything for word in words):
                continue
            rank = sum(4 * (word in title) + 3 * (word in heading) + (word in text) for word in words)
            if " ".join(words) in everything:
                rank += 6
            ranked.append((-rank, len(ranked), Hit(section, _snippet(section.words, words))))
    return [hit for _rank, _place, hit in sorted(ranked, key=lambda row: row[:2])[:MOST]]


def _snippet(text: str, words: Sequence[str]) -> str:
    lengths_agree = len(flat := fold(text)) == len(text)
    places = [place for word in words if (place := flat.find(word)) >= 0] if lengths_agree else []
    begin = max(0, min(places, default=0) - _AROUND)
    piece = text[begin : begin + 2 * _AROUND]
    if begin:
        piece = "… " + piece.partition(" ")[2]
    return piece if begin + 2 * _AROUND >= len(text) else piece.rpartition(" ")[0] + " …"
