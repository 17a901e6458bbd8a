"""Which boxes of two pictures show letters."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from coordinator.rendering import ink
from coordinator.rendering.ink import Picture

BOX = np.array([[10.0, 10.0, 104.0, 26.0]])


def picture(
    colour: str = "#222", ground: str = "#fff", *, blur: float = 0.0, rows: int = 99, columns: int = 999
) -> Picture:
    """A word of 20 pixels on a ground, blurred, or cut to its first rows or columns."""
    image = Image.new("RGB", (130, 50), ground)
    ImageDraw.Draw(image).text((10, 10), "phường mở", fill=colour, font=ImageFont.load_default(20))
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    plain = Image.new("RGB", image.size, ground)
    plain.paste(image.crop((0, 0, 10 + columns, 10 + rows)), (0, 0))
    return np.asarray(plain)


def seen(shown: Picture, without: Picture) -> bool:
    return bool(ink.seen_boxes(shown, without, BOX)[0])


@pytest.mark.parametrize(
    ("colour", "ground"), [("#222", "#fff"), ("#aaa", "#fff"), ("#777", "#121212"), ("#00f", "#000"), ("#f00", "#080")]
)
def test_letters_with_contrast_are_seen(colour: str, ground: str) -> None:
    assert seen(picture(colour, ground), picture(ground, ground))


@pytest.mark.parametrize(
    ("colour", "ground"), [("#fff", "#fff"), ("#eee", "#fff"), ("#ddd", "#fff"), ("#000", "#050505"), ("#123", "#124")]
)
def test_letters_of_nearly_the_colour_of_their_ground_are_not(colour: str, ground: str) -> None:
    assert not seen(picture(colour, ground), picture(ground, ground))


def test_letters_that_are_blurred_beyond_reading_are_not_seen() -> None:
    assert seen(picture(blur=0.6), picture("#fff"))
    assert not seen(picture(blur=6.0), picture("#fff"))


def test_letters_of_which_a_part_is_left_are_not_seen() -> None:
    assert not seen(picture(rows=8), picture("#fff"))
    assert not seen(picture(columns=30), picture("#fff"))


def test_a_full_area_is_no_word() -> None:
    full = np.zeros((50, 130, 3), dtype=np.uint8)
    assert not seen(full, np.full_like(full, 255))


def test_ink_where_something_moves_does_not_count() -> None:
    unsteady = np.ones((50, 130), dtype=np.bool_)
    assert not ink.seen_boxes(picture(), picture("#fff"), BOX, unsteady)[0]


def test_boxes_that_overlap_are_of_different_classes() -> None:
    boxes = np.array([[0.0, 0, 50, 20], [0, 18, 50, 20], [10, 2, 20, 16], [200, 0, 50, 20]])
    assert ink.classes_of(boxes, 6).tolist() == [0, 0, 1, 0]
    assert ink.classes_of(np.array([[0.0, 0, 50, 20]] * 3), 2).tolist() == [0, 1, -1]
    assert ink.under_others(boxes, np.array([1, 1, 2, 3])).tolist() == [True, False, True, False]
