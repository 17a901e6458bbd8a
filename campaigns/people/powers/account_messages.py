"""Messages to members of staff about what others did to their account, shown on the day's page until they are read, and
mailed.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, by_value, public_id
from campaigns.core.errors import NotFound
from campaigns.people.mail_outbox import MailKind, queue_mail


class AccountEvent(Enum):
    """What happened to an account."""

    ROLE_ASKED = "role_asked"  # a role with power over publication, or the account was activated with one
    ROLE_CONFIRMED = "role_confirmed"  # by a second person
    ROLE_REFUSED = "role_refused"  # the account was deactivated
    LINK_MADE = "link_made"  # somebody else made a link that sets its password
    LINK_USED = "link_used"  # such a link was used
    FACTOR_RESET = "factor_reset"
    UNLINKED = "unlinked"  # from the city's account
    KEY_ASKED = "key_asked"  # to approvers and administrators: a key that approves waits for a second person
    KEY_CONFIRMED = "key_confirmed"  # the same: a second person has confirmed it


class AccountMessage(Base):
    """One message. ``by``: the id of who did it, ``more``: the role or the key's name."""

    __tablename__ = "account_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(32), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    what: Mapped[AccountEvent] = mapped_column(by_value(AccountEvent, "account_event"))
    by: Mapped[str] = mapped_column(sa.String(200))
    more: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def notify_owner(
    session: Session, person_id: int, what: AccountEvent, *, by: str, more: str = "", now: datetime
) -> None:
    """Add a message for a member of staff, and queue its mail."""
    session.add(
        AccountMessage(public=public_id("msg"), person_id=person_id, what=what, by=by[:200], more=more[:120], at=now)
    )
    session.flush()
    address = session.execute(sa.select(_PEOPLE.c.email).where(_PEOPLE.c.id == person_id)).scalar_one()
    named = more if what in _OF_KEYS else ""
    queue_mail(session, MailKind.NOTICE, address, by=by, what=what.value, more=named, now=now)


_OF_KEYS = frozenset({AccountEvent.KEY_ASKED, AccountEvent.KEY_CONFIRMED})
_PEOPLE = sa.table("people", sa.column("id"), sa.column("email"))  # by name: its module imports this one


def unread_messages(session: Session, email: str) -> Sequence[AccountMessage]:
    """The messages of the person with this address that they have not marked as read, the oldest first."""
    query = (
        sa.select(AccountMessage)
        .join(_PEOPLE, _PEOPLE.c.id == AccountMessage.person_id)
        .where(_PEOPLE.c.email == email, AccountMessage.read_at.is_(None))
    )
    return session.execute(query.order_by(AccountMessage.id)).scalars().all()


def mark_read(session: Session, person_id: int, public: str, *, now: datetime) -> None:
    """Mark a message of this person as read. Raises ``NotFound`` for a missing one or another person's."""
    query = sa.select(AccountMessage).where(AccountMessage.public == public, AccountMessage.person_id == person_id)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no message {public}", row=public)
    row.read_at = row.read_at or now
    session.flush()
