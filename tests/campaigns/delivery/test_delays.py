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
        (DeliveryAct.PUBLISH, OTHER, 24, False, None, ""),
        (DeliveryAct.PUBLISH, OTHER, 24.1, False, None, "overdue"),
        (DeliveryAct.PUBLISH, OTHER, 24 * 84, True, None, "overdue"),
        (DeliveryAct.CORRECT, OTHER, 240, False, None, ""),
        (DeliveryAct.CORRECT, LETTER, 240, False, None, ""),
        (DeliveryAct.RECALL, LETTER, 240, False, YESTERDAY, ""),
        (DeliveryAct.PUBLISH, OTHER, 7, False, TODAY, ""),
        (DeliveryAct.PUBLISH, OTHER, 14, False, YESTERDAY, "day_passed"),
        (DeliveryAct.PUBLISH, OTHER, 14, True, YESTERDAY, ""),
        (DeliveryAct.PUBLISH, OTHER, 1.9, False, YESTERDAY, ""),
    ],
)
def test_old_letters_what_was_due_for_a_day_and_passed_days_of_series_ask_a_person(
    act: DeliveryAct, can: Capabilities, hours: float, tried: bool, day: date | None, why: str
) -> None:
    wanted = NOW - timedelta(hours=hours)
    assert hold_reason(act, can, wanted, due_since=wanted, tried=tried, series_day=day, now=NOW) == why


def test_a_delivery_whose_retry_falls_due_now_is_sent_however_old_its_bulletin_is() -> None:
    wanted = NOW - timedelta(days=3)
    assert hold_reason(DeliveryAct.PUBLISH, OTHER, wanted, due_since=NOW, tried=True, series_day=None, now=NOW) == ""
