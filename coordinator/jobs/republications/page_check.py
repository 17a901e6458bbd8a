"""Page checks: one page of a partner's site is fetched and judged, its evidence is stored, its next check is scheduled.

A page that matters is stored as a web archive. Removed pages that answer 200 are recognised by comparison with the
answer to an address that does not exist on the host (a probe, once a day).
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.pictures import idents_in
from campaigns.core import ledger
from campaigns.core.errors import Invalid
from campaigns.discovery import browser_queue, host_locks, sightings
from campaigns.discovery.sightings import Page, PageLook, SightingMethod
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.discovery.urls import SiteProfile, canonical_url, host_of, same_site
from campaigns.matching.fingerprints import Hashes
from campaigns.matching.parsed_page import CUT_REASON, TimeClaim, TimeOrigin
from campaigns.partners.directory import site_of
from campaigns.republications import browser_looks, counted_copy
from campaigns.republications.attribution import template_pages
from campaigns.republications.attribution.site_templates import PagePart
from campaigns.republications.evidence import browser_comparison, verification
from campaigns.republications.evidence.browser_comparison import LookDifference, LookWay
from campaigns.republications.evidence.judgement import Judgement, JudgementOutcome
from campaigns.republications.evidence.verification import FetchedPage, KeptPicture
from campaigns.republications.lifecycle import missing_page_probes, removal, removal_signs
from campaigns.republications.republications import (
    BrowserLook,
    Republication,
    RepublicationStatus,
    copies_on_page,
)
from coordinator.discovery.pages.judging import FetchedBody, JudgedPage, fetched_text
from coordinator.discovery.pages.page import UnreadablePage
from coordinator.discovery.pages.pdf import is_pdf
from coordinator.discovery.pages.readability import SHELL_SENTENCES
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import HttpResponse
from coordinator.jobs.context import JobContext
from coordinator.jobs.republications.captures import StoredCapture, first_stored_capture, store_capture
from coordinator.jobs.republications.file_looks import look_at_files
from coordinator.jobs.republications.page_judging import expected_bulletins, judge_body
from coordinator.jobs.republications.picture_looks import look_at_pictures
from coordinator.logs import event_fields
from coordinator.storage.web_archives import EarlierCapture

log = logging.getLogger(__name__)

MISSING_PAGE_CAP = 2_000_000  # bytes, decoded


def soft_404_likeness(context: JobContext, url: str, prints: Hashes) -> float | None:
    """The similarity, 0–1, of a page's main text, by its fingerprint, to the host's answer to an address that does not
    exist.

    None if the host answers such an address with an error status, or could not be asked today.
    """
    host = host_of(url)
    with context.database.read() as session:
        known = missing_page_probes.fresh_probe(session, host, now=context.now())
    if known is None:
        status, shown = _fetch_missing_page(context, url)
        with context.database.write() as session:
            known = missing_page_probes.save_probe(session, host, status, shown, now=context.now())
    return missing_page_probes.likeness_to_probe(known, prints)


def _fetch_missing_page(context: JobContext, url: str) -> tuple[int | None, str]:
    sibling = missing_page_probes.missing_address_beside(url)
    try:
        answer = context.http_client.get(sibling, cap=MISSING_PAGE_CAP, robots=True)
        if answer.status != 200:
            return answer.status, ""
        text = fetched_text(FetchedBody(answer.body, answer.url, answer.headers.get("Content-Type")))
    except (RequestError, UnreadablePage) as error:
        log.info("probe %s: %s", sibling, error)
        return None, ""
    log.info("probe %s: the site answers 200 for an address that does not exist", sibling)
    return answer.status, text


PAGE_CAP = 6_000_000  # bytes, decoded: some pages have megabytes of scripts before the article
SHOWN_BY_BROWSER = frozenset({UnreadableReason.NEEDS_SCRIPT, UnreadableReason.IN_FRAME})
PICTURED_BY_BROWSER = frozenset({UnreadableReason.PICTURE_ONLY, UnreadableReason.PAYWALLED})
GONE = frozenset({404, 410})
PAYWALLS = frozenset({401, 402})
PDF_CAP = 20_000_000  # bytes; a PDF file has its pictures inside
# Failures by which claims about a page go to the review queue at once.
UNREADABLE = {
    RequestErrorKind.REFUSED_ADDRESS: UnreadableReason.ELSEWHERE,
    RequestErrorKind.BAD_URL: UnreadableReason.ELSEWHERE,
    RequestErrorKind.TOO_LARGE: UnreadableReason.TOO_LARGE,
    RequestErrorKind.TOO_HEAVY: UnreadableReason.TOO_HEAVY,
    RequestErrorKind.ROBOTS: UnreadableReason.ROBOTS,
}
# Searched in the whole body: scripts that load pictures lazily use attributes of their own for the address.
COUNTERS = re.compile(rb"/i/([0-9A-Za-z_-]{1,32})\.gif")
# Media types that are read as pages; an answer without a media type is read as one.
PAGES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml"})


@dataclass(frozen=True)
class PageTarget:
    """One page to fetch. ``named``: ids of the bulletins that are claimed to be on it."""

    url: str
    canonical_url: str
    site_id: int
    site_url: str
    profile: SiteProfile
    etag: str | None
    last_modified: str | None
    time_claims: tuple[TimeClaim, ...]
    named: frozenset[int]


def claim(context: JobContext, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` pages that are due."""
    now = context.now()
    conditions = [sa.not_(Page.behind_sign_in)]
    if context.looks_with_browser:
        conditions.append(sa.not_(browser_queue.due_in_browser()))
    with context.database.write() as session:
        return host_locks.claim_one_per_site(session, Page, limit, context.intervals.lease, *conditions, now=now)


