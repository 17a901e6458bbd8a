"""The people behind accounts and keys, for every rule that asks for a second person.

Behind a key stand the person to whom it belongs and the one who made it; behind one that the command line made for
nobody, nobody, so that it does not decide on what a person did (``require_person``). Behind an account stands the
person who added it or made the sign-in link that was used, until a second person has confirmed the account; behind what
was written under it until then, for ever.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Forbidden
from campaigns.people.keys import AccessKey
from campaigns.people.staff import Person

_KEY = "key:"


Acting: TypeAlias = tuple[str, datetime | None]  # the id of an actor; when it acted, None: now


def people_behind(session: Session, acting: Iterable[Acting]) -> dict[Acting, frozenset[str]]:
    """For each actor: itself and the ids of all who stand behind it, or stood there when it acted. Ids that are neither
    a person's nor a key's stand alone; the machine's operator (``cli``) stands behind nothing."""
    wanted = set(acting)
    behind = _behind_one(session, {ident for ident, _moment in wanted})
    found: dict[Acting, frozenset[str]] = {}
    for start, moment in wanted:
        reached, new = {start}, {start}
        while new:
            if missing := new - behind.keys():
                behind |= _behind_one(session, missing)
            new = {other for one in new for other, until in behind[one].items() if _held(moment, until)} - reached
            reached |= new
        found[start, moment] = frozenset(reached)
    return found


def share_a_person(session: Session, actor: str, others: Mapping[str, datetime]) -> bool:
    """Whether the same person stands behind an actor now and stood behind one of ``others`` when they acted first."""
    behind = people_behind(session, [(actor, None), *others.items()])
    return any(behind[actor, None] & behind[other] for other in others.items())


def require_person(session: Session, actor: str, others: Collection[str]) -> None:
    """Raise ``Forbidden`` (code ``key_without_person``) for a key that belongs to nobody, where a member of staff
    stands behind one of ``others``, who wrote or reported what is decided: nothing tells whether it is a second
    person."""
    if not actor.startswith(_KEY):
        return
    behind = people_behind(session, [(actor, None)])[actor, None]
    if not _names_a_person(session, behind):
        involved = people_behind(session, [(other, None) for other in others]).values()
        if _names_a_person(session, frozenset[str]().union(*involved)):
            raise Forbidden(
                "this key belongs to nobody, so that it is no second person; make one for a person: "
                "lantoa key add NAME --role ROLE --for EMAIL",
                code="key_without_person",
            )


def _names_a_person(session: Session, ids: Collection[str]) -> bool:
    return session.execute(sa.select(Person.id).where(Person.email.in_(ids)).limit(1)).first() is not None


def actor_name(session: Session, ident: str) -> str:
    """The present name of a person or a key, by an actor's id; the id itself of any other."""
    if ident.startswith(_KEY):
        query = sa.select(AccessKey.name).where(AccessKey.public == ident.removeprefix(_KEY))
    else:
        query = sa.select(Person.name).where(Person.email == ident)
    return session.execute(query).scalar_one_or_none() or ident


def _held(moment: datetime | None, until: datetime | None) -> bool:
    return until is None or (moment is not None and moment <= until)


def _behind_one(session: Session, ids: Iterable[str]) -> dict[str, dict[str, datetime | None]]:
    """One step: whose a key is and who made it, those who had an account in hand -> until when, None: still."""
    found: dict[str, dict[str, datetime | None]] = {ident: {} for ident in ids}
    publics = [ident.removeprefix(_KEY) for ident in found if ident.startswith(_KEY)]
    if publics:
        whose = sa.or_(Person.id == AccessKey.person_id, Person.email == AccessKey.made_by)
        keys = sa.select(AccessKey.public, Person.email).join(Person, whose)
        for public, person in session.execute(keys.where(AccessKey.public.in_(publics))):
            found[_KEY + public][person] = None
    people = [ident for ident in found if not ident.startswith(_KEY)]  # pseudonyms of erased people, too
    if people:
        held = sa.select(Person.email, Person.in_hands_of, Person.was_in_hands_of).where(Person.email.in_(people))
        for email, others, before in session.execute(held):
            found[email] = {other: datetime.fromisoformat(until) for other, until in before.items()}
            found[email] |= dict.fromkeys(others)
    return found
