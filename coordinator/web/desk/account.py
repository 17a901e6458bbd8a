"""One's own account: name, language, appearance, password, second factor, and where one is signed in."""

from collections.abc import Mapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user

from campaigns.core.errors import FieldError, Invalid
from campaigns.people.factors import has_factor
from campaigns.people.sign_ins import Why, end_all, open_of
from campaigns.people.staff import find_by_email, rename_person, set_password
from coordinator.web.desk import factor, inputs, my_sign_ins
from coordinator.web.look import LANGUAGES, say_done
from coordinator.web.notices import tell
from coordinator.web.passwords import as_compared, check_password, hash_password
from coordinator.web.saying import _
from coordinator.web.security import actor, front, me, new_uniquifier, staff
from coordinator.web.sign_ins import here

blueprint = Blueprint("account", __name__, url_prefix="/desk/account")
blueprint.register_blueprint(factor.blueprint)
blueprint.register_blueprint(my_sign_ins.blueprint)

THEMES = ("light", "dark")


@blueprint.get("")
@staff()
def index() -> ResponseReturnValue:
    """The person's own choices."""
    return _page()


@blueprint.post("/name")
@staff()
def save_name() -> ResponseReturnValue:
    """Another name of one's own for pages to show."""
    place, email = front().place, me().email
    try:
        with place.database.write() as writing:
            person = find_by_email(writing, email)
            changed = person is not None and rename_person(
                writing, actor(), person, request.form.get("name", ""), now=place.now()
            )
    except Invalid as invalid:
        return _page(inputs.said(invalid), name=request.form.get("name", "")), 422
    say_done(_("Đã đổi tên hiển thị.") if changed else _("Tên như cũ, không đổi gì."))
    return redirect(url_for("account.index"), code=303)


@blueprint.post("/look")
@staff()
def save_look() -> ResponseReturnValue:
    """Keep the language and the appearance; anything else than what is offered means the office's or the system's."""
    locale, theme = request.form.get("locale"), request.form.get("theme")
    email = me().email
    with front().place.database.write() as writing:
        person = find_by_email(writing, email)
        if person is not None:
            person.locale = locale if locale in LANGUAGES else None
            person.theme = theme if theme in THEMES else None
    # A language asked for on the way would go on covering the one just chosen.
    session.pop("lang", None)
    say_done(_("Đã lưu."))
    return redirect(url_for("account.index"), code=303)


@blueprint.post("/password")
@staff()
def change_password() -> ResponseReturnValue:
    """Another password, by whoever knows the present one. Every other session of the person ends."""
    password = request.form.get("password", "")
    errors = []
    if not _knows(me().password, as_compared(request.form.get("current", ""))):
        errors.append(FieldError("current", "wrong_password", "this is not your present password"))
    try:
        check_password(password)
    except Invalid as invalid:
        errors.extend(invalid.errors)
    if as_compared(password) != as_compared(request.form.get("again", "")):
        errors.append(FieldError("again", "differs", "the two passwords differ"))
    if errors:
        return _page(inputs.said_of(errors)), 422
    digest = hash_password(password)  # before the write lock: hashing takes its time
    email, place = me().email, front().place
    with place.database.write() as writing:
        person = find_by_email(writing, email)
        if person is not None:
            set_password(writing, actor(), person, password_hash=digest, uniquifier=new_uniquifier(), now=place.now())
            end_all(writing, person.id, Why.CHANGED, now=place.now())
            tell(front(), writing, person, "password_changed")
    _sign_in_again(email)
    say_done(_("Đã đổi mật khẩu. Các phiên ở máy khác đã kết thúc."))
    return redirect(url_for("account.index"), code=303)


def _knows(digest: str | None, password: str) -> bool:
    try:
        return digest is not None and PasswordHasher().verify(digest, password)
    except (VerificationError, InvalidHashError):
        return False


def _sign_in_again(email: str) -> None:
    accounts = current_app.extensions["lantoa.accounts"]
    # The row read for this request is the one before the change, and the new session must carry the new mark.
    accounts.db.session.expire_all()
    user = accounts.find_user(email=email)
    if user is not None:
        login_user(user)


def _page(errors: Mapping[str, str] | None = None, name: str | None = None) -> str:
    place, person = front().place, me()
    with place.database.read() as reading:
        rows = open_of(reading, person.id, front().settings.idle, now=place.now())
    present = here()
    return render_template(
        "account/index.html",
        errors=errors or {},
        person=person,
        name=person.name if name is None else name,
        sign_ins=rows,
        present=present.public if present else "",
        has_factor=has_factor(person),
        obliged=person.role in front().settings.obliged,
        codes_left=len(person.mf_recovery_codes or []),
        idle=front().settings.idle_minutes,
    )
