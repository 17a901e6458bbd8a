"""Keys that a phone or a calendar program reads the release calendar with: one person's own, good for nothing else."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import FieldError, Forbidden, Invalid, NotFound
from campaigns.people.staff import Actor, May, Person, find_by_email

_SHAPE = re.compile(r"lich_([0-9a-f]{10})_([0-9A-Za-z_-]{43})")
NOTED_EVERY = timedelta(minutes=10)  # as for other keys: reading seldom means writing


class CalendarKey(Base):
    """One key. It lives as long as its owner may read and nobody has revoked it."""

    __tablename__ = "calendar_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(10), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    secret_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


@dataclass(frozen=True, repr=False)
class NewCalendarKey:
    """A key just made: its public part, and the text to be shown this once."""

    public: str
    text: str


def add_calendar_key(session: Session, actor: Actor, *, name: str, now: datetime) -> NewCalendarKey:
    """Make a key for oneself. Raises ``Invalid`` without a name, ``Forbidden`` for whoever is nobody on the staff."""
    actor.require(May.READ)
    if not name.strip():
        raise Invalid([FieldError("name", "required", "say what will read the calendar")])
    person = find_by_email(session, actor.id)
    if person is None:
        raise Forbidden("only members of staff have calendar keys", act="calendar_key")
    public, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    session.add(
        CalendarKey(
            public=public,
            person_id=person.id,
            name=name.strip()[:120],
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            created_at=now,
        )
    )
    session.flush()
    journal.record(session, actor.id, "calendar_key.added", "calendar_key", f"{public} {name.strip()[:120]}", now=now)
    return NewCalendarKey(public, f"lich_{public}_{secret}")


def find_calendar_key(session: Session, text: str) -> CalendarKey | None:
    """The live key this text proves, or None, without a word why not."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    row = session.execute(sa.select(CalendarKey).where(CalendarKey.public == shape[1])).scalar_one_or_none()
    if row is None or not hmac.compare_digest(row.secret_hash, hashlib.sha256(shape[2].encode()).hexdigest()):
        return None
    return row if row.revoked_at is None and row.person.actor.may(May.READ) else None


def calendar_keys_of(session: Session, actor: Actor) -> Sequence[CalendarKey]:
    """A person's live keys, the newest first."""
    query = (
        sa.select(CalendarKey)
        .join(Person, Person.id == CalendarKey.person_id)
        .where(Person.email == actor.id, CalendarKey.revoked_at.is_(None))
        .order_by(CalendarKey.id.desc())
    )
    return session.execute(query).scalars().all()


def revoke_calendar_key(session: Session, actor: Actor, public: str, *, now: datetime) -> str:
    """End one's own key, or as an administrator anybody's; returns its name. Again is no harm. Raises ``NotFound``."""
    row = session.execute(sa.select(CalendarKey).where(CalendarKey.public == public)).scalar_one_or_none()
    if row is None or (row.person.email != actor.id and not actor.may(May.CONFIGURE)):
        raise NotFound(f"there is no calendar key {public}", key=public)
    if row.revoked_at is None:
        row.revoked_at = now
        session.flush()
        journal.record(session, actor.id, "calendar_key.revoked", "calendar_key", f"{public} {row.name}", now=now)
    return row.name


def note_reading(session: Session, key_id: int, *, now: datetime) -> None:
    """Remember that a key was read with, at most once in ten minutes."""
    session.execute(
        sa.update(CalendarKey)
        .where(
            CalendarKey.id == key_id,
            sa.or_(CalendarKey.last_used_at.is_(None), CalendarKey.last_used_at <= now - NOTED_EVERY),
        )
        .values(last_used_at=now)
    )
