"""Counter images: loads added up by bulletin, site, day and rule. A view is never a republication.

Web processes hold loads in memory and hand them over in batches. What is kept for good is ``ViewDay``: numbers. What
tells readers apart (``ViewSalt``, ``ViewMark``, ``ViewSource``) is made at random each day and destroyed soon after,
at the latest three hours after the day: long before the 48 hours that the rule allows.
"""

import datetime as dt
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, insert_into
from campaigns.core.clock import UTCDateTime, city_day
from campaigns.partners.directory import Site, site_of
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.readers import REPEAT, chains, mark, network

# Counts under different rules are different figures; the version is part of every row's key. 2026.0, before it, cut
# repeats at 30 seconds after the last view that counted, knew programs by a dozen words, and had no cap.
VIEW_RULES = "2026.1"
SOURCE_CAP = 100  # guarded views of one bulletin on one site that one network may add a day; the rest is raw only
LATE = dt.timedelta(hours=1)  # a load told later than this is raw only: what it would be compared with is destroyed
MOST_CANDIDATES = 20  # pages a day that loads may point at, for one bulletin on one site


class ViewDay(Base):
    """Loads of one bulletin's image from one host on one day of the city, counted under one version of the rules.

    ``host``: the registered site, '' when unknown. ``raw``: every load; ``guarded``: less programs, repeats and what is
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
    """A batch that is written. Its id is unique, so that one handed over twice counts once."""

    __tablename__ = "view_batches"

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class ViewSalt(Base):
    """The key under which readers of one day are told apart. Also what writers of batches queue for."""

    __tablename__ = "view_salts"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class ViewMark(Base):
    """When the reader behind a mark loaded an image; kept while a repeat could still be told."""

    __tablename__ = "view_marks"

    mark: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime, primary_key=True)

    __table_args__ = (sa.Index("ix_view_marks_at", "at"),)


class ViewSource(Base):
    """How many views a network has added to one bulletin on one site today, cap or no cap."""

    __tablename__ = "view_sources"

    source: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    day: Mapped[dt.date]
    views: Mapped[int]


# Left out of backups: a copy of a salt would outlive the day it is for.
SHORT_LIVED = frozenset({"view_salts", "view_marks", "view_sources"})


@dataclass(frozen=True)
class Load:
    """One load of a counter image, as it came. It lives in memory only; its ``repr`` does not tell on the reader."""

    token: str
    at: dt.datetime
    program: bool
    referer: str = ""
    address: str = field(default="", repr=False)
    agent: str = field(default="", repr=False)


@dataclass(frozen=True)
class Candidate:
    """A page on a registered site that loaded a released bulletin's image: to be looked at, no more."""

    bulletin: int
    site: int
    url: str


@dataclass(frozen=True)
class Written:
    """What a batch came to. ``repeated``: it had been written before, and nothing was added now."""

    raw: int = 0
    guarded: int = 0
    candidates: tuple[Candidate, ...] = ()
    repeated: bool = False


def write_batch(session: Session, batch: str, loads: Sequence[Load], *, now: dt.datetime) -> Written:
    """Add a batch of loads to the days they belong to, once, however often the same ``batch`` id is handed over.

    The counts are those of the set of loads: neither the order of batches nor their cut changes them.
    """
    made = session.execute(
        insert_into(session, ViewBatch).values(id=batch, at=now).on_conflict_do_nothing().returning(ViewBatch.id)
    )
    if made.scalar_one_or_none() is None:
        return Written(repeated=True)
    bulletins = _bulletins(session, {load.token for load in loads})
    known = [load for load in loads if load.token in bulletins]
    if not known:
        return Written()
    sites = _Sites(session)
    salts = _salts(session, {city_day(load.at) for load in known}, now)
    placed = [_place(load, bulletins[load.token][0], sites.of(load.referer), salts, now) for load in known]
    raw = Counter(one.day_key for one in placed)
    guarded = _guarded(session, placed)
    _add(session, raw, guarded)
    wanted: dict[Candidate, None] = {}
    for load in known:
        site, (ident, release_at) = sites.of(load.referer), bulletins[load.token]
        if site is not None and release_at is not None and release_at <= load.at:
            wanted.setdefault(Candidate(ident, site.id, load.referer))
    return Written(raw.total(), sum(guarded.values()), tuple(wanted))


_DayKey = tuple[int, str, dt.date]  # bulletin, host, day


@dataclass(frozen=True)
class _Placed:
    """Where a load belongs, and the marks it is guarded by; None = raw only."""

    day_key: _DayKey
    at: dt.datetime
    mark: str | None
    source: str | None


