"""A day of looking at 100,000 sites: how late new pages are found, and with how many looks.

No network and no waiting: time is simulated. The whole is an event queue with the product's own rule
(``campaigns.tracking.intervals``); beside it some thousands of sites go for an hour through the product's own claims
and settling in SQL, which shows that the queue tells the truth and how many looks a second the ledger carries.

Sites publish as newsrooms do: pages a day are lognormal (mean 30.5, as 658 sites with 20,062 pages have it), spread
over the hours by a newsroom's habit, and come at random within the hour. How unlike sites are decides what the rule
saves: with a spread of 1.5 a few publish hundreds a day and many hardly any; with 1 they are more alike, and it saves
less.
"""

import heapq
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import sqlalchemy as sa

from benchmarks import worlds
from benchmarks.measure import Line
from campaigns.core.clock import CITY
from campaigns.core.pace import NORMAL
from campaigns.partners.directory import Company, Site, SiteKind
from campaigns.tracking import hosts, intervals, watching
from campaigns.tracking.watching import LookResult, Source, SourceKind
from coordinator.db import Database

SITES = 100_000
SAMPLE = 3_000  # sites that go through SQL
SAMPLE_HOURS = 1
SPREAD, ALIKE = 1.5, 1.0  # sigma of the logarithm of pages a day
DAILY = 30.5
DAY = 86_400.0
FIXED = 900.0  # seconds: a look at every site every fifteen minutes
THREADS, TAKES = 64, 0.5  # looks at once over all processes, and seconds that one takes
BEGINNING = datetime(2026, 11, 24, tzinfo=CITY)
BATCH = 32


@dataclass(frozen=True)
class Newsrooms:
    """What sites publish: pages a day of each, and when each page appears, in seconds of the day, site after site.

    ``starts[i]:starts[i + 1]`` are the pages of site ``i``.
    """

    daily: Sequence[float]
    moments: Sequence[float]
    starts: Sequence[int]


def newsrooms(count: int, spread: float = SPREAD, seed: int = 174) -> Newsrooms:
    """``count`` sites; the same every time."""
    dice = np.random.default_rng(seed)
    daily = dice.lognormal(math.log(DAILY) - spread**2 / 2, spread, count)
    hourly = dice.poisson(np.outer(daily, np.array(intervals.HOUR_PROFILE) / 24))
    numbers = hourly.sum(axis=1)
    hours = np.repeat(np.tile(np.arange(24), count), hourly.ravel())
    owners = np.repeat(np.arange(count), numbers)
    moments = hours * 3600 + dice.random(len(hours)) * 3600
    order = np.lexsort((moments, owners))
    starts = np.concatenate(([0], np.cumsum(numbers)))
    return Newsrooms(daily.tolist(), moments[order].tolist(), starts.tolist())


@dataclass
class Outcome:
    """What a day came to. ``delays`` in seconds, one a page found; ``queue``: the most looks that waited for a thread;
    ``late``: the longest that one waited, in seconds; ``hours``: looks in each hour."""

    looks: int
    delays: list[float]
    queue: int
    late: float
    hours: list[int]


