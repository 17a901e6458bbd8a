"""The JSON endpoints of the calendar: events, moving a bulletin, and undo. A bulletin moved to another day keeps its
time of day.
"""

from datetime import date, datetime, time, timedelta

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core.clock import CITY, FIRST_YEAR, LAST_YEAR, city_day
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.people.staff import Permission
from campaigns.planning.holidays import holidays
from campaigns.release import release_calendar
from campaigns.release.release_calendar import ReleaseCalendarEvent
from campaigns.release.workflow import SeenReleaseTime
from coordinator.jobs.release import commands
from coordinator.jobs.release.holiday_names import holiday_name
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins.list_page import topic_colours
from coordinator.web.desk.release import release_time
from coordinator.web.desk.release.calendar_queries import entry_url_builder, event_stand
from coordinator.web.kit.forms import datetimes, fields
from coordinator.web.kit.links import calendar_url
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.kit.text.state_labels import value_label

MOST_DAYS = 100


@staff_required()
def events() -> ResponseReturnValue:
    """Return the events from ``start`` to ``end`` (days of the city, the last excluded) and the holidays among them;
    with ``topic`` and ``channel`` only those of them.

    ``start`` of an event is RFC 3339 with the city's offset. Raises ``Invalid`` for an invalid range.
    """
    first, after = _parse_day("start"), _parse_day("end")
    last = after - timedelta(days=1)
    if not first <= last <= first + timedelta(days=MOST_DAYS):
        raise Invalid([FieldError("end", "period", f"expected one to {MOST_DAYS} days after start")])
    context, actor = app_context().job_context, current_actor()
    now = context.now()
    with context.database.read() as session:
        shades = topic_colours(session)
        every = release_calendar.calendar_events(session, first, last, now=now)
        found = release_calendar.narrow_events(
            session, every, request.args.get("topic") or None, request.args.get("channel") or None
        )
        leads, movable = entry_url_builder(), actor.may(Permission.APPROVE)
        rows = [event_json(event, shades.get(event.topic_code, 6), leads(event), movable=movable) for event in found]
    feasts = [
        {"day": holiday.day.isoformat(), "name": holiday_name(holiday), "rest": holiday.rest}
        for holiday in holidays(first, last)
    ]
    return jsonify(events=rows, holidays=feasts, today=city_day(now).isoformat())


def _parse_day(name: str) -> date:
    # FullCalendar sends a date and time; only the date is used, which is the city's.
    sent = request.args.get(name, "")[:10]
    try:
        day = datetime.strptime(sent, "%Y-%m-%d").date()  # noqa: DTZ007  # a day, without a time
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError
        return day
    except ValueError:
        raise Invalid([FieldError(name, "day", f"{sent!r} is not a day; expected one such as 2026-11-24")]) from None


def event_json(event: ReleaseCalendarEvent, shade: int, href: str, *, movable: bool) -> dict[str, object]:
    """Return one event as the script reads it."""
    place = event.place
    kind, state = ("place", place.standing) if place is not None else ("bulletin", event.state)
    return {
        "id": event.key,
        "title": event.title,
        "start": formats.city_time(event.at).isoformat(),
        "url": href,
        "shade": shade,
        "stand": event_stand(event),
        "says": value_label(kind, state),
        "code": event.bulletin,
        "movable": movable and event.movable,
        "seen": release_time.stamp(event.at) if event.bulletin is not None else release_time.NO_TIME,
    }


@staff_required(Permission.APPROVE)
def move(code: str) -> ResponseReturnValue:
    """Move a bulletin by drag and drop: ``day``, and ``time`` when dropped on one.

    Answers JSON: ``done`` with ``undo``, ``warned`` (keys and messages, to be sent back as ``heeded``), or ``trouble``.
    """
    seen = release_time.form_seen_time()
    try:
        at = _dropped_time(code, seen)
        change = release_time.set_time(code, at, seen, release_time.form_heeded_warnings())
    except Invalid as invalid:
        return jsonify(trouble=" ".join(f"{words}." for words in fields.error_messages(invalid).values())), 422
    except Conflict as conflict:
        return jsonify(trouble=error_sentence(conflict)), 409
    if change.warned:
        return jsonify(warned=[{"key": warning.key, "words": warning.words} for warning in change.warned])
    same = (
        seen is not None and seen.release_at is not None and seen.release_at.astimezone(CITY).time() == _time_of_day(at)
    )
    text = (
        _("Đã chuyển sang %(day)s, vẫn %(time)s.", day=formats.day_month(at), time=formats.time_of_day(at))
        if same
        else _("Sẽ phát lúc %(at)s.", at=formats.full_moment(at))
    )
    # The next page shows the message with its undo button.
    flash_done(str(text), undo=change.undo)
    return jsonify(done=str(text), undo=change.undo)


def _time_of_day(at: datetime) -> time:
    return at.astimezone(CITY).time()


def _dropped_time(code: str, seen: SeenReleaseTime | None) -> datetime:
    """Return the time meant by a drop: its day; its time, else the bulletin's present time of day, else a free slot."""
    if request.form.get("time"):
        return datetimes.form_datetime()
    errors: list[FieldError] = []
    day = fields.day("day", errors, required=True)
    if errors or day is None:
        raise Invalid(errors)
    if seen is not None and seen.release_at is not None:
        return datetime.combine(day, _time_of_day(seen.release_at), CITY)
    return usual_time(code, day)


def usual_time(code: str, day: date) -> datetime:
    """Return the first free slot of a day for a bulletin without a time; without slots nine o'clock, or today the next
    full hour, outside the quiet hours where the day has one left.
    """
    free = release_time.suggested_times(code, day)
    if free:
        return free[0]
    now = app_context().job_context.now()
    if day != city_day(now):
        return datetime.combine(day, time(9), CITY)
    with app_context().job_context.database.read() as session:
        usual = release_time.usual_time(session, now)
    return usual if city_day(usual) == day else datetimes.next_hour(now)


@staff_required(Permission.APPROVE)
def undo(code: str) -> ResponseReturnValue:
    """Restore the bulletin's former release time, or none; refused when it was moved again since."""
    was, seen = (
        release_time.parse_stamp(request.args.get("to", "")),
        release_time.parse_stamp(request.args.get("seen", "")),
    )
    day = None
    try:
        if was is None or seen is None:
            flash_trouble(_("Không hoàn tác được: địa chỉ không đúng."))
        elif was.release_at is None:
            commands.clear_time(app_context(), current_actor(), code, seen)
            flash_done(_("Đã hoàn tác: bản tin vẫn được duyệt, chưa có giờ phát."))
        elif was.release_at <= app_context().job_context.now():
            flash_trouble(_("Không hoàn tác được: giờ cũ đã qua. Mời chọn giờ khác."))
        else:
            commands.publish(app_context(), current_actor(), code, was.release_at, seen=seen)
            flash_done(_("Đã hoàn tác: phát lúc %(at)s như trước.", at=formats.full_moment(was.release_at)))
            day = city_day(was.release_at)
    except CampaignError as error:
        with app_context().job_context.database.read() as session:
            find_bulletin(session, code)  # an unknown code answers 404, as on every page
        flash_trouble(_("Không hoàn tác được. %(why)s", why=error_sentence(error)))
    return redirect(calendar_url(day) if day else url_for("calendar.index"), code=303)
