"""Cron lines: five fields in the city's zone, parsed by APScheduler's trigger, and their times."""

import itertools
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from campaigns.core.clock import CITY
from campaigns.core.errors import FieldError, Invalid

FIELDS = ("minute", "hour", "day", "month", "day_of_week")
AHEAD = timedelta(days=5 * 366)  # a line without a time within it has none, such as one for 30 February
LEAST_GAP = timedelta(hours=1)  # a more frequent report is a mistake
TIMES_CHECKED = 60  # times that are compared for that
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def validated_next_time(text: str, *, now: datetime) -> datetime:
    """Return the first time of a line after ``now``. Raises ``Invalid`` (field ``cron``) for a line that cannot be
    parsed, has no time, or has times less than an hour apart.

    As usual 0 and 7 are Sunday. A day of the month together with a day of the week is refused: cron programs
    differ on whether either or both must hold.
    """
    trigger = _trigger(text, now)
    times: list[datetime] = []
    moment = now
    while len(times) < TIMES_CHECKED and (following := _following(trigger, moment)) is not None:
        times.append(following)
        moment = following
    if not times:
        raise Invalid([FieldError("cron", "never_comes", f"{text!r} never comes within five years")])
    if any(later - earlier < LEAST_GAP for earlier, later in itertools.pairwise(times)):
        raise Invalid([FieldError("cron", "too_often", "a report goes once an hour at most")])
    return times[0]


def next_after(text: str, moment: datetime) -> datetime | None:
    """Return the first time of a line after a time; None where there is none. Raises ``Invalid``."""
    return _following(_trigger(text, moment), moment)


def times_until(text: str, first: datetime, now: datetime, most: int) -> list[datetime]:
    """Return the times of a line from ``first``, which is one of them, up to ``now``; at most the last ``most``."""
    trigger = _trigger(text, now)
    found = [first]
    while (following := _following(trigger, found[-1])) is not None and following <= now:
        found.append(following)
        del found[:-most]
    return found


def next_times(text: str, moment: datetime, count: int) -> list[datetime]:
    """Return the next few times after a time."""
    trigger, found = _trigger(text, moment), [moment]
    while len(found) <= count and (following := _following(trigger, found[-1])) is not None:
        found.append(following)
    return found[1:]


def _following(trigger: CronTrigger, moment: datetime) -> datetime | None:
    found: datetime | None = trigger.get_next_fire_time(None, (moment + timedelta(seconds=1)).astimezone(CITY))
    return found.astimezone(UTC) if found is not None else None


def _trigger(text: str, now: datetime) -> CronTrigger:
    parts = text.split()
    if len(parts) != len(FIELDS):
        raise Invalid([FieldError("cron", "cron", f"{text!r} has {len(parts)} fields, not five as 30 7 * * 1 has")])
    given = dict(zip(FIELDS, parts, strict=True))
    if given["day"] != "*" and given["day_of_week"] != "*":
        raise Invalid([FieldError("cron", "cron_two_days", "a day of the month or a day of the week, not both")])
    try:
        given["day_of_week"] = _days_of_week(given["day_of_week"])
        return CronTrigger(**given, timezone=CITY, end_date=now.astimezone(CITY) + AHEAD)
    except ValueError as error:
        raise Invalid([FieldError("cron", "cron", f"{text!r} cannot be read: {error}")]) from None


def _days_of_week(field: str) -> str:
    """Return days of the week by name: the trigger counts from Monday, cron lines from Sunday. Raises
    ``ValueError``."""
    if field == "*":
        return field
    chosen: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        low, high = (0, 6) if span == "*" else (_day(first), _day(last) if last else _day(first))
        if step and not (step.isascii() and step.isdigit() and int(step) > 0):
            raise ValueError(f"{part!r} is no step")
        length = 7 if last and first != last and low == high else (high - low) % 7 + 1  # 0-7 is the whole week
        chosen |= {(low + offset) % 7 for offset in range(0, length, int(step or 1))}
    return ",".join(_DAYS[day] for day in sorted(chosen))


def _day(text: str) -> int:
    if text in _DAYS:
        return _DAYS.index(text)
    if text.isascii() and text.isdigit() and int(text) <= 7:
        return int(text) % 7
    raise ValueError(f"{text!r} is no day of the week")
