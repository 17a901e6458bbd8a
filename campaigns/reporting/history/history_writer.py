"""Write history, or say what writing it would do.

Bulletins are published and never released: nothing is sent and no reader sees them. Copies on registered sites become
claims whose pages are fetched and judged like others, spread over time; all others stay as they were reported.
"""

import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Filing, Revision, new_counter_token, text_hash
from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.base import ROWS_AT_ONCE, in_batches, public_id
from campaigns.core.clock import city_day, day_start
from campaigns.core.import_runs import ImportOutcome
from campaigns.core.vietnamese import fold
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.discovery.urls import page_key
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Site, SiteKind
from campaigns.people.powers.identities import actor_name
from campaigns.planning.campaigns import Metric, Topic
from campaigns.reporting.history.history_reader import BulletinEntry, CopyEntry, HistoryEntry
from campaigns.reporting.history.import_plan import (
    HistoryPlan,
    KnownBulletin,
    KnownHistory,
    KnownSite,
    NewBulletin,
    NewCopy,
    known_topics,
    plan_history,
    text_digest,
)
from campaigns.reporting.history.reported import (
    ReportedCopy,
    ReportedTotal,
    bulletins_by_day,
    copies_by_day,
    use_began_on,
)
from campaigns.republications import counted_copy
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    EvidenceLevel,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)

# Between two pages of an import, so that thousands of old pages never delay the check of a new one.
PAGE_INTERVAL: Final = timedelta(seconds=1)
PAGES_AT_ONCE: Final = 20  # pages that are due at once
_PUBLIC_PAGE: Final = re.compile(r"/bulletins/(BT-\d{4}-\d\d-\d\d-\d{3,})(?:[/?#.]|$)")


def preview_history(session: Session, entries: Sequence[HistoryEntry], *, now: datetime) -> ImportOutcome:
    """What ``import_history`` would do now: the same counts, the same entries rejected. Writes nothing."""
    return _outcome(plan_history(_read_known(session, entries, now), entries))


def import_history(
    session: Session, actor: str, run: str, entries: Sequence[HistoryEntry], *, now: datetime
) -> ImportOutcome:
    """Write the entries that are not there yet; the caller commits them as a whole.

    ``run``: the public id of the import, which every row bears. The journal gets one entry with the numbers of rows and
    a digest of them.
    """
    acquire_until_commit(session, AdvisoryLock.HISTORY)
    acquire_until_commit(session, AdvisoryLock.CODES)
    plan = plan_history(_read_known(session, entries, now), entries)
    counted_copy.lock_site_copies(session, {copy.site.id for copy in plan.copies if copy.site is not None})
    codes = _free_codes(session, plan.bulletins)
    idents = _add_bulletins(session, actor, run, plan.bulletins, codes, now)
    _add_copies(session, run, plan.copies, idents, now)
    _add_totals(session, run, plan, now)
    if plan.bulletins or plan.copies or plan.totals:
        details = {"bulletins": len(plan.bulletins), "copies": len(plan.copies), "totals": len(plan.totals)}
        journal.record(
            session, actor, "history.written", "history", run, details | {"digest": _digest(plan, codes)}, now=now
        )
    return _outcome(plan)


def _outcome(plan: HistoryPlan) -> ImportOutcome:
    on_sites = sum(1 for copy in plan.copies if copy.site is not None and copy.site.fetched)
    counts = {
        "bulletins": len(plan.bulletins), "copies": len(plan.copies), "on_sites": on_sites,
        "totals": len(plan.totals), "unchanged": plan.unchanged,
    }  # fmt: skip
    return ImportOutcome(counts, plan.good, tuple(plan.rejected))


