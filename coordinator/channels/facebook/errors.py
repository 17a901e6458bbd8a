"""The meaning of Facebook's error codes for a delivery. Source: the Graph API's documentation of errors."""

from collections.abc import Mapping
from typing import Any

from campaigns.channels.transport import ChannelNeed, TransportError
from coordinator.channels.http_calls import redact, shorten, status_error
from coordinator.http.responses import HttpResponse

TRANSIENT = frozenset({1, 2})  # "unknown" and "service": the request may have taken effect
THROTTLED = frozenset({4, 17, 32, 341, 613, 80001})
THROTTLED_RETRY_AFTER = 900.0  # seconds; the limits are counted by the hour, and blocked calls lengthen the wait
TOKEN = frozenset({102, 190})
PERMISSION = frozenset({3, 10, *range(200, 300)})
BLOCKED = 368  # a temporary block for a policy violation: further posts make it worse
DUPLICATE = 506
NOT_FOUND_WORDS = "does not exist"  # in the message of error 100, which otherwise means a bad parameter


def error_for(answer: HttpResponse, body: Mapping[str, Any] | None, token: str, *, repeatable: bool) -> TransportError:
    """Return the error for a response that is not a success. ``repeatable``: a repetition would do no harm."""
    fault = body.get("error") if body is not None else None
    if not isinstance(fault, dict):
        message = f"answered {answer.status} with something that is not Facebook's"
        if 400 <= answer.status < 500 or 300 <= answer.status < 400:
            return status_error(answer, repeatable=repeatable, reason="something that is not Facebook's")
        return TransportError(
            message, status=answer.status, retry_after=answer.retry_after, outcome_unknown=not repeatable
        )
    code = _error_code(fault.get("code"))
    words = redact(shorten(str(fault.get("message", ""))), [token])
    message, status = f"Facebook error {code} ({words})", answer.status
    if code in TOKEN:
        return TransportError(
            f"{message}: access must be granted again", status=status, needs=ChannelNeed.AUTHORISATION
        )
    if code == BLOCKED:
        return TransportError(f"{message}: blocked for a while", status=status, needs=ChannelNeed.AUTHORISATION)
    if code in THROTTLED or status == 429:
        return TransportError(message, status=status, retry_after=answer.retry_after or THROTTLED_RETRY_AFTER)
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
    """Whether Facebook refused a text as a duplicate of the previous post."""
    return str(error).startswith(f"Facebook error {DUPLICATE} ")


def _error_code(value: object) -> int:
    """Return a code as a number; 0 for an invalid one."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
