"""Sources of partner sites (feeds, sitemaps, listings, searches), when each is due, and its health."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal, ledger
from campaigns.core.base import Base, UTCDateTime, by_value, rows_changed
from campaigns.core.errors import Invalid
from campaigns.core.intervals import Intervals
from campaigns.discovery import source_intervals
from campaigns.partners.directory import Site, host_key, lock_site

MOVES_NEEDED = 3  # consecutive looks with a permanent redirect before its target is stored


class SourceKind(Enum):
    """The type of list at a source."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    SEARCH = "search"  # the site's search for pages that link to us


class SourceTrouble(Enum):
    """Why a look failed, in categories that a person can act on."""

    NONE = ""
    UNREACHABLE = "unreachable"  # unknown host, or no connection
    SLOW = "slow"  # no complete response in time
    REFUSED = "refused"  # 401 or 403: access is denied
    MISSING = "missing"  # 404 or 410: the list does not exist any more
    BUSY = "busy"  # 429: too many requests
    BROKEN = "broken"  # 5xx: an error of the site
    ROBOTS = "robots"  # disallowed by robots.txt, or robots.txt cannot be read
    UNREADABLE = "unreadable"  # the response is not a list of this kind
    TOO_LARGE = "too_large"  # larger than the caps
    MOVED = "moved"  # a redirect loop, or a redirect to another site
    PROTOCOL = "protocol"  # an invalid certificate, a truncated response or invalid HTTP
    PROGRAM = "program"  # an error in this software


