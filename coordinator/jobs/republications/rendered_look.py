"""Looks at pages in a browser: of pages that need one, and second looks at a sample of those whose copies count.

Only the process that has a browser does this work. What the browser shows is judged as a fetched page is, and its
screenshot is kept as evidence of the copies on the page.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from campaigns.core import ledger
from campaigns.discovery import browser_queue, host_locks, sightings
from campaigns.discovery.sightings import Page, PageLook
from campaigns.republications import browser_looks, counted_copy
from campaigns.republications.browser_looks import LookCause
from campaigns.republications.evidence import browser_comparison, verification
from campaigns.republications.evidence.browser_comparison import LookDifference, LookWay
from campaigns.republications.evidence.judgement import Judgement
from campaigns.republications.evidence.uploads import (
    CHECKER_PICTURE_BY,
    SCREENSHOT_BY,
    EvidenceUploadKind,
    StoredFile,
    add_screenshot,
)
from campaigns.republications.lifecycle import removal_signs
from campaigns.republications.republications import NO_COPIES, copies_on_page, lock_copies_on_page
from coordinator.discovery.pages.page import UnreadablePage
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.jobs.context import JobContext
from coordinator.jobs.republications import page_check
from coordinator.jobs.republications.page_check import PageTarget
from coordinator.logs import event_fields
from coordinator.rendering.browser import RenderedPage

log = logging.getLogger(__name__)

QUEUED_AT_ONCE = 50  # pages whose copies need a look, made due at a time


def claim(context: JobContext, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` pages that are due in a browser; none in a process without one."""
    if context.renderer is None:
        return []
    now = context.now()
    with context.database.write() as session:
        # Copies that needed a look before there was a browser, and those of a site where one look differed.
        browser_queue.request_looks(session, browser_looks.pages_to_look_at(QUEUED_AT_ONCE), now=now)
        return host_locks.claim_one_per_site(
            session,
            Page,
            limit,
            context.intervals.lease,
            sa.not_(Page.behind_sign_in),
            browser_queue.due_in_browser(),
            now=now,
        )


def look_at_page(context: JobContext, taken: ledger.Claim) -> None:
    """Open one page in a browser and settle its check."""
    with context.database.read() as session:
        target = page_check.page_target(session, taken.id)
        page = session.get(Page, taken.id)
        second = page is not None and page.look is PageLook.SECOND
    if target is None or context.renderer is None:
        return
    try:
        rendered = context.renderer.look(target.url)
    except RequestError as error:
        if second and error.kind is not RequestErrorKind.BUSY:
            # Nothing is known of the copy by it, and it says so; the page is fetched again as before.
            _end_failed_look(context, taken, target, str(error))
            return
        page_check.record_request_error(context, taken, error)
        return
    fields = event_fields("rendered", work="rendered_look", url=target.url, refused=rendered.refused)
    log.info("look %s: %d bytes", target.url, len(rendered.answer.body), extra=fields)
    if second:
        _compare(context, taken, target, rendered)
        return
    page_check.settle_answer(context, taken, target, rendered.answer)
    _keep_screenshot(context, taken.id, rendered)


record_crash = page_check.record_crash


def _end_failed_look(context: JobContext, taken: ledger.Claim, target: PageTarget, why: str) -> None:
    now = context.now()
    with context.database.write() as session:
        page = counted_copy.lock_page(session, taken.id)
        browser_looks.record_failed(lock_copies_on_page(session, page), why, now=now)
        browser_queue.end_second_look(session, taken, context.intervals.rechecks[0], now=now)
    log.warning("second look %s: %s", target.url, why)


