"""Comments on the text of a bulletin, on its page and on the page of its approval."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Invalid
from campaigns.people.staff import Permission
from campaigns.release import comments
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins import bulletin_page
from coordinator.web.kit.forms.fields import error_messages
from coordinator.web.kit.templating import flash_done


@staff_required(Permission.WRITE)
def add(code: str) -> ResponseReturnValue:
    """Add a comment; one that is refused comes back as it was typed, on the bulletin's page."""
    context, text = app_context().job_context, request.form.get("comment", "")
    try:
        with context.database.write() as session:
            comments.add_comment(session, current_actor(), code, text, now=context.now())
    except Invalid as invalid:
        return bulletin_page.render(code, comment=text, errors=error_messages(invalid)), 422
    flash_done(_("Đã ghi ý kiến."))
    return _back(code)


@staff_required(Permission.WRITE)
def resolve(code: str, public: str) -> ResponseReturnValue:
    """Mark a comment as resolved."""
    context = app_context().job_context
    with context.database.write() as session:
        comments.resolve_comment(session, current_actor(), code, public, now=context.now())
    return _back(code)


def _back(code: str) -> ResponseReturnValue:
    """Go back to the page that the form stands on."""
    page = "bulletins.approve" if request.args.get("page") == "approve" else "bulletins.show"
    return redirect(url_for(page, code=code, _anchor="y-kien"), 303)
