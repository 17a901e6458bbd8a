"""Where one is signed in, ended one by one or all but this."""

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from campaigns.people.sign_ins import revoke, revoke_others
from campaigns.people.staff import find_by_email
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, me, staff
from coordinator.web.sign_ins import here

blueprint = Blueprint("sign_ins", __name__, url_prefix="/sign-ins")


@blueprint.post("/<public>/end")
@staff()
def end(public: str) -> ResponseReturnValue:
    """End one of one's own sign-ins; it is out at its next request."""
    place = front().place
    with place.database.write() as writing:
        person = find_by_email(writing, me().email)
        if person is None:
            abort(404)
        revoke(writing, actor(), person, public, now=place.now())
    say_done(_("Đã kết thúc phiên đó."))
    return redirect(url_for("account.index", _anchor="phien"), 303)


@blueprint.post("/end-others")
@staff()
def end_others() -> ResponseReturnValue:
    """End every sign-in but this one."""
    place, present = front().place, here()
    with place.database.write() as writing:
        person = find_by_email(writing, me().email)
        if person is None:
            abort(404)
        revoke_others(writing, actor(), person, present.public if present else None, now=place.now())
    say_done(_("Đã kết thúc mọi phiên khác."))
    return redirect(url_for("account.index", _anchor="phien"), 303)
