"""History at the desk: uploaded, checked, confirmed, shown beside what is proven, and undone as a whole."""

import io

import pytest
import sqlalchemy as sa
import xlsxwriter

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import parse_period
from campaigns.core.import_runs import ImportRun, ImportStage
from campaigns.core.imports.columns import joined_headings
from campaigns.people.staff import Role
from campaigns.reporting.briefings import briefing_text, versions
from campaigns.reporting.history.columns import TABLES
from campaigns.reporting.history.reported import ReportedCopy, ReportedTotal
from coordinator.imports.tables.table_reader import parse_tables as read_tables
from coordinator.jobs.job_loop import drain
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import ANALYST

HOME = "/desk/history/imports"
BULLETINS = [
    ["Ngày phát hành", "Chuyên đề", "Tiêu đề", "Địa chỉ bản tin", "Số hiệu"],
    ["14/08/2026", "Dịch bệnh", "Lịch tiêm", "https://cu.vn/1", "145"],
]
COPIES = [
    ["Bản tin", "Địa chỉ bài đăng", "Ngày đăng", "Trang, mạng xã hội"],
    ["145", "https://facebook.com/p/1", "15/08/2026", "Facebook"],
]
TOTALS = [
    ["Kỳ", "Chỉ tiêu", "Số lượng"],
    ["Quý III/2026", "Lượt lan tỏa", "12.500"],
    ["Quý III/2026", "Bản tin", "330"],
    ["Quý IV/2025", "Lượt lan tỏa", "9.800"],
]


