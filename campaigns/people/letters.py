"""Letters to be sent: each is a row that falls due, like everything that leaves the house.

A row holds no secret. The link that a letter brings is made when it is sent, so that what the database knows opens no
door; sent again after a crash it brings another link, and the one before no longer works. Of a forgotten password only
the address is kept that somebody typed: whether anybody has it is found out when the letter is due, so that asking
takes as long and says as much for an address that nobody has.
"""

from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, by_value, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.ledger import Due, due_index
from campaigns.people.staff import Person

KEPT = timedelta(days=30)
# A letter that comes later than this helps nobody any more and only frightens.
LATEST = timedelta(hours=12)
FORGOTTEN_LASTS = timedelta(minutes=30)


class LetterKind(Enum):
    """What a letter is for."""

    LINK = "link"  # an administrator sends somebody the way in, or to a new password
    FORGOTTEN = "forgotten"  # somebody says that they forgot theirs
    NOTICE = "notice"  # something happened to an account that its owner should know


class Letter(Base, Due):
    """One letter. ``due_at`` is empty once it was sent, given up, or found to be for nobody."""

    __tablename__ = "letters"
    __table_args__ = (due_index("letters"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[LetterKind] = mapped_column(by_value(LetterKind, "letter_kind"))
    address: Mapped[str] = mapped_column(sa.String(200), index=True)
    asked_by: Mapped[str] = mapped_column(sa.String(200))
    what: Mapped[str] = mapped_column(sa.String(20))
    more: Mapped[str] = mapped_column(sa.String(120))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")


def ask(
    session: Session, kind: LetterKind, address: str, *, by: str, what: str = "", more: str = "", now: datetime
) -> None:
    """Have a letter sent. ``by``: who asked for it; ``what`` and ``more``: of a notice, what happened and on what."""
    session.add(
        Letter(
            kind=kind,
            address=address.strip().lower()[:200],
            asked_by=by,
            what=what,
            more=more[:120],
            asked_at=now,
            due_at=now,
        )
    )
    session.flush()


def last_link(session: Session, person: Person) -> Letter | None:
    """The last letter with a link that was asked for on somebody's behalf, to be shown with how it went."""
    query = (
        sa.select(Letter)
        .where(Letter.address == person.email, Letter.kind == LetterKind.LINK)
        .order_by(Letter.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def forget_letters(session: Session, *, now: datetime) -> int:
    """Drop what is past its time; how many."""
    return rows_changed(session.execute(sa.delete(Letter).where(Letter.asked_at <= now - KEPT)))
