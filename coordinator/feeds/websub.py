"""The WebSub messages between our hub, its subscribers and other hubs. Pure: rows and sending are elsewhere.

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
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from campaigns.core.errors import FieldError, Invalid

MIN_LEASE, DEFAULT_LEASE, MAX_LEASE = 5 * 60, 7 * 24 * 3600, 14 * 24 * 3600  # seconds
SECRET_BYTES_LIMIT = 200  # bytes (5.1)
MAX_CALLBACK_LENGTH = 1000  # characters
SignatureMethod = Literal["sha256", "sha512"]
_VISIBLE = re.compile(r"[\x21-\x7e]+")
# The characters of a URI that stay as they are in a link, "%" included, since the address is already encoded. All
# others, above all line ends, quotes and ">", are percent-encoded, so that none can end the header or the link.
_URI = "!#$%&'()*+,/:;=?@[]~"


class SubscriptionMode(Enum):
    """The request of a subscriber, by the value of ``hub.mode``."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


class DistributionOutcome(Enum):
    """The meaning of a subscriber's answer to a distribution (7)."""

    TAKEN = "taken"  # 2xx
    GONE = "gone"  # 410: the subscription ends
    FAILED = "failed"  # everything else: to be retried


@dataclass(frozen=True)
class SubscriptionRequest:
    """A request that can be accepted (202) and verified. ``lease_seconds`` is what is granted, not requested."""

    mode: SubscriptionMode
    callback: str
    topic: str
    lease_seconds: int
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Distribution:
    """One POST to a subscriber: the topic's whole body and its headers."""

    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)


def link_header(*, self_url: str, hub_url: str, next_url: str | None = None) -> str:
    """The ``Link`` header of a feed (section 4; RFC 8288): ``<hub>; rel="hub", <self>; rel="self"``, and ``next``."""
    links = (("hub", hub_url), ("self", self_url), ("next", next_url))
    return ", ".join(f'<{quote(url, safe=_URI)}>; rel="{rel}"' for rel, url in links if url)


def ping_body(topic: str) -> bytes:
    """The form a publisher POSTs to a hub when ``topic`` has changed.

    The Recommendation leaves the form open; some hubs read ``hub.url`` and some ``hub.topic``, so both are sent.
    """
    return urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode()


def _callback_error(callback: str) -> str | None:
    if not callback:
        return "is missing"
    if len(callback) > MAX_CALLBACK_LENGTH:
        return f"must have at most {MAX_CALLBACK_LENGTH} characters"
    if not _VISIBLE.fullmatch(callback) or "\\" in callback:
        return "must be an address without spaces; other letters are percent-encoded"
    try:
        parts = urlsplit(callback)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in {"http", "https"} or not host:
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
    return f"must have fewer than {SECRET_BYTES_LIMIT} bytes" if size >= SECRET_BYTES_LIMIT else None


def grant_lease(requested: str) -> int:
    """The lease to grant, in seconds: from five minutes to fourteen days, seven days when none was requested.

    Raises ``ValueError`` when it is not a number.
    """
    if not requested:
        return DEFAULT_LEASE
    if not re.fullmatch(r"-?[0-9]{1,18}", requested):
        raise ValueError(f"{requested!r} is not a number of seconds")
    return min(max(int(requested), MIN_LEASE), MAX_LEASE)


def read_request(form: Mapping[str, str], is_ours: Callable[[str], bool]) -> SubscriptionRequest:
    """A subscription or unsubscription from the fields of a POST to the hub (5.1); unknown fields are ignored.

    ``is_ours`` says whether a topic is a feed of ours, exactly as its ``self`` link has it. Raises ``Invalid`` with
    every bad field by its name in the form. Whether the callback may be called is checked by ``coordinator.http``.
    """
    errors: list[FieldError] = []
    mode, lease = SubscriptionMode.SUBSCRIBE, DEFAULT_LEASE
    try:
        mode = SubscriptionMode(form.get("hub.mode", ""))
    except ValueError:
        errors.append(FieldError("hub.mode", "choice", "must be subscribe or unsubscribe"))
    callback, topic = form.get("hub.callback", ""), form.get("hub.topic", "")
    if problem := _callback_error(callback):
        errors.append(FieldError("hub.callback", "url", problem))
    if not is_ours(topic):
        errors.append(FieldError("hub.topic", "unknown", "is not a feed of this hub; use the feed's rel=self address"))
    try:
        lease = grant_lease(form.get("hub.lease_seconds", "").strip())
    except ValueError as error:
        errors.append(FieldError("hub.lease_seconds", "number", str(error)))
    secret = form.get("hub.secret") or None
    if problem := _secret_error(secret or ""):
        errors.append(FieldError("hub.secret", "secret", problem))
    if errors:
        raise Invalid(errors)
    return SubscriptionRequest(mode, callback, topic, lease, secret)


def new_challenge() -> str:
    """A new unpredictable challenge; 43 characters."""
    return secrets.token_urlsafe(32)


def _with_query(callback: str, fields: Mapping[str, str]) -> str:
    """The callback with more fields after those it already has, which are left as they are (5.3)."""
    parts = urlsplit(callback)
    query = "&".join(part for part in (parts.query, urlencode(fields)) if part)
    return urlunsplit(parts._replace(query=query))


def verification_url(*, mode: SubscriptionMode, callback: str, topic: str, challenge: str, lease_seconds: int) -> str:
    """The address whose answer says whether the callback's owner made the request (5.3)."""
    fields = {"hub.mode": mode.value, "hub.topic": topic, "hub.challenge": challenge}
    if mode is SubscriptionMode.SUBSCRIBE:
        fields["hub.lease_seconds"] = str(lease_seconds)
    return _with_query(callback, fields)


def is_confirmed(status: int, body: bytes, challenge: str) -> bool:
    """Whether the answer to a verification confirms: 2xx, and the body is exactly the challenge (5.3)."""
    return 200 <= status < 300 and hmac.compare_digest(body, challenge.encode())


def denied_url(*, callback: str, topic: str, reason: str) -> str:
    """The address that tells a subscriber that its subscription is refused or has ended (5.2)."""
    return _with_query(callback, {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason})


def sign(secret: str, body: bytes, method: SignatureMethod = "sha256") -> str:
    """The value of ``X-Hub-Signature``: ``sha256=<hex>``, HMAC of the body under the subscriber's secret (7.1)."""
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


def distribution_request(
    *, topic: str, hub_url: str, media_type: str, body: bytes, secret: str | None, method: SignatureMethod = "sha256"
) -> Distribution:
    """One distribution: the topic's own content type, links to hub and topic, signed if there is a secret (7)."""
    headers = [("Content-Type", media_type), ("Link", link_header(self_url=topic, hub_url=hub_url))]
    if secret:
        headers.append(("X-Hub-Signature", sign(secret, body, method)))
    return Distribution(tuple(headers), body)


def distribution_outcome(status: int) -> DistributionOutcome:
    """The outcome by the status of the answer. A redirect is a failure: it is never followed with a POST."""
    if 200 <= status < 300:
        return DistributionOutcome.TAKEN
    return DistributionOutcome.GONE if status == 410 else DistributionOutcome.FAILED
