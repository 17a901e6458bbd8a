"""How long things wait: one frozen table of intervals for real use, one for demos and tests. The rules are the same."""

from dataclasses import dataclass
from datetime import timedelta


def _seconds(*values: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=value) for value in values)


@dataclass(frozen=True)
class Pace:
    """Intervals between tries, looks and rechecks.

    ``retries``: wait before the second, third … try of a delivery. ``look_least``/``look_most``: bounds on how often
    one feed or sitemap is read. ``rechecks``: how long after a copy was first verified it is fetched again, beside
    the looks at a quarter's end; while it is behind a correction or recall, the first is how often it is fetched within
    the second, which is how often afterwards. ``gone_gap``: least time between two looks that did not find a copy and
    together mean *removed*. ``host_gap``: least seconds between two requests to one host. ``polls``: waits between
    looks at an asynchronous channel. ``lease``: how long a claim on work is good for; it must exceed the longest
    single request. ``rest``: how long a channel that does not answer is not called, the first time; ``rest_most``: the
    longest, after doublings. ``hurry``: by how much more than its limit a channel is sent a minute. ``inspect``: how
    often a site's front page is looked at for what it has to tell of itself.
    """

    retries: tuple[timedelta, ...]
    look_least: timedelta
    look_most: timedelta
    rechecks: tuple[timedelta, ...]
    gone_gap: timedelta
    host_gap: float
    polls: tuple[timedelta, ...]
    lease: timedelta
    rest: timedelta = timedelta(seconds=60)
    rest_most: timedelta = timedelta(minutes=15)
    hurry: int = 1
    inspect: timedelta = timedelta(days=30)


# Retry schedule after Svix's published one, with one minute added so that a short restart is bridged early.
NORMAL = Pace(
    retries=_seconds(5, 60, 300, 1800, 7200, 18000, 36000, 36000),
    look_least=timedelta(minutes=5),
    look_most=timedelta(minutes=240),
    rechecks=(timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30)),
    gone_gap=timedelta(hours=24),
    host_gap=2.0,
    polls=_seconds(3, 6, 12, 30, 60, 120, 300, 600, 900, 1800),
    lease=timedelta(seconds=120),
)

FAST = Pace(
    retries=_seconds(1, 2, 3, 5, 8, 13, 20, 30),
    look_least=timedelta(seconds=2),
    look_most=timedelta(seconds=4),
    rechecks=_seconds(4, 8, 16, 30, 60, 120, 240),
    gone_gap=timedelta(seconds=3),
    host_gap=0.05,
    polls=_seconds(1, 1, 2, 2, 3, 5, 8),
    lease=timedelta(seconds=40),
    rest=timedelta(seconds=5),
    rest_most=timedelta(seconds=30),
    hurry=60,
    inspect=timedelta(minutes=5),
)
