"""Views: loads of counter images by bulletin, site, day and rule version. A view is never a republication.

Web processes hold loads in memory and hand them over in batches. Only the counts (``ViewDay``) are permanent. Data that
distinguishes readers (``ViewSalt``, ``RecentView``, ``NetworkViews``) is random per day and deleted at most three hours
after the day, well within the 48 hours of the rule. Pages that load an image are recorded as sightings, within a limit.
"""

import datetime as dt
import hashlib
import hmac
import ipaddress
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.base import Base, UTCDateTime, insert_into
from campaigns.core.clock import city_day
from campaigns.core.errors import Invalid
from campaigns.discovery.sightings import Page, Sighting, SightingMethod, address_on, lock_pages, site_profile
from campaigns.discovery.urls import SiteProfile
from campaigns.partners.directory import Site, site_of
from campaigns.republications.address_claims import claim_address
from campaigns.republications.counted_copy import lock_site_copies

# Readers are distinguished without being identified: by marks under a random salt that is soon deleted.


REPEAT_WINDOW = timedelta(seconds=30)  # COUNTER's double-click rule: closer loads of one reader are one view


def network_of(address: str) -> str:
    """The network of an address: /24, or /48 for IPv6; '' for an invalid or local address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""  # not a network that distinguishes readers
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, 48), strict=False))
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24), strict=False))


def reader_mark(salt: bytes, *parts: str) -> str:
    """A keyed hash of ``parts``, sixteen hex digits; meaningless once the salt is deleted."""
    return hmac.new(salt, "\0".join(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]


def distinct_views(moments: Sequence[datetime]) -> int:
    """The number of views in one reader's loads: each run of loads less than ``REPEAT_WINDOW`` apart is one.

    Depends on the set of moments only, not on the order in which they arrive.
    """
    ordered = sorted(moments)
    return sum(
        1
        for at, before in zip(ordered, [None, *ordered], strict=False)
        if before is None or at - before >= REPEAT_WINDOW
    )


# Counts under different rules are different figures; the version is part of every row's key. The former version 2026.0
# measured repeats from the last counted view, knew programs by a dozen words, and had no cap.
VIEW_RULES = "2026.1"
SOURCE_CAP = 100  # guarded views of a bulletin on a site from one network a day; more are raw only
LATE = dt.timedelta(hours=1)  # later loads are raw only: the data to compare them with is deleted
MOST_CANDIDATES = 20  # sightings from image loads a day, for one bulletin on one site


class ViewDay(Base):
    """Loads of one bulletin's image from one host on one of the city's days, counted under one version of the rules.

    ``host``: the registered site, '' if unknown. ``raw``: all loads; ``guarded``: without programs, repeats and loads
    above a network's cap.
    """

    __tablename__ = "view_days"

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(sa.ForeignKey("bulletins.id"))
    host: Mapped[str] = mapped_column(sa.String(255))
    day: Mapped[dt.date]
    rules: Mapped[str] = mapped_column(sa.String(20))
    raw: Mapped[int]
    guarded: Mapped[int]

    __table_args__ = (
        sa.UniqueConstraint("bulletin_id", "day", "host", "rules"),
        sa.Index("ix_view_days_day", "day"),
    )


class ViewBatch(Base):
    """A written batch. Its id is unique, so that a batch handed over twice counts once."""

    __tablename__ = "view_batches"

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class ViewSalt(Base):
    """The key of the marks of one day's readers. Writers of batches also lock it."""

    __tablename__ = "view_salts"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class RecentView(Base):
    """When the reader behind a mark loaded an image; kept while a repeat is possible."""

    __tablename__ = "recent_views"

    mark: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime, primary_key=True)

    __table_args__ = (sa.Index("ix_recent_views_at", "at"),)


class NetworkViews(Base):
    """The number of views a network added to one bulletin on one site today, before the cap."""

    __tablename__ = "network_views"

    source: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    day: Mapped[dt.date]
    views: Mapped[int]


# Excluded from backups: a copy of a salt would outlive its day.
SHORT_LIVED = frozenset({"view_salts", "recent_views", "network_views"})


@dataclass(frozen=True)
class ImageLoad:
    """One load of a counter image, held in memory only; its ``repr`` does not reveal the reader."""

    token: str
    at: dt.datetime
    program: bool
    referer: str = ""
    address: str = field(default="", repr=False)
    agent: str = field(default="", repr=False)


@dataclass(frozen=True)
class ImagePageCandidate:
    """A page on a registered site that loaded a released bulletin's image, to be recorded as a sighting."""

    bulletin: int
    site: int
    url: str


@dataclass(frozen=True)
class WrittenBatch:
    """The result of a batch. ``repeated``: it was written before, and nothing was added."""

    raw: int = 0
    guarded: int = 0
    candidates: tuple[ImagePageCandidate, ...] = ()
    repeated: bool = False


