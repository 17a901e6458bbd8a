"""Channels: the department's official accounts, and the endpoints and feeds of partner sites."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, validates

from campaigns.channels import rate_limits
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.listing import ListFilter, argument
from campaigns.core.vietnamese import slug
from campaigns.partners.directory import Company, current_company, current_company_id
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaigns import all_topics


class ChannelState(Enum):
    """The state of a channel."""

    ACTIVE = "active"
    PAUSED = "paused"  # by a person; deliveries wait
    FAILING = "failing"  # many failures in a row; each delivery keeps its own retry schedule
    NEEDS_AUTHORISATION = "needs_authorisation"  # an administrator must grant access again; deliveries wait
    RETIRED = "retired"  # no longer used; deliveries are skipped


# The settings that hold the address to which a kind's messages are sent; a kind has at most one of them.
ADDRESS_SETTINGS = ("url", "site_url", "server_url", "hub_url", "api_base")
_PORTS = {"http": 80, "https": 443}


def host_of(settings: Mapping[str, Any]) -> str | None:
    """Return the host and port that a channel's messages are sent to; None where its settings have no address."""
    parts = next((urlsplit(str(settings[name])) for name in ADDRESS_SETTINGS if settings.get(name)), None)
    if parts is None or parts.hostname is None:
        return None
    return f"{parts.hostname}:{parts.port or _PORTS.get(parts.scheme, 0)}"


class Channel(Base):
    """One account or endpoint. ``encrypted_secrets`` holds its secrets, encrypted by the coordinator; the domain cannot
    read them.

    ``host``: where its messages are sent (``host_of``), set with the settings; channels with one host take turns.
    ``topics``: codes it receives; None = every topic. ``company_id``: the partner it belongs to; None = the
    department's. ``failing_since``: the first of the ``failures`` in a row; ``alarmed_at``: when administrators got the
    alarm. ``silent``, ``opened``, ``open_until``: its circuit breaker (``health.CircuitBreaker``). ``rate``, ``burst``,
    ``at_once``: limits that an administrator set, None = the default of the kind; ``free_at``: the earliest time of the
    next message by its rate (``rate_limits``).
    """

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(200))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("companies.id"), index=True)
    topics: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    settings: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    host: Mapped[str | None] = mapped_column(sa.String(300), index=True)
    encrypted_secrets: Mapped[str | None] = mapped_column(sa.Text)
    state: Mapped[ChannelState] = mapped_column(by_value(ChannelState, "channel_state"), default=ChannelState.ACTIVE)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    last_success_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(sa.Text, default="")
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    alarmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    silent: Mapped[int] = mapped_column(default=0, server_default="0")
    opened: Mapped[int] = mapped_column(default=0, server_default="0")
    open_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    rate: Mapped[int | None]
    burst: Mapped[int | None]
    at_once: Mapped[int | None]
    free_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    company: Mapped[Company | None] = relationship()

    @validates("settings")
    def _set_host(self, _name: str, settings: dict[str, Any]) -> dict[str, Any]:
        self.host = host_of(settings)
        return settings

    def takes(self, topic: str) -> bool:
        """Whether the channel receives this topic."""
        return self.topics is None or topic in self.topics

    def start_afresh(self) -> None:
        """Reset the failures, after a repair."""
        self.failures, self.silent, self.opened, self.open_until = 0, 0, 0, None
        self.failing_since = self.alarmed_at = None


def add_channel(
    session: Session,
    actor: Actor,
    *,
    code: str | None,
    kind: str,
    name: str,
    company: Company | None,
    topics: Sequence[str] | None,
    settings: Mapping[str, Any],
    encrypted_secrets: str | None,
    now: datetime,
) -> Channel:
    """Add a channel whose ``kind`` and ``settings`` the coordinator has checked.

    Raises ``Invalid`` for an empty name or an unknown topic, ``Conflict`` for a code in use, ``Forbidden``.
    """
    actor.require(Permission.CONFIGURE)
    return create_channel(
        session, actor.id, code=code, kind=kind, name=name, company=company, topics=topics, settings=settings,
        encrypted_secrets=encrypted_secrets, now=now,
    )  # fmt: skip


def create_channel(
    session: Session,
    actor: str,
    *,
    code: str | None,
    kind: str,
    name: str,
    company: Company | None,
    topics: Sequence[str] | None,
    settings: Mapping[str, Any],
    encrypted_secrets: str | None,
    now: datetime,
) -> Channel:
    """Create a channel without a check of permission, for a caller that has checked it (``portal_webhook``)."""
    errors = []
    if not name.strip():
        errors.append(FieldError("name", "required", "a channel needs a name"))
    errors.extend(_topic_errors(session, topics))
    wanted = slug(code or name)[:50] or kind
    if code is not None and wanted != code:
        errors.append(FieldError("code", "code", f"{code!r} is not made of latin letters, digits and hyphens"))
    if errors:
        raise Invalid(errors)
    if company is not None:
        company = current_company(session, company)
    taken = set(session.execute(sa.select(Channel.code).where(Channel.code.like(f"{wanted}%"))).scalars())
    if code is not None and code in taken:
        raise Conflict(f"channel {code} exists", code="channel_taken", channel=code)
    free = wanted
    number = 2
    while free in taken:
        free, number = f"{wanted}-{number}", number + 1
    channel = Channel(
        code=free,
        kind=kind,
        name=name.strip(),
        company=company,
        topics=list(topics) if topics is not None else None,
        settings=dict(settings),
        encrypted_secrets=encrypted_secrets,
        state=ChannelState.ACTIVE,
        failures=0,
        silent=0,
        opened=0,
        created_at=now,
    )
    session.add(channel)
    session.flush()
    details = {"kind": kind, "partner": company.code if company else None, "topics": channel.topics}
    journal.record(session, actor, "channel.added", "channel", free, details, now=now)
    return channel


