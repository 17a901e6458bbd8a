"""How long until a list is worth another look: pure decisions over its rate, its hours, and what the site asks for."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from campaigns.core.clock import CITY
from campaigns.core.pace import Pace

# Share of a day's new pages that appear in each hour of the city's day: a newsroom's habit, few by night, a peak before
# noon and one before the evening. Sums to 24, so 1 is the mean. What a site is taken to do until its own is known.
HOUR_PROFILE = (
    0.25, 0.15, 0.10, 0.10, 0.20, 0.60, 1.20, 1.55, 1.60, 1.65, 1.65, 1.50,
    1.10, 1.00, 1.30, 1.45, 1.50, 1.40, 1.15, 1.10, 1.10, 1.00, 0.85, 0.50,
)  # fmt: skip

# Root of pages per hour, summed over the hours until the next look. At one page an hour that is 21 minutes; 658 sites
# of ordinary size are looked at about 34,000 times a day.
SQRT_SCALE = 0.35
LEAST_DAILY = 0.2  # pages a day below which a source is not taken to fall, or it would never be seen to wake
LEAST_SHARE = 0.02  # of the mean hour: an hour in which nothing was ever seen is not one in which nothing can be

BELIEF = 96.0  # pages: how many of a site's own weigh as much as the general habit
MEMORY = timedelta(days=28)  # after which a page has a third of its weight in the site's hours
JITTER = 0.1  # share by which a wait is lengthened or shortened, so that sources do not march in step

CALM = 6  # a search costs its site a scan of its posts: at most one in so many of the shortest waits
PATIENCE = 12  # a lifetime that a site gives its list is kept up to so many of the shortest waits (one hour)
SILENT_LEAST = timedelta(days=2)  # a list that named nothing for less is not called silent, whatever its rate
SILENT_PAGES = 12.0  # pages that would usually have come in the time: chance alone is then all but ruled out
ALARM_AFTER = timedelta(days=1)  # of failing, before it is everybody's business


def profile(hours: Sequence[float] | None) -> tuple[float, ...]:
    """A site's own hours of the city's day, mean 1, drawn towards the general habit while little is known of it.

    ``hours``: 24 counts of pages as they appeared, the older weighing less; None when none were.
    """
    if hours is None or len(hours) != 24:
        return HOUR_PROFILE
    counts = list(hours)
    whole = sum(counts) + BELIEF
    shares = (24 * (count + BELIEF * usual / 24) / whole for count, usual in zip(counts, HOUR_PROFILE, strict=True))
    return tuple(max(share, LEAST_SHARE) for share in shares)


def learn(hours: Sequence[float] | None, appeared: Iterable[datetime], elapsed: timedelta) -> list[float]:
    """The counts of a site's hours after pages appeared at these moments; what was known fades with ``elapsed``."""
    fade = math.exp(-max(elapsed / MEMORY, 0.0))
    counts = [count * fade for count in hours] if hours is not None and len(hours) == 24 else [0.0] * 24
    for moment in appeared:
        counts[moment.astimezone(CITY).hour] += 1.0
    return [round(count, 4) for count in counts]


def learn_rate(daily: float, fresh: int, elapsed: timedelta) -> float:
    """Pages a day after a look found ``fresh`` new ones: an exponential mean with half a day's memory, whose weight
    grows with the time between two looks."""
    spent = max(elapsed / timedelta(hours=1), 0.01)
    return daily + (1 - math.exp(-spent / 12)) * (fresh * 24 / spent - daily)


def usual_daily(hours: Sequence[float] | None) -> float:
    """Pages a day over the memory of a site's hours. Low while a site is new, so that silence is not cried early."""
    return sum(hours) / (MEMORY / timedelta(days=1)) if hours is not None else 0.0


def interval(daily: float, moment: datetime, pace: Pace, hours: Sequence[float] | None = None) -> timedelta:
    """How long until a source that brings ``daily`` pages a day is worth another look.

    Minimising the mean delay for a fixed number of looks gives each source a frequency in proportion to the square root
    of its rate (Cho and Garcia-Molina's result for fresh copies, in its simplest form). The rate changes by the hour,
    so the root is summed over the hours ahead: a wait that begins by night ends soon after the newsroom wakes. Bounded
    by the pace.
    """
    own = profile(hours)
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


def calmer(wait: timedelta, pace: Pace) -> timedelta:
    """The wait of a source whose every look is work for its site."""
    return max(wait, min(pace.look_least * CALM, pace.look_most))


def kept_fresh(wait: timedelta, seconds: float | None, pace: Pace) -> timedelta:
    """The wait when the site says for how many ``seconds`` its answer holds: not sooner, within bounds."""
    if seconds is None:
        return wait
    return max(wait, min(timedelta(seconds=min(seconds, 86_400)), pace.look_least * PATIENCE, pace.look_most))


def after_failure(failures: int, pace: Pace) -> timedelta:
    """The wait after so many failures in a row: doubled each time up to the longest wait, and never for ever."""
    doubled: timedelta = pace.look_least * int(2 ** min(failures, 12))
    return min(doubled, max(pace.look_most, pace.look_least * 16))


def jittered(wait: timedelta, chance: float) -> timedelta:
    """The wait a little longer or shorter; ``chance`` in [0, 1), 0.5 leaves it as it is."""
    return timedelta(seconds=wait.total_seconds() * (1 + JITTER * (2 * chance - 1)))


def is_silent(named_at: datetime | None, hours: Sequence[float] | None, now: datetime) -> bool:
    """Whether a list that can be read has named nothing new for so long that something must be wrong with it.

    ``named_at``: when it last named a new page; a list that never did is not silent but new. The time in which it would
    usually have named a dozen, and two days at least.
    """
    if named_at is None:
        return False
    usual = usual_daily(hours)
    if usual <= 0:
        return False
    return now - named_at > max(SILENT_LEAST, timedelta(days=min(SILENT_PAGES / usual, 365.0)))
