"""Correction and recall of a published bulletin. A correction sends a new revision to all who received the old one; a
recall withdraws the bulletin from every output and notifies all recipients.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins import autosave
from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.bulletins.drafts import BulletinText, is_out, text_of
from campaigns.core.errors import CampaignError, Conflict, Invalid
from campaigns.people.staff import Permission
from coordinator.jobs.release import commands
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins import autosave as open_forms
from coordinator.web.desk.bulletins import cover, media, preview
from coordinator.web.desk.bulletins.autosave import FormContext
from coordinator.web.desk.bulletins.bulletin_page import BulletinView, bulletin_view
from coordinator.web.desk.bulletins.forms import (
    BulletinForm,
    FormChoices,
    form_choices,
    plain_text,
    stored_values,
)
from coordinator.web.desk.bulletins.library import picture_library
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.kit.text.word_diff import TextDiff, diff_text


@dataclass(frozen=True)
class CorrectionDraft:
    """The start of a correction: the published revision, or the pending correction. ``opened``: the form's content,
    from that revision or from a working copy.
    """

    whole: BulletinView
    saved: BulletinText
    opened: BulletinForm
    around: FormContext
    offered: FormChoices
    number: int
    author: str


def _correction_draft(code: str) -> CorrectionDraft | None:
    """Return the start of a correction; None when the bulletin is not public."""
    context = app_context().job_context
    with context.database.read() as session:
        bulletin = find_bulletin(session, code)
        if not is_out(bulletin, context.now()) or bulletin.state is BulletinState.RECALLED or bulletin.released is None:
            return None
        revision = bulletin.revision(bulletin.pending or bulletin.released)
        opened = open_forms.requested_draft(session, bulletin) or BulletinForm(data=stored_values(bulletin, revision))
        return CorrectionDraft(
            whole=bulletin_view(session, bulletin, current_actor(), context.now()),
            saved=text_of(revision),
            opened=opened,
            around=open_forms.form_context(session, bulletin, opened),
            offered=form_choices(session),
            number=revision.number,
            author=revision.author_name,
        )


@staff_required(Permission.WRITE)
def correct(code: str) -> ResponseReturnValue:
    """Show the form of a correction, or make it: at once for an approver, pending for a writer."""
    begun = _correction_draft(code)
    if begun is None:
        flash_trouble(_("Chỉ đính chính được bản tin đang phát hành."))
        return redirect(url_for("bulletins.show", code=code), code=303)
    if request.method == "GET":
        if "note" in request.args:
            begun.opened.fill({"note": request.args["note"]})
        return _render_correction(begun, begun.opened, around=begun.around)
    form = BulletinForm.of_request()
    if media.is_form_action(do := request.form.get("do", "")):
        media.apply_form_action(form, do)
        return _render_correction(begun, form, changed=True)
    if do in cover.FORM_ACTIONS:
        try:
            cover.FORM_ACTIONS[do](form)
        except CampaignError as error:
            form.add_messages(cover.picture_error_messages(error))
        return _render_correction(begun, form, changed=True)

    faults = form.faults(submits=True)

    def also(session: Session, bulletin: Bulletin) -> None:
        if faults:
            raise Invalid(faults)
        autosave.settle_copy(session, current_actor(), form.draft.data, bulletin, now=app_context().job_context.now())

    try:
        stood = commands.correct(
            app_context(),
            current_actor(),
            code,
            form.text_or_bare(),
            form.note.data,
            expected=form.expected.data or begun.number,
            also=also,
        )
    except Conflict as conflict:
        if faults:
            form.add_field_errors(faults)
            return _render_correction(begun, form)
        if conflict.code != "text_changed":
            form.add_messages({"form": error_sentence(conflict)})
            return _render_correction(begun, form, status=409)
        newest = _correction_draft(code) or begun
        change = diff_text(plain_text(newest.saved), plain_text(form.text()[0]))
        open_forms.save_aside(code, form, newest.number)
        return _render_correction(newest, form, overtaken=change, status=409)
    except CampaignError as error:
        form.add_field_errors(faults)
        form.add_errors(error)
        return _render_correction(begun, form)
    with app_context().job_context.database.read() as session:
        waits = find_bulletin(session, stood.code).pending is not None
    flash_done(_("Đã gửi bản đính chính chờ duyệt.") if waits else _("Đã phát đính chính."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _render_correction(
    begun: CorrectionDraft,
    form: BulletinForm,
    *,
    overtaken: TextDiff | None = None,
    changed: bool = False,
    around: FormContext | None = None,
    status: int | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "desk/release/correction.html",
        bulletin=begun.whole, form=form, overtaken=overtaken, author=begun.author,
        at_once=current_actor().may(Permission.APPROVE), offered=begun.offered, around=around or FormContext(),
        look=preview.check_form(form), cover=cover.cover_view(form), focuses=cover.focus_choices(),
        library=picture_library.choices_searched(), media_choices=media.choices_searched(),
        attrs=open_forms.form_attributes(form, dirty=bool(form.messages or overtaken or changed)),
    )  # fmt: skip
    return page, status or form.status


@staff_required(Permission.APPROVE)
def recall(code: str) -> ResponseReturnValue:
    """Ask for confirmation with the consequences, or recall the bulletin."""
    if request.method == "GET":
        return _render_recall(code)
    try:
        commands.recall(app_context(), current_actor(), code, request.form.get("reason", ""))
    except Invalid as invalid:
        return _render_recall(code, fields.error_messages(invalid), status=422)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("bulletins.show", code=code), code=303)
    flash_done(_("Đã thu hồi %(code)s.", code=code))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _render_recall(code: str, errors: Mapping[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        whole = bulletin_view(session, find_bulletin(session, code), current_actor(), context.now())
    if not whole.acts.recall:
        flash_trouble(_("Chỉ thu hồi được bản tin đang phát hành."))
        return redirect(url_for("bulletins.show", code=code), code=303)
    page = render_template(
        "desk/release/recall.html", bulletin=whole, errors=errors or {}, reason=request.form.get("reason", "")
    )
    return page, status
