"""Media of bulletins: the rows of kept video, audio and documents, and the media of a text.

A picture is a medium too; its row is in ``pictures``. Bytes are immutable: another file is another row, and the same
file twice is one. A text has its own copy of everything that readers and channels get of a medium, frozen in its
revision and hashed with it, so that another file, description or transcript needs another approval.
"""

import datetime as dt
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.pictures import pictures_by_ident
from campaigns.bulletins.presentation import LONGEST_ALT, Cover
from campaigns.bulletins.visibility import visible
from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.errors import FieldError, NotFound
from campaigns.core.vietnamese import fold, nfc
from campaigns.people.staff import Actor, Permission

MOST_MEDIA = 10  # of one bulletin; an album of Telegram has as many
LONGEST_TEXT = 20_000  # characters of a transcript or of the words on a poster

SUFFIXES: Mapping[str, str] = {
    "image/jpeg": "jpg", "image/png": "png", "video/mp4": "mp4", "audio/mpeg": "mp3", "audio/mp4": "m4a",
    "application/pdf": "pdf", "text/vtt": "vtt",
}  # fmt: skip
_IDENT = re.compile(r"[0-9a-f]{32}")


class MediaKind(Enum):
    """Kind of a medium. Captions belong to a video or audio and are no medium of a bulletin alone."""

    PICTURE = "picture"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    CAPTIONS = "captions"


WITH_TRANSCRIPT = frozenset({MediaKind.VIDEO, MediaKind.AUDIO})


class MediaFile(Base):
    """One kept video, audio, document or captions file. ``ident`` is in its address and cannot be guessed.

    ``key``: where its bytes are kept; ``sha256``: of them; ``length`` in bytes; ``width`` and ``height`` in pixels and
    ``seconds``: 0 for what has none. ``alt``, ``credit``, ``transcript``: the library's, as offered to a text that
    takes it; a text has its own. ``poster``, ``captions``: the ident of the picture and of the captions that are
    offered with it, '' for none. ``search``: the words that it is found by, folded.
    """

    __tablename__ = "media_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    ident: Mapped[str] = mapped_column(sa.String(32), unique=True)
    kind: Mapped[MediaKind] = mapped_column(by_value(MediaKind, "kind"))
    key: Mapped[str] = mapped_column(sa.String(100))
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    mime: Mapped[str] = mapped_column(sa.String(30))
    length: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    seconds: Mapped[float]
    name: Mapped[str] = mapped_column(sa.String(200))
    alt: Mapped[str] = mapped_column(sa.String(LONGEST_ALT))
    credit: Mapped[str] = mapped_column(sa.String(200))
    transcript: Mapped[str] = mapped_column(sa.Text)
    poster: Mapped[str] = mapped_column(sa.String(32))
    captions: Mapped[str] = mapped_column(sa.String(32))
    search: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[str] = mapped_column(sa.String(200))
    author_name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    def describe(self, alt: str, credit: str, transcript: str) -> None:
        """Set what the library says of it, and the words that it is found by."""
        self.alt, self.credit, self.transcript = alt, credit, transcript
        self.search = fold(f"{alt} {credit} {self.name} {transcript}")


class MediaUse(Base):
    """Use of a media file by a revision, as one of its media or as their captions."""

    __tablename__ = "media_uses"

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revisions.id"), primary_key=True)
    media_id: Mapped[int] = mapped_column(sa.ForeignKey("media_files.id"), primary_key=True, index=True)


@dataclass(frozen=True, kw_only=True)
class MediaItem:
    """One medium of a text, with all that readers, feeds and channels get of it.

    ``ident``: the name in its address; ``sha256``: of the bytes that readers get; ``length`` in bytes; ``width`` and
    ``height`` in pixels, ``seconds``: 0 for what has none. ``alt``: what it shows, in a sentence. ``text``: its text
    alternative, which counts as the bulletin's text: the words on a poster, the transcript of a video or audio.
    ``poster``: the picture that is shown before a video plays; ``captions``: WebVTT.
    """

    ident: str
    kind: MediaKind
    sha256: str
    mime: str
    length: int
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    alt: str = ""
    text: str = ""
    poster: "MediaItem | None" = None
    captions: "MediaItem | None" = None

    @property
    def suffix(self) -> str:
        """The suffix of its address."""
        return SUFFIXES[self.mime]


def to_json(items: Sequence[MediaItem]) -> list[dict[str, Any]] | None:
    """Media as they are stored and hashed: without empty parts, so that equal ones have equal JSON."""
    return [_item_json(item) for item in items] or None


