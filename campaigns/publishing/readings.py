"""Numbers that channels tell of a post: dated snapshots with their source. They are the channel's word, not our count.

They are never added to republications nor to our own views; the newest of a kind stands beside them with its date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import ledger
from campaigns.core.base import Base, by_value
from campaigns.core.clock import UTCDateTime
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import Delivery
from campaigns.publishing.transport import Act, Counts

STEPS = 4  # readings of one delivery: after an hour, a day, a week and a month in real use


class Told(Enum):
    """What a number counts, as the channel understands it."""

    VIEWS = "views"
    LIKES = "likes"
    SHARES = "shares"
    COMMENTS = "comments"


class Reading(Base):
    """One number at one moment. ``source``: where it was read (``zalo: article list``) or who told it."""

    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"), index=True)
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("deliveries.id"))
    metric: Mapped[Told] = mapped_column(by_value(Told, "told"))
    value: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    source: Mapped[str] = mapped_column(sa.String(200))

    delivery: Mapped[Delivery] = relationship()
    channel: Mapped[Channel] = relationship()

    __table_args__ = (sa.Index("ix_readings_delivery_id_at", "delivery_id", "at"),)


class CountRead(ledger.Due, Base):
    """When a delivery's numbers are to be read. ``reads``: steps done; ``error``: why the last look failed, '' = did
    not; ``ended``: why no more are made, '' = in course or all done."""

    __tablename__ = "count_reads"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("deliveries.id"), unique=True)
    reads: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended: Mapped[str] = mapped_column(sa.String(30), default="")

    delivery: Mapped[Delivery] = relationship()

    __table_args__ = (ledger.due_index("count_reads"),)


def follow(session: Session, delivery: Delivery, waits: Sequence[timedelta], *, tells: bool, now: datetime) -> None:
    """A text arrived at a channel. Its numbers are read from now on if the channel ``tells``; those of an earlier text
    of the same bulletin there are not any more, since both stand at one post, or at none after a recall."""
    earlier = sa.select(Delivery.id).where(
        Delivery.bulletin_id == delivery.bulletin_id,
        Delivery.channel_id == delivery.channel_id,
        Delivery.id != delivery.id,
    )
    session.execute(
        sa.update(CountRead)
        .where(CountRead.delivery_id.in_(earlier), CountRead.due_at.is_not(None))
        .values(due_at=None, lease_until=None, fence=CountRead.fence + 1, ended="overtaken")
        .execution_options(synchronize_session=False)
    )
    known = session.execute(sa.select(CountRead.id).where(CountRead.delivery_id == delivery.id)).first()
    if tells and delivery.act is not Act.RECALL and known is None:
        session.add(CountRead(delivery_id=delivery.id, due_at=now + waits[0]))
        session.flush()


def readable() -> sa.ColumnElement[bool]:
    """Which due rows may be claimed: of channels that can be asked. A paused one sends nothing but may be read."""
    asked = (ChannelState.ACTIVE, ChannelState.FAILING, ChannelState.PAUSED)
    return CountRead.delivery_id.in_(
        sa.select(Delivery.id).join(Channel, Channel.id == Delivery.channel_id).where(Channel.state.in_(asked))
    )


def note(session: Session, delivery: Delivery, counts: Counts, source: str, *, now: datetime) -> int:
    """Keep what was told, one row a number; returns how many there were. What is silent or below zero is left out."""
    told = {
        Told.VIEWS: counts.views,
        Told.LIKES: counts.likes,
        Told.SHARES: counts.shares,
        Told.COMMENTS: counts.comments,
    }
    rows = [
        Reading(
            channel_id=delivery.channel_id, delivery_id=delivery.id, metric=metric, value=value, at=now,
            source=source[:200],
        )
        for metric, value in told.items()
        if value is not None and value >= 0
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return len(rows)


def next_read(delivered_at: datetime, reads: int, waits: Sequence[timedelta], now: datetime) -> datetime | None:
    """When the numbers are read after ``reads`` readings; None when that was the last.

    Steps that went by while nothing could be read are one reading, not several at once.
    """
    later = [delivered_at + wait for wait in waits[:STEPS]][reads:]
    return next((moment for moment in later if moment > now), None)


@dataclass(frozen=True)
class Shown:
    """The newest value of one number at one channel, since which moment it stands, and what it was before."""

    channel: str
    channel_name: str
    delivery: str
    metric: Told
    value: int
    at: datetime
    source: str
    before: int | None


def newest(session: Session, bulletin_id: int) -> list[Shown]:
    """What each channel told last of a bulletin, by channel and kind of number."""
    query = (
        sa.select(Reading, Channel.code, Channel.name, Delivery.public)
        .join(Delivery, Delivery.id == Reading.delivery_id)
        .join(Channel, Channel.id == Reading.channel_id)
        .where(Delivery.bulletin_id == bulletin_id)
        .order_by(Channel.name, Reading.at, Reading.id)
    )
    found: dict[tuple[str, Told], Shown] = {}
    for row, code, name, public in session.execute(query):
        before = found.get((code, row.metric))
        found[code, row.metric] = Shown(
            code, name, public, row.metric, row.value, row.at, row.source, before.value if before else None
        )
    return list(found.values())


def of_delivery(session: Session, delivery_id: int) -> list[tuple[datetime, str, Mapping[Told, int]]]:
    """Every snapshot of one delivery, oldest first: when, from where, and the numbers."""
    query = sa.select(Reading).where(Reading.delivery_id == delivery_id).order_by(Reading.at, Reading.id)
    found: dict[tuple[datetime, str], dict[Told, int]] = {}
    for row in session.execute(query).scalars():
        found.setdefault((row.at, row.source), {})[row.metric] = row.value
    return [(at, source, numbers) for (at, source), numbers in found.items()]
