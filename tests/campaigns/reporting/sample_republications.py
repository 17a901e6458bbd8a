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
from campaigns.republications.counted_copy import count_second_posting, counted_copy, counted_elsewhere, set_status
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
    body_key: str | None = None,
) -> Republication:
    """One republication; ``read``: with evidence that we fetched it; ``body_key``: of the page that was kept of it.

    A second confirmed one of the same bulletin on the same site is a second posting; a duplicate without a counted
    copy is a candidate.
    """
    number = next(factories._numbers)  # a running number is all that keeps addresses apart
    address = f"{site.url}bai-{number}"
    page = Page(site_id=site.id, url=address, canonical_url=address, first_seen_at=first_seen_at, error="")
    session.add(page)
    session.flush()
    session.flush()
    counted = counted_copy(session, bulletin.id, site.id)
    if status is RepublicationStatus.DUPLICATE and counted is None:
        status = RepublicationStatus.CANDIDATE
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
        second_posting=status is RepublicationStatus.CONFIRMED and counted is not None,
        duplicate_of=counted if status is RepublicationStatus.DUPLICATE else None,
    )
    session.add(row)
    session.flush()
    if read:
        session.add(
            Evidence(
                republication_id=row.id, at=first_seen_at, status=200, final_url=address, body_hash="0" * 64,
                body_key=body_key, match=match, share=0.9, longest_run=80, title_kept=True, attribution=attribution,
                passages=[], reasons=[], rule_version="test", fp_version="test",
            )
        )  # fmt: skip
        session.flush()
    return row


def give_status(session: Session, dice: random.Random, row: Republication) -> None:
    """Any status that a check or a person gives; now and then a second posting beside the counted copy."""
    status = dice.choice([status for status in RepublicationStatus if status is not RepublicationStatus.DUPLICATE])
    if status is RepublicationStatus.CONFIRMED and dice.random() < 0.3 and counted_elsewhere(session, row) is not None:
        count_second_posting(session, row, now=NOW)
    else:
        set_status(session, row, status, now=NOW)


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
