"""Acting on a finding: show it to its partner, conclude, say what came of it, take the last act back.

Every act is a person's; each keeps what stood before, so that it can be taken back by a new step. Nothing here reaches
the partner's licence, channel or figures: a finding is a record and a letter, never a sanction.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.findings import Finding, Happened, Outcome, Standing, Step, find_finding
from campaigns.core import journal
from campaigns.core.clock import FIRST_YEAR, LAST_YEAR, city_day
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.vietnamese import nfc
from campaigns.people.staff import Actor, May

LONGEST = 2000  # characters of a note
LONGEST_NUMBER = 80
MOST_DONG = 10_000_000_000
USUAL_DAYS = 7  # that a partner is given to answer
# What an act may change; a step keeps these as they were.
_KEPT = (
    "standing", "outcome", "decided_at", "decided_by", "note", "shown_at", "reply_by", "waits_since", "letter_number",
    "letter_on", "decision_number", "decision_on", "amount", "closed_at",
)  # fmt: skip


def show(session: Session, actor: Actor, public: str, turn: int, reply_by: dt.date, *, now: dt.datetime) -> Finding:
    """Let the partner see a finding and ask it to answer by a day. Errors as of ``conclude``."""
    row = _taken(session, actor, public, turn)
    _open(row)
    errors = _ahead(reply_by, now)
    if errors:
        raise Invalid(errors)
    before = _before(row)
    row.shown_at, row.reply_by = row.shown_at or now, reply_by
    return _put_down(session, actor, row, Happened.SHOWN, "", {"until": reply_by.isoformat()}, before, now=now)


def conclude(
    session: Session,
    actor: Actor,
    public: str,
    turn: int,
    *,
    confirm: bool,
    note: str,
    reply_by: dt.date | None = None,
    now: dt.datetime,
) -> Finding:
    """Confirm a suspicion or dismiss it, with a note. A confirmed one is shown to its partner.

    ``turn``: the finding as the form was made from. ``reply_by``: by when the partner is asked to answer. Raises
    ``Forbidden``, ``NotFound``, ``Conflict`` (``finding_moved`` when something was done since, ``finding_settled``
    when it is no suspicion any more), ``Invalid`` naming each bad field.
    """
    row = _taken(session, actor, public, turn)
    if row.standing is not Standing.PROPOSED:
        raise _settled(row)
    errors = _words(note)
    if confirm and reply_by is not None:
        errors += _ahead(reply_by, now)
    if errors:
        raise Invalid(errors)
    before = _before(row)
    row.standing = Standing.CONFIRMED if confirm else Standing.DISMISSED
    row.decided_at, row.decided_by, row.note = now, actor.id, nfc(note.strip())
    row.waits_since = None
    details: dict[str, Any] = {}
    if confirm:
        row.shown_at = row.shown_at or now
        row.reply_by = reply_by or row.reply_by
        if reply_by is not None:
            details["until"] = reply_by.isoformat()
    else:
        row.closed_at = now
    what = Happened.CONFIRMED if confirm else Happened.DISMISSED
    return _put_down(session, actor, row, what, row.note, details, before, now=now)


def remind(
    session: Session, actor: Actor, public: str, turn: int, number: str, on: dt.date, note: str, *, now: dt.datetime
) -> Finding:
    """A letter went to the partner: its number and day, as the records office gave them. Errors as of ``conclude``."""
    row = _confirmed(session, actor, public, turn)
    errors = [*_number("number", number), *_past("on", on, now), *_words(note, needed=False)]
    if errors:
        raise Invalid(errors)
    before = _before(row)
    row.outcome, row.letter_number, row.letter_on = Outcome.REMINDED, nfc(number.strip()), on
    details = {"number": row.letter_number, "on": on.isoformat()}
    return _put_down(session, actor, row, Happened.REMINDED, note, details, before, now=now)


def mended(session: Session, actor: Actor, public: str, turn: int, note: str, *, now: dt.datetime) -> Finding:
    """The partner has put it right; nothing more is to be done. Errors as of ``conclude``."""
    row = _confirmed(session, actor, public, turn)
    if errors := _words(note):
        raise Invalid(errors)
    before = _before(row)
    row.outcome, row.closed_at, row.waits_since = Outcome.MENDED, now, None
    return _put_down(session, actor, row, Happened.MENDED, note, {}, before, now=now)


def hand_over(session: Session, actor: Actor, public: str, turn: int, note: str, *, now: dt.datetime) -> Finding:
    """It was handed to the inspection, with all that is known of it. Errors as of ``conclude``."""
    row = _confirmed(session, actor, public, turn)
    if errors := _words(note):
        raise Invalid(errors)
    before = _before(row)
    row.outcome = Outcome.HANDED
    return _put_down(session, actor, row, Happened.HANDED, note, {}, before, now=now)


def decided(
    session: Session,
    actor: Actor,
    public: str,
    turn: int,
    number: str,
    on: dt.date,
    amount: int | None,
    note: str,
    *,
    now: dt.datetime,
) -> Finding:
    """The inspection has decided: number, day and amount in đồng as its decision says, None where it fined nothing.

    Only of what was handed over (``Conflict``, ``not_handed``); errors as of ``conclude``.
    """
    row = _confirmed(session, actor, public, turn)
    if row.outcome is not Outcome.HANDED:
        raise Conflict(f"{public} was not handed to the inspection", code="not_handed", finding=public)
    errors = [*_number("number", number), *_past("on", on, now), *_words(note, needed=False)]
    if amount is not None and not 0 <= amount <= MOST_DONG:
        errors.append(FieldError("amount", "amount", f"{amount} is not an amount in đồng"))
    if errors:
        raise Invalid(errors)
    before = _before(row)
    row.outcome, row.closed_at, row.waits_since = Outcome.DECIDED, now, None
    row.decision_number, row.decision_on, row.amount = nfc(number.strip()), on, amount
    details = {"number": row.decision_number, "on": on.isoformat(), "amount": amount}
    return _put_down(session, actor, row, Happened.DECIDED, note, details, before, now=now)


def read_reply(session: Session, actor: Actor, public: str, turn: int, *, now: dt.datetime) -> Finding:
    """Somebody has dealt with what the partner said, without any other act. Errors as of ``conclude``."""
    row = _taken(session, actor, public, turn)
    before = _before(row)
    row.waits_since = None
    return _put_down(session, actor, row, Happened.READ, "", {}, before, now=now)


def last_undoable(session: Session, row: Finding) -> Step | None:
    """The last act of a person that still stands; None when there is none, or the partner has answered since."""
    undone = sa.select(Step.undoes_id).where(Step.finding_id == row.id, Step.undoes_id.is_not(None))
    query = (
        sa.select(Step)
        .where(Step.finding_id == row.id, Step.before.is_not(None), Step.id.not_in(undone))
        .order_by(Step.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def undo(session: Session, actor: Actor, public: str, turn: int, *, now: dt.datetime) -> Finding:
    """Take the last act back: everything stands as before it. What the partner has said since stays, and waits.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` (``finding_moved``, ``nothing_to_undo``).
    """
    row = _taken(session, actor, public, turn)
    last = last_undoable(session, row)
    if last is None or last.before is None:
        raise Conflict(f"there is no act on {public} to take back", code="nothing_to_undo", finding=public)
    if row.closed_at is not None and last.before["closed_at"] is None and _reopened_elsewhere(session, row):
        raise Conflict("another finding of the rule is open here", code="finding_again", finding=public)
    said_since = row.waits_since
    for name, value in last.before.items():
        setattr(row, name, _back(name, value))
    row.waits_since = row.waits_since or said_since
    details = {"act": last.happened.value}
    return _put_down(session, actor, row, Happened.UNDONE, "", details, None, undoes=last.id, now=now)


def _reopened_elsewhere(session: Session, row: Finding) -> bool:
    query = sa.select(Finding.id).where(
        Finding.subject == row.subject, Finding.code == row.code, Finding.closed_at.is_(None), Finding.id != row.id
    )
    return session.execute(query.limit(1)).first() is not None


def _taken(session: Session, actor: Actor, public: str, turn: int) -> Finding:
    """The finding, locked, if the actor may act and nobody has since the form was made."""
    actor.require(May.REVIEW)
    row = find_finding(session, public, lock=True)
    if row.turn != turn:
        raise Conflict(f"something was done on {public} meanwhile", code="finding_moved", finding=public)
    return row


def _confirmed(session: Session, actor: Actor, public: str, turn: int) -> Finding:
    row = _taken(session, actor, public, turn)
    if row.standing is not Standing.CONFIRMED or row.closed:
        raise _settled(row)
    return row


def _open(row: Finding) -> None:
    if row.closed:
        raise _settled(row)


def _settled(row: Finding) -> Conflict:
    return Conflict(f"{row.public} does not stand so that this can be done", code="finding_settled", finding=row.public)


def _before(row: Finding) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in _KEPT}


def _plain(value: Any) -> Any:
    if isinstance(value, Standing | Outcome):
        return value.value
    return value.isoformat() if isinstance(value, dt.date) else value  # a moment is a date too


def _back(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "standing":
        return Standing(value)
    if name == "outcome":
        return Outcome(value)
    if name.endswith("_at") or name == "waits_since":
        return dt.datetime.fromisoformat(value)
    return dt.date.fromisoformat(value) if name in {"reply_by", "letter_on", "decision_on"} else value


def _put_down(
    session: Session,
    actor: Actor,
    row: Finding,
    what: Happened,
    text: str,
    details: Mapping[str, Any],
    before: dict[str, Any] | None,
    *,
    undoes: int | None = None,
    now: dt.datetime,
) -> Finding:
    row.turn += 1
    session.add(
        Step(
            finding_id=row.id, happened=what, at=now, actor=actor.id, actor_name=actor.name, ours=True,
            text=nfc(text.strip()), details=dict(details), before=before, undoes_id=undoes,
        )
    )  # fmt: skip
    session.flush()
    told = {"rule": row.code, "version": row.version, **details}
    if text.strip():
        told["note"] = nfc(text.strip())
    journal.record(session, actor.id, f"finding.{what.value}", "finding", row.public, told, now=now)
    return row


def _words(note: str, *, needed: bool = True) -> list[FieldError]:
    if needed and not note.strip():
        return [FieldError("note", "required", "say why")]
    return [FieldError("note", "too_long", f"at most {LONGEST} characters")] if len(note) > LONGEST else []


def _number(name: str, number: str) -> list[FieldError]:
    if not number.strip():
        return [FieldError(name, "required", "a document needs its number")]
    return (
        [FieldError(name, "too_long", f"at most {LONGEST_NUMBER} characters")] if len(number) > LONGEST_NUMBER else []
    )


def _past(name: str, on: dt.date, now: dt.datetime) -> list[FieldError]:
    """A document that is there bears no later day than today."""
    right = on.year >= FIRST_YEAR and on <= city_day(now)
    return [] if right else [FieldError(name, "not_past", f"{on} is still to come")]


def _ahead(day: dt.date, now: dt.datetime) -> list[FieldError]:
    right = city_day(now) <= day and day.year <= LAST_YEAR
    return [] if right else [FieldError("reply_by", "past", f"{day} is over")]
