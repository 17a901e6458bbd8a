"""How a channel fares: failures in a row, its breaker, and the spell of days in which nothing arrived."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.core.pace import Pace
from campaigns.people import alarms
from campaigns.publishing import breaker
from campaigns.publishing.breaker import Breaker
from campaigns.publishing.channels import Channel, ChannelState, set_state
from campaigns.publishing.transport import Sign

FAILING_AFTER = 10  # failures in a row after which a channel is shown as failing
LONGEST_ERROR = 2000  # characters of another side's words that a channel keeps


def answered(channel: Channel) -> None:
    """The channel gave an answer that is neither arrival nor failure: it has accepted a message, or works on it."""
    _set(channel, breaker.CLOSED)


def arrived(session: Session, channel: Channel, *, now: datetime) -> None:
    """A message arrived: what was failing is well again, and whoever was told of it is told so."""
    channel.failures, channel.last_success_at, channel.last_error = 0, now, ""
    _set(channel, breaker.CLOSED)
    if channel.state is ChannelState.FAILING:
        set_state(session, channel, ChannelState.ACTIVE, "a delivery arrived", now=now)
    if channel.alarmed_at is not None and channel.failing_since is not None:
        since = channel.failing_since
        alarms.sound(session, "channel_recovered", channel.code, channel.name, {}, since=since, now=now)
    channel.failing_since = channel.alarmed_at = None


def failed(
    session: Session,
    channel: Channel,
    sign: Sign,
    error: str,
    state: ChannelState | None,
    pace: Pace,
    alarm_after: timedelta,
    *,
    now: datetime,
) -> None:
    """A try failed. ``state``: what follows for the channel by itself. When failures without a success between lie
    ``alarm_after`` apart, administrators are told, once until something arrives."""
    channel.failures, channel.last_error = channel.failures + 1, error[:LONGEST_ERROR]
    channel.failing_since = channel.failing_since or now
    known = Breaker(channel.silent, channel.opened, channel.open_until)
    _set(channel, breaker.after(known, sign, pace.rest, pace.rest_most, now=now))
    if state is None and channel.failures >= FAILING_AFTER and channel.state is ChannelState.ACTIVE:
        state = ChannelState.FAILING
    if state is not None:
        set_state(session, channel, state, error[:500], now=now)
    if channel.alarmed_at is None and now - channel.failing_since >= alarm_after:
        channel.alarmed_at = now
        details = {"failures": channel.failures, "error": error[:500]}
        since = channel.failing_since
        alarms.sound(session, "channel_failing", channel.code, channel.name, details, since=since, now=now)


def _set(channel: Channel, now_is: Breaker) -> None:
    channel.silent, channel.opened, channel.open_until = now_is.silent, now_is.opened, now_is.until
