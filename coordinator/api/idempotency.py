"""``Idempotency-Key``: a repeated POST acts once and gets the answer of the first request.

The answer is written in the transaction of the act, under a unique key. A crash therefore loses neither or both. Of two
concurrent requests with the same key the slower one violates the unique key, is rolled back and returns the answer of
the other. Only successful answers are stored: a refused request changed nothing and may be sent again. Answers are
stored encrypted for 24 hours, because one of them contains a new webhook's secret.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.people import idempotency
from coordinator.api.auth import app_context, caller
from coordinator.api.paging import ListPage
from coordinator.encryption import DecryptionError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 200  # characters, the length of its column


@dataclass(frozen=True)
class _KeyedRequest:
    key_id: int
    key: str
    request_hash: str


class ReplyKeeper:
    """Stores the answer of an act. The act calls it once, in its own transaction."""

    def __init__(self, request_key: _KeyedRequest | None, now: datetime) -> None:
        self._asked, self._now = request_key, now
        self._answer: tuple[int, str, str] | None = None

    @classmethod
    def unkept(cls) -> "ReplyKeeper":
        """A keeper for requests other than POST: the answer is made and not stored."""
        return cls(None, app_context().job_context.now())

    def __call__(self, session: Session, row: BaseModel, status: int = 200, *, location: str = "") -> None:
        """Store the answer and flush. Raises ``IntegrityError`` if a concurrent request stored one under the same
        key."""
        body = row.model_dump_json(by_alias=True)
        self._answer = (status, body, location)
        if self._asked is not None:
            encrypted = app_context().job_context.encryption.encrypt({"body": body, "location": location})
            idempotency.keep_reply(
                session, self._asked.key_id, self._asked.key, self._asked.request_hash, status, encrypted, now=self._now
            )

    def response(self) -> Response:
        """The answer as a response."""
        assert self._answer is not None, "the act gave no answer"  # noqa: S101  # a bug, not input
        return _response(*self._answer)


def run_once(apply: Callable[[ReplyKeeper], None]) -> Response:
    """Carry out a POST, or return the stored answer to the same ``Idempotency-Key``.

    Raises ``Conflict`` if the key was used with another request, and the exceptions of the act.
    """
    request_key = _keyed_request()
    now = app_context().job_context.now()
    if request_key is not None and (kept := _kept_response(request_key, now)) is not None:
        return kept
    keep = ReplyKeeper(request_key, now)
    try:
        apply(keep)
    except (CampaignError, IntegrityError):
        # A concurrent request may have acted between the lookup and the act, which then fails.
        if request_key is not None and (kept := _kept_response(request_key, now)) is not None:
            return kept
        raise
    return keep.response()


def _keyed_request() -> _KeyedRequest | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        message = f"expected 1 to {LONGEST_KEY} printable ASCII characters"
        raise Invalid([FieldError(HEADER, "idempotency_key", message)])
    digest = hashlib.sha256()
    for part in (request.method.encode(), request.full_path.encode(), request.get_data()):
        digest.update(len(part).to_bytes(8, "big") + part)
    return _KeyedRequest(caller().key_id, key, digest.hexdigest())


def _kept_response(request_key: _KeyedRequest, now: datetime) -> Response | None:
    context = app_context().job_context
    with context.database.read() as session:
        kept = idempotency.recall_reply(session, request_key.key_id, request_key.key, request_key.request_hash, now=now)
    if kept is None:
        return None
    try:
        answer = context.encryption.decrypt(kept.body)
    except DecryptionError:
        # The secret key was changed within the 24 hours; repeating the act would do it twice.
        raise Conflict("this request was carried out; its answer is no longer readable", code="reply_lost") from None
    response = _response(kept.status, answer["body"], answer["location"])
    response.headers[REPLAYED] = "true"
    return response


def _response(status: int, body: str, location: str) -> Response:
    response = Response(body, status, content_type="application/json")
    if location:
        response.headers["Location"] = location
    return response


def row_response(row: BaseModel, status: int = 200) -> Response:
    """A row as a response that is not stored; a page of a list with ``Link`` to the next one."""
    response = _response(status, row.model_dump_json(by_alias=True), "")
    if isinstance(row, ListPage) and row.next is not None:
        response.headers["Link"] = f'<{row.next}>; rel="next"'
    return response


def run_act(
    act: Callable[[Session], BaseModel], status: int = 200, *, location: Callable[[Any], str] | None = None
) -> Response:
    """Carry out a POST that is one act in one transaction. ``act``: makes the answer's row while its session is open;
    ``location``: the address of a row that was made."""
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = act(session)
            keep(session, row, status, location=location(row) if location is not None else "")

    return run_once(apply)
