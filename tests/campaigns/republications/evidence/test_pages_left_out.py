"""A page whose words carry no bulletin is left out before its article is looked for; nothing is lost by that."""

import random
from collections import Counter
from itertools import islice

import pytest

from benchmarks.corpus.bulletins import HOST, NAMES, bulletins, series
from benchmarks.corpus.edits import EDITS
from benchmarks.corpus.news import article
from benchmarks.corpus.styles import STYLES, Article
from benchmarks.newspages import copy_of, news_page, other_article
from campaigns.matching.fingerprints import lookup_hashes, tokenize
from campaigns.matching.prepared_bulletin import prepare_bulletin
from campaigns.republications.attribution.source_lines import SourceName
from campaigns.republications.attribution.verdicts import OurSource
from campaigns.republications.evidence.judgement import judge_candidates, judge_page
from coordinator.discovery.pages.page import parse_page
from tests.campaigns.matching.hash_index import hash_index

KNOWN = [*bulletins(120), *series("s", 8), *(article(f"b{number}", 300) for number in range(100))]
INDEX = hash_index(prepare_bulletin(bulletin.id, bulletin.title, bulletin.lead, bulletin.text) for bulletin in KNOWN)
URL = "https://tinvui.example/bai.html"
BOXED = [name for name in STYLES if name != "noscript"]


def source_of(ident: str) -> OurSource:
    names = tuple(SourceName(name) for name in NAMES)
    return OurSource((f"https://{HOST}/bulletins/{ident}",), frozenset({HOST}), names)


def judged(html: str) -> list[tuple[str, str]]:
    """The bulletins of a page and their classes; the same when its article is judged in any case."""
    found = judge_page(parse_page(html, URL), INDEX, source_of)
    page = parse_page(html, URL)
    candidates = INDEX.lookup(lookup_hashes(tokenize(page.text).words))
    always = judge_candidates(page, candidates, source_of)
    assert [(copy.bulletin, copy.match.match) for copy in found] == [
        (copy.bulletin, copy.match.match) for copy in always
    ]
    return [(copy.bulletin, copy.match.match.value) for copy in found]


@pytest.mark.long
@pytest.mark.parametrize("style", STYLES)
def test_a_page_that_is_left_out_would_have_been_judged_to_carry_nothing(style: str) -> None:
    seen = Counter[bool]()
    for number, edit in enumerate(EDITS):
        for at, bulletin in enumerate(islice(KNOWN, number % 7, None, 40)):
            dice = random.Random(f"{edit.name} {at}")
            copy = edit.apply(bulletin, dice)
            few = copy.paragraphs if at % 3 else copy.paragraphs[:1]
            others = dice.sample(KNOWN, 8) if number % 2 else []
            seen[bool(judged(STYLES[style](Article(copy.title, copy.lead, few, others=others))))] += 1
    assert seen[True] > 20


@pytest.mark.parametrize("style", BOXED)
def test_an_article_of_others_among_boxes_that_announce_ours_carries_nothing(style: str) -> None:
    for number in range(3):
        html = news_page(other_article(article(f"x{number}", 300)), style, 50_000, number, KNOWN[130:142])
        assert judged(html) == []


@pytest.mark.parametrize("style", BOXED)
def test_a_copy_among_such_boxes_is_found(style: str) -> None:
    html = news_page(copy_of(KNOWN[150]), style, 50_000, 1, KNOWN[130:142])
    assert judged(html) == [(KNOWN[150].id, "full")]


def test_a_teaser_that_is_the_page_is_found() -> None:
    bulletin = KNOWN[160]
    html = STYLES["article"](Article(bulletin.title, bulletin.lead, ['<a href="/x">Xem thêm</a>']))
    assert judged(html) == [(bulletin.id, "teaser")]


def test_an_excerpt_outside_of_boxes_is_found_though_the_bulletin_is_announced_too() -> None:
    bulletin = KNOWN[161]
    quoted = [*article("x9", 200).lines, " ".join(bulletin.sentences[2:7])]
    html = STYLES["article"](Article("Bài khác hẳn của báo khác", "Dẫn riêng", quoted, others=[bulletin]))
    assert [ident for ident, _ in judged(html)] == [bulletin.id]
