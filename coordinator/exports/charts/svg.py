"""The elements of charts: escaped SVG elements, the frame around them, and fitted text.

An element has a class, which the page's style sheet colours for light, dark and print, and presentation attributes with
the same meaning in greys, which apply without that sheet (PDF, a saved file). There is no ``style`` attribute: the
pages' content security policy forbids it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from coordinator.exports.charts.text_fit import text_width, truncated_text, wrapped_text
from coordinator.exports.format import Locale
from coordinator.exports.printable_text import printable
from coordinator.translation import N_, NP_, catalogue

# Hatching over the tones of a series, so that neighbours are distinct without colour.


HATCH_STEP = 7.0  # px between two strokes
MIN_HATCHED_SIZE = 4.0  # px: in a smaller box no stroke would be visible
# The strokes by the tone's number: rising "/", falling "\", horizontal "-", vertical "|".
HATCH_STROKES = {1: "", 2: "/", 3: "-", 4: "\\", 5: "|", 6: "/\\"}
LIGHT_SERIES = frozenset({3, 6})  # tones with dark strokes on paper


def hatching(number: int, x: float, y: float, width: float, height: float) -> str:
    """Return the strokes over one box of the ``number``-th tone (from 1), as the data of a path; "" for the first tone
    or a tiny box."""
    if min(width, height) < MIN_HATCHED_SIZE:
        return ""
    return "".join(
        f"M{x + x1:.4g} {y + y1:.4g}l{x2 - x1:.4g} {y2 - y1:.4g}"
        for kind in HATCH_STROKES[number]
        for x1, y1, x2, y2 in _strokes(kind, width, height)
    )


def _strokes(kind: str, width: float, height: float) -> Iterator[tuple[float, float, float, float]]:
    """Return the ends of the strokes within a box at 0, 0; diagonal ones are clipped at its edges."""
    if kind == "-":
        for row in range(1, int(height // HATCH_STEP) + 1):
            yield 0.0, row * HATCH_STEP - HATCH_STEP / 2, width, row * HATCH_STEP - HATCH_STEP / 2
        return
    if kind == "|":
        for column in range(1, int(width // HATCH_STEP) + 1):
            yield column * HATCH_STEP - HATCH_STEP / 2, 0.0, column * HATCH_STEP - HATCH_STEP / 2, height
        return
    for number in range(1, int((width + height) // HATCH_STEP) + 1):
        # The rising stroke where x + y has this value; falling ones are mirrored.
        along = number * HATCH_STEP
        x1, x2 = max(0.0, along - height), min(width, along)
        if x2 - x1 < 1:
            continue
        ends = (x1, along - x1, x2, along - x2)
        yield ends if kind == "/" else (width - ends[0], ends[1], width - ends[2], ends[3])


# Neighbours differ by at least a fifth of the range from black to white.
_GREYS = ("#111", "#777", "#c4c4c4", "#444", "#8a8a8a", "#c8c8c8")
_HEATS = ("#f0f0f0", "#dcdcdc", "#bdbdbd", "#8f8f8f", "#5e5e5e", "#222")
# Presentation attributes for paper; sizes and colours on the screen come from the class.
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
_MESSAGES: Mapping[str, str] = {
    "empty": N_("Chưa có số liệu trong kỳ này"),
    "forecast": N_("dự báo"),
    "target": N_("chỉ tiêu"),
    "high": N_("cao"),
    "low": N_("thấp"),
    "supposed": N_("nếu vậy"),
    "up to": NP_("chart", "đến"),
    "over": N_("hơn"),
    "solid": N_("Nét liền"),
    "dashed": N_("Nét đứt: dự báo, vùng nhạt là khoảng"),
    "dotted": N_("Chấm: chỉ tiêu chia đều"),
    "dash-dotted": N_("Gạch chấm: nếu vậy"),
    "diamond": N_("Hình thoi: mốc"),
    "days": N_("T2 T3 T4 T5 T6 T7 CN"),
}
FONT = "Be Vietnam Pro, Liberation Sans, DejaVu Sans, Arial, sans-serif"
LINE_HEIGHT = 18


@dataclass(frozen=True)
class Frame:
    """The width of a chart in its own units (a line of text is 12), and the screens that show it. ``height``: of a line
    chart without its legend; None for the usual one of this width."""

    width: int
    show: Literal["wide", "narrow", ""] = ""
    height: float | None = None

    @property
    def narrow(self) -> bool:
        """Whether only the short form fits."""
        return self.width < 400


WIDE = Frame(720, "wide")
HALF = Frame(480, "wide")
NARROW = Frame(330, "narrow")
PAPER = Frame(600, height=220.0)  # on the full width of A4 a line of its text is as tall as that of a table
PAPER_LOW = Frame(600, height=170.0)


def chart_word(key: str, locale: Locale) -> str:
    """Return a text of the charts themselves."""
    return catalogue(locale).gettext(_MESSAGES[key])


def series_class(index: int) -> str:
    """Return the class of the ``index``-th series (from 0); the seventh has the tone of the first."""
    return f"s{index % len(_GREYS) + 1}"


def coordinate(value: float) -> str:
    """Return a coordinate with at most one decimal; never ``-0``."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def element(name: str, classes: str = "", *inner: Markup, **attributes: float | str) -> Markup:
    """Return one element. Numbers are rounded, text is escaped, ``_`` in a name becomes ``-``; ``inner`` is markup."""
    first, paper, last = _class_attributes(classes)
    # An attribute of a class for paper is not overridden.
    given = "".join(
        [
            f' {key.replace("_", "-")}="{escape(printable(value)) if isinstance(value, str) else coordinate(value)}"'
            for key, value in attributes.items()
            if key not in paper
        ]
    )
    body = "".join(inner)
    whole = f"<{name}{first}{given}{last}>{body}</{name}>" if body else f"<{name}{first}{given}{last}/>"
    return Markup(whole)  # noqa: S704  # escaped above


