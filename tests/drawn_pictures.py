"""Pictures drawn for tests: infographics of one template, posters and photographs, and what sites do to pictures."""

import io
import random
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

FONT, BOLD = "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"
LABELS = ("Hộ được cấp nước", "Mũi tiêm trong ngày", "Hồ sơ đã giải quyết", "Điểm còn ngập")


def _font(size: int, name: str = FONT) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(name, size)


def infographic(day: str, figures: Sequence[str]) -> Image.Image:
    """A day's infographic; those of all days are alike but for the day and the four figures."""
    picture = Image.new("RGB", (1080, 1080), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((140, 60), "TÌNH HÌNH TRONG NGÀY", font=_font(56, BOLD), fill="black")
    draw.text((140, 150), f"Cập nhật ngày {day}", font=_font(40), fill="black")
    for place, (label, figure) in enumerate(zip(LABELS, figures, strict=True)):
        top = 260 + 180 * place
        draw.rectangle((60, top, 110, top + 110), fill=(20, 90, 160))
        draw.text((140, top), figure, font=_font(64, BOLD), fill=(20, 90, 160))
        draw.text((140, top + 78), label, font=_font(36), fill="black")
    draw.text((140, 1000), "Cổng thông tin điện tử thành phố", font=_font(32), fill="black")
    return picture


def poster(seed: int, lines: Sequence[str]) -> Image.Image:
    """A poster with these lines of text on a coloured ground."""
    dice = random.Random(seed)
    ground = tuple(dice.randint(180, 240) for _ in range(3))
    picture = Image.new("RGB", (1200, 900), ground)
    draw = ImageDraw.Draw(picture)
    for _ in range(5):
        left, top, size = dice.randint(0, 1000), dice.randint(500, 800), dice.randint(60, 240)
        draw.ellipse((left, top, left + size, top + size), fill=tuple(dice.randint(90, 200) for _ in range(3)))
    for place, line in enumerate(lines):
        draw.text((80, 60 + 52 * place), line, font=_font(34), fill="black")
    return picture


def photograph(seed: int) -> Image.Image:
    """Patches of light and colour with noise, without text."""
    dice = np.random.default_rng(seed)
    pixels = np.zeros((600, 800, 3))
    for size in (4, 8, 16, 40):
        patches = Image.fromarray((dice.random((size * 3 // 4, size, 3)) * 255).astype(np.uint8))
        pixels += np.asarray(patches.resize((800, 600), Image.Resampling.BICUBIC)) / 4
    return Image.fromarray((pixels + dice.normal(0, 10, pixels.shape)).clip(0, 255).astype(np.uint8))


def jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    """The picture as a JPEG file."""
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=quality)
    return file.getvalue()


def _compressed(picture: Image.Image) -> Image.Image:
    return Image.open(io.BytesIO(jpeg(picture, 30))).convert("RGB")


def _scaled(picture: Image.Image, share: float) -> Image.Image:
    return picture.resize((round(picture.width * share), round(picture.height * share)), Image.Resampling.LANCZOS)


def _cropped(picture: Image.Image, share: float) -> Image.Image:
    width, height = picture.size
    return picture.crop((int(width * share), int(height * share), int(width * (1 - share)), int(height * (1 - share))))


def _captioned(picture: Image.Image) -> Image.Image:
    whole = Image.new("RGB", (picture.width, int(picture.height * 1.14)), (20, 20, 20))
    whole.paste(picture, (0, 0))
    text = (20, picture.height + 20)
    ImageDraw.Draw(whole).text(text, "Ảnh: Tin Vui", font=_font(max(picture.height // 28, 14)), fill="white")
    return whole


def _with_logo(picture: Image.Image) -> Image.Image:
    marked = picture.copy()
    width, height = picture.size
    box = (int(width * 0.86), int(height * 0.02), int(width * 0.98), int(height * 0.08))
    ImageDraw.Draw(marked).rectangle(box, fill=(200, 0, 0))
    return marked


def _beside_another(picture: Image.Image) -> Image.Image:
    pair = Image.new("RGB", (picture.width * 2, picture.height))
    pair.paste(picture, (0, 0))
    pair.paste(photograph(99).resize(picture.size), (picture.width, 0))
    return pair


CHANGES: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda picture: picture,
    "scaled to 60 %": lambda picture: _scaled(picture, 0.6),
    "compressed": _compressed,
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "cropped by 3 %": lambda picture: _cropped(picture, 0.03),
    "a border": lambda picture: ImageOps.expand(picture, picture.width // 20, "white"),
    "a caption": _captioned,
    "a logo": _with_logo,
    "mirrored": ImageOps.mirror,
    "beside another": _beside_another,
}
