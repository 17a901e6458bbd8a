"""Media in the API: video, audio, documents, captions and pictures are brought in, and stand in bulletins."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.bulletins.library import picture_library
from campaigns.bulletins.library.media_library import MediaFilter, bulletins_with_media, describe_media, media_list
from campaigns.bulletins.library.media_uploads import MOST_BYTES
from campaigns.bulletins.library.picture_library import LONGEST_CREDIT, PictureUsage, describe_picture
from campaigns.bulletins.media import (
    LONGEST_TEXT,
    MOST_MEDIA,
    MediaFile,
    MediaItem,
    MediaKind,
    find_media,
    media_by_ident,
)
from campaigns.bulletins.pictures import Picture, find_picture, pictures_by_ident
from campaigns.bulletins.presentation import LONGEST_ALT
from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time
from coordinator.api.files import file_field, uploaded_file, with_upload
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import with_body, with_query
from coordinator.jobs.bulletins.media import offered_items, store_media

bp = APIBlueprint("media", __name__, tag="Media")

Alt = Annotated[fields.ComposedText, Field(max_length=LONGEST_ALT)]
Credit = Annotated[fields.ComposedText, Field(max_length=LONGEST_CREDIT)]
Transcript = Annotated[fields.Markup, Field(max_length=LONGEST_TEXT)]

MEDIA_UPLOAD: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "alt": {"type": "string", "maxLength": LONGEST_ALT, "description": "what it shows or says, in a sentence"},
        "credit": {"type": "string", "maxLength": LONGEST_CREDIT, "description": "who made it"},
        "transcript": {
            "type": "string",
            "maxLength": LONGEST_TEXT,
            "description": "its text; without it, the words found in captions, documents and pictures",
        },
        "file": file_field("MP4, MP3, M4A, PDF, JPEG, PNG, WebP, WebVTT or SubRip", MOST_BYTES),
    },
}


class BulletinMedium(ResponseBody):
    """A medium of a bulletin. ``type``: its media type; ``bytes``: its size; ``width`` and ``height`` in pixels;
    ``alt``: what it shows; ``transcript``: its text alternative, part of the bulletin's text; ``poster`` and
    ``captions_url`` (WebVTT): addresses. Absent where it has none."""

    id: str
    kind: MediaKind
    url: str
    type: str
    bytes: int
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    alt: str
    captions_url: str | None = None
    transcript: str | None = None
    poster: str | None = None


class MediumUse(RequestBody):
    """A medium that a text takes. Absent words, poster and captions are those of the library; ``poster`` and
    ``captions`` name files by their ``id``."""

    id: fields.Code
    alt: Alt | None = None
    transcript: Transcript | None = None
    poster: fields.Code | None = None
    captions: fields.Code | None = None


MediumUses = Annotated[list[MediumUse], Field(max_length=MOST_MEDIA)]


class MediaRow(BulletinMedium):
    """A file of the library. ``name``: of the file that was brought; ``bulletins``: codes of those that show it."""

    name: str
    credit: str
    added_by: str
    added_at: Time
    bulletins: list[str]


class MediaList(ListPage):
    """One page of files."""

    items: list[MediaRow]


class MediaQuery(PageQuery):
    """Filters of the list. ``q`` is searched in description, credit, file name and text, with or without accents."""

    q: Annotated[fields.ComposedText | None, Field(max_length=200)] = None
    kind: MediaKind | None = None
    use: PictureUsage | None = None


class MediaDetails(RequestBody):
    """The fields sent with a file."""

    alt: Alt = ""
    credit: Credit = ""
    transcript: Transcript = ""


class MediaChange(RequestBody):
    """Absent fields stay unchanged. Texts that show the file keep their own words. A picture has no transcript."""

    alt: Alt | None = None
    credit: Credit | None = None
    transcript: Transcript | None = None


def media_of_text(session: Session, uses: Sequence[MediumUse]) -> tuple[MediaItem, ...]:
    """The media that a text takes. Of an unknown file only the ident is set; saving the text refuses it."""
    named = [name for use in uses for name in (use.id, use.poster, use.captions) if name]
    known = offered_items(session, named)

    def part(name: str | None, offered: MediaItem | None) -> MediaItem | None:
        if name is None:
            return offered
        return replace(known.get(name) or _unknown(name), alt="", text="", poster=None, captions=None)

    items = []
    for use in uses:
        item = known.get(use.id) or _unknown(use.id)
        items.append(
            replace(
                item,
                alt=use.alt if use.alt is not None else item.alt,
                text=use.transcript if use.transcript is not None else item.text,
                poster=part(use.poster, item.poster),
                captions=part(use.captions, item.captions),
            )
        )
    return tuple(items)


def _unknown(ident: str) -> MediaItem:
    return MediaItem(ident=ident, kind=MediaKind.DOCUMENT, sha256="", mime="", length=0)


def medium_values(item: MediaItem, addresses: PublicAddresses) -> dict[str, Any]:
    """The values of a medium's row."""
    return {
        "id": item.ident,
        "kind": item.kind,
        "url": media_url(item, addresses),
        "type": item.mime,
        "bytes": item.length,
        "width": item.width or None,
        "height": item.height or None,
        "seconds": item.seconds or None,
        "alt": item.alt,
        "captions_url": media_url(item.captions, addresses) if item.captions is not None else None,
        "transcript": item.text or None,
        "poster": media_url(item.poster, addresses) if item.poster is not None else None,
    }


