"""Initial set-up: creates the first administrator of an empty installation, once."""

import hmac
import ipaddress
import secrets

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user

from campaigns.core.contents import limit_errors
from campaigns.core.errors import CampaignError, FieldError, Invalid
from campaigns.people.office import OfficeContent, save_office
from campaigns.people.staff import Role, add_person, has_staff, staff_address
from coordinator.config import stored_secret
from coordinator.web.auth.passwords import check_password, hash_password
from coordinator.web.auth.security import app_context, new_uniquifier

blueprint = Blueprint("setup", __name__)

FIELDS = ("office", "parent", "place", "source_names", "name", "email")


def setup_code() -> str:
    """Return the code that proves access to the machine, for set-up from another one, stored in the data folder."""
    return stored_secret(app_context().settings.data_dir / "setup.code", 8, lambda: secrets.token_hex(4))


def _from_this_machine() -> bool:
    # Behind a proxy every request comes from the proxy's address, so the address proves nothing.
    if app_context().settings.trusted_proxy or request.headers.get("X-Forwarded-For"):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


@blueprint.route("/setup", methods=["GET", "POST"])
def begin() -> ResponseReturnValue:
    """Show and process the set-up form. Once an account exists, it redirects to sign-in."""
    with app_context().job_context.database.read() as reading:
        if has_staff(reading):
            return redirect(url_for("security.login"))
    needs_code = not _from_this_machine()
    if needs_code:
        setup_code()
    values = {field: request.form.get(field, "") for field in FIELDS}
    if request.method == "GET":
        return render_template("auth/initial_setup.html", values=values, errors={}, needs_code=needs_code)
    errors = _form_errors(needs_code)
    if not errors:
        try:
            _save_setup(values)
        except Invalid as invalid:
            errors = {error.field: error for error in invalid.errors}
        except CampaignError as error:
            errors = {"email": FieldError("email", error.code, error.message)}
    if errors:
        return render_template("auth/initial_setup.html", values=values, errors=errors, needs_code=needs_code), 422
    _sign_in(values["email"])
    return redirect(url_for("desk.today"))


def _form_errors(needs_code: bool) -> dict[str, FieldError]:
    errors: dict[str, FieldError] = {}
    if needs_code and not hmac.compare_digest(request.form.get("code", "").strip().encode(), setup_code().encode()):
        errors["code"] = FieldError("code", "wrong_code", "this is not the code in the data folder")
    if not request.form.get("office", "").strip():
        errors["office"] = FieldError("office", "required", "the department needs a name")
    boxes = {"name": "office", "parent": "parent", "place": "place"}  # the form's own name is the administrator's
    texts = {field: request.form.get(box, "").strip() for field, box in boxes.items()}
    errors |= {boxes[error.field]: error for error in limit_errors(OfficeContent(**texts))}
    try:
        staff_address(request.form.get("email", ""))
    except Invalid as invalid:
        errors["email"] = invalid.errors[0]
    password = request.form.get("password", "")
    try:
        check_password(password)
    except Invalid as invalid:
        errors["password"] = invalid.errors[0]
    if password != request.form.get("again", ""):
        errors["again"] = FieldError("again", "differs", "the two passwords differ")
    return errors


def _save_setup(values: dict[str, str]) -> None:
    context = app_context().job_context
    digest = hash_password(request.form["password"])  # before the write lock, because hashing is slow
    with context.database.write() as session_:
        if has_staff(session_):
            raise Invalid([FieldError("email", "already_set_up", "somebody has set this installation up meanwhile")])
        now = context.now()
        person = add_person(
            session_,
            "setup",
            email=values["email"],
            name=values["name"],
            role=Role.ADMIN,
            password_hash=digest,
            uniquifier=new_uniquifier(),
            now=now,
        )
        office = OfficeContent(
            name=values["office"], parent=values["parent"], place=values["place"],
            source_names=values["source_names"].replace(";", "\n").splitlines(),
        )  # fmt: skip
        save_office(session_, person.email, office, now=now)
    (app_context().settings.data_dir / "setup.code").unlink(missing_ok=True)


def _sign_in(email: str) -> None:
    session.clear()
    accounts = current_app.extensions["lantoa.accounts"]
    user = accounts.find_user(case_insensitive=True, email=email.strip())
    if user is not None:
        login_user(user)
