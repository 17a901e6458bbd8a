"""The signed-in person's account: name, language, appearance, password, and open sessions."""

from collections.abc import Mapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user

from campaigns.core.errors import FieldError, Invalid
from campaigns.people.sessions import SessionEnd, end_sign_ins_of, open_sign_ins, revoke_other_sign_ins, revoke_sign_in
from campaigns.people.sign_in_factors import has_factor
from campaigns.people.staff import Role, find_by_email, rename_person, set_password
from coordinator.translation import LANGUAGES, _
from coordinator.web.auth.passwords import check_password, hash_password, normalise_password
from coordinator.web.auth.security import app_context, current_account, current_actor, new_uniquifier, staff_required
from coordinator.web.auth.sessions import current_session
from coordinator.web.desk.people import push, second_factor
from coordinator.web.kit.forms import fields
from coordinator.web.kit.notification_mail import queue_notification
from coordinator.web.kit.templating import flash_done

sign_ins_blueprint = Blueprint("sign_ins", __name__, url_prefix="/sign-ins")


@sign_ins_blueprint.post("/<public>/end")
@staff_required()
def end(public: str) -> ResponseReturnValue:
    """End one of the person's sessions, effective at its next request."""
    context = app_context().job_context
    with context.database.write() as writing:
        person = find_by_email(writing, current_account().email)
        if person is None:
            abort(404)
        revoke_sign_in(writing, current_actor(), person, public, now=context.now())
    flash_done(_("Đã kết thúc phiên đó."))
    return redirect(url_for("account.index", _anchor="phien"), 303)


@sign_ins_blueprint.post("/end-others")
@staff_required()
def end_others() -> ResponseReturnValue:
    """End every session of the person except this one."""
    context, present = app_context().job_context, current_session()
    with context.database.write() as writing:
        person = find_by_email(writing, current_account().email)
        if person is None:
            abort(404)
        revoke_other_sign_ins(writing, current_actor(), person, present, now=context.now())
    flash_done(_("Đã kết thúc mọi phiên khác."))
    return redirect(url_for("account.index", _anchor="phien"), 303)


blueprint = Blueprint("account", __name__, url_prefix="/desk/account")
blueprint.register_blueprint(second_factor.blueprint)
blueprint.register_blueprint(sign_ins_blueprint)

THEMES = ("light", "dark")


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the person's settings."""
    return _render_page()


@blueprint.post("/name")
@staff_required()
def save_name() -> ResponseReturnValue:
    """Change the person's display name."""
    context, email = app_context().job_context, current_account().email
    try:
        with context.database.write() as writing:
            person = find_by_email(writing, email)
            changed = person is not None and rename_person(
                writing, current_actor(), person, request.form.get("name", ""), now=context.now()
            )
    except Invalid as invalid:
        return _render_page(fields.error_messages(invalid), name=request.form.get("name", "")), 422
    flash_done(_("Đã đổi tên hiển thị.") if changed else _("Tên như cũ, không đổi gì."))
    return redirect(url_for("account.index"), code=303)


@blueprint.post("/look")
@staff_required()
def save_look() -> ResponseReturnValue:
    """Save language and appearance; an unknown value selects the office's or the system's default."""
    locale, theme = request.form.get("locale"), request.form.get("theme")
    email = current_account().email
    with app_context().job_context.database.write() as writing:
        person = find_by_email(writing, email)
        if person is not None:
            person.locale = locale if locale in LANGUAGES else None
            person.theme = theme if theme in THEMES else None
    # A language requested by ``?lang=`` would override the one just saved.
    session.pop("lang", None)
    flash_done(_("Đã lưu."))
    return redirect(url_for("account.index"), code=303)


@blueprint.post("/mails")
@staff_required()
def save_mails() -> ResponseReturnValue:
    """Save which mails about work the person gets."""
    email = current_account().email
    with app_context().job_context.database.write() as writing:
        person = find_by_email(writing, email)
        if person is not None:
            chosen = set(request.form.getlist("mails"))
            person.mail_returned, person.mail_tasks = "returned" in chosen, "tasks" in chosen
            if person.role is Role.APPROVER:  # the form of others does not ask
                person.mail_to_approve = "to_approve" in chosen
    flash_done(_("Đã lưu."))
    return redirect(url_for("account.index", _anchor="thu"), code=303)


@blueprint.post("/password")
@staff_required()
def change_password() -> ResponseReturnValue:
    """Change the password, given the present one. Every other session of the person ends."""
    password = request.form.get("password", "")
    errors = []
    if not _password_matches(current_account().password, normalise_password(request.form.get("current", ""))):
        errors.append(FieldError("current", "wrong_password", "this is not your present password"))
    try:
        check_password(password)
    except Invalid as invalid:
        errors.extend(invalid.errors)
    if normalise_password(password) != normalise_password(request.form.get("again", "")):
        errors.append(FieldError("again", "differs", "the two passwords differ"))
    if errors:
        return _render_page(fields.field_error_messages(errors)), 422
    digest = hash_password(password)  # before the write lock: hashing is slow
    email, context = current_account().email, app_context().job_context
    with context.database.write() as writing:
        person = find_by_email(writing, email)
        if person is not None:
            set_password(
                writing, current_actor(), person, password_hash=digest, uniquifier=new_uniquifier(), now=context.now()
            )
            end_sign_ins_of(writing, person.id, SessionEnd.CHANGED, now=context.now())
            queue_notification(app_context(), writing, person, "password_changed")
    _sign_in_again(email)
    flash_done(_("Đã đổi mật khẩu. Các phiên ở máy khác đã kết thúc."))
    return redirect(url_for("account.index"), code=303)


def _password_matches(digest: str | None, password: str) -> bool:
    try:
        return digest is not None and PasswordHasher().verify(digest, password)
    except (VerificationError, InvalidHashError):
        return False


def _sign_in_again(email: str) -> None:
    accounts = current_app.extensions["lantoa.accounts"]
    # The row read for this request is the one before the change; the new session must carry the new session id.
    accounts.db.session.expire_all()
    user = accounts.find_user(email=email)
    if user is not None:
        login_user(user)


def _render_page(errors: Mapping[str, str] | None = None, name: str | None = None) -> str:
    context, person = app_context().job_context, current_account()
    with context.database.read() as reading:
        rows = open_sign_ins(reading, person.id, app_context().settings.idle, now=context.now())
    present = current_session()
    return render_template(
        "desk/people/account.html",
        errors=errors or {},
        person=person,
        name=person.name if name is None else name,
        sign_ins=rows,
        present=present or "",
        has_factor=has_factor(person),
        obliged=person.role in app_context().settings.obliged,
        codes_left=len(person.mf_recovery_codes or []),
        idle=app_context().settings.idle_minutes,
        mailing=context.mail is not None,
        push=push.push_view(),
        mails=[name for name in ("to_approve", "returned", "tasks") if getattr(person, f"mail_{name}")],
    )
