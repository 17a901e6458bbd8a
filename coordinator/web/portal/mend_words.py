"""What a partner can do about each thing to put right, and the exact lines to paste. Pure but for the language."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import escape

from campaigns.tracking.mending import SOURCE_LINE, Mend
from campaigns.tracking.republications import Republication
from coordinator.web import formats
from coordinator.web.answer_words import mend_name
from coordinator.web.look import language
from coordinator.web.saying import _


@dataclass(frozen=True)
class Lines:
    """What a partner may paste: the source line and the counter image of one bulletin, as HTML."""

    source: str
    image: str


@dataclass(frozen=True)
class MendLine:
    """One thing to put right. ``paste``: HTML to put on the page, '' when that would not help. ``grave``: first of all,
    since the text was withdrawn or corrected. ``mends``: whether the partner can say that it is done."""

    code: str
    name: str
    advice: str
    paste: str
    grave: bool
    mends: bool


def lines_of(name: str, url: str, counter_url: str) -> Lines:
    """The same lines as in the copy kit."""
    return Lines(
        f'<p>Theo <a href="{escape(url)}">{escape(name)}</a></p>',
        f'<img src="{escape(counter_url)}" width="1" height="1" alt="">',
    )


def mend_lines(row: Republication, found: Sequence[Mend], lines: Lines) -> list[MendLine]:
    """Everything to put right on one copy, the most pressing first."""
    return [_line(one, row, lines) for one in found]


def _line(mend: Mend, row: Republication, lines: Lines) -> MendLine:
    paste = lines.source if mend in SOURCE_LINE else lines.image if mend is Mend.IMAGE_MISSING else ""
    grave = mend in {Mend.RECALLED, Mend.OLD_TEXT}
    return MendLine(mend.value, mend_name(mend), _advice(mend, row), paste, grave, mend is not Mend.REJECTED)


def _advice(mend: Mend, row: Republication) -> str:
    share = formats.percent(row.share, language(), 0)
    return {
        Mend.RECALLED: _("Mời gỡ bài khỏi trang, rồi bấm “Đã sửa” để máy xem lại ngay."),
        Mend.OLD_TEXT: _("Mời thay bằng bản mới nhất của bản tin, rồi bấm “Đã sửa”."),
        Mend.REJECTED: _("Cán bộ đã xem và không tính bài này. Nếu thấy chưa đúng, mời nêu lý do."),
        Mend.NOT_FOUND: _(
            "Máy mở địa chỉ này mà không thấy văn bản. Kiểm tra lại địa chỉ, hoặc bài đã đăng công khai chưa."
        ),
        Mend.UNREADABLE: _("Trang không mở được từ bên ngoài, hoặc chặn máy đọc. Mời mở trang cho máy của Sở."),
        Mend.FRONT_PAGE: _("Mời đăng bài ở một địa chỉ riêng; trang chủ đổi mỗi ngày nên không tính."),
        Mend.OTHER_SOURCE: _("Mời ghi nguồn là Sở, bằng dòng dưới đây đặt ở cuối bài."),
        Mend.NO_SOURCE: _("Mời thêm dòng nguồn dưới đây vào cuối bài."),
        Mend.HOME_PAGE_ONLY: _("Mời đổi đường dẫn cho tới đúng bản tin, bằng dòng dưới đây."),
        Mend.URL_TEXT_ONLY: _("Mời đổi địa chỉ bằng chữ thành đường dẫn bấm được, bằng dòng dưới đây."),
        Mend.NAMED_ONLY: _("Mời thêm đường dẫn tới bản tin vào tên nguồn, bằng dòng dưới đây."),
        Mend.NOT_AT_END: _("Mời đặt dòng nguồn này ở cuối bài."),
        Mend.EXCERPT: _("Trang có %(share)s văn bản. Đăng toàn văn thì bài được tính ngay.", share=share),
        Mend.IMAGE_MISSING: _(
            "Việc này không đổi kết quả tính bài, chỉ là không đếm được lượt xem. Mời thêm dòng này vào cuối bài."
        ),
    }[mend]
