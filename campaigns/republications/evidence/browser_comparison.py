"""Second looks: what a browser shows a reader, compared with what was fetched when the copy was counted.

A page that shows a program another text than its readers, or hides the text by a foreign sheet or a script, is found by
the difference. The machine does not take the copy back: a person decides.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.matching.matcher import Match
from campaigns.republications.attribution.verdicts import NAMES_US, Attribution
from campaigns.republications.evidence.judgement import Judgement
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus

REASON_CODE = "looks_disagree"
# Of the words of a bulletin: menus and boxes that only one of the looks reads change the share by less.
MUCH_LESS = 0.3


@dataclass(frozen=True)
class SeenInBrowser:
    """What a browser saw of one bulletin. ``share``: of its words, 0–1."""

    match: Match
    share: float
    attribution: Attribution


NOTHING_SEEN = SeenInBrowser(Match.NONE, 0.0, Attribution.NONE)


def seen_of(bulletin_id: int, judgements: Sequence[Judgement]) -> SeenInBrowser:
    """What the judgements of a rendered page say of a bulletin."""
    for judgement in judgements:
        if int(judgement.bulletin) == bulletin_id:
            return SeenInBrowser(judgement.match.match, judgement.match.share, judgement.attribution.attribution)
    return NOTHING_SEEN


def disagreement(row: Republication, seen: SeenInBrowser) -> str | None:
    """What the two looks disagree about, in words; None when they agree. Only copies that the machine counts, and found
    at its last check, are compared."""
    if row.status is not RepublicationStatus.CONFIRMED or row.decided_by is not None:
        return None
    if row.life in {RepublicationLife.GONE, RepublicationLife.UNREADABLE} or row.missing_since is not None:
        return None
    if seen.match not in {Match.FULL, Match.PARTIAL} or seen.share < row.share - MUCH_LESS:
        return f"a browser shows {seen.share:.0%} of the text, the fetched page had {row.share:.0%}"
    if row.attribution in NAMES_US and seen.attribution not in NAMES_US:
        return "a browser shows neither our name nor a link to us, the fetched page had it"
    return None


def record_second_look(
    session: Session, rows: Sequence[Republication], judgements: Sequence[Judgement], *, now: dt.datetime
) -> list[Republication]:
    """Compare a rendered page with the copies on it, locked by the caller. Returns those that were compared and
    disagree."""
    found = []
    for row in rows:
        why = disagreement(row, seen_of(row.bulletin_id, judgements))
        row.reasons = [reason for reason in row.reasons if not reason.startswith(f"{REASON_CODE}:")]
        row.looks_disagree = why is not None
        if why is None:
            continue
        row.reasons = [*row.reasons, f"{REASON_CODE}: {why}"]
        found.append(row)
        session.flush()
        details = {"url": row.canonical_url, "why": why}
        act = "republication.looks_disagree"
        journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
    session.flush()
    return found
