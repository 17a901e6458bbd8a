"""The usual reasons of a conclusion, picked by number; whatever else there is to say goes into the note."""

from dataclasses import dataclass

from campaigns.tracking.attribution import NAMES_US, Attribution
from campaigns.tracking.deciding import REASONS
from coordinator.web.saying import _


@dataclass(frozen=True)
class Reason:
    """One usual reason. ``key``: the digit that picks it; ``confirms``: for confirming, else for rejecting."""

    key: str
    code: str
    confirms: bool
    words: str


def reasons() -> list[Reason]:
    """The reasons in the order of their digits, in the reader's language."""
    words = {
        "our_text": _("Đúng văn bản của ta, không có ở nơi khác"),
        "named_elsewhere": _("Có ghi nguồn ta ở chỗ máy không đọc được"),
        "enough": _("Trích đủ ý chính, có dẫn nguồn"),
        "seen": _("Đã mở trang, tận mắt thấy bài"),
        "other_origin": _("Lấy từ nơi khác, không từ bản tin này"),
        "too_little": _("Trích quá ít, không phải đăng lại"),
        "no_article": _("Trang chủ hoặc danh mục, không phải bài"),
        "not_there": _("Đã mở trang, không có bài"),
        "duplicate": _("Trùng với một bài đã tính"),
    }
    return [Reason(str(key), code, confirms, words[code]) for key, (code, confirms) in enumerate(REASONS.items(), 1)]


def reason_of(code: str) -> Reason | None:
    """The reason with this code, None for any other text."""
    return next((one for one in reasons() if one.code == code), None)


# What a person may say of a source that no machine saw, the strongest first.
TO_SAY = [one for one in Attribution if one in NAMES_US]
