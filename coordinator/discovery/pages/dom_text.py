"""One traversal of a parsed document: its blocks of text, its links and its fields with addresses.

It uses no recursion, since pages may be nested deeply.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from campaigns.discovery.urls import absolute
from campaigns.matching.fingerprints import fold
from campaigns.matching.parsed_page import (
    AddressField,
    PageBody,
    PageLink,
    PagePicture,
    PagePlayer,
    PageRegion,
    TextBlock,
    TextElement,
    TimeMark,
)
from coordinator.discovery.pages.headed_boxes import (
    announced_after_heading,
    comments_after_heading,
    comments_by_shape,
    live_entries,
)
from coordinator.discovery.pages.regions import REGION_TAGS, entered_region

_MAX_BLOCKS = 20_000  # blocks, and links; a page with more is a list, not an article
_MAX_LINKS = 5_000

SKIPPED_TAGS = frozenset(
    ("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas", "select", "head")
) | frozenset(("audio", "video", "map", "datalist", "-comment", "-doctype"))
# Elements that do not begin a new line.
INLINE_TAGS = (
    frozenset(
        ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins")
    )
    | frozenset(("ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub"))
    | frozenset(
        ("sup", "time", "tt", "u", "var", "wbr", "img", "picture", "button", "data", "output", "ruby", "rt", "rp")
    )
)
_ADDRESS = re.compile(r"https?://|^[\w-]+(?:\.[\w-]+)+/")
# Attributes with the address that a button copies, and with the time that a script renders.
_COPIED = frozenset(("data-clipboard-text", "data-url", "data-link", "data-href", "data-copy"))
_TIMED = frozenset(
    ("datetime", "data-time", "data-timestamp", "data-date", "data-datetime", "data-published", "data-utime")
)
_DATA = _COPIED | _TIMED
_MAX_MARKS = 500
_PICTURES = frozenset(("img", "amp-img"))
# Elements that play something, or show a frame that may; some are filled by a script, which reads their attributes.
_FRAMES = frozenset(("iframe", "embed", "object", "amp-iframe"))
_PLAYED = frozenset(("video", "audio", "amp-video", "amp-audio"))
_PLAYED_ADDRESSES = ("src", "data-src", "data-lazy-src", "data", "data-vid", "cite", "data-href")
_PLAYER_MARKS = frozenset(("data-vid", "data-video-id", "data-href"))  # of an element that a script makes a player
_VIDEO_IDS = {"lite-youtube": "videoid", "amp-youtube": "data-videoid"}
_MAX_PLAYERS = 50
_MAX_ALT = 200  # characters of the text for a picture
_MAX_PICTURES = 200
_MAX_CANDIDATES = 40  # addresses of one picture
_MAX_SET = 4000  # characters of a set of addresses
# Attributes with a picture's address: what scripts show later comes before a place holder.
_ADDRESSES = ("data-original", "data-src", "data-lazy-src", "src")
_ADDRESS_SETS = ("data-srcset", "srcset")
_CANDIDATE = re.compile(r"(\S*[^\s,])(?:\s+(\d+(?:\.\d+)?)[wx])?\s*(?:,|$)")
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp)$", re.IGNORECASE)


@dataclass(slots=True)
class _OpenElement:
    """An element that is open."""

    tag: str
    element: int  # its index among the recorded elements, or its nearest ancestor's
    block: int  # the index of its nearest block-level ancestor or itself
    region: PageRegion
    barrier: int
    in_article: bool
    opened: bool  # whether ``element`` was opened by it
    inline: bool
    link: int = -1
    cite: int = -1
    time: int = -1
    unread: bool = False  # a style that was not read may hide it


@dataclass(slots=True)
class _OpenLink:
    """A link, whose block and offsets are known after its text and its end."""

    href: str
    block: int
    start: int
    end: int
    element: int
    region: PageRegion
    barrier: int
    alt: str = ""


def url_resolver(base: str) -> Callable[[str], str | None]:
    """Return ``campaigns.discovery.urls.absolute`` for one page, with a fast path for the usual forms of links."""
    parts = urlsplit(base)
    origin = f"{parts.scheme}://{parts.netloc}"

    def resolve(href: str) -> str | None:
        text = href.strip()
        if text.startswith("/") and not text.startswith("//") and "\\" not in text:
            return origin + text
        return absolute(text, base)

    return resolve


@dataclass(slots=True)
class _BodyBuilder:
    resolve: Callable[[str], str | None]
    pieces: list[str] = field(default_factory=list)
    blocks: list[TextBlock] = field(default_factory=list)
    # The parent, first block, end, tag, id and classes of each element in parallel lists, which need no objects.
    parents: list[int] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    idents: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    links: list[_OpenLink] = field(default_factory=list)
    boxes: list[AddressField] = field(default_factory=list)
    forms: list[tuple[int, int]] = field(default_factory=list)  # the block and the element of each ``textarea``
    cites: list[tuple[int, int]] = field(default_factory=list)
    marks: list[TimeMark] = field(default_factory=list)
    headline: int = -1
    wanted: str = ""  # the text of the headline
    base: int = 0  # the offset of the current line
    line: list[str] = field(default_factory=list)
    length: int = 0
    gap: bool = False  # there was white space since the last word
    line_element: int = -1
    line_frame: _OpenElement | None = None
    nodes: list[LexborNode] = field(default_factory=list)  # of the recorded elements
    live: list[int] = field(default_factory=list)  # elements that microdata call a live blog
    waiting: list[int] = field(default_factory=list)  # links without a word yet
    pictures: list[PagePicture] = field(default_factory=list)
    players: list[PagePlayer] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)  # addresses of the picture that follows
    unread: frozenset[int] = frozenset()  # elements whose text a style that was not read may hide
    line_unread: bool = False

    def add(self, text: str, frame: _OpenElement) -> None:
        """Add a text node."""
        if frame.region is PageRegion.HIDDEN:
            return
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
        if frame.unread:
            self.line_unread = True
        joined = " ".join(words)
        self.line.append(joined)
        self.length += len(joined)
        self.gap = text[-1].isspace()

    def flush(self) -> None:
        """End the current line."""
        self.gap = False
        frame = self.line_frame
        if frame is None or not self.length:
            return
        text = "".join(self.line)
        end = self.base + self.length
        unread, self.line_unread = self.line_unread, False
        self.blocks.append(TextBlock(text, self.base, end, self.line_element, frame.region, frame.barrier, unread))
        self.pieces.append(text)
        self.base, self.length, self.line_frame = end + 1, 0, None
        self.line.clear()

    def enter(self, node: LexborNode, tag: str, above: _OpenElement) -> _OpenElement | None:
        """Handle the beginning of an element; returns None when it changes nothing, like most inline elements."""
        attributes = node.attributes
        inline = tag in INLINE_TAGS
        unread = above.unread or (bool(self.unread) and node.mem_id in self.unread)
        if inline and not attributes and tag not in {"cite", "time"} and unread is above.unread:
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
            self.nodes.append(node)
            element = len(self.parents) - 1
            if not inline:
                block = element
            if "itemtype" in attributes and (attributes["itemtype"] or "").endswith("/LiveBlogPosting"):
                self.live.append(element)
        region, barrier = above.region, above.barrier
        found = entered_region(tag, attributes, region, above.in_article) if attributes or tag in REGION_TAGS else None
        if found is not None:
            region, barrier = found, element
        within = above.in_article or tag == "article"
        frame = _OpenElement(tag, element, block, region, barrier, within, opened, inline, unread=unread)
        if tag == "a":
            self._link(attributes.get("href"), frame)
        elif tag in _PICTURES:
            self._picture(attributes, frame)
        elif tag == "source":
            self.offered += _largest_first(attributes)
        elif tag == "cite":
            frame.cite = self.base + self.length
        elif tag == "time" and not attributes.get("datetime"):
            frame.time = self.base + self.length
        if tag in _VIDEO_IDS or not _PLAYER_MARKS.isdisjoint(attributes):
            self.player(node, tag, frame)
        if not _DATA.isdisjoint(attributes):
            for name, value in attributes.items():
                if name in _COPIED:
                    self._box(value, f"{tag}[{name}]", frame)
                elif name in _TIMED:
                    self._mark(value, frame)
        return frame

    def _mark(self, value: str | None, frame: _OpenElement) -> None:
        if value and 8 <= len(value) <= 60 and len(self.marks) < _MAX_MARKS:
            self.marks.append(TimeMark(value, len(self.blocks), frame.region, frame.barrier))

    def _link(self, href: str | None, frame: _OpenElement) -> None:
        if not href or len(self.links) >= _MAX_LINKS or frame.region is PageRegion.HIDDEN:
            return
        target = self.resolve(href)
        if target is not None:
            at = self.base + self.length
            frame.link = len(self.links)
            self.links.append(_OpenLink(target, len(self.blocks), at, at, frame.element, frame.region, frame.barrier))
            self.waiting.append(frame.link)

    def _picture(self, attributes: Mapping[str, str | None], frame: _OpenElement) -> None:
        alt = " ".join((attributes.get("alt") or "")[:_MAX_ALT].split())
        offered = [*self.offered, *_largest_first(attributes)]
        self.offered.clear()
        offered += [value for name in _ADDRESSES if (value := attributes.get(name))]
        if self.waiting:
            link = self.links[self.waiting[-1]]
            link.alt = link.alt or alt
            if _PICTURE_FILE.search(urlsplit(link.href).path):
                offered.insert(0, link.href)
        if len(self.pictures) >= _MAX_PICTURES or frame.region is PageRegion.HIDDEN:
            return
        found = (self.resolve(address) for address in offered[:_MAX_CANDIDATES] if not address.startswith("data:"))
        addresses = tuple(dict.fromkeys(address for address in found if address is not None))
        if addresses:
            width, height = (_pixels(attributes.get(name)) for name in ("width", "height"))
            place = len(self.blocks) + bool(self.length)
            self.pictures.append(PagePicture(addresses, place, frame.region, frame.barrier, width, height, alt))

    def player(self, node: LexborNode, tag: str, above: _OpenElement) -> None:
        """Add an element that plays something, or a frame. ``above``: the element itself where it was entered."""
        attributes = node.attributes
        region = entered_region(tag, attributes, above.region, above.in_article) or above.region
        if region is PageRegion.HIDDEN or len(self.players) >= _MAX_PLAYERS:
            return
        offered = [value for name in _PLAYED_ADDRESSES if (value := attributes.get(name))]
        if tag in _VIDEO_IDS and (ident := attributes.get(_VIDEO_IDS[tag])):
            offered.append(f"https://www.youtube.com/embed/{ident}")
        if tag in _PLAYED:
            sources = [source.attributes for source in node.css("source")[:_MAX_CANDIDATES]]
            offered += [value for given in sources for name in ("src", "data-src") if (value := given.get(name))]
        found = (self.resolve(address) for address in offered[:_MAX_CANDIDATES])
        addresses = tuple(dict.fromkeys(address for address in found if address is not None))
        place = len(self.blocks) + bool(self.length)
        width, height = (_pixels(attributes.get(name)) for name in ("width", "height"))
        if addresses:
            framed = tag not in _PLAYED
            self.players.append(PagePlayer(addresses, framed, place, region, above.barrier, width, height))
        poster = self.resolve(attributes.get("poster") or "")
        if poster is not None and len(self.pictures) < _MAX_PICTURES:
            self.pictures.append(PagePicture((poster,), place, region, above.barrier, width, height))

    def _box(self, value: str | None, label: str, frame: _OpenElement) -> None:
        if value and len(value) < 2000 and _ADDRESS.search(value) and len(self.boxes) < _MAX_LINKS:
            at = self.base + self.length
            self.boxes.append(
                AddressField(value.strip(), len(self.blocks), at, label, frame.element, frame.region, frame.barrier)
            )

    def field(self, node: LexborNode, tag: str, frame: _OpenElement) -> None:
        """Add an ``input`` or ``textarea``."""
        attributes = node.attributes
        if tag == "textarea":
            self.forms.append((len(self.blocks), frame.element))
            self._box(node.text(), tag, frame)
        elif (attributes.get("type") or "text").lower() in {"text", "url", "search", "button"}:
            self._box(attributes.get("value"), tag, frame)

    def leave(self, frame: _OpenElement) -> None:
        """Handle the end of an element."""
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
        if frame.tag == "h1" and self.blocks and frame.region is not PageRegion.HIDDEN:
            here = len(self.blocks) - 1
            if self.headline < 0 or (self.blocks[here].text == self.wanted != self.blocks[self.headline].text):
                self.headline = here

    def settle_headline(self) -> None:
        """Set the headline's block to the first with its text, where no h1 has it."""
        if self.wanted and (self.headline < 0 or self.blocks[self.headline].text != self.wanted):
            text = fold(self.wanted)
            for at, block in enumerate(self.blocks):
                if len(block.text) < 2 * len(self.wanted) and fold(block.text) == text:
                    self.headline = at
                    return

    def settle_comments(self, elements: Sequence[TextElement]) -> list[LexborNode]:
        """Give the blocks below a heading of readers' comments their region, and take it from an element that holds the
        article; returns the elements with comments."""
        commented = {block.barrier for block in self.blocks if block.region is PageRegion.COMMENTS}
        found: list[LexborNode] = []
        for number in sorted(commented):
            if _holds_article(elements[number], self.blocks, self.headline):
                self._move(range(elements[number].first, elements[number].end), number, PageRegion.MAIN, -1)
            else:
                found.append(self.nodes[number])
        at = 0
        parts: dict[int, list[tuple[int, int]]] = {}
        while at < len(self.blocks):
            block = self.blocks[at]
            at += 1
            if block.region in {PageRegion.COMMENTS, PageRegion.NAV}:
                continue
            part = comments_after_heading(self.blocks, elements, at - 1, self.headline)
            if part is not None:
                end, around = part
                parts.setdefault(around, []).append((at - 1, end))
                self._move(range(at - 1, end), None, PageRegion.COMMENTS, block.element)
                at = end
        for first, end, around in comments_by_shape(self.blocks, elements, self.headline, self.forms):
            parts.setdefault(around, []).append((first, end))
            self._move(range(first, end), None, PageRegion.COMMENTS, self.blocks[first].element)
        for number, element in enumerate(elements):
            if any(first <= element.first and element.end <= end for first, end in parts.get(element.parent, ())):
                found.append(self.nodes[number])
        return found

    def settle_lists(self, elements: Sequence[TextElement]) -> None:
        """Give the announcements below a heading like "Tin liên quan" their region."""
        linked = [0] * len(self.blocks)
        for link in self.links:
            if link.block < len(linked):
                linked[link.block] += link.end - link.start
        for at, block in enumerate(self.blocks):
            if block.region is PageRegion.MAIN:
                for found in announced_after_heading(self.blocks, elements, at, linked):
                    self._move(range(found, found + 1), None, PageRegion.RELATED, self.blocks[found].element)

    def _move(self, part: range, barrier: int | None, region: PageRegion, new: int) -> None:
        """Give the blocks of a part, and what stands in them, another region; with ``barrier`` only those behind it."""
        for at in part:
            if barrier is None or self.blocks[at].barrier == barrier:
                self.blocks[at] = self.blocks[at]._replace(region=region, barrier=new)
        for link in self.links:
            if link.block in part and (barrier is None or link.barrier == barrier):
                link.region, link.barrier = region, new
        for number, box in enumerate(self.boxes):
            if box.block in part and (barrier is None or box.barrier == barrier):
                self.boxes[number] = box._replace(region=region, barrier=new)
        for number, mark in enumerate(self.marks):
            if mark.block in part and (barrier is None or mark.barrier == barrier):
                self.marks[number] = mark._replace(region=region, barrier=new)
        for number, picture in enumerate(self.pictures):
            if picture.block in part and (barrier is None or picture.barrier == barrier):
                self.pictures[number] = picture._replace(region=region, barrier=new)
        for number, player in enumerate(self.players):
            if player.block in part and (barrier is None or player.barrier == barrier):
                self.players[number] = player._replace(region=region, barrier=new)


