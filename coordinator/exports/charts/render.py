"""The charts of pages and documents. Each function returns an SVG element as ``Markup``, safe to put into a page.

Each takes a frozen description. ``responsive`` returns the wide and the narrow chart for a page, of which the style
sheet shows one.
"""

from collections.abc import Callable
from typing import TypeVar

from lxml import etree
from markupsafe import Markup

from coordinator.exports.charts.bars import (
    Bar,
    HorizontalBars,
    NamedCount,
    Share,
    ShareBar,
    StackedBars,
    horizontal_bars,
    share_bar,
    stacked_bars,
)
from coordinator.exports.charts.heatmap import Heatmap, heatmap, heatmap_legend
from coordinator.exports.charts.line_chart import (
    ForecastPoint,
    LineChart,
    MilestoneMark,
    Sparkline,
    line_chart,
    sparkline,
)
from coordinator.exports.charts.svg import HALF, NARROW, PAPER, PAPER_LOW, WIDE, Frame
from coordinator.exports.format import Locale

__all__ = [
    "HALF",
    "NARROW",
    "PAPER",
    "PAPER_LOW",
    "WIDE",
    "Bar",
    "ForecastPoint",
    "Frame",
    "Heatmap",
    "HorizontalBars",
    "LineChart",
    "MilestoneMark",
    "NamedCount",
    "Share",
    "ShareBar",
    "Sparkline",
    "StackedBars",
    "chart_description",
    "heatmap",
    "heatmap_legend",
    "horizontal_bars",
    "line_chart",
    "responsive",
    "share_bar",
    "sparkline",
    "stacked_bars",
]

_Figure = TypeVar("_Figure")


def responsive(
    draw: Callable[[_Figure, Frame, Locale], Markup], figure: _Figure, wide: Frame = HALF, locale: Locale = "vi"
) -> Markup:
    """Return the wide and the narrow chart of one figure, one after the other."""
    return draw(figure, wide, locale) + draw(figure, NARROW, locale)


def chart_description(svg: str) -> tuple[str, str]:
    """Return the title and the description of a chart, for the text of documents."""
    root = etree.fromstring(svg, etree.XMLParser(resolve_entities=False, no_network=True))
    name = "{http://www.w3.org/2000/svg}"
    return root.findtext(f"{name}title", ""), root.findtext(f"{name}desc", "")
