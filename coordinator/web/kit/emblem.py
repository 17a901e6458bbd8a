"""The mark of a department that has no other: a sun over water, drawn as pictures for browsers and link previews.

``public/emblem.html`` draws the same in a page.
"""

import io
import math
from functools import lru_cache

from PIL import Image, ImageDraw

INK, GROUND = (255, 255, 255), (23, 48, 107)  # white on the masthead's indigo
LOGO_SIZE = (512, 512)  # pixels of the square logo
CARD_SIZE = (1200, 630)  # pixels of a link preview, the ratio that most programs show
ICON_SIZES = [(16, 16), (32, 32), (48, 48)]
_UNITS = 48  # the drawing's own width and height
_FINER = 4  # times drawn larger, for smooth edges


@lru_cache
def logo_png(*, card: bool = False) -> bytes:
    """The mark as a PNG of ``LOGO_SIZE``; ``card``: of ``CARD_SIZE``, for a bulletin without a picture."""
    out = io.BytesIO()
    _drawn(*(CARD_SIZE if card else LOGO_SIZE)).save(out, "PNG", optimize=True)
    return out.getvalue()


@lru_cache
def favicon() -> bytes:
    """The mark as an icon file."""
    out = io.BytesIO()
    _drawn(256, 256).save(out, "ICO", sizes=ICON_SIZES)
    return out.getvalue()


def _drawn(width: int, height: int) -> Image.Image:
    picture = Image.new("RGB", (width * _FINER, height * _FINER), GROUND)
    pen = ImageDraw.Draw(picture)
    scale = 0.8 * min(picture.size) / _UNITS
    left, top = (picture.width - _UNITS * scale) / 2, (picture.height - _UNITS * scale) / 2

    def line(*points: tuple[float, float]) -> None:
        placed = [(left + x * scale, top + y * scale) for x, y in points]
        stroke = 2.2 * scale
        pen.line(placed, fill=INK, width=round(stroke), joint="curve")
        for x, y in (placed[0], placed[-1]):  # round ends
            pen.ellipse((x - stroke / 2, y - stroke / 2, x + stroke / 2, y + stroke / 2), fill=INK)

    box = (left + 12.5 * scale, top + 17.5 * scale, left + 35.5 * scale, top + 40.5 * scale)
    pen.pieslice(box, 180, 360, fill=INK)
    for ray in (
        ((24, 6), (24, 12)), ((10.5, 11.5), (14.5, 15.5)), ((37.5, 11.5), (33.5, 15.5)), ((4, 24.5), (9.5, 25.5)),
        ((44, 24.5), (38.5, 25.5)),
    ):  # fmt: skip
        line(*ray)
    for begin, end, middle, swing in ((4.0, 44.0, 34.0, 2.2), (9.0, 39.0, 41.0, 1.9)):
        wave = (end - begin) / 3
        steps = [begin + (end - begin) * step / 60 for step in range(61)]
        line(*((x, middle - swing * math.sin(math.pi * (x - begin) / wave)) for x in steps))
    return picture.resize((width, height), Image.Resampling.LANCZOS)
