"""What became of a copy, in words: why it was not found, how it went with a recall or a correction. Pure but for the
language."""

from collections.abc import Sequence

from campaigns.publishing.outbox import DeliveryState
from campaigns.reporting.removals import Told
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.wording import name_for


def why_words(reasons: Sequence[str]) -> str:
    """Why a look did not find the copy or the machine rejected it, the strongest sign first; empty without reasons."""
    return "; ".join(_why(one) for one in reasons)


def _why(reason: str) -> str:
    kind, _colon, rest = reason.partition(": ")
    match kind:
        case "missing":
            return _("trang trả lời 404 hoặc 410")
        case "redirected_home":
            return _("địa chỉ nay dẫn về trang chủ")
        case "redirected_up":
            return _("địa chỉ nay dẫn về một trang chung, không còn là bài")
        case "redirected_away":
            return _("địa chỉ nay dẫn sang trang khác")
        case "soft_404":
            return _("trang giống hệt trang họ hiện cho địa chỉ không có thật")
        case "replaced":
            return _("địa chỉ còn nhưng nội dung đã bị thay")
        case "says_removed":
            return _("trang ghi là không tìm thấy hoặc đã gỡ")
        case "same_page":
            return _("địa chỉ này nay là một với địa chỉ khác của trang")
        case "text_not_found":
            return _("trang không có chữ của bản tin này")
        case "page_missing":
            return _("hai lần xem đều không thấy trang")
        case "teaser":
            return _("trang chỉ có tiêu đề và sapo")
        case "none":
            return _("trang có quá ít chữ của bản tin này")
        case _:
            return rest or reason


def told_words(told: Told | None, *, recalled: bool) -> str:
    """Whether the partner was told of the recall or correction."""
    if told is None:
        return _("chưa có kênh nào báo được cho đối tác này")
    if told.state is DeliveryState.DELIVERED:
        return _("tin thu hồi đã tới") if recalled else _("bản sửa đã tới")
    state = name_for("delivery", told.state, language()).lower()
    return (
        _("tin thu hồi chưa tới: %(state)s", state=state) if recalled else _("bản sửa chưa tới: %(state)s", state=state)
    )
