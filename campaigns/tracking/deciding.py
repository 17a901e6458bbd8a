"""Decide: a person's conclusion on a copy, with its reason, kept beside what stood before so that it can be taken back.

A conclusion is made from what somebody saw; the *seal* says what that was, so that one made from an old page is
refused. Taking back is a new act that brings the earlier standing again; nothing is erased.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, by_value, public_id
from campaigns.core.clock import UTCDateTime, city_day
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, May
from campaigns.tracking import answers
from campaigns.tracking.attribution import NAMES_US, Attribution
from campaigns.tracking.republications import UNNAMED, ByPerson, Republication, Status, newest_of, shown_attribution
from campaigns.tracking.sightings import how_seen
from campaigns.tracking.verifying import level_of

# The usual reasons, and whether each is one for confirming; else it is one for rejecting.
REASONS = {
    "our_text": True, "named_elsewhere": True, "enough": True, "seen": True,
    "other_origin": False, "too_little": False, "no_article": False, "not_there": False, "duplicate": False,
}  # fmt: skip


class Decision(ByPerson, Base):
    """One conclusion. ``outcome``: confirmed or rejected. ``reason``: the code of a usual reason, '' for none of them.
    ``attribution``: how the person says the page names us, where no machine saw it. ``batch``: the same for copies
    that were decided together. ``was_*``: what stood before. ``undone_at``: it was taken back.
    """

    __tablename__ = "decisions"

    outcome: Mapped[Status] = mapped_column(by_value(Status, "decision_outcome"))
    reason: Mapped[str] = mapped_column(sa.String(40), default="")
    note: Mapped[str] = mapped_column(sa.Text)
    attribution: Mapped[Attribution | None] = mapped_column(by_value(Attribution, "decision_attribution"))
    batch: Mapped[str | None] = mapped_column(sa.String(30))
    was_status: Mapped[Status] = mapped_column(by_value(Status, "decision_was_status"))
    was_said: Mapped[Attribution | None] = mapped_column(by_value(Attribution, "decision_was_said"))
    was_decided_by: Mapped[str | None] = mapped_column(sa.String(200))
    was_decided_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    was_note: Mapped[str] = mapped_column(sa.Text, default="")
    was_confirmed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    undone_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    undone_by: Mapped[str | None] = mapped_column(sa.String(200))

    # The queue asks for a person's last conclusion at every step.
    __table_args__ = (sa.Index("ix_decisions_actor_at", "actor", "at"),)


def seal_of(row: Republication) -> str:
    """What a form was made from: it changes with every conclusion, so that a stale form can be told."""
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
    seal: str | None = None,
    batch: str | None = None,
    now: dt.datetime,
) -> Decision:
    """A person confirms or rejects, with a note; their word stands over the machine's until a person changes it. What
    the partner has answered is settled with it.

    ``attribution``: for a confirmed copy on which no machine saw us named. ``seal``: what it was decided from; None
    does not ask. Raises ``Forbidden`` for a role that may not, ``Invalid`` without a note, for a reason that is none of
    ``REASONS`` for this conclusion or an attribution that is not a person's to say, ``Conflict`` (``decided_since``)
    when the copy has another standing than the seal's.
    """
    actor.require(May.REVIEW)
    _lock(session, row)
    if seal is not None and seal != seal_of(row):
        raise _overtaken(session, row)
    errors = []
    if not note.strip():
        errors.append(FieldError("note", "required", "say why"))
    said = attribution if attribution is not Attribution.NONE else None
    if said is not None and (not confirm or said not in NAMES_US or machine_attribution(session, row) not in UNNAMED):
        errors.append(FieldError("attribution", "not_to_say", "only what no machine saw, on a copy that is confirmed"))
    if reason and REASONS.get(reason) is not confirm:
        right = ", ".join(code for code, confirms in REASONS.items() if confirms is confirm)
        errors.append(FieldError("reason", "unknown_reason", f"one of {right}, or none"))
    if errors:
        raise Invalid(errors)
    outcome = Status.CONFIRMED if confirm else Status.REJECTED
    made = conclude(session, actor, row, outcome, note, reason=reason, said=said, batch=batch, now=now)
    act = "republication.confirmed" if confirm else "republication.rejected"
    details = {"note": made.note, "before": made.was_status, "decision": made.public}
    if reason:
        details["reason"] = reason
    if said is not None:
        details["attribution"] = said
    journal.record(session, actor.id, act, "republication", row.public, details, now=now)
    return made


def conclude(
    session: Session,
    actor: Actor,
    row: Republication,
    outcome: Status,
    note: str,
    *,
    reason: str = "",
    said: Attribution | None = None,
    batch: str | None = None,
    now: dt.datetime,
) -> Decision:
    """Write a conclusion that may be drawn, on a copy that is locked, beside what stood before it. What the partner has
    answered is settled with it; the journal is the caller's."""
    made = Decision(
        public=public_id("dec"), republication_id=row.id, at=now, actor=actor.id, actor_name=actor.name,
        outcome=outcome, reason=reason, note=note.strip(), attribution=said, batch=batch, was_status=row.status,
        was_said=row.attribution_said, was_decided_by=row.decided_by, was_decided_at=row.decided_at,
        was_note=row.decision_note, was_confirmed_at=row.confirmed_at,
    )  # fmt: skip
    session.add(made)
    row.status = made.outcome
    row.decided_by, row.decided_at, row.decision_note = actor.id, now, made.note
    confirm = outcome is Status.CONFIRMED
    if confirm and row.confirmed_at is None:
        row.confirmed_at = now
    _say(session, row, (said or row.attribution_said) if confirm else None)
    row.level = level_of(row, how_seen(session, row.page))
    session.flush()
    answers.settle(session, row, actor, decision=made.public, now=now)
    return made


