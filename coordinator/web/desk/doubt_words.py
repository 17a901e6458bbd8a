"""Why a machine does not decide on a copy, and where sources disagree, in plain words. Pure but for the language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.tracking.doubts import Doubt
from campaigns.tracking.republications import Newest, Republication
from campaigns.tracking.sightings import How
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _


@dataclass(frozen=True)
class DoubtLine:
    """One doubt: its short ``name``, and a sentence that says what was seen."""

    doubt: Doubt
    name: str
    words: str


def doubt_name(doubt: Doubt) -> str:
    """A few words, for tabs and tables."""
    return {
        Doubt.PARTNER_DISAGREES: _("Đối tác không đồng ý"),
        Doubt.IMAGE_NOT_FOUND: _("Ảnh đếm thấy, trang không có"),
        Doubt.REPORTED_SHORT: _("Báo đã đăng, trang thiếu văn bản"),
        Doubt.IMAGE_STRIPPED: _("Có bài, thiếu ảnh đếm"),
        Doubt.OTHER_SOURCE: _("Văn bản của ta, ghi nguồn khác"),
        Doubt.NO_SOURCE: _("Văn bản của ta, không nêu nguồn"),
        Doubt.FRONT_PAGE: _("Nằm trên trang chủ"),
        Doubt.EXCERPT: _("Chỉ trích một phần"),
        Doubt.UNREADABLE: _("Máy không đọc được trang"),
    }[doubt]


def where_counted(doubt: Doubt) -> str:
    """What the figures do with such a copy meanwhile."""
    match doubt:
        case Doubt.IMAGE_STRIPPED:
            return _("Vẫn tính là một lượt nếu đủ điều kiện; chỉ thiếu lượt xem của trang này.")
        case Doubt.PARTNER_DISAGREES:
            return _("Giữ nguyên như trước khi đối tác trả lời, cho tới khi có người kết luận.")
        case Doubt.IMAGE_NOT_FOUND:
            return _("Lượt xem vẫn vào số lượt xem; bài chưa tính là một lượt cho tới khi có người kết luận.")
        case Doubt.REPORTED_SHORT:
            return _("Lời báo được giữ; bài ở cột chờ xem xét, hoặc đã loại khi trang không có chữ nào của ta.")
        case _:
            return _("Ở cột chờ xem xét, chưa tính vào kết quả.")


def doubt_line(
    doubt: Doubt, row: Republication, newest: Newest | None, ways: Mapping[How, datetime], now: datetime
) -> DoubtLine:
    """One doubt about one copy. ``newest``: its newest evidence; ``ways``: when its page was first seen in each way."""
    return DoubtLine(doubt, doubt_name(doubt), _sentence(doubt, row, newest, ways, now))


def _sentence(
    doubt: Doubt, row: Republication, newest: Newest | None, ways: Mapping[How, datetime], now: datetime
) -> str:
    share = formats.percent(row.share, language(), 0)
    match doubt:
        case Doubt.PARTNER_DISAGREES:
            return _("Đối tác đã trả lời và không đồng ý với điều máy hoặc người kết luận; câu trả lời ở ngay dưới.")
        case Doubt.IMAGE_NOT_FOUND:
            at = formats.short_moment(ways[How.COUNTED_IMAGE], now, language()) if How.COUNTED_IMAGE in ways else ""
            answered = _answered(row, newest)
            return _(
                "Ảnh đếm của bản tin được tải từ địa chỉ này lúc %(at)s, nhưng %(answered)s.", at=at, answered=answered
            )
        case Doubt.REPORTED_SHORT if How.REPORTED in ways:
            return _("Có người báo trang này đã đăng, nhưng máy chỉ thấy %(share)s văn bản trên trang.", share=share)
        case Doubt.REPORTED_SHORT:
            return _("Máy chủ của họ báo đã đăng, nhưng máy chỉ thấy %(share)s văn bản trên trang.", share=share)
        case Doubt.IMAGE_STRIPPED:
            return _(
                "Trang có văn bản mà không có ảnh đếm kèm theo: lượt xem ở đây không đếm được. Không cản việc tính."
            )
        case Doubt.OTHER_SOURCE:
            name = newest.source_name if newest is not None else None
            if name:
                return _(
                    "Trang ghi nguồn là “%(name)s”; họ có thể lấy qua nơi đó, hoặc cùng lấy từ một gốc.", name=name
                )
            return _("Trang ghi một nguồn khác; họ có thể lấy qua nơi đó, hoặc cùng lấy từ một gốc.")
        case Doubt.NO_SOURCE:
            return _(
                "Trang có %(share)s văn bản mà không nêu tên hay đường dẫn của ta; có thể từ nơi khác.", share=share
            )
        case Doubt.FRONT_PAGE:
            return _("Văn bản đứng trên trang chủ, không phải trang riêng của một bài; ngày mai có thể không còn.")
        case Doubt.EXCERPT:
            return _(
                "Trang chỉ trích %(share)s văn bản. Người xem quyết định trích vậy đã là đăng lại chưa.", share=share
            )
        case Doubt.UNREADABLE:
            error = row.page.error
            if error:
                return _("Có lời báo nhưng máy không đọc được trang: %(error)s.", error=error)
            return _("Có lời báo nhưng máy không đọc được trang.")


def _answered(row: Republication, newest: Newest | None) -> str:
    status = row.page.status
    if status is not None and status >= 400:
        return _("trang nay trả lời %(status)s", status=status)
    if row.missing_since is not None or newest is not None:
        return _("bài không còn ở đó nữa")
    return _("trang ở đó không có văn bản của ta")
