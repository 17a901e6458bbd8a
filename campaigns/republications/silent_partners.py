"""Silent partners receive bulletins and publish no confirmed copy. This is the only definition; every page uses it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.channels import Channel
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.partners.directory import COMPANY_IN_USE, Company, Site
from campaigns.planning.shortfalls import RECENT_DAYS
from campaigns.republications.republications import Republication, RepublicationStatus

# The same days as for recent copies, so that a silent partner has none among them.
SILENT_DAYS = RECENT_DAYS


def is_silent(today: date) -> sa.ColumnElement[bool]:
    """Condition on ``Company``: in the last ``SILENT_DAYS`` up to ``today`` at least one bulletin released in them was
    delivered to the partner, and no confirmed copy counts on any of them."""
    first = today - timedelta(days=SILENT_DAYS - 1)
    received = (
        sa.select(Channel.company_id)
        .join(Delivery, Delivery.channel_id == Channel.id)
        .join(Bulletin, Bulletin.id == Delivery.bulletin_id)
        .where(
            Channel.company_id.is_not(None),
            Delivery.state == DeliveryState.DELIVERED,
            Bulletin.released_on.between(first, today),
        )
    )
    # Correlated, so that an index by site is read for each partner instead of all copies of the days.
    confirmed = sa.exists().where(_confirmed_copy(), Republication.counted_on.between(first, today))
    return sa.and_(COMPANY_IN_USE, Company.id.in_(received), sa.not_(confirmed))


def _confirmed_copy() -> sa.ColumnElement[bool]:
    return sa.and_(
        Republication.site_id == Site.id,
        Site.company_id == Company.id,
        Republication.status == RepublicationStatus.CONFIRMED,
    )


def silent_partner_codes(session: Session, today: date) -> frozenset[str]:
    """The codes of all silent partners."""
    return frozenset(session.execute(sa.select(Company.code).where(is_silent(today))).scalars())


@dataclass(frozen=True)
class SilentPartner:
    """A silent partner; ``last_on`` is the day of its last confirmed copy, None without any."""

    code: str
    name: str
    last_on: date | None


@dataclass(frozen=True)
class SilentPartnerList:
    """The number of silent partners, and those silent the longest."""

    count: int
    longest: tuple[SilentPartner, ...]


def silent_partners(session: Session, today: date, most: int = 5) -> SilentPartnerList:
    """The silent partners, those without any confirmed copy first, then those with the oldest last copy."""
    last_on = (
        sa.select(sa.func.max(Republication.counted_on)).where(_confirmed_copy()).correlate(Company).scalar_subquery()
    )
    columns: tuple[Any, ...] = (Company.code, Company.name, last_on.label("last_on"))
    silent = sa.select(*columns).where(is_silent(today)).subquery()
    count = sa.func.count().over().label("all")
    # Without NULLS FIRST, whose default differs between the two databases.
    order = (silent.c.last_on.is_not(None), silent.c.last_on, silent.c.name)
    rows = session.execute(sa.select(silent, count).order_by(*order).limit(most)).all()
    return SilentPartnerList(rows[0].all if rows else 0, tuple(SilentPartner(*row[:3]) for row in rows))
