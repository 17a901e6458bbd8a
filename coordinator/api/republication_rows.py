"""How republications look in the API, with the evidence behind them."""

from typing import Any

from sqlalchemy.orm import Session

from campaigns.tracking.answers import Answer, Said, answers_of
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.deciding import Decision, decisions_of, last_of
from campaigns.tracking.doubts import Doubt, doubts_of
from campaigns.tracking.exhibits import Exhibit, ExhibitKind, exhibits_of
from campaigns.tracking.matching import Match
from campaigns.tracking.mending import Mend, to_mend
from campaigns.tracking.republications import Evidence, Level, Life, Republication, Status
from campaigns.tracking.sightings import How, how_seen
from coordinator.api.fields import Shown, Time
from coordinator.api.paging import Listing


class RepublicationRow(Shown):
    """One bulletin on one site at one address: the unit that is counted.

    ``level``: how far the evidence reaches. ``stale``: it still carries an old text after a correction or recall, since
    ``stale_since``; ``followed_at``: when it was seen to follow the last correction. ``missing_since``: the first look
    that did not find it, ``missing_why`` what the last of them saw; ``gone_at``: when a second one made it gone.
    ``delay_seconds``: from our release to when the copy appeared (``published_at`` where plausible, else
    ``first_seen_at``). ``taken_from``: the copy, ``taken_from_site`` the site, that its page names as its source.
    ``share_when_confirmed``, ``revision_when_confirmed``: what it carried then, beside ``share`` and ``revision`` now.
    ``counter_image``: whether its page held the bulletin's counter image at the last look; null = not looked for.
    ``to_mend``: what its partner should put right. ``decision``: the conclusion that stands and can be taken back; told
    in the answers to ``confirm``, ``reject`` and ``undo`` and with one republication, never in lists.
    """

    id: str
    bulletin: str
    site: str
    partner: str
    url: str
    canonical_url: str
    status: Status
    life: Life
    level: Level
    match: Match
    share: float
    revision: int | None = None
    title_kept: bool
    attribution: Attribution
    stale: bool
    published_at: Time | None = None
    published_at_from: str | None = None
    first_seen_at: Time
    confirmed_at: Time | None = None
    checked_at: Time | None = None
    delay_seconds: int | None = None
    headline: str
    author: str
    image: str
    link_position: float | None = None
    share_when_confirmed: float | None = None
    revision_when_confirmed: int | None = None
    stale_since: Time | None = None
    followed_at: Time | None = None
    missing_since: Time | None = None
    missing_why: list[str]
    taken_from: str | None = None
    taken_from_site: str | None = None
    gone_at: Time | None = None
    decision_note: str = ""
    decision: str | None = None
    counter_image: bool | None = None
    to_mend: list[Mend]
    reasons: list[str]


class RepublicationList(Listing):
    """One page of republications."""

    items: list[RepublicationRow]


class SeenRow(Shown):
    """When the page was first seen in one way."""

    how: How
    at: Time


class EvidenceRow(Shown):
    """What was on the page at one moment.

    ``passages``: ``[ours_start, ours_end, theirs_start, theirs_end]``, offsets into the revision's text and
    ``page_text``.
    """

    at: Time
    status: int
    final_url: str
    body_hash: str
    page_title: str
    page_text: str
    author: str
    image: str
    revision: int | None = None
    match: Match
    share: float
    longest_run: int
    title_kept: bool
    attribution: Attribution
    source_name: str | None = None
    source_link: str | None = None
    link_position: float | None = None
    source_text: str
    passages: list[list[int]]
    published_at: Time | None = None
    published_at_from: str | None = None
    reasons: list[str]
    rule_version: str


class ExhibitRow(Shown):
    """A file by which a person vouches for the copy. ``sha256`` is of the file as it is kept, ``uploaded_sha256`` as it
    was sent."""

    id: str
    kind: ExhibitKind
    measure: str
    bytes: int
    sha256: str
    uploaded_sha256: str
    seen_at: Time
    at: Time
    by: str
    note: str


class AnswerRow(Shown):
    """What the partner said to something found on its copy. ``settled_at``: when staff had dealt with it."""

    id: str
    at: Time
    answer: Said
    finding: str
    text: str
    settled_at: Time | None = None


class DecisionRow(Shown):
    """A person's conclusion. ``reason``: the code of a usual one, or empty; ``undone_at``: it was taken back."""

    id: str
    at: Time
    by: str
    outcome: Status
    reason: str
    note: str
    attribution: Attribution | None = None
    undone_at: Time | None = None


