"""The second factor: one-time codes by time, recovery codes, and the pages of the library that are used."""

import io
import re
from typing import Any, cast

import qrcode
from cryptography.fernet import MultiFernet
from flask import Flask, abort, current_app, request
from flask_security import Security, Totp
from flask_security.recovery_codes import MfRecoveryForm
from passlib.exc import TokenError
from passlib.totp import TOTP, AppWallet, TotpMatch
from qrcode.image.svg import SvgPathFillImage
from sqlalchemy.orm import Session

from coordinator.encryption import KeyRing, recovery_code_keys, totp_keys

TOTP_ISSUER = "Lan Tỏa"
RECOVERY_CODE_COUNT = 10
CLOCK_SKEW_SECONDS = 30  # seconds of tolerance for a phone's clock, in both directions
# Pages of the library that our own replace.
CLOSED_LIBRARY_VIEWS = (
    "security.two_factor_setup", "security.two_factor_setup_validate", "security.two_factor_rescue",
    "security.tf_select", "security.mf_recovery_codes", "security.wan_delete",
)  # fmt: skip


class TotpCodes(Totp):
    """One-time codes by time. The step of the last accepted code is stored per person, so that no code works twice.

    ``secrets``: the keys that encrypt the persons' secrets by id, the current one first.
    """

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        # The library would take the greatest id for the current one.
        self._totp = TOTP.using(issuer=issuer, wallet=AppWallet(secrets, default_tag=next(iter(secrets))))

    def get_last_counter(self, user: Any) -> int | None:
        """Return the last used step, read under the lock under which the new one is written."""
        _lock_account(user)
        counter: int | None = user.tf_last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        """Store the step; it is written with the sign-in."""
        user.tf_last_counter = tmatch.counter
        _account_session().add(user)

    def step_of(self, code: str, encrypted_secret: str) -> int | None:
        """Return the step of a code under a secret that is not assigned yet; None for a wrong code."""
        try:
            found: int = self._totp.verify(code, encrypted_secret, window=CLOCK_SKEW_SECONDS).counter
        except TokenError:
            return None
        return found


class RecoveryCodeForm(MfRecoveryForm):
    """The form for a recovery code; spaces, capitals and missing dashes are tolerated."""

    def validate(self, **kwargs: Any) -> bool:
        """Validate as the library does, on the normalised code and under a lock: of two requests with one code one
        succeeds."""
        self.code.data = normalise_recovery_code(self.code.data or "")
        if self.user is not None:
            _lock_account(self.user)
        return bool(super().validate(**kwargs))


def normalise_recovery_code(typed: str) -> str:
    """Return a recovery code in the format in which it was shown: ``3f9a-11c0-77de``."""
    bare = re.sub(r"[^0-9a-f]", "", typed.lower())
    return "-".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def library_settings(ring: KeyRing) -> dict[str, Any]:
    """Return the settings of the sign-in library; secrets and codes are encrypted with keys that are not in the
    database."""
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_REQUIRED": False,  # required by role, checked by our own decorator
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": CLOCK_SKEW_SECONDS,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/login/code",
        "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "auth/second_factor_code.html",
        "SECURITY_TWO_FACTOR_ERROR_VIEW": "/login",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/desk/account",
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODE_COUNT,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": recovery_code_keys(ring),
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/login/recovery",
        "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "auth/recovery_code.html",
        "SECURITY_TOTP_SECRETS": totp_keys(ring),
        "SECURITY_TOTP_ISSUER": TOTP_ISSUER,
    }


def configure(app: Flask) -> None:
    """Disable the library's pages that our own replace."""

    def closed(**_values: str) -> None:
        abort(404)

    for endpoint in CLOSED_LIBRARY_VIEWS:
        if endpoint in app.view_functions:
            app.view_functions[endpoint] = closed  # type: ignore[assignment]  # it answers by raising


def totp_codes() -> TotpCodes:
    """Return the object that makes and verifies codes."""
    return cast("TotpCodes", _security().totp_factory)  # the class that ``security.configure`` names


def new_recovery_codes() -> tuple[list[str], list[str]]:
    """Return new recovery codes to show once, and the same codes encrypted for storage."""
    shown = totp_codes().generate_recovery_codes(RECOVERY_CODE_COUNT)
    cryptor = cast("MultiFernet", _security().mf_recovery_codes_util.cryptor)  # not None, because keys are configured
    return shown, [cryptor.encrypt(text.encode()).decode() for text in shown]


def qr_code_svg(email: str, encrypted_secret: str) -> bytes:
    """Return the QR code for an authenticator app as SVG, black on white in every theme, as cameras need it."""
    image = qrcode.make(
        totp_codes().get_totp_uri(email, encrypted_secret), image_factory=SvgPathFillImage, box_size=10, border=4
    )  # fmt: skip
    file = io.BytesIO()
    image.save(file)
    return file.getvalue()


def _security() -> Security:
    found: Security = current_app.extensions["security"]
    return found


def _account_session() -> Session:
    found: Session = current_app.extensions["lantoa.accounts"].db.session()
    return found


def _lock_account(user: Any) -> None:
    """Lock the person's row for this request, so that of two requests with one code only the first succeeds."""
    if request.method == "POST":
        _account_session().refresh(user, with_for_update=True)
