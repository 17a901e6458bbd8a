"""The content of the page of one finding, read in one session and frozen, for staff and for the partner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.cases.cases import CaseDecision, finding_decisions
from campaigns.compliance.cases.workflow import case_of_finding
from campaigns.compliance.finding_workflow import last_undoable
from campaigns.compliance.findings import Finding, FindingOutcome, FindingStatus, FindingStep, StepKind, steps_of
from campaigns.compliance.rules import Rule, RuleSeverity
from campaigns.core import journal
from campaigns.core.contents import from_attributes
from campaigns.republications.republications import Evidence
from coordinator.translation import _
from coordinator.web.kit.text.finding_labels import finding_sentence, fine_sentence, step_name, step_note

_STEP_ICONS = {
    StepKind.PROPOSED: ("look", "wait"),
    StepKind.SEEN_AGAIN: ("look", "bad"),
    StepKind.SEEN_MENDED: ("seen", "good"),
    StepKind.SHOWN: ("people", "move"),
    StepKind.REPLIED: ("mail", "wait"),
    StepKind.READ: ("eye", "move"),
    StepKind.CONFIRMED: ("flag", "bad"),
    StepKind.DISMISSED: ("x", "faint"),
    StepKind.REMINDED: ("mail", "move"),
    StepKind.MENDED: ("check", "good"),
    StepKind.HANDED: ("send", "move"),
    StepKind.DECIDED: ("doc", "move"),
    StepKind.UNDONE: ("undo", "faint"),
}
# Steps hidden from the partner: internal steps of the department and withdrawn ones.
_INTERNAL_STEPS = frozenset({StepKind.READ, StepKind.UNDONE, StepKind.DISMISSED})


@dataclass(frozen=True)
class FindingStepRow:
    """One step of the history. ``actor_name``: for a partner the department is one actor; '' for the program."""

    what: StepKind
    name: str
    icon: str
    ink: str
    at: datetime
    actor_name: str
    ours: bool
    text: str
    note: str


@dataclass(frozen=True)
class FindingView:
    """One finding. ``copy``: public id of its copy or of the copy through which it was noticed; ``copy_page``: number
    of the kept page among the copy's, ``front_page``: public id of a kept front page; None where there is neither.

    ``case``: public id of the case that holds its ``decisions``, '' while there is none. ``undo``: the step that can be
    undone, '' for none.
    """

    public: str
    turn: int
    standing: FindingStatus
    outcome: FindingOutcome | None
    sentence: str
    rule: Rule
    fine: str
    severity: RuleSeverity
    day: date
    site: str
    site_url: str
    company: str
    company_code: str
    copy: str | None
    bulletin: str | None
    copy_page: int | None
    front_page: str | None
    page_url: str
    page_at: datetime
    page_hash: str
    excerpt: str
    proposed_at: datetime
    last_seen_at: datetime
    mended_seen_at: datetime | None
    note: str
    shown_at: datetime | None
    reply_by: date | None
    waits: bool
    closed: bool
    case: str
    decisions: Sequence[CaseDecision]
    story: Sequence[FindingStepRow]
    undo: str


def finding_view(session: Session, row: Finding, *, to_partner: bool = False) -> FindingView:
    """Return one finding; for its partner without the department's internal data."""
    copy = row.republication
    steps, case = steps_of(session, row), case_of_finding(session, row)
    undoable = None if to_partner else last_undoable(session, row)
    return from_attributes(
        FindingView,
        row,
        sentence=finding_sentence(row),
        fine=fine_sentence(row.rule),
        severity=row.rule.severity,
        site=row.site.name,
        site_url=row.site.url,
        company=row.company.name,
        company_code=row.company.code,
        copy=copy.public if copy is not None else None,
        bulletin=copy.bulletin.code if copy is not None else None,
        copy_page=_evidence_number(session, row),
        front_page=row.snapshot.public if row.snapshot is not None else None,
        waits=row.waits_since is not None,
        case=case.public if case is not None and not to_partner else "",
        decisions=finding_decisions(session, row),
        story=_partner_steps(steps) if to_partner else [_step_row(step) for step in steps],
        undo=step_name(undoable.happened) if undoable is not None else "",
    )


def _partner_steps(steps: Sequence[FindingStep]) -> list[FindingStepRow]:
    """Return the steps that the partner sees: those in force since it was first shown to the partner, without names."""
    undone = {step.undoes_id for step in steps}
    standing = [step for step in steps if step.id not in undone and step.happened not in _INTERNAL_STEPS]
    first = next((step.id for step in standing if step.happened in {StepKind.SHOWN, StepKind.CONFIRMED}), None)
    return [_step_row(step, named=False) for step in standing if first is not None and step.id >= first]


def _step_row(step: FindingStep, *, named: bool = True) -> FindingStepRow:
    icon, ink = _STEP_ICONS[step.happened]
    actor_id = step.actor_name if named or not step.ours else _("Sở")
    actor_id = "" if step.actor == journal.SYSTEM else actor_id
    return FindingStepRow(
        step.happened, step_name(step.happened), icon, ink, step.at, actor_id, step.ours, step.text,
        step_note(step.happened, step.details),
    )  # fmt: skip


def _evidence_number(session: Session, row: Finding) -> int | None:
    """Return the number of the evidence among the kept pages of its copy; None if it was not kept."""
    if row.evidence_id is None or row.evidence is None or row.evidence.body_key is None:
        return None
    # Counts evidence, not copies: tallies count republications and deliveries.
    query = sa.select(sa.func.count()).where(
        Evidence.republication_id == row.evidence.republication_id, Evidence.id <= row.evidence_id
    )
    return session.execute(query).scalar_one()
