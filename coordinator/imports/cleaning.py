"""Cleaning: whatever an editor, Word or a stranger calls HTML becomes the few tags a bulletin is made of."""

from dataclasses import dataclass
from typing import Final

import nh3

from coordinator.imports.notes import Note
from coordinator.imports.reading import Content, read_fragment
from coordinator.imports.writing import to_html, to_paragraphs

# The editor offers exactly these; a tag outside them is not stored, through whichever door it came.
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
_BOUNDARY: Final = nh3.Cleaner(
    tags=set(TAGS),
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    clean_content_tags={"script", "style"},
    link_rel=None,
    url_relative="deny",
)
_ROUNDS: Final = 8


@dataclass(frozen=True)
class CleanText:
    """A cleaned text. ``html`` holds only the allowed tags and absolute addresses; ``text`` is it as plain text:
    paragraphs with a blank line between, list items behind "- " or their number, table cells joined by " | ";
    ``paragraphs`` are its parts. All is composed (NFC). ``removed``: what was left out."""

    html: str
    text: str
    paragraphs: tuple[str, ...]
    removed: tuple[Note, ...]


def clean_html(html: str, *, base: str | None = None, field: str = "body_html") -> CleanText:
    """Clean a piece of HTML; cleaning it again changes nothing.

    ``base``: the address that relative links and pictures are resolved against; without it they are left out.
    Raises ``Invalid``, naming ``field``, for more than 1 MB or absurd nesting.
    """
    return settle(read_fragment(html, base=base, field=field))


def settle(content: Content) -> CleanText:
    """Write blocks as clean HTML and read it again until nothing changes.

    One repair can make room for another (two typed items that a removed frame had kept apart), so once is not always
    enough; each round only ever joins or unwraps, so it ends.
    """
    blocks = content.blocks
    html = _BOUNDARY.clean(to_html(blocks))
    for _ in range(_ROUNDS):
        blocks = read_fragment(html).blocks
        again = _BOUNDARY.clean(to_html(blocks))
        if again == html:
            break
        html = again
    paragraphs = to_paragraphs(blocks)
    return CleanText(html, "\n\n".join(paragraphs), paragraphs, content.notes)
