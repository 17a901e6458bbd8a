"""Secrets that are shown once: encrypted in the session between the action and the next page."""

import json
from dataclasses import asdict, dataclass

from flask import session

from coordinator.encryption import DecryptionError
from coordinator.web.auth.security import app_context

_NAME = "once"


@dataclass(frozen=True)
class OneTimeSecret:
    """The secret, its label, and the path of its page, so that no other page shows it."""

    label: str
    text: str
    path: str


def keep(secret: OneTimeSecret) -> None:
    """Keep a secret for the next visit of its page. It is encrypted, because the session cookie is
    signed but readable.
    """
    session[_NAME] = app_context().job_context.encryption.encrypt({"secret": json.dumps(asdict(secret))})


def take(path: str) -> OneTimeSecret | None:
    """Return the secret kept for this page and remove it from the session; None when there is none."""
    encrypted = session.get(_NAME)
    if encrypted is None:
        return None
    try:
        found = OneTimeSecret(**json.loads(app_context().job_context.encryption.decrypt(encrypted)["secret"]))
    except (DecryptionError, KeyError, TypeError, ValueError):
        # The cookie was made before the secret key changed: there is nothing to show.
        session.pop(_NAME)
        return None
    if found.path != path:
        return None
    session.pop(_NAME)
    return found
