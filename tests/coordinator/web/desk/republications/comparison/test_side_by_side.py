"""Two texts side by side: every character of ours is shown once, and the numbers link across."""

import random
import re

import pytest

from coordinator.web.desk.republications.comparison.side_by_side import PassageOffsets, TextBlock, TextSide, align_texts

OURS = "Tiêu đề của ta\n\nĐoạn một của bản tin có đủ chữ.\n\nĐoạn hai không có bên kia.\n\nĐoạn ba 100 người."
THEIRS = (
    "Menu\nĐầu trang\nTiêu đề khác\nĐoạn một của bản tin có đủ chữ.\nHọ thêm một câu.\nĐoạn ba 200 người.\n"
    "Nguồn: Sở\nXem thêm\nTin khác"
)


def quad(ours: str, theirs: str) -> PassageOffsets:
    """Return the passage of these words in both texts."""
    at, there = OURS.index(ours), THEIRS.index(theirs)
    return [at, at + len(ours), there, there + len(theirs)]


PASSAGES = [quad("Đoạn một của bản tin có đủ chữ", "Đoạn một của bản tin có đủ chữ"), quad("Đoạn ba", "Đoạn ba")]


def kinds(blocks: tuple[TextBlock, ...]) -> list[str]:
    return [block.kind for block in blocks]


def numbers(side: TextSide) -> list[int]:
    pieces = [*side.title, *(piece for block in side.blocks for piece in block.pieces)]
    return sorted(piece.number for piece in pieces if piece.first and piece.number is not None)


def test_what_is_shared_missing_and_added_is_distinguished() -> None:
    ours, theirs = align_texts(OURS, THEIRS, PASSAGES, headline="Tiêu đề khác", source="Nguồn: Sở")
    assert "".join(piece.text for piece in ours.title) == "Tiêu đề của ta"
    assert kinds(ours.blocks) == ["text", "lost", "text"]
    assert "".join(piece.text for piece in theirs.title) == "Tiêu đề khác"
    assert kinds(theirs.blocks) == ["text", "theirs", "text", "source"]
    assert numbers(ours) == numbers(theirs) == [1, 2]


def test_what_stands_around_the_article_is_left_out_and_counted() -> None:
    _, theirs = align_texts(OURS, THEIRS, PASSAGES, headline="Tiêu đề khác", source="Nguồn: Sở")
    assert "Menu" not in "".join(block.text for block in theirs.blocks)
    assert (theirs.before, theirs.after) == (2, 2)


def test_the_full_stop_behind_a_passage_is_shared_too() -> None:
    ours, _ = align_texts(OURS, THEIRS, PASSAGES)
    assert ours.blocks[0].pieces[0].text.endswith("chữ.")
    assert len(ours.blocks[0].pieces) == 1


def test_a_changed_figure_stays_in_its_sentence() -> None:
    ours, _ = align_texts(OURS, THEIRS, [*PASSAGES, quad("người", "người")])
    last = ours.blocks[-1]
    assert [(piece.text, piece.number) for piece in last.pieces] == [("Đoạn ba", 2), (" 100 ", None), ("người.", 3)]


def test_a_short_passage_gives_way_to_a_longer_one_that_holds_it() -> None:
    small = [0, 7, THEIRS.index("của bản"), THEIRS.index("của bản") + 7]
    ours, theirs = align_texts(OURS, THEIRS, [small, *PASSAGES])
    assert numbers(ours) == numbers(theirs) == [1, 2]
    assert all(piece.number is None for piece in ours.title)


def test_without_any_passage_both_texts_are_still_there() -> None:
    ours, theirs = align_texts(OURS, THEIRS, [], headline="Tiêu đề khác")
    assert kinds(ours.blocks) == ["lost"] * 3
    assert set(kinds(theirs.blocks)) == {"theirs"}


def test_a_page_without_text_and_a_bulletin_without_text_are_borne() -> None:
    ours, theirs = align_texts("", "", [[0, 5, 0, 5]], headline="")
    assert ours.blocks == theirs.blocks == ()


@pytest.mark.parametrize("seed", range(60))
def test_every_word_of_ours_is_shown_once_whatever_the_passages(seed: int) -> None:
    chance = random.Random(seed)  # test data, not a secret
    passages = []
    for _ in range(chance.randrange(8)):
        at, there = chance.randrange(-3, len(OURS) + 5), chance.randrange(-3, len(THEIRS) + 5)
        length = chance.randrange(40)
        passages.append([at, at + length, there, there + length])
    ours, theirs = align_texts(OURS, THEIRS, passages, headline="Tiêu đề khác", source="Nguồn: Sở")
    shown = "".join(piece.text for piece in ours.title) + "".join(block.text for block in ours.blocks)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", OURS)
    pieces = [piece for block in theirs.blocks for piece in block.pieces]
    firsts = [piece.number for piece in [*theirs.title, *pieces] if piece.first]
    assert len(firsts) == len(set(firsts))  # an id is unique on a page
