"""Check: fetch one page of a partner's site, judge what it carries, keep the proof, and say when to look again."""

import logging
from dataclasses import dataclass

from campaigns.core import ledger
from campaigns.tracking.sightings import Page
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

PAGE_CAP = 2_000_000  # bytes, decoded: the largest real news pages have a quarter of it


@dataclass(frozen=True)
class Target:
    """One page to fetch, with what we know of it."""

    url: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` pages that are due."""
    now = place.now()
    with place.database.write() as session:
        return ledger.claim(session, Page, limit, place.pace.lease, now=now)
