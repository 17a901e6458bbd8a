"""Staff: who they are, their role, and whether they may sign in."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.people import factors, identities
from campaigns.people.factors import has_factor
from campaigns.people.invitations import invite, open_links, renew, revoke_links
from campaigns.people.letters import LetterKind, call_off, links_sent
from campaigns.people.sign_ins import Why, end_all, open_of, revoke_others
from campaigns.people.staff import May, Person, Role, change_person, find_by_email, rename_person
from coordinator.web.desk import inputs, once
from coordinator.web.look import say_done
from coordinator.web.notices import LETTERS, send_link, tell
from coordinator.web.saying import _
from coordinator.web.security import actor, front, new_uniquifier, staff
from coordinator.web.sign_ins import here

blueprint = Blueprint("people", __name__, url_prefix="/people")


@dataclass(frozen=True)
class PersonRow:
    """A person as pages show them. ``signs_in``: whether they have a password at all."""

    email: str
    name: str
    role: Role
    active: bool
    signs_in: bool
    has_factor: bool
    created_at: datetime


@blueprint.get("/")
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """Everybody, the active ones first."""
    with front().place.database.read() as session:
        query = sa.select(Person).order_by(Person.active.desc(), Person.name, Person.id)
        rows = [_row(one) for one in session.execute(query).scalars()]
    obliged = front().settings.obliged
    missing = sum(1 for one in rows if one.active and one.role in obliged and not one.has_factor)
    return render_template("admin/people.html", rows=rows, me=actor().id, obliged=obliged, missing=missing)


@blueprint.route("/_new", methods=["GET", "POST"])
@staff(May.CONFIGURE, fresh=True)
def new() -> ResponseReturnValue:
    """Invite a person to a role; the page that follows shows their link, once."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            role = _role()
            place = front().place
            with place.database.write() as session:
                made = invite(
                    session,
                    actor(),
                    email=inputs.text("email"),
                    name=inputs.text("name"),
                    role=role,
                    uniquifier=new_uniquifier(),
                    now=place.now(),
                )
                email, name = made.row.person.email, made.row.person.name
                if place.mail is not None:
                    send_link(front(), session, made.row.person, actor().id)
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            return _mailed(email) if place.mail is not None else _show_link(email, name, made.secret)
    values = {name: request.form.get(name, "") for name in ("email", "name", "role")}
    shown = render_template(
        "admin/person_new.html", values=values, errors=errors, roles=list(Role), mails=front().place.mail is not None
    )
    return (shown, 422) if errors else shown


@blueprint.route("/<email>", methods=["GET", "POST"])
@staff(May.CONFIGURE, fresh=True)
def page(email: str) -> ResponseReturnValue:
    """Change a person's name or role, or let them in or keep them out."""
    place = front().place
    if request.method == "GET":
        return _page(email, {})
    active = "active" in request.form
    try:
        role = _role()
        with place.database.write() as session:
            person = _find(session, email)
            rename_person(session, actor(), person, request.form.get("name", person.name), now=place.now())
            change_person(session, actor(), person, role=role, active=active, now=place.now())
            if not active:
                person.fs_uniquifier = new_uniquifier()  # ends every session they have open
                end_all(session, person.id, Why.CHANGED, now=place.now())
                call_off(session, LetterKind.LINK, person.email)
                revoke_links(session, actor(), person, now=place.now())
            name = person.name
    except NotFound:
        raise
    except CampaignError as error:
        return _page(email, inputs.said(error)), 422
    say_done(_("Đã lưu %(name)s.", name=name))
    return redirect(url_for("admin.people.index"), 303)


@blueprint.post("/<email>/link")
@staff(May.CONFIGURE, fresh=True)
def link(email: str) -> ResponseReturnValue:
    """Make a one-time link for somebody, by which they come in first or set a new password; or take it back."""
    place = front().place
    try:
        with place.database.write() as session:
            person = _find(session, email)
            address, name = person.email, person.name
            secret, mailed = "", bool(request.form.get("mail")) and place.mail is not None
            call_off(session, LetterKind.LINK, address)  # a letter that waits would end whatever is made now
            if request.form.get("revoke"):
                mailed = False
                revoke_links(session, actor(), person, now=place.now())
            elif mailed:
                if not person.active:
                    raise Conflict(f"{person.email} is switched off", code="switched_off", email=person.email)
                send_link(front(), session, person, actor().id)
            else:
                secret = renew(session, actor(), person, now=place.now()).secret
    except Conflict as error:
        return _page(email, inputs.said(error)), 422
    if mailed:
        return _mailed(address)
    if secret:
        return _show_link(address, name, secret)
    say_done(_("Đã thu lại đường dẫn."))
    return redirect(url_for("admin.people.page", email=address), 303)


