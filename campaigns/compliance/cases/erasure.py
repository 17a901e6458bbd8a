"""The data of a person whom a case is about: what is held, and its erasure when nothing demands that it be kept."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.cases.cases import Case, CaseDecision, CaseFile, SubjectKind, find_case
from campaigns.core import journal
from campaigns.core.errors import Conflict
from campaigns.core.vietnamese import fold
from campaigns.people.personal_data.columns import KeptBecause
from campaigns.people.personal_data.erasure import Erasure, check_reason, new_pseudonym
from campaigns.people.staff import Actor

# How long a decision on a person is kept under their name. The office decides; no law is cited for it.
PERSON_KEPT = dt.timedelta(days=5 * 365)


def cases_of_person(session: Session, public: str) -> Sequence[Case]:
    """Return all cases about the person whom this case is about, the oldest first. Raises ``NotFound``, and
    ``Conflict`` for a case about an organisation."""
    row = find_case(session, public)
    if row.subject_kind is not SubjectKind.PERSON:
        raise Conflict("the case is about an organisation", code="case_of_organisation")
    query = sa.select(Case).where(Case.subject_kind == SubjectKind.PERSON, Case.subject_key == row.subject_key)
    return session.execute(query.order_by(Case.id)).scalars().all()


def decisions_on(session: Session, cases: Sequence[Case]) -> Sequence[CaseDecision]:
    """Return every version of the decisions on these cases, the oldest first."""
    query = sa.select(CaseDecision).where(CaseDecision.case_id.in_([case.id for case in cases]))
    return session.execute(query.order_by(CaseDecision.id)).scalars().all()


def erase_case_person(session: Session, actor: Actor, public: str, reason: str, *, now: dt.datetime) -> Erasure:
    """Put a pseudonym in the place of the person in all cases about them; day, fault, form and amount stay for the
    figures. Raises ``Forbidden``, ``Invalid``, ``NotFound``, ``Conflict`` (``case_of_organisation``; ``case_kept``
    while a case that was not withdrawn is younger than ``PERSON_KEPT`` or has no decision yet)."""
    reason = check_reason(actor, reason)
    cases = cases_of_person(session, public)
    decisions = decisions_on(session, cases)
    for case in cases:
        days = [row.on_day for row in decisions if row.case_id == case.id and row.ended_at is None]
        if case.withdrawn_at is None and (not days or max(days) > (now - PERSON_KEPT).date()):
            raise Conflict(f"{case.public} is still to be kept", code="case_kept", case=case.public)
    pseudonym = new_pseudonym()
    key = f"person:{fold(pseudonym)}|"
    for case in cases:
        case.subject_name, case.mark, case.tax_code, case.account_url, case.what = pseudonym, "", "", "", ""
        case.subject_key, case.folded = key, fold(f"{pseudonym} {case.fault}")
        case.fingerprint = f"{pseudonym}:{case.public}"[:64]
        case.withdrawn_reason = ""
        case.turn += 1
    for decision in decisions:
        decision.subject_key, decision.note, decision.ended_reason = key, "", ""
    idents = [case.id for case in cases]
    files = session.execute(sa.select(CaseFile).where(CaseFile.case_id.in_(idents))).scalars().all()
    for file in files:
        file.removed_at, file.removed_by = file.removed_at or now, file.removed_by or actor.id
        file.name = pseudonym
    session.flush()
    replaced = {"cases": len(cases), "case_decisions": len(decisions), "case_files": len(files)}
    for case in cases:
        journal.record(session, actor.id, "case.person_erased", "case", case.public, {"reason": reason}, now=now)
    kept = {"case_files": (KeptBecause.DOCUMENT, len(files))} if files else {}
    return Erasure(pseudonym, {name: count for name, count in replaced.items() if count}, {}, kept)
