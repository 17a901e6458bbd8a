"""Random data from a seed: partners, channels, bulletins of every state, deliveries, copies and views."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState
from campaigns.channels.channels import Channel
from campaigns.channels.transport import DeliveryAct
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.discovery.sightings import Page
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Company, Site
from campaigns.planning.campaigns import Campaign
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.teasers import Teaser
from campaigns.republications.views import VIEW_RULES, ViewDay
from tests import factories
from tests.campaigns.reporting.sample_republications import TOPICS, make_republication
from tests.factories import NOW, planned

FIRST = date(2026, 10, 25)
DAYS = 40


@dataclass
class RandomData:
    """Everything that was made, as plain lists to count by hand."""

    companies: list[Company] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    bulletins: list[Bulletin] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    copies: list[Republication] = field(default_factory=list)
    views: list[ViewDay] = field(default_factory=list)
    teasers: list[Teaser] = field(default_factory=list)


def make_random_data(session: Session, seed: int) -> RandomData:
    """One world. The same seed makes the same one."""
    dice = random.Random(seed)
    made = RandomData()
    made.companies = [factories.company(session) for _ in range(dice.randint(1, 4))]
    made.sites = [factories.site(session, dice.choice(made.companies)) for _ in range(dice.randint(1, 6))]
    owners: list[Company | None] = [None, *made.companies]
    made.channels = [
        factories.channel(session, dice.choice(["webhook", "feed", "manual"]), company=dice.choice(owners))
        for _ in range(dice.randint(1, 5))
    ]
    made.campaigns = [_campaign(session, dice, number) for number in range(2)]
    for _ in range(dice.randint(1, 8)):
        made.bulletins.append(_bulletin(session, dice, made))
    for _ in range(dice.randint(0, 60)):
        made.copies.append(_copy(session, dice, made))
    made.views = _views(session, dice, made)
    for _ in range(dice.randint(0, 20)):
        made.teasers.append(_teaser(session, dice, made))
    session.flush()
    return made


def _campaign(session: Session, dice: random.Random, number: int) -> Campaign:
    topics = dice.sample(TOPICS, dice.randint(1, 3))
    planned(
        session,
        FIRST,
        FIRST + timedelta(days=DAYS),
        code=f"kh-{number}",
        topics=topics,
        plan_number=f"{number}/KH",
        name=f"Kế hoạch {number}",
    )
    return session.query(Campaign).filter_by(code=f"kh-{number}").one()


def _day(dice: random.Random) -> date:
    return FIRST + timedelta(days=dice.randrange(DAYS))


def _bulletin(session: Session, dice: random.Random, made: RandomData) -> Bulletin:
    state = dice.choice(
        [
            BulletinState.DRAFT,
            BulletinState.SCHEDULED,
            BulletinState.PUBLISHED,
            BulletinState.PUBLISHED,
            BulletinState.RECALLED,
        ]
    )
    topic = dice.choice(TOPICS)
    bulletin = (
        factories.draft(session, topic=topic)
        if state is BulletinState.DRAFT
        else factories.published(session, topic=topic)
    )
    bulletin.state = state
    if state is not BulletinState.DRAFT:
        bulletin.released_on = _day(dice)
    bulletin.campaign = dice.choice([None, *made.campaigns])
    for delivery in session.query(Delivery).filter_by(bulletin_id=bulletin.id):
        delivery.state = dice.choice(list(DeliveryState))
        made.deliveries.append(delivery)
        if dice.random() < 0.4:  # a correction that went to the same channel
            again = Delivery(
                public=f"dlv_{next(factories._numbers)}", bulletin_id=bulletin.id, channel_id=delivery.channel_id,
                revision=2, act=DeliveryAct.CORRECT, state=dice.choice(list(DeliveryState)), created_at=NOW,
            )  # fmt: skip
            session.add(again)
            made.deliveries.append(again)
    session.flush()
    return bulletin


def _copy(session: Session, dice: random.Random, made: RandomData) -> Republication:
    return make_republication(
        session,
        dice.choice(made.bulletins),
        dice.choice(made.sites),
        status=dice.choice(list(RepublicationStatus)),
        match=dice.choice(list(Match)),
        attribution=dice.choice(list(Attribution)),
        life=dice.choice(list(RepublicationLife)),
        counted_on=_day(dice),
        read=False,
    )


def _views(session: Session, dice: random.Random, made: RandomData) -> list[ViewDay]:
    places = {
        (
            dice.choice(made.bulletins).id,
            dice.choice(["", "trang.example"]),
            _day(dice),
            dice.choice(["2026.0", VIEW_RULES]),
        )
        for _ in range(dice.randint(0, 30))
    }
    rows = []
    for bulletin_id, host, day, rules in sorted(places):
        raw = dice.randrange(1, 9)
        guarded = dice.randrange(raw)
        rows.append(ViewDay(bulletin_id=bulletin_id, host=host, day=day, rules=rules, raw=raw, guarded=guarded))
    session.add_all(rows)
    return rows


def _teaser(session: Session, dice: random.Random, made: RandomData) -> Teaser:
    site = dice.choice(made.sites)
    address = f"{site.url}tin-{next(factories._numbers)}"
    page = Page(site_id=site.id, url=address, canonical_url=address, first_seen_at=NOW, error="")
    session.add(page)
    session.flush()
    row = Teaser(
        bulletin_id=dice.choice(made.bulletins).id, site_id=site.id, page_id=page.id, headline="", seen_at=NOW,
        counted_on=_day(dice),
    )  # fmt: skip
    session.add(row)
    return row