def check_page(context: JobContext, taken: ledger.Claim) -> None:
    """Fetch one page and settle its check according to the answer."""
    with context.database.read() as session:
        target = page_target(session, taken.id)
    if target is None:
        return
    try:
        answer = _fetch_page(context, target)
    except RequestError as error:
        record_request_error(context, taken, error)
        return
    settle_answer(context, taken, target, answer)


def record_request_error(context: JobContext, taken: ledger.Claim, error: RequestError) -> None:
    """Settle a check of a page that could not be had."""
    if error.kind is RequestErrorKind.BUSY:
        _postpone(context, taken, error)
        return
    _record_failure(context, taken, str(error), unreadable=UNREADABLE.get(error.kind))


def settle_answer(context: JobContext, taken: ledger.Claim, target: PageTarget, answer: HttpResponse) -> None:
    """Settle a check by a response, fetched or from a browser."""
    if answer.status == 304 and (target.etag or target.last_modified):
        with context.database.write() as session:
            page = sightings.lock_page(session, taken.id)
            verification.record_unchanged(session, page, taken, context.intervals, now=context.now())
    elif answer.status in GONE:
        with context.database.write() as session:
            page = counted_copy.lock_page(session, taken.id)
            why = f"missing: the page answered {answer.status}"
            verification.record_missing(session, page, taken, answer.status, why, context.intervals, now=context.now())
    elif answer.status == 200:
        _read(context, taken, target, answer)
    elif answer.status in PAYWALLS:
        why = f"the site answered {answer.status}: for subscribers, or behind a sign-in"
        _record_failure(context, taken, why, status=answer.status, unreadable=UnreadableReason.PAYWALLED)
    else:
        _record_failure(
            context, taken, f"the site answered {answer.status}", status=answer.status, wait=answer.retry_after
        )


def _fetch_page(context: JobContext, target: PageTarget) -> HttpResponse:
    """Fetch the page; a 304 is returned only for the page that was judged. Raises ``RequestError``."""
    answer = context.http_client.get(
        target.url, cap=cap_of(target.url), etag=target.etag, last_modified=target.last_modified, robots=True
    )
    if answer.status != 304 or not answer.redirects or _is_counted(answer.url, target):
        return answer
    # The address redirects to another page, which answers 304; this does not prove that the copy is unchanged.
    return context.http_client.get(target.url, cap=cap_of(target.url), robots=True)


def cap_of(url: str) -> int:
    """The most bytes that a page's body may have, decoded."""
    return PDF_CAP if urlsplit(url).path.lower().endswith(".pdf") else PAGE_CAP


