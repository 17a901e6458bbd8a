"""The columns of a spreadsheet of cases, as offices name them."""

from collections.abc import Mapping
from typing import Final

from campaigns.compliance.cases.cases import CaseOrigin, DecisionForm, SubjectKind
from campaigns.core.vietnamese import fold
from campaigns.partners.register.columns import RegisterColumn, compact_heading

LONGEST_HEADING: Final = 200  # characters; a longer text is not a heading

COLUMNS: Final = (
    RegisterColumn(
        "subject_kind", "Loại đối tượng", "Tổ chức hoặc Cá nhân.", "Tổ chức", needed=True,
        others="doi tuong, loai, to chuc ca nhan, kind, subject",
    ),
    RegisterColumn(
        "name", "Tên tổ chức, cá nhân", "Tên đầy đủ; đối tác có trong danh bạ thì ghi đúng tên trong danh bạ.",
        "Công ty cổ phần Truyền thông Sao Khuê", needed=True,
        others="ten, ten to chuc, ten ca nhan, ho ten, ho va ten, ten doi tuong, ten doanh nghiep, don vi",
    ),
    RegisterColumn(
        "tax_code", "Mã số thuế", "Của tổ chức; cần khi tổ chức không có trong danh bạ. Định dạng ô là văn bản.",
        "0109876543", others="mst, ma so doanh nghiep",
    ),
    RegisterColumn(
        "mark", "Để phân biệt", "Với cá nhân trùng tên: năm sinh hoặc nơi ở. Không công bố.", "1990",
        others="nam sinh, noi o, dia chi",
    ),
    RegisterColumn(
        "site", "Trang", "Tên miền của trang có trong danh bạ.", "saokhue.example.vn",
        others="ten mien, trang thong tin, website, domain",
    ),
    RegisterColumn(
        "account_url", "Tài khoản mạng xã hội", "Địa chỉ đầy đủ của tài khoản, trang mạng xã hội.",
        "https://mxh.example.vn/saokhue", others="tai khoan, dia chi tai khoan, mang xa hoi, account, url",
    ),
    RegisterColumn(
        "origin", "Phát hiện qua", "Quy tắc, Kiểm tra hoặc Phản ánh; để trống là Kiểm tra.", "Kiểm tra",
        others="nguon phat hien, nguon, phat hien",
    ),
    RegisterColumn(
        "fault", "Lỗi vi phạm", "Vài chữ dùng chung để đếm, không ghi tên người.", "Không lưu trữ dữ liệu thành viên",
        needed=True, others="loi, hanh vi, hanh vi vi pham, loi vi pham hanh chinh",
    ),
    RegisterColumn(
        "fault_on", "Ngày vi phạm", "Ngày/tháng/năm.", "05/10/2026", needed=True,
        others="ngay phat hien, ngay xay ra, thoi diem vi pham",
    ),
    RegisterColumn(
        "what", "Nội dung", "Điều đã phát hiện; để trống thì lấy lỗi vi phạm.",
        "Mạng xã hội không lưu dữ liệu thành viên trong 02 năm.", others="noi dung vi pham, mo ta, chi tiet, dien bien",
    ),
    RegisterColumn(
        "basis", "Căn cứ pháp lý", "Điều, khoản của văn bản.", "Khoản 2 Điều 100 Nghị định 15/2020/NĐ-CP",
        others="can cu, dieu khoan, phap ly",
    ),
    RegisterColumn(
        "form", "Hình thức xử lý",
        "Nhắc nhở, Đã khắc phục, Chuyển thanh tra, Phạt tiền, Quyết định khác; để trống khi chưa xử lý.", "Phạt tiền",
        others="hinh thuc, xu ly, ket qua, ket qua xu ly",
    ),
    RegisterColumn(
        "number", "Số quyết định", "Số và ký hiệu của quyết định hoặc công văn.", "123/QĐ-XPHC",
        others="so, so van ban, so qd, quyet dinh so, quyet dinh",
    ),
    RegisterColumn(
        "authority", "Cơ quan quyết định", "Cơ quan ra quyết định.", "Thanh tra Sở",
        others="co quan, co quan ban hanh, co quan xu phat, noi ban hanh",
    ),
    RegisterColumn(
        "on", "Ngày quyết định", "Ngày/tháng/năm.", "10/11/2026",
        others="ngay ban hanh, ngay ky, ngay xu ly, ngay xu phat, ngay van ban",
    ),
    RegisterColumn(
        "amount", "Số tiền phạt", "Bằng chữ số, tính bằng đồng: 15000000 hoặc 15.000.000.", "15.000.000",
        others="so tien, tien phat, muc phat, so tien dong",
    ),
    RegisterColumn(
        "paid_on", "Ngày nộp phạt", "Ngày/tháng/năm; để trống khi chưa nộp.", "20/11/2026",
        others="ngay nop, da nop ngay, ngay nop tien",
    ),
)  # fmt: skip

DECISION_FIELDS: Final = frozenset({"form", "number", "authority", "on", "amount", "paid_on"})

_FIELDS: Final = {
    compact_heading(name): column.field
    for column in COLUMNS
    for name in (column.heading, column.field, *column.others.split(", "))
    if name
}


def field_of(heading: str) -> str | None:
    """The field that a heading names, or None."""
    return None if len(heading) > LONGEST_HEADING else _FIELDS.get(compact_heading(" ".join(heading.split())))


# The words for each value, folded; the first is what the template offers.
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
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "subject_kind": tuple(words[0] for words in KIND_WORDS.values()),
    "origin": tuple(words[0] for words in ORIGIN_WORDS.values()),
    "form": tuple(words[0] for words in FORM_WORDS.values()),
}
_FOLDED: Final = {
    name: {fold(word): value for value, words in table.items() for word in words}
    for name, table in (("subject_kind", KIND_WORDS), ("origin", ORIGIN_WORDS), ("form", FORM_WORDS))
}


def word_value(field: str, text: str) -> object | None:
    """The value that a word stands for in a column of few values; None for another word."""
    return _FOLDED[field].get(fold(text))
