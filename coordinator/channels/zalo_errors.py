"""What Zalo's error codes mean for a delivery. Zalo answers HTTP 200 to errors too; the code is in the body.

Source: the code lists that integrations in use agree on. A code that is not listed is treated as "nobody can tell".
"""

from datetime import datetime, time, timedelta

from campaigns.core.clock import CITY
from campaigns.publishing.transport import Needs, Sign, TransportError
from coordinator.channels.calls import shorten

PROCESSING = -214  # the article is still being worked on
TOKEN_REFUSED = frozenset({-216, -220, -124})  # invalid, expired or withdrawn access token

TOO_FAST = -32
TOO_FAST_WAIT = 60.0  # seconds: the limit is counted by the minute
QUOTA_USED = frozenset({-211, -218})
NIGHT_BAN = -234
NIGHT_ENDS = time(6, 0)  # in the city's zone

BAD_REQUEST = frozenset({-200, -201, -202, -210, -233})
ARTICLE_REFUSED = frozenset({-201, -202, -210, -233, -248})  # an answer about the article itself, not about the asking
NOT_ENTITLED = frozenset({-204, -205, -207, -208, -212, -215, -219, -221, -223, -224, -235})
RECIPIENT_SIDE = frozenset({-213, -217, -227, -230, -232, -244})
SHUT_DOWN = frozenset({-209, -240})
AGAINST_STANDARDS = -248
ACCOUNT_LIMITS = frozenset({-305, -311, -320, -321})
BAD_PROOF = -242  # the application asks for an appsecret_proof

ANSWERED = Sign.ANSWERS  # a code that is known is an answer, though its HTTP status is never told

_FOR_GOOD = {
    **dict.fromkeys(BAD_REQUEST, "the request was refused"),
    **dict.fromkeys(NOT_ENTITLED, "the application or account is not entitled; an administrator must look at it"),
    **dict.fromkeys(RECIPIENT_SIDE, "refused on the recipient's side"),
    **dict.fromkeys(SHUT_DOWN, "this interface has been shut down; an administrator must look at it"),
    **dict.fromkeys(ACCOUNT_LIMITS, "a limit or the balance of the account forbids it"),
    AGAINST_STANDARDS: "held to violate the platform's standards; an editor must look at it",
    BAD_PROOF: "the application asks for an appsecret_proof; switch that off in its settings",
}


def error_for(code: int, said: str, *, repeatable: bool, now: datetime) -> TransportError:
    """The error for one code. ``said``: Zalo's own words. ``repeatable``: doing the same again would do no harm.

    ``now`` is needed where waiting has an end: a used-up quota waits for the city's next day, the night ban for 06:00.
    """
    words = f"Zalo error {code}" + (f" ({shorten(said)})" if said.strip() else "")
    if code in TOKEN_REFUSED:
        return TransportError(f"{words}: access must be granted again", needs=Needs.AUTHORISATION)
    if code == TOO_FAST:
        return TransportError(f"{words}: too many requests in a minute", retry_after=TOO_FAST_WAIT, sign=ANSWERED)
    if code == PROCESSING:
        return TransportError(f"{words}: still being processed", sign=ANSWERED)
    if code in QUOTA_USED:
        wait = seconds_until(time(0, 0), now)
        return TransportError(f"{words}: the quota is used up", retry_after=wait, sign=ANSWERED)
    if code == NIGHT_BAN:
        wait = seconds_until(NIGHT_ENDS, now)
        return TransportError(f"{words}: nothing is sent at night", retry_after=wait, sign=ANSWERED)
    if code in _FOR_GOOD:
        return TransportError(f"{words}: {_FOR_GOOD[code]}", permanent=True, sign=ANSWERED)
    return TransportError(words, outcome_unknown=not repeatable)


def seconds_until(clock: time, now: datetime) -> float:
    """Seconds from ``now`` to the next moment the city's clocks show ``clock``; never 0."""
    here = now.astimezone(CITY)
    then = datetime.combine(here.date(), clock, CITY)
    if then <= here:
        then += timedelta(days=1)
    return (then - here).total_seconds()
