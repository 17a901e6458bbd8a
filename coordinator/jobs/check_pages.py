"""Check: fetch one page of a partner's site, judge what it carries, keep the proof, and say when to look again."""

import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.errors import Invalid
from campaigns.people.office import Office, the_office
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking import aliases, holding, hosts, sightings, vanishing, verifying
from campaigns.tracking.attribution import OurSource
from campaigns.tracking.fingerprints import fingerprint
from campaigns.tracking.judging import Judgement, JudgingSettings, Outcome, judge
from campaigns.tracking.naming import SourceName
from campaigns.tracking.pages import BESIDE, CUT, Origin, ParsedPage, TimeClaim
from campaigns.tracking.prints import PrintedCandidates
from campaigns.tracking.republications import of_page
from campaigns.tracking.sightings import Page, Sighting
from campaigns.tracking.urls import canonical_url, host_of, profile_of, same_site
from campaigns.tracking.verifying import Fetched
from coordinator.discovery.page import Unreadable, parse_page
from coordinator.http import Answer, DoorError, DoorErrorKind
from coordinator.jobs import probing, ticking
from coordinator.jobs.proving import first_kept, keep
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)

PAGE_CAP = 2_000_000  # bytes, decoded: the largest real news pages have a quarter of it
GONE = frozenset({404, 410})
# Refusals that waiting does not cure; what was claimed of such a page goes to a person.
LASTING = frozenset({DoorErrorKind.REFUSED_ADDRESS, DoorErrorKind.BAD_URL, DoorErrorKind.TOO_LARGE})
# For a person at once too, but a site's robots.txt may say something else another day, or be read at last.
FOR_A_PERSON = frozenset({DoorErrorKind.ROBOTS})
# Wherever it stands: scripts that load pictures late keep the address in an attribute of their own.
COUNTERS = re.compile(rb"/i/([0-9A-Za-z_-]{1,32})\.gif")
# What is no page of text, whatever it is; an answer that does not say what it is is read as a page.
PAGES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml"})


