"""Secret keys: of programs and partners, and of the calendar programs of staff. Each is shown once and kept as a hash.

The text of a key is ``<prefix>_<public>_<secret>``: the public id finds the row, the SHA-256 of 256 random bits proves
it. A secret that nobody can guess needs no slow hash; the comparison takes constant time.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta
from enum import Enum
from typing import ClassVar, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.clock import city_day, day_start
from campaigns.core.current_company import lock_current_company
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from campaigns.people.powers.account_messages import AccountEvent
from campaigns.people.staff import (
    ROLE_PERMISSIONS,
    Actor,
    Permission,
    Person,
    Role,
    find_by_email,
    tell_confirmed_people,
)

# Short enough to show that a key is still in use, long enough that most requests only read.
MAX_NAME = 120  # characters
NOTED_EVERY = timedelta(minutes=10)
OVERLAP = timedelta(days=7)  # for this long an exchanged key works beside its replacement
_SHAPE = re.compile(r"([a-z]+)_([0-9a-f]{10})_([0-9A-Za-z_-]{43})")


class KeyKind(Enum):
    """What a key is for."""

    ACCESS = "access"  # the API and the feeds, with a role or for a partner
    CALENDAR = "calendar"  # the release calendar, for one person


class SecretKey(Base):
    """One key of any kind. A query for one of the classes below finds the keys of that kind only."""

    __tablename__ = "keys"

    prefix: ClassVar[str]  # what its text starts with

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(10), unique=True)
    kind: Mapped[KeyKind] = mapped_column(by_value(KeyKind, "key_kind"))
    name: Mapped[str] = mapped_column(sa.String(MAX_NAME))
    secret_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)

    __mapper_args__ = {"polymorphic_on": "kind"}  # read once by the mapper
    __table_args__ = (
        sa.CheckConstraint(
            "CASE WHEN kind = 'calendar' THEN person_id IS NOT NULL ELSE person_id IS NULL OR role IS NOT NULL END",
            name="person_of_key",
        ),
        sa.CheckConstraint(
            "CASE WHEN kind = 'calendar' THEN role IS NULL AND company_id IS NULL"
            " ELSE (role IS NULL) <> (company_id IS NULL) END",
            name="role_or_partner",
        ),
    )

    def lives(self, at: datetime) -> bool:
        """Whether the key works at a moment."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)


class AccessKey(SecretKey):
    """A key of a program (``role``) or of a partner (``company_id``), never of both. ``person``: to whom a program's
    key belongs, None for one that the command line made for nobody; it works while that person is active.
    ``replaced_by``: the public id of the key that replaced it. ``made_by``: the id of who made it and may have kept its
    text. ``unconfirmed_since``: since when its role waits for a second person, None when it does not."""

    __mapper_args__ = {"polymorphic_identity": KeyKind.ACCESS}  # read once by the mapper

    prefix = "lt"

    role: Mapped[Role | None] = mapped_column(by_value(Role, "key_role"))
    # By name: ``partners`` is a higher layer than ``people``, so the class cannot be imported here.
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    replaced_by: Mapped[str | None] = mapped_column(sa.String(10))
    made_by: Mapped[str | None] = mapped_column(sa.String(200))
    unconfirmed_since: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person | None] = relationship(lazy="joined")

    @property
    def actor(self) -> Actor:
        """The user of this key, as an actor. A partner's key has no role and may none of the acts of staff. A key that
        was made for a person by somebody else may at most what that person may."""
        role, confirmed = self.role, self.unconfirmed_since is None
        if role is not None and self.person is not None and self.made_by != self.person.email:
            confirmed = confirmed and self.person.actor.confirmed
            role = role if ROLE_PERMISSIONS[role] <= ROLE_PERMISSIONS[self.person.role] else self.person.role
        return Actor(f"key:{self.public}", self.name, role, confirmed=confirmed)

    def lives(self, at: datetime) -> bool:
        """Whether the key works at a moment; that of a person who is no longer active does not."""
        return super().lives(at) and (self.person is None or self.person.active)


class CalendarKey(SecretKey):
    """A key that a calendar program reads the release calendar with. It works while its owner may read."""

    __mapper_args__ = {"polymorphic_identity": KeyKind.CALENDAR}  # read once by the mapper

    prefix = "lich"

    person: Mapped[Person] = relationship(lazy="joined")


Key = TypeVar("Key", bound=SecretKey)


@dataclass(frozen=True, repr=False)
class NewKey(Generic[Key]):
    """A new key: its row, and its text, which is shown once."""

    row: Key
    text: str


def _store_key(session: Session, row: Key) -> NewKey[Key]:
    """Give a key its public id and its secret, and add it."""
    secret = secrets.token_urlsafe(32)
    row.public, row.secret_hash = secrets.token_hex(5), _hash_of(secret)
    session.add(row)
    session.flush()
    return NewKey(row, f"{row.prefix}_{row.public}_{secret}")


