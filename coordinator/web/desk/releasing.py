"""Releasing an approved bulletin: now, at a time, at another time, or not after all."""

from collections.abc import Mapping
from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, Invalid
from campaigns.people.staff import May
from campaigns.publishing import series
from campaigns.publishing.bulletins import find_bulletin
from campaigns.publishing.concerns import suggested
from coordinator.jobs import acts
from coordinator.web import formats
from coordinator.web.desk import inputs, moments, timing
from coordinator.web.desk.approving import at_time
from coordinator.web.desk.bulletin_page import read
from coordinator.web.desk.elsewhere import calendar_of
from coordinator.web.desk.timing import Warned
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence


@staff(May.APPROVE)
def decide(code: str) -> ResponseReturnValue:
    """The form with the release time, and what is decided in it."""
    if request.method == "GET":
        return _page(code)
    seen = timing.sent_seen()
    try:
        if request.form.get("do") == "now":
            acts.publish(front(), actor(), code, None, seen=seen)
            say_done(_("Đã phát hành."))
            return redirect(_back(code), code=303)
        at = moments.sent_moment()
        told = timing.set_time(code, at, seen, timing.sent_heeded())
    except Invalid as invalid:
        return _page(code, at_time(inputs.said(invalid)), status=422)
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        moved = conflict.code == "moved_meanwhile"
        again = url_for("bulletins.release", code=code, back=request.args.get("back"))
        return redirect(again if moved else url_for("bulletins.show", code=code), code=303)
    if told.warned:
        return _page(code, warned=told.warned, status=409)
    say_done(_("Sẽ phát lúc %(at)s.", at=formats.full_moment(at)), undo=told.undo)
    return redirect(_back(code, at), code=303)


@staff(May.APPROVE)
def take_back(code: str) -> ResponseReturnValue:
    """Give an approved or scheduled bulletin back to its writer; its time is gone with that."""
    try:
        acts.return_for_changes(front(), actor(), code, request.form.get("note", ""))
    except Invalid as invalid:
        return _page(code, inputs.said(invalid), status=422)
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("bulletins.show", code=code), code=303)
    say_done(_("Đã bỏ giờ phát và trả lại để sửa."))
    return redirect(_back(code), code=303)


def _back(code: str, at: datetime | None = None) -> str:
    if request.args.get("back") == "calendar":
        return calendar_of(city_day(at)) if at is not None else url_for("calendar.index")
    return url_for("bulletins.show", code=code)


def _page(
    code: str, errors: Mapping[str, str] | None = None, warned: tuple[Warned, ...] = (), status: int = 200
) -> ResponseReturnValue:
    place = front().place
    now = place.now()
    with place.database.read() as session:
        whole = read(session, code, actor(), now)
        bulletin = find_bulletin(session, code)
        due = series.place_of(session, bulletin)
        wanted = series.find_place(session, *due, now=now) if due is not None else None
        free = suggested(session, bulletin, now=now)
    if not (whole.acts.release or whole.acts.move):
        say_trouble(_("Bản tin này không ở trạng thái chờ phát hành."))
        return redirect(url_for("bulletins.show", code=code), code=303)
    if wanted is not None and wanted.at > now:
        free = [wanted.at, *(at for at in free if at != wanted.at)]
    usual = whole.release_at if whole.acts.move and whole.release_at else (free or [moments.next_hour(now)])[0]
    asked = request.args.get("at", "")
    if asked.isdigit() and int(asked) < len(free):
        usual = free[int(asked)]
    day, time = moments.fields_of(usual)
    seen = whole.release_at if whole.acts.move else None
    page = render_template(
        "bulletins/release.html",
        one=whole, errors=errors or {}, warned=warned, heeded=sorted(timing.sent_heeded()), back=_back(code),
        note=request.form.get("note", ""), seen=request.form.get("seen") or timing.stamp(seen), free=free,
        wanted=wanted, day=request.form.get("day", day), time=request.form.get("time", time),
    )  # fmt: skip
    return page, status
