"""Does the page say that it is ours: by a link to the bulletin, its address in letters, our name, or not at all."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit

from campaigns.core.errors import Invalid
from campaigns.tracking.locating import Span
from campaigns.tracking.naming import (
    SourceLine,
    SourceName,
    name_that_opens,
    names_of,
    our_name_in,
    read_source_line,
)
from campaigns.tracking.pages import Body, Link, ParsedPage, Region
from campaigns.tracking.urls import canonical_url, host_of, same_page

AT_END = 0.8  # a link behind this part of the copy stands at its end
_EXCERPT = 300  # characters of the source line that are kept

_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'()\[\]]{1,2000}"
    r"|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?::\d{1,5})?/[^\s<>\"'()\[\]]{1,2000}"
)
_CAPTION = re.compile(r"figcaption|caption|chu-?thich|(?:photo|img|image|pic)-?(?:desc|note|info)", re.IGNORECASE)
_MARKED = re.compile(
    r"(?:^|[.#_-])(?:source|nguon|author|tac-?gia|credit|origin|cite|byline|trich-?nguon)", re.IGNORECASE
)


class Attribution(Enum):
    """How a page says where its text comes from, the strongest first."""

    LINKED_AT_END = "linked_at_end"  # a link to the bulletin, behind four fifths of the text
    LINKED_ELSEWHERE = "linked_elsewhere"  # such a link in another place, or only in the page's head
    HOME_PAGE_ONLY = "home_page_only"  # a link to our site, not to the bulletin
    URL_TEXT_ONLY = "url_text_only"  # the bulletin's address to read or to copy, not to follow
    NAMED_ONLY = "named_only"  # our name and no address
    NAMED_OTHER_SOURCE = "named_other_source"  # another source's name
    NONE = "none"


# What counts as naming or linking us. A link to our front page and an address in letters are flawed, but they do it.
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
    """What counts as ours for one bulletin: its addresses (the canonical one, short links), our hosts, our names."""

    urls: tuple[str, ...]
    hosts: frozenset[str] = frozenset()
    names: tuple[SourceName, ...] = ()

    @cached_property
    def all_hosts(self) -> frozenset[str]:
        """Our hosts, those of the bulletin's addresses among them."""
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
        """A quick look: could this address be ours, or carry ours as a parameter?"""
        low = address.lower()
        return any(host in low for host in self._bare_hosts)

    def is_bulletin(self, url: str) -> bool:
        """Whether an address is the bulletin's, or lies below it (its copy kit, its text)."""
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
        """Whether an address lies on one of our hosts."""
        try:
            return host_of(url).removeprefix("www.") in self.all_hosts
        except Invalid:
            return False


@dataclass(frozen=True)
class AttributionVerdict:
    """How a page names its source, and the evidence.

    ``link_position``: how far into the copy the link stands, 0–1, 1 for behind it; None without a link in the text.
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


def _unwrapped(href: str) -> Iterator[str]:
    """The address itself, then those it carries as parameters: ``/out?to=https://…`` leads to the second."""
    yield href
    try:
        for _, value in parse_qsl(urlsplit(href).query):
            if value.startswith(("http://", "https://")):
                yield value
    except ValueError:
        return


def judge_attribution(page: ParsedPage, span: Span | None, ours: OurSource) -> AttributionVerdict:
    """How the page names the source of the copy at ``span`` (None: the copy could not be placed in the document).

    Looked at in order of weight: a visible link to the bulletin; a declaration in the head that is one; a link to our
    site; the bulletin's address in letters or in a field to copy; our name in a source line; our name declared in the
    head; another's name in a source line. Links in comments and in what is marked as hidden are not the page's word.
    """
    line, at = _source_line(page.body, span, ours)
    verdict = (
        _linked(page, span, ours)
        or _declared_link(page, ours)
        or _home_page(page, span, ours)
        or _in_letters(page.body, span, ours)
        or _named(page, line, at, ours)
    )
    if verdict is None:
        if line is None:
            return AttributionVerdict(
                Attribution.NONE, reasons=("no_source: no link to us, and no source named behind or above the text",)
            )
        verdict = _at(page.body, at, AttributionVerdict(Attribution.NAMED_OTHER_SOURCE, source_name=line.name))
        return replace(
            verdict,
            source_link=next((link.href for link in page.body.links if link.block == at), None),
            reasons=(f"other_source: the source line names {line.name}",),
        )
    if verdict.source_name is None and line is not None and line.ours and line.name not in ours.all_hosts:
        verdict = replace(verdict, source_name=line.name)
    if line is not None and not line.ours:
        verdict = replace(verdict, reasons=(*verdict.reasons, f"other_source: a source line also names {line.name}"))
    return verdict


def _at(body: Body, block: int, verdict: AttributionVerdict, leaf: str = "") -> AttributionVerdict:
    """The verdict with the block's place and words as evidence."""
    if not 0 <= block < len(body.blocks):
        return verdict
    part = body.blocks[block]
    return replace(verdict, where=body.path(part.element, leaf), offset=part.start, text=part.text[:_EXCERPT])


def _source_line(body: Body, span: Span | None, ours: OurSource) -> tuple[SourceLine | None, int]:
    """The source line of the copy and its block: one that names us wherever it stands, else the first of another's."""
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
        if at == span.last:
            text = _unmatched_end(block.text, span.end - block.start)
        line = read_source_line(text, names, marked=bool(_MARKED.search(labels)))
        if line is not None and line.ours:
            return line, at
        if line is not None and other[0] is None:
            other = line, at
    for start, end in body.cites:
        at = body.block_at(start)
        if 0 <= at < len(body.blocks) and (at in span.tail or at in span.byline):
            name = our_name_in(body.text[start:end], names)
            if name is not None:
                return SourceLine(True, name), at
    for at in (*span.byline, span.first):
        name = name_that_opens(body.blocks[at].text, names)
        if name is not None:
            return SourceLine(True, name), at
    return other


