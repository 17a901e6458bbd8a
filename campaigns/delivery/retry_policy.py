"""The retry policy: the decision after a failed try. Pure functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import Capabilities, ChannelNeed, TransportError
from campaigns.core.intervals import Intervals
from campaigns.delivery.outbox import AttemptOutcome, DeliveryState

# The longest honoured ``Retry-After``, so that a broken receiver cannot delay a delivery for years.
LONGEST_RETRY_AFTER = timedelta(hours=24)
JITTER = 0.2  # retries are moved by up to 20 % either way, so that they do not all happen at once


@dataclass(frozen=True)
class RetryDecision:
    """The delivery's next state and time, the outcome of the try, and the new state of the channel."""

    state: DeliveryState
    outcome: AttemptOutcome
    due_at: datetime | None
    look_first: bool = False
    reason: str = ""
    channel: ChannelState | None = None


def with_jitter(wait: timedelta, chance: float) -> timedelta:
    """Return a wait changed by up to a fifth either way. ``chance`` is a random number in [0, 1)."""
    return wait * (1 - JITTER + 2 * JITTER * chance)


def capped_retry_after(asked: float | None) -> timedelta:
    """Return the wait for a ``Retry-After``: a day at most, zero without one."""
    return min(timedelta(seconds=max(asked or 0.0, 0.0)), LONGEST_RETRY_AFTER)


def decide_after_failure(
    error: TransportError, capabilities: Capabilities, tries: int, pace: Intervals, *, spread: float, now: datetime
) -> RetryDecision:
    """Decide after try number ``tries`` (from 1) failed. ``spread`` is a random number in [0, 1)."""
    if error.needs is ChannelNeed.RETIREMENT:
        return RetryDecision(
            DeliveryState.DEAD, AttemptOutcome.REFUSED, None, reason="endpoint_gone", channel=ChannelState.RETIRED
        )
    if error.needs is ChannelNeed.AUTHORISATION:
        # Due at once, so that it is claimed as soon as the channel is authorised again.
        return RetryDecision(
            DeliveryState.RETRYING,
            AttemptOutcome.FAILED,
            now,
            reason="needs_authorisation",
            channel=ChannelState.NEEDS_AUTHORISATION,
        )
    if error.permanent:
        return RetryDecision(DeliveryState.DEAD, AttemptOutcome.REFUSED, None, reason="refused")
    if error.outcome_unknown and capabilities.once:
        return RetryDecision(DeliveryState.UNKNOWN, AttemptOutcome.UNKNOWN, None)
    if tries > len(pace.retries):
        if error.outcome_unknown and not capabilities.idempotent:
            return RetryDecision(DeliveryState.UNKNOWN, AttemptOutcome.UNKNOWN, None)
        return RetryDecision(DeliveryState.DEAD, AttemptOutcome.FAILED, None, reason="tries_used_up")
    wait = max(with_jitter(pace.retries[tries - 1], spread), capped_retry_after(error.retry_after))
    look = error.outcome_unknown and not capabilities.idempotent
    return RetryDecision(DeliveryState.RETRYING, AttemptOutcome.FAILED, now + wait, look_first=look)


def decide_after_crash(capabilities: Capabilities, *, begun: bool) -> RetryDecision | None:
    """Decide after an expired lease. None: send again with the same key. ``begun``: the send had begun, which is known
    for channels that accept a message once."""
    if not (capabilities.once and begun):
        return None
    return RetryDecision(DeliveryState.UNKNOWN, AttemptOutcome.UNKNOWN, None)
