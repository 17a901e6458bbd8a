"""What the clock does by itself, apart from handing out work: release what is due, tidy up."""

import logging
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from campaigns.core import leading
from campaigns.partners.directory import Site
from campaigns.people import replies
from campaigns.publishing import subscriptions, workflow
from campaigns.tracking import prints, views, watching
from campaigns.tracking.watching import Source
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)  # how long a clock may be silent before another takes over


def lead(place: Workplace, holder: str) -> bool:
    """Whether this clock may tick. Another that holds the lease keeps us quiet until it stops."""
    with place.database.write() as session:
        return leading.lead(session, "clock", holder, LEASE, now=place.now())


def step_down(place: Workplace, holder: str) -> None:
    """Let another clock take over at once."""
    with place.database.write() as session:
        leading.step_down(session, "clock", holder, now=place.now())


def release(place: Workplace) -> Sequence[str]:
    """Write down what became visible by itself, and tell the subscribers. Returns the codes."""
    with place.database.write() as session:
        codes = workflow.release_due(session, now=place.now())
        if codes:
            subscriptions.announce(session, now=place.now())
    for code in codes:
        log.info("released %s", code)
    return codes


def index(place: Workplace) -> int:
    """Fingerprint every released text that is not in the index yet; returns how many."""
    with place.database.read() as session:
        if not prints.missing(session):
            return 0
    with place.database.write() as session:
        return prints.index_missing(session, now=place.now())


def tidy(place: Workplace) -> None:
    """Hourly: drop what is past its time, and make sure that every site is being looked at."""
    now = place.now()
    with place.database.write() as session:
        replies.forget_replies(session, now=now)
        views.forget_readers(session, now=now)
        unwatched = sa.select(Site).where(Site.active, ~sa.exists().where(Source.site_id == Site.id))
        for site in session.execute(unwatched).scalars().all():
            watching.watch(session, site, now=now)
    # Salts that are destroyed must not live on in the log of the database.
    place.database.forget_log()
