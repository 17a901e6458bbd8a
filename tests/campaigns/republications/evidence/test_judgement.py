"""Judgement of a page and its outcome."""

import json
from datetime import UTC, datetime

import pytest

from campaigns.core.errors import Invalid
from campaigns.discovery.urls import profile_of
from campaigns.matching.matcher import Match, prepare_bulletin
from campaigns.matching.parsed_page import ParsedPage, TimeClaim, TimeOrigin
from campaigns.republications.attribution.source_lines import SourceName
from campaigns.republications.attribution.verdicts import NAMES_US, Attribution, OurSource
from campaigns.republications.evidence.judgement import (
    JudgementOutcome,
    JudgementSettings,
    counted_address,
    decide_outcome,
    judge_page,
)
from coordinator.discovery.pages.page import parse_page
from tests.campaigns.matching.hash_index import hash_index
from tests.campaigns.matching.sample_texts import OUR_HOST, OUR_NAME, STYLES, bulletin, page_html, paragraphs, wire

KNOWN = {f"b{seed}": bulletin(seed) for seed in range(60)}
INDEX = hash_index([prepare_bulletin(sample.id, sample.title, sample.lead, sample.text) for sample in KNOWN.values()])
URL = "https://www.tinvui.example/doi-song/bai.html?utm_source=zalo"


def source_of(ident: str) -> OurSource:
    return OurSource((KNOWN[ident].url,), frozenset({OUR_HOST}), (SourceName(OUR_NAME),))


@pytest.mark.parametrize("match", list(Match))
@pytest.mark.parametrize("attribution", list(Attribution))
def test_only_full_or_partial_text_with_our_name_or_link_is_confirmed(match: Match, attribution: Attribution) -> None:
    decision = decide_outcome(match, attribution)
    if match in {Match.FULL, Match.PARTIAL}:
        named = attribution not in {Attribution.NONE, Attribution.NAMED_OTHER_SOURCE, Attribution.NOT_SEEN}
        assert (attribution in NAMES_US) == named
        assert decision.outcome is (JudgementOutcome.CONFIRMED if named else JudgementOutcome.REVIEW)
    elif match in {Match.EXCERPT, Match.PICTURE}:
        assert decision.outcome is JudgementOutcome.REVIEW
    elif match is Match.TEASER:
        assert decision.outcome is JudgementOutcome.TEASER
    else:
        assert decision.outcome is JudgementOutcome.NOTHING
    assert decision.reasons


@pytest.mark.parametrize("attribution", list(Attribution))
def test_a_picture_is_confirmed_as_a_text_is_where_no_person_has_to_look(attribution: Attribution) -> None:
    sure = decide_outcome(Match.PICTURE, attribution, picture_agrees=True).outcome
    assert sure is decide_outcome(Match.FULL, attribution).outcome
    assert decide_outcome(Match.PICTURE, attribution, picture_agrees=False).outcome is JudgementOutcome.REVIEW
    assert (
        decide_outcome(Match.PICTURE, attribution, front=True, picture_agrees=True).outcome is JudgementOutcome.REVIEW
    )


@pytest.mark.parametrize("style", STYLES)
def test_a_copy_is_judged_whole(style: str) -> None:
    sample = KNOWN["b3"]
    html = page_html(
        sample.title,
        paragraphs([sample.lead, *sample.paragraphs]),
        tail=f'<p>Theo <a href="{sample.url}">{OUR_NAME}</a></p>',
        teasers=[KNOWN[f"b{seed}"] for seed in range(20, 40)],
        style=style,
        head='<meta property="article:published_time" content="2026-11-24T07:30:00+07:00">',
    )
    (found,) = judge_page(parse_page(html, URL), INDEX, source_of)
    assert (found.bulletin, found.match.match, found.match.title_kept) == ("b3", Match.FULL, True)
    assert found.attribution.attribution is Attribution.LINKED_AT_END
    assert found.published is not None
    assert (found.published.at.isoformat(), found.published.origin) == ("2026-11-24T07:30:00+07:00", TimeOrigin.META)
    assert found.canonical_url == "https://www.tinvui.example/doi-song/bai.html"
    assert found.decision.outcome is JudgementOutcome.CONFIRMED
    assert [reason.partition(":")[0] for reason in found.reasons] == ["full", "title_kept", "linked", "confirmed"]