def _item_json(item: MediaItem) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name in (field.name for field in fields(MediaItem)):
        value = getattr(item, name)
        if isinstance(value, MediaItem):
            kept[name] = _item_json(value)
        elif isinstance(value, MediaKind):
            kept[name] = value.value
        elif value:
            kept[name] = value
    return kept


def from_json(kept: Sequence[Mapping[str, Any]] | None) -> tuple[MediaItem, ...]:
    """The media of a stored revision, in their order."""
    return tuple(_item(row) for row in kept or ())


def _item(row: Mapping[str, Any]) -> MediaItem:
    parts = {name: _item(row[name]) for name in ("poster", "captions") if name in row}
    return MediaItem(**{**row, **parts, "kind": MediaKind(row["kind"])})


def text_of_media(items: Sequence[MediaItem]) -> str:
    """The text alternatives of media, with blank lines between them; '' without any."""
    return "\n\n".join(text for item in items if (text := item.text.strip()))


def with_media(body_text: str, items: Sequence[MediaItem]) -> str:
    """The words of a bulletin's body and, after them, those of its media: what is counted, searched and read aloud."""
    return "\n\n".join(part for part in (body_text, text_of_media(items)) if part.strip())


def without_media(whole: str, items: Sequence[MediaItem]) -> str:
    """The words of the body alone, of a text that ``with_media`` made with these media."""
    words = text_of_media(items)
    return whole.removesuffix(words).removesuffix("\n\n") if words else whole


def media_errors(items: Sequence[MediaItem]) -> list[FieldError]:
    """All errors that prevent saving, except media that are not kept (``reference_errors``)."""
    errors = []
    if len(items) > MOST_MEDIA:
        errors.append(FieldError("media", "too_many", f"a bulletin has at most {MOST_MEDIA} media"))
    for position, item in enumerate(items):
        if len(item.alt) > LONGEST_ALT:
            message = f"a description has at most {LONGEST_ALT} characters"
            errors.append(FieldError(f"media.{position}.alt", "too_long", message))
        if len(item.text) > LONGEST_TEXT:
            message = f"a text alternative has at most {LONGEST_TEXT:,} characters"
            errors.append(FieldError(f"media.{position}.text", "too_long", message))
    return errors


def alternative_errors(items: Sequence[MediaItem]) -> list[FieldError]:
    """All errors that prevent submission: media whose content is not said in words."""
    errors = []
    for position, item in enumerate(items):
        if not item.alt.strip():
            message = "say what it shows, for who cannot see or hear it"
            errors.append(FieldError(f"media.{position}.alt", "required", message))
        if item.kind in WITH_TRANSCRIPT and not item.text.strip():
            message = "a video or audio needs a transcript, for who cannot hear it"
            errors.append(FieldError(f"media.{position}.text", "required", message))
    return errors


def kept_items(session: Session, idents: Collection[str]) -> dict[str, MediaItem]:
    """The kept pictures and media files with these identifiers, as media without words; unknown ones are left out."""
    found = {  # the key of a kept file names its SHA-256 (``PageStore.keep``)
        row.ident: MediaItem(
            ident=row.ident, kind=MediaKind.PICTURE, sha256=row.key[3:67], mime=row.mime, length=row.length,
            width=row.width, height=row.height,
        )
        for row in pictures_by_ident(session, idents).values()
    }  # fmt: skip
    for file in media_by_ident(session, idents).values():
        found[file.ident] = MediaItem(
            ident=file.ident, kind=file.kind, sha256=file.sha256, mime=file.mime, length=file.length,
            width=file.width, height=file.height, seconds=file.seconds,
        )  # fmt: skip
    return found


def reference_errors(session: Session, items: Sequence[MediaItem]) -> list[FieldError]:
    """An error for every medium, poster and captions that is not kept as the text says."""
    parts = [(position, name, part) for position, item in enumerate(items) for name, part in _parts(item)]
    kept = kept_items(session, {part.ident for _, _, part in parts})
    kinds = {"poster": {MediaKind.PICTURE}, "captions": {MediaKind.CAPTIONS}}
    media = set(MediaKind) - {MediaKind.CAPTIONS}
    return [
        FieldError(f"media.{position}{'.' if name else ''}{name}", "unknown_media", "there is no such file")
        for position, name, part in parts
        if kept.get(part.ident) != _without_words(part) or part.kind not in kinds.get(name, media)
    ]


