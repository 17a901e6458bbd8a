"""One call to another side: what the door and an HTTP status mean for a delivery."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from campaigns.publishing.transport import Needs, TransportError
from coordinator.http import Answer, DoorError, DoorErrorKind

Now = Callable[[], datetime]

DEADLINE = 20.0  # seconds for a whole call; well below the lease of a delivery
CAP = 1_000_000  # bytes of answer that are read; no answer an adapter needs comes near it
LONGEST_REASON = 300  # characters of another side's words that are kept in an error

# Statuses that say "not now" although they are in the range of the sender's own mistakes.
PASSING = frozenset({408, 425, 429})
# Addresses the door refuses to call: only an administrator can change that.
NEVER_CALLED = frozenset({DoorErrorKind.REFUSED_ADDRESS, DoorErrorKind.BAD_URL})


class Door(Protocol):
    """The part of the door out that adapters use. It follows no redirect for these calls and raises ``DoorError``."""

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float,
        cap: int,
    ) -> Answer: ...


def call(
    door: Door,
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    repeatable: bool,
    deadline: float = DEADLINE,
) -> Answer:
    """Make one call and return the answer, whatever its status.

    ``repeatable``: doing the same again does no harm, so a lost answer leaves nothing in doubt. ``deadline``: seconds
    for the whole call. Raises ``TransportError`` when there is no answer.
    """
    try:
        return door.request(method, url, body=body, headers=headers, deadline=deadline, cap=CAP)
    except DoorError as error:
        # The door's words name the host alone, so nothing of the request can show in them.
        raise TransportError(
            str(error),
            permanent=error.kind in NEVER_CALLED,
            retry_after=error.retry_after,
            outcome_unknown=error.sent and not repeatable,
        ) from error


def status_error(answer: Answer, *, repeatable: bool, reason: str = "") -> TransportError:
    """The error that a status other than 2xx means.

    3xx is a failure that may pass (somebody moved or hid the endpoint); 410 ends the endpoint; other 4xx are for good,
    except those in ``PASSING``. After a 5xx nobody can tell whether the request took effect; for a ``repeatable`` one
    it does not matter.
    """
    status = answer.status
    said = f": {shorten(reason)}" if reason.strip() else _whereto(answer)
    message = f"answered {status}{said}"
    if status == 410:
        return TransportError(message, permanent=True, status=status, needs=Needs.RETIREMENT)
    if 400 <= status < 500 and status not in PASSING:
        return TransportError(message, permanent=True, status=status)
    in_doubt = status >= 500 and not repeatable
    return TransportError(message, status=status, retry_after=answer.retry_after, outcome_unknown=in_doubt)


def _whereto(answer: Answer) -> str:
    """Which server an answer sends on to. Not the rest of the address: it may repeat a secret of the one called."""
    there = urlsplit(answer.headers.get("location", "")) if 300 <= answer.status < 400 else None
    return f": sends on to {shorten(f'{there.scheme}://{there.hostname}')}" if there and there.hostname else ""


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body, whole numbers as text (ids may exceed 53 bits); None when it is anything else."""
    try:
        value = json.loads(body, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_list(body: bytes) -> list[dict[str, Any]] | None:
    """The JSON list of objects in a body, whole numbers as text; None when it is anything else."""
    told = json_object(b'{"items":' + body + b"}")
    items = told["items"] if told is not None and set(told) == {"items"} else None
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        return None
    return items


def json_body(fields: Mapping[str, Any]) -> bytes:
    """Fields as JSON in UTF-8."""
    return json.dumps(dict(fields), ensure_ascii=False).encode()


def shorten(text: str) -> str:
    """Another side's words on one line, at most ``LONGEST_REASON`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def in_doubt(error: TransportError) -> TransportError:
    """The same error where asking failed, not doing: it says nothing about the message, whose fate stays unknown."""
    error.permanent, error.outcome_unknown = False, True
    return error


def redact(text: str, secrets: Collection[str]) -> str:
    """``text`` without any of the secrets, should another side have repeated one."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, "***")
    return text
