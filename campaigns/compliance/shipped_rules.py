"""The rules of a new database. Administrators add later versions as rows.

The texts of the decrees were not available; these rules follow public summaries, and an office enters its own text,
basis and figures by adding a version. Sources: Nghị định 147/2024/NĐ-CP (in force from 25/12/2024), công văn
3835/BTTTT-PTTH&TTĐT of 29/10/2019, Nghị định 15/2020/NĐ-CP and its successor 174/2026/NĐ-CP (from 01/7/2026), Nghị định
119/2020/NĐ-CP.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns.compliance.rule_parameters import Checker
from campaigns.compliance.rules import RuleSeverity

_ND147 = "Nghị định 147/2024/NĐ-CP"
_ND147_DAY = dt.date(2024, 12, 25)
_CV3835 = "Công văn 3835/BTTTT-PTTH&TTĐT ngày 29/10/2019"
_CV3835_DAY = dt.date(2019, 10, 29)
_ND174_DAY = dt.date(2026, 7, 1)
_OWN_BASIS = "Mức cụ thể theo cấu hình đơn vị"
_FINE = "Mức phạt tham khảo"
# The checker's usual items, written out.
_ITEMS = [
    "name", "address", "phone", "email", "responsible", "licence_number", "licence_issuer", "licence_date",
]  # fmt: skip


@dataclass(frozen=True)
class ShippedRule:
    """One version of a rule in a new database."""

    code: str
    version: int
    title: str
    text: str
    basis: str
    in_force_from: dt.date
    checker: Checker
    severity: RuleSeverity
    in_force_to: dt.date | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    fine_from: int | None = None
    fine_to: int | None = None
    note: str = ""

    def row(self) -> dict[str, Any]:
        """The columns of its row in ``rules``."""
        return {
            **vars(self), "checker": self.checker.value, "severity": self.severity.value, "asked": True,
            "added_by": "system", "added_at": None,
        }  # fmt: skip


_R1 = (
    "Trang chủ ghi đầy đủ, đúng với sổ cấp phép: tên tổ chức quản lý trang, cơ quan chủ quản (nếu có), địa chỉ liên "
    "lạc, thư điện tử, số điện thoại, người chịu trách nhiệm nội dung, giấy phép còn hiệu lực với số, ngày cấp và cơ "
    "quan cấp."
)
_R5 = "Bài đăng lại lên trang không sớm hơn {} kể từ lúc bản tin gốc được phát hành."
FIRST_RULES: Sequence[ShippedRule] = (
    ShippedRule(
        "R1", 1, "Thông tin bắt buộc trên trang chủ", _R1,
        _ND147, _ND147_DAY, Checker.IMPRINT,
        RuleSeverity.SERIOUS, _ND174_DAY - dt.timedelta(days=1), {"items": _ITEMS}, 5_000_000, 10_000_000,
        f"{_FINE}: Điều 99 Nghị định 15/2020/NĐ-CP",
    ),
    ShippedRule(
        "R1", 2, "Thông tin bắt buộc trên trang chủ", _R1,
        _ND147, _ND174_DAY, Checker.IMPRINT, RuleSeverity.SERIOUS,
        None, {"items": _ITEMS}, 10_000_000, 20_000_000, f"{_FINE}: Nghị định 174/2026/NĐ-CP",
    ),
    ShippedRule(
        "R2", 1, "Nêu tên nguồn", "Bài đăng lại ghi rõ tên cơ quan đã phát hành bản tin gốc.", _ND147, _ND147_DAY,
        Checker.SOURCE_NAMED, RuleSeverity.SERIOUS,
    ),
    ShippedRule(
        "R3", 1, "Đường dẫn tới bản tin gốc",
        "Cuối bài đăng lại có đường dẫn mở được, tới đúng địa chỉ của bản tin gốc.", _CV3835, _CV3835_DAY,
        Checker.SOURCE_LINKED, RuleSeverity.SERIOUS, None, {"at_end": True},
    ),
    ShippedRule(
        "R4", 1, "Thời gian và tác giả", "Bài đăng lại ghi thời gian đăng; tên tác giả ghi khi bản tin gốc có ghi.",
        _ND147, _ND147_DAY, Checker.SIGNED, RuleSeverity.MINOR, None, {"time": True, "author": False},
    ),
    ShippedRule(
        "R5", 1, "Không đăng trước giờ được phép", _R5.format("3 giờ"), _CV3835, _CV3835_DAY, Checker.NOT_EARLY,
        RuleSeverity.SERIOUS, _ND147_DAY - dt.timedelta(days=1), {"delay_minutes": 180, "agreement_waives": False},
    ),
    ShippedRule(
        "R5", 2, "Không đăng trước giờ được phép", _R5.format("1 giờ"), _ND147, _ND147_DAY, Checker.NOT_EARLY,
        RuleSeverity.SERIOUS, None, {"delay_minutes": 60, "agreement_waives": False},
    ),
    # Replaces version 2 on all its days: prompt republication is what the department asks for, so that a general delay
    # is for an office to add.
    ShippedRule(
        "R5", 3, "Không đăng trước giờ được phép",
        "Bài đăng lại lên trang không sớm hơn giờ phát hành của bản tin gốc. Văn bản chấp thuận ghi thời gian chờ "
        "thì bài lên trang không sớm hơn thời gian đó.",
        _ND147, _ND147_DAY, Checker.NOT_EARLY,
        RuleSeverity.SERIOUS, None, {"delay_minutes": 0, "agreement_waives": False},
        note="Thay phiên bản 2: thời gian chờ chung là 0 phút, chỉ văn bản chấp thuận mới đặt thời gian chờ. Đơn vị "
        "cần thời gian chờ chung thì thêm phiên bản có số phút.",
    ),
    ShippedRule(
        "R6", 1, "Đăng nguyên văn", "Nội dung đăng lại đúng nguyên văn bản tin gốc, không cắt bớt làm sai lệch.",
        _ND147, _ND147_DAY, Checker.VERBATIM, RuleSeverity.SERIOUS,
    ),
    ShippedRule(
        "R7", 1, "Đúng phạm vi giấy phép", "Chuyên đề của bản tin nằm trong phạm vi nội dung mà giấy phép cho đăng.",
        _ND147, _ND147_DAY, Checker.IN_SCOPE, RuleSeverity.SERIOUS,
    ),
    ShippedRule(
        "R8", 1, "Có văn bản chấp thuận",
        "Trang đăng lại bản tin khi có văn bản chấp thuận còn hiệu lực, cho chuyên đề đó.",
        _ND147, _ND147_DAY, Checker.AGREED, RuleSeverity.GRAVE, note=f"{_FINE}: Điều 20 Nghị định 119/2020/NĐ-CP",
    ),
    ShippedRule(
        "R9", 1, "Giấy phép còn hiệu lực", "Trang có giấy phép còn hiệu lực vào ngày đăng lại bản tin.", _ND147,
        _ND147_DAY, Checker.LICENSED, RuleSeverity.GRAVE, None, {"none_at_all": False},
    ),
    ShippedRule(
        "R10", 1, "Gỡ bài của bản tin đã thu hồi",
        "Bản tin bị thu hồi thì bài đăng lại được gỡ trong thời hạn kể từ lúc thu hồi.", _ND147,
        _ND147_DAY, Checker.TAKEN_DOWN, RuleSeverity.GRAVE, None, {"minutes": 1440}, note=_OWN_BASIS,
    ),
    ShippedRule(
        "R11", 1, "Đủ nguồn tin", "Trang tổng hợp dẫn tin từ ít nhất ba nguồn.", _ND147, _ND147_DAY, Checker.SOURCES,
        RuleSeverity.MINOR, None, {"least": 3},
    ),
    ShippedRule(
        "R12", 1, "Không có chỗ bình luận", "Trang tổng hợp không mở chỗ cho người đọc bình luận dưới bài.", _ND147,
        _ND147_DAY, Checker.NO_COMMENTS, RuleSeverity.SERIOUS,
    ),
    ShippedRule(
        "R13", 1, "Tên không gây nhầm với báo chí",
        "Tên trang và tên miền không giống hoặc gây nhầm với cơ quan báo chí.", _ND147, _ND147_DAY, Checker.NAME,
        RuleSeverity.MINOR, None,
        {
            "name_begins": ["Báo", "Tạp chí", "Tuần báo", "Nhật báo", "Đài", "Thông tấn xã", "Hãng tin"],
            "host_begins": ["bao", "tapchi", "nhatbao", "tuanbao", "thongtan"],
            "host_except": ["baohiem", "baogia", "baove", "baotang", "baoho"],
        },
    ),
)  # fmt: skip
