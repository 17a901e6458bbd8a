"""Bar charts: stacked vertical bars over time or classes, and horizontal bars for named counts. All begin at 0."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from coordinator.exports.charts.scales import Scale, chart_value, round_step, ticks
from coordinator.exports.charts.svg import (
    HALF,
    Frame,
    empty_chart,
    legend,
    line,
    paragraph,
    rectangle,
    series_box,
    series_class,
    svg_chart,
    text,
)
from coordinator.exports.charts.text_fit import labels_overlap, text_width, thinned_labels, truncated_text
from coordinator.exports.format import Locale, vi_number, vi_percent

_LABEL = 84.0  # px: a longer label under a bar is cut


@dataclass(frozen=True)
class Bar:
    """One bar: its label and the value of each series, in order."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class StackedBars:
    """A chart of stacked bars. ``note`` is a sentence below the axis, such as "tuần bắt đầu Thứ Hai"."""

    key: str
    title: str
    description: str
    series: tuple[str, ...]
    bars: Sequence[Bar]
    note: str = ""


@dataclass(frozen=True)
class NamedCount:
    """One horizontal bar. ``strong``: highlighted, as the one that the page is about."""

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
    """Return the bars as an SVG element, with their totals where those fit.

    A single series has no value axis: every bar shows its figure. ``with_key`` adds a legend below, for paper.
    """
    single = len(figure.series) <= 1
    base = (126.0 if frame.narrow else 136.0) if single else (180.0 if frame.narrow else 210.0)
    totals = [sum(chart_value(value) for value in bar.values) for bar in figure.bars]
    if not figure.bars or not figure.series:
        return empty_chart(figure.key, figure.title, figure.description, frame, base + 40, locale)
    highest = max(totals)
    marks: list[Markup] = []
    if single:
        left, right, scale = 0.0, float(frame.width), Scale(0, highest or 1, base, 22)
        marks.append(line("base", left, base, right, base))
    else:
        step = round_step(highest, 3)
        top = step * max(1, -(-highest // step)) if highest else 0.0
        scale = Scale(0, top or 1, base, 20)
        left, right = max(44.0, text_width(vi_number(top, 0, locale)) + 12), frame.width - 8.0
        for value in ticks(top, 3):
            y = scale(value)
            marks.append(line("rule" if value else "base", left, y, right, y))
            marks.append(text(left - 8, y + 4, vi_number(value, 0, locale), "end"))
    pitch = (right - left) / len(figure.bars)
    width = min(pitch * (0.76 if single else 0.62), 72.0)
    centres = [left + pitch * (index + 0.5) for index in range(len(figure.bars))]
    for bar, centre in zip(figure.bars, centres, strict=True):
        marks += _stacked_bar(bar, centre - width / 2, width, scale, rx=2 if single else 0)
    marks += _totals(totals, centres, scale, locale)
    says = [truncated_text(bar.label, _LABEL) for bar in figure.bars]
    places = [(centre, text_width(label)) for centre, label in zip(centres, says, strict=True)]
    marks += [text(centres[index], base + 18, says[index], "mid") for index in thinned_labels(places, 6)]
    height = base + 26
    if figure.note:
        lines, more = paragraph(figure.note, left, height + 16, frame.width - left)
        marks += lines
        height += more + 8
    if with_key and not single:
        keys, more = legend(
            [(series_class(i), name) for i, name in enumerate(figure.series)], left, height + 16, right - left
        )
        marks += keys
        height += more + 8
    return svg_chart(figure.key, figure.title, figure.description, frame, height, marks)


def _stacked_bar(bar: Bar, x: float, width: float, scale: Scale, rx: float) -> list[Markup]:
    """Draw the parts of one bar from the base up, with a thin gap so that they are distinct in grey."""
    marks: list[Markup] = []
    reached = 0.0
    for index, value in enumerate(map(chart_value, bar.values)):
        if value:
            low, high = scale(reached), scale(reached + value)
            gap = 1.0 if len(bar.values) > 1 and low - high > 2 else 0.0
            marks += series_box(index, x, high, width, low - high - gap, rx)
            reached += value
    return marks


def _totals(totals: Sequence[float], centres: Sequence[float], scale: Scale, locale: Locale) -> list[Markup]:
    """Write every total on its bar; only the highest and the last where labels would overlap."""
    says = [vi_number(total, 0, locale) for total in totals]
    places = [(centre, text_width(label)) for centre, label in zip(centres, says, strict=True)]
    chosen = set(range(len(totals)))
    if labels_overlap(places, 3):
        best, last = totals.index(max(totals)), len(totals) - 1
        chosen = {best} if labels_overlap([places[best], places[last]], 3) else {best, last}
    return [text(centres[index], scale(totals[index]) - 6, says[index], "says mid") for index in sorted(chosen)]


def horizontal_bars(figure: HorizontalBars, frame: Frame = HALF, locale: Locale = "vi") -> Markup:
    """Return horizontal bars with their names at the left (above them in the narrow chart) and figures at the end."""
    rows = [(row, chart_value(row.value)) for row in figure.rows]
    if not rows:
        return empty_chart(figure.key, figure.title, figure.description, frame, 120, locale)
    column = 0.0 if frame.narrow else min(188.0, max(text_width(row.label) for row, _ in rows) + 12)
    available = max(text_width(vi_number(value, 0, locale)) for _, value in rows) + 14
    scale = Scale(0, max(value for _, value in rows) or 1, 0, frame.width - column - available)
    pitch, thick = (46.0, 18.0) if frame.narrow else (34.0, 22.0)
    lead = any(row.strong for row, _ in rows)
    marks: list[Markup] = []
    for index, (row, value) in enumerate(rows):
        top = pitch * index
        y = top + (19 if frame.narrow else 6)
        label = truncated_text(row.label, frame.width if frame.narrow else column - 10)
        marks.append(text(0, top + 12 if frame.narrow else y + 15, label, "says" if row.strong else ""))
        tint = "s1" if row.strong or not lead else "s6"
        says = vi_number(value, 0, locale)
        marks.append(rectangle(tint, column, y, scale(value), thick, 2, f"{row.label}: {says}"))
        marks.append(text(column + scale(value) + 8, y + thick / 2 + 4, says, "says"))
    return svg_chart(figure.key, figure.title, figure.description, frame, pitch * len(rows), marks)


SHARE_BAR_FRAME = Frame(520)


@dataclass(frozen=True)
class Share:
    """One named share of a whole."""

    label: str
    value: float


@dataclass(frozen=True)
class ShareBar:
    """Parts of a whole in a fixed order; a part of 0 keeps its tone and has no width."""

    key: str
    title: str
    description: str
    parts: Sequence[Share]

    def shares(self) -> tuple[float, ...]:
        """Return each part's share of the whole, 0-1; all 0 when the sum is 0."""
        values = [chart_value(part.value) for part in self.parts]
        whole = sum(values)
        return tuple(value / whole if whole else 0.0 for value in values)


def share_bar(
    figure: ShareBar, frame: Frame = SHARE_BAR_FRAME, locale: Locale = "vi", *, with_key: bool = False
) -> Markup:
    """Return the parts side by side as an SVG element. Pages list names and figures below; ``with_key`` draws them."""
    shares = figure.shares()
    shown = [(index, share) for index, share in enumerate(shares) if share]
    if not shown:
        return empty_chart(figure.key, figure.title, figure.description, frame, 34, locale)
    available = frame.width - 2.0 * (len(shown) - 1)
    # The smallest part keeps a visible width, which is taken from the largest.
    widths = {index: max(share * available, 3.0) for index, share in shown}
    largest = max(widths, key=lambda index: widths[index])
    widths[largest] -= sum(widths.values()) - available
    marks: list[Markup] = []
    x = 0.0
    for index, share in shown:
        part = figure.parts[index]
        says = f"{part.label}: {vi_number(part.value, 0, locale)} ({vi_percent(share, locale=locale)})"
        marks += series_box(index, x, 0, widths[index], 34, says=says)
        x += widths[index] + 2
    height = 34.0
    if with_key:
        items = [
            (
                series_class(index),
                f"{part.label} {vi_number(chart_value(part.value), 0, locale)} ({vi_percent(share, locale=locale)})",
            )
            for index, (part, share) in enumerate(zip(figure.parts, shares, strict=True))
        ]
        keys, more = legend(items, 0, height + 18, frame.width)
        marks += keys
        height += more + 6
    return svg_chart(figure.key, figure.title, figure.description, frame, height, marks)
