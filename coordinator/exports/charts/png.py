"""Charts as PNG, for documents that cannot contain SVG: Word, mail, slides."""

from functools import cache

import resvg_py
from lxml import etree

from coordinator.exports.charts.svg import FONT
from coordinator.exports.errors import ExportError

MM_IN_AN_INCH = 25.4
MAX_WIDTH_MM, MAX_DPI = 1000.0, 1200  # a larger picture would fill the memory, and no page is that wide
_SAMPLE_LETTERS = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" font-family="{family}" font-size="12">'
    '<text x="2" y="15">{says}</text></svg>'
)
_PACKAGE = "fonts-liberation"


def write_png(svg: str, width_mm: float, dpi: int = 200) -> bytes:
    """Return a chart on a white background, ``width_mm`` × ``dpi`` / 25,4 pixels wide.

    The chart has the greys of print: the colours of the screen come from a style sheet that is not loaded. Only the
    machine's fonts are read, nothing else from the network or the disk. Raises ``ValueError`` for an invalid size or
    text that is no SVG, ``ExportError`` where the machine has none of the fonts that charts name, since the text would
    be left out silently.
    """
    if not 0 < width_mm <= MAX_WIDTH_MM or not 1 <= dpi <= MAX_DPI:
        raise ValueError(f"{width_mm} mm at {dpi} dots an inch is no size of a picture")
    root = _root(svg)
    _require_fonts()
    width = max(round(width_mm / MM_IN_AN_INCH * dpi), 1)
    # The units of the SVG have no size on paper: the width is the requested one, the height follows from the ratio.
    _left, _top, across, down = root.attrib["viewBox"].split()
    root.attrib.update({"width": across, "height": down})
    return _rendered(etree.tostring(root, encoding="unicode"), width)


def drawing_size(svg: str) -> tuple[float, float]:
    """Return the width and height of a chart in its own units. Raises ``ValueError`` for text that is no SVG."""
    _left, _top, across, down = _root(svg).attrib["viewBox"].split()
    return float(across), float(down)


def _root(svg: str) -> etree._Element:
    try:
        root = etree.fromstring(svg, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as broken:
        raise ValueError("this is no SVG") from broken
    if root.tag != "{http://www.w3.org/2000/svg}svg" or "viewBox" not in root.attrib:
        raise ValueError("this is no drawing with a size")
    return root


def _rendered(svg: str, width: int) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, background="white"))


@cache
def _require_fonts() -> None:
    """Raise ``ExportError`` unless Vietnamese letters are rendered, that is, a font has them."""
    blank, marked = (_rendered(_SAMPLE_LETTERS.format(family=FONT, says=says), 40) for says in (" ", "ỄỰ"))
    if blank == marked:
        raise ExportError(
            f"pictures need a font with Vietnamese letters; on Debian: apt-get install {_PACKAGE}",
            code="png_fonts",
            packages=_PACKAGE,
        )
