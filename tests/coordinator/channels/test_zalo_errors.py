"""Zalo's error codes mean what the documented table says, and waiting ends when it should."""

from datetime import UTC, datetime, time

import pytest

from campaigns.publishing.transport import Needs, TransportError
from coordinator.channels.zalo_errors import error_for, seconds_until
from tests.coordinator.channels.fakes import MORNING


def meaning(code: int, *, repeatable: bool = False, now: datetime = MORNING) -> TransportError:
    return error_for(code, "words of the platform", repeatable=repeatable, now=now)


@pytest.mark.parametrize("code", [-216, -220, -124])
def test_a_refused_token_needs_a_new_grant(code: int) -> None:
    error = meaning(code)
    assert error.needs is Needs.AUTHORISATION
    assert not error.outcome_unknown


def test_too_many_requests_wait_a_minute() -> None:
    assert meaning(-32).retry_after == 60


@pytest.mark.parametrize("code", [-211, -218])
def test_a_used_up_quota_waits_for_the_citys_next_day(code: int) -> None:
    error = meaning(code)
    assert not error.permanent
    assert error.retry_after == 16 * 3600  # from 08:00 to midnight


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 24, 15, 30, tzinfo=UTC), 7.5),  # 22:30 in the city
        (datetime(2026, 11, 24, 22, 59, tzinfo=UTC), 1 / 60),  # 05:59
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), 24.0),  # 06:00 sharp: the next one, never 0
    ],
)
def test_the_night_ban_ends_at_six_in_the_city(now: datetime, hours: float) -> None:
    assert meaning(-234, now=now).retry_after == pytest.approx(hours * 3600)
    assert seconds_until(time(6, 0), now) > 0


@pytest.mark.parametrize(
    "code",
    [
        *(-200, -201, -202, -210, -233),
        *(-204, -205, -207, -208, -212, -215, -219, -221, -223, -224, -235),
        *(-213, -217, -227, -230, -232, -244),
        *(-209, -240, -248, -242),
        *(-305, -311, -320, -321),
    ],
)
def test_refusals_for_good_are_permanent_and_not_in_doubt(code: int) -> None:
    error = meaning(code)
    assert error.permanent
    assert not error.outcome_unknown
    assert str(code) in str(error)
    assert "words of the platform" in str(error)


@pytest.mark.parametrize("code", [-1, -999, -300])
def test_a_code_nobody_documents_leaves_the_outcome_open_unless_a_repeat_is_harmless(code: int) -> None:
    assert meaning(code).outcome_unknown
    assert not meaning(code).permanent
    assert not meaning(code, repeatable=True).outcome_unknown


def test_endless_words_are_shortened() -> None:
    assert len(str(error_for(-201, "x" * 9000, repeatable=True, now=MORNING))) < 500
