"""Where to look next: feeds, sitemaps, listings and searches of partner sites, when each is due, and how it fares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal, ledger
from campaigns.core.base import Base, by_value, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Invalid
from campaigns.core.pace import Pace
from campaigns.partners.directory import Site, hold_site, host_key
from campaigns.tracking import intervals

MOVES_BELIEVED = 3  # looks in a row that a permanent redirect is followed before its target is kept


class SourceKind(Enum):
    """What kind of list a source is."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    SEARCH = "search"  # the site is asked which of its pages link to us


class Trouble(Enum):
    """Why a look brought nothing, in the few ways that a person can do something about."""

    NONE = ""
    UNREACHABLE = "unreachable"  # no such host, or nobody takes the connection
    SLOW = "slow"  # no complete answer in time
    REFUSED = "refused"  # 401 or 403: the site does not let us in
    MISSING = "missing"  # 404 or 410: the list is not there any more
    BUSY = "busy"  # 429: the site asks us to come less often
    BROKEN = "broken"  # 5xx: the site has a fault
    ROBOTS = "robots"  # its robots.txt forbids it, or cannot be read
    UNREADABLE = "unreadable"  # what came is not a list of this kind
    TOO_LARGE = "too_large"  # beyond the caps
    MOVED = "moved"  # it sends us on in a circle, or to another site
    PROTOCOL = "protocol"  # a bad certificate, a cut answer: not HTTP as it must be
    PROGRAM = "program"  # a fault of ours


class Source(ledger.Due, Base):
    """One address of a site that lists its new pages.

    ``daily``: the running mean of new pages a day. ``hours``: how many appeared in each hour of the city's day, fading.
    ``named_at``: when it last named a page that was new. ``failing_since``: first of the failures without a success
    between. ``silent_since``: it can be read but has named nothing for long (see ``intervals.is_silent``).
    ``alarmed_at``: when failing or silent was written into the journal. ``moved_to``: where a permanent redirect has
    led ``moves`` looks in a row.
    """

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    kind: Mapped[SourceKind] = mapped_column(by_value(SourceKind, "source_kind"))
    url: Mapped[str] = mapped_column(sa.String(1000))
    etag: Mapped[str | None] = mapped_column(sa.String(300))
    last_modified: Mapped[str | None] = mapped_column(sa.String(60))
    looked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    named_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    daily: Mapped[float] = mapped_column(default=24.0, server_default="24")
    hours: Mapped[list[float] | None] = mapped_column(sa.JSON)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    trouble: Mapped[Trouble] = mapped_column(
        by_value(Trouble, "source_trouble"), default=Trouble.NONE, server_default=""
    )
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    silent_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    alarmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    moved_to: Mapped[str] = mapped_column(sa.String(1000), default="", server_default="")
    moves: Mapped[int] = mapped_column(default=0, server_default="0")

    site: Mapped[Site] = relationship()

    __table_args__ = (sa.UniqueConstraint("site_id", "url"), ledger.due_index("sources"), ledger.lease_index("sources"))


def wanted_sources(site: Site) -> dict[str, SourceKind]:
    """The addresses of a site's entry in the directory with their kinds; the better kind where one stands twice."""
    lists = (
        (SourceKind.SEARCH, site.searches),
        (SourceKind.LISTING, site.listings),
        (SourceKind.SITEMAP, site.sitemaps),
        (SourceKind.FEED, site.feeds),
    )
    return {url: kind for kind, urls in lists for url in urls}


def watch(session: Session, site: Site, *, now: datetime) -> None:
    """Bring the sources of a site in line with its directory entry; new ones are due at once. Idempotent.

    A source that is ended or taken up again starts afresh: what failed before is no alarm any more.
    """
    wanted = wanted_sources(hold_site(session, site))
    present = {row.url: row for row in _held(session, Source.site_id == site.id)}
    for url, kind in wanted.items():
        if url not in present:
            session.add(Source(site_id=site.id, kind=kind, url=url, due_at=now if site.active else None, error=""))
        else:
            present[url].kind = kind
            if site.active and present[url].due_at is None:
                _forget_trouble(present[url])
                present[url].due_at = now
    for url, row in present.items():
        if url not in wanted or not site.active:
            row.due_at = None
    session.flush()