def write_batch(session: Session, batch: str, loads: Sequence[ImageLoad], *, now: dt.datetime) -> WrittenBatch:
    """Add a batch of loads to their days, once per ``batch`` id.

    The counts depend on the set of loads only, not on the order or the size of batches.
    """
    made = session.execute(
        insert_into(session, ViewBatch).values(id=batch, at=now).on_conflict_do_nothing().returning(ViewBatch.id)
    )
    if made.scalar_one_or_none() is None:
        return WrittenBatch(repeated=True)
    bulletins = _bulletins(session, {load.token for load in loads})
    known = [load for load in loads if load.token in bulletins]
    if not known:
        return WrittenBatch()
    sites = _SiteLookup(session)
    salts = _salts(session, {city_day(load.at) for load in known}, now)
    placed = [_place(load, bulletins[load.token][0], sites.site_of(load.referer), salts, now) for load in known]
    raw = Counter(load.day_key for load in placed)
    guarded = _guarded(session, placed)
    _add(session, raw, guarded)
    wanted: dict[ImagePageCandidate, None] = {}
    for load in known:
        site, (ident, release_at) = sites.site_of(load.referer), bulletins[load.token]
        if site is not None and release_at is not None and release_at <= load.at:
            wanted.setdefault(ImagePageCandidate(ident, site.id, load.referer))
    return WrittenBatch(raw.total(), sum(guarded.values()), tuple(wanted))


_DayKey = tuple[int, str, dt.date]  # bulletin, host, day


@dataclass(frozen=True)
class _PlacedLoad:
    """A load with its day and its marks; marks are None for a load that is raw only."""

    day_key: _DayKey
    at: dt.datetime
    mark: str | None
    source: str | None


def _place(
    load: ImageLoad, bulletin: int, site: Site | None, salts: Mapping[dt.date, bytes], now: dt.datetime
) -> _PlacedLoad:
    day, host = city_day(load.at), site.host if site is not None else ""
    salt = salts.get(day)
    if load.program or salt is None or load.at < now - LATE:
        return _PlacedLoad((bulletin, host, day), load.at, None, None)
    location = (network_of(load.address), str(bulletin), host)
    return _PlacedLoad(
        (bulletin, host, day),
        load.at,
        reader_mark(salt, "reader", load.agent, *location),
        reader_mark(salt, "source", *location),
    )