def _is_counted(address: str, target: PageTarget) -> bool:
    try:
        return canonical_url(address, target.profile) == target.canonical_url
    except Invalid:
        return False


def _postpone(context: JobContext, taken: ledger.Claim, error: RequestError) -> None:
    """Postpone a check that only our own rate limit prevented; no failure is recorded."""
    now = context.now()
    wait = max(timedelta(seconds=error.retry_after or 0), context.intervals.look_least / 10)
    with context.database.write() as session:
        verification.postpone(session, sightings.lock_page(session, taken.id), taken, now + wait)
    log.info("check %d put off: %s", taken.id, error)


def record_crash(context: JobContext, taken: ledger.Claim, error: BaseException) -> None:
    """Record an unexpected exception as the page's error; the check is retried later."""
    _record_failure(context, taken, f"the program failed: {error}")


def page_target(session: Session, ident: int) -> PageTarget | None:
    """The known data of a page before a fetch; None if the page no longer exists."""
    page = session.get(Page, ident)
    if page is None:
        return None
    time_claims: tuple[TimeClaim, ...] = ()
    # The time from a list dates a page that shows none; the time from a partner's claim is no evidence.
    if page.claimed_at is not None and page.claimed_from in {TimeOrigin.FEED.value, TimeOrigin.SITEMAP.value}:
        time_claims = (TimeClaim(TimeOrigin(page.claimed_from), page.claimed_at.isoformat()),)
    return PageTarget(
        page.url,
        page.canonical_url,
        page.site_id,
        page.site.url,
        sightings.site_profile(session, page.site),
        page.etag,
        page.last_modified,
        time_claims,
        frozenset(expected_bulletins(session, page)),
    )


def _record_failure(
    context: JobContext,
    taken: ledger.Claim,
    reason: str,
    *,
    status: int | None = None,
    wait: float | None = None,
    unreadable: UnreadableReason | None = None,
) -> None:
    with context.database.write() as session:
        page = counted_copy.lock_page(session, taken.id)
        verification.record_failure(
            session, page, taken, reason, context.intervals, status=status, wait=wait, unreadable=unreadable,
            now=context.now(),
        )  # fmt: skip
        url = page.canonical_url
        if unreadable is not None and _may_help(context, session, page, unreadable):
            browser_queue.request_look(session, page.id, PageLook.BROWSER, now=context.now())
    code = unreadable.value if unreadable is not None else None
    fields = event_fields("failed", work="page_check", url=url, status=status, unreadable=code)
    log.warning("check %s: %s", url, reason, extra=fields)


def _may_help(context: JobContext, session: Session, page: Page, reason: UnreadableReason) -> bool:
    """Whether a browser is to look at a page that could not be read: it may show the text, or a person the picture."""
    if not context.looks_with_browser or context.renderer is not None:
        return False
    return reason in SHOWN_BY_BROWSER or (reason in PICTURED_BY_BROWSER and bool(copies_on_page(session, page)))


def leads_elsewhere(context: JobContext, address: str, target: PageTarget) -> bool:
    """Whether a page's address led to another site's: another domain, or a host that is registered as another site."""
    if host_of(address) == host_of(target.url):
        return False
    if not same_site(address, target.site_url):
        return True
    with context.database.read() as session:
        site = site_of(session, address)
        return site is not None and site.id != target.site_id


def _record_where_it_ends(context: JobContext, target: PageTarget, address: str) -> None:
    """Record the address that a page led to as one of the registered site that readers end on: it counts there."""
    with context.database.write() as session:
        site = site_of(session, address)
        if site is not None and site.active and site.id != target.site_id:
            seen, source = SightingMethod.DISCOVERED, f"redirect {target.canonical_url}"[:1000]
            sightings.record_sighting(session, site, address, seen, source, now=context.now())


