"""Second factors and passkeys of staff.

A passkey counts as both factors: the device, and its fingerprint, face or PIN. Only the public key is stored.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, Permission, Person, Role, UnconfirmedWhy, suspend_role

# The second factor: who must have one, and its changes in the journal. Secrets are encrypted and never read here.


_PASSKEYS = sa.table("passkeys", sa.column("person_id"))  # by name: its class imports this module
AUTHENTICATOR = "authenticator"  # the sign-in library's name for an app that shows codes


def has_authenticator(person: Person) -> bool:
    """Whether the person has an app that shows codes."""
    return bool(person.tf_primary_method and person.tf_totp_secret)


def has_factor(person: Person) -> bool:
    """Whether a password alone does not sign the person in: there is an authenticator or a passkey."""
    return has_authenticator(person) or bool(person.passkeys_held)


def must_set_factor(person: Person, obliged: Collection[Role]) -> bool:
    """Whether the person's role requires a second factor that they do not have yet."""
    return person.role in obliged and not has_factor(person)


def set_factor(
    session: Session,
    actor: Actor,
    person: Person,
    *,
    encrypted_secret: str,
    counter: int,
    codes: Sequence[str],
    now: datetime,
) -> None:
    """Store the person's own authenticator and its encrypted recovery codes. ``counter``: the time step of the code
    that proved it, which is used up. Raises ``Conflict`` when there is one already."""
    if actor.id != person.email:
        raise Conflict("a factor is set up by its owner", code="not_yours", email=person.email)
    if has_authenticator(person):
        raise Conflict("there is an authenticator already", code="factor_taken", email=person.email)
    person.tf_primary_method, person.tf_totp_secret, person.tf_last_counter = AUTHENTICATOR, encrypted_secret, counter
    person.mf_recovery_codes = list(codes)
    session.flush()
    journal.record(session, actor.id, "person.factor_set", "person", person.email, now=now)


def renew_codes(session: Session, actor: Actor, person: Person, *, codes: Sequence[str], now: datetime) -> None:
    """Replace the recovery codes by new encrypted ones."""
    if actor.id != person.email or not has_factor(person):
        raise Conflict("there is no factor to go with the codes", code="no_factor", email=person.email)
    person.mf_recovery_codes = list(codes)
    session.flush()
    journal.record(session, actor.id, "person.codes_renewed", "person", person.email, now=now)


def remove_factor(session: Session, actor: Actor, person: Person, obliged: Collection[Role], *, now: datetime) -> None:
    """Remove the authenticator. Raises ``Conflict`` where the role requires a factor and there is no passkey."""
    if person.role in obliged and not person.passkeys_held:
        raise Conflict("this role needs a second factor", code="factor_needed", email=person.email)
    _clear_factors(person)
    session.flush()
    journal.record(session, actor.id, "person.factor_removed", "person", person.email, now=now)


def reset_factor(session: Session, actor: Actor, person: Person, reason: str, *, now: datetime) -> None:
    """Remove every factor of a person who lost the device, passkeys too, as an administrator; the person sets up
    another at the next sign-in. A role with power over publication waits for a second person.

    Raises ``Invalid`` without a reason, ``Conflict`` for the actor's own (another administrator does that) or for none.
    """
    actor.require(Permission.CONFIGURE)
    if not reason.strip():
        raise Invalid([FieldError("reason", "unexplained", "say why the factor is taken away")])
    if actor.id == person.email:
        raise Conflict("another administrator resets yours", code="own_factor", email=person.email)
    if not has_factor(person):
        raise Conflict("there is no factor to reset", code="no_factor", email=person.email)
    _clear_factors(person)
    session.execute(sa.delete(_PASSKEYS).where(_PASSKEYS.c.person_id == person.id))
    person.mf_recovery_codes = None
    session.expire(person, ["passkeys_held"])
    session.flush()
    journal.record(
        session, actor.id, "person.factor_reset", "person", person.email, {"reason": reason.strip()}, now=now
    )
    suspend_role(session, person, by=actor.id, why=UnconfirmedWhy.FACTOR, now=now)


def remove_foreign_passkeys(session: Session, actor: str, person: Person, *, now: datetime) -> None:
    """Remove every passkey of an account that others had in hand: one that they added would outlast a new password, and
    nothing distinguishes it from the owner's."""
    names = session.execute(sa.select(Passkey.name).where(Passkey.person_id == person.id)).scalars().all()
    session.execute(sa.delete(_PASSKEYS).where(_PASSKEYS.c.person_id == person.id))
    session.expire(person, ["passkeys_held"])
    for name in names:
        journal.record(session, actor, "person.passkey_removed", "person", person.email, {"name": name}, now=now)
    if names and not has_authenticator(person):
        person.mf_recovery_codes = None
    session.flush()


def _clear_factors(person: Person) -> None:
    person.tf_primary_method = person.tf_totp_secret = person.tf_last_counter = None
    if not person.passkeys_held:
        person.mf_recovery_codes = None


PASSKEY_USAGE = "secondary"  # the library's value; the web also accepts the same key as the only factor


class Passkey(Base):
    """One passkey. From ``credential_id`` on, columns have the sign-in library's names. ``sign_count``: the device's
    last counter, 0 for one without a counter; a smaller number reveals a copy."""

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
    """Store a passkey that its owner has just proved. Raises ``Conflict`` for another person's."""
    if actor.id != person.email:
        raise Conflict("a passkey is added by its owner", code="not_yours", email=person.email)
    key.public, key.person_id, key.usage = secrets.token_hex(8), person.id, PASSKEY_USAGE
    key.created_at = key.lastuse_datetime = now
    session.add(key)
    session.flush()
    journal.record(session, actor.id, "person.passkey_added", "person", person.email, {"name": key.name}, now=now)


def passkeys_of(session: Session, person_id: int) -> Sequence[Passkey]:
    """Return a person's passkeys, the oldest first."""
    query = sa.select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    return session.execute(query).scalars().all()


def remove_passkey(
    session: Session, actor: Actor, person: Person, public: str, obliged: Collection[Role], *, now: datetime
) -> str:
    """Remove the person's own passkey; returns its name. Raises ``Conflict`` for the last factor where the role
    requires one, ``NotFound`` for a missing key or another person's."""
    keys = passkeys_of(session, person.id)
    key = next((passkey for passkey in keys if passkey.public == public), None)
    if key is None or actor.id != person.email:
        raise NotFound(f"there is no passkey {public}", passkey=public)
    last = len(keys) == 1 and not has_authenticator(person)
    if last and person.role in obliged:
        raise Conflict("this role needs a second factor", code="factor_needed", email=person.email)
    if last:
        person.mf_recovery_codes = None  # they replace a factor, and there is none left
    name = key.name
    session.delete(key)
    session.flush()
    session.expire(person, ["passkeys_held"])
    journal.record(session, actor.id, "person.passkey_removed", "person", person.email, {"name": name}, now=now)
    return name
