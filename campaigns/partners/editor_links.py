"""One-time links by which an editor enters the portal: the first time, and whenever a visit has ended.

A link's secret is shown once and kept as its SHA-256. It works once, for some days, until it is taken back. Looking at
it uses nothing up: programs that draw previews open every link they see.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, NotFound
from campaigns.partners.editors import Editor
from campaigns.people.staff import Actor, May

LASTS = timedelta(days=7)


class EditorLink(Base):
    """One link. Good while neither used nor taken back nor past ``expires_at``, and the door is open to its editor."""

    __tablename__ = "editor_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    editor_id: Mapped[int] = mapped_column(sa.ForeignKey("editors.id", ondelete="CASCADE"), index=True)
    mark: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    editor: Mapped[Editor] = relationship(lazy="joined")

    def good(self, *, now: datetime) -> bool:
        """Whether the link still opens the door."""
        waits = self.used_at is None and self.revoked_at is None and now < self.expires_at
        return waits and self.editor.may_enter


@dataclass(frozen=True, repr=False)
class NewEditorLink:
    """A link just made: the row, and the secret to be shown this once."""

    row: EditorLink
    secret: str


def make_link(session: Session, actor: Actor, editor: Editor, *, now: datetime) -> NewEditorLink:
    """A link for an editor; the one made before no longer works. Raises ``Conflict`` when the door is closed to them,
    ``Forbidden``."""
    actor.require(May.CONFIGURE)
    if not editor.may_enter:
        raise Conflict(f"{editor.email} may not enter", code="editor_off", email=editor.email)
    _revoke(session, [editor.id], now=now)
    secret = secrets.token_urlsafe(32)
    row = EditorLink(editor=editor, mark=_mark_of(secret), made_by=actor.id, made_at=now, expires_at=now + LASTS)
    session.add(row)
    session.flush()
    details = {"partner": editor.company.code, "expires": row.expires_at}
    journal.record(session, actor.id, "editor.link_made", "editor", editor.email, details, now=now)
    return NewEditorLink(row, secret)


def find_editor_link(session: Session, secret: str, *, now: datetime) -> EditorLink | None:
    """The good link with this secret, or None; why not is told to nobody."""
    row = session.execute(sa.select(EditorLink).where(EditorLink.mark == _mark_of(secret))).scalar_one_or_none()
    return row if row is not None and row.good(now=now) else None


def use_link(session: Session, secret: str, *, now: datetime) -> Editor:
    """Use a link up; whose it is. Raises ``NotFound`` for one that is not good, ``Conflict`` when somebody used it in
    the same moment."""
    row = find_editor_link(session, secret, now=now)
    if row is None:
        raise NotFound("this link does not work", code="link_over")
    # The row is claimed by comparing, so that of two who press at once one is told.
    claimed = session.execute(
        sa.update(EditorLink)
        .where(EditorLink.id == row.id, EditorLink.used_at.is_(None), EditorLink.revoked_at.is_(None))
        .values(used_at=now)
        .returning(EditorLink.id)
    ).all()
    if not claimed:
        raise Conflict("this link was used just now", code="link_over")
    return row.editor


def open_links_of(session: Session, editors: Sequence[Editor], *, now: datetime) -> Mapping[int, datetime]:
    """Until when the link of each of these editors works, by the editor's key; those without one are left out."""
    query = sa.select(EditorLink.editor_id, sa.func.max(EditorLink.expires_at)).where(
        EditorLink.editor_id.in_([one.id for one in editors]),
        EditorLink.used_at.is_(None),
        EditorLink.revoked_at.is_(None),
        EditorLink.expires_at > now,
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(EditorLink.editor_id))}


def revoke_editor_links(session: Session, actor: Actor, editors: Sequence[Editor], *, now: datetime) -> int:
    """Take back every link of these editors; how many there were. Raises ``Forbidden``."""
    actor.require(May.CONFIGURE)
    ended = _revoke(session, [one.id for one in editors], now=now)
    for editor in editors:
        if editor.id in ended:
            details = {"partner": editor.company.code}
            journal.record(session, actor.id, "editor.link_revoked", "editor", editor.email, details, now=now)
    return len(ended)


def _revoke(session: Session, editors: Sequence[int], *, now: datetime) -> list[int]:
    query = sa.update(EditorLink).where(
        EditorLink.editor_id.in_(editors),
        EditorLink.used_at.is_(None),
        EditorLink.revoked_at.is_(None),
        EditorLink.expires_at > now,
    )
    return list(session.execute(query.values(revoked_at=now).returning(EditorLink.editor_id)).scalars())


def _mark_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
