"""The label of every state and kind, with the tone, edge and icon of its pill; one table for all pages and exports.

The tone rates the state (``calm move good wait bad``); the edge names who acts next: filled = nobody, ``open`` = the
program, ``ask`` = a person. An icon and a label always accompany the colour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from campaigns.planning.target_progress import TargetStatus
from coordinator.exports.figure_labels import (
    DECISION_FORM_LABELS,
    GROUP_LABELS,
    METRIC_LABELS,
    SITE_KIND_LABELS,
    TARGET_STATUS_LABELS,
)
from coordinator.translation import N_, NP_, _


@dataclass(frozen=True)
class StateLabel:
    """How one state is shown. ``tone`` and ``edge`` are class names, ``icon`` a name in ``static/icons.svg``;
    ``label`` is a message, translated when shown."""

    tone: str
    edge: str
    icon: str
    label: str

    @property
    def classes(self) -> str:
        """The class names after ``pill``."""
        return f"{self.tone} {self.edge}".strip()


STATE_LABELS: Mapping[str, Mapping[str, StateLabel]] = {
    "bulletin": {
        "draft": StateLabel("calm", "ask", "pen", N_("Bản nháp")),
        "submitted": StateLabel("move", "ask", "eye", N_("Chờ duyệt")),
        "approved": StateLabel("move", "", "check", N_("Đã duyệt")),
        "scheduled": StateLabel("move", "open", "clock", N_("Đã hẹn giờ")),
        "published": StateLabel("good", "", "check", N_("Đã phát hành")),
        "recalled": StateLabel("bad", "", "undo", N_("Đã thu hồi")),
    },
    "delivery": {
        "due": StateLabel("calm", "open", "clock", N_("Chờ gửi")),
        "sending": StateLabel("move", "open", "send", N_("Đang gửi")),
        "delivered": StateLabel("good", "", "check", NP_("delivery", "Đã tới")),
        "retrying": StateLabel("wait", "open", "redo", N_("Đang thử lại")),
        "unknown": StateLabel("wait", "ask", "ask", N_("Chưa rõ kết quả")),
        "dead": StateLabel("bad", "", "x", N_("Không gửi được")),
        "cancelled": StateLabel("calm", "", "ban", NP_("delivery", "Đã hủy")),
        "skipped": StateLabel("calm", "", "minus", NP_("delivery", "Bỏ qua")),
    },
    "browser_look": {
        "not_needed": StateLabel("calm", "", "minus", N_("Không thuộc mẫu xem")),
        "needed": StateLabel("wait", "open", "eye", N_("Chưa xem bằng trình duyệt")),
        "seen": StateLabel("good", "", "check", N_("Người đọc thấy bài")),
        "partly_seen": StateLabel("wait", "", "eye", N_("Người đọc thấy một phần")),
        "differs": StateLabel("bad", "ask", "alert", N_("Người đọc thấy khác")),
        "failed": StateLabel("wait", "open", "redo", N_("Chưa xem được bằng trình duyệt")),
    },
    "broadcast": {
        "due": StateLabel("calm", "open", "clock", N_("Đợi tới giờ")),
        "sending": StateLabel("move", "open", "send", N_("Đang gửi")),
        "sent": StateLabel("good", "", "check", N_("Đã phát")),
        "unknown": StateLabel("wait", "ask", "ask", N_("Chưa rõ kết quả")),
        "refused": StateLabel("bad", "", "x", N_("Không phát được")),
        "cancelled": StateLabel("calm", "", "ban", N_("Đã bỏ")),
    },
    "channel": {
        "active": StateLabel("good", "", "check", N_("Hoạt động")),
        "paused": StateLabel("calm", "", "pause", NP_("channel", "Tạm dừng")),
        "failing": StateLabel("bad", "open", "alert", N_("Đang lỗi")),
        "needs_authorisation": StateLabel("wait", "ask", "key", N_("Cần cấp quyền lại")),
        "retired": StateLabel("calm", "", "ban", NP_("channel", "Ngừng sử dụng")),
    },
    "listener": {
        "verifying": StateLabel("move", "ask", "clock", N_("Đang hỏi lại")),
        "active": StateLabel("good", "", "check", N_("Đang nghe")),
        "ending": StateLabel("calm", "ask", "clock", N_("Đang ngừng nghe")),
    },
    "place": {
        "empty": StateLabel("calm", "ask", "pen", N_("Chưa có bản tin")),
        "writing": StateLabel("move", "ask", "doc", N_("Đang soạn, chưa hẹn giờ")),
        "timed": StateLabel("move", "open", "clock", N_("Đã hẹn giờ")),
        "met": StateLabel("good", "", "check", N_("Đã phát đúng ngày")),
        "made_up": StateLabel("wait", "", "redo", N_("Đã phát bù")),
        "skipped": StateLabel("calm", "", "minus", NP_("place", "Bỏ hôm đó")),
        "missed": StateLabel("bad", "", "alert", N_("Thiếu")),
    },
    "notice": {
        "draft": StateLabel("calm", "ask", "pen", N_("Bản nháp")),
        "published": StateLabel("good", "", "horn", N_("Đang có hiệu lực")),
        "withdrawn": StateLabel("calm", "", "undo", NP_("notice", "Đã thu hồi")),
    },
    "question": {
        "open": StateLabel("wait", "ask", "clock", N_("Chờ trả lời")),
        "answered": StateLabel("good", "", "check", N_("Đã trả lời")),
        "closed": StateLabel("calm", "", "minus", N_("Đã khép lại")),
    },
    "finding": {
        "proposed": StateLabel("wait", "ask", "look", N_("Nghi vấn")),
        "confirmed": StateLabel("bad", "", "flag", NP_("finding", "Kết luận")),
        "dismissed": StateLabel("calm", "", "x", NP_("finding", "Bỏ qua")),
    },
    "outcome": {
        "reminded": StateLabel("move", "open", "mail", N_("Đã nhắc bằng công văn")),
        "mended": StateLabel("good", "", "check", N_("Đã khắc phục")),
        "handed": StateLabel("move", "open", "send", N_("Đã chuyển thanh tra")),
        "decided": StateLabel("calm", "", "doc", N_("Có quyết định xử lý")),
    },
    "severity": {
        "minor": StateLabel("calm", "", "info", N_("Nhẹ")),
        "serious": StateLabel("wait", "", "alert", N_("Đáng kể")),
        "grave": StateLabel("bad", "", "alert", N_("Nghiêm trọng")),
    },
    "receiver": {
        "yes": StateLabel("good", "", "check", N_("Nhận")),
        "later": StateLabel("wait", "ask", "pause", N_("Nhận sau")),
        "no": StateLabel("calm", "", "minus", N_("Không nhận")),
    },
    "republication": {
        "candidate": StateLabel("calm", "open", "look", N_("Mới thấy")),
        "review": StateLabel("wait", "ask", "eye", N_("Chờ xem xét")),
        "confirmed": StateLabel("good", "", "seen", N_("Đã xác nhận")),
        "rejected": StateLabel("calm", "", "x", N_("Đã loại")),
        "duplicate": StateLabel("calm", "open", "link", N_("Địa chỉ trùng")),
    },
    "life": {
        "live": StateLabel("good", "", "link", N_("Còn trên trang")),
        "changed": StateLabel("wait", "", "pen", N_("Đã thay đổi")),
        "gone": StateLabel("calm", "", "ban", N_("Đã gỡ")),
        "unreadable": StateLabel("wait", "ask", "eye", N_("Không đọc được bằng cách này")),
    },
    "target": {
        "met": StateLabel("good", "", "check", TARGET_STATUS_LABELS[TargetStatus.MET]),
        "on_course": StateLabel("good", "", "chart", TARGET_STATUS_LABELS[TargetStatus.ON_COURSE]),
        "behind": StateLabel("wait", "open", "alert", TARGET_STATUS_LABELS[TargetStatus.BEHIND]),
    },
    "milestone": {
        "met": StateLabel("good", "", "check", N_("Đạt đúng hạn")),
        "late": StateLabel("wait", "", "check", N_("Đạt muộn")),
        "missed": StateLabel("bad", "", "alert", N_("Lỡ mốc")),
        "expected": StateLabel("good", "open", "chart", N_("Dự kiến đạt")),
        "doubtful": StateLabel("wait", "open", "alert", N_("Khó đạt")),
    },
    # The levels of evidence in ascending order; "person" takes the place of "fetched".
    "evidence": {
        "reported": StateLabel("calm", "", "people", N_("Đối tác báo")),
        "announced": StateLabel("calm", "", "horn", N_("Máy báo")),
        "counted_image": StateLabel("calm", "", "photo", N_("Ảnh đếm")),
        "discovered": StateLabel("calm", "", "look", N_("Tự tìm thấy")),
        "fetched": StateLabel("move", "", "down", N_("Đã tải về")),
        "matched": StateLabel("move", "", "seen", N_("Khớp văn bản")),
        "attributed": StateLabel("good", "", "link", NP_("evidence", "Dẫn nguồn")),
        "live": StateLabel("good", "", "eye", N_("Còn trên trang")),
        "person": StateLabel("move", "", "person", N_("Người xác nhận")),
    },
    "match": {
        "full": StateLabel("good", "", "seen", N_("Toàn văn")),
        "partial": StateLabel("good", "", "check", N_("Đăng một phần")),
        "picture": StateLabel("good", "", "photo", N_("Đăng bằng ảnh, video")),
        "excerpt": StateLabel("wait", "", "minus", N_("Trích đoạn")),
        "teaser": StateLabel("calm", "", "minus", N_("Chỉ tiêu đề và sapo")),
        "none": StateLabel("calm", "", "x", N_("Không khớp")),
    },
    "attribution": {
        "linked_at_end": StateLabel("good", "", "link", N_("Có đường dẫn ở cuối")),
        "linked_elsewhere": StateLabel("good", "", "link", N_("Đường dẫn đặt chỗ khác")),
        "home_page_only": StateLabel("wait", "", "alert", N_("Chỉ tới trang chủ")),
        "url_text_only": StateLabel("wait", "", "alert", N_("Chỉ ghi địa chỉ bằng chữ")),
        "named_only": StateLabel("wait", "", "alert", N_("Chỉ nêu tên")),
        "named_other_source": StateLabel("bad", "", "flag", N_("Ghi nguồn khác")),
        "none": StateLabel("bad", "", "x", N_("Không dẫn nguồn")),
        "not_seen": StateLabel("calm", "ask", "ask", N_("Không thấy được nguồn")),
    },
    "attempt": {
        "delivered": StateLabel("good", "", "check", NP_("attempt", "Đã tới")),
        "accepted": StateLabel("move", "open", "clock", N_("Đã nhận, đang xử lý")),
        "failed": StateLabel("wait", "open", "redo", N_("Chưa được, sẽ thử lại")),
        "unknown": StateLabel("wait", "ask", "ask", N_("Chưa rõ kết quả")),
        "refused": StateLabel("bad", "", "x", N_("Bị từ chối")),
        "fetched": StateLabel("good", "", "down", N_("Đối tác đã lấy")),
        "by_person": StateLabel("good", "", "person", N_("Người ghi nhận")),
    },
    "validity": {
        "valid": StateLabel("good", "", "check", N_("Còn hiệu lực")),
        "ending": StateLabel("wait", "ask", "clock", N_("Sắp hết hiệu lực")),
        "ended": StateLabel("bad", "", "x", N_("Hết hiệu lực")),
        "future": StateLabel("calm", "open", "clock", N_("Chưa hiệu lực")),
    },
}

# Kinds that are shown as text, without a pill.
VALUE_LABELS: Mapping[str, Mapping[str, str]] = {
    "role": {
        "writer": N_("Người viết"),
        "approver": N_("Người duyệt"),
        "analyst": N_("Người phân tích"),
        "admin": NP_("role", "Quản trị"),
        "partner": N_("Đối tác"),
    },
    # Why the text of a page cannot be read by a program that fetches it.
    "unreadable": {
        "needs_script": N_("Cần trình duyệt: chữ do mã lệnh của trang hiện ra"),
        "in_frame": N_("Chữ nằm trong khung của một địa chỉ khác"),
        "picture_only": N_("Chỉ có hình ảnh hoặc video"),
        "paywalled": N_("Chỉ người trả phí hoặc đăng nhập đọc được"),
        "pdf_without_text": N_("Tệp PDF là bản quét, không có chữ"),
        "pdf_refused": N_("Tệp PDF hỏng, có mật khẩu hoặc vượt giới hạn đọc"),
        "not_text": N_("Không phải trang chữ"),
        "too_large": N_("Trang quá lớn để tải"),
        "too_heavy": N_("Trang quá nặng hoặc hỏng, máy không đọc được"),
        "cut": N_("Trang quá dài, chỉ đọc được phần đầu"),
        "robots": N_("Trang không cho máy đọc (robots.txt)"),
        "elsewhere": N_("Địa chỉ dẫn sang trang khác"),
        "no_answer": N_("Nhiều lần liền không tải được"),
    },
    "way": {
        "password": N_("Mật khẩu"),
        "code": N_("Mật khẩu và mã xác thực"),
        "recovery": N_("Mật khẩu và mã khôi phục"),
        "link": N_("Đường dẫn một lần"),
        "passkey": NP_("way", "Khóa truy cập"),
        "sso": N_("Tài khoản của thành phố"),
    },
    "metric": {metric.value: label for metric, label in METRIC_LABELS.items()},
    "site": {kind.value: label for kind, label in SITE_KIND_LABELS.items()},
    "register_figure": {
        "in_force": N_("Còn hiệu lực"),
        "new": NP_("licence", "Cấp mới"),
        "changed": N_("Thay đổi nội dung"),
        "expired": N_("Hết hạn"),
        "withdrawn": NP_("licence", "Bị thu hồi"),
        "ended": N_("Hết hạn hoặc bị thu hồi"),
        "ending": N_("Sắp hết hạn"),
    },
    "source": {
        "feed": NP_("source", "Nguồn tin"),
        "sitemap": NP_("source", "Sơ đồ trang"),
        "listing": NP_("source", "Trang chuyên mục"),
        "search": N_("Hỏi trang (tìm kiếm)"),
    },
    "engagement": {
        "views": N_("Lượt xem"),
        "likes": N_("Lượt thích"),
        "shares": N_("Lượt chia sẻ"),
        "comments": N_("Bình luận"),
    },
    "act": {
        "publish": N_("Phát hành"),
        "correct": NP_("act", "Đính chính"),
        "recall": N_("Thu hồi"),
    },
    "about": {
        "general": N_("Việc chung"),
        "bulletin": NP_("about", "Bản tin"),
        "notice": NP_("about", "Thông báo"),
        "finding": N_("Bài trên trang"),
    },
    "subject_kind": {
        "organisation": NP_("subject kind", "Tổ chức"),
        "person": NP_("subject kind", "Cá nhân"),
    },
    "case_origin": {
        "rule": N_("Theo quy tắc"),
        "inspection": N_("Kiểm tra, thanh tra"),
        "complaint": N_("Phản ánh, khiếu nại"),
    },
    "decision_form": {form.value: label for form, label in DECISION_FORM_LABELS.items()},
    "decision_reason": {
        "our_text": N_("Đúng văn bản của Sở, không có ở nơi khác"),
        "named_elsewhere": N_("Có ghi nguồn là Sở ở chỗ máy không đọc được"),
        "enough": N_("Trích đủ ý chính, có dẫn nguồn"),
        "seen": N_("Đã mở trang, tận mắt thấy bài"),
        "other_origin": N_("Lấy từ nơi khác, không từ bản tin này"),
        "too_little": N_("Trích quá ít, không phải đăng lại"),
        "no_article": N_("Trang chủ hoặc danh mục, không phải bài"),
        "not_there": N_("Đã mở trang, không có bài"),
        "duplicate": N_("Trùng với một bài đã tính"),
        "picture_shows": N_("Ảnh chụp cho thấy đúng bài, đúng trang"),
    },
    "answer_kind": {
        "mended": NP_("answer", "Đã sửa"),
        "disagree": N_("Không đồng ý"),
        "note": N_("Giải thích"),
    },
    "by": GROUP_LABELS,
}

EVIDENCE_LEVELS = ("reported", "announced", "counted_image", "discovered", "fetched", "matched", "attributed", "live")


def stored_value(state: object) -> str:
    """The value under which a state is stored: an enum's value, or the text itself."""
    return str(state.value) if isinstance(state, Enum) else str(state)


def state_label(kind: str, state: object) -> StateLabel:
    """The label of a state of a kind. Raises ``LookupError`` for a state that is not in the table."""
    try:
        return STATE_LABELS[kind][stored_value(state)]
    except KeyError:
        raise LookupError(f"no label for {kind} {stored_value(state)!r}") from None


def has_label(kind: str, value: object) -> bool:
    """Whether ``value_label`` has a label for a value of a kind."""
    text = stored_value(value)
    return text in VALUE_LABELS.get(kind, {}) or text in STATE_LABELS.get(kind, {})


def value_label(kind: str, value: object) -> str:
    """The label of a value of a kind, with a pill or without, in the reader's language. Raises ``LookupError`` when
    there is none."""
    label = VALUE_LABELS.get(kind, {}).get(stored_value(value))
    return _(state_label(kind, value).label if label is None else label)
