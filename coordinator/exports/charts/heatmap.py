"""A calendar heatmap of counts by day: one column for each week, Monday on top, darker for a higher count."""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from markupsafe import Markup, escape

from coordinator.exports.charts.scales import chart_value, round_step
from coordinator.exports.charts.svg import (
    Frame,
    chart_word,
    coordinate,
    empty_chart,
    legend,
    rectangle,
    svg_chart,
    text,
)
from coordinator.exports.format import Locale, vi_day, vi_month, vi_number
from coordinator.exports.printable_text import printable

CALENDAR_FRAME = Frame(380)
_HEATMAP_LEFT, _HEATMAP_TOP, _DAY_PITCH, _MIN_DAY_PITCH = (
    30.0,
    22.0,
    25.0,
    13.0,
)  # px: margins, and the usual and the smallest distance of two days


@dataclass(frozen=True)
class Heatmap:
    """Counts by day from ``first`` to ``last``; a day without one is 0. Days after ``today`` are in the future.

    ``steps`` are the upper bounds of the five lighter shades, ascending; empty, they are chosen from the counts.
    ``unit`` follows each figure ("lượt").
    """

    key: str
    title: str
    description: str
    first: date
    last: date
    counts: Mapping[date, float]
    today: date | None = None
    unit: str = ""
    steps: tuple[float, ...] = ()

    def bounds(self) -> tuple[float, ...]:
        """Return the five upper bounds: the given ones, or 0 and four evenly spaced round ones."""
        return self._bounds

    @cached_property
    def _bounds(self) -> tuple[float, ...]:
        # Computed once for all days of the chart.
        if self.steps:
            return self.steps
        step = round_step(max((chart_value(value) for value in self.counts.values()), default=0.0), 5)
        return (0.0, step, 2 * step, 3 * step, 4 * step)

    def shade(self, value: float) -> int:
        """Return the shade of a count, 0 (lightest) to 5."""
        return min(bisect_left(self._bounds, value), 5)


def heatmap_legend(figure: Heatmap, locale: Locale = "vi") -> tuple[tuple[int, str], ...]:
    """Return (shade, label) of the legend, from light to dark; pages show it beside the chart."""
    bounds = figure.bounds()
    words = [f"{chart_word('up to', locale)} {vi_number(bound, 0, locale)}" if bound else "0" for bound in bounds]
    more = f"{chart_word('over', locale)} {vi_number(bounds[-1], 0, locale)} {figure.unit}".strip()
    return tuple(enumerate([*words, more]))


def heatmap(figure: Heatmap, frame: Frame = CALENDAR_FRAME, locale: Locale = "vi", *, with_key: bool = False) -> Markup:
    """Return the calendar as an SVG element; a period with more weeks than fit is drawn in several rows of weeks."""
    if figure.last < figure.first:
        return empty_chart(figure.key, figure.title, figure.description, frame, 199, locale)
    monday = figure.first - timedelta(days=figure.first.weekday())
    weeks = (figure.last - monday).days // 7 + 1
    available = frame.width - _HEATMAP_LEFT
    rows = math.ceil(weeks / (available // _MIN_DAY_PITCH))
    in_row = math.ceil(weeks / rows)
    pitch = min(_DAY_PITCH, available / in_row)
    side = pitch - (3 if pitch > 18 else 2)
    block = _HEATMAP_TOP + 7 * pitch + 6
    marks: list[Markup] = []
    for row in range(rows):
        for weekday, name in enumerate(chart_word("days", locale).split()):
            if weekday % 2 == 0:
                marks.append(text(0, row * block + _HEATMAP_TOP + weekday * pitch + side / 2 + 4, name))
    cell = _DayCells(figure, side, locale)
    written = (-1, -1000.0)
    for offset in range((figure.last - figure.first).days + 1):
        day = figure.first + timedelta(days=offset)
        row, column = divmod((day - monday).days // 7, in_row)
        x, y = _HEATMAP_LEFT + column * pitch, row * block + _HEATMAP_TOP + day.weekday() * pitch
        # The month's name stands at the beginning of every row of weeks, and where a month begins.
        if (
            (written[0] != row or day.day == 1)
            and (written[0] != row or x - written[1] >= 36)
            and x + 30 <= frame.width
        ):
            marks.append(text(x, row * block + 12, vi_month(day, locale)))
            written = (row, x)
        marks.append(cell(day, x, y))
    height = rows * block - 4
    if with_key:
        items = [(f"h{shade}", words) for shade, words in heatmap_legend(figure, locale)]
        keys, more = legend(items, 0, height + 16, frame.width)
        marks += keys
        height += more + 8
    return svg_chart(figure.key, figure.title, figure.description, frame, height, marks)


class _DayCells:
    """Draws the cells of days, which differ only in their position, shade and text."""

    def __init__(self, figure: Heatmap, side: float, locale: Locale) -> None:
        self._figure, self._side, self._locale = figure, side, locale
        self._shades = [str(rectangle(f"h{shade}", 0, 0, side, side, 3)).removesuffix("/>") for shade in range(6)]
        self._unit = escape(printable(f" {figure.unit}".rstrip()))

    def __call__(self, day: date, x: float, y: float) -> Markup:
        figure, side = self._figure, self._side
        if figure.today is not None and day > figure.today:
            return rectangle("hx", x + 0.5, y + 0.5, side - 1, side - 1, 3)
        value = chart_value(figure.counts.get(day))
        shape = self._shades[figure.shade(value)].replace(
            ' x="0" y="0"', f' x="{coordinate(x)}" y="{coordinate(y)}"', 1
        )
        says = f"{vi_day(day, self._locale)}: {vi_number(value, 0, self._locale)}{self._unit}"
        return Markup(f"{shape}><title>{says}</title></rect>")  # noqa: S704  # digits, and text escaped above
