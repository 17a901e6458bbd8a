"""Notices: writing, publishing, correcting, withdrawing, and their readers."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError, Conflict, NotFound
from campaigns.messages import notice_workflow, notices
from campaigns.messages.notices import Notice, NoticeState, find_notice
from campaigns.people.staff import Permission
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.messages import notice_queries
from coordinator.web.desk.messages.notice_forms import NoticeForm, stored_values
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists import report_scope
from coordinator.web.kit.lists.downloads import attachment, csv_attachment
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("notices", __name__, url_prefix="/desk/notices")


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show every notice, newest first, with the number of readers."""
    with app_context().job_context.database.read() as session:
        part = notice_queries.list_notices(session, now=app_context().job_context.now())
    return render_template("desk/messages/notices.html", part=part, may_write=current_actor().may(Permission.WRITE))


@blueprint.route("/_new", methods=["GET", "POST"])
@staff_required(Permission.WRITE)
def new() -> ResponseReturnValue:
    """Write a notice; it is published by a separate action."""
    form = NoticeForm.of_request()
    if request.method == "GET" or not _may_save(form):
        return _render_form(None, form)
    try:
        with app_context().job_context.database.write() as session:
            row = notice_workflow.draft_notice(
                session, current_actor(), form.wanted(), form.mark.data, now=app_context().job_context.now()
            )
            public = row.public
    except CampaignError as error:
        form.add_errors(error)
        return _render_form(None, form)
    flash_done(_("Đã lưu bản nháp. Chưa đối tác nào thấy."))
    return redirect(url_for("notices.show", public=public), 303)


@blueprint.get("/<public>")
@staff_required()
def show(public: str) -> ResponseReturnValue:
    """Show one notice and all its receivers."""
    return _render_notice(public)


@blueprint.route("/<public>/edit", methods=["GET", "POST"])
@staff_required(Permission.WRITE)
def edit(public: str) -> ResponseReturnValue:
    """Change a draft, or correct a published notice, which every receiver has to read again."""
    context = app_context().job_context
    with context.database.read() as session:
        row = find_notice(session, public)
        state, form = row.state, NoticeForm.of_request(stored_values(session, row))
    if state is NoticeState.WITHDRAWN:
        flash_trouble(_("Thông báo đã thu hồi thì không sửa được. Mời lập thông báo mới."))
        return redirect(url_for("notices.show", public=public), 303)
    if state is NoticeState.PUBLISHED and not current_actor().may(Permission.INFORM):
        abort(403)
    if request.method == "GET" or not _may_save(form):
        return _render_form(public, form)
    try:
        with context.database.write() as session:
            actor, wanted, version, now = current_actor(), form.wanted(), form.version.data, context.now()
            if form.out.data:
                notice_workflow.correct_notice(session, actor, public, wanted, form.note.data, version, now=now)
            else:
                notice_workflow.revise_notice(session, actor, public, wanted, version, now=now)
    except Conflict as conflict:
        # The typed text stays in the form, now based on the newest version; the person can submit again.
        form.add_errors(conflict)
        form.out.data = state is NoticeState.PUBLISHED
        return _render_form(public, form, 409)
    except NotFound:
        raise
    except CampaignError as error:
        form.add_errors(error)
        return _render_form(public, form)
    flash_done(_("Đã phát phiên bản mới. Mọi nơi nhận được mời đọc lại.") if form.out.data else _("Đã lưu bản nháp."))
    return redirect(url_for("notices.show", public=public), 303)


@blueprint.post("/<public>/publish")
@staff_required(Permission.INFORM)
def publish(public: str) -> ResponseReturnValue:
    """Publish a draft in the version that was shown."""
    return _apply_act(public, notice_workflow.publish_notice, _("Đã phát thông báo. Đối tác thấy ngay trong cổng."))


@blueprint.post("/<public>/discard")
@staff_required(Permission.WRITE)
def discard(public: str) -> ResponseReturnValue:
    """Discard a draft."""
    try:
        with app_context().job_context.database.write() as session:
            notice_workflow.discard_notice(
                session, current_actor(), public, fields.form_version("version"), now=app_context().job_context.now()
            )
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("notices.show", public=public), 303)
    flash_done(_("Đã bỏ bản nháp."))
    return redirect(url_for("notices.index"), 303)


