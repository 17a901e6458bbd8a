"""Urgent releases: published with one signature, marked, and reviewed by a second person afterwards.

Every text is seen by two people; for an urgent one the second review comes after publication, and the release is listed
as waiting until then.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision, find_bulletin
from campaigns.bulletins.drafts import readiness_errors
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid
from campaigns.delivery.outbox import DeliveryModes
from campaigns.people.staff import Actor, Permission
from campaigns.release import workflow


class ReviewOutcome(Enum):
    """Result of the review by the second person."""

    IN_ORDER = "in_order"  # the text may stay as it is
    OBJECTION = "objection"  # the text needs a correction or a recall, which are separate acts


class UrgentRelease(Base):
    """One text published with one signature."""

    __tablename__ = "urgent_releases"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    revision: Mapped[int]
    revision_hash: Mapped[str] = mapped_column(sa.String(64))
    signer: Mapped[str] = mapped_column(sa.String(200))
    signer_name: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    reviewed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime, index=True)
    reviewer: Mapped[str | None] = mapped_column(sa.String(200))
    reviewer_name: Mapped[str | None] = mapped_column(sa.String(120))
    outcome: Mapped[ReviewOutcome | None] = mapped_column(by_value(ReviewOutcome, "urgent_outcome"))
    note: Mapped[str] = mapped_column(sa.Text, default="")


def publish_urgent(
    session: Session,
    actor: Actor,
    code: str,
    revision_hash: str,
    reason: str,
    delivery_modes: DeliveryModes,
    *,
    now: dt.datetime,
) -> Bulletin:
    """Publish the newest text at once with the approver's signature alone, even if the approver wrote it.

    Raises ``Invalid`` without a reason or for an incomplete text, ``Conflict`` (code ``text_changed``) when the hash is
    not that of the newest text, ``Conflict`` when the bulletin is out or withdrawn, ``Forbidden``.
    """
    actor.require(Permission.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.state not in {BulletinState.DRAFT, BulletinState.SUBMITTED}:
        raise Conflict(
            f"{code} is {bulletin.state.value}; it cannot be released urgently",
            code="wrong_state", bulletin=code, state=bulletin.state.value, act="released urgently",
        )  # fmt: skip
    revision = bulletin.revision(bulletin.latest)
    if revision.hash != revision_hash.strip().lower():
        raise Conflict(
            f"the text of {code} changed: revision {revision.number} has another hash",
            code="text_changed", bulletin=code, revision=revision.number,
        )  # fmt: skip
    errors = readiness_errors(revision)
    if not reason.strip():
        errors.append(FieldError("reason", "why_urgent", "say why it cannot wait for a second person"))
    if errors:
        raise Invalid(errors)
    session.add(
        UrgentRelease(
            bulletin_id=bulletin.id, revision=revision.number, revision_hash=revision.hash, signer=actor.id,
            signer_name=actor.name, reason=reason.strip(), at=now, note="",
        )
    )  # fmt: skip
    bulletin.approved, bulletin.state, bulletin.return_note = revision.number, BulletinState.APPROVED, ""
    session.flush()
    details = {"revision": revision.number, "hash": revision.hash, "reason": reason.strip()}
    journal.record(session, actor.id, "bulletin.urgent", "bulletin", code, details, now=now)
    return workflow.publish(session, actor, code, delivery_modes, now=now)


def review_urgent(
    session: Session, actor: Actor, code: str, outcome: ReviewOutcome, note: str, *, now: dt.datetime
) -> UrgentRelease:
    """Record the review of an urgent release by a person who neither signed nor wrote it.

    Raises ``Forbidden`` (code ``own_bulletin``), ``Conflict`` (code ``nothing_to_review``), ``Invalid`` for an
    objection without a note.
    """
    actor.require(Permission.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    found = find_urgent_release(session, bulletin)
    if found is None or found.reviewed_at is not None:
        raise Conflict(f"{code} has no urgent release to review", code="nothing_to_review", bulletin=code)
    if actor.id in {found.signer, bulletin.writer, bulletin.revision(found.revision).author}:
        raise Forbidden("who wrote or signed it cannot be its second person", code="own_bulletin", bulletin=code)
    if outcome is ReviewOutcome.OBJECTION and not note.strip():
        raise Invalid([FieldError("note", "required", "say what is wrong with it")])
    found.reviewed_at, found.reviewer, found.reviewer_name = now, actor.id, actor.name
    found.outcome, found.note = outcome, note.strip()
    session.flush()
    details = {"revision": found.revision, "hash": found.revision_hash, "outcome": outcome.value, "note": note.strip()}
    journal.record(session, actor.id, "bulletin.urgent_reviewed", "bulletin", code, details, now=now)
    return found


def find_urgent_release(session: Session, bulletin: Bulletin) -> UrgentRelease | None:
    """The urgent release of a bulletin, or None. A bulletin has at most one, since it is first published only once."""
    query = sa.select(UrgentRelease).where(UrgentRelease.bulletin_id == bulletin.id).order_by(UrgentRelease.id.desc())
    return session.execute(query.limit(1)).scalar_one_or_none()


def unreviewed_by_bulletin(session: Session, bulletins: Iterable[int]) -> dict[int, bool]:
    """Which of these bulletins were urgent releases: by bulletin id, whether the review is still open."""
    query = sa.select(UrgentRelease.bulletin_id, UrgentRelease.reviewed_at).where(
        UrgentRelease.bulletin_id.in_(list(bulletins))
    )
    return {bulletin: reviewed_at is None for bulletin, reviewed_at in session.execute(query)}


def awaiting_review(session: Session) -> Sequence[sa.Row[UrgentRelease, str, str]]:
    """Urgent releases waiting for review, oldest first: the release, the bulletin's code, the released title."""
    query = (
        sa.select(UrgentRelease, Bulletin.code, Revision.title)
        .join(Bulletin, Bulletin.id == UrgentRelease.bulletin_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == UrgentRelease.revision))
        .where(UrgentRelease.reviewed_at.is_(None))
        .order_by(UrgentRelease.at, UrgentRelease.id)
    )
    return session.execute(query).all()
