"""Look: read one feed, sitemap, listing or search of a partner site and note the pages it names."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.partners.directory import Site, site_of
from campaigns.tracking import hosts, watching
from campaigns.tracking.sightings import see_listed, unknown
from campaigns.tracking.watching import LookResult, Source, Trouble
from coordinator.jobs.lists import Named, Unlisted, read_list
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)

NOTED_AT_ONCE = 250  # pages written in one transaction


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
    with place.database.read() as session:
        before = session.get_one(Source, taken.id).looked_at
    appeared: list[datetime] = []
    # A sitemap may name fifty thousand pages. One transaction for all of them would keep every other writer waiting,
    # and what is noted twice is noted once.
    for start in range(0, len(named), NOTED_AT_ONCE):
        with place.database.write() as session:
            some = named[start : start + NOTED_AT_ONCE]
            appeared += _note(session, site_id, source_url, some, before, now)
    with place.database.write() as session:
        source = session.get_one(Source, taken.id)
        result = replace(result, fresh=len(appeared), appeared=tuple(appeared))
        watching.settle_look(session, source, taken, result, place.pace, chance=place.chance.random(), now=now)
    if result.ours:
        log.info("look %s put off: %s", source_url, result.error, extra=about("put_off", work="look", url=source_url))
    elif result.error:
        told = about("failed", work="look", url=source_url, trouble=result.trouble.value)
        log.warning("look %s: %s", source_url, result.error, extra=told)
    elif appeared:
        told = about("found", work="look", url=source_url, pages=len(appeared))
        log.info("look %s: %d new pages", source_url, len(appeared), extra=told)


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
    owners: dict[str, Site | None] = {}
    told: dict[int, dict[str, tuple[datetime | None, str | None]]] = {}
    for one in named:
        # A list may name pages of a sister site; it may not name pages of strangers.
        host = urlsplit(one.url).netloc
        if host not in owners:
            owners[host] = site_of(session, one.url)
        owner = owners[host]
        if owner is not None and owner.company_id == site.company_id:
            told.setdefault(owner.id, {}).setdefault(one.url, (one.at, one.at_from))
    appeared = []
    # The list's own time says the hour better than ours, where it lies between the two looks.
    since = (before or now) - timedelta(hours=1)
    for ident, addresses in sorted(told.items()):
        owner = session.get_one(Site, ident)
        for url in see_listed(session, owner, addresses, source_url, now=now):
            at = addresses[url][0]
            appeared.append(at if at is not None and since <= at <= now else now)
    return appeared
