"""A bulletin as a Zalo article: limits, paragraphs, the source line."""

import unicodedata

import pytest

from campaigns.publishing.transport import Act
from coordinator.channels.zalo_article import article, same_title
from coordinator.channels.zalo_settings import ZaloSettings
from tests.coordinator.channels.fakes import message

SETTINGS = ZaloSettings(
    app_id="1", oa_id="2", author="Cổng thông tin Thủ đô", cover_url="https://tin.thudo.example/bia.png"
)


def texts(**changes: object) -> list[str]:
    return [item["content"] for item in article(message(**changes), SETTINGS)["body"]]  # type: ignore[arg-type]  # fields of Message


def test_every_paragraph_is_an_item_and_the_source_with_its_address_comes_last() -> None:
    assert texts() == [
        "Các trạm y tế mở cửa từ 7:30.",
        "Mang theo thẻ bảo hiểm &amp; giấy tờ tùy thân.",
        "Nguồn: Sở Thông tin Thủ đô – https://tin.thudo.example/bulletins/BT-2026-11-24-001",
    ]


def test_line_breaks_control_characters_and_empty_paragraphs_do_not_reach_zalo() -> None:
    assert texts(paragraphs=("một\nhai\r\nba", " \n ", "bốn\x00\x1f\tnăm"))[:-1] == ["một hai ba", "bốn năm"]


def test_escaping_can_be_switched_off() -> None:
    plain = SETTINGS.model_copy(update={"escape_text": False})
    assert article(message(paragraphs=("a < b & c",)), plain)["body"][0]["content"] == "a < b & c"
    assert texts(paragraphs=("a < b & c",))[0] == "a &lt; b &amp; c"


def test_the_shape_is_the_documented_one() -> None:
    made = article(message(), SETTINGS)
    assert made["type"] == "normal"
    assert made["status"] == "show"
    assert made["comment"] == "hide"
    assert made["cover"] == {"cover_type": "photo", "photo_url": SETTINGS.cover_url, "status": "show"}
    assert "id" not in made
    assert article(message(), SETTINGS, "a1")["id"] == "a1"


def test_the_bulletins_own_picture_comes_before_the_default() -> None:
    made = article(message(cover_url="https://tin.thudo.example/anh.jpg"), SETTINGS)
    assert made["cover"]["photo_url"] == "https://tin.thudo.example/anh.jpg"


def test_title_author_and_lead_stay_within_the_limits() -> None:
    made = article(message(title="tiêm chủng " * 40, lead="lời dẫn " * 90, author="Sở " * 40), SETTINGS)
    assert len(made["title"]) <= 150
    assert len(made["description"]) <= 300
    assert len(made["author"]) <= 50


@pytest.mark.parametrize(("paragraphs", "expected"), [(("Đoạn đầu.",), "Đoạn đầu."), ((), message().title)])
def test_a_bulletin_without_a_lead_gets_one_for_zalo_demands_it(paragraphs: tuple[str, ...], expected: str) -> None:
    assert article(message(lead=" ", paragraphs=paragraphs), SETTINGS)["description"] == expected


def test_the_configured_author_stands_in_for_a_missing_one() -> None:
    made = article(message(author=""), SETTINGS)
    assert made["author"] == "Cổng thông tin Thủ đô"
    assert made["body"][-1]["content"].startswith("Nguồn: Cổng thông tin Thủ đô – https://")


def test_a_correction_says_what_it_corrects_before_the_source() -> None:
    lines = [item["content"] for item in article(message(Act.CORRECT, note="Sai ngày\ntiêm"), SETTINGS, "a1")["body"]]
    assert lines[-2] == "Đính chính: Sai ngày tiêm"
    assert lines[-1].startswith("Nguồn: ")


def test_titles_are_the_same_whatever_was_done_to_their_form() -> None:
    title = "Hòa Bình & Hà Nội: 6 trạm"
    assert same_title(title, unicodedata.normalize("NFD", title))
    assert same_title(title, "  HÒA BÌNH &amp; hà nội:  6 trạm ")
    assert not same_title(title, "Hòa Bình & Hà Nội: 7 trạm")
    long = "bản tin " * 40
    assert same_title(long, article(message(title=long), SETTINGS)["title"])
