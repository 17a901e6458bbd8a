"""Inspect: fetch a site's front page and one article of ours on it, keep both, and hold them against the rules."""

import hashlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from campaigns.compliance import inspections
from campaigns.compliance.fronts import judge_front
from campaigns.compliance.imprints import FrontPage
from campaigns.compliance.inspections import Inspection, Seen
from campaigns.core import ledger
from campaigns.partners.directory import Site
from campaigns.tracking.urls import same_site
from coordinator.discovery.fronts import comments_on, read_front
from coordinator.discovery.page import Unreadable
from coordinator.http import Answer, DoorError, DoorErrorKind
from coordinator.jobs.check_pages import PAGE_CAP, PAGES
from coordinator.jobs.proving import keep
from coordinator.jobs.workplace import Workplace
from coordinator.keeping.captures import Earlier
from coordinator.logs import about

log = logging.getLogger(__name__)

TRIES = 3  # looks that did not read the page before the next round is waited for
BETWEEN = timedelta(days=1)  # such looks


class _Failed(Exception):
    """A page that could not be read, and why."""


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` front pages that are due."""
    now = place.now()
    with place.database.write() as session:
        return ledger.claim(session, Inspection, limit, place.pace.lease, now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Look at one site."""
    with place.database.read() as session:
        row = session.get(Inspection, taken.id)
        if row is None:
            return
        site_id, home, host = row.site_id, row.site.url, row.site.host
        article = inspections.article_of(session, row.site)
        active = row.site.active
    if not active and not row.asked_by:
        _settle(place, taken, "")
        return
    try:
        front = _fetched(place, home, home)
        page = read_front(front)
    except (_Failed, Unreadable) as error:
        _settle(place, taken, str(error))
        return
    except DoorError as error:
        _settle(place, taken, str(error), busy=error.kind is DoorErrorKind.BUSY)
        return
    beside = _beside(place, article, home) if article is not None and not page.comments else None
    if beside is not None:
        page = replace(page, comments=comments_on(beside))
    _record(place, taken, site_id, page, front, beside if page.comments else None)
    log.info("inspected %s", host, extra=about("inspected", work="inspect", row=taken.id))


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while looking: said where the site's last look stands."""
    _settle(place, taken, f"the program failed: {error}")


def _fetched(place: Workplace, url: str, home: str) -> Answer:
    """One page of the site. Raises ``_Failed``, ``DoorError``."""
    answer = place.door.get(url, cap=PAGE_CAP, robots=True)
    if answer.status != 200:
        raise _Failed(f"the site answered {answer.status}")
    if answer.content_type not in PAGES:
        raise _Failed(f"the address answers {answer.content_type}")
    if not same_site(answer.url, home):
        raise _Failed(f"the page leads to another site, {answer.url}"[:500])
    return answer


def _beside(place: Workplace, url: str, home: str) -> Answer | None:
    """An article of ours on the site; what keeps us from it is no failure of the front page."""
    try:
        return _fetched(place, url, home)
    except (_Failed, DoorError) as error:
        log.info("no article beside the front page: %s", error)
        return None


def _record(
    place: Workplace, taken: ledger.Claim, site_id: int, page: FrontPage, front: Answer, article: Answer | None
) -> None:
    now = place.now()
    try:
        told = _stored(place, site_id, front, now)
        beside = _stored(place, site_id, article, now) if article is not None else None
    except OSError as error:
        _settle(place, taken, f"the page could not be kept: {error}")
        return
    with place.database.write() as session:
        if not ledger.holds(session, Inspection, taken):
            return  # somebody else has looked since; what they saw counts
        site = session.get_one(Site, site_id)
        kept = inspections.keep(session, site_id, Seen.FRONT, now=now, **told)
        other = inspections.keep(session, site_id, Seen.ARTICLE, now=now, **beside) if beside is not None else None
        judge_front(session, site, page, kept, other, now=now)
        inspections.settle(session, taken, "", place.pace.inspect, now=now)


def _stored(place: Workplace, site_id: int, answer: Answer, now: datetime) -> dict[str, Any]:
    """Keep a page, and say what came. Raises ``OSError``."""
    digest = hashlib.sha256(answer.body).hexdigest()
    with place.database.read() as session:
        first = inspections.first_with(session, site_id, digest)
        earlier = Earlier(first.final_url, first.at, first.body_key) if first is not None else None
    kept = keep(place.store, answer, digest, earlier, now=now)
    return {
        "status": answer.status, "final_url": answer.url[:2000], "body_hash": digest, "body_key": kept.body,
        "capture_key": kept.capture, "headers": [list(one) for one in answer.fields or answer.headers.items()],
    }  # fmt: skip


def _settle(place: Workplace, taken: ledger.Claim, why: str, *, busy: bool = False) -> None:
    """A look that read nothing, or none that was to be made. Our own pace is nobody's failure."""
    tries = taken.attempt < TRIES
    again = place.pace.look_most if busy else min(BETWEEN, place.pace.inspect) if why and tries else place.pace.inspect
    with place.database.write() as session:
        inspections.settle(session, taken, why, again, read=False, keep_count=bool(why) and tries, now=place.now())
    if why:
        log.warning("inspection %d: %s", taken.id, why, extra=about("failed", work="inspect", row=taken.id))
