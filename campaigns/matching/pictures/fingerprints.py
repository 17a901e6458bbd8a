"""The fingerprints of the pictures of released bulletins: what a picture found on a page is compared with."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.bulletins.pictures import Picture, PictureUse
from campaigns.core.base import Base, UTCDateTime
from campaigns.matching.fingerprints import tokenize
from campaigns.matching.pictures.comparison import PictureContent
from campaigns.matching.pictures.finding import OurPicture
from campaigns.matching.pictures.hashes import WORDS

PICTURE_VERSION: Final = "dct-1"  # of the hashes and of the reading of texts; another one makes them anew
_OWN_TEXT: Final = 40  # words; a bulletin with more is not its picture alone
_BYTES: Final = WORDS * 8  # of a hash


class PictureFingerprint(Base):
    """One file of a picture: the whole (``cut`` "") or a crop by its ratio. ``digest``: SHA-256 of the file;
    ``hashes``: as ``original_hashes``, 32 bytes each, empty for a file that cannot be read; ``text``: what was read in
    it, None where nothing could be read on the machine that made it."""

    __tablename__ = "picture_fingerprints"

    picture_id: Mapped[int] = mapped_column(sa.ForeignKey("pictures.id"), primary_key=True, autoincrement=False)
    cut: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    hashes: Mapped[bytes] = mapped_column(sa.LargeBinary)
    text: Mapped[str | None] = mapped_column(sa.Text)
    version: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class UnreadPicture:
    """A picture of a released bulletin without fingerprints. ``keys``: of its files in the store, by cut."""

    picture_id: int
    digest: str
    keys: dict[str, str]


def unread_pictures(session: Session, limit: int) -> list[UnreadPicture]:
    """The pictures of released revisions that have no fingerprints of this version, the newest first."""
    released = sa.exists().where(
        PictureUse.picture_id == Picture.id, Revision.id == PictureUse.revision_id, Revision.released_at.is_not(None)
    )
    known = sa.exists().where(
        PictureFingerprint.picture_id == Picture.id, PictureFingerprint.version == PICTURE_VERSION
    )
    query = sa.select(Picture).where(released, sa.not_(known)).order_by(Picture.id.desc()).limit(limit)
    return [
        UnreadPicture(row.id, row.digest, {"": row.key} | {ratio: cut["key"] for ratio, cut in row.cuts.items()})
        for row in session.execute(query).scalars()
    ]


def save_fingerprints(session: Session, picture_id: int, prints: Iterable[PictureFingerprint]) -> None:
    """Replace the fingerprints of a picture."""
    session.execute(sa.delete(PictureFingerprint).where(PictureFingerprint.picture_id == picture_id))
    session.add_all(prints)
    session.flush()


def has_released_pictures(session: Session, since: datetime) -> bool:
    """Whether a bulletin with a picture was released since."""
    query = (
        sa.select(PictureUse.picture_id)
        .join(Revision, Revision.id == PictureUse.revision_id)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .where(Bulletin.release_at >= since, Revision.released_at.is_not(None))
    )
    return session.execute(query.limit(1)).first() is not None


def has_own_text(session: Session, picture: OurPicture) -> bool:
    """Whether a picture's bulletin has a text of its own, so that a picture without any illustrates it."""
    query = sa.select(Revision.body_text).where(
        Revision.bulletin_id == int(picture.bulletin), Revision.number == picture.revision
    )
    return len(tokenize(session.execute(query).scalar_one()).words) >= _OWN_TEXT


def released_pictures(session: Session, since: datetime, also: Collection[int]) -> Sequence[OurPicture]:
    """The pictures of the bulletins released since, and of those with the ids in ``also``, the bulletin released last
    at the end; each with the newest released revision that shows it. ``OurPicture.url`` is the picture's ``ident`` with
    its cut (``0f3a… 16x9``)."""
    newest = sa.func.max(Revision.number).label("revision")
    uses = (
        sa.select(PictureUse.picture_id, Revision.bulletin_id, newest)
        .join(Revision, Revision.id == PictureUse.revision_id)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .where(
            Revision.released_at.is_not(None),
            Bulletin.state.in_((BulletinState.PUBLISHED, BulletinState.RECALLED)),
            sa.or_(Bulletin.release_at >= since, Bulletin.id.in_(also)),
        )
        .group_by(PictureUse.picture_id, Revision.bulletin_id)
        .subquery()
    )
    query = (
        sa.select(
            uses.c.bulletin_id, uses.c.revision, Picture.ident, Picture.digest.label("file"), PictureFingerprint
        )
        .join(Picture, Picture.id == uses.c.picture_id)
        .join(PictureFingerprint, PictureFingerprint.picture_id == uses.c.picture_id)
        .join(Bulletin, Bulletin.id == uses.c.bulletin_id)
        .where(PictureFingerprint.version == PICTURE_VERSION, PictureFingerprint.hashes != b"")
        .order_by(Bulletin.release_at, Bulletin.id, Picture.id, PictureFingerprint.cut)
    )  # fmt: skip
    found = []
    for bulletin, revision, ident, file, kept in session.execute(query):
        digests = frozenset({kept.digest, file} if not kept.cut else {kept.digest})
        hashes = np.frombuffer(kept.hashes, np.uint64).reshape(-1, WORDS)
        content = PictureContent(digests, hashes, kept.text)
        name = f"{ident} {kept.cut}".rstrip()
        found.append(OurPicture(str(bulletin), name, content, revision))
    return found
