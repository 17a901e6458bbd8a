"""What of the findings needs somebody today, in the words of the day's page."""

from datetime import datetime

from flask_babel import ngettext
from sqlalchemy.orm import Session

from campaigns.compliance import findings
from campaigns.core.clock import city_day
from campaigns.people.staff import Actor, May
from coordinator.web import formats
from coordinator.web.desk.elsewhere import page_of
from coordinator.web.look import language
from coordinator.web.saying import _

TaskWords = tuple[str, str, str, str, str, str | None]  # icon, ink, title, advice, button, address


def finding_tasks(session: Session, who: Actor, *, now: datetime) -> list[TaskWords]:
    """Replies nobody has read, partners that did not answer in time, suspicions nobody has decided; one statement."""
    if not who.may(May.REVIEW) or page_of("compliance.index") is None:
        return []
    waits = findings.waiting(session, city_day(now))
    found: list[TaskWords] = []
    if waits.replied:
        title = ngettext(
            "%(count)s lời đối tác về nghi vấn chưa ai đọc", "%(count)s lời đối tác về nghi vấn chưa ai đọc",
            waits.replied, count=formats.number(waits.replied, language()),
        )  # fmt: skip
        url = page_of("compliance.index", standing="all", waits="reply")
        found.append(("mail", "wait", title, _("Đọc trước khi kết luận hoặc khép lại."), _("Đọc"), url))
    if waits.overdue:
        title = ngettext(
            "%(count)s nghi vấn quá hạn mà đối tác chưa trả lời", "%(count)s nghi vấn quá hạn mà đối tác chưa trả lời",
            waits.overdue, count=formats.number(waits.overdue, language()),
        )  # fmt: skip
        url = page_of("compliance.index", standing="all", waits="overdue")
        found.append(("clock", "wait", title, _("Gọi cho họ, gửi công văn nhắc hoặc kết luận."), _("Xem"), url))
    if waits.proposed:
        title = ngettext(
            "%(count)s nghi vấn về tuân thủ chờ kết luận", "%(count)s nghi vấn về tuân thủ chờ kết luận",
            waits.proposed, count=formats.number(waits.proposed, language()),
        )  # fmt: skip
        url = page_of("compliance.index", standing="proposed")
        advice = _("Mỗi nghi vấn kèm bằng chứng; không có gì tự động xảy ra với đối tác.")
        found.append(("shield", "move", title, advice, _("Xem"), url))
    return found
