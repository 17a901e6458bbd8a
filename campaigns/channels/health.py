"""The health of a channel: failures in a row, the circuit breaker, and the time without an arrival."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState, set_state
from campaigns.channels.transport import ChannelSign
from campaigns.core.intervals import Intervals
from campaigns.people import alarms

# The circuit breaker of a channel: after many tries in a row without an answer the channel is not called for a while,
# and then a single probe is sent.


OPENS_AFTER = 10  # tries in a row without an answer
LONGEST_REST = timedelta(hours=1)  # the longest rest
DOUBLINGS = 10  # larger than any useful cap; bounds the number after a year of failures


@dataclass(frozen=True)
class CircuitBreaker:
    """``silent``: tries in a row without an answer. ``opened``: how often in a row the breaker has opened, 0 = closed.
    ``until``: no call before this time; after it *one* delivery is tried, and the others only when it is settled.
    """

    silent: int = 0
    opened: int = 0
    until: datetime | None = None


CLOSED_BREAKER = CircuitBreaker()


def breaker_after_try(
    breaker: CircuitBreaker, sign: ChannelSign, rest: timedelta, most: timedelta, *, now: datetime
) -> CircuitBreaker:
    """Return the breaker after one more try. ``rest``: how long it opens the first time; each time in a row twice as
    long as the time before, up to ``most``."""
    if sign is ChannelSign.NOTHING:
        return breaker
    if sign is ChannelSign.ANSWERS:
        return CLOSED_BREAKER
    silent = breaker.silent + 1
    if breaker.opened == 0:
        if silent < OPENS_AFTER:
            return CircuitBreaker(silent)
        return CircuitBreaker(silent, 1, now + rest)
    if breaker.until is not None and breaker.until > now:
        # Sent before the breaker opened: the failure is no new information and does not extend the rest.
        return CircuitBreaker(silent, breaker.opened, breaker.until)
    opened = min(breaker.opened + 1, DOUBLINGS)
    return CircuitBreaker(silent, opened, now + min(rest * 2 ** (opened - 1), most))


FAILING_AFTER = 10  # failures in a row after which a channel is shown as failing
LONGEST_ERROR = 2000  # characters of a platform's message that a channel stores


def record_answer(channel: Channel) -> None:
    """Record an answer that is neither arrival nor failure: a message was accepted or is being processed."""
    _store_breaker(channel, CLOSED_BREAKER)


def record_arrival(session: Session, channel: Channel, *, now: datetime) -> None:
    """Record an arrival: a failing channel has recovered, and its alarm ends."""
    channel.failures, channel.last_success_at, channel.last_error = 0, now, ""
    _store_breaker(channel, CLOSED_BREAKER)
    if channel.state is ChannelState.FAILING:
        set_state(session, channel, ChannelState.ACTIVE, "a delivery arrived", now=now)
    if channel.alarmed_at is not None and channel.failing_since is not None:
        since = channel.failing_since
        alarms.raise_alarm(session, "channel_recovered", channel.code, channel.name, {}, since=since, now=now)
    channel.failing_since = channel.alarmed_at = None


def record_failure(
    session: Session,
    channel: Channel,
    sign: ChannelSign,
    error: str,
    state: ChannelState | None,
    pace: Intervals,
    alarm_after: timedelta,
    *,
    now: datetime,
) -> None:
    """Record a failed try. ``state``: the new state of the channel, if any. When failures without a success in between
    are ``alarm_after`` apart, administrators get one alarm until something arrives."""
    channel.failures, channel.last_error = channel.failures + 1, error[:LONGEST_ERROR]
    channel.failing_since = channel.failing_since or now
    known = CircuitBreaker(channel.silent, channel.opened, channel.open_until)
    _store_breaker(channel, breaker_after_try(known, sign, pace.rest, pace.rest_most, now=now))
    if state is None and channel.failures >= FAILING_AFTER and channel.state is ChannelState.ACTIVE:
        state = ChannelState.FAILING
    if state is not None:
        set_state(session, channel, state, error[:500], now=now)
    if channel.alarmed_at is None and now - channel.failing_since >= alarm_after:
        channel.alarmed_at = now
        details = {"failures": channel.failures, "error": error[:500]}
        since = channel.failing_since
        alarms.raise_alarm(session, "channel_failing", channel.code, channel.name, details, since=since, now=now)


def _store_breaker(channel: Channel, now_is: CircuitBreaker) -> None:
    channel.silent, channel.opened, channel.open_until = now_is.silent, now_is.opened, now_is.until
