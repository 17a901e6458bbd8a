"""Rows of a stream: numbers, offsets, and ranges that lie side by side."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.jobs import rows
from coordinator.jobs.rows import Rows

LINES = st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line), max_size=12)


@given(LINES, st.booleans(), st.sets(st.integers(1, 150), max_size=8))
def test_ranges_give_every_row_once_wherever_their_borders_fall(
    lines: list[bytes], ended: bool, cuts: set[int]
) -> None:
    whole = b"\n".join(lines) + (b"\n" if ended else b"")
    expected = list(Rows(io.BytesIO(whole)))
    found, before = [], 0
    borders = [0, *sorted(cut for cut in cuts if cut < len(whole)), None]
    for start, end in pairwise(borders):
        part = Rows(io.BytesIO(whole))
        found += [(before + number, raw) for number, raw in part.between(start or 0, end)]
        before += part.number
    assert found == expected


@given(LINES)
def test_a_row_can_be_read_again_where_it_was(lines: list[bytes]) -> None:
    whole = b"\n".join(lines)
    stream = Rows(io.BytesIO(whole))
    for number, raw in stream:
        assert stream.number == number
        assert raw is not None
        assert whole[stream.at : stream.at + len(raw)] == raw


@pytest.mark.parametrize("border", [None, 1, 9, 10, 11, 39, 40, 41, 42, 50])
def test_a_line_that_is_too_long_is_told_once(border: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "LONGEST_LINE", 10)
    whole = b"{1}\n" + b"x" * 36 + b"\n{3}\n"
    found: list[tuple[int, bytes | None]] = []
    before = 0
    for start, end in ((0, None),) if border is None else ((0, border), (border, None)):
        part = Rows(io.BytesIO(whole))
        found += [(before + number, raw) for number, raw in part.between(start, end)]
        before += part.number
    assert found == [(1, b"{1}\n"), (2, None), (3, b"{3}\n")]
