"""The prefilter leaves out only pages that would have been judged to carry nothing, and leaves out unrelated ones."""

import random
from collections import Counter
from itertools import islice

import pytest

from benchmarks.corpus.bulletins import HOST, NAMES, Bulletin, bulletins, make, series
from benchmarks.corpus.edits import EDITS
from benchmarks.corpus.styles import STYLES, Article
from benchmarks.corpus.written import OURS
from benchmarks.newspages import copy_of, news_page, other_article
from campaigns.matching.fingerprints import grams, tokenize
from campaigns.matching.parsed_page import ParsedPage
from campaigns.matching.prefilter import carries_nothing
from campaigns.matching.prepared_bulletin import prepare_bulletin
from campaigns.republications.attribution.source_lines import SourceName
from campaigns.republications.attribution.verdicts import OurSource
from campaigns.republications.evidence.judgement import judge_page
from coordinator.discovery.pages.page import parse_page
from tests.campaigns.matching.hash_index import hash_index

KNOWN = [*bulletins(120), *series("s", 8)]
INDEX = hash_index(prepare_bulletin(bulletin.id, bulletin.title, bulletin.lead, bulletin.text) for bulletin in KNOWN)
WRITTEN = [make(f"w{number}", 500) for number in range(60)]
WRITTEN_INDEX = hash_index(
    prepare_bulletin(bulletin.id, bulletin.title, bulletin.lead, bulletin.text) for bulletin in WRITTEN
)
URL = "https://tinvui.example/bai.html"


def source_of(ident: str) -> OurSource:
    names = tuple(SourceName(name) for name in NAMES)
    return OurSource((f"https://{HOST}/bulletins/{ident}",), frozenset({HOST}), names)


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_no_page_that_is_left_out_would_have_been_judged_to_be_anything(style: str) -> None:
    seen = Counter[tuple[bool, bool]]()
    for number, edit in enumerate(EDITS):
        for at, bulletin in enumerate(islice(KNOWN, number % 7, None, 40)):
            dice = random.Random(f"{edit.name} {at}")
            copy = edit.apply(bulletin, dice)
            few = copy.paragraphs if at % 3 else copy.paragraphs[:1]
            others = dice.sample(KNOWN, 8) if number % 2 else []
            page = parse_page(STYLES[style](Article(copy.title, copy.lead, few, others=others)), URL)
            nothing = carries_nothing(page, INDEX)
            found = judge_page(page, INDEX, source_of)
            seen[nothing, bool(found)] += 1
            assert not (nothing and found), (edit.name, bulletin.id, found[0].reasons)
    assert seen[False, True] > 20


UNRELATED = Bulletin(
    "x",
    "Đội bóng chuyền nữ quận ven đô vào chung kết sau loạt năm ván nghẹt thở",
    "Đội trưởng ghi điểm quyết định ở ván cuối.",
    (
        (
            "Ván đầu kéo dài ba mươi hai phút, hai đội thay nhau dẫn trước đến khi cú đập chéo sân chạm vạch.",
            "Khán đài gần như không còn chỗ trống, nhiều người đứng xem từ lối đi.",
        ),
        ("Huấn luyện viên cho các cô gái nghỉ tập một ngày trước trận cuối cùng gặp đương kim vô địch.",),
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize("style", [name for name in STYLES if name != "noscript"])
def test_an_unrelated_article_among_boxes_that_announce_ours_is_left_out_and_a_copy_is_not(style: str) -> None:
    index = hash_index(prepare_bulletin(bulletin.id, bulletin.title, bulletin.lead, bulletin.text) for bulletin in OURS)
    page = parse_page(news_page(other_article(UNRELATED), style, 50_000, 1, OURS[:5]), URL)
    assert carries_nothing(page, index)
    assert judge_page(page, index, source_of) == []
    copy = parse_page(news_page(copy_of(OURS[6]), style, 50_000, 1, OURS[:5]), URL)
    assert not carries_nothing(copy, index)


def test_a_page_that_has_half_of_a_bulletin_is_left_to_judging() -> None:
    for bulletin in WRITTEN[:8]:
        words = bulletin.text.split()
        half = grams(tokenize(" ".join(words[: len(words) * 2 // 3])).words)
        assert WRITTEN_INDEX.lookup_all_runs(half) is None
        lead = grams(tokenize(f"{bulletin.title} {bulletin.lead}").words)
        found = WRITTEN_INDEX.lookup_all_runs(lead)
        assert found is not None
        assert bulletin.id in {bulletin.id for bulletin in found}


def test_a_teaser_that_is_the_page_is_not_left_out() -> None:
    bulletin = WRITTEN[5]
    page = parse_page(STYLES["article"](Article(bulletin.title, bulletin.lead, ['<a href="/x">Xem thêm</a>'])), URL)
    assert not carries_nothing(page, WRITTEN_INDEX)
    assert [found.bulletin for found in judge_page(page, WRITTEN_INDEX, source_of)] == [bulletin.id]


def test_a_headline_that_the_head_alone_has_counts_among_a_pages_words() -> None:
    bulletin = WRITTEN[6]
    html = f'<meta property="og:title" content="{bulletin.title}"><body><p>{bulletin.lead}</p><p>Hết.</p></body>'
    assert not carries_nothing(parse_page(html, URL), WRITTEN_INDEX)


def test_a_page_made_by_hand_and_one_like_too_many_bulletins_are_left_to_judging() -> None:
    assert not carries_nothing(ParsedPage(URL, text="Không có gì"), WRITTEN_INDEX)
    listing = "".join(f"<div><h3>{bulletin.title}</h3><p>{bulletin.lead}</p></div>" for bulletin in WRITTEN)
    many = hash_index(
        prepare_bulletin(f"{bulletin.id}-{copy}", bulletin.title, bulletin.lead, bulletin.text)
        for bulletin in WRITTEN
        for copy in range(2)
    )
    page = parse_page(f'<body><div class="related-news">{listing}</div><p>Tin khác</p></body>', URL)
    assert page.read_skim is not None
    assert many.lookup_all_runs(grams(tokenize(page.read_skim().text).words)) is None
    assert not carries_nothing(page, many)
