"""The first appearance of a copy: the plausibility of a page's own time."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.republications.republications import first_appearance

RELEASED = datetime(2026, 11, 24, 0, 30, 20, tzinfo=UTC)
SEEN = RELEASED + timedelta(hours=3)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (timedelta(minutes=12), timedelta(minutes=12)),
        (timedelta(seconds=-20), timedelta(0)),  # "07:30", truncated within the minute of the release
        (timedelta(seconds=-60), timedelta(hours=3)),
        (timedelta(hours=-5), timedelta(hours=3)),
        (timedelta(hours=3, minutes=4), timedelta(hours=3, minutes=4)),  # a clock that is slightly fast
        (timedelta(hours=3, minutes=6), timedelta(hours=3)),
        (None, timedelta(hours=3)),
    ],
)
def test_a_pages_own_time_is_taken_between_the_minute_of_our_release_and_our_first_look(
    offset: timedelta | None, expected: timedelta
) -> None:
    published = RELEASED + offset if offset is not None else None
    assert first_appearance(published, RELEASED, SEEN) == RELEASED + expected


def test_without_a_release_only_our_first_look_is_believed() -> None:
    assert first_appearance(RELEASED, None, SEEN) == SEEN
