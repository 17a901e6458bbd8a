"""The register's columns chosen by hand, and the bad rows taken home as a sheet."""

import io

from campaigns.people.staff import Role
from coordinator.imports.sheets import read_sheet
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.reading import Page
from tests.coordinator.web.desk.test_partners import companies, upload

STRANGE = (
    "Cột A,Giấy số,Ngày ký,Nơi đăng\n"
    "Công ty Sao Mai,10/GP-TTĐT,04/03/2023,saomai.example.vn\n"
    "Công ty Sao Hôm,11/GP-TTĐT,hôm nào đó,saohom.example.vn\n"
)
CHOSEN = {"Cột A": "company_name", "Giấy số": "licence_number", "Ngày ký": "issued_on", "Nơi đăng": "domains"}


def sent(page: Page) -> dict[str, str]:
    """The file as the page's forms carry it, with the columns as they were chosen."""
    fields = {name: page.value(name) for name in ("name", "body")}
    for number, (heading, field) in enumerate(CHOSEN.items(), start=1):
        fields |= {f"heading.{number}": heading, f"field.{number}": field}
    return fields


def test_columns_under_strange_names_are_chosen_by_hand(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    page = upload(desk, STRANGE)
    assert page.has("Chưa thấy cột bắt buộc: Tên doanh nghiệp, Số giấy phép, Tên miền")
    assert [row[0] for row in page.rows("Cột trong tệp")] == list(CHOSEN)
    again = Page(desk.post("/desk/partners/_register", sent(page)).text)
    assert not again.has("Chưa thấy cột bắt buộc")
    assert again.has("Nhập 1 dòng tốt, bỏ 1 dòng lỗi")
    assert companies(desk) == []
    answer = desk.post("/desk/partners/_register/import", sent(again) | {"skip_bad": "1"})
    assert answer.status_code == 303
    assert companies(desk) == ["Công ty Sao Mai"]


def test_a_column_may_be_left_out(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    page = upload(desk, STRANGE)
    fields = sent(page) | {"field.4": ""}
    again = Page(desk.post("/desk/partners/_register", fields).text)
    assert again.has("Chưa thấy cột bắt buộc: Tên miền")


def test_a_field_nobody_knows_is_no_field(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    page = upload(desk, STRANGE)
    again = Page(desk.post("/desk/partners/_register", sent(page) | {"field.1": "__class__"}).text)
    assert again.has("Chưa thấy cột bắt buộc: Tên doanh nghiệp")


def test_bad_rows_come_back_as_a_sheet_with_their_numbers_and_reasons_and_can_be_brought_again(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    page = upload(desk, STRANGE)
    answer = desk.post("/desk/partners/_register/errors.xlsx", sent(page))
    assert answer.headers["Content-Disposition"].endswith('filename="dong-loi.xlsx"')
    (row,) = read_sheet("x.xlsx", answer.data, knows=lambda heading: heading in CHOSEN)
    assert row.cells["Cột A"] == "Công ty Sao Hôm"
    assert row.cells["Dòng trong tệp"] == "3"
    assert "“hôm nào đó” không phải ngày" in row.cells["Lỗi"]
    file = (io.BytesIO(answer.data), "so-dong-loi.xlsx")
    again = desk.post("/desk/partners/_register", {"file": file}, content_type="multipart/form-data")
    assert Page(again.text).heading == "Kết quả thử"


def test_a_cell_that_looks_like_a_formula_stays_text(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    page = upload(desk, STRANGE.replace("Công ty Sao Hôm", "=1+1"))
    answer = desk.post("/desk/partners/_register/errors.xlsx", sent(page))
    (row,) = read_sheet("x.xlsx", answer.data, knows=lambda heading: heading in CHOSEN)
    assert row.cells["Cột A"] == "=1+1"
