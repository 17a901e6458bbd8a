"""Messages about an imported table and its rows, in the reader's language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.core.imports.row_uses import RowUse
from coordinator.translation import N_, NP_, _, counted, language
from coordinator.web.desk.core.journal_labels import subject_label
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import FIELD_ERROR_MESSAGES

# {value} is the value quoted in the row's English message; {row} is the other row that it names, if any.
ROW_PROBLEMS: Mapping[str, str] = {
    "required": N_("Để trống, mà mục này bắt buộc"),
    "column": N_("Tệp không có cột này"),
    "too_long": N_("Dài quá mức cho phép"),
    "date": N_("{value} không phải ngày; ghi ngày/tháng/năm, ví dụ 04/03/2023"),
    "day_number": N_("{value} là số ngày của Excel, chưa rõ tính từ 1900 hay 1904; định dạng lại cột thành ngày"),
    "kind": N_("{value} không phải loại đã biết; ghi Trang tổng hợp hoặc Mạng xã hội"),
    "tax_code": N_("{value} không phải mã số thuế; cần 10 chữ số, hoặc thêm gạch nối và 3 chữ số"),
    "tax_code_short": N_("{value} chỉ có 9 chữ số, có thể đã mất số 0 ở đầu; ghi đủ 10 chữ số, định dạng ô là văn bản"),
    "domain": N_("{value} không phải tên miền; ghi dạng tin.example.vn"),
    "url": N_("{value} không phải địa chỉ; bắt đầu bằng http:// hoặc https://"),
    "too_many_parts": N_("Các dòng phía trên đã có quá nhiều tên miền, trang và lĩnh vực; chia thành nhiều tệp"),
    "before_issue": N_("Ngày hết hạn trước ngày cấp"),
    "licence_taken": N_("Số giấy phép này đang thuộc doanh nghiệp khác{row} ({value})"),
    "domain_taken": N_("Tên miền này đã thuộc doanh nghiệp khác{row} trong tệp ({value})"),
    "site_taken": N_("Tên miền này đã thuộc doanh nghiệp khác trong danh bạ"),
    "tax_code_other": N_("{value} khác mã số thuế đã ghi của chính doanh nghiệp này{row}; mỗi doanh nghiệp có một mã"),
    "formula": N_("{value} là công thức chưa có giá trị trong tệp; mở bằng Excel, dán lại dưới dạng giá trị"),
    "formula_error": N_("{value} là lỗi công thức của Excel; ghi giá trị thật vào ô"),
    "status": N_("{value} không phải trạng thái đã biết; ghi Còn hiệu lực, Hết hiệu lực, Thu hồi, hoặc để trống"),
    "contradiction": N_("Khác với giấy phép cùng số{row}; sửa số hoặc sửa cho hai dòng giống nhau"),
    "ended_without_date": N_("Trạng thái ghi {value} mà ngày còn hiệu lực; ghi ngày kết thúc vào cột Ngày hết hạn"),
    "partner_taken": N_("Đã có đối tác khác mang mã này"),
    "unknown_topic": N_("{value} không phải chuyên đề đang có; ghi tên hoặc mã như ở trang Chuyên đề"),
    "unknown_bulletin": N_("{value} không phải bản tin đã nhập; ghi mã, số hiệu hoặc địa chỉ của bản tin"),
    "bad_bulletin": N_("Dòng của bản tin {value} có lỗi; sửa dòng đó trước"),
    "own_bulletin": N_("Bản tin này phát bằng phần mềm: bản tin và bài đăng lại đã được tính, không nhập ở đây"),
    "day_ahead": N_("Ngày chưa tới hoặc là hôm nay; chỉ nhập những ngày đã qua"),
    "after_start": N_("Ngày này phần mềm đã được dùng; chỉ nhập những ngày trước đó"),
    "before_bulletin": N_("Ngày đăng lại trước ngày phát hành của bản tin"),
    "repeated": N_("Trùng với một dòng khác trong tệp{row}"),
    "number_taken": N_("Số hiệu {value} đã thuộc bản tin khác{row}"),
    "differs": N_("Đã nhập từ trước với nội dung khác; hoàn tác lần nhập đó rồi nhập lại"),
    "over_total": N_("Thêm dòng này thì số dòng của kỳ nhiều hơn tổng số đã nhập"),
    "total_less": N_("Tổng số nhỏ hơn số dòng của chính kỳ đó"),
    "figure": N_("{value} không phải số nguyên; ghi 12500 hoặc 12.500"),
    "metric": N_("{value} không phải chỉ tiêu; ghi Bản tin, Lượt lan tỏa, Đối tác hoặc Lượt xem"),
    "period": N_("{value} không phải một kỳ; ghi Quý III/2025, tháng 8/2025, năm 2025 hoặc 01/07/2025 - 30/09/2025"),
    "amount_words": N_("{value} không phải chữ số; ghi bằng chữ số, ví dụ 15 triệu là 15000000"),
    "case_known": N_("Vụ việc này đã có, với căn cứ hoặc quyết định khác; sửa ở trang của vụ việc đó"),
    "decision_known": N_("Quyết định {value} của cơ quan này đã có{row}"),
    "word_subject_kind": N_("{value} không rõ loại đối tượng; ghi Tổ chức hoặc Cá nhân"),
    "word_origin": N_("{value} không rõ phát hiện qua đâu; ghi Quy tắc, Kiểm tra hoặc Phản ánh"),
    "word_form": N_(
        "{value} không phải hình thức đã biết; ghi Nhắc nhở, Đã khắc phục, Chuyển thanh tra, Phạt tiền hoặc Quyết định "
        "khác"
    ),
}

FILE_PROBLEMS: Mapping[str, str] = {
    "file_too_big": N_("tệp quá lớn, hãy chia thành nhiều tệp."),
    "encoding": N_("chữ trong tệp không phải UTF-8; hãy lưu lại dạng UTF-8."),
    "old_format": N_("đây là tệp Excel kiểu cũ (.xls); hãy lưu lại thành .xlsx."),
    "suffix": N_("chỉ đọc được tệp .xlsx, .csv và .json."),
    "no_headings": N_("không thấy hàng tên cột."),
    "empty": N_("tệp không có dòng nào."),
    "json": N_("nội dung JSON không đúng cú pháp."),
    "json_shape": N_("JSON phải là danh sách các đối tượng có tên trường."),
    "json_lists": N_("tệp JSON có danh sách lạ; chỉ đọc các danh sách bulletins, copies và totals."),
    "damaged": N_("tệp bị hỏng; hãy mở và lưu lại rồi thử tiếp."),
    "too_heavy": N_("đọc tệp này tốn quá nhiều bộ nhớ hoặc thời gian; hãy sao chép riêng bảng cần nhập sang tệp mới."),
    "ended_process": N_("hai lần đọc tệp này thì tiến trình đều tắt, nên đã dừng; hãy sao chép bảng sang tệp mới."),
    "busy_reading": N_("máy đang đọc tệp khác; hãy thử lại sau một phút."),
    "too_many_rows": N_("tệp có quá nhiều dòng; hãy chia thành nhiều tệp."),
    "long_cell": N_("có ô dài bất thường."),
    "password_protected": N_("tệp đặt mật khẩu; hãy bỏ mật khẩu rồi thử lại."),
    "not_excel": N_("tệp mang đuôi .xlsx nhưng không phải tệp Excel."),
    "csv": N_("tệp CSV không đúng cách phân cột."),
    "doctype": N_("tệp có phần khai báo lạ nên không được đọc."),
    "too_big_unpacked": N_("nội dung bung ra quá lớn nên không được đọc."),
    "no_columns": N_("không nhận ra cột nào của tệp; đặt tên cột theo mẫu."),
    "no_rows": N_("dưới hàng tên cột không có dòng nào; kiểm tra lại tên cột theo mẫu."),
    "too_wide": N_("bảng có quá nhiều hàng hoặc cột."),
}


NOTE_LABELS: Mapping[str, str] = {
    "tax_code": N_("Đã trả lại số 0 ở đầu mã số thuế mà tệp làm mất (chữ số kiểm tra khớp)"),
    "issuer": N_("Không ghi cơ quan cấp; đã để “Chưa rõ cơ quan cấp”"),
    "spelled": N_("Tên doanh nghiệp viết khác nhau giữa các dòng; được coi là một doanh nghiệp"),
    "renamed": N_("Cùng mã số thuế nhưng khác tên; được coi là một doanh nghiệp, giữ tên gặp đầu tiên"),
    "joined": N_("Cùng số giấy phép với một dòng phía trên; tên miền được gộp vào giấy phép đó"),
    "repeated": N_("Trùng với một dòng phía trên, không thêm gì mới"),
}
MOST_NAMED = 5  # row numbers and sheets named in a sentence


def row_problem_message(code: str, message: str) -> str:
    """Return the error of a row in the reader's language."""
    labelled = ROW_PROBLEMS.get(code) or FIELD_ERROR_MESSAGES.get(code)
    if labelled is None:
        return message
    other = re.search(r"\bin row (\d+)", message)
    sentence = _(labelled).replace("{row}", _(" ở dòng %(row)s", row=other[1]) if other else "")
    quoted = re.search(r"""(['"])(.*?)\1(?=[ ,;.]|$)""", message)  # such a name is quoted with the other mark
    if "{value}" not in sentence:
        return sentence
    if quoted is None:
        return message
    return sentence.format(value=f"“{quoted[2]}”")


