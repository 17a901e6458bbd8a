"""A page as it was read: its text, its blocks in order, its links, and what its head says of it.

Plain values without a parser behind them, so that matching and attribution can be tried on pages made by hand.
``coordinator.discovery.page`` makes them from HTML.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple


class Region(Enum):
    """What part of a page a block stands in, as its element's name, class or id tells."""

    MAIN = "main"
    HEADER = "header"
    NAV = "nav"  # menus and breadcrumbs
    ASIDE = "aside"  # side columns
    FOOTER = "footer"
    RELATED = "related"  # boxes that announce other articles
    COMMENTS = "comments"
    HIDDEN = "hidden"  # marked as not shown

    # A member is one object, and is looked for in sets several times a block; a hash of its name takes ten times this.
    __hash__ = object.__hash__


# Said of a page that no limit let through whole: what is not found on it may stand behind.
CUT = "cut: the page is too long, too deep or too full to be read whole; what stands further behind was not seen"

# A source line in one of these says nothing about the article.
BESIDE = frozenset({Region.NAV, Region.ASIDE, Region.FOOTER, Region.RELATED, Region.COMMENTS, Region.HIDDEN})


class Origin(Enum):
    """Where a publication time was read, the most trusted first."""

    JSON_LD = "json-ld"
    META = "meta"
    TIME = "time"  # a time element
    TEXT = "text"  # near the headline
    FEED = "feed"
    SITEMAP = "sitemap"
    FIRST_SEEN = "first-seen"


@dataclass(frozen=True)
class TimeClaim:
    """A publication time as a page, feed or sitemap wrote it; ``text`` is not parsed yet."""

    origin: Origin
    text: str


class Element(NamedTuple):
    """One element that holds text: it holds ``blocks[first:end]``.

    ``parent`` is its parent's place in ``Body.elements``, -1 for the outermost; ``ident`` and ``classes`` are its
    attributes as written.
    """

    parent: int
    first: int
    end: int
    tag: str
    ident: str = ""
    classes: str = ""

    @property
    def label(self) -> str:
        """The element as a selector names it, ``div#tin.source``."""
        marks = [f"#{one}" for one in self.ident.split()[:1]] + [f".{one}" for one in self.classes.split()[:3]]
        return (self.tag + "".join(marks))[:80]


class Block(NamedTuple):
    """A run of text without a paragraph or line break in it, white space collapsed; ``text == Body.text[start:end]``.

    ``element``: the element it stands in directly, an index into ``Body.elements``. ``barrier``: the innermost
    enclosing element that makes it part of ``region``, -1 in the main region.
    """

    text: str
    start: int
    end: int
    element: int
    region: Region
    barrier: int = -1


class Link(NamedTuple):
    """``<a href>``: the absolute address, its words, the block it begins in, and its offsets in ``Body.text``.

    A link around a picture has no words; its block is the one that follows. ``element`` is where it stands.
    """

    href: str
    text: str
    block: int
    start: int
    end: int
    element: int = -1
    region: Region = Region.MAIN
    barrier: int = -1


class Box(NamedTuple):
    """A field that holds an address to be copied; ``block`` and ``start`` say before which text it stands."""

    value: str
    block: int
    start: int
    label: str
    element: int = -1
    region: Region = Region.MAIN
    barrier: int = -1


class Mark(NamedTuple):
    """A time that an element carries for machines (``<time datetime>``, ``data-time``), or shows as a ``<time>``;
    ``block`` says before or in which text it stands."""

    text: str
    block: int
    region: Region = Region.MAIN
    barrier: int = -1


@dataclass(frozen=True)
class Body:
    """Everything readers can see, in document order. ``cites``: offsets of ``<cite>`` texts. ``cut``: there is more."""

    text: str = ""
    blocks: tuple[Block, ...] = ()
    elements: tuple[Element, ...] = ()
    links: tuple[Link, ...] = ()
    boxes: tuple[Box, ...] = ()
    cites: tuple[tuple[int, int], ...] = ()
    headline: int = -1  # the block of the headline: the h1 that the title repeats, else the first
    marks: tuple[Mark, ...] = ()
    cut: bool = False

    def path(self, element: int, leaf: str = "") -> str:
        """Where an element stands, like ``article > div.source``: its last four steps, and ``leaf`` below it."""
        steps = [leaf] if leaf else []
        while element >= 0 and len(steps) < 5:
            steps.append(self.elements[element].label)
            element = self.elements[element].parent
        return " > ".join(reversed(steps))

    def block_at(self, offset: int) -> int:
        """The block that an offset of ``text`` falls in, or the next one; the last for an offset behind everything."""
        low, high = 0, len(self.blocks)
        while low < high:
            middle = (low + high) // 2
            if self.blocks[middle].end < offset:
                low = middle + 1
            else:
                high = middle
        return min(low, len(self.blocks) - 1)


@dataclass(frozen=True)
class Skim:
    """Everything that can be read on a page, in document order, before anybody asks what of it is the article.

    It holds all words of the main text, so that what is not in it is not on the page. ``parts``: its texts without an
    element in them, each with the line break before it. ``beside(n)``: whether part n stands in a menu, a footer or a
    box that is not the article's, or is not shown at all; asked of few parts, so told on demand.
    """

    parts: Sequence[str]
    beside: Callable[[int], bool]

    @cached_property
    def text(self) -> str:
        """All parts."""
        return "".join(self.parts)

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each part in ``text``, ascending."""
        return list(accumulate(map(len, self.parts[:-1]), initial=0)) if self.parts else []


@dataclass(frozen=True)
class Declared:
    """What a page says of its source to machines: JSON-LD and meta elements, as written."""

    based_on: tuple[str, ...] = ()  # isBasedOn: addresses and names
    citation: tuple[str, ...] = ()
    source_organization: tuple[str, ...] = ()
    publisher: tuple[str, ...] = ()
    meta_source: tuple[str, ...] = ()  # source, original-source, syndication-source


@dataclass(frozen=True)
class ParsedPage:
    """One fetched page.

    ``url`` is the final address. ``text`` is the main text, the one matching works on: passages are character offsets
    into it. ``author`` is the author line, ``image`` the absolute address of the lead picture, "" where there is none.
    ``times`` holds what the head and the time elements claim; dates in the visible text are looked for when none of
    those can be used. ``cut``: only a first part of the document was read. ``body`` is read from the document at its
    first use, so that a page without any text of ours never pays for it; ``read_skim`` is how such a page is told from
    others, None for a page made by hand.
    """

    url: str
    title: str = ""
    h1: str = ""
    lead: str = ""
    author: str = ""
    image: str = ""
    lang: str = ""
    text: str = ""
    canonical: str | None = None
    amphtml: str | None = None
    declared: Declared = Declared()
    times: tuple[TimeClaim, ...] = ()
    cut: bool = False
    read_body: Callable[[], Body] = field(default=Body, compare=False, repr=False)
    read_skim: Callable[[], Skim] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def body(self) -> Body:
        """The whole page's blocks, links and copy boxes."""
        return self.read_body()

    def claims(self, origin: Origin) -> Sequence[TimeClaim]:
        """Those of ``times`` that were read at one place."""
        return [one for one in self.times if one.origin is origin]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Text blocks of the whole page, in order."""
        return self.body.blocks

    @property
    def links(self) -> tuple[Link, ...]:
        """Links of the whole page, in order."""
        return self.body.links
