"""A partner's own push as its page shows it: where to, how it stands, what was sent and tried, with what came back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.publishing.own_push import own_pushes, tried
from campaigns.publishing.transport import Act
from coordinator.jobs.workplace import Workplace
from coordinator.web.portal.push_words import advice, answered

KIND = "webhook"
MOST = 30  # deliveries shown; the desk has them all


@dataclass(frozen=True)
class SentLine:
    """One message. ``status``: what the address answered last, None without an answer."""

    id: str
    bulletin: str
    act: Act
    state: DeliveryState
    at: datetime
    tries: int
    status: int | None
    next_at: datetime | None
    advice: str


@dataclass(frozen=True)
class TriedLine:
    """One test."""

    at: datetime
    good: bool
    words: str


@dataclass(frozen=True)
class PushShown:
    """One channel. ``former_until``: how long the secret before still signs beside the present one."""

    code: str
    name: str
    url: str
    state: ChannelState
    last_success_at: datetime | None
    topics: Sequence[str] | None
    former_until: datetime | None
    sent: Sequence[SentLine]
    tests: Sequence[TriedLine]


def shown(place: Workplace, session: Session, company_id: int) -> list[PushShown]:
    """Every push of this partner."""
    return [_one(place, session, channel) for channel in own_pushes(session, company_id, KIND)]


def former_until(place: Workplace, channel: Channel, now: datetime) -> datetime | None:
    """Until when the former secret signs too; None when it does not."""
    kept = place.seal.open(channel.sealed).get("previous_until")
    until = datetime.fromisoformat(kept) if kept else None
    return until if until is not None and until > now else None


def _one(place: Workplace, session: Session, channel: Channel) -> PushShown:
    query = (
        sa.select(Delivery)
        .where(Delivery.channel_id == channel.id)
        .options(selectinload(Delivery.attempts), selectinload(Delivery.bulletin))
        .order_by(Delivery.id.desc())
        .limit(MOST)
    )
    return PushShown(
        code=channel.code,
        name=channel.name,
        url=str(channel.settings.get("url", "")),
        state=channel.state,
        last_success_at=channel.last_success_at,
        topics=channel.topics,
        former_until=former_until(place, channel, place.now()),
        sent=[_sent(one, channel.state, place.now()) for one in session.execute(query).scalars()],
        tests=[_test(one.at, json.loads(one.details)) for one in tried(session, channel)],
    )


def _sent(row: Delivery, state: ChannelState, now: datetime) -> SentLine:
    last = row.attempts[-1] if row.attempts else None
    status, error = (last.status, last.error) if last is not None else (None, "")
    out = row.bulletin.release_at is not None and row.bulletin.release_at <= now
    waits = row.state in {DeliveryState.DUE, DeliveryState.RETRYING}
    return SentLine(
        row.public,
        # Of what is still to come not even the code is told.
        row.bulletin.code if out else "",
        row.act,
        row.state,
        last.at if last is not None else row.created_at,
        len(row.attempts),
        status,
        row.due_at if waits else None,
        advice(row.state, state, status, error),
    )


def _test(at: datetime, details: dict[str, object]) -> TriedLine:
    status = details.get("status")
    known = status if isinstance(status, int) else None
    good = known is not None and 200 <= known < 300
    return TriedLine(at, good, answered(known, str(details.get("detail", ""))))
