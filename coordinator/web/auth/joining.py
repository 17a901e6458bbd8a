"""Sign-in by a one-time link: the first time, or to set a new password."""

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user

from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.invitations import LinkPurpose, accept, find_link
from campaigns.people.sessions import SessionEnd, end_sign_ins_of
from campaigns.people.sign_in_factors import has_factor
from coordinator.web.auth import throttling
from coordinator.web.auth.passwords import check_password, hash_password, normalise_password
from coordinator.web.auth.security import app_context, new_uniquifier
from coordinator.web.kit.forms import fields
from coordinator.web.kit.notification_mail import queue_notification

blueprint = Blueprint("joining", __name__)


@blueprint.route("/join/<secret>", methods=["GET", "POST"])
def page(secret: str) -> ResponseReturnValue:
    """Show and process the form of a link. An invalid link is rejected without a reason."""
    context = app_context().job_context
    with context.database.read() as reading:
        link = find_link(reading, secret, now=context.now())
    if link is None:
        return render_template("auth/one_time_link_expired.html"), 410
    name = fields.text("name") or link.person.name
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = fields.field_error_messages(_form_errors(link.purpose))
        if not errors:
            digest = hash_password(request.form["password"])  # before the write lock, because hashing is slow
            try:
                with context.database.write() as writing:
                    person = accept(
                        writing, secret, name=name, password_hash=digest, uniquifier=new_uniquifier(), now=context.now()
                    )
                    end_sign_ins_of(writing, person.id, SessionEnd.CHANGED, now=context.now())
                    email, asks = person.email, has_factor(person)
                    if link.purpose is LinkPurpose.PASSWORD:
                        queue_notification(app_context(), writing, person, "password_changed")
            except (NotFound, Conflict):
                return render_template("auth/one_time_link_expired.html"), 410
            return _sign_in(email, asks)
    page = render_template(
        "auth/one_time_link.html",
        person=link.person,
        name=name,
        first=link.purpose is LinkPurpose.INVITATION,
        errors=errors,
    )
    return (page, 422) if errors else page


def _form_errors(purpose: LinkPurpose) -> list[FieldError]:
    errors = []
    if purpose is LinkPurpose.INVITATION and not fields.text("name"):
        errors.append(FieldError("name", "required", "a name is needed"))
    password = request.form.get("password", "")
    try:
        check_password(password)
    except Invalid as invalid:
        errors.extend(invalid.errors)
    if normalise_password(password) != normalise_password(request.form.get("again", "")):
        errors.append(FieldError("again", "differs", "the two passwords differ"))
    return errors


def _sign_in(email: str, asks: bool) -> ResponseReturnValue:
    """Sign in. A link is no second factor, so a person who has one is redirected to the usual sign-in."""
    session.clear()
    accounts = current_app.extensions["lantoa.accounts"]
    accounts.db.session.expire_all()
    user = accounts.find_user(email=email)
    if user is None or asks:
        if user is not None:
            throttling.know_browser(user.email, user.fs_uniquifier)
        return redirect(url_for("security.login"), 303)
    login_user(user)
    return redirect(url_for("desk.today"), 303)
