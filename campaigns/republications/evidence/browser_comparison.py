"""Second looks: what a reader's browser shows, compared with what was fetched when the copy was counted.

A page that shows a program another text than its readers, or hides the text, its source or its link in any way, is
found by the difference. Such a copy waits for a person and does not count; the other copies of its site are looked at.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.matching.classification import CARRIED
from campaigns.matching.matcher import Match
from campaigns.republications import counted_copy
from campaigns.republications.attribution.verdicts import NAMES_US, Attribution
from campaigns.republications.evidence.judgement import Judgement
from campaigns.republications.republications import (
    BrowserLook,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    counted_by,
)

REASON_CODE = "looks_disagree"
# Of the words of a bulletin: menus and boxes that only one of the looks reads change the share by less.
MUCH_LESS = 0.3
LESS = 0.1
_LINKED = frozenset({Attribution.LINKED_AT_END, Attribution.LINKED_ELSEWHERE})


@dataclass(frozen=True)
class SeenByReader:
    """What a reader sees of one bulletin on a page. ``share``: of its words, 0–1."""

    match: Match
    share: float
    attribution: Attribution


NOTHING_SEEN = SeenByReader(Match.NONE, 0.0, Attribution.NONE)


def seen_of(bulletin_id: int, judgements: Sequence[Judgement]) -> SeenByReader:
    """What the judgements of a page as readers see it say of a bulletin."""
    for judgement in judgements:
        if int(judgement.bulletin) == bulletin_id:
            return SeenByReader(judgement.match.match, judgement.match.share, judgement.attribution.attribution)
    return NOTHING_SEEN


class LookWay(Enum):
    """How it was looked at a page a second time."""

    BROWSER = "browser"  # in a browser
    FETCH = "fetch"  # fetched as a reader's browser would


@dataclass(frozen=True)
class LookDifference:
    """What a reader does not see. ``what``: ``text`` (``detail``: the shares seen and fetched, 0–1), ``source``,
    ``link``, or ``elsewhere`` (``detail``: where the reader was sent)."""

    way: LookWay
    what: str
    detail: str = ""

    @property
    def note(self) -> str:
        """``browser_text: 0.12 0.95``, as the copy keeps it."""
        return f"{self.way.value}_{self.what}: {self.detail}".rstrip(": ")

    @property
    def reason(self) -> str:
        """The sentence among the reasons of a copy."""
        who = "a reader's browser" if self.way is LookWay.BROWSER else "the page fetched as by a reader's browser"
        match self.what:
            case "text":
                seen, fetched = map(float, self.detail.split())
                return f"{REASON_CODE}: {who} shows {seen:.0%} of the text, the fetched page had {fetched:.0%}"
            case "source":
                return f"{REASON_CODE}: {who} shows neither our name nor a link to us, the fetched page had it"
            case "link":
                return f"{REASON_CODE}: {who} shows no link to the bulletin, the fetched page had it"
            case _:
                return f"{REASON_CODE}: {who} is sent to {self.detail}"


def look_difference(fetched: SeenByReader, seen: SeenByReader, way: LookWay) -> LookDifference | None:
    """What a look disagrees about with the fetched page: text, source or link that is not seen; None when they
    agree."""
    if seen.match not in CARRIED or seen.share < fetched.share - MUCH_LESS:
        return LookDifference(way, "text", f"{seen.share:.2f} {fetched.share:.2f}")
    if fetched.attribution in NAMES_US and seen.attribution not in NAMES_US:
        return LookDifference(way, "source")
    if fetched.attribution in _LINKED and seen.attribution not in _LINKED:
        return LookDifference(way, "link")
    return None


def difference_of(row: Republication, judgements: Sequence[Judgement], way: LookWay) -> LookDifference | None:
    """What a look disagrees about with a copy as its last check fetched it."""
    fetched = SeenByReader(row.match, row.share, row.attribution)
    return look_difference(fetched, seen_of(row.bulletin_id, judgements), way)


def may_be_compared(row: Republication) -> bool:
    """Whether a look says something of a copy: one that the machine counts or that waits by an earlier look, and that
    its last check found."""
    by_machine = row.decided_by is None and (row.status is RepublicationStatus.CONFIRMED or row.looks_disagree)
    found = row.life not in {RepublicationLife.GONE, RepublicationLife.UNREADABLE} and row.missing_since is None
    return by_machine and found


def record_look(
    session: Session, rows: Sequence[Republication], judgements: Sequence[Judgement], *, now: dt.datetime
) -> list[Republication]:
    """Record what a browser shows of the copies on a page. Returns those about which it disagrees. The caller has
    locked the site and all addresses of the copies."""
    found = []
    for row in rows:
        if not may_be_compared(row):
            continue
        if (difference := difference_of(row, judgements, LookWay.BROWSER)) is not None:
            record_difference(session, row, difference, now=now)
            found.append(row)
            continue
        partly = seen_of(row.bulletin_id, judgements).share < row.share - LESS
        record_seen(session, row, BrowserLook.PARTLY_SEEN if partly else BrowserLook.SEEN, now=now)
    return found


def record_elsewhere(
    session: Session, rows: Sequence[Republication], sent: LookDifference, *, now: dt.datetime
) -> list[Republication]:
    """Record that a reader was sent elsewhere. Returns the copies that this concerns; locks as in ``record_look``."""
    found = [row for row in rows if may_be_compared(row)]
    for row in found:
        record_difference(session, row, sent, now=now)
    return found


def record_seen(session: Session, row: Republication, look: BrowserLook, *, now: dt.datetime) -> None:
    """Record that a reader sees a copy. One that waited by an earlier look is again what it is by itself."""
    row.browser_look, row.looked_at, row.look_note = look, now, ""
    if not row.looks_disagree:
        return
    row.looks_disagree = False
    row.reasons = [reason for reason in row.reasons if not reason.startswith(f"{REASON_CODE}:")]
    before = row.status
    counted_copy.set_status(session, row, counted_copy.own_status(row), now=now)
    if row.status is not before:
        details = {**counted_by(session, row), "url": row.canonical_url, "before": before}
        act = f"republication.{row.status.value}"
        journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)


def record_difference(session: Session, row: Republication, found: LookDifference, *, now: dt.datetime) -> None:
    """Put a copy before a person, since a reader sees something else than what was fetched. It no longer counts."""
    row.browser_look, row.looked_at, row.look_note = BrowserLook.DIFFERS, now, found.note
    row.looks_disagree = True
    others = [reason for reason in row.reasons if not reason.startswith(f"{REASON_CODE}:")]
    row.reasons = [*others, found.reason]
    before = row.status
    if before is RepublicationStatus.CONFIRMED:
        counted_copy.set_status(session, row, RepublicationStatus.REVIEW, now=now)
    session.flush()
    acts = ["republication.looks_disagree"] if row.status is before else [
        f"republication.{row.status.value}", "republication.looks_disagree"
    ]  # fmt: skip
    for act in acts:
        details = {"url": row.canonical_url, "why": found.reason.partition(": ")[2], "before": before}
        journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
