"""Everything the page of one finding shows, read in one session and frozen; what a partner reads of it too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.acting import last_undoable
from campaigns.compliance.findings import Finding, Happened, Outcome, Standing, Step, steps_of
from campaigns.compliance.rules import Rule, Severity
from campaigns.core import journal
from campaigns.tracking.republications import Evidence
from coordinator.web.finding_words import finding_sentence, fine_words, happened_name, happened_note
from coordinator.web.saying import _

_DRAWN = {
    Happened.PROPOSED: ("look", "wait"),
    Happened.SEEN_AGAIN: ("look", "bad"),
    Happened.SEEN_MENDED: ("seen", "good"),
    Happened.SHOWN: ("people", "move"),
    Happened.REPLIED: ("mail", "wait"),
    Happened.READ: ("eye", "move"),
    Happened.CONFIRMED: ("flag", "bad"),
    Happened.DISMISSED: ("x", "faint"),
    Happened.REMINDED: ("mail", "move"),
    Happened.MENDED: ("check", "good"),
    Happened.HANDED: ("send", "move"),
    Happened.DECIDED: ("doc", "move"),
    Happened.UNDONE: ("undo", "faint"),
}
# What a partner is not told: how the department works, and what it took back.
_INSIDE = frozenset({Happened.READ, Happened.UNDONE, Happened.DISMISSED})


@dataclass(frozen=True)
class StepLine:
    """One step of the story. ``who``: a name; to a partner all of the department are one; '' for the product itself."""

    what: Happened
    name: str
    icon: str
    ink: str
    at: datetime
    who: str
    ours: bool
    text: str
    note: str


@dataclass(frozen=True)
class FindingShown:
    """One finding. ``copy``: the public id of the copy it is about or came to notice by; ``copy_page``: the number of
    the kept page among the copy's, ``kept``: the public id of a kept front page; both None where there is neither.
    ``undo``: what would be taken back, '' for nothing."""

    public: str
    turn: int
    standing: Standing
    outcome: Outcome | None
    sentence: str
    rule: Rule
    fine: str
    severity: Severity
    day: date
    site: str
    site_url: str
    company: str
    company_code: str
    copy: str | None
    bulletin: str | None
    copy_page: int | None
    kept: str | None
    page_url: str
    page_at: datetime
    page_hash: str
    excerpt: str
    proposed_at: datetime
    last_seen_at: datetime
    mended_seen_at: datetime | None
    note: str
    shown_at: datetime | None
    reply_by: date | None
    waits: bool
    closed: bool
    letter_number: str
    decision_number: str
    decision_on: date | None
    amount: int | None
    story: Sequence[StepLine]
    undo: str


def finding_shown(session: Session, row: Finding, *, to_partner: bool = False) -> FindingShown:
    """Read one finding; for its partner without what is the department's alone."""
    copy = row.republication
    steps = steps_of(session, row)
    undoable = None if to_partner else last_undoable(session, row)
    return FindingShown(
        public=row.public,
        turn=row.turn,
        standing=row.standing,
        outcome=row.outcome,
        sentence=finding_sentence(row),
        rule=row.rule,
        fine=fine_words(row.rule),
        severity=row.rule.severity,
        day=row.day,
        site=row.site.name,
        site_url=row.site.url,
        company=row.company.name,
        company_code=row.company.code,
        copy=copy.public if copy is not None else None,
        bulletin=copy.bulletin.code if copy is not None else None,
        copy_page=_number(session, row),
        kept=row.kept.public if row.kept is not None else None,
        page_url=row.page_url,
        page_at=row.page_at,
        page_hash=row.page_hash,
        excerpt=row.excerpt,
        proposed_at=row.proposed_at,
        last_seen_at=row.last_seen_at,
        mended_seen_at=row.mended_seen_at,
        note=row.note,
        shown_at=row.shown_at,
        reply_by=row.reply_by,
        waits=row.waits_since is not None,
        closed=row.closed,
        letter_number=row.letter_number,
        decision_number=row.decision_number,
        decision_on=row.decision_on,
        amount=row.amount,
        story=_told(steps) if to_partner else [_line(one) for one in steps],
        undo=happened_name(undoable.happened) if undoable is not None else "",
    )


def _told(steps: Sequence[Step]) -> list[StepLine]:
    """What of a finding's story its partner reads: what stands, from when it was first shown on, without names."""
    undone = {one.undoes_id for one in steps}
    standing = [one for one in steps if one.id not in undone and one.happened not in _INSIDE]
    first = next((one.id for one in standing if one.happened in {Happened.SHOWN, Happened.CONFIRMED}), None)
    return [_line(one, named=False) for one in standing if first is not None and one.id >= first]


def _line(one: Step, *, named: bool = True) -> StepLine:
    icon, ink = _DRAWN[one.happened]
    who = one.actor_name if named or not one.ours else _("Sở")
    who = "" if one.actor == journal.SYSTEM else who
    return StepLine(
        one.happened, happened_name(one.happened), icon, ink, one.at, who, one.ours, one.text,
        happened_note(one.happened, one.details),
    )  # fmt: skip


def _number(session: Session, row: Finding) -> int | None:
    """The place of the evidence among its copy's, as the desk's kept pages are numbered; None if it was not kept."""
    if row.evidence_id is None or row.evidence is None or row.evidence.body_key is None:
        return None
    query = sa.select(sa.func.count()).where(
        Evidence.republication_id == row.evidence.republication_id, Evidence.id <= row.evidence_id
    )
    return session.execute(query).scalar_one()
