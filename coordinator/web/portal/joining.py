"""An editor's way in: what lies behind a one-time link. Looking at it changes nothing; the button uses it up."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict, NotFound
from campaigns.partners.editor_links import find_editor_link
from coordinator.web.portal import visiting
from coordinator.web.security import front

blueprint = Blueprint("joining", __name__)

# The address is a secret: no page it leads to is told of it, and no crawler keeps it.
QUIET = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@blueprint.route("/join/<secret>", methods=["GET", "POST"])
def page(secret: str) -> ResponseReturnValue:
    """Say whose link it is, and let them in at a press. A link that is over says so and does not say why."""
    place = front().place
    with place.database.read() as reading:
        link = find_editor_link(reading, secret, now=place.now())
        known = (link.editor.name, link.editor.company.name) if link is not None else None
    if known is None:
        return _over()
    if request.method == "POST":
        try:
            visiting.come_by_link(secret)
        except (NotFound, Conflict):
            return _over()
        return redirect(url_for("portal.home"), 303)
    name, partner = known
    return render_template("portal/join.html", name=name, partner=partner), 200, QUIET


def _over() -> ResponseReturnValue:
    return render_template("portal/join_over.html"), 410, QUIET
