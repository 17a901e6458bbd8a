"""The bulletin that a post is about, suggested from its words, its day and the name of its picture."""

import datetime as dt

import pytest

from campaigns.republications.social.suggestions import (
    KnownBulletin,
    moment_in_picture,
    suggest_bulletin,
    words_in_picture,
    words_of,
)

DAY = dt.date(2026, 11, 24)
TITLES = (
    "Lịch tiêm nhắc vắc-xin sởi tại 30 phường, xã",
    "Lịch tiêm nhắc vắc-xin cúm tại 30 phường, xã",
    "Cấm đường phục vụ lễ hội hoa ở quảng trường trung tâm",
)
KNOWN = [KnownBulletin(n, f"BT-2026-11-24-{n:03}", title, DAY, words_of(title)) for n, title in enumerate(TITLES, 1)]


def number(words: str = "", file_name: str = "", day: dt.date | None = DAY) -> int | None:
    found = suggest_bulletin(KNOWN, words, file_name, day)
    return found.ident if found is not None else None


def test_the_first_words_of_a_post_name_their_bulletin_with_or_without_marks() -> None:
    assert number("CẤM ĐƯỜNG phục vụ lễ hội hoa") == 3
    assert number("cam duong phuc vu le hoi hoa o quang truong") == 3
    assert number("Lịch tiêm nhắc vắc xin sởi tại 30 phường, xã của thành phố") == 1


def test_two_bulletins_that_fit_alike_and_words_of_none_suggest_nothing() -> None:
    assert number("Lịch tiêm nhắc vắc xin tại 30 phường") is None
    assert number("Thời tiết hôm nay đẹp") is None
    assert number() is None


def test_a_code_is_that_bulletin_and_the_name_of_a_picture_counts_where_the_words_do_not() -> None:
    assert number("BT-2026-11-24-002 gì đó") == 2
    assert number("", "bt-2026-11-24-002.png") == 2
    assert number("BT-2020-01-01-001", "cam duong phuc vu le hoi hoa.png") is None
    assert number("ảnh", "cam duong phuc vu le hoi hoa.png") == 3
    assert number("cấm đường phục vụ lễ hội hoa", "lich tiem nhac vac xin soi.png") == 3


def test_a_bulletin_of_a_later_day_is_not_suggested() -> None:
    assert number("CẤM ĐƯỜNG phục vụ lễ hội hoa", day=DAY - dt.timedelta(days=1)) is None


SCREENSHOT = """9:41
Làng Mới
{moment} · 🌐
CẤM ĐƯỜNG PHỤC VỤ
LỄ HỘI HOA Ở QUẢNG TRƯỜNG
TRUNG TÂM
Từ 18 giờ các xe đi theo hướng dẫn
Thích  Bình luận  Chia sẻ"""


def test_the_lines_of_a_screenshot_that_name_a_bulletin_are_its_words() -> None:
    text = SCREENSHOT.format(moment="24 tháng 11 lúc 08:30")
    assert words_in_picture(KNOWN, text, DAY) == "CẤM ĐƯỜNG PHỤC VỤ LỄ HỘI HOA Ở QUẢNG TRƯỜNG TRUNG TÂM"
    assert words_in_picture(KNOWN, text.replace("LỄ HỘI HOA Ở QUẢNG TRƯỜNG", "thi công cầu vượt phía tây"), DAY) == ""
    assert words_in_picture(KNOWN, text, DAY - dt.timedelta(days=1)) == ""
    assert words_in_picture(KNOWN, "Ảnh\nBT-2026-11-24-002 của Sở", DAY) == "BT-2026-11-24-002 của Sở"
    assert words_in_picture(KNOWN, "", DAY) == ""


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("24 tháng 11 lúc 08:30", (DAY, dt.time(8, 30))),
        ("24 Tháng 11, 2026 lúc 8:30", (DAY, dt.time(8, 30))),
        ("24 tháng 11", (DAY, None)),
        ("25 tháng 11 lúc 08:30", (dt.date(2025, 11, 25), dt.time(8, 30))),
        ("08:30 23/11/2026", (dt.date(2026, 11, 23), dt.time(8, 30))),
        ("23/11/2026", (dt.date(2026, 11, 23), None)),
        ("31 tháng 2 lúc 08:30", None),
        ("25/11/2026", None),
        ("2 giờ", None),
    ],
)
def test_the_day_and_time_that_a_network_shows_are_read(
    moment: str, expected: tuple[dt.date, dt.time | None] | None
) -> None:
    assert moment_in_picture(SCREENSHOT.format(moment=moment), DAY) == expected
