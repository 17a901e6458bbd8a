"""What Facebook's error codes mean for a delivery. Source: the Graph API's documentation of errors."""

from collections.abc import Mapping
from typing import Any

from campaigns.publishing.transport import Needs, TransportError
from coordinator.channels.calls import redact, shorten, status_error
from coordinator.http import Answer

TRANSIENT = frozenset({1, 2})  # "unknown" and "service": nobody can tell whether the request took effect
THROTTLED = frozenset({4, 17, 32, 341, 613, 80001})
THROTTLE_WAIT = 900.0  # seconds; the limits are counted by the hour, and blocked calls lengthen the wait
TOKEN = frozenset({102, 190})
PERMISSION = frozenset({3, 10, *range(200, 300)})
BLOCKED = 368  # for violating policy, for a while: posting on makes it worse
DUPLICATE = 506
GONE = "does not exist"  # in the words of error 100, which is a bad parameter otherwise


def error_for(answer: Answer, told: Mapping[str, Any] | None, token: str, *, repeatable: bool) -> TransportError:
    """The error of an answer that is none of the good ones. ``repeatable``: doing the same again would do no harm."""
    fault = told.get("error") if told is not None else None
    if not isinstance(fault, dict):
        message = f"answered {answer.status} with something that is not Facebook's"
        if 400 <= answer.status < 500 or 300 <= answer.status < 400:
            return status_error(answer, repeatable=repeatable, reason="something that is not Facebook's")
        return TransportError(
            message, status=answer.status, retry_after=answer.retry_after, outcome_unknown=not repeatable
        )
    code = _code(fault.get("code"))
    words = redact(shorten(str(fault.get("message", ""))), [token])
    message, status = f"Facebook error {code} ({words})", answer.status
    if code in TOKEN:
        return TransportError(f"{message}: access must be granted again", status=status, needs=Needs.AUTHORISATION)
    if code == BLOCKED:
        return TransportError(f"{message}: blocked for a while", status=status, needs=Needs.AUTHORISATION)
    if code in THROTTLED or status == 429:
        return TransportError(message, status=status, retry_after=answer.retry_after or THROTTLE_WAIT)
    if code == DUPLICATE:
        return TransportError(message, status=status, permanent=True)
    if code in TRANSIENT or str(fault.get("is_transient", "")).lower() == "true" or status >= 500:
        return TransportError(
            message, status=status, retry_after=answer.retry_after, outcome_unknown=not repeatable
        )  # fmt: skip
    if code in PERMISSION:
        return TransportError(f"{message}: the token may not do this there", status=status, permanent=True)
    return TransportError(message, status=status, permanent=True)


def is_duplicate(error: TransportError) -> bool:
    """Whether Facebook refused a text because it has just had it."""
    return str(error).startswith(f"Facebook error {DUPLICATE} ")


def _code(value: object) -> int:
    """A code as a number; 0 for what is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
