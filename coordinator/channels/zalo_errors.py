"""What Zalo's error codes mean for a delivery. Zalo answers HTTP 200 to errors too; the code is in the body.

Source: the code lists that integrations in use agree on. A code that is not listed is treated as "nobody can tell".
"""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import Enum
from types import MappingProxyType

from campaigns.core.clock import CITY
from campaigns.publishing.transport import Needs, Sign, TransportError
from coordinator.channels.calls import shorten


class Sense(Enum):
    """What a code is about; the desk has a sentence and a piece of advice for each."""

    TOO_FAST = "too_fast"  # too many requests of the application in a minute
    PROCESSING = "processing"  # an article or its pictures are still being worked on
    TOKEN = "token"  # noqa: S105  # the access token is invalid, expired or withdrawn: a name, not a secret
    QUOTA = "quota"  # of the account
    RECIPIENTS_QUOTA = "recipients_quota"  # what one follower may be sent
    REQUEST = "request"  # a field of the request is wrong
    ENTITLEMENT = "entitlement"  # account gone, unverified, of the wrong type or package; application not entitled
    RECIPIENT = "recipient"  # somebody does not follow, has blocked, …: nothing an article could meet
    SHUT_DOWN = "shut_down"  # the interface is no longer, or not, supported
    NIGHT = "night"  # nothing is sent to followers at night
    STANDARDS = "standards"  # held to violate the platform's standards
    WINDOW = "window"  # outside the 48 hours in which a follower may be answered
    REPLIES = "replies"  # the answers within that window are used up
    UNLINKED = "unlinked"  # the account is linked to no Zalo Cloud account
    MONEY = "money"  # the Zalo Cloud account has no money left
    PROOF = "proof"  # the application asks for an appsecret_proof


CODES: Mapping[int, Sense] = MappingProxyType(
    {
        -32: Sense.TOO_FAST,
        -214: Sense.PROCESSING,
        **dict.fromkeys((-216, -220, -124), Sense.TOKEN),
        -211: Sense.QUOTA,
        -218: Sense.RECIPIENTS_QUOTA,
        **dict.fromkeys((-200, -201, -202, -210, -233), Sense.REQUEST),
        **dict.fromkeys(
            (-204, -205, -207, -208, -212, -215, -219, -221, -223, -224, -235),
            Sense.ENTITLEMENT,
        ),
        **dict.fromkeys((-213, -217, -227, -230, -232, -244), Sense.RECIPIENT),
        **dict.fromkeys((-209, -240), Sense.SHUT_DOWN),
        -234: Sense.NIGHT,
        -248: Sense.STANDARDS,
        -305: Sense.WINDOW,
        -311: Sense.REPLIES,
        -320: Sense.UNLINKED,
        -321: Sense.MONEY,
        -242: Sense.PROOF,
    }
)

TOO_FAST, PROCESSING = -32, -214
TOO_FAST_WAIT = 60.0  # seconds: the limit is counted by the minute
NIGHT_BEGINS, NIGHT_ENDS = time(22, 0), time(6, 0)  # in the city's zone
TOKEN_REFUSED = frozenset(code for code, sense in CODES.items() if sense is Sense.TOKEN)
# Answers about the article itself, not about the asking; -200 is about the token that is asked with.
ARTICLE_REFUSED = frozenset(
    code for code, sense in CODES.items() if sense in {Sense.REQUEST, Sense.STANDARDS} and code != -200
)

ANSWERED = Sign.ANSWERS  # a code that is known is an answer, though its HTTP status is never told

_FOR_GOOD: Mapping[Sense, str] = {
    Sense.REQUEST: "the request was refused",
    Sense.ENTITLEMENT: "the application or account is not entitled; an administrator must look at it",
    Sense.RECIPIENT: "refused on the recipient's side",
    Sense.SHUT_DOWN: "this interface has been shut down; an administrator must look at it",
    Sense.STANDARDS: "held to violate the platform's standards; an editor must look at it",
    Sense.WINDOW: "outside the time in which followers may be answered",
    Sense.REPLIES: "the answers a follower may be sent are used up",
    Sense.UNLINKED: "the account is linked to no Zalo Cloud account",
    Sense.MONEY: "the balance of the account forbids it",
    Sense.PROOF: "the application asks for an appsecret_proof; switch that off in its settings",
}
_TOLD = re.compile(r"Zalo error (-[0-9]{1,6})\b")


def error_for(code: int, said: str, *, repeatable: bool, now: datetime) -> TransportError:
    """The error for one code. ``said``: Zalo's own words. ``repeatable``: doing the same again would do no harm.

    ``now`` is needed where waiting has an end: a used-up quota waits for the city's next day, the night ban for 06:00.
    """
    words = f"Zalo error {code}" + (f" ({shorten(said)})" if said.strip() else "")
    match CODES.get(code):
        case Sense.TOKEN:
            return TransportError(f"{words}: access must be granted again", needs=Needs.AUTHORISATION)
        case Sense.TOO_FAST:
            return TransportError(f"{words}: too many requests in a minute", retry_after=TOO_FAST_WAIT, sign=ANSWERED)
        case Sense.PROCESSING:
            # Said to a question it means "wait"; said to a new article nobody documents what became of it.
            return TransportError(f"{words}: still being processed", outcome_unknown=not repeatable, sign=ANSWERED)
        case Sense.QUOTA | Sense.RECIPIENTS_QUOTA:
            wait = seconds_until(time(0, 0), now)
            return TransportError(f"{words}: the quota is used up", retry_after=wait, sign=ANSWERED)
        case Sense.NIGHT:
            wait = seconds_until(NIGHT_ENDS, now)
            return TransportError(f"{words}: nothing is sent at night", retry_after=wait, sign=ANSWERED)
        case None:
            return TransportError(words, outcome_unknown=not repeatable)
        case sense:
            return TransportError(f"{words}: {_FOR_GOOD[sense]}", permanent=True, sign=ANSWERED)


def sense_told(error: str) -> tuple[int, Sense | None] | None:
    """The code that an error of ``error_for`` tells of, and its sense if it has one; None for any other error."""
    found = _TOLD.match(error)
    return None if found is None else (int(found[1]), CODES.get(int(found[1])))


def seconds_until(clock: time, now: datetime) -> float:
    """Seconds from ``now`` to the next moment the city's clocks show ``clock``; never 0."""
    here = now.astimezone(CITY)
    then = datetime.combine(here.date(), clock, CITY)
    if then <= here:
        then += timedelta(days=1)
    return (then - here).total_seconds()
