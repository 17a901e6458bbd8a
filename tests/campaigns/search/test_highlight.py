"""Highlighted words, and the snippet with most of them."""

from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.vietnamese import nfc
from campaigns.search.highlight import highlight_text, snippet
from campaigns.search.query import parse_query


def hits(text: str, typed: str) -> list[str]:
    return [piece.text for piece in highlight_text(text, parse_query(typed)) if piece.hit]


def test_words_are_marked_with_marks_or_without() -> None:
    assert hits("Phòng, chống dịch sởi", "phong dich") == ["Phòng", "dịch"]
    assert hits("Đường Láng", "duong la") == ["Đường", "Láng"]


def test_where_the_word_stands_as_typed_others_are_not_marked() -> None:
    assert hits("Việt Nam năm nay", "năm") == ["năm"]
    assert hits("Việt Nam", "năm") == ["Nam"]


def test_a_snippet_shows_the_place_where_most_different_words_stand() -> None:
    text = "Sởi là bệnh. " + "Câu đệm không nói gì. " * 30 + "Lịch tiêm vắc-xin sởi tại phường." + " Câu đệm." * 30
    shown = snippet(text, parse_query("tiêm sởi"))
    words = "".join(piece.text for piece in shown)
    assert "Lịch tiêm vắc-xin sởi" in words
    assert words.startswith("… ")
    assert words.endswith(" …")
    assert [piece.text for piece in shown if piece.hit] == ["tiêm", "sởi"]


def test_a_text_without_the_words_has_no_snippet() -> None:
    assert snippet("Không có gì ở đây", parse_query("sởi")) == ()


@given(st.text(max_size=300), st.text(max_size=20))
def test_the_pieces_are_the_text_and_nothing_is_lost(text: str, typed: str) -> None:
    assert "".join(piece.text for piece in highlight_text(text, parse_query(typed))) == nfc(text)
    snippet(text, parse_query(typed), size=40)
