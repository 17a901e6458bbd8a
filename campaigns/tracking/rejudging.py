"""Rejudge: what kept pages amount to under the running rules, beside what they were found to be, and its adoption.

A rule that has become better must be able to say so of what was judged before it, without anybody's page being fetched
again: the page as it was kept is what is judged. Only what the page *says* is judged anew. Whether it is still there is
for the rechecks, and a person's conclusion stands.

A copy that is counted stays counted while any of its kept pages bears it out: what a partner did to the page later is
told by life and evidence, and is not subtracted. When none of them does any more, counting it was our mistake; it is
not taken back in silence but waits for a person.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.core.pace import Pace
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking import sightings
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.fingerprints import FP_VERSION
from campaigns.tracking.judging import Judgement, Outcome, decide
from campaigns.tracking.matching import RULE_VERSION, Match
from campaigns.tracking.republications import Evidence, Republication, Status, shown_attribution
from campaigns.tracking.urls import is_front_page
from campaigns.tracking.verifying import Fetched, evidence_of, level_of, second_address

NOT_FOUND = "text_not_found: the kept page does not carry this bulletin"


@dataclass(frozen=True)
class Scope:
    """Which copies: of one bulletin, counted on a day from ``first`` to ``last``; all of them when nothing is said."""

    bulletin: str = ""
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True)
class Stands:
    """A conclusion on one copy."""

    status: Status
    match: Match
    attribution: Attribution
    share: float
    revision: int | None


@dataclass(frozen=True)
class Change:
    """What would become of one copy. ``evidence``: the key of the row that was judged again; ``rules``: those it was
    judged by, ``rule_version`` and ``fp_version``."""

    republication: str
    bulletin: str
    url: str
    evidence: int
    kept_at: dt.datetime
    rules: tuple[str, str]
    by_person: bool
    before: Stands
    after: Stands
    reasons: tuple[str, ...]


def kept(session: Session, scope: Scope, after: int, limit: int) -> Sequence[tuple[Republication, Evidence]]:
    """The next copies in order of their keys, from behind ``after``, each with its newest kept page."""
    newest = (
        sa.select(Evidence.republication_id, sa.func.max(Evidence.id).label("last"))
        .where(Evidence.body_key.is_not(None), Evidence.rejudged_from.is_(None))
        .group_by(Evidence.republication_id)
    )
    picked = sa.select(Republication.id).where(Republication.id > after, _has_kept(), *_within(scope))
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


def how_many(session: Session, scope: Scope) -> tuple[int, int]:
    """How many copies have a kept page, and how many have none and can only stand as they are."""
    ours = sa.select(sa.func.count(Republication.id)).where(*_within(scope))
    return session.execute(ours.where(_has_kept())).scalar_one(), session.execute(ours.where(~_has_kept())).scalar_one()


def _has_kept() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Evidence.republication_id == Republication.id, Evidence.body_key.is_not(None), Evidence.rejudged_from.is_(None)
    )


def _within(scope: Scope) -> list[sa.ColumnElement[bool]]:
    said: list[sa.ColumnElement[bool]] = []
    if scope.bulletin:
        said.append(Republication.bulletin.has(Bulletin.code == scope.bulletin))
    if scope.first is not None:
        said.append(Republication.counted_on >= scope.first)
    if scope.last is not None:
        said.append(Republication.counted_on <= scope.last)
    return said


def links_found(session: Session, limit: int = 200) -> Sequence[str]:
    """Where the newest verdicts found links to bulletins: the addresses themselves, as they stood on the pages."""
    linked = (Attribution.LINKED_AT_END, Attribution.LINKED_ELSEWHERE)
    query = (
        sa.select(Evidence.source_link)
        .where(Evidence.attribution.in_(linked), Evidence.source_link.is_not(None))
        .order_by(Evidence.id.desc())
        .limit(limit)
    )
    return [link for link in session.execute(query).scalars() if link is not None]


def earlier_pages(session: Session, row: Republication, but: Evidence) -> Iterator[Evidence]:
    """The copy's other kept pages, newest first, each body once."""
    query = (
        sa.select(Evidence)
        .where(
            Evidence.republication_id == row.id, Evidence.body_key.is_not(None), Evidence.rejudged_from.is_(None),
            Evidence.body_hash != but.body_hash,
        )
        .order_by(Evidence.id.desc())
    )  # fmt: skip
    seen = set()
    for one in session.execute(query).scalars():
        if one.body_hash not in seen:
            seen.add(one.body_hash)
            yield one


