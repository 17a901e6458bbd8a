"""A line chart of a count through a period: the actual count, the forecast and the target."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isfinite
from typing import Literal

from markupsafe import Markup

from coordinator.exports.charts.scales import Scale, axis_days, chart_value, spread_labels, ticks
from coordinator.exports.charts.svg import (
    WIDE,
    Frame,
    chart_word,
    element,
    empty_chart,
    line,
    outline,
    paragraph,
    path,
    svg_chart,
    text,
)
from coordinator.exports.charts.text_fit import text_width, thinned_labels
from coordinator.exports.format import Locale, vi_day, vi_number
from coordinator.exports.printable_text import printable


@dataclass(frozen=True)
class ForecastPoint:
    """The forecast of the count at the end of a day, with its bounds."""

    day: date
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class MilestoneMark:
    """A milestone: the figure to reach by the end of a day. ``says`` is its tooltip; ``stand``: "met" (filled),
    "missed" (a cross) or "" (open)."""

    day: date
    figure: float
    tooltip: str
    status: Literal["met", "missed", ""] = ""


@dataclass(frozen=True)
class LineChart:
    """A cumulative count from ``first`` to ``last`` (city days, both included).

    ``actual`` are (day, count by its end); ``forecast`` may be one point at the period's end or one a day; ``target``
    is the quota for the last day, drawn as a straight line from 0. ``unit`` follows the present figure ("đã xác nhận").
    ``today`` draws the red line when it is within the period. ``supposed``: the forecast of a scenario, drawn beside
    the other without a band.
    """

    key: str
    title: str
    description: str
    first: date
    last: date
    actual: Sequence[tuple[date, float]]
    today: date | None = None
    target: float | None = None
    forecast: Sequence[ForecastPoint] = ()
    unit: str = ""
    supposed: Sequence[ForecastPoint] = ()
    marks: Sequence[MilestoneMark] = ()

    @cached_property
    def reached(self) -> list[tuple[date, float]]:
        """The actual counts within the period, in order of days."""
        return sorted((day, chart_value(value)) for day, value in self.actual if self.first <= day <= self.last)

    def expected(self, points: Sequence[ForecastPoint]) -> list[ForecastPoint]:
        """Return the finite points of a forecast within the period, in order of days."""
        usable = (
            point
            for point in points
            if self.first <= point.day <= self.last and all(map(isfinite, (point.value, point.low, point.high)))
        )
        return sorted(usable, key=lambda point: point.day)


class _LinePlot:
    """One drawing of a line chart: the coordinates of days and values, and each layer of marks."""

    def __init__(self, course: LineChart, frame: Frame, height: float, locale: Locale) -> None:
        self.course, self.frame, self.height, self.locale = course, frame, height, locale
        self.reached, self.expected = course.reached, course.expected(course.forecast)
        self.supposed = course.expected(course.supposed)
        self.marks = [
            mark for mark in course.marks if course.first <= mark.day <= course.last and isfinite(mark.figure)
        ]
        self.target = course.target if course.target is not None and isfinite(course.target) else None
        self.today = course.today if course.today and course.first <= course.today <= course.last else None
        top = max(
            chart_value(self.target),
            *(value for _, value in self.reached),
            *(chart_value(max(point.high, point.value)) for point in self.expected),
            *(chart_value(point.value) for point in self.supposed),
            *(chart_value(mark.figure) for mark in self.marks),
            0.0,
        )
        self.steps = ticks(top, 3 if frame.narrow else 6)
        self.labels = [] if frame.narrow else self._labels()
        left = max(40.0 if frame.narrow else 48.0, text_width(self._number(self.steps[-1])) + 10)
        margin = max((text_width(says) for _, says, _ in self.labels), default=0.0)
        self.left, self.right = left, frame.width - margin - 14
        self.base = height - 30
        self.values = Scale(0, top or 1, self.base, 36.0 if frame.narrow else 28.0)
        self.days = Scale(course.first.toordinal(), course.last.toordinal(), left, self.right)
        if course.first == course.last:
            middle = (left + self.right) / 2
            self.days = Scale(0, 0, middle, middle)

    def _number(self, value: float) -> str:
        return vi_number(value, 0, self.locale)

    def _at(self, day: date, value: float) -> tuple[float, float]:
        return self.days(day.toordinal()), self.values(chart_value(value))

    def _through(self, days: Sequence[date], values: Iterable[float]) -> list[tuple[float, float]]:
        """Return the coordinates of a whole line of days and values."""
        places = self.values.each([chart_value(value) for value in values])
        return list(zip(self.days.each([day.toordinal() for day in days]), places, strict=True))

    @property
    def bare(self) -> bool:
        """Whether there is nothing to draw."""
        return self.course.last < self.course.first or not (self.reached or self.expected or self.target)

    def grid(self) -> Iterator[Markup]:
        """Draw grid lines with their values, and the days below."""
        for value in self.steps:
            y = self.values(value)
            yield line("rule" if value else "base", self.left, y, self.right, y)
            yield text(self.left - 8, y + 4, self._number(value), "end")
        days = axis_days(self.course.first, self.course.last)
        long = (self.course.last - self.course.first).days > 366
        says = [f"{day:%m/%Y}" if long else vi_day(day, self.locale) for day in days]
        places = [(self._at(day, 0)[0], text_width(label)) for day, label in zip(days, says, strict=True)]
        # A date centred under the right edge of the narrow chart would be cut off.
        places[-1] = (min(places[-1][0], self.frame.width - places[-1][1] / 2), places[-1][1])
        for index in thinned_labels(places, 8):
            yield text(places[index][0], self.base + 22, says[index], "mid")

    def strokes(self) -> Iterator[Markup]:
        """Draw band, target, forecast and actual counts, the most certain on top."""
        start = self.reached[-1] if self.reached else None
        here = [self._at(*start)] if start else []
        ahead = [point for point in self.expected if start is None or point.day > start[0]]
        days = [point.day for point in ahead]
        if ahead:
            high = self._through(days, (point.high for point in ahead))
            low = self._through(days, (point.low for point in ahead))
            yield path("band", [*here, *high, *reversed(low)], closed=True)
        if self.target is not None:
            # The target line begins at 0; for a single day it is a horizontal line at the quota.
            first = self.target if self.course.first == self.course.last else 0.0
            yield line("lt", self.left, self._at(self.course.first, first)[1], self.right, self.values(self.target))
        yield path("line lf", here + self._through(days, (point.value for point in ahead)))
        otherwise = [point for point in self.supposed if start is None or point.day > start[0]]
        yield path(
            "line ls", here + self._through([point.day for point in otherwise], (point.value for point in otherwise))
        )
        yield path("line l1", self._through([day for day, _ in self.reached], (value for _, value in self.reached)))

    def milestones(self) -> Iterator[Markup]:
        """Draw milestones as diamonds at their day and figure: filled when met, crossed when missed."""
        for mark in self.marks:
            x, y = self._at(mark.day, mark.figure)
            corners = [(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)]
            look = "ms full" if mark.status == "met" else "ms"
            markup = Markup("<title>{}</title>").format(printable(mark.tooltip))
            yield element("path", look, markup, d=outline(corners, closed=True))
            if mark.status == "missed":
                yield path("cross", [(x - 4, y - 4), (x + 4, y + 4)])
                yield path("cross", [(x - 4, y + 4), (x + 4, y - 4)])

    def now(self) -> Iterator[Markup]:
        """Draw the red line of today, and the present figure at the end of the actual line."""
        last = self.reached[-1] if self.reached else None
        top, bottom = self.values.end, self.base
        if self.today:
            x, y = self._at(self.today, last[1] if last and last[0] == self.today else self.values.high)
            # A low point leaves no space for the date beside it: the line is extended upwards, and the date moves with
            # it.
            low = bottom - y < 44
            yield line("nowline", x, top if low else y + 7, x, bottom)
            says = vi_day(self.today, self.locale)
            width = text_width(says)
            leftward = x - 7 - width >= self.left if low else x + 7 + width > self.right + 2
            place = (x - 7 if leftward else x + 7, top + 10 if low else bottom - 8)
            yield text(*place, says, "nowsays end" if leftward else "nowsays")
        if last:
            x, y = self._at(*last)
            yield element("circle", "point", cx=x, cy=y, r=5.0)
            says = f"{self._number(last[1])} {self.course.unit}".strip()
            yield self._figure(x, y, says, text_width(says))

    def _figure(self, x: float, y: float, says: str, width: float) -> Markup:
        """Draw the present figure above and left of its point, or right of it at the period's beginning."""
        if x - 10 - width < self.left:
            return text(x + 10, max(min(y, self._ahead(x, y, x + 10 + width)) - 14, 12), says, "says")
        if self._crossed(x - 10 - width, y - 21, x - 10, y - 5):
            y = min(y, self._even(x - 10))
        for place, height in (self._at(mark.day, mark.figure) for mark in self.marks):
            if x - 18 - width < place < x - 4 and y - 30 < height < y + 4:
                y = min(y, height - 4)
        return text(x - 10, max(y - 8, 12), says, "says end")

    def _crossed(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether the target line runs through a box; the actual line ends at the box's corner."""
        if self.target is None:
            return False
        begin, end = self._even(left), self._even(right)
        return not (max(begin, end) < top or min(begin, end) > bottom)

    def _even(self, x: float) -> float:
        """Return the y coordinate of the target line at ``x``."""
        flat = self.course.first == self.course.last
        share = 1.0 if flat else (x - self.left) / max(self.right - self.left, 1)
        return self.values(chart_value(self.target) * min(max(share, 0.0), 1.0))

    def _ahead(self, since: float, now: float, x: float) -> float:
        """Return the highest y coordinate at ``x`` of the target line and the forecast's band, which begins with
        ``now`` at ``since``."""
        share = min((x - since) / max(self.right - since, 1), 1.0)
        bands = [now + (self.values(chart_value(point.high)) - now) * share for point in self.expected[-1:]]
        return min([self._even(x), *bands])

    def _labels(self) -> list[tuple[float, str, str]]:
        """Return (value, text, class) for the right margin, the highest first."""
        found = [] if self.target is None else [(self.target, "target", "")]
        found += [(point.value, "supposed", "says") for point in self.supposed[-1:]]
        for point in self.expected[-1:]:
            found.append((point.value, "forecast", "says"))
            found += [(point.high, "high", "")] if point.high > point.value else []
            found += [(point.low, "low", "")] if point.low < point.value else []
        found.sort(key=lambda label: -label[0])
        return [(value, f"{self._number(value)} {chart_word(key, self.locale)}", look) for value, key, look in found]

    def ends(self) -> Iterator[Markup]:
        """Draw the values of the lines at the period's end: in the right margin, or above the narrow chart."""
        wanted = [self.values(chart_value(value)) + 4 for value, _, _ in self.labels]
        for y, (_, says, look) in zip(spread_labels(wanted, 16, 12, self.base + 4), self.labels, strict=True):
            yield text(self.right + 10, y, says, look)
        if self.frame.narrow:
            lines = (("forecast", self.expected), ("supposed", self.supposed))
            parts = [
                f"{chart_word(key, self.locale)} {self._number(point.value)}"
                for key, line in lines
                for point in line[-1:]
            ]
            if self.target is not None:
                parts.append(f"{chart_word('target', self.locale)} {self._number(self.target)}")
            says = " · ".join(parts)
            yield text(self.frame.width - 2, 14, says[:1].upper() + says[1:], "says end")

    def meaning(self) -> str:
        """Return the meaning of each kind of line in one sentence."""
        unit = f": {self.course.unit}" if self.course.unit else ""
        parts = [chart_word("solid", self.locale) + unit]
        parts += [chart_word("dashed", self.locale)] if self.expected else []
        parts += [chart_word("dash-dotted", self.locale)] if self.supposed else []
        parts += [chart_word("dotted", self.locale)] if self.target is not None else []
        parts += [chart_word("diamond", self.locale)] if self.marks else []
        return " · ".join(parts)


def line_chart(course: LineChart, frame: Frame = WIDE, locale: Locale = "vi", *, with_key: bool = False) -> Markup:
    """Return the chart as an SVG element: actual solid, forecast dashed within its band, target dotted, today red.

    ``with_key`` adds a legend below, for paper; pages write it as text beside the chart.
    """
    height = frame.height or (250.0 if frame.narrow else 330.0 if frame.width > 600 else 280.0)
    plot = _LinePlot(course, frame, height, locale)
    if plot.bare:
        return empty_chart(course.key, course.title, course.description, frame, height, locale)
    marks = [*plot.grid(), *plot.strokes(), *plot.milestones(), *plot.now(), *plot.ends()]
    if with_key:
        lines, more = paragraph(plot.meaning(), plot.left, height + 14, frame.width - plot.left)
        marks += lines
        height += more + 4
    return svg_chart(course.key, course.title, course.description, frame, height, marks)


SPARKLINE_FRAME = Frame(300)


@dataclass(frozen=True)
class Sparkline:
    """Values in order of time, drawn from 0. The description names the lowest and the highest."""

    key: str
    title: str
    description: str
    values: Sequence[float]


def sparkline(figure: Sparkline, frame: Frame = SPARKLINE_FRAME, locale: Locale = "vi") -> Markup:
    """Return the line with the area below it, as an SVG element; a single value is a point."""
    values = [chart_value(value) for value in figure.values]
    if not values:
        return empty_chart(figure.key, figure.title, figure.description, frame, 56, locale)
    across = Scale(0, max(len(values) - 1, 1), 2, frame.width - 4.0)
    up = Scale(0, max(values) or 1, 54, 6)
    points = [(across(index), up(value)) for index, value in enumerate(values)]
    area = path("sparkarea", [*points, (points[-1][0], 56), (points[0][0], 56)], closed=True)
    dot = element("circle", "point", cx=points[-1][0], cy=points[-1][1], r=4.0)
    marks = [area, path("spark", points)] if len(points) > 1 else [dot]
    return svg_chart(figure.key, figure.title, figure.description, frame, 58, marks)
