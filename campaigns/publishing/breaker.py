"""The breaker of a channel: after many tries in a row that met silence nobody calls it for a while, and then one does.

Pure; its three values are columns of the channel, so that every worker of every process goes by the same ones.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.publishing.transport import Sign

OPENS_AFTER = 10  # tries in a row without an answer
LONGEST = timedelta(hours=1)  # no rest lasts as long, whatever the pace
DOUBLINGS = 10  # beyond any cap that makes sense; keeps a year of failures from growing the number without end


@dataclass(frozen=True)
class Breaker:
    """``silent``: tries in a row that met silence. ``opened``: how often in a row the breaker has opened, 0 = closed.

    ``until``: nobody calls before; after it *one* delivery is tried, and only when that is settled anything else is.
    """

    silent: int = 0
    opened: int = 0
    until: datetime | None = None


CLOSED = Breaker()


def after(breaker: Breaker, sign: Sign, rest: timedelta, most: timedelta, *, now: datetime) -> Breaker:
    """The breaker after one more try. ``rest``: how long it opens the first time; each time in a row twice as long as
    the one before, up to ``most``."""
    if sign is Sign.NOTHING:
        return breaker
    if sign is Sign.ANSWERS:
        return CLOSED
    silent = breaker.silent + 1
    if breaker.opened == 0:
        if silent < OPENS_AFTER:
            return Breaker(silent)
        return Breaker(silent, 1, now + rest)
    if breaker.until is not None and breaker.until > now:
        # Sent before it opened and failed since: says nothing that was not known, so it makes nobody wait longer.
        return Breaker(silent, breaker.opened, breaker.until)
    opened = min(breaker.opened + 1, DOUBLINGS)
    return Breaker(silent, opened, now + min(rest * 2 ** (opened - 1), most))
