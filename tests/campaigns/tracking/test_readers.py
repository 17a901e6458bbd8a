"""Marks tell two readers of one day apart and nothing else; repeats are told by the moments alone."""

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from campaigns.tracking.readers import REPEAT, chains, mark, network
from tests.factories import NOW

SALT = b"k" * 32


def test_a_mark_is_sixteen_digits_and_another_for_any_other_part_or_salt() -> None:
    marks = {
        mark(SALT, "a", "b"),
        mark(SALT, "a", "c"),
        mark(SALT, "ab"),
        mark(b"l" * 32, "a", "b"),
        mark(SALT, "a", "b", ""),
    }
    assert len(marks) == 5
    assert {len(one) for one in marks} == {16}
    assert mark(SALT, "a", "b") == mark(SALT, "a", "b")


def test_an_address_is_cut_to_its_network_however_it_is_written() -> None:
    assert network("203.0.113.7") == network("203.0.113.99") == network("::ffff:203.0.113.9") == "203.0.113.0/24"
    assert network("203.0.114.7") != network("203.0.113.7")
    assert network("2001:db8:1:2::3") == network("2001:db8:1:9::7") != network("2001:db8:2::3")
    assert network("2001:db8::1") == network("2001:db8:0:5::1")
    assert network("") == network("nonsense") == ""


def test_a_mark_takes_any_text_a_header_may_hold() -> None:
    assert len(mark(SALT, "\udcff", "\x00", "đ")) == 16


def test_loads_closer_than_half_a_minute_are_one_view_however_long_it_goes_on() -> None:
    every_ten = [NOW + timedelta(seconds=10 * step) for step in range(100)]
    assert chains(every_ten) == 1
    assert chains([]) == 0
    assert chains([NOW, NOW + REPEAT - timedelta(seconds=1)]) == 1
    assert chains([NOW, NOW + REPEAT]) == 2


@given(st.lists(st.integers(0, 300), max_size=30), st.randoms())
def test_the_order_of_loads_does_not_matter(seconds: list[int], dice: random.Random) -> None:
    moments = [NOW + timedelta(seconds=one) for one in seconds]
    mixed = list(moments)
    dice.shuffle(mixed)
    assert chains(mixed) == chains(moments)
