"""The index of fingerprints in the database: which of our bulletins a page may carry, in one query.

Rows ``(hash, bulletin)`` in a table clustered by hash, so a page costs as many probes as it has hashes, whatever the
number of bulletins. All revisions of a bulletin share its rows: a copy may carry an older text.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.base import Base, UTCDateTime
from campaigns.matching.candidates import CANDIDATE_LIMIT, LEAST_SHARED, is_candidate
from campaigns.matching.fingerprints import FP_VERSION, Hashes
from campaigns.matching.prepared_bulletin import PreparedBulletin, prepare_bulletin


class BulletinHash(Base):
    """One hash of one bulletin."""

    __tablename__ = "bulletin_hashes"

    h: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"), primary_key=True, autoincrement=False)

    __table_args__ = ({"sqlite_with_rowid": False},)


class IndexedRevision(Base):
    """Which revisions are in the index, by which version of the fingerprint, and with how many hashes."""

    __tablename__ = "indexed_revisions"

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revisions.id"), primary_key=True, autoincrement=False)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    fp_version: Mapped[str] = mapped_column(sa.String(20))
    hashes: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    # For ``bulletins_sharing``: the size of a bulletin.
    __table_args__ = (sa.Index("ix_indexed_revisions_bulletin_id", "bulletin_id", "hashes"),)


def _unindexed_condition() -> sa.Select[Revision]:
    return (
        sa.select(Revision)
        .join(
            IndexedRevision,
            sa.and_(IndexedRevision.revision_id == Revision.id, IndexedRevision.fp_version == FP_VERSION),
            isouter=True,
        )
        .where(Revision.released_at.is_not(None), IndexedRevision.revision_id.is_(None))
        .order_by(Revision.id)
    )


def has_unindexed(session: Session) -> bool:
    """Whether any released text is not in the index yet."""
    return session.execute(_unindexed_condition().with_only_columns(Revision.id).limit(1)).first() is not None


def index_missing(session: Session, limit: int = 500, *, now: datetime) -> int:
    """Put released texts into the index, oldest first; returns how many were. Doing it twice changes nothing. What an
    older ``FP_VERSION`` left of a bulletin goes when its first text comes in again."""
    acquire_until_commit(session, AdvisoryLock.FINGERPRINTS)
    count = 0
    revisions = session.execute(_unindexed_condition().limit(limit)).scalars().all()
    _forget_older(session, {revision.bulletin_id for revision in revisions})
    for revision in revisions:
        hashes = list(dict.fromkeys(int(number) for number in prepare_revision(revision).fingerprint))
        known = set(
            session.execute(
                sa.select(BulletinHash.h).where(
                    BulletinHash.bulletin_id == revision.bulletin_id, BulletinHash.h.in_(hashes)
                )
            ).scalars()
        )
        rows = [{"h": number, "bulletin_id": revision.bulletin_id} for number in hashes if number not in known]
        if rows:
            session.execute(sa.insert(BulletinHash), rows)
        session.merge(
            IndexedRevision(
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
    older = sa.select(IndexedRevision.bulletin_id).where(
        IndexedRevision.bulletin_id.in_(bulletin_ids), IndexedRevision.fp_version != FP_VERSION
    )
    stale = set(session.execute(older).scalars())
    if stale:
        for table in (BulletinHash, IndexedRevision):
            session.execute(sa.delete(table).where(table.bulletin_id.in_(stale)))
        session.expire_all()


def prepare_revision(revision: Revision) -> PreparedBulletin:
    """A revision made ready for comparison; its ``id`` is the bulletin's key as text."""
    return prepare_bulletin(
        str(revision.bulletin_id), revision.title, revision.lead, revision.body_text, revision=revision.number
    )


