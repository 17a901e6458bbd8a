"""The list of cases with their decisions: its filter, its order, and the totals of what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.compliance.cases.cases import IN_FORCE, Case, CaseDecision, CaseOrigin, DecisionForm, SubjectKind
from campaigns.core.listing import ListFilter, ListQuery, argument
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import Company, current_company_id


class CaseStanding(Enum):
    """How far a case is."""

    OPEN = "open"  # no decision is recorded yet
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"  # entered by mistake; in no total


@dataclass(frozen=True)
class CaseFilter(ListFilter):
    """Filter of the list. ``first`` and ``last``: days of the decision, both included; ``paid``: of a fine; ``fault``:
    its words, whatever their spelling; ``q``: a part of the name, tax code, fault or text. One decision in force has to
    fit all that is asked of decisions. Without a tab, withdrawn cases are left out.
    """

    standing: CaseStanding | None = argument(tab=True)
    form: DecisionForm | None = None
    kind: SubjectKind | None = argument(where=lambda kind: Case.subject_kind == kind)
    origin: CaseOrigin | None = argument(where=lambda origin: Case.origin == origin)
    partner: str | None = argument(
        longest=80, where=lambda code: Case.company_id == current_company_id(code), of=Company
    )
    fault: str | None = argument(longest=200, where=lambda text: Case.fault_key == fold(text))
    paid: bool | None = argument(values={"yes": True, "no": False})
    first: date | None = argument(name="from")
    last: date | None = argument(name="to")
    q: str = argument("", longest=200, where=lambda text: Case.folded.contains(fold(text), autoescape=True))

    def conditions(self, *, tab: bool = True) -> list[sa.ColumnElement[bool]]:
        """The conditions on cases."""
        found = super().conditions(tab=tab)
        wanted = self.decision_conditions()
        decided = sa.exists().where(CaseDecision.case_id == Case.id, IN_FORCE, *wanted)
        standing = self.standing if tab else None
        if wanted or standing is CaseStanding.DECIDED:
            found.append(decided)
        elif standing is CaseStanding.OPEN:
            found.append(~decided)
        withdrawn = Case.withdrawn_at.is_not(None)
        found.append(withdrawn if standing is CaseStanding.WITHDRAWN else ~withdrawn)
        # The case of a finding whose outcomes were all taken back was never entered by a person.
        found.append(sa.or_(Case.finding_id.is_(None), ~withdrawn))
        return found

    def decision_conditions(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on one decision in force."""
        found: list[sa.ColumnElement[bool]] = []
        if self.form is not None:
            found.append(CaseDecision.form == self.form)
        if self.paid is not None:
            paid = CaseDecision.paid_on.is_not(None)
            found += [CaseDecision.amount.is_not(None), paid if self.paid else ~paid]
        if self.first is not None:
            found.append(CaseDecision.on_day >= self.first)
        if self.last is not None:
            found.append(CaseDecision.on_day <= self.last)
        return found


def _of_decisions(value: Any) -> sa.ScalarSelect[Any]:
    query = sa.select(value).where(CaseDecision.case_id == Case.id, IN_FORCE)
    return query.correlate(Case).scalar_subquery()


_LAST_DAY = _of_decisions(sa.func.max(CaseDecision.on_day))
_AMOUNT = _of_decisions(sa.func.coalesce(sa.func.sum(CaseDecision.amount), 0))
SORTS: Final[dict[str, Any]] = {
    "entered": Case.entered_at, "decided": _LAST_DAY, "amount": _AMOUNT, "fault_on": Case.fault_on, "name": Case.folded,
}  # fmt: skip


def case_list(filters: CaseFilter, sort: str = "entered", *, descending: bool = True) -> ListQuery[Case]:
    """The list in one of the orders of ``SORTS``; cases without a value of the order come last."""
    column = SORTS[sort]
    order: list[Any] = [column.desc() if descending else column.asc(), Case.id.desc()]
    if sort == "decided":
        order.insert(0, sa.case((_LAST_DAY.is_(None), 1), else_=0))
    select = sa.select(Case).options(joinedload(Case.company), joinedload(Case.site), joinedload(Case.finding))
    return ListQuery(Case, select, filters.conditions(), order)


@dataclass(frozen=True)
class CaseTotals:
    """The totals of a list: its cases, and the decisions in force that fit its filter, with whom they concern.
    ``decided``: the cases that have such a decision."""

    cases: int
    decided: int
    organisations: int
    persons: int
    decisions: int
    amount: int
    paid: int


def case_totals(session: Session, filters: CaseFilter) -> CaseTotals:
    """The totals of all rows of a list, on every page."""
    cases = sa.select(Case.id).where(*filters.conditions())
    company = sa.literal("company:") + sa.cast(CaseDecision.company_id, sa.String)
    subject = sa.func.coalesce(company, CaseDecision.subject_key)
    subjects = (sa.func.count(sa.case((CaseDecision.subject_kind == kind, subject)).distinct()) for kind in SubjectKind)
    paid = sa.case((CaseDecision.paid_on.is_not(None), CaseDecision.amount))
    # Number of rows of the filtered list.
    listed = sa.select(sa.func.count()).select_from(cases.subquery()).scalar_subquery()
    query = sa.select(
        listed,
        sa.func.count(CaseDecision.case_id.distinct()),
        *subjects,
        sa.func.count(sa.case((CaseDecision.shared.is_(False), 1))),
        sa.func.coalesce(sa.func.sum(CaseDecision.amount), 0),
        sa.func.coalesce(sa.func.sum(paid), 0),
    ).where(CaseDecision.case_id.in_(cases), IN_FORCE, *filters.decision_conditions())
    return CaseTotals(*map(int, session.execute(query).one()))


def fault_choices(session: Session, most: int = 100) -> Sequence[str]:
    """The faults of cases in force for the filter, the most frequent first, one spelling of each."""
    query = (
        sa.select(sa.func.max(Case.fault))
        .where(Case.withdrawn_at.is_(None))
        .group_by(Case.fault_key)
        .order_by(sa.func.count().desc(), Case.fault_key)
        .limit(most)
    )
    return session.execute(query).scalars().all()
