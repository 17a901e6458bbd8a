"""The meaning of Zalo's error codes for a delivery. Zalo answers errors with HTTP 200; the code is in the body.

Source: the code lists that integrations in use agree on. A code that is not listed has an unknown outcome.
"""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import Enum
from types import MappingProxyType

from campaigns.channels.transport import ChannelNeed, ChannelSign, TransportError
from campaigns.core.clock import CITY
from coordinator.channels.http_calls import shorten


class ErrorMeaning(Enum):
    """The meaning of a code; the desk has a message and advice for each."""

    TOO_FAST = "too_fast"  # too many requests by the application in a minute
    PROCESSING = "processing"  # an article or its pictures are still being processed
    TOKEN = "token"  # noqa: S105  # the access token is invalid, expired or withdrawn: a name, not a secret
    QUOTA = "quota"  # the account's quota is used up
    RECIPIENTS_QUOTA = "recipients_quota"  # the quota for one follower is used up
    REQUEST = "request"  # a field of the request is wrong
    PICTURES = "pictures"  # no article was made, most often because a picture could not be fetched
    ENTITLEMENT = "entitlement"  # account gone, unverified, of the wrong type or package; application not entitled
    RECIPIENT = "recipient"  # a recipient does not follow, has blocked, …: does not occur for articles
    SHUT_DOWN = "shut_down"  # the API is not, or no longer, supported
    NIGHT = "night"  # nothing is sent to followers at night
    STANDARDS = "standards"  # the platform's standards are violated
    WINDOW = "window"  # outside the 48 hours in which a follower may be answered
    REPLIES = "replies"  # the answers within that window are used up
    UNLINKED = "unlinked"  # the account is linked to no Zalo Cloud account
    MONEY = "money"  # the Zalo Cloud account has no money left
    PROOF = "proof"  # the application asks for an appsecret_proof


CODES: Mapping[int, ErrorMeaning] = MappingProxyType(
    {
        -32: ErrorMeaning.TOO_FAST,
        -214: ErrorMeaning.PROCESSING,
        **dict.fromkeys((-216, -220, -124), ErrorMeaning.TOKEN),
        -211: ErrorMeaning.QUOTA,
        -218: ErrorMeaning.RECIPIENTS_QUOTA,
        # Of these -200 means something else when an article is asked about: ``picture_error``.
        **dict.fromkeys((-200, -201, -202, -210, -233), ErrorMeaning.REQUEST),
        **dict.fromkeys(
            (-204, -205, -207, -208, -212, -215, -219, -221, -223, -224, -235),
            ErrorMeaning.ENTITLEMENT,
        ),
        **dict.fromkeys((-213, -217, -227, -230, -232, -244), ErrorMeaning.RECIPIENT),
        **dict.fromkeys((-209, -240), ErrorMeaning.SHUT_DOWN),
        -234: ErrorMeaning.NIGHT,
        -248: ErrorMeaning.STANDARDS,
        -305: ErrorMeaning.WINDOW,
        -311: ErrorMeaning.REPLIES,
        -320: ErrorMeaning.UNLINKED,
        -321: ErrorMeaning.MONEY,
        -242: ErrorMeaning.PROOF,
    }
)

TOO_FAST, PROCESSING = -32, -214
TOO_FAST_WAIT = 60.0  # seconds: the limit is counted by the minute
NIGHT_BEGINS, NIGHT_ENDS = time(22, 0), time(6, 0)  # in the city's zone
TOKEN_REFUSED = frozenset(code for code, sense in CODES.items() if sense is ErrorMeaning.TOKEN)
# From a lookup: Zalo made no article, most often because it could not fetch the cover. ``jobs/delivery/deliveries.py``
# sends it again without pictures (``picture_error``).
CREATE_FAILED_CODE = -200
# Codes about the article itself, not about the lookup.
ARTICLE_REFUSED = frozenset(
    code
    for code, sense in CODES.items()
    if sense in {ErrorMeaning.REQUEST, ErrorMeaning.STANDARDS} and code != CREATE_FAILED_CODE
)
# In Zalo's message about a refused request, where it is about a picture.
_PICTURE_WORDS = re.compile(r"cover|photo|image|picture|thumb|ảnh", re.IGNORECASE)

ANSWERED = ChannelSign.ANSWERS  # a known code shows that the channel answers, although its HTTP status is not recorded

