"""Intervals between looks at a source: pure functions of its rate, its hours, and what the site asks for."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from campaigns.core.clock import CITY
from campaigns.core.intervals import Intervals

# Relative rate of new pages in each hour of the city's day for newsrooms in general: low by night, with peaks before
# noon and before the evening. Sums to 24, so that the mean is 1. Used until a site's own hours are known.
HOUR_PROFILE = (
    0.25, 0.15, 0.10, 0.10, 0.20, 0.60, 1.20, 1.55, 1.60, 1.65, 1.65, 1.50,
    1.10, 1.00, 1.30, 1.45, 1.50, 1.40, 1.15, 1.10, 1.10, 1.00, 0.85, 0.50,
)  # fmt: skip

# Square root of pages per hour, summed over the hours until the next look. At one page an hour this gives 21 minutes;
# 658 sites of ordinary size get about 34,000 looks a day.
SQRT_SCALE = 0.35
LEAST_DAILY = 0.2  # pages a day; the least rate assumed, so that an inactive source is still looked at
LEAST_SHARE = 0.02  # of the mean hour; the least share assumed for an hour without any pages so far

PRIOR_PAGES = 96.0  # pages; this many of a site's own weigh as much as the general profile
HOURS_MEMORY = timedelta(days=28)  # decay time: a page's weight in the site's hours falls to 1/e, about a third
JITTER = 0.1  # share by which an interval is randomly changed, to spread looks

GENTLE_FACTOR = 6  # shortest intervals per look at a search, which makes its site scan its posts
LONGEST_CACHE_FACTOR = 12  # a list's cache lifetime is respected up to this many shortest intervals (one hour)
SILENT_LEAST = timedelta(days=2)  # a list is not silent before this time, whatever its rate
SILENT_PAGES = 12.0  # pages expected in the time; with none at all, chance is practically excluded
ALARM_AFTER = timedelta(days=1)  # time of failing before it is written to the journal


def hourly_profile(hours: Sequence[float] | None) -> tuple[float, ...]:
    """A site's own hourly profile, mean 1, shrunk towards the general one while few pages are known.

    ``hours``: 24 decaying counts of pages by hour; None without any.
    """
    if hours is None or len(hours) != 24:
        return HOUR_PROFILE
    counts = list(hours)
    whole = sum(counts) + PRIOR_PAGES
    shares = (
        24 * (count + PRIOR_PAGES * usual / 24) / whole for count, usual in zip(counts, HOUR_PROFILE, strict=True)
    )
    return tuple(max(share, LEAST_SHARE) for share in shares)


def learned_hours(hours: Sequence[float] | None, appeared: Iterable[datetime], elapsed: timedelta) -> list[float]:
    """The hourly counts after pages appeared at these moments; earlier counts decay with ``elapsed``."""
    fade = math.exp(-max(elapsed / HOURS_MEMORY, 0.0))
    counts = [count * fade for count in hours] if hours is not None and len(hours) == 24 else [0.0] * 24
    for moment in appeared:
        counts[moment.astimezone(CITY).hour] += 1.0
    return [round(count, 4) for count in counts]


def learned_rate(daily: float, fresh: int, elapsed: timedelta) -> float:
    """Pages a day after a look found ``fresh`` new ones: an exponential mean with a memory of half a day, weighted by
    the time between two looks."""
    spent = max(elapsed / timedelta(hours=1), 0.01)
    return daily + (1 - math.exp(-spent / 12)) * (fresh * 24 / spent - daily)


def expected_daily(hours: Sequence[float] | None) -> float:
    """Pages a day over the memory of a site's hours. Low for a new site, so that silence is not reported too early."""
    return sum(hours) / (HOURS_MEMORY / timedelta(days=1)) if hours is not None else 0.0


def look_interval(daily: float, moment: datetime, pace: Intervals, hours: Sequence[float] | None = None) -> timedelta:
    """The interval until the next look at a source with ``daily`` pages a day.

    Minimising the mean delay for a fixed number of looks gives each source a frequency proportional to the square root
    of its rate (the simplest form of Cho and Garcia-Molina's result). The rate changes by the hour, so the root is
    summed over the hours ahead: an interval that begins by night ends soon after the newsroom starts. Bounded by the
    pace.
    """
    own = hourly_profile(hours)
    hourly = max(daily, LEAST_DAILY) / 24
    local = moment.astimezone(CITY)
    left = SQRT_SCALE
    waited = 0.0  # hours
    most = pace.look_most / timedelta(hours=1)
    hour, rest = local.hour, 1 - (local.minute * 60 + local.second) / 3600
    while waited < most:
        root = math.sqrt(hourly * own[hour])
        if root * rest >= left:
            waited += left / root
            break
        left -= root * rest
        waited += rest
        hour, rest = (hour + 1) % 24, 1.0
    return min(max(timedelta(hours=waited), pace.look_least), pace.look_most)


def gentle_interval(wait: timedelta, pace: Intervals) -> timedelta:
    """The interval for a source whose every look costs its site work."""
    return max(wait, min(pace.look_least * GENTLE_FACTOR, pace.look_most))


def with_cache_lifetime(wait: timedelta, seconds: float | None, pace: Intervals) -> timedelta:
    """The interval, at least ``seconds`` of cache lifetime, within bounds."""
    if seconds is None:
        return wait
    return max(
        wait, min(timedelta(seconds=min(seconds, 86_400)), pace.look_least * LONGEST_CACHE_FACTOR, pace.look_most)
    )


def after_failure(failures: int, pace: Intervals) -> timedelta:
    """The interval after ``failures`` in a row: doubled with each, up to the longest interval."""
    doubled: timedelta = pace.look_least * int(2 ** min(failures, 12))
    return min(doubled, max(pace.look_most, pace.look_least * 16))


def jittered(wait: timedelta, chance: float) -> timedelta:
    """The interval, randomly lengthened or shortened; ``chance`` in [0, 1), 0.5 leaves it unchanged."""
    return timedelta(seconds=wait.total_seconds() * (1 + JITTER * (2 * chance - 1)))


def is_silent(named_at: datetime | None, hours: Sequence[float] | None, now: datetime) -> bool:
    """Whether a readable list has named nothing new for so long that it is probably faulty.

    ``named_at``: when it last named a new page; a list that never did is new, not silent. The limit is the time in
    which it usually names a dozen pages, at least two days.
    """
    if named_at is None:
        return False
    usual = expected_daily(hours)
    if usual <= 0:
        return False
    return now - named_at > max(SILENT_LEAST, timedelta(days=min(SILENT_PAGES / usual, 365.0)))
