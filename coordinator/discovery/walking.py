"""A parsed document walked once from top to bottom: its blocks of text, its links and its fields to copy from.

No recursion: a page may be nested as deep as it likes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from campaigns.tracking.fingerprints import fold
from campaigns.tracking.pages import Block, Body, Box, Element, Link, Mark, Region
from campaigns.tracking.urls import absolute
from coordinator.discovery.regions import TELLING, entered

_BLOCKS = 20_000  # and links; a page with more is a list of everything, not an article
_LINKS = 5_000

SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas", "select", "head")
) | frozenset(("audio", "video", "map", "datalist", "-comment", "-doctype"))
# Elements that do not begin a new line.
INLINE = (
    frozenset(
        ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins")
    )
    | frozenset(("ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub"))
    | frozenset(
        ("sup", "time", "tt", "u", "var", "wbr", "img", "picture", "button", "data", "output", "ruby", "rt", "rp")
    )
)
_ADDRESS = re.compile(r"https?://|^[\w-]+(?:\.[\w-]+)+/")
# Where pages keep the address that a button copies, and the time that a script writes out.
_COPIED = frozenset(("data-clipboard-text", "data-url", "data-link", "data-href", "data-copy"))
_TIMED = frozenset(
    ("datetime", "data-time", "data-timestamp", "data-date", "data-datetime", "data-published", "data-utime")
)
_DATA = _COPIED | _TIMED
_MARKS = 500


@dataclass(slots=True)
class _Frame:
    """An element that is open."""

    tag: str
    element: int  # its place among the elements kept, or its nearest ancestor's
    block: int  # the same of its nearest block-level ancestor or itself
    region: Region
    barrier: int
    in_article: bool
    opened: bool  # whether ``element`` was opened by it
    inline: bool
    link: int = -1
    cite: int = -1
    time: int = -1


@dataclass(slots=True)
class _OpenLink:
    """A link, of which block and offsets are known when its words and its end have been met."""

    href: str
    block: int
    start: int
    end: int
    element: int
    region: Region
    barrier: int


def resolver(base: str) -> Callable[[str], str | None]:
    """``campaigns.tracking.urls.absolute`` for one page, with a short way for the usual forms of links."""
    parts = urlsplit(base)
    origin = f"{parts.scheme}://{parts.netloc}"

    def resolve(href: str) -> str | None:
        text = href.strip()
        if text.startswith("/") and not text.startswith("//") and "\\" not in text:
            return origin + text
        return absolute(text, base)

    return resolve


@dataclass(slots=True)
class _Walk:
    resolve: Callable[[str], str | None]
    pieces: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    # Of each element its parent, first block, end, tag, id and classes, side by side: that makes no objects.
    parents: list[int] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    idents: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    links: list[_OpenLink] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    cites: list[tuple[int, int]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    headline: int = -1
    wanted: str = ""  # the headline's words
    base: int = 0  # where the line that is being put together begins
    line: list[str] = field(default_factory=list)
    length: int = 0
    gap: bool = False  # white space was met since the last word
    line_element: int = -1
    line_frame: _Frame | None = None
    waiting: list[int] = field(default_factory=list)  # links without a word yet

    def add(self, text: str, frame: _Frame) -> None:
        """A text node."""
        words = text.split()
        if not words:
            self.gap = True
            return
        if text[0].isspace():
            self.gap = True
        if self.gap and self.length:
            self.line.append(" ")
            self.length += 1
        at = self.base + self.length
        if self.waiting:
            for number in self.waiting:
                link = self.links[number]
                link.block, link.start, link.end = len(self.blocks), at, at
            self.waiting.clear()
        if self.line_frame is None:
            self.line_frame, self.line_element = frame, frame.element
        elif self.line_element != frame.element:
            self.line_element = self.line_frame.block
        joined = " ".join(words)
        self.line.append(joined)
        self.length += len(joined)
        self.gap = text[-1].isspace()

    def flush(self) -> None:
        """The end of a line."""
        self.gap = False
        frame = self.line_frame
        if frame is None or not self.length:
            return
        text = "".join(self.line)
        end = self.base + self.length
        self.blocks.append(Block(text, self.base, end, self.line_element, frame.region, frame.barrier))
        self.pieces.append(text)
        self.base, self.length, self.line_frame = end + 1, 0, None
        self.line.clear()

    def enter(self, node: LexborNode, tag: str, above: _Frame) -> _Frame | None:
        """An element opens; None when it changes nothing, as most inline elements do."""
        attributes = node.attributes
        inline = tag in INLINE
        if inline and not attributes and tag not in {"cite", "time"}:
            return None
        classes, ident = attributes.get("class") or "", attributes.get("id") or ""
        if not inline:
            if self.line_frame is not None:
                self.flush()
            self.gap = False
        element, block = above.element, above.block
        opened = not inline or bool(classes or ident)
        if opened:
            self.parents.append(element)
            self.firsts.append(len(self.blocks))
            self.ends.append(0)
            self.tags.append(tag)
            self.idents.append(ident)
            self.classes.append(classes)
            element = len(self.parents) - 1
            if not inline:
                block = element
        region, barrier = above.region, above.barrier
        found = entered(tag, attributes, region, above.in_article) if attributes or tag in TELLING else None
        if found is not None:
            region, barrier = found, element
        within = above.in_article or tag == "article"
        frame = _Frame(tag, element, block, region, barrier, within, opened, inline)
        if tag == "a":
            self._link(attributes.get("href"), frame)
        elif tag == "cite":
            frame.cite = self.base + self.length
        elif tag == "time" and not attributes.get("datetime"):
            frame.time = self.base + self.length
        if not _DATA.isdisjoint(attributes):
            for name, value in attributes.items():
                if name in _COPIED:
                    self._box(value, f"{tag}[{name}]", frame)
                elif name in _TIMED:
                    self._mark(value, frame)
        return frame

    def _mark(self, value: str | None, frame: _Frame) -> None:
        if value and 8 <= len(value) <= 60 and len(self.marks) < _MARKS:
            self.marks.append(Mark(value, len(self.blocks), frame.region, frame.barrier))

    def _link(self, href: str | None, frame: _Frame) -> None:
        if not href or len(self.links) >= _LINKS:
            return
        target = self.resolve(href)
        if target is not None:
            at = self.base + self.length
            frame.link = len(self.links)
            self.links.append(_OpenLink(target, len(self.blocks), at, at, frame.element, frame.region, frame.barrier))
            self.waiting.append(frame.link)

    def _box(self, value: str | None, label: str, frame: _Frame) -> None:
        if value and len(value) < 2000 and _ADDRESS.search(value) and len(self.boxes) < _LINKS:
            at = self.base + self.length
            self.boxes.append(
                Box(value.strip(), len(self.blocks), at, label, frame.element, frame.region, frame.barrier)
            )

    def field(self, node: LexborNode, tag: str, frame: _Frame) -> None:
        """``input`` or ``textarea``."""
        attributes = node.attributes
        if tag == "textarea":
            self._box(node.text(), tag, frame)
        elif (attributes.get("type") or "text").lower() in {"text", "url", "search", "button"}:
            self._box(attributes.get("value"), tag, frame)

    def leave(self, frame: _Frame) -> None:
        """An element closes."""
        if frame.link >= 0:
            link = self.links[frame.link]
            link.end = max(link.start, self.base + self.length - (0 if self.length else 1))
            if frame.link in self.waiting:
                self.waiting.remove(frame.link)
        if frame.cite >= 0:
            self.cites.append((frame.cite, self.base + self.length))
        if frame.time >= self.base and frame.time < self.base + self.length:
            self._mark("".join(self.line)[frame.time - self.base :].strip(), frame)
        if not frame.inline:
            if self.line_frame is not None:
                self.flush()
            self.gap = False
        if frame.opened:
            self.ends[frame.element] = len(self.blocks) + (1 if self.length else 0)
        if frame.tag == "h1" and self.blocks:
            here = len(self.blocks) - 1
            if self.headline < 0 or (self.blocks[here].text == self.wanted != self.blocks[self.headline].text):
                self.headline = here

    def settle_headline(self) -> None:
        """A headline that stands in no h1 is the first block that says it."""
        if self.wanted and (self.headline < 0 or self.blocks[self.headline].text != self.wanted):
            said = fold(self.wanted)
            for at, block in enumerate(self.blocks):
                if len(block.text) < 2 * len(self.wanted) and fold(block.text) == said:
                    self.headline = at
                    return


def walk(root: LexborNode, base: str, headline: str = "") -> Body:
    """Everything readers can see below ``root``; ``base`` is what relative links are relative to, ``headline`` what the
    article's headline says."""
    state = _Walk(resolver(base), wanted=headline)
    outside = _Frame("", -1, -1, Region.MAIN, -1, False, False, False)
    frame = state.enter(root, root.tag or "body", outside) or outside
    # What each open element changed, None for nothing; ``frame`` is the last that changed something.
    opened: list[_Frame | None] = [frame]
    frames = [frame]
    node = root.first_child
    while node is not None and len(state.blocks) < _BLOCKS:
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content
            if text:
                state.add(text, frame)
        elif tag == "br":
            state.flush()
        elif tag in {"input", "textarea"}:
            state.field(node, tag, frame)
        elif tag not in SKIPPED:
            change = state.enter(node, tag, frame)
            child = node.first_child
            if child is not None:
                opened.append(change)
                if change is not None:
                    frames.append(change)
                    frame = change
                node = child
                continue
            if change is not None:
                state.leave(change)
        following = node.next
        while following is None and len(opened) > 1 and node is not None:
            if opened.pop() is not None:
                state.leave(frames.pop())
                frame = frames[-1]
            node = node.parent
            following = node.next if node is not None else None
        node = following
    while frames:
        state.leave(frames.pop())
    state.settle_headline()
    text = "\n".join(state.pieces)
    size = len(text)
    return Body(
        cut=node is not None,
        text=text,
        blocks=tuple(state.blocks),
        elements=tuple(map(Element, state.parents, state.firsts, state.ends, state.tags, state.idents, state.classes)),
        links=tuple(
            Link(
                one.href,
                text[one.start : one.end].replace("\n", " "),
                one.block,
                min(one.start, size),
                min(one.end, size),
                one.element,
                one.region,
                one.barrier,
            )
            for one in state.links
        ),
        boxes=tuple(state.boxes),
        cites=tuple((min(start, size), min(end, size)) for start, end in state.cites),
        headline=state.headline,
        marks=tuple(state.marks),
    )
