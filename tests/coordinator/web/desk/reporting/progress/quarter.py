"""A plan eight weeks into its quarter: twenty partners, five of them silent, quiet weekends, targets of each kind."""

import random
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.planning.campaigns import MilestoneContent, TargetContent
from campaigns.republications.attribution.verdicts import Attribution
from tests import factories
from tests.campaigns.reporting.sample_republications import TOPICS, make_republication
from tests.factories import NOW, planned

FIRST, LAST, TODAY = date(2026, 10, 1), date(2026, 12, 31), date(2026, 11, 24)
PARTNERS, SILENT, SILENT_SINCE = 20, 5, date(2026, 11, 8)
MILESTONES = ((date(2026, 10, 31), 150), (date(2026, 11, 15), 400), (date(2026, 12, 15), 450))
TARGETS = (
    TargetContent("republications", 700, milestones=tuple(MilestoneContent(*milestone) for milestone in MILESTONES)),
    TargetContent("republications", 330, "kinh-te-xa-hoi"),
    TargetContent("bulletins", 60),
    TargetContent("partners", 25),
    TargetContent("attribution_rate", 95),
    TargetContent("median_delay", 1.5),
    TargetContent("views", 5000),
)


def quarter(session: Session) -> None:
    """Make the plan; it is the same each time."""
    dice = random.Random(174)
    sites = [
        factories.site(session, factories.company(session, f"Công ty cổ phần Tin {number}"))
        for number in range(PARTNERS)
    ]
    more = [factories.site(session, sites[number].company) for number in range(4)]
    for site in sites:
        factories.channel(session, company=site.company)
    days = [FIRST + timedelta(days=number) for number in range((TODAY - FIRST).days + 1)]
    bulletins = []
    for day in days[::2]:
        bulletin = factories.published(session, topic=dice.choice(TOPICS))
        bulletin.released_on = day
        bulletins.append(bulletin)
    session.flush()
    session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
    for day in days:
        recent = [
            bulletin for bulletin in bulletins if bulletin.released_on is not None and bulletin.released_on <= day
        ][-4:]
        for _ in range(9 if day.weekday() < 5 else 3):
            number = min(int(dice.expovariate(0.25)), PARTNERS - 1)
            if number < SILENT and day >= SILENT_SINCE:
                continue
            site = dice.choice([sites[number], *more[number : number + 1]])
            ways = [Attribution.LINKED_AT_END] * 6 + [Attribution.NAMED_ONLY, Attribution.LINKED_ELSEWHERE]
            make_republication(
                session, dice.choice(recent), site, counted_on=day, read=False, attribution=dice.choice(ways),
                first_seen_at=NOW + timedelta(minutes=dice.randrange(10, 600)),
            )  # fmt: skip
    planned(session, FIRST, LAST, *TARGETS, topics=TOPICS, name="Lan tỏa thông tin chính thống")
