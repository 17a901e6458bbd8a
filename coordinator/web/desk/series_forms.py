"""Series: the list of them, and the form that begins one or changes it from a day on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.people.staff import May
from campaigns.publishing import series, series_acts
from campaigns.publishing.series import Place, Series, Standing
from campaigns.publishing.series_acts import Wanted
from coordinator.web import formats
from coordinator.web.desk import inputs, moments
from coordinator.web.desk.bulletin_form import Choices, choices, picked
from coordinator.web.desk.elsewhere import calendar_of
from coordinator.web.desk.picking import Picks
from coordinator.web.look import language, say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

FIELDS = ("name", "title", "topic", "time", "reach", "skips_holidays", "starts_on", "ends_on", "from")
AHEAD = 60  # days in which the next place of a series is looked for


@dataclass(frozen=True)
class Line:
    """One series in the list."""

    public: str
    name: str
    topic: str
    when: str
    starts_on: date
    ends_on: date | None
    over: bool
    skips_holidays: bool
    next: Place | None
    missed: int


@staff()
def index() -> ResponseReturnValue:
    """Every series: when it comes, what comes next, what was missed lately."""
    place = front().place
    now = place.now()
    today = city_day(now)
    with place.database.read() as session:
        every = session.execute(sa.select(Series).options(sa.orm.selectinload(Series.rules)).order_by(Series.id))
        rows = every.scalars().all()
        near = series.places(session, today - timedelta(days=30), today + timedelta(days=AHEAD), now=now)
        lines = [_line(row, [one for one in near if one.series == row.public], today, now) for row in rows]
    lines.sort(key=lambda line: line.over)
    return render_template("calendar/series.html", lines=lines, may_write=actor().may(May.WRITE))


def _line(row: Series, near: list[Place], today: date, now: datetime) -> Line:
    rule = row.rule_on(max(today, row.starts_on)) or row.rules[-1]
    ahead = [one for one in near if one.at > now and one.standing is not Standing.SKIPPED]
    return Line(
        public=row.public,
        name=row.name,
        topic=rule.topic.name,
        when=_("%(days)s lúc %(time)s", days=days_in_words(rule.weekdays), time=_clock(rule.minute)),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        over=row.ends_on is not None and row.ends_on < today,
        skips_holidays=rule.skips_holidays,
        next=ahead[0] if ahead else None,
        missed=sum(one.standing is Standing.MISSED for one in near),
    )


def days_in_words(bits: int) -> str:
    """``hằng ngày``, ``Thứ Hai đến Thứ Sáu``, or the days one by one."""
    if bits == 127:
        return str(_("hằng ngày"))
    if bits == 31:
        return str(_("Thứ Hai đến Thứ Sáu"))
    monday = date(2026, 11, 23)
    names = [formats.weekday(monday + timedelta(days=day), language()) for day in range(7) if bits >> day & 1]
    return ", ".join(names)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@staff(May.WRITE)
def new() -> ResponseReturnValue:
    """The form of a new series, and its beginning."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST" and not _picks().more:
        try:
            wanted, starts_on, ends_on = _sent("starts_on")
            with place.database.write() as session:
                begun = series_acts.begin(
                    session, actor(), name=inputs.text("name"), starts_on=starts_on, ends_on=ends_on, wanted=wanted,
                    now=place.now(),
                )  # fmt: skip
                name = begun.name
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã lập loạt %(name)s; các ngày của loạt đã có trên lịch.", name=name))
            return redirect(calendar_of(starts_on), 303)
    with place.database.read() as session:
        offered = choices(session)
    usual: dict[str, object] = {"starts_on": city_day(place.now()).isoformat(), "time": "06:30", "weekdays": "0123456"}
    return _form(None, usual, offered, errors)


@staff(May.WRITE)
def change(public: str) -> ResponseReturnValue:
    """Change a series from a day on: what was before stays."""
    place = front().place
    today = city_day(place.now())
    errors: dict[str, str] = {}
    if request.method == "POST" and not _picks().more:
        try:
            wanted, day, ends_on = _sent("from")
            with place.database.write() as session:
                series_acts.change_from(
                    session, actor(), public, day, name=inputs.text("name"), ends_on=ends_on, wanted=wanted,
                    now=place.now(),
                )  # fmt: skip
        except Invalid as invalid:
            errors = inputs.said(invalid)
        else:
            say_done(_("Đã đổi loạt từ %(day)s; các ngày trước giữ nguyên.", day=formats.day(day)))
            return redirect(calendar_of(day), 303)
    with place.database.read() as session:
        offered = choices(session)
        row = series.find_series(session, public)
        values = _values(row, _from(today, row))
        told = Named(row.public, row.name, row.starts_on, row.ends_on)
    return _form(told, values, offered, errors)