def _parts(item: MediaItem) -> list[tuple[str, MediaItem]]:
    named = [("", item), ("poster", item.poster), ("captions", item.captions)]
    return [(name, part) for name, part in named if part is not None]


def _without_words(item: MediaItem) -> MediaItem:
    return replace(item, alt="", text="", poster=None, captions=None)


def picture_alts(items: Sequence[MediaItem]) -> dict[str, str]:
    """The descriptions of the pictures among media and their posters, by identifier, in their order. A poster without
    one has that of its video."""
    parts = [(item, part) for item in items for _, part in _parts(item) if part.kind is MediaKind.PICTURE]
    return {part.ident: part.alt or item.alt for item, part in parts}


def lead_picture(cover: Cover | None, items: Sequence[MediaItem]) -> Cover | None:
    """The picture that stands for a text: its cover, or the first picture or poster among its media."""
    return cover or next((Cover(ident, alt) for ident, alt in picture_alts(items).items()), None)


def media_address(addresses: PublicAddresses, item: MediaItem) -> str:
    """The public address of a medium, a poster or captions."""
    address = addresses.picture if item.kind is MediaKind.PICTURE else addresses.media
    return address(item.ident, item.suffix)


def record_media_uses(session: Session, revision: Revision, items: Sequence[MediaItem]) -> None:
    """Record the media files that a new revision shows; its pictures are recorded with those of its body."""
    idents = {part.ident for item in items for _, part in _parts(item)}
    for row in media_by_ident(session, idents).values():
        session.add(MediaUse(revision_id=revision.id, media_id=row.id))


def shows(kind: MediaKind) -> sa.ColumnElement[bool]:
    """The condition on ``Revision`` rows that one of their media is of this kind; no picture, whose rows are others."""
    used = sa.select(MediaUse.media_id).join(MediaFile, MediaFile.id == MediaUse.media_id)
    return used.where(MediaUse.revision_id == Revision.id, MediaFile.kind == kind).exists()


def add_media(
    session: Session, actor: Actor, facts: MediaItem, *, key: str, name: str, credit: str = "", now: dt.datetime
) -> MediaFile:
    """Add the row of a kept file, or return the one of the same bytes. ``facts``: what was found of the file, with the
    words the library offers; its ``ident`` is not used. Raises ``Forbidden``."""
    actor.require(Permission.WRITE)
    acquire_until_commit(session, AdvisoryLock.PICTURES)
    known = session.execute(sa.select(MediaFile).where(MediaFile.sha256 == facts.sha256)).scalar_one_or_none()
    if known is not None:
        return known
    row = MediaFile(
        ident=secrets.token_hex(16), kind=facts.kind, key=key, sha256=facts.sha256, mime=facts.mime,
        length=facts.length, width=facts.width, height=facts.height, seconds=facts.seconds, name=nfc(name)[:200],
        poster=facts.poster.ident if facts.poster else "", captions=facts.captions.ident if facts.captions else "",
        author=actor.id, author_name=actor.name, created_at=now,
    )  # fmt: skip
    row.describe(facts.alt, credit, facts.text)
    session.add(row)
    session.flush()
    details = {"name": row.name, "kind": row.kind.value, "size": row.length, "key": key}
    journal.record(session, actor.id, "media.added", "media", row.ident, details, now=now)
    return row


def find_media(session: Session, ident: str) -> MediaFile:
    """The media file with this identifier. Raises ``NotFound``."""
    if (found := media_by_ident(session, [ident]).get(ident)) is None:
        raise NotFound("there is no such file", media=ident[:40])
    return found


def media_by_ident(session: Session, idents: Iterable[str]) -> dict[str, MediaFile]:
    """Media files by identifier, with one query; unknown identifiers are left out."""
    wanted = {ident for ident in idents if _IDENT.fullmatch(ident)}
    if not wanted:
        return {}
    rows = session.execute(sa.select(MediaFile).where(MediaFile.ident.in_(wanted))).scalars()
    return {row.ident: row for row in rows}


def is_media_public(session: Session, file: MediaFile, *, now: dt.datetime, with_recalled: bool = False) -> bool:
    """Whether outsiders may have it: a revision that is visible now shows it. Not before release, not after a recall
    (``with_recalled``: also then), and not after a correction without it."""
    query = (
        sa.select(MediaUse.media_id)
        .join(Revision, Revision.id == MediaUse.revision_id)
        .join(Bulletin, sa.and_(Bulletin.id == Revision.bulletin_id, Bulletin.released == Revision.number))
        .where(MediaUse.media_id == file.id, visible(now, with_recalled=with_recalled))
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none() is not None
