"""The outbox of messages to browsers: one row for each message to each browser, with a due time.

A row has no text: that is made when it is sent, from what is so then.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, UTCDateTime, rows_changed
from campaigns.core.ledger import WorkItem, due_index
from campaigns.people.push.subscriptions import PushSubscription

KEPT = timedelta(days=7)
LATEST = timedelta(hours=12)  # a later message is of no use


class PushMessage(Base, WorkItem):
    """One message. ``what``: the event; ``more``: the code of the bulletin; ``by``: the id of who did it. ``due_at`` is
    empty once it was sent, given up, or found to be of no use."""

    __tablename__ = "push_messages"
    __table_args__ = (due_index("push_messages"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(sa.ForeignKey("push_subscriptions.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(sa.String(40))
    more: Mapped[str] = mapped_column(sa.String(120))
    by: Mapped[str] = mapped_column(sa.String(200))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")


def queue_push(session: Session, person_id: int, what: str, *, by: str, more: str = "", now: datetime) -> None:
    """Queue a message to every browser of a person."""
    query = sa.select(PushSubscription.id).where(PushSubscription.person_id == person_id)
    for ident in session.execute(query).scalars().all():
        session.add(
            PushMessage(subscription_id=ident, what=what, more=more[:120], by=by[:200], asked_at=now, due_at=now)
        )
    session.flush()


def forget_pushes(session: Session, *, now: datetime) -> int:
    """Delete old messages, and give up those that waited until they are of no use; returns the number of the
    deleted."""
    waited = (PushMessage.due_at.is_not(None), PushMessage.lease_until.is_(None), PushMessage.asked_at < now - LATEST)
    session.execute(sa.update(PushMessage).where(*waited).values(due_at=None, last_error="too late to be of use"))
    return rows_changed(session.execute(sa.delete(PushMessage).where(PushMessage.asked_at <= now - KEPT)))
