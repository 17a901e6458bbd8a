"""What is wrong with a register or one of its rows, for the people who mend it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import ngettext

from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.sentences import FIELD_ERRORS

# {value} is what stands in the cell, where the row's own message quotes it; {row} the other row, where it names one.
ROWS: Mapping[str, str] = {
    "required": "Để trống, mà mục này bắt buộc",
    "column": "Tệp không có cột này, nên không phải sổ giấy phép",
    "too_long": "Dài quá mức cho phép",
    "date": "{value} không phải ngày; ghi ngày/tháng/năm, ví dụ 04/03/2023",
    "day_number": "{value} là số ngày của Excel, chưa rõ tính từ 1900 hay 1904; định dạng lại cột thành ngày",
    "kind": "{value} không phải loại đã biết; ghi Trang tổng hợp hoặc Mạng xã hội",
    "tax_code": "{value} không phải mã số thuế; cần 10 chữ số, hoặc thêm gạch nối và 3 chữ số",
    "tax_code_short": "{value} chỉ có 9 chữ số, có thể đã mất số 0 ở đầu; ghi đủ 10 chữ số, định dạng ô là văn bản",
    "domain": "{value} không phải tên miền; ghi dạng tin.example.vn",
    "url": "{value} không phải địa chỉ; bắt đầu bằng http:// hoặc https://",
    "before_issue": "Ngày hết hạn trước ngày cấp",
    "licence_taken": "Số giấy phép này đang thuộc doanh nghiệp khác{row} ({value})",
    "domain_taken": "Tên miền này đã thuộc doanh nghiệp khác{row} trong tệp ({value})",
    "site_taken": "Tên miền này đã thuộc doanh nghiệp khác trong danh bạ",
    "tax_code_other": "{value} khác mã số thuế đã ghi của chính doanh nghiệp này{row}; mỗi doanh nghiệp có một mã",
    "formula": "{value} là công thức chưa có giá trị trong tệp; mở bằng Excel, dán lại dưới dạng giá trị",
    "formula_error": "{value} là lỗi công thức của Excel; ghi giá trị thật vào ô",
    "status": "{value} không phải trạng thái đã biết; ghi Còn hiệu lực, Hết hiệu lực, Thu hồi, hoặc để trống",
    "contradiction": "Khác với giấy phép cùng số{row}; sửa số hoặc sửa cho hai dòng giống nhau",
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


NOTES: Mapping[str, Callable[[], str]] = {
    "tax_code": lambda: _("Đã trả lại số 0 ở đầu mã số thuế mà tệp làm mất (chữ số kiểm tra khớp)"),
    "issuer": lambda: _("Không ghi cơ quan cấp; đã để “Chưa rõ cơ quan cấp”"),
    "spelled": lambda: _("Tên doanh nghiệp viết khác nhau giữa các dòng; được coi là một doanh nghiệp"),
    "renamed": lambda: _("Cùng mã số thuế nhưng khác tên; được coi là một doanh nghiệp, giữ tên gặp đầu tiên"),
    "joined": lambda: _("Cùng số giấy phép với một dòng phía trên; tên miền được gộp vào giấy phép đó"),
    "repeated": lambda: _("Trùng với một dòng phía trên, không thêm gì mới"),
}
FEW = 5  # row numbers and sheets named in a sentence


def problem(code: str, message: str) -> str:
    """What is wrong with a row, in the reader's language."""
    sentence = ROWS.get(code) or FIELD_ERRORS.get(code)
    if sentence is None or language() == "en":
        return message
    other = re.search(r"\bin row (\d+)", message)
    sentence = sentence.replace("{row}", f" ở dòng {other[1]}" if other else "")
    quoted = re.search(r"""(['"])(.*?)\1(?=[ ,;.]|$)""", message)  # a name with one kind of mark stands in the other
    if "{value}" not in sentence:
        return sentence
    if quoted is None:
        return message
    return sentence.format(value=f"“{quoted[2]}”")


@dataclass(frozen=True)
class NoteLine:
    """What was done to many rows alike: in words, to how many, and the first of them as a sentence names them."""

    words: str
    count: int
    rows: str


def notes_words(told: Mapping[str, Any]) -> list[NoteLine]:
    """What was done to rows that were taken, a line a kind, the most frequent first."""
    messages = {code: message for _row, code, message in reversed(told.get("notes", []))}
    firsts: Mapping[str, Sequence[int]] = told.get("firsts") or _firsts(told)
    lines = []
    for code, count in sorted(told.get("noted", {}).items(), key=lambda pair: (-pair[1], pair[0])):
        rows = [formats.number(number, language()) for number in firsts.get(code, ())]
        words = NOTES[code]() if code in NOTES else messages.get(code, code)
        lines.append(NoteLine(words, count, _few(rows)))
    return lines


def _firsts(told: Mapping[str, Any]) -> Mapping[str, Sequence[int]]:
    """The same of an import that was checked before the first rows of each kind were kept."""
    firsts: dict[str, list[int]] = {}
    for row, code, _message in told.get("notes", []):
        firsts.setdefault(code, []).append(row)
    return firsts


def failure(code: str, message: str) -> str:
    """Why a file cannot be read at all, or what else ended its import."""
    if code == "program":
        said = _(
            "Chương trình gặp lỗi khi nhập tệp này. Dòng đã ghi không mất; nhập lại cùng tệp không tạo bản thứ hai."
        )
        return f"{said} ({message})"
    sentence = FILES.get(code)
    return message if sentence is None or language() == "en" else sentence


def told_words(told: Mapping[str, Any]) -> list[str]:
    """What the reader should know of how the file was read."""
    said = []
    if told.get("spread"):
        count = formats.number(told["spread"], language())
        said.append(_("Ô gộp: %(count)s ô được điền theo giá trị của ô gộp chứa nó.", count=count))
    if groups := told.get("groups"):
        shown = _few([formats.number(number, language()) for number in groups])
        said.append(
            ngettext(
                "%(count)s dòng là tiêu đề nhóm (một ô gộp ngang) nên bỏ qua: dòng %(rows)s.",
                "%(count)s dòng là tiêu đề nhóm (một ô gộp ngang) nên bỏ qua: dòng %(rows)s.",
                len(groups),
                count=formats.number(len(groups), language()),
                rows=shown,
            )
        )
    if heads := told.get("heads"):
        shown = _few([formats.number(number, language()) for number in heads])
        said.append(_("Bỏ qua dòng nhắc lại tên cột hoặc đánh số cột: dòng %(rows)s.", rows=shown))
    if told.get("concealed"):
        count = formats.number(told["concealed"], language())
        said.append(_("%(count)s dòng đang bị ẩn trong Excel vẫn được đọc như các dòng khác.", count=count))
    if told.get("others"):
        names = _few(told["others"])
        said.append(_("Chỉ đọc trang tính “%(sheet)s”; không đọc: %(names)s.", sheet=told["sheet"], names=names))
    if told.get("hidden"):
        said.append(_("Trang tính bị ẩn, không đọc: %(names)s.", names=_few(told["hidden"])))
    if told.get("unvalued"):
        count = formats.number(told["unvalued"], language())
        said.append(
            _(
                "%(count)s công thức không có giá trị lưu trong tệp hoặc báo lỗi. Dòng cần tới ô đó là dòng lỗi; mở "
                "tệp bằng Excel, lưu lại rồi nhập lại để có đủ.",
                count=count,
            )
        )
    return said


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:FEW]) + ("…" if len(names) > FEW else "")
