"""The index of fingerprints in the database: which of our bulletins a page may carry, in one query.

Rows ``(hash, bulletin)`` in a table clustered by hash, so a page costs as many probes as it has hashes, whatever the
number of bulletins. All revisions of a bulletin share its rows: a copy may carry an older text.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.core.lines import Line, stand_in
from campaigns.publishing.bulletins import Revision
from campaigns.tracking.candidates import LEAST_SHARED, LIMIT
from campaigns.tracking.fingerprints import FP_VERSION, Hashes
from campaigns.tracking.prepared import PreparedBulletin, prepare


class Print(Base):
    """One hash of one bulletin."""

    __tablename__ = "bulletin_fp"

    h: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"), primary_key=True, autoincrement=False)

    __table_args__ = ({"sqlite_with_rowid": False},)


class Indexed(Base):
    """Which revisions are in the index, by which version of the fingerprint, and with how many hashes."""

    __tablename__ = "fingerprinted"

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revisions.id"), primary_key=True, autoincrement=False)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    fp_version: Mapped[str] = mapped_column(sa.String(20))
    hashes: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    # ``sharing`` asks for the few bulletins that are too short to share as many hashes as the others must.
    __table_args__ = (sa.Index("ix_fingerprinted_hashes", "hashes"),)


def _unindexed() -> sa.Select[Revision]:
    return (
        sa.select(Revision)
        .join(Indexed, sa.and_(Indexed.revision_id == Revision.id, Indexed.fp_version == FP_VERSION), isouter=True)
        .where(Revision.released_at.is_not(None), Indexed.revision_id.is_(None))
        .order_by(Revision.id)
    )


def missing(session: Session) -> bool:
    """Whether any released text is not in the index yet."""
    return session.execute(_unindexed().with_only_columns(Revision.id).limit(1)).first() is not None


def index_missing(session: Session, limit: int = 500, *, now: datetime) -> int:
    """Put released texts into the index, oldest first; returns how many were. Doing it twice changes nothing. What an
    older ``FP_VERSION`` left of a bulletin goes when its first text comes in again."""
    stand_in(session, Line.PRINTS)
    count = 0
    revisions = session.execute(_unindexed().limit(limit)).scalars().all()
    _forget_older(session, {revision.bulletin_id for revision in revisions})
    for revision in revisions:
        hashes = list(dict.fromkeys(int(one) for one in prepare_revision(revision).fingerprint))
        known = set(
            session.execute(
                sa.select(Print.h).where(Print.bulletin_id == revision.bulletin_id, Print.h.in_(hashes))
            ).scalars()
        )
        rows = [{"h": one, "bulletin_id": revision.bulletin_id} for one in hashes if one not in known]
        if rows:
            session.execute(sa.insert(Print), rows)
        session.merge(
            Indexed(
                revision_id=revision.id,
                bulletin_id=revision.bulletin_id,
                fp_version=FP_VERSION,
                hashes=len(hashes),
                at=now,
            )
        )
        count += 1
    session.flush()
    return count


def _forget_older(session: Session, bulletin_ids: Collection[int]) -> None:
    """Take out the bulletins among these that are in the index by another version, with all their texts."""
    older = sa.select(Indexed.bulletin_id).where(
        Indexed.bulletin_id.in_(bulletin_ids), Indexed.fp_version != FP_VERSION
    )
    stale = set(session.execute(older).scalars())
    if stale:
        for table in (Print, Indexed):
            session.execute(sa.delete(table).where(table.bulletin_id.in_(stale)))
        session.expire_all()


def prepare_revision(revision: Revision) -> PreparedBulletin:
    """A revision made ready for comparison; its ``id`` is the bulletin's key as text."""
    return prepare(
        str(revision.bulletin_id), revision.title, revision.lead, revision.body_text, revision=revision.number
    )


def sharing(session: Session, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> list[tuple[int, int]]:
    """Bulletins that share at least ``least`` of these hashes, with how many, most first, at most ``limit``.

    A bulletin so short that it has fewer hashes than ``least`` is found by any it has.
    """
    values: list[int] = hashes.tolist()
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    statement = _SHARING_ARRAY if on_postgresql else _SHARING_JSON
    told = values if on_postgresql else json.dumps(values)
    rows = session.execute(statement, {"hashes": told, "least": least, "most": limit})
    return [(row[0], row[1]) for row in rows]


def _sharing(wanted: sa.ColumnElement[bool]) -> sa.Select[int, int]:
    """The question with all hashes in one parameter: its text is the same for every page, whatever the number of its
    hashes, so that it is put together once and the database plans it once. A text with a parameter for each would be
    another for nearly every page."""
    shared = sa.func.count().label("shared")
    least = sa.bindparam("least", type_=sa.Integer)
    short = sa.select(Indexed.bulletin_id).where(Indexed.hashes < least)
    return (
        sa.select(Print.bulletin_id, shared)
        .where(wanted)
        .group_by(Print.bulletin_id)
        .having(sa.or_(shared >= least, Print.bulletin_id.in_(short)))
        .order_by(shared.desc(), Print.bulletin_id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


_SHARING_ARRAY = _sharing(Print.h == sa.any_(sa.bindparam("hashes", type_=sa.ARRAY(sa.BigInteger))))
_SHARING_JSON = _sharing(
    Print.h.in_(sa.select(sa.func.json_each(sa.bindparam("hashes", type_=sa.String)).table_valued("value").c.value))
)


def load(session: Session, bulletin_ids: Iterable[int]) -> list[PreparedBulletin]:
    """Every released text of these bulletins, ready for comparison, newest revision of each first."""
    query = (
        sa.select(Revision)
        .where(Revision.bulletin_id.in_(list(bulletin_ids)), Revision.released_at.is_not(None))
        .order_by(Revision.bulletin_id, Revision.number.desc())
    )
    return [prepare_revision(revision) for revision in session.execute(query).scalars()]


class PrintedCandidates:
    """The index as ``judging`` wants to ask it. ``always``: bulletins that the page is said to carry."""

    def __init__(self, session: Session, always: Sequence[int] = ()) -> None:
        self._session, self._always = session, tuple(always)

    def lookup(self, hashes: Hashes, least: int = LEAST_SHARED, limit: int = LIMIT) -> Sequence[PreparedBulletin]:
        """The bulletins sharing at least ``least`` hashes, and those that were named beforehand."""
        found = [ident for ident, _ in sharing(self._session, hashes, least, limit)]
        return load(self._session, dict.fromkeys([*self._always, *found]))
