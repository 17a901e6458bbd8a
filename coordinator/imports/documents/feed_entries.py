"""Entries of a feed as texts, to import what a portal has published so far."""

import io
import re
from calendar import timegm
from datetime import UTC, datetime
from typing import Any, Final

import feedparser

from campaigns.core.errors import Invalid
from coordinator.imports.decoding import UnreadableDocument, check_size
from coordinator.imports.documents.imported_text import (
    ImportedText,
    ImportedTexts,
    RejectedText,
    drop_repeated_lead,
    make_text,
    rejected_texts,
    take_lead,
    visible_text,
)
from coordinator.imports.documents.json_records import check_text_count, read_json
from coordinator.imports.text.html_reader import HtmlContent, read_fragment
from coordinator.imports.text.notes import ImportNote
from coordinator.imports.text.web_addresses import usable_address

MAX_FEED_BYTES: Final = 5_000_000  # bytes
_ENTRY: Final = re.compile(rb"<(?:\w+:)?(?:item|entry)\b", re.IGNORECASE)


def read_feed(data: bytes, base: str | None = None) -> ImportedTexts:
    """Every entry of an RSS, Atom or JSON feed as a text; full content before summaries; ``source_url`` is its link.

    ``base`` is where the feed came from. Raises ``UnreadableDocument`` for anything that is no feed.
    """
    check_size(data, MAX_FEED_BYTES)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return read_json(data)
    for encoding in ("ascii", "utf-16-le", "utf-16-be"):
        if "<!ENTITY".encode(encoding) in data:
            raise UnreadableDocument("the feed defines entities of its own, which no feed needs", code="entities")
    check_text_count(len(_ENTRY.findall(data)))
    try:
        # A stream, never the bytes themselves: those it would first try as the name of a file.
        found = feedparser.parse(io.BytesIO(data), response_headers={"content-location": base} if base else {})
    # Exceptions of the parser on damaged input, where it promises to raise nothing.
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
            texts.append(_imported_text(entry, row, base))
        except Invalid as invalid:
            rejected += rejected_texts(row, invalid)
    return ImportedTexts(tuple(texts), tuple(rejected))


def _imported_text(entry: Any, row: int, base: str | None) -> ImportedText:
    link = usable_address(str(entry.get("link") or ""), base)
    contents = [str(part.get("value") or "") for part in entry.get("content", [])]
    summary = str(entry.get("summary") or "")
    full = max(contents, key=len, default="")
    content = read_fragment(full or summary, base=link or base)
    notes = list(content.notes)
    if full and summary and summary != full:
        lead = visible_text(summary)
        drop_repeated_lead(content.root, lead)
    else:
        if not full and summary:
            notes.append(ImportNote("summary_only"))
        lead = take_lead(content.root)
        if lead:
            notes.append(ImportNote("lead"))
    return make_text(
        HtmlContent(content.root, tuple(notes)),
        title=visible_text(str(entry.get("title") or "")),
        lead=lead,
        source_url=link,
        published_at=_published_at(entry),
        row=row,
    )


def _published_at(entry: Any) -> datetime | None:
    """When the source says it was published. The parser gives UTC, and nothing for a date it cannot read."""
    # dict.get: the parser's own method gives one for the other, with a warning.
    parts = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    if not parts:
        return None
    try:
        return datetime.fromtimestamp(timegm(parts), UTC)
    except (ValueError, OverflowError, OSError):  # a year that no calendar has
        return None
