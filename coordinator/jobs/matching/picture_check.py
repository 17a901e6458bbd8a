"""Pictures of the files of ``lantoa check``: those of bulletins, read once, and those of a page compared with them."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

from campaigns.discovery.urls import page_key
from campaigns.matching.candidates import CandidateSource
from campaigns.matching.fingerprints import lookup_hashes, tokenize
from campaigns.matching.matcher import Match, match_page
from campaigns.matching.parsed_page import NON_ARTICLE_REGIONS, PagePicture, ParsedPage
from campaigns.matching.pictures.comparison import (
    LOOK_DISTANCE,
    PictureAgreement,
    PictureComparison,
    PictureContent,
    PictureWay,
    compare_pictures,
)
from campaigns.matching.pictures.hashes import NearPicture, PictureIndex
from coordinator.imports.pictures.reading import (
    PictureReading,
    UnreadablePicture,
    read_picture,
    read_picture_text,
)
from coordinator.jobs.matching.json_lines import BadLine
from coordinator.sandbox import ChildFailed, read_in_child

PICTURE_MATCH: Final = "picture"  # the ``match`` of a page that carries a bulletin as a picture
MOST_PICTURES: Final = 6  # of one page that are looked at
MOST_BYTES: Final = 3_000_000  # of one picture of a page
MOST_BULLETIN_PICTURES: Final = 10
_COMPARED: Final = 200  # pictures of ours that a found one is compared with: those of one template lie near together
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


@dataclass(frozen=True)
class OurPicture:
    """A picture of a bulletin. ``url``: its address, "" for none."""

    bulletin: str
    url: str
    content: PictureContent


@dataclass(frozen=True)
class FoundPicture:
    """A picture of a page that carries a bulletin. ``ours``: the picture it is compared with, None for one that was
    found by its text alone."""

    bulletin: str
    url: str
    ours: OurPicture | None
    comparison: PictureComparison


class BulletinPictures:
    """The pictures of all bulletins of a file. ``read`` reads those of a line; ``close`` before any is looked for."""

    def __init__(self) -> None:
        self._pictures: list[OurPicture] = []
        self._by_digest: dict[str, int] = {}
        self._index = PictureIndex([])

    def add(self, bulletin: str, given: Sequence[GivenPicture]) -> str:
        """Read the pictures of a bulletin, and return the text in them. Raises ``BadLine``."""
        if len(given) > MOST_BULLETIN_PICTURES:
            raise BadLine(f"{len(given)} pictures, expected at most {MOST_BULLETIN_PICTURES}")
        with ThreadPoolExecutor(_READERS) as pool:
            readings = list(pool.map(_read_ours, range(len(given)), given))
        for picture, reading in zip(given, readings, strict=True):
            self._by_digest.setdefault(reading.digest, len(self._pictures))
            self._pictures.append(OurPicture(bulletin, picture.url, reading.content))
        return "\n".join(reading.text for reading in readings if reading.text)

    def close(self) -> None:
        """No picture comes any more."""
        self._index = PictureIndex([picture.content.hashes for picture in self._pictures])

    def __bool__(self) -> bool:
        return bool(self._pictures)

    def compared(
        self, found: PictureContent, text: Callable[[bool], str | None]
    ) -> Iterator[tuple[OurPicture, PictureComparison]]:
        """The pictures that a found one may be, with what the comparison says. ``text``: reads the text in it, or in
        its mirror image; it is asked for only where something is near."""
        same = next((self._by_digest[digest] for digest in found.digests if digest in self._by_digest), None)
        near = [NearPicture(0, same, False)] if same is not None else self._index.near(found.hashes, LOOK_DISTANCE)
        for distance, place, mirrored in near[:_COMPARED]:
            ours = self._pictures[place]
            read = found if same is not None else replace(found, text=text(mirrored))
            if (comparison := compare_pictures(ours.content, read, distance)) is not None:
                yield ours, comparison


def _read_ours(place: int, picture: GivenPicture) -> PictureReading:
    try:
        return read_in_child(
            read_picture, picture.body, True, True, raises=(UnreadablePicture,), cpu_seconds=_READ_SECONDS
        )
    except (UnreadablePicture, ChildFailed) as error:
        raise BadLine(f"'pictures[{place}]' cannot be read: {error}; expected a PNG, JPEG or WebP file") from None


def found_pictures(
    given: Sequence[GivenPicture], page: ParsedPage, ours: BulletinPictures, texts: CandidateSource
) -> list[FoundPicture]:
    """The bulletins that a page carries as a picture, each once by its best picture; ``texts`` finds those whose text
    stands in one. A picture that cannot be read, or stands beside the article, is left out."""
    best: dict[str, FoundPicture] = {}
    for picture in _looked_at(given, page):
        try:
            reading = read_picture(picture.body, False, False)
            text = lru_cache(partial(read_picture_text, picture.body))
            finds = [
                FoundPicture(mine.bulletin, picture.url, mine, comparison)
                for mine, comparison in ours.compared(reading.content, text)
            ]
            if not any(map(_agrees, finds)):
                finds += _by_text(picture.url, text(False) or "", texts)
        except UnreadablePicture:
            continue
        # A picture that is one bulletin's is no other's; of several that it may be, the likeliest.
        for find in [find for find in finds if _agrees(find)] or sorted(finds, key=_rank)[:1]:
            if find.bulletin not in best or _rank(find) < _rank(best[find.bulletin]):
                best[find.bulletin] = find
    return list(best.values())


def _agrees(find: FoundPicture) -> bool:
    return find.comparison.agreement is PictureAgreement.AGREES


def _rank(find: FoundPicture) -> tuple[int, int, float]:
    order = [PictureAgreement.AGREES, PictureAgreement.UNSURE, PictureAgreement.OTHER]
    return order.index(find.comparison.agreement), find.comparison.distance, -(find.comparison.share or 0.0)


def _by_text(url: str, text: str, texts: CandidateSource) -> Iterable[FoundPicture]:
    """The bulletins whose text stands in a picture."""
    candidates = texts.lookup(lookup_hashes(tokenize(text).words))
    for verdict in match_page(text, candidates):
        if verdict.match in {Match.FULL, Match.PARTIAL}:
            said = "picture_read: the bulletin's text was read in the picture"
            comparison = PictureComparison(PictureWay.READ, PictureAgreement.AGREES, 0, verdict.share, said)
            yield FoundPicture(verdict.bulletin, url, None, comparison)


def _looked_at(given: Sequence[GivenPicture], page: ParsedPage) -> list[GivenPicture]:
    """The pictures that stand in the article, then those whose place is not known; at most ``MOST_PICTURES``."""
    placed = [(place_of(picture.url, page), picture) for picture in given if len(picture.body) <= MOST_BYTES]
    inside = [picture for place, picture in placed if place is not None and place.region not in NON_ARTICLE_REGIONS]
    return [*inside, *(picture for place, picture in placed if place is None)][:MOST_PICTURES]


def place_of(url: str, page: ParsedPage) -> PagePicture | None:
    """The place of a picture on a page by its address; None where no picture of the page has it."""
    key = page_key(url) if url else None
    return next(
        (
            picture
            for picture in page.body.pictures
            if key is not None and any(page_key(address) == key for address in picture.addresses)
        ),
        None,
    )
