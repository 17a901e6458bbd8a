"""Moments as feeds and HTTP write them."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from campaigns.core.clock import CITY

_SECOND = timedelta(seconds=1)


def rfc822(moment: datetime) -> str:
    """``Tue, 24 Nov 2026 07:30:00 +0700``, in the city's zone."""
    return format_datetime(moment.astimezone(CITY))


def rfc3339(moment: datetime) -> str:
    """``2026-11-24T07:30:00+07:00``, in the city's zone; with microseconds when there are any.

    They are kept so that a correction within the same second still raises a date that readers compare.
    """
    return moment.astimezone(CITY).isoformat()


def http_date(moment: datetime) -> str:
    """``Tue, 24 Nov 2026 00:30:00 GMT`` (RFC 9110, 5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """The moment in a date header, in any of the three forms of RFC 9110; None when it is none of them."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # Two of the three forms are in GMT without saying so.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def last_modified(changed_at: datetime, now: datetime) -> datetime:
    """The moment to tell in ``Last-Modified``: whole seconds, and one less while that second is not yet over.

    Something may still change within this second, and a reader who had been told it would never notice. RFC 9110,
    8.8.2.2 calls such a date weak for this reason; telling the second before costs one more full reply at most.
    """
    second = changed_at.replace(microsecond=0)
    return second - _SECOND if now - second < _SECOND else second
