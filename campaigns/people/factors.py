"""The second factor: who must have one, and its life in the journal. Secrets come sealed and are never read here."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import Actor, May, Person, Role

_PASSKEYS = sa.table("passkeys", sa.column("person_id"))  # by name: their class imports this module
AUTHENTICATOR = "authenticator"  # the sign-in library's name for an app that shows codes


def has_authenticator(person: Person) -> bool:
    """Whether the person has an app that shows codes."""
    return bool(person.tf_primary_method and person.tf_totp_secret)


def has_factor(person: Person) -> bool:
    """Whether a password alone does not sign the person in: there is an authenticator or a passkey."""
    return has_authenticator(person) or bool(person.passkeys_held)


def must_set_factor(person: Person, obliged: Collection[Role]) -> bool:
    """Whether the person's role asks for a second factor that they do not have yet."""
    return person.role in obliged and not has_factor(person)


def set_factor(
    session: Session, actor: Actor, person: Person, *, sealed: str, counter: int, codes: Sequence[str], now: datetime
) -> None:
    """Keep one's own authenticator and the sealed recovery codes that belong to it. ``counter``: the step of the code
    that proved it, which is used up. Raises ``Conflict`` when there is one already: it is removed first."""
    if actor.id != person.email:
        raise Conflict("a factor is set up by its owner", code="not_yours", email=person.email)
    if has_authenticator(person):
        raise Conflict("there is an authenticator already", code="factor_taken", email=person.email)
    person.tf_primary_method, person.tf_totp_secret, person.tf_last_counter = AUTHENTICATOR, sealed, counter
    person.mf_recovery_codes = list(codes)
    session.flush()
    journal.record(session, actor.id, "person.factor_set", "person", person.email, now=now)


def renew_codes(session: Session, actor: Actor, person: Person, *, codes: Sequence[str], now: datetime) -> None:
    """Put fresh sealed recovery codes in place of the old ones, which no longer work."""
    if actor.id != person.email or not has_factor(person):
        raise Conflict("there is no factor to go with the codes", code="no_factor", email=person.email)
    person.mf_recovery_codes = list(codes)
    session.flush()
    journal.record(session, actor.id, "person.codes_renewed", "person", person.email, now=now)


def remove_factor(session: Session, actor: Actor, person: Person, obliged: Collection[Role], *, now: datetime) -> None:
    """Do without the authenticator again. ``Conflict`` where the role asks for a factor and there is no passkey."""
    if person.role in obliged and not person.passkeys_held:
        raise Conflict("this role needs a second factor", code="factor_needed", email=person.email)
    _clear(person)
    session.flush()
    journal.record(session, actor.id, "person.factor_removed", "person", person.email, now=now)


def reset_factor(session: Session, actor: Actor, person: Person, reason: str, *, now: datetime) -> None:
    """As an administrator, take away every factor whose device is lost, passkeys too; the person sets up another at the
    next sign-in.

    Raises ``Invalid`` without a reason, ``Conflict`` for one's own (a second administrator does that) or for none.
    """
    actor.require(May.CONFIGURE)
    if not reason.strip():
        raise Invalid([FieldError("reason", "unexplained", "say why the factor is taken away")])
    if actor.id == person.email:
        raise Conflict("another administrator resets yours", code="own_factor", email=person.email)
    if not has_factor(person):
        raise Conflict("there is no factor to reset", code="no_factor", email=person.email)
    _clear(person)
    session.execute(sa.delete(_PASSKEYS).where(_PASSKEYS.c.person_id == person.id))
    person.mf_recovery_codes = None
    session.expire(person, ["passkeys_held"])
    session.flush()
    journal.record(
        session, actor.id, "person.factor_reset", "person", person.email, {"reason": reason.strip()}, now=now
    )


def _clear(person: Person) -> None:
    person.tf_primary_method = person.tf_totp_secret = person.tf_last_counter = None
    if not person.passkeys_held:
        person.mf_recovery_codes = None
