"""Words as they are kept: what is the same word, and what both databases can keep of a long text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.searching.words import (
    LONGEST_WORD,
    MOST_BYTES,
    MOST_OF_ONE,
    MOST_WORDS,
    _marked_word,
    _plain_word,
    indexed,
    words_of,
)
from campaigns.tracking.fingerprints import fold


def exact(text: str) -> list[str]:
    return [word.exact for word in words_of(text)]


def folded(text: str) -> list[str]:
    return [word.folded for word in words_of(text)]


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
    assert exact(one) == exact(other)


@pytest.mark.parametrize(("one", "other"), [("năm", "Nam"), ("đa", "da"), ("kỹ", "kĩ"), ("hòa", "hóa"), ("ma", "mạ")])
def test_other_words_agree_only_when_folded(one: str, other: str) -> None:
    assert exact(one) != exact(other)
    assert folded(one) == folded(other)


@given(st.text(max_size=60))
def test_every_word_is_ascii_letters_and_digits_and_begins_with_a_letter(text: str) -> None:
    for word in words_of(text):
        for written in (word.exact, word.folded):
            assert written.isascii()
            assert written.isalnum()
            assert written[0].isalpha()
            assert written == written.lower()


LETTERS = st.text(st.sampled_from("abzđêấ019éжtk"), min_size=1, max_size=6)


@given(LETTERS, LETTERS)
def test_a_written_word_begins_with_another_exactly_when_the_word_does(one: str, other: str) -> None:
    (first,), (second,) = words_of(one), words_of(other)
    assert first.folded.startswith(second.folded) == fold(one).startswith(fold(other))
    assert (first.folded == second.folded) == (fold(one) == fold(other))


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_text_without_marks_has_the_folded_words_of_the_text_with_them(text: str) -> None:
    assert folded(fold(text)) == folded(text)


@given(st.text("aAyYzZ019kK", min_size=1, max_size=LONGEST_WORD + 5))
def test_a_plain_word_is_told_as_any_word_is(raw: str) -> None:
    assert _plain_word(raw) == _marked_word(raw)


LINES = st.lists(st.text(st.sampled_from("aýđyz9 -\u0301\u0958."), max_size=300), max_size=6).map("\n".join)


@given(LINES, LINES)
def test_what_is_kept_of_lines_is_what_is_kept_of_the_whole(head: str, body: str) -> None:
    if len(words_of(head)) + len(words_of(body)) > MOST_OF_ONE:
        return  # then what is kept is limited, see below
    kept = indexed(head, body)
    assert (kept.exact_head.split(), kept.folded_head.split()) == (exact(head), folded(head))
    assert (kept.exact_body.split(), kept.folded_body.split()) == (exact(body), folded(body))


def test_short_texts_of_many_words_are_kept_within_limits_too() -> None:
    head, body = "\n".join(["a"] * 150), "\n".join(["a"] * 100)
    kept = indexed(head, body)
    assert (len(kept.folded_head.split()), len(kept.folded_body.split())) == (150, MOST_OF_ONE - 150)


def test_a_text_longer_than_any_bulletin_is_kept_within_what_both_databases_keep() -> None:
    whole = indexed("tin", " ".join(f"từ{number}" for number in range(3 * MOST_WORDS)))
    assert len(whole.folded_body.split()) == MOST_WORDS - 1
    same = indexed("", "lặp " * 5000)
    assert same.folded_body.split() == ["lap"] * MOST_OF_ONE
    strange = indexed("", " ".join("жф" * 15 + str(number) for number in range(MOST_WORDS)))
    assert len(strange.exact_body) < MOST_BYTES + 1000
