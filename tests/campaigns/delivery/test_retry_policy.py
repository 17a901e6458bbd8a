"""The retry policy, as a table of cases."""

from datetime import timedelta

import pytest

from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import Capabilities, ChannelNeed, TransportError
from campaigns.core.intervals import NORMAL
from campaigns.delivery.outbox import DeliveryState
from campaigns.delivery.retry_policy import RetryDecision, decide_after_crash, decide_after_failure
from tests.factories import NOW

PLAIN, SAFE, FINDS = Capabilities(), Capabilities(idempotent=True), Capabilities(lookup=True)


def _decide(error: TransportError, can: Capabilities = PLAIN, tries: int = 1, spread: float = 0.5) -> RetryDecision:
    return decide_after_failure(error, can, tries, NORMAL, spread=spread, now=NOW)


def test_a_refusal_is_final() -> None:
    assert _decide(TransportError("400", permanent=True)).state is DeliveryState.DEAD


def test_an_endpoint_that_says_it_is_gone_is_retired() -> None:
    decision = _decide(TransportError("410", permanent=True, needs=ChannelNeed.RETIREMENT))
    assert (decision.state, decision.channel) == (DeliveryState.DEAD, ChannelState.RETIRED)


def test_lost_authorisation_waits_for_a_person_and_loses_nothing() -> None:
    decision = _decide(TransportError("token", permanent=True, needs=ChannelNeed.AUTHORISATION))
    assert (decision.state, decision.due_at) == (DeliveryState.RETRYING, NOW)
    assert decision.channel is ChannelState.NEEDS_AUTHORISATION


@pytest.mark.parametrize(
    ("can", "state", "look"),
    [
        (PLAIN, DeliveryState.UNKNOWN, False),
        (SAFE, DeliveryState.RETRYING, False),
        (FINDS, DeliveryState.RETRYING, True),
    ],
)
def test_an_unknown_outcome_is_repeated_only_where_a_repeat_is_harmless(
    can: Capabilities, state: DeliveryState, look: bool
) -> None:
    decision = _decide(TransportError("timeout", outcome_unknown=True), can)
    assert (decision.state, decision.look_first) == (state, look)


def test_waits_follow_the_schedule_within_its_spread() -> None:
    for tries, planned in enumerate(NORMAL.retries, start=1):
        for spread in (0.0, 0.5, 0.999):
            decision = _decide(TransportError("503"), SAFE, tries, spread)
            assert decision.due_at is not None
            assert planned * 0.8 <= decision.due_at - NOW <= planned * 1.2


def test_tries_end() -> None:
    decision = _decide(TransportError("503"), SAFE, len(NORMAL.retries) + 1)
    assert (decision.state, decision.reason) == (DeliveryState.DEAD, "tries_used_up")


@pytest.mark.parametrize(("asked", "least", "most"), [(600, 600, 600), (10**9, 86_400, 86_400), (-5, 4, 6)])
def test_a_receiver_s_wish_is_honoured_within_a_day(asked: float, least: int, most: int) -> None:
    decision = _decide(TransportError("429", retry_after=asked), SAFE)
    assert decision.due_at is not None
    assert timedelta(seconds=least) <= decision.due_at - NOW <= timedelta(seconds=most)


def test_a_crash_in_mid_send_is_repeated_only_where_that_is_safe() -> None:
    assert decide_after_crash(SAFE, begun=True) is None
    assert decide_after_crash(FINDS, begun=True) is None
    assert decide_after_crash(PLAIN, begun=False) is None
    crashed = decide_after_crash(PLAIN, begun=True)
    assert crashed is not None
    assert crashed.state is DeliveryState.UNKNOWN
