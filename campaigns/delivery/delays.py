"""The rules for late deliveries, which are not sent without a person's decision. Pure functions.

A delivery is late only after hours in which the product, the channel or the staff did not work. Corrections and recalls
of a delivered text are never held back. ``backlog`` decides on all late deliveries of a channel at once.
"""

from datetime import date, datetime, timedelta

from campaigns.channels.transport import Capabilities, DeliveryAct
from campaigns.core.clock import city_day

OVERDUE_AFTER = timedelta(hours=24)  # how long a message may have been due and is still sent without a decision
IRREVERSIBLE_UNTIL = timedelta(hours=12)  # the largest age of a message that cannot be withdrawn
SERIES_UNTIL = timedelta(hours=2)  # so that a message that is due just before midnight is sent just after it


def hold_reason(
    act: DeliveryAct,
    capabilities: Capabilities,
    wanted_at: datetime,
    *,
    due_since: datetime,
    tried: bool,
    series_day: date | None,
    now: datetime,
) -> str:
    """Return why a delivery waits for a person, one of ``outbox.HOLD_REASONS``; empty = it is sent.

    ``wanted_at``: when it was released, written, or last approved by a person, whichever is the latest. ``due_since``:
    since when it could have been sent, by its schedule of retries or by a person's decision. ``tried``: whether it was
    tried before. ``series_day``: the day of the series that its bulletin belongs to.
    """
    if act is not DeliveryAct.PUBLISH:
        return ""
    if capabilities.irreversible and now - wanted_at > IRREVERSIBLE_UNTIL:
        return "late"
    passed = series_day is not None and series_day < city_day(now)
    if passed and not tried and now - wanted_at > SERIES_UNTIL:
        return "day_passed"
    return "overdue" if now - due_since > OVERDUE_AFTER else ""