def _digest(plan: HistoryPlan, codes: Sequence[str]) -> str:
    lines = [
        *(f"{code} {new.entry.day} {new.entry.url}" for code, new in zip(codes, plan.bulletins, strict=True)),
        *(f"{copy.entry.day} {copy.address}" for copy in plan.copies),
        *(f"{new.entry.period.label} {new.entry.metric.value} {new.entry.figure}" for new in plan.totals),
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _read_known(session: Session, entries: Sequence[HistoryEntry], now: datetime) -> KnownHistory:
    began = use_began_on(session)
    by_key: dict[str, KnownBulletin] = {}
    by_number: dict[str, KnownBulletin] = {}
    by_code: dict[str, KnownBulletin] = {}
    newest = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest)
    query = sa.select(Bulletin, Revision.title, Revision.body_text).join(Revision, newest)
    imported = query.where(Bulletin.reported_on.is_not(None)).execution_options(yield_per=ROWS_AT_ONCE)
    for bulletin, title, text in session.execute(imported):
        day = bulletin.reported_on or city_day(bulletin.created_at)  # the query selects those with a day
        known = KnownBulletin(bulletin.id, bulletin.code, day, bulletin.topic_id, title, text_digest(text))
        by_code[bulletin.code] = known
        if bulletin.source_url and (key := page_key(bulletin.source_url)):
            by_key[key] = known
        if bulletin.reported_number:
            by_number[fold(bulletin.reported_number)] = known
    own: dict[str, date | None] = {}
    for named in in_batches(
        sorted({entry.bulletin.upper() for entry in entries if isinstance(entry, CopyEntry)} - by_code.keys())
    ):
        found = sa.select(Bulletin.code, Bulletin.released_on).where(Bulletin.code.in_(named))
        own.update((code, day) for code, day in session.execute(found))
    own_keys: dict[str, str] = {}
    named_urls = [entry.url for entry in entries if isinstance(entry, BulletinEntry)]
    addresses = {key: url for url in named_urls if (key := page_key(url)) and key not in by_key}
    for keys in in_batches(sorted(addresses)):
        coded = {key: code[1] for key in keys if (code := _PUBLIC_PAGE.search(addresses[key]))}
        sources = {addresses[key]: key for key in keys}
        listed = sa.select(Bulletin.code, Bulletin.source_url).where(
            Bulletin.reported_on.is_(None),
            sa.or_(Bulletin.code.in_(coded.values()), Bulletin.source_url.in_(sources)),
        )
        rows = session.execute(listed).all()
        codes = {row.code for row in rows}
        own_keys.update((key, code) for key, code in coded.items() if code in codes)
        own_keys.update((sources[row.source_url], row.code) for row in rows if row.source_url in sources)
    sites = {
        host: KnownSite(ident, url, kind is SiteKind.AGGREGATOR)
        for ident, host, url, kind in session.execute(sa.select(Site.id, Site.host, Site.url, Site.kind))
    }
    copies = {
        (bulletin, address): day
        for bulletin, address, day in session.execute(
            sa.select(ReportedCopy.bulletin_id, ReportedCopy.address, ReportedCopy.reported_on)
        )
    }
    totals = {
        (row.first, row.last, row.metric, row.topic_id): row.figure
        for row in session.execute(sa.select(ReportedTotal)).scalars()
    }
    topics = session.execute(sa.select(Topic.id, Topic.code, Topic.name)).all()
    return KnownHistory(
        until=began or city_day(now),
        began=began is not None,
        topics=known_topics([(row[0], row[1], row[2]) for row in topics]),
        by_key=by_key,
        by_number=by_number,
        by_code=by_code,
        own=own,
        own_keys=own_keys,
        sites=sites,
        copies=copies,
        totals=totals,
        rows={Metric.BULLETINS: bulletins_by_day(session), Metric.REPUBLICATIONS: copies_by_day(session)},
    )


def _free_codes(session: Session, bulletins: Sequence[NewBulletin]) -> list[str]:
    """A code for each bulletin, by its own day."""
    highest: dict[date, int] = {}
    codes = []
    for new in bulletins:
        day = new.entry.day
        if day not in highest:
            taken = session.execute(sa.select(Bulletin.code).where(Bulletin.code.like(f"BT-{day}-%"))).scalars()
            highest[day] = max((int(code.rsplit("-", 1)[1]) for code in taken), default=0)
        highest[day] += 1
        codes.append(f"BT-{day}-{highest[day]:03d}")
    return codes


