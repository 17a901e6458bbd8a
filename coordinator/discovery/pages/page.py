"""HTML → ``ParsedPage``: decoded, limited, parsed once; parts that only pages with a copy need are read on demand."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from html import escape
from itertools import accumulate, chain

import numpy as np
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLParserException
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from campaigns.core.errors import CampaignError
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.fingerprints import distinct, grams, tokenize
from campaigns.matching.parsed_page import (
    NON_ARTICLE_REGIONS,
    DeclaredSource,
    LiveEntry,
    PageBody,
    PageRegion,
    ParsedPage,
    TextBlock,
    TimeClaim,
    TimeOrigin,
)
from coordinator.discovery.pages.dom_text import extract_body
from coordinator.discovery.pages.hidden_text import hide_unseen
from coordinator.discovery.pages.html_limits import limit_html
from coordinator.discovery.pages.metadata import PageMetadata, author_line, lead_image, time_elements
from coordinator.discovery.pages.page_data import (
    DATA_ELEMENTS,
    MAX_DATA,
    DataText,
    find_article,
    keeps_data,
    may_hold_article,
)
from coordinator.discovery.pages.page_words import PageWords, collect_words
from coordinator.http.charsets import decode

# Lists of an article that the extractor of main text mistakes for a menu are restored.


_MAX_LIST_ITEMS = 60  # items of one list; a longer one is a register, not a part of a text
_MAX_LINKED_SHARE = 0.5  # share of a list's characters in links; with more it is navigation


def restore_lists(main: str, body: PageBody) -> str:
    """Return the main text with the lists of ``body`` that are between two of its lines, a line for each item.

    Only lists that the extractor left out as a whole are restored; other omitted parts may not belong to the article.
    """
    lines = main.split("\n")
    places = {" ".join(line.split()): at for at, line in enumerate(lines) if line.strip()}
    after: dict[int, list[str]] = {}
    for before, items, behind in _main_lists(body):
        at = places.get(before.text)
        if at is None or places.get(behind.text, -1) <= at or any(item.text in places for item in items):
            continue
        after.setdefault(at, []).extend(item.text for item in items)
    if not after:
        return main
    return "\n".join(part for at, line in enumerate(lines) for part in (line, *after.get(at, ())))


def _main_lists(body: PageBody) -> Iterator[tuple[TextBlock, Sequence[TextBlock], TextBlock]]:
    """Yield every run of visible list items in the page's main region, with the block before and after it; lists that
    are mostly links are skipped."""
    linked = [0] * len(body.blocks)
    for link in body.links:
        if link.block < len(linked):
            linked[link.block] += len(link.text)
    first = 0
    for at, block in enumerate(body.blocks):
        if _is_item(body, block):
            continue
        items = body.blocks[first:at]
        if first and 0 < len(items) <= _MAX_LIST_ITEMS:
            letters = sum(len(item.text) for item in items)
            if sum(linked[first:at]) <= _MAX_LINKED_SHARE * letters and block.region is body.blocks[first - 1].region:
                yield body.blocks[first - 1], items, block
        first = at + 1


def _is_item(body: PageBody, block: TextBlock) -> bool:
    """Whether a block is in an item of a list, at most three elements deep, and in the main region."""
    if block.region is not PageRegion.MAIN:
        return False
    element = block.element
    for _ in range(3):
        if element < 0:
            return False
        if body.elements[element].tag == "li":
            return True
        element = body.elements[element].parent
    return False


MAX_PAGE_LENGTH = 4_000_000  # characters; the rest is not read
_MAX_SCRIPTED_LENGTH = 16_000_000  # characters before scripts and styles go
_SCRIPT_OR_COMMENT = re.compile(r"<(?:(script|style)\b([^<>]{0,2000})>|!--)", re.IGNORECASE)
_SCRIPT_END = {tag: re.compile(rf"</{tag}\b[^<>]{{0,200}}>?", re.IGNORECASE) for tag in ("script", "style")}
_COMMENT_END = re.compile("-->")
_MIN_MAIN_LENGTH = 200  # characters of main text below which the extractor's result is not used
# Where the text may stand of a page that has hardly any main text: an article may be called by a word for a box.
_MAY_HOLD_TEXT = frozenset((PageRegion.MAIN, PageRegion.RELATED))
_MIN_UNSCRIPTED_LENGTH = 80  # characters in ``noscript``; a shorter text asks to enable scripts
_MAX_SHELL_LENGTH = 400  # characters of main text below which ``noscript`` may have the article
_MAX_SHOWN = 800  # characters of sentences that a page shows, below which its data may have the article
_MIN_OTHER_ARTICLE = 200  # characters of sentences below another headline that are an article of their own
_SHOWN_SHARE = 0.5  # of the runs of words in the data that the page shows, with which the data add nothing
_NOSCRIPT_TAG = re.compile(r"<(/?)noscript\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


class UnreadablePage(CampaignError):
    """A page cannot be read; ``reason`` says why."""

    code = "unreadable_page"

    def __init__(self, message: str, *, reason: UnreadableReason = UnreadableReason.NOT_TEXT) -> None:
        super().__init__(message)
        self.reason = reason


class HtmlPage(ParsedPage):
    """A page with its document. It is parsed once, and its head is read at once; the main text, the body, time
    elements, author, picture and source are read at their first use. ``text`` raises ``UnreadablePage`` when the
    extractor of main text fails, which is not known for pages that the other parser accepts."""

    def __init__(
        self,
        url: str,
        html: str,
        document: LexborHTMLParser,
        swept: PageWords,
        head: PageMetadata,
        cut: bool,
        data_name: str = "",
    ) -> None:
        seen = _SeenPage(document, html, head)
        now = {
            "url": url,
            "lang": head.lang,
            "canonical": head.canonical,
            "amphtml": head.amphtml,
            "cut": cut,
            "data_name": data_name,
            # No bound methods of the page, which would form a reference cycle and keep the document in memory.
            "read_body": lambda: seen.body,
            "_swept": swept,
            "_seen": seen,
            "_document": document,
            "_head": head,
        }
        self.__dict__.update(now)  # a frozen dataclass allows no assignment

    _seen: "_SeenPage"
    _swept: PageWords
    _document: LexborHTMLParser
    _head: PageMetadata

    @property
    def document(self) -> LexborHTMLParser:
        """The parsed document."""
        return self._document

    def shows_text(self, length: int) -> bool:
        """Whether at least so many characters stand in sentences outside links, menus and boxes; a fast check."""
        return self._swept.shows_text(length)

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
        """The description in the metadata."""
        return self._head.meta("description") or self._head.meta("og:description")

    @cached_property
    def text(self) -> str:
        """The main text, headline first."""
        main = self.main
        headline = self._head.h1
        if headline and headline not in " ".join(main[:1000].split()):
            return f"{headline}\n\n{main}" if main else headline
        return main

    @property
    def all_text(self) -> str:
        """Every word of the document. The main text begins with the headline, also one that only the head has."""
        headline = self._head.h1
        return self._swept.text if self._head.has_visible_headline else f"{self._swept.text}\n\n{headline}"

    @property
    def text_outside_boxes(self) -> str:
        """The texts of the document outside menus and boxes, and the headline."""
        return f"{self._head.h1}\n\n{self._swept.text_outside_boxes}"

    @cached_property
    def main(self) -> str:
        """The main text of the extractor, with restored lists; of a live blog all that is in no box."""
        if self.body.entries:
            return "\n".join(block.text for block in self._live_blocks if block is not None)
        main = _extracted_text(self._seen.html)
        if len(main) < _MIN_MAIN_LENGTH:
            whole = "\n".join(block.text for block in self.body.blocks if block.region in _MAY_HOLD_TEXT)
            if len(whole) > 2 * len(main):
                return whole
        return restore_lists(main, self.body)

    @cached_property
    def entries(self) -> tuple[LiveEntry, ...]:
        """The entries of a live blog, and what stands before and behind them."""
        if not self.body.entries:
            return ()
        sizes = (len(block.text) + 1 if block is not None else 0 for block in self._live_blocks)
        before = list(accumulate(sizes, initial=0))  # characters before each block
        begin = len(self.text) - len(self.main)
        count = len(self.body.blocks)
        parts = [(0, self.body.entries[0][0]), *self.body.entries, (self.body.entries[-1][1], count)]
        return tuple(
            LiveEntry(first, end, begin + before[first] if first else 0, begin + before[end])
            for first, end in parts
            if end > first
        )

    @cached_property
    def _live_blocks(self) -> Sequence[TextBlock | None]:
        """The blocks of a live blog's text, None for the others."""
        entries = self.body.entries
        return [
            block
            if block.region is not PageRegion.COMMENTS
            and (block.region not in NON_ARTICLE_REGIONS or any(first <= at < end for first, end in entries))
            else None
            for at, block in enumerate(self.body.blocks)
        ]

    @cached_property
    def times(self) -> tuple[TimeClaim, ...]:
        """The claims of the publication time."""
        return tuple(chain.from_iterable(map(self.claims, (TimeOrigin.JSON_LD, TimeOrigin.META, TimeOrigin.TIME))))

    def claims(self, origin: TimeOrigin) -> Sequence[TimeClaim]:
        """Return the claims of one origin, so that time elements are searched only when needed."""
        if origin is TimeOrigin.TIME:
            return time_elements(self._document)
        return self._head.claims(origin) if origin in {TimeOrigin.JSON_LD, TimeOrigin.META} else ()

    @cached_property
    def author(self) -> str:
        """The author line."""
        return author_line(self._document, self._head.metas, self._head.data.author[:5])

    @cached_property
    def image(self) -> str:
        """The lead picture's address."""
        return lead_image(self._document, self._head.metas, self._head.resolve)

    @cached_property
    def declared(self) -> DeclaredSource:
        """The declared source."""
        return self._head.declared