def _largest_first(attributes: Mapping[str, str | None]) -> list[str]:
    """The addresses of a ``srcset``, the largest first."""
    sets = [value for name in _ADDRESS_SETS if (value := attributes.get(name))]
    found = [(float(size or 1), address) for value in sets for address, size in _CANDIDATE.findall(value[:_MAX_SET])]
    return [address for _size, address in sorted(found, key=lambda one: -one[0])]


def _pixels(value: str | None) -> int:
    found = re.match(r"\s*(\d{1,5})(?![\d.%])", value or "")
    return int(found[1]) if found else 0


_COMMENTED_SHARE = 0.9  # of the text outside menus; an element with more is the article's, whatever it is called
_FEW = 400  # characters; what is shorter may be all comments of a page without a text


def _holds_article(element: TextElement, blocks: Sequence[TextBlock], headline: int) -> bool:
    """Whether an element that is called one of comments holds the article: some sections are called "Bình luận"."""
    if element.first <= headline < element.end:
        return True
    inside = sum(len(block.text) for block in blocks[element.first : element.end])
    apart = {PageRegion.COMMENTS, PageRegion.NAV, PageRegion.FOOTER}
    outside = sum(len(block.text) for block in blocks if block.region not in apart)
    return inside > _FEW and inside > _COMMENTED_SHARE * (inside + outside)


