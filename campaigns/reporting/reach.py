"""The reach of single bulletins: the channels they reached and the copies that appeared."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.reporting.rollups.rollup_query import bulletin_conditions
from campaigns.reporting.tallies import TallyScope, count_if, republication_conditions
from campaigns.republications.republications import (
    NO_COPIES,
    NO_DAY,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)
from campaigns.republications.teasers import Teaser


@dataclass(frozen=True)
class BulletinReach:
    """The reach of one bulletin: the number of its channels, of those that have it, and of its copies by status.

    ``unknown`` and ``dead`` count deliveries that need a person; ``gone`` is a part of ``confirmed``. ``teasers``:
    pages with headline and lead only, counted apart. ``unreadable``: copies, counted or waiting, whose page cannot be
    read now.
    """

    channels: int = 0
    delivered: int = 0
    unknown: int = 0
    dead: int = 0
    confirmed: int = 0
    review: int = 0
    rejected: int = 0
    gone: int = 0
    unreadable: int = 0
    teasers: int = 0


_UNSENT_STATES = (DeliveryState.CANCELLED, DeliveryState.SKIPPED)


def _distinct_channels(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """Return the number of distinct channels with a delivery that meets all conditions."""
    return sa.func.count(sa.distinct(sa.case((sa.and_(*conditions), Delivery.channel_id))))


def reach_of(session: Session, bulletins: Collection[int]) -> Mapping[int, BulletinReach]:
    """Return the reach of each of these bulletins (by primary key). Uses three queries for any number."""
    deliveries = (
        sa.select(
            Delivery.bulletin_id,
            _distinct_channels(Delivery.state.not_in(_UNSENT_STATES)),
            _distinct_channels(Delivery.state == DeliveryState.DELIVERED),
            count_if(Delivery.state == DeliveryState.UNKNOWN),
            count_if(Delivery.state == DeliveryState.DEAD),
        )
        .where(Delivery.bulletin_id.in_(bulletins))
        .group_by(Delivery.bulletin_id)
    )
    copies = (
        sa.select(
            Republication.bulletin_id,
            count_if(Republication.status == RepublicationStatus.CONFIRMED),
            count_if(Republication.status == RepublicationStatus.REVIEW),
            count_if(Republication.status == RepublicationStatus.REJECTED),
            count_if(
                Republication.status == RepublicationStatus.CONFIRMED, Republication.life == RepublicationLife.GONE
            ),
            count_if(Republication.status.not_in(NO_COPIES), Republication.life == RepublicationLife.UNREADABLE),
        )
        .where(Republication.bulletin_id.in_(bulletins), Republication.counted_on > NO_DAY)
        .group_by(Republication.bulletin_id)
    )
    announced = (
        sa.select(Teaser.bulletin_id, sa.func.count())
        .where(Teaser.bulletin_id.in_(bulletins), Teaser.counted_on > NO_DAY)
        .group_by(Teaser.bulletin_id)
    )
    teasers = {row[0]: row[1] for row in session.execute(announced)}
    sent = {row[0]: row[1:] for row in session.execute(deliveries)}
    seen = {row[0]: row[1:] for row in session.execute(copies)}
    return {
        bulletin: BulletinReach(
            *(
                int(figure)
                for figure in (*sent.get(bulletin, (0,) * 4), *seen.get(bulletin, (0,) * 5), teasers.get(bulletin, 0))
            )
        )
        for bulletin in bulletins
    }


@dataclass(frozen=True)
class SentCount:
    """The number of channels of a bulletin, and of those that have it."""

    channels: int
    delivered: int


def sent_of(session: Session, bulletins: Collection[int]) -> Mapping[int, SentCount]:
    """Return only this part of ``reach_of``, in one query; bulletins without a delivery are left out."""
    query = (
        sa.select(
            Delivery.bulletin_id,
            _distinct_channels(Delivery.state.not_in(_UNSENT_STATES)),
            _distinct_channels(Delivery.state == DeliveryState.DELIVERED),
        )
        .where(Delivery.bulletin_id.in_(bulletins))
        .group_by(Delivery.bulletin_id)
    )
    return {row[0]: SentCount(row[1], row[2]) for row in session.execute(query)}


@dataclass(frozen=True)
class FurthestBulletin:
    """A bulletin among those with the most confirmed copies of a scope."""

    code: str
    title: str
    confirmed: int


def furthest(session: Session, scope: TallyScope, most: int = 5) -> list[FurthestBulletin]:
    """Return the bulletins with the most confirmed copies in a scope, the most first, of equal ones the newest."""
    # Copies are counted first, from an index alone, and the bulletins looked up of these counts, which are fewer.
    carried = (
        sa.select(Republication.bulletin_id, sa.func.count().label("confirmed"))
        .where(*republication_conditions(scope), Republication.status == RepublicationStatus.CONFIRMED)
        .group_by(Republication.bulletin_id)
        .subquery()
    )
    first = (
        sa.select(Bulletin.id, Bulletin.code, Bulletin.released, Bulletin.latest, carried.c.confirmed)
        .join(carried, carried.c.bulletin_id == Bulletin.id)
        .where(*bulletin_conditions(scope))
        .order_by(carried.c.confirmed.desc(), Bulletin.id.desc())
        .limit(most)
        .subquery()
    )
    text = sa.and_(
        Revision.bulletin_id == first.c.id, Revision.number == sa.func.coalesce(first.c.released, first.c.latest)
    )
    query = (
        sa.select(first.c.code, Revision.title, first.c.confirmed)
        .join(first, text)
        .order_by(first.c.confirmed.desc(), first.c.id.desc())
    )
    return [FurthestBulletin(code, title, int(confirmed)) for code, title, confirmed in session.execute(query)]