def undo(session: Session, actor: Actor, row: Republication, public: str, *, now: dt.datetime) -> Decision:
    """Take a conclusion back: the copy stands as it did before it, and the partner's answers wait again.

    Raises ``Forbidden`` for a role that may not, ``NotFound`` for a decision that is none of this copy's, ``Conflict``
    when it was taken back before (``undone_before``) or something newer was concluded (``decided_since``).
    """
    actor.require(May.REVIEW)
    _lock(session, row)
    made = session.execute(
        sa.select(Decision).where(Decision.public == public, Decision.republication_id == row.id)
    ).scalar_one_or_none()
    if made is None:
        raise NotFound(f"there is no decision {public}", decision=public)
    if made.undone_at is not None:
        raise Conflict("this was taken back before", code="undone_before", decision=public)
    stands = (row.status, row.decided_by, row.decided_at) == (made.outcome, made.actor, made.at)
    if not stands or last_of(session, row) is not made:
        raise _overtaken(session, row)
    row.status, row.decided_by, row.decided_at = made.was_status, made.was_decided_by, made.was_decided_at
    row.decision_note, row.confirmed_at = made.was_note, made.was_confirmed_at
    _say(session, row, made.was_said)
    if row.status is Status.CANDIDATE and row.page.behind_sign_in:
        # What no machine can read is left to a person; nobody else would ever look at it.
        row.status, row.reasons = Status.REVIEW, ["page_unreadable: the page lies behind a sign-in"]
    if row.confirmed_at is None:
        row.counted_on = city_day(row.appeared_at)
    row.level = level_of(row, how_seen(session, row.page))
    made.undone_at, made.undone_by = now, actor.id
    session.flush()
    answers.reopen(session, made.public)
    details = {"decision": made.public, "before": made.outcome, "status": row.status}
    journal.record(session, actor.id, "republication.undone", "republication", row.public, details, now=now)
    return made


def last_of(session: Session, row: Republication) -> Decision | None:
    """The newest conclusion on a copy that was not taken back."""
    query = (
        sa.select(Decision)
        .where(Decision.republication_id == row.id, Decision.undone_at.is_(None))
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def lately(session: Session, actor: str, *, since: dt.datetime) -> Sequence[Decision]:
    """The last act of this person since a moment that can still be taken back: one decision, or the whole of a batch;
    empty when there is none. What others concluded on since is left out."""
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


def copies_of(session: Session, decisions: Iterable[str]) -> dict[str, str]:
    """Which copy each of these conclusions is about, both by public id; those that are none are left out."""
    query = sa.select(Decision.public, Republication.public).join(
        Republication, Republication.id == Decision.republication_id
    )
    return {row[0]: row[1] for row in session.execute(query.where(Decision.public.in_(list(decisions))))}


def decisions_of(session: Session, row: Republication) -> Sequence[Decision]:
    """Every conclusion on a copy, oldest first, those taken back among them."""
    query = sa.select(Decision).where(Decision.republication_id == row.id).order_by(Decision.id)
    return session.execute(query).scalars().all()


def together(session: Session, idents: Iterable[str]) -> Sequence[Republication]:
    """These copies, by public id, locked until the caller commits.

    In one order and all of them before the first is concluded on: whoever holds one of them is waited for while nothing
    of the journal is held yet, or the two would wait for each other.
    """
    query = sa.select(Republication).where(Republication.public.in_(list(idents))).order_by(Republication.id)
    locked = query.with_for_update(of=Republication, key_share=True).execution_options(populate_existing=True)
    return session.execute(locked).scalars().all()


def machine_attribution(session: Session, row: Republication) -> Attribution:
    """How the machine saw the page name its source at the last look; none for a page it has not read."""
    newest = newest_of(session, [row.id]).get(row.id)
    return newest.attribution if newest is not None else Attribution.NONE


def _say(session: Session, row: Republication, said: Attribution | None) -> None:
    row.attribution_said = said
    row.attribution = shown_attribution(machine_attribution(session, row), said)


def _lock(session: Session, row: Republication) -> None:
    """Two people at once conclude one after the other, and the second sees what the first has done."""
    session.flush()
    session.refresh(row, with_for_update={"of": Republication, "key_share": True})


def _overtaken(session: Session, row: Republication) -> Conflict:
    last = last_of(session, row)
    who = last.actor_name if last is not None and last.at == row.decided_at else row.decided_by or "the machine"
    return Conflict(
        f"{who} has concluded on this meanwhile; nothing was changed", code="decided_since", who=who,
        status=row.status.value,
    )  # fmt: skip
