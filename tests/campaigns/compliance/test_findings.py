"""A finding from proposal to outcome: proposed once, decided by staff, answered by its partner, undone."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.compliance import finding_workflow
from campaigns.compliance.cases.cases import DecisionForm, finding_decisions
from campaigns.compliance.finding_workflow import RuleSubject, note_in_order, propose_finding
from campaigns.compliance.findings import (
    Finding,
    FindingOutcome,
    FindingStatus,
    FindingStep,
    StepKind,
    WaitingFindings,
    count_waiting_findings,
    find_finding,
    steps_of,
)
from campaigns.compliance.rule_parameters import Fault
from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.people.staff import Actor
from coordinator.db import Database
from tests import factories
from tests.campaigns.compliance.made_findings import FAULTS, proof, proposed, rule
from tests.factories import ANALYST, NOW, WRITER

DAY = city_day(NOW)
PARTNER = Actor("key:x", "Công ty Thử", None)


def confirmed(session: Session, **more: Any) -> Finding:
    row = proposed(session, **more)
    return finding_workflow.conclude_finding(session, ANALYST, row.public, row.turn, confirm=True, note="Đúng", now=NOW)


def again(session: Session, row: Finding, at: Any = NOW, fault: Fault = FAULTS["R1"]) -> bool:
    subject = RuleSubject(row.company_id, row.site_id)
    return propose_finding(session, rule(session, row.code), subject, fault, proof(at), day=city_day(at), now=at)


def test_a_finding_is_proposed_once_while_it_is_open(session: Session) -> None:
    row = proposed(session)
    assert (row.standing, row.version, row.shown_at) == (FindingStatus.PROPOSED, 2, None)
    assert not again(session, row, NOW + timedelta(days=1), Fault("imprint", {"missing": ["email"]}, "email"))
    assert row.last_seen_at == NOW + timedelta(days=1)
    assert count_waiting_findings(session, DAY) == WaitingFindings(1, 0, 0)


def test_the_database_itself_lets_no_second_one_be_open(session: Session) -> None:
    row = proposed(session)
    columns = {
        column.name: getattr(row, column.key)
        for column in sa.inspect(Finding).column_attrs.values()
        for column in column.columns
    }
    del columns["id"]
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(sa.insert(Finding).values(**columns | {"public": "fnd_other"}))


def test_after_dismissal_only_another_fault_is_proposed(session: Session) -> None:
    row = proposed(session)
    finding_workflow.conclude_finding(session, ANALYST, row.public, 0, confirm=False, note="Không phải", now=NOW)
    later = NOW + timedelta(days=1)
    assert not again(session, row, later)
    assert again(session, row, later, Fault("imprint", {"missing": ["email"]}, "email"))


def test_after_closing_only_a_page_that_was_read_later_speaks_again(session: Session) -> None:
    row = confirmed(session)
    finding_workflow.record_mended(session, ANALYST, row.public, row.turn, "Đã ghi", now=NOW + timedelta(hours=1))
    assert not again(session, row, NOW + timedelta(minutes=30))
    assert again(session, row, NOW + timedelta(hours=2))


def test_what_is_seen_in_order_is_noted_once_and_changes_no_standing(session: Session) -> None:
    row = proposed(session)
    subject = RuleSubject(row.company_id, row.site_id)
    later = NOW + timedelta(days=1)
    assert note_in_order(session, "R1", subject, later, now=later)
    assert not note_in_order(session, "R1", subject, later + timedelta(days=1), now=later)
    assert (row.standing, row.closed, row.mended_seen_at) == (FindingStatus.PROPOSED, False, later)


def test_the_whole_way_to_a_decision(session: Session) -> None:
    row = confirmed(session)
    public = row.public
    finding_workflow.record_letter(session, ANALYST, public, row.turn, "12/STTTT", DAY, "", now=NOW)
    assert (row.outcome, row.closed) == (FindingOutcome.REMINDED, False)
    with pytest.raises(Conflict) as early:
        finding_workflow.record_decision(session, ANALYST, public, row.turn, "1/QĐ", DAY, 1, "", now=NOW)
    assert early.value.code == "not_handed"
    finding_workflow.hand_to_inspection(session, ANALYST, public, row.turn, "Không trả lời", now=NOW)
    finding_workflow.record_decision(session, ANALYST, public, row.turn, "77/QĐ-XPHC", DAY, 15_000_000, "", now=NOW)
    assert (row.outcome, row.closed) == (FindingOutcome.DECIDED, True)
    decisions = [(one.form, one.number, one.on_day, one.amount) for one in finding_decisions(session, row)]
    assert decisions == [
        (DecisionForm.REMINDER, "12/STTTT", DAY, None),
        (DecisionForm.HANDED, "", DAY, None),
        (DecisionForm.FINE, "77/QĐ-XPHC", DAY, 15_000_000),
    ]
    session.commit()
    acts = [entry.act for entry in journal.history(session, "finding", public)]
    assert acts == [f"finding.{act}" for act in ("proposed", "confirmed", "reminded", "handed", "decided")]


def test_every_act_is_taken_back_in_turn_until_it_stands_as_proposed(session: Session) -> None:
    row = proposed(session)
    plain = {name: getattr(row, name) for name in finding_workflow._UNDOABLE_COLUMNS}
    finding_workflow.show_to_partner(session, ANALYST, row.public, row.turn, DAY, now=NOW)
    finding_workflow.conclude_finding(
        session, ANALYST, row.public, row.turn, confirm=True, note="Đúng", reply_by=DAY, now=NOW
    )
    finding_workflow.hand_to_inspection(session, ANALYST, row.public, row.turn, "x", now=NOW)
    finding_workflow.record_decision(session, ANALYST, row.public, row.turn, "1/QĐ", DAY, None, "", now=NOW)
    for _act in range(4):
        finding_workflow.undo_last_act(session, ANALYST, row.public, row.turn, now=NOW)
    session.flush()
    session.expire(row)
    assert {name: getattr(row, name) for name in finding_workflow._UNDOABLE_COLUMNS} == plain
    assert finding_decisions(session, row) == []
    with pytest.raises(Conflict) as nothing:
        finding_workflow.undo_last_act(session, ANALYST, row.public, row.turn, now=NOW)
    assert nothing.value.code == "nothing_to_undo"
    assert len(steps_of(session, row)) == 1 + 4 + 4, "nothing is erased"


ACTS = st.sampled_from(["show", "confirm", "dismiss", "remind", "mend", "hand", "decide", "reply", "undo"])


@settings(max_examples=25)
@given(plan=st.lists(ACTS, max_size=12))
def test_whatever_is_done_taking_everything_back_leaves_a_suspicion(sqlite_of: Database, plan: list[str]) -> None:
    with sqlite_of.writers() as session:
        row = proposed(session)
        public = row.public
        for number, name in enumerate(plan):
            try:
                _do(session, row, name, number)
            except Conflict:
                continue
            assert row.closed == (
                row.standing is FindingStatus.DISMISSED
                or row.outcome in {FindingOutcome.MENDED, FindingOutcome.DECIDED}
            )
            assert row.outcome is None or row.standing is FindingStatus.CONFIRMED
            assert row.standing is not FindingStatus.CONFIRMED or row.shown_at is not None
        while finding_workflow.last_undoable(session, row) is not None:
            finding_workflow.undo_last_act(session, ANALYST, public, row.turn, now=NOW)
        assert (row.standing, row.outcome, row.closed_at, row.shown_at) == (FindingStatus.PROPOSED, None, None, None)
        session.rollback()


@pytest.fixture(scope="module")
def sqlite_of(kept_sqlite: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with kept_sqlite.fresh(tmp_path_factory.mktemp("plans") / "lantoa.db") as made:
        yield made


def _do(session: Session, row: Finding, name: str, number: int) -> None:
    arguments = (session, ANALYST, row.public, row.turn)
    match name:
        case "show":
            finding_workflow.show_to_partner(*arguments, DAY, now=NOW)
        case "confirm" | "dismiss":
            finding_workflow.conclude_finding(*arguments, confirm=name == "confirm", note="x", now=NOW)
        case "remind":
            finding_workflow.record_letter(*arguments, "1/CV", DAY, "", now=NOW)
        case "mend":
            finding_workflow.record_mended(*arguments, "x", now=NOW)
        case "hand":
            finding_workflow.hand_to_inspection(*arguments, "x", now=NOW)
        case "decide":
            finding_workflow.record_decision(*arguments, "1/QĐ", DAY, 5, "", now=NOW)
        case "reply":
            if row.shown_at is not None:
                finding_workflow.reply_to_finding(
                    session, PARTNER, row.company_id, row.public, "x", f"{row.id}-{number}", now=NOW
                )
        case "undo":
            finding_workflow.undo_last_act(*arguments, now=NOW)


def test_a_form_made_before_something_was_done_is_refused(session: Session) -> None:
    row = confirmed(session)
    with pytest.raises(Conflict) as moved:
        finding_workflow.record_mended(session, ANALYST, row.public, 0, "x", now=NOW)
    assert moved.value.code == "finding_moved"


def test_a_reply_must_be_read_before_a_decision(session: Session) -> None:
    row = proposed(session)
    finding_workflow.show_to_partner(session, ANALYST, row.public, 0, DAY, now=NOW)
    seen = row.turn
    assert finding_workflow.reply_to_finding(
        session, PARTNER, row.company_id, row.public, "Đã sửa hôm qua.", "form", now=NOW
    )
    assert not finding_workflow.reply_to_finding(
        session, PARTNER, row.company_id, row.public, "Đã sửa hôm qua.", "form", now=NOW
    )
    with pytest.raises(Conflict):
        finding_workflow.conclude_finding(session, ANALYST, row.public, seen, confirm=True, note="x", now=NOW)
    assert count_waiting_findings(session, DAY) == WaitingFindings(1, 1, 0)
    finding_workflow.mark_reply_read(session, ANALYST, row.public, row.turn, now=NOW)
    assert count_waiting_findings(session, DAY) == WaitingFindings(1, 0, 0)
    assert session.execute(sa.select(sa.func.count()).where(FindingStep.happened == StepKind.REPLIED)).scalar_one() == 1


def test_a_day_that_is_over_without_an_answer_is_counted(session: Session) -> None:
    row = proposed(session)
    finding_workflow.show_to_partner(session, ANALYST, row.public, 0, DAY, now=NOW)
    assert count_waiting_findings(session, DAY) == WaitingFindings(1, 0, 0)
    assert count_waiting_findings(session, DAY + timedelta(days=1)) == WaitingFindings(1, 0, 1)
    finding_workflow.reply_to_finding(session, PARTNER, row.company_id, row.public, "x", "f", now=NOW)
    assert count_waiting_findings(session, DAY + timedelta(days=1)) == WaitingFindings(1, 1, 0)


def test_a_partner_reaches_only_what_it_was_shown_of_its_own(session: Session) -> None:
    row = proposed(session)
    other = factories.company(session)
    session.flush()
    for company in (row.company_id, other.id):
        with pytest.raises(NotFound):
            find_finding(session, row.public, company)
        with pytest.raises(NotFound):
            finding_workflow.reply_to_finding(session, PARTNER, company, row.public, "x", "f", now=NOW)
    finding_workflow.show_to_partner(session, ANALYST, row.public, 0, DAY, now=NOW)
    assert find_finding(session, row.public, row.company_id) is row
    with pytest.raises(NotFound):
        find_finding(session, row.public, other.id)
    finding_workflow.undo_last_act(session, ANALYST, row.public, row.turn, now=NOW)
    with pytest.raises(NotFound):
        find_finding(session, row.public, row.company_id)


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_reply_has_words_and_not_too_many(session: Session, text: str) -> None:
    row = confirmed(session)
    with pytest.raises(Invalid):
        finding_workflow.reply_to_finding(session, PARTNER, row.company_id, row.public, text, "f", now=NOW)


def test_a_partner_is_not_heard_without_end_nor_after_the_end(session: Session) -> None:
    row = confirmed(session)
    for number in range(finding_workflow.MOST_REPLIES_A_DAY):
        finding_workflow.reply_to_finding(session, PARTNER, row.company_id, row.public, "x", f"f{number}", now=NOW)
    with pytest.raises(Conflict) as enough:
        finding_workflow.reply_to_finding(session, PARTNER, row.company_id, row.public, "x", "more", now=NOW)
    assert enough.value.code == "too_many_replies"
    finding_workflow.record_mended(session, ANALYST, row.public, row.turn, "x", now=NOW)
    with pytest.raises(Conflict) as over:
        finding_workflow.reply_to_finding(
            session, PARTNER, row.company_id, row.public, "x", "late", now=NOW + timedelta(days=2)
        )
    assert over.value.code == "finding_settled"


def test_what_is_asked_of_a_partner_is_counted_with_its_nearest_day(session: Session) -> None:
    site = factories.site(session)
    for code, day in (("R1", date(2026, 11, 30)), ("R13", date(2026, 12, 2)), ("R8", None)):
        row = proposed(session, code, site)
        finding_workflow.conclude_finding(
            session, ANALYST, row.public, 0, confirm=True, note="x", reply_by=day, now=NOW
        )
    assert finding_workflow.unanswered_of(session, site.company_id, date(2026, 12, 1)) == (3, 1, date(2026, 11, 30))
    finding_workflow.reply_to_finding(session, PARTNER, site.company_id, row.public, "x", "f", now=NOW)
    assert finding_workflow.unanswered_of(session, site.company_id, date(2026, 12, 1))[0] == 2


def test_only_who_may_review_acts(session: Session) -> None:
    row = proposed(session)
    with pytest.raises(Forbidden):
        finding_workflow.conclude_finding(session, WRITER, row.public, 0, confirm=True, note="x", now=NOW)
    with pytest.raises(Forbidden):
        finding_workflow.show_to_partner(session, WRITER, row.public, 0, DAY, now=NOW)


@pytest.mark.parametrize(
    ("number", "on", "amount", "field"),
    [
        ("", DAY, 1, "number"),
        ("x" * 81, DAY, 1, "number"),
        ("1/QĐ", DAY + timedelta(days=1), 1, "on"),
        ("1/QĐ", date(1, 1, 1), 1, "on"),
        ("1/QĐ", DAY, -1, "amount"),
        ("1/QĐ", DAY, 10**12, "amount"),
    ],
)
def test_a_document_that_cannot_be_is_refused_by_its_field(
    session: Session, number: str, on: date, amount: int, field: str
) -> None:
    row = confirmed(session)
    finding_workflow.hand_to_inspection(session, ANALYST, row.public, row.turn, "x", now=NOW)
    with pytest.raises(Invalid) as refused:
        finding_workflow.record_decision(session, ANALYST, row.public, row.turn, number, on, amount, "", now=NOW)
    assert [error.field for error in refused.value.errors] == [field]


def test_an_answer_is_not_asked_for_by_a_day_that_is_over(session: Session) -> None:
    row = proposed(session)
    with pytest.raises(Invalid):
        finding_workflow.show_to_partner(session, ANALYST, row.public, 0, DAY - timedelta(days=1), now=NOW)
    with pytest.raises(Invalid):
        finding_workflow.conclude_finding(session, ANALYST, row.public, 0, confirm=True, note=" ", now=NOW)
