"""Times as feeds and sitemaps write them: what ``dating`` reads of pages, and the habits that only machines have."""

import re
from datetime import UTC, datetime

from campaigns.tracking import dating

LONGEST = 80  # characters; more is not a time

# 11/24/2026 7:30 AM: software set to American English, which writes the month first. ``dating`` knows seconds too.
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}),? +(\d{1,2}:\d{2} *[AP]M)\b", re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC) ?([+-])(\d{1,2})(?::?(\d{2}))?$", re.IGNORECASE)
_RFC822 = re.compile(r"(?:[A-Za-z]{3}, ?)?\d{1,2} [A-Za-z]{3} \d{2,4}\b")


def read_moment(text: str) -> datetime | None:
    """The moment that ``text`` names, in UTC, or None; a time without a zone is the city's, a day its first minute.

    Reads what ``dating.read_moment`` does, months alone (W3C-DTF), ``GMT+7`` in e-mail dates, and American dates, which
    AM or PM gives away: with it the month comes first, unless that is impossible.
    """
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        return None
    if re.fullmatch(r"\d{4}-\d{2}", text):
        text += "-01"
    elif _RFC822.match(text):
        text = _OFFSET.sub(lambda found: f"{found[1]}{int(found[2]):02d}{found[3] or '00'}", text)
        text = re.sub(r"-0000$", "+0000", text)  # "a place unknown": read without a zone it would become the city's
    elif (found := _AMERICAN.search(text)) and int(found[1]) <= 12:
        text = f"{found[2]}/{found[1]}/{found[3]} {found[4]}"
    moment = dating.read_moment(text)
    try:
        return moment.at.astimezone(UTC) if moment else None
    except OverflowError:  # the first hours of the year 1
        return None