@pytest.mark.parametrize("style", STYLES)
def test_teasers_beside_another_article_are_not_its(style: str) -> None:
    html = page_html(
        "Bài của người khác",
        paragraphs(wire(4).split("\n")),
        teasers=[KNOWN[f"b{at}"] for at in range(20)],
        style=style,
    )
    assert judge_page(parse_page(html, URL), INDEX, source_of) == []


def test_a_page_that_is_only_a_teaser_is_counted_apart() -> None:
    sample = KNOWN["b4"]
    html = page_html(sample.title, f'<p>{sample.lead}</p><p><a href="{sample.url}">Đọc tiếp</a></p>')
    (found,) = judge_page(parse_page(html, URL), INDEX, source_of)
    assert (found.match.match, found.decision.outcome) == (Match.TEASER, JudgementOutcome.TEASER)


def test_the_same_text_without_our_name_goes_to_a_person() -> None:
    sample = KNOWN["b5"]
    html = page_html(sample.title, paragraphs(sample.paragraphs), tail="<p>Theo Báo Chiều Tối</p>")
    (found,) = judge_page(parse_page(html, URL), INDEX, source_of)
    assert found.attribution.attribution is Attribution.NAMED_OTHER_SOURCE
    assert found.decision.outcome is JudgementOutcome.REVIEW


def test_each_of_two_bulletins_on_one_page_has_its_own_source() -> None:
    sample, other = KNOWN["b6"], KNOWN["b7"]
    html = page_html(
        "Tin vắn",
        paragraphs(sample.paragraphs)
        + f'<p>Theo <a href="{sample.url}">{OUR_NAME}</a></p>'
        + paragraphs(other.paragraphs),
    )
    by_id = {found.bulletin: found for found in judge_page(parse_page(html, URL), INDEX, source_of)}
    assert by_id["b6"].attribution.attribution is Attribution.LINKED_AT_END
    assert by_id["b7"].attribution.attribution is not Attribution.LINKED_AT_END


@pytest.mark.parametrize("front", ["https://www.tinvui.example", "https://tinvui.example/?utm_source=zalo#tin"])
def test_a_whole_article_on_the_front_page_is_no_copy_of_its_own(front: str) -> None:
    sample = KNOWN["b8"]
    html = page_html(
        sample.title, paragraphs(sample.paragraphs), tail=f'<p>Theo <a href="{sample.url}">{OUR_NAME}</a></p>'
    )
    assert judge_page(parse_page(html, URL), INDEX, source_of)[0].decision.outcome is JudgementOutcome.CONFIRMED
    (found,) = judge_page(parse_page(html, front), INDEX, source_of)
    assert (found.match.match, found.decision.outcome) == (Match.FULL, JudgementOutcome.REVIEW)
    assert found.decision.reasons[0].startswith("front_page: ")


def test_what_feeds_gave_and_when_it_was_first_seen_are_the_last_resort() -> None:
    sample = KNOWN["b8"]
    page = parse_page(page_html(sample.title, paragraphs(sample.paragraphs)), URL)
    seen = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    (judgement,) = judge_page(
        page, INDEX, source_of, claims=[TimeClaim(TimeOrigin.FEED, "2026-11-23T20:00:00Z")], first_seen=seen
    )
    assert judgement.published is not None
    assert judgement.published.origin is TimeOrigin.FEED
    (first,) = judge_page(page, INDEX, source_of, first_seen=seen)
    assert first.published is not None
    assert (first.published.at, first.published.origin) == (seen, TimeOrigin.FIRST_SEEN)


def test_a_page_with_no_address_is_refused() -> None:
    with pytest.raises(Invalid):
        judge_page(ParsedPage("khong-phai", text=KNOWN["b8"].text), INDEX, source_of)


