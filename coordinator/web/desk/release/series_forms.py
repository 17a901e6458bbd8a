"""Series: the list, and the form that creates one or changes it from a day on."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.people.staff import Permission
from campaigns.release import series
from campaigns.release.series import Occurrence, Series, SeriesContent, SeriesDayStatus
from campaigns.search.autocomplete import PickableKind
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins.forms import channel_values, form_choices
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.field_types import (
    DateField,
    FlagField,
    ManyField,
    OneOfField,
    PickManyField,
    TextField,
    TimeField,
)
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.links import calendar_url
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text import formats

AHEAD = 60  # days in which the next occurrence of a series is searched for


class SeriesForm(PageForm):
    """The form of a series. ``starts_on`` is the first day of a new one, ``changed_from`` the first day of a change."""

    name = TextField(required=True)
    title = TextField(required=True)
    topic = TextField()
    weekdays = ManyField()
    time = TimeField(required=True)
    skips_holidays = FlagField()
    reach = OneOfField(("all", "chosen"))
    channels = PickManyField(PickableKind.CHANNEL, ("reach", "chosen"))
    starts_on = DateField(required=True)
    changed_from = DateField(required=True, name="from")
    ends_on = DateField()

    def wanted(self) -> SeriesContent:
        """Return the input of the domain, of a form without errors."""
        return SeriesContent(
            title=self.title.data,
            topic=self.topic.data,
            channels=tuple(self.channels.data) if self.reach.data == "chosen" else None,
            weekdays=frozenset(int(day) for day in self.weekdays.data if day in set("0123456")),
            minute=self.time.value.hour * 60 + self.time.value.minute,
            skips_holidays=self.skips_holidays.data,
        )


@dataclass(frozen=True)
class SeriesRow:
    """One row in the list of series."""

    public: str
    name: str
    topic: str
    when: str
    starts_on: date
    ends_on: date | None
    over: bool
    skips_holidays: bool
    next: Occurrence | None
    missed: int


@staff_required()
def index() -> ResponseReturnValue:
    """Show every series: its rhythm, the next occurrence, and recent missed days."""
    context = app_context().job_context
    now = context.now()
    today = city_day(now)
    with context.database.read() as session:
        every = session.execute(sa.select(Series).options(sa.orm.selectinload(Series.rules)).order_by(Series.id))
        rows = every.scalars().all()
        near = series.list_occurrences(session, today - timedelta(days=30), today + timedelta(days=AHEAD), now=now)
        lines = [
            _series_row(row, [occurrence for occurrence in near if occurrence.series == row.public], today, now)
            for row in rows
        ]
    lines.sort(key=lambda line: line.over)
    return render_template("desk/release/series.html", lines=lines, may_write=current_actor().may(Permission.WRITE))


def _series_row(row: Series, near: list[Occurrence], today: date, now: datetime) -> SeriesRow:
    rule = row.rule_on(max(today, row.starts_on)) or row.rules[-1]
    ahead = [
        occurrence for occurrence in near if occurrence.at > now and occurrence.standing is not SeriesDayStatus.SKIPPED
    ]
    return SeriesRow(
        public=row.public,
        name=row.name,
        topic=rule.topic.name,
        when=_("%(days)s lúc %(time)s", days=weekdays_label(rule.weekdays), time=_minute_label(rule.minute)),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        over=row.ends_on is not None and row.ends_on < today,
        skips_holidays=rule.skips_holidays,
        next=ahead[0] if ahead else None,
        missed=sum(occurrence.standing is SeriesDayStatus.MISSED for occurrence in near),
    )


def weekdays_label(bits: int) -> str:
    """Return ``hằng ngày``, ``Thứ Hai đến Thứ Sáu``, or the list of days."""
    if bits == 127:
        return str(_("hằng ngày"))
    if bits == 31:
        return str(_("Thứ Hai đến Thứ Sáu"))
    monday = date(2026, 11, 23)
    names = [formats.weekday(monday + timedelta(days=day), language()) for day in range(7) if bits >> day & 1]
    return ", ".join(names)


def _minute_label(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@staff_required(Permission.WRITE)
def new() -> ResponseReturnValue:
    """Show the form of a new series, or create it."""
    context = app_context().job_context
    usual = {"starts_on": city_day(context.now()), "time": time(6, 30), "weekdays": "0123456"}
    form = SeriesForm.of_request(usual)
    del form.changed_from
    if request.method == "POST" and not form.channels.pick.more and form.validate():
        try:
            with context.database.write() as session:
                begun = series.begin_series(
                    session,
                    current_actor(),
                    name=form.name.data,
                    starts_on=form.starts_on.value,
                    ends_on=form.ends_on.data,
                    wanted=form.wanted(),
                    now=context.now(),
                )
                name = begun.name
        except CampaignError as error:
            form.add_errors(error)
        else:
            flash_done(_("Đã lập loạt %(name)s; các ngày của loạt đã có trên lịch.", name=name))
            return redirect(calendar_url(form.starts_on.value), 303)
    return _render_form(None, form)


@staff_required(Permission.WRITE)
def change(public: str) -> ResponseReturnValue:
    """Change a series from a day on; earlier days are kept."""
    context = app_context().job_context
    with context.database.read() as session:
        row = series.find_series(session, public)
        form = SeriesForm.of_request(_stored_values(row, _default_start(city_day(context.now()), row)))
        heading = SeriesHeading(row.public, row.name, row.starts_on, row.ends_on)
    del form.starts_on
    if request.method == "POST" and not form.channels.pick.more and form.validate():
        day = form.changed_from.value
        try:
            with context.database.write() as session:
                series.change_series_from(
                    session, current_actor(), public, day, name=form.name.data, ends_on=form.ends_on.data,
                    wanted=form.wanted(), now=context.now(),
                )  # fmt: skip
        except Invalid as invalid:
            form.add_errors(invalid)
        else:
            flash_done(_("Đã đổi loạt từ %(day)s; các ngày trước giữ nguyên.", day=formats.day(day)))
            return redirect(calendar_url(day), 303)
    return _render_form(heading, form)


@dataclass(frozen=True)
class SeriesHeading:
    """A series as the head of its form shows it."""

    public: str
    name: str
    starts_on: date
    ends_on: date | None


def _default_start(today: date, row: Series) -> date:
    try:
        asked = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        asked = today
    return max(asked, row.starts_on)


@staff_required(Permission.WRITE)
def end(public: str) -> ResponseReturnValue:
    """Set the last day of a series."""
    context = app_context().job_context
    errors: list[FieldError] = []
    last = fields.day("last", errors, required=True)
    if errors or last is None:
        raise Invalid(errors)
    with context.database.write() as session:
        series.end_series(session, current_actor(), public, last, now=context.now())
    flash_done(_("Đã kết thúc loạt; ngày cuối là %(day)s.", day=formats.day(last)))
    return redirect(url_for("calendar.series"), 303)


def _stored_values(row: Series, day: date) -> dict[str, object]:
    rule = row.rule_on(day) or row.rules[-1]
    return {
        "name": row.name,
        "title": rule.title,
        "topic": rule.topic.code,
        "time": time(*divmod(rule.minute, 60)),
        "weekdays": [str(day) for day in range(7) if rule.weekdays >> day & 1],
        **channel_values(rule.wanted_channels),
        "skips_holidays": rule.skips_holidays,
        "ends_on": row.ends_on,
        "changed_from": day,
    }


def _render_form(heading: SeriesHeading | None, form: SeriesForm) -> ResponseReturnValue:
    if form.channels.pick.more:
        form.reach.data = "chosen"  # a channel on the list implies the choice of single channels
        form.channels.validate(form)
    with app_context().job_context.database.read() as session:
        offered = form_choices(session)
    monday = date(2026, 11, 23)
    days = [(str(step), formats.weekday(monday + timedelta(days=step), language())) for step in range(7)]
    page = render_template(
        "desk/release/series_form.html",
        series=heading, form=form, offered=offered, days=days, today=city_day(app_context().job_context.now()),
    )  # fmt: skip
    return page, form.status
