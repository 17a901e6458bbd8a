"""How fast and how much at once a channel is sent to: a token bucket, kept as one moment.

Pure. The bucket holds up to ``burst`` tokens and gains ``rate`` a minute; a message takes one. Instead of a level that
somebody would have to keep filling, a channel's row holds the moment from which a token is there (``free_at``). Source:
the generic cell rate algorithm of ITU-T I.371, in its virtual scheduling form.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.core.errors import FieldError

MOST_A_MINUTE, MOST_BURST, MOST_AT_ONCE = 6000, 1000, 16
# What fell due so long ago did not wait for its turn alone: the product, its channel or a person held it.
LATE = timedelta(minutes=10)
# No token is further away than this: the slowest rate is one a minute, and machines' clocks differ by seconds.
LONGEST = timedelta(minutes=5)


@dataclass(frozen=True)
class Limits:
    """``rate``: messages a minute, None = as many as there are. ``burst``: how many of them at a stroke after a rest.
    ``at_once``: how many may be on their way at the same time."""

    rate: int | None = None
    burst: int = 1
    at_once: int = 1


def taken(limits: Limits, free_at: datetime | None, *, late: bool, now: datetime) -> datetime | None:
    """From when the next token is there, after one is taken now. ``free_at``: from when this one was.

    What is ``late`` is sent without the burst, evenly: a backlog must not arrive as a flood.
    """
    if limits.rate is None:
        return None
    each = timedelta(minutes=1) / limits.rate
    spare = timedelta(0) if late else each * (limits.burst - 1)
    return max(free_at or now - spare, now - spare) + each


def check(rate: int | None, burst: int | None, at_once: int | None, *, parallel: bool) -> list[FieldError]:
    """What is wrong with limits that somebody set; None = what is usual for the kind. ``parallel``: whether the kind
    may have several messages on their way."""
    asked = (("rate", rate, MOST_A_MINUTE), ("burst", burst, MOST_BURST), ("at_once", at_once, MOST_AT_ONCE))
    errors = [
        FieldError(f"limits.{name}", "range", f"{value} is not between 1 and {most}")
        for name, value, most in asked
        if value is not None and not 1 <= value <= most
    ]
    if at_once is not None and at_once > 1 and not parallel:
        errors.append(FieldError("limits.at_once", "one_at_a_time", "this kind takes one message at a time"))
    return errors
