"""Decisions: a person confirms or rejects a copy, with a reason; the former state is kept, so that it can be undone.

``version_token`` identifies the state a decision was made from, so that one made from an outdated page is refused.
Undoing is a new act that restores the former state; nothing is deleted.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.discovery.sightings import first_seen_by_method
from campaigns.people.staff import Actor, Permission
from campaigns.republications import counted_copy
from campaigns.republications.attribution.verdicts import NAMES_US, Attribution
from campaigns.republications.evidence.verification import evidence_level
from campaigns.republications.republications import (
    NOT_NAMING_US,
    BrowserLook,
    PersonStatementMixin,
    Republication,
    RepublicationStatus,
    counted_as,
    counted_by,
    counted_day,
    machine_attribution,
    newest_evidence,
    shown_attribution,
)
from campaigns.republications.review import partner_answers
from campaigns.republications.social.posts import check_second_person, reported_attribution

# The usual reasons: True for confirming, False for rejecting.
DECISION_REASONS = {
    "our_text": True, "named_elsewhere": True, "enough": True, "seen": True,
    "other_origin": False, "too_little": False, "no_article": False, "not_there": False, "duplicate": False,
    "picture_shows": True,
}  # fmt: skip

# What a person may say of a page that no program reads; of a page that one has read, that it names us (``NAMES_US``).
SAID_OF_PICTURES = NAMES_US | {Attribution.NAMED_OTHER_SOURCE, Attribution.NOT_SEEN}


class Decision(PersonStatementMixin, Base):
    """One decision. ``outcome``: confirmed or rejected. ``reason``: the code of a usual reason, '' for another.
    ``attribution``: what the person says of the source where the machine saw none. ``batch``: shared by copies decided
    together. ``second_posting``: the copy is counted beside another address of its site. ``was_*``: the former state.
    ``undone_at``: when it was undone."""

    __tablename__ = "decisions"

    outcome: Mapped[RepublicationStatus] = mapped_column(by_value(RepublicationStatus, "decision_outcome"))
    reason: Mapped[str] = mapped_column(sa.String(40), default="")
    note: Mapped[str] = mapped_column(sa.Text)
    attribution: Mapped[Attribution | None] = mapped_column(by_value(Attribution, "decision_attribution"))
    batch: Mapped[str | None] = mapped_column(sa.String(30))
    was_status: Mapped[RepublicationStatus] = mapped_column(by_value(RepublicationStatus, "decision_was_status"))
    was_said: Mapped[Attribution | None] = mapped_column(by_value(Attribution, "decision_was_said"))
    was_decided_by: Mapped[str | None] = mapped_column(sa.String(200))
    was_decided_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    was_note: Mapped[str] = mapped_column(sa.Text, default="")
    was_confirmed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    undone_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    undone_by: Mapped[str | None] = mapped_column(sa.String(200))
    second_posting: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    # For a person's latest decision, which the queue reads at every step.
    __table_args__ = (sa.Index("ix_decisions_actor_at", "actor", "at"),)


def version_token(row: Republication) -> str:
    """Identifies the state of a copy; it changes with every decision, so that an outdated form is detected."""
    at = row.decided_at.isoformat() if row.decided_at is not None else ""
    return f"{row.status.value} {at}"


def decide(
    session: Session,
    actor: Actor,
    row: Republication,
    *,
    confirm: bool,
    note: str,
    reason: str = "",
    attribution: Attribution | None = None,
    second_posting: bool = False,
    seen_version: str | None = None,
    batch: str | None = None,
    now: dt.datetime,
) -> Decision:
    """Confirm or reject a copy with a note, overriding the machine until the next decision. Settles the partner's
    answers.

    ``attribution``: of a confirmed copy on which the machine saw neither name nor link, or that it has not read; of a
    reported post, None takes what its reporter said. ``second_posting``: count it
    beside another address of its site, since its text differs. ``seen_version``: the version token of the form; None
    skips the check. Raises ``Forbidden``, ``Invalid`` without a note, for a reason not in ``REASONS`` for this outcome
    or an attribution that a person cannot set, ``Conflict`` (``decided_since``) when the version token differs, and
    what ``counted_copy.check_confirmable`` and ``check_second_person`` raise.
    """
    actor.require(Permission.REVIEW)
    _lock_copy(session, row)
    if seen_version is not None and seen_version != version_token(row):
        raise _decided_since(session, row)
    errors = []
    if not note.strip():
        errors.append(FieldError("note", "required", "say why"))
    shown: Attribution | None = attribution if attribution is not Attribution.NONE else None
    if shown is not None and not (confirm and may_say_attribution(session, row, shown)):
        errors.append(FieldError("attribution", "not_to_say", "only what no machine saw, on a copy that is confirmed"))
    if shown is None and confirm and row.attribution_said is None:
        shown = reported_attribution(session, row)
    if reason and DECISION_REASONS.get(reason) is not confirm:
        right = ", ".join(code for code, confirms in DECISION_REASONS.items() if confirms is confirm)
        errors.append(FieldError("reason", "unknown_reason", f"one of {right}, or none"))
    if errors:
        raise Invalid(errors)
    outcome = RepublicationStatus.CONFIRMED if confirm else RepublicationStatus.REJECTED
    picture = None
    if confirm:
        picture = check_second_person(session, actor.id, row)
        counted_copy.check_confirmable(session, row, second_posting=second_posting)
    made = record_decision(
        session, actor, row, outcome, note, reason=reason, attribution=shown, batch=batch,
        second_posting=confirm and (second_posting or row.second_posting), now=now,
    )  # fmt: skip
    act = "republication.confirmed" if confirm else "republication.rejected"
    details = {"note": made.note, "before": made.was_status, "decision": made.public, **counted_as(row)}
    if reason:
        details["reason"] = reason
    if shown is not None:
        details["attribution"] = shown
    if made.second_posting:
        details["second_posting"] = True
    if picture is not None:
        details |= {"exhibit": picture.exhibit, "sha256": picture.body_hash, "url": row.canonical_url}
    journal.record(session, actor.id, act, "republication", row.public, details, now=now)
    return made


def record_decision(
    session: Session,
    actor: Actor,
    row: Republication,
    outcome: RepublicationStatus,
    note: str,
    *,
    reason: str = "",
    attribution: Attribution | None = None,
    batch: str | None = None,
    second_posting: bool = False,
    now: dt.datetime,
) -> Decision:
    """Write a permitted decision on a locked copy together with its former state, and settle the partner's answers. The
    caller has checked that it may be confirmed (``counted_copy.check_confirmable``), and writes the journal."""
    made = Decision(
        public=public_id("dec"), republication_id=row.id, at=now, actor=actor.id, actor_name=actor.name,
        outcome=outcome, reason=reason, note=note.strip(), attribution=attribution, batch=batch, was_status=row.status,
        was_said=row.attribution_said, was_decided_by=row.decided_by, was_decided_at=row.decided_at,
        was_note=row.decision_note, was_confirmed_at=row.confirmed_at, second_posting=second_posting,
    )  # fmt: skip
    session.add(made)
    row.decided_by, row.decided_at, row.decision_note = actor.id, now, made.note
    confirm = outcome is RepublicationStatus.CONFIRMED
    if second_posting:
        counted_copy.count_second_posting(session, row, now=now)
    else:
        counted_copy.set_status(session, row, outcome, now=now)
    _set_attribution(session, row, (attribution or row.attribution_said) if confirm else None)
    row.level = evidence_level(row, first_seen_by_method(session, row.page))
    row.looks_disagree = False
    session.flush()
    partner_answers.settle_answers(session, row, actor, decision=made.public, now=now)
    return made


def undo_decision(session: Session, actor: Actor, row: Republication, public: str, *, now: dt.datetime) -> Decision:
    """Undo a decision: the copy's former state is restored, and the partner's answers wait again.

    A copy that was counted takes its place back from the address that took it, unless a person has confirmed that one
    since; then it is its duplicate.

    Raises ``Forbidden``, ``NotFound`` for a decision on another copy, ``Conflict`` when it was undone before
    (``undone_before``) or a newer decision exists (``decided_since``).
    """
    actor.require(Permission.REVIEW)
    _lock_copy(session, row)
    made = session.execute(
        sa.select(Decision).where(Decision.public == public, Decision.republication_id == row.id)
    ).scalar_one_or_none()
    if made is None:
        raise NotFound(f"there is no decision {public}", decision=public)
    if made.undone_at is not None:
        raise Conflict("this was taken back before", code="undone_before", decision=public)
    stands = (row.decided_by, row.decided_at) == (made.actor, made.at)
    if not stands or latest_decision(session, row) is not made:
        raise _decided_since(session, row)
    made.undone_at, made.undone_by = now, actor.id
    row.decided_by, row.decided_at = made.was_decided_by, made.was_decided_at
    row.decision_note, row.confirmed_at = made.was_note, made.was_confirmed_at
    row.looks_disagree = row.decided_by is None and row.browser_look is BrowserLook.DIFFERS
    _set_attribution(session, row, made.was_said)
    _restore_status(session, row, made, now)
    if row.confirmed_at is None:
        row.counted_on = counted_day(row.site, city_day(row.appeared_at))
    row.level = evidence_level(row, first_seen_by_method(session, row.page))
    session.flush()
    partner_answers.reopen_answers(session, made.public)
    details: dict[str, Any] = {"decision": made.public, "before": made.outcome, "status": row.status}
    if row.status is RepublicationStatus.CONFIRMED:
        details |= counted_by(session, row)
    journal.record(session, actor.id, "republication.undone", "republication", row.public, details, now=now)
    return made


def _restore_status(session: Session, row: Republication, made: Decision, now: dt.datetime) -> None:
    own = made.was_status
    if own is RepublicationStatus.DUPLICATE:
        own = counted_copy.own_status(row)
    if own is RepublicationStatus.CANDIDATE and row.page.behind_sign_in:
        # A page that no machine can read waits for a person.
        own, row.reasons = RepublicationStatus.REVIEW, ["page_unreadable: the page lies behind a sign-in"]
    counted = counted_copy.counted_elsewhere(session, row)
    if made.was_status is not RepublicationStatus.CONFIRMED or counted is None:
        counted_copy.set_status(session, row, own, now=now)
        return
    before, standing = latest_decision(session, row), latest_decision(session, counted)
    second = standing is not None and standing.second_posting
    if before is not None and before.second_posting:
        counted_copy.count_second_posting(session, row, now=now)
    elif second or counted.decided_by is None:
        counted_copy.take_back(session, row, counted, second=second, now=now)
    else:
        counted_copy.set_status(session, row, own, now=now)


def latest_decision(session: Session, row: Republication) -> Decision | None:
    """The newest decision on a copy that was not undone."""
    query = (
        sa.select(Decision)
        .where(Decision.republication_id == row.id, Decision.undone_at.is_(None))
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def latest_undoable(session: Session, actor: str, *, since: dt.datetime) -> Sequence[Decision]:
    """The last act of this person since a moment that can be undone: one decision or a whole batch; empty when there is
    none. Copies decided on by others since are omitted."""
    query = (
        sa.select(Decision)
        .join(Republication, Republication.id == Decision.republication_id)
        .where(
            Decision.actor == actor,
            Decision.at >= since,
            Decision.undone_at.is_(None),
            Republication.decided_at == Decision.at,
            Republication.decided_by == Decision.actor,
        )
        .order_by(Decision.id.desc())
    )
    newest = session.execute(query.limit(1)).scalar_one_or_none()
    if newest is None or newest.batch is None:
        return [newest] if newest is not None else []
    return session.execute(query.where(Decision.batch == newest.batch)).scalars().all()


def copies_by_decision(session: Session, decisions: Iterable[str]) -> dict[str, str]:
    """The copy of each of these decisions, both by public id; unknown ids are omitted."""
    query = sa.select(Decision.public, Republication.public).join(
        Republication, Republication.id == Decision.republication_id
    )
    return {row[0]: row[1] for row in session.execute(query.where(Decision.public.in_(list(decisions))))}


def decisions_of(session: Session, row: Republication) -> Sequence[Decision]:
    """All decisions on a copy, oldest first, including undone ones."""
    query = sa.select(Decision).where(Decision.republication_id == row.id).order_by(Decision.id)
    return session.execute(query).scalars().all()


def lock_public_copies(session: Session, idents: Iterable[str]) -> Sequence[Republication]:
    """These copies, by public id, locked until commit with their other addresses (``counted_copy.lock_copies``)."""
    query = sa.select(Republication.id).where(Republication.public.in_(list(idents)))
    return counted_copy.lock_copies(session, session.execute(query).scalars())


def may_say_attribution(session: Session, row: Republication, attribution: Attribution) -> bool:
    """Whether a person may say this of a copy's source, after what the machine saw of it."""
    machine = _machine_attribution(session, row)
    if machine is Attribution.NOT_SEEN:
        return attribution in SAID_OF_PICTURES
    return attribution in NAMES_US and machine in NOT_NAMING_US


def _machine_attribution(session: Session, row: Republication) -> Attribution:
    return machine_attribution(newest_evidence(session, [row.id]).get(row.id))


def _set_attribution(session: Session, row: Republication, attribution: Attribution | None) -> None:
    row.attribution_said = attribution
    row.attribution = shown_attribution(_machine_attribution(session, row), attribution)


def _lock_copy(session: Session, row: Republication) -> None:
    """Lock a copy and its other addresses, so that of two concurrent decisions the second sees the first."""
    counted_copy.lock_copies(session, [row.id])


def _decided_since(session: Session, row: Republication) -> Conflict:
    last = latest_decision(session, row)
    decider = last.actor_name if last is not None and last.at == row.decided_at else row.decided_by or "the machine"
    return Conflict(
        f"{decider} has concluded on this meanwhile; nothing was changed", code="decided_since", who=decider,
        status=row.status.value,
    )  # fmt: skip