def beyond_judging(session: Session, row: Republication) -> bool:
    """Whether the copy was found to count on a page that was not kept, so that nobody can judge it again."""
    query = sa.select(Evidence).where(Evidence.republication_id == row.id, Evidence.body_key.is_(None))
    front = is_front_page(row.canonical_url)
    return any(
        decide(one.match, one.attribution, front=front).outcome is Outcome.CONFIRMED
        for one in session.execute(query).scalars()
    )


def latest_verdict(session: Session, judged: Evidence) -> Evidence:
    """The newest verdict on one kept page: its own, or that of the last adoption."""
    query = sa.select(Evidence).where(
        Evidence.rejudged_from == judged.id, Evidence.republication_id == judged.republication_id
    )
    return session.execute(query.order_by(Evidence.id.desc()).limit(1)).scalar_one_or_none() or judged


def status_after(
    status: Status, before: Outcome, after: Outcome, *, by_person: bool, borne_out: bool, second: bool
) -> Status:
    """The status of a copy whose newest kept page was ``before`` under the rules it was judged by and is ``after``
    under the running ones. ``borne_out``: another of its pages is to be counted; ``second``: another address of the
    site carries it and both have not yet stayed for a day.

    Pure. Under the same rules nothing changes.
    """
    if by_person:
        return status
    if status is Status.CONFIRMED:
        return Status.CONFIRMED if after is Outcome.CONFIRMED or borne_out else Status.REVIEW
    if before is after:
        return status
    if status is Status.REJECTED:
        # It was rejected because the page no longer carried it; that it did once is for a person to count.
        return Status.REVIEW if after is Outcome.CONFIRMED else Status.REJECTED
    if after is Outcome.CONFIRMED:
        return Status.CANDIDATE if second else Status.CONFIRMED
    return Status.REVIEW if after is Outcome.REVIEW else Status.REJECTED


def compare(
    session: Session, row: Republication, evidence: Evidence, judgement: Judgement | None, pace: Pace, *,
    borne_out: bool, now: dt.datetime,
) -> Change | None:  # fmt: skip
    """What the running rules would change on one copy; None when nothing. ``judgement``: of its newest kept page, None
    when that does not carry the bulletin. Writes nothing."""
    last = latest_verdict(session, evidence)
    was = decide(last.match, last.attribution, front=is_front_page(row.canonical_url)).outcome
    outcome = judgement.decision.outcome if judgement is not None else Outcome.NOTHING
    second = (
        outcome is Outcome.CONFIRMED and row.status is not Status.CONFIRMED and second_address(session, row, pace, now)
    )
    status = status_after(
        row.status, was, outcome, by_person=row.decided_by is not None, borne_out=borne_out, second=second
    )
    found = Stands(
        status,
        judgement.match.match if judgement is not None else Match.NONE,
        judgement.attribution.attribution if judgement is not None else Attribution.NONE,
        judgement.match.share if judgement is not None else 0.0,
        judgement.match.revision if judgement is not None else None,
    )
    same = (last.match, last.attribution, last.revision) == (found.match, found.attribution, found.revision)
    if same and status is row.status:
        return None
    before = Stands(row.status, last.match, last.attribution, last.share, last.revision)
    reasons = judgement.reasons if judgement is not None else (NOT_FOUND,)
    return Change(
        row.public, row.bulletin.code, row.canonical_url, evidence.id, evidence.at,
        (last.rule_version, last.fp_version), row.decided_by is not None, before, found, tuple(reasons),
    )  # fmt: skip


