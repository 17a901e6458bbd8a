"""A bulletin as a Zalo article: limits, items, pictures, the source line."""

import unicodedata
from typing import Any

import pytest

from campaigns.channels.transport import DeliveryAct
from coordinator.channels import registry
from coordinator.channels.zalo.article import article_body, left_out, same_title
from coordinator.channels.zalo.settings import ZaloSettings
from tests.coordinator.channels.fakes import message

SETTINGS = ZaloSettings(
    app_id="1", oa_id="2", author="Cổng thông tin Thủ đô", cover_url="https://tin.thudo.example/bia.png"
)


def texts(*paragraphs: str) -> list[str]:
    """The items of a message that has a plain text only."""
    wanted = message(body_html="", paragraphs=paragraphs)
    return [item["content"] for item in article_body(wanted, SETTINGS)["body"]]


def body(html: str, **changes: Any) -> list[dict[str, Any]]:
    """The items of a text, without the source."""
    found: list[dict[str, Any]] = article_body(message(body_html=html, **changes), SETTINGS)["body"]
    return found[:-1]


def test_every_paragraph_is_an_item_and_the_source_with_its_address_comes_last() -> None:
    assert texts("Các trạm y tế mở cửa từ 7:30.", "Mang theo thẻ bảo hiểm & giấy tờ.") == [
        "Các trạm y tế mở cửa từ 7:30.",
        "Mang theo thẻ bảo hiểm &amp; giấy tờ.",
        "Nguồn: Sở Thông tin Thủ đô – https://tin.thudo.example/bulletins/BT-2026-11-24-001",
    ]


def test_line_breaks_control_characters_and_empty_paragraphs_do_not_reach_zalo() -> None:
    assert texts("một\nhai\r\nba", " \n ", "bốn\x00\x1f\tnăm")[:-1] == ["một hai ba", "bốn năm"]


def test_escaping_can_be_switched_off() -> None:
    plain = SETTINGS.model_copy(update={"escape_text": False})
    assert article_body(message(body_html="", paragraphs=("a < b & c",)), plain)["body"][0]["content"] == "a < b & c"
    assert texts("a < b & c")[0] == "a &lt; b &amp; c"


def test_the_shape_is_the_documented_one() -> None:
    made = article_body(message(), SETTINGS)
    assert made["type"] == "normal"
    assert made["status"] == "show"
    assert made["comment"] == "hide"
    assert made["cover"] == {"cover_type": "photo", "photo_url": SETTINGS.cover_url, "status": "show"}
    assert "id" not in made
    assert article_body(message(), SETTINGS, "a1")["id"] == "a1"


def test_the_bulletins_own_picture_comes_before_the_default() -> None:
    made = article_body(message(cover_url="https://tin.thudo.example/anh.jpg"), SETTINGS)
    assert made["cover"]["photo_url"] == "https://tin.thudo.example/anh.jpg"


def test_title_author_and_lead_stay_within_the_limits() -> None:
    made = article_body(message(title="tiêm chủng " * 40, lead="lời dẫn " * 90, author="Sở " * 40), SETTINGS)
    assert len(made["title"]) <= 140
    assert len(made["description"]) <= 250
    assert len(made["author"]) <= 50


@pytest.mark.parametrize(("paragraphs", "expected"), [(("Đoạn đầu.",), "Đoạn đầu."), ((), message().title)])
def test_a_bulletin_without_a_lead_gets_one_for_zalo_demands_it(paragraphs: tuple[str, ...], expected: str) -> None:
    assert article_body(message(lead=" ", body_html="", paragraphs=paragraphs), SETTINGS)["description"] == expected


def test_the_configured_author_stands_in_for_a_missing_one() -> None:
    made = article_body(message(author=""), SETTINGS)
    assert made["author"] == "Cổng thông tin Thủ đô"
    assert made["body"][-1]["content"].startswith("Nguồn: Cổng thông tin Thủ đô – https://")


