"""Channels as pages show them: what waits at each, and what there is to know about one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.partners.directory import numbered
from campaigns.people.keys import Key
from campaigns.planning.campaigns import all_topics
from campaigns.publishing.channels import Channel, ChannelState, find_channel
from campaigns.publishing.claiming import limits_of
from campaigns.publishing.fetches import FeedFetch
from campaigns.publishing.outbox import OPEN, Delivery, DeliveryState, Natures
from campaigns.publishing.rates import Limits
from coordinator.channels import registry
from coordinator.web.desk.listing import PAGE, Part


@dataclass(frozen=True)
class ChannelRow:
    """A channel. ``waiting``: deliveries that wait or are between two tries; ``unknown``: that wait for a person.

    ``topics``: names of those it takes, None = every topic. ``settings`` hold nothing secret. ``opened``,
    ``open_until``: its breaker; ``limits``: those it is sent to by.
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
    limits: Limits
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


@dataclass(frozen=True)
class Asked:
    """The filters of the list; None and '' = any. ``partner``: a code."""

    state: ChannelState | None = None
    kind: str = ""
    partner: str = ""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What a channel must be."""
        wanted: list[sa.ColumnElement[bool]] = []
        if self.state is not None:
            wanted.append(Channel.state == self.state)
        if self.kind:
            wanted.append(Channel.kind == self.kind)
        if self.partner:
            wanted.append(Channel.company_id == numbered(self.partner))
        return wanted


def own_channels(session: Session, asked: Asked, natures: Natures) -> list[ChannelRow]:
    """The department's own, by name."""
    query = sa.select(Channel).where(Channel.company_id.is_(None), *asked.conditions())
    return _rows(session, query.order_by(Channel.name, Channel.id), natures)


def partners_channels(session: Session, asked: Asked, number: int, natures: Natures) -> Part[ChannelRow]:
    """One page of partners' channels, by name; beyond the end, the last page."""
    wanted = (Channel.company_id.is_not(None), *asked.conditions())
    total = session.execute(sa.select(sa.func.count()).select_from(Channel).where(*wanted)).scalar_one()
    number = min(number, max(-(-total // PAGE), 1))
    query = sa.select(Channel).where(*wanted).order_by(Channel.name, Channel.id)
    return Part(_rows(session, query.limit(PAGE).offset((number - 1) * PAGE), natures), total, number)


def kinds_used(session: Session) -> list[str]:
    """The kinds that any channel is of."""
    return sorted(session.execute(sa.select(Channel.kind).distinct()).scalars())


def _rows(session: Session, query: sa.Select[Channel], natures: Natures) -> list[ChannelRow]:
    found = session.execute(query.options(joinedload(Channel.company))).scalars().all()
    counts = _counts(session, [one.id for one in found])
    names = {one.code: one.name for one in all_topics(session)}
    return [_row(one, counts, names, natures) for one in found]


def channel_row(session: Session, code: str, natures: Natures) -> ChannelRow:
    """One channel. Raises ``NotFound``."""
    channel = find_channel(session, code)
    names = {one.code: one.name for one in all_topics(session)}
    return _row(channel, _counts(session, [channel.id]), names, natures)


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


def _counts(session: Session, channels: Sequence[int]) -> dict[int, dict[DeliveryState, int]]:
    columns: tuple[Any, ...] = (Delivery.channel_id, Delivery.state, sa.func.count())
    query = sa.select(*columns).where(Delivery.channel_id.in_(channels))
    query = query.group_by(Delivery.channel_id, Delivery.state)
    found: dict[int, dict[DeliveryState, int]] = {}
    for ident, state, count in session.execute(query):
        found.setdefault(ident, {})[state] = int(count)
    return found


def _row(
    channel: Channel, counts: Mapping[int, Mapping[DeliveryState, int]], names: Mapping[str, str], natures: Natures
) -> ChannelRow:
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
        failing_since=channel.failing_since,
        alarmed_at=channel.alarmed_at,
        opened=channel.opened,
        open_until=channel.open_until,
        limits=limits_of(natures, channel.kind, channel.rate, channel.burst, channel.at_once),
        created_at=channel.created_at,
        settings=dict(channel.settings),
        waiting=sum(own.get(state, 0) for state in (*OPEN, DeliveryState.SENDING)),
        unknown=own.get(DeliveryState.UNKNOWN, 0),
        delivered=own.get(DeliveryState.DELIVERED, 0),
        ident=channel.id,
    )