def _place(load: Load, bulletin: int, site: Site | None, salts: Mapping[dt.date, bytes], now: dt.datetime) -> _Placed:
    day, host = city_day(load.at), site.host if site is not None else ""
    salt = salts.get(day)
    if load.program or salt is None or load.at < now - LATE:
        return _Placed((bulletin, host, day), load.at, None, None)
    where = (network(load.address), str(bulletin), host)
    return _Placed(
        (bulletin, host, day), load.at, mark(salt, "reader", load.agent, *where), mark(salt, "source", *where)
    )


class _Sites:
    """Whose site an address lies on, asked once an address."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Site | None] = {"": None}

    def of(self, referer: str) -> Site | None:
        if referer not in self._known:
            self._known[referer] = site_of(self._session, referer)
        return self._known[referer]


def _bulletins(session: Session, tokens: Iterable[str]) -> dict[str, tuple[int, dt.datetime | None]]:
    query = sa.select(Bulletin.counter_token, Bulletin.id, Bulletin.release_at).where(
        Bulletin.counter_token.in_(sorted(tokens))
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def _salts(session: Session, days: Iterable[dt.date], now: dt.datetime) -> dict[dt.date, bytes]:
    """The salts of days that are not over for good, made where there is none; locked, so batches go one by one."""
    found = {}
    for day in sorted(days):
        if day < city_day(now - LATE):
            continue
        fresh = insert_into(session, ViewSalt).values(day=day, salt=secrets.token_bytes(32)).on_conflict_do_nothing()
        session.execute(fresh)
        query = sa.select(ViewSalt.salt).where(ViewSalt.day == day).with_for_update()
        found[day] = session.execute(query).scalar_one()
    return found


def _guarded(session: Session, placed: Sequence[_Placed]) -> Counter[_DayKey]:
    """How many views the batch adds to each day. It may take some away: a load between two joins them into one."""
    moments: dict[str, set[dt.datetime]] = defaultdict(set)
    readers: dict[str, tuple[str, _DayKey]] = {}
    for one in placed:
        if one.mark is not None and one.source is not None:
            moments[one.mark].add(one.at)
            readers[one.mark] = (one.source, one.day_key)
    if not moments:
        return Counter()
    before = _known_moments(session, moments)
    session.execute(
        insert_into(session, ViewMark).on_conflict_do_nothing(),
        [{"mark": reader, "at": at} for reader, known in moments.items() for at in sorted(known)],
    )
    added: Counter[str] = Counter()
    for reader, fresh in moments.items():
        # Loads further off than REPEAT from any of these are not touched by them, so they need not be read.
        added[readers[reader][0]] += chains([*(fresh | before[reader])]) - chains([*before[reader]])
    days = dict(readers.values())
    views: Counter[_DayKey] = Counter()
    for source, change in _capped(session, added, days).items():
        views[days[source]] += change
    return views


def _known_moments(session: Session, moments: Mapping[str, set[dt.datetime]]) -> dict[str, set[dt.datetime]]:
    first = min(min(known) for known in moments.values()) - REPEAT
    last = max(max(known) for known in moments.values()) + REPEAT
    found: dict[str, set[dt.datetime]] = defaultdict(set)
    query = sa.select(ViewMark.mark, ViewMark.at).where(
        ViewMark.mark.in_(sorted(moments)), ViewMark.at.between(first, last)
    )
    for reader, at in session.execute(query):
        found[reader].add(at)
    return found


def _capped(session: Session, added: Mapping[str, int], days: Mapping[str, _DayKey]) -> dict[str, int]:
    """What each source adds under its cap, given what it has added before."""
    query = sa.select(ViewSource.source, ViewSource.views).where(ViewSource.source.in_(sorted(added)))
    before = {row[0]: int(row[1]) for row in session.execute(query)}
    insert = insert_into(session, ViewSource)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["source"], set_={"views": ViewSource.views + insert.excluded.views}
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


def forget_readers(session: Session, *, now: dt.datetime) -> None:
    """Destroy what told readers apart and can tell nothing new: marks after two hours, salts after their day.

    Called at least hourly, so a salt lives 26 hours at most.
    """
    over = city_day(now - LATE)
    session.execute(sa.delete(ViewMark).where(ViewMark.at < now - 2 * LATE))
    session.execute(sa.delete(ViewSource).where(ViewSource.day < over))
    session.execute(sa.delete(ViewSalt).where(ViewSalt.day < over))
    session.execute(sa.delete(ViewBatch).where(ViewBatch.at < now - dt.timedelta(days=2)))
