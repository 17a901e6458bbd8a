"""The erasure of a person: a stable pseudonym takes the place of address and name wherever they may be replaced.

One pseudonym stands for one person everywhere, so that "another person than the writer" and the counts by person stay
true. What is kept under the name is listed with its reason: the journal, frozen reports, files handed in as proof.
"""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.base import Base, rows_changed
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.journal import JournalEntry
from campaigns.people.personal_data.columns import ACTOR_COLUMNS, OWN_ROWS, KeptBecause
from campaigns.people.personal_data.export import actor_ids, rows_of
from campaigns.people.staff import Actor, Permission

LONGEST_REASON = 500
ERASED = "person.erased"  # the act; its subject is the pseudonym
_CLEARED = (
    "password", "tf_primary_method", "tf_totp_secret", "tf_last_counter", "mf_recovery_codes",
    "fs_webauthn_user_handle", "locale", "theme",
)  # fmt: skip


@dataclass(frozen=True)
class Erasure:
    """What was done. ``pseudonym`` stands for the person from now on; ``replaced`` and ``deleted``: rows by table;
    ``kept``: rows that still hold the name, by table, with the reason."""

    pseudonym: str
    replaced: Mapping[str, int]
    deleted: Mapping[str, int]
    kept: Mapping[str, tuple[KeptBecause, int]] = field(default_factory=dict)


def new_pseudonym() -> str:
    """Return a pseudonym: random, so that it tells nothing of the person."""
    return f"erased-{secrets.token_hex(6)}"


def check_reason(actor: Actor, reason: str) -> str:
    """Return the tidied reason. Raises ``Forbidden``, ``Invalid``."""
    actor.require(Permission.CONFIGURE)
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid([FieldError("reason", "unexplained", "say who asked for it and on what ground")])
    if len(reason) > LONGEST_REASON:
        raise Invalid([FieldError("reason", "too_long", f"at most {LONGEST_REASON} characters")])
    return reason


def erase_person(session: Session, actor: Actor, address: str, reason: str, *, now: datetime) -> Erasure:
    """Erase the member of staff, the editors and the receiver of reports with this address.

    Raises ``Forbidden``, ``Invalid``, ``NotFound`` when nobody has the address, ``Conflict`` (``erase_self``;
    ``erase_active`` while somebody still signs in with it).
    """
    reason, address = check_reason(actor, reason), address.strip().lower()
    if reason.casefold().find(address) >= 0:
        raise Invalid([FieldError("reason", "names_the_erased", "the journal keeps the reason: leave the address out")])
    if actor.id == address:
        raise Conflict("another administrator erases your data", code="erase_self")
    people, editors = Base.metadata.tables["people"], Base.metadata.tables["editors"]
    for table in (people, editors):
        query = sa.select(table.c.id).where(table.c.email == address, table.c.active)
        if session.execute(query.limit(1)).first() is not None:
            raise Conflict("end the person's access first", code="erase_active", email=address)
    session.flush()
    pseudonym = new_pseudonym()
    deleted: Counter[str] = Counter()
    for own in OWN_ROWS:
        table = Base.metadata.tables[own.table]
        deleted[own.table] += rows_changed(session.execute(sa.delete(table).where(rows_of(own, address))))
    keys = Base.metadata.tables["keys"]
    holders = sa.select(people.c.id).where(people.c.email == address)
    revoked = sa.update(keys).where(keys.c.person_id.in_(holders), keys.c.revoked_at.is_(None))
    session.execute(revoked.values(revoked_at=now))
    replaced = _replace_acts(session, address, pseudonym)
    account = dict.fromkeys(_CLEARED) | {
        "email": pseudonym, "name": pseudonym, "fs_uniquifier": secrets.token_hex(16),
    }  # fmt: skip
    replaced["people"] += _replace_in_lists(session, address, pseudonym)
    # Queries for members of staff are by the former address: the accounts come last.
    for table, values in ((people, account), (editors, {"email": pseudonym, "name": pseudonym})):
        done = rows_changed(session.execute(sa.update(table).where(table.c.email == address).values(values)))
        replaced[table.name] += done
    if not replaced.total() and not deleted.total():
        raise NotFound(f"nothing is held under {address}", code="nobody_there")
    session.expire_all()
    kept = _kept(session, address)
    details = {"reason": reason, "replaced": +replaced, "deleted": +deleted}
    journal.record(session, actor.id, ERASED, "person", pseudonym, details, now=now)
    return Erasure(pseudonym, +replaced, +deleted, kept)


def _replace_acts(session: Session, address: str, pseudonym: str) -> Counter[str]:
    done: Counter[str] = Counter()
    for column in ACTOR_COLUMNS:
        if column.kept is not None:
            continue
        table = Base.metadata.tables[column.table]
        for old, new in zip(actor_ids(address), actor_ids(pseudonym), strict=True):
            values = {column.actor: new} | ({column.name: pseudonym} if column.name else {})
            change = sa.update(table).where(table.c[column.actor] == old).values(values)
            done[column.table] += rows_changed(session.execute(change))
    return done


def _replace_in_lists(session: Session, address: str, pseudonym: str) -> int:
    """Replace the person among those who had another's account in their hands, which the two-person rule asks."""
    people = Base.metadata.tables["people"]
    done = 0
    for ident, held, before in session.execute(sa.select(people.c.id, people.c.in_hands_of, people.c.was_in_hands_of)):
        if address in held or address in before:
            names = [pseudonym if name == address else name for name in held]
            former = {pseudonym if name == address else name: until for name, until in before.items()}
            change = sa.update(people).where(people.c.id == ident)
            session.execute(change.values(in_hands_of=names, was_in_hands_of=former))
            done += 1
    return done


def _kept(session: Session, address: str) -> dict[str, tuple[KeptBecause, int]]:
    found = {}
    mine = sa.or_(JournalEntry.actor.in_(actor_ids(address)), JournalEntry.subject == address)
    if count := session.execute(sa.select(sa.func.count()).select_from(JournalEntry).where(mine)).scalar_one():
        found["journal"] = (KeptBecause.JOURNAL, count)
    for column in ACTOR_COLUMNS:
        if column.kept is None:
            continue
        table = Base.metadata.tables[column.table]
        query = sa.select(sa.func.count()).select_from(table).where(table.c[column.actor].in_(actor_ids(address)))
        if count := session.execute(query).scalar_one():
            found[column.table] = (column.kept, count)
    return found