def by_rule(rooms: Newsrooms, seconds: float = DAY, begin: float = 0.0, seed: int = 7) -> Outcome:
    """The product's rule: a look, what it learns, and when the next one is due.

    The day begins in the middle: each site's rate is known about as well as half a day's memory can know it, and the
    first looks lie as far apart as the rule has them.
    """
    dice = Random(seed)
    known = [rate * dice.lognormvariate(0, 0.2) for rate in rooms.daily]
    looked, pointer = [begin] * len(known), _pointers(rooms, begin)
    due = []
    for site, rate in enumerate(known):
        due.append((begin + dice.random() * _wait(rate, begin), site))
    heapq.heapify(due)
    free = [begin] * THREADS
    told = Outcome(0, [], 0, 0.0, [0] * 24)
    moments, starts, end = rooms.moments, rooms.starts, begin + seconds
    waiting: list[float] = []  # when looks that were held back begin; a heap
    while due[0][0] < end:
        wanted, site = heapq.heappop(due)
        at = max(wanted, heapq.heappop(free))
        heapq.heappush(free, at + TAKES)
        while waiting and waiting[0] <= wanted:
            heapq.heappop(waiting)
        if at > wanted:
            heapq.heappush(waiting, at)
            told.queue = max(told.queue, len(waiting))
            told.late = max(told.late, at - wanted)
        fresh, last = 0, starts[site + 1]
        place = pointer[site]
        while place < last and moments[place] <= at:
            told.delays.append(at - moments[place])
            place, fresh = place + 1, fresh + 1
        pointer[site] = place
        known[site] = intervals.learn_rate(known[site], fresh, timedelta(seconds=at - looked[site]))
        looked[site] = at
        told.looks += 1
        told.hours[int(at // 3600) % 24] += 1
        wait = intervals.jittered(timedelta(seconds=_wait(known[site], at)), dice.random())
        heapq.heappush(due, (at + max(wait, NORMAL.look_least).total_seconds(), site))
    return told


def _wait(daily: float, at: float) -> float:
    return intervals.interval(daily, BEGINNING + timedelta(seconds=at), NORMAL).total_seconds()


def _pointers(rooms: Newsrooms, begin: float) -> list[int]:
    found = list(rooms.starts[:-1])
    for site, last in enumerate(rooms.starts[1:]):
        while found[site] < last and rooms.moments[found[site]] <= begin:
            found[site] += 1
    return found


def by_clock(rooms: Newsrooms, seed: int = 7) -> tuple[int, np.ndarray]:
    """Every site every fifteen minutes, each from a moment of its own: looks, and the delay of each page."""
    phases = np.random.default_rng(seed).random(len(rooms.daily)) * FIXED
    owners = np.repeat(np.arange(len(rooms.daily)), np.diff(np.array(rooms.starts)))
    return int(len(rooms.daily) * DAY / FIXED), (phases[owners] - np.array(rooms.moments)) % FIXED


def _filled(database: Database, rooms: Newsrooms, begin: float, seed: int = 7) -> None:
    """Sites and sources in a database, due as ``by_rule`` has them."""
    dice = Random(seed)
    known = [rate * dice.lognormvariate(0, 0.2) for rate in rooms.daily]
    start = BEGINNING + timedelta(seconds=begin)
    companies, sites, sources = [], [], []
    for number, rate in enumerate(known, 1):
        host = f"trang{number}.example"
        companies.append({"id": number, "code": f"c{number}", "name": host, "created_at": start})
        sites.append(
            {
                "id": number, "code": host, "company_id": number, "name": host, "url": f"https://{host}/", "host": host,
                "kind": SiteKind.AGGREGATOR, "feeds": [f"https://{host}/rss"], "sitemaps": [], "listings": [],
                "searches": [], "created_at": start,
            }
        )  # fmt: skip
        sources.append(
            {
                "site_id": number, "kind": SourceKind.FEED, "url": f"https://{host}/rss", "daily": rate, "error": "",
                "due_at": start + timedelta(seconds=dice.random() * _wait(rate, begin)), "looked_at": start,
            }
        )  # fmt: skip
    with database.write() as session:
        for table, rows in ((Company, companies), (Site, sites), (Source, sources)):
            session.execute(sa.insert(table), rows)


def in_sql(database: Database, rooms: Newsrooms, begin: float, seconds: float) -> tuple[int, float]:
    """The same through the product's claims and settling: looks, and looks a second of real time."""
    _filled(database, rooms, begin)
    if not database.on_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE sources"))
    dice, pointer = Random(8), _pointers(rooms, begin)
    at, looks, began = begin, 0, time.perf_counter()
    while at < begin + seconds:
        now = BEGINNING + timedelta(seconds=at)
        with database.write() as session:
            claims = hosts.claim(session, Source, BATCH, NORMAL.lease, now=now)
        for taken in claims:
            with database.write() as session:
                source = session.get_one(Source, taken.id)
                site = source.site_id - 1
                first = pointer[site]
                while pointer[site] < rooms.starts[site + 1] and rooms.moments[pointer[site]] <= at:
                    pointer[site] += 1
                appeared = [BEGINNING + timedelta(seconds=one) for one in rooms.moments[first : pointer[site]]]
                result = LookResult(len(appeared), appeared=tuple(appeared))
                watching.settle_look(session, source, taken, result, NORMAL, chance=dice.random(), now=now)
        looks += len(claims)
        at += 0.0 if len(claims) == BATCH else 1.0
    return looks, looks / (time.perf_counter() - began)


def run() -> list[Line]:
    """The day by rule and by the clock, the same for sites that are more alike, and an hour of some of it in SQL."""
    told, whole = _day(f"{SITES:,} sites", newsrooms(SITES))
    # Where every site is much like the next one there is less to win; no aim is set for it.
    _, alike = _day("10,000 alike", newsrooms(10_000, ALIKE))
    return [*whole, *(replace(line, aim="") for line in alike[:4]), *_sample(max(told.hours) / 3600)]


def _day(name: str, rooms: Newsrooms) -> tuple[Outcome, list[Line]]:
    told = by_rule(rooms)
    fixed, waits = by_clock(rooms)
    ours, theirs = np.array(told.delays) / 60, waits / 60
    other = "every 15 min"
    return told, [
        Line(f"{name}: looks in a day by the rule", told.looks, "looks", fixed, other, "ratio <= 0.6"),
        Line(f"{name}: delay of a new page, mean", float(ours.mean()), "min", float(theirs.mean()), other, "<= 1.1"),
        Line(f"{name}: delay, median", float(np.median(ours)), "min", float(np.median(theirs)), other),
        Line(f"{name}: delay, p95", float(np.percentile(ours, 95)), "min", float(np.percentile(theirs, 95)), other),
        Line(f"{name}: looks a second over the day", told.looks / DAY, "per s", fixed / DAY, other),
        Line(f"{name}: looks a second, busiest hour", max(told.hours) / 3600, "per s", fixed / DAY, other),
        Line(f"{name}: most that wait for one of {THREADS} threads", told.queue, "looks"),
        Line(f"{name}: longest wait for a thread", told.late, "s"),
    ]


def _sample(busiest: float) -> list[Line]:
    """An hour of the morning, in each database and in the queue. ``busiest``: looks a second that the whole needs.

    In SQL the hours of each site are learned too; on the first day that makes the hours seen so far look busier.
    """
    rooms, begin, seconds = newsrooms(SAMPLE), 9 * 3600.0, SAMPLE_HOURS * 3600.0
    simulated = by_rule(rooms, seconds, begin).looks
    lines = []

    def measured(database: Database, name: str) -> None:
        looks, rate = in_sql(database, rooms, begin, seconds)
        lines.append(
            Line(f"{name}: looks of {SAMPLE:,} sites in an hour", looks, "", simulated, "event queue", "about 1")
        )
        lines.append(Line(f"{name}: looks claimed and settled", rate, "per s", busiest, "needed", "ratio >= 1"))

    with tempfile.TemporaryDirectory() as folder:
        database = worlds.sqlite(Path(folder))
        measured(database, "SQLite")
        database.dispose()
    with worlds.postgresql() as other:
        if other is not None:
            measured(other, "PostgreSQL")
    return lines
