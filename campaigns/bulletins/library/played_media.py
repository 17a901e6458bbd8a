"""Which bulletin a video or audio is of, that a page plays: by the bulletin's code, the file, or an upload."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.library.video_addresses import VideoAddress
from campaigns.bulletins.media import MediaFile, MediaKind, MediaUse
from campaigns.bulletins.visibility import visible

PLAYED_KINDS = (MediaKind.VIDEO, MediaKind.AUDIO)


@dataclass(frozen=True)
class PlayedMedium:
    """A video or audio of a bulletin: the bulletin's id, the revision that shows the file, the file's identifier,
    SHA-256 and bytes."""

    bulletin_id: int
    revision: int
    ident: str
    sha256: str
    length: int


def of_code(session: Session, code: str, *, now: datetime) -> PlayedMedium | None:
    """The first video or audio of the bulletin with this code that is out."""
    return _first(session, [Bulletin.code == code, visible(now)])


def of_file(session: Session, ident: str, *, now: datetime) -> PlayedMedium | None:
    """The video or audio with this identifier, of the newest bulletin that is out with it."""
    return _first(session, [MediaFile.ident == ident, visible(now)])


def of_upload(session: Session, video: str, *, now: datetime) -> PlayedMedium | None:
    """The first video or audio of the bulletin with this upload (``VideoAddress.video``), of a recalled one too: the
    upload plays on."""
    known = sa.select(VideoAddress.bulletin_id).where(VideoAddress.video == video)
    return _first(session, [Bulletin.id.in_(known), visible(now, with_recalled=True)])


def released_since(session: Session, since: datetime, also: Iterable[int], *, now: datetime) -> list[PlayedMedium]:
    """The videos and audio of the texts that bulletins released since, and those with the ids in ``also``, are out or
    were out with, recalled ones too; of a file in several texts the newest."""
    wanted = sa.or_(Bulletin.release_at >= since, Bulletin.id.in_(list(also)))
    query = _uses(Revision.released_at.is_not(None)).where(wanted, visible(now, with_recalled=True))
    newest: dict[tuple[int, str], PlayedMedium] = {}
    for row in session.execute(query.order_by(Bulletin.id, Revision.number)):
        newest[(row[0], row[2])] = PlayedMedium(*row)
    return list(newest.values())


def _uses(shown: sa.ColumnElement[bool]) -> sa.Select[int, int, str, str, int]:
    return (
        sa.select(Bulletin.id, Revision.number, MediaFile.ident, MediaFile.sha256, MediaFile.length)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, shown))
        .join(MediaUse, MediaUse.revision_id == Revision.id)
        .join(MediaFile, MediaFile.id == MediaUse.media_id)
        .where(MediaFile.kind.in_(PLAYED_KINDS))
    )


def _first(session: Session, conditions: list[sa.ColumnElement[bool]]) -> PlayedMedium | None:
    query = _uses(Revision.number == Bulletin.released).where(*conditions)
    query = query.order_by(Bulletin.release_at.desc(), MediaFile.kind.desc(), MediaFile.id).limit(1)
    row = session.execute(query).first()
    return PlayedMedium(*row) if row is not None else None
