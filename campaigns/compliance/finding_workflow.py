"""State machine of a finding: proposed by a checker, decided and followed up by staff, answered by its partner.

A finding is proposed once; that a page is in order again is noted on the open finding. Staff show it to its partner,
confirm or dismiss it, record what follows, and can take the last act back. A partner may reply several times; a reply
changes neither the finding's status nor any figure and waits until somebody has read it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.compliance.cases.cases import CaseDecision, DecisionForm
from campaigns.compliance.cases.content import DecisionContent
from campaigns.compliance.cases.workflow import add_finding_decision, check_finding_decision, end_finding_decision
from campaigns.compliance.findings import Finding, FindingOutcome, FindingStatus, FindingStep, StepKind, find_finding
from campaigns.compliance.rule_parameters import Fault
from campaigns.compliance.rules import Rule
from campaigns.core import journal
from campaigns.core.base import insert_into, public_id
from campaigns.core.clock import LAST_YEAR, city_day
from campaigns.core.current_company import lock_current_company
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.vietnamese import nfc
from campaigns.people.staff import SYSTEM_ACTOR, Actor, Permission

LONGEST_NOTE = 2000  # characters
USUAL_REPLY_DAYS = 7  # days a partner has to reply
# The columns an act may change; a step keeps their former values.
_UNDOABLE_COLUMNS = (
    "standing", "outcome", "decided_at", "decided_by", "note", "shown_at", "reply_by", "waits_since", "closed_at",
)  # fmt: skip


def show_to_partner(
    session: Session,
    actor: Actor,
    public: str,
    turn: int,
    reply_by: dt.date,
    *,
    batch: str | None = None,
    now: dt.datetime,
) -> Finding:
    """Show a finding to its partner and ask for a reply by a day. Raises as ``conclude_finding``."""
    row = _lock_for_act(session, actor, public, turn)
    _require_open(row)
    errors = check_future_day(reply_by, now)
    if errors:
        raise Invalid(errors)
    before = _state_before(row)
    row.shown_at, row.reply_by = row.shown_at or now, reply_by
    details = {"until": reply_by.isoformat()}
    return _record_step(session, actor, row, StepKind.SHOWN, "", details, before, batch=batch, now=now)


def conclude_finding(
    session: Session,
    actor: Actor,
    public: str,
    turn: int,
    *,
    confirm: bool,
    note: str,
    reply_by: dt.date | None = None,
    batch: str | None = None,
    now: dt.datetime,
) -> Finding:
    """Confirm or dismiss a finding, with a note. A confirmed one is shown to its partner.

    ``turn``: the version of the finding on the form. ``reply_by``: the last day for the partner's reply. ``batch``:
    shared by findings decided together. Raises
    ``Forbidden``, ``NotFound``, ``Conflict`` (``finding_moved`` after another act since, ``finding_settled`` when it is
    no longer proposed), ``Invalid`` naming each bad field.
    """
    row = _lock_for_act(session, actor, public, turn)
    if row.standing is not FindingStatus.PROPOSED:
        raise _settled_error(row)
    errors = check_note(note)
    if confirm and reply_by is not None:
        errors += check_future_day(reply_by, now)
    if errors:
        raise Invalid(errors)
    before = _state_before(row)
    row.standing = FindingStatus.CONFIRMED if confirm else FindingStatus.DISMISSED
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
    kind = StepKind.CONFIRMED if confirm else StepKind.DISMISSED
    return _record_step(session, actor, row, kind, row.note, details, before, batch=batch, now=now)


def record_letter(
    session: Session, actor: Actor, public: str, turn: int, number: str, on: dt.date, note: str, *, now: dt.datetime
) -> Finding:
    """Record an official letter (công văn) to the partner: its number and day. Raises as ``conclude_finding``."""
    row = _lock_confirmed(session, actor, public, turn)
    given = DecisionContent(DecisionForm.REMINDER, number, on=on, note=note)
    decision = _add_decision(session, actor, row, given, [], now=now)
    before = _state_before(row)
    row.outcome = FindingOutcome.REMINDED
    details = {"number": decision.number, "on": on.isoformat(), "decision": decision.public}
    return _record_step(session, actor, row, StepKind.REMINDED, note, details, before, now=now)


def record_mended(session: Session, actor: Actor, public: str, turn: int, note: str, *, now: dt.datetime) -> Finding:
    """Record that the partner has corrected the fault; closes the finding. Raises as ``conclude_finding``."""
    row = _lock_confirmed(session, actor, public, turn)
    given = DecisionContent(DecisionForm.MENDED, on=city_day(now), note=note)
    decision = _add_decision(session, actor, row, given, check_note(note), now=now)
    before = _state_before(row)
    row.outcome, row.closed_at, row.waits_since = FindingOutcome.MENDED, now, None
    details = {"decision": decision.public}
    return _record_step(session, actor, row, StepKind.MENDED, note, details, before, now=now)


def hand_to_inspection(
    session: Session, actor: Actor, public: str, turn: int, note: str, *, now: dt.datetime
) -> Finding:
    """Record that the finding was handed to the inspection authority. Raises as ``conclude_finding``."""
    row = _lock_confirmed(session, actor, public, turn)
    given = DecisionContent(DecisionForm.HANDED, on=city_day(now), note=note)
    decision = _add_decision(session, actor, row, given, check_note(note), now=now)
    before = _state_before(row)
    row.outcome = FindingOutcome.HANDED
    return _record_step(session, actor, row, StepKind.HANDED, note, {"decision": decision.public}, before, now=now)


def record_decision(
    session: Session,
    actor: Actor,
    public: str,
    turn: int,
    number: str,
    on: dt.date,
    amount: int | None,
    note: str,
    authority: str = "",
    *,
    now: dt.datetime,
) -> Finding:
    """Record the inspection authority's decision: number, day, and amount in đồng, None without a fine. Where the same
    decision closes several findings of a partner, its amount is given once.

    Raises ``Conflict`` (``not_handed``) for a finding that was not handed over; else as ``conclude_finding``.
    """
    row = _lock_confirmed(session, actor, public, turn)
    if row.outcome is not FindingOutcome.HANDED:
        raise Conflict(f"{public} was not handed to the inspection", code="not_handed", finding=public)
    form = DecisionForm.OTHER if amount is None else DecisionForm.FINE
    given = DecisionContent(form, number, authority, on, amount, note=note)
    decision = _add_decision(session, actor, row, given, [], now=now)
    before = _state_before(row)
    row.outcome, row.closed_at, row.waits_since = FindingOutcome.DECIDED, now, None
    details = {"number": decision.number, "on": on.isoformat(), "amount": amount, "decision": decision.public}
    if decision.authority:
        details["decided_by"] = decision.authority
    return _record_step(session, actor, row, StepKind.DECIDED, note, details, before, now=now)


def _add_decision(
    session: Session,
    actor: Actor,
    row: Finding,
    given: DecisionContent,
    errors: Sequence[FieldError],
    *,
    now: dt.datetime,
) -> CaseDecision:
    """Add the decision behind an outcome to the finding's case. Raises ``Invalid`` with its errors and ``errors``."""
    checked = check_finding_decision(session, row, given, now=now)
    if found := list(dict.fromkeys([*errors, *checked.errors])):
        raise Invalid(found)
    return add_finding_decision(session, actor, row, checked, now=now)


