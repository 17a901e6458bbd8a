"""The columns of a spreadsheet of cases, as offices name them."""

from collections.abc import Mapping
from typing import Final

from campaigns.compliance.cases.amounts import parse_amount
from campaigns.compliance.cases.cases import CaseOrigin, DecisionForm, SubjectKind
from campaigns.core.imports.cells import cell_text, first_words, one_of, parse_day
from campaigns.core.imports.columns import Column, TableColumns
from campaigns.partners.register.cells import parse_page_address, parse_tax_code

# The words for each value; the first is what the template offers.
KIND_WORDS: Final[Mapping[SubjectKind, tuple[str, ...]]] = {
    SubjectKind.ORGANISATION: ("Tổ chức", "doanh nghiep", "cong ty", "don vi", "organisation"),
    SubjectKind.PERSON: ("Cá nhân", "nguoi", "person"),
}
ORIGIN_WORDS: Final[Mapping[CaseOrigin, tuple[str, ...]]] = {
    CaseOrigin.INSPECTION: ("Kiểm tra", "thanh tra", "kiem tra, thanh tra", "inspection"),
    CaseOrigin.RULE: ("Quy tắc", "theo quy tac", "giam sat", "rule"),
    CaseOrigin.COMPLAINT: ("Phản ánh", "khieu nai", "phan anh, khieu nai", "to cao", "complaint"),
}
FORM_WORDS: Final[Mapping[DecisionForm, tuple[str, ...]]] = {
    DecisionForm.REMINDER: ("Nhắc nhở", "nhac nho bang cong van", "cong van nhac", "reminder"),
    DecisionForm.MENDED: ("Đã khắc phục", "khac phuc", "mended"),
    DecisionForm.HANDED: ("Chuyển thanh tra", "chuyen xu ly", "handed"),
    DecisionForm.FINE: ("Phạt tiền", "phat", "xu phat", "fine"),
    DecisionForm.OTHER: ("Quyết định khác", "canh cao", "quyet dinh khong phat tien", "dinh chi", "other"),
}


CASES: Final = TableColumns("Vụ việc", (
    Column(
        "subject_kind", "Loại đối tượng", "Tổ chức hoặc Cá nhân.", "Tổ chức",
        one_of(KIND_WORDS, "word_subject_kind"), needed=True, choices=first_words(KIND_WORDS),
        others="doi tuong, loai, to chuc ca nhan, kind, subject",
    ),
    Column(
        "name", "Tên tổ chức, cá nhân", "Tên đầy đủ; đối tác có trong danh bạ thì ghi đúng tên trong danh bạ.",
        "Công ty cổ phần Truyền thông Sao Khuê", cell_text, needed=True,
        others="ten, ten to chuc, ten ca nhan, ho ten, ho va ten, ten doi tuong, ten doanh nghiep, don vi",
    ),
    Column(
        "tax_code", "Mã số thuế", "Của tổ chức; cần khi tổ chức không có trong danh bạ. Định dạng ô là văn bản.",
        "0109876543", lambda text: parse_tax_code(text) or "", others="mst, ma so doanh nghiep",
    ),
    Column(
        "mark", "Để phân biệt", "Với cá nhân trùng tên: năm sinh hoặc nơi ở. Không công bố.", "1990",
        cell_text, others="nam sinh, noi o, dia chi",
    ),
    Column(
        "site", "Trang", "Tên miền của trang có trong danh bạ.", "saokhue.example.vn",
        cell_text, others="ten mien, trang thong tin, website, domain",
    ),
    Column(
        "account_url", "Tài khoản mạng xã hội", "Địa chỉ đầy đủ của tài khoản, trang mạng xã hội.",
        "https://mxh.example.vn/saokhue", parse_page_address,
        others="tai khoan, dia chi tai khoan, mang xa hoi, account, url",
    ),
    Column(
        "origin", "Phát hiện qua", "Quy tắc, Kiểm tra hoặc Phản ánh; để trống là Kiểm tra.", "Kiểm tra",
        one_of(ORIGIN_WORDS, "word_origin"), choices=first_words(ORIGIN_WORDS),
        others="nguon phat hien, nguon, phat hien",
    ),
    Column(
        "fault", "Lỗi vi phạm", "Vài chữ dùng chung để đếm, không ghi tên người.", "Không lưu trữ dữ liệu thành viên",
        cell_text, needed=True, others="loi, hanh vi, hanh vi vi pham, loi vi pham hanh chinh",
    ),
    Column(
        "fault_on", "Ngày vi phạm", "Ngày/tháng/năm.", "05/10/2026", parse_day, needed=True,
        others="ngay phat hien, ngay xay ra, thoi diem vi pham",
    ),
    Column(
        "what", "Nội dung", "Điều đã phát hiện; để trống thì lấy lỗi vi phạm.",
        "Mạng xã hội không lưu dữ liệu thành viên trong 02 năm.", str.strip,
        others="noi dung vi pham, mo ta, chi tiet, dien bien",
    ),
    Column(
        "basis", "Căn cứ pháp lý", "Điều, khoản của văn bản.", "Khoản 2 Điều 100 Nghị định 15/2020/NĐ-CP",
        cell_text, others="can cu, dieu khoan, phap ly",
    ),
    Column(
        "form", "Hình thức xử lý",
        "Nhắc nhở, Đã khắc phục, Chuyển thanh tra, Phạt tiền, Quyết định khác; để trống khi chưa xử lý.", "Phạt tiền",
        one_of(FORM_WORDS, "word_form"), choices=first_words(FORM_WORDS),
        others="hinh thuc, xu ly, ket qua, ket qua xu ly",
    ),
    Column(
        "number", "Số quyết định", "Số và ký hiệu của quyết định hoặc công văn.", "123/QĐ-XPHC",
        cell_text, others="so, so van ban, so qd, quyet dinh so, quyet dinh",
    ),
    Column(
        "authority", "Cơ quan quyết định", "Cơ quan ra quyết định.", "Thanh tra Sở",
        cell_text, others="co quan, co quan ban hanh, co quan xu phat, noi ban hanh",
    ),
    Column(
        "on", "Ngày quyết định", "Ngày/tháng/năm.", "10/11/2026",
        parse_day, others="ngay ban hanh, ngay ky, ngay xu ly, ngay xu phat, ngay van ban",
    ),
    Column(
        "amount", "Số tiền phạt", "Bằng chữ số, tính bằng đồng: 15000000 hoặc 15.000.000.", "15.000.000",
        parse_amount, others="so tien, tien phat, muc phat, so tien dong",
    ),
    Column(
        "paid_on", "Ngày nộp phạt", "Ngày/tháng/năm; để trống khi chưa nộp.", "20/11/2026",
        parse_day, others="ngay nop, da nop ngay, ngay nop tien",
    ),
))  # fmt: skip

DECISION_FIELDS: Final = frozenset({"form", "number", "authority", "on", "amount", "paid_on"})
