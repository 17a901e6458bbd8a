"""Sessions: one row for each sign-in of a member of staff and each visit of an editor to the portal.

The cookie holds a random token; the row holds its SHA-256 only, so that reading the database gives no access. Of the
device only its description is kept ("Chrome · Windows"), of the network nothing. ``partners.editor_access`` starts and
ends the sessions of editors; this module starts and ends those of staff.
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
from campaigns.core.base import Base, UTCDateTime, by_value, rows_changed
from campaigns.core.errors import NotFound
from campaigns.people.push.subscriptions import forget_subscriptions
from campaigns.people.staff import Actor, Permission, Person

# Short enough for an idle limit of minutes, long enough that most requests only read.
USE_RECORDED_EVERY = timedelta(minutes=1)
# A session of staff ends after a working day, however busy it is: OWASP ASVS 5.0, chapter V7.
STAFF_LONGEST = timedelta(hours=12)
STAFF_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lasts from its start (``longest``) and without use (``idle``), and how long its row is kept
    from its start (``retention``)."""

    longest: timedelta
    idle: timedelta
    retention: timedelta


# An editor has no password to sign in with again, and would otherwise need a new link from the department every day.
EDITOR_LIMITS = SessionLimits(longest=timedelta(days=60), idle=timedelta(days=14), retention=timedelta(days=120))


def staff_limits(idle: timedelta) -> SessionLimits:
    """The limits of sessions of staff, with the idle limit of the settings."""
    return SessionLimits(STAFF_LONGEST, idle, STAFF_KEPT)


class SignInMethod(Enum):
    """How a member of staff proved who they are."""

    PASSWORD = "password"  # noqa: S105  # the name of a method
    CODE = "code"  # a password, and a code of the authenticator
    RECOVERY = "recovery"  # a password, and a recovery code
    LINK = "link"  # an invitation or a link for a new password
    PASSKEY = "passkey"  # a key on a device, alone or after the password
    SSO = "sso"  # the city's account


class SessionEnd(Enum):
    """Why a session has ended."""

    LEFT = "left"  # signed out
    REVOKED = "revoked"  # by the person elsewhere, an administrator, or the department
    CHANGED = "changed"  # the password or a factor of the member of staff changed
    CLOSED = "closed"  # the editor was deactivated, or the portal closed to the partner
    IDLE = "idle"  # not used for longer than the limit
    LONG = "long"  # older than the limit


class UserSession(Base):
    """One session of a member of staff (``person_id``) or of an editor (``editor_id``). ``way`` is of staff only."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(16), unique=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    # By name: ``partners`` is a higher layer than ``people``, so the class cannot be imported here.
    editor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("editors.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    way: Mapped[SignInMethod | None] = mapped_column(by_value(SignInMethod, "session_way"))
    device: Mapped[str] = mapped_column(sa.String(80))
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_why: Mapped[SessionEnd | None] = mapped_column(by_value(SessionEnd, "session_ended_why"))

    __table_args__ = (
        sa.CheckConstraint("(person_id IS NULL) <> (editor_id IS NULL)", name="person_or_editor"),
        sa.CheckConstraint("(person_id IS NULL) = (way IS NULL)", name="way_of_staff"),
    )


@dataclass(frozen=True, repr=False)
class NewSession:
    """A new session: its row, and the token for the cookie."""

    row: UserSession
    token: str


def hash_token(token: str) -> str:
    """The SHA-256 of a token, as the row holds it."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(
    session: Session,
    *,
    person_id: int | None = None,
    editor_id: int | None = None,
    way: SignInMethod | None = None,
    device: str,
    kept: timedelta,
    now: datetime,
) -> NewSession:
    """Add a session of one person or editor, and delete their sessions that began longer than ``kept`` ago."""
    owner = UserSession.person_id == person_id if person_id is not None else UserSession.editor_id == editor_id
    session.execute(sa.delete(UserSession).where(owner, UserSession.began_at < now - kept))
    token = secrets.token_urlsafe(32)
    row = UserSession(
        public=secrets.token_hex(8),
        person_id=person_id,
        editor_id=editor_id,
        token_hash=hash_token(token),
        way=way,
        device=device[:80],
        began_at=now,
        seen_at=now,
    )
    session.add(row)
    session.flush()
    return NewSession(row, token)


def forget_sessions(session: Session, *, now: datetime) -> int:
    """Delete sessions that began longer ago than they are kept; returns their number."""
    old = sa.or_(
        sa.and_(UserSession.person_id.is_not(None), UserSession.began_at < now - STAFF_KEPT),
        sa.and_(UserSession.editor_id.is_not(None), UserSession.began_at < now - EDITOR_LIMITS.retention),
    )
    return rows_changed(session.execute(sa.delete(UserSession).where(old)))


