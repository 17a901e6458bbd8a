"""Errors as RFC 9457 problems: the table from exceptions to answers."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from apiflask.exceptions import HTTPError
from flask import Response
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from campaigns.core.errors import CampaignError, Conflict, FieldError, Forbidden, Invalid, NotFound
from campaigns.partners.directory import PartnerMerged
from coordinator import request_ids
from coordinator.storage.blobs import StoreError

log = logging.getLogger(__name__)

TYPE = "application/problem+json"

# HTTP status of each domain error, the most specific class first.
STATUS_BY_ERROR: tuple[tuple[type[CampaignError], HTTPStatus], ...] = (
    (PartnerMerged, HTTPStatus.GONE),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Conflict, HTTPStatus.CONFLICT),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `errors` names every bad field, as far as it was read.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string", "description": "as in `X-Request-Id`; our log has it too"},
        "params": {"type": "object", "description": "the values in `detail`, by name"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "examples": ["targets.0.quota"]},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


class RequestRefused(Exception):
    """A request that is refused outside the domain, by the API or by Flask."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = tuple(errors), dict(headers or {})


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Iterable[FieldError] = (),
    params: Mapping[str, object] | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    """A response with one problem."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    if answered := request_ids.current():
        body["request_id"] = answered
    if params:
        body["params"] = {
            name: value if isinstance(value, int | float) else str(value) for name, value in params.items()
        }
    listed = [{"field": error.field, "code": error.code, "message": error.message} for error in errors]
    if listed:
        body["errors"] = listed
    # A field name from the request may contain a lone surrogate; characters that UTF-8 cannot encode become ``?``.
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    response = Response(text, status, content_type=TYPE)
    for name, value in headers:
        if name.lower() not in {"content-type", "content-length"}:
            response.headers.add(name, value)
    return response


def problem_for(error: Exception) -> Response:
    """The problem for an exception. An exception that is not in the table becomes a 500 without details."""
    match error:
        case RequestRefused():
            return problem(error.status, error.code, error.detail, errors=error.errors, headers=error.headers.items())
        case Invalid():
            fields = ", ".join(dict.fromkeys(field_error.field for field_error in error.errors))
            return problem(422, error.code, f"the request cannot be taken: {fields}", errors=error.errors)
        case CampaignError():
            status = next(
                (status for kind, status in STATUS_BY_ERROR if isinstance(error, kind)), HTTPStatus.BAD_REQUEST
            )
            return problem(status, error.code, error.message, params=error.params)
        case HTTPException() if not isinstance(error, InternalServerError):
            return _of_http(error)
        case HTTPError():
            return problem(error.status_code, "http", error.message or "", headers=_pairs(error.headers))
        case IntegrityError():
            log.warning("two changes at once: %s", error.orig)
            return problem(409, "concurrent_change", "somebody else changed the same thing at this moment; try again")
        case DataError():
            # A text is longer than its column and no schema limits it; the client can shorten it.
            log.warning("a value that no column takes: %s", error.orig)
            return problem(422, "out_of_range", "a value is longer or larger than can be kept")
        case OperationalError():
            log.error("database: %s", error.orig)
            return problem(
                503, "database_unavailable", "the database does not take this now", headers=[("Retry-After", "5")]
            )
        case StoreError():
            log.error("kept files: %s", error)
            return problem(
                503, "store_unavailable", "the place where files are kept cannot be reached now",
                headers=[("Retry-After", "30")],
            )  # fmt: skip
        case _:
            return problem(500, "failed", "the server failed; the reason is in its log")


def _pairs(headers: Any) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in dict(headers).items()]


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or status < 400:
        # A redirect by the router, or an exception with a prepared response.
        return cast(Response, error.get_response())
    code = HTTPStatus(status).name.lower()
    return problem(status, code, error.description or HTTPStatus(status).phrase, headers=error.get_headers())
