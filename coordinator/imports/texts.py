"""A text as it came out of a file: what a bulletin can be made of, or what is wrong with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import nfc
from campaigns.publishing.drafting import LONGEST_LEAD, LONGEST_TITLE
from coordinator.imports.blocks import Block, Figure, Image, Paragraph, children
from coordinator.imports.characters import storable
from coordinator.imports.cleaning import settle
from coordinator.imports.letterhead import is_letterhead
from coordinator.imports.notes import Note
from coordinator.imports.reading import Content, read_fragment

_NEAR_TOP: Final = 6  # paragraphs among which a title is looked for; below that, bold text is a heading of a part


@dataclass(frozen=True)
class ImportedText:
    """One text out of a file. ``row`` is its place there, from 1; ``body_html`` and ``body_text`` are clean.

    ``images``: the pictures in the body. ``topic`` and ``campaign``: codes, when the file names them. ``published_at``:
    when the source published it.
    """

    title: str
    lead: str
    body_html: str
    body_text: str
    source_url: str | None = None
    topic: str | None = None
    campaign: str | None = None
    published_at: datetime | None = None
    images: tuple[Image, ...] = ()
    notes: tuple[Note, ...] = ()
    row: int = 1


@dataclass(frozen=True)
class RejectedText:
    """One thing that keeps a text of the file from being taken."""

    row: int
    field: str
    code: str
    message: str


@dataclass(frozen=True)
class Texts:
    """What a file holds: the good texts, and every problem of the others, in the order of the file."""

    texts: tuple[ImportedText, ...]
    rejected: tuple[RejectedText, ...] = ()


def one_line(text: str) -> str:
    """Composed, without controls, white space single: fit for a title."""
    return " ".join(nfc(storable(text)[0]).split())


def shown(html: str) -> str:
    """What a reader sees of a short piece of HTML, on one line; for titles and leads that come as HTML."""
    return one_line(" ".join(text for block in read_fragment(html).blocks for text in _texts(block)))


def _texts(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield block.text
    for inner in children(block):
        yield from _texts(inner)


def make(
    content: Content,
    *,
    title: str,
    lead: str,
    source_url: str | None = None,
    topic: str | None = None,
    campaign: str | None = None,
    published_at: datetime | None = None,
    row: int = 1,
) -> ImportedText:
    """A text of its parts. Raises ``Invalid`` naming every field that a bulletin could not have."""
    title, lead = one_line(title), nfc(storable(lead)[0]).strip()
    errors = []
    if not title:
        errors.append(FieldError("title", "required", "the text has no title; expected a heading or a title field"))
    elif len(title) > LONGEST_TITLE:
        message = f"the title has {len(title)} characters; a title has at most {LONGEST_TITLE}"
        errors.append(FieldError("title", "too_long", message))
    if len(lead) > LONGEST_LEAD:
        message = f"the lead has {len(lead)} characters; a lead has at most {LONGEST_LEAD}"
        errors.append(FieldError("lead", "too_long", message))
    body = settle(content)
    if not body.text.strip():
        errors.append(FieldError("body_html", "required", "the text has no body; expected text below the title"))
    if errors:
        raise Invalid(errors)
    return ImportedText(
        title=title,
        lead=lead,
        body_html=body.html,
        body_text=body.text,
        source_url=source_url,
        topic=topic,
        campaign=campaign,
        published_at=published_at,
        images=tuple(_images(content.blocks)),
        notes=body.removed,
        row=row,
    )


def _images(blocks: Sequence[Block]) -> Iterator[Image]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from (run for run in block.inlines if isinstance(run, Image))
        if isinstance(block, Figure):
            yield from (run for run in block.caption if isinstance(run, Image))
        yield from _images(tuple(children(block)))


def make_from_document(content: Content, *, source_url: str | None = None, row: int = 1) -> ImportedText:
    """A text whose title and lead stand in it: the title is the first heading near the top, else the first bold
    paragraph there, else the first paragraph; the lead is the paragraph after it.

    The letterhead that official letters begin with is left out, with a note. Raises ``Invalid`` as ``make``.
    """
    blocks = list(content.blocks)
    notes = list(content.notes)
    head = next((place for place, block in enumerate(blocks) if not is_letterhead(block)), len(blocks))
    if head:
        notes.append(Note("official_header", head))
    blocks = blocks[head:]
    place = _title_place(blocks)
    title = ""
    if place is not None and isinstance(found := blocks[place], Paragraph):
        title = found.text
        del blocks[place]
    lead, blocks = take_lead(blocks, place or 0)
    if lead:
        notes.append(Note("lead"))
    return make(Content(tuple(blocks), tuple(notes)), title=title, lead=lead, source_url=source_url, row=row)


def _title_place(blocks: Sequence[Block]) -> int | None:
    near = [
        (place, block)
        for place, block in enumerate(blocks)
        if isinstance(block, Paragraph) and 0 < len(one_line(block.text)) <= LONGEST_TITLE
    ][:_NEAR_TOP]
    for wanted in ("h1", "h2", "h3"):
        for place, block in near:
            if block.kind == wanted:
                return place
    for place, block in near:
        if block.is_strong:
            return place
    return near[0][0] if near and near[0][0] == 0 else None


def take_lead(blocks: list[Block], place: int = 0) -> tuple[str, list[Block]]:
    """The paragraph at ``place`` as the lead, and the blocks without it.

    "" and all blocks when there is no ordinary paragraph there, when it is too long for a lead, or when nothing would
    be left for the body.
    """
    if place >= len(blocks) - 1:
        return "", blocks
    block = blocks[place]
    if not isinstance(block, Paragraph) or block.kind != "p" or not 0 < len(block.text.strip()) <= LONGEST_LEAD:
        return "", blocks
    if any(isinstance(run, Image) for run in block.inlines):
        return "", blocks
    return block.text.strip(), [*blocks[:place], *blocks[place + 1 :]]
