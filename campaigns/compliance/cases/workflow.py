"""Entering cases and recording their decisions, corrections and withdrawals.

Every act is in the journal, without a person's name. Nothing is deleted, but for an import that is taken back before
anything rests on it (``undo``): a corrected decision keeps its versions, a withdrawn case or decision its reason.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.compliance.cases import content
from campaigns.compliance.cases.cases import (
    IN_FORCE,
    LONGEST_NOTE,
    Case,
    CaseDecision,
    CaseFile,
    CaseOrigin,
    DecisionForm,
    SubjectKind,
    decisions_in_force,
    files_of,
    find_case,
    find_decision,
    find_file,
)
from campaigns.compliance.cases.content import CaseContent, CheckedCase, DecisionContent, RegisterLookup
from campaigns.compliance.findings import Finding
from campaigns.core import journal
from campaigns.core.base import in_batches, public_id
from campaigns.core.contents import AnyContent, differences
from campaigns.core.current_company import lock_current_company
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.vietnamese import fold, nfc
from campaigns.partners.agreements import StoredScan, safe_file_name
from campaigns.people.staff import Actor, Permission

MOST_FILES = 10  # of one case; a document of many pages is one PDF


def enter_case(
    session: Session,
    actor: Actor,
    given: CaseContent,
    decision: DecisionContent | None = None,
    register: RegisterLookup | None = None,
    *,
    now: dt.datetime,
) -> Case:
    """Enter a case by hand, with its decision when it is known.

    Raises ``Forbidden``, ``Invalid`` naming each bad field of both (``case_known`` for an entry made before,
    ``decision_known`` for a document that stands at another case).
    """
    actor.require(Permission.REVIEW)
    errors: list[FieldError] = []
    checked = None
    try:
        checked = content.check_case(session, given, register, now=now)
    except Invalid as invalid:
        errors += invalid.errors
    if decision is not None:
        decision = content.tidied_decision(decision)
        errors += content.decision_errors(decision, given.fault_on, now=now)
        errors += _document_errors(session, decision)
    if checked is not None:
        errors += _same_entry_errors(session, checked)
    if errors or checked is None:
        raise Invalid(errors)
    row = Case(public=public_id("cas"), entered_at=now, entered_by=actor.id, turn=0, withdrawn_reason="")
    _write_content(session, row, checked)
    _add(session, row, lambda: _same_entry_errors(session, checked))
    _journal(session, actor, row, "case.entered", _case_details(row), now)
    if decision is not None:
        _add_decision(session, actor, row, decision, now=now)
    return row


def enter_checked_cases(
    session: Session,
    actor: Actor,
    entries: Sequence[tuple[CheckedCase, DecisionContent | None]],
    *,
    came_by: str | None = None,
    now: dt.datetime,
) -> None:
    """Enter many cases without errors, in a few statements. ``came_by``: the public id of their import.

    Raises ``Forbidden``; ``IntegrityError`` when another transaction has entered one of them or its document since they
    were checked.
    """
    actor.require(Permission.REVIEW)
    for some in in_batches(entries):
        rows = []
        for checked, _decision in some:
            row = Case(public=public_id("cas"), entered_at=now, entered_by=actor.id, turn=0, withdrawn_reason="")
            row.came_by = came_by
            _write_content(session, row, checked)
            rows.append(row)
        session.add_all(rows)
        session.flush()
        for row, (_checked, decision) in zip(rows, some, strict=True):
            _journal(session, actor, row, "case.entered", _case_details(row), now)
            if decision is not None:
                made = _decision_version(actor, row, decision, now=now)
                session.add(made)
                details = {"decision": made.public, **_decision_details(decision)}
                _journal(session, actor, row, "case.decided", details, now)
        session.flush()


def change_case(
    session: Session, actor: Actor, public: str, turn: int, given: CaseContent, *, now: dt.datetime
) -> Case:
    """Replace the content of a case entered by hand. Its decisions state the new content from now on.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` (``case_moved`` after another act since, ``case_withdrawn``,
    ``case_of_finding``), ``Invalid``.
    """
    row = _lock_for_act(session, actor, public, turn)
    _require_by_hand(row)
    checked = content.check_case(session, given, now=now)
    errors = _same_entry_errors(session, checked, but=row.id)
    decisions = decisions_in_force(session, [row.id])[row.id]
    if given.fault_on is not None and (early := [one for one in decisions if one.on_day < given.fault_on]):
        message = f"{given.fault_on:%d/%m/%Y} is after the decision of {early[0].on_day:%d/%m/%Y}"
        errors.append(FieldError("fault_on", "before_fault", message))
    if errors:
        raise Invalid(errors)
    before = content.case_content_of(row)
    if before == checked.content:
        return row
    _write_content(session, row, checked)
    for decision in decisions:
        _next_version(session, actor, decision, content.decision_content_of(decision), "", now=now)
    row.turn += 1
    session.flush()
    person = SubjectKind.PERSON in {before.subject_kind, row.subject_kind}
    _journal(session, actor, row, "case.changed", _changes(before, checked.content, person=person), now)
    return row


def withdraw_case(session: Session, actor: Actor, public: str, turn: int, reason: str, *, now: dt.datetime) -> Case:
    """Withdraw a case that was entered by mistake, with its decisions; it stays readable. Raises as ``change_case``."""
    row = _lock_for_act(session, actor, public, turn)
    _require_by_hand(row)
    reason = _checked_reason(reason)
    for decision in decisions_in_force(session, [row.id])[row.id]:
        _require_unshared(session, decision)
        _end(decision, actor, reason, now)
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = now, actor.id, reason
    row.turn += 1
    session.flush()
    _journal(session, actor, row, "case.withdrawn", {"reason": reason}, now)
    return row


def record_case_decision(
    session: Session, actor: Actor, public: str, turn: int, given: DecisionContent, *, now: dt.datetime
) -> CaseDecision:
    """Record a decision on a case entered by hand. Raises as ``enter_case`` and ``change_case``."""
    row = _lock_for_act(session, actor, public, turn)
    _require_by_hand(row)
    given = content.tidied_decision(given)
    errors = content.decision_errors(given, row.fault_on, now=now) + _document_errors(session, given)
    if errors:
        raise Invalid(errors)
    row.turn += 1
    return _add_decision(session, actor, row, given, now=now)


def correct_decision(
    session: Session,
    actor: Actor,
    decision: str,
    turn: int,
    given: DecisionContent,
    reason: str = "",
    *,
    now: dt.datetime,
) -> CaseDecision:
    """Correct a decision, or record that its fine was paid; ``turn``: of its case. Other changes need a ``reason``.

    The version in force ends, and the next stands from ``now`` on: figures of earlier moments keep the former. Raises
    as ``record_case_decision``; the form of a finding's decision stays as it is.
    """
    current = find_decision(session, decision)
    row = _lock_for_act(session, actor, current.case.public, turn)
    given, before = content.tidied_decision(given), content.decision_content_of(current)
    if given == before:
        return current
    errors = []
    if current.shared and given.amount is not None:
        errors.append(FieldError("amount", "amount_shared", "the amount stands at the first case of the document"))
    if row.finding_id is not None and given.form is not before.form:
        errors.append(FieldError("form", "finding_form", "the form follows from the finding; take its last act back"))
    errors += content.decision_errors(_with_shared_amount(given, current.shared), row.fault_on, now=now)
    if row.finding_id is not None:
        errors = [error for error in errors if (error.field, error.code) != ("authority", "required")]
    errors += [] if current.shared else _document_errors(session, given, but=current.public)
    if replace(given, paid_on=before.paid_on) != before and not reason.strip():
        errors.append(FieldError("reason", "unexplained", "say why it is corrected"))
    errors += _length_errors(reason)
    if errors:
        raise Invalid(errors)
    _require_same_document(session, current, given)
    made = _next_version(session, actor, current, given, nfc(reason.strip()), now=now)
    row.turn += 1
    session.flush()
    person = row.subject_kind is SubjectKind.PERSON
    details = {"decision": made.public, **_changes(before, given, person=person)}
    if reason.strip():
        details["reason"] = nfc(reason.strip())
    _journal(session, actor, row, "case.decision_corrected", details, now)
    return made


def withdraw_decision(
    session: Session, actor: Actor, decision: str, turn: int, reason: str, *, now: dt.datetime
) -> Case:
    """Withdraw a decision that was recorded by mistake on a case entered by hand. Raises as ``change_case``."""
    current = find_decision(session, decision)
    row = _lock_for_act(session, actor, current.case.public, turn)
    _require_by_hand(row)
    reason = _checked_reason(reason)
    _end(current, actor, reason, now)
    row.turn += 1
    session.flush()
    details = {"decision": current.public, "number": current.number, "reason": reason}
    _journal(session, actor, row, "case.decision_withdrawn", details, now)
    return row


# Findings: each recorded outcome is a decision of the finding's case.


@dataclass(frozen=True)
class FindingDecision:
    """A decision on a finding as it will be recorded, and what is wrong with it.

    ``shared``: its document stands at another finding of the same company, where its amount counts.
    """

    content: DecisionContent
    shared: bool
    errors: tuple[FieldError, ...]


def check_finding_decision(
    session: Session, finding: Finding, given: DecisionContent, *, now: dt.datetime
) -> FindingDecision:
    """Check the decision behind an outcome of a finding. The authority may be left out."""
    given = content.tidied_decision(given)
    twin = _document_in_force(session, given)
    shared = twin is not None and twin.case.finding_id is not None and twin.company_id == finding.company_id
    errors = []
    if shared and twin is not None:
        given = replace(given, form=twin.form)
        if given.amount is not None:
            message = f"the amount of {given.number} stands at {twin.case.public}; leave it out here"
            errors.append(FieldError("amount", "amount_shared", message, twin.case.public))
    elif twin is not None:
        errors += _document_errors(session, given)
    errors += content.decision_errors(_with_shared_amount(given, shared), finding.day, now=now)
    errors = [error for error in errors if (error.field, error.code) != ("authority", "required")]
    return FindingDecision(given, shared, tuple(errors))


def add_finding_decision(
    session: Session, actor: Actor, finding: Finding, checked: FindingDecision, *, now: dt.datetime
) -> CaseDecision:
    """Add a decision without errors to the case of its finding; the caller writes the journal."""
    row = _finding_case(session, actor, finding, now)
    return _insert_decision(session, actor, row, checked.content, shared=checked.shared, now=now)


def _with_shared_amount(given: DecisionContent, shared: bool) -> DecisionContent:
    """The content as it is checked: the amount of a shared fine stands elsewhere."""
    return replace(given, amount=1) if shared and given.form is DecisionForm.FINE else given


def end_finding_decision(session: Session, actor: Actor, decision: str, *, now: dt.datetime) -> None:
    """End the decision that an undone act of a finding had recorded; a case left without any is withdrawn.

    Raises ``Conflict`` (``decision_shared``) while another finding is closed by the same document.
    """
    current = find_decision(session, decision)
    _require_unshared(session, current)
    _end(current, actor, "", now)
    row = current.case
    row.turn += 1
    session.flush()
    if not decisions_in_force(session, [row.id])[row.id]:
        row.withdrawn_at, row.withdrawn_by = now, actor.id
        session.flush()


def _finding_case(session: Session, actor: Actor, finding: Finding, now: dt.datetime) -> Case:
    """The case of a finding, made with its first decision."""
    query = sa.select(Case).where(Case.finding_id == finding.id)
    row = session.execute(query).scalar_one_or_none()
    if row is not None:
        row.withdrawn_at, row.withdrawn_by = None, None
        row.turn += 1
        return row
    fault, company = finding.rule.title, finding.company
    row = Case(
        public=public_id("cas"), finding_id=finding.id, subject_kind=SubjectKind.ORGANISATION,
        company_id=finding.company_id, subject_name=company.name, tax_code=company.tax_code or "", mark="",
        subject_key=f"tax:{company.tax_code or ''}", site_id=finding.site_id, account_url="", origin=CaseOrigin.RULE,
        what="", fault=fault, fault_key=fold(fault), fault_on=finding.day, basis=finding.rule.basis[:500],
        fingerprint=f"finding:{finding.public}",
        folded=fold(f"{company.name} {company.tax_code or ''} {fault} {finding.site.host}"),
        entered_at=now, entered_by=actor.id, withdrawn_reason="", turn=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def case_of_finding(session: Session, finding: Finding) -> Case | None:
    """The case that holds the decisions on a finding; None while there is none."""
    query = sa.select(Case).where(Case.finding_id == finding.id, Case.withdrawn_at.is_(None))
    return session.execute(query).scalar_one_or_none()


# Files of evidence.


def check_file_count(session: Session, case: Case) -> None:
    """Raise ``Invalid`` (``too_many_files``) when the case has ``MOST_FILES``."""
    if len(files_of(session, case)) >= MOST_FILES:
        raise Invalid([FieldError("file", "too_many_files", f"a case has at most {MOST_FILES} files")])


def find_same_file(session: Session, case: Case, original_hash: str) -> CaseFile | None:
    """The file of this case with this upload hash, unless it was removed."""
    return next((file for file in files_of(session, case) if file.original_hash == original_hash), None)


def add_file(
    session: Session, actor: Actor, public: str, kept: StoredScan, *, now: dt.datetime
) -> tuple[CaseFile, bool]:
    """Add a checked file to a case; return it, and whether it is new: the same file again is not added.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` (``case_withdrawn``), ``Invalid`` when there are too many.
    """
    actor.require(Permission.REVIEW)
    row = find_case(session, public, lock=True)
    _require_standing(row)
    if (known := find_same_file(session, row, kept.original_hash)) is not None:
        return known, False
    check_file_count(session, row)
    file = CaseFile(
        public=public_id("csf"), case_id=row.id, name=safe_file_name(kept.name, kept.kind), kind=kept.kind,
        measure=kept.measure, size=kept.size, body_hash=kept.body_hash, body_key=kept.body_key,
        original_hash=kept.original_hash, at=now, actor=actor.id, actor_name=actor.name,
    )  # fmt: skip
    session.add(file)
    session.flush()
    details = {"file": file.public, "sha256": file.body_hash, "size": file.size}
    _journal(session, actor, row, "case.file_added", details, now)
    return file, True


def remove_file(session: Session, actor: Actor, public: str, *, now: dt.datetime) -> CaseFile:
    """Remove a file of evidence from a case; its record stays. Raises ``Forbidden``, ``NotFound``."""
    actor.require(Permission.REVIEW)
    file = find_file(session, public)
    row = find_case(session, file.case.public, lock=True)
    _require_standing(row)
    file.removed_at, file.removed_by = now, actor.id
    session.flush()
    details = {"file": file.public, "sha256": file.body_hash, "size": file.size}
    _journal(session, actor, row, "case.file_removed", details, now)
    return file


def _lock_for_act(session: Session, actor: Actor, public: str, turn: int) -> Case:
    actor.require(Permission.REVIEW)
    row = find_case(session, public, lock=True)
    if row.turn != turn:
        raise Conflict(f"something was done on {public} meanwhile", code="case_moved", case=public)
    _require_standing(row)
    return row


def _require_standing(row: Case) -> None:
    if row.withdrawn_at is not None:
        raise Conflict(f"{row.public} was withdrawn", code="case_withdrawn", case=row.public)


def _require_by_hand(row: Case) -> None:
    if row.finding_id is not None:
        message = f"{row.public} is the case of a finding; it is changed there"
        raise Conflict(message, code="case_of_finding", case=row.public)


def _require_unshared(session: Session, row: CaseDecision) -> None:
    """Raise ``Conflict`` when another finding is closed by the document that counts here."""
    if row.document_key is not None and _sharing(session, row):
        message = f"other findings are closed by {row.number}; take those back first"
        raise Conflict(message, code="decision_shared", decision=row.public)


def _require_same_document(session: Session, row: CaseDecision, given: DecisionContent) -> None:
    if content.document_key(given) != row.document_key:
        _require_unshared(session, row)


def _sharing(session: Session, row: CaseDecision) -> bool:
    query = sa.select(CaseDecision).where(
        CaseDecision.shared.is_(True), CaseDecision.company_id == row.company_id, IN_FORCE
    )
    shared = session.execute(query).scalars()
    return any(content.document_key(content.decision_content_of(one)) == row.document_key for one in shared)


def _write_content(session: Session, row: Case, checked: CheckedCase) -> None:
    given = checked.content
    assert given.subject_kind is not None  # noqa: S101  # checked
    assert given.origin is not None  # noqa: S101
    assert given.fault_on is not None  # noqa: S101
    company = checked.company
    row.subject_kind, row.subject_name, row.tax_code = given.subject_kind, given.name, given.tax_code
    row.company_id = lock_current_company(session, company.id) if company is not None else None
    row.mark, row.subject_key = given.mark, checked.subject_key
    row.site_id, row.account_url = checked.site.id if checked.site is not None else None, given.account_url
    row.origin, row.what, row.basis = given.origin, given.what, given.basis
    row.fault, row.fault_key, row.fault_on = given.fault, fold(given.fault), given.fault_on
    row.fingerprint, row.folded = checked.fingerprint, checked.folded


def _add_decision(
    session: Session, actor: Actor, row: Case, given: DecisionContent, *, now: dt.datetime
) -> CaseDecision:
    made = _insert_decision(session, actor, row, given, now=now)
    _journal(session, actor, row, "case.decided", {"decision": made.public, **_decision_details(given)}, now)
    return made


def _insert_decision(
    session: Session,
    actor: Actor,
    row: Case,
    given: DecisionContent,
    *,
    public: str | None = None,
    version: int = 1,
    shared: bool = False,
    now: dt.datetime,
) -> CaseDecision:
    made = _decision_version(actor, row, given, public=public, version=version, shared=shared, now=now)
    _add(session, made, lambda: _document_errors(session, given, but=made.public))
    return made


def _decision_version(
    actor: Actor,
    row: Case,
    given: DecisionContent,
    *,
    public: str | None = None,
    version: int = 1,
    shared: bool = False,
    now: dt.datetime,
) -> CaseDecision:
    return CaseDecision(
        public=public or public_id("dcs"), version=version, case_id=row.id, form=given.form, number=given.number,
        authority=given.authority, on_day=given.on, amount=given.amount, paid_on=given.paid_on, note=given.note,
        shared=shared, document_key=None if shared else content.document_key(given), subject_kind=row.subject_kind,
        company_id=row.company_id, subject_key=row.subject_key, fault=row.fault, fault_key=row.fault_key,
        fault_on=row.fault_on, recorded_at=now, recorded_by=actor.id, ended_reason="",
    )  # fmt: skip


def _add(session: Session, row: Case | CaseDecision, known: Callable[[], list[FieldError]]) -> None:
    """Add a row; when another transaction has added the same one meanwhile, raise ``Invalid`` with what is known."""
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        if errors := known():
            raise Invalid(errors) from None
        raise


def _next_version(
    session: Session, actor: Actor, current: CaseDecision, given: DecisionContent, reason: str, *, now: dt.datetime
) -> CaseDecision:
    _end(current, actor, reason, now)
    session.flush()
    return _insert_decision(
        session,
        actor,
        current.case,
        given,
        public=current.public,
        version=current.version + 1,
        shared=current.shared,
        now=now,
    )


def _end(row: CaseDecision, actor: Actor, reason: str, now: dt.datetime) -> None:
    row.ended_at, row.ended_by, row.ended_reason = now, actor.id, reason


def _document_in_force(session: Session, given: DecisionContent, but: str = "") -> CaseDecision | None:
    key = content.document_key(given)
    if key is None or not given.number:
        return None
    query = sa.select(CaseDecision).where(CaseDecision.document_key == key, CaseDecision.public != but, IN_FORCE)
    return session.execute(query).scalar_one_or_none()


def _document_errors(session: Session, given: DecisionContent, but: str = "") -> list[FieldError]:
    """The error of a document that was entered before."""
    twin = _document_in_force(session, given, but)
    if twin is None:
        return []
    message = f"decision {given.number} of {given.authority} stands at case {twin.case.public} already"
    return [FieldError("number", "decision_known", message, twin.case.public)]


def _same_entry_errors(session: Session, checked: CheckedCase, but: int = 0) -> list[FieldError]:
    """The error of an entry that was made before."""
    query = sa.select(Case.public).where(
        Case.fingerprint == checked.fingerprint, Case.withdrawn_at.is_(None), Case.id != but
    )
    known = session.execute(query).scalar_one_or_none()
    if known is None:
        return []
    return [FieldError("what", "case_known", f"the same entry stands as case {known} already", known)]


def _checked_reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid([FieldError("reason", "unexplained", "say why it is withdrawn")])
    if errors := _length_errors(reason):
        raise Invalid(errors)
    return nfc(reason.strip())


def _length_errors(reason: str) -> list[FieldError]:
    long = len(reason) > LONGEST_NOTE
    return [FieldError("reason", "too_long", f"at most {LONGEST_NOTE} characters")] if long else []


# Of a case about a person these stay out of the journal, from which nothing can be removed.
_PERSONAL_FIELDS = frozenset({"name", "mark", "what", "account_url", "note"})
_NAMES = {"authority": "decided_by"}  # fields whose name means something else in the journal


def _changes(before: AnyContent, after: AnyContent, *, person: bool) -> dict[str, Any]:
    """The changed fields with their new values, and the former values under ``before``; of personal data the names of
    the fields under ``changed``."""
    changed = [*differences(before, after)]
    hidden = [name for name in changed if person and name in _PERSONAL_FIELDS]
    shown = [name for name in changed if name not in hidden]
    details: dict[str, Any] = {_NAMES.get(name, name): getattr(after, name) for name in shown}
    if shown:
        details["before"] = {_NAMES.get(name, name): getattr(before, name) for name in shown}
    if hidden:
        details["changed"] = hidden
    return details


def _case_details(row: Case) -> dict[str, Any]:
    details: dict[str, Any] = {"subject_kind": row.subject_kind, "fault": row.fault, "fault_on": row.fault_on}
    if row.subject_kind is SubjectKind.ORGANISATION:
        details |= {"name": row.subject_name, "tax_code": row.tax_code}
    return details | {"origin": row.origin}


def _decision_details(given: DecisionContent) -> dict[str, Any]:
    values: dict[str, Any] = {"form": given.form, "number": given.number, "decided_by": given.authority}
    values |= {"on": given.on, "amount": given.amount, "paid_on": given.paid_on}
    return {name: value for name, value in values.items() if value not in {None, ""}}


def _journal(session: Session, actor: Actor, row: Case, act: str, details: Mapping[str, Any], now: dt.datetime) -> None:
    journal.record(session, actor.id, act, "case", row.public, details, now=now)
