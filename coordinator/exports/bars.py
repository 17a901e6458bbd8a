"""Bars: stacked by series over time or classes, and lying ones for a handful of named counts. All begin at 0."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from coordinator.exports.drawing import HALF, Frame, box, drawing, empty, legend, line, paragraph, text, tone, toned
from coordinator.exports.fitting import crowded, fitted, thinned, words_width
from coordinator.exports.format import Locale, vi_number
from coordinator.exports.scales import Scale, counted, round_step, ticks

_LABEL = 84.0  # px: a longer label under a bar is cut


@dataclass(frozen=True)
class Bar:
    """One bar: its label and a value for each series, in order."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class StackedBars:
    """Bars of one or more series. ``note`` is a sentence below the axis, such as "tuần bắt đầu Thứ Hai"."""

    key: str
    title: str
    description: str
    series: tuple[str, ...]
    bars: Sequence[Bar]
    note: str = ""


@dataclass(frozen=True)
class NamedCount:
    """One lying bar. ``strong`` is the one the page is about; the others step back."""

    label: str
    value: float
    strong: bool = False


@dataclass(frozen=True)
class HorizontalBars:
    """Named counts in the order given."""

    key: str
    title: str
    description: str
    rows: Sequence[NamedCount]


def stacked_bars(figure: StackedBars, frame: Frame = HALF, locale: Locale = "vi", *, with_key: bool = False) -> Markup:
    """The bars with their totals on them where those have room, as an SVG element.

    One series needs no value axis: every bar carries its figure. ``with_key`` adds the series' names below, for paper.
    """
    single = len(figure.series) <= 1
    base = (126.0 if frame.narrow else 136.0) if single else (180.0 if frame.narrow else 210.0)
    totals = [sum(counted(value) for value in bar.values) for bar in figure.bars]
    if not figure.bars or not figure.series:
        return empty(figure.key, figure.title, figure.description, frame, base + 40, locale)
    highest = max(totals)
    marks: list[Markup] = []
    if single:
        left, right, scale = 0.0, float(frame.width), Scale(0, highest or 1, base, 22)
        marks.append(line("base", left, base, right, base))
    else:
        step = round_step(highest, 3)
        top = step * max(1, -(-highest // step)) if highest else 0.0
        scale = Scale(0, top or 1, base, 20)
        left, right = max(44.0, words_width(vi_number(top, 0, locale)) + 12), frame.width - 8.0
        for value in ticks(top, 3):
            y = scale(value)
            marks.append(line("rule" if value else "base", left, y, right, y))
            marks.append(text(left - 8, y + 4, vi_number(value, 0, locale), "end"))
    pitch = (right - left) / len(figure.bars)
    width = min(pitch * (0.76 if single else 0.62), 72.0)
    centres = [left + pitch * (index + 0.5) for index in range(len(figure.bars))]
    for bar, centre in zip(figure.bars, centres, strict=True):
        marks += _one(bar, centre - width / 2, width, scale, rx=2 if single else 0)
    marks += _totals(totals, centres, scale, locale)
    says = [fitted(bar.label, _LABEL) for bar in figure.bars]
    places = [(centre, words_width(label)) for centre, label in zip(centres, says, strict=True)]
    marks += [text(centres[index], base + 18, says[index], "mid") for index in thinned(places, 6)]
    height = base + 26
    if figure.note:
        lines, more = paragraph(figure.note, left, height + 16, frame.width - left)
        marks += lines
        height += more + 8
    if with_key and not single:
        keys, more = legend([(tone(i), name) for i, name in enumerate(figure.series)], left, height + 16, right - left)
        marks += keys
        height += more + 8
    return drawing(figure.key, figure.title, figure.description, frame, height, marks)


def _one(bar: Bar, x: float, width: float, scale: Scale, rx: float) -> list[Markup]:
    """The parts of one bar from the base up, a hair apart so that they stay apart in grey."""
    marks: list[Markup] = []
    reached = 0.0
    for index, value in enumerate(map(counted, bar.values)):
        if value:
            low, high = scale(reached), scale(reached + value)
            gap = 1.0 if len(bar.values) > 1 and low - high > 2 else 0.0
            marks += toned(index, x, high, width, low - high - gap, rx)
            reached += value
    return marks


def _totals(totals: Sequence[float], centres: Sequence[float], scale: Scale, locale: Locale) -> list[Markup]:
    """Every total on its bar; only the highest and the last where all of them would run together."""
    says = [vi_number(total, 0, locale) for total in totals]
    places = [(centre, words_width(label)) for centre, label in zip(centres, says, strict=True)]
    chosen = set(range(len(totals)))
    if crowded(places, 3):
        best, last = totals.index(max(totals)), len(totals) - 1
        chosen = {best} if crowded([places[best], places[last]], 3) else {best, last}
    return [text(centres[index], scale(totals[index]) - 6, says[index], "says mid") for index in sorted(chosen)]


def horizontal_bars(figure: HorizontalBars, frame: Frame = HALF, locale: Locale = "vi") -> Markup:
    """Lying bars with their names at the left (above them in the narrow drawing) and their figures at the end."""
    rows = [(row, counted(row.value)) for row in figure.rows]
    if not rows:
        return empty(figure.key, figure.title, figure.description, frame, 120, locale)
    column = 0.0 if frame.narrow else min(188.0, max(words_width(row.label) for row, _ in rows) + 12)
    room = max(words_width(vi_number(value, 0, locale)) for _, value in rows) + 14
    scale = Scale(0, max(value for _, value in rows) or 1, 0, frame.width - column - room)
    pitch, thick = (46.0, 18.0) if frame.narrow else (34.0, 22.0)
    lead = any(row.strong for row, _ in rows)
    marks: list[Markup] = []
    for index, (row, value) in enumerate(rows):
        top = pitch * index
        y = top + (19 if frame.narrow else 6)
        label = fitted(row.label, frame.width if frame.narrow else column - 10)
        marks.append(text(0, top + 12 if frame.narrow else y + 15, label, "says" if row.strong else ""))
        tint = "s1" if row.strong or not lead else "s6"
        says = vi_number(value, 0, locale)
        marks.append(box(tint, column, y, scale(value), thick, 2, f"{row.label}: {says}"))
        marks.append(text(column + scale(value) + 8, y + thick / 2 + 4, says, "says"))
    return drawing(figure.key, figure.title, figure.description, frame, pitch * len(rows), marks)
