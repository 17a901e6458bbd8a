"""Everything the page of one copy shows, read in one session and frozen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.tracking.answers import Said, answers_of
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.deciding import last_of, seal_of
from campaigns.tracking.doubts import doubts_of
from campaigns.tracking.fingerprints import tokenize
from campaigns.tracking.matching import Match, bulletin_text
from campaigns.tracking.republications import (
    UNNAMED,
    Evidence,
    Life,
    Republication,
    Status,
    find_republication,
    newest_of,
)
from coordinator.web.answer_words import AnswerLine, answer_lines
from coordinator.web.desk.beside import Block, Piece, Side, beside
from coordinator.web.desk.consequence import Consequence, consequence
from coordinator.web.desk.copy_life import CopyLife, life_of
from coordinator.web.desk.copy_story import Decision, Event, story
from coordinator.web.desk.doubt_words import DoubtLine, doubt_line
from coordinator.web.desk.evidence_checks import Check, Named, checks, tagline
from coordinator.web.desk.evidence_ladder import Step, by_person, reached, steps
from coordinator.web.desk.partner_facts import PartnerFacts, partner_facts
from coordinator.web.desk.republication_rows import Neighbours, climb_of, neighbours, ways_of
from coordinator.web.desk.vouching import ExhibitLine, exhibit_lines


@dataclass(frozen=True)
class Compared:
    """The two texts of the latest evidence. ``words``: of our text; ``found``: how many of them stand there."""

    ours: Side
    theirs: Side
    revision: int | None
    released_at: datetime | None
    fetched_at: datetime
    body_hash: str
    words: int
    found: int
    share: float
    longest_run: int
    source_tagline: str
    source_link: str | None


@dataclass(frozen=True)
class Snapshot:
    """One kept page; ``number`` counts from 1, the oldest first. ``again``: how often later looks in a row found the
    very same page, ``last`` being the last of them."""

    number: int
    at: datetime
    status: int
    match: Match
    share: float
    body_hash: str
    kept: bool
    again: int = 0
    last: datetime | None = None


@dataclass(frozen=True)
class CopyPage:
    """The page of one copy. ``waits``: for a person's conclusion; ``undo``: the conclusion that can be taken back;
    ``unnamed``: no machine saw us named, so a person may say so; ``kept``: the number of the newest kept page."""

    id: str
    title: str
    bulletin: str
    bulletin_title: str
    recalled: bool
    beside: bool
    site: str
    url: str
    address: str
    status: Status
    life: Life
    match: Match
    attribution: Attribution
    stale: bool
    ladder: dict[str, Step]
    rungs: int
    person: bool
    compared: Compared | None
    checks: list[Check]
    events: list[Event]
    decisions: list[Decision]
    partner: PartnerFacts
    topic: str
    consequence: Consequence
    snapshots: list[Snapshot]
    exhibits: list[ExhibitLine]
    reasons: list[str]
    page_error: str
    page_status: int | None
    queue: Neighbours
    seal: str
    life_told: CopyLife
    waits: bool
    doubts: list[DoubtLine]
    answers: list[AnswerLine]
    undo: str | None
    unnamed: bool
    kept: int | None


def copy_page(session: Session, ident: str, *, now: datetime) -> CopyPage:
    """Read one copy. Raises ``NotFound``."""
    row = find_republication(session, ident)
    bulletin = row.bulletin
    revision = bulletin.revision(row.revision or bulletin.released or bulletin.latest)
    last = row.evidence[-1] if row.evidence else None
    events, decisions = story(session, row)
    given = answers_of(session, row)
    ways = ways_of(session, [row.page_id]).get(row.page_id, {})
    decided = last_of(session, row)
    undoable = decided is not None and decided.at == row.decided_at and decided.actor == row.decided_by
    climb = climb_of(row, ways)
    newest = newest_of(session, [row.id]).get(row.id)
    snapshots = _snapshots(row.evidence)
    waits = row.status is Status.REVIEW or any(one.answer is Said.DISAGREE and one.settled_at is None for one in given)
    return CopyPage(
        id=row.public,
        title=(last.page_title if last is not None else "") or revision.title,
        bulletin=bulletin.code,
        bulletin_title=revision.title,
        recalled=bulletin.recalled_at is not None,
        beside=row.waits_beside,
        site=row.site.name,
        url=row.url,
        address=row.canonical_url,
        status=row.status,
        life=row.life,
        match=row.match,
        attribution=row.attribution,
        stale=row.stale,
        ladder=steps(climb, now),
        rungs=len(reached(climb)),
        person=by_person(climb),
        compared=_compared(row, last) if last is not None else None,
        checks=checks(_named(last)) if last is not None else [],
        events=events,
        decisions=decisions,
        partner=partner_facts(session, row.site, bulletin.topic, row.counted_on),
        topic=bulletin.topic.name,
        consequence=consequence(session, row),
        snapshots=snapshots,
        exhibits=exhibit_lines(session, row),
        reasons=list(row.reasons),
        page_error=row.page.error,
        page_status=row.page.status,
        queue=neighbours(session, row),
        seal=seal_of(row),
        life_told=life_of(session, row),
        waits=waits,
        doubts=[doubt_line(one, row, newest, ways, now) for one in doubts_of(session, [row.id])[row.id]],
        answers=answer_lines(given),
        undo=decided.public if decided is not None and undoable else None,
        unnamed=(newest.attribution if newest is not None else Attribution.NONE) in UNNAMED,
        kept=next((one.number for one in reversed(snapshots) if one.kept), None),
    )


def _compared(row: Republication, last: Evidence) -> Compared:
    bulletin = row.bulletin
    revision = bulletin.revision(last.revision or bulletin.released or bulletin.latest)
    text = bulletin_text(revision.title, revision.lead, revision.body_text)
    ours, theirs = beside(text, last.page_text, last.passages, headline=last.page_title, source=last.source_text)
    if last.source_text and not any(block.kind == "source" for block in theirs.blocks):
        # Named in the page's head, or so far off that it was left out above: still the line that was judged.
        line = Block("source", (Piece(last.source_text),))
        theirs = Side(theirs.title, (*theirs.blocks, line), theirs.before, theirs.after)
    words = len(tokenize(text))
    return Compared(
        ours=ours,
        theirs=theirs,
        revision=revision.number,
        released_at=revision.released_at or bulletin.release_at,
        fetched_at=last.at,
        body_hash=last.body_hash,
        words=words,
        found=min(round(last.share * words), words),
        share=last.share,
        longest_run=last.longest_run,
        source_tagline=tagline(_named(last)),
        source_link=last.source_link,
    )


def _named(last: Evidence) -> Named:
    return Named(
        last.attribution,
        last.source_name,
        last.source_link,
        last.link_position,
        last.source_text,
        last.source_where,
        last.title_kept,
    )


def _snapshots(evidence: Sequence[Evidence]) -> list[Snapshot]:
    shown: list[Snapshot] = []
    for number, one in enumerate(evidence, 1):
        kept = one.body_key is not None
        before = shown[-1] if shown else None
        if before is not None and (before.body_hash, before.kept, before.share) == (one.body_hash, kept, one.share):
            shown[-1] = replace(before, again=before.again + 1, last=one.at)
        else:
            shown.append(Snapshot(number, one.at, one.status, one.match, one.share, one.body_hash, kept))
    return shown
