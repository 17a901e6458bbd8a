"""Blocked Webmention senders: staff add and remove blocks, each with a reason."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError
from campaigns.discovery import webmentions
from campaigns.people.staff import Permission
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("blocks", __name__, url_prefix="/blocks")


@blueprint.route("/", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """Show every block, and a form for a new one."""
    context = app_context().job_context
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with context.database.write() as session:
                row = webmentions.add_block(
                    session, current_actor().id, fields.text("pattern"), fields.text("reason"), now=context.now()
                )
                pattern = row.pattern
        except CampaignError as error:
            errors = fields.error_messages(error)
        else:
            flash_done(_("Đã chặn %(pattern)s.", pattern=pattern))
            return redirect(url_for("admin.blocks.index"), 303)
    with context.database.read() as session:
        rows = webmentions.all_blocks(session)
    values = {name: request.form.get(name, "") for name in ("pattern", "reason")}
    page = render_template("desk/discovery/webmention_blocks.html", rows=rows, values=values, errors=errors)
    return (page, 422) if errors else page


@blueprint.post("/<public>/remove")
@staff_required(Permission.CONFIGURE)
def remove(public: str) -> ResponseReturnValue:
    """Remove a block."""
    context = app_context().job_context
    with context.database.write() as session:
        pattern = webmentions.remove_block(session, current_actor().id, public, now=context.now())
    flash_done(_("Đã bỏ chặn %(pattern)s.", pattern=pattern))
    return redirect(url_for("admin.blocks.index"), 303)
