"""Two texts side by side, from the passages they share: the same, missing there, added by them. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Quad = Sequence[int]  # ours_start, ours_end, theirs_start, theirs_end; offsets of characters

LONG = 8  # words; a shorter unmatched stretch stays in its paragraph: a changed figure, a dropped word
CLIPPED = 2  # paragraphs without any passage that are kept before the first and after the last one
SOURCE_NEAR = 12  # paragraphs; a source line further off belongs to something else on the page
HEADLINE_WITHIN = 20  # paragraphs from the top in which the headline is looked for
UNSHARED = 20  # paragraphs shown of a page without any passage


@dataclass(frozen=True)
class Piece:
    """A run of a paragraph. ``number``: the passage it belongs to, None for what is not shared. ``first``: here the
    passage begins on this side, so here its number stands."""

    text: str
    number: int | None = None
    first: bool = False


Paragraph = tuple[Piece, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph, or a long part of one. ``kind``: ``text``, ``lost`` (ours, missing there), ``theirs`` (added by
    them) or ``source`` (their source line)."""

    kind: str
    pieces: Paragraph

    @property
    def text(self) -> str:
        """All its words."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Side:
    """One text. ``title`` are the pieces of its headline; ``before`` and ``after`` say how many paragraphs at the ends
    were left out because nothing of ours is in them."""

    title: Paragraph
    blocks: tuple[Block, ...]
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class _Span:
    """A passage on one side."""

    start: int
    end: int
    number: int


def beside(
    ours: str, theirs: str, passages: Sequence[Quad], *, headline: str = "", source: str = ""
) -> tuple[Side, Side]:
    """Both sides of a comparison.

    ``ours`` is the bulletin's one text, its first paragraph the title; ``theirs`` the page's text, ``headline`` the
    page's title and ``source`` its source line. Passages are numbered in the order of our text; one that overlaps a
    longer one on a side is cut there, and so are offsets beyond a text.
    """
    placed = sorted((one for one in passages if len(one) == 4), key=lambda one: (one[0], one[2]))
    mine = _spans([(one[0], one[1]) for one in placed], len(ours))
    other = _spans([(one[2], one[3]) for one in placed], len(theirs))
    # A passage whose place on one side was taken by another has no counterpart to lead to.
    both = {span.number for span in mine} & {span.number for span in other}
    numbers = {number: place for place, number in enumerate(sorted(both), 1)}
    left = _paragraphs(ours, _renumbered(mine, numbers))
    right = _paragraphs(theirs, _renumbered(other, numbers))
    at = _place_of(headline, right)
    heading = right[at] if at is not None else (Piece(" ".join(headline.split())),)
    above = [] if at is None else right[:at]
    rest = right if at is None else right[at + 1 :]
    blocks, before, after = _clip(list(_blocks(rest, "theirs", source)), whole=at is not None)
    return (
        Side(left[0] if left else (), tuple(_blocks(left[1:], "lost"))),
        Side(heading, tuple(blocks), before + len(above), after),
    )


def _spans(places: Sequence[tuple[int, int]], length: int) -> list[_Span]:
    """The places as spans that do not overlap; the longest are placed first, so that the short ones give way."""
    kept: list[_Span] = []
    for number, (first, last) in sorted(enumerate(places), key=lambda one: (one[1][0] - one[1][1], one[0])):
        start, end = max(first, 0), min(last, length)
        for other in kept:
            if other.start <= start < other.end:
                start = other.end
            if other.start < end <= other.end:
                end = other.start
        if start < end and not any(start <= other.start and other.end <= end for other in kept):
            kept.append(_Span(start, end, number))
    return sorted(kept, key=lambda span: span.start)


def _renumbered(spans: Sequence[_Span], numbers: dict[int, int]) -> list[_Span]:
    return [_Span(span.start, span.end, numbers[span.number]) for span in spans if span.number in numbers]


def _paragraphs(text: str, spans: Sequence[_Span]) -> list[Paragraph]:
    opened: set[int] = set()
    return [
        tuple(_pieces(text, found.start(), found.end(), spans, opened))
        for found in re.finditer(r"[^\n]+", text)
        if found[0].strip()
    ]


def _pieces(text: str, start: int, end: int, spans: Sequence[_Span], opened: set[int]) -> Iterator[Piece]:
    at = start
    for span in spans:
        low, high = max(span.start, at), min(span.end, end)
        if low >= high:
            continue
        if low > at:
            yield Piece(text[at:low])
        # The full stop behind the last shared word is shared as well; passages end with a word.
        at = high + len(re.match(r"[^\w\s]*", text[high:end])[0])  # type: ignore[index]  # matches the empty text too
        yield Piece(text[low:at], span.number, span.number not in opened)
        opened.add(span.number)
    if at < end:
        yield Piece(text[at:end])


def _words(paragraph: Paragraph) -> str:
    return " ".join("".join(piece.text for piece in paragraph).split())


def _place_of(headline: str, paragraphs: Sequence[Paragraph]) -> int | None:
    """Where the page's headline stands in its text; page titles often end with the site's name."""
    said = " ".join(headline.split())
    for place, paragraph in enumerate(paragraphs[:HEADLINE_WITHIN]):
        words = _words(paragraph)
        if said and (words == said or (len(words) >= len(said) // 2 and said.startswith(words))):
            return place
    return None


def _blocks(paragraphs: Sequence[Paragraph], alone: str, source: str = "") -> Iterator[Block]:
    """The paragraphs of one text as blocks; ``alone`` is the kind of what is not shared."""
    sign = " ".join(source.split())[:80]
    for pieces in paragraphs:
        if sign and sign in _words(pieces):
            yield Block("source", pieces)
        elif all(piece.number is None for piece in pieces):
            yield Block(alone, pieces)
        else:
            yield from _parted(pieces, alone)


def _parted(pieces: Paragraph, alone: str) -> Iterator[Block]:
    """A shared paragraph; long stretches in it that are not shared stand by themselves."""
    kept: list[Piece] = []
    for piece in pieces:
        if piece.number is None and len(piece.text.split()) >= LONG:
            if any(one.text.strip() for one in kept):
                yield Block("text", tuple(kept))
            yield Block(alone, (Piece(piece.text.strip()),))
            kept = []
        else:
            kept.append(piece)
    if any(one.text.strip() for one in kept):
        yield Block("text", tuple(kept))


def _clip(blocks: list[Block], *, whole: bool) -> tuple[list[Block], int, int]:
    """Their text from a little before the first shared paragraph to a little after the last one, or to the source line.

    ``whole``: it begins below the headline, so that nothing stands above the article any more.
    """
    shared = [place for place, block in enumerate(blocks) if block.kind == "text"]
    if not shared:
        return blocks[:UNSHARED], 0, max(len(blocks) - UNSHARED, 0)
    near = range(max(shared[0] - SOURCE_NEAR, 0), min(shared[-1] + SOURCE_NEAR + 1, len(blocks)))
    sources = [place for place in near if blocks[place].kind == "source"]
    first = 0 if whole else max(min([*shared, *sources]) - CLIPPED, 0)
    ends = max(sources, default=-1)
    last = ends + 1 if ends > shared[-1] else min(shared[-1] + CLIPPED + 1, len(blocks))
    return blocks[first:last], first, len(blocks) - last