@dataclass(frozen=True)
class Target:
    """One page to fetch, with what we know of it. ``named``: the bulletins that are said to be on it."""

    url: str
    canonical_url: str
    site_url: str
    etag: str | None
    last_modified: str | None
    told: tuple[TimeClaim, ...]
    named: frozenset[int]


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` pages that are due."""
    now = place.now()
    with place.database.write() as session:
        return hosts.claim(session, Page, limit, place.pace.lease, sa.not_(Page.behind_sign_in), now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Fetch one page and settle what follows from what came back."""
    with place.database.read() as session:
        target = target_of(session, taken.id)
    if target is None:
        return
    try:
        answer = _asked(place, target)
    except DoorError as error:
        if error.kind is DoorErrorKind.BUSY:
            _put_off(place, taken, error)
            return
        _fail(place, taken, str(error), lasting=error.kind in LASTING, to_person=error.kind in FOR_A_PERSON)
        return
    if answer.status == 304 and (target.etag or target.last_modified):
        with place.database.write() as session:
            page = sightings.hold(session, taken.id)
            verifying.unchanged(session, page, taken, place.pace, now=place.now())
    elif answer.status in GONE:
        with place.database.write() as session:
            page = sightings.hold(session, taken.id)
            why = f"missing: the page answered {answer.status}"
            verifying.missing(session, page, taken, answer.status, why, place.pace, now=place.now())
    elif answer.status == 200:
        _read(place, taken, target, answer)
    else:
        _fail(place, taken, f"the site answered {answer.status}", status=answer.status, wait=answer.retry_after)


def _asked(place: Workplace, target: Target) -> Answer:
    """What the page's address answers: "not changed" only of the page that was judged. Raises ``DoorError``."""
    answer = place.door.get(target.url, cap=PAGE_CAP, etag=target.etag, last_modified=target.last_modified, robots=True)
    if answer.status != 304 or not answer.redirects or _is_counted(answer.url, target):
        return answer
    # The address leads elsewhere now, and what lies there has not changed either; that says nothing of the copy.
    return place.door.get(target.url, cap=PAGE_CAP, robots=True)


def _is_counted(address: str, target: Target) -> bool:
    try:
        return canonical_url(address, profile_of(target.site_url)) == target.canonical_url
    except Invalid:
        return False


def _put_off(place: Workplace, taken: ledger.Claim, error: DoorError) -> None:
    """Our own pace left no time for the page; nothing is known of it, and nothing is held against it."""
    now = place.now()
    wait = max(timedelta(seconds=error.retry_after or 0), place.pace.look_least / 10)
    with place.database.write() as session:
        verifying.put_off(session, sightings.hold(session, taken.id), taken, now + wait)
    log.info("check %d put off: %s", taken.id, error)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while checking: shown as the page's error, tried again later."""
    _fail(place, taken, f"the program failed: {error}")


def target_of(session: Session, ident: int) -> Target | None:
    """What is known of a page before it is read; None for a page that is no longer there."""
    page = session.get(Page, ident)
    if page is None:
        return None
    told: tuple[TimeClaim, ...] = ()
    # A list's time helps to date a page that shows none; a partner's own claim about its page proves nothing.
    if page.claimed_at is not None and page.claimed_from in {Origin.FEED.value, Origin.SITEMAP.value}:
        told = (TimeClaim(Origin(page.claimed_from), page.claimed_at.isoformat()),)
    return Target(
        page.url,
        page.canonical_url,
        page.site.url,
        page.etag,
        page.last_modified,
        told,
        frozenset(named_on(session, page)),
    )


def _fail(
    place: Workplace,
    taken: ledger.Claim,
    why: str,
    *,
    status: int | None = None,
    wait: float | None = None,
    to_person: bool = False,
    lasting: bool = False,
) -> None:
    with place.database.write() as session:
        page = sightings.hold(session, taken.id)
        verifying.failed(
            session, page, taken, why, place.pace, status=status, wait=wait, to_person=to_person, lasting=lasting,
            now=place.now(),
        )  # fmt: skip
        url = page.canonical_url
    log.warning("check %s: %s", url, why, extra=about("failed", work="check", url=url, status=status))


def _read(place: Workplace, taken: ledger.Claim, target: Target, answer: Answer) -> None:
    if not same_site(answer.url, target.site_url) and host_of(answer.url) != host_of(target.url):
        if _led_away(place, taken, answer):
            return
        _fail(
            place, taken, f"the page leads to another site, {host_of(answer.url)}", status=answer.status, lasting=True
        )
        return
    try:
        canonical_url(answer.url)
    except Invalid:
        _fail(place, taken, "the page leads to an address that is too long to keep", status=answer.status, lasting=True)
        return
    if answer.content_type not in PAGES:
        _fail(place, taken, f"the address answers {answer.content_type}", status=answer.status, lasting=True)
        return
    try:
        parsed = parse_page(answer.body, answer.url, content_type=answer.headers.get("Content-Type"))
        hashes = fingerprint(parsed.text)  # of the main text: what stands in boxes is not held against a page
    except Unreadable as error:
        _fail(place, taken, str(error), status=answer.status, lasting=True)
        return
    with place.database.write() as session:
        holding.hold(session, taken.id, hashes, now=place.now())
    ticking.index(place)  # a page may be quicker than the tick that follows a release
    now = place.now()
    with place.database.read() as session:
        page = session.get_one(Page, taken.id)
        judgements = judge(
            parsed,
            PrintedCandidates(session, named_on(session, page)),
            source_of(place, session, the_office(session)),
            JudgingSettings(profile=profile_of(target.site_url)),
            told=target.told,
            first_seen=page.first_seen_at,
            now=now,
        )
        known = {row.bulletin_id: row for row in of_page(session, page)}
        carried = [one for one in judgements if verifying.is_carried(known, one)]
        lost = any(vanishing.was_found(row) for row in verifying.lost(known.values(), carried))
        matters = bool(known) or any(_counts(one) for one in judgements)
        digest = hashlib.sha256(answer.body).hexdigest()
        earlier = first_kept(session, page, digest) if matters else None
    if parsed.cut and known and not carried:
        # What was cut off may be the copy: that proves no more than a page that does not answer.
        _fail(place, taken, CUT, status=answer.status, to_person=True)
        return
    likeness = probing.likeness(place, target.url, parsed.text) if lost else None
    kept = None
    if matters:  # only pages that prove something; the rest of a partner's pages are not ours to store
        try:
            kept = keep(place.store, answer, digest, earlier, now=now)
        except OSError as error:
            _fail(place, taken, f"the page could not be kept: {error}")
            return
    fetched = Fetched(
        status=answer.status,
        final_url=answer.url,
        body_hash=digest,
        body_key=kept.body if kept is not None else None,
        title=parsed.h1 or parsed.title,
        text=parsed.text if kept is not None else "",
        etag=answer.etag,
        last_modified=answer.last_modified,
        author=parsed.author[:300],
        image=parsed.image,
        links=_outward(parsed) if carried else (),
        likeness=likeness,
        capture_key=kept.capture if kept is not None else None,
        headers=answer.fields,
        counters=frozenset(token.decode("ascii") for token in COUNTERS.findall(answer.body)),
    )
    # An address that lost its copy and leads to another page is not that page; it would take its copies along.
    # The moment of the archive and of the row are one, so that each can be found by the other.
    _record(place, taken, fetched, judgements, moves=bool(carried) or not lost, asked=target.named, now=now)


def _led_away(place: Workplace, taken: ledger.Claim, answer: Answer) -> bool:
    """A page with a copy leads to another site now: one look that did not find the copy. False for a page without."""
    with place.database.write() as session:
        page = sightings.hold(session, taken.id)
        if not any(vanishing.was_found(row) for row in of_page(session, page)):
            return False
        why = f"redirected_away: the address leads to another site, {host_of(answer.url)}"
        verifying.missing(session, page, taken, answer.status, why, place.pace, now=place.now())
        return True


def _outward(parsed: ParsedPage) -> tuple[str, ...]:
    """The addresses elsewhere that the article itself links, not its menus and boxes; the first two hundred."""
    links = (one.href for one in parsed.links if one.region not in BESIDE and not same_site(one.href, parsed.url))
    return tuple(islice(dict.fromkeys(links), 200))


def _counts(judgement: Judgement) -> bool:
    return judgement.decision.outcome in {Outcome.CONFIRMED, Outcome.REVIEW}


def named_on(session: Session, page: Page) -> list[int]:
    """Bulletins that somebody says are on this page, and those that were found there before."""
    query = sa.select(Sighting.bulletin_id).where(Sighting.page_id == page.id, Sighting.bulletin_id.is_not(None))
    said = [ident for ident in session.execute(query).scalars() if ident is not None]
    return list(dict.fromkeys([*said, *(row.bulletin_id for row in of_page(session, page))]))


def source_of(place: Workplace, session: Session, office: Office) -> Callable[[str], OurSource]:
    """What counts as ours for a bulletin: its addresses, our hosts, our names."""
    hosts = frozenset(host_of(base) for base in place.addresses.all_bases)
    names = tuple(SourceName(name, not_us=tuple(office.not_us)) for name in office.source_names)

    def source(ident: str) -> OurSource:
        code = session.execute(sa.select(Bulletin.code).where(Bulletin.id == int(ident))).scalar_one()
        return OurSource(place.addresses.everywhere(code), hosts, names)

    return source


def _record(
    place: Workplace,
    taken: ledger.Claim,
    fetched: Fetched,
    judgements: list[Judgement],
    *,
    moves: bool,
    asked: frozenset[int],
    now: datetime,
) -> None:
    with place.database.write() as session:
        page = session.get_one(Page, taken.id)
        canonical = judgements[0].canonical_url if judgements and moves else page.canonical_url
        # A claim of this very copy may come in now. All that may be written is locked first, pages before copies.
        if canonical == page.canonical_url:
            page = sightings.hold(session, taken.id)
        else:
            verifying.hold(session, page, judgements, sightings.moving(session, page, canonical))
        before, asked_anew = page.canonical_url, sightings.was_asked(page)
        if canonical != before:
            counted = sightings.merge_into(session, page, canonical, now=now)
            if counted.id != page.id or page.canonical_url != before:
                aliases.follow(session, page, counted, now=now)
            if counted.id != page.id:
                # The other address is the one that counts; this one's work is done.
                if asked_anew:
                    sightings.ask(counted, now=now)
                ledger.settle(session, Page, taken, {"due_at": None, "checked_at": now, "attempt": 0})
                counted.due_at = counted.due_at or now
                return
        touched = verifying.record(session, page, taken, fetched, judgements, place.pace, asked=asked, now=now)
        told = [f"{row.status.value} {row.match.value} {row.attribution.value}" for row in touched]
        url = page.canonical_url
    if told:
        log.info("check %s: %s", url, "; ".join(told), extra=about("judged", work="check", url=url, copies=len(told)))