_PERMANENT: Mapping[ErrorMeaning, str] = {
    ErrorMeaning.REQUEST: "the request was refused",
    ErrorMeaning.ENTITLEMENT: "the application or account is not entitled; an administrator must look at it",
    ErrorMeaning.RECIPIENT: "refused on the recipient's side",
    ErrorMeaning.SHUT_DOWN: "this interface has been shut down; an administrator must look at it",
    ErrorMeaning.STANDARDS: "held to violate the platform's standards; an editor must look at it",
    ErrorMeaning.WINDOW: "outside the time in which followers may be answered",
    ErrorMeaning.REPLIES: "the answers a follower may be sent are used up",
    ErrorMeaning.UNLINKED: "the account is linked to no Zalo Cloud account",
    ErrorMeaning.MONEY: "the balance of the account forbids it",
    ErrorMeaning.PROOF: "the application asks for an appsecret_proof; switch that off in its settings",
}
# The part of ``picture_error``'s message by which ``meaning_of`` distinguishes it from the same code elsewhere.
PICTURES_REFUSED_MARK = "no article was made"
_MESSAGE_PATTERN = re.compile(r"Zalo error (-[0-9]{1,6})\b")


def error_for(code: int, text: str, *, repeatable: bool, now: datetime) -> TransportError:
    """Return the error for one code. ``text``: Zalo's message. ``repeatable``: a repetition would do no harm.

    ``now`` is needed for a wait with an end: a used-up quota waits for the city's next day, the night ban for 06:00.
    """
    words = f"Zalo error {code}" + (f" ({shorten(text)})" if text.strip() else "")
    match CODES.get(code):
        case ErrorMeaning.TOKEN:
            return TransportError(f"{words}: access must be granted again", needs=ChannelNeed.AUTHORISATION)
        case ErrorMeaning.TOO_FAST:
            return TransportError(f"{words}: too many requests in a minute", retry_after=TOO_FAST_WAIT, sign=ANSWERED)
        case ErrorMeaning.PROCESSING:
            # For a lookup it means "wait"; for a new article the outcome is not documented.
            return TransportError(f"{words}: still being processed", outcome_unknown=not repeatable, sign=ANSWERED)
        case ErrorMeaning.QUOTA | ErrorMeaning.RECIPIENTS_QUOTA:
            wait = seconds_until(time(0, 0), now)
            return TransportError(f"{words}: the quota is used up", retry_after=wait, sign=ANSWERED)
        case ErrorMeaning.NIGHT:
            wait = seconds_until(NIGHT_ENDS, now)
            return TransportError(f"{words}: nothing is sent at night", retry_after=wait, sign=ANSWERED)
        case None:
            return TransportError(words, outcome_unknown=not repeatable)
        case sense:
            return TransportError(f"{words}: {_PERMANENT[sense]}", permanent=True, sign=ANSWERED)


def picture_error(code: int, text: str, wait: float) -> TransportError:
    """Return the error of an article that was not made, most often because of a picture. ``wait``: seconds after which
    an article that was made all the same is in the list."""
    words = f"Zalo error {code}" + (f" ({shorten(text)})" if text.strip() else "")
    message = f"{words}: {PICTURES_REFUSED_MARK}, most often a picture could not be fetched"
    return TransportError(message, permanent=True, retry_after=wait, sign=ANSWERED, pictures_refused=True)


def is_about_picture(code: int, text: str) -> bool:
    """Whether a refusal of a new article names a picture."""
    return CODES.get(code) is ErrorMeaning.REQUEST and _PICTURE_WORDS.search(text) is not None


def meaning_of(error: str) -> tuple[int, ErrorMeaning | None] | None:
    """Return the code in an error of ``error_for``, and its meaning if it has one; None for any other error."""
    found = _MESSAGE_PATTERN.match(error)
    if found is None:
        return None
    return int(found[1]), ErrorMeaning.PICTURES if PICTURES_REFUSED_MARK in error else CODES.get(int(found[1]))


def seconds_until(clock: time, now: datetime) -> float:
    """Return the seconds from ``now`` to the next time that it is ``clock`` in the city; never 0."""
    here = now.astimezone(CITY)
    then = datetime.combine(here.date(), clock, CITY)
    if then <= here:
        then += timedelta(days=1)
    return (then - here).total_seconds()
