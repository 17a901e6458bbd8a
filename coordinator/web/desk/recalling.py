"""Recalling what is out: gone from every exit, everybody who had it is told."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict, Invalid
from campaigns.people.staff import May
from coordinator.jobs import acts
from coordinator.web.desk import inputs
from coordinator.web.desk.bulletin_page import read
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence


@staff(May.APPROVE)
def recall(code: str) -> ResponseReturnValue:
    """The question with its consequences, and the recall."""
    if request.method == "GET":
        return _page(code)
    try:
        acts.recall(front(), actor(), code, request.form.get("reason", ""))
    except Invalid as invalid:
        return _page(code, inputs.said(invalid), status=422)
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("bulletins.show", code=code), code=303)
    say_done(_("Đã thu hồi %(code)s.", code=code))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _page(code: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        whole = read(session, code, actor(), place.now())
    if not whole.acts.recall:
        say_trouble(_("Chỉ thu hồi được bản tin đang phát hành."))
        return redirect(url_for("bulletins.show", code=code), code=303)
    page = render_template(
        "bulletins/recall.html", one=whole, errors=errors or {}, reason=request.form.get("reason", "")
    )
    return page, status