def extract_body(
    root: LexborNode, base: str, headline: str = "", title: str = "", unread: frozenset[int] = frozenset()
) -> tuple[PageBody, list[LexborNode]]:
    """Return all visible text below ``root``, and the elements with readers' comments.

    ``base`` is the base of relative links, ``headline`` the text of the article's headline, ``title`` the page's.
    ``unread``: the identities of elements whose text a style that was not read may hide.
    """
    state = _BodyBuilder(url_resolver(base), wanted=headline, unread=unread)
    outside = _OpenElement("", -1, -1, PageRegion.MAIN, -1, False, False, False)
    frame = state.enter(root, root.tag or "body", outside) or outside
    # The frame of each open element, None for an element without a change; ``frame`` is the last frame.
    opened: list[_OpenElement | None] = [frame]
    frames = [frame]
    node = root.first_child
    while node is not None and len(state.blocks) < _MAX_BLOCKS:
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content
            if text:
                state.add(text, frame)
        elif tag == "br":
            state.flush()
        elif tag in {"input", "textarea"}:
            state.field(node, tag, frame)
        elif tag in _FRAMES or tag in _PLAYED:
            state.player(node, tag, frame)
        elif tag not in SKIPPED_TAGS:
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
    elements = tuple(map(TextElement, state.parents, state.firsts, state.ends, state.tags, state.idents, state.classes))
    comments = state.settle_comments(elements)
    state.settle_lists(elements)
    entries = live_entries(state.blocks, elements, frozenset(state.live), f"{headline} {title}")
    text = "\n".join(state.pieces)
    size = len(text)
    body = PageBody(
        cut=node is not None,
        text=text,
        blocks=tuple(state.blocks),
        elements=elements,
        links=tuple(
            PageLink(
                link.href,
                text[link.start : link.end].replace("\n", " "),
                link.block,
                min(link.start, size),
                min(link.end, size),
                link.element,
                link.region,
                link.barrier,
                link.alt if link.start == link.end else "",
            )
            for link in state.links
        ),
        boxes=tuple(state.boxes),
        cites=tuple((min(start, size), min(end, size)) for start, end in state.cites),
        headline=state.headline,
        marks=tuple(state.marks),
        entries=entries,
        pictures=tuple(state.pictures),
        players=tuple(state.players),
        unread_styles=any(block.unread and block.region is PageRegion.MAIN for block in state.blocks),
    )
    return body, comments
