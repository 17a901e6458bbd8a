"""One day of a series: write its bulletin, choose an existing one, change this day alone, or leave it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.bulletins.templates import templates_of_topic
from campaigns.core.clock import day_start
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Permission
from campaigns.planning.holidays import holiday_on
from campaigns.release import series
from campaigns.release.series import FILLABLE_STATUSES, Occurrence, SeriesDay
from coordinator.jobs.release.holiday_names import holiday_name
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import datetimes, fields
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

MOST_OFFERED = 12


@dataclass(frozen=True)
class FillingBulletin:
    """The bulletin of a day, or a candidate for it."""

    code: str
    title: str
    state: BulletinState
    release_at: datetime | None


@staff_required()
def page(public: str, day: str) -> ResponseReturnValue:
    """Show the day, or apply a decision about it."""
    when = _parse_day(day)
    if request.method == "POST":
        if not current_actor().may(Permission.WRITE):
            flash_trouble(_("Vai trò của bạn không được làm việc này. Mời hỏi người quản trị."))
            return _render_page(public, when, {}, 403)
        try:
            return _decide(public, when)
        except Invalid as invalid:
            return _render_page(public, when, fields.error_messages(invalid), 422)
        except Conflict as conflict:
            flash_trouble(error_sentence(conflict))
            return redirect(url_for("calendar.place", public=public, day=day), 303)
    return _render_page(public, when, {}, 200)


def _decide(public: str, day: date) -> ResponseReturnValue:
    context, actor = app_context().job_context, current_actor()
    here = url_for("calendar.place", public=public, day=day.isoformat())
    with context.database.write() as session:
        now = context.now()
        match request.form.get("do"):
            case "skip":
                series.skip_day(session, actor, public, day, fields.text("why"), now=now)
                text = _("Đã ghi: bỏ ngày %(day)s.", day=formats.day(day))
            case "restore":
                series.restore_day(session, actor, public, day, now=now)
                text = _("Ngày %(day)s trở về như thường lệ.", day=formats.day(day))
            case "change":
                errors: list[FieldError] = []
                clock = datetimes.form_time("time", errors)
                if errors or clock is None:
                    raise Invalid(errors)
                minute = clock.hour * 60 + clock.minute
                series.change_day(session, actor, public, day, minute=minute, title=fields.text("title"), now=now)
                text = _("Đã sửa riêng ngày %(day)s.", day=formats.day(day))
            case "fill":
                code = fields.text("bulletin")
                if not code:
                    raise Invalid([FieldError("bulletin", "required", "choose a bulletin")])
                series.fill_day(session, actor, public, day, code, now=now)
                text = _("%(code)s là bản tin của ngày %(day)s.", code=code, day=formats.day(day))
            case "empty":
                series.empty_day(session, actor, public, day, now=now)
                text = _("Đã rút bản tin khỏi ngày %(day)s; bản tin giữ nguyên.", day=formats.day(day))
            case _:
                return redirect(here, 303)
    flash_done(text)
    return redirect(here, 303)


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound(f"{text!r} is not a day", day=text) from None


def _render_page(public: str, day: date, errors: Mapping[str, str], status: int) -> ResponseReturnValue:
    context, actor = app_context().job_context, current_actor()
    now = context.now()
    with context.database.read() as session:
        occurrence = series.find_occurrence(session, public, day, now=now)
        filling = _filling_bulletin(session, occurrence.bulletin) if occurrence.bulletin is not None else None
        offered = _candidate_bulletins(session, occurrence) if filling is None and actor.may(Permission.WRITE) else []
        forms = templates_of_topic(session, occurrence.topic_code)[:MOST_OFFERED]
        special = session.execute(
            sa.select(SeriesDay.id)
            .where(SeriesDay.series_id == series.find_series(session, public).id, SeriesDay.day == day)
            .where(sa.or_(SeriesDay.skipped, SeriesDay.minute.is_not(None)))
        ).first()
    typed = request.form
    page = render_template(
        "desk/release/series_day.html",
        occurrence=occurrence,
        filling=filling,
        offered=offered,
        templates=forms,
        special=special is not None,
        holiday=holiday_name(holiday) if (holiday := holiday_on(day)) is not None else "",
        past=occurrence.at <= now,
        errors=errors,
        values={
            "title": typed.get("title", occurrence.title),
            "time": typed.get("time", datetimes.datetime_fields(occurrence.at)[1]),
            "why": typed.get("why", ""),
            "bulletin": typed.get("bulletin", ""),
        },
        may_write=actor.may(Permission.WRITE),
        may_approve=actor.may(Permission.APPROVE),
    )
    return page, status


def _filling_bulletin(session: Session, code: str) -> FillingBulletin:
    row = session.execute(_texts().where(Bulletin.code == code)).one()
    return FillingBulletin(row[0], row[1], row[2], row[3])


def _texts() -> sa.Select[str, str, BulletinState, datetime | None]:
    return (
        sa.select(Bulletin.code, Revision.title, Bulletin.state, Bulletin.release_at)
        .select_from(Bulletin)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
    )


def _candidate_bulletins(session: Session, occurrence: Occurrence) -> Sequence[FillingBulletin]:
    """Return bulletins that could fill the day: of the topic, not filling another day, unpublished or published around
    that day.
    """
    near = sa.and_(
        Bulletin.release_at >= day_start(occurrence.day),
        Bulletin.release_at < day_start(occurrence.day + timedelta(days=8)),
    )
    query = (
        _texts()
        .outerjoin(SeriesDay, SeriesDay.bulletin_id == Bulletin.id)
        .where(
            SeriesDay.id.is_(None),
            Bulletin.state.in_(FILLABLE_STATUSES),
            Bulletin.topic.has(code=occurrence.topic_code),
            sa.or_(Bulletin.release_at.is_(None), near),
        )
        .order_by(Bulletin.edited_at.desc(), Bulletin.id.desc())
        .limit(MOST_OFFERED)
    )
    return [FillingBulletin(*row) for row in session.execute(query)]
