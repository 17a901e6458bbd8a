"""The department's notices in the portal: unread ones first; marked as read by a button or by being
visible; confirmed.
"""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict
from campaigns.messages import notice_readers
from campaigns.messages.notice_readers import PartnerNotice
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.portal.sign_in import current_visitor, partner_required

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
@partner_required
def index() -> ResponseReturnValue:
    """Show every notice for this partner, those that require an action first."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        found = notice_readers.partner_notices(session, visitor.company_id, now=context.now())
    return render_template("portal/notices.html", visitor=visitor, notices=found)


@blueprint.get("/<ident>")
@partner_required
def show(ident: str) -> ResponseReturnValue:
    """Show one notice. A request alone does not mark it as read, because robots and prefetching
    browsers make requests.
    """
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        notice = notice_readers.find_partner_notice(session, visitor.company_id, ident, now=context.now())
    return render_template("portal/notice.html", visitor=visitor, notice=notice)


@blueprint.post("/<ident>/read")
@partner_required
def read(ident: str) -> ResponseReturnValue:
    """Mark a notice as read, sent by the page's script or by the button."""
    return _record_reaction(ident, notice_readers.mark_read, _("Đã ghi: đơn vị đã đọc."))


@blueprint.post("/<ident>/confirm")
@partner_required
def confirm(ident: str) -> ResponseReturnValue:
    """Confirm that the partner will follow the notice."""
    return _record_reaction(ident, notice_readers.confirm_notice, _("Đã ghi: đơn vị xác nhận sẽ làm theo."))


def _record_reaction(ident: str, act: Callable[..., PartnerNotice], text: str) -> ResponseReturnValue:
    visitor, context = current_visitor(), app_context().job_context
    edition = fields.form_version("edition")
    alone = request.headers.get("HX-Request") == "true"
    try:
        with context.database.write() as session:
            notice = act(session, visitor.actor, visitor.company_id, ident, edition, now=context.now())
            if alone:
                return render_template("portal/notice_status.html", notice=notice)
    except Conflict as conflict:
        if alone:
            return render_template("portal/notice_status.html", notice=None, trouble=error_sentence(conflict))
        flash_trouble(error_sentence(conflict))
    else:
        flash_done(text)
    return redirect(url_for("portal.notices.show", ident=ident), 303)
