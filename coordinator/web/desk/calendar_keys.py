"""The calendar in one's phone: keys of one's own, the address they make, and their end."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Invalid
from campaigns.people import calendar_keys
from coordinator.web.desk import inputs, once
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff


@staff()
def page() -> ResponseReturnValue:
    """One's own keys, and a form for one more; the address is shown once."""
    place, who = front().place, actor()
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with place.database.write() as session:
                made = calendar_keys.add_calendar_key(session, who, name=inputs.text("name"), now=place.now())
        except Invalid as invalid:
            errors = inputs.said(invalid)
        else:
            address = place.addresses.calendar(made.text)
            once.keep(once.Secret(inputs.text("name"), address, url_for("calendar.keys")))
            return redirect(url_for("calendar.keys"), 303)
    with place.database.read() as session:
        rows = [
            {"public": one.public, "name": one.name, "created_at": one.created_at, "last_used_at": one.last_used_at}
            for one in calendar_keys.calendar_keys_of(session, who)
        ]
    shown = render_template(
        "calendar/keys.html",
        rows=rows,
        errors=errors,
        name=request.form.get("name", ""),
        secret=once.take(request.path),
    )
    return (shown, 422) if errors else shown


@staff()
def revoke(public: str) -> ResponseReturnValue:
    """End a key at once: whatever reads with it stops."""
    place = front().place
    with place.database.write() as session:
        name = calendar_keys.revoke_calendar_key(session, actor(), public, now=place.now())
    say_done(_("Đã hủy khóa %(name)s; lịch ở đó không cập nhật nữa.", name=name))
    return redirect(url_for("calendar.keys"), 303)
