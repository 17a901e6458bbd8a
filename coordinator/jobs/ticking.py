"""What the clock does by itself, apart from handing out work: release what is due, tidy up."""

import logging
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from campaigns.compliance import inspections
from campaigns.core import leading, ledger, presence
from campaigns.partners import register_runs
from campaigns.partners.directory import Site
from campaigns.people import alarms, letters, replies, spent, tries
from campaigns.publishing import claiming, subscriptions, workflow
from campaigns.reporting import sendings
from campaigns.tracking import holding, hosts, prints, surveys, views, watching
from campaigns.tracking.watching import Source
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

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


def unlock(place: Workplace) -> None:
    """Give back what was claimed while the machine's clock was ahead."""
    with place.database.write() as session:
        unlocked = ledger.unlock(session, now=place.now())
        unlocked += claiming.believe_no_later(session, now=place.now())
    if unlocked:
        log.warning("%d claims and rests ran on for too long and were ended: was the clock wrong?", unlocked)


def release(place: Workplace) -> Sequence[str]:
    """Write down what became visible by itself, and tell the subscribers. Returns the codes."""
    with place.database.write() as session:
        codes = workflow.release_due(session, now=place.now())
        if codes:
            subscriptions.announce(session, now=place.now())
    for code in codes:
        log.info("released %s", code, extra=about("released", work="clock", bulletin=code))
    return codes


def index(place: Workplace) -> int:
    """Fingerprint every released text that is not in the index yet; returns how many."""
    with place.database.read() as session:
        if not prints.missing(session):
            return 0
    with place.database.write() as session:
        return prints.index_missing(session, now=place.now())


def compare_held(place: Workplace) -> int:
    """Fetch again the pages that were read before we had a text they share hashes with; returns how many.

    The pages are read through without holding up any writer. A page that somebody is reading at this moment is waited
    for: the texts are compared again at the next tick.
    """
    with place.database.read() as session:
        texts = holding.uncompared(session)
        if not texts:
            return 0
        idents = [text.id for text in texts]
        pages = holding.sharing_pages(session, texts)
    with place.database.write() as session:
        now = place.now()
        if holding.fetch_again(session, pages, now=now):
            holding.note_compared(session, idents, now=now)
    if pages:
        log.info("%d pages read before are fetched again for %d new texts", len(pages), len(texts))
    return len(pages)


def tidy(place: Workplace) -> None:
    """Hourly: drop what is past its time, make sure that every site is being looked at, and that the database knows how
    much it holds."""
    now = place.now()
    with place.database.write() as session:
        holding.forget(session, now=now)
        hosts.sweep(session, now=now)
        presence.forget_gone(session, now=now)
    with place.database.write() as session:
        replies.forget_replies(session, now=now)
        tries.forget_tries(session, now=now)
        spent.forget_spent(session, now=now)
        letters.forget_letters(session, now=now)
        alarms.forget_alarms(session, now=now)
        sendings.forget_sendings(session, now=now)
        views.forget_readers(session, now=now)
        # A site that came with the register has no sources yet: what it offers is looked up, and waits to be chosen.
        for site in surveys.unsurveyed(session):
            surveys.ask(session, site, now=now)
        unwatched = sa.select(Site).where(Site.active, ~sa.exists().where(Source.site_id == Site.id)).order_by(Site.id)
        for site in session.execute(unwatched).scalars().all():
            watching.watch(session, site, now=now)
    with place.database.write() as session:
        inspections.enrol(session, place.pace, now=now)
    forgotten = 1
    while forgotten:
        with place.database.write() as session:
            forgotten = register_runs.forget_old(session, now=now)
    if grown := place.database.learn():
        log.info("counted anew for the planner: %s", ", ".join(grown))
    # Salts that are destroyed must not live on in the log of the database.
    place.database.forget_log()
