"""Coming in by a one-time link: for the first time, or with a new password in place of one that was forgotten."""

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user

from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.factors import has_factor
from campaigns.people.invitations import Purpose, accept, find_link
from campaigns.people.sign_ins import Why, end_all
from coordinator.web.desk import inputs
from coordinator.web.notices import tell
from coordinator.web.passwords import as_compared, check_password, hash_password
from coordinator.web.security import front, new_uniquifier

blueprint = Blueprint("joining", __name__)


@blueprint.route("/join/<secret>", methods=["GET", "POST"])
def page(secret: str) -> ResponseReturnValue:
    """The form behind a link, and what it writes. A link that is over says so and does not say why."""
    place = front().place
    with place.database.read() as reading:
        link = find_link(reading, secret, now=place.now())
    if link is None:
        return render_template("joining/over.html"), 410
    name = inputs.text("name") or link.person.name
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = inputs.said_of(_check(link.purpose))
        if not errors:
            digest = hash_password(request.form["password"])  # before the write lock: hashing takes its time
            try:
                with place.database.write() as writing:
                    person = accept(
                        writing, secret, name=name, password_hash=digest, uniquifier=new_uniquifier(), now=place.now()
                    )
                    end_all(writing, person.id, Why.CHANGED, now=place.now())
                    email, asks = person.email, has_factor(person)
                    if link.purpose is Purpose.PASSWORD:
                        tell(front(), writing, person, "password_changed")
            except (NotFound, Conflict):
                return render_template("joining/over.html"), 410
            return _come_in(email, asks)
    shown = render_template(
        "joining/page.html", person=link.person, name=name, first=link.purpose is Purpose.INVITATION, errors=errors
    )
    return (shown, 422) if errors else shown


def _check(purpose: Purpose) -> list[FieldError]:
    errors = []
    if purpose is Purpose.INVITATION and not inputs.text("name"):
        errors.append(FieldError("name", "required", "a name is needed"))
    password = request.form.get("password", "")
    try:
        check_password(password)
    except Invalid as invalid:
        errors.extend(invalid.errors)
    if as_compared(password) != as_compared(request.form.get("again", "")):
        errors.append(FieldError("again", "differs", "the two passwords differ"))
    return errors


def _come_in(email: str, asks: bool) -> ResponseReturnValue:
    """Sign in; but a link is no second factor, so whoever has one goes by the usual door."""
    session.clear()
    accounts = current_app.extensions["lantoa.accounts"]
    accounts.db.session.expire_all()
    user = accounts.find_user(email=email)
    if user is None or asks:
        return redirect(url_for("security.login"), 303)
    login_user(user)
    return redirect(url_for("desk.today"), 303)
