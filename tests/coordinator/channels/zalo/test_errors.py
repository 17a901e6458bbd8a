"""Zalo's error codes mean what the documented table says, and waiting ends when it should."""

from datetime import UTC, datetime, time

import pytest

from campaigns.channels.transport import ChannelNeed, TransportError
from coordinator.channels.zalo.errors import CODES, ErrorMeaning, error_for, meaning_of, seconds_until
from tests.coordinator.channels.fakes import MORNING


def meaning(code: int, *, repeatable: bool = False, now: datetime = MORNING) -> TransportError:
    return error_for(code, "words of the platform", repeatable=repeatable, now=now)


@pytest.mark.parametrize("code", [-216, -220, -124])
def test_a_refused_token_needs_a_new_grant(code: int) -> None:
    error = meaning(code)
    assert error.needs is ChannelNeed.AUTHORISATION
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


HOUR = 3600.0
GRANT, NOTHING = ChannelNeed.AUTHORISATION, ChannelNeed.NOTHING

# Every code of the documented table: its sense, whether it is for good, what it needs, how long it waits (at 08:00).
TABLE = [
    (-32, ErrorMeaning.TOO_FAST, False, NOTHING, 60.0),
    (-214, ErrorMeaning.PROCESSING, False, NOTHING, None),
    (-216, ErrorMeaning.TOKEN, False, GRANT, None),
    (-220, ErrorMeaning.TOKEN, False, GRANT, None),
    (-124, ErrorMeaning.TOKEN, False, GRANT, None),
    (-211, ErrorMeaning.QUOTA, False, NOTHING, 16 * HOUR),
    (-218, ErrorMeaning.RECIPIENTS_QUOTA, False, NOTHING, 16 * HOUR),
    (-200, ErrorMeaning.REQUEST, True, NOTHING, None),
    (-201, ErrorMeaning.REQUEST, True, NOTHING, None),
    (-202, ErrorMeaning.REQUEST, True, NOTHING, None),
    (-210, ErrorMeaning.REQUEST, True, NOTHING, None),
    (-233, ErrorMeaning.REQUEST, True, NOTHING, None),
    (-204, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-205, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-207, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-208, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-212, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-215, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-219, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-221, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-223, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-224, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-235, ErrorMeaning.ENTITLEMENT, True, NOTHING, None),
    (-213, ErrorMeaning.RECIPIENT, True, NOTHING, None),
    (-217, ErrorMeaning.RECIPIENT, True, NOTHING, None),
    (-227, ErrorMeaning.RECIPIENT, True, NOTHING, None),
    (-230, ErrorMeaning.RECIPIENT, True, NOTHING, None),
    (-232, ErrorMeaning.RECIPIENT, True, NOTHING, None),
    (-244, ErrorMeaning.RECIPIENT, True, NOTHING, None),
    (-209, ErrorMeaning.SHUT_DOWN, True, NOTHING, None),
    (-240, ErrorMeaning.SHUT_DOWN, True, NOTHING, None),
    (-234, ErrorMeaning.NIGHT, False, NOTHING, 22 * HOUR),
    (-248, ErrorMeaning.STANDARDS, True, NOTHING, None),
    (-305, ErrorMeaning.WINDOW, True, NOTHING, None),
    (-311, ErrorMeaning.REPLIES, True, NOTHING, None),
    (-320, ErrorMeaning.UNLINKED, True, NOTHING, None),
    (-321, ErrorMeaning.MONEY, True, NOTHING, None),
    (-242, ErrorMeaning.PROOF, True, NOTHING, None),
]


@pytest.mark.parametrize(("code", "sense", "permanent", "needs", "waits"), TABLE)
def test_every_documented_code_means_what_the_table_says(
    code: int, sense: ErrorMeaning, permanent: bool, needs: ChannelNeed, waits: float | None
) -> None:
    error = meaning(code)
    assert (CODES[code], error.permanent, error.needs, error.retry_after) == (sense, permanent, needs, waits)
    assert error.outcome_unknown is (code == -214)
    assert meaning_of(str(error)) == (code, sense)


def test_the_table_of_this_test_is_the_whole_table() -> None:
    assert [code for code, *_ in TABLE] == list(dict.fromkeys(code for code, *_ in TABLE))
    assert {code for code, *_ in TABLE} == set(CODES)
    assert set(CODES.values()) | {ErrorMeaning.PICTURES} == set(ErrorMeaning), "this one has no code of its own"


def test_a_code_is_read_only_where_it_is_what_the_error_is_about() -> None:
    assert meaning_of("Zalo error -777 (odd)") == (-777, None)
    assert meaning_of("answered 500: Zalo error -201") is None
    assert meaning_of("") is None
