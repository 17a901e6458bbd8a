"""Messages to members of staff, at the bell of every page: what others did to their account, which is always mailed and
stands on the day's page until it is read; and what happens to bulletins they write or approve, mailed to who chose it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, by_value, public_id, rows_changed
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
    TO_APPROVE = "to_approve"  # to approvers: a text or a correction was submitted
    RETURNED = "returned"  # to its writers: an approver returned a text
    COMMENTED = "commented"  # to its writers and who commented before: a comment on a text


WORK_EVENTS = frozenset({AccountEvent.TO_APPROVE, AccountEvent.RETURNED, AccountEvent.COMMENTED})
MESSAGES_KEPT = timedelta(days=180)


class AccountMessage(Base):
    """One message. ``by``: the id of who did it, ``more``: the role, the key's name, or the code of the bulletin."""

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
    add_message(session, person_id, what, by=by, more=more, now=now)
    address = session.execute(sa.select(_PEOPLE.c.email).where(_PEOPLE.c.id == person_id)).scalar_one()
    named = more if what in _OF_KEYS else ""
    queue_mail(session, MailKind.NOTICE, address, by=by, what=what.value, more=named, now=now)


def add_message(session: Session, person_id: int, what: AccountEvent, *, by: str, more: str, now: datetime) -> None:
    """Add a message that is not mailed."""
    session.add(
        AccountMessage(public=public_id("msg"), person_id=person_id, what=what, by=by[:200], more=more[:120], at=now)
    )
    session.flush()


_OF_KEYS = frozenset({AccountEvent.KEY_ASKED, AccountEvent.KEY_CONFIRMED})
_PEOPLE = sa.table("people", sa.column("id"), sa.column("email"))  # by name: its module imports this one


def unread_messages(session: Session, email: str) -> Sequence[AccountMessage]:
    """The messages about the account of the person with this address that they have not marked as read, the oldest
    first. Those about bulletins are left out: the day's page shows that work itself."""
    query = (
        sa.select(AccountMessage)
        .join(_PEOPLE, _PEOPLE.c.id == AccountMessage.person_id)
        .where(_PEOPLE.c.email == email, AccountMessage.read_at.is_(None), AccountMessage.what.not_in(WORK_EVENTS))
    )
    return session.execute(query.order_by(AccountMessage.id)).scalars().all()


def recent_messages(session: Session, email: str, most: int) -> Sequence[AccountMessage]:
    """The last messages of the person with this address, read or not, the newest first."""
    query = (
        sa.select(AccountMessage)
        .join(_PEOPLE, _PEOPLE.c.id == AccountMessage.person_id)
        .where(_PEOPLE.c.email == email)
        .order_by(AccountMessage.id.desc())
    )
    return session.execute(query.limit(most)).scalars().all()


def unread_count(session: Session, email: str) -> int:
    """How many messages the person with this address has not read."""
    query = (
        sa.select(sa.func.count())
        .select_from(AccountMessage)
        .join(_PEOPLE, _PEOPLE.c.id == AccountMessage.person_id)
        .where(_PEOPLE.c.email == email, AccountMessage.read_at.is_(None))
    )
    return session.execute(query).scalar_one()


def mark_all_read(session: Session, email: str, *, now: datetime) -> None:
    """Mark every message of the person with this address as read."""
    owner = sa.select(_PEOPLE.c.id).where(_PEOPLE.c.email == email).scalar_subquery()
    mine = (AccountMessage.person_id == owner, AccountMessage.read_at.is_(None))
    session.execute(sa.update(AccountMessage).where(*mine).values(read_at=now))


def settle_messages(session: Session, what: AccountEvent, more: str, *, now: datetime) -> None:
    """Mark what was said of an event as read for everybody, once it needs nobody any more."""
    said = (AccountMessage.what == what, AccountMessage.more == more, AccountMessage.read_at.is_(None))
    session.execute(sa.update(AccountMessage).where(*said).values(read_at=now))


def settle_role_asked(session: Session, person_id: int, *, now: datetime) -> None:
    """Mark as read that a role of this person waits, once it does not."""
    said = (AccountMessage.person_id == person_id, AccountMessage.what == AccountEvent.ROLE_ASKED)
    session.execute(sa.update(AccountMessage).where(*said, AccountMessage.read_at.is_(None)).values(read_at=now))


def forget_messages(session: Session, *, now: datetime) -> int:
    """Delete old messages; returns their number. One about the account stays until it is read."""
    old = AccountMessage.at <= now - MESSAGES_KEPT
    done = sa.or_(AccountMessage.read_at.is_not(None), AccountMessage.what.in_(WORK_EVENTS))
    return rows_changed(session.execute(sa.delete(AccountMessage).where(old, done)))


def mark_read(session: Session, person_id: int, public: str, *, now: datetime) -> AccountMessage:
    """Mark a message of this person as read, and return it. Raises ``NotFound`` for a missing one or another
    person's."""
    query = sa.select(AccountMessage).where(AccountMessage.public == public, AccountMessage.person_id == person_id)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no message {public}", row=public)
    row.read_at = row.read_at or now
    session.flush()
    return row
