"""Senders of Webmentions that are not listened to: staff add and remove them, each with a reason."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError
from campaigns.people.staff import May
from campaigns.tracking import mentions
from coordinator.web.desk import inputs
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("blocks", __name__, url_prefix="/blocks")


@blueprint.route("/", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """Every block, and a form for one more."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with place.database.write() as session:
                row = mentions.add_block(
                    session, actor().id, inputs.text("pattern"), inputs.text("reason"), now=place.now()
                )
                pattern = row.pattern
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã chặn %(pattern)s.", pattern=pattern))
            return redirect(url_for("admin.blocks.index"), 303)
    with place.database.read() as session:
        rows = mentions.blocks(session)
    values = {name: request.form.get(name, "") for name in ("pattern", "reason")}
    shown = render_template("admin/blocks.html", rows=rows, values=values, errors=errors)
    return (shown, 422) if errors else shown


@blueprint.post("/<public>/remove")
@staff(May.CONFIGURE)
def remove(public: str) -> ResponseReturnValue:
    """Listen to a sender again."""
    place = front().place
    with place.database.write() as session:
        pattern = mentions.remove_block(session, actor().id, public, now=place.now())
    say_done(_("Đã bỏ chặn %(pattern)s.", pattern=pattern))
    return redirect(url_for("admin.blocks.index"), 303)
