"""What does not go out by itself any more."""

from datetime import date, timedelta

import pytest

from campaigns.publishing.lateness import held
from campaigns.publishing.transport import Act, Capabilities
from tests.factories import NOW  # 08:00 in the city, on 24 November

LETTER, OTHER = Capabilities(irreversible=True), Capabilities()
TODAY, YESTERDAY = date(2026, 11, 24), date(2026, 11, 23)


@pytest.mark.parametrize(
    ("act", "can", "hours", "tried", "day", "why"),
    [
        (Act.PUBLISH, LETTER, 12, False, None, ""),
        (Act.PUBLISH, LETTER, 12.1, False, None, "late"),
        (Act.PUBLISH, LETTER, 17.6, True, None, "late"),
        (Act.PUBLISH, OTHER, 240, False, None, ""),
        (Act.CORRECT, LETTER, 240, False, None, ""),
        (Act.RECALL, LETTER, 240, False, YESTERDAY, ""),
        (Act.PUBLISH, OTHER, 7, False, TODAY, ""),
        (Act.PUBLISH, OTHER, 14, False, YESTERDAY, "day_passed"),
        (Act.PUBLISH, OTHER, 14, True, YESTERDAY, ""),
        (Act.PUBLISH, OTHER, 1.9, False, YESTERDAY, ""),
    ],
)
def test_old_letters_and_passed_days_of_series_ask_a_person(
    act: Act, can: Capabilities, hours: float, tried: bool, day: date | None, why: str
) -> None:
    assert held(act, can, NOW - timedelta(hours=hours), tried=tried, series_day=day, now=NOW) == why
