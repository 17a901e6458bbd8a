"""The data of a platform about an account, read once a day, so that quotas and packages that end are noticed in time.

Only the newest read is stored.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import AccountQuota, PlatformAccount
from campaigns.core import ledger
from campaigns.core.base import Base, UTCDateTime, insert_into, rows_changed

READ_EVERY = timedelta(days=1)


class AccountCheck(ledger.WorkItem, Base):
    """The next read of an account, and the result of the last. ``facts``: a ``PlatformAccount`` as JSON, None = never
    read yet. ``error``: why the last try failed, '' = it did not."""

    __tablename__ = "account_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"), unique=True)
    facts: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(sa.Text, default="")

    channel: Mapped[Channel] = relationship(innerjoin=True)

    __table_args__ = (ledger.due_index("account_checks"),)


def schedule_reads(session: Session, kinds: Collection[str], *, now: datetime) -> int:
    """Schedule the first read of every account of these kinds; returns the number of new ones."""
    known = sa.select(AccountCheck.channel_id)
    query = sa.select(Channel.id).where(
        Channel.kind.in_(kinds), Channel.state != ChannelState.RETIRED, Channel.id.not_in(known)
    )
    found = session.execute(query).scalars().all()
    session.add_all(AccountCheck(channel_id=ident, due_at=now) for ident in found)
    session.flush()
    return len(found)


def read_now(session: Session, channel_id: int, *, now: datetime) -> None:
    """Schedule an immediate read of an account, after a change, a grant, or on request."""
    at_once = sa.update(AccountCheck).where(AccountCheck.channel_id == channel_id).values(due_at=now, attempt=0)
    if not rows_changed(session.execute(at_once)):
        session.add(AccountCheck(channel_id=channel_id, due_at=now))
        session.flush()


def last_read(session: Session, channel_id: int) -> AccountCheck | None:
    """Return the last read data of an account."""
    return session.execute(sa.select(AccountCheck).where(AccountCheck.channel_id == channel_id)).scalar_one_or_none()


def scarcest_quotas(session: Session) -> dict[tuple[str, str], int]:
    """Return the smallest remaining quota by kind of channel and name of the quota. A quota that no account reports is
    left out."""
    found: dict[tuple[str, str], int] = {}
    query = sa.select(Channel.kind, AccountCheck.facts).join(Channel).where(Channel.state != ChannelState.RETIRED)
    for kind, facts in session.execute(query):
        for quota in account_from_json(facts).quotas if facts is not None else ():
            key = (kind, quota.name)
            found[key] = min(quota.left, found.get(key, quota.left))
    return found


def is_readable() -> sa.ColumnElement[bool]:
    """The condition of accounts that can be read: not retired, and with authorisation."""
    shut = sa.select(Channel.id).where(
        Channel.state.in_((ChannelState.RETIRED, ChannelState.NEEDS_AUTHORISATION)),
    )
    return AccountCheck.channel_id.not_in(shut)


def account_to_json(account: PlatformAccount) -> dict[str, Any]:
    """Return an account as JSON."""
    return {
        "name": account.name,
        "followers": account.followers,
        "verified": account.verified,
        "package": account.package,
        "package_until": account.package_until.isoformat() if account.package_until is not None else None,
        "quotas": [[quota.name, quota.total, quota.left] for quota in account.quotas],
        "detail": account.detail,
    }


def account_from_json(facts: Mapping[str, Any]) -> PlatformAccount:
    """Return an account from JSON."""
    until = facts.get("package_until")
    return PlatformAccount(
        name=facts["name"],
        followers=facts["followers"],
        verified=facts["verified"],
        package=facts["package"],
        package_until=date.fromisoformat(until) if until else None,
        quotas=tuple(AccountQuota(name, total, left) for name, total, left in facts["quotas"]),
        detail=facts["detail"],
    )


# Events that platforms send, as counts by day, event and account.


EVENTS_SHOWN = timedelta(days=30)


class PlatformEvent(Base):
    """The number of one event of one account on one day in the city's zone."""

    __tablename__ = "platform_events"

    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    event: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True)
class EventCount:
    """The count of one event over the shown days."""

    event: str
    count: int
    last: date


def count_event(session: Session, channel_id: int, event: str, *, day: date) -> None:
    """Count one event."""
    row = insert_into(session, PlatformEvent).values(channel_id=channel_id, day=day, event=event, count=1)
    more = row.on_conflict_do_update(
        index_elements=["channel_id", "day", "event"], set_={"count": PlatformEvent.count + 1}
    )
    session.execute(more)


def event_counts(session: Session, channel_id: int, *, day: date) -> Sequence[EventCount]:
    """Return the events of the ``EVENTS_SHOWN`` days up to ``day``, the most frequent first."""
    total = sa.func.sum(PlatformEvent.count)
    query = (
        sa.select(PlatformEvent.event, total, sa.func.max(PlatformEvent.day))
        .where(PlatformEvent.channel_id == channel_id, PlatformEvent.day > day - EVENTS_SHOWN)
        .group_by(PlatformEvent.event)
        .order_by(total.desc(), PlatformEvent.event)
    )
    return [EventCount(event, int(count), last) for event, count, last in session.execute(query)]
