"""The parsing of search queries."""

from hypothesis import given
from hypothesis import strategies as st

from campaigns.search.query import MOST_WORDS, parse_query


def rows(typed: str) -> list[list[str]]:
    return [[word.folded for word in term.words] for term in parse_query(typed).terms]


def test_words_stand_anywhere_and_quoted_ones_in_a_row() -> None:
    assert rows("phòng dịch") == [["phong"], ["dich"]]
    assert rows('tin "phòng dịch" mới') == [["tin"], ["phong", "dich"], ["moi"]]
    assert rows("“phòng dịch”") == [["phong", "dich"]]


def test_an_unclosed_quote_is_none() -> None:
    assert rows('"phòng dịch') == [["phong"], ["dich"]]
    assert parse_query('"phòng dịch').open


def test_what_is_written_together_stands_in_a_row() -> None:
    assert len(rows("12/GP-TTĐT")) == 1
    assert len(rows("BT-2026-11-24-001 sởi")) == 2


def test_only_the_last_unquoted_word_may_be_a_beginning() -> None:
    assert parse_query("duong la").open
    assert not parse_query('"duong la"').open
    assert parse_query("duong l").open
    assert not parse_query("d").open


def test_signs_alone_ask_for_nothing() -> None:
    assert not parse_query("!@#$%^&*()_+-=[]{}|;':,./<>?~` \x00\n")
    assert not parse_query("")
    assert not parse_query('""')


@given(st.text(max_size=600))
def test_nothing_typed_is_wrong_and_no_more_than_so_many_words_are_read(typed: str) -> None:
    assert sum(len(term.words) for term in parse_query(typed).terms) <= MOST_WORDS
