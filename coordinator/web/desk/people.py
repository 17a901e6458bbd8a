"""Staff: who they are, their role, and whether they may sign in."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, FieldError, Invalid, NotFound
from campaigns.people import staff as people_staff
from campaigns.people.staff import May, Person, Role, add_person, change_person, find_by_email
from coordinator.web.desk import inputs
from coordinator.web.look import say_done
from coordinator.web.passwords import check_password, hash_password
from coordinator.web.security import actor, front, new_uniquifier, staff

blueprint = Blueprint("people", __name__, url_prefix="/people")


@dataclass(frozen=True)
class PersonRow:
    """A person as pages show them. ``signs_in``: whether they have a password at all."""

    email: str
    name: str
    role: Role
    active: bool
    signs_in: bool
    created_at: datetime


@blueprint.get("/")
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """Everybody, the active ones first."""
    with front().place.database.read() as session:
        query = sa.select(Person).order_by(Person.active.desc(), Person.name, Person.id)
        rows = [_row(one) for one in session.execute(query).scalars()]
    return render_template("admin/people.html", rows=rows, me=actor().id)


@blueprint.route("/_new", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def new() -> ResponseReturnValue:
    """Add a person with their role and first password."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            role = _role()
            check_password(request.form.get("password", ""))
            # Before the write lock: hashing takes its time.
            digest = hash_password(request.form["password"])
            place = front().place
            with place.database.write() as session:
                person = add_person(
                    session,
                    actor().id,
                    email=inputs.text("email"),
                    name=inputs.text("name"),
                    role=role,
                    password_hash=digest,
                    uniquifier=new_uniquifier(),
                    now=place.now(),
                )
                name = person.name
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã thêm %(name)s. Đưa mật khẩu đầu tiên tận tay; họ đổi lại sau khi vào.", name=name))
            return redirect(url_for("admin.people.index"), 303)
    values = {name: request.form.get(name, "") for name in ("email", "name", "role")}
    shown = render_template("admin/person_new.html", values=values, errors=errors, roles=list(Role))
    return (shown, 422) if errors else shown


@blueprint.route("/<email>", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def page(email: str) -> ResponseReturnValue:
    """Change a person's role, or let them in or keep them out."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        active = "active" in request.form
        try:
            role = _role()
            with place.database.write() as session:
                person = _find(session, email)
                change_person(session, actor(), person, role=role, active=active, now=place.now())
                if not active:
                    person.fs_uniquifier = new_uniquifier()  # ends every session they have open
                name = person.name
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã lưu %(name)s.", name=name))
            return redirect(url_for("admin.people.index"), 303)
    with place.database.read() as session:
        row = _row(_find(session, email))
    shown = render_template(
        "admin/person.html",
        person=row,
        role=request.form.get("role", row.role.value),
        active="active" in request.form if request.method == "POST" else row.active,
        errors=errors,
        roles=list(Role),
        mine=row.email == actor().id,
    )
    return (shown, 422) if errors else shown


@blueprint.post("/<email>/password")
@staff(May.CONFIGURE)
def set_password(email: str) -> ResponseReturnValue:
    """Give somebody who has lost theirs a new password; every session they have open ends."""
    place = front().place
    try:
        check_password(request.form.get("password", ""))
    except Invalid as error:
        with place.database.read() as session:
            row = _row(_find(session, email))
        page = render_template(
            "admin/person.html",
            person=row,
            role=row.role.value,
            active=row.active,
            errors=inputs.said(error),
            roles=list(Role),
            mine=row.email == actor().id,
        )
        return page, 422
    digest = hash_password(request.form["password"])
    with place.database.write() as session:
        person = _find(session, email)
        people_staff.set_password(
            session, actor(), person, password_hash=digest, uniquifier=new_uniquifier(), now=place.now()
        )
        name = person.name
    say_done(_("Đã đặt mật khẩu mới cho %(name)s; các phiên đang mở của họ đã đóng.", name=name))
    return redirect(url_for("admin.people.index"), 303)


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
        person.email, person.name, person.role, person.active, person.password is not None, person.created_at
    )
