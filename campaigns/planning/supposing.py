"""What if: the forecast with other figures for the days that are left. Pure arithmetic, and no promise."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.planning.forecasting import Forecast

RECENT_DAYS = 28  # whole days that say how many bulletins come and how far each goes


@dataclass(frozen=True)
class Wishes:
    """What is supposed from tomorrow on; None or 0 = as now.

    ``silent`` partners carry ``silent_weekly`` copies a week each, which they do not now. Every bulletin is carried
    ``carried`` times. ``more_weekly`` more bulletins are published a week.
    """

    silent: float = 0.0
    silent_weekly: float = 0.0
    carried: float | None = None
    more_weekly: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.silent * self.silent_weekly or self.carried is not None or self.more_weekly)


@dataclass(frozen=True)
class Habit:
    """How it goes now: bulletins a day, and copies a bulletin."""

    bulletins_daily: float
    copies_each: float


def habit_of(bulletins: Sequence[int], copies: Sequence[int]) -> Habit:
    """The last four weeks' whole days: figures a day, the oldest first, without today's."""
    published, copied = sum(bulletins[-RECENT_DAYS:]), sum(copies[-RECENT_DAYS:])
    days = len(bulletins[-RECENT_DAYS:])
    return Habit(published / days if days else 0.0, copied / published if published else 0.0)


def suppose(total: float, path: Sequence[Forecast], wishes: Wishes, habit: Habit) -> tuple[Forecast, ...]:
    """The path that a forecast takes if ``wishes`` come true. ``total``: what is there now; ``path``: the forecast for
    the end of each day left.

    More bulletins go as far as those of now, or as far as wished; what is forecast grows by that ratio, and so does its
    band. Where nothing is published or carried now there is nothing to multiply, and the wish stands for itself.
    """
    bulletins = habit.bulletins_daily + wishes.more_weekly / 7
    each = habit.copies_each if wishes.carried is None else wishes.carried
    now = habit.bulletins_daily * habit.copies_each
    unchanged = wishes.carried is None and not wishes.more_weekly
    growth = 1.0 if unchanged else bulletins * each / now if now else None
    extra = wishes.silent * wishes.silent_weekly / 7
    found = []
    for number, told in enumerate(path, start=1):
        gain = (told.value - total) * growth if growth is not None else bulletins * each * number
        value = total + gain + extra * number
        wider = growth if growth is not None else 1.0
        low, high = (told.value - told.low) * wider, (told.high - told.value) * wider
        found.append(Forecast(value, max(total, value - low), value + high))
    return tuple(found)
