"""What does not go out by itself any more because its time is over: a person is asked instead. Pure.

Nothing comes to this while the product, the channel and the people work; it follows from hours in which one of them did
not. Corrections and recalls of what a channel has are never held: they are wanted all the more.
"""

from datetime import date, datetime, timedelta

from campaigns.core.clock import city_day
from campaigns.publishing.transport import Act, Capabilities

LETTERS_UNTIL = timedelta(hours=12)  # how old news may be that nobody can take back
SERIES_UNTIL = timedelta(hours=2)  # so that what falls due just before midnight goes out just after it


def held(
    act: Act,
    capabilities: Capabilities,
    wanted_at: datetime,
    *,
    tried: bool,
    series_day: date | None,
    now: datetime,
) -> str:
    """Why a delivery waits for a person, one of ``outbox.HELD``; empty = it goes.

    ``wanted_at``: when it was released, written, or last let go by a person, whichever is the latest. ``tried``:
    whether it was tried before. ``series_day``: the day of a series that its bulletin fills.
    """
    if act is not Act.PUBLISH:
        return ""
    if capabilities.irreversible and now - wanted_at > LETTERS_UNTIL:
        return "late"
    passed = series_day is not None and series_day < city_day(now)
    return "day_passed" if passed and not tried and now - wanted_at > SERIES_UNTIL else ""
