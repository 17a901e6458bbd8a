"""The attribution of a page: a link to the bulletin, its address as text, our name, another source, or none."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit

from campaigns.core.errors import Invalid
from campaigns.discovery.urls import canonical_url, host_of, same_page
from campaigns.matching.fingerprints import fold
from campaigns.matching.parsed_page import NON_ARTICLE_REGIONS, PageBody, PageLink, PageRegion, ParsedPage
from campaigns.republications.attribution.source_lines import (
    SourceLine,
    SourceName,
    first_name_in,
    name_alone,
    name_that_introduces,
    name_that_opens,
    our_name_in,
    read_source_line,
)
from campaigns.republications.evidence.copy_location import CopySpan
from campaigns.republications.evidence.site_parts import CONTACT, article_root, folded_words, is_below, is_of_site

AT_END = 0.8  # a link after this share of the copy is at its end
_EXCERPT = 300  # characters of the source line that are stored
_BROKEN = 3  # further lines into which a name may be broken

_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'()\[\]]{1,2000}"
    r"|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?::\d{1,5})?/[^\s<>\"'()\[\]]{1,2000}"
)
_CAPTION = re.compile(r"figcaption|caption|chu-?thich|(?:photo|img|image|pic)-?(?:desc|note|info)", re.IGNORECASE)
_MARKED = re.compile(
    r"(?:^|[.#_-])(?:source|nguon|author|tac-?gia|credit|origin|cite|byline|trich-?nguon)", re.IGNORECASE
)
# Boxes about an author and lists of tags: in them a name is a source's only behind words that say so.
_BOX = re.compile(
    r"(?:author|tac-?gia|writer)s?[-_]?(?:box|info|bio|card|details?|desc\w*|profile|wrap\w*|block|area|intro)"
    r"|(?:box|about|info|profile|thong-?tin)[-_]?(?:the[-_])?(?:author|tac-?gia|writer)"
    r"|(?:^|[.#_-])(?:tags?|tag-?(?:list|cloud|links?|box|wrap\w*)|tagcloud|tu-?khoa|key-?words?|hash-?tags?)(?=$|[.#_-])",
    re.IGNORECASE,
)
# Words that make a link or a name the page's statement of its source: right before it, or as its own words.
_LEADING = (
    r"(?:nguon(?: tin| bai(?: viet)?)?|trich(?: nguon| dan)?|dan (?:nguon|lai|theo|tu)|(?:thong )?tin tu"
    r"|dang lai(?: tu)?|lan dau(?: \w+)? (?:tren|tai|o)|source|via|original"
    r"|(?:bai|ban|tin|link|lien ket)(?: viet| tin)? (?:goc|dau tien)|goc)"
)
_LED = re.compile(rf"\b(?:{_LEADING}(?: \w+){{0,5}}|theo(?: nguon| tin(?: tu)?| trang)?)$")
_LED_BY_ITSELF = re.compile(
    rf"(?:theo|{_LEADING})\b|.*\b(?:(?:bai|ban|tin|link|lien ket)(?: viet| tin)? goc|goc|nguon)$"
)
SOURCE_WORDS = re.compile(rf"\b(?:theo|{_LEADING})\b")
# Before a link these announce another article, or say something of the site.
_ANNOUNCING = folded_words(
    r"\b(?:xem (?:them|tiep)|doc (?:them|tiep)|lien quan|cung chuyen muc|tham khao them|lien he|dien thoai|hotline"
    r"|email|thiet ke|phat trien(?: boi)?|chu quan|phoi hop|chiu trach nhiem|giay phep|tong bien tap"
    r"|quang cao|tai tro|hop tac|doi tac|lien ket|truy cap|tra cuu|theo doi)\b"
)
# A link with these leads to the whole text, and is no headline.
_WHOLE_TEXT = folded_words(
    r"\b(?:toan van|nguyen van|ban day du|day du tai|chi tiet tai|tai day|moi (?:ban|quy vi) doc)\b"
)
_WORDS_BEFORE = 80  # characters before a link that may say what it is
_LONG_LINK = 8  # words; in a longer link "gốc" and "nguồn" say something else
_HEADLINE = 4  # words of a link that make it a headline


class Attribution(Enum):
    """The forms of attribution, the strongest first."""

    LINKED_AT_END = "linked_at_end"  # a link to the bulletin, after four fifths of the text
    LINKED_ELSEWHERE = "linked_elsewhere"  # such a link elsewhere, or only in the page's head
    HOME_PAGE_ONLY = "home_page_only"  # a link to our site, not to the bulletin
    URL_TEXT_ONLY = "url_text_only"  # the bulletin's address as text, not as a link
    NAMED_ONLY = "named_only"  # our name and no address
    NAMED_OTHER_SOURCE = "named_other_source"  # another source's name
    NONE = "none"
    NOT_SEEN = "not_seen"  # no program has read the page, and nobody has said what its picture shows of the source


# Forms that name or link us. A link to our front page and an address as text are flawed but count.
NAMES_US = frozenset(
    {
        Attribution.LINKED_AT_END,
        Attribution.LINKED_ELSEWHERE,
        Attribution.HOME_PAGE_ONLY,
        Attribution.URL_TEXT_ONLY,
        Attribution.NAMED_ONLY,
    }
)


@dataclass(frozen=True)
class OurSource:
    """Our source for one bulletin: its addresses (the canonical one, short links), our hosts, our names."""

    urls: tuple[str, ...]
    hosts: frozenset[str] = frozenset()
    names: tuple[SourceName, ...] = ()

    @cached_property
    def all_hosts(self) -> frozenset[str]:
        """Our hosts, including those of the bulletin's addresses."""
        found = set()
        for url in (*self.urls, *(host if "//" in host else f"http://{host}/" for host in self.hosts)):
            try:
                found.add(host_of(url).removeprefix("www."))
            except Invalid:
                continue
        return frozenset(found)

    @cached_property
    def _bare_hosts(self) -> tuple[str, ...]:
        return tuple(host.partition(":")[0] for host in self.all_hosts)

    @cached_property
    def names_and_hosts(self) -> tuple[SourceName, ...]:
        """Our names, and our hosts as names: "Nguồn: tin.thudo.example" names us."""
        return (*self.names, *(SourceName(host) for host in sorted(self.all_hosts)))

    def mentioned_in(self, address: str) -> bool:
        """Whether an address may be ours, or contain ours as a parameter; a fast check."""
        low = address.lower()
        return any(host in low for host in self._bare_hosts)

    def is_bulletin(self, url: str) -> bool:
        """Whether an address is the bulletin's, or below it (its copy kit, its text)."""
        for own in self.urls:
            if same_page(url, own):
                return True
            try:
                path, ours = urlsplit(canonical_url(url)).path, urlsplit(canonical_url(own)).path
                if len(ours) > 1 and path.startswith((f"{ours}/", f"{ours}.")) and self.is_ours(url):
                    return True
            except Invalid:
                continue
        return False

    def is_ours(self, url: str) -> bool:
        """Whether an address is on one of our hosts."""
        try:
            return host_of(url).removeprefix("www.") in self.all_hosts
        except Invalid:
            return False


