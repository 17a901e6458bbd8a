"""Single sign-on with the city's account: redirects to the issuer and back, and the messages of a failure."""

import hmac
import logging
import secrets
import time
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import Security, login_user

from campaigns.core.errors import Forbidden
from campaigns.people.external_identities import VerifiedClaims, sign_in_with_identity
from campaigns.people.used_tokens import use_token
from coordinator.jobs.context import AppContext
from coordinator.translation import N_, _
from coordinator.web.auth.oidc import OidcIssuer, SignOnError
from coordinator.web.auth.passkeys import CHALLENGE_LIFETIME, safe_next
from coordinator.web.auth.security import app_context, new_uniquifier
from coordinator.web.kit.notification_mail import queue_notification

log = logging.getLogger(__name__)

blueprint = Blueprint("sign_on", __name__, url_prefix="/login/city")

SESSION_KEY = "sign_on"  # key of the session value that a sign-on begins with
FAILURE_MESSAGES = {
    "down": (502, N_("Hệ thống tài khoản của thành phố chưa trả lời. Thử lại sau ít phút, hoặc vào bằng cách khác.")),
    "refused": (400, N_("Hệ thống tài khoản của thành phố không cho vào, hoặc việc này đã bị hủy. Mời bắt đầu lại.")),
    "state": (400, N_("Lần vào này không bắt đầu từ trình duyệt này, đã quá lâu, hoặc đã dùng rồi.")),
    "token": (400, N_("Lời xác nhận nhận được không hợp lệ. Mời bắt đầu lại; nếu lặp lại, báo người quản trị.")),
    "sso_unverified": (403, N_("Địa chỉ thư của tài khoản này chưa được thành phố xác minh.")),
    "sso_unknown": (403, N_("Tài khoản này chưa được mời vào đây. Nhờ người quản trị mời đúng địa chỉ thư của bạn.")),
    "sso_other": (403, N_("Địa chỉ thư này đã nối với một tài khoản khác. Nhờ người quản trị gỡ nối trước.")),
    "sso_switched_off": (403, N_("Tài khoản ở đây của bạn đang bị tắt. Hỏi người quản trị.")),
    "person": (403, N_("Tài khoản vừa dùng là của người khác. Đăng nhập lại bằng đúng tài khoản của bạn.")),
}  # fmt: skip


def configure(app: Flask, context: AppContext) -> None:
    """Register the issuer that the settings name, if any."""
    settings = context.settings
    if settings.oidc_issuer:
        app.extensions["lantoa.issuer"] = OidcIssuer(
            context.job_context.http_client, settings.oidc_issuer, settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(), f"{settings.base_url}/login/city/back",
        )  # fmt: skip

    @app.context_processor
    def _() -> dict[str, Any]:
        return {"city_account": settings.oidc_name if settings.oidc_issuer else ""}


def _issuer() -> OidcIssuer | None:
    found: OidcIssuer | None = current_app.extensions.get("lantoa.issuer")
    return found


@blueprint.get("")
def begin() -> ResponseReturnValue:
    """Redirect to the issuer; a person who is signed in has to enter the password there again."""
    issuer = _issuer()
    if issuer is None:
        return redirect(url_for("security.login"))
    begun = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    again = bool(current_user.is_authenticated)
    try:
        there = issuer.begin(**begun, again=again)
    except SignOnError as error:
        return _failure_page(error.code, error)
    session[SESSION_KEY] = {
        **begun,
        "at": app_context().job_context.now().timestamp(),
        "next": safe_next(),
        "again": again,
    }
    return redirect(there)


@blueprint.get("/back")
def back() -> ResponseReturnValue:
    """Handle the redirect from the issuer: its code proves the identity."""
    issuer, begun, context = _issuer(), session.pop(SESSION_KEY, None), app_context().job_context
    if issuer is None:
        return redirect(url_for("security.login"))
    now = context.now()
    text = request.args.get("state", "")
    if begun is None or not hmac.compare_digest(text.encode(), begun["state"].encode()):
        return _failure_page("state", "no such journey was begun here")
    if now.timestamp() - begun["at"] > 2 * CHALLENGE_LIFETIME.total_seconds():
        return _failure_page("state", "the journey took too long")
    with context.database.write() as writing:
        fresh = use_token(writing, text, until=now + 4 * CHALLENGE_LIFETIME)
    if not fresh:
        return _failure_page("state", "the journey has ended before")
    if "error" in request.args or not request.args.get("code"):
        return _failure_page("refused", request.args.get("error", "no code")[:200])
    try:
        proven = issuer.finish(
            request.args["code"], nonce=begun["nonce"], verifier=begun["verifier"], again=begun["again"], now=now
        )
        return _sign_in(proven, begun)
    except SignOnError as error:
        return _failure_page(error.code, error)
    except Forbidden as error:
        return _failure_page(error.code, error)


@blueprint.get("/leave")
def leave() -> ResponseReturnValue:
    """End the issuer's session as well, if it supports that."""
    issuer, home = _issuer(), f"{app_context().settings.base_url}/login"
    try:
        there = issuer.leave(home) if issuer is not None else None
    except SignOnError as error:
        return _failure_page(error.code, error)
    return redirect(there or url_for("security.login"))


def _sign_in(proven: VerifiedClaims, begun: dict[str, Any]) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.write() as writing:
        person, first = sign_in_with_identity(writing, proven, uniquifier=new_uniquifier(), now=context.now())
        if first:
            queue_notification(app_context(), writing, person, "linked")
        email = person.email
    there = begun["next"] or url_for("desk.today")
    if begun["again"]:
        if not current_user.is_authenticated or current_user.email != email:
            return _failure_page("person", f"{email} came back for somebody else")
        session["fs_paa"] = time.time()
        return redirect(there)
    user = current_app.extensions["lantoa.accounts"].find_user(email=email)
    # The city's account replaces only the password: a person with a second factor is still asked for it.
    security: Security = current_app.extensions["security"]
    if (second := security.two_factor_plugins.tf_enter(user, False, "sso", next_loc=there)) is not None:
        return second
    login_user(user, authn_via=["sso"])
    return redirect(there)


def _failure_page(code: str, why: object) -> ResponseReturnValue:
    log.warning("signing on with the city's account: %s", why)
    status, words = FAILURE_MESSAGES[code]
    return render_template("auth/oidc_failed.html", words=_(words)), status
