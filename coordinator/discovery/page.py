"""HTML → ``ParsedPage``: decoded, tamed, parsed once; what only pages with a text of ours need is read when wanted."""

import re
from collections.abc import Sequence
from functools import cached_property, partial
from itertools import chain
from typing import Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLParserException
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from campaigns.core.errors import CampaignError
from campaigns.tracking.pages import Body, Declared, Origin, ParsedPage, Skim, TimeClaim
from coordinator.discovery.head import Head, time_elements
from coordinator.discovery.leading import author_line, lead_image
from coordinator.discovery.lists_back import with_lists
from coordinator.discovery.skimming import Sweep, sweep
from coordinator.discovery.taming import tamed
from coordinator.discovery.walking import walk
from coordinator.http.charsets import decode

LONGEST = 4_000_000  # characters; what stands behind is not read
_LEAST_MAIN = 200  # characters of main text below which the extractor is not believed
_LEAST_SHOWN = 80  # of what is shown without scripts; less asks to switch them on
_SHELL = 1500  # and below which what is shown without scripts may be more
_NOSCRIPT_TAG = re.compile(r"<(/?)noscript\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


class Unreadable(CampaignError):
    """A page that is no HTML a parser could take."""

    code = "unreadable_page"


class ReadPage(ParsedPage):
    """A page with its document behind it. Parsed once, its head read at once; the main text, the body, time elements,
    and what it says of author, picture and source are read at their first use. ``text`` raises ``Unreadable`` when the
    extractor of main text gives up, which it does on nothing known that the other parser takes."""

    def __init__(self, url: str, html: str, document: LexborHTMLParser, swept: Sweep, head: Head, cut: bool) -> None:
        now = {
            "url": url,
            "lang": head.lang,
            "canonical": head.canonical,
            "amphtml": head.amphtml,
            "cut": cut,
            # No methods of the page: it would hold itself, and its document would stay until the next collection.
            "read_body": partial(_walked, document, head),
            "read_skim": partial(_skimmed, swept, head),
            "_html": html,
            "_document": document,
            "_head": head,
        }
        self.__dict__.update(now)  # as a frozen dataclass it takes no attribute otherwise

    _html: str
    _document: LexborHTMLParser
    _head: Head

    @cached_property
    def title(self) -> str:
        """The title."""
        return self._head.title

    @cached_property
    def h1(self) -> str:
        """The headline."""
        return self._head.h1

    @cached_property
    def lead(self) -> str:
        """What it says of itself to machines in a sentence."""
        return self._head.meta("description") or self._head.meta("og:description")

    @cached_property
    def text(self) -> str:
        """The main text, headline first."""
        main = self.main
        headline = self._head.h1
        if headline and headline not in " ".join(main[:1000].split()):
            return f"{headline}\n\n{main}" if main else headline
        return main

    @cached_property
    def main(self) -> str:
        """The main text as the extractor has it, with the lists that it takes for menus."""
        return with_lists(_main_of(self._html), self.body)

    @cached_property
    def times(self) -> tuple[TimeClaim, ...]:
        """What it claims of its time."""
        return tuple(chain.from_iterable(map(self.claims, (Origin.JSON_LD, Origin.META, Origin.TIME))))

    def claims(self, origin: Origin) -> Sequence[TimeClaim]:
        """Those of one origin: a page that tells the hour in its head is not searched for time elements."""
        if origin is Origin.TIME:
            return time_elements(self._document)
        return self._head.claims(origin) if origin in {Origin.JSON_LD, Origin.META} else ()

    @cached_property
    def author(self) -> str:
        """The author line."""
        return author_line(self._document, self._head.metas, self._head.data.author[:5])

    @cached_property
    def image(self) -> str:
        """The lead picture's address."""
        return lead_image(self._document, self._head.metas, self._head.resolve)

    @cached_property
    def declared(self) -> Declared:
        """What it says of its source."""
        return self._head.declared


def _walked(document: LexborHTMLParser, head: Head) -> Body:
    return walk(document.body, head.base, head.h1) if document.body is not None else Body()


def _skimmed(swept: Sweep, head: Head) -> Skim:
    read = swept.skim()
    if head.shown or not head.h1:
        return read
    # The main text begins with a headline that the head alone has; it stands in no box.
    count = len(read.parts)
    return Skim((*read.parts, f"\n\n{head.h1}"), lambda part: part < count and read.beside(part))


def parse_page(html: str | bytes, url: str, *, content_type: str | None = None) -> ReadPage:
    """Read a page. ``url`` is its final address, ``content_type`` its header.

    ``text`` begins with the headline, whether or not the extractor of the main text kept it. Takes anything: garbage,
    NULs, megabytes (read up to 4 million characters), any nesting. Raises ``Unreadable`` when a parser gives up.
    """
    return _read(decode(html, content_type or "") if isinstance(html, bytes) else html, url)


def _read(html: str, url: str, cut: bool = False) -> ReadPage:
    text, raw, shorter = _clean(html)
    cut = cut or shorter
    try:
        document = LexborHTMLParser(raw)
    except SelectolaxError as error:
        raise Unreadable("the page is no HTML that could be parsed") from error
    swept = sweep(document)
    head = Head(swept.telling, document.root, url)
    page = ReadPage(url, text, document, swept, head, cut)
    # Shells that a script fills keep their article in ``noscript``; other pages keep a picture or a counter there.
    if head.unscripted > _LEAST_SHOWN and len(page.main) < min(_SHELL, head.unscripted):
        return _read(_NOSCRIPT_TAG.sub(r"<\1div", text), url, cut)
    return page


def _clean(html: str) -> tuple[str, bytes, bool]:
    """The page without what no parser takes: NULs and lone surrogates; cut off where it is too long or too deep. As
    text and in UTF-8, for each parser what it takes without another turn; and whether it was cut off."""
    text = html[:LONGEST]
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "replace")
        text = raw.decode("utf-8")
    if b"\0" in raw:
        text = text.replace("\0", "\ufffd")
        raw = text.encode("utf-8")
    whole = tamed(text, raw)
    if whole is not text:
        return whole, whole.encode("utf-8"), True
    return whole, raw, len(html) > LONGEST


def _main_of(html: str) -> str:
    main = _main_text(html, main_content=True)
    if len(main) < _LEAST_MAIN:
        whole = _main_text(html, skip_elements=["nav", "footer", "aside", "header", "script", "style"])
        if len(whole) > 2 * len(main):
            return whole
    return main


def _main_text(html: str, **options: Any) -> str:
    try:
        text = extract_plain_text(
            html,
            preserve_formatting=True,
            list_bullets=False,
            alt_texts=False,
            links=False,
            form_fields=False,
            noscript=False,
            comments=False,
            **options,
        )
    except HTMLParserException as error:
        raise Unreadable("the page is no HTML that could be parsed") from error
    return str(text).strip()
