"""The circuit breaker of a channel."""

from datetime import timedelta

import pytest

from campaigns.channels.health import CLOSED_BREAKER, OPENS_AFTER, CircuitBreaker, breaker_after_try
from campaigns.channels.transport import ChannelNeed, ChannelSign, TransportError
from tests.factories import NOW

REST, MOST = timedelta(seconds=60), timedelta(minutes=15)


def _after(
    breaker: CircuitBreaker, sign: ChannelSign = ChannelSign.SILENT, later: timedelta = timedelta(0)
) -> CircuitBreaker:
    return breaker_after_try(breaker, sign, REST, MOST, now=NOW + later)


def test_it_opens_at_the_tenth_silence_in_a_row_and_not_before() -> None:
    breaker = CLOSED_BREAKER
    for number in range(1, OPENS_AFTER):
        breaker = _after(breaker)
        assert breaker == CircuitBreaker(number)
    assert _after(breaker) == CircuitBreaker(OPENS_AFTER, 1, NOW + REST)


def test_any_answer_closes_it_and_what_says_nothing_changes_nothing() -> None:
    for breaker in (CircuitBreaker(9), CircuitBreaker(10, 1, NOW), CircuitBreaker(40, 6, NOW + MOST)):
        assert _after(breaker, ChannelSign.ANSWERS) == CLOSED_BREAKER
        assert _after(breaker, ChannelSign.NOTHING) == breaker


def test_each_probe_that_fails_doubles_the_rest_up_to_the_cap() -> None:
    breaker, rests, moment = CircuitBreaker(OPENS_AFTER, 1, NOW + REST), [], REST
    for _ in range(20):
        breaker = _after(breaker, later=moment)
        assert breaker.until is not None
        rests.append((breaker.until - NOW - moment).total_seconds())
        moment = breaker.until - NOW
    assert rests == [120, 240, 480, *[900] * 17]


def test_what_was_on_its_way_when_it_opened_makes_nobody_wait_longer() -> None:
    resting = CircuitBreaker(OPENS_AFTER, 1, NOW + REST)
    assert _after(resting, later=timedelta(seconds=5)) == CircuitBreaker(OPENS_AFTER + 1, 1, NOW + REST)


@pytest.mark.parametrize(
    ("error", "sign"),
    [
        (TransportError("nobody takes the connection"), ChannelSign.SILENT),
        (TransportError("no answer in time", outcome_unknown=True), ChannelSign.SILENT),
        (TransportError("answered 503", status=503, retry_after=60), ChannelSign.SILENT),
        (TransportError("answered 429", status=429, retry_after=60), ChannelSign.ANSWERS),
        (TransportError("answered 422", status=422, permanent=True), ChannelSign.ANSWERS),
        (TransportError("answered 302", status=302), ChannelSign.ANSWERS),
        (TransportError("answered 401", status=401, needs=ChannelNeed.AUTHORISATION), ChannelSign.NOTHING),
        (TransportError("its address may not be called", permanent=True), ChannelSign.NOTHING),
        (TransportError("no picture", sign=ChannelSign.NOTHING), ChannelSign.NOTHING),
    ],
)
def test_what_each_failure_says_of_the_channel(error: TransportError, sign: ChannelSign) -> None:
    assert error.sign is sign
