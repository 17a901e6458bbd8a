"""What follows from a failed try: pure, so that the whole table of cases can be read and tested at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.core.pace import Pace
from campaigns.publishing.channels import ChannelState
from campaigns.publishing.outbox import DeliveryState, Outcome
from campaigns.publishing.transport import Capabilities, Needs, TransportError

# A receiver may ask for patience, but a hostile or broken one must not park a delivery for years.
LONGEST_PATIENCE = timedelta(hours=24)
SPREAD = 0.2  # retries are moved by up to 20 % either way, so that a thousand do not knock at once


@dataclass(frozen=True)
class RetryDecision:
    """The delivery's next state and time, how the try is written down, and what it means for the channel."""

    state: DeliveryState
    outcome: Outcome
    due_at: datetime | None
    look_first: bool = False
    reason: str = ""
    channel: ChannelState | None = None


def spread_by(wait: timedelta, chance: float) -> timedelta:
    """A wait moved by up to a fifth either way. ``chance`` is a random number in [0, 1)."""
    return wait * (1 - SPREAD + 2 * SPREAD * chance)


def patience(asked: float | None) -> timedelta:
    """How long a receiver that asked for so many seconds is left in peace: a day at most, nothing if it did not ask."""
    return min(timedelta(seconds=max(asked or 0.0, 0.0)), LONGEST_PATIENCE)


def after_failure(
    error: TransportError, capabilities: Capabilities, tries: int, pace: Pace, *, spread: float, now: datetime
) -> RetryDecision:
    """Decide after try number ``tries`` (from 1) failed. ``spread`` is a random number in [0, 1)."""
    if error.needs is Needs.RETIREMENT:
        return RetryDecision(
            DeliveryState.DEAD, Outcome.REFUSED, None, reason="endpoint_gone", channel=ChannelState.RETIRED
        )
    if error.needs is Needs.AUTHORISATION:
        # Due at once: it is claimed as soon as somebody has authorised the channel again, and not before.
        return RetryDecision(
            DeliveryState.RETRYING,
            Outcome.FAILED,
            now,
            reason="needs_authorisation",
            channel=ChannelState.NEEDS_AUTHORISATION,
        )
    if error.permanent:
        return RetryDecision(DeliveryState.DEAD, Outcome.REFUSED, None, reason="refused")
    if error.outcome_unknown and capabilities.once:
        return RetryDecision(DeliveryState.UNKNOWN, Outcome.UNKNOWN, None)
    if tries > len(pace.retries):
        if error.outcome_unknown and not capabilities.idempotent:
            return RetryDecision(DeliveryState.UNKNOWN, Outcome.UNKNOWN, None)
        return RetryDecision(DeliveryState.DEAD, Outcome.FAILED, None, reason="tries_used_up")
    wait = max(spread_by(pace.retries[tries - 1], spread), patience(error.retry_after))
    look = error.outcome_unknown and not capabilities.idempotent
    return RetryDecision(DeliveryState.RETRYING, Outcome.FAILED, now + wait, look_first=look)


def after_crash(capabilities: Capabilities, *, begun: bool) -> RetryDecision | None:
    """What a lease that ran out means. None: go on and send, again with the same key. ``begun``: the send had begun,
    which is known of channels that take a message once."""
    if not (capabilities.once and begun):
        return None
    return RetryDecision(DeliveryState.UNKNOWN, Outcome.UNKNOWN, None)
