"""Release times for several bulletins at once: one time for all, one each day, or one every so many minutes within the
hours in which the department releases. Pure functions.
"""

from datetime import datetime, timedelta
from enum import Enum

from campaigns.core.clock import city_day
from campaigns.planning.holidays import is_public_holiday
from campaigns.release.slots_and_quiet_hours import ReleaseHabits, minute_of, moment_of

LEAST_STEP, MOST_STEP = 5, 7 * 24 * 60  # minutes between two bulletins


class Spacing(Enum):
    """How times follow one another."""

    SAME = "same"  # one time for all
    DAILY = "daily"  # each day at the time of the first
    EVERY = "every"  # a fixed number of minutes, outside of the quiet hours


def spaced_times(
    start: datetime,
    count: int,
    spacing: Spacing,
    habits: ReleaseHabits,
    *,
    step: int = 60,
    skips_holidays: bool = False,
) -> list[datetime]:
    """``count`` times from ``start`` on. ``step``: minutes, for ``EVERY``. The first is ``start`` itself, unless it is
    on a holiday that is skipped; a later one of ``EVERY`` that falls into the quiet hours moves to their end.
    """
    found: list[datetime] = []
    at = start
    while len(found) < count:
        if skips_holidays and is_public_holiday(city_day(at)):
            at = _next_day(at)
            continue
        found.append(at)
        if spacing is Spacing.DAILY:
            at = _next_day(at)
        elif spacing is Spacing.EVERY:
            at = _opening(at + timedelta(minutes=step), habits)
    return found


def _next_day(at: datetime) -> datetime:
    return moment_of(city_day(at) + timedelta(days=1), minute_of(at))


def _opening(at: datetime, habits: ReleaseHabits) -> datetime:
    """The first moment from ``at`` on that is outside of the quiet hours."""
    if not habits.quiet(at):
        return at
    end = moment_of(city_day(at), habits.quiet_until)
    return end if end >= at else moment_of(city_day(at) + timedelta(days=1), habits.quiet_until)
