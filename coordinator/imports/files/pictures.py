"""Uploaded pictures, made anew from their pixels: as evidence, and for bulletins in a size for the web with crops.

Place, time and camera (EXIF), comments and data behind the picture are removed. Run it through ``upload_inspection``,
which gives it a process of its own and limits.
"""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageFile, ImageOps

from coordinator.imports.files.cleaned_file import CleanedFile, FileRejected

MAX_PIXELS = 40_000_000  # a screenshot of a long page has a quarter of it; decoded it is 160 MB
MIN_SIDE = (200, 100)  # pixels; nothing can be read on less
SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}
# Of ISO/IEC 23008-12: stills and bursts coded with HEVC, and the general ones that phones write instead.
HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def picture_format(body: bytes) -> str | None:
    """The format by the first bytes: ``PNG``, ``JPEG``, ``WEBP`` or None; the name is ignored."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "WEBP"
    return next((name for start, name in SIGNATURES.items() if body.startswith(start)), None)


def foreign_format(body: bytes) -> str | None:
    """``heic`` or ``tiff`` for pictures that phones and scanners make and browsers do not show."""
    if body[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    return "heic" if body[4:8] == b"ftyp" and body[8:12] in HEIF_BRANDS else None


def clean_picture(body: bytes, format_: str) -> CleanedFile:
    """A new picture of the same pixels: JPEG stays JPEG, everything else becomes PNG. Raises ``FileRejected``."""
    bare = upright_pixels(body, format_)
    out = io.BytesIO()
    if format_ == "JPEG":
        bare.save(out, "JPEG", quality=90)
    else:
        bare.save(out, "PNG")
    return CleanedFile("jpeg" if format_ == "JPEG" else "png", f"{bare.width}x{bare.height}", out.getvalue())


def upright_pixels(body: bytes, format_: str) -> Image.Image:
    """The pixels alone, rotated as EXIF says: RGB, or RGBA where some are transparent.

    Raises ``FileRejected`` for a broken file, and for too many pixels before any of them is decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.MAX_IMAGE_PIXELS = MAX_PIXELS
            ImageFile.LOAD_TRUNCATED_IMAGES = False  # other code of this process may have set it
            with Image.open(io.BytesIO(body), formats=(format_,)) as opened:
                return _opaque_pixels(opened, format_)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileRejected("too_many_pixels", f"the picture has more than {MAX_PIXELS} pixels") from error
    except (OSError, SyntaxError, ValueError, ArithmeticError, LookupError) as error:
        # Pillow has no one exception for a broken file: each format's parser fails in its own way.
        raise FileRejected("unreadable", f"the picture is damaged or cut off: {error}") from error


def _opaque_pixels(opened: Image.Image, format_: str) -> Image.Image:
    if opened.width < MIN_SIDE[0] or opened.height < MIN_SIDE[1]:
        raise FileRejected("too_small", f"{opened.width} × {opened.height} pixels are too few to read anything")
    # In place, and one copy: forty million pixels take 160 MB each time.
    ImageOps.exif_transpose(opened, in_place=True)
    clear = "A" in opened.getbands() or "transparency" in opened.info
    bare = opened.convert("RGB" if format_ == "JPEG" or not clear else "RGBA")
    bare.info = {}
    return bare


MAX_SIDE: Final = 2400  # pixels of the longer side; twice what the widest page shows
MAX_PNG_BYTES: Final = 1_000_000  # bytes; drawings and tables stay sharp, a photograph in PNG becomes a JPEG
JPEG_QUALITY: Final = 86
# By name: width to height, and a crop's greatest width. Zalo's cover and link previews are 16:9, lists of news 4:3,
# squares for avatars and stories.
CROP_RATIOS: Final[Mapping[str, tuple[int, int, int]]] = {
    "16x9": (16, 9, 1280),
    "4x3": (4, 3, 1200),
    "1x1": (1, 1, 1080),
}
CENTRE_FOCUS: Final = (0.5, 0.5)


@dataclass(frozen=True)
class PictureFile:
    """One finished file: ``mime``, pixels and bytes."""

    mime: str
    width: int
    height: int
    body: bytes


@dataclass(frozen=True)
class PreparedPicture:
    """A picture for the web and its crops by ratio."""

    whole: PictureFile
    cuts: Mapping[str, PictureFile]


def prepare_picture(body: bytes, focus: tuple[float, float] = CENTRE_FOCUS) -> PreparedPicture:
    """Make a picture anew. ``focus``: the point that every crop keeps in sight, 0 to 1 from the top left.

    Raises ``FileRejected`` for another format, a broken file, or too many pixels (checked before any is decoded).
    """
    format_ = picture_format(body)
    if format_ is None:
        raise FileRejected("unknown_type", "only PNG, JPEG and WebP pictures are taken")
    image = upright_pixels(body, format_)
    # The crops come from the full picture, before it is made smaller for the web.
    cuts = {ratio: _crop(image, wide, high, most, focus) for ratio, (wide, high, most) in CROP_RATIOS.items()}
    return PreparedPicture(_web_picture(image, format_), cuts)


def _web_picture(image: Image.Image, format_: str) -> PictureFile:
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    if format_ == "PNG" or image.mode == "RGBA":
        out = io.BytesIO()
        image.save(out, "PNG", optimize=True)
        if out.tell() <= MAX_PNG_BYTES:
            return PictureFile("image/png", image.width, image.height, out.getvalue())
    return _jpeg(image)


def _crop(image: Image.Image, wide: int, high: int, most: int, focus: tuple[float, float]) -> PictureFile:
    width = min(image.width, image.height * wide // high)
    height = max(width * high // wide, 1)
    left = round(min(max(focus[0] * image.width - width / 2, 0), image.width - width))
    top = round(min(max(focus[1] * image.height - height / 2, 0), image.height - height))
    size = (min(width, most), max(min(width, most) * high // wide, 1))
    return _jpeg(image.resize(size, Image.Resampling.LANCZOS, (left, top, left + width, top + height)))


def _jpeg(image: Image.Image) -> PictureFile:
    if image.mode == "RGBA":
        # Transparent pixels become white; the conversion alone makes them black.
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=JPEG_QUALITY, progressive=True)
    return PictureFile("image/jpeg", image.width, image.height, out.getvalue())
