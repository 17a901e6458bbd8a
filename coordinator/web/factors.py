"""The second factor's machinery: codes by time that work once, recovery codes, and the library's pages that we use."""

import io
import re
from typing import Any, cast

import qrcode
from cryptography.fernet import MultiFernet
from flask import Flask, abort, current_app, request
from flask_security import Security, Totp
from flask_security.recovery_codes import MfRecoveryForm
from passlib.exc import TokenError
from passlib.totp import TotpMatch
from qrcode.image.svg import SvgPathFillImage
from sqlalchemy.orm import Session

from coordinator.sealing import key_for

ISSUER = "Lan Tỏa"
HOW_MANY_CODES = 10
WINDOW = 30  # seconds that a phone's clock may be off, either way
# Pages of the library whose work our own pages do.
UNUSED = (
    "security.two_factor_setup", "security.two_factor_setup_validate", "security.two_factor_rescue",
    "security.tf_select", "security.mf_recovery_codes", "security.wan_delete",
)  # fmt: skip


class Codes(Totp):
    """Codes by time. The step of the last good one stays with the person, so that none works twice."""

    def get_last_counter(self, user: Any) -> int | None:
        """The step used last, read under the lock that the new one will be written under."""
        _lock(user)
        counter: int | None = user.tf_last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        """Keep the step; it is written with the sign-in."""
        user.tf_last_counter = tmatch.counter
        _session().add(user)

    def step_of(self, code: str, sealed: str) -> int | None:
        """The step that a code belongs to under a secret that is nobody's yet; None for a wrong code."""
        try:
            found: int = self._totp.verify(code, sealed, window=WINDOW).counter
        except TokenError:
            return None
        return found


class RecoveryForm(MfRecoveryForm):
    """The form for a recovery code, as people type it: spaces, capitals and missing dashes do not matter."""

    def validate(self, **kwargs: Any) -> bool:
        """As the library checks it, after tidying, and under a lock: of two who send one code, one comes in."""
        self.code.data = tidy_code(self.code.data or "")
        if self.user is not None:
            _lock(self.user)
        return bool(super().validate(**kwargs))


def tidy_code(typed: str) -> str:
    """A recovery code in the form in which it was shown: ``3f9a-11c0-77de``."""
    bare = re.sub(r"[^0-9a-f]", "", typed.lower())
    return "-".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def settings(secret_key: str) -> dict[str, Any]:
    """What the sign-in library is told: secrets and codes are sealed with keys that are not in the database."""
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_REQUIRED": False,  # by role, and asked for by our own guard
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": WINDOW,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/login/code",
        "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "security/code.html",
        "SECURITY_TWO_FACTOR_ERROR_VIEW": "/login",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/desk/account",
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": HOW_MANY_CODES,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [key_for("recovery-codes", secret_key)],
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/login/recovery",
        "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "security/recovery.html",
        "SECURITY_TOTP_SECRETS": {"1": key_for("codes", secret_key).decode()},
        "SECURITY_TOTP_ISSUER": ISSUER,
    }


def configure(app: Flask) -> None:
    """Close the library's pages that our own stand for."""

    def closed(**_values: str) -> None:
        abort(404)

    for endpoint in UNUSED:
        if endpoint in app.view_functions:
            app.view_functions[endpoint] = closed  # type: ignore[assignment]  # it answers by raising


def codes() -> Codes:
    """The maker and judge of codes."""
    return cast("Codes", _security().totp_factory)  # the class that ``security.configure`` names


def new_recovery_codes() -> tuple[list[str], list[str]]:
    """Fresh recovery codes to be shown this once, and the same sealed, to be kept."""
    shown = codes().generate_recovery_codes(HOW_MANY_CODES)
    cryptor = cast("MultiFernet", _security().mf_recovery_codes_util.cryptor)  # made, since there are keys
    return shown, [cryptor.encrypt(one.encode()).decode() for one in shown]


def drawing(email: str, sealed: str) -> bytes:
    """The QR code that an authenticator reads, as an SVG image: black on white in any theme, as cameras want it."""
    image = qrcode.make(
        codes().get_totp_uri(email, sealed), image_factory=SvgPathFillImage, box_size=10, border=4
    )  # fmt: skip
    file = io.BytesIO()
    image.save(file)
    return file.getvalue()


def _security() -> Security:
    found: Security = current_app.extensions["security"]
    return found


def _session() -> Session:
    found: Session = current_app.extensions["lantoa.accounts"].db.session()
    return found


def _lock(user: Any) -> None:
    """Hold the person's row until this request has written: a code is used up by whoever is first."""
    if request.method == "POST":
        _session().refresh(user, with_for_update=True)
