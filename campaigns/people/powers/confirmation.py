"""Confirmation by a second person: a role or key with power over publication begins with it.

Who may confirm is another administrator; where there is none, an approver. Neither the person who asked nor anybody who
had the account's access in hand may. The first account beside the first administrator is confirmed by its owner, since
nobody else is there; after that never again. Where nobody is left, the machine's operator confirms (``cli``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.errors import Conflict, Forbidden, NotFound
from campaigns.people.external_identities import ExternalIdentity
from campaigns.people.keys import AccessKey, revoke_key
from campaigns.people.powers.account_messages import AccountEvent, notify_owner, settle_role_asked
from campaigns.people.sign_in_factors import remove_foreign_passkeys
from campaigns.people.staff import Actor, Person, Role, confirmed_people, lock_person, tell_confirmed_people

OPERATOR = "cli"  # who runs the command line on the machine


def _eligible(people: Sequence[Person], barred: set[str]) -> list[Person]:
    """Of these the administrators who are not barred; where there is none, the approvers."""
    free = [person for person in people if person.email not in barred]
    return [person for person in free if person.role is Role.ADMIN] or free


@dataclass(frozen=True)
class Confirmers:
    """The addresses of those who may confirm. ``owner``: the owner of the account alone, because the office has no
    second person yet; with nobody in it, the machine's operator."""

    emails: tuple[str, ...]
    owner: bool = False


def role_confirmers(session: Session, person: Person, confirmed: Sequence[Person] | None = None) -> Confirmers:
    """Who may confirm the role of a person. ``confirmed``: what ``confirmed_people`` returned."""
    asked_and_held = {*person.in_hands_of, *([person.unconfirmed_by] if person.unconfirmed_by else [])}
    people = confirmed_people(session) if confirmed is None else confirmed
    found = _eligible(people, {person.email, *asked_and_held})
    if found:
        return Confirmers(tuple(one.email for one in found))
    if person.confirmed_by is None:
        # The first day: besides this person only the one who asked was ever confirmed. People who have left count.
        ever = sa.select(Person.email).where(Person.confirmed_by.is_not(None), Person.id != person.id).limit(2)
        known = session.execute(ever).scalars().all()
        if len(known) <= 1 and asked_and_held.issuperset(known):
            return Confirmers((person.email,), owner=True)
    return Confirmers(())


def key_confirmers(session: Session, key: AccessKey, confirmed: Sequence[Person] | None = None) -> Confirmers:
    """Who may confirm a key that approves."""
    people = confirmed_people(session) if confirmed is None else confirmed
    barred = {key.made_by or "", key.person.email if key.person is not None else ""}
    return Confirmers(tuple(one.email for one in _eligible(people, barred)))


def has_joined(session: Session, person: Person) -> bool:
    """Whether the person has come in: with a password, or by the city's account."""
    linked = sa.select(ExternalIdentity.id).where(ExternalIdentity.person_id == person.id)
    return person.password is not None or session.execute(linked).first() is not None


def confirm_role(session: Session, actor: Actor, person: Person, *, now: datetime) -> None:
    """Confirm a person's role, or an account without power over publication that somebody added or had in hand: it is
    in the hands of that person alone. Its passkeys are removed if somebody else had it in hand.

    Raises ``Forbidden`` (code ``not_second_person``), ``Conflict`` for a role that does not wait (``nothing_waits``) or
    a person who has not come in yet (``not_joined``): the link on its way would undo the confirmation.
    """
    acquire_until_commit(session, AdvisoryLock.POWERS)  # of two who confirm each other at once, one sees the other
    lock_person(session, person)
    if (person.unconfirmed_since is None and not person.in_hands_of) or not person.active:
        raise Conflict(f"the role of {person.email} does not wait", code="nothing_waits", email=person.email)
    if not has_joined(session, person):
        raise Conflict(f"{person.email} has not come in yet", code="not_joined", email=person.email)
    _require(actor, role_confirmers(session, person))
    details = {"role": person.role, "asked_by": person.unconfirmed_by, "why": person.unconfirmed_why}
    person.unconfirmed_since = person.unconfirmed_by = person.unconfirmed_why = None
    if person.in_hands_of:
        remove_foreign_passkeys(session, actor.id, person, now=now)
    # What was written under the account until now stays theirs, too, who had it in hand.
    until = dict.fromkeys(person.in_hands_of, now.isoformat())
    person.confirmed_by, person.in_hands_of, person.was_in_hands_of = actor.id, [], {**person.was_in_hands_of, **until}
    session.flush()
    journal.record(session, actor.id, "person.role_confirmed", "person", person.email, details, now=now)
    settle_role_asked(session, person.id, now=now)
    if person.email != actor.id:
        role = person.role.value
        notify_owner(session, person.id, AccountEvent.ROLE_CONFIRMED, by=actor.id, more=role, now=now)