class Source(ledger.WorkItem, Base):
    """One address of a site that lists its new pages.

    ``daily``: the running mean of new pages a day. ``hours``: decaying counts of new pages by hour of the city's day.
    ``named_at``: when it last named a new page. ``failing_since``: the first of the consecutive failures.
    ``silent_since``: it is readable but has named nothing for long (see ``source_intervals.is_silent``).
    ``alarmed_at``: when failure or silence was written to the journal. ``moved_to``: the target of a permanent redirect
    in the last ``moves`` looks.
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
    trouble: Mapped[SourceTrouble] = mapped_column(
        by_value(SourceTrouble, "source_trouble"), default=SourceTrouble.NONE, server_default=""
    )
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    silent_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    alarmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    moved_to: Mapped[str] = mapped_column(sa.String(1000), default="", server_default="")
    moves: Mapped[int] = mapped_column(default=0, server_default="0")

    site: Mapped[Site] = relationship()

    __table_args__ = (sa.UniqueConstraint("site_id", "url"), ledger.due_index("sources"), ledger.lease_index("sources"))


def wanted_sources(site: Site) -> dict[str, SourceKind]:
    """The source addresses of a site's directory entry with their kinds; for an address listed twice, the better
    kind."""
    lists = (
        (SourceKind.SEARCH, site.searches),
        (SourceKind.LISTING, site.listings),
        (SourceKind.SITEMAP, site.sitemaps),
        (SourceKind.FEED, site.feeds),
    )
    return {url: kind for kind, urls in lists for url in urls}


def sync_sources(session: Session, site: Site, *, now: datetime) -> None:
    """Synchronise the sources of a site with its directory entry; new ones are due at once. Idempotent.

    A source that is ended or resumed is reset: earlier failures raise no alarm.
    """
    wanted = wanted_sources(lock_site(session, site))
    present = {row.url: row for row in _lock_sources(session, Source.site_id == site.id)}
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


def _lock_sources(session: Session, which: sa.ColumnElement[bool]) -> Sequence[Source]:
    """The current rows of sources, locked until commit, ordered by id."""
    query = sa.select(Source).where(which).order_by(Source.id)
    locked = query.with_for_update(of=Source, key_share=True).execution_options(populate_existing=True)
    return session.execute(locked).scalars().all()


def _forget_trouble(source: Source) -> None:
    source.failures, source.error, source.trouble = 0, "", SourceTrouble.NONE
    source.failing_since = source.silent_since = source.alarmed_at = None


@dataclass(frozen=True)
class LookResult:
    """The result of one look. ``fresh``: pages not seen before; ``appeared``: when they did, as far as known;
    ``error``: empty on success, else a message, with its ``trouble``; ``wait``: seconds of Retry-After; ``fresh_for``:
    seconds of the response's cache lifetime; ``moved_to``: the target of a permanent redirect; ``ours``: no request was
    made within our own pace, so that nothing is known about the site."""

    fresh: int
    error: str = ""
    etag: str | None = None
    last_modified: str | None = None
    wait: float | None = None
    unchanged: bool = False
    trouble: SourceTrouble = SourceTrouble.NONE
    appeared: tuple[datetime, ...] = ()
    fresh_for: float | None = None
    moved_to: str | None = None
    ours: bool = False


def settle_look(
    session: Session,
    source: Source,
    taken: ledger.Claim,
    look: LookResult,
    pace: Intervals,
    *,
    chance: float = 0.5,
    now: datetime,
) -> None:
    """Record the result of a look and when the next one is due. ``chance`` in [0, 1) spreads looks in time.

    A failing source is looked at ever more rarely but stays active: it shows its error until it works or is ended, and
    after a day the failure is written to the journal.
    """
    # The source or the site may have been ended during the look.
    lock_site(session, source.site)
    _lock_sources(session, Source.id == source.id)
    if look.ours:
        wait = max(timedelta(seconds=look.wait or 0), pace.look_least / 10)
        due = now + wait if _wanted(source) else None
        ledger.settle(session, Source, taken, {"attempt": 0, "due_at": due})
        return
    columns: dict[str, Any] = {"looked_at": now, "attempt": 0}
    if look.error:
        wait = source_intervals.after_failure(source.failures + 1, pace)
        columns |= _record_failure(session, source, look, now)
    else:
        more, wait = _record_success(session, source, look, pace, now)
        columns |= more
    wait = max(source_intervals.jittered(wait, chance), pace.look_least)
    if look.wait is not None:
        wait = max(wait, timedelta(seconds=min(look.wait, 86_400)))
    ledger.settle(session, Source, taken, columns | {"due_at": now + wait if _wanted(source) else None})
    if not look.error:
        _follow_move(session, source, look.moved_to, now)


def _wanted(source: Source) -> bool:
    return source.site.active and source.url in wanted_sources(source.site)


def _record_failure(session: Session, source: Source, look: LookResult, now: datetime) -> dict[str, Any]:
    since = source.failing_since or now
    columns: dict[str, Any] = {
        "failures": source.failures + 1,
        "error": look.error[:2000],
        "trouble": look.trouble,
        "failing_since": since,
    }
    if source.alarmed_at is None and now - since >= source_intervals.ALARM_AFTER and _wanted(source):
        columns["alarmed_at"] = now
        details = {"source": source.url, "since": since, "error": look.error[:300]}
        journal.record(session, journal.SYSTEM, "source.failing", "site", source.site.code, details, now=now)
    return columns


def _record_success(
    session: Session, source: Source, look: LookResult, pace: Intervals, now: datetime
) -> tuple[dict[str, Any], timedelta]:
    daily, hours = source.daily, source.hours
    # The first look finds the pages of a long time; it gives no rate.
    if source.looked_at is not None:
        daily = source_intervals.learned_rate(daily, look.fresh, now - source.looked_at)
        hours = source_intervals.learned_hours(hours, look.appeared, now - source.looked_at)
    named_at = now if look.fresh else source.named_at
    silent = source_intervals.is_silent(named_at, hours, now)
    columns: dict[str, Any] = {
        "failures": 0, "error": "", "trouble": SourceTrouble.NONE, "failing_since": None, "succeeded_at": now,
        "daily": daily, "hours": hours, "named_at": named_at, "silent_since": named_at if silent else None,
    }  # fmt: skip
    if not look.unchanged:
        columns |= {"etag": look.etag, "last_modified": look.last_modified}
    if silent and source.silent_since is None and _wanted(source):
        columns["alarmed_at"] = now
        details = {"source": source.url, "since": named_at}
        journal.record(session, journal.SYSTEM, "source.silent", "site", source.site.code, details, now=now)
    elif not silent and source.alarmed_at is not None:
        columns["alarmed_at"] = None
        details = {"source": source.url, "since": source.failing_since or source.silent_since}
        journal.record(session, journal.SYSTEM, "source.recovered", "site", source.site.code, details, now=now)
    wait = source_intervals.look_interval(daily, now, pace, hours)
    if source.kind is SourceKind.SEARCH:
        wait = source_intervals.gentle_interval(wait, pace)
    return columns, source_intervals.with_cache_lifetime(wait, look.fresh_for, pace)


def _follow_move(session: Session, source: Source, moved_to: str | None, now: datetime) -> None:
    """Store the target of a permanent redirect after it was seen several times in a row."""
    if moved_to is None or moved_to == source.url:
        source.moved_to, source.moves = "", 0
        session.flush()
        return
    source.moves = source.moves + 1 if moved_to == source.moved_to else 1
    source.moved_to = moved_to
    session.flush()
    if source.moves < MOVES_NEEDED or not _wanted(source) or not _on_host(source.site, moved_to):
        return
    site, old = source.site, source.url
    for name in ("feeds", "sitemaps", "listings", "searches"):
        addresses = [moved_to if address == old else address for address in getattr(site, name)]
        setattr(site, name, list(dict.fromkeys(addresses)))
    taken = session.execute(sa.select(Source).where(Source.site_id == site.id, Source.url == moved_to)).scalar()
    if taken is None:
        source.url, source.moved_to, source.moves = moved_to, "", 0
    else:
        source.due_at = None  # that address has its own source
    details = {"from": old, "to": moved_to, "looks": MOVES_NEEDED}
    journal.record(session, journal.SYSTEM, "source.moved", "site", site.code, details, now=now)
    session.flush()


def _on_host(site: Site, address: str) -> bool:
    try:
        host = host_key(address)
    except Invalid:
        return False
    return host == site.host or host.endswith(f".{site.host}")


def make_due(session: Session, sites: Iterable[int], *, now: datetime) -> int:
    """Make every active source of these sites due at once; returns how many. One that is being read keeps its lease."""
    wanted = sa.and_(Source.site_id.in_(list(sites)), Source.due_at.is_not(None))
    _lock_sources(session, wanted)
    done = session.execute(
        sa.update(Source).where(wanted).values(due_at=now).execution_options(synchronize_session=False)
    )
    return rows_changed(done)


def standing_counts(session: Session) -> dict[str, int]:
    """The number of active sources in each state, for monitoring."""
    query = sa.select(
        sa.func.count(),
        sa.func.count(sa.case((Source.failing_since.is_not(None), 1))),
        sa.func.count(sa.case((Source.silent_since.is_not(None), 1))),
        sa.func.count(sa.case((Source.alarmed_at.is_not(None), 1))),
    ).where(Source.due_at.is_not(None))
    names = ("watched", "failing", "silent", "alarmed")
    return dict(zip(names, map(int, session.execute(query).one()), strict=True))