class RepublicationProof(RepublicationRow):
    """A republication with how it was seen and every page kept for it, oldest first.

    ``answers``: what its partner said. ``decisions`` and ``doubts`` (why a machine does not decide) are told to staff.
    """

    seen: list[SeenRow]
    evidence: list[EvidenceRow]
    exhibits: list[ExhibitRow]
    answers: list[AnswerRow]
    decisions: list[DecisionRow]
    doubts: list[Doubt]


def row_of(row: Republication, *, decision: str | None = None) -> RepublicationRow:
    """A republication as a row; ``decision``: the conclusion that can be taken back, where that was asked."""
    return RepublicationRow(**_fields(row), decision=decision)


def proof_of(session: Session, row: Republication, *, staff: bool) -> RepublicationProof:
    """A republication with its evidence. Who vouched, and in which words, is told to ``staff`` alone."""
    last = last_of(session, row) if staff else None
    seen = [SeenRow(how=how, at=at) for how, at in how_seen(session, row.page).items()]
    return RepublicationProof(
        **_fields(row),
        seen=sorted(seen, key=lambda one: one.at),
        evidence=[_evidence(one) for one in row.evidence],
        exhibits=[_exhibit(one, staff) for one in exhibits_of(session, row)],
        decision=last.public if last is not None else None,
        answers=[answer_row(one) for one in answers_of(session, row)],
        decisions=[_decision(one) for one in decisions_of(session, row)] if staff else [],
        doubts=list(doubts_of(session, [row.id])[row.id]) if staff else [],
    )


def answer_row(one: Answer) -> AnswerRow:
    """A partner's answer as a row."""
    return AnswerRow(
        id=one.public,
        at=one.at,
        answer=one.answer,
        finding=one.finding,
        text=one.text,
        settled_at=one.settled_at,
    )


def _decision(one: Decision) -> DecisionRow:
    return DecisionRow(
        id=one.public,
        at=one.at,
        by=one.actor,
        outcome=one.outcome,
        reason=one.reason,
        note=one.note,
        attribution=one.attribution,
        undone_at=one.undone_at,
    )


def _fields(row: Republication) -> dict[str, Any]:
    return {
        "id": row.public,
        "bulletin": row.bulletin.code,
        "site": row.site.code,
        "partner": row.site.company.code,
        "url": row.url,
        "canonical_url": row.canonical_url,
        "status": row.status,
        "life": row.life,
        "level": row.level,
        "match": row.match,
        "share": row.share,
        "revision": row.revision,
        "title_kept": row.title_kept,
        "attribution": row.attribution,
        "stale": row.stale,
        "published_at": row.published_at,
        "published_at_from": row.published_from,
        "first_seen_at": row.first_seen_at,
        "confirmed_at": row.confirmed_at,
        "checked_at": row.checked_at,
        "delay_seconds": round(row.delay.total_seconds()) if row.delay is not None else None,
        "headline": row.headline,
        "author": row.author,
        "image": row.image,
        "link_position": row.link_position,
        "share_when_confirmed": row.confirmed_share if row.confirmed_at is not None else None,
        "revision_when_confirmed": row.confirmed_revision if row.confirmed_at is not None else None,
        "stale_since": row.stale_since,
        "followed_at": row.followed_at,
        "missing_since": row.missing_since,
        "missing_why": row.missing_why,
        "taken_from": row.taken_from.public if row.taken_from is not None else None,
        "taken_from_site": row.taken_from_site.code if row.taken_from_site is not None else None,
        "gone_at": row.gone_at,
        "decision_note": row.decision_note,
        "counter_image": row.counter_image,
        "to_mend": list(to_mend(row)),
        "reasons": row.reasons,
    }


def _exhibit(one: Exhibit, staff: bool) -> ExhibitRow:
    return ExhibitRow(
        id=one.public,
        kind=one.kind,
        measure=one.measure,
        bytes=one.size,
        sha256=one.body_hash,
        uploaded_sha256=one.original_hash,
        seen_at=one.seen_at,
        at=one.at,
        by=one.actor if staff else "",
        note=one.note if staff else "",
    )


def _evidence(one: Evidence) -> EvidenceRow:
    return EvidenceRow(
        at=one.at,
        status=one.status,
        final_url=one.final_url,
        body_hash=one.body_hash,
        page_title=one.page_title,
        page_text=one.page_text,
        author=one.author,
        image=one.image,
        revision=one.revision,
        match=one.match,
        share=one.share,
        longest_run=one.longest_run,
        title_kept=one.title_kept,
        attribution=one.attribution,
        source_name=one.source_name,
        source_link=one.source_link,
        link_position=one.link_position,
        source_text=one.source_text,
        passages=one.passages,
        published_at=one.published_at,
        published_at_from=one.published_from,
        reasons=one.reasons,
        rule_version=one.rule_version,
    )
