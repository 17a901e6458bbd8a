"""The rules for late deliveries."""

from datetime import date, timedelta

import pytest

from campaigns.channels.transport import Capabilities, DeliveryAct
from campaigns.delivery.delays import hold_reason
from tests.factories import NOW  # 08:00 in the city, on 24 November

LETTER, OTHER = Capabilities(irreversible=True), Capabilities()
TODAY, YESTERDAY = date(2026, 11, 24), date(2026, 11, 23)


@pytest.mark.parametrize(
    ("act", "can", "hours", "tried", "day", "why"),
    [
        (DeliveryAct.PUBLISH, LETTER, 12, False, None, ""),
        (DeliveryAct.PUBLISH, LETTER, 12.1, False, None, "late"),
        (DeliveryAct.PUBLISH, LETTER, 17.6, True, None, "late"),
        (DeliveryAct.PUBLISH, OTHER, 240, False, None, ""),
        (DeliveryAct.CORRECT, LETTER, 240, False, None, ""),
        (DeliveryAct.RECALL, LETTER, 240, False, YESTERDAY, ""),
        (DeliveryAct.PUBLISH, OTHER, 7, False, TODAY, ""),
        (DeliveryAct.PUBLISH, OTHER, 14, False, YESTERDAY, "day_passed"),
        (DeliveryAct.PUBLISH, OTHER, 14, True, YESTERDAY, ""),
        (DeliveryAct.PUBLISH, OTHER, 1.9, False, YESTERDAY, ""),
    ],
)
def test_old_letters_and_passed_days_of_series_ask_a_person(
    act: DeliveryAct, can: Capabilities, hours: float, tried: bool, day: date | None, why: str
) -> None:
    assert hold_reason(act, can, NOW - timedelta(hours=hours), tried=tried, series_day=day, now=NOW) == why