class _SiteLookup:
    """The site of an address, looked up once per address."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Site | None] = {"": None}

    def site_of(self, referer: str) -> Site | None:
        if referer not in self._known:
            self._known[referer] = site_of(self._session, referer)
        return self._known[referer]


def _bulletins(session: Session, tokens: Iterable[str]) -> dict[str, tuple[int, dt.datetime | None]]:
    query = sa.select(Bulletin.counter_token, Bulletin.id, Bulletin.release_at).where(
        Bulletin.counter_token.in_(sorted(tokens))
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def _salts(session: Session, days: Iterable[dt.date], now: dt.datetime) -> dict[dt.date, bytes]:
    """The salts of days that are not closed, created if missing; locked, so that batches are written one by one."""
    found = {}
    for day in sorted(days):
        if day < city_day(now - LATE):
            continue
        fresh = insert_into(session, ViewSalt).values(day=day, salt=secrets.token_bytes(32)).on_conflict_do_nothing()
        session.execute(fresh)
        query = sa.select(ViewSalt.salt).where(ViewSalt.day == day).with_for_update()
        found[day] = session.execute(query).scalar_one()
    return found


def _guarded(session: Session, placed: Sequence[_PlacedLoad]) -> Counter[_DayKey]:
    """The number of views the batch adds to each day. It may be negative: a load between two views joins them."""
    moments: dict[str, set[dt.datetime]] = defaultdict(set)
    readers: dict[str, tuple[str, _DayKey]] = {}
    for load in placed:
        if load.mark is not None and load.source is not None:
            moments[load.mark].add(load.at)
            readers[load.mark] = (load.source, load.day_key)
    if not moments:
        return Counter()
    before = _known_moments(session, moments)
    session.execute(
        insert_into(session, RecentView).on_conflict_do_nothing(),
        [{"mark": reader, "at": at} for reader, known in moments.items() for at in sorted(known)],
    )
    added: Counter[str] = Counter()
    for reader, fresh in moments.items():
        # Loads further than the window from all of these are not affected, so they are not read.
        added[readers[reader][0]] += distinct_views([*(fresh | before[reader])]) - distinct_views([*before[reader]])
    days = dict(readers.values())
    views: Counter[_DayKey] = Counter()
    for source, change in _capped(session, added, days).items():
        views[days[source]] += change
    return views


def _known_moments(session: Session, moments: Mapping[str, set[dt.datetime]]) -> dict[str, set[dt.datetime]]:
    first = min(min(known) for known in moments.values()) - REPEAT_WINDOW
    last = max(max(known) for known in moments.values()) + REPEAT_WINDOW
    found: dict[str, set[dt.datetime]] = defaultdict(set)
    query = sa.select(RecentView.mark, RecentView.at).where(
        RecentView.mark.in_(sorted(moments)), RecentView.at.between(first, last)
    )
    for reader, at in session.execute(query):
        found[reader].add(at)
    return found


def _capped(session: Session, added: Mapping[str, int], days: Mapping[str, _DayKey]) -> dict[str, int]:
    """The views each source adds under its cap, given its views before."""
    query = sa.select(NetworkViews.source, NetworkViews.views).where(NetworkViews.source.in_(sorted(added)))
    before = {row[0]: int(row[1]) for row in session.execute(query)}
    insert = insert_into(session, NetworkViews)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["source"], set_={"views": NetworkViews.views + insert.excluded.views}
        ),
        [{"source": source, "day": days[source][2], "views": change} for source, change in added.items()],
    )
    return {
        source: min(before.get(source, 0) + change, SOURCE_CAP) - min(before.get(source, 0), SOURCE_CAP)
        for source, change in added.items()
    }


def _add(session: Session, raw: Mapping[_DayKey, int], guarded: Mapping[_DayKey, int]) -> None:
    insert = insert_into(session, ViewDay)
    rows = [
        {"bulletin_id": key[0], "host": key[1], "day": key[2], "rules": VIEW_RULES,
         "raw": raw.get(key, 0), "guarded": guarded.get(key, 0)}
        for key in sorted(raw)
    ]  # fmt: skip
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["bulletin_id", "day", "host", "rules"],
            set_={"raw": ViewDay.raw + insert.excluded.raw, "guarded": ViewDay.guarded + insert.excluded.guarded},
        ),
        rows,
    )


def delete_reader_marks(session: Session, *, now: dt.datetime) -> None:
    """Delete data that distinguishes readers and is no longer needed: marks after two hours, salts after their day.

    Called at least hourly, so that a salt exists for at most 26 hours.
    """
    over = city_day(now - LATE)
    session.execute(sa.delete(RecentView).where(RecentView.at < now - 2 * LATE))
    session.execute(sa.delete(NetworkViews).where(NetworkViews.day < over))
    session.execute(sa.delete(ViewSalt).where(ViewSalt.day < over))
    session.execute(sa.delete(ViewBatch).where(ViewBatch.at < now - dt.timedelta(days=2)))


# Pages reported by counter images are fetched as usual, within a limit, since anybody can forge a referer.


def record_image_pages(session: Session, candidates: Iterable[ImagePageCandidate], *, now: datetime) -> int:
    """Record the pages as sightings; returns how many are new.

    At most ``MOST_CANDIDATES`` a day for one bulletin on one site, so that forged referers cannot make us fetch a site
    a thousand times.
    """
    fresh = 0
    by_address = _by_address(session, candidates)
    pointed, known = list(by_address.values()), [address for _, address in by_address]
    lock_site_copies(session, {candidate.site for candidate in pointed})
    counting = sa.select(sa.func.coalesce(Page.alias_of_id, Page.id)).where(Page.canonical_url.in_(known))
    lock_pages(session, Page.id.in_(counting))
    for candidate in pointed:
        site, bulletin = session.get_one(Site, candidate.site), session.get_one(Bulletin, candidate.bulletin)
        if _recorded_count(session, site, bulletin, now) >= MOST_CANDIDATES:
            continue
        how = SightingMethod.COUNTED_IMAGE
        _, new = claim_address(session, "counter", bulletin, site, candidate.url, how, site.host, now=now)
        fresh += new
    return fresh


def _by_address(
    session: Session, candidates: Iterable[ImagePageCandidate]
) -> dict[tuple[int, str], ImagePageCandidate]:
    """One candidate per bulletin and canonical address, without invalid addresses."""
    found: dict[tuple[int, str], ImagePageCandidate] = {}
    profiles: dict[int, SiteProfile] = {}
    for candidate in candidates:
        if candidate.site not in profiles:
            profiles[candidate.site] = site_profile(session, session.get_one(Site, candidate.site))
        try:
            found.setdefault((candidate.bulletin, address_on(profiles[candidate.site], candidate.url)), candidate)
        except Invalid:
            continue
    return found


def _recorded_count(session: Session, site: Site, bulletin: Bulletin, now: datetime) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(Sighting)
        .join(Page, Page.id == Sighting.page_id)
        .where(
            Sighting.bulletin_id == bulletin.id,
            Sighting.how == SightingMethod.COUNTED_IMAGE,
            Sighting.at > now - timedelta(days=1),
            Page.site_id == site.id,
        )
    )
    return session.execute(query).scalar_one()