@dataclass(frozen=True)
class AttributionVerdict:
    """The attribution of a page, and the evidence.

    ``link_position``: the position of the link in the copy, 0–1, 1 for after it; None without a link in the text.
    ``where``: the element, like ``article > p.source > a``; ``offset`` and ``text``: the line in ``Body.text``.
    """

    attribution: Attribution
    source_name: str | None = None
    source_link: str | None = None
    link_position: float | None = None
    where: str = ""
    offset: int | None = None
    text: str = ""
    reasons: tuple[str, ...] = ()


def _unwrapped_addresses(href: str) -> Iterator[str]:
    """Return the address itself, then those in its parameters: ``/out?to=https://…`` leads to the second."""
    yield href
    try:
        for _, value in parse_qsl(urlsplit(href).query):
            if value.startswith(("http://", "https://")):
                yield value
    except ValueError:
        return


OTHER_BULLETIN = "linked_other"  # the reason of a page that links to another bulletin of ours


def judge_attribution(
    page: ParsedPage, span: CopySpan | None, ours: OurSource, is_other: Callable[[str], bool] = lambda _: False
) -> AttributionVerdict:
    """Return how the page names the source of the copy at ``span`` (None: the copy could not be located).

    ``is_other``: whether an address is another bulletin's of ours. A link to one is no link to our home page: such a
    page names us or does not, and the reason says what it links to.

    Checked in order of weight: a visible link to the bulletin; such a declaration in the head; a link to our site; the
    bulletin's address as text or in a field to copy; our name in a source line; our name declared in the head;
    another's name in a source line.

    A link or a name counts where it is the page's own word for its source. Menus, side columns, footers, boxes and
    comments are not; an author's box and a list of tags are where source words stand before it. Behind the text a link
    to the bulletin needs no words unless it looks like an announcement; in the text, where it may be one of our own
    links or the partner's cross-reference, it does.
    """
    line, at = _source_line(page.body, span, ours)
    linked = _by_link(page, span, ours) or _declared_link(page, ours)
    other = None if linked is not None else _link_to_other(page.body, span, ours, is_other)
    verdict = (
        linked
        or (_named_beside(page.body, other, ours) if other is not None else _by_home_page_link(page, span, ours))
        or _by_address_in_text(page.body, span, ours)
        or _by_name(page, span, line, at, ours)
    )
    if verdict is None:
        if line is None:
            if other is not None:
                verdict = _with_evidence(page.body, other.block, AttributionVerdict(Attribution.NONE), "a")
                return replace(verdict, offset=other.start, reasons=(_links_other(other),))
            return AttributionVerdict(
                Attribution.NONE, reasons=("no_source: no link to us, and no source named behind or above the text",)
            )
        verdict = _with_evidence(
            page.body, at, AttributionVerdict(Attribution.NAMED_OTHER_SOURCE, source_name=line.name)
        )
        other_source = f"other_source: the source line names {line.name}"
        return replace(
            verdict,
            source_link=next((link.href for link in page.body.links if link.block == at), None),
            reasons=(other_source, *((_links_other(other),) if other is not None else ())),
        )
    if other is not None:
        verdict = replace(verdict, reasons=(*verdict.reasons, _links_other(other)))
    if verdict.source_name is None and line is not None and line.ours and line.name not in ours.all_hosts:
        verdict = replace(verdict, source_name=line.name)
    if line is not None and not line.ours:
        verdict = replace(verdict, reasons=(*verdict.reasons, f"other_source: a source line also names {line.name}"))
    return verdict


