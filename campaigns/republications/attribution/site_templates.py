"""The template of a site: what its pages carry that could be taken for a source, whatever article they show.

A footer that names us, a contact line, a designer's credit and a link in every page's margin are no attribution. One
page cannot tell them from a source line; a site's other pages can. They are learned from pages that carry nothing of
ours: a partner that always copies from us has the same source line on every copy, and that one counts.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from campaigns.core.errors import Invalid
from campaigns.discovery.urls import canonical_url
from campaigns.matching.fingerprints import fold
from campaigns.matching.parsed_page import DeclaredSource, PageBody, PageRegion, ParsedPage
from campaigns.republications.attribution.source_lines import begins_like_source, our_name_in, read_source_line
from campaigns.republications.attribution.verdicts import OurSource

# The page itself and two others; of a line with source words more, since a partner's other copies may have it too.
LEAST_OTHERS = 2
LEAST_OTHERS_OF_SOURCE_LINE = 3
LEAST_SHARE = 2 / 3  # of the other pages
LEAST_SHARE_OF_SOURCE_LINE = 0.9
_MAX_PARTS = 40  # of one page
_LONGEST = 300  # characters; a longer text is an article's
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class PagePart:
    """A text of a page that names us or reads as a source line, or a link to us: ``href`` with the text or the
    picture's description. A value of the page's head is a text."""

    text: str
    href: str = ""

    @cached_property
    def key(self) -> tuple[str, str]:
        """What makes it the same on another page: numbers, like dates and counts, may differ."""
        return _NUMBER.sub("0", fold(self.text)), _address(self.href)

    @property
    def is_source_line(self) -> bool:
        """Whether it begins with words for a source, like "Theo" or "Nguồn:"."""
        return not self.href and begins_like_source(self.text.lstrip("(*- "))


def _address(href: str) -> str:
    try:
        return canonical_url(href) if href else ""
    except Invalid:
        return href


def source_parts(page: ParsedPage, ours: OurSource) -> tuple[PagePart, ...]:
    """Return what of a page may be taken for a source, each once, at most 40."""
    names, body = ours.names_and_hosts, page.body
    found: dict[PagePart, None] = {}
    for link in body.links:
        if ours.mentioned_in(link.href):
            found[PagePart((link.text or link.alt)[:_LONGEST], link.href[:2000])] = None
    for block in body.blocks:
        text = block.text
        if len(text) > _LONGEST or block.region is PageRegion.COMMENTS:
            continue
        if ours.mentioned_in(text) or our_name_in(text, names) or read_source_line(text, names):
            found[PagePart(text)] = None
    for value in _declared(page.declared):
        if our_name_in(value, names) or ours.mentioned_in(value):
            found[PagePart(value[:_LONGEST])] = None
    return tuple(found)[:_MAX_PARTS]


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
            link._replace(**outside) if self.has(link.text or link.alt, link.href) else link for link in body.links
        )
        same = all(a is b for a, b in zip((*blocks, *links), (*body.blocks, *body.links), strict=True))
        return body if same else replace(body, blocks=blocks, links=links)


NO_TEMPLATE = SiteTemplate()


def common_parts(pages: Sequence[Iterable[PagePart]]) -> SiteTemplate:
    """Return the template of a site, given the parts of its pages that carry nothing of ours.

    A part stands on at least two of them and on two thirds; one with source words on three and on nine tenths.
    """
    counted = Counter[tuple[str, str]]()
    first: dict[tuple[str, str], PagePart] = {}
    for parts in pages:
        for key, part in {part.key: part for part in parts}.items():
            counted[key] += 1
            first.setdefault(key, part)
    found = []
    for key, count in counted.most_common():
        lined = first[key].is_source_line
        least = LEAST_OTHERS_OF_SOURCE_LINE if lined else LEAST_OTHERS
        share = LEAST_SHARE_OF_SOURCE_LINE if lined else LEAST_SHARE
        if count >= max(least, share * len(pages)):
            found.append(TemplatePart(first[key], count, len(pages)))
    return SiteTemplate(tuple(found))