def _labels(body: Body, element: int) -> str:
    """What an element and those that hold little beside it are called."""
    found: list[str] = []
    while element >= 0 and len(found) < 3:
        one = body.elements[element]
        if found and one.end - one.first > 3:
            break
        found.append(one.label)
        element = one.parent
    return " ".join(found)


def _unmatched_end(text: str, matched: int) -> str:
    """What stands behind the matched words in the last block. When nothing does, its last sentence: a bulletin may end
    with its own source line, which its copy then carries."""
    rest = text[matched:].strip(" .;,:”\"'")
    if len(rest) > 3:
        return text[matched:].strip(" .;,”\"'")
    return re.split(r"(?<=[.!?…])\s+", text.strip())[-1]


def _linked(page: ParsedPage, span: Span | None, ours: OurSource) -> AttributionVerdict | None:
    body = page.body
    best: AttributionVerdict | None = None
    for link in body.links:
        if not ours.mentioned_in(link.href):
            continue
        unsaid = link.region in {Region.COMMENTS, Region.HIDDEN}
        if unsaid and (span is None or span.beside(link)):
            continue
        if not any(ours.is_bulletin(target) for target in _unwrapped(link.href)):
            continue
        if span is None:
            position, end = None, False
            why = "linked: a link to the bulletin; where in the text could not be told"
        else:
            position = round(span.position(link.start), 4)
            end = position >= AT_END and not span.beside(link) and link.block <= span.reach
            where = "at the end of the text" if end else "not at the end of the text"
            why = f"linked: a link to the bulletin, {where}"
        kind = Attribution.LINKED_AT_END if end else Attribution.LINKED_ELSEWHERE
        found = _at(body, link.block, AttributionVerdict(kind), "a")
        found = replace(
            found,
            source_name=_name_by(body, link, ours),
            source_link=link.href,
            link_position=position,
            offset=link.start,
            reasons=(why,),
        )
        if end:
            return found
        best = best or found
    return best


def _name_by(body: Body, link: Link, ours: OurSource) -> str | None:
    texts = [link.text]
    if 0 <= link.block < len(body.blocks) and len(body.blocks[link.block].text) <= 200:
        texts.append(body.blocks[link.block].text)
    return names_of(texts, ours.names)


def _declared_link(page: ParsedPage, ours: OurSource) -> AttributionVerdict | None:
    told = page.declared
    places: Iterable[tuple[str, Iterable[str]]] = (
        ("link[rel=canonical]", (page.canonical,) if page.canonical else ()),
        ("JSON-LD isBasedOn", told.based_on),
        ("JSON-LD citation", told.citation),
        ("meta source", told.meta_source),
    )
    for where, values in places:
        for value in values:
            if ours.is_bulletin(value):
                return AttributionVerdict(
                    Attribution.LINKED_ELSEWHERE,
                    source_link=value,
                    where=where,
                    text=value[:_EXCERPT],
                    reasons=(f"declared_link: {where} points to the bulletin; readers do not see it",),
                )
    return None


def _home_page(page: ParsedPage, span: Span | None, ours: OurSource) -> AttributionVerdict | None:
    if span is None:
        return None
    body = page.body
    found = [
        link
        for link in body.links
        if ours.mentioned_in(link.href)
        and not span.beside(link)
        and (span.first <= link.block <= span.reach or link.block in span.byline)
        and any(ours.is_ours(target) for target in _unwrapped(link.href))
    ]
    if not found:
        return None
    link = found[-1]
    verdict = _at(body, link.block, AttributionVerdict(Attribution.HOME_PAGE_ONLY), "a")
    return replace(
        verdict,
        source_name=_name_by(body, link, ours),
        source_link=link.href,
        link_position=round(span.position(link.start), 4),
        offset=link.start,
        reasons=("home_page: a link to our site, but not to the bulletin",),
    )


def _in_letters(body: Body, span: Span | None, ours: OurSource) -> AttributionVerdict | None:
    for box in body.boxes:
        apart = box.region not in {Region.MAIN, Region.HEADER, Region.HIDDEN}
        if apart and (span is None or span.beside(box)):
            continue
        if any(ours.is_bulletin(target) for target in _unwrapped(box.value.strip())):
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
                verdict = _at(body, at, AttributionVerdict(Attribution.URL_TEXT_ONLY))
                return replace(
                    verdict,
                    source_link=address,
                    offset=block.start + found.start(),
                    reasons=("url_text: the bulletin's address in letters; not a link",),
                )
    return None


def _named(page: ParsedPage, line: SourceLine | None, at: int, ours: OurSource) -> AttributionVerdict | None:
    if line is not None and line.ours:
        verdict = _at(page.body, at, AttributionVerdict(Attribution.NAMED_ONLY, source_name=line.name))
        return replace(verdict, reasons=(f"named: the source line names {line.name}, without a link",))
    told = page.declared
    places = (
        ("JSON-LD sourceOrganization", told.source_organization),
        ("JSON-LD isBasedOn", told.based_on),
        ("JSON-LD citation", told.citation),
        ("meta source", told.meta_source),
    )
    for where, values in places:
        name = names_of(values, ours.names) or next((v for v in values if ours.is_ours(v)), None)
        if name is not None:
            return AttributionVerdict(
                Attribution.NAMED_ONLY,
                source_name=name,
                where=where,
                text="; ".join(values)[:_EXCERPT],
                reasons=(f"declared_name: {where} names us; readers do not see it",),
            )
    return None