# By table: rows that refer to what an import has added.
USE_LABELS: Mapping[str, str] = {
    "agreements": N_("văn bản chấp thuận"),
    "case_decisions": N_("quyết định xử lý"),
    "case_files": N_("tệp bằng chứng"),
    "cases": NP_("rests on an import", "vụ việc"),
    "channels": N_("kênh"),
    "companies": N_("đối tác đã gộp vào"),
    "editors": N_("người vào cổng"),
    "feed_fetches": N_("lần lấy tin"),
    "findings": NP_("rests on an import", "nghi vấn"),
    "inspections": N_("lần xem trang chủ"),
    "journal": N_("việc làm sau lần nhập"),
    "keys": NP_("rests on an import", "khóa"),
    "licence_versions": N_("lần đổi giấy phép"),
    "licences": N_("giấy phép"),
    "not_duplicates": N_("lần ghi là hai đối tác khác nhau"),
    "notice_addressees": N_("thông báo đã gửi"),
    "notice_read_receipts": N_("lần đọc thông báo"),
    "notice_receivers": N_("thông báo gửi riêng"),
    "page_reports": N_("trang đã báo"),
    "page_snapshots": N_("trang đã lưu"),
    "pages": N_("địa chỉ bài đã thấy"),
    "questions": N_("câu hỏi"),
    "reported_copies": N_("bài đăng lại trong số liệu trước"),
    "republications": N_("bài đăng lại"),
    "site_pictures": N_("ảnh đã xem trên trang"),
    "sites": N_("trang"),
    "social_posts": N_("bài trên mạng xã hội"),
    "sources": NP_("rests on an import", "nguồn"),
    "surveys": N_("lần tìm nguồn"),
    "teasers": N_("bài chỉ giới thiệu bản tin"),
    "template_pages": N_("trang dùng để so phần lặp lại"),
}


