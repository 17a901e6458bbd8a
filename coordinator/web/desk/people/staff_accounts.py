"""Staff accounts: people, their roles, and whether they may sign in."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.contents import from_attributes
from campaigns.core.errors import CampaignError, Conflict, Invalid, NotFound
from campaigns.people import external_identities, sign_in_factors
from campaigns.people.invitations import invite, open_links, renew, revoke_links
from campaigns.people.mail_outbox import MailKind, cancel_mails, recent_link_mails
from campaigns.people.sessions import SessionEnd, end_sign_ins_of, open_sign_ins, revoke_other_sign_ins
from campaigns.people.sign_in_factors import has_factor
from campaigns.people.staff import Permission, Person, Role, change_person, find_by_email, rename_person
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, new_uniquifier, staff_required
from coordinator.web.auth.sessions import current_session
from coordinator.web.kit import one_time_secret
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.field_types import EnumField, FlagField, TextField
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.notification_mail import MAIL_WORK_KIND, queue_one_time_link
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("people", __name__, url_prefix="/people")


@dataclass(frozen=True)
class PersonRow:
    """A person for display. ``signs_in``: whether they have a password; ``waits``: whether a second
    person has to confirm their role; ``held``: whether what they do also counts as done by who added the account."""

    email: str
    name: str
    role: Role
    active: bool
    signs_in: bool
    has_factor: bool
    waits: bool
    held: bool
    created_at: datetime


@blueprint.get("/")
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """Show all staff, active ones first."""
    with app_context().job_context.database.read() as session:
        people = sa.select(Person).where(Person.email.contains("@"))  # without the erased
        query = people.order_by(Person.active.desc(), Person.name, Person.id)
        rows = [_person_row(person) for person in session.execute(query).scalars()]
    obliged = app_context().settings.obliged
    missing = sum(1 for row in rows if row.active and row.role in obliged and not row.has_factor)
    return render_template("desk/people/staff.html", rows=rows, me=current_actor().id, obliged=obliged, missing=missing)


class PersonForm(PageForm):
    """The form of a staff account. The address is fixed once the person is invited."""

    name = TextField()
    email = TextField(required=True)
    role = EnumField(Role)
    active = FlagField()


@blueprint.route("/_new", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE, fresh=True)
def new() -> ResponseReturnValue:
    """Invite a person to a role; the next page shows their link once."""
    context = app_context().job_context
    asked = request.args.get("role")
    form = PersonForm.of_request({"role": next((role for role in Role if role.value == asked), None)})
    if request.method == "POST" and form.validate():
        try:
            with context.database.write() as session:
                made = invite(
                    session,
                    current_actor(),
                    email=form.email.data,
                    name=form.name.data,
                    role=form.role.value,
                    uniquifier=new_uniquifier(),
                    now=context.now(),
                )
                email, name = made.row.person.email, made.row.person.name
                if context.mail is not None:
                    queue_one_time_link(app_context(), session, made.row.person, current_actor().id)
        except CampaignError as error:
            form.add_errors(error)
        else:
            return _mail_link(email) if context.mail is not None else _show_link(email, name, made.secret)
    page = render_template("desk/people/person_new.html", form=form, roles=list(Role), mails=context.mail is not None)
    return page, form.status


@blueprint.route("/<email>", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE, fresh=True)
def page(email: str) -> ResponseReturnValue:
    """Change a person's name or role, or activate or deactivate the account."""
    context = app_context().job_context
    if request.method == "GET":
        return _render_page(email)
    form = PersonForm.of_request()
    if not form.validate():
        return _render_page(email, form=form)
    try:
        with context.database.write() as session:
            person = _find_person(session, email)
            name = form.name.data if form.name.raw_data else person.name
            rename_person(session, current_actor(), person, name, now=context.now())
            change_person(
                session, current_actor(), person, role=form.role.value, active=form.active.data, now=context.now()
            )
            if not form.active.data:
                person.fs_uniquifier = new_uniquifier()  # ends every open session
                end_sign_ins_of(session, person.id, SessionEnd.CHANGED, now=context.now())
                cancel_mails(session, MailKind.LINK, person.email)
                revoke_links(session, current_actor(), person, now=context.now())
            name = person.name
    except NotFound:
        raise
    except CampaignError as error:
        return _render_page(email, error, form)
    flash_done(_("Đã lưu %(name)s.", name=name))
    return redirect(url_for("admin.people.index"), 303)


