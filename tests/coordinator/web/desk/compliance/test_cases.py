"""Cases at the desk: entry with every error at its field, totals on the list, corrections, evidence, import."""

import io

import pytest

from campaigns.compliance.cases import workflow
from campaigns.people.staff import Role
from coordinator.jobs.core import import_runs
from tests.campaigns.compliance.cases.made_cases import fine, organisation, person
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ANALYST, NOW
from tests.pdf_files import text_pdf

CASES = "/desk/compliance/_cases"
ENTRY = {
    "subject_kind": "person", "name": "Đỗ Thị Mật", "origin": "complaint", "fault": "Thông tin sai sự thật",
    "fault_on": "05/10/2026", "what": "Đăng tin sai", "form": "fine", "number": "12/QĐ", "authority": "Thanh tra Sở",
    "on": "10/11/2026", "amount": "7.500.000",
}  # fmt: skip


@pytest.fixture
def analyst(desk: Desk) -> Desk:
    desk.sign_in(Role.ANALYST)
    return desk


def test_every_bad_field_is_told_at_once_with_what_to_write(analyst: Desk) -> None:
    bad = {**ENTRY, "number": "", "on": "01/10/2026", "amount": "15 triệu", "fault": "Đỗ Thị Mật nói sai"}
    answer = analyst.post(f"{CASES}/_new", {**bad, "file": (io.BytesIO(b"MZ"), "x.pdf")})
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    for sentence in (
        "Nhập số văn bản", "Ngày quyết định phải từ ngày vi phạm trở đi", "15000000", "không ghi tên người ở đây",
        "Chỉ nhận tệp PDF",
    ):  # fmt: skip
        assert sentence in text
    assert "Chưa có vụ việc nào" in analyst.get(CASES)


def test_a_case_is_entered_with_evidence_paid_corrected_and_withdrawn(analyst: Desk) -> None:
    answer = analyst.post(f"{CASES}/_new", {**ENTRY, "file": (io.BytesIO(text_pdf("Biên bản")), "biên bản.pdf")})
    assert answer.status_code == 303
    page = answer.headers["Location"]
    text = analyst.get(page)
    assert "biên bản.pdf" in text
    assert "7.500.000 đồng" in text
    decision = text.split("_decisions/")[1].split('"')[0].split("/")[0]
    paid = analyst.post(f"{CASES}/_decisions/{decision}/paid", {"turn": "0", "paid_on": "20/11/2026"})
    assert paid.status_code == 303
    changed = {**ENTRY, "amount": "8.000.000", "paid_on": "20/11/2026", "turn": "1"}
    assert analyst.post(f"{CASES}/_decisions/{decision}", changed).status_code == 422
    assert analyst.post(f"{CASES}/_decisions/{decision}", {**changed, "reason": "Gõ nhầm"}).status_code == 303
    text = analyst.get(page)
    assert "8.000.000 đồng" in text
    assert "Gõ nhầm" in text
    public = page.rpartition("/")[2]
    assert analyst.post(f"{CASES}/{public}/withdraw", {"turn": "1", "reason": "Nhầm"}).status_code == 409
    assert analyst.post(f"{CASES}/{public}/withdraw", {"turn": "2", "reason": ""}).status_code == 422
    assert analyst.post(f"{CASES}/{public}/withdraw", {"turn": "2", "reason": "Nhầm"}).status_code == 303
    assert "Nhầm" in analyst.get(page)


def test_the_list_has_totals_of_what_the_filter_shows_and_a_file_of_it(analyst: Desk) -> None:
    with analyst.database.write() as session:
        workflow.enter_case(session, ANALYST, organisation(), fine(amount=15_000_000), now=NOW)
        workflow.enter_case(session, ANALYST, person(), fine("13/QĐ", 5_000_000), now=NOW)
        workflow.enter_case(session, ANALYST, person("Không xử lý"), now=NOW)
    text = analyst.get(CASES)
    assert "20.000.000" in text
    assert "1 tổ chức, 1 cá nhân" in text
    only = analyst.get(f"{CASES}?kind=person&from=2026-11-01&to=2026-11-30&sort=-amount")
    assert len(Page(only).rows("Các vụ việc")) == 1
    analyst.get(f"{CASES}?form=nothing", 422)
    csv = analyst.get(f"{CASES}/list.csv?form=fine")
    assert len(csv.strip().splitlines()) == 3
    # A file of other days than were meant is not made: the list says what is wrong with them.
    reversed_days = "kind=person&from=2026-12-31&to=2026-10-01"
    refused = analyst.client.get(f"{CASES}/list.csv?{reversed_days}")
    assert (refused.status_code, refused.headers["Location"]) == (303, f"{CASES}?{reversed_days}")
    page = Page(analyst.get(f"{CASES}?{reversed_days}", 422))
    assert page.words("#to-e") == ["Ngày kết thúc phải sau ngày bắt đầu"]
    assert len(page.rows("Các vụ việc")) == 2


def test_a_writer_reads_and_does_not_enter(desk: Desk) -> None:
    desk.sign_in(Role.WRITER)
    assert f"{CASES}/_new" not in desk.get(CASES)
    assert desk.post(f"{CASES}/_new", ENTRY).status_code == 403


def test_a_spreadsheet_is_previewed_then_written_as_a_whole(analyst: Desk) -> None:
    head = "Loại đối tượng,Tên,Mã số thuế,Lỗi vi phạm,Ngày vi phạm,Hình thức,Số quyết định,Cơ quan,Ngày ký,Số tiền\n"
    rows = [
        f"Tổ chức,Công ty {number},01{number:08},Lỗi,05/10/2026,Phạt tiền,{number}/QĐ,Thanh tra,10/11/2026,15.000.000"
        for number in range(3)
    ]
    # Two rows with one key, of which the first is bad: the good one is taken.
    early = rows[1].replace("10/11/2026", "01/10/2026")
    body = head + "\n".join([early, *rows, rows[0].replace("15.000.000", "15 triệu")])
    upload = {"file": (io.BytesIO(body.encode()), "vu-viec.csv")}
    page = analyst.post(f"{CASES}/_import", upload).headers["Location"]
    context = analyst.office
    for claimed in import_runs.claim(context, 1):
        import_runs.run_import(context, claimed)
    text = analyst.get(page)
    assert "Nhập 3 vụ việc, bỏ 2 dòng lỗi" in text
    assert "15 triệu" in text
    assert "Chưa có vụ việc nào" in analyst.get(CASES)
    assert analyst.post(f"{page}/import", {}).status_code == 303
    for claimed in import_runs.claim(context, 1):
        import_runs.run_import(context, claimed)
    assert "45.000.000" in analyst.get(CASES)
