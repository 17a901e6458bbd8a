"""What a partner is asked for, in words, each with where it is done."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import ngettext
from sqlalchemy.orm import Session

from campaigns.reporting.owed import Owed, Owing, owed
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _

ICONS = {
    Owing.RECALLED: "undo", Owing.FINDING: "ask", Owing.OLD_TEXT: "pen", Owing.CONFIRM: "bell", Owing.READ: "bell",
    Owing.MEND: "link",
}  # fmt: skip


@dataclass(frozen=True)
class OwedLine:
    """One kind of thing to do. ``late``: for some of it the time is over."""

    icon: str
    title: str
    advice: str
    url: str
    button: str
    late: bool


def lines(session: Session, company_id: int, *, now: datetime) -> list[OwedLine]:
    """Everything, the most pressing first."""
    return [_line(one) for one in owed(session, company_id, now=now)]


def _line(one: Owed) -> OwedLine:
    count = formats.number(one.count, language())
    title = {
        Owing.RECALLED: ngettext(
            "Gỡ %(count)s bài của bản tin đã thu hồi", "Gỡ %(count)s bài của bản tin đã thu hồi", one.count,
            count=count,
        ),
        Owing.OLD_TEXT: ngettext(
            "Thay %(count)s bài còn bản cũ sau đính chính", "Thay %(count)s bài còn bản cũ sau đính chính", one.count,
            count=count,
        ),
        Owing.FINDING: ngettext(
            "Trả lời %(count)s điều Sở hỏi", "Trả lời %(count)s điều Sở hỏi", one.count, count=count
        ),
        Owing.CONFIRM: ngettext(
            "Xác nhận %(count)s thông báo", "Xác nhận %(count)s thông báo", one.count, count=count
        ),
        Owing.READ: ngettext("Đọc %(count)s thông báo mới", "Đọc %(count)s thông báo mới", one.count, count=count),
        Owing.MEND: ngettext(
            "Sửa %(count)s bài: nguồn, đường dẫn hoặc ảnh đếm", "Sửa %(count)s bài: nguồn, đường dẫn hoặc ảnh đếm",
            one.count, count=count,
        ),
    }[one.what]  # fmt: skip
    url, button = {
        Owing.RECALLED: (url_for("portal.removals"), _("Xem và gỡ")),
        Owing.OLD_TEXT: (url_for("portal.removals"), _("Xem và thay")),
        Owing.FINDING: (url_for("portal.findings.index"), _("Xem và trả lời")),
        Owing.CONFIRM: (url_for("portal.notices.index"), _("Đọc và xác nhận")),
        Owing.READ: (url_for("portal.notices.index"), _("Đọc")),
        Owing.MEND: (url_for("portal.copies", mend="1"), _("Xem và trả lời")),
    }[one.what]
    return OwedLine(ICONS[one.what], title, _by(one), url, button, bool(one.late))


def _by(one: Owed) -> str:
    if one.by is None:
        return _("Không có hạn, nhưng sửa xong thì kết quả tốt hơn.") if one.what is Owing.MEND else _("Không có hạn.")
    at = formats.full_moment(one.by) if isinstance(one.by, datetime) else _("hết ngày %(day)s", day=formats.day(one.by))
    if one.late:
        late = formats.number(one.late, language())
        return _("Quá hạn %(count)s, sớm nhất từ %(at)s.", count=late, at=at)
    return _("Hạn gần nhất: %(at)s.", at=at)
