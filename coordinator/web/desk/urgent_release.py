"""Out with one signature, and the second person's look afterwards."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.people.staff import May
from campaigns.publishing.bulletins import State, find_bulletin
from campaigns.publishing.urgent import Review
from coordinator.jobs import acts
from coordinator.web.desk import inputs
from coordinator.web.desk.bulletin_page import read, text_of
from coordinator.web.desk.urgent_mark import urgent_of
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence


@staff(May.APPROVE)
def release(code: str) -> ResponseReturnValue:
    """The question with its consequences, and the release."""
    if request.method == "GET":
        return _page(code)
    try:
        acts.publish_urgent(
            front(), actor(), code, request.form.get("revision_hash", ""), request.form.get("reason", "")
        )
    except Invalid as invalid:
        return _page(code, inputs.said(invalid), status=422)
    except Conflict as conflict:
        if conflict.code == "text_changed":
            return _page(code, trouble=error_sentence(conflict, language()), status=409)
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("bulletins.show", code=code), code=303)
    say_done(_("Đã phát gấp với một chữ ký. Một người duyệt khác sẽ đọc lại."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _page(
    code: str, errors: Mapping[str, str] | None = None, *, trouble: str = "", status: int = 200
) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        bulletin = find_bulletin(session, code)
        if bulletin.state not in {State.DRAFT, State.SUBMITTED}:
            say_trouble(_("Chỉ phát gấp được bản nháp hoặc bản đang chờ duyệt."))
            return redirect(url_for("bulletins.show", code=code), code=303)
        whole = read(session, code, actor(), place.now())
        text = text_of(bulletin.revision(bulletin.latest))
    page = render_template(
        "bulletins/urgent.html",
        one=whole, text=text, errors=errors or {}, trouble=trouble, reason=request.form.get("reason", ""),
    )  # fmt: skip
    return page, status


@staff(May.APPROVE)
def review(code: str) -> ResponseReturnValue:
    """The text that went out, and what the second person says of it."""
    if request.method == "GET":
        return _review_page(code)
    outcome = Review.OBJECTION if request.form.get("do") == Review.OBJECTION.value else Review.IN_ORDER
    try:
        acts.review_urgent(front(), actor(), code, outcome, request.form.get("note", ""))
    except Invalid as invalid:
        return _review_page(code, inputs.said(invalid), status=422)
    except (Conflict, Forbidden) as refused:
        say_trouble(error_sentence(refused, language()))
        return redirect(url_for("bulletins.show", code=code), code=303)
    if outcome is Review.OBJECTION:
        say_trouble(_("Đã ghi ý kiến. Bản tin vẫn đang phát: mời đính chính hoặc thu hồi."))
    else:
        say_done(_("Đã đọc lại, văn bản đúng."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _review_page(code: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    place = front().place
    try:
        with place.database.read() as session:
            bulletin = find_bulletin(session, code)
            found = urgent_of(session, bulletin, actor())
            if found is None or not found.waits:
                raise Conflict(f"{code} has no urgent release to review", code="nothing_to_review", bulletin=code)
            whole = read(session, code, actor(), place.now())
            text = text_of(bulletin.revision(found.revision))
    except Conflict as conflict:
        say_trouble(error_sentence(conflict, language()))
        return redirect(url_for("bulletins.show", code=code), code=303)
    page = render_template(
        "bulletins/urgent_review.html",
        one=whole, text=text, urgent=found, errors=errors or {}, note=request.form.get("note", ""),
    )  # fmt: skip
    return page, status
