"""Pictures handed in as proof, made anew: only the pixels are kept, whatever else the file carried.

Place, time and camera (EXIF), comments, a second file behind the picture: none of it survives. Run it through
``inspecting``, which gives it a process of its own and limits.
"""

import io
import warnings

from PIL import Image, ImageFile, ImageOps

from coordinator.imports.clean import Clean, Refused

MOST_PIXELS = 40_000_000  # a screenshot of a long page has a quarter of it; decoded it is 160 MB
LEAST = (200, 100)  # pixels; nothing can be read on less
SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}
# Of ISO/IEC 23008-12: stills and bursts coded with HEVC, and the general ones that phones write instead.
HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def picture_format(body: bytes) -> str | None:
    """The format by the first bytes: ``PNG``, ``JPEG``, ``WEBP`` or None. A name or a declared type is never asked."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "WEBP"
    return next((name for start, name in SIGNATURES.items() if body.startswith(start)), None)


def foreign_format(body: bytes) -> str | None:
    """``heic`` or ``tiff`` for pictures that phones and scanners make and browsers do not show."""
    if body[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    return "heic" if body[4:8] == b"ftyp" and body[8:12] in HEIF_BRANDS else None


def clean_picture(body: bytes, format_: str) -> Clean:
    """A new picture of the same pixels: JPEG stays JPEG, everything else becomes PNG. Raises ``Refused``."""
    bare = upright_pixels(body, format_)
    out = io.BytesIO()
    if format_ == "JPEG":
        bare.save(out, "JPEG", quality=90)
    else:
        bare.save(out, "PNG")
    return Clean("jpeg" if format_ == "JPEG" else "png", f"{bare.width}x{bare.height}", out.getvalue())


def upright_pixels(body: bytes, format_: str) -> Image.Image:
    """The pixels alone, stood up as the camera meant them: RGB, or RGBA where some are transparent.

    Raises ``Refused`` for a broken file, and for too many pixels before any of them is decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.MAX_IMAGE_PIXELS = MOST_PIXELS
            ImageFile.LOAD_TRUNCATED_IMAGES = False  # other programs of this process may have asked for half pictures
            with Image.open(io.BytesIO(body), formats=(format_,)) as opened:
                return _bare(opened, format_)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("too_many_pixels", f"the picture has more than {MOST_PIXELS} pixels") from error
    except (OSError, SyntaxError, ValueError, ArithmeticError, LookupError) as error:
        # Pillow has no one exception for a broken file: each format's parser fails in its own way.
        raise Refused("unreadable", f"the picture is damaged or cut off: {error}") from error


def _bare(opened: Image.Image, format_: str) -> Image.Image:
    if opened.width < LEAST[0] or opened.height < LEAST[1]:
        raise Refused("too_small", f"{opened.width} × {opened.height} pixels are too few to read anything")
    upright = ImageOps.exif_transpose(opened)
    clear = "A" in upright.getbands() or "transparency" in upright.info
    mode = "RGB" if format_ == "JPEG" or not clear else "RGBA"
    bare = Image.new(mode, upright.size)
    bare.paste(upright.convert(mode))
    return bare
