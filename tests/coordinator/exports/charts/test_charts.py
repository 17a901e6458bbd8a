import itertools
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from coordinator.exports.charts.render import (
    HALF,
    NARROW,
    WIDE,
    Bar,
    ForecastPoint,
    HorizontalBars,
    MilestoneMark,
    NamedCount,
    chart_description,
    heatmap,
    heatmap_legend,
    horizontal_bars,
    line_chart,
    responsive,
    share_bar,
    sparkline,
    stacked_bars,
)
from tests.coordinator.exports.samples import (
    FIRST,
    LAST,
    TODAY,
    course,
    days,
    milestones,
    shares,
    spark,
    steps,
    weeks,
)

SVG = "{http://www.w3.org/2000/svg}"
DRAWINGS = [
    (line_chart, course()),
    (line_chart, course(forecast=(), target=None)),
    (line_chart, course(supposed=[ForecastPoint(LAST, 13900, 0, 0)], marks=milestones())),
    (stacked_bars, weeks()),
    (stacked_bars, weeks(Bar("<1h", (5,)), series=("Lượt",))),
    (horizontal_bars, steps()),
    (heatmap, days()),
    (heatmap, days(first=date(2024, 1, 1))),
    (sparkline, spark(68, 193, 100)),
    (share_bar, shares(6604, 287, 403, 118)),
]
BARE = [
    (line_chart, course(actual=(), target=None, forecast=())),
    (line_chart, course(first=LAST, last=FIRST)),
    (stacked_bars, weeks(series=())),
    (horizontal_bars, HorizontalBars("x", "x", "", ())),
    (heatmap, days(first=LAST, last=FIRST)),
    (sparkline, spark()),
    (share_bar, shares()),
    (share_bar, shares(0, 0)),
]
NOTHING = [
    (line_chart, course(actual=[(FIRST, 0), (TODAY, 0)], target=0, forecast=())),
    (line_chart, course(actual=(), target=0, forecast=())),
    (line_chart, course(first=TODAY, last=TODAY, actual=[(TODAY, 0)], target=0)),
    (line_chart, course(first=TODAY, last=TODAY, actual=[(TODAY, 174)], target=136)),
    (line_chart, course(actual=[(FIRST, float("nan"))], target=float("inf"))),
    (stacked_bars, weeks(Bar("28/09", (0, 0)), Bar("05/10", (0, 0)))),
    (horizontal_bars, HorizontalBars("x", "x", "", [NamedCount("a", 0)])),
    (heatmap, days(counts={})),
    (heatmap, days(first=TODAY, last=TODAY)),
    (sparkline, spark(0, 0)),
    (sparkline, spark(7)),
    (share_bar, shares(0, 5)),
    (
        line_chart,
        course(marks=[MilestoneMark(FIRST, float("inf"), "x"), MilestoneMark(LAST + timedelta(days=9), 5, "x")]),
    ),
]


def parse(svg: str) -> etree._Element:
    return etree.fromstring(str(svg))


