"""Spellings of one word, with marks and without."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.core.vietnamese import fold
from campaigns.search.words import LONGEST_WORD, MOST_INDEXED, exact_text, folded_text, placed_words, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hòa bình", "hoà bình"),
        ("thúy", "thuý"),
        ("dịch", "dịch"),
        ("ĐỐNG ĐA", "đống đa"),
        ("Ðông", "Đông"),
        ("dịch\u200b\u00adbệnh", "dịchbệnh"),
    ],
)
def test_the_same_word_however_it_is_written(one: str, other: str) -> None:
    assert exact_text(one) == exact_text(other)


@pytest.mark.parametrize(("one", "other"), [("năm", "Nam"), ("đa", "da"), ("kỹ", "kĩ"), ("hòa", "hóa"), ("ma", "mạ")])
def test_other_words_agree_only_when_folded(one: str, other: str) -> None:
    assert exact_text(one) != exact_text(other)
    assert folded_text(one) == folded_text(other)


@given(st.text(max_size=60))
def test_a_folded_text_is_lower_case_letters_and_digits_with_single_spaces(text: str) -> None:
    for word in folded_text(text).split(" ") if folded_text(text) else []:
        assert word.isalnum()
        assert word == word.lower()


@given(st.text(st.characters(codec="utf-8"), max_size=80))
@example("0\u04830")
@example("a\u24b6b\ufe0fc")
def test_text_without_marks_has_the_folded_words_of_the_text_with_them(text: str) -> None:
    assert folded_text(fold(text)) == folded_text(text)


@given(st.text(max_size=80))
def test_placed_words_are_the_words_of_the_text(text: str) -> None:
    assert [place.word for place in placed_words(text)] == [
        word for place in placed_words(text) for word in words_of(text[place.start : place.end])
    ]


def test_words_and_texts_are_cut_at_the_length_that_both_databases_index() -> None:
    assert folded_text("x" * 10_000) == "x" * LONGEST_WORD
    assert len(folded_text("từ " * MOST_INDEXED)) == MOST_INDEXED