class _SeenPage:
    """What readers see of a document, read at its first use. ``html`` is without readers' comments too."""

    def __init__(self, document: LexborHTMLParser, html: str, head: PageMetadata) -> None:
        self._document, self._html, self._head = document, html, head
        self._has_unseen = False

    @cached_property
    def body(self) -> PageBody:
        """The blocks, links and fields."""
        self._has_unseen, unread = hide_unseen(self._document, self._html)
        root = self._document.body
        if root is None:
            return PageBody()
        body, comments = extract_body(root, self._head.base, self._head.h1, self._head.title, unread)
        for node in comments:
            node.attrs["hidden"] = ""
            self._has_unseen = True
        return body

    @cached_property
    def html(self) -> str:
        """The document for the extractor of main text, which leaves out elements with the attribute ``hidden``."""
        return (self._document.html or "") if self.body is not None and self._has_unseen else self._html


def parse_page(html: str | bytes, url: str, *, content_type: str | None = None, cut: bool = False) -> HtmlPage:
    """Read a page. ``url`` is its final address, ``content_type`` its header. ``cut``: there is more than ``html``.

    ``text`` begins with the headline, also where the extractor of main text left it out. Accepts any input: invalid
    HTML, NULs, megabytes (up to 4 million characters are read, of longer pages without their scripts), any nesting.
    Raises ``UnreadablePage`` when a parser fails.
    """
    return _parsed(decode(html, content_type or "") if isinstance(html, bytes) else html, url, cut)


