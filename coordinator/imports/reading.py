"""HTML of any origin read into blocks.

Why not a sanitiser alone: it keeps what is allowed, but a Word list, text hidden by a style or a table of one cell
would stay what they are. The sanitiser has the last word all the same, over what ``writing`` makes of these blocks.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import nfc
from coordinator.imports.blocks import Block, Break, Cell, Image, Link, Text
from coordinator.imports.building import Builder, Place
from coordinator.imports.characters import lowered, raised, storable
from coordinator.imports.elements import DROPPED, HEADINGS, LISTS, PARTS, SLANTED, STRONG, pixels, span, style_of
from coordinator.imports.links import usable
from coordinator.imports.notes import Note, tally

LARGEST: Final = 1_000_000  # bytes of HTML; the longest bulletin seen is a tenth of it
_LONGEST_TITLE: Final = 300  # characters of a link's title or an image's description


@dataclass(frozen=True)
class Content:
    """What a piece of HTML says, and notes of what was left out."""

    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Look:
    """What the elements around a run of text make of it."""

    strong: bool = False
    em: bool = False
    link: Link | None = None
    shift: Callable[[str], str] | None = None
    marker: bool = False
    as_typed: bool = False


def parse(html: str, *, field: str, most: int = LARGEST) -> tuple[etree._Element, int]:
    """A tree of the HTML, comments gone, and how many control characters were removed.

    Raises ``Invalid`` naming ``field`` for more than ``most`` bytes or nesting that no editor makes.
    """
    text, controls = storable(html)
    # Written in two, pasted in one: what follows a closing body would be lost.
    data = re.sub(r"(?i)</(?:body|html)\s*>", "", text).encode()
    if len(data) > most:
        message = f"the text has {len(data):,} bytes of HTML; at most {most:,} are taken"
        raise Invalid([FieldError(field, "too_long", message)])
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(b"<html><body>" + data + b"</body></html>", parser)
    except etree.ParseError as error:
        raise Invalid([FieldError(field, "html", f"the text is not readable as HTML: {error}")]) from error
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise Invalid([FieldError(field, "too_deep", "elements are nested more than 2,000 deep")])
    return root, controls


def read_fragment(html: str, *, base: str | None = None, field: str = "body_html") -> Content:
    """The blocks of a piece of HTML. ``base`` makes relative addresses absolute. Raises ``Invalid`` as ``parse``."""
    root, controls = parse(html, field=field)
    return read_element(root, base=base, controls=controls)


def read_element(root: etree._Element, *, base: str | None = None, controls: int = 0) -> Content:
    """The blocks inside an element of a parsed document. Walks without recursion, whatever the depth."""
    reader = _Reader(base)
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        if event == "start":
            if not reader.start(element):
                walker.skip_subtree()
                reader.skip()
        else:
            reader.end()
            if element is not root and element.tail:
                reader.text(element.tail)
    blocks = reader.builder.finish()
    codes = ["control"] * (controls + reader.controls) + reader.codes + reader.builder.codes
    return Content(blocks, tally(codes))


class _Reader:
    """Turns the start and end of elements into calls of the builder; a stack remembers what each end has to undo."""

    def __init__(self, base: str | None) -> None:
        self.builder = Builder()
        self.codes: list[str] = []
        self.controls = 0
        self._base = base
        # (look inside the element, whether it bounds a paragraph, places open before it or None)
        self._open: list[tuple[_Look, bool, int | None]] = [(_Look(), False, None)]

    def start(self, element: etree._Element) -> bool:
        """Begin an element. False when its content is not wanted."""
        tag = str(element.tag).lower()
        if tag in DROPPED:
            if DROPPED[tag]:
                self.codes.append(DROPPED[tag])
            return False
        style = style_of(element.get("style", ""))
        if style.hidden or element.get("hidden") is not None:
            self.codes.append("hidden")
            return False
        if style.struck:
            self.codes.append("struck")
            return False
        look = self._open[-1][0]
        strong = (look.strong or tag in STRONG) if style.strong is None else style.strong
        em = (look.em or tag in SLANTED) if style.em is None else style.em
        look = replace(look, strong=strong, em=em, marker=look.marker or style.list_marker)
        bounds, before = self._structure(tag, element, style.list_level)
        if tag == "a":
            look = replace(look, link=self._link(element) or look.link)
        elif tag == "sup":
            look = replace(look, shift=raised)
        elif tag == "sub":
            look = replace(look, shift=lowered)
        elif tag == "pre":
            look = replace(look, as_typed=True)
        elif tag == "br":
            self.builder.run(Break())
        elif tag == "img":
            self._image(element, look.link)
        self._open.append((look, bounds, before))
        if element.text:
            self.text(element.text)
        return True

    def skip(self) -> None:
        """The element just refused: its end undoes nothing."""
        self._open.append((self._open[-1][0], False, None))

    def end(self) -> None:
        """End the innermost element."""
        _, bounds, before = self._open.pop()
        if before is not None:
            self.builder.close_to(before)
        elif bounds:
            self.builder.flush()

    def text(self, found: str) -> None:
        """Characters between two tags."""
        kept, controls = storable(found)
        self.controls += controls
        look = self._open[-1][0]
        if look.marker:
            self.builder.mark(kept)
            return
        if look.shift:
            kept = look.shift(kept)
        for number, line in enumerate(kept.split("\n") if look.as_typed else [kept]):
            if number:
                self.builder.run(Break())
            if line:
                self.builder.run(Text(line, look.strong, look.em, look.link))

    def _structure(self, tag: str, element: etree._Element, level: int) -> tuple[bool, int | None]:
        """What the element does to blocks: whether it bounds a paragraph, and how many places were open before it."""
        builder = self.builder
        if tag in HEADINGS:
            builder.paragraph(HEADINGS[tag])
            return True, None
        if tag in PARTS:
            builder.paragraph("p", level)
            return True, None
        place = None
        if tag in LISTS:
            place = Place("list", ordered=LISTS[tag])
        elif tag == "blockquote":
            place = Place("quote")
        elif tag == "table":
            place = Place("table")
        elif tag == "figure":
            place = Place("figure")
        elif tag in {"li", "tr", "td", "th", "thead", "tbody", "tfoot", "figcaption"}:
            builder.close_implied()
            place = self._inner(tag, element)
            if place is None:
                builder.paragraph()
                return True, None
        if place is None:
            return False, None
        before = builder.depth
        return (True, before) if builder.open(place) else (True, None)

    def _inner(self, tag: str, element: etree._Element) -> Place | None:
        """The place for a part of a list, table or figure; None when it stands where it has no meaning."""
        around = self.builder.kind
        if tag == "li" and around == "list":
            return Place("item")
        if tag == "figcaption" and around == "figure":
            return Place("caption")
        if tag == "tr" and around == "table":
            above = element.getparent()
            return Place("row", in_head=above is not None and str(above.tag).lower() == "thead")
        if tag in {"td", "th"} and around in {"row", "table"}:
            scope = element.get("scope", "").strip().lower()
            shape = Cell(
                header=tag == "th",
                colspan=span(element.get("colspan", "")),
                rowspan=span(element.get("rowspan", "")),
                scope=scope if scope in {"row", "col", "rowgroup", "colgroup"} else "",
            )
            return Place("cell", cell=shape)
        return None

    def _link(self, element: etree._Element) -> Link | None:
        href = element.get("href", "").strip()
        if not href or href.startswith("#"):  # a bookmark inside the source's own document
            return None
        address = usable(storable(href)[0], self._base, mail=True)
        if address is None:
            self.codes.append("link")
            return None
        return Link(address, _short(element.get("title", "")))

    def _image(self, element: etree._Element, link: Link | None) -> None:
        src = element.get("src", "").strip()
        if not src or src.startswith("data:"):
            src = element.get("data-src", "").strip() or src  # pages that load pictures late keep the address here
        width, height = pixels(element.get("width", "")), pixels(element.get("height", ""))
        if width == 1 or height == 1:
            self.codes.append("pixel")
            return
        address = usable(storable(src)[0], self._base)
        if address is None:
            embedded = re.match(r"(data|cid|blob|file|ms-\w+):", src, re.IGNORECASE)
            self.codes.append("image" if embedded else "image_address")
            return
        self.builder.run(Image(address, _short(element.get("alt", "")), width, height, link))


def _short(value: str) -> str:
    text = " ".join(nfc(storable(value)[0]).split())
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1].rstrip() + "…"
