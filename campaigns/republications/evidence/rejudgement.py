"""Rejudgement: stored pages are judged by the present rules, compared with their earlier judgement, and changes
adopted.

Improved rules apply to earlier pages without fetching them again. Only the content of a page is judged again; whether
it still exists is left to the rechecks, and a person's decision stands.

A counted copy stays counted while any of its stored pages supports it; later changes by the partner appear in its life
and evidence and are not subtracted. When no stored page supports it, it was counted by mistake and waits for a person.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.discovery import sightings
from campaigns.discovery.urls import is_front_page
from campaigns.matching.fingerprints import FP_VERSION
from campaigns.matching.matcher import RULE_VERSION, Match
from campaigns.republications import counted_copy
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence import evidence_seals
from campaigns.republications.evidence.judgement import Judgement, JudgementOutcome, decide_outcome
from campaigns.republications.evidence.verification import FetchedPage, KeptPicture, evidence_level, new_evidence
from campaigns.republications.republications import (
    Evidence,
    Republication,
    RepublicationStatus,
    counted_as,
    counted_day,
    shown_attribution,
)

NOT_FOUND = "text_not_found: the kept page does not carry this bulletin"


@dataclass(frozen=True)
class RejudgementScope:
    """The copies to rejudge: of one bulletin, counted on a day from ``first`` to ``last``; None does not restrict."""

    bulletin: str = ""
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True)
class CopyStanding:
    """The status, attribution and match of one copy."""

    status: RepublicationStatus
    match: Match
    attribution: Attribution
    share: float
    revision: int | None

    def words(self) -> tuple[str, str, str]:
        """Status, match and attribution, as in the API."""
        return self.status.value, self.match.value, self.attribution.value


@dataclass(frozen=True)
class RejudgementChange:
    """The change of one copy. ``partner``: the code of its site's company. ``evidence``: id of the row that was judged
    again; ``rules``: its earlier ``rule_version`` and ``fp_version``. ``own``: its status by itself, if no other
    address of its site were counted."""

    republication: str
    bulletin: str
    partner: str
    url: str
    evidence: int
    kept_at: dt.datetime
    rules: tuple[str, str]
    by_person: bool
    before: CopyStanding
    after: CopyStanding
    own: RepublicationStatus
    reasons: tuple[str, ...]


def kept_copies(
    session: Session, scope: RejudgementScope, after: int, limit: int
) -> Sequence[tuple[Republication, Evidence]]:
    """The next copies by id after ``after``, each with its newest stored page."""
    newest = (
        sa.select(Evidence.republication_id, sa.func.max(Evidence.id).label("last"))
        .where(Evidence.body_key.is_not(None), Evidence.rejudged_from.is_(None))
        .group_by(Evidence.republication_id)
    )
    picked = sa.select(Republication.id).where(Republication.id > after, _has_kept_page(), *_scope_conditions(scope))
    picked = picked.order_by(Republication.id).limit(limit)
    ids = list(session.execute(picked).scalars())
    last = newest.where(Evidence.republication_id.in_(ids)).subquery()
    query = (
        sa.select(Republication, Evidence)
        .join(last, last.c.republication_id == Republication.id)
        .join(Evidence, Evidence.id == last.c.last)
        .order_by(Republication.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def count_copies(session: Session, scope: RejudgementScope) -> tuple[int, int]:
    """How many copies have a stored page, and how many have none and cannot be rejudged."""
    total = sa.select(sa.func.count(Republication.id)).where(*_scope_conditions(scope))
    return session.execute(total.where(_has_kept_page())).scalar_one(), session.execute(
        total.where(~_has_kept_page())
    ).scalar_one()


def _has_kept_page() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Evidence.republication_id == Republication.id, Evidence.body_key.is_not(None), Evidence.rejudged_from.is_(None)
    )


def _scope_conditions(scope: RejudgementScope) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if scope.bulletin:
        conditions.append(Republication.bulletin.has(Bulletin.code == scope.bulletin))
    if scope.first is not None:
        conditions.append(Republication.counted_on >= scope.first)
    if scope.last is not None:
        conditions.append(Republication.counted_on <= scope.last)
    return conditions


def links_found(session: Session, limit: int = 200) -> Sequence[str]:
    """The link addresses to bulletins, as on the pages, in the newest evidence."""
    linked = (Attribution.LINKED_AT_END, Attribution.LINKED_ELSEWHERE)
    query = (
        sa.select(Evidence.source_link)
        .where(Evidence.attribution.in_(linked), Evidence.source_link.is_not(None))
        .order_by(Evidence.id.desc())
        .limit(limit)
    )
    return [link for link in session.execute(query).scalars() if link is not None]


def earlier_pages(session: Session, row: Republication, but: Evidence) -> Iterator[Evidence]:
    """The copy's other stored pages, newest first, each body once."""
    query = (
        sa.select(Evidence)
        .where(
            Evidence.republication_id == row.id, Evidence.body_key.is_not(None), Evidence.rejudged_from.is_(None),
            Evidence.body_hash != but.body_hash,
        )
        .order_by(Evidence.id.desc())
    )  # fmt: skip
    seen = set()
    for earlier in session.execute(query).scalars():
        if earlier.body_hash not in seen:
            seen.add(earlier.body_hash)
            yield earlier


