"""A year of days, a row a month: each day by how it stood. A sign in the cell says it as well as its shade."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from coordinator.exports.drawing import WIDE, Frame, box, drawing, legend, path, text
from coordinator.exports.format import Locale, vi_day

_LEFT, _TOP = 34.0, 20.0  # px: room for the months' names and the days' numbers


@dataclass(frozen=True)
class Kind:
    """One way a day can stand: its class (``h0``–``h5``, ``hx``), the words of the legend, and its sign.

    ``sign``: "" none, "x" a cross, "-" a bar, "/" one stroke.
    """

    shade: str
    words: str
    sign: str = ""


@dataclass(frozen=True)
class YearOfDays:
    """The days of ``year`` by the key of their kind; a day that is in none is left empty."""

    key: str
    title: str
    description: str
    year: int
    days: Mapping[date, str]
    kinds: Mapping[str, Kind]
    months: Sequence[str]
    today: date | None = None


def year_of_days(figure: YearOfDays, frame: Frame = WIDE, locale: Locale = "vi") -> Markup:
    """Twelve rows of up to 31 cells."""
    pitch = (frame.width - _LEFT) / 31
    side = pitch - (3 if pitch > 15 else 1.5)
    row = max(pitch, 14.0)
    marks: list[Markup] = []
    for number in (1, 5, 10, 15, 20, 25, 31):
        marks.append(text(_LEFT + (number - 1) * pitch + side / 2, 12, str(number), "mid"))
    for month, name in enumerate(figure.months):
        marks.append(text(0, _TOP + month * row + side / 2 + 4, name))
    day = date(figure.year, 1, 1)
    while day.year == figure.year:
        x, y = _LEFT + (day.day - 1) * pitch, _TOP + (day.month - 1) * row
        kind = figure.kinds.get(figure.days.get(day, ""))
        if kind is not None:
            marks.append(box(kind.shade, x, y, side, side, 2, f"{vi_day(day, locale)}: {kind.words}"))
            marks += _sign(kind.sign, x, y, side)
        if day == figure.today:
            marks.append(path("nowline line", _corners(x, y, side), closed=True))
        day += timedelta(days=1)
    height = _TOP + 12 * row
    used = [kind for key, kind in figure.kinds.items() if key in set(figure.days.values())]
    keys, more = legend([(kind.shade, f"{kind.words} ({kind.sign})" if kind.sign else kind.words) for kind in used],
                        0, height + 16, frame.width)  # fmt: skip
    return drawing(figure.key, figure.title, figure.description, frame, height + 8 + more, [*marks, *keys])


def _corners(x: float, y: float, side: float) -> list[tuple[float, float]]:
    return [(x - 1, y - 1), (x + side + 1, y - 1), (x + side + 1, y + side + 1), (x - 1, y + side + 1)]


def _sign(sign: str, x: float, y: float, side: float) -> list[Markup]:
    low, high = 0.22 * side, 0.78 * side
    rising = path("nowline line", [(x + low, y + high), (x + high, y + low)])
    falling = path("nowline line", [(x + low, y + low), (x + high, y + high)])
    level = path("base line", [(x + low, y + side / 2), (x + high, y + side / 2)])
    return {"x": [rising, falling], "/": [path("base line", [(x + low, y + high), (x + high, y + low)])],
            "-": [level]}.get(sign, [])  # fmt: skip
