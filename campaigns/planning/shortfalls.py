"""Why a target stands as it does: topics, weeks and partners that brought less than their share, or more. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.core.clock import Period

SILENT_DAYS = 14  # without a copy, after there were some
FALL = 0.5  # a partner's pace fell when it is below this part of what it was
LEAST_WEEKLY = 3.0  # copies a week: below it a fall is chance
MOST = 3  # of each kind: more would not be read


@dataclass(frozen=True)
class Share:
    """One topic, week or partner by its key. ``reached`` and ``share`` are in the same unit: copies so far against an
    even pace, or copies a week now against before."""

    key: str
    reached: float
    share: float

    @property
    def gap(self) -> float:
        """What is missing; negative where there is more."""
        return self.share - self.reached


@dataclass(frozen=True)
class WeekShare:
    """One whole week that lies within the period. ``first``: its Monday."""

    first: date
    reached: float
    share: float

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)


@dataclass(frozen=True)
class Silence:
    """Partners silent for ``SILENT_DAYS`` that had carried something before: who, and how many copies a week all of
    them had carried together."""

    partners: tuple[str, ...]
    weekly: float


@dataclass(frozen=True)
class Shortfalls:
    """What fell short, the most first. ``topics``: against their own targets; ``slowed``: topics without one, and
    ``partners``, whose pace of the last two weeks fell. ``best``: topics ahead of their own targets' pace."""

    topics: tuple[Share, ...] = ()
    slowed: tuple[Share, ...] = ()
    weeks: tuple[WeekShare, ...] = ()
    silence: Silence = Silence((), 0.0)
    partners: tuple[Share, ...] = ()
    best: tuple[Share, ...] = ()
    strong_weeks: tuple[WeekShare, ...] = ()


def topics_apart(own: Iterable[Share]) -> tuple[tuple[Share, ...], tuple[Share, ...]]:
    """Topics with targets of their own: those behind an even pace by one copy at least, and those ahead of it."""
    known = list(own)
    behind = sorted((one for one in known if one.gap >= 1), key=lambda one: -one.gap)
    ahead = sorted((one for one in known if one.gap <= -1), key=lambda one: one.gap)
    return tuple(behind[:MOST]), tuple(ahead[:MOST])


def weeks_apart(
    weeks: Iterable[tuple[date, float]], period: Period, today: date, quota: float
) -> tuple[tuple[WeekShare, ...], tuple[WeekShare, ...]]:
    """Whole weeks that are over: those below seven days' share of the quota by a tenth, and those above by as much."""
    share = quota * 7 / period.length
    whole = [
        WeekShare(first, reached, share)
        for first, reached in weeks
        if period.first <= first and first + timedelta(days=6) <= min(period.last, today - timedelta(days=1))
    ]
    low = sorted((one for one in whole if one.reached < 0.9 * share), key=lambda one: one.reached)
    high = sorted((one for one in whole if one.reached > 1.1 * share), key=lambda one: -one.reached)
    return tuple(low[:MOST]), tuple(high[:MOST])


def slowed(before: Mapping[str, float], now: Mapping[str, float], days_before: int) -> tuple[Share, ...]:
    """Whose pace fell to less than half. ``before``: copies until two weeks ago, over ``days_before``; ``now``: those
    of the last ``SILENT_DAYS``. In copies a week, the largest fall first; the silent are not among them."""
    if days_before < 7:
        return ()
    paces = [Share(key, now.get(key, 0.0) * 7 / SILENT_DAYS, count * 7 / days_before) for key, count in before.items()]
    fallen = [one for one in paces if one.share >= LEAST_WEEKLY and 0 < one.reached < FALL * one.share]
    return tuple(sorted(fallen, key=lambda one: -one.gap)[:MOST])


def silence(before: Mapping[str, float], now: Mapping[str, float], days_before: int) -> Silence:
    """Those with copies before and none in the last ``SILENT_DAYS``, who had carried the most first; see ``slowed``."""
    if days_before < 7:
        return Silence((), 0.0)
    quiet = sorted(
        (key for key, count in before.items() if count > 0 and not now.get(key)), key=lambda one: -before[one]
    )
    return Silence(tuple(quiet), sum(before[key] for key in quiet) * 7 / days_before)


def days_before_silence(period: Period, today: date) -> int:
    """How many days of a period are over before the last ``SILENT_DAYS``, today among those."""
    return max((min(today, period.last) - timedelta(days=SILENT_DAYS - 1) - period.first).days, 0)


def topic_paces(
    weeks: Sequence[tuple[date, Mapping[str, float]]], today: date
) -> tuple[dict[str, float], dict[str, float], int]:
    """From whole weeks by topic: copies before the last two of them, copies of those two, and the days before; as
    ``slowed`` takes them."""
    whole = [(first, counts) for first, counts in weeks if first + timedelta(days=6) < today]
    before: dict[str, float] = {}
    now: dict[str, float] = {}
    for place, (_first, counts) in enumerate(whole):
        kept = now if place >= len(whole) - SILENT_DAYS // 7 else before
        for topic, count in counts.items():
            kept[topic] = kept.get(topic, 0.0) + count
    return before, now, 7 * max(len(whole) - SILENT_DAYS // 7, 0)
