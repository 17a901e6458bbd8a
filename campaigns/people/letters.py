"""Letters to be sent: each is a row that falls due, like everything that leaves the house.

A row holds no secret. The link that a letter brings is made when it is sent, so that what the database knows opens no
door; sent again after a crash it brings another link, and the one before no longer works. Of a forgotten password only
the address is kept that somebody typed: whether anybody has it is found out when the letter is due, so that asking
takes as long and says as much for an address that nobody has.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, by_value, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.ledger import Due, due_index

KEPT = timedelta(days=30)
# A letter that comes later than this helps nobody any more and only frightens.
LATEST = timedelta(hours=12)
FORGOTTEN_LASTS = timedelta(minutes=30)
SHOWN = 5  # letters of one receiver that a page lists
CALLED_OFF = "called off"


class LetterKind(Enum):
    """What a letter is for."""

    LINK = "link"  # an administrator sends somebody the way in, or to a new password
    EDITOR = "editor"  # an administrator sends a partner's editor the way into the portal
    FORGOTTEN = "forgotten"  # somebody says that they forgot theirs
    ALARM = "alarm"  # something in the house fails, or is well again; to administrators
    FINDING = "finding"  # a partner is asked to answer a finding; to its editors
    NOTICE = "notice"  # something happened to an account that its owner should know


class Letter(Base, Due):
    """One letter. ``due_at`` is empty once it was sent, given up, called off, or found to be for nobody.

    ``what``: of a notice or alarm, what happened. ``more``: of a notice, on what; of an alarm, to what; of a letter to
    an editor, the editor's public id, since one address may be an editor of two partners. Of a finding, ``what`` is its
    public id and ``more`` the editor's.
    """

    __tablename__ = "letters"
    __table_args__ = (due_index("letters"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[LetterKind] = mapped_column(by_value(LetterKind, "letter_kind"))
    address: Mapped[str] = mapped_column(sa.String(200), index=True)
    asked_by: Mapped[str] = mapped_column(sa.String(200))
    what: Mapped[str] = mapped_column(sa.String(40))
    more: Mapped[str] = mapped_column(sa.String(120))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    @property
    def called_off(self) -> bool:
        """Whether it was taken back before it went."""
        return self.sent_at is None and self.last_error == CALLED_OFF


def ask(
    session: Session, kind: LetterKind, address: str, *, by: str, what: str = "", more: str = "", now: datetime
) -> None:
    """Have a letter sent. ``by``: who asked for it; ``what`` and ``more`` as of ``Letter``."""
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


def links_sent(session: Session, kind: LetterKind, address: str, *, more: str = "") -> Sequence[Letter]:
    """The last letters with a link that were asked for on somebody's behalf, the newest first, to be shown with how
    each went. ``more`` as of ``Letter``."""
    query = sa.select(Letter).where(Letter.address == address, Letter.kind == kind, Letter.more == more)
    return session.execute(query.order_by(Letter.id.desc()).limit(SHOWN)).scalars().all()


def call_off(session: Session, kind: LetterKind, address: str, *, more: str = "") -> int:
    """Have letters that still wait not sent: a link that is taken back must not come by the next try after all. A
    letter that is being handed in at this moment may arrive; the link it brings was taken back. How many."""
    query = sa.update(Letter).where(
        Letter.address == address, Letter.kind == kind, Letter.more == more, Letter.due_at.is_not(None)
    )
    # Another fence: whoever has it in hand settles nothing any more.
    values = {"due_at": None, "lease_until": None, "fence": Letter.fence + 1, "last_error": CALLED_OFF}
    return rows_changed(session.execute(query.values(values)))


def forget_letters(session: Session, *, now: datetime) -> int:
    """Drop what is past its time; how many."""
    return rows_changed(session.execute(sa.delete(Letter).where(Letter.asked_at <= now - KEPT)))
