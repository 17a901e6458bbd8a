"""Charts as PNG: the requested width, their text, and nothing fetched."""

import io

import pytest
from PIL import Image, ImageChops

from coordinator.exports.charts.png import write_png
from coordinator.exports.charts.render import HALF, WIDE, heatmap, horizontal_bars, line_chart, share_bar, stacked_bars
from tests.coordinator.exports.samples import course, days, shares, steps, weeks

DRAWINGS = [
    line_chart(course(), WIDE, with_key=True),
    stacked_bars(weeks(), HALF, with_key=True),
    horizontal_bars(steps()),
    heatmap(days(), with_key=True),
    share_bar(shares(6604, 287, 403, 118), with_key=True),
]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.mark.parametrize("svg", DRAWINGS)
def test_a_picture_is_as_wide_on_paper_as_asked_for_and_keeps_its_shape(svg: str) -> None:
    picture = opened(write_png(str(svg), 160, 200))
    assert picture.width == round(160 / 25.4 * 200)
    across, down = (float(part) for part in str(svg).partition('viewBox="0 0 ')[2].partition('"')[0].split())
    assert picture.height == pytest.approx(picture.width * down / across, abs=1.5)
    assert picture.getpixel((picture.width - 1, picture.height - 1)) == (255, 255, 255)


def test_the_words_are_on_the_picture() -> None:
    """Without letters a drawing is silently smaller by its words: the same one with other words is another picture."""
    image, other = (opened(write_png(str(line_chart(course(unit=unit))), 80, 100)) for unit in ("đã xác nhận", "ỄẬỵ"))
    assert image.size == other.size
    assert ImageChops.difference(image, other).getbbox() is not None


def test_more_dots_an_inch_are_a_larger_picture() -> None:
    small, large = (opened(write_png(str(DRAWINGS[2]), 100, dpi)) for dpi in (72, 144))
    assert (small.width, large.width) == (283, 567)


@pytest.mark.parametrize(("width", "dpi"), [(0, 200), (-3, 200), (5000, 200), (160, 0), (160, 100_000)])
def test_a_size_that_no_page_has_is_refused(width: float, dpi: int) -> None:
    with pytest.raises(ValueError, match="no size"):
        write_png(str(DRAWINGS[0]), width, dpi)


@pytest.mark.parametrize("text", ["", "<svg", "<p/>", '<svg xmlns="http://www.w3.org/2000/svg"/>'])
def test_what_is_no_drawing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this is no"):
        write_png(text, 100)
