"""The sentences of a briefing on cases, from a made-up quarter, and the same figures in every format."""

import io
import json
from datetime import date

import pytest
from docx import Document
from sqlalchemy.orm import Session

from campaigns.compliance.cases import workflow
from campaigns.compliance.cases.cases import CaseOrigin
from campaigns.compliance.cases.figures import CaseFigures, HandledCount, case_figures
from campaigns.core.clock import parse_period
from campaigns.reporting.briefings.canonical_text import canonical_text, changes_between, figures_from_json
from campaigns.reporting.briefings.figures import collect_figures
from coordinator.imports.tables.xlsx import read_workbook
from coordinator.jobs.reporting.briefings.briefing_files import make_briefing_file
from coordinator.jobs.reporting.briefings.case_sections import handled_sentence, money_words
from tests.campaigns.compliance.cases.made_cases import fine, organisation, person, reminder
from tests.factories import ANALYST, NOW

QUARTER = parse_period("2026-Q4")
PERSON = "Phùng Thị Kín"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (900_000, "900.000 đồng"),
        (15_000_000, "15 triệu đồng"),
        (698_500_000, "gần 700 triệu đồng (698.500.000 đồng)"),
        (702_300_000, "hơn 700 triệu đồng (702.300.000 đồng)"),
        (7_540_000, "hơn 7,5 triệu đồng (7.540.000 đồng)"),
        (999_999_999, "gần 1 tỷ đồng (999.999.999 đồng)"),
        (1_234_000_000, "hơn 1,2 tỷ đồng (1.234.000.000 đồng)"),
        (2_000_000_000, "2 tỷ đồng"),
    ],
)
def test_an_amount_is_said_to_two_figures(amount: int, words: str) -> None:
    assert money_words(amount) == words


def test_the_sentence_says_whom_how_much_and_for_what() -> None:
    faults = ("Không lưu dữ liệu thành viên", "Quảng cáo xuyên biên giới sai quy định", "Thông tin sai sự thật", "Khác")
    cases = CaseFigures(40, 9, 52, 698_500_000, 0, (), tuple(HandledCount(name, name, 9) for name in faults))
    assert handled_sentence(cases) == (
        "Trong kỳ đã xử lý 49 tổ chức, cá nhân với tổng số tiền phạt gần 700 triệu đồng (698.500.000 đồng); lỗi vi "
        "phạm phổ biến: không lưu dữ liệu thành viên, quảng cáo xuyên biên giới sai quy định, thông tin sai sự thật."
    )
    assert handled_sentence(CaseFigures()) == "Trong kỳ chưa có tổ chức, cá nhân nào bị xử lý."


def make_quarter(session: Session) -> None:
    """49 organisations and persons, 46 fines of 15 million and letters; one fault is of the quarter before."""
    for number in range(40):
        given = organisation(f"Công ty {number}", f"01{number:08}", origin=CaseOrigin.INSPECTION)
        if number == 0:
            given = organisation("Công ty 0", "0100000000", fault_on=date(2026, 8, 20))
        workflow.enter_case(session, ANALYST, given, fine(f"{number}/QĐ"), now=NOW)
    for number in range(9):
        decision = fine(f"{100 + number}/QĐ") if number < 6 else reminder()
        workflow.enter_case(session, ANALYST, person(f"{PERSON} {number}"), decision, now=NOW)


def test_every_format_of_the_briefing_says_it_and_names_no_person(session: Session) -> None:
    make_quarter(session)
    sentence = "Trong kỳ đã xử lý 49 tổ chức, cá nhân với tổng số tiền phạt 690 triệu đồng; lỗi vi phạm phổ biến:"
    files = {form: make_briefing_file(session, None, QUARTER, form, now=NOW).body for form in ("docx", "xlsx", "json")}
    document = Document(io.BytesIO(files["docx"]))
    paragraphs = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert sentence in paragraphs
    assert "về vi phạm của kỳ trước" in paragraphs
    cells = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "20/08/2026" in cells
    values = [cell for sheet in read_workbook(files["xlsx"]) for row in sheet.rows for cell in row]
    assert "690000000" in values
    cases = json.loads(files["json"])["cases"]
    assert (cases["organisations"], cases["persons"], cases["amount"]) == (40, 9, 690_000_000)
    assert [row["count"] for row in cases["forms"]] == [3, 46]
    for text in (paragraphs, cells, str(values), files["json"].decode()):
        assert PERSON not in text


def test_frozen_figures_keep_the_cases_and_a_difference_is_named(session: Session) -> None:
    make_quarter(session)
    figures = collect_figures(session, None, QUARTER, now=NOW)
    kept = figures_from_json(json.loads(canonical_text(figures)))
    assert kept.management.cases == figures.management.cases == case_figures(session, QUARTER)
    workflow.enter_case(session, ANALYST, person("Khác", fault="Lỗi mới"), fine("200/QĐ", 1_000_000), now=NOW)
    changes = changes_between(kept, collect_figures(session, None, QUARTER, now=NOW))
    assert {(change.part, change.figure) for change in changes} == {
        ("cases", "persons"), ("cases", "decisions"), ("cases", "amount"), ("cases.forms", "count"),
        ("cases.faults", "count"),
    }  # fmt: skip
