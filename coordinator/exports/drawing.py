"""What every chart is drawn with: escaped SVG elements, the frame around them, words that fit.

A mark carries a class, which the page's style sheet colours for light, dark and print, and presentation attributes with
the same meaning in greys, which hold where that sheet is absent (PDF, a saved file). There is no ``style`` attribute:
the pages' policy would drop it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from markupsafe import Markup, escape

from coordinator.exports.fitting import fitted, words_width, wrapped
from coordinator.exports.format import Locale
from coordinator.exports.hatching import LIGHT, hatching
from coordinator.exports.lettering import printable

# Neighbours differ by a fifth of the way from black to white at least.
_GREYS = ("#111", "#777", "#c4c4c4", "#444", "#8a8a8a", "#c8c8c8")
_HEATS = ("#f0f0f0", "#dcdcdc", "#bdbdbd", "#8f8f8f", "#5e5e5e", "#222")
# Only what must hold on paper; sizes and colours on the screen come from the class.
_ON_PAPER: Mapping[str, Mapping[str, str]] = {
    "says": {"fill": "#000", "font-weight": "600"},
    "end": {"text-anchor": "end"},
    "mid": {"text-anchor": "middle"},
    "rule": {"stroke": "#ccc", "stroke-width": "1"},
    "base": {"stroke": "#555", "stroke-width": "1"},
    "line": {"fill": "none", "stroke-width": "2.5", "stroke-linejoin": "round", "stroke-linecap": "round"},
    "l1": {"stroke": "#111"},
    "lf": {"stroke": "#111", "stroke-dasharray": "6 4"},
    "lt": {"stroke": "#222", "stroke-width": "1.5", "stroke-dasharray": "2 4"},
    "band": {"fill": "#e2e2e2"},
    "nowline": {"stroke": "#982a12", "stroke-width": "1"},
    "nowsays": {"fill": "#982a12", "font-weight": "600"},
    "point": {"fill": "#111", "stroke": "#fff", "stroke-width": "2"},
    "hx": {"fill": "none", "stroke": "#777", "stroke-dasharray": "2 2"},
    "spark": {"fill": "none", "stroke": "#111", "stroke-width": "2"},
    "sparkarea": {"fill": "#e2e2e2"},
    "hatch": {"fill": "none", "stroke": "#fff", "stroke-width": "1.2"},
    "light": {"stroke": "#444"},
    "ls": {"stroke": "#444", "stroke-dasharray": "8 3 2 3"},
    "ms": {"fill": "#fff", "stroke": "#111", "stroke-width": "1.5"},
    "full": {"fill": "#111"},
    "cross": {"stroke": "#111", "stroke-width": "2"},
    "on": {"fill": "#000"},
    **{f"s{index}": {"fill": grey} for index, grey in enumerate(_GREYS, start=1)},
    **{f"h{index}": {"fill": grey} for index, grey in enumerate(_HEATS)},
}
_TONES = frozenset(f"s{index}" for index in range(1, len(_GREYS) + 1))
_WORDS: Mapping[Locale, Mapping[str, str]] = {
    "vi": {
        "empty": "Chưa có số liệu trong kỳ này",
        "forecast": "dự báo",
        "target": "chỉ tiêu",
        "high": "cao",
        "low": "thấp",
        "supposed": "nếu vậy",
        "up to": "đến",
        "over": "hơn",
        "solid": "Nét liền",
        "dashed": "Nét đứt: dự báo, vùng nhạt là khoảng",
        "dotted": "Chấm: chỉ tiêu chia đều",
        "dash-dotted": "Gạch chấm: nếu vậy",
        "diamond": "Hình thoi: mốc",
        "days": "T2 T3 T4 T5 T6 T7 CN",
    },
    "en": {
        "empty": "No figures in this period yet",
        "forecast": "forecast",
        "target": "target",
        "high": "high",
        "low": "low",
        "supposed": "if so",
        "up to": "up to",
        "over": "over",
        "solid": "Solid",
        "dashed": "Dashed: forecast with its range",
        "dotted": "Dotted: even course to the target",
        "dash-dotted": "Dashes and dots: if so",
        "diamond": "Diamonds: milestones",
        "days": "Mo Tu We Th Fr Sa Su",
    },
}
FONT = "Be Vietnam Pro, Liberation Sans, DejaVu Sans, Arial, sans-serif"
LINE = 18


@dataclass(frozen=True)
class Frame:
    """How wide a drawing is, in its own units (12 are a line of text), and on which screens it shows."""

    width: int
    show: Literal["wide", "narrow", ""] = ""

    @property
    def narrow(self) -> bool:
        """Whether there is room for the short form only."""
        return self.width < 400


WIDE = Frame(720, "wide")
HALF = Frame(480, "wide")
NARROW = Frame(330, "narrow")


def word(key: str, locale: Locale) -> str:
    """One of the few words the drawings say themselves."""
    return _WORDS[locale][key]


def tone(index: int) -> str:
    """The class of the ``index``-th series (from 0); after six the tones begin again."""
    return f"s{index % len(_GREYS) + 1}"


@lru_cache(maxsize=8192)  # the days of a year stand in seven rows and fifty columns
def put(value: float) -> str:
    """A coordinate with one decimal at most; never ``-0``."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def element(name: str, classes: str = "", *inner: Markup, **attributes: float | str) -> Markup:
    """One element. Numbers are rounded, text is escaped, ``_`` in a name becomes ``-``; ``inner`` is markup already."""
    first, paper, last = _dress(classes)
    # Put together as text: a year of days is thousands of these. What a class says for paper is not overruled.
    given = "".join(
        [
            f' {key.replace("_", "-")}="{escape(printable(value)) if isinstance(value, str) else put(value)}"'
            for key, value in attributes.items()
            if key not in paper
        ]
    )
    body = "".join(inner)
    whole = f"<{name}{first}{given}{last}>{body}</{name}>" if body else f"<{name}{first}{given}{last}/>"
    return Markup(whole)  # noqa: S704  # escaped above


