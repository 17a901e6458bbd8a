"""Release with one signature, and the later review by a second person."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.bulletins.bulletins import BulletinState, find_bulletin
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.people.staff import Permission
from campaigns.release.single_signature_releases import ReviewOutcome
from coordinator.jobs.release import commands
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins.bulletin_page import bulletin_view, revision_text, urgent_release_view
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence


@staff_required(Permission.APPROVE)
def release(code: str) -> ResponseReturnValue:
    """Ask for confirmation with the consequences, or release."""
    if request.method == "GET":
        return _render_page(code)
    try:
        commands.publish_urgent(
            app_context(), current_actor(), code, request.form.get("revision_hash", ""), request.form.get("reason", "")
        )
    except Invalid as invalid:
        return _render_page(code, fields.error_messages(invalid), status=422)
    except Conflict as conflict:
        if conflict.code == "text_changed":
            return _render_page(code, trouble=error_sentence(conflict), status=409)
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("bulletins.show", code=code), code=303)
    flash_done(_("Đã phát gấp với một chữ ký. Một người duyệt khác sẽ đọc lại."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _render_page(
    code: str, errors: Mapping[str, str] | None = None, *, trouble: str = "", status: int = 200
) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        bulletin = find_bulletin(session, code)
        if bulletin.state not in {BulletinState.DRAFT, BulletinState.SUBMITTED}:
            flash_trouble(_("Chỉ phát gấp được bản nháp hoặc bản đang chờ duyệt."))
            return redirect(url_for("bulletins.show", code=code), code=303)
        whole = bulletin_view(session, bulletin, current_actor(), context.now())
        text = revision_text(bulletin.revision(bulletin.latest))
    page = render_template(
        "desk/release/urgent.html",
        bulletin=whole, text=text, errors=errors or {}, trouble=trouble, reason=request.form.get("reason", ""),
    )  # fmt: skip
    return page, status


@staff_required(Permission.APPROVE)
def review(code: str) -> ResponseReturnValue:
    """Show the released text, or record the second person's review."""
    if request.method == "GET":
        return _render_review(code)
    outcome = (
        ReviewOutcome.OBJECTION if request.form.get("do") == ReviewOutcome.OBJECTION.value else ReviewOutcome.IN_ORDER
    )
    try:
        commands.review_urgent(app_context(), current_actor(), code, outcome, request.form.get("note", ""))
    except Invalid as invalid:
        return _render_review(code, fields.error_messages(invalid), status=422)
    except (Conflict, Forbidden) as refused:
        flash_trouble(error_sentence(refused))
        return redirect(url_for("bulletins.show", code=code), code=303)
    if outcome is ReviewOutcome.OBJECTION:
        flash_trouble(_("Đã ghi ý kiến. Bản tin vẫn đang phát: mời đính chính hoặc thu hồi."))
    else:
        flash_done(_("Đã đọc lại, văn bản đúng."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _render_review(code: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    context = app_context().job_context
    try:
        with context.database.read() as session:
            bulletin = find_bulletin(session, code)
            found = urgent_release_view(session, bulletin, current_actor())
            if found is None or not found.waits:
                raise Conflict(f"{code} has no urgent release to review", code="nothing_to_review", bulletin=code)
            whole = bulletin_view(session, bulletin, current_actor(), context.now())
            text = revision_text(bulletin.revision(found.revision))
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("bulletins.show", code=code), code=303)
    page = render_template(
        "desk/release/urgent_review.html",
        bulletin=whole, text=text, urgent=found, errors=errors or {}, note=request.form.get("note", ""),
    )  # fmt: skip
    return page, status
