"""What a platform tells about an account itself: read once a day, so that an end is seen coming and not met.

The newest reading stands; how it became so does not matter to anybody.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import ledger
from campaigns.core.base import Base, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.transport import Account, Quota

EVERY = timedelta(days=1)


class AccountRead(ledger.Due, Base):
    """When an account is read next, and what was read last. ``facts``: an ``Account`` as JSON, None = never read yet.
    ``error``: why the last try failed, '' = it did not."""

    __tablename__ = "account_reads"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"), unique=True)
    facts: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(sa.Text, default="")

    channel: Mapped[Channel] = relationship(innerjoin=True)

    __table_args__ = (ledger.due_index("account_reads"),)


def follow(session: Session, kinds: Collection[str], *, now: datetime) -> int:
    """Have every account of these kinds that is not read yet read from now on; how many are new."""
    known = sa.select(AccountRead.channel_id)
    query = sa.select(Channel.id).where(
        Channel.kind.in_(kinds), Channel.state != ChannelState.RETIRED, Channel.id.not_in(known)
    )
    found = session.execute(query).scalars().all()
    session.add_all(AccountRead(channel_id=ident, due_at=now) for ident in found)
    session.flush()
    return len(found)


def read_now(session: Session, channel_id: int, *, now: datetime) -> None:
    """Have an account read at once: somebody has changed or granted something, or wants to know."""
    at_once = sa.update(AccountRead).where(AccountRead.channel_id == channel_id).values(due_at=now, attempt=0)
    if not rows_changed(session.execute(at_once)):
        session.add(AccountRead(channel_id=channel_id, due_at=now))
        session.flush()


def last_read(session: Session, channel_id: int) -> AccountRead | None:
    """What is known of an account."""
    return session.execute(sa.select(AccountRead).where(AccountRead.channel_id == channel_id)).scalar_one_or_none()


def scarcest(session: Session) -> dict[tuple[str, str], int]:
    """By kind of channel and name of the quota, how much the account has left that has least. What no account tells is
    left out."""
    found: dict[tuple[str, str], int] = {}
    query = sa.select(Channel.kind, AccountRead.facts).join(Channel).where(Channel.state != ChannelState.RETIRED)
    for kind, facts in session.execute(query):
        for quota in of_json(facts).quotas if facts is not None else ():
            key = (kind, quota.name)
            found[key] = min(quota.left, found.get(key, quota.left))
    return found


def readable() -> sa.ColumnElement[bool]:
    """Accounts that can be asked: not retired, and not waiting for somebody to grant access."""
    shut = sa.select(Channel.id).where(
        Channel.state.in_((ChannelState.RETIRED, ChannelState.NEEDS_AUTHORISATION)),
    )
    return AccountRead.channel_id.not_in(shut)


def as_json(account: Account) -> dict[str, Any]:
    """An account to be kept."""
    return {
        "name": account.name,
        "followers": account.followers,
        "verified": account.verified,
        "package": account.package,
        "package_until": account.package_until.isoformat() if account.package_until is not None else None,
        "quotas": [[one.name, one.total, one.left] for one in account.quotas],
        "detail": account.detail,
    }


def of_json(facts: Mapping[str, Any]) -> Account:
    """The account that was kept."""
    until = facts.get("package_until")
    return Account(
        name=facts["name"],
        followers=facts["followers"],
        verified=facts["verified"],
        package=facts["package"],
        package_until=date.fromisoformat(until) if until else None,
        quotas=tuple(Quota(name, total, left) for name, total, left in facts["quotas"]),
        detail=facts["detail"],
    )
