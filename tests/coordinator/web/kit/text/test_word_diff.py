"""The difference of two texts, word by word."""

import random

import pytest

from coordinator.web.kit.text import word_diff
from coordinator.web.kit.text.word_diff import TextDiff, diff_html, diff_text


def kept(change: TextDiff, *signs: str) -> str:
    return "\n".join("".join(text for sign, text in paragraph if sign in signs) for paragraph in change.paragraphs)


def squeezed(text: str) -> list[str]:
    return text.split()


def test_the_same_text_has_no_change() -> None:
    change = diff_text("Một đoạn.\n\nHai đoạn.", "Một đoạn.\n\nHai đoạn.")
    assert not change
    assert change.paragraphs == ((("=", "Một đoạn."),), (("=", "Hai đoạn."),))


def test_a_word_for_a_word_is_one_place_gone_before_new() -> None:
    change = diff_text("Nhiều điểm bán hàng.", "Mười hai điểm bán hàng.")
    assert change.paragraphs == ((("-", "Nhiều"), ("+", "Mười hai"), ("=", " điểm bán hàng.")),)
    assert change.places == 1


def test_a_date_changes_as_a_whole() -> None:
    change = diff_text("đến 25/12, mở cửa", "đến 31/12, mở cửa")
    assert ("-", "25/12") in change.paragraphs[0]
    assert ("+", "31/12") in change.paragraphs[0]


def test_a_new_paragraph_is_one_of_its_own() -> None:
    change = diff_text("Một.", "Một.\n\nHai.")
    assert change.paragraphs == ((("=", "Một."),), (("+", "Hai."),))


def test_paragraphs_do_not_run_together_when_one_is_gone() -> None:
    change = diff_text("Một.\n\nHai.\n\nBa.", "Một.\n\nBa.")
    assert [paragraph[0] for paragraph in change.paragraphs] == [("=", "Một."), ("-", "Hai."), ("=", "Ba.")]


@pytest.mark.parametrize("seed", range(20))
def test_kept_and_new_make_the_new_text_kept_and_gone_the_old(seed: int) -> None:
    dice = random.Random(seed)
    words = ["trạm", "y", "tế", "mở", "thêm", "buổi", "tiêm", "cho", "trẻ", "24/11", "18", "tháng,", "5", "tuổi.", "-"]

    def text() -> str:
        return "\n\n".join(" ".join(dice.choices(words, k=dice.randrange(1, 12))) for _ in range(dice.randrange(0, 6)))

    before, after = text(), text()
    change = diff_text(before, after)
    assert squeezed(kept(change, "=", "+")) == squeezed(after)
    assert squeezed(kept(change, "=", "-")) == squeezed(before)
    assert bool(change) == (squeezed(before) != squeezed(after))


def test_a_link_that_changed_shows_in_the_source() -> None:
    change = diff_html(
        '<p>Xem <a href="https://a.example/">đây</a></p><p>Hai</p>',
        '<p>Xem <a href="https://b.example/">đây</a></p><p>Hai</p>',
    )
    assert change.places == 1
    assert any("b.example" in text for sign, text in change.paragraphs[0] if sign == "+")
    assert change.paragraphs[1] == (("=", "<p>Hai</p>"),)


def test_a_part_too_large_to_compare_is_shown_gone_and_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_diff, "MOST_PAIRS", 10)
    change = diff_text("một hai ba bốn năm", "một hai ba bốn sáu")
    assert change.paragraphs == ((("-", "một hai ba bốn năm"),), (("+", "một hai ba bốn sáu"),))
