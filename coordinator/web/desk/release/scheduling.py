"""Release of an approved bulletin: now, at a time, at another time, or withdrawal of the approval."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, Invalid
from campaigns.people.staff import Permission
from campaigns.release import series
from campaigns.release.release_warnings import suggested_times
from coordinator.jobs.release import commands
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins.bulletin_page import bulletin_view
from coordinator.web.desk.release import release_time
from coordinator.web.desk.release.release_time import TimeWarning
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.field_types import MomentForm, TextField
from coordinator.web.kit.links import calendar_url
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence


class ReleaseForm(MomentForm):
    """The release time; ``note``: what to change, where the bulletin is returned to its writer."""

    note = TextField(required=True)


@staff_required(Permission.APPROVE)
def decide(code: str) -> ResponseReturnValue:
    """Show the form with the release time, or apply its decision."""
    if request.method == "GET":
        return _render_page(code)
    seen = release_time.form_seen_time()
    form = ReleaseForm.of_request()
    try:
        if request.form.get("do") == "now":
            if warned := release_time.warnings_now(code):
                return _render_page(code, warned_now=warned)
            commands.publish(app_context(), current_actor(), code, None, seen=seen)
            flash_done(_("Đã phát hành."))
            return redirect(_redirect_url(code), code=303)
        if not form.validate():
            return _render_page(code, form)
        at = form.moment
        change = release_time.set_time(code, at, seen, release_time.form_heeded_warnings())
    except Invalid as invalid:
        return _render_page(code, form, invalid)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        moved = conflict.code == "moved_meanwhile"
        again = url_for("bulletins.release", code=code, back=request.args.get("back"))
        return redirect(again if moved else url_for("bulletins.show", code=code), code=303)
    if change.warned:
        return _render_page(code, form, warned=change.warned)
    flash_done(_("Sẽ phát lúc %(at)s.", at=formats.full_moment(at)), undo=change.undo)
    return redirect(_redirect_url(code, at), code=303)


@staff_required(Permission.APPROVE)
def take_back(code: str) -> ResponseReturnValue:
    """Return an approved or scheduled bulletin to its writer; its release time is removed."""
    try:
        commands.return_for_changes(app_context(), current_actor(), code, request.form.get("note", ""))
    except Invalid as invalid:
        return _render_page(code, error=invalid)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("bulletins.show", code=code), code=303)
    flash_done(_("Đã bỏ giờ phát và trả lại để sửa."))
    return redirect(_redirect_url(code), code=303)


def _redirect_url(code: str, at: datetime | None = None) -> str:
    if request.args.get("back") == "calendar":
        return calendar_url(city_day(at)) if at is not None else url_for("calendar.index")
    return url_for("bulletins.show", code=code)


def _render_page(
    code: str,
    form: ReleaseForm | None = None,
    error: Invalid | None = None,
    warned: tuple[TimeWarning, ...] = (),
    warned_now: tuple[TimeWarning, ...] = (),
) -> ResponseReturnValue:
    """Show the ``form`` as submitted, else with the usual release time."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        bulletin = find_bulletin(session, code)
        whole = bulletin_view(session, bulletin, current_actor(), now)
        due = series.series_day_of(session, bulletin)
        wanted = series.find_occurrence(session, *due, now=now) if due is not None else None
        free = suggested_times(session, bulletin, now=now)
        hour = release_time.usual_time(session, now)
    if not (whole.acts.release or whole.acts.move):
        flash_trouble(_("Bản tin này không ở trạng thái chờ phát hành."))
        return redirect(url_for("bulletins.show", code=code), code=303)
    if wanted is not None and wanted.at > now:
        free = [wanted.at, *(at for at in free if at != wanted.at)]
    usual = whole.release_at if whole.acts.move and whole.release_at else (free or [hour])[0]
    asked = request.args.get("at", "")
    if asked.isdigit() and int(asked) < len(free):
        usual = free[int(asked)]
    form = form or ReleaseForm(data=ReleaseForm.values_of(usual) | {"note": fields.text("note")})
    if error is not None:
        form.add_errors(error)
    seen = whole.release_at if whole.acts.move else None
    page = render_template(
        "desk/release/release.html",
        bulletin=whole,
        form=form,
        warned=warned,
        warned_now=warned_now,
        heeded=sorted(release_time.form_heeded_warnings()),
        back=_redirect_url(code),
        seen=request.form.get("seen") or release_time.stamp(seen),
        free=free,
        wanted=wanted,
    )
    return page, 409 if warned or warned_now else form.status
