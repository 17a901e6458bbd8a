"""Texts that readers saw with one signature: urgent releases, and corrections that an approver released at once.

Each is listed until a second person has read it.
"""

import datetime as dt
from collections.abc import Sequence
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.templates import template_authors
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.people.staff import Actor


class ReviewOutcome(Enum):
    """Result of the review by the second person."""

    IN_ORDER = "in_order"  # the text may stay as it is
    OBJECTION = "objection"  # the text needs a correction or a recall, which are separate acts


class UrgentRelease(Base):
    """One text published with one signature: the first of a bulletin that could not wait, or an approver's own
    ``correction``. ``reason``: why it could not wait, or what was corrected."""

    __tablename__ = "urgent_releases"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    revision: Mapped[int]
    revision_hash: Mapped[str] = mapped_column(sa.String(64))
    signer: Mapped[str] = mapped_column(sa.String(200))
    signer_name: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.Text)
    correction: Mapped[bool]
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    reviewed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime, index=True)
    reviewer: Mapped[str | None] = mapped_column(sa.String(200))
    reviewer_name: Mapped[str | None] = mapped_column(sa.String(120))
    outcome: Mapped[ReviewOutcome | None] = mapped_column(by_value(ReviewOutcome, "urgent_outcome"))
    note: Mapped[str] = mapped_column(sa.Text, default="")


def record_one_signature(
    session: Session,
    actor: Actor,
    bulletin: Bulletin,
    revision: Revision,
    reason: str,
    *,
    correction: bool,
    now: dt.datetime,
) -> None:
    """Record that a text is out with the signature of ``actor`` alone."""
    session.add(
        UrgentRelease(
            bulletin_id=bulletin.id, revision=revision.number, revision_hash=revision.hash, signer=actor.id,
            signer_name=actor.name, reason=reason, correction=correction, at=now, note="",
        )
    )  # fmt: skip
    session.flush()


def unreviewed_of(session: Session, bulletin: Bulletin) -> Sequence[UrgentRelease]:
    """The texts of a bulletin that no second person has read, the oldest first."""
    query = sa.select(UrgentRelease).where(
        UrgentRelease.bulletin_id == bulletin.id, UrgentRelease.reviewed_at.is_(None)
    )
    return session.execute(query.order_by(UrgentRelease.id)).scalars().all()


def involved_in(session: Session, releases: Sequence[UrgentRelease]) -> dict[str, dt.datetime]:
    """The ids of those who signed these texts of one bulletin, and of all who wrote a revision up to the last of them
    since the release before the first, or the template of a bulletin that had no release before -> when they did so
    first."""
    if not releases:
        return {}
    bulletin_id = releases[0].bulletin_id
    first, last = min(row.revision for row in releases), max(row.revision for row in releases)
    before = (
        sa.select(sa.func.max(Revision.number))
        .where(Revision.bulletin_id == bulletin_id, Revision.number < first, Revision.released_at.is_not(None))
        .scalar_subquery()
    )
    wrote = (
        sa.select(Revision.author, sa.func.min(Revision.created_at))
        .where(
            Revision.bulletin_id == bulletin_id,
            Revision.number <= last,
            Revision.number > sa.func.coalesce(before, 0),
        )
        .group_by(Revision.author)
    )
    involved = {row.signer: row.at for row in releases} | {row[0]: row[1] for row in session.execute(wrote)}
    earlier = sa.select(Revision.id).where(
        Revision.bulletin_id == bulletin_id, Revision.number < first, Revision.released_at.is_not(None)
    )
    if session.execute(earlier.limit(1)).first() is None:
        involved |= template_authors(session, [bulletin_id], unreleased=False).get(bulletin_id, {})
    return involved
