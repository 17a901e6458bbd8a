"""Signing on with the city's account: there and back, and the words when it did not come about."""

import hmac
import logging
import secrets
import time
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security import Security, login_user

from campaigns.core.errors import Forbidden
from campaigns.people.identities import Proven, come_in
from campaigns.people.spent import spend
from coordinator.jobs.workplace import Front
from coordinator.web.notices import tell
from coordinator.web.oidc import Issuer, SignOnError
from coordinator.web.passkeys import WITHIN, safe_next
from coordinator.web.security import front, new_uniquifier

log = logging.getLogger(__name__)

blueprint = Blueprint("sign_on", __name__, url_prefix="/login/city")

BEGUN = "sign_on"  # the session's name for what a journey to the issuer began with
WORDS = {
    "down": (502, _l("Hệ thống tài khoản của thành phố chưa trả lời. Thử lại sau ít phút, hoặc vào bằng cách khác.")),
    "refused": (400, _l("Hệ thống tài khoản của thành phố không cho vào, hoặc bạn đã thôi. Mời bắt đầu lại.")),
    "state": (400, _l("Lần vào này không bắt đầu từ trình duyệt này, đã quá lâu, hoặc đã dùng rồi.")),
    "token": (400, _l("Lời xác nhận nhận được không hợp lệ. Mời bắt đầu lại; nếu lặp lại, báo người quản trị.")),
    "sso_unverified": (403, _l("Địa chỉ thư của tài khoản này chưa được thành phố xác minh.")),
    "sso_unknown": (403, _l("Tài khoản này chưa được mời vào đây. Nhờ người quản trị mời đúng địa chỉ thư của bạn.")),
    "sso_other": (403, _l("Địa chỉ thư này đã nối với một tài khoản khác. Nhờ người quản trị gỡ nối trước.")),
    "sso_switched_off": (403, _l("Tài khoản ở đây của bạn đang bị tắt. Hỏi người quản trị.")),
    "person": (403, _l("Tài khoản vừa dùng là của người khác. Đăng nhập lại bằng đúng tài khoản của bạn.")),
}  # fmt: skip


def configure(app: Flask, front: Front) -> None:
    """Know the issuer, where the settings name one."""
    settings = front.settings
    if settings.oidc_issuer:
        app.extensions["lantoa.issuer"] = Issuer(
            front.place.door, settings.oidc_issuer, settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(), f"{settings.base_url}/login/city/back",
        )  # fmt: skip

    @app.context_processor
    def _() -> dict[str, Any]:
        return {"city_account": settings.oidc_name if settings.oidc_issuer else ""}


def _issuer() -> Issuer | None:
    found: Issuer | None = current_app.extensions.get("lantoa.issuer")
    return found


@blueprint.get("")
def begin() -> ResponseReturnValue:
    """Go to the issuer; who is signed in already goes to type their password there again."""
    issuer = _issuer()
    if issuer is None:
        return redirect(url_for("security.login"))
    begun = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    again = bool(current_user.is_authenticated)
    try:
        there = issuer.begin(**begun, again=again)
    except SignOnError as error:
        return _failed(error.code, error)
    session[BEGUN] = {**begun, "at": front().place.now().timestamp(), "next": safe_next(), "again": again}
    return redirect(there)


@blueprint.get("/back")
def back() -> ResponseReturnValue:
    """Come back from the issuer with a code, which proves who it is."""
    issuer, begun, place = _issuer(), session.pop(BEGUN, None), front().place
    if issuer is None:
        return redirect(url_for("security.login"))
    now = place.now()
    said = request.args.get("state", "")
    if begun is None or not hmac.compare_digest(said.encode(), begun["state"].encode()):
        return _failed("state", "no such journey was begun here")
    if now.timestamp() - begun["at"] > 2 * WITHIN.total_seconds():
        return _failed("state", "the journey took too long")
    with place.database.write() as writing:
        fresh = spend(writing, said, until=now + 4 * WITHIN)
    if not fresh:
        return _failed("state", "the journey has ended before")
    if "error" in request.args or not request.args.get("code"):
        return _failed("refused", request.args.get("error", "no code")[:200])
    try:
        proven = issuer.finish(
            request.args["code"], nonce=begun["nonce"], verifier=begun["verifier"], again=begun["again"], now=now
        )
        return _known(proven, begun)
    except SignOnError as error:
        return _failed(error.code, error)
    except Forbidden as error:
        return _failed(error.code, error)


@blueprint.get("/leave")
def leave() -> ResponseReturnValue:
    """End the session at the issuer as well, where it can be."""
    issuer, home = _issuer(), f"{front().settings.base_url}/login"
    try:
        there = issuer.leave(home) if issuer is not None else None
    except SignOnError as error:
        return _failed(error.code, error)
    return redirect(there or url_for("security.login"))


def _known(proven: Proven, begun: dict[str, Any]) -> ResponseReturnValue:
    place = front().place
    with place.database.write() as writing:
        person, first = come_in(writing, proven, uniquifier=new_uniquifier(), now=place.now())
        if first:
            tell(front(), writing, person, "linked")
        email = person.email
    there = begun["next"] or "/"
    if begun["again"]:
        if not current_user.is_authenticated or current_user.email != email:
            return _failed("person", f"{email} came back for somebody else")
        session["fs_paa"] = time.time()
        return redirect(there)
    user = current_app.extensions["lantoa.accounts"].find_user(email=email)
    # The city's account stands for the password alone: whoever has a second factor is asked for it.
    security: Security = current_app.extensions["security"]
    if (second := security.two_factor_plugins.tf_enter(user, False, "sso", next_loc=there)) is not None:
        return second
    login_user(user, authn_via=["sso"])
    return redirect(there)


def _failed(code: str, why: object) -> ResponseReturnValue:
    log.warning("signing on with the city's account: %s", why)
    status, words = WORDS[code]
    return render_template("security/city_failed.html", words=words), status
