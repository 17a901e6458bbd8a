"""One HTTP call to a receiver: the meaning of request errors and statuses for a delivery."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from campaigns.channels.transport import ChannelNeed, TransportError
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import HttpResponse

CurrentTime = Callable[[], datetime]

DEADLINE = 20.0  # seconds for a whole call; well below the lease of a delivery
UPLOAD_SPEED = 250_000  # bytes a second that a line has at least: 2 Mbit/s
MAX_RESPONSE_BYTES = 1_000_000  # bytes of a response that are read; the responses that adapters need are much smaller
MAX_REASON_LENGTH = 300  # characters of a server's message that are kept in an error

# Statuses of transient failures in the range of client errors.
TRANSIENT_STATUSES = frozenset({408, 425, 429})
# Errors of addresses that the HTTP client refuses; only an administrator can change that.
REFUSED_BEFORE_SENDING = frozenset({RequestErrorKind.REFUSED_ADDRESS, RequestErrorKind.BAD_URL})


def upload_seconds(length: int) -> float:
    """Return how long sending a body of ``length`` bytes may take, beside the deadline of any call."""
    return length / UPLOAD_SPEED


class HttpRequester(Protocol):
    """The part of the HTTP client that adapters use. It follows no redirect for these calls and raises
    ``RequestError``."""

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float,
        cap: int,
    ) -> HttpResponse: ...


def send_request(
    http_client: HttpRequester,
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    repeatable: bool,
    deadline: float = DEADLINE,
) -> HttpResponse:
    """Make one call and return the response, whatever its status.

    ``repeatable``: a repetition does no harm, so that the outcome of a lost response is not unknown. ``deadline``:
    seconds for the whole call; a large body has more. Raises ``TransportError`` when there is no response.
    """
    deadline += upload_seconds(len(body or b""))
    try:
        return http_client.request(method, url, body=body, headers=headers, deadline=deadline, cap=MAX_RESPONSE_BYTES)
    except RequestError as error:
        # The client's message names only the host and contains nothing of the request.
        raise TransportError(
            str(error),
            permanent=error.kind in REFUSED_BEFORE_SENDING,
            retry_after=error.retry_after,
            outcome_unknown=error.sent and not repeatable,
        ) from error


def status_error(answer: HttpResponse, *, repeatable: bool, reason: str = "") -> TransportError:
    """Return the error for a status other than 2xx.

    3xx is a transient failure (the endpoint was moved or hidden); 410 ends the endpoint; other 4xx are permanent,
    except those in ``TRANSIENT_STATUSES``. After a 5xx the request may have taken effect; for a ``repeatable`` one that
    does not matter.
    """
    status = answer.status
    text = f": {shorten(reason)}" if reason.strip() else _redirect_host(answer)
    message = f"answered {status}{text}"
    if status == 410:
        return TransportError(message, permanent=True, status=status, needs=ChannelNeed.RETIREMENT)
    if 400 <= status < 500 and status not in TRANSIENT_STATUSES:
        return TransportError(message, permanent=True, status=status)
    in_doubt = status >= 500 and not repeatable
    return TransportError(message, status=status, retry_after=answer.retry_after, outcome_unknown=in_doubt)


def _redirect_host(answer: HttpResponse) -> str:
    """Return the host of a redirect. The rest of the address may repeat a secret of the requested one."""
    there = urlsplit(answer.headers.get("location", "")) if 300 <= answer.status < 400 else None
    return f": sends on to {shorten(f'{there.scheme}://{there.hostname}')}" if there and there.hostname else ""


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object in a body, whole numbers as text (ids may exceed 53 bits); None for anything else."""
    try:
        value = json.loads(body, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_list(body: bytes) -> list[dict[str, Any]] | None:
    """Return the JSON list of objects in a body, whole numbers as text; None for anything else."""
    values = json_object(b'{"items":' + body + b"}")
    items = values["items"] if values is not None and set(values) == {"items"} else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return None
    return items


def json_body(fields: Mapping[str, Any]) -> bytes:
    """Return fields as JSON in UTF-8."""
    return json.dumps(dict(fields), ensure_ascii=False).encode()


def shorten(text: str) -> str:
    """Return a server's message on one line, at most ``MAX_REASON_LENGTH`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_REASON_LENGTH else line[: MAX_REASON_LENGTH - 1] + "…"


def with_unknown_outcome(error: TransportError) -> TransportError:
    """Return the error of a failed lookup: it says nothing about the message, whose outcome stays unknown."""
    error.permanent, error.outcome_unknown = False, True
    return error


def redact(text: str, secrets: Collection[str]) -> str:
    """Return ``text`` without any of the secrets, in case a server repeated one."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, "***")
    return text
