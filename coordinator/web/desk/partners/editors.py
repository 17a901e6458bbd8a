"""The editors of a partner: invited by name, signed in by a one-time link, with a list of visits that can be ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.contents import from_attributes
from campaigns.core.errors import CampaignError, Conflict, NotFound
from campaigns.partners import editors as editor_records
from campaigns.partners.directory import Company, find_company
from campaigns.partners.editor_access import (
    close_visits,
    make_editor_link,
    open_editor_links,
    open_visits,
    revoke_editor_links,
    revoke_visit,
)
from campaigns.partners.editors import Editor, add_editor, change_editor, editors_of, find_editor
from campaigns.people import mail_outbox
from campaigns.people.mail_outbox import MailKind
from campaigns.people.staff import Permission
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit import one_time_secret
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.field_types import FlagField, TextField
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.notification_mail import MAIL_WORK_KIND, queue_editor_link
from coordinator.web.kit.templating import flash_done, flash_trouble

blueprint = Blueprint("editors", __name__)


@dataclass(frozen=True)
class VisitRow:
    """One open session."""

    public: str
    device: str
    began_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class EditorRow:
    """An editor as pages show them. ``link_until``: how long an unused link still works; ``visits``: open ones."""

    public: str
    name: str
    email: str
    active: bool
    invited_by: str
    created_at: datetime
    link_until: datetime | None
    visits: Sequence[VisitRow]

    @property
    def seen_at(self) -> datetime | None:
        """The last use among the open visits."""
        return self.visits[0].seen_at if self.visits else None


def list_editors(session: Session, company: Company, now: datetime) -> list[EditorRow]:
    """The editors of a partner, with three queries for all of them."""
    rows = editors_of(session, company)
    links = open_editor_links(session, rows, now=now)
    visits: dict[int | None, list[VisitRow]] = {}
    for visit in open_visits(session, rows, now=now):
        row = VisitRow(visit.public, visit.device, visit.began_at, visit.seen_at)
        visits.setdefault(visit.editor_id, []).append(row)
    return [
        from_attributes(EditorRow, editor, link_until=links.get(editor.id), visits=visits.get(editor.id, []))
        for editor in rows
    ]  # fmt: skip


class EditorForm(PageForm):
    """The form of an editor. The address is fixed once the editor is invited."""

    name = TextField(required=True)
    email = TextField(required=True)
    active = FlagField()


@blueprint.route("/<code>/editors/_new", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE, fresh=True)
def new(code: str) -> ResponseReturnValue:
    """Invite an editor: the link is mailed, or shown once on the next page."""
    context = app_context().job_context
    form = EditorForm.of_request()
    if request.method == "POST":
        try:
            with context.database.write() as session:
                company = find_company(session, code)
                editor = add_editor(
                    session,
                    current_actor(),
                    company,
                    email=form.email.data,
                    name=form.name.data,
                    now=context.now(),
                )
                public, name, email, secret = editor.public, editor.name, editor.email, ""
                if context.mail is not None:
                    queue_editor_link(app_context(), session, editor, current_actor().id)
                else:
                    secret = make_editor_link(session, current_actor(), editor, now=context.now()).secret
        except NotFound:
            raise
        except CampaignError as error:
            form.add_errors(error)
        else:
            return _show_link(code, public, name, secret) if secret else _mail_link(code, public, email)
    with context.database.read() as session:
        partner = find_company(session, code).name
    page = render_template(
        "desk/partners/editor_new.html", code=code, partner=partner, form=form, mails=context.mail is not None
    )
    return page, form.status


@blueprint.route("/<code>/editors/<public>", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE, fresh=True)
def page(code: str, public: str) -> ResponseReturnValue:
    """One editor: name, access, link and visits."""
    context = app_context().job_context
    if request.method == "GET":
        return _render_page(code, public)
    form = EditorForm.of_request()
    try:
        with context.database.write() as session:
            editor = find_editor(session, find_company(session, code), public)
            change_editor(
                session, current_actor(), editor, name=form.name.data, active=form.active.data, now=context.now()
            )
            if not form.active.data:
                close_visits(session, [editor], now=context.now())
                _revoke_links(session, [editor], context.now())
            name = editor.name
    except NotFound:
        raise
    except CampaignError as error:
        return _render_page(code, public, error, form)
    flash_done(_("Đã lưu %(name)s.", name=name))
    return redirect(url_for("partners.page", code=code, _anchor="nguoi-vao-cong"), 303)


@blueprint.post("/<code>/editors/<public>/link")
@staff_required(Permission.CONFIGURE, fresh=True)
def link(code: str, public: str) -> ResponseReturnValue:
    """Mail an editor a one-time link, or make one to be copied, or revoke it."""
    context = app_context().job_context
    secret, mails = "", bool(request.form.get("mail")) and context.mail is not None
    try:
        with context.database.write() as session:
            editor = find_editor(session, find_company(session, code), public)
            name, email = editor.name, editor.email
            # A mail sent later would revoke the new link.
            mail_outbox.cancel_mails(session, MailKind.EDITOR, email, more=public)
            if request.form.get("revoke"):
                mails = False
                revoke_editor_links(session, current_actor(), [editor], now=context.now())
            elif mails:
                if not editor.may_enter:
                    raise Conflict(f"{email} may not enter", code="editor_off", email=email)
                queue_editor_link(app_context(), session, editor, current_actor().id)
            else:
                secret = make_editor_link(session, current_actor(), editor, now=context.now()).secret
    except Conflict as error:
        return _render_page(code, public, error)
    if mails:
        return _mail_link(code, public, email)
    if secret:
        return _show_link(code, public, name, secret)
    flash_done(_("Đã thu lại đường dẫn."))
    return redirect(url_for("partners.editors.page", code=code, public=public), 303)


@blueprint.post("/<code>/editors/<public>/end-visit")
@staff_required(Permission.CONFIGURE, fresh=True)
def end_visit(code: str, public: str) -> ResponseReturnValue:
    """End one visit of an editor."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            editor = find_editor(session, find_company(session, code), public)
            revoke_visit(session, current_actor(), editor, fields.text("visit"), now=context.now())
    except NotFound as error:
        if "visit" not in error.params:
            raise
        flash_trouble(_("Phiên này đã kết thúc từ trước."))
    else:
        flash_done(_("Đã kết thúc phiên."))
    return redirect(url_for("partners.editors.page", code=code, public=public), 303)