def beyond_judging(session: Session, row: Republication) -> bool:
    """Whether the copy was counted by a page that was not stored and cannot be judged again."""
    query = sa.select(Evidence).where(Evidence.republication_id == row.id, Evidence.body_key.is_(None))
    front = is_front_page(row.canonical_url)
    return any(
        _outcome(evidence, front=front) is JudgementOutcome.CONFIRMED for evidence in session.execute(query).scalars()
    )


def _outcome(evidence: Evidence, *, front: bool) -> JudgementOutcome:
    agrees = evidence.picture["agrees"] if evidence.picture is not None else None
    return decide_outcome(evidence.match, evidence.attribution, front=front, picture_agrees=agrees).outcome


def latest_verdict(session: Session, judged: Evidence) -> Evidence:
    """The newest verdict on one stored page: its own, or that of the last adoption."""
    query = sa.select(Evidence).where(
        Evidence.rejudged_from == judged.id, Evidence.republication_id == judged.republication_id
    )
    return session.execute(query.order_by(Evidence.id.desc()).limit(1)).scalar_one_or_none() or judged


def status_after(
    status: RepublicationStatus,
    before: JudgementOutcome,
    after: JudgementOutcome,
    *,
    by_person: bool,
    borne_out: bool,
) -> RepublicationStatus:
    """The status, by itself, of a copy whose newest stored page has the outcome ``before`` by its former rules and
    ``after`` by the present ones. ``borne_out``: another of its pages counts.

    A pure function. An unchanged outcome changes nothing.
    """
    if by_person:
        return status
    if status is RepublicationStatus.CONFIRMED:
        return (
            RepublicationStatus.CONFIRMED
            if after is JudgementOutcome.CONFIRMED or borne_out
            else RepublicationStatus.REVIEW
        )
    if before is after:
        return status
    if status is RepublicationStatus.REJECTED:
        # It was rejected because the page no longer carried it; whether it counts is for a person to decide.
        return RepublicationStatus.REVIEW if after is JudgementOutcome.CONFIRMED else RepublicationStatus.REJECTED
    if after is JudgementOutcome.CONFIRMED:
        return RepublicationStatus.CONFIRMED
    return RepublicationStatus.REVIEW if after is JudgementOutcome.REVIEW else RepublicationStatus.REJECTED


def earlier_rules(session: Session, judged: Evidence) -> str:
    """The rule version of the verdict that stands on a stored page before it is judged again."""
    return latest_verdict(session, judged).rule_version


