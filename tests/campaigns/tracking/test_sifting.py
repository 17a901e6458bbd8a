"""Sifting: what it leaves out would have been judged to be nothing, and it leaves out what can be."""

import random
from collections import Counter
from itertools import islice

import pytest

from benchmarks.corpus.bulletins import HOST, NAMES, bulletins, series
from benchmarks.corpus.edits import EDITS
from benchmarks.corpus.styles import STYLES, Article
from benchmarks.newspages import Writer, copy_of, news_page, other_article
from campaigns.tracking.attribution import OurSource
from campaigns.tracking.candidates import CandidateIndex
from campaigns.tracking.fingerprints import grams, tokenize
from campaigns.tracking.judging import judge
from campaigns.tracking.naming import SourceName
from campaigns.tracking.pages import ParsedPage
from campaigns.tracking.prepared import prepare
from campaigns.tracking.sifting import carries_nothing
from coordinator.discovery.page import parse_page

KNOWN = [*bulletins(120), *series("s", 8)]
INDEX = CandidateIndex(prepare(one.id, one.title, one.lead, one.text) for one in KNOWN)
WRITER = Writer()
WRITTEN = [WRITER.bulletin(f"w{number}", 500) for number in range(60)]
WRITTEN_INDEX = CandidateIndex(prepare(one.id, one.title, one.lead, one.text) for one in WRITTEN)
URL = "https://tinvui.example/bai.html"


def source_of(ident: str) -> OurSource:
    names = tuple(SourceName(name) for name in NAMES)
    return OurSource((f"https://{HOST}/bulletins/{ident}",), frozenset({HOST}), names)


@pytest.mark.parametrize("style", STYLES)
def test_no_page_that_is_left_out_would_have_been_judged_to_be_anything(style: str) -> None:
    seen = Counter[tuple[bool, bool]]()
    for number, edit in enumerate(EDITS):
        for at, one in enumerate(islice(KNOWN, number % 7, None, 40)):
            dice = random.Random(f"{edit.name} {at}")
            copy = edit.apply(one, dice)
            few = copy.paragraphs if at % 3 else copy.paragraphs[:1]
            others = dice.sample(KNOWN, 8) if number % 2 else []
            page = parse_page(STYLES[style](Article(copy.title, copy.lead, few, others=others)), URL)
            nothing = carries_nothing(page, INDEX)
            found = judge(page, INDEX, source_of)
            seen[nothing, bool(found)] += 1
            assert not (nothing and found), (edit.name, one.id, found[0].reasons)
    assert seen[False, True] > 20


def test_most_articles_of_others_among_boxes_that_announce_ours_are_left_out() -> None:
    left_out = 0
    styles = [name for name in STYLES if name != "noscript"]
    for number, style in enumerate(styles):
        teasers = random.Random(number).sample(WRITTEN, 10)
        other = other_article(WRITER.bulletin(f"x{number}", 600))
        page = parse_page(news_page(other, style, 50_000, number, teasers), URL)
        left_out += carries_nothing(page, WRITTEN_INDEX)
        assert judge(page, WRITTEN_INDEX, source_of) == []
        copy = parse_page(news_page(copy_of(WRITTEN[number]), style, 50_000, number, teasers), URL)
        assert not carries_nothing(copy, WRITTEN_INDEX)
    # Where a turn of nine words of a headline stands in the article too, only judging can tell.
    assert left_out >= len(styles) - 2


def test_a_page_that_has_half_of_a_bulletin_is_sifted_no_further() -> None:
    for one in WRITTEN[:8]:
        words = one.text.split()
        half = grams(tokenize(" ".join(words[: len(words) * 2 // 3])).words)
        assert WRITTEN_INDEX.sift(half) is None
        lead = grams(tokenize(f"{one.title} {one.lead}").words)
        found = WRITTEN_INDEX.sift(lead)
        assert found is not None
        assert one.id in {bulletin.id for bulletin in found}


def test_a_teaser_that_is_the_page_is_not_left_out() -> None:
    one = WRITTEN[5]
    page = parse_page(STYLES["article"](Article(one.title, one.lead, ['<a href="/x">Xem thêm</a>'])), URL)
    assert not carries_nothing(page, WRITTEN_INDEX)
    assert [found.bulletin for found in judge(page, WRITTEN_INDEX, source_of)] == [one.id]


def test_a_headline_that_the_head_alone_has_counts_among_a_pages_words() -> None:
    one = WRITTEN[6]
    html = f'<meta property="og:title" content="{one.title}"><body><p>{one.lead}</p><p>Hết.</p></body>'
    assert not carries_nothing(parse_page(html, URL), WRITTEN_INDEX)


def test_a_page_made_by_hand_and_one_like_too_many_bulletins_are_left_to_judging() -> None:
    assert not carries_nothing(ParsedPage(URL, text="Không có gì"), WRITTEN_INDEX)
    listing = "".join(f"<div><h3>{one.title}</h3><p>{one.lead}</p></div>" for one in WRITTEN)
    many = CandidateIndex(
        prepare(f"{one.id}-{copy}", one.title, one.lead, one.text) for one in WRITTEN for copy in range(2)
    )
    page = parse_page(f'<body><div class="related-news">{listing}</div><p>Tin khác</p></body>', URL)
    assert page.read_skim is not None
    assert many.sift(grams(tokenize(page.read_skim().text).words)) is None
    assert not carries_nothing(page, many)