def _find_key(session: Session, kind: type[Key], text: str, *, now: datetime) -> Key | None:
    """The working key of this kind with this text, or None; the reason is not disclosed."""
    shape = _SHAPE.fullmatch(text)
    if shape is None or shape[1] != kind.prefix:
        return None
    row = session.execute(sa.select(kind).where(kind.public == shape[2])).scalar_one_or_none()
    if row is None or not hmac.compare_digest(row.secret_hash, _hash_of(shape[3])):
        return None
    return row if row.lives(now) else None


def _hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def use_is_due(key: SecretKey, *, now: datetime) -> bool:
    """Whether the last recorded use is old enough for ``note_use``."""
    return key.last_used_at is None or key.last_used_at <= now - NOTED_EVERY


def note_use(session: Session, key_id: int, *, now: datetime) -> None:
    """Record the use of a key."""
    session.execute(sa.update(SecretKey).where(SecretKey.id == key_id).values(last_used_at=now))


def add_key(
    session: Session,
    actor: str,
    *,
    name: str,
    role: Role | None = None,
    company_id: int | None = None,
    person: Person | None = None,
    expires_on: date | None = None,
    now: datetime,
) -> NewKey[AccessKey]:
    """Make a key for a role or a partner. It works until the end of ``expires_on`` in the city's zone. A role's key
    belongs to ``person``, else to the member of staff who makes it. An approver's key that a member of staff made waits
    for a second person.

    Raises ``Invalid`` for an empty or too long name, for both or neither of role and partner, for a ``person`` who is
    not active or whose role may less than the key's, or an expiry in the past or too far ahead.
    """
    errors = []
    if not name.strip():
        errors.append(FieldError("name", "required", "a key needs a name that says who uses it"))
    if len(name.strip()) > MAX_NAME:
        errors.append(FieldError("name", "too_long", f"at most {MAX_NAME} characters"))
    if (role is None) == (company_id is None):
        errors.append(FieldError("role", "role_or_partner", "a key is either a role's or a partner's"))
    if person is not None and role is None:
        errors.append(FieldError("person", "role_or_partner", "a partner's key belongs to the partner"))
    if person is not None and not person.active:
        errors.append(FieldError("person", "inactive", f"{person.email} is not active"))
    elif person is not None and role is not None and not ROLE_PERMISSIONS[role] <= ROLE_PERMISSIONS[person.role]:
        message = f"{person.email} is {person.role.value}: a key of theirs may not be {role.value}"
        errors.append(FieldError("person", "role_too_small", message))
    if expires_on is not None and expires_on < city_day(now):
        errors.append(FieldError("expires", "past", f"{expires_on} is in the past"))
    if expires_on is not None and expires_on.year == MAXYEAR:  # the day after it must be one, too
        errors.append(FieldError("expires", "day", f"{expires_on} is too far ahead"))
    if errors:
        raise Invalid(errors)
    if company_id is not None:
        company_id = lock_current_company(session, company_id)
    # A key makes neither people nor keys, so that an administrator's has no power over publication.
    maker = find_by_email(session, actor)
    waits = role is Role.APPROVER and maker is not None
    row = AccessKey(
        name=name.strip(),
        role=role,
        made_by=actor,
        unconfirmed_since=now if waits else None,
        company_id=company_id,
        person=(person or maker) if role is not None else None,
        created_at=now,
        expires_at=day_start(date.fromordinal(expires_on.toordinal() + 1)) if expires_on else None,
    )
    made = _store_key(session, row)
    details = {"role": role, "partner": _partner_code(session, company_id), "expires": row.expires_at}
    if person is not None:
        details["for"] = person.email
    journal.record(session, actor, "key.added", "key", f"{row.public} {row.name}", details, now=now)
    if waits:
        tell_confirmed_people(session, AccountEvent.KEY_ASKED, by=actor, more=row.name, now=now)
    return made


def _partner_code(session: Session, company_id: int | None) -> str | None:
    """The code of the partner that a key is for."""
    companies = sa.table("companies", sa.column("id"), sa.column("code"))  # by name: a higher layer
    return session.execute(sa.select(companies.c.code).where(companies.c.id == company_id)).scalar_one_or_none()


