"""Figures drawn and documents written in the tests of this folder: an invented quarter."""

from datetime import date, timedelta

from coordinator.exports.charts import (
    Bar,
    Course,
    Expected,
    HeatMap,
    HorizontalBars,
    NamedCount,
    Part,
    ShareBar,
    Sparkline,
    StackedBars,
)

FIRST, LAST, TODAY = date(2026, 10, 1), date(2026, 12, 31), date(2026, 11, 24)


def course(**changes: object) -> Course:
    """55 days of 134 a day, with a target and a forecast."""
    values = {
        "key": "course",
        "title": "Lượt lan tỏa đã xác nhận, cộng dồn",
        "description": "Đến 24/11 đạt 7.370 lượt.",
        "first": FIRST,
        "last": LAST,
        "actual": [(FIRST + timedelta(days=index), 134 * (index + 1)) for index in range(55)],
        "today": TODAY,
        "target": 12500,
        "forecast": [Expected(LAST, 12790, 12180, 13420)],
        "unit": "đã xác nhận",
    }
    return Course(**{**values, **changes})


def weeks(*bars: Bar, series: tuple[str, ...] = ("Dịch bệnh", "Kinh tế - xã hội")) -> StackedBars:
    """Bars by week, three of them unless others are given."""
    known = bars or (Bar("28/09", (174, 180)), Bar("05/10", (390, 547)), Bar("12/10", (400, 703)))
    return StackedBars("weeks", "Theo tuần", "Ba tuần", series, known, "tuần bắt đầu Thứ Hai")


def steps() -> HorizontalBars:
    """Three rungs of evidence."""
    rows = [
        NamedCount("Đã tải về", 8761),
        NamedCount("Đã xác nhận", 7412, strong=True),
        NamedCount("Còn trên trang", 7190),
    ]
    return HorizontalBars("steps", "Từ tin báo đến bằng chứng", "Ba bậc", rows)


def days(**changes: object) -> HeatMap:
    """The same quarter day by day."""
    counts = {FIRST + timedelta(days=index): float(index % 7 * 30) for index in range(55)}
    values = {"key": "days", "title": "Từng ngày", "description": "", "first": FIRST, "last": LAST, "counts": counts}
    return HeatMap(**{**values, "today": TODAY, "unit": "lượt", **changes})


def spark(*values: float) -> Sparkline:
    """A line of the values given."""
    return Sparkline("spark", "30 ngày qua", "thấp nhất 68, cao nhất 193", values)


def shares(*values: float) -> ShareBar:
    """Named shares of the values given."""
    return ShareBar("shares", "Dẫn nguồn", "", [Part(f"Cách {index}", value) for index, value in enumerate(values)])
