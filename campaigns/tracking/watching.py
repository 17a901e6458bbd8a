"""Where to look next: the feeds, sitemaps and listings of partner sites, and when each is due."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import ledger
from campaigns.core.base import Base, by_value
from campaigns.core.clock import CITY, UTCDateTime
from campaigns.core.pace import Pace
from campaigns.partners.directory import Site


class SourceKind(Enum):
    """What kind of list a source is."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"


class Source(ledger.Due, Base):
    """One address of a site that lists its new pages. ``daily`` is the running mean of new pages a day."""

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    kind: Mapped[SourceKind] = mapped_column(by_value(SourceKind, "source_kind"))
    url: Mapped[str] = mapped_column(sa.String(1000))
    etag: Mapped[str | None] = mapped_column(sa.String(300))
    last_modified: Mapped[str | None] = mapped_column(sa.String(60))
    looked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    daily: Mapped[float] = mapped_column(default=24.0, server_default="24")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str] = mapped_column(sa.Text, default="")

    site: Mapped[Site] = relationship()

    __table_args__ = (sa.UniqueConstraint("site_id", "url"), ledger.due_index("sources"))


# Share of a day's new pages that appear in each hour of the city's day: a newsroom's habit, few by night, a peak before
# noon and one before the evening. Sums to 24, so 1 is the mean. To be replaced by each site's own once it is known.
HOUR_PROFILE = (
    0.25, 0.15, 0.10, 0.10, 0.20, 0.60, 1.20, 1.55, 1.60, 1.65, 1.65, 1.50,
    1.10, 1.00, 1.30, 1.45, 1.50, 1.40, 1.15, 1.10, 1.10, 1.00, 0.85, 0.50,
)  # fmt: skip

# Interval in hours at one new page an hour. With it 658 sites of ordinary size are looked at about 34,000 times a day.
SQRT_SCALE = 0.35


def interval(daily: float, moment: datetime, pace: Pace) -> timedelta:
    """How long until a source is worth another look: inversely as the root of its present rate.

    Minimising the mean delay for a fixed number of looks gives each source a frequency in proportion to the square root
    of its rate (Cho and Garcia-Molina's result for fresh copies, in its simplest form). Bounded by the pace.
    """
    hourly = max(daily, 0.2) / 24 * HOUR_PROFILE[moment.astimezone(CITY).hour]
    wanted = timedelta(hours=SQRT_SCALE / math.sqrt(hourly))
    return min(max(wanted, pace.look_least), pace.look_most)


def watch(session: Session, site: Site, *, now: datetime) -> None:
    """Bring the sources of a site in line with its directory entry; new ones are due at once. Idempotent."""
    wanted = {
        url: kind
        for kind, urls in (
            (SourceKind.LISTING, site.listings),
            (SourceKind.SITEMAP, site.sitemaps),
            (SourceKind.FEED, site.feeds),
        )
        for url in urls
    }
    present = {
        row.url: row for row in session.execute(sa.select(Source).where(Source.site_id == site.id)).scalars().all()
    }
    for url, kind in wanted.items():
        if url not in present:
            session.add(Source(site_id=site.id, kind=kind, url=url, due_at=now if site.active else None, error=""))
        else:
            present[url].kind = kind
            if site.active and present[url].due_at is None:
                present[url].due_at = now
    for url, row in present.items():
        if url not in wanted or not site.active:
            row.due_at = None
    session.flush()


@dataclass(frozen=True)
class LookResult:
    """What one look came to. ``fresh``: pages not seen before; ``error`` empty when it went well; ``wait``: seconds the
    site asked to be left alone."""

    fresh: int
    error: str = ""
    etag: str | None = None
    last_modified: str | None = None
    wait: float | None = None
    unchanged: bool = False


def settle_look(
    session: Session, source: Source, taken: ledger.Claim, result: LookResult, pace: Pace, *, now: datetime
) -> None:
    """Write what a look came to and when the next one is due. A source that fails is looked at ever more rarely, but
    never dropped: it stays visible with its error until it works or somebody ends it."""
    values: dict[str, object] = {"looked_at": now, "attempt": 0}
    if result.error:
        failures = source.failures + 1
        wait = min(pace.look_least * 2 ** min(failures, 12), max(pace.look_most, pace.look_least * 16))
        values |= {"failures": failures, "error": result.error}
    else:
        hours = 24.0 if source.looked_at is None else max((now - source.looked_at) / timedelta(hours=1), 0.01)
        # Half a day's memory: an exponential mean whose weight grows with the time between two looks.
        weight = 1 - math.exp(-hours / 12) if source.looked_at is not None else 0.0
        daily = source.daily + weight * (result.fresh * 24 / hours - source.daily)
        wait = interval(daily, now, pace)
        values |= {"failures": 0, "error": "", "succeeded_at": now, "daily": daily}
        if not result.unchanged:
            values |= {"etag": result.etag, "last_modified": result.last_modified}
    if result.wait is not None:
        wait = max(wait, timedelta(seconds=min(result.wait, 86_400)))
    # The list may have been taken off the directory, or the site ended, while we were reading it.
    site = source.site
    wanted = site.active and source.url in {*site.feeds, *site.sitemaps, *site.listings}
    ledger.settle(session, Source, taken, values | {"due_at": now + wait if wanted else None})