@blueprint.route("/<code>/portal", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE, fresh=True)
def portal(code: str) -> ResponseReturnValue:
    """Confirm the closing of the portal to a partner with its consequence, then close it; or open it again."""
    context = app_context().job_context
    with context.database.read() as session:
        company = find_company(session, code)
        name, closed = company.name, company.portal_closed_at
        visits = sum(len(row.visits) for row in list_editors(session, company, context.now()))
    if request.method == "GET":
        return render_template(
            "desk/partners/portal_access.html", code=code, partner=name, closed=closed, visits=visits
        )
    opens = fields.text("turn") == "open"
    try:
        with context.database.write() as session:
            company = find_company(session, code)
            if opens:
                editor_records.open_portal(session, current_actor(), company, now=context.now())
            else:
                everybody = editors_of(session, company)
                editor_records.close_portal(session, current_actor(), company, now=context.now())
                close_visits(session, everybody, now=context.now())
                _revoke_links(session, everybody, context.now())
    except Conflict as error:
        flash_trouble(next(iter(fields.error_messages(error).values())))
    else:
        flash_done(_("Đã mở cổng cho %(name)s.", name=name) if opens else _("Đã đóng cổng với %(name)s.", name=name))
    return redirect(url_for("partners.page", code=code), 303)


def _revoke_links(session: Session, editors: Sequence[Editor], now: datetime) -> None:
    """Revoke the links of these editors, including those in unsent mails: the mails are cancelled first, because a mail
    being composed creates its link before its lock is released.
    """
    for editor in editors:
        mail_outbox.cancel_mails(session, MailKind.EDITOR, editor.email, more=editor.public)
    revoke_editor_links(session, current_actor(), editors, now=now)


def _mail_link(code: str, public: str, email: str) -> ResponseReturnValue:
    app_context().runner.nudge(MAIL_WORK_KIND)
    flash_done(_("Thư kèm đường dẫn đang được gửi tới %(email)s.", email=email))
    return redirect(url_for("partners.editors.page", code=code, public=public), 303)


def _show_link(code: str, public: str, name: str, secret: str) -> ResponseReturnValue:
    path = url_for("partners.editors.page", code=code, public=public)
    address = app_context().settings.base_url + url_for("portal.joining.page", secret=secret)
    one_time_secret.keep(one_time_secret.OneTimeSecret(name, address, path))
    return redirect(path, 303)


def _render_page(
    code: str, public: str, error: CampaignError | None = None, form: EditorForm | None = None
) -> ResponseReturnValue:
    """Show an editor: the ``form`` as submitted, else with the stored values."""
    context = app_context().job_context
    with context.database.read() as session:
        company = find_company(session, code)
        wanted = find_editor(session, company, public).public
        row = next(row for row in list_editors(session, company, context.now()) if row.public == wanted)
        partner, closed = company.name, company.portal_closed_at
        mailed = mail_outbox.recent_link_mails(session, MailKind.EDITOR, row.email, more=row.public)
    form = form or EditorForm(obj=row)
    if error is not None:
        form.add_errors(error)
    page = render_template(
        "desk/partners/editor.html",
        code=code,
        partner=partner,
        closed=closed,
        row=row,
        form=form,
        secret=one_time_secret.take(request.path),
        mails=context.mail is not None,
        mailed=mailed,
    )
    return page, form.status
