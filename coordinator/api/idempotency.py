"""``Idempotency-Key``: a repeated POST gets the answer of the first, and acts once.

The answer is written in the transaction of the act itself, under a unique key: either both are there or neither. So a
crash in between loses nothing, and of two twins at the same moment the slower one fails on the key, is rolled back
whole and is given the other's answer. Only what succeeded is kept: a refused request changed nothing and may be sent
again. Answers are kept sealed for 24 hours, because one of them shows a new webhook's secret.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.people import replies
from coordinator.api.auth import caller, front
from coordinator.sealing import SealError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 200  # characters; what the table keeps


@dataclass(frozen=True)
class _Asked:
    key_id: int
    key: str
    request_hash: str


class Keep:
    """Given to an act, which calls it once, with the answer, in its own transaction."""

    def __init__(self, asked: _Asked | None, now: datetime) -> None:
        self._asked, self._now = asked, now
        self._answer: tuple[int, str, str] | None = None

    @classmethod
    def unkept(cls) -> "Keep":
        """For acts that are not POSTs: only the answer is made."""
        return cls(None, front().place.now())

    def __call__(self, session: Session, row: BaseModel, status: int = 200, *, location: str = "") -> None:
        """Keep the answer. Flushes; a twin's key raises ``IntegrityError``."""
        body = row.model_dump_json(by_alias=True)
        self._answer = (status, body, location)
        if self._asked is not None:
            sealed = front().place.seal.close({"body": body, "location": location})
            replies.keep_reply(
                session, self._asked.key_id, self._asked.key, self._asked.request_hash, status, sealed, now=self._now
            )

    def response(self) -> Response:
        """The answer as a response."""
        assert self._answer is not None, "the act gave no answer"  # noqa: S101  # a bug, not input
        return _response(*self._answer)


def once(act: Callable[[Keep], None]) -> Response:
    """Carry out a POST, or give the answer it got before under the same ``Idempotency-Key``.

    Raises ``Conflict`` when the key was used with another request, and whatever the act raises.
    """
    asked = _asked()
    now = front().place.now()
    if asked is not None and (kept := _recall(asked, now)) is not None:
        return kept
    keep = Keep(asked, now)
    try:
        act(keep)
    except (CampaignError, IntegrityError):
        # A twin may have done it between our look and our act, so that the act found nothing left to do.
        if asked is not None and (kept := _recall(asked, now)) is not None:
            return kept
        raise
    return keep.response()


def _asked() -> _Asked | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        message = f"expected 1 to {LONGEST_KEY} printable ASCII characters"
        raise Invalid([FieldError(HEADER, "idempotency_key", message)])
    digest = hashlib.sha256()
    for part in (request.method.encode(), request.full_path.encode(), request.get_data()):
        digest.update(len(part).to_bytes(8, "big") + part)
    return _Asked(caller().key_id, key, digest.hexdigest())


def _recall(asked: _Asked, now: datetime) -> Response | None:
    place = front().place
    with place.database.read() as session:
        kept = replies.recall_reply(session, asked.key_id, asked.key, asked.request_hash, now=now)
    if kept is None:
        return None
    try:
        answer = place.seal.open(kept.body)
    except SealError:
        # Acting again would do it twice; the secret key was changed within the day.
        raise Conflict("this request was carried out; its answer is no longer readable", code="reply_lost") from None
    response = _response(kept.status, answer["body"], answer["location"])
    response.headers[REPLAYED] = "true"
    return response


def _response(status: int, body: str, location: str) -> Response:
    response = Response(body, status, content_type="application/json")
    if location:
        response.headers["Location"] = location
    return response


def answer(row: BaseModel, status: int = 200) -> Response:
    """A row as a response, for what needs no keeping."""
    return _response(status, row.model_dump_json(by_alias=True), "")
