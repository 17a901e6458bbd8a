"""Pictures of bulletins: storage of uploads, new crops, and the picture data that feeds and pages show."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.bulletins import pictures
from campaigns.bulletins.bulletins import Revision
from campaigns.bulletins.media import MediaItem, lead_picture, media_address, picture_alts
from campaigns.bulletins.media import from_json as media_from_json
from campaigns.bulletins.pictures import Picture, add_picture, alt_texts, find_picture, same_picture
from campaigns.bulletins.presentation import from_json
from campaigns.bulletins.visibility import Released
from campaigns.core.contents import from_attributes
from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Actor, Permission
from coordinator.feeds.item import FeedImage, FeedMedium
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.pictures import CENTRE_FOCUS, PictureFile
from coordinator.imports.files.upload_inspection import crop_picture
from coordinator.jobs.context import JobContext

PREVIEW_RATIO = "16x9"  # the crop that link previews and Zalo show


@dataclass(frozen=True)
class TextPictures:
    """The stored pictures of a text, cover first; the cover; the picture that stands for the text, and its crop for
    previews."""

    images: tuple[FeedImage, ...] = ()
    cover: FeedImage | None = None
    lead_image: FeedImage | None = None
    preview: FeedImage | None = None


def text_pictures(context: JobContext, revision: Revision, known: Mapping[str, Picture]) -> TextPictures:
    """The pictures of a revision. ``known``: the rows of its pictures, from ``pictures_of``."""
    cover, items = from_json(revision.presentation).cover, media_from_json(revision.media)
    lead = lead_picture(cover, items)
    alts = picture_alts(items) | alt_texts(revision.body_html) | ({cover.picture: cover.alt} if cover else {})
    posters = {item.poster.ident for item in items if item.poster is not None}
    images = tuple(
        _feed_image(context, known[ident], alts.get(ident, ""))
        for ident in _picture_idents(revision)
        if ident in known and ident not in posters
    )
    if lead is None or lead.picture not in known:
        return TextPictures(images)
    row = known[lead.picture]
    image = _feed_image(context, row, lead.alt)
    return TextPictures(
        images, image if cover is not None else None, image, _feed_image(context, row, lead.alt, PREVIEW_RATIO)
    )


def pictures_of(session: Session, carried: Sequence[Released]) -> dict[str, Picture]:
    """The stored pictures of these texts by name, read with one query."""
    idents = [ident for released in carried for ident in _picture_idents(released.revision)]
    return pictures.pictures_by_ident(session, idents)


def _picture_idents(revision: Revision) -> list[str]:
    cover = from_json(revision.presentation).cover
    media = picture_alts(media_from_json(revision.media))
    return list(dict.fromkeys([*([cover.picture] if cover else []), *pictures.idents_in(revision.body_html), *media]))


def feed_media(context: JobContext, items: Sequence[MediaItem]) -> tuple[FeedMedium, ...]:
    """The media of a text as feeds and pages show them, in their order."""
    return tuple(_feed_medium(context, item) for item in items)


def _feed_medium(context: JobContext, item: MediaItem) -> FeedMedium:
    poster = item.poster
    image = FeedImage(
        media_address(context.addresses, poster), poster.width, poster.height, poster.mime, poster.length,
        poster.alt or item.alt,
    ) if poster is not None else None  # fmt: skip
    return FeedMedium(
        kind=item.kind.value,
        url=media_address(context.addresses, item),
        mime=item.mime,
        length=item.length,
        sha256=item.sha256,
        width=item.width or None,
        height=item.height or None,
        seconds=item.seconds or None,
        alt=item.alt,
        text=item.text,
        poster=image,
        captions_url=media_address(context.addresses, item.captions) if item.captions is not None else None,
    )


def _feed_image(context: JobContext, picture: Picture, alt: str, ratio: str | None = None) -> FeedImage:
    url = context.addresses.picture(picture.ident, picture.suffix, ratio)
    if ratio is None:
        return FeedImage(url, picture.width, picture.height, picture.mime, picture.length, alt)
    cut = picture.cuts[ratio]
    return FeedImage(url, cut["width"], cut["height"], "image/jpeg", cut["length"], alt)


Focus = tuple[float, float]


@dataclass(frozen=True)
class PictureView:
    """A stored picture: its name, address and size in pixels, the point its crops are centred on, and its description
    and credit in the library."""

    ident: str
    url: str
    width: int
    height: int
    focus: Focus
    alt: str
    credit: str


def picture_view(context: JobContext, picture: Picture) -> PictureView:
    """The view of a picture's row for pages."""
    return from_attributes(
        PictureView,
        picture,
        url=context.addresses.picture(picture.ident, picture.suffix),
        focus=(picture.focus_x, picture.focus_y),
    )


def store_picture(context: JobContext, actor: Actor, body: bytes, name: str) -> PictureView:
    """Store an uploaded picture, cut around its centre; of a file that is kept already, return the picture there is.

    Raises ``Forbidden``, or ``Invalid`` naming ``picture`` when it is refused.
    """
    actor.require(Permission.WRITE)  # before the file is decoded
    digest = hashlib.sha256(body).hexdigest()
    with context.database.read() as session:
        if (known := same_picture(session, digest, CENTRE_FOCUS)) is not None:
            return picture_view(context, known)
    return _store(context, actor, body, digest, CENTRE_FOCUS, name)


def _store(
    context: JobContext,
    actor: Actor,
    body: bytes,
    digest: str,
    focus: Focus,
    name: str,
    alt: str = "",
    credit: str = "",
) -> PictureView:
    try:
        prepared = crop_picture(body, focus)
    except FileRejected as refused:
        raise Invalid([FieldError("picture", refused.code, str(refused))]) from refused

    def kept(piece: PictureFile) -> str:
        return context.store.keep(piece.body)[1]

    cuts = {
        ratio: {"key": kept(piece), "width": piece.width, "height": piece.height, "length": len(piece.body)}
        for ratio, piece in prepared.cuts.items()
    }
    whole = prepared.whole
    key = kept(whole)
    with context.database.write() as session:
        row = add_picture(
            session, actor, digest=digest, key=key, mime=whole.mime, size=(whole.width, whole.height),
            length=len(whole.body), focus=focus, cuts=cuts, name=name, alt=alt, credit=credit, now=context.now(),
        )  # fmt: skip
        return picture_view(context, row)


def crop_again(context: JobContext, actor: Actor, ident: str, focus: Focus) -> PictureView:
    """Store the picture with crops around another point as a new picture with the same description; an approved picture
    never changes.

    Raises ``NotFound``, ``Invalid``, ``Forbidden``, ``OSError`` when the stored picture cannot be read.
    """
    actor.require(Permission.WRITE)
    with context.database.read() as session:
        row = find_picture(session, ident)
        if (known := same_picture(session, row.digest, focus)) is not None:
            return picture_view(context, known)
        key, digest, name, alt, credit = row.key, row.digest, row.name, row.alt, row.credit
    return _store(context, actor, context.store.read(key), digest, focus, name, alt, credit)
