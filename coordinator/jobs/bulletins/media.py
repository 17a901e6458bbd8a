"""Media of bulletins: a file is inspected, kept and added to the library, with the words that are found in it."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from campaigns.bulletins.library import media_uploads
from campaigns.bulletins.media import MediaItem, MediaKind, add_media, kept_items, media_by_ident
from campaigns.bulletins.pictures import pictures_by_ident
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, Permission
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.pictures import picture_format
from coordinator.imports.files.upload_inspection import InspectedFile, inspect_media
from coordinator.imports.pictures.reading import text_of_picture
from coordinator.jobs.bulletins.pictures import store_picture
from coordinator.jobs.context import JobContext
from coordinator.sandbox import BUSY, LOST

LATER = frozenset({BUSY, LOST})  # refused for want of time: the same file may be taken later


def store_media(
    context: JobContext, actor: Actor, path: Path, name: str, *, alt: str = "", credit: str = "", text: str = ""
) -> MediaItem:
    """Keep a picture, video, audio, document or captions file, or find the one of the same bytes; return it with the
    words, poster and captions that are offered to a text that takes it.

    ``alt``, ``credit``, ``text``: what the library says of it; without ``text``, the words that are found in a
    document, captions or picture are offered. Raises ``Forbidden``, or ``Invalid`` naming ``file`` when it is refused.
    """
    actor.require(Permission.WRITE)  # before the file is read
    with path.open("rb") as file:
        head = file.read(1024)
    if picture_format(head) is not None:
        return _store_picture(context, actor, path.read_bytes(), name, alt, text)
    try:
        inspected = inspect_media(path, name)
    except FileRejected as refused:
        message = f"{refused}. This makes a file that is taken: {refused.command}" if refused.command else str(refused)
        raise Invalid([FieldError("file", refused.code, message, refused.command)]) from refused
    poster = _kept_poster(context, actor, inspected, name)
    digest, key = context.store.keep(inspected.body)
    facts = MediaItem(
        ident="", kind=MediaKind(inspected.kind), sha256=digest, mime=inspected.mime, length=len(inspected.body),
        width=inspected.width, height=inspected.height, seconds=inspected.seconds, alt=alt,
        text=text or inspected.text, poster=poster,
    )  # fmt: skip
    with context.database.write() as session:
        ident = add_media(session, actor, facts, key=key, name=name, credit=credit, now=context.now()).ident
    return offered_media(context, ident)


def _kept_poster(context: JobContext, actor: Actor, inspected: InspectedFile, name: str) -> MediaItem | None:
    if not inspected.poster:
        return None
    try:
        picture = store_picture(context, actor, inspected.poster, f"{name}.jpg")
    except Invalid:
        return None  # a video smaller than a picture may be: the writer chooses another poster
    with context.database.read() as session:
        return kept_items(session, [picture.ident])[picture.ident]


def _store_picture(
    context: JobContext, actor: Actor, body: bytes, name: str, alt: str, text: str
) -> MediaItem:  # fmt: skip
    try:
        picture = store_picture(context, actor, body, name)
    except Invalid as refused:
        raise Invalid([FieldError("file", error.code, error.message) for error in refused.errors]) from refused
    with context.database.read() as session:
        item = kept_items(session, [picture.ident])[picture.ident]
    return replace(item, alt=alt or picture.alt, text=text or text_of_picture(body))


def offered_items(session: Session, idents: Collection[str]) -> dict[str, MediaItem]:
    """Files and pictures of the libraries by ident, with the words, poster and captions that a text may take; unknown
    ones are left out."""
    files, pictures = media_by_ident(session, idents), pictures_by_ident(session, idents)
    parts = {part for row in files.values() for part in (row.poster, row.captions) if part}
    kept = kept_items(session, {*idents, *parts})
    found = {ident: replace(kept[ident], alt=picture.alt) for ident, picture in pictures.items()}
    for ident, row in files.items():
        found[ident] = replace(
            kept[ident], alt=row.alt, text=row.transcript, poster=kept.get(row.poster), captions=kept.get(row.captions)
        )
    return found


def offered_media(context: JobContext, ident: str) -> MediaItem:
    """A file or picture of the libraries as ``offered_items`` has it. Raises ``NotFound``."""
    with context.database.read() as session:
        if (item := offered_items(session, [ident]).get(ident)) is None:
            raise NotFound("there is no such file", media=ident[:40])
        return item


def finish_upload(context: JobContext, actor: Actor, ident: str) -> MediaItem:
    """Keep the file of an upload whose bytes are all here, and end the upload, also where the file is refused. It stays
    where the machine had no time to read the file.

    Raises as ``store_media`` does, and ``NotFound``.
    """
    with TemporaryDirectory(prefix="lantoa-upload-") as folder:
        path = Path(folder, "file")
        with context.database.read() as session, path.open("wb") as file:
            upload = media_uploads.find_upload(session, actor, ident)
            name = upload.name
            for piece in media_uploads.pieces_of(session, upload):
                file.write(piece)
        try:
            stored = store_media(context, actor, path, name)
        except Invalid as refused:
            if any(error.code in LATER for error in refused.errors):
                raise
            _end(context, actor, ident)
            raise
        else:
            _end(context, actor, ident)
            return stored


def _end(context: JobContext, actor: Actor, ident: str) -> None:
    with context.database.write() as session:
        media_uploads.end_upload(session, media_uploads.find_upload(session, actor, ident))