@dataclass(frozen=True)
class Named:
    """A series as the head of its form shows it."""

    public: str
    name: str
    starts_on: date
    ends_on: date | None


def _from(today: date, row: Series) -> date:
    try:
        asked = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        asked = today
    return max(asked, row.starts_on)


@staff(May.WRITE)
def end(public: str) -> ResponseReturnValue:
    """Let a day be the last of a series."""
    place = front().place
    errors: list[FieldError] = []
    last = inputs.day("last", errors, required=True)
    if errors or last is None:
        raise Invalid(errors)
    with place.database.write() as session:
        series_acts.end(session, actor(), public, last, now=place.now())
    say_done(_("Đã kết thúc loạt; ngày cuối là %(day)s.", day=formats.day(last)))
    return redirect(url_for("calendar.series"), 303)


def _sent(first_day: str) -> tuple[Wanted, date, date | None]:
    """What the form asks for, the day it begins with and the last one. Raises ``Invalid`` for what cannot be read."""
    errors: list[FieldError] = []
    clock = moments.sent_time("time", errors)
    first = inputs.day(first_day, errors, required=True)
    ends_on = inputs.day("ends_on", errors)
    days = frozenset(int(day) for day in request.form.getlist("weekdays") if day in set("0123456"))
    if errors or clock is None or first is None:
        raise Invalid(errors)
    picks = _picks()
    if picks.error:
        raise Invalid([FieldError("channels", "required", picks.error)])
    chosen = picks.codes if request.form.get("reach") == "chosen" else None
    wanted = Wanted(
        title=inputs.text("title"),
        topic=inputs.text("topic"),
        channels=chosen,
        weekdays=days,
        minute=clock.hour * 60 + clock.minute,
        skips_holidays=request.form.get("skips_holidays") == "1",
    )
    return wanted, first, ends_on


def _picks(stored: object = ()) -> Picks:
    """The field of single channels, as it was sent or as it is stored; what stands in its box counts only where
    channels are chosen."""
    with front().place.database.read() as session:
        picks = picked(session, stored if isinstance(stored, list) else ())
    counts = picks.more or request.form.get("reach") == "chosen"
    return picks if counts else Picks(picks.thing, picks.name, picks.chosen)


def _values(row: Series, day: date) -> dict[str, object]:
    rule = row.rule_on(day) or row.rules[-1]
    return {
        "name": row.name,
        "title": rule.title,
        "topic": rule.topic.code,
        "time": _clock(rule.minute),
        "weekdays": "".join(str(day) for day in range(7) if rule.weekdays >> day & 1),
        "reach": "chosen" if rule.wanted_channels is not None else "all",
        "channels": rule.wanted_channels or [],
        "skips_holidays": "1" if rule.skips_holidays else "",
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat() if row.ends_on is not None else "",
        "from": day.isoformat(),
    }


def _form(
    one: Named | None, values: Mapping[str, object], offered: Choices, errors: Mapping[str, str]
) -> ResponseReturnValue:
    if request.method == "POST":
        sent = {name: request.form.get(name, "") for name in FIELDS}
        values = {
            **sent,
            "weekdays": "".join(request.form.getlist("weekdays")),
            "channels": request.form.getlist("channels"),
        }
    picks = _picks(values.get("channels"))
    if picks.more:
        values = {**values, "reach": "chosen"}  # whoever puts a channel on the list means the list
    if picks.error:
        errors = {**errors, "channels": picks.error}
    monday = date(2026, 11, 23)
    days = [(str(step), formats.weekday(monday + timedelta(days=step), language())) for step in range(7)]
    shown = render_template(
        "calendar/series_form.html",
        one=one, values=values, offered=offered, picks=picks, days=days, errors=errors,
        today=city_day(front().place.now()),
    )  # fmt: skip
    return (shown, 422) if errors else shown
