"""A year of days as a drawing."""

from datetime import date

from lxml import etree

from coordinator.exports.charts import NARROW, WIDE, Kind, YearOfDays, year_of_days

KINDS = {"met": Kind("h4", "đã phát"), "missed": Kind("h0", "thiếu", "x"), "skipped": Kind("h0", "bỏ", "-")}


def drawn(days: dict[date, str], frame: object = WIDE, year: int = 2026) -> etree._Element:
    figure = YearOfDays("nam", "Năm", "Mô tả", year, days, KINDS, [f"T{month}" for month in range(1, 13)])
    return etree.fromstring(str(year_of_days(figure, frame)))  # type: ignore[arg-type]


def marks(svg: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in svg.iter() if etree.QName(one).localname == name]


def test_every_day_has_a_cell_that_says_its_date_and_how_it_stood() -> None:
    svg = drawn({date(2026, 1, 1): "met", date(2026, 12, 31): "missed"})
    said = [one.text for one in marks(svg, "title")][1:]
    assert said == ["01/01: đã phát", "31/12: thiếu"]


def test_a_sign_tells_apart_what_a_shade_alone_would_not() -> None:
    missed, skipped = drawn({date(2026, 3, 1): "missed"}), drawn({date(2026, 3, 1): "skipped"})
    assert (len(marks(missed, "path")), len(marks(skipped, "path"))) == (2, 1)
    assert "thiếu (x)" in [one.text for one in marks(missed, "text")]


def test_a_leap_year_has_its_day_and_no_cell_leaves_the_frame() -> None:
    every = {date.fromordinal(day): "met" for day in range(date(2028, 1, 1).toordinal(), date(2029, 1, 1).toordinal())}
    for frame in (WIDE, NARROW):
        svg = drawn(every, frame, 2028)
        cells = [one for one in marks(svg, "rect") if len(one)]
        assert len(cells) == 366
        assert all(float(one.get("x", 0)) + float(one.get("width", 0)) <= frame.width for one in cells)


def test_a_year_without_anything_is_drawn_empty() -> None:
    assert not [one for one in marks(drawn({}), "rect") if len(one)]