def _parsed(html: str, url: str, cut: bool = False, data_name: str = "") -> HtmlPage:
    text, raw, shorter = _clean_html(html)
    cut = cut or shorter
    try:
        document = LexborHTMLParser(raw)
    except SelectolaxError as error:
        raise UnreadablePage("the page is no HTML that could be parsed") from error
    swept = collect_words(document)
    head = PageMetadata(swept.metadata_nodes, document.root, url)
    page = HtmlPage(url, text, document, swept, head, cut, data_name)
    # Pages that a script renders have their article in ``noscript``; on a page with a text nobody sees what is there.
    if (
        head.unscripted > _MIN_UNSCRIPTED_LENGTH
        and not swept.shows_text(_MIN_MAIN_LENGTH)
        and len(page.main) < min(_MAX_SHELL_LENGTH, head.unscripted)
    ):
        return _parsed(_NOSCRIPT_TAG.sub(r"<\1div", text), url, cut, data_name)
    if not data_name and (data := _unshown_data(document, swept, head)) is not None:
        whole, shorter = _with_data(document, data, bool(head.h1))
        return _parsed(whole, url, cut or shorter, data.where)
    return page


def _unshown_data(document: LexborHTMLParser, swept: PageWords, head: PageMetadata) -> DataText | None:
    """Return the article in the page's data if the page shows hardly any text and not this one, else None.

    The order of the tests is that of their cost: most pages show their article.
    """
    if document.body is None or swept.shows_text(_MAX_SHOWN):
        return None
    if not may_hold_article(head.scripts) and document.css_first(DATA_ELEMENTS) is None:
        return None
    titles = (head.h1, head.meta("og:title"), head.title)
    data = find_article(document, head.scripts, titles)
    if data is None or (head.h1 and swept.shows_text(_MIN_OTHER_ARTICLE) and not data.may_be_of(titles)):
        return None
    runs = distinct(grams(tokenize(data.text).words))
    shown = distinct(grams(tokenize(swept.text).words))
    return None if np.isin(runs, shown).sum() >= _SHOWN_SHARE * runs.size else data


