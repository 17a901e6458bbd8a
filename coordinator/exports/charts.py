"""All the drawings in one place: ``draw(figure, frame, locale)`` returns an SVG element, safe to put into a page.

Each takes a frozen description and returns ``Markup`` (text that templates do not escape again). ``responsive`` gives
the two drawings a page needs, of which the style sheet shows one.
"""

from collections.abc import Callable
from typing import TypeVar

from lxml import etree
from markupsafe import Markup

from coordinator.exports.areas import Area, AreaMap, area_map
from coordinator.exports.bars import Bar, HorizontalBars, NamedCount, StackedBars, horizontal_bars, stacked_bars
from coordinator.exports.course import Course, Expected, Mark, line_chart
from coordinator.exports.drawing import HALF, NARROW, WIDE, Frame
from coordinator.exports.format import Locale
from coordinator.exports.heat import HeatMap, heat_key, heat_map
from coordinator.exports.strips import Part, ShareBar, Sparkline, share_bar, sparkline
from coordinator.exports.year import Kind, YearOfDays, year_of_days

__all__ = [
    "HALF",
    "NARROW",
    "WIDE",
    "Area",
    "AreaMap",
    "Bar",
    "Course",
    "Expected",
    "Frame",
    "HeatMap",
    "HorizontalBars",
    "Kind",
    "Mark",
    "NamedCount",
    "Part",
    "ShareBar",
    "Sparkline",
    "StackedBars",
    "YearOfDays",
    "area_map",
    "described",
    "heat_key",
    "heat_map",
    "horizontal_bars",
    "line_chart",
    "responsive",
    "share_bar",
    "sparkline",
    "stacked_bars",
    "year_of_days",
]

_Figure = TypeVar("_Figure")


def responsive(
    draw: Callable[[_Figure, Frame, Locale], Markup], figure: _Figure, wide: Frame = HALF, locale: Locale = "vi"
) -> Markup:
    """The wide and the narrow drawing of one figure, one after the other."""
    return draw(figure, wide, locale) + draw(figure, NARROW, locale)


def described(svg: str) -> tuple[str, str]:
    """The title and the description of a drawing made here, for documents that carry it as words."""
    root = etree.fromstring(svg, etree.XMLParser(resolve_entities=False, no_network=True))
    name = "{http://www.w3.org/2000/svg}"
    return root.findtext(f"{name}title", ""), root.findtext(f"{name}desc", "")