def test_a_correction_says_what_it_corrects_before_the_source() -> None:
    lines = [
        item["content"]
        for item in article_body(message(DeliveryAct.CORRECT, note="Sai ngày\ntiêm"), SETTINGS, "a1")["body"]
    ]
    assert lines[-2] == "Đính chính: Sai ngày tiêm"
    assert lines[-1].startswith("Nguồn: ")


def test_titles_are_the_same_whatever_was_done_to_their_form() -> None:
    title = "Hòa Bình & Hà Nội: 6 trạm"
    assert same_title(title, unicodedata.normalize("NFD", title), SETTINGS)
    assert same_title(title, "  HÒA BÌNH &amp; hà nội:  6 trạm ", SETTINGS)
    assert not same_title(title, "Hòa Bình & Hà Nội: 7 trạm", SETTINGS)
    long = "bản tin " * 40
    assert same_title(long, article_body(message(title=long), SETTINGS)["title"], SETTINGS)


def test_lists_and_tables_are_lines_as_the_preview_shows_them() -> None:
    html = (
        "<h2>Lịch</h2><ul><li>Một</li><li>Hai</li></ul><table><tr><th>Quận</th><th>Ngày</th></tr>"
        "<tr><td>Ba Đình</td><td>24/11</td></tr></table>"
    )
    assert [item["content"] for item in body(html)] == ["Lịch", "• Một", "• Hai", "Quận | Ngày", "Ba Đình | 24/11"]


PICTURES = (
    "<p>Đầu.</p><p><img src='https://anh.thudo.example/a.jpg' alt='Trạm y tế'></p>"
    "<p><a href='https://anh.thudo.example/v.mp4'>Xem video</a></p>"
)


def test_pictures_and_videos_are_items_of_their_own() -> None:
    assert body(PICTURES)[1:] == [
        {"type": "image", "url": "https://anh.thudo.example/a.jpg", "caption": "Trạm y tế"},
        {"type": "video", "url": "https://anh.thudo.example/v.mp4", "thumb": SETTINGS.cover_url},
    ]


def test_without_pictures_there_is_text_and_the_default_cover_only() -> None:
    wanted = message(body_html=PICTURES, cover_url="https://anh.thudo.example/bia.jpg", without_pictures=True)
    made = article_body(wanted, SETTINGS)
    assert made["cover"]["photo_url"] == SETTINGS.cover_url
    assert {item["type"] for item in made["body"]} == {"text"}
    assert made["body"][1]["content"] == "Xem video: https://anh.thudo.example/v.mp4"
    plain = SETTINGS.model_copy(update={"pictures_in_text": False})
    assert {item["type"] for item in article_body(message(body_html=PICTURES), plain)["body"]} == {"text"}


def test_what_zalo_cannot_open_is_left_out_and_told() -> None:
    html = "<p>Đầu.</p><p><img src='http://localhost:8800/pictures/a.jpg' alt=''></p>"
    assert [item["type"] for item in body(html)] == ["text"]
    assert "left out" in left_out(message(body_html=html), SETTINGS)
    assert "default cover" in left_out(message(cover_url="http://192.168.1.4/a.jpg"), SETTINGS)
    assert left_out(message(cover_url="https://tin.thudo.example/a.jpg"), SETTINGS) == ""


def test_the_limits_are_settings_of_the_channel() -> None:
    usual = registry.capabilities_of("zalo", SETTINGS.model_dump(exclude_none=True))
    assert (usual.max_title, usual.max_lead) == (140, 250)
    longer = SETTINGS.model_copy(update={"title_length": 150, "lead_length": 300})
    assert len(article_body(message(title="a" * 400), longer)["title"]) == 150
    own = registry.capabilities_of("zalo", longer.model_dump(exclude_none=True))
    assert (own.max_title, own.max_lead) == (150, 300)
    assert registry.capabilities_of("zalo", {"broken": 1}).max_title == 140
