"""Engagement figures that channels report of a post: dated snapshots with their source.

They are the channel's figures and never added to republications or to our own views; the newest of a kind is shown
beside those with its date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.transport import DeliveryAct, PostCounts
from campaigns.core import ledger
from campaigns.core.base import Base, BigKey, UTCDateTime, by_value
from campaigns.delivery.outbox import Delivery

READ_STEPS = 4  # reads of one delivery: after an hour, a day, a week and a month in real use


class EngagementMetric(Enum):
    """What a figure counts, by the channel's definition."""

    VIEWS = "views"
    LIKES = "likes"
    SHARES = "shares"
    COMMENTS = "comments"


class EngagementReading(Base):
    """One figure at one time. ``source``: where it was read (``zalo: article list``) or who reported it."""

    __tablename__ = "engagement_readings"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    channel_id: Mapped[int] = mapped_column(sa.ForeignKey("channels.id"), index=True)
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("deliveries.id"))
    metric: Mapped[EngagementMetric] = mapped_column(by_value(EngagementMetric, "metric"))
    value: Mapped[int] = mapped_column(sa.BigInteger)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    source: Mapped[str] = mapped_column(sa.String(200))

    delivery: Mapped[Delivery] = relationship()
    channel: Mapped[Channel] = relationship()

    __table_args__ = (sa.Index("ix_engagement_readings_delivery_id_at", "delivery_id", "at"),)


class EngagementCheck(ledger.WorkItem, Base):
    """The schedule of reads of a delivery's figures. ``reads``: completed steps; ``error``: why the last read failed,
    '' = it did not; ``ended``: why there are no further reads, '' = in progress or complete."""

    __tablename__ = "engagement_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(sa.ForeignKey("deliveries.id"), unique=True)
    reads: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended: Mapped[str] = mapped_column(sa.String(30), default="")

    delivery: Mapped[Delivery] = relationship()

    __table_args__ = (ledger.due_index("engagement_checks"),)


def schedule_reads(
    session: Session, delivery: Delivery, waits: Sequence[timedelta], *, tells: bool, now: datetime
) -> None:
    """Schedule reads of the figures of a text that arrived at a channel, if the channel ``tells`` them; reads of an
    earlier text of the same bulletin end, since both are one post, or none after a recall."""
    earlier = sa.select(Delivery.id).where(
        Delivery.bulletin_id == delivery.bulletin_id,
        Delivery.channel_id == delivery.channel_id,
        Delivery.id != delivery.id,
    )
    session.execute(
        sa.update(EngagementCheck)
        .where(EngagementCheck.delivery_id.in_(earlier), EngagementCheck.due_at.is_not(None))
        .values(due_at=None, lease_until=None, fence=EngagementCheck.fence + 1, ended="overtaken")
        .execution_options(synchronize_session=False)
    )
    known = session.execute(sa.select(EngagementCheck.id).where(EngagementCheck.delivery_id == delivery.id)).first()
    if tells and delivery.act is not DeliveryAct.RECALL and known is None:
        session.add(EngagementCheck(delivery_id=delivery.id, due_at=now + waits[0]))
        session.flush()


def is_readable() -> sa.ColumnElement[bool]:
    """The condition of due rows that may be claimed: their channel can be read, which a paused one can."""
    asked = (ChannelState.ACTIVE, ChannelState.FAILING, ChannelState.PAUSED)
    return EngagementCheck.delivery_id.in_(
        sa.select(Delivery.id).join(Channel, Channel.id == Delivery.channel_id).where(Channel.state.in_(asked))
    )


def reported_figures(counts: PostCounts) -> dict[EngagementMetric, int]:
    """Return the figures that a channel reports; missing and negative ones are left out."""
    reported = {
        EngagementMetric.VIEWS: counts.views,
        EngagementMetric.LIKES: counts.likes,
        EngagementMetric.SHARES: counts.shares,
        EngagementMetric.COMMENTS: counts.comments,
    }
    return {metric: figure for metric, figure in reported.items() if figure is not None and figure >= 0}


def record_counts(session: Session, delivery: Delivery, counts: PostCounts, source: str, *, now: datetime) -> None:
    """Store the figures that a channel reported of a post, one row for each."""
    session.add_all(
        EngagementReading(
            channel_id=delivery.channel_id, delivery_id=delivery.id, metric=metric, value=figure, at=now,
            source=source[:200],
        )
        for metric, figure in reported_figures(counts).items()
    )  # fmt: skip
    session.flush()


def next_read_at(delivered_at: datetime, reads: int, waits: Sequence[timedelta], now: datetime) -> datetime | None:
    """Return the time of the next read after ``reads`` reads; None when that was the last.

    Steps that passed while nothing could be read become one read.
    """
    later = [delivered_at + wait for wait in waits[:READ_STEPS]][reads:]
    return next((moment for moment in later if moment > now), None)


@dataclass(frozen=True)
class LatestCount:
    """The newest value of one figure at one channel, its time, and the value before."""

    channel: str
    channel_name: str
    delivery: str
    metric: EngagementMetric
    value: int
    at: datetime
    source: str
    before: int | None


def latest_counts(session: Session, bulletin_id: int) -> list[LatestCount]:
    """Return the latest figures of a bulletin, by channel and metric."""
    query = (
        sa.select(EngagementReading, Channel.code, Channel.name, Delivery.public)
        .join(Delivery, Delivery.id == EngagementReading.delivery_id)
        .join(Channel, Channel.id == EngagementReading.channel_id)
        .where(Delivery.bulletin_id == bulletin_id)
        .order_by(Channel.name, EngagementReading.at, EngagementReading.id)
    )
    found: dict[tuple[str, EngagementMetric], LatestCount] = {}
    for row, code, name, public in session.execute(query):
        before = found.get((code, row.metric))
        found[code, row.metric] = LatestCount(
            code, name, public, row.metric, row.value, row.at, row.source, before.value if before else None
        )
    return list(found.values())


def count_history(session: Session, delivery_id: int) -> list[tuple[datetime, str, Mapping[EngagementMetric, int]]]:
    """Return every snapshot of one delivery, oldest first: time, source, figures."""
    query = (
        sa.select(EngagementReading)
        .where(EngagementReading.delivery_id == delivery_id)
        .order_by(EngagementReading.at, EngagementReading.id)
    )
    found: dict[tuple[datetime, str], dict[EngagementMetric, int]] = {}
    for row in session.execute(query).scalars():
        found.setdefault((row.at, row.source), {})[row.metric] = row.value
    return [(at, source, numbers) for (at, source), numbers in found.items()]