def words(svg: str) -> list[str]:
    return [node.text for node in parse(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("frame", [WIDE, HALF, NARROW])
@pytest.mark.parametrize(("draw", "figure"), DRAWINGS + BARE + NOTHING)
def test_every_drawing_is_well_formed_named_and_free_of_inline_style_and_script(draw, figure, frame):
    root = parse(draw(figure, frame))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    assert title.text
    assert description.text
    width, height = (float(part) for part in root.get("viewBox").split()[2:])
    assert width == frame.width
    for node in root.iter():
        assert node.get("style") is None
        assert not [name for name in node.attrib if name.startswith("on") or name.endswith("href")]
        assert node.tag in {SVG + name for name in ("svg", "title", "desc", "line", "rect", "path", "text", "circle")}
        for name in ("x", "y", "width", "height", "x1", "x2", "y1", "y2", "cx", "cy"):
            if node.get(name) is not None:
                assert -1 <= float(node.get(name)) <= max(width, height) + 1


@pytest.mark.parametrize(("draw", "figure"), BARE)
def test_no_data_is_reported_in_words(draw, figure):
    assert words(draw(figure, HALF)) == ["Chưa có số liệu trong kỳ này"]
    assert words(draw(figure, HALF, "en")) == ["No figures in this period yet"]


def test_the_course_says_its_figures_and_dates():
    values = words(line_chart(course()))
    for expected in ("7.370 đã xác nhận", "12.790 dự báo", "13.420 cao", "12.180 thấp", "12.500 chỉ tiêu", "24/11"):
        assert expected in values
    assert next(word for word in values if re.fullmatch(r"\d\d/\d\d", word)) == "01/10"
    assert "31/12" in values
    assert "12.500" in values


def test_the_narrow_course_says_forecast_and_target_in_one_line():
    assert "Dự báo 12.790 · chỉ tiêu 12.500" in words(line_chart(course(), NARROW))


def test_the_english_course_speaks_english():
    values = words(line_chart(course(), locale="en"))
    assert {"12,790 forecast", "12,500 target", "24 Nov"} <= set(values)


def test_labels_at_the_right_do_not_stand_on_each_other():
    root = parse(line_chart(course(forecast=[ForecastPoint(LAST, 12501, 12500.5, 12502)])))
    heights = sorted(
        float(node.get("y"))
        for node in root.iter(f"{SVG}text")
        if node.text.split(" ")[-1] in {"cao", "báo", "tiêu", "thấp"}
    )
    assert len(heights) == 4
    assert all(lower - upper >= 15.9 for upper, lower in itertools.pairwise(heights))


def test_actual_is_solid_forecast_dashed_target_dotted_and_today_red():
    root = parse(line_chart(course()))
    marks = {node.get("class"): node for node in root if node.tag in {f"{SVG}path", f"{SVG}line"}}
    assert marks["line l1"].get("stroke-dasharray") is None
    assert marks["line lf"].get("stroke-dasharray") == "6 4"
    assert marks["lt"].get("stroke-dasharray") == "2 4"
    assert marks["nowline"].get("stroke") == "#982a12"
    assert "band" in marks


def test_a_finished_period_has_no_line_for_today():
    assert "nowline" not in line_chart(course(today=LAST + timedelta(days=5)))


def test_the_parts_of_a_bar_stand_on_each_other_from_the_base_up():
    root = parse(stacked_bars(weeks()))
    bars = [node for node in root if node.tag == f"{SVG}rect"]
    base = float(root.find(f"{SVG}line").get("y1"))
    first, second = bars[0], bars[1]
    assert (first.get("class"), second.get("class")) == ("s1", "s2")
    assert float(first.get("y")) + float(first.get("height")) == pytest.approx(base - 1, abs=0.2)
    assert float(second.get("y")) + float(second.get("height")) == pytest.approx(float(first.get("y")) - 1, abs=0.2)
    assert {"354", "937", "1.103"} <= set(words(stacked_bars(weeks())))


def test_lying_bars_are_as_long_as_their_counts_and_one_of_them_leads():
    root = parse(horizontal_bars(steps()))
    bars = [node for node in root if node.tag == f"{SVG}rect"]
    lengths = [float(node.get("width")) for node in bars]
    assert lengths[1] / lengths[0] == pytest.approx(7412 / 8761, abs=0.002)
    assert [node.get("class") for node in bars] == ["s6", "s1", "s6"]
    assert {"8.761", "7.412", "7.190"} <= set(words(horizontal_bars(steps())))


def test_a_day_is_darker_when_more_happened_and_dashed_when_it_is_to_come():
    figure = days(counts={FIRST: 5.0, FIRST + timedelta(days=1): 200.0}, steps=(10, 80, 120, 150, 180))
    cells = [node for node in parse(heatmap(figure)) if node.tag == f"{SVG}rect"]
    assert len(cells) == 92
    assert [cells[index].get("class") for index in (0, 1, 2, -1)] == ["h0", "h5", "h0", "hx"]
    assert cells[1].findtext(f"{SVG}title") == "02/10: 200 lượt"
    assert heatmap_legend(figure)[0] == (0, "đến 10")
    assert heatmap_legend(figure)[-1] == (5, "hơn 180 lượt")


def test_shades_are_chosen_from_the_counts_when_none_are_given():
    assert heatmap_legend(days()) == (
        (0, "0"),
        (1, "đến 40"),
        (2, "đến 80"),
        (3, "đến 120"),
        (4, "đến 160"),
        (5, "hơn 160 lượt"),
    )


def test_the_parts_of_a_whole_fill_the_bar_and_the_smallest_can_be_seen():
    root = parse(share_bar(shares(100_000, 1, 0), with_key=True))
    bars = [node for node in root if node.get("height") == "34"]
    assert [node.get("class") for node in bars] == ["s1", "s2"]
    assert float(bars[-1].get("width")) == 3
    assert float(bars[-1].get("x")) + float(bars[-1].get("width")) == pytest.approx(520, abs=0.2)
    assert "Cách 2 0 (0,0%)" in words(share_bar(shares(100_000, 1, 0), with_key=True))


def test_the_key_is_drawn_for_paper():
    assert {"Dịch bệnh", "Kinh tế - xã hội"} <= set(words(stacked_bars(weeks(), with_key=True)))
    assert "đến 40" in words(heatmap(days(), with_key=True))
    assert "Nét liền: đã xác nhận" in " ".join(words(line_chart(course(), with_key=True)))


def test_the_two_drawings_of_a_figure_have_different_ids():
    both = parse(f"<div>{responsive(line_chart, course(), WIDE)}</div>")
    assert [node.get("class") for node in both] == ["chart wide", "chart narrow"]
    ids = [node.get("id") for node in both.iter() if node.get("id")]
    assert len(ids) == len(set(ids)) == 4


def test_a_key_that_could_leave_its_attribute_is_refused():
    with pytest.raises(ValueError, match="cannot name a drawing"):
        line_chart(course(key='x" onload="y'))


def test_words_from_outside_are_escaped_and_reported_again():
    nasty = '</title><script>alert("1")</script>&\x00'
    drawn = horizontal_bars(HorizontalBars("x", nasty, "", [NamedCount(nasty, 1)]))
    assert "<script" not in drawn
    assert chart_description(drawn)[0] == '</title><script>alert("1")</script>&'


@given(
    st.lists(st.tuples(st.text(max_size=12), st.floats(allow_nan=True, allow_infinity=True)), max_size=8),
    st.sampled_from([WIDE, HALF, NARROW]),
)
def test_any_labels_and_values_draw(rows, frame):
    parse(horizontal_bars(HorizontalBars("x", "x", "", [NamedCount(*row) for row in rows]), frame))
    parse(stacked_bars(weeks(*(Bar(label, (value, 1)) for label, value in rows)), frame))
    parse(sparkline(spark(*(value for _, value in rows)), frame))
    parse(share_bar(shares(*(value for _, value in rows)), frame))


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 800),
    st.integers(0, 10**7),
    st.sampled_from([WIDE, NARROW]),
)
def test_any_period_draws(first, length, count, frame):
    last = first + timedelta(days=length)
    parse(line_chart(course(first=first, last=last, actual=[(first, count)], today=first, target=count * 2), frame))
    parse(heatmap(days(first=first, last=last, counts={first: float(count)}), frame))
