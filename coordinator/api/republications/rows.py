"""Rows of republications and their evidence in the API."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.discovery.sightings import SightingMethod, first_seen_by_method
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.matcher import Match
from campaigns.matching.pictures.comparison import MediaWay
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.uploads import EvidenceUpload, EvidenceUploadKind, uploads_of
from campaigns.republications.lifecycle.correction_state import CorrectionState
from campaigns.republications.republications import (
    BrowserLook,
    Evidence,
    EvidenceLevel,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)
from campaigns.republications.review.corrections import Correction, corrections_of
from campaigns.republications.review.decisions import Decision, decisions_of, latest_decision
from campaigns.republications.review.partner_answers import PartnerAnswer, PartnerAnswerKind, answers_of
from campaigns.republications.review.review_reasons import ReviewReason, review_reasons_of
from coordinator.api.fields import ResponseBody, Time, row_of
from coordinator.api.paging import ListPage


class RepublicationRow(ResponseBody):
    """A republication: one bulletin on one site at one address. Per bulletin and site exactly one is counted.

    ``duplicate_of``: for the status ``duplicate``, the counted republication of which this is another address.
    ``second_posting``: a person counted it beside that, because its text differs.
    ``level``: the level of evidence. ``stale``: it has carried an old text since ``stale_since``, after a correction or
    recall; ``followed_at``: when it was found to follow the last correction. ``correction``: what the last look, or a
    person, found of the last correction; *unclear* waits for a person and is not ``stale``. ``missing_since``: the
    first check that did not find it, ``missing_why``: the sign seen by the last one; ``gone_at``: when a second check
    established its removal. ``delay_seconds``: from the release to the appearance of the copy (``published_at`` where
    plausible, else ``first_seen_at``). ``taken_from``: the copy, ``taken_from_site``: the site, that its page names as
    its source.
    ``share_when_confirmed``, ``revision_when_confirmed``: the values at confirmation, beside ``share`` and ``revision``
    now. ``counter_image``: whether its page held the bulletin's counter image at the last check; null = not checked.
    ``to_mend``: findings that its partner should correct. ``decision``: the decision in force, which can be undone;
    shown in the answers to ``confirm``, ``reject`` and ``undo`` and with one republication, never in lists.
    """

    id: str
    bulletin: str
    site: str
    partner: str
    url: str
    canonical_url: str
    status: RepublicationStatus
    life: RepublicationLife
    level: EvidenceLevel
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
    correction: CorrectionState | None = None
    missing_since: Time | None = None
    missing_why: list[str]
    duplicate_of: str | None = None
    second_posting: bool = False
    taken_from: str | None = None
    taken_from_site: str | None = None
    gone_at: Time | None = None
    decision_note: str = ""
    decision: str | None = None
    counter_image: bool | None = None
    to_mend: list[Correction]
    reasons: list[str]


class ClaimedList(ResponseBody):
    """The claims that were recorded, in the order of the request."""

    items: list[RepublicationRow]


class RepublicationList(ListPage):
    """One page of republications."""

    items: list[RepublicationRow]


class SightingRow(ResponseBody):
    """The first sighting of the page in one way."""

    how: SightingMethod
    at: Time


class FoundPictureRow(ResponseBody):
    """The picture of the page that carries the bulletin. ``page_url``: its address; ``by``: the same bytes, a similar
    picture, or the text read in it; ``agrees``: no person has to look at it; ``distance``: bits of 256 in which the
    hashes differ; ``share``: the part of our picture's text in it, or of the bulletin's."""

    page_url: str
    sha256: str
    by: MediaWay
    agrees: bool
    distance: int
    share: float | None = None


class EvidenceRow(ResponseBody):
    """The content of the page at one time.

    ``passages``: ``[ours_start, ours_end, theirs_start, theirs_end]``, offsets into the revision's text and
    ``page_text``.
    """

    at: Time
    status: int
    final_url: str
    body_hash: Annotated[str, Field(description="SHA-256 of the page's bytes, in hex")]
    body_key: Annotated[
        str | None,
        Field(description="key of the stored web archive that holds the page's bytes; null when they were not kept"),
    ] = None
    capture_key: Annotated[
        str | None,
        Field(
            description="key of the web archive of this fetch, named by the archive's own SHA-256; another than "
            "`body_key` when an earlier fetch had the same bytes"
        ),
    ] = None
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
    picture: FoundPictureRow | None = None


class UploadRow(ResponseBody):
    """A file uploaded as proof of the copy. ``sha256``: of the stored file; ``uploaded_sha256``: of the file as
    sent."""

    id: str
    kind: EvidenceUploadKind
    measure: str
    bytes: int
    sha256: str
    uploaded_sha256: str
    seen_at: Time
    at: Time
    by: str
    note: str


class AnswerRow(ResponseBody):
    """A partner's answer to a finding on its copy. ``settled_at``: when staff settled it."""

    id: str
    at: Time
    answer: PartnerAnswerKind
    finding: str
    text: str
    settled_at: Time | None = None