def _read(context: JobContext, taken: ledger.Claim, target: PageTarget, answer: HttpResponse) -> None:
    if leads_elsewhere(context, answer.url, target):
        _settle_elsewhere(context, taken, target, answer)
        return
    now = context.now()
    try:
        _refuse_what_is_no_page(answer)
        body = FetchedBody(answer.body, answer.url, answer.headers.get("Content-Type"))
        judged = judge_body(context, taken.id, body, claims=target.time_claims, keep=True, now=now)
        look = look_at_pictures(context, taken.id, body, judged, target.time_claims, keep=True, now=now)
        judged = look_at_files(context, taken.id, body, look.judged, target.time_claims, now=now)
        copies = _compare_with_copies(context, taken.id, judged, hashlib.sha256(answer.body).hexdigest())
        _refuse_inconclusive(target, answer, judged, copies)
    except UnreadablePage as error:
        _record_failure(context, taken, str(error), status=answer.status, unreadable=error.reason)
        return
    except RequestError as error:  # of a picture
        record_request_error(context, taken, error)
        return
    except OSError as error:
        _record_failure(context, taken, f"a picture of the page could not be kept: {error}")
        return
    judgements, differences = _compare_with_readers(context, taken.id, target, judged.judgements)
    likeness = soft_404_likeness(context, target.url, judged.hashes) if copies.lost else None
    try:
        kept = store_capture(context.store, answer, copies.digest, copies.earlier, now=now) if copies.matter else None
    except OSError as error:
        _record_failure(context, taken, f"the page could not be kept: {error}")
        return
    # A page that lost its copy is not merged into the page it now names as canonical: its copies would move along.
    # The archive and the row carry the same time, so that each can be found from the other.
    _record(
        context, taken, _fetched_page(answer, judged, copies, kept, likeness, look.kept), judgements, judged.parts,
        moves=copies.carried or not copies.lost, asked=target.named, differences=differences, now=now,
    )  # fmt: skip


def _settle_elsewhere(context: JobContext, taken: ledger.Claim, target: PageTarget, answer: HttpResponse) -> None:
    _record_where_it_ends(context, target, answer.url)
    if _record_redirected_away(context, taken, answer):
        return
    why = f"the page leads to another site, {host_of(answer.url)}"
    _record_failure(context, taken, why, status=answer.status, unreadable=UnreadableReason.ELSEWHERE)


def _refuse_what_is_no_page(answer: HttpResponse) -> None:
    try:
        canonical_url(answer.url)
    except Invalid:
        message = "the page leads to an address that is too long to keep"
        raise UnreadablePage(message, reason=UnreadableReason.ELSEWHERE) from None
    if answer.content_type not in PAGES and not is_pdf(answer.body, answer.content_type):
        raise UnreadablePage(f"the address answers {answer.content_type}", reason=UnreadableReason.NOT_TEXT)


@dataclass(frozen=True)
class CopiesOnPage:
    """What a fetched page means for the copies on it. ``known``: the page has copies, ``reported``: one of them by
    a report; ``carried``: one is on it now; ``lost``: one that was found is not; ``matter``: the page is kept as
    evidence; ``earlier``: the fetch that kept the same bytes."""

    known: bool
    reported: bool
    carried: bool
    lost: bool
    matter: bool
    digest: str
    earlier: EarlierCapture | None


def _compare_with_copies(context: JobContext, ident: int, judged: JudgedPage, digest: str) -> CopiesOnPage:
    with context.database.read() as session:
        page = session.get_one(Page, ident)
        known = {row.bulletin_id: row for row in copies_on_page(session, page)}
        carried = [judgement for judgement in judged.judgements if verification.is_carried(known, judgement)]
        matter = bool(known) or any(_counts(judgement) for judgement in judged.judgements)
        return CopiesOnPage(
            known=bool(known),
            reported=any(row.reported_on for row in known.values()),
            carried=bool(carried),
            lost=any(removal.was_found(row) for row in verification.lost_copies(known.values(), carried)),
            matter=matter,
            digest=digest,
            earlier=first_stored_capture(session, page, digest) if matter else None,
        )


def _refuse_inconclusive(target: PageTarget, answer: HttpResponse, judged: JudgedPage, copies: CopiesOnPage) -> None:
    if copies.carried:
        return
    if judged.cut and copies.known:
        # The copy may be in the part beyond the size limit.
        raise UnreadablePage(CUT_REASON, reason=UnreadableReason.CUT)
    if judged.unreadable is None or removal_signs.redirect_reason(target.url, answer.url):
        return
    if copies.known or not judged.judgements:
        raise UnreadablePage(SHELL_SENTENCES[judged.unreadable], reason=judged.unreadable)


