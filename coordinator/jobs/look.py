"""Look: read one feed, sitemap, listing or search of a partner site and note the pages it names."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.core.errors import Invalid
from campaigns.partners.directory import Site, site_of
from campaigns.tracking import hosts, watching
from campaigns.tracking.sightings import How, see, unknown
from campaigns.tracking.watching import LookResult, Source, Trouble
from coordinator.jobs.lists import Named, Unlisted, read_list
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` sources that are due for a look, of as many sites."""
    now = place.now()
    with place.database.write() as session:
        return hosts.claim(session, Source, limit, place.pace.lease, now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Read one source, note what it names, and say when to look again."""
    with place.database.read() as session:
        source = session.get(Source, taken.id)
        if source is None:
            return
        site = source.site
        site_id, kind, url = source.site_id, source.kind, source.url
        etag, modified = source.etag, source.last_modified

    def never_seen(urls: list[str]) -> list[str]:
        with place.database.read() as session:
            return unknown(session, site, urls)

    try:
        listed = read_list(place, kind, url, etag, modified, never_seen)
    except Unlisted as error:
        result = LookResult(0, error=str(error), trouble=error.trouble, wait=error.wait, ours=error.ours)
        _settle(place, taken, site_id, url, (), result)
        return
    result = LookResult(
        0,
        etag=listed.etag,
        last_modified=listed.last_modified,
        unchanged=listed.unchanged,
        fresh_for=listed.fresh_for,
        moved_to=listed.moved_to,
    )
    _settle(place, taken, site_id, url, listed.named, result)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while looking: shown as the source's error, tried again later."""
    with place.database.read() as session:
        source = session.get(Source, taken.id)
        if source is None:
            return
        site_id, url = source.site_id, source.url
    result = LookResult(0, error=f"the program failed: {error}", trouble=Trouble.PROGRAM)
    _settle(place, taken, site_id, url, (), result)


def _settle(
    place: Workplace, taken: ledger.Claim, site_id: int, source_url: str, named: Sequence[Named], result: LookResult
) -> None:
    now = place.now()
    with place.database.write() as session:
        source = session.get_one(Source, taken.id)
        appeared = _note(session, site_id, source_url, named, source.looked_at, now)
        result = replace(result, fresh=len(appeared), appeared=tuple(appeared))
        watching.settle_look(session, source, taken, result, place.pace, chance=place.chance.random(), now=now)
    if result.ours:
        log.info("look %s put off: %s", source_url, result.error)
    elif result.error:
        log.warning("look %s: %s", source_url, result.error)
    elif appeared:
        log.info("look %s: %d new pages", source_url, len(appeared))


def _note(
    session: Session,
    site_id: int,
    source_url: str,
    named: Sequence[Named],
    before: datetime | None,
    now: datetime,
) -> list[datetime]:
    """Note the pages that a list names; when each that is new to us appeared, as far as that is known."""
    site = session.get_one(Site, site_id)
    appeared = []
    # In one order everywhere: two lists of one site that name the same new pages must not wait for each other.
    for one in sorted(named, key=lambda page: page.url):
        # A list may name pages of a sister site; it may not name pages of strangers.
        owner = site_of(session, one.url)
        if owner is None or owner.company_id != site.company_id:
            continue
        try:
            _, new = see(
                session,
                owner,
                one.url,
                How.DISCOVERED,
                source_url,
                claimed_at=one.at,
                claimed_from=one.at_from,
                now=now,
            )
        except Invalid as invalid:
            log.info("%s names an address we cannot read: %s", source_url, invalid)
            continue
        if new:
            # The list's own time says the hour better than ours, where it lies between the two looks.
            since = (before or now) - timedelta(hours=1)
            appeared.append(one.at if one.at is not None and since <= one.at <= now else now)
    return appeared