def _compare(context: JobContext, taken: ledger.Claim, target: PageTarget, rendered: RenderedPage) -> None:
    """Compare what a browser shows with the copies that count on a page."""
    answer = rendered.answer
    if answer.status != 200:
        _end_failed_look(context, taken, target, f"the site answered {answer.status}")
        return
    last = rendered.left_for or answer.url
    elsewhere = page_check.leads_elsewhere(context, last, target) or bool(
        removal_signs.redirect_reason(target.url, last)
    )
    judgements: list[Judgement] = []
    if not elsewhere:
        try:
            judgements = page_check.judge_answer(context, taken.id, target, answer)
        except (RequestError, UnreadablePage) as error:
            _end_failed_look(context, taken, target, str(error))
            return
    if _page_changed(context, taken.id, target, None if elsewhere else judgements):
        now = context.now()
        with context.database.write() as session:
            page = counted_copy.lock_page(session, taken.id)
            browser_looks.require_look_again(lock_copies_on_page(session, page))
            browser_queue.end_second_look(session, taken, timedelta(0), now=now)
        return
    _keep_screenshot(context, taken.id, rendered)
    now = context.now()
    with context.database.write() as session:
        page = counted_copy.lock_page(session, taken.id)
        rows = verification.lock_affected_copies(session, page, ())
        if elsewhere:
            sent = LookDifference(LookWay.BROWSER, "elsewhere", last[:300])
            differing = browser_comparison.record_elsewhere(session, rows, sent, now=now)
        else:
            differing = browser_comparison.record_look(session, rows, judgements, now=now)
        if differing:
            browser_looks.require_looks_on_sites(session, [page.site_id])
        browser_queue.end_second_look(session, taken, context.intervals.rechecks[0], now=now)
    if differing:
        log.warning("second look %s: differs from what was fetched", target.url)
        _keep_checker_picture(context, taken.id, target, rendered)


def _page_changed(context: JobContext, ident: int, target: PageTarget, shown: Sequence[Judgement] | None) -> bool:
    """Whether a page on which a reader sees less than its last check fetched shows the checker less by now as well: it
    was removed or rewritten meanwhile, and no reader is shown anything else. ``shown``: None where the reader is sent
    elsewhere. Asked once for a copy, so that a page that answers every fetch otherwise is put before a person."""
    with context.database.read() as session:
        page = session.get_one(Page, ident)
        differing = [
            row
            for row in copies_on_page(session, page)
            if browser_comparison.may_be_compared(row)
            and not row.looks_disagree
            and row.look_note != LookCause.PAGE_CHANGED.value
            and (shown is None or browser_comparison.difference_of(row, shown, LookWay.BROWSER) is not None)
        ]
    if not differing:
        return False
    try:
        answer = context.http_client.get(target.url, cap=page_check.cap_of(target.url), robots=True)
        if answer.status in page_check.GONE:
            return True
        if answer.status != 200:
            return False
        if page_check.leads_elsewhere(context, answer.url, target) or removal_signs.redirect_reason(
            target.url, answer.url
        ):
            return True
        fetched = page_check.judge_answer(context, ident, target, answer)
    except (RequestError, UnreadablePage) as error:
        log.info("the page %s could not be fetched beside a look: %s", target.url, error)
        return False
    return any(browser_comparison.difference_of(row, fetched, LookWay.FETCH) is not None for row in differing)


def _keep_checker_picture(context: JobContext, ident: int, target: PageTarget, rendered: RenderedPage) -> None:
    """Keep a picture of the page as the site shows it to the checker, for a person to compare with the reader's."""
    if context.renderer is None:
        return
    try:
        shown = context.renderer.look(target.url, rendered.screen, context.http_client.agent)
    except RequestError as error:
        log.warning("the picture of %s for the checker's agent could not be taken: %s", target.url, error)
        return
    _keep_screenshot(context, ident, shown, CHECKER_PICTURE_BY)


def _keep_screenshot(context: JobContext, ident: int, rendered: RenderedPage, by: str = SCREENSHOT_BY) -> None:
    """Keep the browser's picture as evidence of the copies on the page; one without copies is not pictured."""
    if not rendered.screenshot:
        return
    with context.database.read() as session:
        page = session.get_one(Page, ident)
        if not any(row.status not in NO_COPIES for row in copies_on_page(session, page)):
            return
    try:
        digest, key = context.store.keep(rendered.screenshot)
    except OSError as error:
        log.warning("the picture of page %d could not be kept: %s", ident, error)
        return
    measure = f"{rendered.width}x{rendered.height}"
    kept = StoredFile(EvidenceUploadKind.JPEG, measure, len(rendered.screenshot), digest, key, digest)
    with context.database.write() as session:
        page = sightings.lock_page(session, ident)
        for row in lock_copies_on_page(session, page):
            if row.status not in NO_COPIES:
                add_screenshot(session, row, kept, rendered.answer.url[:500], by, now=context.now())
