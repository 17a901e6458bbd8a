"""What was handled in a period: by the day of the decision, now or as of an earlier time.

A decision about a fault of an earlier period counts in its own period and is listed with its case. As of an earlier
time, each decision has the version that was in force then.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.cases.cases import Case, CaseDecision, DecisionForm, SubjectKind
from campaigns.core.clock import Period
from campaigns.core.contents import from_attributes

MOST_FAULTS = 10  # faults named in the figures; the list of cases has all


@dataclass(frozen=True)
class HandledCount:
    """A number of decisions or cases. ``key``: the form's value or the fault's key; ``name``: the fault in words, ''
    for a form."""

    key: str
    name: str
    count: int


@dataclass(frozen=True)
class EarlierFaultDecision:
    """A decision of the period about a fault from before it. ``case``: the public id of its case."""

    case: str
    number: str
    authority: str
    on: dt.date
    form: str
    amount: int | None
    fault: str
    fault_on: dt.date


@dataclass(frozen=True)
class CaseFigures:
    """The figures of a period. ``amount``: of its fines, in đồng; ``paid``: what of it is paid; ``faults``: the most
    frequent ones by the number of cases. Forms without decisions are left out."""

    organisations: int = 0
    persons: int = 0
    decisions: int = 0
    amount: int = 0
    paid: int = 0
    forms: tuple[HandledCount, ...] = ()
    faults: tuple[HandledCount, ...] = ()
    earlier: tuple[EarlierFaultDecision, ...] = ()

    @property
    def subjects(self) -> int:
        """Organisations and persons."""
        return self.organisations + self.persons


def case_figures(session: Session, period: Period, as_of: dt.datetime | None = None) -> CaseFigures:
    """The figures of a period, now or as of an earlier time."""
    return figures_of(session, period_decisions(session, period, as_of), period)


def figures_of(session: Session, decisions: Sequence[CaseDecision], period: Period | None = None) -> CaseFigures:
    """The figures of some decisions; of a ``period``, with those about faults from before it."""
    counted = [row for row in decisions if not row.shared]
    forms = Counter(row.form for row in counted)
    fines = [row for row in counted if row.amount is not None]
    late = [row for row in decisions if period is not None and row.fault_on < period.first]
    return CaseFigures(
        organisations=len(subjects_of(decisions, SubjectKind.ORGANISATION)),
        persons=len(subjects_of(decisions, SubjectKind.PERSON)),
        decisions=len(counted),
        amount=sum(row.amount or 0 for row in fines),
        paid=sum(row.amount or 0 for row in fines if row.paid_on is not None),
        forms=tuple(HandledCount(form.value, "", forms[form]) for form in DecisionForm if forms[form]),
        faults=tuple(_faults(decisions)[:MOST_FAULTS]),
        earlier=tuple(_earlier(session, late)),
    )


def period_decisions(session: Session, period: Period, as_of: dt.datetime | None = None) -> Sequence[CaseDecision]:
    """The decisions of a period's days, by day."""
    query = (
        sa.select(CaseDecision)
        .where(CaseDecision.on_day.between(period.first, period.last), _stood_at(as_of))
        .order_by(CaseDecision.on_day, CaseDecision.case_id, CaseDecision.public)
    )
    return session.execute(query).scalars().all()


def _stood_at(as_of: dt.datetime | None) -> sa.ColumnElement[bool]:
    if as_of is None:
        return CaseDecision.ended_at.is_(None)
    ended = sa.or_(CaseDecision.ended_at.is_(None), CaseDecision.ended_at > as_of)
    return sa.and_(CaseDecision.recorded_at <= as_of, ended)


def subject_of(row: CaseDecision) -> str:
    """Equal for decisions about one subject."""
    return f"company:{row.company_id}" if row.company_id is not None else row.subject_key


def subjects_of(decisions: Iterable[CaseDecision], kind: SubjectKind) -> dict[str, CaseDecision]:
    """The first decision about each subject of a kind."""
    found: dict[str, CaseDecision] = {}
    for row in decisions:
        if row.subject_kind is kind:
            found.setdefault(subject_of(row), row)
    return found


def _faults(decisions: Iterable[CaseDecision]) -> list[HandledCount]:
    """The faults by the number of their cases, each in its most frequent spelling."""
    counted: dict[str, set[int]] = {}
    spellings: dict[str, Counter[str]] = {}
    for row in decisions:
        counted.setdefault(row.fault_key, set()).add(row.case_id)
        spellings.setdefault(row.fault_key, Counter())[row.fault] += 1
    rows = [
        HandledCount(key, min(names, key=lambda name: (-names[name], name)), len(counted[key]))
        for key, names in spellings.items()
    ]
    return sorted(rows, key=lambda row: (-row.count, row.key))


def _earlier(session: Session, decisions: Sequence[CaseDecision]) -> Iterable[EarlierFaultDecision]:
    query = sa.select(Case.id, Case.public).where(Case.id.in_({row.case_id for row in decisions}))
    publics = {row.id: row.public for row in session.execute(query)}
    for row in decisions:
        yield from_attributes(EarlierFaultDecision, row, case=publics[row.case_id], on=row.on_day, form=row.form.value)
