"""Take back an import of cases while nothing rests on it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.cases.cases import Case, CaseDecision
from campaigns.core.base import delete_rows
from campaigns.core.import_runs import ImportRun
from campaigns.core.imports.row_uses import ImportedRows


def case_rows(run: str) -> tuple[ImportedRows, ...]:
    """The cases that an import entered. Their decisions are its own: the journal has an entry of every later one."""
    own = {"case_decisions": sa.false()}
    return (ImportedRows(Case, Case.came_by == run, "case", Case.subject_name, Case.public, own),)


def undo_cases(session: Session, run: ImportRun) -> dict[str, int]:
    """Delete the cases that an import entered, with their decisions; return how many. Nothing may rest on them
    (``row_uses``)."""
    entered = sa.select(Case.id).where(Case.came_by == run.public)
    decisions = delete_rows(session, CaseDecision, CaseDecision.case_id.in_(entered))
    cases = delete_rows(session, Case, Case.came_by == run.public)
    session.expire_all()
    return {"cases": cases, "decisions": decisions}
