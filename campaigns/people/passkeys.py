"""Passkeys: keys that a phone, a computer or a stick holds, and that open with a finger, a face or a PIN there.

One counts as both factors at once: the device, and what opens it. Kept is the public half alone.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, NotFound
from campaigns.people.factors import has_authenticator
from campaigns.people.staff import Actor, Person, Role

FOR_BOTH = "secondary"  # the library's word; that the same key also opens the door by itself is the web's to say


class Passkey(Base):
    """One key. From ``credential_id`` on, columns bear the sign-in library's names. ``sign_count``: what the device
    counted last, 0 for one that does not count; a number that goes back betrays a copy."""

    __tablename__ = "passkeys"
    __table_args__ = (sa.UniqueConstraint("person_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(16), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    transports: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    extensions: Mapped[str | None] = mapped_column(sa.Text)
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(sa.String(40))
    usage: Mapped[str] = mapped_column(sa.String(16))
    lastuse_datetime: Mapped[datetime] = mapped_column(UTCDateTime)


def add_passkey(session: Session, actor: Actor, person: Person, key: Passkey, *, now: datetime) -> None:
    """Keep a key that its owner has just proved to hold. Raises ``Conflict`` for somebody else's."""
    if actor.id != person.email:
        raise Conflict("a passkey is added by its owner", code="not_yours", email=person.email)
    key.public, key.person_id, key.usage = secrets.token_hex(8), person.id, FOR_BOTH
    key.created_at = key.lastuse_datetime = now
    session.add(key)
    session.flush()
    journal.record(session, actor.id, "person.passkey_added", "person", person.email, {"name": key.name}, now=now)


def passkeys_of(session: Session, person_id: int) -> Sequence[Passkey]:
    """A person's keys, the oldest first."""
    query = sa.select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    return session.execute(query).scalars().all()


def remove_passkey(
    session: Session, actor: Actor, person: Person, public: str, obliged: Collection[Role], *, now: datetime
) -> str:
    """Remove one's own key; its name. ``Conflict`` for the last factor of somebody whose role needs one, ``NotFound``
    for a key that is not theirs or already gone."""
    keys = passkeys_of(session, person.id)
    key = next((one for one in keys if one.public == public), None)
    if key is None or actor.id != person.email:
        raise NotFound(f"there is no passkey {public}", passkey=public)
    last = len(keys) == 1 and not has_authenticator(person)
    if last and person.role in obliged:
        raise Conflict("this role needs a second factor", code="factor_needed", email=person.email)
    if last:
        person.mf_recovery_codes = None  # they stand in for a factor, and there is none left
    name = key.name
    session.delete(key)
    session.flush()
    session.expire(person, ["passkeys_held"])
    journal.record(session, actor.id, "person.passkey_removed", "person", person.email, {"name": name}, now=now)
    return name
