"""What Zalo tells by itself: its signature, its age, and the name of what happened. Pure.

``mac`` is SHA-256 over ``app_id``, the raw body, ``timestamp`` and the account's own secret key, one after the other
(not an HMAC), in lower-case hex; ``app_id`` and ``timestamp`` are the body's. Source: integrations in use.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from coordinator.channels.calls import json_object

HEADER = "X-ZEvent-Signature"
# Zalo repeats what was not answered for an hour, by other pages for twelve; beyond that it is a replay.
OLDEST = timedelta(hours=13)
CLOCKS = timedelta(minutes=5)  # by which Zalo's clock may be ahead of ours
OTHER = "other"  # stands for a name that is none

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_STAMP = re.compile(r"[0-9]{10}(?:[0-9]{3})?")  # seconds in some events, milliseconds in most


class Fault(Enum):
    """Why an event is not taken."""

    FORM = "form"  # not the documented JSON
    SIGNATURE = "signature"  # not signed with this account's key, or for another application
    AGE = "age"  # older than Zalo repeats, or of the future


class BadEvent(Exception):
    """An event that is not taken. ``fault`` says why; nothing of the event is in it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Event:
    """``name`` of what happened and ``at`` which moment; ``mark`` is the same for the same event sent again. Whoever
    caused it is left where it was. ``ours``: it is about this account, and not another of the same application."""

    name: str
    at: datetime
    mark: str
    ours: bool


def mac_of(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The signature of a body."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def read_event(body: bytes, signature: str, *, app_id: str, oa_id: str, secret: str, now: datetime) -> Event:
    """The event in a body. ``signature``: the header as it came. Raises ``BadEvent``."""
    told = json_object(body)
    if told is None:
        raise BadEvent(Fault.FORM)
    stamp = str(told.get("timestamp", ""))
    wanted = f"mac={mac_of(app_id, body, stamp, secret)}"
    # Compared as bytes: the header may hold anything.
    if str(told.get("app_id", "")) != app_id or not hmac.compare_digest(wanted.encode(), signature.strip().encode()):
        raise BadEvent(Fault.SIGNATURE)
    if not _STAMP.fullmatch(stamp):
        raise BadEvent(Fault.FORM)
    at = datetime.fromtimestamp(int(stamp) / (1000 if len(stamp) == 13 else 1), UTC)
    if not now - OLDEST <= at <= now + CLOCKS:
        raise BadEvent(Fault.AGE)
    name = str(told.get("event_name", ""))
    return Event(
        name=name if _NAME.fullmatch(name) else OTHER,
        at=at,
        mark=hashlib.sha256(body).hexdigest(),
        ours=str(told.get("oa_id", oa_id)) == oa_id,
    )
