"""Keys that programs and partner sites act with: shown once, kept as a hash.

A key looks like ``lt_<id>_<secret>``; the id finds the row, the SHA-256 of 256 random bits proves it. No slow hash is
needed for a secret nobody can guess; the comparison takes constant time.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime, city_day, day_start
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, Role

_SHAPE = re.compile(r"lt_([0-9a-f]{10})_([0-9A-Za-z_-]{43})")


class Key(Base):
    """One key: either a role's (``role``) or a partner's (``company_id``), never both. ``replaced_by``: the public id
    of the key that its holder took in its place."""

    __tablename__ = "keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(10), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    secret_hash: Mapped[str] = mapped_column(sa.String(64))
    role: Mapped[Role | None] = mapped_column(by_value(Role, "key_role"))
    # By name: partners stand above people in the ladder, so the class cannot be imported here.
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    replaced_by: Mapped[str | None] = mapped_column(sa.String(10))

    __table_args__ = (
        sa.CheckConstraint("(role IS NULL) <> (company_id IS NULL)", name="role_or_partner"),
        sa.Index("ix_keys_company_id", "company_id"),
    )

    @property
    def actor(self) -> Actor:
        """Whoever uses this key, as an actor. A partner's key has no role and may none of the staff's acts."""
        return Actor(f"key:{self.public}", self.name, self.role)

    def lives(self, at: datetime) -> bool:
        """Whether it lets anybody in at a moment."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)


@dataclass(frozen=True, repr=False)
class NewKey:
    """A key just made: the row, and the text to be shown this once."""

    row: Key
    text: str


def add_key(
    session: Session,
    actor: str,
    *,
    name: str,
    role: Role | None = None,
    company_id: int | None = None,
    expires_on: date | None = None,
    now: datetime,
) -> NewKey:
    """Make a key for a role or a partner. It lives through ``expires_on``, whole, in the city's zone.

    Raises ``Invalid`` for an empty name, for both or neither of role and partner, or an expiry in the past.
    """
    errors = []
    if not name.strip():
        errors.append(FieldError("name", "required", "a key needs a name that says who uses it"))
    if (role is None) == (company_id is None):
        errors.append(FieldError("role", "role_or_partner", "a key is either a role's or a partner's"))
    if expires_on is not None and expires_on < city_day(now):
        errors.append(FieldError("expires", "past", f"{expires_on} is in the past"))
    if errors:
        raise Invalid(errors)
    public, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    row = Key(
        public=public,
        name=name.strip(),
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        role=role,
        company_id=company_id,
        created_at=now,
        expires_at=day_start(date.fromordinal(expires_on.toordinal() + 1)) if expires_on else None,
    )
    session.add(row)
    session.flush()
    details = {"role": role, "partner": _partner(session, company_id), "expires": row.expires_at}
    journal.record(session, actor, "key.added", "key", f"{public} {row.name}", details, now=now)
    return NewKey(row, f"lt_{public}_{secret}")


def _partner(session: Session, company_id: int | None) -> str | None:
    """The code of the partner that a key is for."""
    companies = sa.table("companies", sa.column("id"), sa.column("code"))  # by name: it stands above this room
    return session.execute(sa.select(companies.c.code).where(companies.c.id == company_id)).scalar_one_or_none()


OVERLAP = timedelta(days=7)  # how long a key that was exchanged goes on beside the one in its place


def find_own_key(session: Session, company_id: int, public: str) -> Key:
    """A partner's key by its public id. Raises ``NotFound``, in the same words for one of another."""
    row = session.execute(sa.select(Key).where(Key.public == public, Key.company_id == company_id)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no key {public}", key=public)
    return row


def exchange_key(session: Session, actor: str, key: Key, *, at_once: bool, now: datetime) -> NewKey:
    """Make a key in place of one: of the same name and holder, and good no longer than that one was. The former goes on
    for ``OVERLAP``, or ends ``at_once``.

    Raises ``Conflict`` for one that is over, or that was exchanged before: pressed twice, there is one new key.
    """
    if not key.lives(now):
        raise Conflict(f"key {key.public} is over", code="key_over", key=key.public)
    made = add_key(session, actor, name=key.name, role=key.role, company_id=key.company_id, now=now)
    made.row.expires_at = key.expires_at
    session.flush()
    until = now if at_once else min(now + OVERLAP, key.expires_at or now + OVERLAP)
    values = {"replaced_by": made.row.public, "expires_at": until} | ({"revoked_at": now} if at_once else {})
    claimed = session.execute(
        sa.update(Key).where(Key.id == key.id, Key.replaced_by.is_(None)).values(values).returning(Key.id)
    ).all()
    if not claimed:
        raise Conflict(f"key {key.public} was exchanged before", code="key_replaced", key=key.public)
    details = {"replaced_by": made.row.public, "until": until}
    journal.record(session, actor, "key.exchanged", "key", f"{key.public} {key.name}", details, now=now)
    return made


def find_key(session: Session, text: str, *, now: datetime) -> Key | None:
    """The live key this text proves, or None. Says nothing about why not, to whoever tries."""
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None:
        return None
    row = session.execute(sa.select(Key).where(Key.public == shape[1])).scalar_one_or_none()
    if row is None or not hmac.compare_digest(row.secret_hash, hashlib.sha256(shape[2].encode()).hexdigest()):
        return None
    return row if row.lives(now) else None


def companies_of(session: Session, texts: Collection[str]) -> dict[str, int]:
    """Whose partner's keys these texts are: the companies' primary keys. A role's key and what is none are left out."""
    public = {shape[1]: text for text in texts if (shape := _SHAPE.fullmatch(text)) is not None}
    query = sa.select(Key.public, Key.company_id).where(Key.public.in_(public), Key.company_id.is_not(None))
    return {public[ident]: company for ident, company in session.execute(query) if company is not None}


# Fine enough to see that a key is still in use, coarse enough that reading does not mean writing.
NOTED_EVERY = timedelta(minutes=10)


def note_use(session: Session, key_id: int, *, now: datetime) -> None:
    """Remember that a key was used."""
    session.execute(sa.update(Key).where(Key.id == key_id).values(last_used_at=now))


def worth_noting(key: Key, *, now: datetime) -> bool:
    """Whether the last noted use is long enough ago for ``note_use``."""
    return key.last_used_at is None or key.last_used_at <= now - NOTED_EVERY


def revoke_key(session: Session, actor: str, public: str, *, now: datetime) -> Key:
    """End a key at once. Raises ``NotFound``, or ``Conflict`` when it was ended before."""
    row = session.execute(sa.select(Key).where(Key.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no key {public}", key=public)
    if row.revoked_at is not None:
        raise Conflict(f"key {public} was revoked before", code="already_revoked", key=public)
    row.revoked_at = now
    session.flush()
    journal.record(session, actor, "key.revoked", "key", f"{public} {row.name}", now=now)
    return row
