"""Inspections: a site's front page and one republished article are fetched, stored and evaluated against the rules."""

import hashlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from campaigns.compliance import inspections
from campaigns.compliance.front_page_checks import FrontPage
from campaigns.compliance.inspections import Inspection, PageRole
from campaigns.compliance.rule_evaluation import evaluate_front_page
from campaigns.core import ledger
from campaigns.discovery.urls import same_site
from campaigns.partners.directory import Site
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.front_page import article_comment_box, read_front_page
from coordinator.discovery.reading import read_fetched
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import HttpResponse
from coordinator.jobs.context import JobContext
from coordinator.jobs.republications.captures import store_capture
from coordinator.jobs.republications.page_check import PAGE_CAP, PAGES
from coordinator.logs import event_fields
from coordinator.storage.web_archives import EarlierCapture

log = logging.getLogger(__name__)

TRIES = 3  # failed fetches of the front page before the next regular inspection is awaited
PAUSE_BETWEEN_PAGES = timedelta(days=1)  # between failed fetches


class _InspectionFailed(Exception):
    """A page could not be read; the message is the reason."""


def claim(context: JobContext, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` inspections that are due."""
    now = context.now()
    with context.database.write() as session:
        return ledger.claim(session, Inspection, limit, context.intervals.lease, now=now)


def inspect_site(context: JobContext, taken: ledger.Claim) -> None:
    """Inspect one site."""
    with context.database.read() as session:
        row = session.get(Inspection, taken.id)
        if row is None:
            return
        site_id, home, host = row.site_id, row.site.url, row.site.host
        article = inspections.newest_article_of(session, row.site)
        active = row.site.active
    if not active and not row.asked_by:
        _record_failure(context, taken, "")
        return
    try:
        front = _fetch_page(context, home, home)
        page = read_fetched(read_front_page, front)
    except (_InspectionFailed, DiscoveryError) as error:
        _record_failure(context, taken, str(error))
        return
    except RequestError as error:
        _record_failure(context, taken, str(error), busy=error.kind is RequestErrorKind.BUSY)
        return
    article_page = _fetch_article(context, article, home) if article is not None and not page.comments else None
    if article_page is not None:
        page = replace(page, comments=_comment_box(article_page))
    _record(context, taken, site_id, page, front, article_page if page.comments else None)
    log.info("inspected %s", host, extra=event_fields("inspected", work="inspection", row=taken.id))


def _comment_box(article: HttpResponse) -> str:
    """An article's comment box; '' without one, and where the article cannot be read."""
    try:
        return read_fetched(article_comment_box, article)
    except DiscoveryError as error:
        log.info("the article beside the front page: %s", error)
        return ""


def record_crash(context: JobContext, taken: ledger.Claim, error: BaseException) -> None:
    """Record an unexpected exception as the error of the site's last inspection."""
    _record_failure(context, taken, f"the program failed: {error}")


def _fetch_page(context: JobContext, url: str, home: str) -> HttpResponse:
    """One page of the site. Raises ``_InspectionFailed``, ``RequestError``."""
    answer = context.http_client.get(url, cap=PAGE_CAP, robots=True)
    if answer.status != 200:
        raise _InspectionFailed(f"the site answered {answer.status}")
    if answer.content_type not in PAGES:
        raise _InspectionFailed(f"the address answers {answer.content_type}")
    if not same_site(answer.url, home):
        raise _InspectionFailed(f"the page leads to another site, {answer.url}"[:500])
    return answer


def _fetch_article(context: JobContext, url: str, home: str) -> HttpResponse | None:
    """A republished article on the site; None if it cannot be read, which does not fail the inspection."""
    try:
        return _fetch_page(context, url, home)
    except (_InspectionFailed, RequestError) as error:
        log.info("no article beside the front page: %s", error)
        return None


def _record(
    context: JobContext,
    taken: ledger.Claim,
    site_id: int,
    page: FrontPage,
    front: HttpResponse,
    article: HttpResponse | None,
) -> None:
    now = context.now()
    try:
        front_fields = _store_page(context, site_id, front, now)
        article_fields = _store_page(context, site_id, article, now) if article is not None else None
    except OSError as error:
        _record_failure(context, taken, f"the page could not be kept: {error}")
        return
    with context.database.write() as session:
        if not ledger.still_holds(session, Inspection, taken):
            return  # another process has inspected the site since; its result counts
        site = session.get_one(Site, site_id)
        kept = inspections.record_page(session, site_id, PageRole.FRONT, now=now, **front_fields)
        other = (
            inspections.record_page(session, site_id, PageRole.ARTICLE, now=now, **article_fields)
            if article_fields is not None
            else None
        )
        evaluate_front_page(session, site, page, kept, other, now=now)
        inspections.settle_inspection(session, taken, "", context.intervals.inspect, now=now)


def _store_page(context: JobContext, site_id: int, answer: HttpResponse, now: datetime) -> dict[str, Any]:
    """Store a page; returns the fields of its row. Raises ``OSError``."""
    digest = hashlib.sha256(answer.body).hexdigest()
    with context.database.read() as session:
        first = inspections.first_fetch_with(session, site_id, digest)
        earlier = EarlierCapture(first.final_url, first.at, first.body_key) if first is not None else None
    kept = store_capture(context.store, answer, digest, earlier, now=now)
    return {
        "status": answer.status, "final_url": answer.url[:2000], "body_hash": digest, "body_key": kept.body,
        "capture_key": kept.capture, "headers": [list(field) for field in answer.fields or answer.headers.items()],
    }  # fmt: skip


def _record_failure(context: JobContext, taken: ledger.Claim, reason: str, *, busy: bool = False) -> None:
    """Settle an inspection that read nothing, or that was not to be made (empty ``reason``).

    ``busy``: only our own rate limit prevented the request; this does not count as a failed fetch.
    """
    tries = taken.attempt < TRIES
    again = (
        context.intervals.look_most
        if busy
        else min(PAUSE_BETWEEN_PAGES, context.intervals.inspect)
        if reason and tries
        else context.intervals.inspect
    )
    with context.database.write() as session:
        inspections.settle_inspection(
            session, taken, reason, again, read=False, keep_count=bool(reason) and tries, now=context.now()
        )
    if reason:
        log.warning(
            "inspection %d: %s", taken.id, reason, extra=event_fields("failed", work="inspection", row=taken.id)
        )


def enrol_sites(context: JobContext) -> None:
    """Create the inspections of every active site that has none."""
    with context.database.write() as session:
        inspections.enrol_sites(session, context.intervals, now=context.now())
