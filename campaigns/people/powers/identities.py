"""The people behind accounts and keys, for every rule that asks for a second person.

Behind a key stands the person who made it. Behind an account stands the person who made the sign-in link that was used,
until a second person has confirmed the account.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.people.keys import AccessKey
from campaigns.people.staff import Person

_KEY = "key:"


def people_behind(session: Session, ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """For each id of an actor: itself and the ids of all who stand behind it. Ids that are neither a person's nor a
    key's stand alone; the machine's operator (``cli``) stands behind nothing."""
    wanted = set(ids)
    behind = _behind_one(session, wanted)
    found: dict[str, frozenset[str]] = {}
    for start in wanted:
        reached, new = {start}, {start}
        while new:
            if missing := new - behind.keys():
                behind |= _behind_one(session, missing)
            new = {other for one in new for other in behind[one]} - reached
            reached |= new
        found[start] = frozenset(reached)
    return found


def share_a_person(session: Session, some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether the same person stands behind one of some actors and behind one of others."""
    first, second = set(some), set(others)
    behind = people_behind(session, first | second)
    return bool({one for ident in first for one in behind[ident]} & {one for ident in second for one in behind[ident]})


def actor_name(session: Session, ident: str) -> str:
    """The present name of a person or a key, by an actor's id; the id itself of any other."""
    if ident.startswith(_KEY):
        query = sa.select(AccessKey.name).where(AccessKey.public == ident.removeprefix(_KEY))
    else:
        query = sa.select(Person.name).where(Person.email == ident)
    return session.execute(query).scalar_one_or_none() or ident


def _behind_one(session: Session, ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """One step: the maker of a key, those who had an account in hand."""
    found: dict[str, frozenset[str]] = dict.fromkeys(ids, frozenset())
    publics = [ident.removeprefix(_KEY) for ident in found if ident.startswith(_KEY)]
    if publics:
        keys = sa.select(AccessKey.public, Person.email).join(Person, Person.email == AccessKey.made_by)
        for public, maker in session.execute(keys.where(AccessKey.public.in_(publics))):
            found[_KEY + public] = frozenset({maker})
    people = [ident for ident in found if not ident.startswith(_KEY)]  # pseudonyms of erased people, too
    if people:
        held = sa.select(Person.email, Person.in_hands_of).where(Person.email.in_(people))
        found |= {email: frozenset(others) for email, others in session.execute(held)}
    return found
