"""The list that a figure opens has exactly as many rows as the figure says, on random data."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinFilter
from campaigns.core.clock import Period
from campaigns.core.listing import ListFilter
from campaigns.delivery.outbox import Delivery, DeliveryFilter
from campaigns.partners.directory import Company, Site
from campaigns.planning.campaigns import Campaign, Metric, Topic
from campaigns.reporting import tallies
from campaigns.reporting.republication_filter import CopyFigure, DelayClass, RepublicationFilter
from campaigns.reporting.tallies import TallyScope, funnel_and_shares
from campaigns.reporting.timing import delay_figures
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from tests.campaigns.reporting.random_data import DAYS, FIRST, RandomData, make_random_data

pytestmark = pytest.mark.long

PERIOD = Period(FIRST + timedelta(days=3), FIRST + timedelta(days=DAYS - 5), "")
# The filter behind each figure of copies.
FILTERS = {
    "found": {"figure": CopyFigure.FOUND},
    "confirmed": {"status": RepublicationStatus.CONFIRMED},
    "review": {"status": RepublicationStatus.REVIEW},
    "rejected": {"status": RepublicationStatus.REJECTED},
    "gone": {"status": RepublicationStatus.CONFIRMED, "life": RepublicationLife.GONE},
    "attributed": {"status": RepublicationStatus.CONFIRMED, "attribution": Attribution.LINKED_AT_END},
    "unreadable": {"figure": CopyFigure.UNREADABLE},
}


def _count(session: Session, table: type, filters: ListFilter) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(table).where(*filters.conditions())).scalar_one()


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_figure_of_copies_and_of_arrivals_is_the_length_of_its_list(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    for campaign in (None, *made.campaigns):
        scope = TallyScope(PERIOD, campaign.id if campaign else None)
        own = {"campaign": campaign.code if campaign else None}
        for by in ("partner", "site", "topic", "day"):
            for row in tallies.rows(session, scope, by):
                day = date.fromisoformat(row.key) if by == "day" else None
                days = {"first": day or PERIOD.first, "last": day or PERIOD.last}
                place = {} if day else {by: row.key}
                for figure, wanted in FILTERS.items():
                    listed = RepublicationFilter(**own, **days, **place, **wanted)
                    assert _count(session, Republication, listed) == getattr(row, figure), (by, row.key, figure)
                if by != "site":
                    arrived = DeliveryFilter(arrived=True, **own, **days, **place)
                    assert _count(session, Delivery, arrived) == row.delivered, (by, row.key)
        for row in tallies.rows(session, scope, "channel"):
            arrived = DeliveryFilter(arrived=True, **own, channel=row.key, first=PERIOD.first, last=PERIOD.last)
            assert _count(session, Delivery, arrived) == row.delivered, row.key


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_step_delay_and_bulletin_is_the_length_of_its_list(session: Session, seed: int) -> None:
    made = make_random_data(session, seed)
    days = {"first": PERIOD.first, "last": PERIOD.last}
    for campaign in (None, *made.campaigns):
        scope = TallyScope(PERIOD, campaign.id if campaign else None)
        own = {"campaign": campaign.code if campaign else None}
        steps, _shares = funnel_and_shares(session, scope)
        for figure in (CopyFigure.FOUND, CopyFigure.FETCHED, CopyFigure.MATCHED, CopyFigure.BY_PERSON, CopyFigure.LIVE):
            listed = RepublicationFilter(**own, **days, figure=figure)
            assert _count(session, Republication, listed) == getattr(steps, figure.value), figure
        for delay, count in zip(DelayClass, delay_figures(session, scope).counts, strict=True):
            assert _count(session, Republication, RepublicationFilter(**own, **days, delay=delay)) == count, delay
        issued = sum(tallies.daily(session, scope, Metric.BULLETINS, PERIOD.days()))
        assert _count(session, Bulletin, BulletinFilter(**own, **days, issued=True)) == issued


def test_the_others_of_a_short_list_are_those_that_it_does_not_name(session: Session) -> None:
    made: RandomData = make_random_data(session, 4)
    every = _count(session, Republication, RepublicationFilter())
    companies, sites = [row.code for row in made.companies], [row.code for row in made.sites]
    for field, codes, kind in (("partner", companies, Company), ("site", sites, Site)):
        named = sum(_count(session, Republication, RepublicationFilter(**{field: code})) for code in codes[:2])
        rest = RepublicationFilter(**{f"but_{field}s": ",".join(codes[:2])})
        assert _count(session, Republication, rest) == every - named, kind
    topics = session.execute(sa.select(Topic.code)).scalars().all()
    named = sum(_count(session, Republication, RepublicationFilter(topic=code)) for code in topics[:2])
    assert _count(session, Republication, RepublicationFilter(but_topics=",".join(topics[:2]))) == every - named
    assert session.execute(sa.select(sa.func.count()).select_from(Campaign)).scalar_one() == 2
