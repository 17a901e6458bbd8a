"""Invented republications of every kind, reproducible by their seed."""

import random
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import city_day
from campaigns.discovery.sightings import Page
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Site
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    Evidence,
    EvidenceLevel,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)
from tests import factories
from tests.factories import NOW

TOPICS = ("dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong")


def make_republication(
    session: Session,
    bulletin: Bulletin,
    site: Site,
    *,
    status: RepublicationStatus = RepublicationStatus.CONFIRMED,
    match: Match = Match.FULL,
    attribution: Attribution = Attribution.LINKED_AT_END,
    life: RepublicationLife = RepublicationLife.LIVE,
    counted_on: date | None = None,
    published_at: datetime | None = None,
    first_seen_at: datetime = NOW,
    read: bool = True,
) -> Republication:
    """One republication; ``read``: with evidence that we fetched it."""
    number = next(factories._numbers)  # a running number is all that keeps addresses apart
    address = f"{site.url}bai-{number}"
    page = Page(site_id=site.id, url=address, canonical_url=address, first_seen_at=first_seen_at, error="")
    session.add(page)
    session.flush()
    row = Republication(
        public=f"rep_{number}",
        bulletin_id=bulletin.id,
        site_id=site.id,
        page_id=page.id,
        url=address,
        canonical_url=address,
        status=status,
        life=life,
        level=EvidenceLevel.FETCHED if read else EvidenceLevel.REPORTED,
        match=match,
        share=0.9,
        attribution=attribution,
        reasons=[],
        published_at=published_at,
        first_seen_at=first_seen_at,
        counted_on=counted_on or city_day(published_at or first_seen_at),
        title_kept=True,
        decision_note="",
    )
    session.add(row)
    session.flush()
    if read:
        session.add(
            Evidence(
                republication_id=row.id, at=first_seen_at, status=200, final_url=address, body_hash="0" * 64,
                match=match, share=0.9, longest_run=80, title_kept=True, attribution=attribution, passages=[],
                reasons=[], rule_version="test", fp_version="test",
            )
        )  # fmt: skip
        session.flush()
    return row


def make_republications(session: Session, seed: int, count: int = 60) -> list[Republication]:
    """Copies over three topics, four sites of two partners and five weeks, of every status, match and attribution."""
    dice = random.Random(seed)
    owners = [factories.company(session), factories.company(session)]
    sites = [factories.site(session, owners[number % 2]) for number in range(4)]
    bulletins = [factories.published(session, topic=topic, now=NOW) for topic in TOPICS]
    made = []
    for _ in range(count):
        seen = NOW + timedelta(minutes=dice.randrange(0, 3000))
        made.append(
            make_republication(
                session,
                dice.choice(bulletins),
                dice.choice(sites),
                status=dice.choice(list(RepublicationStatus)),
                match=dice.choice(list(Match)),
                attribution=dice.choice(list(Attribution)),
                life=dice.choice(list(RepublicationLife)),
                counted_on=date(2026, 10, 28) + timedelta(days=dice.randrange(0, 35)),
                published_at=dice.choice([None, seen - timedelta(minutes=dice.randrange(0, 60))]),
                first_seen_at=seen,
                read=dice.random() < 0.7,
            )
        )
    return made
