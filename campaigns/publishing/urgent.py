"""The urgent path: out with one signature, marked, and looked at by another person afterwards.

Two people see every text before it goes out; where there is no time for the second, they see it after. Until then it
stays among what is waiting.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid
from campaigns.people.staff import Actor, May
from campaigns.publishing import workflow
from campaigns.publishing.bulletins import Bulletin, Revision, State, find_bulletin
from campaigns.publishing.drafting import check_ready
from campaigns.publishing.outbox import Natures


class Review(Enum):
    """What the second person found."""

    IN_ORDER = "in_order"  # the text may stay as it is
    OBJECTION = "objection"  # it needs a correction or a recall, which is another act


class UrgentRelease(Base):
    """One text that went out with one signature."""

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
    outcome: Mapped[Review | None] = mapped_column(by_value(Review, "urgent_outcome"))
    note: Mapped[str] = mapped_column(sa.Text, default="")


def publish_urgent(
    session: Session, actor: Actor, code: str, revision_hash: str, reason: str, natures: Natures, *, now: dt.datetime
) -> Bulletin:
    """Release the newest text at once with the approver's signature alone, their own text as well.

    Raises ``Invalid`` without a reason or for a text that lacks something, ``Conflict`` (code ``text_changed``) when
    the hash is not that of the newest text, ``Conflict`` when it is out or withdrawn, ``Forbidden``.
    """
    actor.require(May.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.state not in {State.DRAFT, State.SUBMITTED}:
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
    errors = check_ready(revision)
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
    bulletin.approved, bulletin.state, bulletin.return_note = revision.number, State.APPROVED, ""
    session.flush()
    details = {"revision": revision.number, "hash": revision.hash, "reason": reason.strip()}
    journal.record(session, actor.id, "bulletin.urgent", "bulletin", code, details, now=now)
    return workflow.publish(session, actor, code, natures, now=now)


def review(session: Session, actor: Actor, code: str, outcome: Review, note: str, *, now: dt.datetime) -> UrgentRelease:
    """Look at what went out with one signature, as somebody who neither signed nor wrote it.

    Raises ``Forbidden`` (code ``own_bulletin``), ``Conflict`` (code ``nothing_to_review``), ``Invalid`` for an
    objection without words.
    """
    actor.require(May.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    found = of_bulletin(session, bulletin)
    if found is None or found.reviewed_at is not None:
        raise Conflict(f"{code} has no urgent release to review", code="nothing_to_review", bulletin=code)
    if actor.id in {found.signer, bulletin.writer, bulletin.revision(found.revision).author}:
        raise Forbidden("who wrote or signed it cannot be its second person", code="own_bulletin", bulletin=code)
    if outcome is Review.OBJECTION and not note.strip():
        raise Invalid([FieldError("note", "required", "say what is wrong with it")])
    found.reviewed_at, found.reviewer, found.reviewer_name = now, actor.id, actor.name
    found.outcome, found.note = outcome, note.strip()
    session.flush()
    details = {"revision": found.revision, "hash": found.revision_hash, "outcome": outcome.value, "note": note.strip()}
    journal.record(session, actor.id, "bulletin.urgent_reviewed", "bulletin", code, details, now=now)
    return found


def of_bulletin(session: Session, bulletin: Bulletin) -> UrgentRelease | None:
    """The urgent release of a bulletin, if it had one: it goes out for the first time but once."""
    query = sa.select(UrgentRelease).where(UrgentRelease.bulletin_id == bulletin.id).order_by(UrgentRelease.id.desc())
    return session.execute(query.limit(1)).scalar_one_or_none()


def one_signature(session: Session, bulletins: Iterable[int]) -> dict[int, bool]:
    """Which of these bulletins went out with one signature, by id, and whether that still waits for its second."""
    query = sa.select(UrgentRelease.bulletin_id, UrgentRelease.reviewed_at).where(
        UrgentRelease.bulletin_id.in_(list(bulletins))
    )
    return {bulletin: reviewed_at is None for bulletin, reviewed_at in session.execute(query)}


def waiting(session: Session) -> Sequence[sa.Row[UrgentRelease, str, str]]:
    """What still waits for its second person, oldest first: the release, the bulletin's code, its title then."""
    query = (
        sa.select(UrgentRelease, Bulletin.code, Revision.title)
        .join(Bulletin, Bulletin.id == UrgentRelease.bulletin_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == UrgentRelease.revision))
        .where(UrgentRelease.reviewed_at.is_(None))
        .order_by(UrgentRelease.at, UrgentRelease.id)
    )
    return session.execute(query).all()
