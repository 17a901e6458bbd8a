"""One day of a series: write its bulletin, choose one that is there, change this day alone, or leave it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, day_start
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import May
from campaigns.planning.holidays import holiday_on
from campaigns.publishing import series, series_acts
from campaigns.publishing.bulletins import Bulletin, Revision, State
from campaigns.publishing.series import FILLABLE, Place, SeriesDay
from coordinator.web import formats
from coordinator.web.desk import inputs, moments
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

MOST_OFFERED = 12


@dataclass(frozen=True)
class Filling:
    """The bulletin of a day, or one that could be."""

    code: str
    title: str
    state: State
    release_at: datetime | None


@staff()
def page(public: str, day: str) -> ResponseReturnValue:
    """The day, and what is decided about it."""
    when = _day(day)
    if request.method == "POST":
        if not actor().may(May.WRITE):
            say_trouble(_("Vai trò của bạn không được làm việc này. Mời hỏi người quản trị."))
            return _shown(public, when, {}, 403)
        try:
            return _decide(public, when)
        except Invalid as invalid:
            return _shown(public, when, inputs.said(invalid), 422)
        except Conflict as conflict:
            say_trouble(error_sentence(conflict, language()))
            return redirect(url_for("calendar.place", public=public, day=day), 303)
    return _shown(public, when, {}, 200)


def _decide(public: str, day: date) -> ResponseReturnValue:
    place, who = front().place, actor()
    here = url_for("calendar.place", public=public, day=day.isoformat())
    with place.database.write() as session:
        now = place.now()
        match request.form.get("do"):
            case "skip":
                series_acts.skip(session, who, public, day, inputs.text("why"), now=now)
                said = _("Đã ghi: bỏ ngày %(day)s.", day=formats.day(day))
            case "restore":
                series_acts.restore(session, who, public, day, now=now)
                said = _("Ngày %(day)s trở về như thường lệ.", day=formats.day(day))
            case "change":
                errors: list[FieldError] = []
                clock = moments.sent_time("time", errors)
                if errors or clock is None:
                    raise Invalid(errors)
                minute = clock.hour * 60 + clock.minute
                series_acts.change_day(session, who, public, day, minute=minute, title=inputs.text("title"), now=now)
                said = _("Đã sửa riêng ngày %(day)s.", day=formats.day(day))
            case "fill":
                code = inputs.text("bulletin")
                if not code:
                    raise Invalid([FieldError("bulletin", "required", "choose a bulletin")])
                series_acts.fill(session, who, public, day, code, now=now)
                said = _("%(code)s là bản tin của ngày %(day)s.", code=code, day=formats.day(day))
            case "empty":
                series_acts.empty(session, who, public, day, now=now)
                said = _("Đã rút bản tin khỏi ngày %(day)s; bản tin giữ nguyên.", day=formats.day(day))
            case _:
                return redirect(here, 303)
    say_done(said)
    return redirect(here, 303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound(f"{text!r} is not a day", day=text) from None


def _shown(public: str, day: date, errors: Mapping[str, str], status: int) -> ResponseReturnValue:
    place, who = front().place, actor()
    now = place.now()
    with place.database.read() as session:
        one = series.find_place(session, public, day, now=now)
        filling = _filling(session, one.bulletin) if one.bulletin is not None else None
        offered = _offered(session, one) if filling is None and who.may(May.WRITE) else []
        special = session.execute(
            sa.select(SeriesDay.id)
            .where(SeriesDay.series_id == series.find_series(session, public).id, SeriesDay.day == day)
            .where(sa.or_(SeriesDay.skipped, SeriesDay.minute.is_not(None)))
        ).first()
    typed = request.form
    shown = render_template(
        "calendar/place.html",
        one=one,
        filling=filling,
        offered=offered,
        special=special is not None,
        holiday=holiday_on(day),
        past=one.at <= now,
        today=day == city_day(now),
        errors=errors,
        values={
            "title": typed.get("title", one.title),
            "time": typed.get("time", moments.fields_of(one.at)[1]),
            "why": typed.get("why", ""),
            "bulletin": typed.get("bulletin", ""),
        },
        may_write=who.may(May.WRITE),
        may_approve=who.may(May.APPROVE),
    )
    return shown, status


def _filling(session: Session, code: str) -> Filling:
    row = session.execute(_texts().where(Bulletin.code == code)).one()
    return Filling(row[0], row[1], row[2], row[3])


def _texts() -> sa.Select[str, str, State, datetime | None]:
    return (
        sa.select(Bulletin.code, Revision.title, Bulletin.state, Bulletin.release_at)
        .select_from(Bulletin)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
    )


def _offered(session: Session, one: Place) -> Sequence[Filling]:
    """Bulletins that could fill the day: none fills another, of the topic, not out or out about that day."""
    near = sa.and_(
        Bulletin.release_at >= day_start(one.day), Bulletin.release_at < day_start(one.day + timedelta(days=8))
    )
    query = (
        _texts()
        .outerjoin(SeriesDay, SeriesDay.bulletin_id == Bulletin.id)
        .where(
            SeriesDay.id.is_(None),
            Bulletin.state.in_(FILLABLE),
            Bulletin.topic.has(code=one.topic_code),
            sa.or_(Bulletin.release_at.is_(None), near),
        )
        .order_by(Bulletin.edited_at.desc(), Bulletin.id.desc())
        .limit(MOST_OFFERED)
    )
    return [Filling(*row) for row in session.execute(query)]
