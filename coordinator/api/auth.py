"""Authentication by the key in ``Authorization: Bearer …``. Cookies and the web session are never read."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from flask import current_app, g, request

from campaigns.core.errors import Forbidden
from campaigns.partners.directory import Company
from campaigns.people import keys
from campaigns.people.staff import Actor, Permission
from coordinator.api.call_limits import CallCounter
from coordinator.api.problems import RequestRefused
from coordinator.jobs.context import AppContext

REALM = 'Bearer realm="Lan Toa"'


@dataclass(frozen=True)
class Caller:
    """The holder of a valid key. ``company_id`` and ``company`` (its code) are set for a partner's key, None for
    staff."""

    actor: Actor
    key_id: int
    company_id: int | None = None
    company: str | None = None

    @property
    def is_partner(self) -> bool:
        """Whether the key is a partner's, which is limited to the partner's own data."""
        return self.company_id is not None

    def require(self, act: Permission) -> None:
        """Raise ``Forbidden`` unless the key's role allows the act; a partner's key has no role."""
        self.actor.require(act)

    def require_partner(self) -> int:
        """The partner's id. Raises ``Forbidden`` for a staff key."""
        if self.company_id is None:
            raise Forbidden("only a partner's key may do this", code="partner_only")
        return self.company_id


def app_context() -> AppContext:
    """The context that the composition root gave to the application."""
    return cast(AppContext, current_app.extensions["lantoa"])


def caller() -> Caller:
    """The caller of the current request."""
    return cast(Caller, g.api_caller)


def require_staff(act: Permission) -> Actor:
    """The actor of a staff key that has this permission. Raises ``Forbidden``.

    Called before any lookup, so that a refusal does not reveal whether a row exists.
    """
    holder = caller()
    holder.require(act)
    return holder.actor


def has_valid_key() -> bool:
    """Whether the request bears a valid key; its body is not read."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return False
    context = app_context().job_context
    with context.database.read() as session:
        return keys.find_key(session, given.token, now=context.now()) is not None


def authenticate() -> None:
    """Check the key before every request and count its call. Raises ``RequestRefused``: 401, with one message for every
    invalid key; 429 beyond the calls of a minute."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise RequestRefused(
            HTTPStatus.UNAUTHORIZED, "key_missing", "give a key: Authorization: Bearer …",
            headers={"WWW-Authenticate": REALM},
        )  # fmt: skip
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        row = keys.find_key(session, given.token, now=now)
        if row is None:
            raise RequestRefused(
                HTTPStatus.UNAUTHORIZED, "key_refused", "this key is unknown, ended or expired",
                headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
            )  # fmt: skip
        company = session.get(Company, row.company_id) if row.company_id is not None else None
        g.api_caller = Caller(row.actor, row.id, row.company_id, company.code if company else None)
        stale = keys.use_is_due(row, now=now)
    counter: CallCounter = current_app.extensions["lantoa.api_calls"]
    g.api_standing = counter.count(g.api_caller.key_id, limit=app_context().settings.api_calls_per_minute, now=now)
    if stale:
        with context.database.write() as session:
            keys.note_use(session, row.id, now=now)
