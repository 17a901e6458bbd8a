"""The rate limit of a channel: a token bucket, stored as one time.

Pure functions. The bucket has up to ``burst`` tokens and gains ``rate`` a minute; a message takes one. Instead of a
level, a channel's row has the time from which a token is available (``free_at``). Source: the generic cell rate
algorithm of ITU-T I.371, in its virtual scheduling form.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.core.errors import FieldError

MOST_A_MINUTE, MOST_BURST, MOST_AT_ONCE = 6000, 1000, 16
# A message that has been due for longer was delayed by the product, its channel or a person, not by the rate alone.
LATE_AFTER = timedelta(minutes=10)
# The longest wait for a token: the slowest rate is one a minute, and machines' clocks differ by seconds.
LONGEST_TOKEN_WAIT = timedelta(minutes=5)


@dataclass(frozen=True)
class RateLimit:
    """``rate``: messages a minute, None = unlimited. ``burst``: messages in one burst after a pause. ``at_once``: the
    number of concurrent messages."""

    rate: int | None = None
    burst: int = 1
    at_once: int = 1


def next_token_at(limits: RateLimit, free_at: datetime | None, *, late: bool, now: datetime) -> datetime | None:
    """Return the time of the next token, after one is taken now. ``free_at``: the time of this one.

    ``late`` messages are sent evenly, without a burst, so that a backlog does not arrive all at once.
    """
    if limits.rate is None:
        return None
    each = timedelta(minutes=1) / limits.rate
    spare = timedelta(0) if late else each * (limits.burst - 1)
    return max(free_at or now - spare, now - spare) + each


def limit_errors(rate: int | None, burst: int | None, at_once: int | None, *, parallel: bool) -> list[FieldError]:
    """Return the errors of entered limits; None = the default of the kind. ``parallel``: whether the kind allows
    concurrent messages."""
    asked = (("rate", rate, MOST_A_MINUTE), ("burst", burst, MOST_BURST), ("at_once", at_once, MOST_AT_ONCE))
    errors = [
        FieldError(f"limits.{name}", "range", f"{value} is not between 1 and {most}")
        for name, value, most in asked
        if value is not None and not 1 <= value <= most
    ]
    if at_once is not None and at_once > 1 and not parallel:
        errors.append(FieldError("limits.at_once", "one_at_a_time", "this kind takes one message at a time"))
    return errors
