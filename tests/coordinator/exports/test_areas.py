"""The map of areas: as large as its counts, nothing overlapping, nothing outside."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from coordinator.exports.charts import HALF, NARROW, WIDE, Area, Frame, area_map
from tests.coordinator.exports.figures import companies

SVG = "{http://www.w3.org/2000/svg}"


def rects(svg: str, shade: str = "h1") -> list[tuple[float, float, float, float]]:
    return [
        tuple(float(node.get(name)) for name in ("x", "y", "width", "height"))
        for node in etree.fromstring(str(svg)).iter(f"{SVG}rect")
        if node.get("class") == shade
    ]  # fmt: skip


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=40), st.sampled_from([WIDE, HALF, NARROW]))
def test_areas_are_as_large_as_their_counts_and_fill_the_drawing(counts: list[int], frame: Frame) -> None:
    svg = area_map(companies([Area(str(count), count) for count in counts]), frame)
    found = rects(svg)
    assert len(found) == len(counts)
    height = float(str(svg).partition('viewBox="0 0 ')[2].partition('"')[0].split()[1])
    whole, share = sum(counts), frame.width * height / sum(counts)
    # Each has lost the gap around it and a rounding to a tenth; the areas themselves add up to the whole.
    for (_x, _y, wide, high), count in zip(found, sorted(counts, reverse=True), strict=True):
        assert (wide + 2) * (high + 2) == pytest.approx(count * share, abs=0.2 * (wide + high + 4) + 1) or min(
            wide, high
        ) < 0.2
    assert whole


@given(st.lists(st.integers(1, 5000), min_size=2, max_size=25))
def test_no_area_lies_over_another_or_outside(counts: list[int]) -> None:
    found = rects(area_map(companies([Area(str(count), count) for count in counts]), WIDE))
    for one, other in itertools.combinations(found, 2):
        across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
        down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
        assert min(across, down) < 0.3
    assert all(x >= 0 and y >= 0 and x + wide <= WIDE.width + 0.2 and y + high <= 360.2 for x, y, wide, high in found)


def test_parts_lie_within_their_area_and_what_they_leave_stays_free() -> None:
    svg = area_map(companies(), WIDE)
    (x, y, wide, high), *_ = rects(svg)
    inside = [part for part in rects(svg, "h2") if x <= part[0] and part[0] + part[2] <= x + wide and y <= part[1]]
    assert len(inside) == 2
    assert sum(part[2] * part[3] for part in inside) < wide * high * 0.92
    assert all(part[1] + part[3] <= y + high for part in inside)


def test_every_area_tells_its_name_and_figure_to_the_pointer() -> None:
    said = [node.text for node in etree.fromstring(str(area_map(companies()))).iter(f"{SVG}title")]
    assert {"Cổng Tin Sáng: 612 lượt", "tin-sang.example: 400 lượt", "Phố Nhỏ: 203 lượt"} <= set(said)


def test_a_label_without_room_is_left_out_rather_than_written_over_its_neighbour() -> None:
    many = [Area(f"Công ty rất dài tên số {number}", 1) for number in range(400)]
    assert list(etree.fromstring(str(area_map(companies(many), NARROW))).iter(f"{SVG}text")) == []
