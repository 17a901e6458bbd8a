"""One-time links: invitations, links for a new password, and links by which editors enter the portal.

The secret of a link is shown once, or mailed, and kept as its SHA-256. A link works once, until it expires, unless it
is revoked. ``people.invitations`` and ``partners.editor_access`` decide who gets a link and what its use does.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, by_value, rows_changed
from campaigns.core.errors import Conflict, NotFound

LINKS_KEPT = timedelta(days=180)  # after it ran out; the journal keeps who made it


class LinkKind(Enum):
    """The kind of a link's holder."""

    STAFF = "staff"
    EDITOR = "editor"


class OneTimeLink(Base):
    """One link of any kind. A query for a class that inherits from this one finds the links of that kind only."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[LinkKind] = mapped_column(by_value(LinkKind, "link_kind"))
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __mapper_args__ = {"polymorphic_on": "kind"}  # read once by the mapper
    __table_args__ = (
        sa.CheckConstraint("(kind = 'staff') = (person_id IS NOT NULL)", name="person_of_staff"),
        sa.CheckConstraint("(kind = 'staff') = (purpose IS NOT NULL)", name="purpose_of_staff"),
        sa.CheckConstraint("(kind = 'editor') = (editor_id IS NOT NULL)", name="editor_of_editor"),
    )

    @property
    def opens(self) -> bool:
        """Whether the holder of the link may enter, apart from the state of the link."""
        raise NotImplementedError

    def good(self, *, now: datetime) -> bool:
        """Whether the link works."""
        return self.used_at is None and self.revoked_at is None and now < self.expires_at and self.opens


Link = TypeVar("Link", bound=OneTimeLink)


@dataclass(frozen=True, repr=False)
class NewLink(Generic[Link]):
    """A new link: its row, and its secret, which is shown once."""

    row: Link
    secret: str


def store_link(session: Session, row: Link, *, lasts: timedelta, now: datetime) -> NewLink[Link]:
    """Give a link its secret and its times, and add it."""
    secret = secrets.token_urlsafe(32)
    row.secret_hash, row.made_at, row.expires_at = _hash_of(secret), now, now + lasts
    session.add(row)
    session.flush()
    return NewLink(row, secret)


def find_link(session: Session, kind: type[Link], secret: str, *, now: datetime) -> Link | None:
    """The link of this kind with this secret, if it works, or None; the reason is not disclosed."""
    row = session.execute(sa.select(kind).where(kind.secret_hash == _hash_of(secret))).scalar_one_or_none()
    return row if row is not None and row.good(now=now) else None


def use_link(session: Session, kind: type[Link], secret: str, *, now: datetime) -> Link:
    """Use a link up. Raises ``NotFound`` for one that does not work, ``Conflict`` when it was used or revoked at the
    same moment."""
    row = find_link(session, kind, secret, now=now)
    if row is None:
        raise NotFound("this link does not work", code="link_over")
    # Compare-and-set: of two simultaneous uses one fails.
    if not _set_unused(session, kind, kind.id == row.id, {"used_at": now}):
        raise Conflict("this link was used just now", code="link_over")
    return row


def revoke_unused_links(
    session: Session, kind: type[OneTimeLink], condition: sa.ColumnElement[bool], *, now: datetime
) -> Sequence[int]:
    """Revoke the links of a kind that meet a condition and are neither used nor revoked; return their ids."""
    return _set_unused(session, kind, condition, {"revoked_at": now})


def forget_links(session: Session, *, now: datetime) -> int:
    """Delete links that ran out longer ago than they are kept; returns their number."""
    links = sa.delete(OneTimeLink.__table__).where(OneTimeLink.expires_at < now - LINKS_KEPT)  # type: ignore[arg-type]
    return rows_changed(session.execute(links))


def is_open(kind: type[OneTimeLink], *, now: datetime) -> sa.ColumnElement[bool]:
    """The condition that a link is neither used nor revoked nor expired."""
    return sa.and_(kind.used_at.is_(None), kind.revoked_at.is_(None), kind.expires_at > now)


def _set_unused(
    session: Session, kind: type[OneTimeLink], condition: sa.ColumnElement[bool], values: dict[str, datetime]
) -> Sequence[int]:
    query = sa.update(kind).where(condition, kind.used_at.is_(None), kind.revoked_at.is_(None))
    return session.execute(query.values(values).returning(kind.id)).scalars().all()


def _hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
