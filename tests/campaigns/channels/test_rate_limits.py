"""The token bucket, and the valid limits."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.channels.rate_limits import RateLimit, limit_errors, next_token_at
from tests.factories import NOW


def _sent(limits: RateLimit, steps: list[float], *, late: bool = False) -> list[datetime]:
    """When a sender that tries after each of these steps (seconds) is let through."""
    now, free_at, sent = NOW, None, []
    for step in steps:
        now += timedelta(seconds=step)
        if free_at is None or free_at <= now:
            free_at = next_token_at(limits, free_at, late=late, now=now)
            sent.append(now)
    return sent


@given(
    st.integers(1, 600), st.integers(1, 40), st.booleans(),
    st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200), st.floats(0.1, 300),
)  # fmt: skip
def test_no_window_ever_holds_more_than_the_burst_and_what_its_time_earned(
    rate: int, burst: int, late: bool, steps: list[float], window: float
) -> None:
    sent = _sent(RateLimit(rate, burst), steps, late=late)
    most = (1 if late else burst) + rate * window / 60
    for number, first in enumerate(sent):
        within = [moment for moment in sent[number:] if (moment - first).total_seconds() < window]
        assert len(within) <= most + 1e-3


def test_after_a_rest_the_whole_burst_goes_at_a_stroke_and_then_one_at_a_time() -> None:
    assert len(_sent(RateLimit(60, 5), [0.0] * 20)) == 5
    assert len(_sent(RateLimit(60, 5), [0.0] * 20 + [1.0] * 3)) == 8


def test_what_is_late_goes_evenly_from_the_first() -> None:
    assert len(_sent(RateLimit(60, 5), [0.0] * 20, late=True)) == 1
    assert len(_sent(RateLimit(60, 5), [0.5] * 20, late=True)) == 10


def test_without_a_rate_nobody_waits() -> None:
    assert next_token_at(RateLimit(), NOW, late=True, now=NOW) is None
    assert len(_sent(RateLimit(), [0.0] * 20)) == 20


@pytest.mark.parametrize(
    ("rate", "burst", "at_once", "parallel", "wrong"),
    [
        (None, None, None, False, []),
        (1, 1, 1, False, []),
        (6000, 1000, 16, True, []),
        (0, None, None, True, ["limits.rate"]),
        (6001, -1, 17, True, ["limits.rate", "limits.burst", "limits.at_once"]),
        (None, None, 2, False, ["limits.at_once"]),
    ],
)
def test_limits_are_checked(
    rate: int | None, burst: int | None, at_once: int | None, parallel: bool, wrong: list[str]
) -> None:
    assert [error.field for error in limit_errors(rate, burst, at_once, parallel=parallel)] == wrong
