"""The ICS addresses of the release calendar: each person's keys, with which calendar programs read it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Invalid
from campaigns.people import keys
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit import one_time_secret
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done


@staff_required()
def page() -> ResponseReturnValue:
    """Show the person's calendar feed keys and a form for a new one; the feed address is shown once."""
    context, actor = app_context().job_context, current_actor()
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with context.database.write() as session:
                made = keys.add_calendar_key(session, actor, name=fields.text("name"), now=context.now())
        except Invalid as invalid:
            errors = fields.error_messages(invalid)
        else:
            address = context.addresses.calendar(made.text)
            one_time_secret.keep(one_time_secret.OneTimeSecret(fields.text("name"), address, url_for("calendar.keys")))
            return redirect(url_for("calendar.keys"), 303)
    with context.database.read() as session:
        rows = [
            {
                "public": calendar_key.public,
                "name": calendar_key.name,
                "created_at": calendar_key.created_at,
                "last_used_at": calendar_key.last_used_at,
            }
            for calendar_key in keys.calendar_keys_of(session, actor)
        ]
    page = render_template(
        "desk/release/calendar_ics.html",
        rows=rows,
        errors=errors,
        name=request.form.get("name", ""),
        secret=one_time_secret.take(request.path),
    )
    return (page, 422) if errors else page


@staff_required()
def revoke(public: str) -> ResponseReturnValue:
    """Revoke a key; requests that use it fail at once."""
    context = app_context().job_context
    with context.database.write() as session:
        name = keys.revoke_calendar_key(session, current_actor(), public, now=context.now())
    flash_done(_("Đã hủy khóa %(name)s; lịch ở đó không cập nhật nữa.", name=name))
    return redirect(url_for("calendar.keys"), 303)
