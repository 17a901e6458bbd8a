"""Releasing an approved bulletin: now, at a time, at another time, or not after all."""

from collections.abc import Mapping
from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import May
from coordinator.jobs import acts
from coordinator.web import formats
from coordinator.web.desk import inputs, moments
from coordinator.web.desk.approving import at_time
from coordinator.web.desk.bulletin_page import read
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence


@staff(May.APPROVE)
def decide(code: str) -> ResponseReturnValue:
    """The form with the release time, and what is decided in it."""
    if request.method == "GET":
        return _page(code)
    at: datetime | None = None
    try:
        if request.form.get("do") != "now":
            at = moments.sent_moment()
            # A moment ago is "now" to the domain; somebody who chose a time meant one that is still ahead.
            if at <= front().place.now():
                raise Invalid([FieldError("at", "past", "the release time is in the past")])
        acts.publish(front(), actor(), code, at)
    except Invalid as invalid:
        return _page(code, at_time(inputs.said(invalid)), status=422)
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("bulletins.show", code=code), code=303)
    say_done(_("Sẽ phát lúc %(at)s.", at=formats.full_moment(at)) if at else _("Đã phát hành."))
    return redirect(_back(code), code=303)


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


def _back(code: str) -> str:
    if request.args.get("back") == "calendar":
        return url_for("calendar.index")
    return url_for("bulletins.show", code=code)


def _page(code: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        whole = read(session, code, actor(), place.now())
    if not (whole.acts.release or whole.acts.move):
        say_trouble(_("Bản tin này không ở trạng thái chờ phát hành."))
        return redirect(url_for("bulletins.show", code=code), code=303)
    usual = whole.release_at if whole.acts.move and whole.release_at else moments.next_hour(place.now())
    day, time = moments.fields_of(usual)
    page = render_template(
        "bulletins/release.html",
        one=whole, errors=errors or {}, back=_back(code), note=request.form.get("note", ""),
        day=request.form.get("day", day), time=request.form.get("time", time),
    )  # fmt: skip
    return page, status
