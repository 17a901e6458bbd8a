"""The signed-in person's second factor: authenticator app, passkeys, recovery codes shown once; removable where the
role allows.
"""

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError, Conflict
from campaigns.people.sign_in_factors import (
    has_authenticator,
    has_factor,
    passkeys_of,
    remove_factor,
    remove_passkey,
    renew_codes,
    set_factor,
)
from campaigns.people.staff import find_by_email
from coordinator.translation import _
from coordinator.web.auth import second_factor
from coordinator.web.auth.security import app_context, current_account, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.notification_mail import queue_notification
from coordinator.web.kit.templating import flash_done, flash_trouble

blueprint = Blueprint("factor", __name__, url_prefix="/factor")

PENDING = "factor"  # session key of the pending secret, which is encrypted in the signed cookie


@blueprint.get("")
@staff_required(fresh=True)
def index() -> ResponseReturnValue:
    """Show the QR code and the field for the app's code; after set-up, the present factors."""
    if not has_factor(current_account()):
        return _render_page({})
    with app_context().job_context.database.read() as reading:
        keys = passkeys_of(reading, current_account().id)
    return render_template(
        "desk/people/second_factor.html",
        obliged=_is_required(),
        left=len(current_account().mf_recovery_codes or []),
        passkeys=keys,
        app=has_authenticator(current_account()),
    )


@blueprint.get("/app")
@staff_required(fresh=True)
def app() -> ResponseReturnValue:
    """Show the QR code to a person who has only passkeys."""
    return redirect(url_for("account.factor.index")) if has_authenticator(current_account()) else _render_page({})


@blueprint.get("/qr.svg")
@staff_required(fresh=True)
def image() -> ResponseReturnValue:
    """Return the QR code of this person's pending secret as an image."""
    encrypted_secret = session.get(PENDING)
    if encrypted_secret is None or has_authenticator(current_account()):
        abort(404)
    return Response(second_factor.qr_code_svg(current_account().email, encrypted_secret), mimetype="image/svg+xml")


@blueprint.post("")
@staff_required(fresh=True)
def save() -> ResponseReturnValue:
    """Verify the app's code, store the secret, and show the recovery codes once."""
    encrypted_secret = session.get(PENDING)
    if encrypted_secret is None or has_authenticator(current_account()):
        return redirect(url_for("account.factor.index"), 303)
    step = second_factor.totp_codes().step_of(fields.text("code").replace(" ", ""), encrypted_secret)
    if step is None:
        return _render_page({"code": _("Mã này chưa đúng hoặc đã hết hạn. Nhập mã đang hiện trên ứng dụng.")}), 422
    shown, kept = second_factor.new_recovery_codes()
    context = app_context().job_context
    with context.database.write() as writing:
        person = find_by_email(writing, current_account().email)
        if person is None:
            abort(404)
        set_factor(
            writing,
            current_actor(),
            person,
            encrypted_secret=encrypted_secret,
            counter=step,
            codes=kept,
            now=context.now(),
        )
        queue_notification(app_context(), writing, person, "factor_set")
    session.pop(PENDING, None)
    return render_template("desk/people/recovery_codes.html", codes=shown, first=True)


@blueprint.post("/codes")
@staff_required(fresh=True)
def codes() -> ResponseReturnValue:
    """Create new recovery codes, shown once; the old ones are invalid."""
    shown, kept = second_factor.new_recovery_codes()
    context = app_context().job_context
    try:
        with context.database.write() as writing:
            person = find_by_email(writing, current_account().email)
            if person is None:
                abort(404)
            renew_codes(writing, current_actor(), person, codes=kept, now=context.now())
            queue_notification(app_context(), writing, person, "codes_renewed")
    except CampaignError as error:
        return _redirect_with_error(error)
    return render_template("desk/people/recovery_codes.html", codes=shown, first=False)


@blueprint.post("/remove")
@staff_required(fresh=True)
def remove() -> ResponseReturnValue:
    """Remove the authenticator, or begin again with another phone."""
    context = app_context().job_context
    try:
        with context.database.write() as writing:
            person = find_by_email(writing, current_account().email)
            if person is None:
                abort(404)
            # Another phone may replace this one in every role: an obliged role cannot use the desk until it is set up.
            exempt = frozenset() if request.form.get("again") else app_context().settings.obliged
            remove_factor(writing, current_actor(), person, exempt, now=context.now())
            queue_notification(app_context(), writing, person, "factor_removed")
    except CampaignError as error:
        return _redirect_with_error(error)
    if request.form.get("again"):
        return redirect(url_for("account.factor.index"), 303)
    flash_done(_("Đã bỏ lớp thứ hai."))
    return redirect(url_for("account.index"), 303)


@blueprint.post("/passkeys/<public>/remove")
@staff_required(fresh=True)
def remove_key(public: str) -> ResponseReturnValue:
    """Remove a passkey; its device can no longer sign in."""
    context = app_context().job_context
    try:
        with context.database.write() as writing:
            person = find_by_email(writing, current_account().email)
            if person is None:
                abort(404)
            name = remove_passkey(
                writing, current_actor(), person, public, app_context().settings.obliged, now=context.now()
            )
            queue_notification(app_context(), writing, person, "passkey_removed", name)
    except Conflict as error:
        return _redirect_with_error(error)
    flash_done(_("Đã gỡ khóa %(name)s.", name=name))
    return redirect(url_for("account.factor.index"), 303)


def _redirect_with_error(error: CampaignError) -> ResponseReturnValue:
    flash_trouble("; ".join(fields.error_messages(error).values()))
    return redirect(url_for("account.factor.index"), 303)


def _is_required() -> bool:
    return current_account().role in app_context().settings.obliged


def _render_page(errors: dict[str, str]) -> str:
    encrypted_secret = session.get(PENDING)
    if encrypted_secret is None:
        encrypted_secret = session[PENDING] = second_factor.totp_codes().generate_totp_secret()
    secret = second_factor.totp_codes().get_totp_pretty_key(encrypted_secret)
    return render_template(
        "desk/people/second_factor_new.html",
        secret=secret,
        errors=errors,
        obliged=_is_required(),
        held=current_account().passkeys_held,
    )
