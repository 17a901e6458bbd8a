"""Authentication by the key in ``Authorization: Bearer …``. Cookies and the web session are never read."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from campaigns.core.errors import Forbidden
from campaigns.partners.directory import Company
from campaigns.people import keys
from campaigns.people.staff import Actor, Permission
from coordinator.api.call_limits import CallCounter
from coordinator.api.problems import RequestRefused
from coordinator.jobs.context import AppContext

REALM = 'Bearer realm="Lan Toa"'

View = TypeVar("View", bound=Callable[..., Any])


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

    @property
    def partner_id(self) -> int:
        """The company of a partner's key, in a view that only partners' keys reach (``for_partners``)."""
        assert self.company_id is not None, "the view is open to keys of staff"  # noqa: S101  # a bug, not input
        return self.company_id


def app_context() -> AppContext:
    """The context that the composition root gave to the application."""
    return cast(AppContext, current_app.extensions["lantoa"])


def caller() -> Caller:
    """The caller of the current request."""
    return cast(Caller, g.api_caller)


@dataclass(frozen=True)
class Admission:
    """Who may call an operation: keys of staff whose role has one of these permissions, and keys of ``partners``."""

    acts: tuple[Permission, ...]
    partners: bool

    def check(self, holder: Caller) -> None:
        """Raise ``Forbidden`` for any other key."""
        if holder.is_partner and self.partners:
            return
        if not self.acts:
            raise Forbidden("only a partner's key may do this", code="partner_only")
        if len(self.acts) == 1:
            holder.actor.require(self.acts[0])
        elif not any(holder.actor.may(act) for act in self.acts):
            raise Forbidden(f"this needs a role that may {' or '.join(act.value for act in self.acts)}")


def for_staff(*acts: Permission, partners: bool = False) -> Callable[[View], View]:
    """Mark a view as one for keys of staff whose role has one of these permissions; ``partners``: and for every
    partner's key, which sees and does only what is its own."""

    def decorate(view: View) -> View:
        view.admission = Admission(acts, partners)  # type: ignore[attr-defined]
        return view

    return decorate


def for_partners(view: View) -> View:
    """Mark a view as one for keys of partners alone."""
    view.admission = Admission((), partners=True)  # type: ignore[attr-defined]
    return view


def admission_of(view: View) -> Admission:
    """Who may call a view. Every operation is marked with ``for_staff`` or ``for_partners``."""
    found: Admission = view.admission  # type: ignore[attr-defined]
    return found


def authorise() -> None:
    """Raise ``Forbidden`` for a key whose holder may not call the operation at all. Runs after ``authenticate`` and
    before query, body or any row is read, so that a refusal says nothing of them."""
    if request.endpoint is not None and request.routing_exception is None:
        admission_of(current_app.view_functions[request.endpoint]).check(caller())


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
