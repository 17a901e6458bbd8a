"""Series are distinct without colour and on grey paper: by their tones, and by hatching."""

import math
import re
from pathlib import Path

import pytest
from lxml import etree

from coordinator.exports.charts.render import HALF, Bar, share_bar, stacked_bars
from coordinator.exports.charts.svg import _GREYS, HATCH_STROKES, MIN_HATCHED_SIZE, hatching
from tests.coordinator.exports.samples import shares, weeks

CSS = Path(__file__).parents[4] / "coordinator/web/static/css"
SVG = "{http://www.w3.org/2000/svg}"
# How people see who lack one kind of cone (Machado, Oliveira, Fernandes 2009, severity 1), on linear light.
EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
APART = 15  # of CIE 1976: a difference that is seen at a glance between areas
IN_GREY = 20  # of lightness, 0 to 100


def light(colour: str) -> tuple[float, ...]:
    """Linear red, green and blue of ``#abc`` or ``#aabbcc``."""
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def lab(colour: tuple[float, ...]) -> tuple[float, float, float]:
    red, green, blue = (min(max(value, 0), 1) for value in colour)
    white = (0.9505, 1.0, 1.089)
    xyz = (0.4124 * red + 0.3576 * green + 0.1805 * blue, 0.2126 * red + 0.7152 * green + 0.0722 * blue,
           0.0193 * red + 0.1192 * green + 0.9505 * blue)  # fmt: skip
    x, y, z = (
        (value / of) ** (1 / 3) if value / of > 0.008856 else 7.787 * value / of + 16 / 116
        for value, of in zip(xyz, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(colour: str, eye: str) -> tuple[float, float, float]:
    return lab(tuple(sum(row[at] * value for at, value in enumerate(light(colour))) for row in EYES[eye]))


def tones(sheet: str, scheme: str) -> list[str]:
    """The six tones of a scheme, in order."""
    parts = {
        "light": sheet.partition("@media")[0],
        "dark": sheet.partition("@media (prefers-color-scheme: dark)")[2].partition("\n}")[0],
        "print": sheet.partition("@media print")[2],
    }
    found = dict(re.findall(r"--c([1-6]): (#[0-9a-f]+)", parts[scheme])[:6])
    return [found[str(number)] for number in range(1, 7)]


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neighbouring_tones_differ_for_every_eye(scheme: str, eye: str) -> None:
    chosen = tones((CSS / "tokens.css").read_text("utf-8"), scheme)
    for text, other in zip(chosen, [*chosen[1:], chosen[0]], strict=True):
        assert math.dist(seen(text, eye), seen(other, eye)) >= APART, (text, other)


@pytest.mark.parametrize("greys", [list(_GREYS), "print"])
def test_neighbouring_greys_differ_on_paper(greys: list[str] | str) -> None:
    chosen = tones((CSS / "narrow.css").read_text("utf-8"), "print") if isinstance(greys, str) else greys
    assert len(chosen) == 6
    for text, other in zip(chosen, [*chosen[1:], chosen[0]], strict=True):
        assert abs(lab(light(text))[0] - lab(light(other))[0]) >= IN_GREY, (text, other)


def test_no_two_tones_have_the_same_strokes() -> None:
    assert len(set(HATCH_STROKES.values())) == len(HATCH_STROKES) == len(_GREYS)
    drawn = {hatching(number, 0, 0, 40, 40) for number in HATCH_STROKES}
    assert len(drawn) == 6


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
@pytest.mark.parametrize(("width", "height"), [(40, 30), (6, 200), (300, 5)])
def test_strokes_stay_within_their_box(number: int, width: float, height: float) -> None:
    trail = hatching(number, 10, 20, width, height)
    for x, y, right, down in re.findall(r"M(\S+) (\S+)l(\S+) (\S+?)(?=M|$)", trail):
        assert 9.9 <= float(x) <= 10.1 + width
        assert 19.9 <= float(y) <= 20.1 + height
        assert 9.9 <= float(x) + float(right) <= 10.1 + width
        assert 19.9 <= float(y) + float(down) <= 20.1 + height


def test_a_box_too_small_for_strokes_has_none() -> None:
    assert hatching(2, 0, 0, MIN_HATCHED_SIZE - 1, 100) == ""
    assert hatching(1, 0, 0, 100, 100) == ""


@pytest.mark.parametrize(
    "svg",
    [stacked_bars(weeks(Bar("x", (9, 8, 7, 6, 5, 4)), series=tuple("abcdef")), HALF, with_key=True),
     share_bar(shares(9, 8, 7, 6, 5, 4), with_key=True)],
)  # fmt: skip
def test_parts_and_their_keys_carry_the_strokes_of_their_tone(svg: str) -> None:
    root = etree.fromstring(str(svg))
    boxes = [node.get("class") for node in root.iter(f"{SVG}rect")]
    strokes = [node for node in root.iter(f"{SVG}path") if "hatch" in node.get("class").split()]
    assert sorted(boxes) == sorted([f"s{number}" for number in range(1, 7)] * 2)
    assert len(strokes) == 10


def test_the_keys_beside_a_drawing_have_strokes_too() -> None:
    sheet = (CSS / "figures.css").read_text("utf-8")
    for number in range(2, 7):
        assert f".key.t{number} {{ background-image: linear-gradient(" in sheet
