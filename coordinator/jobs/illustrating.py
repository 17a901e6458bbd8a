"""The pictures of a text as feeds and pages are told of them: addresses, sizes, and what they show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser
from sqlalchemy.orm import Session

from campaigns.publishing import pictures
from campaigns.publishing.bulletins import Revision
from campaigns.publishing.dressing import of_json
from campaigns.publishing.pictures import Picture
from campaigns.publishing.release import Released
from coordinator.feeds.item import FeedImage
from coordinator.jobs.workplace import Workplace

PREVIEW = "16x9"  # what pages that link to a bulletin, and Zalo, show of it


@dataclass(frozen=True)
class Illustrated:
    """A text's pictures: all of ours with the cover first, the cover itself, and its crop for previews."""

    images: tuple[FeedImage, ...] = ()
    cover: FeedImage | None = None
    preview: FeedImage | None = None


def illustrated(place: Workplace, revision: Revision, known: Mapping[str, Picture]) -> Illustrated:
    """What a revision shows. ``known``: its pictures, from ``pictures_of``."""
    cover = of_json(revision.dress).cover
    alts = _alts(revision.body_html) | ({cover.picture: cover.alt} if cover is not None else {})
    images = tuple(_image(place, known[ident], alts.get(ident, "")) for ident in _shown(revision) if ident in known)
    worn = known.get(cover.picture) if cover is not None else None
    if cover is None or worn is None:
        return Illustrated(images)
    return Illustrated(images, _image(place, worn, cover.alt), _image(place, worn, cover.alt, PREVIEW))


def pictures_of(session: Session, carried: Sequence[Released]) -> dict[str, Picture]:
    """The pictures of ours that these texts show, by name; one query for all of them."""
    idents = [ident for one in carried for ident in _shown(one.revision)]
    return pictures.by_ident(session, idents)


def _shown(revision: Revision) -> list[str]:
    cover = of_json(revision.dress).cover
    return list(dict.fromkeys([*([cover.picture] if cover else []), *pictures.named_in(revision.body_html)]))


def _image(place: Workplace, picture: Picture, alt: str, ratio: str | None = None) -> FeedImage:
    url = place.addresses.picture(picture.ident, picture.suffix, ratio)
    if ratio is None:
        return FeedImage(url, picture.width, picture.height, picture.mime, picture.length, alt)
    cut = picture.cuts[ratio]
    return FeedImage(url, cut["width"], cut["height"], "image/jpeg", cut["length"], alt)


def _alts(html: str) -> dict[str, str]:
    """What each picture of ours in a body shows, by name."""
    if not pictures.named_in(html):
        return {}
    found: dict[str, str] = {}
    for node in LexborHTMLParser(html).css("img[src]"):
        for ident in pictures.named_in(node.attributes.get("src") or ""):
            found.setdefault(ident, node.attributes.get("alt") or "")
    return found
