"""A timeline of the copies of a bulletin: when each appeared after the release, and its origin."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from coordinator.exports.charts.scales import Scale
from coordinator.exports.charts.svg import HALF, Frame, element, empty_chart, line, path, svg_chart, text
from coordinator.exports.charts.text_fit import text_width, thinned_labels, truncated_text
from coordinator.exports.format import Locale, vi_number

MAX_STOPS = 60  # lines that are drawn; the table beside the chart has all
_HOUR, _DAY = 3600.0, 86_400.0
# Seconds from the beginning that may be marked below the line, and the label of each in both languages.
_MARKS: tuple[tuple[float, str, str], ...] = (
    (0, "0", "0"), (15 * 60, "15 phút", "15 min"), (_HOUR, "1 giờ", "1 h"), (3 * _HOUR, "3 giờ", "3 h"),
    (6 * _HOUR, "6 giờ", "6 h"), (12 * _HOUR, "12 giờ", "12 h"), (_DAY, "1 ngày", "1 day"),
    (3 * _DAY, "3 ngày", "3 days"), (7 * _DAY, "7 ngày", "7 days"), (30 * _DAY, "30 ngày", "30 days"),
    (365 * _DAY, "1 năm", "1 year"),
)  # fmt: skip


@dataclass(frozen=True)
class TimelineStop:
    """One point on its own line. ``after``: seconds from the beginning; ``origin``: the index of the stop that it was
    taken from, None when from the beginning itself; ``hollow``: not confirmed yet."""

    label: str
    after: float
    tooltip: str
    origin: int | None = None
    hollow: bool = False


@dataclass(frozen=True)
class Timeline:
    """Stops in order of time. ``begin`` names the beginning."""

    key: str
    title: str
    description: str
    begin: str
    stops: Sequence[TimelineStop]


def _position(seconds: float) -> float:
    """Return the coordinate of a time. A square root scale gives the first hours as much space as the following
    weeks."""
    return math.sqrt(max(seconds, 0.0) / _HOUR)


def timeline(figure: Timeline, frame: Frame = HALF, locale: Locale = "vi") -> Markup:
    """Return the stops below each other, each joined to its origin, as an SVG element."""
    stops = list(figure.stops[:MAX_STOPS])
    if not stops:
        return empty_chart(figure.key, figure.title, figure.description, frame, 120, locale)
    pitch = 42.0 if frame.narrow else 24.0
    column = 0.0 if frame.narrow else min(200.0, max(text_width(stop.label) for stop in stops) + 14)
    left, right, top = column + 12, frame.width - 16.0, 26.0
    across = Scale(0, _position(max(stop.after for stop in stops)) or 1, left, right)
    base = top + pitch * len(stops)
    marks = [line("base", left, top - 8, left, base), text(left, 12, figure.begin, "says")]
    reached = max(stop.after for stop in stops)
    known = [(seconds, vi if locale == "vi" else en) for seconds, vi, en in _MARKS if seconds <= reached]
    places = [(across(_position(seconds)), text_width(words)) for seconds, words in known]
    for index in thinned_labels(places, 8):
        x = places[index][0]
        marks.append(line("rule", x, top - 8, x, base))
        shift = max(0.0, x + places[index][1] / 2 - frame.width)
        marks.append(text(x - shift, base + 16, known[index][1], "mid"))
    spots = []
    for number, stop in enumerate(stops):
        y = top + pitch * number + (28 if frame.narrow else 10)
        spots.append((across(_position(stop.after)), y))
    for number, stop in enumerate(stops):
        x, y = spots[number]
        if stop.origin is not None and stop.origin < number:
            from_x, from_y = spots[stop.origin]
            marks.append(path("line lf", [(from_x, from_y), (from_x, y), (x, y)]))
        else:
            marks.append(line("base", left, y, x, y))
    for number, stop in enumerate(stops):
        x, y = spots[number]
        label = truncated_text(stop.label, frame.width - 8 if frame.narrow else column - 8)
        marks.append(text(0, y - 12 if frame.narrow else y + 4, label))
        title = Markup("<title>{}</title>").format(stop.tooltip)
        marks.append(element("circle", "hx" if stop.hollow else "point", title, cx=x, cy=y, r=5.0))
    height = base + 26
    if len(figure.stops) > MAX_STOPS:
        more = vi_number(len(figure.stops) - MAX_STOPS, 0, locale)
        words = f"và {more} bài nữa trong bảng" if locale == "vi" else f"and {more} more in the table"
        marks.append(text(0, height + 10, words))
        height += 18
    return svg_chart(figure.key, figure.title, figure.description, frame, height, marks)