@cache
def _dress(classes: str) -> tuple[str, frozenset[str], str]:
    """The attribute of the classes; what they say for paper, where no style sheet reaches: by name, and written."""
    paper: dict[str, str] = {}
    for name in classes.split():
        paper |= _ON_PAPER.get(name, {})
    first = f' class="{escape(classes)}"' if classes else ""
    names = frozenset(key.replace("-", "_") for key in paper)
    return first, names, "".join(f' {key}="{escape(value)}"' for key, value in paper.items())


def text(x: float, y: float, words: str, classes: str = "") -> Markup:
    """A line of words with its baseline at ``y``; grey unless a class says otherwise."""
    extra = {} if {"says", "nowsays", "on"} & set(classes.split()) else {"fill": "#333"}
    return element("text", classes, escape(printable(words)), x=x, y=y, **extra)


def line(classes: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    """A straight line."""
    return element("line", classes, x1=x1, x2=x2, y1=y1, y2=y2)


def box(classes: str, x: float, y: float, width: float, height: float, rx: float = 0, says: str = "") -> Markup:
    """A rectangle; ``says`` is told when the pointer rests on it."""
    # As ``element`` would write it, in a third of the time: most of what is drawn are these.
    first, _paper, last = _dress(classes)
    wide, high, corner = put(max(width, 0.0)), put(max(height, 0.0)), f' rx="{put(rx)}"' if rx else ""
    shape = f'<rect{first} x="{put(x)}" y="{put(y)}" width="{wide}" height="{high}"{corner}{last}'
    told = f"><title>{escape(printable(says))}</title></rect>" if says else "/>"
    return Markup(shape + told)  # noqa: S704  # escaped


def toned(index: int, x: float, y: float, width: float, height: float, rx: float = 0, says: str = "") -> list[Markup]:
    """A rectangle in the tone of the ``index``-th series (from 0), with the hatching of that tone."""
    number = index % len(_GREYS) + 1
    found = [box(tone(index), x, y, width, height, rx, says)]
    if strokes := hatching(number, x, y, width, height):
        found.append(element("path", "hatch light" if number in LIGHT else "hatch", d=strokes))
    return found


def outline(points: Sequence[tuple[float, float]], *, closed: bool = False) -> str:
    """Straight strokes through ``points``, as the data of a path."""
    return "M" + " L".join(f"{put(x)} {put(y)}" for x, y in points) + ("Z" if closed else "")


def path(classes: str, points: Sequence[tuple[float, float]], *, closed: bool = False) -> Markup:
    """Straight strokes through ``points``; nothing for fewer than two."""
    return element("path", classes, d=outline(points, closed=closed)) if len(points) > 1 else Markup("")


def drawing(key: str, title: str, description: str, frame: Frame, height: float, marks: Iterable[Markup]) -> Markup:
    """The whole picture, with its title and description for those who cannot see it.

    ``key`` names it within the page (letters, digits, hyphens); the width is added, so that the wide and the narrow
    drawing of one figure have different ids. Raises ``ValueError`` for a key that is not one.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", key):
        raise ValueError(f"{key!r} cannot name a drawing")
    name = f"{key}-{frame.width}"
    head = Markup('<title id="{0}-t">{1}</title><desc id="{0}-d">{2}</desc>').format(
        name, printable(title), printable(description or title)
    )
    return element(
        "svg",
        f"chart {frame.show}".strip(),
        head,
        *marks,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {frame.width} {put(height)}",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        font_family=FONT,
        font_size="12",
    )


def empty(key: str, title: str, description: str, frame: Frame, height: float, locale: Locale) -> Markup:
    """A calm picture, at most ``height`` high, that says there is nothing to draw yet."""
    says = word("empty", locale)
    height = min(height, 140)
    middle = height / 2
    marks = [line("rule", 0, height - 1, frame.width, height - 1), text(frame.width / 2, middle + 4, says, "mid")]
    about = f"{description} {says}.".strip()
    return drawing(key, title, about, frame, height, marks)


def paragraph(words: str, x: float, y: float, width: float) -> tuple[list[Markup], float]:
    """``words`` in as many lines as they need from the baseline ``y`` on, and the height they take."""
    lines = wrapped(words, width)
    return [text(x, y + index * LINE, part) for index, part in enumerate(lines)], float(LINE * len(lines))


def legend(items: Sequence[tuple[str, str]], x: float, y: float, width: float) -> tuple[list[Markup], float]:
    """Keys (class, words) in rows from the baseline ``y`` on, and the height they take; tones with their hatching."""
    marks: list[Markup] = []
    left, row = x, 0
    for classes, words in items:
        says = fitted(words, width - 18)
        needed = 18 + words_width(says)
        if left > x and left + needed > x + width:
            left, row = x, row + 1
        place = (left, y + row * LINE - 10, 12.0, 12.0, 2.0)
        marks += toned(int(classes[1:]) - 1, *place) if classes in _TONES else [box(classes, *place)]
        marks.append(text(left + 18, y + row * LINE, says))
        left += needed + 14
    return marks, float(LINE * (row + 1)) if items else 0.0
