"""Hashes of pictures: of 240 pictures of five kinds, how many are found in what sites make of them, and how many others
lie as near.

Infographics are of one template, with other figures; posters, notices, charts and photographs differ in everything.
The pictures are drawn for this. A picture is found where it is the nearest within ``LOOK_DISTANCE``.
"""

import random
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.corpus.topics import TOPICS
from benchmarks.corpus.words import headline
from benchmarks.measure import Line
from campaigns.matching.pictures.comparison import LOOK_DISTANCE
from campaigns.matching.pictures.hashes import SIDE, Grey, PictureIndex, found_hashes, original_hashes
from tests.drawn_pictures import BOLD, CHANGES, FONT, infographic, photograph, poster

Change = Callable[[Image.Image], Image.Image]


def _cut(left: float, top: float, right: float, bottom: float) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        width, height = picture.size
        return picture.crop(
            (int(width * left), int(height * top), int(width * (1 - right)), int(height * (1 - bottom)))
        )

    return change


def _as_networks_do(picture: Image.Image) -> Image.Image:
    small = CHANGES["scaled to 60 %"](CHANGES["a logo"](_cut(0.02, 0.02, 0.02, 0.02)(picture)))
    return CHANGES["compressed"](small)


FURTHER: dict[str, Change] = {
    "scaled to 30 %": lambda picture: picture.resize((picture.width * 3 // 10, picture.height * 3 // 10)),
    "cropped by 5 %": _cut(0.05, 0.05, 0.05, 0.05),
    "cropped by 10 %": _cut(0.1, 0.1, 0.1, 0.1),
    "cropped by 5 % at two sides": _cut(0.05, 0, 0, 0.05),
    "cropped, logo, scaled, compressed": _as_networks_do,
}


def _line(dice: random.Random) -> str:
    return headline(dice, dice.choice(TOPICS))


def _notice(dice: random.Random) -> Image.Image:
    picture = Image.new("RGB", (1000, 1414), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((400, 160), "THÔNG BÁO", font=ImageFont.truetype(BOLD, 40), fill="black")
    for line in range(dice.randint(12, 30)):
        draw.text((80, 280 + 36 * line), _line(dice), font=ImageFont.truetype(FONT, 24), fill="black")
    return picture


def _chart(dice: random.Random) -> Image.Image:
    picture = Image.new("RGB", (1200, 800), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((60, 40), _line(dice), font=ImageFont.truetype(BOLD, 38), fill="black")
    count = dice.randint(5, 12)
    for bar in range(count):
        left, height = 80 + bar * 1050 // count, dice.randint(40, 500)
        draw.rectangle((left, 720 - height, left + 700 // count, 720), fill=(30, 90 + dice.randint(0, 100), 180))
    return picture


def _pictures() -> list[tuple[str, Image.Image]]:
    dice = random.Random("pictures")
    return [
        *(
            ("infographic", infographic(f"{day % 28 + 1:02}/{day // 28 + 1:02}/2026", _figures(dice)))
            for day in range(80)
        ),
        *(("poster", poster(seed, [_line(dice) for _ in range(dice.randint(3, 8))])) for seed in range(60)),
        *(("notice", _notice(dice)) for _ in range(40)),
        *(("chart", _chart(dice)) for _ in range(30)),
        *(("photograph", photograph(seed)) for seed in range(30)),
    ]


def _figures(dice: random.Random) -> list[str]:
    return [f"{dice.randint(10, 99)}.{dice.randint(100, 999)}" for _ in range(4)]


def _thumbnail(picture: Image.Image) -> Grey:
    return np.asarray(picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=3.0))


def run() -> Iterator[Line]:
    """Every change of every picture against the hashes of all 240."""
    ours = _pictures()
    index = PictureIndex([original_hashes(_thumbnail(picture)) for _kind, picture in ours])
    others, siblings = [0] * len(ours), [0] * len(ours)
    for name, change in {**CHANGES, **FURTHER}.items():
        found = 0
        for place, (kind, picture) in enumerate(ours):
            near = index.near(found_hashes(_thumbnail(change(picture))), LOOK_DISTANCE)
            found += any(one.place == place for one in near)
            others[place] += sum(ours[one.place][0] != kind for one in near)
            siblings[place] += sum(ours[one.place][0] == kind and one.place != place for one in near)
        yield Line(f"found: {name}", found, "pictures", len(ours), "all", "≥ .95, .9 of crops by 10 %")
    tries = len(ours) * (len(CHANGES) + len(FURTHER))
    yield Line("pictures of other kinds as near", sum(others), "a look", tries, "looks", "none")
    yield Line("pictures of the same kind as near", sum(siblings), "a look", tries, "looks", "the text decides")
