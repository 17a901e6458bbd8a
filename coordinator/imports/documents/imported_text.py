"""A text read from a file: title, lead and body of a future bulletin, or what is wrong with them."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from campaigns.bulletins.text_checks import LONGEST_LEAD, LONGEST_TITLE
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import fold, nfc
from coordinator.imports.text.characters import remove_controls
from coordinator.imports.text.html_reader import HtmlContent, read_fragment
from coordinator.imports.text.notes import ImportNote
from coordinator.imports.text.sanitizer import block_texts, cleaned_content

_NATIONAL_NAME: Final = "cong hoa xa hoi chu nghia viet nam"
# The letterhead of official letters (Decree 30/2020, annex I): state motto, agency, number, place and date.
_LETTERHEAD_LINE: Final = re.compile(
    _NATIONAL_NAME + r"|doc lap\s*[-–]\s*tu do\s*[-–]\s*hanh phuc|so: ?\S*\s*/\s*\S+"
    r"|[\w .]{2,40}, ngay\s*\S+\s*thang\s*\S+\s*nam\s*\S+|[-–_*=.\s]+"
)
_MAX_LETTERHEAD_LENGTH: Final = 300  # characters; a letterhead's paragraph is a few short lines
_TITLE_WITHIN: Final = 6  # paragraphs among which a title is looked for; below that, bold text is a heading of a part
_HEADINGS: Final = ("h1", "h2", "h3")


@dataclass(frozen=True)
class ImportedText:
    """One text of a file. ``row`` is its place there, from 1; ``body_html`` and ``body_text`` are clean.

    ``topic`` and ``campaign``: codes, when the file names them. ``published_at``: when the source published it.
    """

    title: str
    lead: str
    body_html: str
    body_text: str
    source_url: str | None = None
    topic: str | None = None
    campaign: str | None = None
    published_at: datetime | None = None
    notes: tuple[ImportNote, ...] = ()
    row: int = 1


@dataclass(frozen=True)
class RejectedText:
    """One problem that keeps a text of the file from being imported."""

    row: int
    field: str
    code: str
    message: str


@dataclass(frozen=True)
class ImportedTexts:
    """The good texts of a file, and every problem of the others, in the order of the file."""

    texts: tuple[ImportedText, ...]
    rejected: tuple[RejectedText, ...] = ()


def rejected_texts(row: int, invalid: Invalid) -> list[RejectedText]:
    """The problems of one text."""
    return [RejectedText(row, error.field, error.code, error.message) for error in invalid.errors]


def one_line(text: str) -> str:
    """The text composed, without controls, with single white space: fit for a title."""
    return " ".join(nfc(remove_controls(text)).split())


def visible_text(html: str) -> str:
    """The words of a short piece of HTML on one line; for titles and leads that come as HTML."""
    return one_line(" ".join(text for block in read_fragment(html).root for text in block_texts(block)))


def block_text(block: etree._Element) -> str:
    """The text of one block."""
    return "\n".join(block_texts(block))


def make_text(
    content: HtmlContent,
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
    title, lead = one_line(title), nfc(remove_controls(lead)).strip()
    errors = []
    if not title:
        errors.append(FieldError("title", "required", "the text has no title; expected a heading or a title field"))
    elif len(title) > LONGEST_TITLE:
        message = f"the title has {len(title)} characters; a title has at most {LONGEST_TITLE}"
        errors.append(FieldError("title", "too_long", message))
    if len(lead) > LONGEST_LEAD:
        message = f"the lead has {len(lead)} characters; a lead has at most {LONGEST_LEAD}"
        errors.append(FieldError("lead", "too_long", message))
    body = cleaned_content(content)
    if not body.text.strip():
        errors.append(FieldError("body_html", "required", "the text has no body; expected text below the title"))
    if errors:
        raise Invalid(errors)
    return ImportedText(
        title, lead, body.html, body.text, source_url, topic, campaign, published_at, body.removed, row
    )  # fmt: skip


def make_from_document(content: HtmlContent) -> ImportedText:
    """A text whose title and lead stand in it: the title is the first heading near the top, else the first bold
    paragraph there, else the first paragraph; the lead is the paragraph after it.

    The letterhead that official letters begin with is left out, with a note. Raises ``Invalid`` as ``make_text``.
    """
    root, notes = content.root, list(content.notes)
    letterhead = 0
    while len(root) and _is_letterhead(root[0]):
        root.remove(root[0])
        letterhead += 1
    if letterhead:
        notes.append(ImportNote("official_header", letterhead))
    title, place = "", 0
    heading = _find_title(root)
    if heading is not None:
        title, place = block_text(heading), root.index(heading)
        root.remove(heading)
    lead = take_lead(root, place)
    if lead:
        notes.append(ImportNote("lead"))
    return make_text(HtmlContent(root, tuple(notes)), title=title, lead=lead)


def _is_letterhead(block: etree._Element) -> bool:
    """Whether a block at the top of a document is part of its letterhead."""
    text = block_text(block)
    if block.tag == "table":
        return _NATIONAL_NAME in fold(text)
    lines = [fold(line) for line in text.splitlines()]
    return (
        len(text) <= _MAX_LETTERHEAD_LENGTH
        and any(map(str.isalnum, text))
        and all(_LETTERHEAD_LINE.fullmatch(line) for line in lines)
    )


def _find_title(root: etree._Element) -> etree._Element | None:
    near = [
        block
        for block in root
        if block.tag in ("p", *_HEADINGS) and 0 < len(one_line(block_text(block))) <= LONGEST_TITLE
    ]
    near = near[:_TITLE_WITHIN]
    for tag in _HEADINGS:
        for block in near:
            if block.tag == tag:
                return block
    for block in near:
        if not "".join(map(str, block.xpath(".//text()[not(ancestor::strong)]"))).strip():
            return block
    return near[0] if near and near[0] is root[0] else None


def take_lead(root: etree._Element, place: int = 0) -> str:
    """Remove the paragraph at ``place`` and return it as the lead.

    "" and nothing removed when there is no ordinary paragraph there, when it has a picture or is too long for a lead,
    or when nothing would be left for the body.
    """
    if place >= len(root) - 1:
        return ""
    block = root[place]
    lead = block_text(block)
    if block.tag != "p" or not 0 < len(lead) <= LONGEST_LEAD or block.find(".//img") is not None:
        return ""
    root.remove(block)
    return lead


def drop_repeated_lead(root: etree._Element, lead: str) -> None:
    """Remove a first paragraph that says the lead once more."""
    if len(root) > 1 and root[0].tag in ("p", *_HEADINGS) and fold(block_text(root[0])) == fold(lead):
        root.remove(root[0])