def _fetched_page(
    answer: HttpResponse,
    judged: JudgedPage,
    copies: CopiesOnPage,
    kept: StoredCapture | None,
    likeness: float | None,
    found_pictures: Mapping[str, KeptPicture],
) -> FetchedPage:
    return FetchedPage(
        status=answer.status,
        final_url=answer.url,
        body_hash=copies.digest,
        body_key=kept.body if kept is not None else None,
        title=judged.title,
        text=judged.text if kept is not None else "",
        etag=answer.etag,
        last_modified=answer.last_modified,
        author=judged.author,
        image=judged.image,
        links=judged.links if copies.carried or copies.reported else (),
        likeness=likeness,
        capture_key=kept.capture if kept is not None else None,
        headers=answer.fields,
        counters=frozenset(token.decode("ascii") for token in COUNTERS.findall(answer.body)),
        pictures=frozenset(idents_in(answer.body.decode("latin-1"))),
        found_pictures=found_pictures,
    )


def judge_answer(
    context: JobContext, ident: int, target: PageTarget, answer: HttpResponse, before: Iterable[Judgement] = ()
) -> list[Judgement]:
    """The bulletins on a page as it was answered to a reader. ``before``: as in ``look_at_files``.

    Raises ``UnreadablePage``, and ``RequestError`` where a picture or file of it cannot be had.
    """
    fetched = FetchedBody(answer.body, answer.url, answer.headers.get("Content-Type"))
    now = context.now()
    judged = judge_body(context, ident, fetched, claims=target.time_claims, now=now)
    judged = look_at_pictures(context, ident, fetched, judged, target.time_claims, now=now).judged
    return list(look_at_files(context, ident, fetched, judged, target.time_claims, before, now=now).judgements)


def _compare_with_readers(
    context: JobContext, ident: int, target: PageTarget, judgements: Sequence[Judgement]
) -> tuple[list[Judgement], dict[int, LookDifference]]:
    """The judgements, with a reason where the page could not be fetched as a reader's browser does; and what readers
    are not shown, by bulletin. A page from a browser is what readers are shown."""
    if context.renderer is not None:
        return list(judgements), {}
    differences, failed = _reader_differences(context, ident, target, judgements)
    return [_with_reason(judgement, failed) if failed else judgement for judgement in judgements], differences


def _reader_differences(
    context: JobContext, ident: int, target: PageTarget, judgements: Sequence[Judgement]
) -> tuple[dict[int, LookDifference], str]:
    """Fetch the page once more as a reader's browser does, where a copy that needs a look is about to count.

    Returns what readers are not shown, by bulletin, and why the page could not be fetched so, "" where it could.
    """
    with context.database.read() as session:
        page = session.get_one(Page, ident)
        known = {row.bulletin_id: row for row in copies_on_page(session, page)}
        new = [
            judgement
            for judgement in judgements
            if judgement.decision.outcome is JudgementOutcome.CONFIRMED
            and _may_come_to_count(known.get(int(judgement.bulletin)))
            and browser_looks.look_cause(session, page.site, page.canonical_url, judgement.reasons)
        ]
    if not new:
        return {}, ""
    try:
        answer = context.http_client.get(target.url, cap=cap_of(target.url), robots=True, as_reader=True)
        if answer.status != 200:
            return {}, f"the site answered {answer.status}"
        if leads_elsewhere(context, answer.url, target) or removal_signs.redirect_reason(target.url, answer.url):
            sent = LookDifference(LookWay.FETCH, "elsewhere", answer.url[:300])
            return {int(judgement.bulletin): sent for judgement in new}, ""
        shown = judge_answer(context, ident, target, answer, judgements)
    except (RequestError, UnreadablePage) as error:
        return {}, str(error)
    found = {}
    for judgement in new:
        fetched = browser_comparison.seen_of(int(judgement.bulletin), [judgement])
        seen = browser_comparison.seen_of(int(judgement.bulletin), shown)
        if (difference := browser_comparison.look_difference(fetched, seen, LookWay.FETCH)) is not None:
            found[int(judgement.bulletin)] = difference
    return found, ""


