"""A time line: who carried something when, from whom, from the moment it was out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from coordinator.exports.drawing import HALF, Frame, drawing, element, empty, line, path, text
from coordinator.exports.fitting import fitted, thinned, words_width
from coordinator.exports.format import Locale, vi_number
from coordinator.exports.scales import Scale

MOST = 60  # lines that are drawn; the table beside lists them all
_HOUR, _DAY = 3600.0, 86_400.0
# Seconds from the beginning that may be marked below the line, and how each is said in both languages.
_MARKS: tuple[tuple[float, str, str], ...] = (
    (0, "0", "0"), (15 * 60, "15 phút", "15 min"), (_HOUR, "1 giờ", "1 h"), (3 * _HOUR, "3 giờ", "3 h"),
    (6 * _HOUR, "6 giờ", "6 h"), (12 * _HOUR, "12 giờ", "12 h"), (_DAY, "1 ngày", "1 day"),
    (3 * _DAY, "3 ngày", "3 days"), (7 * _DAY, "7 ngày", "7 days"), (30 * _DAY, "30 ngày", "30 days"),
    (365 * _DAY, "1 năm", "1 year"),
)  # fmt: skip


@dataclass(frozen=True)
class Stop:
    """One point on its own line. ``after``: seconds from the beginning; ``origin``: the place (from 0) of the stop that
    it was taken from, None when from the beginning itself; ``hollow``: not settled yet."""

    label: str
    after: float
    says: str
    origin: int | None = None
    hollow: bool = False


@dataclass(frozen=True)
class TimeLine:
    """Stops in order of time. ``begin`` names the beginning."""

    key: str
    title: str
    description: str
    begin: str
    stops: Sequence[Stop]


def _place(seconds: float) -> float:
    """Where a moment stands: the first hours matter as much as the following weeks, so hours are told by their root."""
    return math.sqrt(max(seconds, 0.0) / _HOUR)


def time_line(figure: TimeLine, frame: Frame = HALF, locale: Locale = "vi") -> Markup:
    """The stops below each other, each joined to where it was taken from, as an SVG element."""
    stops = list(figure.stops[:MOST])
    if not stops:
        return empty(figure.key, figure.title, figure.description, frame, 120, locale)
    pitch = 42.0 if frame.narrow else 24.0
    column = 0.0 if frame.narrow else min(200.0, max(words_width(one.label) for one in stops) + 14)
    left, right, top = column + 12, frame.width - 16.0, 26.0
    across = Scale(0, _place(max(one.after for one in stops)) or 1, left, right)
    base = top + pitch * len(stops)
    marks = [line("base", left, top - 8, left, base), text(left, 12, figure.begin, "says")]
    reached = max(one.after for one in stops)
    known = [(seconds, vi if locale == "vi" else en) for seconds, vi, en in _MARKS if seconds <= reached]
    places = [(across(_place(seconds)), words_width(words)) for seconds, words in known]
    for index in thinned(places, 8):
        x = places[index][0]
        marks.append(line("rule", x, top - 8, x, base))
        shift = max(0.0, x + places[index][1] / 2 - frame.width)
        marks.append(text(x - shift, base + 16, known[index][1], "mid"))
    spots = []
    for number, one in enumerate(stops):
        y = top + pitch * number + (28 if frame.narrow else 10)
        spots.append((across(_place(one.after)), y))
    for number, one in enumerate(stops):
        x, y = spots[number]
        if one.origin is not None and one.origin < number:
            from_x, from_y = spots[one.origin]
            marks.append(path("line lf", [(from_x, from_y), (from_x, y), (x, y)]))
        else:
            marks.append(line("base", left, y, x, y))
    for number, one in enumerate(stops):
        x, y = spots[number]
        label = fitted(one.label, frame.width - 8 if frame.narrow else column - 8)
        marks.append(text(0, y - 12 if frame.narrow else y + 4, label))
        title = Markup("<title>{}</title>").format(one.says)
        marks.append(element("circle", "hx" if one.hollow else "point", title, cx=x, cy=y, r=5.0))
    height = base + 26
    if len(figure.stops) > MOST:
        more = vi_number(len(figure.stops) - MOST, 0, locale)
        words = f"và {more} bài nữa trong bảng" if locale == "vi" else f"and {more} more in the table"
        marks.append(text(0, height + 10, words))
        height += 18
    return drawing(figure.key, figure.title, figure.description, frame, height, marks)