def media_url(item: MediaItem, addresses: PublicAddresses) -> str:
    """The public address of a medium's file."""
    is_picture = item.kind is MediaKind.PICTURE
    return addresses.picture(item.ident, item.suffix) if is_picture else addresses.media(item.ident, item.suffix)


def media_rows(session: Session, idents: Sequence[str]) -> list[MediaRow]:
    """The rows of files and pictures of the libraries, in this order."""
    items = offered_items(session, idents)
    rows: dict[str, Picture | MediaFile] = {**pictures_by_ident(session, idents), **media_by_ident(session, idents)}
    files = [row.id for row in rows.values() if isinstance(row, MediaFile)]
    pictures = [row.id for row in rows.values() if isinstance(row, Picture)]
    used_files, used_pictures = bulletins_with_media(session, files), picture_library.bulletins_with(session, pictures)
    addresses = app_context().job_context.addresses

    def made(row: Picture | MediaFile, at: datetime) -> MediaRow:
        used = used_files[row.id] if isinstance(row, MediaFile) else used_pictures[row.id]
        return MediaRow(
            **medium_values(items[row.ident], addresses), name=row.name, credit=row.credit, added_by=row.author_name,
            added_at=at, bulletins=[bulletin.code for bulletin in used],
        )  # fmt: skip

    return [made(rows[ident], rows[ident].created_at) for ident in idents]


@bp.get("/media")
@for_staff(Permission.READ)
@with_query(MediaQuery)
@bp.output(MediaList)
def media(query: MediaQuery) -> Response:
    """Video, audio and documents of the library, newest first. Pictures are at ``/pictures``."""
    with app_context().job_context.database.read() as session:
        page, listing = paging.cursor_page(session, media_list(query.filters(MediaFilter)), query)
        return row_response(MediaList(items=media_rows(session, [row.ident for (row,) in page]), **listing))


@bp.post("/media")
@for_staff(Permission.WRITE)
@with_upload("MediaForm")
@bp.output(MediaRow, 201)
def add_media() -> Response:
    """Bring in a file. Nothing is transcoded: what players and channels do not take is refused, with the command that
    makes a file that they do. The same file twice is one, which keeps the words it has."""
    actor = caller().actor
    body, upload = uploaded_file(MediaDetails)
    if upload is None:
        raise Invalid([FieldError("file", "no_file", "a file is needed")])
    context = app_context().job_context
    with TemporaryDirectory(prefix="lantoa-upload-") as folder:
        path = Path(folder, "file")
        with path.open("wb") as file:
            shutil.copyfileobj(upload.stream, file)

        def apply(keep: ReplyKeeper) -> None:
            stored = store_media(
                context, actor, path, upload.filename or "", alt=picture_library.tidy(body.alt),
                credit=picture_library.tidy(body.credit), text=body.transcript.strip(),
            )  # fmt: skip
            ident = stored.ident
            with context.database.write() as session:
                if stored.kind is MediaKind.PICTURE and body.alt and not find_picture(session, ident).alt:
                    describe_picture(session, actor, ident, alt=body.alt, credit=body.credit, now=context.now())
                (row,) = media_rows(session, [ident])
                row.transcript = stored.text or None  # of a picture the words that were read in it, which are not kept
                keep(session, row, 201, location=f"/api/v1/media/{ident}")

        return run_once(apply)


@bp.get("/media/<ident>")
@for_staff(Permission.READ)
@bp.output(MediaRow)
def medium(ident: str) -> Response:
    """One file of the library, or one picture: its words, size and addresses."""
    with app_context().job_context.database.read() as session:
        if not pictures_by_ident(session, [ident]):
            find_media(session, ident)
        (row,) = media_rows(session, [ident])
        return row_response(row)


@bp.patch("/media/<ident>")
@for_staff(Permission.WRITE)
@with_body(MediaChange)
@bp.output(MediaRow)
def change_medium(ident: str, body: MediaChange) -> Response:
    """Change what the library says of a file."""
    actor, context = caller().actor, app_context().job_context
    with context.database.write() as session:
        row = find_media(session, ident)
        describe_media(
            session,
            actor,
            ident,
            alt=body.alt if body.alt is not None else row.alt,
            credit=body.credit if body.credit is not None else row.credit,
            transcript=body.transcript if body.transcript is not None else row.transcript,
            now=context.now(),
        )
        (answer,) = media_rows(session, [ident])
        return row_response(answer)
