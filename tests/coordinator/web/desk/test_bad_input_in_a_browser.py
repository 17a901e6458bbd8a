"""Invalid input in Chromium as people meet it: days, plans, a whole register, an empty quarter."""

import io
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import xlsxwriter

from campaigns.partners.directory import Company
from campaigns.partners.register.columns import REGISTER
from campaigns.people.staff import Role
from coordinator.db import Database
from coordinator.imports.tables.table_reader import parse_table
from coordinator.jobs.core import import_runs as import_jobs
from coordinator.jobs.core.import_runs import CheckProgress
from coordinator.jobs.job_loop import drain
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import PHONE, SCREENS, axe_violations, chromium, expect, open_address, until_true
from tests.coordinator.web.desk.browser_writers import served
from tests.coordinator.web.desk.republications.test_review_in_a_browser import opened, signed_in
from tests.coordinator.web.public.test_public_pages_in_a_browser import address

pytestmark = pytest.mark.browser
__all__ = ["chromium", "served"]  # fixtures

HEAD = ("Tên", "Mã số thuế", "Số", "Loại", "Ngày cấp", "Ngày hết hạn")
# Each row as in the file, and its expected error: (row, column, words), or None for a valid row.
ExpectedFault = tuple[int, str, str] | None
ROWS: Sequence[tuple[tuple[str | float | datetime, ...], ExpectedFault]] = (
    (("Công ty Ánh Dương", "", "301/GP-TTĐT", "", datetime(2023, 3, 4), "", "anhduong.example.vn"), None),
    (("Công ty Ánh Trăng", "", "302/GP-TTĐT", "", "ngày 04 tháng 3 năm 2023", "", "anhtrang.example.vn"), None),
    (
        ("Công ty Ánh Sao", "", "303/GP-TTĐT", "", 45000.0, "", "anhsao.example.vn"),
        (7, "Ngày cấp (cột E)", "“45000” là số ngày của Excel"),
    ),
    (
        ("Công ty Ánh Lửa", "", "304/GP-TTĐT", "", "hôm qua", "", "anhlua.example.vn"),
        (8, "Ngày cấp (cột E)", "“hôm qua” không phải ngày"),
    ),
    (("Công ty Sông Xanh", "", "305/GP-TTĐT", "", "04/03/2023", "", "https://songxanh.example.vn/tin/"), None),
    (
        ("Công ty Núi Đỏ", "", "306/GP-TTĐT", "", "04/03/2023", "", "núi đỏ"),
        (10, "Tên miền (cột G)", "không phải tên miền; ghi dạng tin.example.vn"),
    ),
    (("Công ty Biển Bạc", "", "307/GP-TTĐT", "", "04/03/2023", "", "bienbac.example.vn"), None),
    (
        ("Công ty Rừng Vàng", "", "307/GP-TTĐT", "", "04/03/2023", "", "rungvang.example.vn"),
        (12, "Số giấy phép (cột C)", "đang thuộc doanh nghiệp khác ở dòng 11 (“Công ty Biển Bạc”)"),
    ),
    (("Công ty Hòa Bình", "", "308/GP-TTĐT", "", "04/03/2023", "", "hoabinh.example.vn"), None),
    (
        (unicodedata.normalize("NFD", "Công ty Hòa Bình"), "", "309/GP-TTĐT", "", "04/03/2023", "", "hoa2.example.vn"),
        None,
    ),
    (("CÔNG TY HOÀ BÌNH", "", "310/GP-TTĐT", "", "04/03/2023", "", "hoa3.example.vn"), None),
    (
        ("Công ty Mai", "", "311/GP-TTĐT", "", "04/03/2023", "01/01/2020", "mai.example.vn"),
        (16, "Ngày hết hạn (cột F)", "Ngày hết hạn trước ngày cấp"),
    ),
)
TAKEN = [
    "Công ty Biển Bạc", "Công ty Hòa Bình", "Công ty Sông Xanh", "Công ty Ánh Dương", "Công ty Ánh Trăng",
]  # fmt: skip


