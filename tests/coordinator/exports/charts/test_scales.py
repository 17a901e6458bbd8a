import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.exports.charts.scales import axis_days, round_step, spread_labels, ticks
from coordinator.exports.charts.text_fit import labels_overlap, text_width, thinned_labels, truncated_text, wrapped_text


@pytest.mark.parametrize(
    ("top", "parts", "expected"),
    [(13420, 6, (0, 2500, 5000, 7500, 10000, 12500)), (1101, 3, (0, 400, 800)), (3, 5, (0, 1, 2, 3)), (0, 5, (0,))],
)
def test_an_axis_has_round_whole_steps(top, parts, expected):
    assert ticks(top, parts) == expected


@given(st.floats(0, 1e9), st.integers(1, 8))
def test_a_step_covers_the_span_in_the_parts_asked_for(span, parts):
    assert round_step(span, parts) * parts >= span * (1 - 1e-6)
    assert round_step(span, parts) % 1 == 0


@given(st.lists(st.floats(0, 300), min_size=1, max_size=6))
def test_labels_keep_their_order_and_their_distance_within_the_margin(places):
    placed = spread_labels(sorted(places), 16, 10, 310)
    assert all(after - before >= 16 - 1e-6 for before, after in itertools.pairwise(placed))
    assert placed[0] >= 10 - 1e-6
    assert placed[-1] <= 310 + 1e-6


def test_labels_that_do_not_collide_stay_where_they_are():
    assert spread_labels([20, 100, 200], 16, 0, 300) == [20, 100, 200]


def test_colliding_labels_move_apart_evenly():
    assert spread_labels([100, 100], 16, 0, 300) == [92, 108]


def test_a_quarter_is_labelled_on_the_first_and_the_fifteenth():
    assert [f"{day:%d/%m}" for day in axis_days(date(2026, 10, 1), date(2026, 12, 31))] == [
        "01/10", "15/10", "01/11", "15/11", "01/12", "15/12", "31/12",
    ]  # fmt: skip
    assert axis_days(date(2026, 10, 1), date(2026, 10, 1)) == (date(2026, 10, 1),)
    assert len(axis_days(date(2026, 1, 1), date(2026, 12, 31))) == 13


@given(st.lists(st.floats(1, 60), min_size=1, max_size=30), st.floats(5, 60))
def test_thinned_labels_do_not_run_together_and_the_last_one_stays(widths, pitch):
    places = [(index * pitch, width) for index, width in enumerate(widths)]
    kept = thinned_labels(places, 6)
    assert not labels_overlap([places[index] for index in kept], 6)
    assert len(kept) == 1 or (kept[0], kept[-1]) == (0, len(places) - 1)


def test_words_are_cut_or_broken_to_the_available_width():
    assert truncated_text("Đã xác nhận", 200) == "Đã xác nhận"
    cut = truncated_text("Dẫn nguồn đủ, có đường dẫn ở cuối bài", 100)
    assert cut.endswith("…")
    assert text_width(cut) <= 100
    lines = wrapped_text("tuần bắt đầu Thứ Hai; tuần đầu và tuần này chưa đủ 7 ngày", 150)
    assert len(lines) == 3
    assert all(text_width(line) <= 150 for line in lines)
