"""Causes of a target's status: topics, weeks and partners below or above their share. Pure functions."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.core.clock import Period

RECENT_DAYS = 14  # the last days, whose pace is compared with the pace before
SLOWED_BELOW = 0.5  # a partner's pace has fallen when it is below this part of its former pace
LEAST_WEEKLY = 3.0  # copies a week: smaller paces fall by chance
MOST_SHOWN = 3  # of each kind, as many as a reader takes in


@dataclass(frozen=True)
class PaceShare:
    """One topic, week or partner by its key. ``reached`` and ``share`` have the same unit: copies so far and at an even
    pace, or copies a week now and before."""

    key: str
    reached: float
    share: float

    @property
    def gap(self) -> float:
        """The missing figure; negative where there is a surplus."""
        return self.share - self.reached


@dataclass(frozen=True)
class WeekPaceShare:
    """One whole week within the period. ``first``: its Monday."""

    first: date
    reached: float
    share: float

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)


@dataclass(frozen=True)
class SilentPartners:
    """Partners silent for ``RECENT_DAYS`` that had copies before: their keys and their former copies a week."""

    partners: tuple[str, ...]
    weekly: float


@dataclass(frozen=True)
class Shortfalls:
    """The shortfalls, the largest first. ``topics``: behind their own targets; ``slowed``: topics without a target, and
    ``partners``, whose pace fell in the last two weeks. ``best``: topics ahead of their own targets' pace."""

    topics: tuple[PaceShare, ...] = ()
    slowed: tuple[PaceShare, ...] = ()
    weeks: tuple[WeekPaceShare, ...] = ()
    silence: SilentPartners = SilentPartners((), 0.0)
    partners: tuple[PaceShare, ...] = ()
    best: tuple[PaceShare, ...] = ()
    strong_weeks: tuple[WeekPaceShare, ...] = ()


def topic_deviations(own: Iterable[PaceShare]) -> tuple[tuple[PaceShare, ...], tuple[PaceShare, ...]]:
    """Topics with targets of their own: those behind an even pace by one copy at least, and those ahead of it."""
    known = list(own)
    behind = sorted((topic for topic in known if topic.gap >= 1), key=lambda topic: -topic.gap)
    ahead = sorted((topic for topic in known if topic.gap <= -1), key=lambda topic: topic.gap)
    return tuple(behind[:MOST_SHOWN]), tuple(ahead[:MOST_SHOWN])


def week_deviations(
    weeks: Iterable[tuple[date, float]], period: Period, today: date, quota: float, began: date | None = None
) -> tuple[tuple[WeekPaceShare, ...], tuple[WeekPaceShare, ...]]:
    """Past whole weeks: more than a tenth below seven days' share of the quota, and more than a tenth above. Weeks
    before ``began``, the day from which copies are looked for, are neither."""
    share = quota * 7 / period.length
    start = max(period.first, began or period.first)
    whole = [
        WeekPaceShare(first, reached, share)
        for first, reached in weeks
        if start <= first and first + timedelta(days=6) <= min(period.last, today - timedelta(days=1))
    ]
    low = sorted((week for week in whole if week.reached < 0.9 * share), key=lambda week: week.reached)
    high = sorted((week for week in whole if week.reached > 1.1 * share), key=lambda week: -week.reached)
    return tuple(low[:MOST_SHOWN]), tuple(high[:MOST_SHOWN])


def find_slowed(before: Mapping[str, float], now: Mapping[str, float], days_before: int) -> tuple[PaceShare, ...]:
    """Keys whose pace fell below half. ``before``: copies until two weeks ago, over ``days_before``; ``now``: those
    of the last ``RECENT_DAYS``. In copies a week, the largest fall first; silent ones are left out."""
    if days_before < 7:
        return ()
    paces = [
        PaceShare(key, now.get(key, 0.0) * 7 / RECENT_DAYS, count * 7 / days_before) for key, count in before.items()
    ]
    fallen = [pace for pace in paces if pace.share >= LEAST_WEEKLY and 0 < pace.reached < SLOWED_BELOW * pace.share]
    return tuple(sorted(fallen, key=lambda pace: -pace.gap)[:MOST_SHOWN])


def find_silent_partners(before: Mapping[str, float], silent: Container[str], days_before: int) -> SilentPartners:
    """The ``silent`` partners that had copies ``before``, over ``days_before``: those with the most first."""
    if days_before < 7:
        return SilentPartners((), 0.0)
    quiet = sorted((key for key, count in before.items() if count > 0 and key in silent), key=lambda key: -before[key])
    return SilentPartners(tuple(quiet), sum(before[key] for key in quiet) * 7 / days_before)


def days_before_recent(period: Period, today: date) -> int:
    """The number of a period's past days before the last ``RECENT_DAYS``, which include today."""
    return max((min(today, period.last) - timedelta(days=RECENT_DAYS - 1) - period.first).days, 0)


def topic_rates(
    weeks: Sequence[tuple[date, Mapping[str, float]]], today: date
) -> tuple[dict[str, float], dict[str, float], int]:
    """From whole weeks by topic: copies before the last two weeks, copies of those two, and the days before: the
    arguments of ``find_slowed``."""
    whole = [(first, counts) for first, counts in weeks if first + timedelta(days=6) < today]
    before: dict[str, float] = {}
    now: dict[str, float] = {}
    for place, (_first, counts) in enumerate(whole):
        kept = now if place >= len(whole) - RECENT_DAYS // 7 else before
        for topic, count in counts.items():
            kept[topic] = kept.get(topic, 0.0) + count
    return before, now, 7 * max(len(whole) - RECENT_DAYS // 7, 0)
