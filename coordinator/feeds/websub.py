"""What our WebSub hub, its subscribers and other hubs say to each other. Pure: rows and sending are elsewhere.

Source: WebSub, W3C Recommendation of 23 January 2018; section numbers below are its own.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from campaigns.core.errors import FieldError, Invalid
from coordinator.feeds.links import link_header

LEAST_LEASE, USUAL_LEASE, MOST_LEASE = 5 * 60, 7 * 24 * 3600, 14 * 24 * 3600  # seconds
SECRET_BELOW = 200  # bytes (5.1)
MOST_CALLBACK = 1000  # characters that are kept of a callback
FORM_TYPE = "application/x-www-form-urlencoded"
Signing = Literal["sha256", "sha512"]
_VISIBLE = re.compile(r"[\x21-\x7e]+")


class Mode(Enum):
    """What a subscriber asks for, by the word in ``hub.mode``."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


class Reception(Enum):
    """What a subscriber's answer to a distribution means (7)."""

    TAKEN = "taken"  # 2xx
    GONE = "gone"  # 410: it wants no more, and the subscription may end
    FAILED = "failed"  # everything else: to be tried again


@dataclass(frozen=True)
class SubscriptionRequest:
    """A request that can be accepted (202) and verified. ``lease_seconds`` is what we grant, not what was asked for."""

    mode: Mode
    callback: str
    topic: str
    lease_seconds: int
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Distribution:
    """One POST to a subscriber: the topic's whole body and its headers."""

    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)


def ping_body(topic: str) -> bytes:
    """The form a publisher POSTs to a hub when ``topic`` has changed.

    The Recommendation leaves this open; some hubs read ``hub.url`` and some ``hub.topic``, so both are said.
    """
    return urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode()


def _callback_error(callback: str) -> str | None:
    if not callback:
        return "is missing"
    if len(callback) > MOST_CALLBACK:
        return f"must have at most {MOST_CALLBACK} characters"
    if not _VISIBLE.fullmatch(callback) or "\\" in callback:
        return "must be an address without spaces; other letters are percent-encoded"
    try:
        parts = urlsplit(callback)
        named, _ = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in {"http", "https"} or not named:
        return "must begin with http:// or https:// and name a host"
    if "@" in parts.netloc:
        return "must not contain a user name or password"
    if "#" in callback:
        return "must not contain a fragment"
    return None


def _secret_error(secret: str) -> str | None:
    try:
        size = len(secret.encode())
    except UnicodeEncodeError:
        return "must be text in UTF-8"
    return f"must have fewer than {SECRET_BELOW} bytes" if size >= SECRET_BELOW else None


def grant_lease(asked: str) -> int:
    """Seconds to grant for what was asked: within five minutes and fourteen days, seven days when nothing was said.

    Raises ``ValueError`` when it is not a number.
    """
    if not asked:
        return USUAL_LEASE
    if not re.fullmatch(r"-?[0-9]{1,18}", asked):
        raise ValueError(f"{asked!r} is not a number of seconds")
    return min(max(int(asked), LEAST_LEASE), MOST_LEASE)


def read_request(form: Mapping[str, str], is_ours: Callable[[str], bool]) -> SubscriptionRequest:
    """A subscription or unsubscription from the fields of a POST to the hub (5.1); unknown fields are ignored.

    ``is_ours`` says whether a topic is a feed of ours, exactly as its ``self`` link has it. Raises ``Invalid`` with
    every bad field by its name in the form. Whether the callback may be called at all is for the door out to say.
    """
    errors: list[FieldError] = []
    mode, lease = Mode.SUBSCRIBE, USUAL_LEASE
    try:
        mode = Mode(form.get("hub.mode", ""))
    except ValueError:
        errors.append(FieldError("hub.mode", "choice", "must be subscribe or unsubscribe"))
    callback, topic = form.get("hub.callback", ""), form.get("hub.topic", "")
    if wrong := _callback_error(callback):
        errors.append(FieldError("hub.callback", "url", wrong))
    if not is_ours(topic):
        errors.append(FieldError("hub.topic", "unknown", "is not a feed of this hub; use the feed's rel=self address"))
    try:
        lease = grant_lease(form.get("hub.lease_seconds", "").strip())
    except ValueError as error:
        errors.append(FieldError("hub.lease_seconds", "number", str(error)))
    secret = form.get("hub.secret") or None
    if wrong := _secret_error(secret or ""):
        errors.append(FieldError("hub.secret", "secret", wrong))
    if errors:
        raise Invalid(errors)
    return SubscriptionRequest(mode, callback, topic, lease, secret)


def new_challenge() -> str:
    """A fresh challenge nobody can guess; 43 characters."""
    return secrets.token_urlsafe(32)


def _with_query(callback: str, fields: Mapping[str, str]) -> str:
    """The callback with more fields after those it already has, which are left as they are (5.3)."""
    parts = urlsplit(callback)
    query = "&".join(part for part in (parts.query, urlencode(fields)) if part)
    return urlunsplit(parts._replace(query=query))


def verification_url(*, mode: Mode, callback: str, topic: str, challenge: str, lease_seconds: int) -> str:
    """What to GET to learn whether the callback's owner really asked (5.3)."""
    fields = {"hub.mode": mode.value, "hub.topic": topic, "hub.challenge": challenge}
    if mode is Mode.SUBSCRIBE:
        fields["hub.lease_seconds"] = str(lease_seconds)
    return _with_query(callback, fields)


def confirms(status: int, body: bytes, challenge: str) -> bool:
    """Whether the answer to a verification says yes: 2xx, and the challenge is all there is in the body (5.3)."""
    return 200 <= status < 300 and hmac.compare_digest(body, challenge.encode())


def denied_url(*, callback: str, topic: str, reason: str) -> str:
    """What to GET to tell a subscriber that it gets nothing, or no longer (5.2)."""
    return _with_query(callback, {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason})


def sign(secret: str, body: bytes, method: Signing = "sha256") -> str:
    """The value of ``X-Hub-Signature``: ``sha256=<hex>``, HMAC of the body under the subscriber's secret (7.1)."""
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


def distribute(
    *, topic: str, hub_url: str, media_type: str, body: bytes, secret: str | None, method: Signing = "sha256"
) -> Distribution:
    """One distribution: the topic's own content type, links to hub and topic, signed if there is a secret (7)."""
    headers = [("Content-Type", media_type), ("Link", link_header(self_url=topic, hub_url=hub_url))]
    if secret:
        headers.append(("X-Hub-Signature", sign(secret, body, method)))
    return Distribution(tuple(headers), body)


def reception(status: int) -> Reception:
    """What the answer to a distribution means. A redirect is a failure: it is never followed with a POST."""
    if 200 <= status < 300:
        return Reception.TAKEN
    return Reception.GONE if status == 410 else Reception.FAILED
