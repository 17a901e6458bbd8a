"""Approval of a revision: the exact text, its changes, the consequences, and the decision. The page suits a phone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Approval, Bulletin, find_bulletin
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.core.journal import JournalEntry
from campaigns.people.staff import Permission
from coordinator.jobs.release import commands
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins.bulletin_page import (
    BulletinView,
    RevisionText,
    bulletin_view,
    revision_text,
    waiting_revision,
)
from coordinator.web.desk.bulletins.comparison import RevisionDiff, diff_revisions
from coordinator.web.desk.release import release_time
from coordinator.web.desk.release.release_time import TimeWarning
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.field_types import MomentForm, TextField
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence


@dataclass(frozen=True)
class ApprovalView:
    """The revision to decide on, the revision before it (None = there was none), and the changes."""

    whole: BulletinView
    text: RevisionText
    before: RevisionText | None
    change: RevisionDiff | None
    submitted_at: datetime | None

    @property
    def correction(self) -> bool:
        """Whether it replaces a published revision."""
        return self.whole.pending is not None


def _previous_text(session: Session, bulletin: Bulletin, waiting: int) -> int | None:
    """Return the revision to compare with: the published one, else the one approved or submitted last before it."""
    if bulletin.pending is not None:
        return bulletin.released
    approved = session.execute(
        sa.select(sa.func.max(Approval.revision)).where(
            Approval.bulletin_id == bulletin.id, Approval.revision < waiting
        )
    ).scalar_one()
    submitted = session.execute(
        sa.select(JournalEntry.details).where(
            JournalEntry.subject_kind == "bulletin",
            JournalEntry.subject == bulletin.code,
            JournalEntry.act == "bulletin.submitted",
        )
    ).scalars()
    earlier = [number for details in submitted if (number := int(json.loads(details)["revision"])) < waiting]
    return max([*earlier, *([approved] if approved is not None else [])], default=None)


def _approval_view(session: Session, code: str, now: datetime) -> ApprovalView | None:
    bulletin = find_bulletin(session, code)
    waiting = waiting_revision(bulletin)
    if waiting is None:
        return None
    text = revision_text(bulletin.revision(waiting))
    number = _previous_text(session, bulletin, waiting)
    before = revision_text(bulletin.revision(number)) if number is not None else None
    return ApprovalView(
        whole=bulletin_view(session, bulletin, current_actor(), now),
        text=text,
        before=before,
        change=diff_revisions(before, text) if before is not None else None,
        submitted_at=bulletin.submitted_at,
    )


class ApprovalForm(MomentForm):
    """The release time of an approved text; ``note``: what to change, where it is returned to its writer."""

    note = TextField(required=True)


@staff_required(Permission.APPROVE)
def decide(code: str) -> ResponseReturnValue:
    """Show the decision page, or record the decision."""
    if request.method == "GET":
        return _render_page(code)
    match request.form.get("do"):
        case "approve":
            return _approve(code, at=None, release=False)
        case "now":
            if (warned := release_time.warnings_now(code)) and _shows_waiting_text(code):
                return _render_page(code, warned_now=warned, status=409)
            return _approve(code, at=None, release=True)
        case "at":
            form = ApprovalForm.of_request()
            if form.validate() and form.moment <= app_context().job_context.now():
                form.add_field_errors([FieldError("at", "past", "the release time is in the past")])
            if form.messages:
                return _render_page(code, form)
            # Release warnings are shown before the approval, so that going back leaves no partial change.
            at, heeded = form.moment, release_time.form_heeded_warnings()
            with app_context().job_context.database.read() as session:
                warned = release_time.unread_warnings(session, find_bulletin(session, code), at, heeded)
            if warned and _shows_waiting_text(code):
                return _render_page(code, form, warned=warned, status=409)
            return _approve(code, at=at, release=True)
        case "return":
            return _return_to_writer(code)
    return redirect(url_for("bulletins.approve", code=code), code=303)


def _shows_waiting_text(code: str) -> bool:
    """Whether the submitted form showed the text that waits now: a warning must not put another text in its place."""
    with app_context().job_context.database.read() as session:
        bulletin = find_bulletin(session, code)
        waiting = waiting_revision(bulletin)
        return waiting is not None and bulletin.revision(waiting).hash == request.form.get("revision_hash", "")


def _approve(code: str, *, at: datetime | None, release: bool) -> ResponseReturnValue:
    """Approve and, where requested, release: two steps, because the approval holds even if the release fails."""
    try:
        stood = commands.approve(app_context(), current_actor(), code, request.form.get("revision_hash", ""))
    except Conflict as conflict:
        return _render_page(code, trouble=error_sentence(conflict), status=409)
    text = _("Đã duyệt phiên bản %(number)s.", number=stood.revision)
    if stood.state == "published":
        text = _("Đã duyệt và phát đính chính.")
    elif release:
        try:
            commands.publish(app_context(), current_actor(), code, at)
        except CampaignError as error:
            flash_trouble(_("Đã duyệt nhưng chưa phát: %(why)s", why=error_sentence(error)))
            return redirect(url_for("bulletins.release", code=code), code=303)
        text = _("Đã duyệt, sẽ phát lúc %(at)s.", at=formats.full_moment(at)) if at else _("Đã duyệt và phát hành.")
    flash_done(text)
    return redirect(url_for("bulletins.show", code=code), code=303)


def _return_to_writer(code: str) -> ResponseReturnValue:
    try:
        commands.return_for_changes(app_context(), current_actor(), code, request.form.get("note", ""))
    except Invalid as invalid:
        return _render_page(code, error=invalid)
    except Conflict as conflict:
        return _render_page(code, trouble=error_sentence(conflict), status=409)
    flash_done(_("Đã trả lại để sửa."))
    return redirect(url_for("bulletins.show", code=code), code=303)


@staff_required(Permission.APPROVE)
def ask_back(code: str) -> ResponseReturnValue:
    """Give a text that the reader changed back to its writer, who is asked to submit it as it was."""
    number = fields.form_version("revision")
    note = _("Nhờ bạn gửi duyệt lại phiên bản %(number)s; phần tôi sửa sau đó xin bỏ.", number=number)
    try:
        commands.ask_back(app_context(), current_actor(), code, number, note)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
    else:
        flash_done(_("Đã hỏi lại người viết. Người ấy gửi duyệt lại thì bạn duyệt được."))
    return redirect(url_for("bulletins.show", code=code), code=303)


@staff_required(Permission.WRITE)
def resubmit(code: str) -> ResponseReturnValue:
    """Take an earlier text of a draft up again and submit it."""
    number, expected = fields.form_version("revision"), fields.form_version("expected")
    try:
        commands.resubmit(app_context(), current_actor(), code, number, expected=expected)
    except Invalid as invalid:
        flash_trouble(_("Chưa gửi duyệt được: %(why)s", why="; ".join(fields.error_messages(invalid).values())))
    except (Conflict, NotFound) as refused:
        flash_trouble(error_sentence(refused))
    else:
        flash_done(_("Đã lấy lại phiên bản %(number)s và gửi duyệt.", number=number))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _render_page(
    code: str,
    form: ApprovalForm | None = None,
    *,
    error: Invalid | None = None,
    trouble: str = "",
    warned: Sequence[TimeWarning] = (),
    warned_now: Sequence[TimeWarning] = (),
    status: int | None = None,
) -> ResponseReturnValue:
    """Show the ``form`` as submitted, else with the next hour as release time."""
    context = app_context().job_context
    with context.database.read() as session:
        decision = _approval_view(session, code, context.now())
        usual = release_time.usual_time(session, context.now())
    if decision is None:
        flash_trouble(trouble or _("Bản tin này không còn chờ duyệt."))
        return redirect(url_for("bulletins.show", code=code), code=303)
    form = form or ApprovalForm(data=ApprovalForm.values_of(usual) | {"note": fields.text("note")})
    if error is not None:
        form.add_errors(error)
    page = render_template(
        "desk/release/approval.html",
        decision=decision, form=form, trouble=trouble, warned=warned, warned_now=warned_now,
    )  # fmt: skip
    return page, status or form.status