def _add_bulletins(
    session: Session, actor: str, run: str, bulletins: Sequence[NewBulletin], codes: Sequence[str], now: datetime
) -> dict[int, int]:
    """Insert the new bulletins with their texts; return temporary id -> id."""
    idents: dict[int, int] = {}
    topics = {row[0]: row[1] for row in session.execute(sa.select(Topic.id, Topic.code))}
    name = actor_name(session, actor)
    for batch in in_batches(list(zip(codes, bulletins, strict=True))):
        rows = [
            {
                "code": code, "state": BulletinState.PUBLISHED, "topic_id": new.topic_id, "writer": actor,
                "writer_name": name, "source_url": new.entry.url, "counter_token": new_counter_token(),
                "search": fold(f"{code} {new.entry.title}"), "latest": 1, "created_at": now, "edited_at": now,
                "recall_reason": "", "return_note": "", "reported_on": new.entry.day,
                "reported_number": new.entry.number, "came_by": run,
            }
            for code, new in batch
        ]  # fmt: skip
        session.execute(sa.insert(Bulletin), rows)
        named = sa.select(Bulletin.code, Bulletin.id).where(Bulletin.code.in_([code for code, _new in batch]))
        by_code = {row.code: row.id for row in session.execute(named)}
        idents.update((new.temporary_id, by_code[code]) for code, new in batch)
        session.execute(
            sa.insert(Revision),
            [
                _revision(idents[new.temporary_id], (actor, name), new, topics[new.topic_id], now)
                for _code, new in batch
            ],
        )
    return idents


def _revision(bulletin_id: int, author: tuple[str, str], new: NewBulletin, topic: str, now: datetime) -> dict[str, Any]:
    """The text of an imported bulletin. ``author``: id and name. One without its text is never compared with a page: it
    has no release."""
    text = new.entry.text
    body = "".join(f"<p>{html.escape(part.strip())}</p>" for part in text.split("\n") if part.strip())
    return {
        "bulletin_id": bulletin_id, "number": 1, "title": new.entry.title, "lead": "", "body_html": body,
        "body_text": text, "topic_code": topic, "source_url": new.entry.url,
        "hash": text_hash(new.entry.title, "", body, filing=Filing(topic, source_url=new.entry.url)),
        "lost_pictures": [], "author": author[0], "author_name": author[1],
        "note": "", "created_at": now, "released_at": day_start(new.entry.day) if text else None,
    }  # fmt: skip


def _add_copies(
    session: Session, run: str, copies: Sequence[NewCopy], bulletins: Mapping[int, int], now: datetime
) -> None:
    """Insert the new copies; those on sites that can be fetched with their pages, sightings and claims."""

    def bulletin_of(copy: NewCopy) -> int:
        return bulletins.get(copy.bulletin_id, copy.bulletin_id)

    fetched = [copy for copy in copies if copy.site is not None and copy.site.fetched]
    pages = _pages(session, fetched, now)
    claims = _claims(session, run, fetched, [bulletin_of(copy) for copy in fetched], pages, now)
    for batch in in_batches(copies):
        rows = [
            {
                "came_by": run, "bulletin_id": bulletin_of(copy), "address": copy.address, "url": copy.entry.url,
                "reported_on": copy.entry.day, "network": copy.entry.network,
                "site_id": copy.site.id if copy.site is not None else None,
                "republication_id": claims.get((bulletin_of(copy), copy.address)), "at": now,
            }
            for copy in batch
        ]  # fmt: skip
        session.execute(sa.insert(ReportedCopy), rows)


@dataclass(frozen=True)
class _PageOfCopy:
    id: int
    site_id: int
    url: str
    canonical_url: str
    first_seen_at: datetime


