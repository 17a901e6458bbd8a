"""The list of cases: every filter, order and total equals a count by hand."""

import itertools
from datetime import date

from sqlalchemy.orm import Session

from campaigns.compliance.cases import workflow
from campaigns.compliance.cases.cases import CaseDecision, CaseOrigin, DecisionForm, SubjectKind, decisions_in_force
from campaigns.compliance.cases.listing import SORTS, CaseFilter, CaseStanding, CaseTotals, case_list, case_totals
from campaigns.core.vietnamese import fold
from tests import factories
from tests.campaigns.compliance.cases.made_cases import fine, organisation, person, reminder
from tests.factories import ANALYST, NOW

AUTUMN = date(2026, 11, 1)


def make_cases(session: Session) -> None:
    """Cases of both kinds, open, decided by several forms, paid or not, withdrawn; one about a partner."""
    partner = factories.company(session, "Công ty Nhịp Sống")
    decisions = itertools.cycle([None, reminder(on=date(2026, 10, 20)), "fine", "paid"])
    for number in range(24):
        make = person if number % 3 == 0 else organisation
        more = {"origin": CaseOrigin.COMPLAINT} if number % 5 == 0 else {}
        given = make(f"Tên {number % 7}", what=f"Vụ {number}", fault=f"Lỗi {number % 4}", **more)
        if number == 4:
            given = organisation("", "", partner=partner.code, what="Vụ 4")
        decision = next(decisions)
        if isinstance(decision, str):
            paid_on = date(2026, 11, 20) if decision == "paid" else None
            decision = fine(f"{number}/QĐ", 1_000_000 * (number + 1), paid_on=paid_on)
        case = workflow.enter_case(session, ANALYST, given, decision, now=NOW)
        if number in {7, 8}:
            workflow.withdraw_case(session, ANALYST, case.public, case.turn, "Nhầm", now=NOW)
        elif number % 6 == 1:
            workflow.record_case_decision(session, ANALYST, case.public, case.turn, fine(f"{number}/QĐ-2", 5), now=NOW)


def fits(decision: CaseDecision, filters: CaseFilter) -> bool:
    return (
        filters.form in {None, decision.form}
        and (filters.first is None or decision.on_day >= filters.first)
        and (filters.last is None or decision.on_day <= filters.last)
        and (
            filters.paid is None
            or (decision.amount is not None and (decision.paid_on is not None) is filters.paid)
        )
    )  # fmt: skip


FILTERS = [
    CaseFilter(),
    CaseFilter(standing=CaseStanding.OPEN),
    CaseFilter(standing=CaseStanding.DECIDED),
    CaseFilter(standing=CaseStanding.WITHDRAWN),
    *(CaseFilter(form=form) for form in DecisionForm),
    *(CaseFilter(kind=kind) for kind in SubjectKind),
    CaseFilter(paid=True),
    CaseFilter(paid=False),
    CaseFilter(first=AUTUMN),
    CaseFilter(last=AUTUMN),
    CaseFilter(form=DecisionForm.FINE, last=AUTUMN),
    CaseFilter(form=DecisionForm.FINE, paid=True, kind=SubjectKind.PERSON, first=AUTUMN),
    CaseFilter(fault=" lỖi 1"),
    CaseFilter(origin=CaseOrigin.COMPLAINT),
    CaseFilter(partner="cong-ty-nhip-song"),
    CaseFilter(q="ten 3"),
    CaseFilter(q="100%"),
]


def test_every_filter_and_its_totals_equal_a_count_by_hand(session: Session) -> None:
    make_cases(session)
    rows = case_list(CaseFilter()).rows(session, 100)
    withdrawn = case_list(CaseFilter(standing=CaseStanding.WITHDRAWN)).rows(session, 100)
    assert (len(rows), len(withdrawn)) == (22, 2)
    cases = [case for (case,) in [*rows, *withdrawn]]
    decisions = decisions_in_force(session, [case.id for case in cases])
    for filters in FILTERS:
        asked_of_decisions = bool(filters.decision_conditions())
        wanted, counted, decided = set(), [], 0
        for case in cases:
            own = [row for row in decisions[case.id] if fits(row, filters)]
            standing = {
                None: case.withdrawn_at is None,
                CaseStanding.OPEN: case.withdrawn_at is None and not decisions[case.id],
                CaseStanding.DECIDED: bool(own),
                CaseStanding.WITHDRAWN: case.withdrawn_at is not None,
            }[filters.standing]
            if (
                standing
                and (own or not asked_of_decisions)
                and filters.kind in {None, case.subject_kind}
                and filters.origin in {None, case.origin}
                and (filters.fault is None or fold(filters.fault) == case.fault_key)
                and (filters.partner is None or case.company is not None)
                and fold(filters.q) in case.folded
            ):
                wanted.add(case.id)
                counted += own
                decided += bool(own)
        listed = case_list(filters)
        assert {case.id for (case,) in listed.rows(session, 100)} == wanted, filters
        subjects = {(row.subject_kind, row.company_id or row.subject_key) for row in counted}
        organisations = sum(kind is SubjectKind.ORGANISATION for kind, _key in subjects)
        assert case_totals(session, filters) == CaseTotals(
            len(wanted), decided, organisations, len(subjects) - organisations, len(counted),
            sum(row.amount or 0 for row in counted), sum(row.amount or 0 for row in counted if row.paid_on),
        ), filters  # fmt: skip


def test_every_order_lists_all(session: Session) -> None:
    make_cases(session)
    for sort, descending in itertools.product(SORTS, (False, True)):
        rows = [case for (case,) in case_list(CaseFilter(), sort, descending=descending).rows(session, 100)]
        assert len({case.id for case in rows}) == 22
        if sort == "fault_on":
            days = [case.fault_on for case in rows]
            assert days == sorted(days, reverse=descending)
        if sort == "decided":
            decided = [bool(own) for own in (decisions_in_force(session, [case.id])[case.id] for case in rows)]
            assert decided == sorted(decided, reverse=True), "cases without a decision come last"
