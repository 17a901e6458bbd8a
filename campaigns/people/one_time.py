"""One-time links: what an invitation, a new password and an editor's way into the portal have in common.

A link's secret is shown once, or mailed, and kept as its SHA-256. It works once, until a day, unless it is taken back.
Whoever it lets in is the business of the room that makes it (``invitations``, ``partners.editor_links``).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, NotFound


class OneTime:
    """Columns of a link. It waits while neither used nor taken back nor past ``expires_at``."""

    __tablename__: Any

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def opens(self) -> bool:
        """Whether the door is open to whom the link is for, the link apart."""
        raise NotImplementedError

    def good(self, *, now: datetime) -> bool:
        """Whether the link still opens the door."""
        return self.used_at is None and self.revoked_at is None and now < self.expires_at and self.opens


Link = TypeVar("Link", bound=OneTime)


@dataclass(frozen=True, repr=False)
class NewLink(Generic[Link]):
    """A link just made: the row, and the secret to be shown this once."""

    row: Link
    secret: str


def new_secret() -> tuple[str, str]:
    """A secret nobody can guess, and the mark it is known by."""
    secret = secrets.token_urlsafe(32)
    return secret, _mark_of(secret)


def find(session: Session, kind: type[Link], secret: str, *, now: datetime) -> Link | None:
    """The good link with this secret, or None; why not is told to nobody."""
    row = session.execute(sa.select(kind).where(kind.mark == _mark_of(secret))).scalar_one_or_none()
    return row if row is not None and row.good(now=now) else None


def use(session: Session, kind: type[Link], secret: str, *, now: datetime) -> Link:
    """Use a link up. Raises ``NotFound`` for one that is not good, ``Conflict`` when somebody used it, or took it back,
    in the same moment."""
    row = find(session, kind, secret, now=now)
    if row is None:
        raise NotFound("this link does not work", code="link_over")
    # The row is claimed by comparing, so that of two who press at once one is told.
    claimed = session.execute(
        sa.update(kind)
        .where(kind.id == row.id, kind.used_at.is_(None), kind.revoked_at.is_(None))
        .values(used_at=now)
        .returning(kind.id)
    ).all()
    if not claimed:
        raise Conflict("this link was used just now", code="link_over")
    return row


def waiting(kind: type[OneTime], *, now: datetime) -> sa.ColumnElement[bool]:
    """The links that were neither used nor taken back and are not over."""
    return sa.and_(kind.used_at.is_(None), kind.revoked_at.is_(None), kind.expires_at > now)


def _mark_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
