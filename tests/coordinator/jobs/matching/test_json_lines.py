"""Lines of a stream: their numbers, and lines that are empty or too long."""

import io

import pytest

from coordinator.jobs.matching import json_lines
from coordinator.jobs.matching.json_lines import Line, read_lines


def test_lines_are_numbered_and_empty_ones_are_counted_but_not_given() -> None:
    stream = io.BytesIO(b"{1}\n\n \n{4}")
    assert list(read_lines(stream)) == [Line(1, b"{1}\n", 4), Line(4, b"{4}", 10)]


@pytest.mark.parametrize("length", [10, 36, 40])
@pytest.mark.parametrize("last", [False, True])
def test_a_line_that_is_too_long_is_given_once_without_its_bytes(
    length: int, last: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 10)
    before, long, after = b"{1}\n", b"x" * length, b"" if last else b"\n{3}\n"
    found = list(read_lines(io.BytesIO(before + long + after)))
    expected = [Line(1, b"{1}\n", 4), Line(2, None, 4 + length + (not last))]
    assert found == (expected if last else [*expected, Line(3, b"{3}\n", 9 + length)])
