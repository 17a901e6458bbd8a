"""Channels as pages show them: what waits at each, and what there is to know about one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.people.keys import Key
from campaigns.planning.campaigns import all_topics
from campaigns.publishing.channels import Channel, ChannelState, find_channel
from campaigns.publishing.fetches import FeedFetch
from campaigns.publishing.outbox import OPEN, Delivery, DeliveryState
from coordinator.channels import registry


@dataclass(frozen=True)
class ChannelRow:
    """A channel. ``waiting``: deliveries that wait or are between two tries; ``unknown``: that wait for a person.

    ``topics``: names of those it takes, None = every topic. ``settings`` hold nothing secret.
    """

    code: str
    kind: str
    name: str
    partner: tuple[str, str] | None
    topics: Sequence[str] | None
    state: ChannelState
    failures: int
    last_success_at: datetime | None
    last_error: str
    created_at: datetime
    settings: Mapping[str, Any]
    waiting: int
    unknown: int
    delivered: int
    ident: int

    @property
    def pulled(self) -> bool:
        """Whether the receiver fetches by itself."""
        return self.kind in registry.KINDS and registry.KINDS[self.kind].capabilities.pulled

    @property
    def manual(self) -> bool:
        """Whether a person posts there."""
        return self.kind in registry.KINDS and registry.KINDS[self.kind].capabilities.manual


@dataclass(frozen=True)
class Fetch:
    """One read of the partner's feeds."""

    at: datetime
    feed: str
    status: int
    items: int
    key: str


def channel_rows(session: Session) -> list[ChannelRow]:
    """Every channel, the department's own first."""
    query = (
        sa.select(Channel)
        .options(joinedload(Channel.company))
        .order_by(Channel.company_id.is_not(None), Channel.name, Channel.id)
    )
    counts = _counts(session)
    names = {one.code: one.name for one in all_topics(session)}
    return [_row(one, counts, names) for one in session.execute(query).scalars()]


def channel_row(session: Session, code: str) -> ChannelRow:
    """One channel. Raises ``NotFound``."""
    channel = find_channel(session, code)
    names = {one.code: one.name for one in all_topics(session)}
    return _row(channel, _counts(session, channel.id), names)


def fetches_of(session: Session, channel: ChannelRow, limit: int = 10) -> list[Fetch]:
    """The newest reads of the feeds of a pulled channel's partner."""
    company = sa.select(Channel.company_id).where(Channel.id == channel.ident).scalar_subquery()
    query = (
        sa.select(FeedFetch.at, FeedFetch.feed, FeedFetch.status, FeedFetch.items, Key.name)
        .join(Key, Key.id == FeedFetch.key_id)
        .where(FeedFetch.company_id == company)
        .order_by(FeedFetch.at.desc())
        .limit(limit)
    )
    return [Fetch(*row) for row in session.execute(query)]


def _counts(session: Session, channel_id: int | None = None) -> dict[int, dict[DeliveryState, int]]:
    query = sa.select(Delivery.channel_id, Delivery.state, sa.func.count()).group_by(
        Delivery.channel_id, Delivery.state
    )
    if channel_id is not None:
        query = query.where(Delivery.channel_id == channel_id)
    found: dict[int, dict[DeliveryState, int]] = {}
    for ident, state, count in session.execute(query):
        found.setdefault(ident, {})[state] = int(count)
    return found


def _row(channel: Channel, counts: Mapping[int, Mapping[DeliveryState, int]], names: Mapping[str, str]) -> ChannelRow:
    own = counts.get(channel.id, {})
    company = channel.company
    return ChannelRow(
        code=channel.code,
        kind=channel.kind,
        name=channel.name,
        partner=(company.code, company.name) if company is not None else None,
        topics=[names.get(code, code) for code in channel.topics] if channel.topics is not None else None,
        state=channel.state,
        failures=channel.failures,
        last_success_at=channel.last_success_at,
        last_error=channel.last_error,
        created_at=channel.created_at,
        settings=dict(channel.settings),
        waiting=sum(own.get(state, 0) for state in (*OPEN, DeliveryState.SENDING)),
        unknown=own.get(DeliveryState.UNKNOWN, 0),
        delivered=own.get(DeliveryState.DELIVERED, 0),
        ident=channel.id,
    )