def compare_copy(
    session: Session, row: Republication, evidence: Evidence, judgement: Judgement | None, *, borne_out: bool
) -> RejudgementChange | None:
    """The change of one copy by the present rules; None without any. ``judgement``: of its newest stored page, None
    when that does not carry the bulletin. Writes nothing."""
    last = latest_verdict(session, evidence)
    was = _outcome(last, front=is_front_page(row.canonical_url))
    outcome = judgement.decision.outcome if judgement is not None else JudgementOutcome.NOTHING
    own = status_after(row.status, was, outcome, by_person=row.decided_by is not None, borne_out=borne_out)
    status = own if own is row.status else counted_copy.placed_status(session, row, own)
    found = CopyStanding(
        status,
        judgement.match.match if judgement is not None else Match.NONE,
        judgement.attribution.attribution if judgement is not None else Attribution.NONE,
        judgement.match.share if judgement is not None else 0.0,
        judgement.match.revision if judgement is not None else None,
    )
    same = (last.match, last.attribution, last.revision) == (found.match, found.attribution, found.revision)
    if same and status is row.status:
        return None
    before = CopyStanding(row.status, last.match, last.attribution, last.share, last.revision)
    reasons = judgement.reasons if judgement is not None else (NOT_FOUND,)
    return RejudgementChange(
        row.public, row.bulletin.code, row.site.company.code, row.canonical_url, evidence.id, evidence.at,
        (last.rule_version, last.fp_version), row.decided_by is not None, before, found, own, tuple(reasons),
    )  # fmt: skip


# A copy changes between these two when another address of its site takes its place.
_IN_PLACE = frozenset({RepublicationStatus.CONFIRMED, RepublicationStatus.DUPLICATE})


def lock_changed(session: Session, changes: Sequence[RejudgementChange]) -> None:
    """Lock the copies of these changes until commit, before the first is adopted."""
    publics = [change.republication for change in changes]
    query = sa.select(Republication.id).where(Republication.public.in_(publics))
    counted_copy.lock_copies(session, session.execute(query).scalars())


def adopt_change(
    session: Session, actor: str, change: RejudgementChange, judgement: Judgement | None, *, now: dt.datetime
) -> bool:
    """Adopt one change: add a verdict that replaces the earlier one, and update the copy. Returns False and writes
    nothing when the copy has changed since it was judged; it is judged again next time.

    A copy that took another's place, or gave its own, by a change adopted before is the same copy. The caller has
    locked the copies (``lock_changed``)."""
    row = session.execute(sa.select(Republication).where(Republication.public == change.republication)).scalar_one()
    evidence = session.get_one(Evidence, change.evidence)
    newest = sa.select(sa.func.max(Evidence.id)).where(
        Evidence.republication_id == row.id, Evidence.body_key.is_not(None), Evidence.rejudged_from.is_(None)
    )
    moved = session.execute(newest).scalar_one() != evidence.id
    if moved or (row.decided_by is not None) is not change.by_person:
        return False
    before = row.status
    if before is not change.before.status and not {before, change.before.status} <= _IN_PLACE:
        return False
    made = _new_evidence(row, evidence, judgement, now)
    session.add(made)
    session.flush()
    if row.status is not RepublicationStatus.REJECTED or change.after.status is not RepublicationStatus.REJECTED:
        _update_copy_values(session, row, change, judgement)
    if change.own not in {before, RepublicationStatus.DUPLICATE} and not change.by_person:
        counted_copy.set_status(session, row, change.own, now=now)
    if row.status is before:
        evidence_seals.record_look(session, actor, row, made, now=now)
    else:
        details = {
            **counted_as(row), "url": change.url, "before": before, "match": change.after.match,
            "attribution": change.after.attribution, "page": evidence.body_hash, "rules": RULE_VERSION,
            "why": "judged again under other rules", "evidence": evidence_seals.evidence_hash(row.public, made),
        }  # fmt: skip
        act = f"republication.{row.status.value}"
        journal.record(session, actor, act, "republication", row.public, details, now=now)
    session.flush()
    return True