def adopt(session: Session, actor: str, change: Change, judgement: Judgement | None, *, now: dt.datetime) -> bool:
    """Write one change: a verdict beside the one it takes the place of, and what follows for the copy. Returns False,
    and writes nothing, when the copy has moved on since it was judged; it is then judged again next time."""
    query = (
        sa.select(Republication)
        .where(Republication.public == change.republication)
        .with_for_update(of=Republication, key_share=True)
    )
    row = session.execute(query).scalar_one()
    evidence = session.get_one(Evidence, change.evidence)
    newest = sa.select(sa.func.max(Evidence.id)).where(
        Evidence.republication_id == row.id, Evidence.body_key.is_not(None), Evidence.rejudged_from.is_(None)
    )
    moved = session.execute(newest).scalar_one() != evidence.id
    if moved or row.status is not change.before.status or (row.decided_by is not None) is not change.by_person:
        return False
    session.add(_verdict(row, evidence, judgement, now))
    if row.status is not Status.REJECTED or change.after.status is not Status.REJECTED:
        _describe(session, row, change, judgement)
    if row.status is not change.after.status:
        row.status = change.after.status
        if row.status is Status.CONFIRMED and row.confirmed_at is None:
            row.confirmed_at = now
        session.flush()
        details = {
            "bulletin": change.bulletin, "url": change.url, "before": change.before.status, "match": change.after.match,
            "attribution": change.after.attribution, "page": evidence.body_hash, "rules": RULE_VERSION,
            "why": "judged again under other rules",
        }  # fmt: skip
        act = f"republication.{row.status.value}"
        journal.record(session, actor, act, "republication", row.public, details, now=now)
    session.flush()
    return True


def _describe(session: Session, row: Republication, change: Change, judgement: Judgement | None) -> None:
    if row.decided_by is None:
        row.reasons = [f"rejudged: from rules {change.rules[0]} to {RULE_VERSION}", *change.reasons]
    row.match, row.share = change.after.match, change.after.share
    row.attribution = shown_attribution(change.after.attribution, row.attribution_said)
    if judgement is not None:
        row.revision, row.title_kept = judgement.match.revision, judgement.match.title_kept
        row.link_position = judgement.attribution.link_position
        # The same text may have another share under other rules; what changed is reckoned from this one on.
        row.confirmed_share, row.confirmed_revision = row.share, row.revision
        row.confirmed_rule = judgement.match.rule_version
        if row.confirmed_at is None:  # the day it counts for does not move once it is counted
            told = judgement.published
            row.published_at, row.published_from = (told.at, told.origin.value) if told is not None else (None, None)
            row.counted_on = city_day(row.appeared_at)
    row.level = level_of(row, sightings.how_seen(session, row.page))


def _verdict(row: Republication, evidence: Evidence, judgement: Judgement | None, now: dt.datetime) -> Evidence:
    headers = tuple((name, value) for name, value in evidence.headers or ())
    page = Fetched(
        evidence.status, evidence.final_url, evidence.body_hash, evidence.body_key, evidence.page_title,
        evidence.page_text, None, None, evidence.capture_key, headers, evidence.author, evidence.image,
    )  # fmt: skip
    if judgement is not None:
        made = evidence_of(row, page, judgement, now)
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


def begun(session: Session, actor: str, scope: Scope, copies: int, *, now: dt.datetime) -> None:
    """Write down that kept pages are being judged again, and by which rules."""
    details = {**_told(scope), "copies": copies, "rules": RULE_VERSION, "fingerprint": FP_VERSION}
    journal.record(session, actor, "evidence.rejudging", "evidence", RULE_VERSION, details, now=now)


def ended(session: Session, actor: str, scope: Scope, counts: dict[str, int], *, now: dt.datetime) -> None:
    """Write down what came of it."""
    details = {**_told(scope), **counts, "rules": RULE_VERSION, "fingerprint": FP_VERSION}
    journal.record(session, actor, "evidence.rejudged", "evidence", RULE_VERSION, details, now=now)


def _told(scope: Scope) -> dict[str, str]:
    days = {"from": scope.first, "to": scope.last}
    said = {name: day.isoformat() for name, day in days.items() if day is not None}
    return said | ({"bulletin": scope.bulletin} if scope.bulletin else {})
