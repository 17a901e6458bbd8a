"""Secrets that are shown once: kept sealed in the maker's own session between the act and the page that follows it."""

import json
from dataclasses import asdict, dataclass

from flask import session

from coordinator.sealing import SealError
from coordinator.web.security import front

_NAME = "once"


@dataclass(frozen=True)
class Secret:
    """What is shown: a label for it, the secret itself, and for what page (a path), so that no other page takes it."""

    label: str
    text: str
    path: str


def keep(secret: Secret) -> None:
    """Show it on the next visit of its page. Sealed, because a session's cookie is signed but can be read."""
    session[_NAME] = front().place.seal.close({"secret": json.dumps(asdict(secret))})


def take(path: str) -> Secret | None:
    """The secret kept for this page, gone from the session with this call; None when there is none."""
    sealed = session.get(_NAME)
    if sealed is None:
        return None
    try:
        found = Secret(**json.loads(front().place.seal.open(sealed)["secret"]))
    except (SealError, KeyError, TypeError, ValueError):
        # A cookie from before the secret key was changed: there is nothing to show any more.
        session.pop(_NAME)
        return None
    if found.path != path:
        return None
    session.pop(_NAME)
    return found
