"""Recheck: when a page that carries us is fetched again. Pure: from how it stood to the next moment.

After a copy was first verified: at the pace's marks (an hour, a day, 7 and 30 days), and once in the last two days of
every quarter of the city's calendar until the marks are used up and the quarter they ran into has ended, since the
figures of a quarter's briefing must rest on a recent look. While a copy is behind a correction or a recall: often on
the first day, then daily, for as long as it is.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.core.clock import city_day, quarter_of
from campaigns.core.pace import Pace

# The looks at a quarter's end are spread over its last two days; the last hours are left free for what fails at first.
SPREAD = dt.timedelta(hours=46)
LEFT_FREE = dt.timedelta(hours=2)


@dataclass(frozen=True)
class Watched:
    """How a page has been watched. ``since``: when a copy on it was first verified, or seen to follow a correction.
    ``looks``: how often it was read since, that first time included. ``behind_since``: when the text it carries was
    overtaken by a correction or a recall; None while it is not behind."""

    host: str
    since: dt.datetime
    looks: int
    behind_since: dt.datetime | None = None


def quarter_looks(watched: Watched, pace: Pace) -> Iterator[dt.datetime]:
    """When the page is looked at for a quarter's end: in every quarter from the first look to the last mark.

    Every page of a host at its own time within the last two days: all hosts at once would be a stampede.
    """
    digest = hashlib.blake2b(watched.host.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    part = int.from_bytes(digest, "big") / 2**64
    last = watched.since + pace.rechecks[-1]
    quarter = quarter_of(city_day(watched.since))
    while True:
        slot = quarter.end - LEFT_FREE - part * SPREAD
        if slot > watched.since:  # a copy first seen in a quarter's last hours was just looked at
            yield slot
        if quarter.end > last:
            return
        quarter = quarter_of(city_day(quarter.end))


def next_look(watched: Watched, pace: Pace, *, now: dt.datetime) -> dt.datetime | None:
    """The next look after one that was made ``now``; always later than ``now``, None when no more are due.

    A mark that has passed without a look is made up for, no sooner than the shortest wait.
    """
    if watched.behind_since is not None:
        often, daily = pace.rechecks[0], pace.rechecks[1]
        return now + (often if now - watched.behind_since < daily else daily)
    quarters = list(quarter_looks(watched, pace))
    # Looks at a quarter's end do not use up a mark.
    made = max(watched.looks - 1 - sum(one <= now for one in quarters), 0)
    ahead = [one for one in quarters if one > now]
    if made < len(pace.rechecks):
        mark = watched.since + pace.rechecks[made]
        ahead.append(mark if mark > now else now + pace.rechecks[0])
    return min(ahead, default=None)
