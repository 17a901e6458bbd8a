"""Pictures for bulletins, made anew from an upload: a size for the web, and crops to the ratios that channels show.

As with proofs only the pixels are kept: place, time, camera, comments and whatever hides behind a picture are gone. Run
it through ``inspecting``, which gives it a process of its own and limits.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image

from coordinator.imports.clean import Refused
from coordinator.imports.pictures import picture_format, upright_pixels

LONGEST: Final = 2400  # pixels of the longer side; twice what the widest page shows
LARGEST_PNG: Final = 1_000_000  # bytes; drawings and tables stay sharp, a photograph in PNG becomes a JPEG
QUALITY: Final = 86
# By name: width to height, and a crop's greatest width. Zalo's cover and link previews are 16:9, lists of news 4:3,
# squares for avatars and stories.
RATIOS: Final[Mapping[str, tuple[int, int, int]]] = {"16x9": (16, 9, 1280), "4x3": (4, 3, 1200), "1x1": (1, 1, 1080)}
CENTRE: Final = (0.5, 0.5)


@dataclass(frozen=True)
class Piece:
    """One finished file: ``mime``, pixels and bytes."""

    mime: str
    width: int
    height: int
    body: bytes


@dataclass(frozen=True)
class Prepared:
    """A picture for the web and its crops by ratio."""

    whole: Piece
    cuts: Mapping[str, Piece]


def prepare(body: bytes, focus: tuple[float, float] = CENTRE) -> Prepared:
    """Make a picture anew. ``focus``: the point that every crop keeps in sight, 0 to 1 from the top left.

    Raises ``Refused`` for what is no picture, is broken, or has too many pixels (told before any is decoded).
    """
    format_ = picture_format(body)
    if format_ is None:
        raise Refused("unknown_type", "only PNG, JPEG and WebP pictures are taken")
    image = upright_pixels(body, format_)
    # The crops come from the full picture, before it is made smaller for the web.
    cuts = {ratio: _cut(image, wide, high, most, focus) for ratio, (wide, high, most) in RATIOS.items()}
    return Prepared(_whole(image, format_), cuts)


def _whole(image: Image.Image, format_: str) -> Piece:
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    if format_ == "PNG" or image.mode == "RGBA":
        out = io.BytesIO()
        image.save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST_PNG:
            return Piece("image/png", image.width, image.height, out.getvalue())
    return _jpeg(image)


def _cut(image: Image.Image, wide: int, high: int, most: int, focus: tuple[float, float]) -> Piece:
    width = min(image.width, image.height * wide // high)
    height = max(width * high // wide, 1)
    left = round(min(max(focus[0] * image.width - width / 2, 0), image.width - width))
    top = round(min(max(focus[1] * image.height - height / 2, 0), image.height - height))
    size = (min(width, most), max(min(width, most) * high // wide, 1))
    return _jpeg(image.resize(size, Image.Resampling.LANCZOS, (left, top, left + width, top + height)))


def _jpeg(image: Image.Image) -> Piece:
    if image.mode == "RGBA":
        # Transparent places are paper, not the black that a bare conversion makes of them.
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=QUALITY, progressive=True)
    return Piece("image/jpeg", image.width, image.height, out.getvalue())