def bulletins_sharing(
    session: Session,
    hashes: Hashes,
    least: int = LEAST_SHARED,
    limit: int = CANDIDATE_LIMIT,
    *,
    before: datetime | None = None,
) -> list[tuple[int, int]]:
    """Bulletins for which ``is_candidate`` holds, with how many of these hashes they share, most first, at most
    ``limit``. The size of a bulletin with several texts is that of its shortest.

    ``before``: of those that share as many, the ones released last before it come first.
    """
    numbers: list[int] = hashes.tolist()
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    statement = _SHARING_ARRAY if on_postgresql else _SHARING_JSON
    parameters: dict[str, Any] = {
        "hashes": numbers if on_postgresql else json.dumps(numbers),
        "least": least,
        "most": limit,
    }
    if before is not None:
        statement, parameters["before"] = _by_release(statement), before
    rows = session.execute(statement, parameters)
    return [(row[0], row[1]) for row in rows]


def _sharing_query(wanted: sa.ColumnElement[bool]) -> sa.Select[int, int]:
    """The query with all hashes of a page in one parameter, since databases limit the parameters of a statement."""
    owners = sa.func.count().over(partition_by=BulletinHash.h)
    hits = (
        sa.select(BulletinHash.bulletin_id, (sa.cast(1, sa.Double) / owners).label("rarity")).where(wanted).subquery()
    )
    shared = sa.func.count().label("shared")
    size = (
        sa.select(sa.func.min(IndexedRevision.hashes))
        .where(IndexedRevision.bulletin_id == hits.c.bulletin_id)
        .scalar_subquery()
    )
    return (
        sa.select(hits.c.bulletin_id, shared)
        .group_by(hits.c.bulletin_id)
        .having(is_candidate(shared, size, sa.func.sum(hits.c.rarity), sa.bindparam("least", type_=sa.Integer)))
        .order_by(shared.desc(), hits.c.bulletin_id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _by_release(sharing: sa.Select[int, int]) -> sa.Select[int, int]:
    """The same, those released last before ``before`` first among those that share as many."""
    every = sharing.order_by(None).limit(None).subquery()
    return (
        sa.select(every.c.bulletin_id, every.c.shared)
        .join(Bulletin, Bulletin.id == every.c.bulletin_id)
        .order_by(
            every.c.shared.desc(),
            Bulletin.release_at > sa.bindparam("before", type_=UTCDateTime),
            Bulletin.release_at.desc(),
            Bulletin.id.desc(),
        )
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


_SHARING_ARRAY = _sharing_query(BulletinHash.h == sa.any_(sa.bindparam("hashes", type_=sa.ARRAY(sa.BigInteger))))
_SHARING_JSON = _sharing_query(
    BulletinHash.h.in_(
        sa.select(sa.func.json_each(sa.bindparam("hashes", type_=sa.String)).table_valued("value").c.value)
    )
)


def load_prepared(session: Session, bulletin_ids: Iterable[int]) -> list[PreparedBulletin]:
    """Every released text of these bulletins in their order, ready for comparison, newest revision of each first."""
    places = {ident: at for at, ident in enumerate(dict.fromkeys(bulletin_ids))}
    query = sa.select(Revision).where(Revision.bulletin_id.in_(places), Revision.released_at.is_not(None))
    found = sorted(session.execute(query).scalars(), key=lambda row: (places[row.bulletin_id], -row.number))
    return [prepare_revision(revision) for revision in found]


class IndexedCandidates:
    """The index as a ``CandidateSource``. ``always``: bulletins that somebody reported on the page."""

    def __init__(self, session: Session, always: Sequence[int] = ()) -> None:
        self._session, self._always = session, tuple(always)

    def lookup(
        self,
        hashes: Hashes,
        least: int = LEAST_SHARED,
        limit: int = CANDIDATE_LIMIT,
        *,
        first: Collection[str] = (),
        before: datetime | None = None,
    ) -> Sequence[PreparedBulletin]:
        """See ``CandidateSource``; before all others the bulletins that were named beforehand."""
        found = [ident for ident, _ in bulletins_sharing(self._session, hashes, least, limit, before=before)]
        return load_prepared(self._session, dict.fromkeys([*self._always, *map(int, first), *found]))