def mark_reply_read(session: Session, actor: Actor, public: str, turn: int, *, now: dt.datetime) -> Finding:
    """Mark the partner's reply as read, without another act. Raises as ``conclude_finding``."""
    row = _lock_for_act(session, actor, public, turn)
    before = _state_before(row)
    row.waits_since = None
    return _record_step(session, actor, row, StepKind.READ, "", {}, before, now=now)


def last_undoable(session: Session, row: Finding) -> FindingStep | None:
    """The last act of a person that is not undone; None when there is none or the partner has replied since."""
    undone = sa.select(FindingStep.undoes_id).where(
        FindingStep.finding_id == row.id, FindingStep.undoes_id.is_not(None)
    )
    query = (
        sa.select(FindingStep)
        .where(FindingStep.finding_id == row.id, FindingStep.before.is_not(None), FindingStep.id.not_in(undone))
        .order_by(FindingStep.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def undo_last_act(
    session: Session, actor: Actor, public: str, turn: int, *, expected: int | None = None, now: dt.datetime
) -> Finding:
    """Undo the last act: its columns get their former values. A reply since then stays and waits to be read.
    ``expected``: the step that is to be undone; another one is refused as moved.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` (``finding_moved``, ``nothing_to_undo``).
    """
    row = _lock_for_act(session, actor, public, turn)
    last = last_undoable(session, row)
    if last is None or last.before is None:
        raise Conflict(f"there is no act on {public} to take back", code="nothing_to_undo", finding=public)
    if expected is not None and last.id != expected:
        raise Conflict(f"something was done on {public} meanwhile", code="finding_moved", finding=public)
    if row.closed_at is not None and last.before["closed_at"] is None and _reopened_elsewhere(session, row):
        raise Conflict("another finding of the rule is open here", code="finding_again", finding=public)
    if (decision := last.details.get("decision")) is not None:
        end_finding_decision(session, actor, decision, now=now)
    waiting_since = row.waits_since
    for name, value in last.before.items():
        setattr(row, name, _from_json_value(name, value))
    row.waits_since = row.waits_since or waiting_since
    details = {"act": last.happened.value}
    return _record_step(session, actor, row, StepKind.UNDONE, "", details, None, undoes=last.id, now=now)


def _reopened_elsewhere(session: Session, row: Finding) -> bool:
    query = sa.select(Finding.id).where(
        Finding.subject == row.subject, Finding.code == row.code, Finding.closed_at.is_(None), Finding.id != row.id
    )
    return session.execute(query.limit(1)).first() is not None


def _lock_for_act(session: Session, actor: Actor, public: str, turn: int) -> Finding:
    """The finding, locked. Raises ``Forbidden``, ``NotFound``, ``Conflict`` when ``turn`` is not the current one."""
    actor.require(Permission.REVIEW)
    row = find_finding(session, public, lock=True)
    if row.turn != turn:
        raise Conflict(f"something was done on {public} meanwhile", code="finding_moved", finding=public)
    return row


def _lock_confirmed(session: Session, actor: Actor, public: str, turn: int) -> Finding:
    row = _lock_for_act(session, actor, public, turn)
    if row.standing is not FindingStatus.CONFIRMED or row.closed:
        raise _settled_error(row)
    return row


def _require_open(row: Finding) -> None:
    if row.closed:
        raise _settled_error(row)


def _settled_error(row: Finding) -> Conflict:
    return Conflict(f"{row.public} does not stand so that this can be done", code="finding_settled", finding=row.public)


def _state_before(row: Finding) -> dict[str, Any]:
    return {name: _json_value(getattr(row, name)) for name in _UNDOABLE_COLUMNS}


def _json_value(value: Any) -> Any:
    if isinstance(value, FindingStatus | FindingOutcome):
        return value.value
    return value.isoformat() if isinstance(value, dt.date) else value  # datetime is a subclass of date


def _from_json_value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "standing":
        return FindingStatus(value)
    if name == "outcome":
        return FindingOutcome(value)
    if name.endswith("_at") or name == "waits_since":
        return dt.datetime.fromisoformat(value)
    return dt.date.fromisoformat(value) if name == "reply_by" else value


def _record_step(
    session: Session,
    actor: Actor,
    row: Finding,
    kind: StepKind,
    text: str,
    details: Mapping[str, Any],
    before: dict[str, Any] | None,
    *,
    undoes: int | None = None,
    batch: str | None = None,
    now: dt.datetime,
) -> Finding:
    row.turn += 1
    session.add(
        FindingStep(
            finding_id=row.id, happened=kind, at=now, actor=actor.id, actor_name=actor.name, ours=True,
            text=nfc(text.strip()), details=dict(details), before=before, undoes_id=undoes, batch=batch,
        )
    )  # fmt: skip
    session.flush()
    journal_details = {"rule": row.code, "version": row.version, **details}
    if text.strip():
        journal_details["note"] = nfc(text.strip())
    journal.record(session, actor.id, f"finding.{kind.value}", "finding", row.public, journal_details, now=now)
    return row


def check_note(note: str, *, needed: bool = True) -> list[FieldError]:
    """Errors of a note: missing where it is needed, or too long."""
    if needed and not note.strip():
        return [FieldError("note", "required", "say why")]
    return [FieldError("note", "too_long", f"at most {LONGEST_NOTE} characters")] if len(note) > LONGEST_NOTE else []


def check_future_day(day: dt.date, now: dt.datetime) -> list[FieldError]:
    """Errors of a day for a reply that is over, or beyond the calendar."""
    right = city_day(now) <= day and day.year <= LAST_YEAR
    return [] if right else [FieldError("reply_by", "past", f"{day} is over")]


@dataclass(frozen=True)
class RuleSubject:
    """What a rule was evaluated on: a site, or one copy on it."""

    company_id: int
    site_id: int
    republication_id: int | None = None
    of_copy: bool = False

    @property
    def key(self) -> str:
        """The subject as findings store it. A finding about a site may name the copy on which it was noticed."""
        return f"rep:{self.republication_id}" if self.of_copy else f"site:{self.site_id}"


@dataclass(frozen=True)
class FindingProof:
    """The page that proves it: its address, when it was read, the SHA-256 of its bytes, and where it is stored."""

    url: str
    at: dt.datetime
    body_hash: str
    evidence_id: int | None = None
    snapshot_id: int | None = None


def propose_finding(
    session: Session,
    rule: Rule,
    subject: RuleSubject,
    fault: Fault,
    proof: FindingProof,
    *,
    day: dt.date,
    now: dt.datetime,
) -> bool:
    """Propose a finding for a person to decide. Returns whether it is new."""
    last = _newest_finding(session, rule.code, subject)
    if last is not None and not last.closed:
        _seen_again(session, last, proof, now)
        return False
    if last is not None and (_was_dismissed(session, rule.code, subject, fault) or proof.at <= (last.closed_at or now)):
        return False
    public, company_id = public_id("fnd"), lock_current_company(session, subject.company_id)
    made = session.execute(
        insert_into(session, Finding)
        .values(
            public=public, rule_id=rule.id, code=rule.code, version=rule.version, company_id=company_id,
            site_id=subject.site_id, republication_id=subject.republication_id, subject=subject.key, day=day,
            fault=fault.code, mark=fault.mark, facts=dict(fault.facts), excerpt=fault.excerpt,
            evidence_id=proof.evidence_id, snapshot_id=proof.snapshot_id, page_url=proof.url, page_at=proof.at,
            page_hash=proof.body_hash, proposed_at=now, last_seen_at=proof.at, standing=FindingStatus.PROPOSED, note="",
            turn=0,
        )
        .on_conflict_do_nothing()
        .returning(Finding.id)
    ).scalar_one_or_none()  # fmt: skip
    if made is None:
        return False  # proposed by a concurrent transaction
    _add_step(session, made, StepKind.PROPOSED, now, {"page": proof.url})
    details = {
        "rule": rule.code,
        "version": rule.version,
        "fault": fault.code,
        "url": proof.url,
        "hash": proof.body_hash,
    }
    journal.record(session, journal.SYSTEM, "finding.proposed", "finding", public, details, now=now)
    return True


def note_in_order(session: Session, code: str, subject: RuleSubject, at: dt.datetime, *, now: dt.datetime) -> bool:
    """Note on the open finding that the page read at ``at`` passes this rule; a person closes the finding."""
    last = _newest_finding(session, code, subject)
    if last is None or last.closed or last.mended_seen_at is not None or at <= last.last_seen_at:
        return False
    last.mended_seen_at = at
    _add_step(session, last.id, StepKind.SEEN_MENDED, now, {})
    session.flush()
    return True


def _newest_finding(session: Session, code: str, subject: RuleSubject) -> Finding | None:
    """The newest finding of a rule on a subject; an open one takes precedence."""
    query = (
        sa.select(Finding)
        .where(Finding.subject == subject.key, Finding.code == code)
        .order_by(Finding.closed_at.is_not(None), Finding.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def _was_dismissed(session: Session, code: str, subject: RuleSubject, fault: Fault) -> bool:
    query = sa.select(Finding.id).where(
        Finding.subject == subject.key,
        Finding.code == code,
        Finding.standing == FindingStatus.DISMISSED,
        Finding.mark == fault.mark,
    )
    return session.execute(query.limit(1)).first() is not None


def _seen_again(session: Session, row: Finding, proof: FindingProof, now: dt.datetime) -> None:
    if proof.at <= row.last_seen_at:
        return
    row.last_seen_at = proof.at
    if row.mended_seen_at is not None and proof.at > row.mended_seen_at:
        row.mended_seen_at = None
        _add_step(session, row.id, StepKind.SEEN_AGAIN, now, {"page": proof.url})
    session.flush()


def _add_step(session: Session, ident: int, kind: StepKind, now: dt.datetime, details: dict[str, str]) -> None:
    session.add(
        FindingStep(
            finding_id=ident, happened=kind, at=now, actor=SYSTEM_ACTOR.id, actor_name=SYSTEM_ACTOR.name, ours=True,
            text="", details=details,
        )
    )  # fmt: skip


LONGEST_REPLY = 4000  # characters
MOST_REPLIES_A_DAY = 20  # replies of one partner to one finding; more come from a faulty program


def reply_to_finding(
    session: Session, actor: Actor, company_id: int, public: str, text: str, form: str, *, now: dt.datetime
) -> bool:
    """Record a partner's reply to a finding. Returns False when this form was received before.

    Raises ``NotFound`` for a finding of another partner or not shown, ``Invalid``, ``Conflict`` (``finding_settled``
    once it is closed, ``too_many_replies``).
    """
    row = find_finding(session, public, company_id, lock=True)
    if _find_reply(session, row, form):
        return False
    if row.closed:
        raise Conflict(f"{public} is closed", code="finding_settled", finding=public)
    if not text.strip():
        raise Invalid([FieldError("text", "required", "say what you mean")])
    if len(text) > LONGEST_REPLY:
        raise Invalid([FieldError("text", "too_long", f"at most {LONGEST_REPLY} characters")])
    lately = sa.select(sa.func.count()).where(
        FindingStep.finding_id == row.id,
        FindingStep.happened == StepKind.REPLIED,
        FindingStep.at > now - dt.timedelta(days=1),
    )
    if session.execute(lately).scalar_one() >= MOST_REPLIES_A_DAY:
        raise Conflict(
            f"more than {MOST_REPLIES_A_DAY} replies a day", code="too_many_replies", most=MOST_REPLIES_A_DAY
        )
    words = nfc(text.strip())
    step = FindingStep(
        finding_id=row.id, happened=StepKind.REPLIED, at=now, actor=actor.id, actor_name=actor.name, ours=False,
        text=words, details={}, form=form,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(step)
            session.flush()
    except IntegrityError:
        raise Conflict(f"the form {form!r} was sent with something else") from None
    row.waits_since = row.waits_since or now
    row.turn += 1  # an act prepared before this reply is refused
    session.flush()
    journal.record(session, actor.id, "finding.replied", "finding", row.public, {"text": words}, now=now)
    return True


def _find_reply(session: Session, row: Finding, form: str) -> bool:
    query = sa.select(FindingStep.id).where(FindingStep.form == form, FindingStep.finding_id == row.id)
    return session.execute(query).first() is not None


def unanswered_besides(session: Session, row: Finding) -> int:
    """How many other open findings are shown to the partner of this one and not answered."""
    answered = sa.exists().where(FindingStep.finding_id == Finding.id, FindingStep.happened == StepKind.REPLIED)
    query = sa.select(sa.func.count()).where(
        Finding.company_id == row.company_id, Finding.id != row.id, Finding.shown_at.is_not(None),
        Finding.closed_at.is_(None), ~answered,
    )  # fmt: skip
    return session.execute(query).scalar_one()


def unanswered_of(session: Session, company_id: int, day: dt.date) -> tuple[int, int, dt.date | None]:
    """Open findings shown to a partner that it has not answered: how many, how many are overdue on ``day``, and the
    nearest due day."""
    answered = sa.exists().where(FindingStep.finding_id == Finding.id, FindingStep.happened == StepKind.REPLIED)
    query = sa.select(
        sa.func.count(), sa.func.count().filter(Finding.reply_by < day), sa.func.min(Finding.reply_by)
    ).where(Finding.company_id == company_id, Finding.shown_at.is_not(None), Finding.closed_at.is_(None), ~answered)
    count, late, nearest = session.execute(query).one()
    return int(count), int(late), nearest
