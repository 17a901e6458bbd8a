"""Texts that readers saw with one signature: urgent releases, and corrections that an approver released at once.

Each is listed until a second person has read it, or readers see it no more: another text has taken its place, or the
bulletin was recalled.
"""

import datetime as dt
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
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


def awaits_review() -> sa.ColumnElement[bool]:
    """The condition, of a release joined with its bulletin, that readers see this text and no second person has read
    it."""
    return sa.and_(
        UrgentRelease.reviewed_at.is_(None),
        UrgentRelease.revision == Bulletin.released,
        Bulletin.state != BulletinState.RECALLED,
    )
