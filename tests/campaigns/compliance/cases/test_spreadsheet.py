"""Cases from a spreadsheet: what stands there already stays, and what contradicts it is named."""

from collections.abc import Mapping

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.cases import workflow
from campaigns.compliance.cases.cases import Case
from campaigns.compliance.cases.columns import CASES
from campaigns.compliance.cases.spreadsheet import CaseEntry, enter_cases, preview_cases, read_cases
from campaigns.core.import_runs import ImportOutcome
from campaigns.core.imports.row_reader import Reading, read_rows
from coordinator.imports.tables.table_reader import TableRow
from tests.factories import ANALYST, NOW

ROW = {
    "Loại đối tượng": "Tổ chức", "Tên": "Công ty Sao Mai", "Mã số thuế": "0101234567",
    "Lỗi vi phạm": "Không lưu dữ liệu", "Ngày vi phạm": "05/10/2026", "Căn cứ": "Điều 100", "Hình thức": "Phạt tiền",
    "Số quyết định": "12/QĐ", "Cơ quan": "Thanh tra Sở", "Ngày ký": "10/11/2026", "Số tiền": "15.000.000",
}  # fmt: skip
UNDECIDED = {**ROW, **dict.fromkeys(("Hình thức", "Số quyết định", "Cơ quan", "Ngày ký", "Số tiền"), "")}


def read(*rows: Mapping[str, str]) -> Reading[CaseEntry]:
    return read_cases(read_rows(CASES, list(ROW), [TableRow(number, row) for number, row in enumerate(rows, start=2)]))


def entered(session: Session, *rows: Mapping[str, str]) -> ImportOutcome:
    """The outcome of entering these rows, which is that of the preview."""
    entries = read(*rows).entries
    preview = preview_cases(session, entries, now=NOW)
    assert enter_cases(session, ANALYST.id, "cas_1", entries, now=NOW) == preview
    return preview


def codes(outcome: ImportOutcome) -> list[tuple[int, str, str]]:
    return [(error.row, error.field, error.code) for error in outcome.rejected]


def test_the_same_file_again_adds_nothing_and_says_so(session: Session) -> None:
    other = {**UNDECIDED, "Tên": "Công ty Sen", "Mã số thuế": "0107654321"}
    first = entered(session, ROW, other)
    assert (first.counts, first.good) == ({"cases": 2, "decisions": 1, "amount": 15_000_000, "unchanged": 0}, 2)
    again = entered(session, ROW, other)
    assert (again.counts, again.good) == ({"cases": 0, "decisions": 0, "amount": 0, "unchanged": 2}, 2)
    assert again.rejected == ()
    # The case alone stands there too.
    assert entered(session, UNDECIDED).counts["unchanged"] == 1
    assert session.execute(sa.select(sa.func.count()).select_from(Case)).scalar_one() == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Số tiền": "20.000.000"}, [("what", "case_known"), ("number", "decision_known")]),
        ({"Số quyết định": "13/QĐ"}, [("what", "case_known")]),
        ({"Căn cứ": "Điều 101"}, [("what", "case_known"), ("number", "decision_known")]),
        ({"Lỗi vi phạm": "Lỗi khác"}, [("number", "decision_known")]),
    ],
)
def test_what_stands_there_with_other_content_is_an_error(
    session: Session, change: Mapping[str, str], expected: list[tuple[str, str]]
) -> None:
    entered(session, ROW)
    outcome = entered(session, {**ROW, **change})
    assert codes(outcome) == [(2, *error) for error in expected]
    assert outcome.counts["cases"] == 0


def test_a_withdrawn_case_is_entered_again(session: Session) -> None:
    entered(session, ROW)
    case = session.execute(sa.select(Case)).scalar_one()
    workflow.withdraw_case(session, ANALYST, case.public, case.turn, "Ghi nhầm", now=NOW)
    assert entered(session, ROW).counts["cases"] == 1


def test_a_row_twice_in_a_file_is_one_entry_and_one_written_otherwise_is_an_error(session: Session) -> None:
    reading = read(ROW, ROW)
    assert (len(reading.entries), reading.rejected) == (1, ())
    assert [(note.row, note.code) for note in reading.notes] == [(3, "repeated")]
    spelled = {**UNDECIDED, "Lỗi vi phạm": "KHÔNG LƯU DỮ LIỆU"}
    outcome = entered(session, ROW, spelled, {**ROW, "Lỗi vi phạm": "Lỗi khác"})
    assert codes(outcome) == [(3, "what", "repeated"), (4, "number", "decision_known")]
    assert [error.message for error in outcome.rejected] == [
        "this case is already in row 2", "'12/QĐ' of this authority stands in row 2",
    ]  # fmt: skip


def test_of_a_row_with_a_cell_that_cannot_be_read_the_other_cells_are_checked(session: Session) -> None:
    reading = read({**ROW, "Số tiền": "15 triệu", "Ngày ký": "01/10/2026"}, {**ROW, "Ngày vi phạm": "hôm qua"})
    assert [(error.row, error.field, error.code) for error in reading.rejected] == [
        (2, "amount", "amount_words"), (3, "fault_on", "date"),
    ]  # fmt: skip
    outcome = preview_cases(session, reading.entries, now=NOW)
    assert codes(outcome) == [(2, "on", "before_fault")]
    assert outcome.rejected[0].message == "01/10/2026 is before the fault, 05/10/2026"
    assert outcome.good == 0
