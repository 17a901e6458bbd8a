"""Passkeys at the door: the library's ceremonies, held to our rules. Each challenge is answered once; a key opens the
door by itself, or stands in for the code after a password; it must have been opened with a finger, a face or a PIN."""

import logging
import unicodedata
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, abort, request, session
from flask_babel import lazy_gettext as _l
from flask_security import WebAuthnMixin, WebauthnUtil
from flask_security.webauthn import WebAuthnSigninResponseForm, WebAuthnTfPlugin
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from campaigns.people.factors import has_authenticator
from campaigns.people.passkeys import Passkey
from campaigns.people.spent import spend
from coordinator.jobs.workplace import Front

log = logging.getLogger(__name__)

# A challenge is good for so long; people look for their stick, or for the phone in the other room.
WITHIN = timedelta(minutes=5)
LONGEST_NAME = 64  # characters
ANSWERS = ("security.wan_register_response", "security.wan_signin_response", "security.wan_verify_response")
WORDS = {
    "cancelled": _l("Chưa xong: thiết bị không xác nhận, hoặc bạn đã thôi. Bấm để thử lại."),
    "refused": _l("Khóa này không được nhận: chưa có ở đây, đã gỡ, hoặc của người khác. Thử khóa hoặc cách khác."),
    "stale": _l("Trang đã mở quá lâu hoặc câu hỏi đã dùng rồi. Bấm để thử lại."),
    "name": _l("Tên cần từ 1 đến 64 ký tự, và khác tên các khóa đã có."),
    "held": _l("Thiết bị này đã có khóa cho tài khoản của bạn."),
    "often": _l("Thử quá nhiều lần. Chờ vài phút rồi bấm lại."),
    "lost": _l("Không liên lạc được với máy chủ. Kiểm tra mạng rồi bấm để thử lại."),
    "unable": _l("Trình duyệt này không dùng được khóa truy cập ở đây."),
}


class Credential(Passkey, WebAuthnMixin):
    """A passkey with the library's behaviour: the same row."""

    def get_user_mapping(self) -> dict[str, Any]:
        """How the library finds the owner."""
        return {"id": self.person_id}


class Ceremony(WebauthnUtil):
    """What we ask of a key: that it shows itself without a name being typed, and that it was opened by its owner. Of
    what kind it is, is not asked, so that phones, Windows Hello and sticks will all do."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        base = urlsplit(app.extensions["lantoa"].settings.base_url)
        self._origin = f"{base.scheme}://{base.netloc}"

    def origin(self) -> str:
        """The one address at which keys are made and used, whatever name a request came by."""
        return self._origin

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """The name that the owner gives a key, letters composed as everywhere in the house; or why it will not do."""
        name = " ".join(unicodedata.normalize("NFC", value).split())
        good = 0 < len(name) <= LONGEST_NAME and name.isprintable()
        return (None, name) if good else ("a name has 1 to 64 printable characters", None)

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """The same for every key."""
        del user, usage
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        """Always: else who finds a stick could come in with it."""
        del user, usage
        return UserVerificationRequirement.REQUIRED


class AnswerForm(WebAuthnSigninResponseForm):
    """A key's answer. One kind of key serves every purpose, and at the second step it must be that very person's."""

    def validate(self, **kwargs: Any) -> bool:
        """As the library checks it."""
        second, self.is_verify = self.is_secondary, True  # the library's word for: whatever the key was made for
        good = bool(super().validate(**kwargs))
        if good and second and self.user is not None and self.user.fs_uniquifier != session.get("tf_user_id"):
            self.credential.errors = ["this passkey is somebody else's"]
            good = False
        if not good and self.cred is not None:
            # A count that went back is told here too: it may mean that a key was copied.
            log.warning(
                "passkey %s refused: %s",
                cast("Credential", self.cred).public,
                "; ".join(map(str, self.credential.errors)),
            )
        return good


class SecondStep(WebAuthnTfPlugin):
    """After the password of somebody with passkeys and no authenticator. With both, the page of the code offers it."""

    def get_setup_methods(self, user: Any) -> list[tuple[str, str]]:
        """The library's list."""
        return [] if has_authenticator(user) else super().get_setup_methods(user)


def settings() -> dict[str, Any]:
    """What the sign-in library is told."""
    return {
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": "Lan Tỏa",
        "SECURITY_WAN_ALLOW_USER_HINTS": False,  # nobody is told which addresses have keys
        "SECURITY_WAN_ALLOW_AS_MULTI_FACTOR": True,
        "SECURITY_WAN_REGISTER_WITHIN": WITHIN,
        "SECURITY_WAN_SIGNIN_WITHIN": WITHIN,
        "SECURITY_WAN_REGISTER_TIMEOUT": int(WITHIN.total_seconds() * 1000),
        "SECURITY_WAN_SIGNIN_TIMEOUT": int(WITHIN.total_seconds() * 1000),
        "SECURITY_WAN_REGISTER_URL": "/desk/account/passkeys/new",
        "SECURITY_WAN_REGISTER_TEMPLATE": "security/passkey_new.html",
        "SECURITY_WAN_POST_REGISTER_VIEW": "/desk/account/factor",
        "SECURITY_WAN_SIGNIN_URL": "/login/passkey",
        "SECURITY_WAN_SIGNIN_TEMPLATE": "security/passkey.html",
        "SECURITY_WAN_VERIFY_URL": "/login/again/passkey",
        "SECURITY_WAN_VERIFY_TEMPLATE": "security/again.html",
    }


def usable_here(front: Front) -> bool:
    """Whether keys work at the address of this request; a browser ties them to one name, and to no number."""
    return request.host == urlsplit(front.settings.base_url).netloc


def safe_next() -> str:
    """Where the address says to go on to, if that is a page of ours; else ''."""
    wanted = request.args.get("next", "")
    good = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if good else ""


def configure(app: Flask, front: Front) -> None:
    """Hand the pages what the form of a passkey needs."""

    @app.context_processor
    def _() -> dict[str, Any]:
        return {
            "passkey_words": {name: str(words) for name, words in WORDS.items()} if request else {},
            "passkeys_usable": usable_here(front) if request else False,
            "passkeys_home": front.settings.base_url,
            "safe_next": safe_next,
        }


def answered_once(app: Flask, front: Front, endpoint: str) -> None:
    """Let each challenge of one view be answered once. Signed as it is, the same answer could be sent again."""
    view = app.view_functions[endpoint]

    def inner(token: str) -> Any:
        place = front.place
        with place.database.write() as writing:
            fresh = spend(writing, token, until=place.now() + 2 * WITHIN)
        if not fresh:
            abort(409)
        return view(token=token)

    inner.__dict__.update(view.__dict__)
    app.view_functions[endpoint] = inner
