"""HTML of any origin read into a plain tree: paragraphs, headings, lists, tables, quotations and figures.

A sanitiser removes what is not allowed, but it leaves loose text, ``div`` paragraphs, bold by style and Word's lists as
they are. This module rebuilds the tree with the elements a bulletin has; ``sanitizer`` then lets nh3 check the result.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from lxml import etree

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import nfc
from coordinator.imports.text.characters import remove_controls, subscript, superscript
from coordinator.imports.text.notes import ImportNote
from coordinator.imports.text.web_addresses import usable_address

MAX_HTML_BYTES: Final = 1_000_000  # bytes of HTML; the longest bulletin seen is a tenth of it
MAX_TAGS: Final = 150_000  # signs "<"; a saved page of 3 MB has some 100,000
MAX_DEPTH: Final = 24  # nested lists, tables and quotations; a list eight deep in a table in a quotation needs 20
_MAX_TITLE: Final = 300  # characters of a link's title or an image's description

# Removed with their content. The value is the note that is left.
_DROPPED: Final = {
    **dict.fromkeys(("script", "style", "template", "noscript", "iframe", "frame", "frameset", "object"), "script"),
    **dict.fromkeys(("embed", "applet", "audio", "video", "canvas", "svg", "math", "input", "button"), "script"),
    **dict.fromkeys(("select", "textarea"), "script"),
    **dict.fromkeys(("del", "s", "strike"), "hidden"),
    # Office's XML and a document's own head are not text.
    **dict.fromkeys(("head", "title", "meta", "link", "base", "xml", "source", "track", "datalist", "colgroup"), ""),
}
_HEADINGS: Final = {"h1": "h1", "h2": "h2", "h3": "h3", "h4": "h3", "h5": "h3", "h6": "h3"}
_STRONG: Final = frozenset({"strong", "b"})
_EMPHASIS: Final = frozenset({"em", "i", "cite", "dfn", "var"})
# Elements that begin and end a paragraph and mean nothing else here.
_SECTIONS: Final = frozenset(
    {"html", "body", "p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "address", "hr"}
    | {"center", "pre", "dl", "dt", "dd", "form", "fieldset", "legend", "details", "summary", "hgroup", "caption"}
    | {"dir", "menu"}
)
# Each structural element with the elements it may stand in; None: any element that holds text.
_PARENTS: Final[dict[str, frozenset[str] | None]] = {
    **dict.fromkeys(("ul", "ol", "table", "blockquote"), None),
    "figure": frozenset({"body", "blockquote"}),
    "figcaption": frozenset({"figure"}),
    "li": frozenset({"ul", "ol"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), frozenset({"table"})),
    "tr": frozenset({"table", "thead", "tbody"}),
    **dict.fromkeys(("td", "th"), frozenset({"tr", "table", "thead", "tbody"})),
}
_LISTS: Final = frozenset({"ul", "ol"})
_ROW_GROUPS: Final = frozenset({"table", "thead", "tbody"})
# In these a paragraph is an element of its own; in a list item, cell or caption paragraphs are parted by <br>.
_WITH_PARAGRAPHS: Final = frozenset({"body", "blockquote"})

_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|line-through")
# Word writes mso-bidi-font-weight:normal on what it makes bold; that is about scripts written from the right.
_WEIGHT: Final = re.compile(r"(?<![\w-])font-weight\s*:\s*(\w+)")
_SLANT: Final = re.compile(r"(?<![\w-])font-style\s*:\s*(\w+)")
_WORD_LEVEL: Final = re.compile(r"mso-list\s*:\s*l\d+\s+level(\d)")
_WORD_MARKER: Final = re.compile(r"mso-list\s*:\s*ignore")
_LETTERS_OF_SYMBOL_FONTS: Final = frozenset("ovqüØ")  # drawn as bullets
_UNWANTED: Final = "unwanted"  # the name of elements that are about to be removed


@dataclass(frozen=True)
class HtmlContent:
    """``root``: a ``body`` whose children are the blocks of the text. ``notes``: what was left out."""

    root: etree._Element
    notes: tuple[ImportNote, ...] = ()


@dataclass(frozen=True)
class _Look:
    """The formatting of a run of text. ``shift``: sup, sub or nothing; ``as_typed``: newlines break the line."""

    strong: bool = False
    em: bool = False
    link: tuple[str, str] | None = None  # address and title
    shift: str = ""
    as_typed: bool = False

    def tags(self) -> Iterator[tuple[str, dict[str, str]]]:
        """The elements around the run, from the outermost."""
        if self.link:
            href, title = self.link
            yield "a", {"href": href, **({"title": title} if title else {})}
        if self.strong:
            yield "strong", {}
        if self.em:
            yield "em", {}


def read_fragment(html: str, *, base: str | None = None, field: str = "body_html") -> HtmlContent:
    """The blocks of a piece of HTML. ``base`` makes relative addresses absolute. Raises ``Invalid`` as ``parse``."""
    return read_element(parse(html, field=field), base=base)


def parse(html: str, *, field: str, most: int = MAX_HTML_BYTES) -> etree._Element:
    """The tree of a piece of HTML as it is, without comments.

    Raises ``Invalid`` naming ``field`` for more than ``most`` bytes, more than ``MAX_TAGS`` or nesting that no editor
    makes.
    """
    # Some programs write a second document behind the first; what follows a closing body would be lost.
    data = re.sub(r"(?i)</(?:body|html)\s*>", "", remove_controls(html)).encode()
    if len(data) > most:
        message = f"the text has {len(data):,} bytes of HTML; at most {most:,} are taken"
        raise Invalid([FieldError(field, "too_long", message)])
    if (tags := data.count(b"<")) > MAX_TAGS:
        message = f"the text has {tags:,} tags of HTML; at most {MAX_TAGS:,} are taken"
        raise Invalid([FieldError(field, "too_long", message)])
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(b"<html><body>" + data + b"</body></html>", parser)
    except etree.ParseError as error:
        raise Invalid([FieldError(field, "html", f"the text is not readable as HTML: {error}")]) from error
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise Invalid([FieldError(field, "too_deep", "elements are nested more than 2,000 deep")])
    return root


def read_element(root: etree._Element, *, base: str | None = None) -> HtmlContent:
    """The blocks inside an element of a parsed document, which is changed. Uses no recursion, whatever the depth."""
    notes: Counter[str] = Counter()
    _remove_unwanted(root, notes)
    _convert_word_lists(root)
    builder = _Builder(base, notes)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            builder.start(element)
        else:
            builder.end()
            if element is not root and element.tail:
                builder.text(element.tail)
    body = builder.finish()
    return HtmlContent(body, tuple(ImportNote(code, count) for code, count in notes.items() if code))


def _remove_unwanted(root: etree._Element, notes: Counter[str]) -> None:
    walker = etree.iterwalk(root, events=("start",))
    for _, element in walker:
        code = _DROPPED.get(str(element.tag))
        if code is None and (
            element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style", "").lower())
        ):
            code = "hidden"
        if code is not None and element is not root:
            notes[code] += 1
            element.tag = _UNWANTED
            walker.skip_subtree()
    etree.strip_elements(root, _UNWANTED, with_tail=False)


def _convert_word_lists(root: etree._Element) -> None:
    """Make lists of neighbouring paragraphs that Word marks as list items (``mso-list``).

    Bullets and numbers that count from 1 become lists; items with other markers (a), b), numbers that start later) stay
    paragraphs that begin with their marker, since readers refer to it.
    """
    open_lists: list[tuple[int, etree._Element]] = []  # each with Word's level, from the outermost
    outermost = None
    for item in list(root.iter("p", "div")):
        level = _WORD_LEVEL.search(item.get("style", "").lower())
        if not level:
            continue
        depth = int(level[1])
        drawn = [span for span in item.iter("span") if _WORD_MARKER.search(span.get("style", "").lower())]
        marker = "".join(str(text) for span in drawn[:1] for text in span.itertext()).strip()
        number = re.fullmatch(r"(\d{1,3})[.)]?", marker)
        tag, count = ("ol", int(number[1])) if number else ("ul", 0)
        if outermost is None or item.getprevious() is not outermost:
            open_lists = []
        while open_lists and open_lists[-1][0] > depth:
            open_lists.pop()
        current = open_lists[-1][1] if open_lists and open_lists[-1][0] == depth else None
        if current is not None and (current.tag != tag or (number and count != len(current) + 1)):
            open_lists.pop()
            current = None
        is_letter = any(map(str.isalpha, marker)) and marker not in _LETTERS_OF_SYMBOL_FONTS
        if is_letter or (current is None and count > 1):
            open_lists = []
            for span in drawn:
                span.tail = f" {remove_controls(span.tail or '')}"
            continue
        for span in drawn:
            span.tag = _UNWANTED
        if current is None:
            current = etree.Element(tag)
            if open_lists:
                open_lists[-1][1][-1].append(current)
            else:
                item.addprevious(current)
                outermost = current
            open_lists.append((depth, current))
        behind = remove_controls(item.tail or "").strip()
        item.tag, item.tail = "li", None
        current.append(item)
        if behind and outermost is not None:
            outermost.tail, outermost = behind, None
    etree.strip_elements(root, _UNWANTED, with_tail=False)


class _Builder:
    """Builds the plain tree from the starts, ends and texts of the source.

    Elements of the result are opened when the first text or picture in them is written, so that none is empty.
    """

    def __init__(self, base: str | None, notes: Counter[str]) -> None:
        self._base = base
        self._notes = notes
        self._out = etree.TreeBuilder()
        self._out.start("body", {})
        # The open elements of the result and their attributes; the first ``_written`` of them are opened in it.
        self._open: list[tuple[str, dict[str, str], bool]] = [("body", {}, False)]
        self._written = 1
        # For each open element of the source: formatting inside it, whether it bounds a paragraph, and how many
        # elements of the result were open before it (None: it opened none).
        self._source: list[tuple[_Look, bool, int | None]] = [(_Look(), False, None)]
        self._kind = "p"  # of the next paragraph
        self._in_line = False  # whether the paragraph, item or cell has text or a picture
        self._after_text = False
        self._space = False  # white space was read and not written
        self._breaks = 0  # line breaks read and not written
        self._look = _Look()  # formatting that is open in the result

    @property
    def _place(self) -> str:
        return self._open[-1][0]

    def start(self, element: etree._Element) -> None:
        """Begin an element of the source."""
        tag, look = str(element.tag), self._source[-1][0]
        style = element.get("style", "").lower()
        weight, slant = _WEIGHT.search(style), _SLANT.search(style)
        strong = (
            weight[1] in {"bold", "bolder", "600", "700", "800", "900"} if weight else tag in _STRONG or look.strong
        )
        em = slant[1] in {"italic", "oblique"} if slant else tag in _EMPHASIS or look.em
        look = replace(look, strong=strong, em=em)
        before, bounds = None, tag in _SECTIONS or tag in _HEADINGS or tag in _PARENTS
        if tag in _PARENTS:
            before = self._start_structure(tag, element)
        elif bounds:
            self._end_paragraph(_HEADINGS.get(tag, "p"))
        if tag == "a":
            look = replace(look, link=self._link(element) or look.link)
        elif tag in {"sup", "sub"}:
            look = replace(look, shift=tag)
        elif tag == "pre":
            look = replace(look, as_typed=True)
        elif tag == "br":
            self._break_line()
        elif tag == "img":
            self._image(element, look)
        self._source.append((look, bounds, before))
        if element.text:
            self.text(element.text)

    def end(self) -> None:
        """End the innermost element of the source."""
        _, bounds, before = self._source.pop()
        if before is not None:
            self._close_to(before)
        elif bounds:
            self._end_paragraph()

    def text(self, found: str) -> None:
        """Add characters between two tags of the source."""
        look = self._source[-1][0]
        text = remove_controls(found)
        if look.shift:
            text = superscript(text) if look.shift == "sup" else subscript(text)
        look = replace(look, shift="", as_typed=False)
        for number, line in enumerate(text.split("\n") if self._source[-1][0].as_typed else [text]):
            if number:
                self._break_line()
            self._line_of_text(re.sub(r"\s+", " ", line), look)

    def finish(self) -> etree._Element:
        """Close everything; the body."""
        self._close_to(1)
        self._out.end("body")
        body = self._out.close()
        for element in body.iter():
            element.text = nfc(element.text) if element.text else None
            element.tail = nfc(element.tail) if element.tail else None
        # A list directly in a list belongs to the item before it.
        for inner in [element for element in body.iter(*_LISTS) if element.getparent().tag in _LISTS]:
            item = inner.getprevious()
            if item is None:
                item = etree.Element("li")
                inner.addprevious(item)
            item.append(inner)
        return body

    def _line_of_text(self, text: str, look: _Look) -> None:
        gap = ""
        while text and (text[0] == " " or unicodedata.combining(text[0])):
            if text[0] == " ":
                gap = " "
            elif self._after_text and not self._breaks:
                # The mark belongs to the letter before it, whatever its formatting: composed, they may be one.
                self._write_text(gap, text[0], self._look)
                gap = ""
            text = text[1:]
        if text:
            self._write_text(gap, text.rstrip(" "), look)
            self._space = text.endswith(" ")
        elif gap:
            self._space = True

    def _write_text(self, gap: str, text: str, look: _Look) -> None:
        if self._space or self._breaks or not self._in_line or self._written < len(self._open):
            gap = ""
        self._begin_run(look)
        self._out.data(gap + text)
        self._after_text = True

    def _break_line(self) -> None:
        self._breaks += self._in_line
        self._space = False

    def _begin_run(self, look: _Look) -> None:
        """Open what a text or a picture needs around it, and write the white space before it."""
        self._imply_parents()
        if self._written < len(self._open):
            self._write_open()
        elif self._breaks > 1 and self._place in _WITH_PARAGRAPHS:
            self._end_paragraph(self._kind)  # an empty line parts paragraphs
        elif self._breaks:
            self._set_look(_Look())
            self._out.start("br", {})
            self._out.end("br")
            self._breaks, self._space, self._after_text = 0, False, False
        if not self._in_line:
            self._space = False
            if self._place in _WITH_PARAGRAPHS:
                self._out.start(self._kind, {})
        if self._space:
            self._out.data(" ")
        self._set_look(look)
        self._in_line, self._space = True, False

    def _imply_parents(self) -> None:
        """Open the item, row and cell that text and blocks need in a list or a table."""
        if self._place in _LISTS:
            self._open.append(("li", {}, True))
        if self._place in _ROW_GROUPS:
            self._open.append(("tr", {}, True))
        if self._place == "tr":
            self._open.append(("td", {}, True))

    def _write_open(self) -> None:
        """Open in the result what is open and not written."""
        self._end_line()
        for tag, attributes, _ in self._open[self._written :]:
            self._out.start(tag, attributes)
        self._written = len(self._open)

    def _set_look(self, look: _Look) -> None:
        before, after = list(self._look.tags()), list(look.tags())
        while before and after and before[0] == after[0]:
            del before[0], after[0]
        for tag, _ in reversed(before):
            self._out.end(tag)
        for tag, attributes in after:
            self._out.start(tag, attributes)
        self._look = look

    def _end_paragraph(self, kind: str = "p") -> None:
        """End the open paragraph; the next one is a ``kind``. In an item or a cell the next text is on a new line."""
        if self._in_line and self._open[self._written - 1][0] in _WITH_PARAGRAPHS:
            self._set_look(_Look())
            self._out.end(self._kind)
            self._in_line, self._after_text, self._breaks = False, False, 0
        elif self._in_line:
            self._breaks = 1
        self._space, self._kind = False, kind

    def _end_line(self) -> None:
        """End the text of the open item, cell or caption; a paragraph has ended before."""
        self._set_look(_Look())
        self._in_line, self._after_text, self._space, self._breaks = False, False, False, 0

    def _close_to(self, count: int) -> None:
        """Close elements of the result until ``count`` are open."""
        self._end_paragraph()
        while len(self._open) > count:
            if self._place in {"td", "th"} and self._written < len(self._open):
                self._write_open()  # an empty cell holds its column
            if self._written == len(self._open):
                self._end_line()
                self._out.end(self._place)
                self._written -= 1
            self._open.pop()

    def _start_structure(self, tag: str, element: etree._Element) -> int | None:
        """Open a list, table, quotation or figure, or a part of one, and say how many elements were open before it.

        None for one that has no meaning where it stands, which then only bounds paragraphs.
        """
        parents = _PARENTS[tag]
        while parents is not None and self._open[-1][2] and self._place not in parents:
            self._close_to(len(self._open) - 1)
        tag = "tbody" if tag == "tfoot" else tag
        meaningful = (
            len(self._open) < MAX_DEPTH
            and (self._place in parents if parents is not None else self._place != "figcaption")
            and (tag not in {"table", "figure"} or _is_table(element) or _is_figure(element, self._base))
        )
        self._end_paragraph()
        if not meaningful:
            return None
        if parents is None and not (tag in _LISTS and self._place in _LISTS):
            self._imply_parents()
        if tag in {"td", "th"} and self._place in _ROW_GROUPS:
            self._open.append(("tr", {}, True))
        self._open.append((tag, _cell_attributes(tag, element), False))
        return len(self._open) - 1

    def _link(self, element: etree._Element) -> tuple[str, str] | None:
        href = element.get("href", "").strip()
        if not href or href.startswith("#"):  # a bookmark inside the source's own document
            return None
        address = usable_address(remove_controls(href), self._base, mail=True)
        if address is None:
            self._notes["link"] += 1
            return None
        return address, _shortened(element.get("title", ""))

    def _image(self, element: etree._Element, look: _Look) -> None:
        width, height = (_whole_number(element.get(name, ""), 99_999) for name in ("width", "height"))
        if width == 1 or height == 1:  # a counting pixel
            return
        src = _image_source(element)
        address = usable_address(src, self._base)
        if address is None:
            embedded = re.match(r"(data|cid|blob|file|ms-\w+):", src, re.IGNORECASE)
            self._notes["image" if embedded else "image_address"] += 1
            return
        attributes = {"src": address, "alt": _shortened(element.get("alt", ""))}
        attributes |= {name: str(size) for name, size in (("width", width), ("height", height)) if size}
        self._begin_run(_Look(link=look.link))
        self._out.start("img", attributes)
        self._out.end("img")
        self._after_text = False


def _is_table(element: etree._Element) -> bool:
    """Whether it is a table of data: a table of one cell is a frame around text, one without a word is layout."""
    cells = element.xpath("(./tr|./*/tr)/*[self::td or self::th]") if element.tag == "table" else []
    return len(cells) > 1 and _has_words(element)


def _is_figure(element: etree._Element, base: str | None) -> bool:
    """Whether it has a caption, and a picture or a table for it to stand under."""
    if element.tag != "figure" or not any(_has_words(caption) for caption in element.iterchildren("figcaption")):
        return False
    image, table = next(element.iter("img"), None), next(element.iter("table"), None)
    return (image is not None and usable_address(_image_source(image), base) is not None) or (
        table is not None and _is_table(table)
    )


def _has_words(element: etree._Element) -> bool:
    # The limit keeps a hostile page of nested tables from being searched once more at each level.
    return any(re.search(r"\w", str(text)) for text in islice(element.itertext(), 1000))


def _image_source(element: etree._Element) -> str:
    src = element.get("src", "").strip()
    if not src or src.startswith("data:"):
        src = element.get("data-src", "").strip() or src  # pages that load pictures late keep the address here
    return remove_controls(src)


def _cell_attributes(tag: str, element: etree._Element) -> dict[str, str]:
    if tag not in {"td", "th"}:
        return {}
    spans = {name: _whole_number(element.get(name, ""), 100) or 1 for name in ("colspan", "rowspan")}
    attributes = {name: str(span) for name, span in spans.items() if span > 1}
    scope = element.get("scope", "").strip().lower()
    if tag == "th" and scope in {"row", "col", "rowgroup", "colgroup"}:
        attributes["scope"] = scope
    return attributes


def _whole_number(value: str, most: int) -> int | None:
    """A number of pixels or cells, or None for anything but a whole number from 1 to ``most``."""
    found = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", value, re.ASCII)
    return int(found[1]) if found and 0 < int(found[1]) <= most else None


def _shortened(value: str) -> str:
    text = " ".join(nfc(remove_controls(value)).split())
    return text if len(text) <= _MAX_TITLE else text[: _MAX_TITLE - 1].rstrip() + "…"
