"""A text fitted to a channel: within its limits, between words, never empty."""

from hypothesis import given
from hypothesis import strategies as st

from campaigns.bulletins.formatting import fit_text, split_paragraphs, within_bytes


def test_a_title_that_fits_is_left_alone() -> None:
    assert fit_text("Lịch  tiêm\nnhắc", 150) == "Lịch tiêm nhắc"
    assert fit_text("Lịch tiêm", None) == "Lịch tiêm"


def test_a_long_title_is_cut_between_words_and_marked() -> None:
    assert fit_text("Phân luồng tạm thời quanh công viên", 20) == "Phân luồng tạm thời…"


@given(st.text(min_size=1, max_size=300), st.integers(2, 80))
def test_no_text_is_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(fit_text(text, limit)) <= limit
    if text.split():
        assert fit_text(text, limit)


@given(st.lists(st.text(alphabet="ạđ ờn", min_size=1, max_size=40), max_size=8), st.integers(0, 200))
def test_no_body_has_more_bytes_than_its_limit(parts: list[str], limit: int) -> None:
    kept = within_bytes(split_paragraphs("\n\n".join(parts)), limit)
    assert sum(len(part.encode()) for part in kept) <= limit