def _pages(session: Session, copies: Sequence[NewCopy], now: datetime) -> dict[str, _PageOfCopy]:
    """The page of each address, of an alias the one it refers to; new ones are due one after the other."""
    due = 0
    found: dict[str, _PageOfCopy] = {}
    for batch in in_batches(sorted({copy.address: copy for copy in copies}.values(), key=lambda copy: copy.address)):
        addresses = [copy.address for copy in batch]
        known = set(session.execute(sa.select(Page.canonical_url).where(Page.canonical_url.in_(addresses))).scalars())
        rows = []
        for copy in batch:
            if copy.address not in known and copy.site is not None:
                rows.append(
                    {
                        "site_id": copy.site.id, "url": copy.entry.url, "canonical_url": copy.address,
                        "first_seen_at": now, "due_at": now + PAGE_INTERVAL * max(due - PAGES_AT_ONCE, 0), "error": "",
                    }
                )  # fmt: skip
                due += 1
        if rows:
            session.execute(sa.insert(Page), rows)
        alias = sa.orm.aliased(Page)
        real = sa.func.coalesce(alias.id, Page.id)
        query = sa.select(
            Page.canonical_url, real, sa.func.coalesce(alias.site_id, Page.site_id),
            sa.func.coalesce(alias.url, Page.url), sa.func.coalesce(alias.canonical_url, Page.canonical_url),
            Page.first_seen_at,
        ).outerjoin(alias, alias.id == Page.alias_of_id)  # fmt: skip
        for row in session.execute(query.where(Page.canonical_url.in_(addresses))):
            found[row[0]] = _PageOfCopy(row[1], row[2], row[3], row[4], row[5])
        # A page that is known is fetched again, for a question that was not asked before.
        idents = [found[address].id for address in addresses if address in known]
        again = sa.update(Page).where(Page.id.in_(idents), sa.not_(Page.behind_sign_in))
        values = {"due_at": now, "etag": None, "last_modified": None, "attempt": 0}
        if idents:
            session.execute(again.values(values).execution_options(synchronize_session=False))
    return found


def _claims(
    session: Session,
    run: str,
    copies: Sequence[NewCopy],
    bulletins: Sequence[int],
    pages: Mapping[str, _PageOfCopy],
    now: datetime,
) -> dict[tuple[int, str], int]:
    """Record that pages are said to carry bulletins: (bulletin, address) -> the claim, or the copy known before."""
    claims: dict[tuple[int, str], int] = {}
    for batch in in_batches(list(zip(copies, bulletins, strict=True))):
        idents = {bulletin for _copy, bulletin in batch}
        query = sa.select(
            Republication.bulletin_id, Republication.site_id, Republication.canonical_url, Republication.id
        ).where(Republication.bulletin_id.in_(idents))
        known = {(bulletin, site, url): ident for bulletin, site, url, ident in session.execute(query)}
        rows: dict[tuple[int, int, str], dict[str, Any]] = {}
        sighted = []
        for copy, bulletin in batch:
            page = pages[copy.address]
            sighted.append(
                {
                    "page_id": page.id, "how": SightingMethod.REPORTED, "source": run, "bulletin_id": bulletin,
                    "at": now,
                }
            )  # fmt: skip
            key = (bulletin, page.site_id, page.canonical_url)
            if key not in known:
                rows.setdefault(key, _claim(bulletin, page, copy.entry.day))
        session.execute(sa.insert(Sighting), sighted)
        if rows:
            session.execute(sa.insert(Republication), list(rows.values()))
            known = {(bulletin, site, url): ident for bulletin, site, url, ident in session.execute(query)}
        for copy, bulletin in batch:
            page = pages[copy.address]
            claims[bulletin, copy.address] = known[bulletin, page.site_id, page.canonical_url]
    return claims


def _claim(bulletin_id: int, page: _PageOfCopy, day: date) -> dict[str, Any]:
    return {
        "public": public_id("rep"), "bulletin_id": bulletin_id, "site_id": page.site_id, "page_id": page.id,
        "url": page.url, "canonical_url": page.canonical_url, "status": RepublicationStatus.CANDIDATE,
        "life": RepublicationLife.LIVE, "level": EvidenceLevel.REPORTED, "match": Match.NONE, "share": 0.0,
        "attribution": Attribution.NOT_SEEN, "reasons": [], "first_seen_at": page.first_seen_at, "counted_on": day,
        "title_kept": False, "decision_note": "", "missing_why": [], "reported_on": day, "headline": "",
        "author": "", "image": "",
    }  # fmt: skip


def _add_totals(session: Session, run: str, plan: HistoryPlan, now: datetime) -> None:
    rows = [
        {
            "came_by": run, "first": new.entry.period.first, "last": new.entry.period.last,
            "label": new.entry.period.label, "metric": new.entry.metric, "topic_id": new.topic_id,
            "figure": new.entry.figure, "at": now,
        }
        for new in plan.totals
    ]  # fmt: skip
    if rows:
        session.execute(sa.insert(ReportedTotal), rows)
