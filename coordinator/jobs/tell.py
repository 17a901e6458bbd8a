"""Tell: the hub's work. Verify a subscription's callback, or send it the feed that has changed."""

import logging

from campaigns.core import ledger
from campaigns.publishing.subscriptions import Subscription
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` subscriptions that are to be verified or told."""
    now = place.now()
    with place.database.write() as session:
        return ledger.claim(session, Subscription, limit, place.pace.lease, now=now)
