"""The form of a schedule: its fields as typed, what they come to, and what is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.directory import IN_USE, Company
from campaigns.planning.campaigns import Campaign
from campaigns.reporting import saved_filters
from campaigns.reporting.saved_filters import SavedFilter
from campaigns.reporting.schedules import FORMS, Kind, Schedule, Wanted
from campaigns.searching.picking import Thing
from coordinator.jobs import crontab
from coordinator.web.desk import inputs, picking
from coordinator.web.desk.picking import Pick
from coordinator.web.saying import _
from coordinator.web.security import actor

BY_LINE = "cron"  # in place of a rhythm: the line typed beside it
# The rhythms offered, each a cron line behind its minute and hour.
RHYTHMS: Mapping[str, str] = {
    "daily": "* * *",
    "workdays": "* * 1-5",
    "mondays": "* * 1",
    "monthly": "1 * *",
    "quarterly": "5 1,4,7,10 *",
}
USUAL = {
    Kind.DAY: "workdays", Kind.WEEK: "mondays", Kind.PARTNER: "monthly", Kind.PLAN: "mondays",
    Kind.RECOGNITION: "quarterly", Kind.BRIEFING: "quarterly", Kind.LIST: "mondays",
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """What stands in the fields. ``partner``: the field for one, None for a kind that has none."""

    name: str
    kind: Kind
    subject: str
    forms: Sequence[str]
    rhythm: str
    at: str
    cron: str
    ends_on: str
    addresses: str
    partner: Pick | None


def kind_name(kind: Kind) -> str:
    """What is reported."""
    return {
        Kind.DAY: _("Bản tổng hợp ngày"),
        Kind.WEEK: _("Bản tổng hợp tuần"),
        Kind.PARTNER: _("Kết quả của một đối tác"),
        Kind.PLAN: _("Kết quả một kế hoạch"),
        Kind.RECOGNITION: _("Ghi nhận đối tác"),
        Kind.BRIEFING: _("Báo cáo quý"),
        Kind.LIST: _("Danh sách theo bộ lọc"),
    }[kind]


def kind_note(kind: Kind) -> str:
    """Over which days each time, and what is caught up."""
    return {
        Kind.DAY: _("Mỗi lần nói về ngày hôm trước. Lỡ nhiều lần thì chỉ gửi lần cuối."),
        Kind.WEEK: _("Mỗi lần nói về tuần trước, Thứ Hai đến Chủ Nhật. Lỡ nhiều lần thì chỉ gửi lần cuối."),
        Kind.PARTNER: _("Mỗi lần nói về tháng trước."),
        Kind.PLAN: _("Mỗi lần nói từ đầu kế hoạch tới lúc lập."),
        Kind.RECOGNITION: _("Mỗi lần xếp theo quý trước."),
        Kind.BRIEFING: _("Mỗi lần nói về quý trước. Lỡ lần nào gửi bù lần ấy."),
        Kind.LIST: _("Mỗi lần liệt kê những dòng đang khớp bộ lọc."),
    }[kind]


def rhythm_names() -> list[tuple[str, str]]:
    """(key, name) of the rhythms, the line of one's own last."""
    return [
        ("daily", _("Mỗi ngày")),
        ("workdays", _("Ngày làm việc, Thứ Hai đến Thứ Sáu")),
        ("mondays", _("Thứ Hai hằng tuần")),
        ("monthly", _("Ngày 1 hằng tháng")),
        ("quarterly", _("Ngày 5 đầu mỗi quý")),
        (BY_LINE, _("Theo dòng cron ghi bên dưới")),
    ]


def typed(session: Session, kind: Kind) -> Typed:
    """The fields of a form that was sent, or of a new one."""
    form = request.form
    partner = picking.one(session, Thing.PARTNER, "subject", form) if kind is Kind.PARTNER else None
    return Typed(
        name=inputs.text("name"),
        kind=kind,
        subject=partner.code if partner is not None else inputs.text("subject"),
        forms=form.getlist("forms") if form else FORMS[kind][:1],
        rhythm=form.get("rhythm", USUAL[kind]),
        at=inputs.text("at") if form else "07:30",
        cron=inputs.text("cron"),
        ends_on=inputs.text("ends_on"),
        addresses=form.get("addresses", "") if form else actor().id,
        partner=partner,
    )