def _update_copy_values(
    session: Session, row: Republication, change: RejudgementChange, judgement: Judgement | None
) -> None:
    if row.decided_by is None:
        row.reasons = [f"rejudged: from rules {change.rules[0]} to {RULE_VERSION}", *change.reasons]
    row.match, row.share = change.after.match, change.after.share
    row.attribution = shown_attribution(change.after.attribution, row.attribution_said)
    if judgement is not None:
        row.revision, row.title_kept = judgement.match.revision, judgement.match.title_kept
        row.link_position = judgement.attribution.link_position
        row.picture_agrees = judgement.medium.agrees if judgement.medium is not None else None
        # The share may differ under other rules; changes are measured from this value on.
        row.confirmed_share, row.confirmed_revision = row.share, row.revision
        row.confirmed_rule = judgement.match.rule_version
        if row.confirmed_at is None:  # the counted day is fixed once it counts
            dated = judgement.published
            row.published_at, row.published_from = (dated.at, dated.origin.value) if dated is not None else (None, None)
            row.counted_on = counted_day(row.site, city_day(row.appeared_at))
    row.level = evidence_level(row, sightings.first_seen_by_method(session, row.page))


def _new_evidence(row: Republication, evidence: Evidence, judgement: Judgement | None, now: dt.datetime) -> Evidence:
    headers = tuple((name, value) for name, value in evidence.headers or ())
    page = FetchedPage(
        evidence.status, evidence.final_url, evidence.body_hash, evidence.body_key, evidence.page_title,
        evidence.page_text, None, None, evidence.capture_key, headers, evidence.author, evidence.image,
        found_pictures=_kept_picture(row, evidence),
    )  # fmt: skip
    if judgement is not None:
        made = new_evidence(row, page, judgement, now)
    else:
        made = Evidence(
            republication_id=row.id, at=now, status=page.status, final_url=page.final_url, body_hash=page.body_hash,
            body_key=page.body_key, capture_key=page.capture_key, headers=evidence.headers, page_title=page.title,
            page_text=page.text, author=page.author, image=page.image,
            match=Match.NONE, share=0.0, longest_run=0, title_kept=False,
            attribution=Attribution.NONE, source_text="", source_where="", passages=[],
            reasons=[NOT_FOUND],
            rule_version=RULE_VERSION, fp_version=FP_VERSION,
        )  # fmt: skip
    made.rejudged_from = evidence.id
    return made


def _kept_picture(row: Republication, evidence: Evidence) -> dict[str, KeptPicture]:
    kept = evidence.picture
    if kept is None or kept["file"] is None:
        return {}
    return {str(row.bulletin_id): KeptPicture(kept["file"], kept["capture"])}


def record_start(session: Session, actor: str, scope: RejudgementScope, copies: int, *, now: dt.datetime) -> None:
    """Record in the journal that a rejudgement started, and by which rules."""
    details = {**_scope_details(scope), "copies": copies, "rules": RULE_VERSION, "fingerprint": FP_VERSION}
    journal.record(session, actor, "evidence.rejudging", "evidence", RULE_VERSION, details, now=now)


def record_end(
    session: Session, actor: str, scope: RejudgementScope, counts: dict[str, int], *, now: dt.datetime
) -> None:
    """Record its result in the journal."""
    details = {**_scope_details(scope), **counts, "rules": RULE_VERSION, "fingerprint": FP_VERSION}
    journal.record(session, actor, "evidence.rejudged", "evidence", RULE_VERSION, details, now=now)


def _scope_details(scope: RejudgementScope) -> dict[str, str]:
    days = {"from": scope.first, "to": scope.last}
    details = {name: day.isoformat() for name, day in days.items() if day is not None}
    return details | ({"bulletin": scope.bulletin} if scope.bulletin else {})
