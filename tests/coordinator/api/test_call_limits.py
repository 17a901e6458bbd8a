"""A key that calls too often is told so, and every answer says how many calls are left."""

from datetime import timedelta

import pytest

from coordinator.api.call_limits import CallCounter
from coordinator.api.problems import RequestRefused
from tests.coordinator.api.conftest import ApiHarness
from tests.factories import NOW


def test_every_answer_to_a_valid_key_says_where_it_stands(world: ApiHarness) -> None:
    caller = world.caller("writer")
    first, second, unknown = caller.get("/topics"), caller.get("/topics"), caller.get("/bulletins/x")
    assert first.headers["RateLimit-Limit"] == "30000"
    left = [int(answer.headers["RateLimit-Remaining"]) for answer in (first, second, unknown)]
    assert left[0] - left[1] == left[1] - left[2] == 1
    assert 1 <= int(first.headers["RateLimit-Reset"]) <= 60
    assert "RateLimit-Limit" not in world.app.test_client().get("/api/v1/topics").headers


def test_beyond_the_calls_of_a_minute_a_key_waits_and_others_do_not() -> None:
    counter = CallCounter()
    start = NOW.replace(second=10, microsecond=0)
    assert [counter.count(1, limit=2, now=start).remaining for _ in range(2)] == [1, 0]
    with pytest.raises(RequestRefused) as refused:
        counter.count(1, limit=2, now=start + timedelta(seconds=20))
    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == "30"
    assert refused.value.headers["RateLimit-Remaining"] == "0"
    assert counter.count(2, limit=2, now=start).remaining == 1
    assert counter.count(1, limit=2, now=start + timedelta(seconds=50)).remaining == 1