def _with_evidence(body: PageBody, block: int, verdict: AttributionVerdict, leaf: str = "") -> AttributionVerdict:
    """Return the verdict with the block's position and text as evidence."""
    if not 0 <= block < len(body.blocks):
        return verdict
    part = body.blocks[block]
    return replace(verdict, where=body.path(part.element, leaf), offset=part.start, text=part.text[:_EXCERPT])


def _source_line(body: PageBody, span: CopySpan | None, ours: OurSource) -> tuple[SourceLine | None, int]:
    """Return the source line of the copy and its block: one that names us in any place, else the first of another's."""
    if span is None:
        return None, -1
    other: tuple[SourceLine | None, int] = (None, -1)
    names = ours.names_and_hosts
    for at in (*span.tail, *span.byline):
        block = body.blocks[at]
        labels = _labels(body, block.element)
        if _CAPTION.search(labels):
            continue
        text = block.text
        boxed = at != span.last and (
            _is_in_box(body, span, block.element)
            or not (_MARKED.search(labels) or _is_in_article(body, span, block.element))
        )
        flat = fold(text) if at != span.last else ""
        if (boxed and SOURCE_WORDS.search(flat) is None) or CONTACT.search(flat) is not None:
            continue
        if at == span.last:
            text = _unmatched_end(block.text, span.end - block.start)
        marked = not boxed and bool(_MARKED.search(labels))
        line = read_source_line(text, names, marked=marked)
        if line is not None and line.ours:
            return line, at
        whole = _with_following_lines(body, span, at, text)
        if whole != text and (joined := read_source_line(whole, names, marked=marked)) is not None and joined.ours:
            return joined, at
        if line is not None and other[0] is None:
            other = line, at
    if (linked := _linked_name(body, span, ours)) is not None:
        return linked[0], -1
    for start, end in body.cites:
        at = body.block_at(start)
        if 0 <= at < len(body.blocks) and (at in span.tail or at in span.byline):
            name = our_name_in(body.text[start:end], names)
            if name is not None:
                return SourceLine(True, name), at
    for at in (*span.byline, span.first):
        name = name_that_opens(body.blocks[at].text, names)
        if name is None and at != span.first:
            name = name_that_introduces(body.blocks[at].text, names)
        if name is not None:
            return SourceLine(True, name), at
    return other


