"""Counter images: every load raw, guarded against programs and double clicks, and nothing kept that names a reader."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.tracking.views import REPEAT, View, count_view, find_by_counter, is_program, visitor_mark
from tests.factories import NOW, published

BROWSER = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "agent",
    [
        "", " ", "Googlebot/2.1", "curl/8.9", "Wget/1.25", "python-requests/2.32", "facebookexternalhit/1.1",
        "Mozilla/5.0 (compatible; bingbot/2.0)", "HeadlessChrome/140", "WhatsApp Preview", "Uptime-Monitor",
    ],
)  # fmt: skip
def test_programs_that_say_so_are_no_readers(agent: str) -> None:
    assert is_program(agent)


@pytest.mark.parametrize("agent", [BROWSER, "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Chrome/140.0"])
def test_readers_are_no_programs(agent: str) -> None:
    assert not is_program(agent)


def test_a_double_click_counts_once_guarded_and_twice_raw(session: Session) -> None:
    bulletin = published(session)
    given = {"host": "trang.example", "visitor": "a" * 16, "agent": BROWSER}
    told = [
        count_view(session, bulletin, **given, now=NOW),
        count_view(session, bulletin, **given, now=NOW + REPEAT / 2),
        count_view(session, bulletin, **given, now=NOW + REPEAT + timedelta(seconds=1)),
    ]
    assert told == [True, False, True]
    assert session.execute(sa.select(sa.func.count()).select_from(View)).scalar_one() == 3


def test_somebody_who_keeps_clicking_counts_once_in_each_while(session: Session) -> None:
    bulletin = published(session)
    guarded = [
        count_view(session, bulletin, host="", visitor="a" * 16, agent=BROWSER, now=NOW + timedelta(seconds=10 * step))
        for step in range(10)
    ]
    assert sum(guarded) == 4  # at 0, 30, 60 and 90 seconds


def test_a_mark_tells_two_readers_apart_and_nothing_else() -> None:
    secret = b"k" * 32
    one = visitor_mark(secret, DAY, "203.0.113.7", BROWSER, "BT-1")
    assert len(one) == 16
    assert one == visitor_mark(secret, DAY, "203.0.113.99", BROWSER, "BT-1")  # the same network
    others = {
        visitor_mark(secret, DAY, "203.0.114.7", BROWSER, "BT-1"),
        visitor_mark(secret, DAY, "203.0.113.7", BROWSER + " x", "BT-1"),
        visitor_mark(secret, DAY, "203.0.113.7", BROWSER, "BT-2"),
        visitor_mark(secret, DAY + timedelta(days=1), "203.0.113.7", BROWSER, "BT-1"),
        visitor_mark(b"l" * 32, DAY, "203.0.113.7", BROWSER, "BT-1"),
    }
    assert len(others | {one}) == 6


def test_readers_of_one_ipv6_site_share_a_mark() -> None:
    marks = {visitor_mark(b"k", DAY, address, BROWSER, "BT-1") for address in ("2001:db8:1:2::3", "2001:db8:1:9::7")}
    assert len(marks) == 1


def test_a_short_ipv6_address_is_cut_to_its_network_too() -> None:
    near = {visitor_mark(b"k", DAY, address, BROWSER, "BT-1") for address in ("2001:db8::1", "2001:db8:0:5::1")}
    assert len(near) == 1


def test_an_address_is_the_same_however_it_is_written() -> None:
    marks = {visitor_mark(b"k", DAY, address, BROWSER, "BT-1") for address in ("::ffff:203.0.113.7", "203.0.113.9")}
    assert len(marks) == 1
    assert len(visitor_mark(b"k", DAY, "", BROWSER, "BT-1")) == 16


def test_the_day_is_the_citys(session: Session) -> None:
    late = NOW.replace(hour=17, minute=30)  # half past midnight in the city
    count_view(session, published(session), host="", visitor="a" * 16, agent=BROWSER, now=late)
    assert session.execute(sa.select(View.day)).scalar_one() == date(2026, 11, 25)


def test_a_token_finds_its_bulletin_and_a_guess_none(session: Session) -> None:
    bulletin = published(session)
    assert find_by_counter(session, bulletin.counter_token) is bulletin
    assert find_by_counter(session, "0" * 32) is None
