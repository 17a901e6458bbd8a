"""The course of a count through a period: what was reached, what is expected, what was asked for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isfinite
from typing import Literal

from markupsafe import Markup

from coordinator.exports.drawing import (
    WIDE,
    Frame,
    drawing,
    element,
    empty,
    line,
    outline,
    paragraph,
    path,
    text,
    word,
)
from coordinator.exports.fitting import thinned, words_width
from coordinator.exports.format import Locale, vi_day, vi_number
from coordinator.exports.lettering import printable
from coordinator.exports.scales import Scale, axis_days, counted, spread, ticks


@dataclass(frozen=True)
class Expected:
    """What is expected to have been reached by the end of a day, and between which bounds."""

    day: date
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Mark:
    """A milestone: the figure that is to be reached by the end of a day. ``says`` is told when the pointer rests on it;
    ``stand``: "met" (filled), "missed" (a cross) or "" (still open)."""

    day: date
    figure: float
    says: str
    stand: Literal["met", "missed", ""] = ""


@dataclass(frozen=True)
class Course:
    """A cumulative count from ``first`` to ``last`` (city days, both included).

    ``actual`` are (day, count by its end); ``forecast`` may be one point at the period's end or one a day; ``target``
    is the count asked for by the last day, drawn as an even course from 0. ``unit`` follows the present figure ("đã
    xác nhận"). ``today`` draws the red line when it lies within the period. ``supposed``: the forecast of what would be
    if, drawn beside the other without a band.
    """

    key: str
    title: str
    description: str
    first: date
    last: date
    actual: Sequence[tuple[date, float]]
    today: date | None = None
    target: float | None = None
    forecast: Sequence[Expected] = ()
    unit: str = ""
    supposed: Sequence[Expected] = ()
    marks: Sequence[Mark] = ()

    @cached_property
    def reached(self) -> list[tuple[date, float]]:
        """The actual counts within the period, in order of days; asked for by the wide and the narrow drawing."""
        return sorted((day, counted(value)) for day, value in self.actual if self.first <= day <= self.last)

    def expected(self, points: Sequence[Expected]) -> list[Expected]:
        """The points of a forecast within the period that are finite, in order of days."""
        usable = (
            point
            for point in points
            if self.first <= point.day <= self.last and all(map(isfinite, (point.value, point.low, point.high)))
        )
        return sorted(usable, key=lambda point: point.day)


class _Plot:
    """One drawing of a course: where its days and values stand, and each layer of marks."""

    def __init__(self, course: Course, frame: Frame, height: float, locale: Locale) -> None:
        self.course, self.frame, self.height, self.locale = course, frame, height, locale
        self.reached, self.expected = course.reached, course.expected(course.forecast)
        self.supposed = course.expected(course.supposed)
        self.marks = [one for one in course.marks if course.first <= one.day <= course.last and isfinite(one.figure)]
        self.target = course.target if course.target is not None and isfinite(course.target) else None
        self.today = course.today if course.today and course.first <= course.today <= course.last else None
        top = max(
            counted(self.target),
            *(value for _, value in self.reached),
            *(counted(max(point.high, point.value)) for point in self.expected),
            *(counted(point.value) for point in self.supposed),
            *(counted(one.figure) for one in self.marks),
            0.0,
        )
        self.steps = ticks(top, 3 if frame.narrow else 6)
        self.labels = [] if frame.narrow else self._labels()
        left = max(40.0 if frame.narrow else 48.0, words_width(self._number(self.steps[-1])) + 10)
        margin = max((words_width(says) for _, says, _ in self.labels), default=0.0)
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
        return self.days(day.toordinal()), self.values(counted(value))

    def _through(self, days: Sequence[date], values: Iterable[float]) -> list[tuple[float, float]]:
        """Where the days and their values stand: ``_at`` for a whole line."""
        places = self.values.each([counted(value) for value in values])
        return list(zip(self.days.each([day.toordinal() for day in days]), places, strict=True))

    @property
    def bare(self) -> bool:
        """Whether there is nothing to draw."""
        return self.course.last < self.course.first or not (self.reached or self.expected or self.target)

    def grid(self) -> Iterator[Markup]:
        """Rules with their values, and the days below."""
        for value in self.steps:
            y = self.values(value)
            yield line("rule" if value else "base", self.left, y, self.right, y)
            yield text(self.left - 8, y + 4, self._number(value), "end")
        days = axis_days(self.course.first, self.course.last)
        long = (self.course.last - self.course.first).days > 366
        says = [f"{day:%m/%Y}" if long else vi_day(day, self.locale) for day in days]
        places = [(self._at(day, 0)[0], words_width(label)) for day, label in zip(days, says, strict=True)]
        # A date centred under the right edge of the narrow drawing would be cut off.
        places[-1] = (min(places[-1][0], self.frame.width - places[-1][1] / 2), places[-1][1])
        for index in thinned(places, 8):
            yield text(places[index][0], self.base + 22, says[index], "mid")

    def strokes(self) -> Iterator[Markup]:
        """Band, target, forecast and actual, the most certain on top."""
        start = self.reached[-1] if self.reached else None
        here = [self._at(*start)] if start else []
        ahead = [point for point in self.expected if start is None or point.day > start[0]]
        days = [point.day for point in ahead]
        if ahead:
            high = self._through(days, (point.high for point in ahead))
            low = self._through(days, (point.low for point in ahead))
            yield path("band", [*here, *high, *reversed(low)], closed=True)
        if self.target is not None:
            # An even course begins at 0; on a single day there is no course, only the height to reach.
            first = self.target if self.course.first == self.course.last else 0.0
            yield line("lt", self.left, self._at(self.course.first, first)[1], self.right, self.values(self.target))
        yield path("line lf", here + self._through(days, (point.value for point in ahead)))
        otherwise = [point for point in self.supposed if start is None or point.day > start[0]]
        yield path("line ls", here + self._through([one.day for one in otherwise], (one.value for one in otherwise)))
        yield path("line l1", self._through([day for day, _ in self.reached], (value for _, value in self.reached)))

    def milestones(self) -> Iterator[Markup]:
        """Diamonds at their day and figure: filled once reached, a cross through it when missed."""
        for one in self.marks:
            x, y = self._at(one.day, one.figure)
            corners = [(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)]
            look = "ms full" if one.stand == "met" else "ms"
            told = Markup("<title>{}</title>").format(printable(one.says))
            yield element("path", look, told, d=outline(corners, closed=True))
            if one.stand == "missed":
                yield path("cross", [(x - 4, y - 4), (x + 4, y + 4)])
                yield path("cross", [(x - 4, y + 4), (x + 4, y - 4)])

    def now(self) -> Iterator[Markup]:
        """The red line of today, and the present figure at the end of the actual line."""
        last = self.reached[-1] if self.reached else None
        top, bottom = self.values.end, self.base
        if self.today:
            x, y = self._at(self.today, last[1] if last and last[0] == self.today else self.values.high)
            # With the point low down there is no room for the date beside it: the line goes up, the date with it.
            low = bottom - y < 44
            yield line("nowline", x, top if low else y + 7, x, bottom)
            says = vi_day(self.today, self.locale)
            width = words_width(says)
            leftward = x - 7 - width >= self.left if low else x + 7 + width > self.right + 2
            place = (x - 7 if leftward else x + 7, top + 10 if low else bottom - 8)
            yield text(*place, says, "nowsays end" if leftward else "nowsays")
        if last:
            x, y = self._at(*last)
            yield element("circle", "point", cx=x, cy=y, r=5.0)
            says = f"{self._number(last[1])} {self.course.unit}".strip()
            yield self._figure(x, y, says, words_width(says))

    def _figure(self, x: float, y: float, says: str, width: float) -> Markup:
        """The present figure above and left of its point, or right of it at the period's beginning; above any line."""
        if x - 10 - width < self.left:
            return text(x + 10, max(min(y, self._ahead(x, y, x + 10 + width)) - 14, 12), says, "says")
        if self._crossed(x - 10 - width, y - 21, x - 10, y - 5):
            y = min(y, self._even(x - 10))
        for place, height in (self._at(one.day, one.figure) for one in self.marks):
            if x - 18 - width < place < x - 4 and y - 30 < height < y + 4:
                y = min(y, height - 4)
        return text(x - 10, max(y - 8, 12), says, "says end")

    def _crossed(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether the even course to the target runs through a box; the count itself rises to the box's corner."""
        if self.target is None:
            return False
        begin, end = self._even(left), self._even(right)
        return not (max(begin, end) < top or min(begin, end) > bottom)

    def _even(self, x: float) -> float:
        """Where (as y) the even course to the target stands at ``x``."""
        flat = self.course.first == self.course.last
        share = 1.0 if flat else (x - self.left) / max(self.right - self.left, 1)
        return self.values(counted(self.target) * min(max(share, 0.0), 1.0))

    def _ahead(self, since: float, now: float, x: float) -> float:
        """How high (as y) the target's line stands at ``x``, or the forecast's band, which rises from ``now`` at
        ``since``."""
        share = min((x - since) / max(self.right - since, 1), 1.0)
        bands = [now + (self.values(counted(point.high)) - now) * share for point in self.expected[-1:]]
        return min([self._even(x), *bands])

    def _labels(self) -> list[tuple[float, str, str]]:
        """(value, words, class) for the right margin, the highest first."""
        found = [] if self.target is None else [(self.target, "target", "")]
        found += [(point.value, "supposed", "says") for point in self.supposed[-1:]]
        for point in self.expected[-1:]:
            found.append((point.value, "forecast", "says"))
            found += [(point.high, "high", "")] if point.high > point.value else []
            found += [(point.low, "low", "")] if point.low < point.value else []
        found.sort(key=lambda label: -label[0])
        return [(value, f"{self._number(value)} {word(key, self.locale)}", look) for value, key, look in found]

    def ends(self) -> Iterator[Markup]:
        """What the lines come to at the period's end: in the right margin, or above the narrow drawing."""
        wanted = [self.values(counted(value)) + 4 for value, _, _ in self.labels]
        for y, (_, says, look) in zip(spread(wanted, 16, 12, self.base + 4), self.labels, strict=True):
            yield text(self.right + 10, y, says, look)
        if self.frame.narrow:
            lines = (("forecast", self.expected), ("supposed", self.supposed))
            parts = [f"{word(key, self.locale)} {self._number(one.value)}" for key, line in lines for one in line[-1:]]
            if self.target is not None:
                parts.append(f"{word('target', self.locale)} {self._number(self.target)}")
            says = " · ".join(parts)
            yield text(self.frame.width - 2, 14, says[:1].upper() + says[1:], "says end")

    def meaning(self) -> str:
        """What each kind of line means, in one sentence."""
        unit = f": {self.course.unit}" if self.course.unit else ""
        parts = [word("solid", self.locale) + unit]
        parts += [word("dashed", self.locale)] if self.expected else []
        parts += [word("dash-dotted", self.locale)] if self.supposed else []
        parts += [word("dotted", self.locale)] if self.target is not None else []
        parts += [word("diamond", self.locale)] if self.marks else []
        return " · ".join(parts)


def line_chart(course: Course, frame: Frame = WIDE, locale: Locale = "vi", *, with_key: bool = False) -> Markup:
    """Actual solid, forecast dashed within its band, target dotted, today red; as an SVG element.

    ``with_key`` adds the key below, for paper; pages write it as text beside the drawing.
    """
    height = 250.0 if frame.narrow else 330.0 if frame.width > 600 else 280.0
    plot = _Plot(course, frame, height, locale)
    if plot.bare:
        return empty(course.key, course.title, course.description, frame, height, locale)
    marks = [*plot.grid(), *plot.strokes(), *plot.milestones(), *plot.now(), *plot.ends()]
    if with_key:
        lines, more = paragraph(plot.meaning(), plot.left, height + 14, frame.width - plot.left)
        marks += lines
        height += more + 4
    return drawing(course.key, course.title, course.description, frame, height, marks)