class DecisionRow(ResponseBody):
    """A person's decision. ``reason``: the code of a predefined reason, or empty; ``undone_at``: when it was undone."""

    id: str
    at: Time
    by: str
    outcome: RepublicationStatus
    reason: str
    note: str
    attribution: Attribution | None = None
    second_posting: bool = False
    undone_at: Time | None = None


class RepublicationProof(RepublicationRow):
    """A republication with its sightings and evidence, oldest first. ``page_unreadable``: why the last check could not
    read its page, None if it could. ``browser_look``: whether a browser has looked at the copy as a reader sees it, at
    ``looked_at``, and what it showed.

    ``answers``: those of its partner. ``decisions`` and ``doubts`` (the review reasons) are shown to staff only.
    """

    page_unreadable: UnreadableReason | None = None
    browser_look: BrowserLook = BrowserLook.NOT_NEEDED
    looked_at: Time | None = None
    seen: list[SightingRow]
    evidence: list[EvidenceRow]
    exhibits: list[UploadRow]
    answers: list[AnswerRow]
    decisions: list[DecisionRow]
    doubts: list[ReviewReason]


def republication_row(row: Republication, *, decision: str | None = None) -> RepublicationRow:
    """The row of a republication; ``decision``: the decision that can be undone, where it is shown."""
    return RepublicationRow(**_row_fields(row), decision=decision)


def republication_proof(session: Session, row: Republication, *, staff: bool) -> RepublicationProof:
    """A republication with its evidence. The names and notes of people are shown to ``staff`` only."""
    last = latest_decision(session, row) if staff else None
    seen = [SightingRow(how=how, at=at) for how, at in first_seen_by_method(session, row.page).items()]
    return RepublicationProof(
        **_row_fields(row),
        page_unreadable=row.page.unreadable,
        browser_look=row.browser_look,
        looked_at=row.looked_at,
        seen=sorted(seen, key=lambda item: item.at),
        evidence=[_evidence_row(item) for item in row.evidence],
        exhibits=[_upload_row(item, staff) for item in uploads_of(session, row)],
        decision=last.public if last is not None else None,
        answers=[answer_row(item) for item in answers_of(session, row)],
        decisions=[_decision_row(item) for item in decisions_of(session, row)] if staff else [],
        doubts=list(review_reasons_of(session, [row.id])[row.id]) if staff else [],
    )


def answer_row(answer: PartnerAnswer) -> AnswerRow:
    """The row of a partner's answer."""
    return row_of(AnswerRow, answer, id=answer.public)


def _decision_row(decision: Decision) -> DecisionRow:
    return row_of(DecisionRow, decision, id=decision.public, by=decision.actor)


def _row_fields(row: Republication) -> dict[str, Any]:
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
        "stale": row.stale and not row.correction_unclear,
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
        "correction": row.correction_state,
        "missing_since": row.missing_since,
        "missing_why": row.missing_why,
        "duplicate_of": row.duplicate_of.public if row.duplicate_of is not None else None,
        "second_posting": row.second_posting,
        "taken_from": row.taken_from.public if row.taken_from is not None else None,
        "taken_from_site": row.taken_from_site.code if row.taken_from_site is not None else None,
        "gone_at": row.gone_at,
        "decision_note": row.decision_note,
        "counter_image": row.counter_image,
        "to_mend": list(corrections_of(row)),
        "reasons": row.reasons,
    }


def _upload_row(upload: EvidenceUpload, staff: bool) -> UploadRow:
    return row_of(
        UploadRow,
        upload,
        id=upload.public,
        bytes=upload.size,
        sha256=upload.body_hash,
        uploaded_sha256=upload.original_hash,
        by=upload.actor if staff else "",
        note=upload.note if staff else "",
    )


def _evidence_row(evidence: Evidence) -> EvidenceRow:
    found = evidence.picture
    picture = FoundPictureRow(**{
        name: found["address" if name == "page_url" else name] for name in FoundPictureRow.model_fields
    }) if found is not None else None  # fmt: skip
    return row_of(EvidenceRow, evidence, published_at_from=evidence.published_from, picture=picture)