def use_label(use: RowUse) -> str:
    """Return what rests on an import, so that it cannot be undone."""
    if use.by == "briefing_versions":
        return _("báo cáo của %(period)s đã chốt sau lần nhập", period=use.name)
    if use.by == "import_runs":
        return _("lần nhập này được ghi bằng bản phần mềm chưa giữ dữ liệu để hoàn tác")
    count = formats.number(use.count, language())
    return _(
        "%(kind)s %(name)s đã có %(count)s %(what)s",
        kind=subject_label(use.kind), name=use.name, what=_(USE_LABELS[use.by]), count=count,
    )  # fmt: skip


@dataclass(frozen=True)
class ImportNote:
    """One kind of note: its text, the number of rows with it, and the numbers of the first ones."""

    words: str
    count: int
    rows: str


def import_notes(notes: Mapping[str, Any]) -> list[ImportNote]:
    """Return the changes made to accepted rows, by kind, the most frequent first."""
    messages = {code: message for _row, code, message in reversed(notes.get("notes", []))}
    firsts: Mapping[str, Sequence[int]] = notes.get("firsts", {})
    lines = []
    for code, count in sorted(notes.get("noted", {}).items(), key=lambda pair: (-pair[1], pair[0])):
        rows = [formats.number(number, language()) for number in firsts.get(code, ())]
        words = _(NOTE_LABELS[code]) if code in NOTE_LABELS else messages.get(code, code)
        lines.append(ImportNote(words, count, _name_list(rows)))
    return lines