def _held(session: Session, which: sa.ColumnElement[bool]) -> Sequence[Source]:
    """Sources as they are now, locked until the caller commits, in one order."""
    query = sa.select(Source).where(which).order_by(Source.id)
    locked = query.with_for_update(of=Source, key_share=True).execution_options(populate_existing=True)
    return session.execute(locked).scalars().all()


def _forget_trouble(source: Source) -> None:
    source.failures, source.error, source.trouble = 0, "", Trouble.NONE
    source.failing_since = source.silent_since = source.alarmed_at = None


@dataclass(frozen=True)
class LookResult:
    """What one look came to. ``fresh``: pages not seen before; ``appeared``: when they did, as far as known; ``error``
    empty when it went well, else in words with its ``trouble``; ``wait``: seconds the site asked to be left alone;
    ``fresh_for``: seconds its answer holds, as it says; ``moved_to``: where it has moved for good, as it says;
    ``ours``: nothing was asked, since our own pace left no time, so nothing is known of the site."""

    fresh: int
    error: str = ""
    etag: str | None = None
    last_modified: str | None = None
    wait: float | None = None
    unchanged: bool = False
    trouble: Trouble = Trouble.NONE
    appeared: tuple[datetime, ...] = ()
    fresh_for: float | None = None
    moved_to: str | None = None
    ours: bool = False


def settle_look(
    session: Session,
    source: Source,
    taken: ledger.Claim,
    result: LookResult,
    pace: Pace,
    *,
    chance: float = 0.5,
    now: datetime,
) -> None:
    """Write what a look came to and when the next one is due. ``chance`` in [0, 1) spreads looks in time.

    A source that fails is looked at ever more rarely, but never dropped: it stays visible with its error until it works
    or somebody ends it, and after a day it is written into the journal.
    """
    # The list may have been taken off the directory, or the site ended, while we were reading it.
    hold_site(session, source.site)
    _held(session, Source.id == source.id)
    if result.ours:
        wait = max(timedelta(seconds=result.wait or 0), pace.look_least / 10)
        due = now + wait if _wanted(source) else None
        ledger.settle(session, Source, taken, {"attempt": 0, "due_at": due})
        return
    values: dict[str, Any] = {"looked_at": now, "attempt": 0}
    if result.error:
        wait = intervals.after_failure(source.failures + 1, pace)
        values |= _failed(session, source, result, now)
    else:
        more, wait = _succeeded(session, source, result, pace, now)
        values |= more
    wait = max(intervals.jittered(wait, chance), pace.look_least)
    if result.wait is not None:
        wait = max(wait, timedelta(seconds=min(result.wait, 86_400)))
    ledger.settle(session, Source, taken, values | {"due_at": now + wait if _wanted(source) else None})
    if not result.error:
        _follow_move(session, source, result.moved_to, now)


def _wanted(source: Source) -> bool:
    return source.site.active and source.url in wanted_sources(source.site)


def _failed(session: Session, source: Source, result: LookResult, now: datetime) -> dict[str, Any]:
    since = source.failing_since or now
    values: dict[str, Any] = {
        "failures": source.failures + 1,
        "error": result.error[:2000],
        "trouble": result.trouble,
        "failing_since": since,
    }
    if source.alarmed_at is None and now - since >= intervals.ALARM_AFTER and _wanted(source):
        values["alarmed_at"] = now
        details = {"source": source.url, "since": since, "error": result.error[:300]}
        journal.record(session, journal.SYSTEM, "source.failing", "site", source.site.code, details, now=now)
    return values


