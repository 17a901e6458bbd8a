"""The template of a site: what its pages carry that could be taken for a source, whatever article they show.

A footer that names us, a contact line, a designer's credit and a link in every page's margin are no attribution. One
page cannot tell them from a source line; a site's other pages can. They are learned from pages that carry nothing of
ours: a partner that always copies from us has the same source line on every copy, and that one counts. Nor is a source
line in another article learned, since it may say the same of a text of ours that is not known.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from campaigns.core.errors import Invalid
from campaigns.discovery.urls import canonical_url
from campaigns.matching.fingerprints import fold
from campaigns.matching.parsed_page import DeclaredSource, PageBody, PageLink, PageRegion, ParsedPage
from campaigns.republications.attribution.source_lines import our_name_in, read_source_line
from campaigns.republications.attribution.verdicts import SOURCE_WORDS, OurSource

LEAST_OTHERS = 2  # pages, beside the one that is judged
LEAST_SHARE = 2 / 3  # of the other pages
LEAST_OTHERS_LINED = 3  # of a line with source words, which must stand on all of them
_MAX_PARTS = 40  # of one page
_LONGEST = 300  # characters; a longer text is an article's
_PARAGRAPH = 120  # characters
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class PagePart:
    """A text of a page that names us or reads as a source line, or a link to us: ``href`` with the line it stands in,
    or the picture's description. A value of the page's head is a text.

    ``lined``: a line with source words near the article, which may be the other article's own.
    """

    text: str
    href: str = ""
    lined: bool = field(default=False, compare=False)

    @cached_property
    def key(self) -> tuple[str, str]:
        """What makes it the same on another page: numbers, like dates and counts, may differ."""
        return _NUMBER.sub("0", fold(self.text)), _address(self.href)


def _address(href: str) -> str:
    try:
        return canonical_url(href) if href else ""
    except Invalid:
        return href


def source_parts(page: ParsedPage, ours: OurSource) -> tuple[PagePart, ...]:
    """Return what of a page may be taken for a source, each once, at most 40."""
    names, body = ours.names_and_hosts, page.body
    found: dict[PagePart, None] = {}
    text_root, root = _article_roots(body)
    for link in body.links:
        lined = _has_source_words(body, link.block)
        if not ours.mentioned_in(link.href) or link.region is PageRegion.COMMENTS:
            continue
        if not (lined and _is_inside(body, link.element, text_root)):
            near = lined and _is_inside(body, link.element, root)
            found[PagePart(_line_of(body, link), link.href[:2000], near)] = None
    for at, block in enumerate(body.blocks):
        text = block.text
        if len(text) > _LONGEST or block.region is PageRegion.COMMENTS:
            continue
        lined = _has_source_words(body, at)
        if lined and _is_inside(body, block.element, text_root):
            continue
        if ours.mentioned_in(text) or our_name_in(text, names) or read_source_line(text, names):
            found[PagePart(text, lined=lined and _is_inside(body, block.element, root))] = None
    for value in _declared(page.declared):
        if our_name_in(value, names) or ours.mentioned_in(value):
            found[PagePart(value[:_LONGEST])] = None
    return tuple(found)[:_MAX_PARTS]


def _line_of(body: PageBody, link: PageLink) -> str:
    """Return the text of the block that a link stands in; of a picture its description."""
    if link.start == link.end or link.block >= len(body.blocks):
        return link.alt[:_LONGEST]
    return body.blocks[link.block].text[:_LONGEST]


def _article_roots(body: PageBody) -> tuple[int, int]:
    """Return the smallest elements with all paragraphs behind the headline, without it and with it; -1 for none."""
    apart = {PageRegion.NAV, PageRegion.FOOTER, PageRegion.RELATED, PageRegion.COMMENTS}
    paragraphs = [
        at
        for at, block in enumerate(body.blocks)
        if at > body.headline and len(block.text) >= _PARAGRAPH and block.region not in apart
    ]
    if not paragraphs:
        return -1, -1
    root = body.blocks[paragraphs[0]].element
    text_root = -1
    while root >= 0:
        node = body.elements[root]
        if node.first <= paragraphs[0] and paragraphs[-1] < node.end:
            text_root = root if text_root < 0 else text_root
            if node.first <= body.headline or body.headline < 0:
                break
        root = node.parent
    return text_root, root


def _is_inside(body: PageBody, element: int, root: int) -> bool:
    while element > root:  # ancestors come before their descendants
        element = body.elements[element].parent
    return element == root


def _has_source_words(body: PageBody, block: int) -> bool:
    return 0 <= block < len(body.blocks) and SOURCE_WORDS.search(fold(body.blocks[block].text[:_LONGEST])) is not None


def _declared(source: DeclaredSource) -> tuple[str, ...]:
    return (*source.based_on, *source.citation, *source.source_organization, *source.meta_source)


@dataclass(frozen=True)
class TemplatePart:
    """A part of a template, and on how many of the pages compared it stands."""

    part: PagePart
    pages: int
    of: int


@dataclass(frozen=True)
class SiteTemplate:
    """The parts that a site's pages share."""

    parts: tuple[TemplatePart, ...] = ()

    @cached_property
    def _keys(self) -> frozenset[tuple[str, str]]:
        return frozenset(each.part.key for each in self.parts)

    def has(self, text: str, href: str = "") -> bool:
        """Whether a text, or a link with its text, belongs to the template."""
        return PagePart(text[:_LONGEST], href[:2000]).key in self._keys

    def without(self, page: ParsedPage) -> ParsedPage:
        """Return the page with the parts of the template set apart as in a footer; the same page when it has none."""
        body = self._set_apart(page.body) if self.parts else page.body
        declared = page.declared
        if self.parts and any(self.has(value) for value in _declared(declared)):
            declared = replace(
                declared,
                based_on=self._others(declared.based_on),
                citation=self._others(declared.citation),
                source_organization=self._others(declared.source_organization),
                meta_source=self._others(declared.meta_source),
            )
        if body is page.body and declared is page.declared:
            return page
        return ParsedPage(
            url=page.url, title=page.title, h1=page.h1, canonical=page.canonical, declared=declared,
            read_body=lambda: body,
        )  # fmt: skip

    def _others(self, values: Iterable[str]) -> tuple[str, ...]:
        return tuple(value for value in values if not self.has(value))

    def _set_apart(self, body: PageBody) -> PageBody:
        outside: dict[str, Any] = {"region": PageRegion.FOOTER, "barrier": len(body.elements) + 1}
        blocks = tuple(block._replace(**outside) if self.has(block.text) else block for block in body.blocks)
        links = tuple(
            link._replace(**outside) if self.has(_line_of(body, link), link.href) else link for link in body.links
        )
        same = all(a is b for a, b in zip((*blocks, *links), (*body.blocks, *body.links), strict=True))
        return body if same else replace(body, blocks=blocks, links=links)


NO_TEMPLATE = SiteTemplate()


def common_parts(pages: Sequence[Iterable[PagePart]]) -> SiteTemplate:
    """Return the template of a site, given the parts of its pages that carry nothing of ours: those that stand on at
    least two of them and on two thirds; a line with source words near the article on three, and on all of them."""
    counted = Counter[tuple[str, str]]()
    first: dict[tuple[str, str], PagePart] = {}
    for parts in pages:
        for key, part in {part.key: part for part in parts}.items():
            counted[key] += 1
            first.setdefault(key, part)
    found = []
    for key, count in counted.most_common():
        if first[key].lined and count < max(LEAST_OTHERS_LINED, len(pages)):
            continue
        if count >= max(LEAST_OTHERS, LEAST_SHARE * len(pages)):
            found.append(TemplatePart(first[key], count, len(pages)))
    return SiteTemplate(tuple(found))