def of_row(session: Session, row: Schedule) -> Typed:
    """The fields as a kept schedule has them."""
    minute, hour, rest = row.cron.split(" ", 2)
    known = {line: key for key, line in RHYTHMS.items()}
    plain = minute.isdigit() and hour.isdigit() and rest in known
    values = {"subject": row.subject}
    return Typed(
        name=row.name,
        kind=row.kind,
        subject=row.subject,
        forms=row.forms,
        rhythm=known[rest] if plain else BY_LINE,
        at=f"{int(hour):02}:{int(minute):02}" if plain else "",
        cron="" if plain else row.cron,
        ends_on=row.ends_on.isoformat() if row.ends_on else "",
        addresses="\n".join(one.address for one in row.going),
        partner=picking.one(session, Thing.PARTNER, "subject", values) if row.kind is Kind.PARTNER else None,
    )


def wanted(session: Session, given: Typed, *, now: datetime) -> Wanted:
    """What the fields come to. Raises ``Invalid`` for a day that is none and for a subject that is not there; the rest
    is judged where it is kept."""
    errors: list[FieldError] = []
    ends_on = inputs.day("ends_on", errors)
    if given.subject and not _there(session, given.kind, given.subject):
        errors.append(FieldError("subject", "subject_gone", f"there is no {given.subject}"))
    line, trouble, next_at = given.cron, None, None
    try:
        if given.rhythm != BY_LINE:
            line = _line(given.at, RHYTHMS.get(given.rhythm, "* * *"))
        next_at = crontab.checked(line, now=now)
    except Invalid as invalid:
        field = "cron" if given.rhythm == BY_LINE else "at"
        trouble = FieldError(field, invalid.errors[0].code, invalid.errors[0].message)
    if errors:
        raise Invalid(errors)
    return Wanted(
        name=given.name, kind=given.kind, subject=given.subject, forms=given.forms, cron=line, ends_on=ends_on,
        addresses=inputs.phrases("addresses"), next_at=next_at, cron_trouble=trouble,
    )  # fmt: skip


def _line(at: str, rhythm: str) -> str:
    """``07:30`` and a rhythm as a cron line. Raises ``Invalid``."""
    try:
        moment = datetime.strptime(at, "%H:%M")  # noqa: DTZ007  # a time of day, of no day
    except ValueError:
        raise Invalid([FieldError("at", "time", f"{at!r} is not a time; expected one such as 07:30")]) from None
    return f"{moment.minute} {moment.hour} {rhythm}"


def _there(session: Session, kind: Kind, subject: str) -> bool:
    if kind is Kind.LIST:
        query = sa.select(SavedFilter.id).where(SavedFilter.public == subject)
    elif kind is Kind.PARTNER:
        query = sa.select(Company.id).where(Company.code == subject, IN_USE)
    else:
        query = sa.select(Campaign.id).where(Campaign.code == subject)
    return session.execute(query).first() is not None


def subjects(session: Session, kind: Kind) -> list[tuple[str, str]]:
    """What a report of this kind can be of, as a list to choose from; nothing for a kind that needs none or picks."""
    if kind is Kind.LIST:
        return [(row.public, row.name) for row in saved_filters.filters_for(session, actor())]
    if kind in {Kind.PLAN, Kind.BRIEFING}:
        query = sa.select(Campaign.code, Campaign.plan_number, Campaign.name).order_by(Campaign.starts_on.desc())
        plans = [(code, f"{number} · {name}") for code, number, name in session.execute(query)]
        return [("", _("Tất cả bản tin")), *plans] if kind is Kind.BRIEFING else plans
    return []
