"""Strips of one line: a sparkline of the last days, a bar cut into shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from coordinator.exports.drawing import Frame, drawing, element, empty, legend, path, tone, toned
from coordinator.exports.format import Locale, vi_number, vi_percent
from coordinator.exports.scales import Scale, counted

SPARK = Frame(300)
SHARES = Frame(520)


@dataclass(frozen=True)
class Sparkline:
    """Values in order of time, drawn from 0. The description names the lowest and the highest."""

    key: str
    title: str
    description: str
    values: Sequence[float]


@dataclass(frozen=True)
class Part:
    """One named share of a whole."""

    label: str
    value: float


@dataclass(frozen=True)
class ShareBar:
    """Parts of a whole in a fixed order; a part of 0 keeps its tone and takes no room."""

    key: str
    title: str
    description: str
    parts: Sequence[Part]

    def shares(self) -> tuple[float, ...]:
        """Each part's share of the whole, 0-1; all 0 when there is nothing."""
        values = [counted(part.value) for part in self.parts]
        whole = sum(values)
        return tuple(value / whole if whole else 0.0 for value in values)


def sparkline(figure: Sparkline, frame: Frame = SPARK, locale: Locale = "vi") -> Markup:
    """The line over its area, as an SVG element; a single value is a point."""
    values = [counted(value) for value in figure.values]
    if not values:
        return empty(figure.key, figure.title, figure.description, frame, 56, locale)
    across = Scale(0, max(len(values) - 1, 1), 2, frame.width - 4.0)
    up = Scale(0, max(values) or 1, 54, 6)
    points = [(across(index), up(value)) for index, value in enumerate(values)]
    area = path("sparkarea", [*points, (points[-1][0], 56), (points[0][0], 56)], closed=True)
    dot = element("circle", "point", cx=points[-1][0], cy=points[-1][1], r=4.0)
    marks = [area, path("spark", points)] if len(points) > 1 else [dot]
    return drawing(figure.key, figure.title, figure.description, frame, 58, marks)


def share_bar(figure: ShareBar, frame: Frame = SHARES, locale: Locale = "vi", *, with_key: bool = False) -> Markup:
    """The parts side by side, as an SVG element; pages list names and figures below, ``with_key`` draws them."""
    shares = figure.shares()
    shown = [(index, share) for index, share in enumerate(shares) if share]
    if not shown:
        return empty(figure.key, figure.title, figure.description, frame, 34, locale)
    room = frame.width - 2.0 * (len(shown) - 1)
    # The smallest part is still to be seen; the largest gives way for it.
    widths = {index: max(share * room, 3.0) for index, share in shown}
    largest = max(widths, key=lambda index: widths[index])
    widths[largest] -= sum(widths.values()) - room
    marks: list[Markup] = []
    x = 0.0
    for index, share in shown:
        part = figure.parts[index]
        says = f"{part.label}: {vi_number(part.value, 0, locale)} ({vi_percent(share, locale=locale)})"
        marks += toned(index, x, 0, widths[index], 34, says=says)
        x += widths[index] + 2
    height = 34.0
    if with_key:
        items = [
            (
                tone(index),
                f"{part.label} {vi_number(counted(part.value), 0, locale)} ({vi_percent(share, locale=locale)})",
            )
            for index, (part, share) in enumerate(zip(figure.parts, shares, strict=True))
        ]
        keys, more = legend(items, 0, height + 18, frame.width)
        marks += keys
        height += more + 6
    return drawing(figure.key, figure.title, figure.description, frame, height, marks)
