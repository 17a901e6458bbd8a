"""One decision on many findings: each by itself, those on which something was done left and named, the batch undone."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import bulk_decisions, finding_workflow
from campaigns.compliance.bulk_decisions import MOST_AT_ONCE, BulkDecision, BulkResult
from campaigns.compliance.findings import Finding, FindingStatus, StepKind, find_finding, steps_of
from campaigns.core import journal
from campaigns.core.errors import Forbidden, Invalid, NotFound
from tests.campaigns.compliance.made_findings import TODAY, proposed
from tests.factories import ANALYST, NOW, WRITER

LATER = TODAY + timedelta(days=7)


def turns(*rows: Finding) -> dict[str, int]:
    return {row.public: row.turn for row in rows}


def decide(session: Session, decision: BulkDecision, wanted: dict[str, int], **given: object) -> BulkResult:
    values: dict[str, object] = {"note": "Đã gọi điện", "reply_by": LATER} | given
    return bulk_decisions.decide_findings(session, ANALYST, decision, wanted, now=NOW, **values)  # type: ignore[arg-type]


def test_all_are_confirmed_with_one_reason_and_each_has_its_own_step_and_journal_entry(session: Session) -> None:
    rows = [proposed(session, "R1"), proposed(session, "R13"), proposed(session, "R8")]
    result = decide(session, BulkDecision.CONFIRM, turns(*rows))
    session.commit()
    assert ([row.public for row in result.done], result.kept) == ([row.public for row in rows], [])
    for row in rows:
        assert (row.standing, row.note, row.reply_by, row.turn) == (
            FindingStatus.CONFIRMED, "Đã gọi điện", LATER, 1,
        )  # fmt: skip
        assert [step.batch for step in steps_of(session, row)][-1] == result.batch
        assert "finding.confirmed" in [entry.act for entry in journal.history(session, "finding", row.public)]


def test_what_was_done_since_the_form_was_opened_is_left_and_named(session: Session) -> None:
    moved, settled, fresh = proposed(session, "R1"), proposed(session, "R13"), proposed(session, "R8")
    seen = turns(moved, settled, fresh)
    finding_workflow.show_to_partner(session, ANALYST, moved.public, 0, LATER, now=NOW)
    finding_workflow.conclude_finding(session, ANALYST, settled.public, 0, confirm=True, note="x", now=NOW)
    result = decide(session, BulkDecision.DISMISS, {**seen, "fnd_unknown": 0})
    assert [row.public for row in result.done] == [fresh.public]
    assert [(public, error.code) for public, error in result.kept] == [
        (moved.public, "finding_moved"), (settled.public, "finding_moved"), ("fnd_unknown", "not_found"),
    ]  # fmt: skip
    assert (moved.standing, settled.standing) == (FindingStatus.PROPOSED, FindingStatus.CONFIRMED)


def test_a_form_sent_twice_decides_once(session: Session) -> None:
    row = proposed(session)
    seen = turns(row)
    decide(session, BulkDecision.DISMISS, seen)
    again = decide(session, BulkDecision.DISMISS, seen)
    assert (again.done, len(again.kept)) == ([], 1)
    assert sum(step.happened is StepKind.DISMISSED for step in steps_of(session, row)) == 1


def test_partners_are_asked_about_all_of_them_until_one_day(session: Session) -> None:
    rows = [proposed(session, "R1"), proposed(session, "R8")]
    decide(session, BulkDecision.ASK, turns(*rows), note="")
    assert {(row.standing, row.reply_by, row.shown_at) for row in rows} == {(FindingStatus.PROPOSED, LATER, NOW)}


def test_a_batch_is_undone_except_where_something_was_done_since(session: Session) -> None:
    kept, back = proposed(session, "R1"), proposed(session, "R13")
    batch = decide(session, BulkDecision.CONFIRM, turns(kept, back)).batch
    finding_workflow.record_mended(session, ANALYST, kept.public, kept.turn, "Đã sửa", now=NOW)
    result = bulk_decisions.undo_batch(session, ANALYST, batch, now=NOW)
    assert [row.public for row in result.done] == [back.public]
    assert [(public, error.code) for public, error in result.kept] == [(kept.public, "finding_moved")]
    assert (back.standing, back.shown_at, kept.closed) == (FindingStatus.PROPOSED, None, True)
    assert bulk_decisions.undo_batch(session, ANALYST, batch, now=NOW).done == [], "twice undoes nothing more"
    with pytest.raises(NotFound):
        bulk_decisions.undo_batch(session, ANALYST, "bat_unknown", now=NOW)


@pytest.mark.parametrize(
    ("decision", "given", "field"),
    [
        (BulkDecision.CONFIRM, {"note": " "}, "note"),
        (BulkDecision.DISMISS, {"note": "x" * 2001}, "note"),
        (BulkDecision.ASK, {"reply_by": None}, "reply_by"),
        (BulkDecision.CONFIRM, {"reply_by": TODAY - timedelta(days=1)}, "reply_by"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(
    session: Session, decision: BulkDecision, given: dict[str, object], field: str
) -> None:
    row = proposed(session)
    with pytest.raises(Invalid) as refused:
        decide(session, decision, turns(row), **given)
    assert [error.field for error in refused.value.errors] == [field]
    assert find_finding(session, row.public).turn == 0


@pytest.mark.parametrize("count", [0, MOST_AT_ONCE + 1])
def test_none_and_too_many_are_refused(session: Session, count: int) -> None:
    with pytest.raises(Invalid):
        decide(session, BulkDecision.DISMISS, {f"fnd_{number}": 0 for number in range(count)})


def test_a_writer_decides_and_undoes_nothing(session: Session) -> None:
    row = proposed(session)
    with pytest.raises(Forbidden):
        bulk_decisions.decide_findings(
            session, WRITER, BulkDecision.DISMISS, turns(row), note="x", reply_by=None, now=NOW
        )
    batch = decide(session, BulkDecision.DISMISS, turns(row)).batch
    with pytest.raises(Forbidden):
        bulk_decisions.undo_batch(session, WRITER, batch, now=NOW)
    assert session.execute(sa.select(Finding.standing)).scalar_one() is FindingStatus.DISMISSED