@blueprint.post("/<public>/withdraw")
@staff_required(Permission.INFORM)
def withdraw(public: str) -> ResponseReturnValue:
    """Withdraw a notice."""
    note = fields.clean_text("note")
    try:
        with app_context().job_context.database.write() as session:
            notice_workflow.withdraw_notice(
                session,
                current_actor(),
                public,
                note,
                fields.form_version("version"),
                now=app_context().job_context.now(),
            )
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("notices.show", public=public), 303)
    except NotFound:
        raise
    except CampaignError as error:
        return _render_notice(public, fields.error_messages(error), note)
    flash_done(_("Đã thu hồi thông báo."), undo=url_for("notices.restore", public=public))
    return redirect(url_for("notices.show", public=public), 303)


@blueprint.post("/<public>/restore")
@staff_required(Permission.INFORM)
def restore(public: str) -> ResponseReturnValue:
    """Restore a withdrawn notice."""
    return _apply_act(
        public,
        lambda session, item, name, _version, now: notice_workflow.restore_notice(session, item, name, now=now),
        _("Thông báo có hiệu lực trở lại."),
    )


@blueprint.get("/<public>/readers.<form>")
@staff_required()
def readers_file(public: str, form: str) -> ResponseReturnValue:
    """Return the readers as a file."""
    if form not in notice_queries.FILE_FORMATS:
        abort(404)
    now = app_context().job_context.now()
    with app_context().job_context.database.read() as session:
        view = notice_queries.notice_view(session, public, whole=True, now=now)
    if form == "csv":
        return csv_attachment(notice_queries.readers_table(view), f"thong-bao-{public}")
    body = notice_queries.write_readers_workbook(view, now=now)
    return attachment(body, notice_queries.FILE_FORMATS[form], f"thong-bao-{public}.{form}")


def _apply_act(public: str, act: Callable[..., Notice], done: str) -> ResponseReturnValue:
    """Apply an action to the version shown; a version changed meanwhile is reported and left unchanged."""
    try:
        with app_context().job_context.database.write() as session:
            act(session, current_actor(), public, fields.form_version("version"), now=app_context().job_context.now())
    except NotFound:
        raise
    except CampaignError as error:
        flash_trouble("; ".join(fields.error_messages(error).values()))
    else:
        flash_done(done)
    return redirect(url_for("notices.show", public=public), 303)


def _render_notice(public: str, errors: dict[str, str] | None = None, note: str = "") -> ResponseReturnValue:
    actor = current_actor()
    with app_context().job_context.database.read() as session:
        view = notice_queries.notice_view(session, public, now=app_context().job_context.now())
    page = render_template(
        "desk/messages/notice.html", notice=view, errors=errors or {}, note=note,
        may_write=actor.may(Permission.WRITE), may_tell=actor.may(Permission.INFORM),
    )  # fmt: skip
    return (page, 422) if errors else page


def _may_save(form: NoticeForm) -> bool:
    """Whether a submitted form is to be saved: it has no errors, and no partner was just added to its list."""
    form.imply_single_partners()
    if form.partners.unsettled:
        form.partners.validate(form)
        return False
    return bool(form.validate())


def _render_form(public: str | None, form: NoticeForm, status: int | None = None) -> ResponseReturnValue:
    with app_context().job_context.database.read() as session:
        known = report_scope.topic_choices(session)
        sizes = notices.audience_sizes(session, [choice.code for choice in known], now=app_context().job_context.now())
        latest = find_notice(session, public).version if public else 0
    page = render_template(
        "desk/messages/notice_form.html",
        public=public,
        form=form,
        out=form.out.data,
        latest=latest,
        topics=[
            (choice.code, notice_queries.audience_size_label(choice.name, sizes.topics[choice.code]))
            for choice in known
        ],
        groups=notice_queries.audience_choices(sizes),
        every=sizes.every,
        limits=(notice_workflow.LONGEST_TITLE, notice_workflow.LONGEST_NOTE),
    )
    return page, status or form.status
