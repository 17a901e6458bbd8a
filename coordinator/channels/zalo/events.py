"""Zalo's webhook events: their signature, age and name. Pure functions.

``mac`` is SHA-256 over ``app_id``, the raw body, a timestamp and the account's own secret key, one after the other
(not an HMAC), in lower-case hex. ``app_id`` is the body's; the timestamp is the one of a header where it is sent, else
the body's. Source: integrations in use.

When an address is saved in Zalo's console, the console first sends an empty body or ``{}`` without a signature and
wants 200 (``is_address_check``).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from coordinator.channels.http_calls import json_object

SIGNATURE_HEADER = "X-ZEvent-Signature"
TIMESTAMP_HEADER = "X-ZEvent-Timestamp"
# Zalo repeats an unanswered event for one hour, or twelve according to other pages; a later one is a replay.
MAX_AGE = timedelta(hours=13)
CLOCK_TOLERANCE = timedelta(minutes=5)  # by which Zalo's clock may be ahead of ours
UNKNOWN_EVENT = "other"  # replaces a malformed name

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_STAMP = re.compile(r"[0-9]{10}(?:[0-9]{3})?")  # seconds in some events, milliseconds in most


class EventFault(Enum):
    """Why an event is refused."""

    FORM = "form"  # not the documented JSON
    SIGNATURE = "signature"  # not signed with this account's key, or for another application
    AGE = "age"  # older than Zalo repeats, or in the future


class InvalidEvent(Exception):
    """An event is refused. ``fault`` says why; the error contains nothing of the event."""

    def __init__(self, fault: EventFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class ZaloEvent:
    """The ``name`` and time (``at``) of an event; ``mark`` is the same for a repeated event. The user who caused it is
    not read. ``ours``: it is about this account, and not another of the same application."""

    name: str
    at: datetime
    mark: str
    ours: bool


def event_signature(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """Return the signature of a body."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def is_address_check(body: bytes, signature: str) -> bool:
    """Whether a request is the console's check of an address: nothing, or ``{}``, and no signature. It contains no
    event."""
    return not signature.strip() and (not body.strip() or json_object(body) == {})


def read_event(
    body: bytes, signature: str, timestamp: str = "", *, app_id: str, oa_id: str, secret: str, now: datetime
) -> ZaloEvent:
    """Return the event in a body. ``signature``, ``timestamp``: the headers as received, '' where they are not sent.
    Raises ``InvalidEvent``.

    The signature may be over the timestamp of either place: both prove the key.
    """
    values = json_object(body)
    if values is None:
        raise InvalidEvent(EventFault.FORM)
    if str(values.get("app_id", "")) != app_id:
        raise InvalidEvent(EventFault.SIGNATURE)
    in_body = str(values.get("timestamp", ""))
    stamps = [timestamp.strip(), in_body] if timestamp.strip() else [in_body]
    stamp = next((stamp for stamp in stamps if _is_signed(body, signature, stamp, app_id, secret)), None)
    if stamp is None:
        raise InvalidEvent(EventFault.SIGNATURE)
    if not _STAMP.fullmatch(stamp):
        raise InvalidEvent(EventFault.FORM)
    at = datetime.fromtimestamp(int(stamp) / (1000 if len(stamp) == 13 else 1), UTC)
    if not now - MAX_AGE <= at <= now + CLOCK_TOLERANCE:
        raise InvalidEvent(EventFault.AGE)
    name = str(values.get("event_name", ""))
    return ZaloEvent(
        name=name if _NAME.fullmatch(name) else UNKNOWN_EVENT,
        at=at,
        # Without a timestamp of its own, the same body may be another event at another time.
        mark=hashlib.sha256(body if in_body else body + stamp.encode()).hexdigest(),
        ours=str(values.get("oa_id", oa_id)) == oa_id,
    )


def _is_signed(body: bytes, signature: str, stamp: str, app_id: str, secret: str) -> bool:
    wanted = f"mac={event_signature(app_id, body, stamp, secret)}"
    # Compared as bytes: the header may have any characters.
    return hmac.compare_digest(wanted.encode(), signature.strip().encode())