def workbook(*sheets: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in zip(("Bản tin", "Bài đăng lại", "Tổng số"), sheets, strict=False):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return out.getvalue()


def checked(desk: Desk, body: bytes, name: str = "cu.xlsx") -> tuple[str, Page]:
    answer = desk.post(HOME, {"file": (io.BytesIO(body), name)}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    path = answer.headers["Location"]
    drain(desk.office, "table_import", 1)
    return path, Page(desk.get(path))


def imported(desk: Desk) -> str:
    path, _page = checked(desk, workbook(BULLETINS, COPIES, TOTALS))
    desk.post(f"{path}/import")
    drain(desk.office, "table_import", 1)
    return path


def rows(desk: Desk) -> list[int]:
    with desk.database.read() as session:
        return [
            session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (Bulletin, ReportedCopy, ReportedTotal)
        ]


@pytest.fixture
def admin(desk: Desk) -> Desk:
    desk.sign_in(Role.ADMIN)
    return desk


def test_nothing_is_written_before_somebody_has_seen_what_it_would_be(admin: Desk) -> None:
    path, page = checked(admin, workbook(BULLETINS, COPIES, TOTALS))
    assert page.heading == "Kết quả kiểm tra"
    assert page.has("Thêm 1 bản tin, 1 bài đăng lại và 3 tổng số")
    assert rows(admin) == [0, 0, 0]
    admin.post(f"{path}/import")
    drain(admin.office, "table_import", 1)
    assert rows(admin) == [1, 1, 3]
    done = Page(admin.get(path))
    assert done.heading == "Đã nhập xong"
    assert done.pairs()["Ai nhập"]
    again, _page = checked(admin, workbook(BULLETINS, COPIES, TOTALS))
    admin.post(f"{again}/import")
    drain(admin.office, "table_import", 1)
    assert Page(admin.get(again)).has("Mọi dòng của tệp đã có từ trước")
    assert rows(admin) == [1, 1, 3]
    assert Page(admin.get(HOME)).rows("Các lần nhập gần đây")[0][:2] == ["cu.xlsx", "đã nhập"]


def test_bad_rows_are_named_with_sheet_column_and_reason_and_come_back_as_sheets(admin: Desk) -> None:
    totals = [*TOTALS, ["Quý II/2026", "Lượt lan tỏa", "12,5 nghìn"]]
    copies = [*COPIES, ["999", "https://facebook.com/p/2", "15/08/2026", ""]]
    path, page = checked(admin, workbook(BULLETINS, copies, totals))
    found = {row[0]: row[1] for row in page.rows("Dòng lỗi")}
    assert "Bài đăng lại · Bản tin (cột A): “999” không phải bản tin đã nhập" in found["3"]
    assert "Tổng số · Số lượng (cột C): “12,5 nghìn” không phải số nguyên" in found["5"]
    rejected, knows = admin.client.get(f"{path}/errors.xlsx").data, joined_headings(TABLES).field_of
    back = read_tables("loi.xlsx", rejected, [table.name for table in TABLES], knows=knows)
    assert [(table.sheet, len(table.rows)) for table in back if table.rows] == [("Bài đăng lại", 1), ("Tổng số", 1)]


def test_a_file_without_a_known_column_is_reported_in_words(admin: Desk) -> None:
    _path, page = checked(admin, b"A,B,C\nx,y,z\n", "la.csv")
    assert page.heading == "Không nhập được"
    assert page.has("không nhận ra cột nào của tệp")


def test_what_was_reported_is_shown_beside_what_is_proven_and_compared_with_its_name(admin: Desk) -> None:
    imported(admin)
    page = Page(admin.get("/desk/history/"))
    assert {(row[1], row[3], row[4]) for row in page.rows("Tổng số đã báo cáo")} == {
        ("Số bài đăng lại", "12.500", "0"), ("Bản tin đã phát hành", "330", "0"),
        ("Số bài đăng lại", "9.800", "0"),
    }  # fmt: skip
    assert page.rows("Bài đăng lại đã báo cáo")[0][1].startswith("Facebook")
    assert not Page(admin.get("/desk/history/?proven=1")).has("Facebook")
    compared = Page(admin.get("/desk/progress/?period=2026-Q4"))
    (now, before, year) = compared.rows("So với kỳ trước và cùng kỳ năm trước")
    assert now[0].startswith("Kỳ này")
    assert "(báo cáo trước, đã kiểm chứng 0)" in before[2]
    assert before[2].startswith("12.500")
    assert year[2].startswith("9.800")
    show = Page(admin.get("/desk/bulletins/BT-2026-08-14-001"))
    assert show.has("Bản tin phát trước khi dùng phần mềm")
    assert not show.has("Đính chính…")
    assert Page(admin.get("/desk/bulletins")).has("Đã nhập")
    summer = Page(admin.get("/desk/history/?period=2026-Q3"))
    of_summer = summer.tree.css_first("main a[href*='reported=1']").attributes["href"]
    assert Page(admin.get(of_summer)).has("BT-2026-08-14-001")
    assert not Page(admin.get(of_summer.replace("from=2026-07-01", "from=2026-08-15"))).has("BT-2026-08-14-001")
    assert not Page(admin.get(f"{of_summer}&issued=1")).has("BT-2026-08-14-001")


def test_a_digest_says_what_was_reported_for_the_days_it_is_compared_with(admin: Desk) -> None:
    path, _page = checked(admin, workbook(BULLETINS, COPIES))
    admin.post(f"{path}/import")
    drain(admin.office, "table_import", 1)
    said = "Báo cáo trước: 1 bản tin, 1 lượt lan tỏa"
    assert said in admin.get("/desk/digests/week?on=2026-08-20")
    assert "Báo cáo trước:" not in admin.get("/desk/digests/week?on=2026-08-14")


def test_an_import_is_undone_from_its_page_unless_a_frozen_briefing_rests_on_it(admin: Desk) -> None:
    path = imported(admin)
    assert Page(admin.get(path)).has("Hoàn tác lần nhập này")
    assert admin.post(f"{path}/undo").status_code == 303
    assert Page(admin.get(path)).heading == "Đã hoàn tác"
    assert rows(admin) == [0, 0, 0]
    again = imported(admin)
    now = admin.office.now()
    with admin.database.write() as session:
        row = briefing_text.begin_briefing(session, ANALYST, None, parse_period("2026-Q4"), now=now)
        versions.freeze_version(session, ANALYST, row.public, now=now)
    assert Page(admin.get(again)).has("nên không hoàn tác được")
    admin.post(f"{again}/undo")
    assert Page(admin.get(again)).heading == "Đã nhập xong"
    assert rows(admin) == [1, 1, 3]
    with admin.database.read() as session:
        stages = session.execute(sa.select(ImportRun.stage).order_by(ImportRun.id)).scalars().all()
    assert stages == [ImportStage.UNDONE, ImportStage.DONE]


def test_others_read_what_was_reported_and_import_nothing(desk: Desk) -> None:
    desk.sign_in(Role.ANALYST)
    assert not Page(desk.get("/desk/history/")).has("Nhập từ tệp")
    desk.get(HOME, status=403)
    desk.get("/desk/history/?period=khong", status=422)
