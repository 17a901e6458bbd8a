"""A whole register with its errors, as the person who uploads it sees it: row, column and a fitting message."""

import re

from campaigns.partners.register.columns import REGISTER
from campaigns.people.staff import Role
from coordinator.imports.tables.table_reader import parse_table
from coordinator.web.desk.core.table_imports import REGISTER_PAGES
from tests.coordinator.imports.tables.register_files import DEEP_LETTERS, office_workbook
from tests.coordinator.imports.tables.test_city_register import BOOKS, planted
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.desk.partners.test_register_import import hand_in, work

# The message for each kind of error.
SAID = {
    "date": "không phải ngày; ghi ngày/tháng/năm",
    "day_number": "là số ngày của Excel",
    "before_issue": "Ngày hết hạn trước ngày cấp",
    "required": "Để trống, mà mục này bắt buộc",
    "too_long": "Dài quá mức cho phép",
    "tax_code": "không phải mã số thuế; cần 10 chữ số",
    "tax_code_short": "chỉ có 9 chữ số, có thể đã mất số 0 ở đầu",
    "tax_code_other": "khác mã số thuế đã ghi của chính doanh nghiệp này ở dòng ",
    "domain": "không phải tên miền; ghi dạng tin.example.vn",
    "kind": "không phải loại đã biết; ghi Trang tổng hợp hoặc Mạng xã hội",
    "url": "không phải địa chỉ; bắt đầu bằng http",
    "status": "không phải trạng thái đã biết",
    "formula": "là công thức chưa có giá trị trong tệp",
    "formula_error": "là lỗi công thức của Excel",
    "licence_taken": "Số giấy phép này đang thuộc doanh nghiệp khác ở dòng ",
    "contradiction": "Khác với giấy phép cùng số ở dòng ",
    "domain_taken": "Tên miền này đã thuộc doanh nghiệp khác ở dòng ",
    "ended_without_date": "mà ngày còn hiệu lực; ghi ngày kết thúc vào cột Ngày hết hạn",
}


def test_every_fault_of_a_whole_register_is_reported_in_vietnamese_with_its_row_and_column(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    register = planted(BOOKS[0])
    body, numbers = office_workbook(register)
    path = hand_in(desk, body, "so.xlsx")
    work(desk)
    page = Page(desk.get(path))
    assert page.has("7 dòng đang bị ẩn trong Excel vẫn được đọc")
    assert page.has("Bỏ qua dòng nhắc lại tên cột hoặc đánh số cột: dòng 7, 159, 313, 466, 619.")
    rows = parse_table("x.xlsx", desk.client.get(f"{path}/errors.xlsx").data, knows=REGISTER.headings.field_of).rows
    values = {int(row.cells["Dòng trong tệp"]): row.cells["Lỗi"] for row in rows}
    for place, field, code in register.refused():
        wanted = f"{REGISTER_PAGES.headings[field]} (cột {DEEP_LETTERS[field]}): "
        lines = [line for line in values[numbers[place]].split("\n") if line.startswith(wanted)]
        assert any(SAID[code] in line for line in lines), (numbers[place], field, code, values[numbers[place]])
        assert not any(re.search(r"expected|is not|\{value", line) for line in lines), lines
    bad = {numbers[place] for place, _field, _code in register.refused()}
    assert set(values) - bad == {max(numbers.values()) + 3}, "the line for a signature"
