"""Deliveries as the desk's list shows them: which ones, in which order, with their last try."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import OPEN, Attempt, Delivery, DeliveryState, Natures
from campaigns.publishing.transport import Act
from campaigns.reporting.waiting import deliveries_in_need
from coordinator.web.desk.delivery_trouble import Facts, Trouble, trouble_of
from coordinator.web.desk.listing import PAGE, Part


@dataclass(frozen=True)
class Asked:
    """The filters of the list; empty = any. ``needs``: only those that wait for a person."""

    state: DeliveryState | None = None
    channel: str = ""
    bulletin: str = ""
    needs: bool = False

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Asked":
        """From an address; what cannot be understood is no filter."""
        known = {state.value: state for state in DeliveryState}
        return cls(
            state=known.get(args.get("state", "")),
            channel=args.get("channel", "").strip(),
            bulletin=args.get("bulletin", "").strip(),
            needs=args.get("view") == "needs",
        )

    @property
    def narrowed(self) -> bool:
        """Whether any filter of the form is set."""
        return bool(self.state or self.channel or self.bulletin)


@dataclass(frozen=True)
class DeliveryRow:
    """One line. ``next_at``: when it is tried next; ``tries``: how often it was tried."""

    id: str
    bulletin: str
    title: str
    revision: int
    channel: str
    channel_code: str
    act: Act
    state: DeliveryState
    next_at: datetime | None
    last_at: datetime | None
    tries: int
    trouble: Trouble | None


def _conditions(asked: Asked, natures: Natures, now: datetime) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if asked.state is not None:
        conditions.append(Delivery.state == asked.state)
    if asked.channel:
        conditions.append(Channel.code == asked.channel)
    if asked.bulletin:
        conditions.append(Bulletin.code == asked.bulletin)
    if asked.needs:
        conditions.append(deliveries_in_need(natures, now))
    return conditions


def count(session: Session, asked: Asked, natures: Natures, *, now: datetime) -> int:
    """How many deliveries meet the filters."""
    query = (
        sa.select(sa.func.count())
        .select_from(Delivery)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Bulletin, Bulletin.id == Delivery.bulletin_id)
        .where(*_conditions(asked, natures, now))
    )
    return session.execute(query).scalar_one()


def rows(session: Session, asked: Asked, natures: Natures, number: int, *, now: datetime) -> Part[DeliveryRow]:
    """One page of the list, newest first; beyond the end, the last page."""
    total = count(session, asked, natures, now=now)
    number = min(number, max(-(-total // PAGE), 1))
    tried = (
        sa.select(Attempt.delivery_id, sa.func.max(Attempt.id).label("last"), sa.func.count().label("tries"))
        .group_by(Attempt.delivery_id)
        .subquery()
    )
    query = (
        sa.select(Delivery, Channel, Bulletin.code, Bulletin.release_at, Revision.title, Attempt, tried.c.tries)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Bulletin, Bulletin.id == Delivery.bulletin_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Delivery.revision))
        .outerjoin(tried, tried.c.delivery_id == Delivery.id)
        .outerjoin(Attempt, Attempt.id == tried.c.last)
        .where(*_conditions(asked, natures, now))
        .order_by(Delivery.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    found = [
        DeliveryRow(
            id=delivery.public,
            bulletin=code,
            title=title,
            revision=delivery.revision,
            channel=channel.name,
            channel_code=channel.code,
            act=delivery.act,
            state=delivery.state,
            next_at=delivery.due_at if delivery.state in OPEN else None,
            last_at=last.at if last is not None else None,
            tries=tries or 0,
            trouble=trouble_of(facts_of(delivery, channel, release_at, last, natures, now)),
        )
        for delivery, channel, code, release_at, title, last, tries in session.execute(query)
    ]
    return Part(found, total, number)


def facts_of(
    delivery: Delivery,
    channel: Channel,
    release_at: datetime | None,
    last: Attempt | None,
    natures: Natures,
    now: datetime,
) -> Facts:
    """What ``trouble_of`` wants to know of a row."""
    return Facts(
        state=delivery.state,
        reason=delivery.reason,
        status=last.status if last is not None else None,
        error=last.error if last is not None else "",
        channel=channel.state,
        manual=channel.kind in natures.manual,
        pulled=channel.kind in natures.pulled,
        released=release_at is not None and release_at <= now,
        act=delivery.act,
        rests_until=channel.open_until if channel.open_until is not None and channel.open_until > now else None,
    )