def refuse_role(session: Session, actor: Actor, person: Person, *, now: datetime) -> None:
    """Refuse a role that waits: the account is deactivated, and the caller ends its sessions. Raises as
    ``confirm_role``."""
    if person.unconfirmed_since is None or not person.active:
        raise Conflict(f"the role of {person.email} does not wait", code="nothing_waits", email=person.email)
    _require(actor, role_confirmers(session, person))
    person.active = False
    session.flush()
    journal.record(session, actor.id, "person.role_refused", "person", person.email, {"role": person.role}, now=now)
    role = person.role.value
    notify_owner(session, person.id, AccountEvent.ROLE_REFUSED, by=actor.id, more=role, now=now)


def find_waiting_key(session: Session, public: str) -> AccessKey:
    """A key that waits for a second person. Raises ``NotFound``, ``Conflict`` (code ``nothing_waits``)."""
    row = session.execute(sa.select(AccessKey).where(AccessKey.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no key {public}", key=public)
    if row.unconfirmed_since is None or row.revoked_at is not None:
        raise Conflict(f"key {public} does not wait", code="nothing_waits", key=public)
    return row


def confirm_key(session: Session, actor: Actor, public: str, *, now: datetime) -> AccessKey:
    """Confirm that a key may approve. It never approves what its maker wrote. Raises ``NotFound``, ``Forbidden`` (code
    ``not_second_person``), ``Conflict`` (code ``nothing_waits``)."""
    acquire_until_commit(session, AdvisoryLock.POWERS)
    row = find_waiting_key(session, public)
    _require(actor, key_confirmers(session, row))
    row.unconfirmed_since = None
    session.flush()
    details = {"role": row.role, "made_by": row.made_by}
    journal.record(session, actor.id, "key.confirmed", "key", f"{row.public} {row.name}", details, now=now)
    tell_confirmed_people(session, AccountEvent.KEY_CONFIRMED, by=actor.id, more=row.name, now=now)
    return row


def refuse_key(session: Session, actor: Actor, public: str, *, now: datetime) -> AccessKey:
    """Refuse a key that waits: it is revoked. Raises as ``confirm_key``."""
    row = find_waiting_key(session, public)
    _require(actor, key_confirmers(session, row))
    return revoke_key(session, actor.id, public, now=now)


def _require(actor: Actor, confirmers: Confirmers) -> None:
    if actor.id != OPERATOR and actor.id not in confirmers.emails:
        raise Forbidden("another person has to confirm this", code="not_second_person")


@dataclass(frozen=True)
class WaitingRole:
    """A role that waits, or a held account. ``joined``: whether its person has come in."""

    person: Person
    joined: bool
    confirmers: Confirmers


@dataclass(frozen=True)
class WaitingKey:
    """A key that waits."""

    key: AccessKey
    confirmers: Confirmers


def waiting_roles(session: Session) -> list[WaitingRole]:
    """Every role that waits for a second person, the oldest request first."""
    query = sa.select(Person).where(Person.active, Person.unconfirmed_since.is_not(None))
    ordered = query.order_by(Person.unconfirmed_since, Person.id)
    return _with_confirmers(session, session.execute(ordered).scalars().all())


def held_accounts(session: Session) -> list[WaitingRole]:
    """Accounts without power over publication that somebody added or had in hand, the oldest first. They work, but what
    is done under them counts as done by that person, too, until a second person confirms them."""
    query = sa.select(Person).where(Person.active, Person.unconfirmed_since.is_(None)).order_by(Person.id)
    held = [person for person in session.execute(query).scalars() if person.in_hands_of]
    return [one for one in _with_confirmers(session, held) if one.joined]


def _with_confirmers(session: Session, people: Sequence[Person]) -> list[WaitingRole]:
    if not people:
        return []
    confirmed = confirmed_people(session)
    linked = set(
        session.execute(
            sa.select(ExternalIdentity.person_id).where(
                ExternalIdentity.person_id.in_([person.id for person in people])
            )
        ).scalars()
    )
    return [
        WaitingRole(
            person,
            person.password is not None or person.id in linked,
            role_confirmers(session, person, confirmed),
        )
        for person in people
    ]


def waiting_keys(session: Session, *, now: datetime) -> list[WaitingKey]:
    """Every key that waits for a second person and has not ended, the oldest first."""
    query = sa.select(AccessKey).where(AccessKey.unconfirmed_since.is_not(None), AccessKey.revoked_at.is_(None))
    keys = [key for key in session.execute(query.order_by(AccessKey.id)).scalars() if key.lives(now)]
    if not keys:
        return []
    confirmed = confirmed_people(session)
    return [WaitingKey(key, key_confirmers(session, key, confirmed)) for key in keys]