class TestCanonical:
    """The address a page counts under."""

    def test_its_own_declaration_on_the_same_site_counts(self) -> None:
        page = ParsedPage("https://m.tinvui.example/bai.html?amp=1", canonical="https://www.tinvui.example/bai.html")
        assert counted_address(page) == "https://www.tinvui.example/bai.html"

    def test_a_declaration_of_another_site_does_not(self) -> None:
        page = ParsedPage("https://tinvui.example/bai.html", canonical="https://tin.thudo.example/bulletins/b1")
        assert counted_address(page) == "https://tinvui.example/bai.html"

    def test_a_declaration_of_the_front_page_does_not(self) -> None:
        page = ParsedPage("https://tinvui.example/bai.html", canonical="https://tinvui.example/")
        assert counted_address(page) == "https://tinvui.example/bai.html"
        assert counted_address(ParsedPage("https://tinvui.example", canonical="https://tinvui.example/")) == (
            "https://tinvui.example/"
        )

    def test_a_declaration_that_is_no_address_does_not(self) -> None:
        page = ParsedPage("https://tinvui.example/bai.html", canonical="https://tinvui.example/" + "a" * 5000)
        assert counted_address(page) == "https://tinvui.example/bai.html"

    def test_the_sites_profile_is_used(self) -> None:
        settings = JudgementSettings(profile=profile_of("https://tinvui.example"))
        page = ParsedPage("http://m.tinvui.example/Bai.html")
        assert counted_address(page, settings.profile) == "https://tinvui.example/bai.html"


def test_a_list_of_articles_without_any_marks_is_no_teaser() -> None:
    other = KNOWN["b7"]
    items = "".join(
        f'<div><a href="/{sample.id}.html">{sample.title}</a><p>{sample.lead}</p></div>'
        for sample in list(KNOWN.values())[10:20]
    )
    html = f"<title>Bài khác</title><h1>Bài khác của trang</h1>{paragraphs([wire(5)])}<div>{items}</div>"
    assert judge_page(parse_page(html, URL), INDEX, source_of) == []
    teaser = f"<title>{other.title}</title><h1>{other.title}</h1><p>{other.lead}</p><a href='/xem'>Xem tiếp</a>"
    assert [judgement.decision.outcome for judgement in judge_page(parse_page(teaser, URL), INDEX, source_of)] == [
        JudgementOutcome.TEASER
    ]


def test_a_short_text_in_a_box_beside_an_article_is_not_the_articles() -> None:
    short = bulletin(77, 2)
    known = hash_index([prepare_bulletin("b77", short.title, "", short.text)])
    box = f'<div class="tin-lien-quan"><a href="/b77.html">{short.title}</a><p>{short.text}</p></div>'
    html = f"<title>Bài khác</title><h1>Bài khác của trang</h1>{paragraphs([wire(6, 30)])}{box}"
    ours = OurSource((short.url,), frozenset({OUR_HOST}), (SourceName(OUR_NAME),))
    assert judge_page(parse_page(html, URL), known, lambda _: ours) == []


@pytest.mark.parametrize("shown", [False, True])
def test_a_copy_that_stands_in_the_data_of_its_page_is_judged_like_any_and_the_reasons_say_so(shown: bool) -> None:
    sample = KNOWN["b3"]
    text = paragraphs([sample.lead, *sample.paragraphs]) + f'<p>Theo <a href="{sample.url}">{OUR_NAME}</a></p>'
    data = json.dumps({"@type": "NewsArticle", "headline": sample.title, "articleBody": text})
    html = (
        f"<html><head><title>{sample.title}</title></head><body><div id=root>{text if shown else ''}</div>"
        f'<script type="application/ld+json">{data}</script></body></html>'
    )
    (judged,) = judge_page(parse_page(html, URL), INDEX, source_of)
    assert (judged.bulletin, judged.match.match) == ("b3", Match.FULL)
    assert judged.attribution.attribution is Attribution.LINKED_AT_END
    assert judged.decision.outcome is JudgementOutcome.CONFIRMED
    said = [reason for reason in judged.reasons if reason.startswith("page_data:")]
    assert bool(said) is not shown
    assert shown or "JSON-LD articleBody" in said[0]