def _with_data(document: LexborHTMLParser, data: DataText, has_headline: bool) -> tuple[str, bool]:
    """Return the page with the article of its data as the first element of its body, and whether that was cut off."""
    html = limit_html(data.html)
    inside = LexborHTMLParser(html).body
    headline = "" if has_headline or not data.title else f"<h1>{escape(data.title)}</h1>"
    # Parsed by itself first, so that no end tag in the data ends the article.
    balanced = (inside.inner_html if inside is not None else "") or ""
    article = LexborHTMLParser(f"<article>{headline}{balanced}</article>").css_first("article")
    body = document.body
    if article is not None and body is not None:
        first = body.first_child
        if first is None:
            body.insert_child(article)
        else:
            first.insert_before(article)
    return document.html or "", html is not data.html


def _clean_html(html: str) -> tuple[str, bytes, bool]:
    """Return the page without NULs and lone surrogates, cut off where it is too long or too deep, as text and in UTF-8
    for the two parsers; and whether it was cut off. Scripts and styles of a page that is too long go before."""
    cut_off = len(html) > _MAX_SCRIPTED_LENGTH
    if len(html) > MAX_PAGE_LENGTH:
        html = _without_scripts(html[:_MAX_SCRIPTED_LENGTH])
        cut_off = cut_off or len(html) > MAX_PAGE_LENGTH
    text = html[:MAX_PAGE_LENGTH]
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "replace")
        text = raw.decode("utf-8")
    if b"\0" in raw:
        text = text.replace("\0", "\ufffd")
        raw = text.encode("utf-8")
    whole = limit_html(text, raw)
    if whole is not text:
        return whole, whole.encode("utf-8"), True
    return whole, raw, cut_off


def _without_scripts(html: str) -> str:
    """Return the page without its scripts, styles and comments, except scripts with data."""
    kept, at = [], 0
    while (found := _SCRIPT_OR_COMMENT.search(html, at)) is not None:
        tag = (found[1] or "").lower()
        end = (_SCRIPT_END[tag] if tag else _COMMENT_END).search(html, found.end())
        stop = end.end() if end is not None else len(html)
        is_data = tag == "script" and stop - found.start() <= MAX_DATA
        stays = is_data and keeps_data(found[2], html[found.end() : stop])
        kept.append(html[at : stop if stays else found.start()])
        at = stop
    kept.append(html[at:])
    return "".join(kept)


def _extracted_text(html: str) -> str:
    try:
        text = extract_plain_text(
            html,
            main_content=True,
            preserve_formatting=True,
            list_bullets=False,
            alt_texts=False,
            links=False,
            form_fields=False,
            noscript=False,
            comments=False,
        )
    except HTMLParserException as error:
        raise UnreadablePage("the page is no HTML that could be parsed") from error
    return str(text).strip()
