"""A calendar of days, darker where more happened: a column a week, Monday on top."""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from markupsafe import Markup, escape

from coordinator.exports.drawing import Frame, box, drawing, empty, legend, put, text, word
from coordinator.exports.format import Locale, vi_day, vi_month, vi_number
from coordinator.exports.lettering import printable
from coordinator.exports.scales import counted, round_step

CALENDAR = Frame(380)
_LEFT, _TOP, _PITCH, _LEAST = 30.0, 22.0, 25.0, 13.0  # px: margins, and the usual and the least distance of two days


@dataclass(frozen=True)
class HeatMap:
    """Counts by day from ``first`` to ``last``; a day without one is 0. Days after ``today`` are still to come.

    ``steps`` are the upper bounds of the five lighter shades, ascending; left empty they are chosen from the counts.
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
        """The five upper bounds in use: those given, or 0 and four even round ones."""
        return self._bounds

    @cached_property
    def _bounds(self) -> tuple[float, ...]:
        # Once for a whole year of days, not again for each.
        if self.steps:
            return self.steps
        step = round_step(max((counted(value) for value in self.counts.values()), default=0.0), 5)
        return (0.0, step, 2 * step, 3 * step, 4 * step)

    def shade(self, value: float) -> int:
        """0 (lightest) to 5 for a count."""
        return min(bisect_left(self._bounds, value), 5)


def heat_key(figure: HeatMap, locale: Locale = "vi") -> tuple[tuple[int, str], ...]:
    """(shade, words) of the legend, from light to dark; pages show it beside the drawing."""
    bounds = figure.bounds()
    words = [f"{word('up to', locale)} {vi_number(bound, 0, locale)}" if bound else "0" for bound in bounds]
    more = f"{word('over', locale)} {vi_number(bounds[-1], 0, locale)} {figure.unit}".strip()
    return tuple(enumerate([*words, more]))


def heat_map(figure: HeatMap, frame: Frame = CALENDAR, locale: Locale = "vi", *, with_key: bool = False) -> Markup:
    """The calendar as an SVG element; a period with more weeks than have room is drawn in several rows of weeks."""
    if figure.last < figure.first:
        return empty(figure.key, figure.title, figure.description, frame, 199, locale)
    monday = figure.first - timedelta(days=figure.first.weekday())
    weeks = (figure.last - monday).days // 7 + 1
    room = frame.width - _LEFT
    rows = math.ceil(weeks / (room // _LEAST))
    in_row = math.ceil(weeks / rows)
    pitch = min(_PITCH, room / in_row)
    side = pitch - (3 if pitch > 18 else 2)
    block = _TOP + 7 * pitch + 6
    marks: list[Markup] = []
    for row in range(rows):
        for weekday, name in enumerate(word("days", locale).split()):
            if weekday % 2 == 0:
                marks.append(text(0, row * block + _TOP + weekday * pitch + side / 2 + 4, name))
    cell = _Cells(figure, side, locale)
    written = (-1, -1000.0)
    for offset in range((figure.last - figure.first).days + 1):
        day = figure.first + timedelta(days=offset)
        row, column = divmod((day - monday).days // 7, in_row)
        x, y = _LEFT + column * pitch, row * block + _TOP + day.weekday() * pitch
        # Every row of weeks begins with its month's name, then each month has it where it begins.
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
        items = [(f"h{shade}", words) for shade, words in heat_key(figure, locale)]
        keys, more = legend(items, 0, height + 16, frame.width)
        marks += keys
        height += more + 8
    return drawing(figure.key, figure.title, figure.description, frame, height, marks)


class _Cells:
    """Writes the days: a year has hundreds, which differ in their place, shade and words alone."""

    def __init__(self, figure: HeatMap, side: float, locale: Locale) -> None:
        self._figure, self._side, self._locale = figure, side, locale
        self._shades = [str(box(f"h{shade}", 0, 0, side, side, 3)).removesuffix("/>") for shade in range(6)]
        self._unit = escape(printable(f" {figure.unit}".rstrip()))

    def __call__(self, day: date, x: float, y: float) -> Markup:
        figure, side = self._figure, self._side
        if figure.today is not None and day > figure.today:
            return box("hx", x + 0.5, y + 0.5, side - 1, side - 1, 3)
        value = counted(figure.counts.get(day))
        shape = self._shades[figure.shade(value)].replace(' x="0" y="0"', f' x="{put(x)}" y="{put(y)}"', 1)
        says = f"{vi_day(day, self._locale)}: {vi_number(value, 0, self._locale)}{self._unit}"
        return Markup(f"{shape}><title>{says}</title></rect>")  # noqa: S704  # digits, and words escaped above
