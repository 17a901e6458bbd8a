"""Figures of cases: by the day of the decision, equal to a count by hand, and unmoved for an earlier moment."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import finding_workflow
from campaigns.compliance.cases import workflow
from campaigns.compliance.cases.cases import (
    Case,
    CaseDecision,
    DecisionForm,
    SubjectKind,
    decisions_in_force,
)
from campaigns.compliance.cases.content import case_content_of, decision_content_of
from campaigns.compliance.cases.figures import CaseFigures, HandledCount, case_figures
from campaigns.core.clock import city_day, parse_period
from campaigns.reporting.briefings.drilldown import FigureSelection, drilldown_rows
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.reporting.tallies import TallyScope
from tests.campaigns.compliance.cases.made_cases import fine, organisation, person, reminder
from tests.campaigns.compliance.made_findings import proposed
from tests.conftest import seeds
from tests.factories import ANALYST, NOW

Q3, Q4 = parse_period("2026-Q3"), parse_period("2026-Q4")
AUGUST = date(2026, 8, 20)


def test_a_decision_of_november_about_a_fault_of_august_stands_in_the_fourth_quarter(session: Session) -> None:
    case = workflow.enter_case(session, ANALYST, organisation(fault_on=AUGUST), fine(), now=NOW)
    assert case_figures(session, Q3) == CaseFigures()
    figures = case_figures(session, Q4)
    assert (figures.organisations, figures.persons, figures.decisions, figures.amount) == (1, 0, 1, 15_000_000)
    (earlier,) = figures.earlier
    assert (earlier.case, earlier.number, earlier.fault_on) == (case.public, "12/QĐ-XPHC", AUGUST)


def test_the_outcome_of_a_finding_counts_by_its_day_too(session: Session) -> None:
    row = proposed(session, at=NOW - timedelta(days=90))
    finding_workflow.conclude_finding(session, ANALYST, row.public, row.turn, confirm=True, note="Đúng", now=NOW)
    finding_workflow.hand_to_inspection(session, ANALYST, row.public, row.turn, "x", now=NOW)
    assert case_figures(session, Q3) == CaseFigures()
    assert case_figures(session, Q4).forms == (HandledCount("handed", "", 1),)
    assert [earlier.fault for earlier in case_figures(session, Q4).earlier] == [row.rule.title]


def test_a_frozen_quarter_does_not_move(session: Session) -> None:
    case = workflow.enter_case(session, ANALYST, organisation(), fine(), now=NOW)
    frozen = case_figures(session, Q4, NOW)
    later = NOW + timedelta(days=1)
    (decision,) = decisions_in_force(session, [case.id])[case.id]
    content = replace(decision_content_of(decision), amount=1_000_000)
    workflow.correct_decision(session, ANALYST, decision.public, case.turn, content, "Nhầm", now=later)
    workflow.change_case(
        session, ANALYST, case.public, case.turn, replace(case_content_of(case), fault="Khác"), now=later
    )
    workflow.enter_case(session, ANALYST, person(), fine("13/QĐ"), now=later)
    workflow.withdraw_case(session, ANALYST, case.public, case.turn, "Nhầm", now=later + timedelta(days=1))
    assert case_figures(session, Q4, NOW) == frozen
    assert case_figures(session, Q4, later).amount == 16_000_000
    assert case_figures(session, Q4).amount == 15_000_000
    assert case_figures(session, Q4, NOW - timedelta(seconds=1)) == CaseFigures()


def test_a_subject_with_several_decisions_is_one_and_namesakes_are_told_apart(session: Session) -> None:
    case = workflow.enter_case(session, ANALYST, person(mark="1990"), reminder(), now=NOW)
    workflow.record_case_decision(session, ANALYST, case.public, case.turn, fine(), now=NOW)
    workflow.enter_case(session, ANALYST, person(mark="1991"), now=NOW)
    assert case_figures(session, Q4).persons == 1, "a case without a decision is not handled"
    workflow.enter_case(session, ANALYST, person(mark="1992"), fine("14/QĐ"), now=NOW)
    figures = case_figures(session, Q4)
    assert (figures.persons, figures.subjects, figures.decisions) == (2, 2, 3)


def test_faults_are_counted_by_case_whatever_their_spelling(session: Session) -> None:
    for number, fault in enumerate(["Đăng tin sai", "đăng tin  SAI", "Đăng tin sai", "Thiếu tên miền"]):
        given = organisation(f"Công ty {number}", f"010000000{number}", fault=fault)
        case = workflow.enter_case(session, ANALYST, given, reminder(), now=NOW)
        workflow.record_case_decision(session, ANALYST, case.public, case.turn, fine(f"{number}/QĐ"), now=NOW)
    assert [(row.name, row.count) for row in case_figures(session, Q4).faults] == [
        ("Đăng tin sai", 3), ("Thiếu tên miền", 1),
    ]  # fmt: skip


def by_hand(session: Session) -> tuple[int, int, int, int, int]:
    rows = [
        row
        for row in session.execute(sa.select(CaseDecision)).scalars()
        if row.ended_at is None and row.on_day in Q4
    ]  # fmt: skip
    subjects = {(row.subject_kind, row.company_id or row.subject_key) for row in rows}
    organisations = sum(kind is SubjectKind.ORGANISATION for kind, _key in subjects)
    fines = sum(row.amount or 0 for row in rows)
    paid = sum(row.amount or 0 for row in rows if row.paid_on)
    return organisations, len(subjects) - organisations, len(rows), fines, paid


def totals(figures: CaseFigures) -> tuple[int, int, int, int, int]:
    return figures.organisations, figures.persons, figures.decisions, figures.amount, figures.paid


@pytest.mark.parametrize("seed", seeds(3))
def test_each_moment_is_reported_as_it_stood_and_every_figure_opens_its_rows(session: Session, seed: int) -> None:
    chance, now = random.Random(seed), NOW
    stood = []
    for step in range(50):
        now += timedelta(minutes=chance.randint(1, 300))
        cases = [row for row in session.execute(sa.select(Case)).scalars() if row.withdrawn_at is None]
        case = chance.choice(cases) if cases and chance.random() < 0.6 else None
        if case is None:
            given = chance.choice([organisation, person])(
                f"Tên {chance.randint(1, 6)}", what=f"Vụ {step}", fault=f"Lỗi {chance.randint(1, 4)}",
                fault_on=date(2026, 7, 1) + timedelta(days=chance.randint(0, 100)),
            )  # fmt: skip
            workflow.enter_case(session, ANALYST, given, now=now)
        else:
            on = max(case.fault_on, city_day(now) - timedelta(days=chance.randint(0, 60)))
            decisions = decisions_in_force(session, [case.id])[case.id]
            if decisions and chance.random() < 0.6:
                row = chance.choice(decisions)
                content = replace(decision_content_of(row), on=on, paid_on=None)
                if row.form is DecisionForm.FINE:
                    content = replace(content, paid_on=chance.choice([None, on]))
                workflow.correct_decision(session, ANALYST, row.public, case.turn, content, "Sửa", now=now)
            elif chance.random() < 0.2:
                workflow.withdraw_case(session, ANALYST, case.public, case.turn, "Nhầm", now=now)
            else:
                given = chance.choice([fine(f"{step}/QĐ", 1_000_000 * step + 1), reminder()])
                workflow.record_case_decision(session, ANALYST, case.public, case.turn, replace(given, on=on), now=now)
        session.flush()
        stood.append((now, by_hand(session)))
    assert totals(case_figures(session, Q4)) == stood[-1][1]
    for moment, figures in stood:
        assert totals(case_figures(session, Q4, moment)) == figures, moment
        scope = TallyScope(Q4, as_of=AsOf(moment))
        for name, count in zip(("organisations", "persons", "decisions"), figures, strict=False):
            assert len(drilldown_rows(session, scope, FigureSelection("cases", name), now=NOW)) == count
        money = drilldown_rows(session, scope, FigureSelection("cases", "amount"), now=NOW)
        assert sum(row.amount or 0 for row in money) == figures[3]
    last = case_figures(session, Q4)
    for part, selected in (("form", last.forms), ("fault", last.faults)):
        for row in selected:
            found = drilldown_rows(session, TallyScope(Q4), FigureSelection("cases", part, "", row.key), now=NOW)
            assert len(found) == row.count
    earlier = drilldown_rows(session, TallyScope(Q4), FigureSelection("cases", "earlier"), now=NOW)
    assert len(earlier) == len(last.earlier)
