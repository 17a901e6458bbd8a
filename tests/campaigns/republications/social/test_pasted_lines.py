"""Pasted lines: what is taken from a line, and how one that is not understood is named."""

import datetime as dt

import pytest

from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.social.pasted_lines import MOST_LINES, PastedLine, read_lines

TODAY = dt.date(2026, 11, 24)
URL = "https://www.facebook.com/a/posts/123456"


def one(text: str) -> PastedLine:
    (line,), refused = read_lines(text, TODAY)
    assert refused == []
    return line


@pytest.mark.parametrize(
    ("text", "day", "words"),
    [
        (URL, None, ""),
        (f"{URL} 24/11/2026 Lịch tiêm", dt.date(2026, 11, 24), "Lịch tiêm"),
        (f"{URL}\t24/11\tLịch tiêm", dt.date(2026, 11, 24), "Lịch tiêm"),
        (f"{URL}\t2026-11-20\tLịch tiêm", dt.date(2026, 11, 20), "Lịch tiêm"),
        (f"{URL} 30/12 Lịch tiêm", dt.date(2025, 12, 30), "Lịch tiêm"),
        (f"Lịch tiêm: {URL}", None, "Lịch tiêm:"),
        (f"24.11.2026; {URL} – Lịch tiêm", dt.date(2026, 11, 24), "Lịch tiêm"),
        (f"<{URL}>", None, ""),
        (f"{URL} 30 phường tiêm", None, "30 phường tiêm"),
        (f"{URL} 3.5 triệu liều", None, "3.5 triệu liều"),
        (f"{URL} 5-10 người mỗi ca", None, "5-10 người mỗi ca"),
        (f"{URL} 24-11-2026 5-10 người", dt.date(2026, 11, 24), "5-10 người"),
    ],
)
def test_a_line_gives_its_address_its_day_and_its_words(text: str, day: dt.date | None, words: str) -> None:
    assert one(text) == PastedLine(1, URL, day, words)


@pytest.mark.parametrize(
    ("rest", "time", "words"),
    [
        ("24/11 08:30 Lịch tiêm", dt.time(8, 30), "Lịch tiêm"),
        ("24/11/2026, lúc 8h05 Lịch tiêm", dt.time(8, 5), "Lịch tiêm"),
        ("18g00", dt.time(18), ""),
        ("24/11 8 giờ tiêm", None, "8 giờ tiêm"),
        ("24/11 10:30.5 km", None, "10:30.5 km"),
    ],
)
def test_a_time_may_stand_after_the_day(rest: str, time: dt.time | None, words: str) -> None:
    line = one(f"{URL} {rest}")
    assert (line.time, line.words) == (time, words)


@pytest.mark.parametrize(
    ("cell", "attribution"),
    [
        ("Nêu tên Sở", Attribution.NAMED_ONLY),
        ("nêu tên sở và có đường dẫn", Attribution.LINKED_AT_END),
        ("Nêu nguồn khác.", Attribution.NAMED_OTHER_SOURCE),
        ("Không thấy", Attribution.NOT_SEEN),
    ],
)
def test_a_cell_of_a_spreadsheet_says_what_the_picture_shows_of_the_source(cell: str, attribution: Attribution) -> None:
    line = one(f"{URL}\t24/11/2026\tLịch tiêm\t{cell}")
    assert (line.attribution, line.words) == (attribution, "Lịch tiêm")
    # The same words in the text of a post are words.
    assert one(f"{URL} 24/11/2026 Lịch tiêm {cell}").attribution is Attribution.NOT_SEEN


def test_of_a_short_link_and_the_address_it_leads_to_the_address_is_taken() -> None:
    for line in (f"https://fb.watch/aBc/ {URL} 24/11 Lịch", f"{URL} https://fb.watch/aBc/ 24/11 Lịch"):
        assert one(line) == PastedLine(1, URL, TODAY, "Lịch")
    assert one("https://vm.tiktok.com/ZMabc/ Lịch").url == "https://vm.tiktok.com/ZMabc/"
    assert [line.code for line in read_lines(f"{URL} 24/11 25:10 Lịch", TODAY)[1]] == ["bad_time"]


def test_an_address_without_a_scheme_is_taken_where_it_has_a_path() -> None:
    assert one("facebook.com/a/posts/123456 Lịch").url == "https://facebook.com/a/posts/123456"
    assert read_lines("Trang.vn đăng 3.500 lượt", TODAY)[1][0].code == "no_address"


def test_lines_that_are_not_understood_are_named_by_their_number() -> None:
    taken, refused = read_lines(f"{URL}\n\nkhông có\n{URL} 31/02/2026 a\nhttps://a.example/{'x' * 2100}", TODAY)
    assert [line.number for line in taken] == [1]
    assert [(line.number, line.code) for line in refused] == [(3, "no_address"), (4, "bad_day"), (5, "too_long")]


def test_more_lines_than_one_paste_takes_are_left_over() -> None:
    taken, refused = read_lines("\n".join(f"{URL}{n}" for n in range(MOST_LINES + 3)), TODAY)
    assert len(taken) == MOST_LINES
    assert {line.code for line in refused} == {"too_many"}
    assert len(refused) == 3
