"""Verify: what a fetched page means for what is counted, and when it is to be fetched again.

The machine confirms a full or partial copy that names or links us; the same text without either, excerpts and
disagreements wait for a person; a person's word stands over the machine's. Counted once for ever: a copy that is taken
down stays counted and is shown as gone.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal, ledger
from campaigns.core.base import public_id, rows_changed
from campaigns.core.clock import city_day
from campaigns.core.pace import Pace
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking import sightings
from campaigns.tracking.attribution import NAMES_US, Attribution
from campaigns.tracking.judging import Judgement
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Evidence, Level, Life, Republication, Status, of_page
from campaigns.tracking.sightings import How, Page, Sighting

# A partner's clock may be a little fast; a page that says it will be published in an hour is mistaken.
FAST_CLOCK = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Fetched:
    """A page as it came: HTTP status, where it was found in the end, its hash and key in the store, and its text.

    ``capture_key``: the web archive of this fetch; ``headers``: the answer's, as received.
    """

    status: int
    final_url: str
    body_hash: str
    body_key: str | None
    title: str
    text: str
    etag: str | None
    last_modified: str | None
    capture_key: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


def record(
    session: Session,
    page: Page,
    taken: ledger.Claim,
    fetched: Fetched,
    judgements: Sequence[Judgement],
    pace: Pace,
    *,
    now: dt.datetime,
) -> list[Republication]:
    """Write what a readable page carries. Returns the republications it concerns."""
    ways = sightings.how_seen(session, page)
    if How.FETCHED not in ways:
        session.add(Sighting(page_id=page.id, how=How.FETCHED, source=fetched.final_url[:1000], at=now))
        ways[How.FETCHED] = now
    present = {row.bulletin_id: row for row in of_page(session, page)}
    carried = [one for one in judgements if one.match.match not in {Match.NONE, Match.TEASER}]
    touched = [_carry(session, page, fetched, one, present, ways, pace, now) for one in carried]
    for bulletin_id, row in present.items():
        if bulletin_id not in {int(one.match.bulletin) for one in carried}:
            _not_carried(session, row, now)
            touched.append(row)
    behind = any(row.stale and row.life is not Life.GONE for row in touched)
    wait = _next_check(page, bool(touched), behind, pace)
    values: dict[str, Any] = {
        "due_at": now + wait if wait is not None else None,
        "etag": fetched.etag,
        "last_modified": fetched.last_modified,
        "checked_at": now,
        "checks": page.checks + 1,
        "status": fetched.status,
        "error": "",
        "failures": 0,
        "missing_since": None,
        "body_hash": fetched.body_hash,
        "attempt": 0,
    }
    ledger.settle(session, Page, taken, values)
    return touched


def _next_check(page: Page, matters: bool, behind: bool, pace: Pace) -> dt.timedelta | None:
    """When a page is fetched again: on the schedule of rechecks while it carries us, soon while it is behind."""
    if not matters:
        return None
    if behind:
        return pace.rechecks[min(page.checks, 1)]
    return pace.rechecks[page.checks] if page.checks < len(pace.rechecks) else None


def _carry(
    session: Session,
    page: Page,
    fetched: Fetched,
    judgement: Judgement,
    present: dict[int, Republication],
    ways: dict[How, dt.datetime],
    pace: Pace,
    now: dt.datetime,
) -> Republication:
    bulletin = session.get_one(Bulletin, int(judgement.match.bulletin))
    row = present.get(bulletin.id)
    fresh = row is None
    if row is None:
        row = Republication(
            public=public_id("rep"),
            bulletin_id=bulletin.id,
            site_id=page.site_id,
            page_id=page.id,
            url=page.url,
            canonical_url=page.canonical_url,
            status=Status.CANDIDATE,
            first_seen_at=page.first_seen_at,
            decision_note="",
            stale=False,
        )
        session.add(row)
    _describe(row, judgement, bulletin, page, now)
    before = None if fresh else row.status
    if row.decided_by is None:
        row.status, row.reasons = _status(session, row, judgement, pace, now)
        if row.status is Status.CONFIRMED and row.confirmed_at is None:
            row.confirmed_at = now
    row.level = level_of(row, ways)
    session.flush()
    session.add(evidence_of(row, fetched, judgement, now))
    if row.status is not before:
        details = {
            "bulletin": bulletin.code,
            "url": row.canonical_url,
            "match": judgement.match.match,
            "share": round(judgement.match.share, 3),
            "attribution": judgement.attribution.attribution,
            "page": fetched.body_hash,
        }
        act = f"republication.{row.status.value}"
        journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
    return row


def _describe(row: Republication, judgement: Judgement, bulletin: Bulletin, page: Page, now: dt.datetime) -> None:
    was_gone = row.life is Life.GONE
    row.match, row.share = judgement.match.match, judgement.match.share
    row.revision, row.title_kept = judgement.match.revision, judgement.match.title_kept
    row.attribution = judgement.attribution.attribution
    row.checked_at = now
    row.stale = bulletin.recalled_at is not None or (row.revision is not None and row.revision != bulletin.released)
    row.life = Life.CHANGED if row.stale and bulletin.recalled_at is None else Life.LIVE
    if was_gone:
        row.gone_at = None
    if row.confirmed_at is None:  # the day it counts for does not move once it is counted
        told = judgement.published
        row.published_at, row.published_from = (told.at, told.origin.value) if told is not None else (None, None)
        row.counted_on = counted_day(row.published_at, bulletin, page)


def counted_day(published_at: dt.datetime | None, bulletin: Bulletin, page: Page) -> dt.date:
    """The day a copy counts for: that of its own publication time when plausible, else when we first saw it."""
    plausible = (
        published_at is not None
        and bulletin.release_at is not None
        and bulletin.release_at <= published_at <= page.first_seen_at + FAST_CLOCK
    )
    return city_day(published_at if plausible and published_at is not None else page.first_seen_at)


def _status(
    session: Session, row: Republication, judgement: Judgement, pace: Pace, now: dt.datetime
) -> tuple[Status, list[str]]:
    reasons = list(judgement.reasons)
    wanted = Status(judgement.decision.outcome.value)
    if row.status is Status.CONFIRMED and wanted is not Status.CONFIRMED:
        # Counted once for ever: what has changed since is told by life and evidence.
        return Status.CONFIRMED, reasons
    if wanted is Status.CONFIRMED and row.status is not Status.CONFIRMED and second_address(session, row, pace, now):
        return Status.CANDIDATE, [*reasons, "second_address: the same text is live at another address of this site"]
    return wanted, reasons


def second_address(session: Session, row: Republication, pace: Pace, now: dt.datetime) -> bool:
    """Whether another address of the same site carries the bulletin and the two have not yet both stayed for a day."""
    if now - row.first_seen_at >= pace.gone_gap:
        return False
    other = (
        sa.select(Republication.id)
        .where(
            Republication.bulletin_id == row.bulletin_id,
            Republication.site_id == row.site_id,
            Republication.status == Status.CONFIRMED,
            Republication.life != Life.GONE,
            Republication.canonical_url != row.canonical_url,
        )
        .limit(1)
    )
    with session.no_autoflush:
        return session.execute(other).first() is not None


def level_of(row: Republication, ways: dict[How, dt.datetime]) -> Level:
    """How far the evidence for a copy reaches, ``ways`` being when its page was first seen in each way."""
    if row.decided_by is not None and row.status is Status.CONFIRMED and row.match in {Match.NONE, Match.TEASER}:
        return Level.PERSON
    if row.match in {Match.FULL, Match.PARTIAL}:
        if row.attribution not in NAMES_US:
            return Level.MATCHED
        return Level.ATTRIBUTED if row.life is Life.GONE else Level.LIVE
    order = [How.FETCHED, How.DISCOVERED, How.COUNTED_IMAGE, How.ANNOUNCED, How.REPORTED]
    return next((Level(way.value) for way in order if way in ways), Level.REPORTED)


def evidence_of(row: Republication, fetched: Fetched, judgement: Judgement, now: dt.datetime) -> Evidence:
    """A judgement of a fetched page as a row to be added."""
    match, source, told = judgement.match, judgement.attribution, judgement.published
    return Evidence(
        republication_id=row.id,
        at=now,
        status=fetched.status,
        final_url=fetched.final_url,
        body_hash=fetched.body_hash,
        body_key=fetched.body_key,
        capture_key=fetched.capture_key,
        headers=[list(field) for field in fetched.headers] or None,
        page_title=fetched.title,
        page_text=fetched.text,
        revision=match.revision,
        match=match.match,
        share=match.share,
        longest_run=match.longest_run,
        title_kept=match.title_kept,
        attribution=source.attribution,
        source_name=source.source_name,
        source_link=source.source_link,
        link_position=source.link_position,
        source_text=source.text,
        source_where=source.where,
        passages=[list(pair) for pair in match.pairs],
        published_at=told.at if told is not None else None,
        published_from=told.origin.value if told is not None else None,
        reasons=list(judgement.reasons),
        rule_version=match.rule_version,
        fp_version=match.fp_version,
    )


def _not_carried(session: Session, row: Republication, now: dt.datetime) -> None:
    """The page can be read and does not carry the bulletin, or no longer."""
    row.checked_at = now
    if row.status is Status.CONFIRMED or row.decided_by is not None:
        if row.life is not Life.GONE:
            row.life, row.gone_at, row.stale = Life.GONE, now, False
            details = {"url": row.canonical_url, "why": "the page no longer carries the text"}
            journal.record(session, journal.SYSTEM, "republication.gone", "republication", row.public, details, now=now)
    else:
        row.status, row.match, row.share = Status.REJECTED, Match.NONE, 0.0
        row.attribution, row.reasons = Attribution.NONE, ["text_not_found: the page does not carry this bulletin"]
        details = {"url": row.canonical_url, "why": "the page does not carry this bulletin"}
        journal.record(session, journal.SYSTEM, "republication.rejected", "republication", row.public, details, now=now)
    session.flush()


def unchanged(session: Session, page: Page, taken: ledger.Claim, pace: Pace, *, now: dt.datetime) -> None:
    """The page says that it has not changed since it was last judged."""
    rows = of_page(session, page)
    for row in rows:
        row.checked_at = now
    wait = _next_check(page, bool(rows), any(row.stale for row in rows), pace)
    values = {
        "due_at": now + wait if wait is not None else None,
        "checked_at": now,
        "checks": page.checks + 1,
        "failures": 0,
        "error": "",
        "missing_since": None,
        "attempt": 0,
    }
    ledger.settle(session, Page, taken, values)


def missing(session: Session, page: Page, taken: ledger.Claim, status: int, pace: Pace, *, now: dt.datetime) -> bool:
    """The page answered 404 or 410. Twice, a day apart, means that it was taken down; returns whether it now does."""
    values: dict[str, Any] = {"checked_at": now, "status": status, "error": "", "attempt": 0}
    since = page.missing_since
    if since is None or now - since < pace.gone_gap:
        left = pace.gone_gap if since is None else pace.gone_gap - (now - since)
        values |= {"missing_since": since or now, "due_at": now + left}
        ledger.settle(session, Page, taken, values)
        return False
    for row in of_page(session, page):
        row.checked_at = now
        if row.status is Status.CANDIDATE and row.decided_by is None:
            row.status, row.reasons = Status.REJECTED, [f"page_missing: the page answered {status} twice"]
            act = "republication.rejected"
        elif row.life is not Life.GONE:
            row.life, row.gone_at, row.stale = Life.GONE, now, False
            act = "republication.gone"
        else:
            continue
        session.flush()
        details = {"url": row.canonical_url, "status": status}
        journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
    # A page may come back; it is looked at on the same schedule as if it were there. Its validators are forgotten, so
    # that it then comes whole: "not changed" would leave it gone.
    wait = _next_check(page, bool(of_page(session, page)), False, pace)
    values |= {"due_at": now + wait if wait is not None else None, "checks": page.checks + 1}
    values |= {"etag": None, "last_modified": None}
    ledger.settle(session, Page, taken, values)
    return True


def failed(
    session: Session,
    page: Page,
    taken: ledger.Claim,
    why: str,
    pace: Pace,
    *,
    status: int | None = None,
    wait: float | None = None,
    to_person: bool = False,
    lasting: bool = False,
    now: dt.datetime,
) -> None:
    """The page could not be read. Tried again ever more rarely, at least once a day, never dropped in silence.

    ``to_person``: what was claimed of it goes to a person at once, not after the third failure. ``lasting``: it will
    stay so (it is no page of text): to a person at once, and not tried again.
    """
    failures = page.failures + 1
    gap = min(pace.rechecks[0] * 2 ** min(failures - 1, 10), max(pace.rechecks[1], pace.rechecks[0]))
    if wait is not None:
        gap = max(gap, dt.timedelta(seconds=wait))
    if lasting or to_person or failures >= 3:
        for row in of_page(session, page):
            if row.status is Status.CANDIDATE and row.decided_by is None:
                row.status, row.reasons = Status.REVIEW, [f"page_unreadable: {why[:300]}"]
    values = {
        "due_at": None if lasting else now + gap,
        "checked_at": now,
        "status": status,
        "error": why[:2000],
        "failures": failures,
        "attempt": 0,
    }
    ledger.settle(session, Page, taken, values)


def look_again(session: Session, bulletin: Bulletin, pace: Pace, *, now: dt.datetime) -> int:
    """After a correction or recall: every page that carries the bulletin is fetched soon, until it follows."""
    pages = sa.select(Republication.page_id).where(
        Republication.bulletin_id == bulletin.id,
        Republication.life != Life.GONE,
        Republication.status.in_((Status.CONFIRMED, Status.REVIEW)),
    )
    session.execute(
        sa.update(Republication)
        .where(Republication.bulletin_id == bulletin.id, Republication.life != Life.GONE)
        .values(stale=True)
    )
    done = session.execute(
        sa.update(Page)
        .where(Page.id.in_(pages))
        .values(due_at=now + pace.rechecks[0], checks=0, etag=None, last_modified=None)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