def _with_following_lines(body: PageBody, span: CopySpan, at: int, text: str) -> str:
    """Return a line with the next ones of its element, which a ``<br>`` in a name sets apart."""
    element = body.blocks[at].element
    for further in range(at + 1, min(at + 1 + _BROKEN, len(body.blocks))):
        block = body.blocks[further]
        if block.element != element or further in span.own or len(text) + len(block.text) > _EXCERPT // 2:
            break
        text = f"{text} {block.text}"
    return text


def _linked_name(body: PageBody, span: CopySpan, ours: OurSource) -> tuple[SourceLine, PageLink] | None:
    """Return a link behind the copy that is nothing but our name, or a picture whose alternative text names us."""
    for link in body.links:
        if link.block <= span.last or not _is_at_copy(body, link, span) or _CAPTION.search(_labels(body, link.element)):
            continue
        if _is_in_box(body, span, link.element):
            continue
        if not _is_in_article(body, span, link.element) and not _states_source(body, span, link, ours):
            continue
        line = read_source_line(link.alt, ours.names_and_hosts) if link.alt else None
        if line is not None and line.ours:
            return line, link
        alone = link.text and link.text == body.blocks[link.block].text
        if alone and (name := name_alone(link.text, ours.names)) is not None:
            return SourceLine(True, name), link
    return None


def _is_at_copy(body: PageBody, link: PageLink, span: CopySpan) -> bool:
    """Whether a link stands in the article with the copy. A picture's link has the block that follows it."""
    return (
        not span.beside(link)
        and link.block - (link.start == link.end) <= span.reach
        and not is_of_site(body, link, span.last, span.of_site)
    )


def _labels(body: PageBody, element: int) -> str:
    """Return the labels of an element and of its ancestors with little other text."""
    found: list[str] = []
    while element >= 0 and len(found) < 3:
        node = body.elements[element]
        if found and node.end - node.first > 3:
            break
        found.append(node.label)
        element = node.parent
    return " ".join(found)


def _unmatched_end(text: str, matched: int) -> str:
    """Return the text after the matched words in the last block, or its last sentence without any: a bulletin may end
    with its own source line, which the copy then has."""
    rest = text[matched:].strip(" .;,:”\"'")
    if len(rest) > 3:
        return text[matched:].strip(" .;,”\"'")
    return re.split(r"(?<=[.!?…])\s+", text.strip())[-1]


def _by_link(page: ParsedPage, span: CopySpan | None, ours: OurSource) -> AttributionVerdict | None:
    body = page.body
    best: AttributionVerdict | None = None
    for link in body.links:
        if not ours.mentioned_in(link.href):
            continue
        if link.region in NON_ARTICLE_REGIONS and (span is None or span.beside(link)):
            continue
        if not any(ours.is_bulletin(target) for target in _unwrapped_addresses(link.href)):
            continue
        direct = ours.is_bulletin(link.href)  # a button to share has the address as a parameter
        if span is None:
            position, end = None, False
            why = "linked: a link to the bulletin; its place in the text is not known"
        else:
            position = round(span.position(link.start), 4)
            end = position >= AT_END and _is_at_copy(body, link, span)
            where = "at the end of the text" if end else "not at the end of the text"
            why = f"linked: a link to the bulletin, {where}"
        if not (end and direct and _is_plain_end(body, span, link)) and not _states_source(
            body, span, link, ours, bulletin=True
        ):
            continue
        kind = Attribution.LINKED_AT_END if end else Attribution.LINKED_ELSEWHERE
        found = _with_evidence(body, link.block, AttributionVerdict(kind), "a")
        found = replace(
            found,
            source_name=_name_beside_link(body, link, ours),
            source_link=link.href,
            link_position=position,
            offset=link.start,
            reasons=(why,),
        )
        if end:
            return found
        best = best or found
    return best


def _is_plain_end(body: PageBody, span: CopySpan | None, link: PageLink) -> bool:
    """Whether a link behind the copied words is no announcement, so that it needs no source words."""
    if span is None or link.start < span.end or not (link.text or link.alt) or _is_in_box(body, span, link.element):
        return False
    if _ANNOUNCING.search(fold(_own_words_before(body, span, link))):
        return False
    if len(link.text.split()) < _HEADLINE:
        return True
    block = body.blocks[link.block]
    alone = link.end - link.start >= 0.9 * len(block.text)
    return not alone or "://" in link.text or _WHOLE_TEXT.search(fold(link.text)) is not None


