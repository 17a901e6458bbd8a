"""Passkeys: the library's ceremonies with our rules. Each challenge is answered once. A passkey signs in by itself, or
replaces the code after a password; it must have verified its user by fingerprint, face or PIN."""

import logging
import unicodedata
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, abort, request, session
from flask_security import WebAuthnMixin, WebauthnUtil
from flask_security.webauthn import WebAuthnSigninResponseForm, WebAuthnTfPlugin
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from campaigns.people.sign_in_factors import Passkey, has_authenticator
from campaigns.people.used_tokens import use_token
from coordinator.jobs.context import AppContext
from coordinator.translation import N_, _

log = logging.getLogger(__name__)

# Lifetime of a challenge: time to fetch a security key or a phone.
CHALLENGE_LIFETIME = timedelta(minutes=5)
MAX_NAME_LENGTH = 64  # characters
ANSWER_ENDPOINTS = ("security.wan_register_response", "security.wan_signin_response", "security.wan_verify_response")
PASSKEY_MESSAGES = {
    "cancelled": N_("Chưa xong: thiết bị không xác nhận, hoặc việc này đã bị hủy. Bấm để thử lại."),
    "refused": N_("Khóa này không được nhận: chưa có ở đây, đã gỡ, hoặc của người khác. Thử khóa hoặc cách khác."),
    "stale": N_("Trang đã mở quá lâu hoặc câu hỏi đã dùng rồi. Bấm để thử lại."),
    "name": N_("Tên cần từ 1 đến 64 ký tự, và khác tên các khóa đã có."),
    "held": N_("Thiết bị này đã có khóa cho tài khoản của bạn."),
    "often": N_("Thử quá nhiều lần. Chờ vài phút rồi bấm lại."),
    "lost": N_("Không liên lạc được với máy chủ. Kiểm tra mạng rồi bấm để thử lại."),
    "unable": N_("Trình duyệt này không dùng được khóa truy cập ở đây."),
}


class PasskeyCredential(Passkey, WebAuthnMixin):
    """A passkey row with the interface that the library expects."""

    def get_user_mapping(self) -> dict[str, Any]:
        """Return the condition by which the library finds the owner."""
        return {"id": self.person_id}


class PasskeyCeremony(WebauthnUtil):
    """The options of a passkey: discoverable without a user name, and with user verification. The kind of authenticator
    is not restricted, so that phones, Windows Hello and security keys all work."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        base = urlsplit(app.extensions["lantoa"].settings.base_url)
        self._origin = f"{base.scheme}://{base.netloc}"

    def origin(self) -> str:
        """Return the one origin at which passkeys are created and used, whatever host name the request has."""
        return self._origin

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """Return the normalised name of a passkey, or the error of an invalid one."""
        name = " ".join(unicodedata.normalize("NFC", value).split())
        good = 0 < len(name) <= MAX_NAME_LENGTH and name.isprintable()
        return (None, name) if good else ("a name has 1 to 64 printable characters", None)

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """Return the options, the same for every passkey."""
        del user, usage
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        """Require user verification: otherwise a lost security key would be enough to sign in."""
        del user, usage
        return UserVerificationRequirement.REQUIRED


class PasskeyAnswerForm(WebAuthnSigninResponseForm):
    """The form with a passkey's response. One kind of passkey serves every purpose; at the second step it must belong
    to the person who entered the password."""

    def validate(self, **kwargs: Any) -> bool:
        """Validate as the library does, then check the owner."""
        second, self.is_verify = self.is_secondary, True  # the flag for any purpose of a passkey
        good = bool(super().validate(**kwargs))
        if good and second and self.user is not None and self.user.fs_uniquifier != session.get("tf_user_id"):
            self.credential.errors = ["this passkey is somebody else's"]
            good = False
        if not good and self.cred is not None:
            # A signature counter that decreased is logged here too: the passkey may have been copied.
            log.warning(
                "passkey %s refused: %s",
                cast("PasskeyCredential", self.cred).public,
                "; ".join(map(str, self.credential.errors)),
            )
        return good


class PasskeySecondStep(WebAuthnTfPlugin):
    """The second step of a person with passkeys and without an authenticator app. With both, the page of the code
    offers passkeys."""

    def get_setup_methods(self, user: Any) -> list[tuple[str, str]]:
        """Return the library's list of methods."""
        return [] if has_authenticator(user) else super().get_setup_methods(user)


def library_settings() -> dict[str, Any]:
    """Return the settings of the sign-in library for passkeys."""
    return {
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": "Lan Tỏa",
        "SECURITY_WAN_ALLOW_USER_HINTS": False,  # does not reveal which addresses have passkeys
        "SECURITY_WAN_ALLOW_AS_MULTI_FACTOR": True,
        "SECURITY_WAN_REGISTER_WITHIN": CHALLENGE_LIFETIME,
        "SECURITY_WAN_SIGNIN_WITHIN": CHALLENGE_LIFETIME,
        "SECURITY_WAN_REGISTER_TIMEOUT": int(CHALLENGE_LIFETIME.total_seconds() * 1000),
        "SECURITY_WAN_SIGNIN_TIMEOUT": int(CHALLENGE_LIFETIME.total_seconds() * 1000),
        "SECURITY_WAN_REGISTER_URL": "/desk/account/passkeys/new",
        "SECURITY_WAN_REGISTER_TEMPLATE": "auth/passkey_new.html",
        "SECURITY_WAN_POST_REGISTER_VIEW": "/desk/account/factor",
        "SECURITY_WAN_SIGNIN_URL": "/login/passkey",
        "SECURITY_WAN_SIGNIN_TEMPLATE": "auth/passkey.html",
        "SECURITY_WAN_VERIFY_URL": "/login/again/passkey",
        "SECURITY_WAN_VERIFY_TEMPLATE": "auth/confirm_password.html",
    }


def usable_at_this_address(app: AppContext) -> bool:
    """Whether passkeys work at the address of this request; a browser binds them to one host name, never to an IP
    address."""
    return request.host == urlsplit(app.settings.base_url).netloc


def safe_next() -> str:
    """Return the path in ``?next=`` if it is one of ours, else ''."""
    wanted = request.args.get("next", "")
    good = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if good else ""


def configure(app: Flask, app_context: AppContext) -> None:
    """Give the templates what the passkey form needs."""

    @app.context_processor
    def _passkey_form() -> dict[str, Any]:
        return {
            "passkey_words": {name: _(words) for name, words in PASSKEY_MESSAGES.items()} if request else {},
            "passkeys_usable": usable_at_this_address(app_context) if request else False,
            "passkeys_home": app_context.settings.base_url,
            "safe_next": safe_next,
        }


def accept_each_challenge_once(app: Flask, app_context: AppContext, endpoint: str) -> None:
    """Accept each challenge of one view once. The challenge is only signed, so a response could be sent again."""
    view = app.view_functions[endpoint]

    def inner(token: str) -> Any:
        context = app_context.job_context
        with context.database.write() as writing:
            fresh = use_token(writing, token, until=context.now() + 2 * CHALLENGE_LIFETIME)
        if not fresh:
            abort(409)
        return view(token=token)

    inner.__dict__.update(view.__dict__)
    app.view_functions[endpoint] = inner