def end_reason(row: UserSession, limits: SessionLimits, *, now: datetime) -> SessionEnd | None:
    """Why this session has ended, or None while it is open."""
    if row.ended_at is not None:
        return row.ended_why
    if now - row.began_at >= limits.longest:
        return SessionEnd.LONG
    return SessionEnd.IDLE if now - row.seen_at >= limits.idle else None


def use_is_due(row: UserSession, *, now: datetime) -> bool:
    """Whether the last recorded use is old enough for ``record_use``."""
    return now - row.seen_at >= USE_RECORDED_EVERY


def record_use(session: Session, session_id: int, *, now: datetime) -> None:
    """Record the use of a session."""
    session.execute(sa.update(UserSession).where(UserSession.id == session_id).values(seen_at=now))


def leave_session(session: Session, token: str, *, now: datetime) -> None:
    """End the session with this token, and with it every copy of the cookie."""
    end_sessions(session, UserSession.token_hash == hash_token(token), SessionEnd.LEFT, now=now)


def open_sessions(
    session: Session, condition: sa.ColumnElement[bool], limits: SessionLimits, *, now: datetime
) -> Sequence[UserSession]:
    """The open sessions that meet a condition, the last used first."""
    query = sa.select(UserSession).where(
        condition,
        UserSession.ended_at.is_(None),
        UserSession.began_at > now - limits.longest,
        UserSession.seen_at > now - limits.idle,
    )
    return session.execute(query.order_by(UserSession.seen_at.desc(), UserSession.id.desc())).scalars().all()


def revoke_session(
    session: Session, condition: sa.ColumnElement[bool], public: str, *, now: datetime
) -> UserSession | None:
    """End the session with this public id that meets a condition, and return it; None for an ended or missing one."""
    query = sa.select(UserSession).where(condition, UserSession.public == public, UserSession.ended_at.is_(None))
    row = session.execute(query).scalar_one_or_none()
    if row is not None:
        row.ended_at, row.ended_why = now, SessionEnd.REVOKED
        session.flush()
    return row


def end_sessions(session: Session, condition: sa.ColumnElement[bool], why: SessionEnd, *, now: datetime) -> int:
    """End every session that meets a condition, for a reason that the caller journals; return how many there were."""
    query = sa.update(UserSession).where(condition, UserSession.ended_at.is_(None))
    return len(session.execute(query.values(ended_at=now, ended_why=why).returning(UserSession.id)).all())


def begin_sign_in(session: Session, person: Person, *, way: SignInMethod, device: str, now: datetime) -> NewSession:
    """Start a session of a member of staff."""
    begun = start_session(session, person_id=person.id, way=way, device=device, kept=STAFF_KEPT, now=now)
    details = {"way": way, "device": begun.row.device}
    journal.record(session, person.email, "person.signed_in", "person", person.email, details, now=now)
    return begun


def open_sign_ins(session: Session, person_id: int, idle: timedelta, *, now: datetime) -> Sequence[UserSession]:
    """The open sessions of a member of staff, the last used first."""
    return open_sessions(session, UserSession.person_id == person_id, staff_limits(idle), now=now)


def revoke_sign_in(session: Session, actor: Actor, person: Person, public: str, *, now: datetime) -> UserSession:
    """End one session of the actor, or, as an administrator, of another person. Raises ``NotFound`` for a session of
    another person or an ended one, ``Forbidden``."""
    _require_own_or_admin(actor, person)
    row = revoke_session(session, UserSession.person_id == person.id, public, now=now)
    if row is None:
        raise NotFound(f"there is no open sign-in {public}", sign_in=public)
    details = {"device": row.device, "began": row.began_at}
    journal.record(session, actor.id, "person.sign_in_ended", "person", person.email, details, now=now)
    return row


def revoke_other_sign_ins(session: Session, actor: Actor, person: Person, but: str | None, *, now: datetime) -> int:
    """End every session of a person except the one with the public id ``but``, and messages to their browsers; return
    how many sessions there were. Raises ``Forbidden``."""
    _require_own_or_admin(actor, person)
    others = UserSession.person_id == person.id
    if but is not None:
        others = sa.and_(others, UserSession.public != but)
    ended = end_sessions(session, others, SessionEnd.REVOKED, now=now)
    browsers = forget_subscriptions(session, person.id)
    if ended or browsers:
        details = {"sign_ins": ended} | ({"browsers": browsers} if browsers else {})
        journal.record(session, actor.id, "person.sign_ins_ended", "person", person.email, details, now=now)
    return ended


def end_sign_ins_of(session: Session, person_id: int, why: SessionEnd, *, now: datetime) -> int:
    """End every session of a member of staff and messages to their browsers, for a reason that the caller journals;
    return how many sessions there were."""
    forget_subscriptions(session, person_id)
    return end_sessions(session, UserSession.person_id == person_id, why, now=now)


def _require_own_or_admin(actor: Actor, person: Person) -> None:
    if actor.id != person.email:
        actor.require(Permission.CONFIGURE)
