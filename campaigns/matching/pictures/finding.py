"""The bulletins that the pictures of a page carry: by pictures of ours near a found one, and by the text in it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from campaigns.matching.candidates import CandidateSource
from campaigns.matching.classification import Match
from campaigns.matching.fingerprints import lookup_hashes, tokenize
from campaigns.matching.matcher import match_page
from campaigns.matching.pictures.comparison import (
    LOOK_DISTANCE,
    MediaWay,
    PictureAgreement,
    PictureComparison,
    PictureContent,
    compare_pictures,
)
from campaigns.matching.pictures.hashes import NearPicture, PictureIndex

MOST_PICTURES: Final = 6  # of one page that are looked at
MOST_PICTURE_BYTES: Final = 3_000_000  # of one picture of a page
_COMPARED: Final = 200  # pictures of ours that a found one is compared with: those of one template lie near together


@dataclass(frozen=True)
class OurPicture:
    """A picture of a bulletin. ``url``: its address or name, "" for none; ``revision``: the newest that shows it."""

    bulletin: str
    url: str
    content: PictureContent
    revision: int = 1


@dataclass(frozen=True)
class FoundPicture:
    """A picture of a page that carries a bulletin. ``url``: its address there; ``ours``: the picture it is compared
    with, None for one that was found by its text alone; ``revision``: what it carries."""

    bulletin: str
    url: str
    ours: OurPicture | None
    comparison: PictureComparison
    revision: int = 1

    @property
    def agrees(self) -> bool:
        """Whether it is the bulletin's, with no need of a person."""
        return self.comparison.agreement is PictureAgreement.AGREES


class PictureCollection:
    """Pictures of ours that a found one is looked for in, those of the bulletin released last at the end."""

    def __init__(self, pictures: Sequence[OurPicture]) -> None:
        self._pictures = list(pictures)
        self._by_digest: dict[str, list[int]] = {}
        for place, picture in enumerate(self._pictures):
            for digest in picture.content.digests:
                self._by_digest.setdefault(digest, []).append(place)
        self._index = PictureIndex([picture.content.hashes for picture in self._pictures])

    def __bool__(self) -> bool:
        return bool(self._pictures)

    def compared(
        self, found: PictureContent, text: Callable[[bool], str | None]
    ) -> Iterator[tuple[OurPicture, PictureComparison]]:
        """The pictures that a found one may be, with what the comparison says. ``text``: reads the text in it, or in
        its mirror image; it is asked for only where something is near."""
        same = [place for digest in sorted(found.digests) for place in self._by_digest.get(digest, ())]
        near = [NearPicture(0, place, False) for place in same] or self._index.near(found.hashes, LOOK_DISTANCE)
        for distance, place, mirrored in sorted(near[:_COMPARED], key=lambda one: one.place):
            ours = self._pictures[place]
            read = found if same else replace(found, text=text(mirrored))
            if (comparison := compare_pictures(ours.content, read, distance)) is not None:
                yield ours, comparison


def finds_in_picture(
    url: str,
    content: PictureContent,
    text: Callable[[bool], str | None],
    ours: PictureCollection,
    texts: CandidateSource | None,
) -> list[FoundPicture]:
    """The bulletins that one found picture carries. ``text`` as in ``PictureCollection.compared``; ``texts`` finds
    bulletins whose text stands in it, None where it is not to be read for that."""
    finds = [
        FoundPicture(mine.bulletin, url, mine, comparison, mine.revision)
        for mine, comparison in ours.compared(content, text)
    ]
    if texts is not None and not any(find.agrees for find in finds):
        finds += _by_text(url, text(False) or "", texts)
    # A picture that is one bulletin's is no other's; of several that it may be, the likeliest.
    sure = [find for find in finds if find.agrees and find.ours is not None]
    if len({find.bulletin for find in sure}) > 1:
        return [_shared(sure)]
    return [find for find in finds if find.agrees] or sorted(finds, key=_rank)[:1]


def _shared(finds: Sequence[FoundPicture]) -> FoundPicture:
    """The find in the last of several bulletins that have the same picture, which does not tell them apart."""
    bulletins = len({find.bulletin for find in finds})
    said = f"picture_shared: {bulletins} bulletins have this picture; a person looks which of them the page carries"
    last = finds[-1]
    return replace(last, comparison=replace(last.comparison, agreement=PictureAgreement.UNSURE, reason=said))


def best_finds(finds: Iterable[FoundPicture]) -> list[FoundPicture]:
    """The finds on one page, each bulletin once by its best picture."""
    best: dict[str, FoundPicture] = {}
    for find in finds:
        if find.bulletin not in best or _rank(find) < _rank(best[find.bulletin]):
            best[find.bulletin] = find
    return list(best.values())


def _rank(find: FoundPicture) -> tuple[int, int, float]:
    order = [PictureAgreement.AGREES, PictureAgreement.UNSURE, PictureAgreement.OTHER]
    return order.index(find.comparison.agreement), find.comparison.distance, -(find.comparison.share or 0.0)


def _by_text(url: str, text: str, texts: CandidateSource) -> Iterator[FoundPicture]:
    """The bulletins whose text stands in a picture."""
    candidates = texts.lookup(lookup_hashes(tokenize(text).words))
    for verdict in match_page(text, candidates):
        if verdict.match in {Match.FULL, Match.PARTIAL}:
            said = "picture_read: the bulletin's text was read in the picture"
            comparison = PictureComparison(MediaWay.READ, PictureAgreement.AGREES, 0, verdict.share, said)
            yield FoundPicture(verdict.bulletin, url, None, comparison, verdict.revision)
