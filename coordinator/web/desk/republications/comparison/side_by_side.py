"""Two texts side by side, aligned by their shared passages: same, missing, added. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PassageOffsets = Sequence[int]  # ours_start, ours_end, theirs_start, theirs_end; character offsets

LONG = 8  # words; a shorter unmatched stretch stays in its paragraph, such as a changed figure or a dropped word
CLIPPED = 2  # paragraphs without a passage kept before the first and after the last one
SOURCE_NEAR = 12  # paragraphs; a source line further away belongs to another part of the page
HEADLINE_WITHIN = 20  # paragraphs from the top in which the headline is searched for
UNSHARED = 20  # paragraphs shown of a page without any passage


@dataclass(frozen=True)
class TextPiece:
    """A run of a paragraph. ``number``: its passage, None for unshared text. ``first``: the passage begins here on this
    side, so its number is shown here.
    """

    text: str
    number: int | None = None
    first: bool = False


TextParagraph = tuple[TextPiece, ...]


@dataclass(frozen=True)
class TextBlock:
    """A paragraph, or a long part of one. ``kind``: ``text``, ``lost`` (missing from the page), ``theirs`` (added by
    the page) or ``source`` (the page's source line).
    """

    kind: str
    pieces: TextParagraph

    @property
    def text(self) -> str:
        """Return all its words."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class TextSide:
    """One text. ``title``: the pieces of its headline; ``before`` and ``after``: number of paragraphs left out at the
    ends, because they share nothing.
    """

    title: TextParagraph
    blocks: tuple[TextBlock, ...]
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class _Span:
    """A passage on one side."""

    start: int
    end: int
    number: int


def align_texts(
    ours: str, theirs: str, passages: Sequence[PassageOffsets], *, headline: str = "", source: str = ""
) -> tuple[TextSide, TextSide]:
    """Return both sides of a comparison.

    ``ours`` is the bulletin's text, its first paragraph the title; ``theirs`` the page's text, ``headline`` the page's
    title and ``source`` its source line. Passages are numbered in the order of our text; one that overlaps a longer one
    is cut there, and so are offsets beyond a text.
    """
    placed = sorted(
        (numbers for numbers in passages if len(numbers) == 4), key=lambda numbers: (numbers[0], numbers[2])
    )
    mine = _spans([(numbers[0], numbers[1]) for numbers in placed], len(ours))
    other = _spans([(numbers[2], numbers[3]) for numbers in placed], len(theirs))
    # A passage whose place on one side is taken by another has no counterpart to link to.
    both = {span.number for span in mine} & {span.number for span in other}
    numbers = {number: place for place, number in enumerate(sorted(both), 1)}
    left = _paragraphs(ours, _renumbered(mine, numbers))
    right = _paragraphs(theirs, _renumbered(other, numbers))
    at = _place_of(headline, right)
    heading = right[at] if at is not None else (TextPiece(" ".join(headline.split())),)
    above = [] if at is None else right[:at]
    rest = right if at is None else right[at + 1 :]
    blocks, before, after = _clip(list(_blocks(rest, "theirs", source)), whole=at is not None)
    return (
        TextSide(left[0] if left else (), tuple(_blocks(left[1:], "lost"))),
        TextSide(heading, tuple(blocks), before + len(above), after),
    )


def _spans(places: Sequence[tuple[int, int]], length: int) -> list[_Span]:
    """Return the places as spans that do not overlap; longer ones are placed first."""
    kept: list[_Span] = []
    for number, (first, last) in sorted(enumerate(places), key=lambda entry: (entry[1][0] - entry[1][1], entry[0])):
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


def _paragraphs(text: str, spans: Sequence[_Span]) -> list[TextParagraph]:
    opened: set[int] = set()
    return [
        tuple(_pieces(text, found.start(), found.end(), spans, opened))
        for found in re.finditer(r"[^\n]+", text)
        if found[0].strip()
    ]


def _pieces(text: str, start: int, end: int, spans: Sequence[_Span], opened: set[int]) -> Iterator[TextPiece]:
    at = start
    for span in spans:
        low, high = max(span.start, at), min(span.end, end)
        if low >= high:
            continue
        if low > at:
            yield TextPiece(text[at:low])
        # The punctuation after the last shared word is shared as well; passages end with a word.
        at = high + len(re.match(r"[^\w\s]*", text[high:end])[0])  # type: ignore[index]  # matches the empty text too
        yield TextPiece(text[low:at], span.number, span.number not in opened)
        opened.add(span.number)
    if at < end:
        yield TextPiece(text[at:end])


def _words(paragraph: TextParagraph) -> str:
    return " ".join("".join(piece.text for piece in paragraph).split())


def _place_of(headline: str, paragraphs: Sequence[TextParagraph]) -> int | None:
    """Return the position of the page's headline in its text; page titles often end with the site's name."""
    text = " ".join(headline.split())
    for place, paragraph in enumerate(paragraphs[:HEADLINE_WITHIN]):
        words = _words(paragraph)
        if text and (words == text or (len(words) >= len(text) // 2 and text.startswith(words))):
            return place
    return None


def _blocks(paragraphs: Sequence[TextParagraph], alone: str, source: str = "") -> Iterator[TextBlock]:
    """Return the paragraphs of one text as blocks; ``alone`` is the kind of unshared text."""
    sign = " ".join(source.split())[:80]
    for pieces in paragraphs:
        if sign and sign in _words(pieces):
            yield TextBlock("source", pieces)
        elif all(piece.number is None for piece in pieces):
            yield TextBlock(alone, pieces)
        else:
            yield from _split_long(pieces, alone)


def _split_long(pieces: TextParagraph, alone: str) -> Iterator[TextBlock]:
    """Split a shared paragraph; long unshared stretches become blocks of their own."""
    kept: list[TextPiece] = []
    for piece in pieces:
        if piece.number is None and len(piece.text.split()) >= LONG:
            if any(piece.text.strip() for piece in kept):
                yield TextBlock("text", tuple(kept))
            yield TextBlock(alone, (TextPiece(piece.text.strip()),))
            kept = []
        else:
            kept.append(piece)
    if any(piece.text.strip() for piece in kept):
        yield TextBlock("text", tuple(kept))


def _clip(blocks: list[TextBlock], *, whole: bool) -> tuple[list[TextBlock], int, int]:
    """Cut the page's text to just around the shared paragraphs, or to the source line.

    ``whole``: it begins below the headline, so that nothing above the article is left.
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