def failure_message(code: str, message: str) -> str:
    """Return why a file cannot be read, or why its import ended."""
    if code == "program":
        sentence = _(
            "Chương trình gặp lỗi khi nhập tệp này. Dòng đã ghi không mất; nhập lại cùng tệp không tạo bản thứ hai."
        )
        return f"{sentence} ({message})"
    known = FILE_PROBLEMS.get(code)
    if known is None:
        return message
    # Where in the file: the part of a workbook, or row and column, as the reader's message names them.
    place = re.search(r"xl/[^\s:;,]{1,80}|\brow \d+, column '[^']{1,80}'", message)
    if place is None:
        return _(known)
    where = place[0].replace("row", _("dòng")).replace("column", _("cột"))
    return f"{_(known)} ({where})"


def reading_notes(notes: Mapping[str, Any]) -> list[str]:
    """Return notes on how the file was read: merged cells filled; rows, sheets and formulas left out."""
    sentences = []
    if notes.get("spread"):
        count = formats.number(notes["spread"], language())
        sentences.append(_("Ô gộp: %(count)s ô được điền theo giá trị của ô gộp chứa nó.", count=count))
    if groups := notes.get("groups"):
        shown = _name_list([formats.number(number, language()) for number in groups])
        sentences.append(
            counted(
                "%(count)s dòng là tiêu đề nhóm (một ô gộp ngang) nên bỏ qua: dòng %(rows)s.",
                len(groups),
                count=formats.number(len(groups), language()),
                rows=shown,
            )
        )
    if heads := notes.get("heads"):
        shown = _name_list([formats.number(number, language()) for number in heads])
        sentences.append(_("Bỏ qua dòng nhắc lại tên cột hoặc đánh số cột: dòng %(rows)s.", rows=shown))
    if sums := notes.get("sums"):
        shown = _name_list([formats.number(number, language()) for number in sums])
        sentences.append(_("Bỏ qua dòng tổng cộng: dòng %(rows)s.", rows=shown))
    if notes.get("concealed"):
        count = formats.number(notes["concealed"], language())
        sentences.append(_("%(count)s dòng đang bị ẩn trong Excel vẫn được đọc như các dòng khác.", count=count))
    if notes.get("others"):
        names = _name_list(notes["others"])
        sentences.append(_("Chỉ đọc trang tính “%(sheet)s”; không đọc: %(names)s.", sheet=notes["sheet"], names=names))
    if notes.get("hidden"):
        sentences.append(_("Trang tính bị ẩn, không đọc: %(names)s.", names=_name_list(notes["hidden"])))
    if notes.get("unknown"):
        names = _name_list([f"“{name}”" for name in notes["unknown"]])
        sentences.append(_("Cột không nhận ra nên không đọc: %(names)s.", names=names))
    if notes.get("unvalued"):
        count = formats.number(notes["unvalued"], language())
        sentences.append(
            _(
                "%(count)s công thức không có giá trị lưu trong tệp hoặc báo lỗi. Dòng cần tới ô đó là dòng lỗi; mở "
                "tệp bằng Excel, lưu lại rồi nhập lại để có đủ.",
                count=count,
            )
        )
    return sentences


def _name_list(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + ("…" if len(names) > MOST_NAMED else "")
