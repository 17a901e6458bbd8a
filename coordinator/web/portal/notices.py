"""The department's notices in the portal: unread ones first, read by a press or by being on the screen, confirmed."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict
from campaigns.talking import readers
from campaigns.talking.readers import Told
from coordinator.web import typed
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.portal.visiting import partner, visitor
from coordinator.web.saying import _
from coordinator.web.security import front
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
@partner
def index() -> ResponseReturnValue:
    """Every notice for this partner: those that ask something of it first."""
    who, place = visitor(), front().place
    with place.database.read() as session:
        found = readers.told(session, who.company_id, now=place.now())
    return render_template("portal/notices.html", who=who, told=found)


@blueprint.get("/<ident>")
@partner
def show(ident: str) -> ResponseReturnValue:
    """One notice. Looking it up is no reading: a robot, or a browser that fetches ahead, reads nothing."""
    who, place = visitor(), front().place
    with place.database.read() as session:
        one = readers.told_one(session, who.company_id, ident, now=place.now())
    return render_template("portal/notice.html", who=who, one=one)


@blueprint.post("/<ident>/read")
@partner
def read(ident: str) -> ResponseReturnValue:
    """Somebody has it before their eyes: the page says so by itself, or they press the button."""
    return _act(ident, readers.read, _("Đã ghi: bên bạn đã đọc."))


@blueprint.post("/<ident>/confirm")
@partner
def confirm(ident: str) -> ResponseReturnValue:
    """Somebody says that the partner will do as the notice asks."""
    return _act(ident, readers.confirm, _("Đã ghi: bên bạn xác nhận sẽ làm theo."))


def _act(ident: str, act: Callable[..., Told], said: str) -> ResponseReturnValue:
    who, place = visitor(), front().place
    edition = typed.number("edition")
    alone = request.headers.get("HX-Request") == "true"
    try:
        with place.database.write() as session:
            one = act(session, who.actor, who.company_id, ident, edition, now=place.now())
            if alone:
                return render_template("portal/notice_read.html", one=one)
    except Conflict as conflict:
        if alone:
            return render_template("portal/notice_read.html", one=None, trouble=error_sentence(conflict, language()))
        say_trouble(error_sentence(conflict, language()))
    else:
        say_done(said)
    return redirect(url_for("portal.notices.show", ident=ident), 303)
