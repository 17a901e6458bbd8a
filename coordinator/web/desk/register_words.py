"""What is wrong with a register or one of its rows, for the people who mend it."""

import re
from collections.abc import Mapping

from campaigns.core.errors import CampaignError
from campaigns.partners.register import RejectedRow
from coordinator.web.look import language
from coordinator.web.sentences import FIELD_ERRORS, error_sentence

# {value} is what stands in the cell, where the row's own message quotes it.
ROWS: Mapping[str, str] = {
    "required": "Để trống, mà mục này bắt buộc",
    "column": "Tệp không có cột này, nên không phải sổ giấy phép",
    "too_long": "Dài quá mức cho phép",
    "date": "{value} không phải ngày; ghi ngày/tháng/năm, ví dụ 04/03/2023",
    "kind": "{value} không phải loại đã biết; ghi Trang tổng hợp hoặc Mạng xã hội",
    "tax_code": "{value} không phải mã số thuế; cần 10 chữ số, hoặc thêm gạch nối và 3 chữ số",
    "domain": "{value} không phải tên miền; ghi dạng tin.example.vn",
    "url": "{value} không phải địa chỉ; bắt đầu bằng http:// hoặc https://",
    "before_issue": "Ngày hết hạn trước ngày cấp",
    "licence_taken": "Số giấy phép này đang thuộc doanh nghiệp khác ({value})",
    "domain_taken": "Tên miền này đã thuộc doanh nghiệp khác trong tệp ({value})",
    "site_taken": "Tên miền này đã thuộc doanh nghiệp khác trong danh bạ",
    "contradiction": "Khác với dòng phía trên của cùng giấy phép",
    "ended_without_date": "Trạng thái ghi {value} mà ngày còn hiệu lực; ghi ngày kết thúc vào cột Ngày hết hạn",
    "partner_taken": "Đã có đối tác khác mang mã này",
}

FILES: Mapping[str, str] = {
    "file_too_big": "tệp quá lớn, hãy chia thành nhiều tệp.",
    "encoding": "chữ trong tệp không phải UTF-8; hãy lưu lại dạng UTF-8.",
    "old_format": "đây là tệp Excel kiểu cũ (.xls); hãy lưu lại thành .xlsx.",
    "suffix": "chỉ đọc được tệp .xlsx, .csv và .json.",
    "no_headings": "không thấy hàng tên cột.",
    "empty": "tệp không có dòng nào.",
    "json": "nội dung JSON không đúng cú pháp.",
    "json_shape": "JSON phải là danh sách các đối tượng có tên trường.",
    "damaged": "tệp bị hỏng; hãy mở và lưu lại rồi thử tiếp.",
    "password_protected": "tệp đặt mật khẩu; hãy bỏ mật khẩu rồi thử lại.",
    "not_excel": "tệp mang đuôi .xlsx nhưng không phải tệp Excel.",
    "csv": "tệp CSV không đúng cách phân cột.",
    "doctype": "tệp có phần khai báo lạ nên không được đọc.",
    "too_big_unpacked": "nội dung bung ra quá lớn nên không được đọc.",
    "too_wide": "bảng có quá nhiều cột.",
}


def rejection(row: RejectedRow) -> str:
    """Why a row was not taken, in the reader's language."""
    sentence = ROWS.get(row.code) or FIELD_ERRORS.get(row.code)
    if sentence is None or language() == "en":
        return row.message
    quoted = re.search(r"'([^']*)'", row.message)
    if "{value}" not in sentence:
        return sentence
    if quoted is None:
        return row.message
    return sentence.format(value=f"“{quoted[1]}”")


def unreadable(error: CampaignError) -> str:
    """Why a file cannot be read at all, in the reader's language."""
    sentence = FILES.get(error.code)
    return sentence if sentence is not None and language() != "en" else error_sentence(error, language())