def _own_words_before(body: PageBody, span: CopySpan | None, link: PageLink) -> str:
    """Return the page's own words before a link in its block."""
    if not 0 <= link.block < len(body.blocks):
        return ""
    begin = max(0, link.start - _WORDS_BEFORE, body.blocks[link.block].start)
    if span is not None:
        begin = max([begin, *(end for _, end in span.stretches if end <= link.start)])
    return body.text[begin : link.start]


def _states_source(
    body: PageBody, span: CopySpan | None, link: PageLink, ours: OurSource, *, bulletin: bool = False
) -> bool:
    """Whether the page says by words or a mark that a link is its source. Words of the bulletin are not the page's.
    ``bulletin``: the link is to the bulletin, to which our own text does not link."""
    boxed = _is_in_box(body, span, link.element)
    before = _own_words_before(body, span, link)
    flat = fold(before)
    if span is not None and span.is_copied(link.start, link.end) and not (bulletin and not boxed):
        return False
    names = first_name_in((link.text, link.alt), ours.names_and_hosts) is not None
    if span is not None and span.is_copied(link.start, link.end):
        return names
    text = fold(link.text)
    block = body.blocks[link.block].text[:_EXCERPT] if 0 <= link.block < len(body.blocks) else ""
    in_copy = span is not None and link.block in span.own
    if link.start < link.end and not in_copy and CONTACT.search(fold(block)) is not None:
        return False
    if _LED.search(flat) is not None or (
        len(link.text.split()) <= _LONG_LINK and _LED_BY_ITSELF.match(text) is not None
    ):
        return True
    if boxed or _ANNOUNCING.search(flat) is not None:
        return False
    if _MARKED.search(_labels(body, link.element)) is not None:
        return True
    if not names or span is None or bulletin:
        return names
    # A link to our site in a sentence of its own, like "Đơn vị bảo trợ: …", says something else.
    line = read_source_line(link.alt if link.start == link.end else block, ours.names_and_hosts)
    return line is not None and line.ours and _is_in_article(body, span, link.element)


def _is_in_article(body: PageBody, span: CopySpan, element: int) -> bool:
    """Whether an element is in the smallest one with the headline and the copy. Beyond it, like in a side column that
    nothing marks, a link that is nothing but our name says nothing of the article."""
    return is_below(body, element, article_root(body, span.first, span.last))


def _is_in_box(body: PageBody, span: CopySpan | None, element: int) -> bool:
    """Whether an element is in an author's box or a list of tags."""
    while element >= 0:
        node = body.elements[element]
        if span is not None and node.first <= span.first and span.last < node.end:
            return False
        if _BOX.search(node.label) is not None:
            return True
        element = node.parent
    return False


def _name_beside_link(body: PageBody, link: PageLink, ours: OurSource) -> str | None:
    texts = [link.text, link.alt]
    if 0 <= link.block < len(body.blocks) and len(body.blocks[link.block].text) <= 200:
        texts.append(body.blocks[link.block].text)
    return first_name_in(texts, ours.names)


def _declared_link(page: ParsedPage, ours: OurSource) -> AttributionVerdict | None:
    source = page.declared
    places: Iterable[tuple[str, Iterable[str]]] = (
        ("link[rel=canonical]", (page.canonical,) if page.canonical else ()),
        ("JSON-LD isBasedOn", source.based_on),
        ("JSON-LD citation", source.citation),
        ("meta source", source.meta_source),
    )
    for where, addresses in places:
        for address in addresses:
            if ours.is_bulletin(address):
                return AttributionVerdict(
                    Attribution.LINKED_ELSEWHERE,
                    source_link=address,
                    where=where,
                    text=address[:_EXCERPT],
                    reasons=(f"declared_link: {where} points to the bulletin; readers do not see it",),
                )
    return None


