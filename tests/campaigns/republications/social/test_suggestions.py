"""The bulletin that a post is about, suggested from its words, its day and the name of its picture."""

import datetime as dt

from campaigns.republications.social.suggestions import KnownBulletin, suggest_bulletin, words_of

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