def register() -> bytes:
    """Return a sheet with a title, a head of two rows with merged cells, and the rows from the fifth on."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_urls": False}) as book:
        sheet, day = book.add_worksheet("Sổ giấy phép"), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.merge_range(0, 0, 0, 6, "SỔ GIẤY PHÉP")
        sheet.merge_range(2, 0, 2, 1, "Doanh nghiệp")
        sheet.merge_range(2, 2, 2, 5, "Giấy phép")
        sheet.merge_range(2, 6, 3, 6, "Tên miền")
        sheet.write_row(3, 0, HEAD)
        for row, (cells, _expected) in enumerate(ROWS, start=4):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell, day if isinstance(cell, datetime) else None)
    return out.getvalue()


@contextmanager
def as_admin(chromium: Any, served: RunningApplication, screen: tuple[int, int, str], **more: Any) -> Iterator[Any]:
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base, screen, **more) as page:
        page.context.add_cookies([{"name": "lantoa", "value": signed_in(served.app, Role.ADMIN), "url": base}])
        yield page


def in_order(page: Any) -> None:
    """Assert that the page is accessible as it stands and does not violate its policy."""
    assert axe_violations(page, both_schemes=False) == ""
    assert page.evaluate("violations") == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("screen", SCREENS)
def test_days_the_wrong_way_round_are_reported_at_their_box_even_where_filters_are_folded(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    with as_admin(chromium, served, screen) as page:
        for path in ("republications?status=all", "compliance?standing=all", "search?q=tin", "admin/journal/?"):
            open_address(page, address(served, f"/desk/{path}&from=2026-12-31&to=2026-10-01"))
            wrong = page.locator(".asked.wrong")
            expect(wrong).to_be_focused()
            expect(wrong.get_by_role("alert")).to_contain_text("Ngày kết thúc phải sau ngày bắt đầu")
            expect(page.get_by_label("Từ ngày")).to_have_value("31/12/2026")
            in_order(page)
            page.get_by_label("Đến ngày").fill("31/01/2027")
            page.get_by_label("Đến ngày").press("Enter")
            page.wait_for_url(lambda url: "to=31%2F01%2F2027" in url)
            expect(page.locator("[aria-invalid=true]")).to_have_count(0)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_period_that_is_none_is_reported_and_left_by_one_press(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    with as_admin(chromium, served, screen) as page:
        open_address(page, address(served, "/desk/progress/?campaign=all&period=2026-12-31..2026-10-01"))
        expect(page.locator("main li")).to_have_text(
            "period=2026-12-31..2026-10-01: Ngày kết thúc phải sau ngày bắt đầu"
        )
        in_order(page)
        page.get_by_role("link", name="Mở lại, bỏ chỗ sai").click()
        page.get_by_role("heading", name="Tiến độ mọi bản tin").wait_for()


@pytest.mark.parametrize("screen", SCREENS)
def test_a_plan_is_reported_each_thing_once_and_keeps_what_was_typed(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str]
) -> None:
    with as_admin(chromium, served, screen) as page:
        open_address(page, address(served, "/desk/admin/campaigns/_new"))
        page.evaluate("document.querySelector('main form').noValidate = true")
        typed = {
            "plan_number": "174-KH/UBND", "name": "Lan tỏa", "code": "kh-174", "starts_on": "31/12/2026",
            "ends_on": "01/10/2026", "targets.0.quota": "nhiều", "targets.1.quota": "12.500",
        }  # fmt: skip
        page.locator("[id='targets-1-milestones'] summary").click()
        typed["targets.1.milestones.0.day"] = "cuối tháng"
        for name, words in typed.items():
            page.locator(f"[name='{name}']").fill(words)
        page.get_by_role("button", name="Lưu", exact=True).click()
        summary = page.locator(".summary")
        expect(summary).to_be_focused()
        assert set(summary.get_by_role("link").all_inner_texts()) == {
            "Đến hết ngày: Ngày kết thúc phải sau ngày bắt đầu",
            "Phải đạt, dòng 1: Nhập một con số, ví dụ 12.500 hoặc 98,5",
            "Ngày, mốc 1, dòng 2: Nhập ngày theo mẫu 24/11/2026",
            "Phải đạt, mốc 1, dòng 2: Nhập một con số, ví dụ 12.500 hoặc 98,5",
        }
        assert {name: page.locator(f"[name='{name}']").input_value() for name in typed} == typed
        in_order(page)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_register_full_of_faults_is_checked_before_ones_eyes_and_only_its_good_rows_are_written(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str], tmp_path: Path
) -> None:
    (tmp_path / "so.xlsx").write_bytes(register())
    context = served.app_context.job_context
    with as_admin(chromium, served, screen) as page:
        open_address(page, address(served, "/desk/partners/_register"))
        page.get_by_label("Tệp sổ giấy phép").set_input_files(tmp_path / "so.xlsx")
        page.get_by_role("button", name="Kiểm tra, chưa ghi").click()
        locator = page.locator("#dang-nhap [role=status]")
        expect(locator).to_have_text("Máy đang mở tệp.")
        in_order(page)
        (taken,) = import_jobs.claim(context, 1)
        CheckProgress(context, taken).opened(50_000)
        expect(locator).to_have_text("Đã kiểm tra 0 trong 50.000 dòng.")  # by its own script
        import_jobs.run_import(context, taken)
        page.get_by_role("heading", name="Kết quả kiểm tra").wait_for()
        rows = {
            int(line.locator("th").inner_text()): line.inner_text() for line in page.locator("tbody tr:has(th.n)").all()
        }
        wanted = [entry for _cells, entry in ROWS if entry is not None]
        assert set(rows) == {row for row, _column, _words in wanted}
        for row, column, words in wanted:
            assert f"{column}: " in rows[row]
            assert words in rows[row]
        in_order(page)
        assert companies(context.database) == []
        with page.expect_download() as fetched:
            page.get_by_role("link", name="Tải các dòng lỗi về Excel").click()
        fetched.value.save_as(tmp_path / "loi.xlsx")
        back = parse_table("loi.xlsx", (tmp_path / "loi.xlsx").read_bytes(), knows=REGISTER.headings.field_of).rows
        assert {int(row.cells["Dòng trong tệp"]) for row in back} == set(rows)
        page.get_by_role("button", name="Nhập 7 giấy phép, bỏ 5 dòng lỗi").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Đang nhập")
        drain(context, "table_import", 1)
        expect(page.get_by_role("heading", level=1)).to_have_text("Đã nhập xong")
        in_order(page)
        assert companies(context.database) == sorted(TAKEN)


def companies(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.execute(sa.select(Company.name)).scalars())


def test_without_a_script_the_check_of_a_register_is_seen_by_its_button(
    chromium: Any, served: RunningApplication, tmp_path: Path
) -> None:
    (tmp_path / "so.xlsx").write_bytes(register())
    context = served.app_context.job_context
    with as_admin(chromium, served, PHONE, java_script_enabled=False) as page:
        page.goto(address(served, "/desk/partners/_register"))
        page.get_by_label("Tệp sổ giấy phép").set_input_files(tmp_path / "so.xlsx")
        page.get_by_role("button", name="Kiểm tra, chưa ghi").click()
        (taken,) = import_jobs.claim(context, 1)
        CheckProgress(context, taken).opened(50_000)
        page.get_by_role("link", name="Xem tiến độ mới nhất").click()
        expect(page.locator("#dang-nhap [role=status]")).to_have_text("Đã kiểm tra 0 trong 50.000 dòng.")
        import_jobs.run_import(context, taken)
        page.get_by_role("link", name="Xem tiến độ mới nhất").click()
        page.get_by_role("heading", name="Kết quả kiểm tra").wait_for()


@pytest.mark.parametrize("screen", SCREENS)
def test_a_quarter_in_which_nothing_was_says_nought_from_the_figures_to_the_files(
    chromium: Any, served: RunningApplication, screen: tuple[int, int, str], tmp_path: Path
) -> None:
    with as_admin(chromium, served, screen) as page:
        open_address(page, address(served, "/desk/progress/?campaign=all&period=2025-Q1"))
        expect(page.locator(".tally.big")).to_have_text("0")
        in_order(page)
        open_address(page, address(served, "/desk/briefings/"))
        page.get_by_label("Kỳ báo cáo").select_option("2025-Q1")
        page.get_by_role("button", name="Lập báo cáo").click()
        page.get_by_role("button", name="Chốt phiên bản 1").click()
        page.get_by_role("heading", name="Báo cáo Quý I/2025, phiên bản 1").wait_for()
        until_true(page, "document.querySelector('table.ledger tbody tr') !== null")
        in_order(page)
        for title, start in (("Văn bản Word", b"PK"), ("PDF", b"%PDF"), ("Excel", b"PK")):
            with page.expect_download() as taken:
                page.get_by_role("link", name=f"Tải {title}").click()
            taken.value.save_as(tmp_path / "file")
            assert (tmp_path / "file").read_bytes().startswith(start), title