def _succeeded(
    session: Session, source: Source, result: LookResult, pace: Pace, now: datetime
) -> tuple[dict[str, Any], timedelta]:
    daily, hours = source.daily, source.hours
    # The first look finds what has piled up; it says nothing of a rate.
    if source.looked_at is not None:
        daily = intervals.learn_rate(daily, result.fresh, now - source.looked_at)
        hours = intervals.learn(hours, result.appeared, now - source.looked_at)
    named_at = now if result.fresh else source.named_at
    silent = intervals.is_silent(named_at, hours, now)
    values: dict[str, Any] = {
        "failures": 0, "error": "", "trouble": Trouble.NONE, "failing_since": None, "succeeded_at": now,
        "daily": daily, "hours": hours, "named_at": named_at, "silent_since": named_at if silent else None,
    }  # fmt: skip
    if not result.unchanged:
        values |= {"etag": result.etag, "last_modified": result.last_modified}
    if silent and source.silent_since is None and _wanted(source):
        values["alarmed_at"] = now
        details = {"source": source.url, "since": named_at}
        journal.record(session, journal.SYSTEM, "source.silent", "site", source.site.code, details, now=now)
    elif not silent and source.alarmed_at is not None:
        values["alarmed_at"] = None
        details = {"source": source.url, "since": source.failing_since or source.silent_since}
        journal.record(session, journal.SYSTEM, "source.recovered", "site", source.site.code, details, now=now)
    wait = intervals.interval(daily, now, pace, hours)
    if source.kind is SourceKind.SEARCH:
        wait = intervals.calmer(wait, pace)
    return values, intervals.kept_fresh(wait, result.fresh_for, pace)


def _follow_move(session: Session, source: Source, moved_to: str | None, now: datetime) -> None:
    """Keep the address that a permanent redirect leads to, once it has done so several times."""
    if moved_to is None or moved_to == source.url:
        source.moved_to, source.moves = "", 0
        session.flush()
        return
    source.moves = source.moves + 1 if moved_to == source.moved_to else 1
    source.moved_to = moved_to
    session.flush()
    if source.moves < MOVES_BELIEVED or not _wanted(source) or not _on_host(source.site, moved_to):
        return
    site, old = source.site, source.url
    for name in ("feeds", "sitemaps", "listings", "searches"):
        addresses = [moved_to if one == old else one for one in getattr(site, name)]
        setattr(site, name, list(dict.fromkeys(addresses)))
    taken = session.execute(sa.select(Source).where(Source.site_id == site.id, Source.url == moved_to)).scalar()
    if taken is None:
        source.url, source.moved_to, source.moves = moved_to, "", 0
    else:
        source.due_at = None  # that address is watched already
    details = {"from": old, "to": moved_to, "looks": MOVES_BELIEVED}
    journal.record(session, journal.SYSTEM, "source.moved", "site", site.code, details, now=now)
    session.flush()


def _on_host(site: Site, address: str) -> bool:
    try:
        host = host_key(address)
    except Invalid:
        return False
    return host == site.host or host.endswith(f".{site.host}")


def look_now(session: Session, sites: Iterable[int], *, now: datetime) -> int:
    """Make every watched source of these sites due at once; returns how many. One that is being read stays leased."""
    wanted = sa.and_(Source.site_id.in_(list(sites)), Source.due_at.is_not(None))
    _held(session, wanted)
    done = session.execute(
        sa.update(Source).where(wanted).values(due_at=now).execution_options(synchronize_session=False)
    )
    return rows_changed(done)


def standings(session: Session) -> dict[str, int]:
    """How many watched sources there are in each standing, for monitoring."""
    query = sa.select(
        sa.func.count(),
        sa.func.count(sa.case((Source.failing_since.is_not(None), 1))),
        sa.func.count(sa.case((Source.silent_since.is_not(None), 1))),
        sa.func.count(sa.case((Source.alarmed_at.is_not(None), 1))),
    ).where(Source.due_at.is_not(None))
    names = ("watched", "failing", "silent", "alarmed")
    return dict(zip(names, map(int, session.execute(query).one()), strict=True))