def change_channel(
    session: Session,
    actor: Actor,
    channel: Channel,
    *,
    name: str | None = None,
    topics: Sequence[str] | None = None,
    all_topics_again: bool = False,
    settings: Mapping[str, Any] | None = None,
    encrypted_secrets: str | None = None,
    now: datetime,
) -> None:
    """Change the given values only. ``all_topics_again`` removes the topic filter.

    Raises as ``add_channel``.
    """
    actor.require(Permission.CONFIGURE)
    errors = _topic_errors(session, topics)
    if name is not None and not name.strip():
        errors.append(FieldError("name", "required", "a channel needs a name"))
    if errors:
        raise Invalid(errors)
    if name is not None:
        channel.name = name.strip()
    if topics is not None or all_topics_again:
        channel.topics = None if all_topics_again or topics is None else list(topics)
    if settings is not None:
        channel.settings = dict(settings)
    if encrypted_secrets is not None:
        channel.encrypted_secrets = encrypted_secrets
    session.flush()
    details = {"name": channel.name, "topics": channel.topics, "secrets": encrypted_secrets is not None}
    journal.record(session, actor.id, "channel.changed", "channel", channel.code, details, now=now)


def set_limits(
    session: Session,
    actor: Actor,
    channel: Channel,
    *,
    rate: int | None,
    burst: int | None,
    at_once: int | None,
    parallel: bool,
    now: datetime,
) -> None:
    """Set the rate limit of a channel; None = the default of its kind. ``parallel``: whether the kind allows concurrent
    messages. Raises ``Invalid``, ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    if errors := rate_limits.limit_errors(rate, burst, at_once, parallel=parallel):
        raise Invalid(errors)
    channel.rate, channel.burst, channel.at_once, channel.free_at = rate, burst, at_once, None
    session.flush()
    details = {"rate": rate, "burst": burst, "at_once": at_once}
    journal.record(session, actor.id, "channel.limits", "channel", channel.code, details, now=now)


def _topic_errors(session: Session, topics: Sequence[str] | None) -> list[FieldError]:
    known = {topic.code for topic in all_topics(session)}
    return [
        FieldError(f"topics.{position}", "unknown_topic", f"there is no topic {topic!r}")
        for position, topic in enumerate(topics or ())
        if topic not in known
    ]


def pause(session: Session, actor: Actor, channel: Channel, *, now: datetime) -> None:
    """Pause a channel: its deliveries wait. Raises ``Conflict`` when it is retired."""
    actor.require(Permission.CONFIGURE)
    _change_state(session, actor.id, channel, ChannelState.PAUSED, "channel.paused", now)


def resume(session: Session, actor: Actor, channel: Channel, *, now: datetime) -> None:
    """Resume a paused or failing channel and close its circuit breaker. Raises ``Conflict`` when it is retired."""
    actor.require(Permission.CONFIGURE)
    channel.start_afresh()
    _change_state(session, actor.id, channel, ChannelState.ACTIVE, "channel.resumed", now)


def retire(session: Session, actor: Actor, channel: Channel) -> None:
    """Retire a channel; ``manual_actions.retire_channel`` also skips its open deliveries. Raises ``Conflict``,
    ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    _require_in_use(channel)
    channel.state = ChannelState.RETIRED
    session.flush()


def restore(session: Session, actor: Actor, channel: Channel) -> None:
    """Restore a retired channel as paused, with a closed breaker and no failures. Raises ``Conflict``,
    ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    if channel.state is not ChannelState.RETIRED:
        raise Conflict(f"channel {channel.code} is not retired", code="channel_used", channel=channel.name)
    channel.start_afresh()
    channel.state = ChannelState.PAUSED
    session.flush()


def _require_in_use(channel: Channel) -> None:
    if channel.state is ChannelState.RETIRED:
        raise Conflict(f"channel {channel.code} is retired", code="channel_retired", channel=channel.code)


def _change_state(session: Session, actor: str, channel: Channel, state: ChannelState, act: str, now: datetime) -> None:
    _require_in_use(channel)
    channel.state = state
    session.flush()
    journal.record(session, actor, act, "channel", channel.code, now=now)


def set_state(session: Session, channel: Channel, state: ChannelState, why: str, *, now: datetime) -> None:
    """Set a state that the product detected (authorisation lost, endpoint gone, failing, recovered)."""
    if channel.state is state:
        return
    channel.state = state
    session.flush()
    details = {"state": state, "why": why}
    journal.record(session, journal.SYSTEM, "channel.state", "channel", channel.code, details, now=now)


def find_channel(session: Session, code: str) -> Channel:
    """Return the channel with this code. Raises ``NotFound``."""
    row = session.execute(sa.select(Channel).where(Channel.code == code)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no channel {code}", channel=code)
    return row


def all_channels(session: Session) -> Sequence[Channel]:
    """Return every channel, the department's own first."""
    query = sa.select(Channel).order_by(Channel.company_id.is_not(None), Channel.name, Channel.id)
    return session.execute(query).scalars().all()


@dataclass(frozen=True)
class ChannelFilter(ListFilter):
    """Filter of a list of channels. ``partner``: a code."""

    state: ChannelState | None = argument(where=lambda state: Channel.state == state)
    kind: str | None = argument(where=lambda kind: Channel.kind == kind)
    partner: str | None = argument(where=lambda code: Channel.company_id == current_company_id(code), of=Company)
