"""A text as a row of items, for platforms whose posts have no formatting: paragraphs, pictures and videos.

A heading or paragraph is one item, and so is each entry of a list, each row of a table and each line of a paragraph
with line breaks. The input is the cleaned HTML of a bulletin.
"""

from dataclasses import dataclass
from enum import Enum
from html.parser import HTMLParser
from urllib.parse import urlsplit

CELL_SEPARATOR = " | "  # as in the plain text of a bulletin
BULLET = "• "
VIDEO_SUFFIXES = (".mp4", ".mov", ".m4v")

_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "blockquote", "li", "tr", "ul", "ol", "table", "figure"})
_CELLS = frozenset({"td", "th"})


class BodyItemKind(Enum):
    """Kind of an item."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"


@dataclass(frozen=True)
class BodyItem:
    """One item. ``text``: the paragraph, the caption of a picture (else its description), or the words of a video's
    link. ``url``: the address of a picture or video."""

    kind: BodyItemKind
    text: str
    url: str = ""


def body_items(html: str) -> tuple[BodyItem, ...]:
    """The items of a cleaned text, in their order; pictures without an absolute http or https address are left out.

    A paragraph that consists of one link to a video file (``VIDEO_SUFFIXES``) is a video.
    """
    reader = _ItemReader()
    reader.feed(html)
    reader.close()
    reader.end_item()
    return tuple(reader.items)


class _ItemReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.items: list[BodyItem] = []
        self._parts: list[str] = []  # the characters of the item so far
        self._in_row = False  # whether a cell of the present row was read
        self._marker = ""  # the bullet or number of the list entry, until its first characters
        self._lists: list[int | None] = []  # the open lists: the number of the last entry, None where bulleted
        self._links: list[str] = []  # the addresses of the links in the item
        self._link_text = ""
        self._in_link = False
        self._caption: list[str] | None = None  # the characters of a caption, None outside of one
        self._figure_at: int | None = None  # the number of items before the open figure

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._add_picture(values.get("src", ""), values.get("alt", ""))
        elif tag == "br":
            self.end_item()
        elif tag == "a":
            self._links.append(values.get("href", ""))
            self._in_link = True
        elif tag == "figcaption":
            self.end_item()
            self._caption = []
        elif tag in _CELLS:
            if self._in_row:
                self._parts.append(CELL_SEPARATOR)
            self._in_row = True
        elif tag in _BLOCKS:
            if tag != "p" or not self._lists:  # a paragraph within an entry continues the entry's marker
                self.end_item()
            if tag in {"ul", "ol"}:
                self._lists.append(0 if tag == "ol" else None)
            elif tag == "li" and self._lists:
                number = self._lists[-1]
                if number is not None:
                    self._lists[-1] = number = number + 1
                self._marker = BULLET if number is None else f"{number}. "
            elif tag == "figure":
                self._figure_at = len(self.items)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._in_link = False
        elif tag == "figcaption":
            self._end_caption()
        elif tag in _BLOCKS:
            self.end_item()
            if tag in {"ul", "ol"} and self._lists:
                self._lists.pop()
            elif tag == "figure":
                self._figure_at = None

    def handle_data(self, data: str) -> None:
        if self._caption is not None:
            self._caption.append(data)
            return
        self._parts.append(data)
        if self._in_link:
            self._link_text += data

    def end_item(self) -> None:
        """Complete the item whose characters were read, if there are any."""
        text = " ".join("".join(self._parts).split())
        if self._in_row:
            text, self._in_row = text.rstrip(" |"), False  # empty cells at the end of a row
        links, link_text = self._links, " ".join(self._link_text.split())
        self._parts, self._links, self._link_text = [], [], ""
        if not text.strip(" |"):
            return
        if len(links) == 1 and text == link_text and _is_video(links[0]):
            self.items.append(BodyItem(BodyItemKind.VIDEO, text, links[0]))
        else:
            self.items.append(BodyItem(BodyItemKind.TEXT, self._marker + text))
        self._marker = ""

    def _add_picture(self, url: str, alt: str) -> None:
        self.end_item()
        if _is_absolute(url):
            self.items.append(BodyItem(BodyItemKind.IMAGE, " ".join(alt.split()), url))

    def _end_caption(self) -> None:
        caption, self._caption = " ".join("".join(self._caption or []).split()), None
        if not caption:
            return
        last = self.items[-1] if self.items else None
        if last is not None and last.kind is BodyItemKind.IMAGE and self._figure_at == len(self.items) - 1:
            self.items[-1] = BodyItem(BodyItemKind.IMAGE, caption, last.url)
        else:
            self.items.append(BodyItem(BodyItemKind.TEXT, caption))


def _is_absolute(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _is_video(url: str) -> bool:
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    return _is_absolute(url) and path.lower().endswith(VIDEO_SUFFIXES)