def _by_home_page_link(page: ParsedPage, span: CopySpan | None, ours: OurSource) -> AttributionVerdict | None:
    if span is None:
        return None
    body = page.body
    found = [
        link
        for link in body.links
        if ours.mentioned_in(link.href)
        and ((span.first <= link.block and _is_at_copy(body, link, span)) or link.block in span.byline)
        and any(ours.is_ours(target) for target in _unwrapped_addresses(link.href))
        and _states_source(body, span, link, ours)
    ]
    if not found:
        return None
    link = found[-1]
    verdict = _with_evidence(body, link.block, AttributionVerdict(Attribution.HOME_PAGE_ONLY), "a")
    return replace(
        verdict,
        source_name=_name_beside_link(body, link, ours),
        source_link=link.href,
        link_position=round(span.position(link.start), 4),
        offset=link.start,
        reasons=("home_page: a link to our site, but not to the bulletin",),
    )


def _link_to_other(
    body: PageBody, span: CopySpan | None, ours: OurSource, is_other: Callable[[str], bool]
) -> PageLink | None:
    """Return the last link at the copy that leads to another of our bulletins."""
    if span is None:
        return None
    found = [
        link
        for link in body.links
        if ours.mentioned_in(link.href)
        and ((span.first <= link.block and _is_at_copy(body, link, span)) or link.block in span.byline)
        and any(is_other(target) for target in _unwrapped_addresses(link.href))
    ]
    return found[-1] if found else None


def _links_other(link: PageLink) -> str:
    return f"{OTHER_BULLETIN}: the page links to another of our bulletins, {link.href[:_EXCERPT]}"


def _named_beside(body: PageBody, link: PageLink, ours: OurSource) -> AttributionVerdict | None:
    """Return our name where a link to another bulletin carries it."""
    name = _name_beside_link(body, link, ours)
    if name is None:
        return None
    verdict = _with_evidence(body, link.block, AttributionVerdict(Attribution.NAMED_ONLY, source_name=name), "a")
    return replace(verdict, offset=link.start, reasons=(f"named: {name}, with a link, but none to this bulletin",))


def _by_address_in_text(body: PageBody, span: CopySpan | None, ours: OurSource) -> AttributionVerdict | None:
    for box in body.boxes:
        apart = box.region not in {PageRegion.MAIN, PageRegion.HEADER, PageRegion.HIDDEN}
        if apart and (span is None or span.beside(box)):
            continue
        if any(ours.is_bulletin(target) for target in _unwrapped_addresses(box.value.strip())):
            return AttributionVerdict(
                Attribution.URL_TEXT_ONLY,
                source_link=box.value.strip(),
                where=body.path(box.element, box.label),
                offset=box.start,
                text=box.value[:_EXCERPT],
                reasons=("url_box: the bulletin's address in a field to copy; not a link",),
            )
    for at, block in enumerate(body.blocks):
        if not ours.mentioned_in(block.text) or (span is not None and span.beside(block)):
            continue
        for found in _ADDRESS.finditer(block.text):
            written = found[0].rstrip(".,;:!?…”")
            address = written if "://" in written else f"https://{written}"
            if ours.is_bulletin(address):
                verdict = _with_evidence(body, at, AttributionVerdict(Attribution.URL_TEXT_ONLY))
                return replace(
                    verdict,
                    source_link=address,
                    offset=block.start + found.start(),
                    reasons=("url_text: the bulletin's address in letters; not a link",),
                )
    return None


def _by_name(
    page: ParsedPage, span: CopySpan | None, line: SourceLine | None, at: int, ours: OurSource
) -> AttributionVerdict | None:
    if line is not None and line.ours:
        verdict = _with_evidence(page.body, at, AttributionVerdict(Attribution.NAMED_ONLY, source_name=line.name))
        if at < 0 and span is not None and (linked := _linked_name(page.body, span, ours)) is not None:
            where = page.body.path(linked[1].element, "a > img" if linked[1].alt else "a")
            verdict = replace(verdict, where=where, offset=linked[1].start, text=linked[1].alt or linked[1].text)
        return replace(verdict, reasons=(f"named: the source line names {line.name}, without a link",))
    source = page.declared
    places = (
        ("JSON-LD sourceOrganization", source.source_organization),
        ("JSON-LD isBasedOn", source.based_on),
        ("JSON-LD citation", source.citation),
        ("meta source", source.meta_source),
    )
    for where, names in places:
        name = first_name_in(names, ours.names) or next((v for v in names if ours.is_ours(v)), None)
        if name is not None:
            return AttributionVerdict(
                Attribution.NAMED_ONLY,
                source_name=name,
                where=where,
                text="; ".join(names)[:_EXCERPT],
                reasons=(f"declared_name: {where} names us; readers do not see it",),
            )
    return None