def find_partner_key(session: Session, company_id: int, public: str) -> AccessKey:
    """A partner's key by its public id. Raises ``NotFound``, with the same message for one of another partner."""
    row = session.execute(
        sa.select(AccessKey).where(AccessKey.public == public, AccessKey.company_id == company_id)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no key {public}", key=public)
    return row


def exchange_key(session: Session, actor: str, key: AccessKey, *, at_once: bool, now: datetime) -> NewKey[AccessKey]:
    """Replace a key by a new one with the same name, holder and expiry. The former works on for ``OVERLAP``, or ends
    ``at_once``.

    Raises ``Conflict`` for a key that does not work any more or was exchanged before, so that two calls make one key.
    """
    if not key.lives(now):
        raise Conflict(f"key {key.public} is over", code="key_over", key=key.public)
    made = add_key(session, actor, name=key.name, role=key.role, company_id=key.company_id, now=now)
    made.row.expires_at = key.expires_at
    session.flush()
    until = now if at_once else min(now + OVERLAP, key.expires_at or now + OVERLAP)
    ending = {"replaced_by": made.row.public, "expires_at": until} | ({"revoked_at": now} if at_once else {})
    claimed = session.execute(
        sa.update(AccessKey)
        .where(AccessKey.id == key.id, AccessKey.replaced_by.is_(None))
        .values(ending)
        .returning(AccessKey.id)
    ).all()
    if not claimed:
        raise Conflict(f"key {key.public} was exchanged before", code="key_replaced", key=key.public)
    details = {"replaced_by": made.row.public, "until": until}
    journal.record(session, actor, "key.exchanged", "key", f"{key.public} {key.name}", details, now=now)
    return made


def find_key(session: Session, text: str, *, now: datetime) -> AccessKey | None:
    """The working key with this text, or None; the reason is not disclosed."""
    return _find_key(session, AccessKey, text.strip(), now=now)


def companies_of_keys(session: Session, texts: Collection[str]) -> dict[str, int]:
    """The primary keys of the companies whose keys these texts are; other texts, and keys of roles, are left out."""
    shapes = ((text, _SHAPE.fullmatch(text)) for text in texts)
    public = {shape[2]: text for text, shape in shapes if shape is not None and shape[1] == AccessKey.prefix}
    query = sa.select(AccessKey.public, AccessKey.company_id).where(
        AccessKey.public.in_(public), AccessKey.company_id.is_not(None)
    )
    return {public[key]: company for key, company in session.execute(query) if company is not None}


def revoke_key(session: Session, actor: str, public: str, *, now: datetime) -> AccessKey:
    """Revoke a key. Raises ``NotFound``, or ``Conflict`` when it was revoked before."""
    row = session.execute(sa.select(AccessKey).where(AccessKey.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no key {public}", key=public)
    if row.revoked_at is not None:
        raise Conflict(f"key {public} was revoked before", code="already_revoked", key=public)
    row.revoked_at = now
    session.flush()
    journal.record(session, actor, "key.revoked", "key", f"{public} {row.name}", now=now)
    return row


def add_calendar_key(session: Session, actor: Actor, *, name: str, now: datetime) -> NewKey[CalendarKey]:
    """Make a calendar key for the actor. Raises ``Invalid`` without a name or for one that is too long,
    ``Forbidden`` for an actor who is not on
    the staff."""
    actor.require(Permission.READ)
    if not name.strip():
        raise Invalid([FieldError("name", "required", "say what will read the calendar")])
    if len(name.strip()) > MAX_NAME:
        raise Invalid([FieldError("name", "too_long", f"at most {MAX_NAME} characters")])
    person = find_by_email(session, actor.id)
    if person is None:
        raise Forbidden("only members of staff have calendar keys", act="calendar_key")
    made = _store_key(session, CalendarKey(person=person, name=name.strip(), created_at=now))
    subject = f"{made.row.public} {made.row.name}"
    journal.record(session, actor.id, "calendar_key.added", "calendar_key", subject, now=now)
    return made


def find_calendar_key(session: Session, text: str, *, now: datetime) -> CalendarKey | None:
    """The working calendar key with this text, while its owner may read, or None; the reason is not disclosed."""
    key = _find_key(session, CalendarKey, text, now=now)
    return key if key is not None and key.person.actor.may(Permission.READ) else None


def calendar_keys_of(session: Session, actor: Actor) -> Sequence[CalendarKey]:
    """The calendar keys of the actor that are not revoked, the newest first."""
    query = (
        sa.select(CalendarKey)
        .join(Person, Person.id == CalendarKey.person_id)
        .where(Person.email == actor.id, CalendarKey.revoked_at.is_(None))
        .order_by(CalendarKey.id.desc())
    )
    return session.execute(query).scalars().all()


def revoke_calendar_key(session: Session, actor: Actor, public: str, *, now: datetime) -> str:
    """Revoke a calendar key of the actor, or, as an administrator, of another person, and return its name. A second
    call changes nothing. Raises ``NotFound``."""
    row = session.execute(sa.select(CalendarKey).where(CalendarKey.public == public)).scalar_one_or_none()
    if row is None or (row.person.email != actor.id and not actor.may(Permission.CONFIGURE)):
        raise NotFound(f"there is no calendar key {public}", key=public)
    if row.revoked_at is None:
        row.revoked_at = now
        session.flush()
        journal.record(session, actor.id, "calendar_key.revoked", "calendar_key", f"{public} {row.name}", now=now)
    return row.name
