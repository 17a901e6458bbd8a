"""Waiting times: one frozen table for production, one for demos and tests. The rules are the same."""

from dataclasses import dataclass
from datetime import timedelta


def _seconds(*values: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=value) for value in values)


@dataclass(frozen=True)
class Intervals:
    """Intervals between attempts, checks and rechecks.

    ``retries``: wait before the second, third … attempt of a delivery. ``look_least``/``look_most``: bounds of the
    interval at which one feed or sitemap is read. ``rechecks``: times after the first verification at which a copy is
    fetched again, beside the check at a quarter's end; while a copy has not followed a correction or recall, it is
    fetched at the first interval for as long as the second, and at the second afterwards. ``gone_gap``: least time
    between two checks without the copy that together mean *removed*. ``host_gap``: least seconds between two requests
    to one host. ``polls``: waits between polls of an asynchronous channel. ``lease``: duration of a claim on work,
    longer than the longest single request. ``rest``: first pause of a channel that does not answer; ``rest_most``: the
    longest pause after doublings. ``rate_factor``: factor on a channel's rate limit. ``inspect``: interval between
    inspections of a site's front page. ``republish``: how long after its feed the sample partner's site has an article.
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
    rate_factor: int = 1
    inspect: timedelta = timedelta(days=30)
    republish: timedelta = timedelta(minutes=1)


# The retry schedule that Svix publishes, with one minute added for short restarts of a receiver.
NORMAL = Intervals(
    retries=_seconds(5, 60, 300, 1800, 7200, 18000, 36000, 36000),
    look_least=timedelta(minutes=5),
    look_most=timedelta(minutes=240),
    rechecks=(timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30)),
    gone_gap=timedelta(hours=24),
    host_gap=2.0,
    polls=_seconds(3, 6, 12, 30, 60, 120, 300, 600, 900, 1800),
    lease=timedelta(seconds=120),
)

FAST = Intervals(
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
    rate_factor=60,
    inspect=timedelta(minutes=5),
    republish=timedelta(seconds=2),
)
