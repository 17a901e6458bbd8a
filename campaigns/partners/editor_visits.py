"""Visits: one row for every time an editor entered the portal, so that each can be seen, and ended, by itself.

The cookie holds a token that nobody can guess; the row holds its SHA-256 alone. Kept of the device are its words, and
of the network nothing. A visit is longer than a member of staff's sign-in: an editor has no password to come back with,
sees nothing but its own partner's rows, and would else ask the department for a link every morning.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import NotFound
from campaigns.partners.editors import Editor
from campaigns.people.staff import Actor, May

IDLE = timedelta(days=14)
LONGEST = timedelta(days=60)
# Fine enough for an idle limit of days, coarse enough that reading does not mean writing.
NOTED_EVERY = timedelta(minutes=10)
KEPT = timedelta(days=120)  # so long an ended visit can be looked up


class Ended(Enum):
    """Why a visit is over."""

    LEFT = "left"  # by the editor
    REVOKED = "revoked"  # by the department
    CLOSED = "closed"  # the editor was switched off, or the portal closed to the partner


class EditorVisit(Base):
    """One time that an editor entered. ``mark`` is the hash of the token in their cookie."""

    __tablename__ = "editor_visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(16), unique=True)
    editor_id: Mapped[int] = mapped_column(sa.ForeignKey("editors.id", ondelete="CASCADE"), index=True)
    mark: Mapped[str] = mapped_column(sa.String(64), unique=True)
    device: Mapped[str] = mapped_column(sa.String(80))
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_why: Mapped[Ended | None] = mapped_column(by_value(Ended, "editor_visit_ended_why"))

    editor: Mapped[Editor] = relationship(lazy="joined")


@dataclass(frozen=True, repr=False)
class NewVisit:
    """A visit just begun: the row, and the token for the cookie."""

    row: EditorVisit
    token: str


def begin_visit(session: Session, editor: Editor, *, device: str, now: datetime) -> NewVisit:
    """Note that an editor entered. What they left behind long ago is forgotten on the way."""
    old = sa.delete(EditorVisit).where(EditorVisit.editor_id == editor.id, EditorVisit.began_at < now - KEPT)
    session.execute(old)
    token = secrets.token_urlsafe(32)
    row = EditorVisit(
        public=secrets.token_hex(8), editor=editor, mark=_mark_of(token), device=device[:80], began_at=now, seen_at=now
    )
    session.add(row)
    session.flush()
    details = {"device": row.device, "name": editor.name}
    journal.record(session, editor.actor.id, "partner.entered", "partner", editor.company.code, details, now=now)
    return NewVisit(row, token)


def find_visit(session: Session, token: str, *, now: datetime) -> EditorVisit | None:
    """The visit that a cookie's token belongs to, while it is good and its editor may still enter; else None."""
    row = session.execute(sa.select(EditorVisit).where(EditorVisit.mark == _mark_of(token))).scalar_one_or_none()
    if row is None or row.ended_at is not None or not row.editor.may_enter:
        return None
    return row if now - row.began_at < LONGEST and now - row.seen_at < IDLE else None


def worth_noting(row: EditorVisit, *, now: datetime) -> bool:
    """Whether the last noted use is long enough ago for ``note_visit``."""
    return now - row.seen_at >= NOTED_EVERY


def note_visit(session: Session, visit_id: int, *, now: datetime) -> None:
    """Remember that a visit went on."""
    session.execute(sa.update(EditorVisit).where(EditorVisit.id == visit_id).values(seen_at=now))


def leave_visit(session: Session, token: str, *, now: datetime) -> None:
    """The editor leaves: the row of this token is over, and with it every copy of the cookie."""
    mine = sa.update(EditorVisit).where(EditorVisit.mark == _mark_of(token), EditorVisit.ended_at.is_(None))
    session.execute(mine.values(ended_at=now, ended_why=Ended.LEFT))


def open_visits(session: Session, editors: Sequence[Editor], *, now: datetime) -> Sequence[EditorVisit]:
    """The visits of these editors that are still good, the last used first."""
    query = sa.select(EditorVisit).where(
        EditorVisit.editor_id.in_([one.id for one in editors]),
        EditorVisit.ended_at.is_(None),
        EditorVisit.began_at > now - LONGEST,
        EditorVisit.seen_at > now - IDLE,
    )
    return session.execute(query.order_by(EditorVisit.seen_at.desc(), EditorVisit.id.desc())).scalars().all()


def revoke_visit(session: Session, actor: Actor, editor: Editor, public: str, *, now: datetime) -> EditorVisit:
    """End one visit of an editor. Raises ``NotFound`` for one that is not theirs or over, ``Forbidden``."""
    actor.require(May.CONFIGURE)
    mine = sa.select(EditorVisit).where(EditorVisit.public == public, EditorVisit.editor_id == editor.id)
    row = session.execute(mine.where(EditorVisit.ended_at.is_(None))).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no open visit {public}", visit=public)
    row.ended_at, row.ended_why = now, Ended.REVOKED
    session.flush()
    details = {"partner": editor.company.code, "device": row.device, "began": row.began_at}
    journal.record(session, actor.id, "editor.visit_ended", "editor", editor.email, details, now=now)
    return row


def end_visits(session: Session, editors: Sequence[Editor], why: Ended, *, now: datetime) -> int:
    """End every visit of these editors, for a reason that the caller journals; how many there were."""
    query = sa.update(EditorVisit).where(
        EditorVisit.editor_id.in_([one.id for one in editors]), EditorVisit.ended_at.is_(None)
    )
    return len(session.execute(query.values(ended_at=now, ended_why=why).returning(EditorVisit.id)).all())


def _mark_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
