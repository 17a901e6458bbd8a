"""Drawings as pictures of dots, for documents that cannot carry a drawing."""

import resvg_py

_MM_PER_INCH = 25.4
# What text is drawn with where the first family of a drawing is not installed.
_SANS = "Liberation Sans"


def write_png(svg: str, width_mm: float, dpi: int = 200) -> bytes:
    """An SVG drawing as PNG, ``width_mm`` wide at ``dpi`` dots an inch, on white. Nothing is fetched.

    200 dots an inch are the least that Nghị định 30/2020 asks of a copy on paper. Raises ``ValueError`` for what is no
    drawing.
    """
    width = round(width_mm / _MM_PER_INCH * dpi)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, width=width, background="white", sans_serif_family=_SANS, font_family=_SANS
        )
    )
