"""How a licence or an agreement stands on a day, in the words of the table of states (``validity``)."""

from collections.abc import Iterable
from datetime import date

from campaigns.partners.ending import SOON

# From best to worst: whoever holds one that is good is covered, whatever else has run out.
ORDER = ("valid", "ending", "future", "ended")


def validity_of(starts_on: date, ends_on: date | None, today: date) -> str:
    """``future``, ``ended``, ``ending`` (within ``SOON``) or ``valid``."""
    if starts_on > today:
        return "future"
    if ends_on is None:
        return "valid"
    if ends_on < today:
        return "ended"
    return "ending" if ends_on - today <= SOON else "valid"


def best_of(spans: Iterable[tuple[date, date | None]], today: date) -> str | None:
    """The best standing among several; None when there is none at all."""
    found = {validity_of(first, last, today) for first, last in spans}
    return next((one for one in ORDER if one in found), None)
