"""Hashes of pictures: what sites do to a picture leaves it near, and other pictures are far."""

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from campaigns.matching.pictures.comparison import LOOK_DISTANCE, PLAIN_DISTANCE
from campaigns.matching.pictures.hashes import SIDE, Grey, PictureIndex, found_hashes, original_hashes
from tests.drawn_pictures import CHANGES, infographic, photograph, poster

LINES = ["Lịch tiêm chủng mở rộng trong tháng", "tại các trạm y tế phường", "Người dân mang theo sổ tiêm"]
OURS = {
    "infographic": infographic("24/11/2026", ["12.431", "508", "1.276", "17"]),
    "poster": poster(1, LINES),
    "photograph": photograph(1),
}
OTHERS = [poster(seed, LINES[::-1]) for seed in range(2, 8)] + [photograph(seed) for seed in range(2, 14)]


def thumbnail(picture: Image.Image) -> Grey:
    return np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX))


INDEX = PictureIndex([original_hashes(thumbnail(picture)) for picture in OURS.values()])


def nearest(picture: Image.Image, most: int = LOOK_DISTANCE) -> Sequence[str]:
    return [list(OURS)[near.place] for near in INDEX.near(found_hashes(thumbnail(picture)), most)]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", OURS)
def test_a_changed_picture_is_near_its_original(name: str, change: str) -> None:
    assert nearest(CHANGES[change](OURS[name]))[:1] == [name]


def test_other_pictures_are_not_near() -> None:
    assert [place for place, picture in enumerate(OTHERS) if nearest(picture)] == []


def test_the_next_days_infographic_is_near_so_that_a_hash_is_no_proof() -> None:
    assert nearest(infographic("25/11/2026", ["11.902", "611", "1.304", "9"])) == ["infographic"]


def test_a_mirrored_picture_is_known_as_one() -> None:
    mirrored = INDEX.near(found_hashes(thumbnail(CHANGES["mirrored"](OURS["poster"]))), LOOK_DISTANCE)[0]
    upright = INDEX.near(found_hashes(thumbnail(OURS["poster"])), LOOK_DISTANCE)[0]
    assert (mirrored.mirrored, upright.mirrored, upright.distance) == (True, False, 0)


def test_a_photograph_is_near_within_the_distance_of_pictures_without_text() -> None:
    assert nearest(CHANGES["compressed"](OURS["photograph"]), PLAIN_DISTANCE) == ["photograph"]


def test_a_picture_of_one_colour_and_an_empty_index_are_no_error() -> None:
    plain = np.full((SIDE, SIDE), 200, np.uint8)
    assert PictureIndex([]).near(found_hashes(plain), LOOK_DISTANCE) == []
    assert nearest(Image.new("RGB", (900, 900), "white")) == []
