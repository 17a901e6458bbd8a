from dataclasses import replace

import pytest
from hypothesis import given
from selectolax.lexbor import LexborHTMLParser

from coordinator.feeds.item import body_with_media, clean_text, copy_html, copy_text, recall_notice, usage_terms
from tests.coordinator.feeds.samples import (
    POSTED,
    POSTER,
    SOURCE,
    VIDEO,
    hard_text,
    item,
    recalled,
    spoken,
    survives,
)  # fmt: skip


@given(hard_text)
def test_text_is_cleaned_to_the_characters_that_xml_allows(text: str) -> None:
    assert clean_text(text) == survives(text)
    assert clean_text(clean_text(text)) == clean_text(text)
    assert item(title=text).title == survives(text)


def test_composed_and_decomposed_letters_stay_as_they_were() -> None:
    assert clean_text("ệ ê\u0323") == "ệ ê\u0323"


@pytest.mark.parametrize("write", [copy_html, copy_text])
def test_the_text_of_a_recalled_bulletin_is_not_handed_out(write: object) -> None:
    with pytest.raises(ValueError, match="recalled"):
        write(recalled())  # type: ignore[operator]  # parametrize gives objects


def test_notes_names_and_addresses_cannot_become_markup() -> None:
    html = copy_html(item(note="<b>&", url='https://a.example/"><script>', counter_url='https://a.example/" onload="x'))
    assert "<b>" not in html
    assert "<script>" not in html
    assert '" onload' not in html


def test_a_copy_has_players_above_the_text_and_their_words_below_it() -> None:
    html = copy_html(spoken())
    shown = LexborHTMLParser(html)
    video = shown.css_first("video")
    assert video is not None
    assert video.attributes["src"] == VIDEO.url
    assert video.attributes["poster"] == POSTER.url
    assert (video.attributes["width"], video.attributes["height"], "controls" in video.attributes) == (
        "1080", "1920", True,
    )  # fmt: skip
    # A player takes captions from another host only where it asks for both without cookies.
    assert video.attributes["crossorigin"] == "anonymous"
    track = video.css_first("track")
    assert track is not None
    assert (track.attributes["src"], track.attributes["kind"]) == (VIDEO.captions_url, "captions")
    order = [
        html.index(words) for words in ("<img", "<video", "<audio", "d.pdf", "Phụ huynh mang theo", "Tiêm là phòng")
    ]
    assert order == sorted(order)
    paragraphs = [node.text() for node in shown.css("p")]
    assert "Theo dõi trẻ ba mươi phút < một giờ." in paragraphs
    assert "Lời thoại: Y tá tiêm & dặn phụ huynh" in paragraphs
    assert not shown.css("details")


def test_a_picture_that_is_shown_already_is_not_shown_twice_but_its_words_are() -> None:
    within = f'<figure><img src="{POSTED.url}" alt=""></figure>'
    for html in (body_with_media(spoken(), POSTED.url), body_with_media(spoken(body_html=within))):
        assert html.count("Tiêm là phòng.") == 1
        assert html.count("<img") == html.count(within)


def test_hard_descriptions_and_transcripts_stay_text() -> None:
    hard = replace(VIDEO, alt='"><script>x</script>', text="<script>y</script>\n\n&amp;", captions_url='x"><b>')
    html = copy_html(item(media=(hard,)))
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;y&lt;/script&gt;" in html
    assert "<p>&amp;amp;</p>" in html


def test_a_plain_copy_tells_the_correction_and_ends_with_the_source() -> None:
    feed_item = item(note="Sửa giờ tiêm")
    assert copy_text(feed_item).split("\n\n")[-2:] == [
        "Đính chính: Sửa giờ tiêm",
        f"Nguồn: {SOURCE.name} – {feed_item.url}",
    ]


def test_a_notice_names_the_bulletin_and_the_reason_but_nothing_of_its_text() -> None:
    notice = recall_notice(recalled())
    assert "BT-2026-11-24-002" in notice
    assert "Sai số liệu" in notice
    assert "NHẦM" not in notice
    assert "Lý do" not in recall_notice(item(recalled_at=item().released_at))


def test_the_terms_name_the_department() -> None:
    assert SOURCE.name in usage_terms(SOURCE.name)
