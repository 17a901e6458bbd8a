"""Uploads of large files in pieces, so that one goes on where it stopped after a dropped line or a reload."""

import datetime as dt
import secrets
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.vietnamese import nfc
from campaigns.people.staff import Actor, Permission

KEPT = dt.timedelta(days=1)  # of an upload that nobody finished
MOST_BYTES = 50_000_000  # of one file
MOST_PIECE = 4_000_000  # bytes; a phone's line sends as many in some seconds
MOST_UNFINISHED = 10  # of one person


class MediaUpload(Base):
    """One file that is being uploaded. ``length``, ``received``: in bytes."""

    __tablename__ = "media_uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    ident: Mapped[str] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    length: Mapped[int]
    received: Mapped[int]
    author: Mapped[str] = mapped_column(sa.String(200), index=True)
    author_name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)


class MediaPiece(Base):
    """The bytes of an upload from ``start`` on."""

    __tablename__ = "media_pieces"

    upload_id: Mapped[int] = mapped_column(sa.ForeignKey("media_uploads.id", ondelete="CASCADE"), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(sa.LargeBinary)


def begin_upload(session: Session, actor: Actor, name: str, length: int, *, now: dt.datetime) -> MediaUpload:
    """Begin the upload of a file with ``length`` bytes. Raises ``Invalid`` naming ``file``, ``Forbidden``, and
    ``Conflict`` (``many_uploads``) while a person has too many that are not finished."""
    actor.require(Permission.WRITE)
    if length <= 0:
        raise Invalid([FieldError("file", "empty", "the file is empty")])
    if length > MOST_BYTES:
        message = f"the file has {length / 1_000_000:.1f} MB; at most {MOST_BYTES // 1_000_000} MB"
        raise Invalid([FieldError("file", "recording_too_large", message)])
    unfinished = sa.select(sa.func.count()).select_from(MediaUpload).where(MediaUpload.author == actor.id)
    if session.execute(unfinished).scalar_one() >= MOST_UNFINISHED:
        message = "finish the uploads that are under way, or wait a day for those that were given up"
        raise Conflict(message, code="many_uploads")
    upload = MediaUpload(
        ident=secrets.token_hex(16), name=nfc(name)[:200], length=length, received=0, author=actor.id,
        author_name=actor.name, created_at=now,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    return upload


def find_upload(session: Session, actor: Actor, ident: str) -> MediaUpload:
    """A person's own upload. Raises ``NotFound``."""
    found = session.execute(
        sa.select(MediaUpload).where(MediaUpload.ident == ident[:32], MediaUpload.author == actor.id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("there is no such upload; it was finished, or is older than a day", upload=ident[:40])
    return found


def add_piece(session: Session, upload: MediaUpload, start: int, body: bytes) -> None:
    """Add the bytes from ``start`` on; bytes that were received already change nothing.

    Raises ``Invalid`` for more than is taken at once or than the file has, ``Conflict`` (``piece_missing``) where bytes
    before them were not received.
    """
    if len(body) > MOST_PIECE or start < 0 or start + len(body) > upload.length:
        raise Invalid([FieldError("file", "piece", f"a piece has at most {MOST_PIECE:,} bytes, within the file")])
    if start > upload.received:
        raise Conflict(f"go on from byte {upload.received}", code="piece_missing", received=upload.received)
    fresh = body[upload.received - start :]
    if fresh:
        session.add(MediaPiece(upload_id=upload.id, start=upload.received, body=fresh))
        upload.received += len(fresh)
        session.flush()


def pieces_of(session: Session, upload: MediaUpload) -> Iterator[bytes]:
    """The received bytes in their order, a piece at a time."""
    query = sa.select(MediaPiece.body).where(MediaPiece.upload_id == upload.id).order_by(MediaPiece.start)
    yield from session.execute(query.execution_options(yield_per=1)).scalars()


def end_upload(session: Session, upload: MediaUpload) -> None:
    """Delete an upload with its pieces: it is kept as a file, refused, or given up."""
    session.execute(sa.delete(MediaPiece).where(MediaPiece.upload_id == upload.id))
    session.delete(upload)
    session.flush()


def forget_uploads(session: Session, *, now: dt.datetime) -> int:
    """Delete one upload that nobody finished; returns how many were deleted."""
    query = sa.select(MediaUpload).where(MediaUpload.created_at < now - KEPT).limit(1)
    upload = session.execute(query).scalar_one_or_none()
    if upload is None:
        return 0
    end_upload(session, upload)
    return 1
