"""Where two pictures differ: what a site did is marked, and what scaling and compression do is not."""

import pytest
from PIL import Image

from coordinator.imports.pictures.differences import Difference, DifferenceKind, find_differences
from tests.drawn_pictures import CHANGES, infographic, jpeg, photograph, poster

TODAY = infographic("24/11/2026", ("12.431", "3.205", "978", "14"))
PICTURES = {
    "infographic": TODAY, "poster": poster(3, ["TIÊM CHỦNG MIỄN PHÍ", "Từ 7 giờ 30 đến 16 giờ", "tại ba mươi trạm"]),
    "photograph": photograph(1),
}  # fmt: skip


def places(original: Image.Image, found: Image.Image) -> list[Difference] | None:
    compared = find_differences(jpeg(original), jpeg(found))
    assert (compared.width, compared.height) == found.size
    return list(compared.places) if compared.frame is not None else None


def holds(box: tuple[float, float, float, float] | None, x: float, y: float) -> bool:
    return box is not None and box[0] <= x <= box[2] and box[1] <= y <= box[3]


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("change", ["as it is", "scaled to 60 %", "compressed", "grey"])
def test_scaling_compression_and_colour_are_no_difference(picture: str, change: str) -> None:
    assert places(PICTURES[picture], CHANGES[change](PICTURES[picture])) == []


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ("a caption", ["added"]), ("a border", ["added"] * 4), ("beside another", ["added"]),
        ("cropped by 3 %", ["cut"] * 4),
    ],
)  # fmt: skip
def test_what_was_added_around_it_or_cut_off_is_marked(picture: str, change: str, kinds: list[str]) -> None:
    found = places(PICTURES[picture], CHANGES[change](PICTURES[picture]))
    assert found is not None
    assert [place.kind.value for place in found] == kinds
    assert all((place.ours is None) == (place.kind is DifferenceKind.ADDED) for place in found)


def test_other_figures_and_another_day_are_marked_in_both() -> None:
    found = places(TODAY, infographic("25/11/2026", ("12.437", "3.205", "1.112", "14")))
    assert found is not None
    assert {place.kind for place in found} == {DifferenceKind.CHANGED}
    # The last digit of the first figure, the third figure, the day; and not the second figure.
    for x, y, marked in ((0.29, 0.27, True), (0.2, 0.6, True), (0.41, 0.16, True), (0.2, 0.435, False)):
        assert any(holds(place.ours, x, y) and holds(place.found, x, y) for place in found) is marked


def test_a_name_stamped_on_a_small_copy_is_marked() -> None:
    found = places(TODAY, CHANGES["a logo"](TODAY).resize((720, 720), Image.Resampling.LANCZOS))
    assert found is not None
    (place,) = found
    assert place.kind is DifferenceKind.CHANGED
    assert holds(place.found, 0.9, 0.05)


@pytest.mark.parametrize("other", [PICTURES["poster"], PICTURES["photograph"], CHANGES["mirrored"](TODAY)])
def test_pictures_that_do_not_lie_over_each_other_are_not_marked(other: Image.Image) -> None:
    assert places(TODAY, other) is None


def test_a_picture_of_one_colour_is_not_marked() -> None:
    plain = Image.new("RGB", (400, 300), "white")
    assert places(TODAY, plain) is None
    assert places(plain, plain) in (None, [])
