"""Pasted lines: what is taken from a line, and how one that is not understood is named."""

import datetime as dt

import pytest

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
