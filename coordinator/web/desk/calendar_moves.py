"""Moving on the calendar: a bulletin dragged to another day keeps its time of day, and every move can be undone."""

from datetime import date, datetime, time

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import CITY, city_day
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.people.staff import May
from campaigns.publishing.bulletins import find_bulletin
from campaigns.publishing.workflow import Seen
from coordinator.jobs import acts
from coordinator.web import formats
from coordinator.web.desk import inputs, moments, timing
from coordinator.web.desk.elsewhere import calendar_of
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence


@staff(May.APPROVE)
def move(code: str) -> ResponseReturnValue:
    """What the browser's calendar sends when something was dropped: ``day``, and ``time`` where one was dropped on.

    Answers JSON: ``done`` with ``undo``, ``warned`` (keys and words to be sent back as ``heeded``), or ``trouble``.
    """
    seen = timing.sent_seen()
    try:
        at = _dropped(code, seen)
        told = timing.set_time(code, at, seen, timing.sent_heeded())
    except Invalid as invalid:
        return jsonify(trouble=" ".join(f"{words}." for words in inputs.said(invalid).values())), 422
    except Conflict as conflict:
        return jsonify(trouble=error_sentence(conflict, language())), 409
    if told.warned:
        return jsonify(warned=[{"key": one.key, "words": one.words} for one in told.warned])
    same = seen is not None and seen.release_at is not None and seen.release_at.astimezone(CITY).time() == _clock(at)
    said = (
        _("Đã chuyển sang %(day)s, vẫn %(time)s.", day=formats.day_month(at), time=formats.time_of_day(at))
        if same
        else _("Sẽ phát lúc %(at)s.", at=formats.full_moment(at))
    )
    # The page that follows shows it, with its undo.
    say_done(str(said), undo=told.undo)
    return jsonify(done=str(said), undo=told.undo)


def _clock(at: datetime) -> time:
    return at.astimezone(CITY).time()


def _dropped(code: str, seen: Seen | None) -> datetime:
    """The moment meant by a drop: the day it fell on; the time it fell on, else the one it had, else a free slot."""
    if request.form.get("time"):
        return moments.sent_moment()
    errors: list[FieldError] = []
    day = inputs.day("day", errors, required=True)
    if errors or day is None:
        raise Invalid(errors)
    if seen is not None and seen.release_at is not None:
        return datetime.combine(day, _clock(seen.release_at), CITY)
    return usual_time(code, day)


def usual_time(code: str, day: date) -> datetime:
    """The first free slot of a day for a bulletin that has no time; without slots nine o'clock, and today the next
    full hour."""
    free = timing.suggestions(code, day)
    if free:
        return free[0]
    now = front().place.now()
    return moments.next_hour(now) if day == city_day(now) else datetime.combine(day, time(9), CITY)


@staff(May.APPROVE)
def undo(code: str) -> ResponseReturnValue:
    """Give a bulletin the time it had, or none again; refused when it was moved once more since."""
    was, seen = timing.read_stamp(request.args.get("to", "")), timing.read_stamp(request.args.get("seen", ""))
    day = None
    try:
        if was is None or seen is None:
            say_trouble(_("Không hoàn tác được: địa chỉ không đúng."))
        elif was.release_at is None:
            acts.clear_time(front(), actor(), code, seen)
            say_done(_("Đã hoàn tác: bản tin vẫn được duyệt, chưa có giờ phát."))
        elif was.release_at <= front().place.now():
            say_trouble(_("Không hoàn tác được: giờ cũ đã qua. Mời chọn giờ khác."))
        else:
            acts.publish(front(), actor(), code, was.release_at, seen=seen)
            say_done(_("Đã hoàn tác: phát lúc %(at)s như trước.", at=formats.full_moment(was.release_at)))
            day = city_day(was.release_at)
    except CampaignError as error:
        with front().place.database.read() as session:
            find_bulletin(session, code)  # a code that is none is 404, as everywhere
        say_trouble(_("Không hoàn tác được. %(why)s", why=error_sentence(error, language())))
    return redirect(calendar_of(day) if day else url_for("calendar.index"), code=303)
