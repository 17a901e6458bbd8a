"""Sign-ins: one row for every time somebody came in, so that each can be seen, and ended, by itself.

The cookie holds a token that nobody can guess; the row holds its SHA-256 alone, so whoever reads the database cannot
come in with what it says. Kept of the device are its words ("Chrome · Windows"), and of the network nothing.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import NotFound
from campaigns.people.staff import Actor, May, Person

# However busy, a sign-in ends after a working day: OWASP ASVS 5.0, chapter V7.
LONGEST = timedelta(hours=12)
# Fine enough for an idle limit of minutes, coarse enough that reading does not mean writing.
NOTED_EVERY = timedelta(minutes=1)
# So long a person can look up where they had been signed in.
KEPT = timedelta(days=30)


class Way(Enum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105  # the name of a way in
    CODE = "code"  # a password, and a code of the authenticator
    RECOVERY = "recovery"  # a password, and a recovery code
    LINK = "link"  # an invitation or a link for a new password
    PASSKEY = "passkey"  # a key on a device, alone or after the password
    SSO = "sso"  # the city's account


class Why(Enum):
    """Why a sign-in is over."""

    LEFT = "left"  # signed out
    REVOKED = "revoked"  # ended from another place, by the person or an administrator
    CHANGED = "changed"  # the password or a factor changed
    IDLE = "idle"  # not used for longer than the setting allows
    LONG = "long"  # older than ``LONGEST``


class SignIn(Base):
    """One time that somebody came in. ``mark`` is the hash of the token in their cookie."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(16), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    mark: Mapped[str] = mapped_column(sa.String(64), unique=True)
    way: Mapped[Way] = mapped_column(by_value(Way, "sign_in_way"))
    device: Mapped[str] = mapped_column(sa.String(80))
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_why: Mapped[Why | None] = mapped_column(by_value(Why, "sign_in_ended_why"))


@dataclass(frozen=True, repr=False)
class NewSignIn:
    """A sign-in just begun: the row, and the token for the cookie."""

    row: SignIn
    token: str


def mark_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(session: Session, person: Person, *, way: Way, device: str, now: datetime) -> NewSignIn:
    """Note that somebody came in. What they had long left behind is forgotten on the way."""
    session.execute(sa.delete(SignIn).where(SignIn.person_id == person.id, SignIn.began_at < now - KEPT))
    token = secrets.token_urlsafe(32)
    row = SignIn(
        public=secrets.token_hex(8),
        person_id=person.id,
        mark=mark_of(token),
        way=way,
        device=device[:80],
        began_at=now,
        seen_at=now,
    )
    session.add(row)
    session.flush()
    journal.record(
        session, person.email, "person.signed_in", "person", person.email, {"way": way, "device": row.device}, now=now
    )
    return NewSignIn(row, token)


def over(row: SignIn, idle: timedelta, *, now: datetime) -> Why | None:
    """Why this sign-in is no longer good, or None while it is."""
    if row.ended_at is not None:
        return row.ended_why
    if now - row.began_at >= LONGEST:
        return Why.LONG
    return Why.IDLE if now - row.seen_at >= idle else None


def worth_noting(row: SignIn, *, now: datetime) -> bool:
    """Whether the last noted use is long enough ago for ``note_use``."""
    return now - row.seen_at >= NOTED_EVERY


def note_use(session: Session, sign_in_id: int, *, now: datetime) -> None:
    """Remember that a sign-in was used."""
    session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now))


def leave(session: Session, token: str, *, now: datetime) -> None:
    """Sign out: the row of this token is over, and with it every copy of the cookie."""
    session.execute(
        sa.update(SignIn)
        .where(SignIn.mark == mark_of(token), SignIn.ended_at.is_(None))
        .values(ended_at=now, ended_why=Why.LEFT)
    )


def open_of(session: Session, person_id: int, idle: timedelta, *, now: datetime) -> Sequence[SignIn]:
    """A person's sign-ins that are still good, the last used first."""
    query = (
        sa.select(SignIn)
        .where(
            SignIn.person_id == person_id,
            SignIn.ended_at.is_(None),
            SignIn.began_at > now - LONGEST,
            SignIn.seen_at > now - idle,
        )
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    )
    return session.execute(query).scalars().all()


def revoke(session: Session, actor: Actor, person: Person, public: str, *, now: datetime) -> SignIn:
    """End one sign-in of one's own, or, as an administrator, of somebody else. ``NotFound`` for one that is not theirs
    or over."""
    _require(actor, person)
    row = session.execute(
        sa.select(SignIn).where(SignIn.public == public, SignIn.person_id == person.id, SignIn.ended_at.is_(None))
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no open sign-in {public}", sign_in=public)
    row.ended_at, row.ended_why = now, Why.REVOKED
    session.flush()
    details = {"device": row.device, "began": row.began_at}
    journal.record(session, actor.id, "person.sign_in_ended", "person", person.email, details, now=now)
    return row


def revoke_others(session: Session, actor: Actor, person: Person, but: str | None, *, now: datetime) -> int:
    """End every sign-in but the one with the public name ``but``; how many there were."""
    _require(actor, person)
    ended = end_all(session, person.id, Why.REVOKED, but, now=now)
    if ended:
        journal.record(session, actor.id, "person.sign_ins_ended", "person", person.email, {"sign_ins": ended}, now=now)
    return ended


def end_all(session: Session, person_id: int, why: Why, but: str | None = None, *, now: datetime) -> int:
    """End every sign-in of a person, for a reason that the caller journals; how many there were."""
    query = sa.update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    if but is not None:
        query = query.where(SignIn.public != but)
    ended = session.execute(query.values(ended_at=now, ended_why=why).returning(SignIn.id)).all()
    return len(ended)


def _require(actor: Actor, person: Person) -> None:
    if actor.id != person.email:
        actor.require(May.CONFIGURE)