def _may_come_to_count(row: Republication | None) -> bool:
    return row is None or (row.decided_by is None and row.status is not RepublicationStatus.CONFIRMED)


def _with_reason(judgement: Judgement, failed: str) -> Judgement:
    why = f"reader_fetch: the page could not be fetched as a reader's browser does: {failed}"[:300]
    return replace(judgement, decision=replace(judgement.decision, reasons=(*judgement.decision.reasons, why)))


def _record_redirected_away(context: JobContext, taken: ledger.Claim, answer: HttpResponse) -> bool:
    """Record that a page with a copy redirects to another site: the copy was not found. False for a page without
    copies."""
    with context.database.write() as session:
        page = counted_copy.lock_page(session, taken.id)
        if not any(removal.was_found(row) for row in copies_on_page(session, page)):
            return False
        why = f"redirected_away: the address leads to another site, {host_of(answer.url)}"
        verification.record_missing(session, page, taken, answer.status, why, context.intervals, now=context.now())
        return True


def _counts(judgement: Judgement) -> bool:
    return judgement.decision.outcome in {JudgementOutcome.CONFIRMED, JudgementOutcome.REVIEW}


def _is_on_site(session: Session, address: str, site_id: int) -> bool:
    """Whether an address lies on a site: a host below it may be registered as a site of its own."""
    site = site_of(session, address)
    return site is not None and site.id == site_id


def _record(
    context: JobContext,
    taken: ledger.Claim,
    fetched: FetchedPage,
    judgements: list[Judgement],
    parts: Sequence[PagePart] | None,
    *,
    moves: bool,
    asked: frozenset[int],
    differences: Mapping[int, LookDifference],
    now: datetime,
) -> None:
    with context.database.write() as session:
        page = session.get_one(Page, taken.id)
        counted_copy.lock_site_copies(session, [page.site_id])
        canonical = page.canonical_url
        if judgements and moves and _is_on_site(session, judgements[0].canonical_url, page.site_id):
            canonical = judgements[0].canonical_url
        # A claim of the same copy may arrive concurrently. All rows to be written are locked first, pages before
        # copies.
        if canonical == page.canonical_url:
            page = counted_copy.lock_page(session, taken.id)
        else:
            rivals = sightings.lock_for_merge(session, page, canonical)
            verification.lock_affected_copies(session, page, judgements, rivals)
        before, asked_anew = page.canonical_url, sightings.was_fetch_requested(page)
        if canonical != before:
            counted = sightings.merge_into(session, page, canonical, now=now)
            if counted.id != page.id or page.canonical_url != before:
                counted_copy.move_copies(session, page, counted, now=now)
            if counted.id != page.id:
                # The other address is the canonical one; this page is settled.
                if asked_anew:
                    sightings.request_fetch(counted, now=now)
                ledger.settle(session, Page, taken, {"due_at": None, "checked_at": now, "attempt": 0})
                counted.due_at = counted.due_at or now
                return
        template_pages.learn_page(session, page, parts, now=now)
        touched = verification.record_page(
            session, page, taken, fetched, judgements, context.intervals, asked=asked, differences=differences, now=now
        )
        if differences:
            browser_looks.require_looks_on_sites(session, [page.site_id])
        if context.renderer is not None:
            # What was judged is what a reader's browser shows.
            for row in touched:
                if browser_comparison.may_be_compared(row):
                    browser_comparison.record_seen(session, row, BrowserLook.SEEN, now=now)
        elif context.looks_with_browser and browser_looks.is_waiting(
            filter(browser_comparison.may_be_compared, touched)
        ):
            browser_queue.request_look(session, page.id, PageLook.SECOND, now=now)
        outcomes = [f"{row.status.value} {row.match.value} {row.attribution.value}" for row in touched]
        url = page.canonical_url
    if outcomes:
        log.info(
            "check %s: %s",
            url,
            "; ".join(outcomes),
            extra=event_fields("judged", work="page_check", url=url, copies=len(outcomes)),
        )
