"""A case from entry to decision: every bad field is named, an entry is made once, nothing is deleted."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

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
    find_case,
    finding_decisions,
    versions_of,
)
from campaigns.compliance.cases.content import CaseContent, DecisionContent, case_content_of, decision_content_of
from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.partners.agreements import ScanKind, StoredScan
from tests import factories
from tests.campaigns.compliance.cases.made_cases import DAY, fine, organisation, person, reminder
from tests.campaigns.compliance.made_findings import proposed
from tests.factories import ANALYST, NOW, WRITER


def entered(session: Session, given: CaseContent | None = None, decision: DecisionContent | None = None) -> Case:
    return workflow.enter_case(session, ANALYST, given or organisation(), decision, now=NOW)


def refused(session: Session, given: CaseContent, decision: DecisionContent | None = None) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as error:
        workflow.enter_case(session, ANALYST, given, decision, now=NOW)
    return [(field.field, field.code) for field in error.value.errors]


def in_force(session: Session, case: Case) -> list[CaseDecision]:
    return decisions_in_force(session, [case.id])[case.id]


def test_a_case_and_its_decision_are_entered_together(session: Session) -> None:
    case = entered(session, organisation(), fine())
    (decision,) = in_force(session, case)
    assert (case.name, case.subject_kind, case.fault_on) == (
        "Công ty Sao Mai", SubjectKind.ORGANISATION, date(2026, 10, 5),
    )  # fmt: skip
    assert (decision.form, decision.number, decision.amount, decision.fault) == (
        DecisionForm.FINE, "12/QĐ-XPHC", 15_000_000, case.fault,
    )  # fmt: skip
    session.commit()
    acts = [entry.act for entry in journal.history(session, "case", case.public)]
    assert acts == ["case.entered", "case.decided"]


def test_a_known_partner_is_found_by_code_tax_code_and_name(session: Session) -> None:
    company = factories.company(session, "Công ty cổ phần Nhịp Sống")
    company.tax_code = "0107654321"
    session.flush()
    by_code = entered(session, organisation("", "", partner=company.code))
    by_tax = entered(session, organisation("Nhịp Sống", "0107654321", what="Khác"))
    by_name = entered(session, organisation("CTCP Nhịp sống", "", what="Khác nữa"))
    assert {by_code.company_id, by_tax.company_id, by_name.company_id} == {company.id}
    assert by_name.name == company.name


@pytest.mark.parametrize(
    ("given", "decision", "expected"),
    [
        (CaseContent(), None, {"what", "fault", "subject_kind", "origin", "fault_on"}),
        (organisation("", ""), None, {"name"}),
        (organisation("Công ty Lạ", ""), None, {"tax_code"}),
        (organisation("Công ty Lạ", "12"), None, {"tax_code"}),
        (organisation(partner="khong-co"), None, {"partner"}),
        (organisation(site="https://khong-co.example"), None, {"site"}),
        (person(account_url="mxh"), None, {"account_url"}),
        (person(""), None, {"name"}),
        (person(partner="cong-ty"), None, {"partner"}),
        (organisation(fault_on=DAY + timedelta(days=1)), None, {"fault_on"}),
        (organisation(fault_on=date(202, 1, 1)), None, {"fault_on"}),
        (organisation(what="x" * 4001, fault="y" * 201, basis="z" * 501), None, {"what", "fault", "basis"}),
        (organisation(), fine(""), {"number"}),
        (organisation(), fine("x" * 81), {"number"}),
        (organisation(), fine(authority=""), {"authority"}),
        (organisation(), fine(amount=None), {"amount"}),
        (organisation(), fine(amount=0), {"amount"}),
        (organisation(), fine(amount=-1), {"amount"}),
        (organisation(), fine(amount=10**12), {"amount"}),
        (organisation(), fine(on=date(2026, 10, 4)), {"on"}),
        (organisation(), fine(on=DAY + timedelta(days=1)), {"on"}),
        (organisation(), fine(on=None), {"on"}),
        (organisation(), fine(paid_on=date(2026, 11, 9)), {"paid_on"}),
        (organisation(), fine(paid_on=DAY + timedelta(days=1)), {"paid_on"}),
        (organisation(), DecisionContent(), {"form", "on"}),
        (organisation(), replace(fine(), form=DecisionForm.REMINDER), {"amount"}),
        (organisation(fault=""), fine(""), {"fault", "number"}),
    ],
)
def test_every_bad_field_is_named_and_nothing_is_entered(
    session: Session, given: CaseContent, decision: DecisionContent | None, expected: set[str]
) -> None:
    assert {field for field, _code in refused(session, given, decision)} == expected
    assert session.execute(sa.select(Case.id)).first() is None


def test_the_same_entry_and_the_same_document_are_made_once(session: Session) -> None:
    first = entered(session, organisation(), fine())
    assert refused(session, organisation(what="  không lưu DỮ liệu thành viên ")) == [("what", "case_known")]
    assert refused(session, person(), fine("12 / qđ-xphc")) == [("number", "decision_known")]
    entered(session, person(), fine(authority="Công an thành phố"))
    last_year = fine(on=date(2025, 11, 10))
    entered(session, organisation(what="Năm trước", fault_on=date(2025, 10, 1)), last_year)
    workflow.withdraw_case(session, ANALYST, first.public, first.turn, "Ghi nhầm", now=NOW)
    assert entered(session, organisation(), fine()).id != first.id


def test_letters_of_one_number_may_go_to_many(session: Session) -> None:
    entered(session, organisation(), reminder())
    entered(session, person(), reminder())


def test_a_correction_keeps_the_version_before_it(session: Session) -> None:
    case = entered(session, organisation(), fine())
    (decision,) = in_force(session, case)
    content = decision_content_of(decision)
    with pytest.raises(Invalid) as why:
        workflow.correct_decision(
            session, ANALYST, decision.public, case.turn, replace(content, amount=20_000_000), now=NOW
        )
    assert [error.field for error in why.value.errors] == ["reason"]
    later = NOW + timedelta(hours=1)
    workflow.correct_decision(
        session, ANALYST, decision.public, case.turn, replace(content, amount=20_000_000), "Gõ nhầm", now=later
    )
    versions = versions_of(session, case)
    assert [(row.version, row.amount, row.ended_at) for row in versions] == [
        (1, 15_000_000, later), (2, 20_000_000, None),
    ]  # fmt: skip
    assert versions[0].ended_reason == "Gõ nhầm"
    with pytest.raises(Conflict) as moved:
        workflow.correct_decision(session, ANALYST, decision.public, 0, content, "Lại", now=later)
    assert moved.value.code == "case_moved"


def test_a_payment_needs_no_reason(session: Session) -> None:
    case = entered(session, organisation(), fine())
    (decision,) = in_force(session, case)
    content = replace(decision_content_of(decision), paid_on=DAY)
    workflow.correct_decision(session, ANALYST, decision.public, case.turn, content, now=NOW)
    assert in_force(session, case)[0].paid_on == DAY


def test_a_changed_case_is_stated_by_its_decisions(session: Session) -> None:
    case = entered(session, organisation(), fine())
    changed = replace(case_content_of(case), fault="Quảng cáo xuyên biên giới sai quy định")
    workflow.change_case(session, ANALYST, case.public, case.turn, changed, now=NOW)
    assert in_force(session, case)[0].fault == "Quảng cáo xuyên biên giới sai quy định"
    after = replace(case_content_of(case), fault_on=date(2026, 11, 11))
    with pytest.raises(Invalid) as late:
        workflow.change_case(session, ANALYST, case.public, case.turn, after, now=NOW)
    assert [error.code for error in late.value.errors] == ["before_fault"]


def test_a_withdrawn_case_stays_with_its_reason_and_takes_no_more_acts(session: Session) -> None:
    case = entered(session, organisation(), fine())
    with pytest.raises(Invalid):
        workflow.withdraw_case(session, ANALYST, case.public, case.turn, " ", now=NOW)
    workflow.withdraw_case(session, ANALYST, case.public, case.turn, "Ghi nhầm đơn vị", now=NOW)
    assert in_force(session, case) == []
    assert find_case(session, case.public).withdrawn_reason == "Ghi nhầm đơn vị"
    with pytest.raises(Conflict) as gone:
        workflow.record_case_decision(session, ANALYST, case.public, case.turn, reminder(), now=NOW)
    assert gone.value.code == "case_withdrawn"


def test_a_withdrawn_decision_leaves_the_case(session: Session) -> None:
    case = entered(session, organisation(), fine())
    (decision,) = in_force(session, case)
    workflow.withdraw_decision(session, ANALYST, decision.public, case.turn, "Của vụ khác", now=NOW)
    assert (in_force(session, case), case.withdrawn_at) == ([], None)
    with pytest.raises(NotFound):
        workflow.withdraw_decision(session, ANALYST, decision.public, case.turn, "Lại", now=NOW)
    workflow.record_case_decision(session, ANALYST, case.public, case.turn, fine(), now=NOW)


def test_only_who_decides_findings_enters_cases(session: Session) -> None:
    with pytest.raises(Forbidden):
        workflow.enter_case(session, WRITER, organisation(), now=NOW)
    case = entered(session)
    with pytest.raises(Forbidden):
        workflow.withdraw_case(session, WRITER, case.public, case.turn, "x", now=NOW)


def test_a_person_is_not_named_in_the_journal(session: Session) -> None:
    case = entered(session, person("Hoàng Văn Bí Mật", mark="1990"), fine())
    changed = replace(case_content_of(case), name="Hoàng Văn Rất Kín", what="Bí Mật đăng tin", fault="Lỗi khác")
    workflow.change_case(session, ANALYST, case.public, case.turn, changed, now=NOW)
    session.commit()
    entries = list(journal.history(session, "case", case.public))
    assert [entry.act for entry in entries] == ["case.entered", "case.decided", "case.changed"]
    text = " ".join(entry.details for entry in entries)
    assert not [secret for secret in ("Hoàng", "Bí Mật", "1990") if secret in text]
    assert json.loads(entries[-1].details)["changed"] == ["name", "what"]


def handed(session: Session, code: str = "R1", site: Any = None) -> Any:
    row = proposed(session, code, site)
    finding_workflow.conclude_finding(session, ANALYST, row.public, row.turn, confirm=True, note="Đúng", now=NOW)
    return finding_workflow.hand_to_inspection(session, ANALYST, row.public, row.turn, "Không sửa", now=NOW)


def test_one_document_on_two_findings_of_a_partner_counts_its_amount_once(session: Session) -> None:
    site = factories.site(session)
    first, second = handed(session, "R1", site), handed(session, "R13", site)

    def decide(row: Any, amount: int | None) -> None:
        finding_workflow.record_decision(
            session, ANALYST, row.public, row.turn, "9/QĐ", DAY, amount, "", "Thanh tra Sở", now=NOW
        )

    decide(first, 5_000_000)
    with pytest.raises(Invalid) as twice:
        decide(second, 5_000_000)
    assert [(error.field, error.code) for error in twice.value.errors] == [("amount", "amount_shared")]
    decide(second, None)
    assert [(row.form, row.shared, row.amount) for row in finding_decisions(session, second)][-1] == (
        DecisionForm.FINE, True, None,
    )  # fmt: skip
    with pytest.raises(Conflict) as shared:
        finding_workflow.undo_last_act(session, ANALYST, first.public, first.turn, now=NOW)
    assert shared.value.code == "decision_shared"
    finding_workflow.undo_last_act(session, ANALYST, second.public, second.turn, now=NOW)
    finding_workflow.undo_last_act(session, ANALYST, first.public, first.turn, now=NOW)
    other = handed(session, "R1")
    decide(other, 1)
    with pytest.raises(Invalid) as foreign:
        decide(second, None)
    assert [(error.field, error.code) for error in foreign.value.errors] == [("number", "decision_known")]


def test_the_case_of_a_finding_is_changed_at_the_finding(session: Session) -> None:
    row = handed(session)
    (decision,) = finding_decisions(session, row)
    case = decision.case
    assert (case.origin.value, case.fault, case.fault_on) == ("rule", row.rule.title, row.day)
    with pytest.raises(Conflict) as refused_act:
        workflow.withdraw_case(session, ANALYST, case.public, case.turn, "x", now=NOW)
    assert refused_act.value.code == "case_of_finding"


def test_a_file_of_evidence_is_added_once_and_its_removal_is_kept(session: Session) -> None:
    case = entered(session)
    kept = StoredScan("biên bản.pdf", ScanKind.PDF, "2", 10, "a" * 64, "kept/a", "b" * 64)
    file, new = workflow.add_file(session, ANALYST, case.public, kept, now=NOW)
    again = workflow.add_file(session, ANALYST, case.public, kept, now=NOW)
    assert (new, again) == (True, (file, False))
    workflow.remove_file(session, ANALYST, file.public, now=NOW)
    with pytest.raises(NotFound):
        workflow.remove_file(session, ANALYST, file.public, now=NOW)
    for number in range(workflow.MOST_FILES):
        workflow.add_file(session, ANALYST, case.public, replace(kept, original_hash=f"{number:064}"), now=NOW)
    with pytest.raises(Invalid) as many:
        workflow.add_file(session, ANALYST, case.public, kept, now=NOW)
    assert [error.code for error in many.value.errors] == ["too_many_files"]
