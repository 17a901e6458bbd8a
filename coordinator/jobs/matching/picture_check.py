"""Pictures of the files of ``lantoa check``: those of bulletins, read once, and those of a page compared with them."""

import base64
import binascii
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

from campaigns.matching.candidates import CandidateSource
from campaigns.matching.parsed_page import NON_ARTICLE_REGIONS, ParsedPage
from campaigns.matching.pictures.finding import (
    MOST_PICTURE_BYTES,
    MOST_PICTURES,
    FoundPicture,
    OurPicture,
    PictureCollection,
    best_finds,
    finds_in_picture,
)
from campaigns.republications.evidence.judgement import medium_at
from coordinator.imports.pictures.reading import (
    PictureReading,
    UnreadablePicture,
    read_picture,
    read_picture_text,
)
from coordinator.jobs.matching.json_lines import BadLine
from coordinator.sandbox import ChildFailed, read_in_child

MOST_BULLETIN_PICTURES: Final = 10
_READ_SECONDS: Final = 20  # of processor time for a picture of a bulletin
_READERS: Final = 2  # at a time; children share one budget of memory


class GivenPicture(NamedTuple):
    """A picture of a line. ``url``: its address as given, "" for none."""

    url: str
    body: bytes


def pictures_field(line: dict[str, Any]) -> list[GivenPicture]:
    """The pictures of a line. Raises ``BadLine``."""
    given = line.get("pictures")
    if given is None:
        return []
    if not isinstance(given, list):
        raise BadLine("'pictures' is no list, expected one of objects with url and data")
    return [_picture(value, place) for place, value in enumerate(given)]


def _picture(value: Any, place: int) -> GivenPicture:
    where = f"'pictures[{place}]'"
    if not isinstance(value, dict) or not isinstance(value.get("data"), str):
        raise BadLine(f"{where} has no data, expected an object with url and data, the file in base64")
    url = value.get("url") or ""
    if not isinstance(url, str):
        raise BadLine(f"{where} has a url that is no string, expected an address")
    try:
        return GivenPicture(url, base64.b64decode(value["data"], validate=True))
    except (binascii.Error, ValueError):
        raise BadLine(f"{where} has data that are not base64, expected the file in base64") from None


class BulletinPictures:
    """The pictures of all bulletins of a file. ``add`` reads those of a line; ``close`` before any is looked for."""

    def __init__(self) -> None:
        self._pictures: list[OurPicture] = []
        self.collection = PictureCollection([])

    def add(self, bulletin: str, given: Sequence[GivenPicture]) -> str:
        """Read the pictures of a bulletin, and return the text in them. Raises ``BadLine``."""
        if len(given) > MOST_BULLETIN_PICTURES:
            raise BadLine(f"{len(given)} pictures, expected at most {MOST_BULLETIN_PICTURES}")
        with ThreadPoolExecutor(_READERS) as pool:
            readings = list(pool.map(_read_ours, range(len(given)), given))
        for picture, reading in zip(given, readings, strict=True):
            self._pictures.append(OurPicture(bulletin, picture.url, reading.content))
        return "\n".join(reading.text for reading in readings if reading.text)

    def close(self) -> None:
        """No picture comes any more."""
        self.collection = PictureCollection(self._pictures)


def _read_ours(place: int, picture: GivenPicture) -> PictureReading:
    try:
        return read_in_child(
            read_picture, picture.body, True, True, raises=(UnreadablePicture,), cpu_seconds=_READ_SECONDS
        )
    except (UnreadablePicture, ChildFailed) as error:
        raise BadLine(f"'pictures[{place}]' cannot be read: {error}; expected a PNG, JPEG or WebP file") from None


def found_pictures(
    given: Sequence[GivenPicture], page: ParsedPage, ours: PictureCollection, texts: CandidateSource
) -> list[FoundPicture]:
    """The bulletins that a page carries as a picture, each once by its best picture; ``texts`` finds those whose text
    stands in one. A picture that cannot be read, or stands beside the article, is left out."""
    finds: list[FoundPicture] = []
    for picture in _looked_at(given, page):
        try:
            reading = read_picture(picture.body, False, False)
            text = lru_cache(partial(read_picture_text, picture.body))
            finds += finds_in_picture(picture.url, reading.content, text, ours, texts)
        except UnreadablePicture:
            continue
    return best_finds(finds)


def _looked_at(given: Sequence[GivenPicture], page: ParsedPage) -> list[GivenPicture]:
    """The pictures that stand in the article, then those whose place is not known; at most ``MOST_PICTURES``."""
    placed = [(medium_at(picture.url, page), picture) for picture in given if len(picture.body) <= MOST_PICTURE_BYTES]
    inside = [picture for place, picture in placed if place is not None and place.region not in NON_ARTICLE_REGIONS]
    return [*inside, *(picture for place, picture in placed if place is None)][:MOST_PICTURES]
