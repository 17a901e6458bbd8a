"""A drawing as a picture of dots, for documents that cannot hold SVG: Word, mail, slides."""

from functools import cache

import resvg_py
from lxml import etree

from coordinator.exports.drawing import FONT
from coordinator.exports.errors import ExportError

MM_IN_AN_INCH = 25.4
WIDEST_MM, FINEST = 1000.0, 1200  # a picture beyond these fills the memory, and no page is that wide
_LETTERS = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" font-family="{family}" font-size="12">'
    '<text x="2" y="15">{says}</text></svg>'
)
_PACKAGE = "fonts-liberation"


def write_png(svg: str, width_mm: float, dpi: int = 200) -> bytes:
    """A drawing of ``charts`` on white, as wide on paper as asked for: ``width_mm`` × ``dpi`` / 25,4 dots across.

    Its greys are those of print: the colours of the screen come from a style sheet that is not there. Nothing is
    fetched, from the network or the disk, but the machine's fonts. Raises ``ValueError`` for a size that no page has
    or text that is no SVG, ``ExportError`` where the machine has none of the fonts that drawings name: the words would
    be left out without anybody noticing.
    """
    if not 0 < width_mm <= WIDEST_MM or not 1 <= dpi <= FINEST:
        raise ValueError(f"{width_mm} mm at {dpi} dots an inch is no size of a picture")
    root = _root(svg)
    _need_letters()
    width = max(round(width_mm / MM_IN_AN_INCH * dpi), 1)
    # Its own units have no size on paper: as many dots as asked for, and the height by the drawing's shape.
    _left, _top, across, down = root.attrib["viewBox"].split()
    root.attrib.update({"width": across, "height": down})
    return _drawn(etree.tostring(root, encoding="unicode"), width)


def drawn_size(svg: str) -> tuple[float, float]:
    """How wide and how high a drawing is, in its own units. Raises ``ValueError`` for text that is no SVG."""
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


def _drawn(svg: str, width: int) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, background="white"))


@cache
def _need_letters() -> None:
    """Letters of Vietnamese leave dots on the paper, or there is no font for them."""
    blank, marked = (_drawn(_LETTERS.format(family=FONT, says=says), 40) for says in (" ", "ỄỰ"))
    if blank == marked:
        raise ExportError(
            f"pictures need a font with Vietnamese letters; on Debian: apt-get install {_PACKAGE}",
            code="png_fonts",
            packages=_PACKAGE,
        )
