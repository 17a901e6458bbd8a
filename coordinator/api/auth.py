"""Who calls: the key in ``Authorization: Bearer …`` becomes a frozen caller. No cookie and no session is ever read."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from flask import current_app, g, request

from campaigns.core.errors import Forbidden
from campaigns.partners.directory import Company
from campaigns.people import keys
from campaigns.people.staff import Actor, May
from coordinator.api.problems import Refused
from coordinator.jobs.workplace import Front

REALM = 'Bearer realm="Lan Toa"'


@dataclass(frozen=True)
class Caller:
    """A key that was proved. ``company_id`` and ``company`` (its code) are set for a partner's key, None for staff."""

    actor: Actor
    key_id: int
    company_id: int | None = None
    company: str | None = None

    @property
    def is_partner(self) -> bool:
        """Whether a partner calls, who sees and does only its own."""
        return self.company_id is not None

    def require(self, act: May) -> None:
        """Raise ``Forbidden`` unless the key's role allows the act; a partner's key has no role."""
        self.actor.require(act)

    def require_partner(self) -> int:
        """The partner's id. Raises ``Forbidden`` for a key of staff."""
        if self.company_id is None:
            raise Forbidden("only a partner's key may do this", code="partner_only")
        return self.company_id


def front() -> Front:
    """What the composition root handed to the application."""
    return cast(Front, current_app.extensions["lantoa"])


def caller() -> Caller:
    """Who calls this request."""
    return cast(Caller, g.api_caller)


def staff(act: May) -> Actor:
    """The caller as a member of staff who may do this; asked before anything is looked up, so that a refusal tells
    nothing. Raises ``Forbidden``."""
    who = caller()
    who.require(act)
    return who.actor


def authenticate() -> None:
    """Before every request: prove the key. Raises ``Refused`` (401) in the same words for every key that is no good."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise Refused(
            HTTPStatus.UNAUTHORIZED, "key_missing", "give a key: Authorization: Bearer …",
            headers={"WWW-Authenticate": REALM},
        )  # fmt: skip
    place = front().place
    now = place.now()
    with place.database.read() as session:
        row = keys.find_key(session, given.token, now=now)
        if row is None:
            raise Refused(
                HTTPStatus.UNAUTHORIZED, "key_refused", "this key is unknown, ended or expired",
                headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
            )  # fmt: skip
        company = session.get(Company, row.company_id) if row.company_id is not None else None
        g.api_caller = Caller(row.actor, row.id, row.company_id, company.code if company else None)
        stale = keys.worth_noting(row, now=now)
    if stale:
        with place.database.write() as session:
            keys.note_use(session, row.id, now=now)
