"""Entries of a feed as texts, for taking over what a portal has published so far."""

import io
from calendar import timegm
from datetime import UTC, datetime
from typing import Any, Final

import feedparser

from campaigns.core.errors import Invalid
from campaigns.core.vietnamese import fold
from coordinator.imports.blocks import Paragraph
from coordinator.imports.links import usable
from coordinator.imports.notes import Note
from coordinator.imports.reading import Content, read_fragment
from coordinator.imports.records import read_json
from coordinator.imports.texts import ImportedText, RejectedText, Texts, make, shown, take_lead
from coordinator.imports.unreadable import UnreadableDocument, too_big

LARGEST: Final = 5_000_000  # bytes


def read_feed(data: bytes, *, base: str | None = None) -> Texts:
    """Every entry of an RSS, Atom or JSON feed as a text; full content before summaries; ``source_url`` is its link.

    ``base`` is where the feed came from. Raises ``UnreadableDocument`` for anything that is no feed.
    """
    too_big(data, LARGEST)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return read_json(data)
    for encoding in ("ascii", "utf-16-le", "utf-16-be"):
        if "<!ENTITY".encode(encoding) in data:
            raise UnreadableDocument("the feed defines entities of its own, which no feed needs", code="entities")
    try:
        # A stream, never the bytes themselves: those it would first try as the name of a file.
        found = feedparser.parse(io.BytesIO(data), response_headers={"content-location": base} if base else {})
    # What the parser lets through on damaged input, where it promises to raise nothing.
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise UnreadableDocument(f"the feed is damaged: {error}", code="damaged") from error
    if not found.get("version"):
        raise UnreadableDocument(
            "this is not an RSS, Atom or JSON feed; expected <rss>, <feed> or a JSON Feed", code="not_a_feed"
        )
    texts: list[ImportedText] = []
    rejected: list[RejectedText] = []
    for row, entry in enumerate(found.entries, start=1):
        try:
            texts.append(_text(entry, row, base))
        except Invalid as invalid:
            rejected += [RejectedText(row, error.field, error.code, error.message) for error in invalid.errors]
    return Texts(tuple(texts), tuple(rejected))


def _text(entry: Any, row: int, base: str | None) -> ImportedText:
    link = usable(str(entry.get("link") or ""), base)
    contents = [str(one.get("value") or "") for one in entry.get("content", [])]
    summary = str(entry.get("summary") or "")
    full = max(contents, key=len, default="")
    content = read_fragment(full or summary, base=link or base)
    lead = ""
    blocks = list(content.blocks)
    notes = list(content.notes)
    if full and summary and summary != full:
        lead = shown(summary)
        first = blocks[0] if blocks else None
        if isinstance(first, Paragraph) and fold(first.text) == fold(lead) and len(blocks) > 1:
            blocks = blocks[1:]
    else:
        if not full and summary:
            notes.append(Note("summary_only"))
        lead, blocks = take_lead(blocks)
        if lead:
            notes.append(Note("lead"))
    return make(
        Content(tuple(blocks), tuple(notes)),
        title=shown(str(entry.get("title") or "")),
        lead=lead,
        source_url=link,
        published_at=_moment(entry),
        row=row,
    )


def _moment(entry: Any) -> datetime | None:
    """When the source says it was published. The parser hands out UTC, and nothing for a date it cannot read."""
    # dict.get: the parser's own would hand out one for the other, and warn that it does.
    parts = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    if not parts:
        return None
    try:
        return datetime.fromtimestamp(timegm(parts), UTC)
    except (ValueError, OverflowError, OSError):  # a year that no calendar has
        return None