def _class_attributes(classes: str) -> tuple[str, frozenset[str], str]:
    """Return the ``class`` attribute, and the presentation attributes of the classes by name and as text."""
    paper: dict[str, str] = {}
    for name in classes.split():
        paper |= _ON_PAPER.get(name, {})
    first = f' class="{escape(classes)}"' if classes else ""
    names = frozenset(key.replace("-", "_") for key in paper)
    return first, names, "".join(f' {key}="{escape(value)}"' for key, value in paper.items())


def text(x: float, y: float, words: str, classes: str = "") -> Markup:
    """Return a line of text with its baseline at ``y``; grey unless a class sets another colour."""
    extra = {} if {"says", "nowsays", "on"} & set(classes.split()) else {"fill": "#333"}
    return element("text", classes, escape(printable(words)), x=x, y=y, **extra)


def line(classes: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    """Return a straight line."""
    return element("line", classes, x1=x1, x2=x2, y1=y1, y2=y2)


def rectangle(classes: str, x: float, y: float, width: float, height: float, rx: float = 0, says: str = "") -> Markup:
    """Return a rectangle; ``says`` is its tooltip."""
    title = [element("title", "", escape(printable(says)))] if says else []
    corner = {"rx": rx} if rx else {}
    return element("rect", classes, *title, x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), **corner)


def series_box(
    index: int, x: float, y: float, width: float, height: float, rx: float = 0, says: str = ""
) -> list[Markup]:
    """Return a rectangle in the tone of the ``index``-th series (from 0), with the hatching of that tone."""
    number = index % len(_GREYS) + 1
    found = [rectangle(series_class(index), x, y, width, height, rx, says)]
    if strokes := hatching(number, x, y, width, height):
        found.append(element("path", "hatch light" if number in LIGHT_SERIES else "hatch", d=strokes))
    return found


def outline(points: Sequence[tuple[float, float]], *, closed: bool = False) -> str:
    """Return straight lines through ``points``, as the data of a path."""
    return "M" + " L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points) + ("Z" if closed else "")


def path(classes: str, points: Sequence[tuple[float, float]], *, closed: bool = False) -> Markup:
    """Return straight lines through ``points``; nothing for fewer than two."""
    return element("path", classes, d=outline(points, closed=closed)) if len(points) > 1 else Markup("")


def svg_chart(key: str, title: str, description: str, frame: Frame, height: float, marks: Iterable[Markup]) -> Markup:
    """Return the whole chart, with its title and description for screen readers.

    ``key`` identifies it within the page (letters, digits, hyphens); the width is added, so that the wide and the
    narrow chart of one figure have different ids. Raises ``ValueError`` for an invalid key.
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
        viewBox=f"0 0 {frame.width} {coordinate(height)}",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        font_family=FONT,
        font_size="12",
    )


def empty_chart(key: str, title: str, description: str, frame: Frame, height: float, locale: Locale) -> Markup:
    """Return a chart, at most ``height`` high, that says that there are no values yet."""
    says = chart_word("empty", locale)
    height = min(height, 140)
    middle = height / 2
    marks = [line("rule", 0, height - 1, frame.width, height - 1), text(frame.width / 2, middle + 4, says, "mid")]
    about = f"{description} {says}.".strip()
    return svg_chart(key, title, about, frame, height, marks)


def paragraph(words: str, x: float, y: float, width: float) -> tuple[list[Markup], float]:
    """Return ``words`` in as many lines as needed from the baseline ``y`` on, and their height."""
    lines = wrapped_text(words, width)
    return [text(x, y + index * LINE_HEIGHT, part) for index, part in enumerate(lines)], float(LINE_HEIGHT * len(lines))


def legend(items: Sequence[tuple[str, str]], x: float, y: float, width: float) -> tuple[list[Markup], float]:
    """Return the legend of (class, text) pairs in rows from the baseline ``y`` on, and its height."""
    marks: list[Markup] = []
    left, row = x, 0
    for classes, words in items:
        says = truncated_text(words, width - 18)
        needed = 18 + text_width(says)
        if left > x and left + needed > x + width:
            left, row = x, row + 1
        place = (left, y + row * LINE_HEIGHT - 10, 12.0, 12.0, 2.0)
        marks += series_box(int(classes[1:]) - 1, *place) if classes in _TONES else [rectangle(classes, *place)]
        marks.append(text(left + 18, y + row * LINE_HEIGHT, says))
        left += needed + 14
    return marks, float(LINE_HEIGHT * (row + 1)) if items else 0.0
