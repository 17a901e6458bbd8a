"""Queries of the channel pages: the list, one channel, its feed fetches, and the set-up steps of a new channel."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.channels.channels import Channel, ChannelFilter, ChannelState, find_channel
from campaigns.channels.rate_limits import RateLimit
from campaigns.core import journal
from campaigns.core.contents import from_attributes
from campaigns.core.listing import ListPage, ListQuery
from campaigns.delivery.feed_fetches import FeedFetch
from campaigns.delivery.outbox import OPEN_STATES, DeliveryModes, DeliveryState
from campaigns.delivery.outbox_claims import effective_limit
from campaigns.people.keys import AccessKey
from campaigns.planning.campaigns import all_topics
from campaigns.reporting.tallies import delivery_states_by_channel
from coordinator.channels import registry
from coordinator.translation import _


@dataclass(frozen=True)
class ChannelRow:
    """A channel. ``waiting``: queued deliveries and retries; ``unknown``: deliveries that wait for a person.

    ``topics``: names of its topics, None = every topic. ``settings`` hold no secrets. ``opened``, ``open_until``: its
    circuit breaker; ``limits``: its rate limits.
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
    failing_since: datetime | None
    alarmed_at: datetime | None
    opened: int
    open_until: datetime | None
    limits: RateLimit
    created_at: datetime
    settings: Mapping[str, Any]
    waiting: int
    unknown: int
    delivered: int
    ident: int

    @property
    def pulled(self) -> bool:
        """Whether the receiver fetches a feed."""
        return self.kind in registry.KINDS and registry.KINDS[self.kind].capabilities.pulled

    @property
    def manual(self) -> bool:
        """Whether a person posts to it."""
        return self.kind in registry.KINDS and registry.KINDS[self.kind].capabilities.manual


@dataclass(frozen=True)
class FeedFetchRow:
    """One fetch of the partner's feeds."""

    at: datetime
    feed: str
    status: int
    items: int
    key: str


def own_channels(session: Session, filters: ChannelFilter, delivery_modes: DeliveryModes) -> list[ChannelRow]:
    """Return the department's own channels, by name."""
    query = sa.select(Channel).where(Channel.company_id.is_(None), *filters.conditions())
    found = session.execute(query.options(joinedload(Channel.company)).order_by(Channel.name, Channel.id)).scalars()
    return _channel_rows(session, found.all(), delivery_modes)


def partners_channels(
    session: Session, filters: ChannelFilter, number: int, delivery_modes: DeliveryModes
) -> ListPage[ChannelRow]:
    """Return one page of partners' channels, by name; beyond the end, the last page."""
    select = sa.select(Channel).options(joinedload(Channel.company))
    conditions = (Channel.company_id.is_not(None), *filters.conditions())
    page = ListQuery(Channel, select, conditions, (Channel.name, Channel.id)).page(session, number)
    return page.with_rows(_channel_rows(session, [channel for (channel,) in page.rows], delivery_modes))


def kinds_used(session: Session) -> list[str]:
    """Return the kinds with at least one channel."""
    return sorted(session.execute(sa.select(Channel.kind).distinct()).scalars())


def _channel_rows(session: Session, found: Sequence[Channel], delivery_modes: DeliveryModes) -> list[ChannelRow]:
    counts = delivery_states_by_channel(session, [channel.id for channel in found])
    names = {topic.code: topic.name for topic in all_topics(session)}
    return [_channel_row(channel, counts, names, delivery_modes) for channel in found]


def channel_row(session: Session, code: str, delivery_modes: DeliveryModes) -> ChannelRow:
    """Return one channel. Raises ``NotFound``."""
    channel = find_channel(session, code)
    names = {topic.code: topic.name for topic in all_topics(session)}
    return _channel_row(channel, delivery_states_by_channel(session, [channel.id]), names, delivery_modes)


def feed_fetches(session: Session, channel: ChannelRow, limit: int = 10) -> list[FeedFetchRow]:
    """Return the newest fetches of the feeds of a pull channel's partner."""
    company = sa.select(Channel.company_id).where(Channel.id == channel.ident).scalar_subquery()
    query = (
        sa.select(FeedFetch.at, FeedFetch.feed, FeedFetch.status, FeedFetch.items, AccessKey.name)
        .join(AccessKey, AccessKey.id == FeedFetch.key_id)
        .where(FeedFetch.company_id == company)
        .order_by(FeedFetch.at.desc())
        .limit(limit)
    )
    return [FeedFetchRow(*row) for row in session.execute(query)]


def _channel_row(
    channel: Channel,
    counts: Mapping[int, Mapping[DeliveryState, int]],
    names: Mapping[str, str],
    delivery_modes: DeliveryModes,
) -> ChannelRow:
    own = counts.get(channel.id, {})
    company = channel.company
    return from_attributes(
        ChannelRow,
        channel,
        partner=(company.code, company.name) if company is not None else None,
        topics=[names.get(code, code) for code in channel.topics] if channel.topics is not None else None,
        limits=effective_limit(delivery_modes, channel.kind, channel.rate, channel.burst, channel.at_once),
        settings=dict(channel.settings),
        waiting=sum(own.get(state, 0) for state in (*OPEN_STATES, DeliveryState.SENDING)),
        unknown=own.get(DeliveryState.UNKNOWN, 0),
        delivered=own.get(DeliveryState.DELIVERED, 0),
        ident=channel.id,
    )


@dataclass(frozen=True)
class SetupStep:
    """One step. ``text``: what to do, or what was done."""

    text: str
    done: bool


def was_tested(session: Session, code: str) -> bool:
    """Whether a test of the channel was successful."""
    return any(
        entry.act == "channel.tried" and json.loads(entry.details).get("good")
        for entry in journal.history(session, "channel", code)
    )


def setup_steps(session: Session, channel: ChannelRow) -> Sequence[SetupStep]:
    """Return the set-up steps of a channel without any delivery; none for one that works or is retired, and none for
    kinds whose receiver fetches, which have their own steps.
    """
    if channel.delivered or channel.pulled or channel.state is ChannelState.RETIRED:
        return ()
    found = [SetupStep(_("Khai thiết lập"), done=True)]
    if channel.kind == "zalo":
        granted = channel.state is not ChannelState.NEEDS_AUTHORISATION
        found.append(SetupStep(_("Bấm Cấp quyền, đăng nhập Zalo bằng tài khoản quản trị Official Account"), granted))
    row = registry.KINDS.get(channel.kind)
    if row is not None and not row.capabilities.manual:
        good = was_tested(session, channel.code)
        found.append(SetupStep(_("Bấm Thử ngay và đọc câu trả lời; chưa đăng gì cả"), good))
    found.append(SetupStep(_("Phát một bản tin có chuyên đề mà kênh nhận, rồi xem lượt phát"), done=False))
    return found
