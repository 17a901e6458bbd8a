"""The words for every state and kind, with the tone, edge and icon of its pill; one table for all pages and exports.

Hue says how it stands (``calm move good wait bad``), the edge says who moves next: filled = settled, ``open`` = the
machine is at it, ``ask`` = it waits for a person. An icon and a word always stand beside the colour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Word:
    """How one state is shown. ``tone`` and ``edge`` are class names, ``icon`` a name in ``static/icons.svg``."""

    tone: str
    edge: str
    icon: str
    vi: str
    en: str

    @property
    def classes(self) -> str:
        """The class names after ``pill``."""
        return f"{self.tone} {self.edge}".strip()

    def say(self, locale: str) -> str:
        """The word in Vietnamese, or in English for ``en``."""
        return self.en if locale.startswith("en") else self.vi


STATES: Mapping[str, Mapping[str, Word]] = {
    "bulletin": {
        "draft": Word("calm", "ask", "pen", "Bản nháp", "Draft"),
        "submitted": Word("move", "ask", "eye", "Chờ duyệt", "Awaiting approval"),
        "approved": Word("move", "", "check", "Đã duyệt", "Approved"),
        "scheduled": Word("move", "open", "clock", "Đã hẹn giờ", "Scheduled"),
        "published": Word("good", "", "check", "Đã phát hành", "Published"),
        "recalled": Word("bad", "", "undo", "Đã thu hồi", "Recalled"),
    },
    "delivery": {
        "due": Word("calm", "open", "clock", "Đến lượt", "Due"),
        "sending": Word("move", "open", "send", "Đang gửi", "Sending"),
        "delivered": Word("good", "", "check", "Đã tới", "Delivered"),
        "retrying": Word("wait", "open", "redo", "Đang thử lại", "Retrying"),
        "unknown": Word("wait", "ask", "ask", "Chưa rõ kết quả", "Outcome unknown"),
        "dead": Word("bad", "", "x", "Không gửi được", "Could not be sent"),
        "cancelled": Word("calm", "", "ban", "Đã hủy", "Cancelled"),
        "skipped": Word("calm", "", "minus", "Bỏ qua", "Skipped"),
    },
    "broadcast": {
        "due": Word("calm", "open", "clock", "Đợi tới giờ", "Waiting for its time"),
        "sending": Word("move", "open", "send", "Đang gửi", "Sending"),
        "sent": Word("good", "", "check", "Đã phát", "Sent"),
        "unknown": Word("wait", "ask", "ask", "Chưa rõ kết quả", "Outcome unknown"),
        "refused": Word("bad", "", "x", "Không phát được", "Did not go"),
        "cancelled": Word("calm", "", "ban", "Đã bỏ", "Cancelled"),
    },
    "channel": {
        "active": Word("good", "", "check", "Hoạt động", "Active"),
        "paused": Word("calm", "", "pause", "Tạm dừng", "Paused"),
        "failing": Word("bad", "open", "alert", "Đang lỗi", "Failing"),
        "needs_authorisation": Word("wait", "ask", "key", "Cần cấp quyền lại", "Needs authorisation"),
        "retired": Word("calm", "", "ban", "Thôi dùng", "Retired"),
    },
    "listener": {
        "verifying": Word("move", "ask", "clock", "Đang hỏi lại", "Being asked"),
        "active": Word("good", "", "check", "Đang nghe", "Listening"),
        "ending": Word("calm", "ask", "clock", "Đang thôi nghe", "Leaving"),
    },
    "place": {
        "empty": Word("calm", "ask", "pen", "Chưa có bản tin", "No bulletin yet"),
        "writing": Word("move", "ask", "doc", "Đang soạn, chưa hẹn giờ", "Being written, no time yet"),
        "timed": Word("move", "open", "clock", "Đã hẹn giờ", "Scheduled"),
        "met": Word("good", "", "check", "Đã phát đúng ngày", "Out on its day"),
        "made_up": Word("wait", "", "redo", "Đã phát bù", "Made up later"),
        "skipped": Word("calm", "", "minus", "Bỏ hôm đó", "Left out"),
        "missed": Word("bad", "", "alert", "Thiếu", "Missing"),
    },
    "notice": {
        "draft": Word("calm", "ask", "pen", "Bản nháp", "Draft"),
        "published": Word("good", "", "horn", "Đang có hiệu lực", "In force"),
        "withdrawn": Word("calm", "", "undo", "Đã thu hồi", "Withdrawn"),
    },
    "question": {
        "open": Word("wait", "ask", "clock", "Chờ trả lời", "Awaiting an answer"),
        "answered": Word("good", "", "check", "Đã trả lời", "Answered"),
        "closed": Word("calm", "", "minus", "Đã khép lại", "Closed"),
    },
    "finding": {
        "proposed": Word("wait", "ask", "look", "Nghi vấn", "Proposed"),
        "confirmed": Word("bad", "", "flag", "Kết luận", "Confirmed"),
        "dismissed": Word("calm", "", "x", "Bỏ qua", "Dismissed"),
    },
    "outcome": {
        "reminded": Word("move", "open", "mail", "Đã nhắc bằng công văn", "Reminded by letter"),
        "mended": Word("good", "", "check", "Đã khắc phục", "Mended"),
        "handed": Word("move", "open", "send", "Đã chuyển thanh tra", "Handed to the inspection"),
        "decided": Word("calm", "", "doc", "Có quyết định xử lý", "Decided by the inspection"),
    },
    "severity": {
        "minor": Word("calm", "", "info", "Nhẹ", "Minor"),
        "serious": Word("wait", "", "alert", "Đáng kể", "Serious"),
        "grave": Word("bad", "", "alert", "Nghiêm trọng", "Grave"),
    },
    "receiver": {
        "yes": Word("good", "", "check", "Nhận", "Receives"),
        "later": Word("wait", "ask", "pause", "Nhận sau", "Receives later"),
        "no": Word("calm", "", "minus", "Không nhận", "Does not receive"),
    },
    "republication": {
        "candidate": Word("calm", "open", "look", "Mới thấy", "Just seen"),
        "review": Word("wait", "ask", "eye", "Chờ xem xét", "To be reviewed"),
        "confirmed": Word("good", "", "seen", "Đã xác nhận", "Confirmed"),
        "rejected": Word("calm", "", "x", "Đã loại", "Rejected"),
    },
    "life": {
        "live": Word("good", "", "link", "Còn trên trang", "Still there"),
        "changed": Word("wait", "", "pen", "Đã thay đổi", "Changed"),
        "gone": Word("calm", "", "ban", "Đã gỡ", "Gone"),
    },
    "target": {
        "met": Word("good", "", "check", "Đã đạt", "Met"),
        "on_course": Word("good", "", "chart", "Đúng tiến độ", "On course"),
        "behind": Word("wait", "open", "alert", "Chậm", "Behind"),
    },
    "milestone": {
        "met": Word("good", "", "check", "Đạt đúng hạn", "Reached in time"),
        "late": Word("wait", "", "check", "Đạt muộn", "Reached late"),
        "missed": Word("bad", "", "alert", "Lỡ mốc", "Missed"),
        "expected": Word("good", "open", "chart", "Dự kiến đạt", "Expected"),
        "doubtful": Word("wait", "open", "alert", "Khó đạt", "Doubtful"),
    },
    # The rungs of the evidence ladder, in the order they are climbed; "person" stands in for "fetched".
    "evidence": {
        "reported": Word("calm", "", "people", "Đối tác báo", "Reported by the partner"),
        "announced": Word("calm", "", "horn", "Máy báo", "Announced by a machine"),
        "counted_image": Word("calm", "", "photo", "Ảnh đếm", "Counter image"),
        "discovered": Word("calm", "", "look", "Tự tìm thấy", "Discovered"),
        "fetched": Word("move", "", "down", "Đã tải về", "Fetched"),
        "matched": Word("move", "", "seen", "Khớp văn bản", "Text matched"),
        "attributed": Word("good", "", "link", "Dẫn nguồn", "Attributed"),
        "live": Word("good", "", "eye", "Còn trên trang", "Still there"),
        "person": Word("move", "", "person", "Người xác nhận", "Confirmed by a person"),
    },
    "match": {
        "full": Word("good", "", "seen", "Toàn văn", "Full text"),
        "partial": Word("good", "", "check", "Gần toàn văn", "Most of the text"),
        "excerpt": Word("wait", "", "minus", "Trích đoạn", "Excerpt"),
        "teaser": Word("calm", "", "minus", "Chỉ tiêu đề và sapo", "Headline and lead only"),
        "none": Word("calm", "", "x", "Không khớp", "No match"),
    },
    "attribution": {
        "linked_at_end": Word("good", "", "link", "Có đường dẫn ở cuối", "Linked at the end"),
        "linked_elsewhere": Word("good", "", "link", "Đường dẫn đặt chỗ khác", "Linked elsewhere"),
        "home_page_only": Word("wait", "", "alert", "Chỉ tới trang chủ", "Links to the home page only"),
        "url_text_only": Word("wait", "", "alert", "Chỉ ghi địa chỉ bằng chữ", "Address as text only"),
        "named_only": Word("wait", "", "alert", "Chỉ nêu tên", "Named only"),
        "named_other_source": Word("bad", "", "flag", "Ghi nguồn khác", "Names another source"),
        "none": Word("bad", "", "x", "Không dẫn nguồn", "No attribution"),
    },
    "attempt": {
        "delivered": Word("good", "", "check", "Đã tới", "Delivered"),
        "accepted": Word("move", "open", "clock", "Đã nhận, đang xử lý", "Accepted, being processed"),
        "failed": Word("wait", "open", "redo", "Chưa được, sẽ thử lại", "Failed, will be tried again"),
        "unknown": Word("wait", "ask", "ask", "Chưa rõ kết quả", "Outcome unknown"),
        "refused": Word("bad", "", "x", "Bị từ chối", "Refused"),
        "fetched": Word("good", "", "down", "Đối tác đã lấy", "Fetched by the partner"),
        "by_person": Word("good", "", "person", "Người ghi nhận", "Settled by a person"),
    },
    "validity": {
        "valid": Word("good", "", "check", "Còn hiệu lực", "Valid"),
        "ending": Word("wait", "ask", "clock", "Sắp hết hiệu lực", "Ending soon"),
        "ended": Word("bad", "", "x", "Hết hiệu lực", "Ended"),
        "future": Word("calm", "open", "clock", "Chưa hiệu lực", "Not yet valid"),
    },
}

# Kinds without a standing: a word, no pill.
NAMES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "role": {
        "writer": ("Người viết", "Writer"),
        "approver": ("Người duyệt", "Approver"),
        "analyst": ("Người phân tích", "Analyst"),
        "admin": ("Quản trị", "Administrator"),
        "partner": ("Đối tác", "Partner"),
    },
    "way": {
        "password": ("Mật khẩu", "Password"),
        "code": ("Mật khẩu và mã xác thực", "Password and code"),
        "recovery": ("Mật khẩu và mã khôi phục", "Password and recovery code"),
        "link": ("Đường dẫn một lần", "One-time link"),
        "passkey": ("Khóa truy cập", "Passkey"),
        "sso": ("Tài khoản của thành phố", "The city's account"),
    },
    "metric": {
        "bulletins": ("Bản tin đã phát hành", "Bulletins published"),
        "republications": ("Lượt bài viết lan tỏa", "Republications"),
        "partners": ("Đối tác có đăng lại", "Partners republishing"),
        "attribution_rate": ("Tỷ lệ dẫn nguồn đủ", "Attribution rate"),
        "views": ("Lượt xem", "Views"),
        "median_delay": ("Độ trễ trung vị (giờ)", "Median delay (hours)"),
    },
    "site": {
        "aggregator": ("Trang thông tin điện tử tổng hợp", "News aggregator"),
        "social": ("Mạng xã hội", "Social network"),
    },
    "source": {
        "feed": ("Nguồn tin", "Feed"),
        "sitemap": ("Sơ đồ trang", "Sitemap"),
        "listing": ("Trang chuyên mục", "Listing page"),
        "search": ("Hỏi trang (tìm kiếm)", "Search of the site"),
    },
    "told": {
        "views": ("Lượt xem", "Views"),
        "likes": ("Lượt thích", "Likes"),
        "shares": ("Lượt chia sẻ", "Shares"),
        "comments": ("Bình luận", "Comments"),
    },
    "act": {
        "publish": ("Phát hành", "Publish"),
        "correct": ("Đính chính", "Correct"),
        "recall": ("Thu hồi", "Recall"),
    },
    "about": {
        "general": ("Việc chung", "In general"),
        "bulletin": ("Bản tin", "A bulletin"),
        "notice": ("Thông báo", "A notice"),
        "finding": ("Bài trên trang", "A copy"),
    },
    "by": {
        "partner": ("Đối tác", "Partner"),
        "site": ("Trang", "Site"),
        "topic": ("Chuyên đề", "Topic"),
        "channel": ("Kênh", "Channel"),
        "day": ("Ngày", "Day"),
    },
}

RUNGS = ("reported", "announced", "counted_image", "discovered", "fetched", "matched", "attributed", "live")


def value_of(state: object) -> str:
    """The word a state is stored under: an enum's value, or the text itself."""
    return str(state.value) if isinstance(state, Enum) else str(state)


def word_for(kind: str, state: object) -> Word:
    """How a state of a kind is shown. Raises ``LookupError`` for one that is not in the table."""
    try:
        return STATES[kind][value_of(state)]
    except KeyError:
        raise LookupError(f"no wording for {kind} {value_of(state)!r}") from None


def name_for(kind: str, value: object, locale: str) -> str:
    """The plain word for a value of a kind, with a standing or without. ``LookupError`` when there is none."""
    named = NAMES.get(kind, {}).get(value_of(value))
    if named is not None:
        return named[1] if locale.startswith("en") else named[0]
    return word_for(kind, value).say(locale)