@blueprint.post("/<email>/link")
@staff_required(Permission.CONFIGURE, fresh=True)
def link(email: str) -> ResponseReturnValue:
    """Create a one-time link for a first sign-in or a new password, or revoke it."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            person = _find_person(session, email)
            address, name = person.email, person.name
            secret, mailed = "", bool(request.form.get("mail")) and context.mail is not None
            cancel_mails(session, MailKind.LINK, address)  # a queued mail would revoke the new link
            if request.form.get("revoke"):
                mailed = False
                revoke_links(session, current_actor(), person, now=context.now())
            elif mailed:
                if not person.active:
                    raise Conflict(f"{person.email} is switched off", code="switched_off", email=person.email)
                queue_one_time_link(app_context(), session, person, current_actor().id)
            else:
                secret = renew(session, current_actor(), person, now=context.now()).secret
    except Conflict as error:
        return _render_page(email, error)
    if mailed:
        return _mail_link(address)
    if secret:
        return _show_link(address, name, secret)
    flash_done(_("Đã thu lại đường dẫn."))
    return redirect(url_for("admin.people.page", email=address), 303)


@blueprint.post("/<email>/factor")
@staff_required(Permission.CONFIGURE, fresh=True)
def reset_factor(email: str) -> ResponseReturnValue:
    """Remove the second factor of a lost phone, with a reason; every session of the person ends."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            person = _find_person(session, email)
            sign_in_factors.reset_factor(session, current_actor(), person, fields.text("reason"), now=context.now())
            end_sign_ins_of(session, person.id, SessionEnd.CHANGED, now=context.now())
            name = person.name
    except (Conflict, Invalid) as error:
        return _render_page(email, error)
    flash_done(_("Đã đặt lại lớp thứ hai của %(name)s.", name=name))
    return redirect(url_for("admin.people.page", email=email), 303)


@blueprint.post("/<email>/unlink")
@staff_required(Permission.CONFIGURE, fresh=True)
def unlink(email: str) -> ResponseReturnValue:
    """Remove a person's link to the city's identity provider, so that another one can be set."""
    context = app_context().job_context
    with context.database.write() as session:
        person = _find_person(session, email)
        external_identities.unlink_identities(session, current_actor(), person, now=context.now())
        name = person.name
    flash_done(_("Đã gỡ nối tài khoản của %(name)s.", name=name))
    return redirect(url_for("admin.people.page", email=email), 303)


@blueprint.post("/<email>/end-sign-ins")
@staff_required(Permission.CONFIGURE, fresh=True)
def end_sign_ins(email: str) -> ResponseReturnValue:
    """End every open session of a person."""
    context, present = app_context().job_context, current_session()
    with context.database.write() as session:
        person = _find_person(session, email)
        mine = present if person.email == current_actor().id else None
        revoke_other_sign_ins(session, current_actor(), person, mine, now=context.now())
        name = person.name
    flash_done(_("Đã kết thúc các phiên của %(name)s.", name=name))
    return redirect(url_for("admin.people.page", email=email), 303)


def _mail_link(email: str) -> ResponseReturnValue:
    app_context().runner.nudge(MAIL_WORK_KIND)
    flash_done(_("Thư kèm đường dẫn đang được gửi tới %(email)s.", email=email))
    return redirect(url_for("admin.people.page", email=email), 303)


def _show_link(email: str, name: str, secret: str) -> ResponseReturnValue:
    path = url_for("admin.people.page", email=email)
    one_time_secret.keep(
        one_time_secret.OneTimeSecret(
            name, app_context().settings.base_url + url_for("joining.page", secret=secret), path
        )
    )
    return redirect(path, 303)


def _render_page(email: str, error: CampaignError | None = None, form: PersonForm | None = None) -> ResponseReturnValue:
    """Show a person: the ``form`` as submitted, else with the stored values."""
    context = app_context().job_context
    with context.database.read() as session:
        person = _find_person(session, email)
        row = _person_row(person)
        links = open_links(session, person, now=context.now())
        mailed = recent_link_mails(session, MailKind.LINK, person.email)
        linked = external_identities.is_linked(session, person)
        open_now = len(open_sign_ins(session, person.id, app_context().settings.idle, now=context.now()))
    form = form or PersonForm(obj=row)
    if error is not None:
        form.add_errors(error)
    page = render_template(
        "desk/people/person.html",
        person=row,
        form=form,
        reason=fields.text("reason"),
        roles=list(Role),
        mine=row.email == current_actor().id,
        link=links[0] if links else None,
        mailed=mailed,
        linked=linked,
        mails=context.mail is not None,
        sign_ins=open_now,
        secret=one_time_secret.take(request.path),
    )
    return page, form.status


def _find_person(session: Session, email: str) -> Person:
    person = find_by_email(session, email)
    if person is None:
        raise NotFound(f"there is nobody with the address {email}", email=email)
    return person


def _person_row(person: Person) -> PersonRow:
    return from_attributes(
        PersonRow,
        person,
        signs_in=person.password is not None,
        has_factor=has_factor(person),
        waits=not person.actor.confirmed,
        held=person.actor.confirmed and bool(person.in_hands_of),
    )
