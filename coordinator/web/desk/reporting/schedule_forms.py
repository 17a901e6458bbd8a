"""The form of a report schedule, and its choices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.directory import COMPANY_IN_USE, Company
from campaigns.planning.campaigns import Campaign
from campaigns.reporting import saved_filters
from campaigns.reporting.saved_filters import SavedFilter
from campaigns.reporting.schedules.schedules import REPORT_FORMATS, ReportKind, Schedule, ScheduleDraft
from campaigns.search.autocomplete import PickableKind
from coordinator.jobs.reporting import crontab
from coordinator.translation import _
from coordinator.web.auth.security import current_actor
from coordinator.web.kit.forms.datetimes import parse_time
from coordinator.web.kit.forms.field_types import DateField, LinesField, ManyField, OneOfField, PickField, TextField
from coordinator.web.kit.forms.page_form import PageForm

BY_CRON_LINE = "cron"  # in place of a rhythm: the cron expression typed beside it
# The rhythms offered, each a cron expression after minute and hour.
RHYTHMS: Mapping[str, str] = {
    "daily": "* * *",
    "workdays": "* * 1-5",
    "mondays": "* * 1",
    "monthly": "1 * *",
    "quarterly": "5 1,4,7,10 *",
}
DEFAULT_RHYTHM = {
    ReportKind.DAY: "workdays", ReportKind.WEEK: "mondays", ReportKind.PARTNER: "monthly", ReportKind.PLAN: "mondays",
    ReportKind.RECOGNITION: "quarterly", ReportKind.BRIEFING: "quarterly", ReportKind.LIST: "mondays",
}  # fmt: skip


class ScheduleForm(PageForm):
    """The form of a schedule. ``partner`` stands in place of ``subject`` where the subject is a partner."""

    name = TextField(required=True)
    partner = PickField(PickableKind.PARTNER, name="subject")
    subject = TextField()
    forms = ManyField()
    rhythm = OneOfField((*RHYTHMS, BY_CRON_LINE))
    at = TextField()
    cron = TextField()
    ends_on = DateField()
    addresses = LinesField(semicolons=True, required=True)

    @classmethod
    def of_kind(cls, kind: ReportKind, stored: Schedule | None) -> Self:
        """Return the form of a schedule of this kind, as submitted, else with the stored values or the usual ones."""
        usual = {
            "forms": REPORT_FORMATS[kind][:1], "rhythm": DEFAULT_RHYTHM[kind], "at": "07:30",
            "addresses": [current_actor().id],
        }  # fmt: skip
        form = cls.of_request(usual if stored is None else _stored_values(stored))
        if kind is ReportKind.PARTNER:
            del form.subject
        else:
            del form.partner
        return form

    @property
    def subject_code(self) -> str:
        """The code of what is reported on; '' for a kind that needs none."""
        return (self.partner or self.subject).data


def kind_name(kind: ReportKind) -> str:
    """Return the label of what is reported."""
    return {
        ReportKind.DAY: _("Bản tổng hợp ngày"),
        ReportKind.WEEK: _("Bản tổng hợp tuần"),
        ReportKind.PARTNER: _("Kết quả của một đối tác"),
        ReportKind.PLAN: _("Kết quả một kế hoạch"),
        ReportKind.RECOGNITION: _("Ghi nhận đối tác"),
        ReportKind.BRIEFING: _("Báo cáo quý"),
        ReportKind.LIST: _("Danh sách theo bộ lọc"),
    }[kind]


def kind_note(kind: ReportKind) -> str:
    """Return which days each report covers, and what is sent later after an outage."""
    return {
        ReportKind.DAY: _("Mỗi lần nói về ngày hôm trước. Lỡ nhiều lần thì chỉ gửi lần cuối."),
        ReportKind.WEEK: _("Mỗi lần nói về tuần trước, Thứ Hai đến Chủ Nhật. Lỡ nhiều lần thì chỉ gửi lần cuối."),
        ReportKind.PARTNER: _("Mỗi lần nói về tháng trước."),
        ReportKind.PLAN: _("Mỗi lần nói từ đầu kế hoạch tới lúc lập."),
        ReportKind.RECOGNITION: _("Mỗi lần xếp theo quý trước."),
        ReportKind.BRIEFING: _("Mỗi lần nói về quý trước. Lỡ lần nào gửi bù lần ấy."),
        ReportKind.LIST: _("Mỗi lần liệt kê những dòng đang khớp bộ lọc."),
    }[kind]


def rhythm_choices() -> list[tuple[str, str]]:
    """Return (key, name) of the rhythms, the custom cron expression last."""
    return [
        ("daily", _("Mỗi ngày")),
        ("workdays", _("Ngày làm việc, Thứ Hai đến Thứ Sáu")),
        ("mondays", _("Thứ Hai hằng tuần")),
        ("monthly", _("Ngày 1 hằng tháng")),
        ("quarterly", _("Ngày 5 đầu mỗi quý")),
        (BY_CRON_LINE, _("Theo dòng cron ghi bên dưới")),
    ]


def _stored_values(row: Schedule) -> dict[str, object]:
    minute, hour, rest = row.cron.split(" ", 2)
    known = {line: key for key, line in RHYTHMS.items()}
    plain = minute.isdigit() and hour.isdigit() and rest in known
    return {
        "name": row.name,
        "partner": row.subject,
        "subject": row.subject,
        "forms": row.forms,
        "rhythm": known[rest] if plain else BY_CRON_LINE,
        "at": f"{int(hour):02}:{int(minute):02}" if plain else "",
        "cron": "" if plain else row.cron,
        "ends_on": row.ends_on,
        "addresses": [receiver.address for receiver in row.going],
    }


def parse_form(session: Session, form: ScheduleForm, kind: ReportKind, *, now: datetime) -> ScheduleDraft:
    """Return the input of the domain, of a form without errors. Raises ``Invalid`` for an unknown subject; the domain
    validates the rest.
    """
    subject, by_line = form.subject_code, form.rhythm.data == BY_CRON_LINE
    if subject and not _subject_exists(session, kind, subject):
        raise Invalid([FieldError("subject", "subject_gone", f"there is no {subject}")])
    line, trouble, next_at = form.cron.data, None, None
    try:
        if not by_line:
            line = _cron_line(form.at.data, RHYTHMS[form.rhythm.data])
        next_at = crontab.validated_next_time(line, now=now)
    except Invalid as invalid:
        trouble = FieldError("cron" if by_line else "at", invalid.errors[0].code, invalid.errors[0].message)
    return ScheduleDraft(
        name=form.name.data, kind=kind, subject=subject, forms=form.forms.data, cron=line,
        ends_on=form.ends_on.data, addresses=form.addresses.data, next_at=next_at, cron_trouble=trouble,
    )  # fmt: skip


def _cron_line(at: str, rhythm: str) -> str:
    """Return ``07:30`` and a rhythm as a cron expression. Raises ``Invalid``."""
    moment = parse_time(at)
    if moment is None:
        raise Invalid([FieldError("at", "time", f"{at!r} is not a time; expected one such as 07:30")])
    return f"{moment.minute} {moment.hour} {rhythm}"


def _subject_exists(session: Session, kind: ReportKind, subject: str) -> bool:
    if kind is ReportKind.LIST:
        query = sa.select(SavedFilter.id).where(SavedFilter.public == subject)
    elif kind is ReportKind.PARTNER:
        query = sa.select(Company.id).where(Company.code == subject, COMPANY_IN_USE)
    else:
        query = sa.select(Campaign.id).where(Campaign.code == subject)
    return session.execute(query).first() is not None


def subject_choices(session: Session, kind: ReportKind) -> list[tuple[str, str]]:
    """Return the subjects that a report of this kind can have; empty for a kind that needs none or
    uses autocomplete.
    """
    if kind is ReportKind.LIST:
        return [(row.public, row.name) for row in saved_filters.filters_for(session, current_actor())]
    if kind in {ReportKind.PLAN, ReportKind.BRIEFING}:
        query = sa.select(Campaign.code, Campaign.plan_number, Campaign.name).order_by(Campaign.starts_on.desc())
        plans = [(code, f"{number} · {name}") for code, number, name in session.execute(query)]
        return [("", _("Tất cả bản tin")), *plans] if kind is ReportKind.BRIEFING else plans
    return []
