"""A page as it was read: its text, its blocks in order, its links, and what its head says of it.

Plain values without a parser behind them, so that matching and attribution can be tried on pages made by hand.
``coordinator.discovery.pages.page`` makes them from HTML.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple


class PageRegion(Enum):
    """What part of a page a block stands in, as its element's name, class or id tells."""

    MAIN = "main"
    HEADER = "header"
    NAV = "nav"  # menus and breadcrumbs
    ASIDE = "aside"  # side columns
    FOOTER = "footer"
    RELATED = "related"  # boxes that announce other articles
    COMMENTS = "comments"
    HIDDEN = "hidden"  # not shown; of it only fields to copy an address from are read

    # A member is one object, and is looked for in sets several times a block; a hash of its name takes ten times this.
    __hash__ = object.__hash__


# For a page cut by a limit: what is not found on it may be in the part cut off.
CUT_REASON = "cut: the page is too long, too deep or too full to be read whole; what stands further behind was not seen"

# For a page with a style that may hide text and that reading without a browser does not understand.
UNREAD_STYLE_REASON = (
    "unread_style: a style may hide the text, and reading without a browser does not tell; a look by a browser does"
)

# A source line in one of these is no evidence about the article.
NON_ARTICLE_REGIONS = frozenset(
    {PageRegion.NAV, PageRegion.ASIDE, PageRegion.FOOTER, PageRegion.RELATED, PageRegion.COMMENTS, PageRegion.HIDDEN}
)


class TimeOrigin(Enum):
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
    """A publication time as a page, feed or sitemap wrote it; ``text`` is not parsed yet. ``vague``: it may be a time
    of something else, like that at which a site was built."""

    origin: TimeOrigin
    text: str
    vague: bool = False


class TextElement(NamedTuple):
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
        marks = [f"#{part}" for part in self.ident.split()[:1]] + [f".{part}" for part in self.classes.split()[:3]]
        return (self.tag + "".join(marks))[:80]


class TextBlock(NamedTuple):
    """A run of text without a paragraph or line break in it, white space collapsed; ``text == Body.text[start:end]``.

    ``element``: the element it stands in directly, an index into ``Body.elements``. ``barrier``: the innermost
    enclosing element that makes it part of ``region``, -1 in the main region. ``unread``: a style that was not
    understood may hide some of it.
    """

    text: str
    start: int
    end: int
    element: int
    region: PageRegion
    barrier: int = -1
    unread: bool = False


class PageLink(NamedTuple):
    """``<a href>``: the absolute address, its words, the block it begins in, and its offsets in ``Body.text``.

    A link around a picture has no words; its block is the one that follows, and ``alt`` the text that stands for the
    picture. ``element`` is where it stands.
    """

    href: str
    text: str
    block: int
    start: int
    end: int
    element: int = -1
    region: PageRegion = PageRegion.MAIN
    barrier: int = -1
    alt: str = ""


class AddressField(NamedTuple):
    """A field that holds an address to be copied; ``block`` and ``start`` say before which text it stands."""

    value: str
    block: int
    start: int
    label: str
    element: int = -1
    region: PageRegion = PageRegion.MAIN
    barrier: int = -1


class TimeMark(NamedTuple):
    """A time that an element carries for machines (``<time datetime>``, ``data-time``), or shows as a ``<time>``;
    ``block`` says before or in which text it stands."""

    text: str
    block: int
    region: PageRegion = PageRegion.MAIN
    barrier: int = -1


class PagePicture(NamedTuple):
    """A picture: the absolute addresses it may be had from, the largest first; ``block`` is the block behind it.
    ``width`` and ``height`` in pixels as declared, 0 where they are not."""

    addresses: tuple[str, ...]
    block: int
    region: PageRegion
    barrier: int
    width: int = 0
    height: int = 0
    alt: str = ""


class PagePlayer(NamedTuple):
    """A video or audio, or a frame that may show one: the absolute addresses it may be played from; ``block`` is the
    block behind it. ``width`` and ``height`` in pixels as declared, 0 where they are not."""

    addresses: tuple[str, ...]
    framed: bool
    block: int
    region: PageRegion
    barrier: int
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class PageBody:
    """Everything readers can see, in document order. ``cites``: offsets of ``<cite>`` texts. ``cut``: there is more.
    ``entries``: the entries of a live blog as ranges ``(first, end)`` of blocks. ``unread_styles``: a style that may
    hide some of the text was not understood."""

    text: str = ""
    blocks: tuple[TextBlock, ...] = ()
    elements: tuple[TextElement, ...] = ()
    links: tuple[PageLink, ...] = ()
    boxes: tuple[AddressField, ...] = ()
    cites: tuple[tuple[int, int], ...] = ()
    headline: int = -1  # the block of the headline: the h1 that the title repeats, else the first
    marks: tuple[TimeMark, ...] = ()
    cut: bool = False
    entries: tuple[tuple[int, int], ...] = ()
    unread_styles: bool = False
    pictures: tuple[PagePicture, ...] = ()
    players: tuple[PagePlayer, ...] = ()

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


class LiveEntry(NamedTuple):
    """An entry of a live blog: ``PageBody.blocks[first:end]``, ``ParsedPage.text[start:stop]``."""

    first: int
    end: int
    start: int
    stop: int


def entry_body(body: PageBody, entry: LiveEntry) -> PageBody:
    """Return a page's body in which everything outside an entry is as readers' comments are: no copy and no source."""

    def apart(block: int) -> bool:
        return not entry.first <= block < entry.end

    outside: dict[str, Any] = {"region": PageRegion.COMMENTS, "barrier": len(body.elements)}

    return replace(
        body,
        blocks=tuple(block._replace(**outside) if apart(at) else block for at, block in enumerate(body.blocks)),
        links=tuple(link._replace(**outside) if apart(link.block) else link for link in body.links),
        boxes=tuple(box._replace(**outside) if apart(box.block) else box for box in body.boxes),
        marks=tuple(mark._replace(**outside) if apart(mark.block) else mark for mark in body.marks),
        headline=-1,
        entries=(),
    )


@dataclass(frozen=True)
class DeclaredSource:
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
    first use, so that a page without a copy does not pay for it. ``all_text``: every word of the document in its order,
    those of menus and boxes too; it has all words of ``text``. ``entries``: of a live blog,
    each judged by itself.
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
    declared: DeclaredSource = DeclaredSource()
    times: tuple[TimeClaim, ...] = ()
    cut: bool = False
    data_name: str = ""
    entries: tuple[LiveEntry, ...] = ()
    read_body: Callable[[], PageBody] = field(default=PageBody, compare=False, repr=False)

    @cached_property
    def body(self) -> PageBody:
        """The whole page's blocks, links and copy boxes."""
        return self.read_body()

    @property
    def all_text(self) -> str:
        """Every word of the document; of a page without one the main text."""
        return self.text

    @property
    def text_outside_boxes(self) -> str:
        """The texts of ``all_text`` that are no labels and stand in no menu, footer or box of other articles."""
        return self.text

    def claims(self, origin: TimeOrigin) -> Sequence[TimeClaim]:
        """Those of ``times`` that were read at one place."""
        return [claim for claim in self.times if claim.origin is origin]

    @property
    def unread_styles(self) -> bool:
        """Whether a style that may hide some of the page's text was not understood."""
        return self.body.unread_styles

    @property
    def blocks(self) -> tuple[TextBlock, ...]:
        """Text blocks of the whole page, in order."""
        return self.body.blocks

    @property
    def links(self) -> tuple[PageLink, ...]:
        """Links of the whole page, in order."""
        return self.body.links
