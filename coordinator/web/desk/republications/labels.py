"""Labels of copies: review reasons, disagreements between sources, removal signs, and the partner's notification. Pure
except for the language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.delivery.outbox import DeliveryState
from campaigns.discovery.sightings import SightingMethod
from campaigns.matching.matcher import Match
from campaigns.reporting.removals import RecallDelivery
from campaigns.reporting.republication_filter import CopyFigure, DelayClass
from campaigns.republications.browser_looks import LookCause
from campaigns.republications.lifecycle.correction_state import ChangedPart, CorrectionState
from campaigns.republications.republications import NewestEvidence, Republication
from campaigns.republications.review.review_reasons import ReviewReason
from coordinator.translation import _, language
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.state_labels import value_label


@dataclass(frozen=True)
class ReviewReasonView:
    """One reason for review: its short ``name``, and a sentence on what was seen."""

    doubt: ReviewReason
    name: str
    words: str


def review_reason_name(doubt: ReviewReason) -> str:
    """Return a few words, for tabs and tables."""
    return {
        ReviewReason.PARTNER_DISAGREES: _("Đối tác không đồng ý"),
        ReviewReason.LOOKS_DISAGREE: _("Trình duyệt thấy khác"),
        ReviewReason.IMAGE_NOT_FOUND: _("Ảnh đếm thấy, trang không có"),
        ReviewReason.REPORTED_SHORT: _("Báo đã đăng, trang thiếu văn bản"),
        ReviewReason.IMAGE_STRIPPED: _("Có bài, thiếu ảnh đếm"),
        ReviewReason.OTHER_SOURCE: _("Văn bản của Sở, ghi nguồn khác"),
        ReviewReason.NO_SOURCE: _("Văn bản của Sở, không nêu nguồn"),
        ReviewReason.FRONT_PAGE: _("Nằm trên trang chủ"),
        ReviewReason.OTHER_FIGURES: _("Đúng mẫu, khác số liệu"),
        ReviewReason.OTHER_BULLETIN: _("Dẫn đường dẫn của bản tin khác"),
        ReviewReason.PICTURE: _("Ảnh giống ảnh của bản tin"),
        ReviewReason.EXCERPT: _("Chỉ trích một phần"),
        ReviewReason.UNREADABLE: _("Máy không đọc được trang"),
        ReviewReason.SOCIAL_POST: _("Mạng xã hội, chờ người thứ hai"),
    }[doubt]


def correction_state_name(state: CorrectionState) -> str:
    """Return what a copy made of the last correction, in a few words."""
    return {
        CorrectionState.FOLLOWED: _("Đã sửa theo bản hiện hành"),
        CorrectionState.OLD: _("Còn bản cũ"),
        CorrectionState.UNCLEAR: _("Chưa rõ đã sửa theo hay chưa"),
        CorrectionState.NOT_AFFECTED: _("Không liên quan: bài không đăng phần đã đính chính"),
    }[state]


def correction_reason(code: str) -> str:
    """Return one reason, ``part:state`` or ``same_words``, as a sentence."""
    part, _colon, state = code.partition(":")
    if not state:
        return _("Chỉ đổi chữ hoa, dấu câu hoặc chỗ đặt dấu thanh.")
    name = {
        ChangedPart.TITLE: _("Tiêu đề"),
        ChangedPart.TEXT: _("Nội dung"),
        ChangedPart.ORDER: _("Thứ tự các câu"),
        ChangedPart.PICTURE: _("Ảnh"),
    }[ChangedPart(part)]
    found = {
        CorrectionState.FOLLOWED: _("có bản mới, không còn bản cũ"),
        CorrectionState.OLD: _("còn bản cũ, chưa có bản mới"),
        CorrectionState.UNCLEAR: _("không phân biệt được"),
        CorrectionState.NOT_AFFECTED: _("bài không đăng phần này"),
    }[CorrectionState(state)]
    return f"{name}: {found}"


def counting_note(doubt: ReviewReason) -> str:
    """Return how the figures treat such a copy until the decision."""
    match doubt:
        case ReviewReason.IMAGE_STRIPPED:
            return _("Vẫn tính là một lượt nếu đủ điều kiện; chỉ thiếu lượt xem của trang này.")
        case ReviewReason.PARTNER_DISAGREES:
            return _("Giữ nguyên như trước khi đối tác trả lời, cho tới khi có người kết luận.")
        case ReviewReason.LOOKS_DISAGREE:
            return _("Vẫn tính là một lượt như trước, cho tới khi có người kết luận.")
        case ReviewReason.IMAGE_NOT_FOUND:
            return _("Lượt xem vẫn vào số lượt xem; bài chưa tính là một lượt cho tới khi có người kết luận.")
        case ReviewReason.REPORTED_SHORT:
            return _("Lời báo được giữ; bài ở cột chờ xem xét, hoặc đã loại khi trang không có chữ nào của bản tin.")
        case _:
            return _("Ở cột chờ xem xét, chưa tính vào kết quả.")


def review_reason(
    doubt: ReviewReason,
    row: Republication,
    newest: NewestEvidence | None,
    ways: Mapping[SightingMethod, datetime],
    now: datetime,
) -> ReviewReasonView:
    """Return one review reason of one copy. ``newest``: its newest evidence; ``ways``: when its page was first seen by
    each method.
    """
    return ReviewReasonView(doubt, review_reason_name(doubt), _reason_sentence(doubt, row, newest, ways, now))


def _reason_sentence(
    doubt: ReviewReason,
    row: Republication,
    newest: NewestEvidence | None,
    ways: Mapping[SightingMethod, datetime],
    now: datetime,
) -> str:
    share = formats.percent(row.share, language(), 0)
    match doubt:
        case ReviewReason.PARTNER_DISAGREES:
            return _("Đối tác đã trả lời và không đồng ý với điều máy hoặc người kết luận; câu trả lời ở ngay dưới.")
        case ReviewReason.LOOKS_DISAGREE:
            return look_difference_sentence(row.look_note)
        case ReviewReason.IMAGE_NOT_FOUND:
            at = (
                formats.short_moment(ways[SightingMethod.COUNTED_IMAGE], now, language())
                if SightingMethod.COUNTED_IMAGE in ways
                else ""
            )
            answered = _answer_sentence(row, newest)
            return _(
                "Ảnh đếm của bản tin được tải từ địa chỉ này lúc %(at)s, nhưng %(answered)s.", at=at, answered=answered
            )
        case ReviewReason.REPORTED_SHORT if SightingMethod.REPORTED in ways:
            return _("Có người báo trang này đã đăng, nhưng máy chỉ thấy %(share)s văn bản trên trang.", share=share)
        case ReviewReason.REPORTED_SHORT:
            return _("Máy chủ của đối tác báo đã đăng, nhưng máy chỉ thấy %(share)s văn bản trên trang.", share=share)
        case ReviewReason.IMAGE_STRIPPED:
            return _(
                "Trang có văn bản mà không có ảnh đếm kèm theo: lượt xem ở đây không đếm được. Không cản việc tính."
            )
        case ReviewReason.OTHER_SOURCE:
            name = newest.source_name if newest is not None else None
            if name:
                return _(
                    "Trang ghi nguồn là “%(name)s”; có thể đã lấy qua nơi đó, hoặc cùng lấy từ một gốc.", name=name
                )
            return _("Trang ghi một nguồn khác; có thể đã lấy qua nơi đó, hoặc cùng lấy từ một gốc.")
        case ReviewReason.NO_SOURCE if row.match is Match.PICTURE:
            return _("Trang có ảnh, video hoặc âm thanh của bản tin mà không nêu tên hay đường dẫn của Sở.")
        case ReviewReason.NO_SOURCE:
            return _(
                "Trang có %(share)s văn bản mà không nêu tên hay đường dẫn của Sở; có thể từ nơi khác.", share=share
            )
        case ReviewReason.FRONT_PAGE:
            return _("Văn bản đứng trên trang chủ, không phải trang riêng của một bài; ngày mai có thể không còn.")
        case ReviewReason.OTHER_FIGURES:
            return _(
                "Câu chữ là của bản tin này, nhưng số liệu không phải: có thể là bản tin của ngày khác không có ở đây, "
                "hoặc số liệu đã bị sửa."
            )
        case ReviewReason.OTHER_BULLETIN:
            return _("Văn bản là của bản tin này, nhưng đường dẫn trên trang mở một bản tin khác của Sở.")
        case ReviewReason.PICTURE:
            return _(
                "Trang có ảnh giống ảnh của bản tin, nhưng máy không đủ căn cứ; người xem so hai ảnh rồi quyết định."
            )
        case ReviewReason.EXCERPT:
            return _(
                "Trang chỉ trích %(share)s văn bản. Người xem quyết định trích vậy đã là đăng lại chưa.", share=share
            )
        case ReviewReason.UNREADABLE:
            error = row.page.error
            if row.page.unreadable is not None:
                why = value_label("unreadable", row.page.unreadable).lower()
                return _("Có lời báo nhưng máy không đọc được trang bằng cách này: %(why)s.", why=why)
            if error:
                return _("Có lời báo nhưng máy không đọc được trang: %(error)s.", error=error)
            return _("Có lời báo nhưng máy không đọc được trang.")
        case ReviewReason.SOCIAL_POST:
            return _("Có người báo và gửi ảnh chụp; máy không đọc mạng xã hội. Người khác xem ảnh rồi mới tính.")


def _answer_sentence(row: Republication, newest: NewestEvidence | None) -> str:
    status = row.page.status
    if status is not None and status >= 400:
        return _("trang nay trả lời %(status)s", status=status)
    if row.missing_since is not None or newest is not None:
        return _("bài không còn ở đó nữa")
    return _("trang ở đó không có văn bản của Sở")


def removal_signs_label(reasons: Sequence[str]) -> str:
    """Return why a check did not find the copy or rejected it, the strongest sign first; empty without reasons."""
    return "; ".join(_removal_sign_label(reason) for reason in reasons)


def _removal_sign_label(reason: str) -> str:
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
            return _("trang giống hệt trang hiện ra cho địa chỉ không có thật")
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
        case "page_unreadable":
            return _("trang không đọc được bằng cách này")
        case _:
            return rest or reason


def notification_label(delivery: RecallDelivery | None, *, recalled: bool) -> str:
    """Return whether the partner was notified of the recall or correction."""
    if delivery is None:
        return _("chưa có kênh nào báo được cho đối tác này")
    if delivery.state is DeliveryState.DELIVERED:
        return _("tin thu hồi đã tới") if recalled else _("phiên bản mới đã tới")
    state = value_label("delivery", delivery.state).lower()
    return (
        _("tin thu hồi chưa tới: %(state)s", state=state)
        if recalled
        else _("phiên bản mới chưa tới: %(state)s", state=state)
    )


def copy_figure_name(figure: CopyFigure) -> str:
    """Return the label of a figure of copies."""
    return {
        CopyFigure.FOUND: _("Được báo hoặc tự tìm thấy"),
        CopyFigure.FETCHED: _("Đã tải về"),
        CopyFigure.MATCHED: _("Khớp văn bản"),
        CopyFigure.BY_PERSON: _("Người xem xác nhận, không tải về"),
        CopyFigure.LIVE: _("Đã xác nhận, còn trên trang"),
        CopyFigure.UNREADABLE: _("Trang không đọc được"),
        CopyFigure.NAMED: _("Đã xác nhận, nêu tên nguồn"),
        CopyFigure.LINKED: _("Đã xác nhận, có đường dẫn tới bản tin"),
        CopyFigure.SOURCE_SEEN: _("Đã xác nhận, thấy được nguồn"),
        CopyFigure.UNLOOKED: _("Đã xác nhận, chưa xem bằng trình duyệt"),
    }[figure]


def delay_class_name(delay: DelayClass) -> str:
    """Return the label of a class of delays."""
    return {
        DelayClass.UNDER_1: _("dưới 1 giờ"),
        DelayClass.UNDER_3: _("1–3 giờ"),
        DelayClass.UNDER_6: _("3–6 giờ"),
        DelayClass.UNDER_12: _("6–12 giờ"),
        DelayClass.UNDER_24: _("12–24 giờ"),
        DelayClass.LATER: _("trên 24 giờ"),
    }[delay]


def look_cause_sentence(note: str) -> str:
    """Return why a copy needs a look, of its note."""
    return {
        LookCause.UNREAD_STYLE.value: _("Trang có kiểu trình bày mà máy không hiểu, có thể che mất bài."),
        LookCause.AFTER_DIFFERENCE.value: _("Một bài khác của trang này hiện ra khác với bản máy tải về."),
        LookCause.SUSPECTED.value: _("Một quy tắc nêu nghi vấn về bài này."),
        LookCause.PAGE_CHANGED.value: _("Ở lần xem trước, trang đã khác với bản máy tải về ngay trước đó."),
        LookCause.FIRST_COPIES.value: _("Bài này thuộc những bài đầu tiên của trang."),
        LookCause.SAMPLE.value: _("Bài này thuộc mẫu, cứ hai mươi bài xem một."),
    }.get(note, "")


def look_difference_sentence(note: str) -> str:
    """Return what a reader does not see, of the note of a copy (``LookDifference.note``)."""
    code, _colon, detail = note.partition(": ")
    way, _line, what = code.partition("_")
    match what:
        case "text":
            seen, fetched = (formats.percent(float(share), language(), 0) for share in detail.split())
            said = _("Người đọc thấy %(seen)s văn bản, bản máy tải về có %(fetched)s.", seen=seen, fetched=fetched)
        case "source":
            said = _("Người đọc không thấy tên và đường dẫn của Sở, bản máy tải về có.")
        case "link":
            said = _("Người đọc không thấy đường dẫn tới bản tin, bản máy tải về có.")
        case _:
            said = _("Người đọc bị dẫn sang %(where)s.", where=detail)
    return (
        said if way == "browser" else _("%(said)s Máy biết khi tải lại trang như trình duyệt của người đọc.", said=said)
    )
