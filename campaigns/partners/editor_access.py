"""How an editor enters the portal: the one-time links that the department makes, and the sessions they start.

A session lasts longer than one of staff: an editor has no password to sign in with again, and sees nothing but the rows
of their own partner.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.errors import Conflict, NotFound
from campaigns.partners.editors import Editor
from campaigns.people import one_time_links, sessions
from campaigns.people.one_time_links import LinkKind, NewLink, OneTimeLink
from campaigns.people.sessions import EDITOR_LIMITS, NewSession, SessionEnd, UserSession
from campaigns.people.staff import Actor, Permission

LINK_LASTS = timedelta(days=7)


class EditorLink(OneTimeLink):
    """One link for one editor."""

    __mapper_args__ = {"polymorphic_identity": LinkKind.EDITOR}  # read once by the mapper

    editor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("editors.id", ondelete="CASCADE"), index=True)

    editor: Mapped[Editor] = relationship(lazy="joined")

    @property
    def opens(self) -> bool:
        """Whether its editor may enter."""
        return self.editor.may_enter


NewEditorLink = NewLink[EditorLink]


def make_editor_link(session: Session, actor: Actor, editor: Editor, *, now: datetime) -> NewEditorLink:
    """Make a one-time link for an editor, in place of the one before. Raises ``Conflict`` when the editor may not
    enter, ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    return editor_link_for_mail(session, actor.id, editor, now=now)


def editor_link_for_mail(session: Session, by: str, editor: Editor, *, now: datetime) -> NewEditorLink:
    """The same for a mail, whose sender's permission was checked before. Raises ``Conflict`` when the editor may not
    enter."""
    if not editor.may_enter:
        raise Conflict(f"{editor.email} may not enter", code="editor_off", email=editor.email)
    _revoke_links(session, [editor.id], now=now)
    made = one_time_links.store_link(session, EditorLink(editor=editor, made_by=by), lasts=LINK_LASTS, now=now)
    details = {"partner": editor.company.code, "expires": made.row.expires_at}
    journal.record(session, by, "editor.link_made", "editor", editor.email, details, now=now)
    return made


def find_editor_link(session: Session, secret: str, *, now: datetime) -> EditorLink | None:
    """The valid link with this secret, or None; the reason is not disclosed."""
    return one_time_links.find_link(session, EditorLink, secret, now=now)


def use_editor_link(session: Session, secret: str, *, now: datetime) -> Editor:
    """Use up a link; return its editor. Raises as ``one_time_links.use_link``."""
    return one_time_links.use_link(session, EditorLink, secret, now=now).editor


def has_entered(session: Session, editor: Editor) -> bool:
    """Whether this editor has ever entered."""
    query = sa.select(EditorLink.id).where(EditorLink.editor_id == editor.id, EditorLink.used_at.is_not(None))
    return session.execute(query.limit(1)).first() is not None


def open_editor_links(session: Session, editors: Sequence[Editor], *, now: datetime) -> Mapping[int, datetime]:
    """The expiry of the valid link of each of these editors, by editor id; editors without one are left out."""
    query = sa.select(EditorLink.editor_id, sa.func.max(EditorLink.expires_at)).where(
        EditorLink.editor_id.in_([editor.id for editor in editors]), one_time_links.is_open(EditorLink, now=now)
    )
    rows = session.execute(query.group_by(EditorLink.editor_id))
    return {editor_id: expires_at for editor_id, expires_at in rows if editor_id is not None}


def revoke_editor_links(session: Session, actor: Actor, editors: Sequence[Editor], *, now: datetime) -> int:
    """Revoke every link of these editors; return how many there were. Raises ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    ended = _revoke_links(session, [editor.id for editor in editors], now=now)
    for editor in editors:
        if editor.id in ended:
            details = {"partner": editor.company.code}
            journal.record(session, actor.id, "editor.link_revoked", "editor", editor.email, details, now=now)
    return len(ended)


def _revoke_links(session: Session, editors: Sequence[int], *, now: datetime) -> Sequence[int | None]:
    theirs = sa.and_(EditorLink.editor_id.in_(editors), EditorLink.expires_at > now)
    revoked = one_time_links.revoke_unused_links(session, EditorLink, theirs, now=now)
    return session.execute(sa.select(EditorLink.editor_id).where(EditorLink.id.in_(revoked))).scalars().all()


def begin_visit(session: Session, editor: Editor, *, device: str, now: datetime) -> NewSession:
    """Start a session of an editor."""
    begun = sessions.start_session(session, editor_id=editor.id, device=device, kept=EDITOR_LIMITS.retention, now=now)
    details = {"device": begun.row.device, "name": editor.name}
    journal.record(session, editor.actor.id, "partner.entered", "partner", editor.company.code, details, now=now)
    return begun


def find_visit(session: Session, token: str, *, now: datetime) -> tuple[UserSession, Editor] | None:
    """The open session with this token and its editor, while they may enter; else None."""
    query = sa.select(UserSession, Editor).join(Editor, Editor.id == UserSession.editor_id)
    found = session.execute(query.where(UserSession.token_hash == sessions.hash_token(token))).one_or_none()
    if found is None:
        return None
    row, editor = found
    if sessions.end_reason(row, EDITOR_LIMITS, now=now) is not None or not editor.may_enter:
        return None
    return row, editor


def open_visits(session: Session, editors: Sequence[Editor], *, now: datetime) -> Sequence[UserSession]:
    """The open sessions of these editors, the last used first."""
    return sessions.open_sessions(session, _of_editors(editors), EDITOR_LIMITS, now=now)


def revoke_visit(session: Session, actor: Actor, editor: Editor, public: str, *, now: datetime) -> UserSession:
    """End one session of an editor. Raises ``NotFound`` for one of another editor or an ended one, ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    row = sessions.revoke_session(session, _of_editors([editor]), public, now=now)
    if row is None:
        raise NotFound(f"there is no open visit {public}", visit=public)
    details = {"partner": editor.company.code, "device": row.device, "began": row.began_at}
    journal.record(session, actor.id, "editor.visit_ended", "editor", editor.email, details, now=now)
    return row


def close_visits(session: Session, editors: Sequence[Editor], *, now: datetime) -> int:
    """End every session of editors who may not enter any more, which the caller journals; return how many there
    were."""
    return sessions.end_sessions(session, _of_editors(editors), SessionEnd.CLOSED, now=now)


def _of_editors(editors: Sequence[Editor]) -> sa.ColumnElement[bool]:
    return UserSession.editor_id.in_([editor.id for editor in editors])
