"""One-time links by which an editor enters the portal: the first time, and whenever a visit has ended.

Looking at a link uses nothing up: programs that draw previews open every link they see. What every one-time link has in
common is in ``people.one_time``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.errors import Conflict
from campaigns.partners.editors import Editor
from campaigns.people import one_time
from campaigns.people.one_time import NewLink, OneTime
from campaigns.people.staff import Actor, May

LASTS = timedelta(days=7)


class EditorLink(OneTime, Base):
    """One link for one editor."""

    __tablename__ = "editor_links"

    editor_id: Mapped[int] = mapped_column(sa.ForeignKey("editors.id", ondelete="CASCADE"), index=True)

    editor: Mapped[Editor] = relationship(lazy="joined")

    @property
    def opens(self) -> bool:
        """Whether its editor may enter at all."""
        return self.editor.may_enter


NewEditorLink = NewLink[EditorLink]


def make_link(session: Session, actor: Actor, editor: Editor, *, now: datetime) -> NewEditorLink:
    """A link for an editor; the one made before no longer works. Raises ``Conflict`` when the door is closed to them,
    ``Forbidden``."""
    actor.require(May.CONFIGURE)
    return link_for_letter(session, actor.id, editor, now=now)


def link_for_letter(session: Session, by: str, editor: Editor, *, now: datetime) -> NewEditorLink:
    """The same for a letter that brings it; whoever asked for the letter was allowed to. Raises ``Conflict`` when the
    door is closed to them."""
    if not editor.may_enter:
        raise Conflict(f"{editor.email} may not enter", code="editor_off", email=editor.email)
    _revoke(session, [editor.id], now=now)
    secret, mark = one_time.new_secret()
    row = EditorLink(editor=editor, mark=mark, made_by=by, made_at=now, expires_at=now + LASTS)
    session.add(row)
    session.flush()
    details = {"partner": editor.company.code, "expires": row.expires_at}
    journal.record(session, by, "editor.link_made", "editor", editor.email, details, now=now)
    return NewLink(row, secret)


def find_editor_link(session: Session, secret: str, *, now: datetime) -> EditorLink | None:
    """The good link with this secret, or None; why not is told to nobody."""
    return one_time.find(session, EditorLink, secret, now=now)


def use_link(session: Session, secret: str, *, now: datetime) -> Editor:
    """Use a link up; whose it is. Errors as of ``one_time.use``."""
    return one_time.use(session, EditorLink, secret, now=now).editor


def has_entered(session: Session, editor: Editor) -> bool:
    """Whether this editor has ever come in."""
    query = sa.select(EditorLink.id).where(EditorLink.editor_id == editor.id, EditorLink.used_at.is_not(None))
    return session.execute(query.limit(1)).first() is not None


def open_links_of(session: Session, editors: Sequence[Editor], *, now: datetime) -> Mapping[int, datetime]:
    """Until when the link of each of these editors works, by the editor's key; those without one are left out."""
    query = sa.select(EditorLink.editor_id, sa.func.max(EditorLink.expires_at)).where(
        EditorLink.editor_id.in_([one.id for one in editors]), one_time.waiting(EditorLink, now=now)
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
    query = sa.update(EditorLink).where(EditorLink.editor_id.in_(editors), one_time.waiting(EditorLink, now=now))
    return list(session.execute(query.values(revoked_at=now).returning(EditorLink.editor_id)).scalars())