@blueprint.post("/<email>/factor")
@staff(May.CONFIGURE, fresh=True)
def reset_factor(email: str) -> ResponseReturnValue:
    """Take a lost phone's factor away, with a reason; every session of the person ends."""
    place = front().place
    try:
        with place.database.write() as session:
            person = _find(session, email)
            factors.reset_factor(session, actor(), person, inputs.text("reason"), now=place.now())
            end_all(session, person.id, Why.CHANGED, now=place.now())
            tell(front(), session, person, "factor_reset", by=actor().id)
            name = person.name
    except (Conflict, Invalid) as error:
        return _page(email, inputs.said(error)), 422
    say_done(_("Đã đặt lại lớp thứ hai của %(name)s.", name=name))
    return redirect(url_for("admin.people.page", email=email), 303)


@blueprint.post("/<email>/unlink")
@staff(May.CONFIGURE, fresh=True)
def unlink(email: str) -> ResponseReturnValue:
    """Take a person's link with the city's account away, so that another one may take its place."""
    place = front().place
    with place.database.write() as session:
        person = _find(session, email)
        identities.unlink(session, actor(), person, now=place.now())
        name = person.name
    say_done(_("Đã gỡ nối tài khoản của %(name)s.", name=name))
    return redirect(url_for("admin.people.page", email=email), 303)


@blueprint.post("/<email>/end-sign-ins")
@staff(May.CONFIGURE, fresh=True)
def end_sign_ins(email: str) -> ResponseReturnValue:
    """End every session that a person has open."""
    place, present = front().place, here()
    with place.database.write() as session:
        person = _find(session, email)
        mine = present.public if present and person.email == actor().id else None
        revoke_others(session, actor(), person, mine, now=place.now())
        name = person.name
    say_done(_("Đã kết thúc các phiên của %(name)s.", name=name))
    return redirect(url_for("admin.people.page", email=email), 303)


def _mailed(email: str) -> ResponseReturnValue:
    front().runner.nudge(LETTERS)
    say_done(_("Thư kèm đường dẫn đang được gửi tới %(email)s.", email=email))
    return redirect(url_for("admin.people.page", email=email), 303)


def _show_link(email: str, name: str, secret: str) -> ResponseReturnValue:
    path = url_for("admin.people.page", email=email)
    once.keep(once.Secret(name, front().settings.base_url + url_for("joining.page", secret=secret), path))
    return redirect(path, 303)


def _page(email: str, errors: dict[str, str]) -> str:
    place = front().place
    with place.database.read() as session:
        person = _find(session, email)
        row = _row(person)
        links = open_links(session, person, now=place.now())
        mailed = links_sent(session, LetterKind.LINK, person.email)
        linked = identities.is_linked(session, person)
        open_now = len(open_of(session, person.id, front().settings.idle, now=place.now()))
    sent = request.method == "POST" and request.endpoint == "admin.people.page"
    return render_template(
        "admin/person.html",
        person=row,
        name=request.form.get("name", row.name) if sent else row.name,
        role=request.form.get("role", row.role.value),
        active="active" in request.form if sent else row.active,
        values={"reason": request.form.get("reason", "")},
        errors=errors,
        roles=list(Role),
        mine=row.email == actor().id,
        link=links[0] if links else None,
        mailed=mailed,
        linked=linked,
        mails=place.mail is not None,
        sign_ins=open_now,
        secret=once.take(request.path),
    )


def _find(session: Session, email: str) -> Person:
    person = find_by_email(session, email)
    if person is None:
        raise NotFound(f"there is nobody with the address {email}", email=email)
    return person


def _role() -> Role:
    known = {one.value: one for one in Role}
    chosen = inputs.text("role")
    if chosen not in known:
        raise Invalid([FieldError("role", "required", f"choose one of {', '.join(known)}")])
    return known[chosen]


def _row(person: Person) -> PersonRow:
    return PersonRow(
        person.email,
        person.name,
        person.role,
        person.active,
        person.password is not None,
        has_factor(person),
        person.created_at,
    )
