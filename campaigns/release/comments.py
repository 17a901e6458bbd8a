"""Comments of writers and approvers on a revision of a bulletin, until somebody resolves them. They stay inside the
department and change no text, no approval and no state.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, public_id
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.core.vietnamese import nfc
from campaigns.people.staff import Actor, Permission
from campaigns.release.second_person import unread_authors
from campaigns.release.work_messages import tell_of_comment

LONGEST_COMMENT = 2000  # characters


class BulletinComment(Base):
    """One comment. ``revision``: the number of the text that it is about; ``resolved_at``: None while it is open."""

    __tablename__ = "bulletin_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(32), unique=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    revision: Mapped[int]
    author: Mapped[str] = mapped_column(sa.String(200))
    author_name: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    text: Mapped[str] = mapped_column(sa.Text)
    resolved_by: Mapped[str | None] = mapped_column(sa.String(200))
    resolved_by_name: Mapped[str] = mapped_column(sa.String(120), default="")
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def add_comment(session: Session, actor: Actor, code: str, text: str, *, now: datetime) -> BulletinComment:
    """Add a comment on the newest text, and tell who wrote it or commented before. Raises ``Invalid`` for an empty or
    too long one (field ``comment``), ``Forbidden``."""
    actor.require(Permission.WRITE)
    bulletin = find_bulletin(session, code)
    words = nfc(text).replace("\r\n", "\n").strip()
    if not words:
        raise Invalid([FieldError("comment", "required", "write the comment")])
    if len(words) > LONGEST_COMMENT:
        raise Invalid([FieldError("comment", "too_long", f"at most {LONGEST_COMMENT} characters")])
    others = {row.author for row in comments_on(session, bulletin)} | unread_authors(session, bulletin).keys()
    row = BulletinComment(
        public=public_id("cmt"), bulletin_id=bulletin.id, revision=bulletin.latest, author=actor.id,
        author_name=actor.name, at=now, text=words,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"comment": row.public, "revision": row.revision}
    journal.record(session, actor.id, "bulletin.commented", "bulletin", code, details, now=now)
    tell_of_comment(session, code, others, by=actor.id, now=now)
    return row


def resolve_comment(session: Session, actor: Actor, code: str, public: str, *, now: datetime) -> None:
    """Mark a comment as resolved; one that is resolved stays as it is. Raises ``NotFound``, ``Forbidden``."""
    actor.require(Permission.WRITE)
    bulletin = find_bulletin(session, code)
    query = sa.select(BulletinComment).where(
        BulletinComment.public == public, BulletinComment.bulletin_id == bulletin.id
    )
    row = session.execute(query.with_for_update()).scalar_one_or_none()
    if row is None:
        raise NotFound(f"{code} has no comment {public}", comment=public)
    if row.resolved_at is not None:
        return
    row.resolved_by, row.resolved_by_name, row.resolved_at = actor.id, actor.name, now
    session.flush()
    details = {"comment": public, "revision": row.revision}
    journal.record(session, actor.id, "bulletin.comment_resolved", "bulletin", code, details, now=now)


def comments_on(session: Session, bulletin: Bulletin) -> Sequence[BulletinComment]:
    """Return the comments on a bulletin, open ones first, then by time."""
    query = (
        sa.select(BulletinComment)
        .where(BulletinComment.bulletin_id == bulletin.id)
        .order_by(BulletinComment.resolved_at.is_not(None), BulletinComment.id)
    )
    return session.execute(query).scalars().all()
