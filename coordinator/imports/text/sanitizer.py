"""Cleaning of HTML for bulletins: what comes out holds the tags of the editor only, and nothing active.

``clean_html`` is the one function for pasted HTML, uploads, imports and the API.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import nh3
from lxml import etree
from pydantic import TypeAdapter

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import nfc
from coordinator.imports.decoding import UnreadableDocument, read_brought
from coordinator.imports.text.html_reader import HtmlContent, read_fragment
from coordinator.imports.text.notes import ImportNote
from coordinator.sandbox import ChildAnswer

# The editor offers exactly these; other tags are never stored.
TAGS: Final = frozenset(
    {"p", "strong", "em", "a", "ul", "ol", "li", "table", "thead", "tbody", "tr", "td", "th", "h2", "h3"}
    | {"blockquote", "img", "figure", "figcaption", "br"}
)
ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "img": {"src", "alt", "width", "height"},
}
READ_HERE: Final = 100_000  # characters of HTML; the longest bulletin seen has as many
# Of "&", "<" and ">" in a text: each begins a text of its own in the cleaner, whose time grows with their square.
MOST_REFERENCES: Final = 100_000
_NH3_CLEANER: Final = nh3.Cleaner(
    tags=set(TAGS),
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    clean_content_tags={"script", "style"},
    link_rel=None,
    url_relative="deny",
)


@dataclass(frozen=True)
class CleanText:
    """A cleaned text. ``html`` holds only the allowed tags and absolute addresses; ``text`` is it as plain text:
    paragraphs with a blank line between, list items behind "- " or their number, table cells joined by " | ";
    ``paragraphs`` are its parts. All is composed (NFC). ``removed``: what was left out."""

    html: str
    text: str
    paragraphs: tuple[str, ...]
    removed: tuple[ImportNote, ...]


_CLEAN_TEXT: Final = TypeAdapter(CleanText)


def clean_html(html: str, *, base: str | None = None, field: str = "body_html") -> CleanText:
    """Clean a piece of HTML; cleaning it again changes nothing.

    ``base``: the address that relative links and pictures are resolved against; without it they are left out. What is
    longer than any bulletin is read in a child process with limits, since it may be nothing but elements.
    Raises ``Invalid``, naming ``field``, for more than 1 MB or absurd nesting.
    """
    if len(html) <= READ_HERE:
        return cleaned_content(read_fragment(html, base=base, field=field), field=field)
    try:
        _, clean = read_brought(_cleaned_answer, html, base, field)
    except UnreadableDocument as error:
        raise Invalid([FieldError(field, "too_long", error.message)]) from error
    return _CLEAN_TEXT.validate_json(clean)


def _cleaned_answer(html: str, base: str | None, field: str) -> ChildAnswer:
    """The answer of the child."""
    return {}, [_CLEAN_TEXT.dump_json(cleaned_content(read_fragment(html, base=base, field=field), field=field))]


def cleaned_content(content: HtmlContent, *, field: str = "body_html") -> CleanText:
    """The blocks as clean HTML. A first-level heading becomes a second-level one, for the page has its title above.
    Raises ``Invalid``, naming ``field``, for more than ``MOST_REFERENCES``."""
    for heading in content.root.iter("h1"):
        heading.tag = "h2"
    # As XML: the HTML writer of libxml2 would percent-encode the letters of internationalised host names.
    html = "".join(etree.tostring(block, encoding="unicode") for block in content.root)
    if html.count("&") > MOST_REFERENCES:
        message = f"the text has more than {MOST_REFERENCES:,} of the signs &, < and >"
        raise Invalid([FieldError(field, "too_long", message)])
    html = _NH3_CLEANER.clean(html)
    paragraphs = tuple(text for block in content.root for text in block_texts(block))
    return CleanText(html, "\n\n".join(paragraphs), paragraphs, content.notes)


def block_texts(block: etree._Element) -> Iterator[str]:
    """The text of a block, one string a paragraph, list or table. Composed (NFC); pictures have none."""
    if block.tag in {"ul", "ol"}:
        texts: Iterable[str] = ["\n".join(_list_lines(block))]
    elif block.tag == "table":
        rows = [" | ".join(_one_line_text(cell) for cell in row) for row in block.xpath("./tr|./*/tr")]
        texts = ["\n".join(row for row in rows if row.strip(" |"))]
    else:
        texts = _mixed_texts(block)
    yield from (nfc(text) for text in texts if text)


def _mixed_texts(element: etree._Element) -> Iterator[str]:
    """The characters directly in a paragraph, item, cell, quotation or figure, parted by the blocks in it."""
    line = element.text or ""
    for child in element:
        if child.tag in {"a", "strong", "em", "br", "img"}:
            line += _inline_text(child)
        else:
            yield line.strip()
            yield from block_texts(child)
            line = ""
        line += child.tail or ""
    yield line.strip()


def _inline_text(element: etree._Element) -> str:
    if element.tag == "br":
        return "\n"
    return (element.text or "") + "".join(_inline_text(child) + (child.tail or "") for child in element)


def _one_line_text(cell: etree._Element) -> str:
    return " ".join(block_texts(cell)).replace("\n", " ")


def _list_lines(listing: etree._Element) -> Iterator[str]:
    for number, item in enumerate(listing, start=1):
        marker = f"{number}. " if listing.tag == "ol" else "- "
        inside = [line for text in block_texts(item) for line in text.splitlines()]
        if not inside:
            continue
        if not item.text and item[0].tag in {"ul", "ol"}:  # the lines of a list alone stand below the marker
            inside.insert(0, "")
        yield f"{marker}{inside[0]}".rstrip()
        yield from (f"  {line}" for line in inside[1:])
