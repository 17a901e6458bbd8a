"""Verify: what a fetched page means for what is counted, and when it is to be fetched again.

The machine confirms a full or partial copy that names or links us; the same text without either, excerpts and
disagreements wait for a person; a person's word stands over the machine's. Counted once for ever: a copy that is taken
down stays counted and is shown as gone.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal, ledger
from campaigns.core.clock import city_day
from campaigns.core.pace import Pace
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking import absence, chains, describing, rechecking, sightings, teasers, vanishing
from campaigns.tracking.absence import Signs
from campaigns.tracking.attribution import NAMES_US
from campaigns.tracking.describing import Shown
from campaigns.tracking.judging import Judgement
from campaigns.tracking.matching import Match
from campaigns.tracking.rechecking import Watched
from campaigns.tracking.republications import (
    SECOND_ADDRESS,
    Evidence,
    Level,
    Life,
    Republication,
    Status,
    first_noted,
    held,
)  # fmt: skip
from campaigns.tracking.sightings import How, Page, Sighting
from campaigns.tracking.urls import host_of, same_page


@dataclass(frozen=True)
class Fetched:
    """A page as it came: HTTP status, where it was found in the end, its hash and key in the store, and its text.

    ``capture_key``: the web archive of this fetch; ``headers``: the answer's, as received.
    ``links``: the addresses elsewhere that its article links. ``likeness``: with the page its host shows for an address
    that does not exist, 0–1; None when that was not asked, or the host shows none.
    ``counters``: the tokens of the counter images it holds; None when nobody looked.
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
    author: str = ""
    image: str = ""
    links: tuple[str, ...] = ()
    likeness: float | None = None
    counters: frozenset[str] | None = None


def record(
    session: Session,
    page: Page,
    taken: ledger.Claim,
    fetched: Fetched,
    judgements: Sequence[Judgement],
    pace: Pace,
    *,
    asked: Collection[int] | None = None,
    now: dt.datetime,
) -> list[Republication]:
    """Write what a readable page carries. Returns the republications it concerns.

    ``asked``: the bulletins that were looked for on it, besides those it was found to carry; None for all that it is
    said to carry. A claim that came while it was being read is not judged by this look.
    """
    ways = sightings.how_seen(session, page)
    if How.FETCHED not in ways:
        session.add(Sighting(page_id=page.id, how=How.FETCHED, source=fetched.final_url[:1000], at=now))
        ways[How.FETCHED] = now
    present = {row.bulletin_id: row for row in hold(session, page, judgements)}
    carried = [one for one in judgements if is_carried(present, one)]
    touched = [_carry(session, page, fetched, one, present, ways, pace, now) for one in carried]
    waits = []
    for row in lost(present.values(), carried):
        if asked is not None and row.bulletin_id not in asked:
            continue
        words = f"{fetched.title}\n{fetched.text}"
        signs = Signs(page.url, fetched.final_url, _share(row, judgements), words, fetched.likeness)
        why = absence.reasons(signs)
        waits.append(vanishing.not_found(session, row, why, pace, page=fetched.body_hash, now=now))
        touched.append(row)
    # An address that lost its copy and leads to the front page announces nothing: the front page does, at its own.
    elsewhere = bool(waits) and not carried and not same_page(page.url, fetched.final_url)
    for one in judgements if not elsewhere else ():
        if one.match.match is Match.TEASER and int(one.bulletin) not in present:
            teasers.note(session, page, int(one.bulletin), fetched.title, now=now)
    values: dict[str, Any] = {
        "etag": fetched.etag,
        "last_modified": fetched.last_modified,
        "checked_at": now,
        "status": fetched.status,
        "error": "",
        "failures": 0,
        "missing_since": None,
        "body_hash": fetched.body_hash,
        "attempt": 0,
    }
    _settle(session, page, taken, values | _schedule(page, touched, waits, pace, now))
    return touched


def hold(
    session: Session, page: Page, judgements: Sequence[Judgement], rivals: Sequence[int] = ()
) -> Sequence[Republication]:
    """The copies on a page, locked together with every other one that recording these judgements may write: those
    that wait for a copy on this site, and those of the pages that it may turn out to be one with."""
    also = [chains.waiting_for(page.site_id, [int(one.bulletin) for one in judgements])] if judgements else []
    if rivals:
        also.append(Republication.page_id.in_(rivals))
    return held(session, page, *also)


def _settle(session: Session, page: Page, taken: ledger.Claim, values: Mapping[str, Any]) -> None:
    """Settle a look at a page that the caller holds. What somebody asked for while it went on is not settled by it:
    the page is due when they said, and comes whole."""
    if sightings.was_asked(page):
        due = min(one for one in (page.due_at, values["due_at"]) if one is not None)
        values = {**values, "due_at": due, "etag": None, "last_modified": None}
    ledger.settle(session, Page, taken, values)


def lost(present: Iterable[Republication], carried: Sequence[Judgement]) -> list[Republication]:
    """What was on the page before and is not among what it carries now."""
    there = {int(one.bulletin) for one in carried}
    return [row for row in present if row.bulletin_id not in there]


def is_carried(present: Mapping[int, Republication], judgement: Judgement) -> bool:
    """Whether a judgement says that the page carries the bulletin, with enough of what it carried before."""
    if judgement.match.match in {Match.NONE, Match.TEASER}:
        return False
    row = present.get(int(judgement.bulletin))
    return row is None or not absence.has_fallen(row.confirmed_share, judgement.match.share)


def _share(row: Republication, judgements: Sequence[Judgement]) -> float:
    return next((one.match.share for one in judgements if int(one.bulletin) == row.bulletin_id), 0.0)


def _schedule(
    page: Page,
    rows: Sequence[Republication],
    waits: Sequence[dt.timedelta | None],
    pace: Pace,
    now: dt.datetime,
) -> dict[str, Any]:
    """When a page that was read is fetched again. ``waits``: for the looks that would make what was not found gone."""
    since, checks = page.watched_since, page.checks + 1
    if not rows:
        return {"due_at": None, "checks": checks}
    if since is None or any(row.followed_at == now for row in rows):
        since, checks = now, 1
    behind = [row.stale_since or now for row in rows if row.stale and row.life is not Life.GONE]
    watched = Watched(host_of(page.canonical_url), since, checks, max(behind, default=None))
    due = rechecking.next_look(watched, pace, now=now)
    values: dict[str, Any] = {"due_at": due, "checks": checks, "watched_since": since}
    suspected = [wait for wait in waits if wait is not None]
    if suspected:
        # A look for the sake of a suspicion uses up no mark.
        values["checks"] = checks - 1
        values["due_at"] = min(now + min(suspected), due or dt.datetime.max.replace(tzinfo=dt.UTC))
    if waits:
        # "Not changed" would be said of the page that took the copy's place: it is to come whole.
        values |= {"etag": None, "last_modified": None}
    return values


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
        row = first_noted(bulletin, page, Level.FETCHED, city_day(page.first_seen_at))
        session.add(row)
        teasers.outgrown(session, page, bulletin.id)
    before = None if fresh else row.status
    shown = Shown(fetched.title, fetched.author, fetched.image, fetched.counters)
    describing.describe(session, row, shown, judgement, now=now)
    if row.decided_by is None:
        row.status, row.reasons = _status(session, row, judgement, pace, now)
        if row.status is Status.CONFIRMED and row.confirmed_at is None:
            row.confirmed_at = now
    row.level = level_of(row, ways)
    session.flush()
    chains.settle(session, row, judgement.attribution, fetched.links)
    if fresh:
        chains.adopt(session, row)
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


def _status(
    session: Session, row: Republication, judgement: Judgement, pace: Pace, now: dt.datetime
) -> tuple[Status, list[str]]:
    reasons = list(judgement.reasons)
    wanted = Status(judgement.decision.outcome.value)
    if row.status is Status.CONFIRMED and wanted is not Status.CONFIRMED:
        # Counted once for ever: what has changed since is told by life and evidence.
        return Status.CONFIRMED, reasons
    if wanted is Status.CONFIRMED and row.status is not Status.CONFIRMED and second_address(session, row, pace, now):
        return Status.CANDIDATE, [*reasons, f"{SECOND_ADDRESS}: the same text is live at another address of this site"]
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
    # A person's word that was taken back is still how the page came to be known, where nothing else saw it.
    order = [How.FETCHED, How.DISCOVERED, How.COUNTED_IMAGE, How.ANNOUNCED, How.REPORTED, How.PERSON]
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
        author=fetched.author,
        image=fetched.image,
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


def unchanged(session: Session, page: Page, taken: ledger.Claim, pace: Pace, *, now: dt.datetime) -> None:
    """The page says that it has not changed since it was last judged. What was suspected in between is forgotten: a
    page that had lost its copy is asked for whole."""
    rows = held(session, page)
    for row in rows:
        row.checked_at = now
        if row.life is not Life.GONE:
            vanishing.found_again(session, row, now=now)
    values: dict[str, Any] = {
        "checked_at": now,
        "failures": 0,
        "error": "",
        "missing_since": None,
        "attempt": 0,
    }
    _settle(session, page, taken, values | _schedule(page, rows, (), pace, now))


def missing(
    session: Session, page: Page, taken: ledger.Claim, status: int, why: str, pace: Pace, *, now: dt.datetime
) -> bool:
    """The address led to no page: it answered 404 or 410, or leads to another site. Twice, a day apart, means that the
    copy was taken down; returns whether nothing is left to wait for."""
    rows = held(session, page)
    waits = [vanishing.not_found(session, row, [why], pace, now=now) for row in rows]
    since = page.missing_since or now
    if not rows and (page.missing_since is None or now - since < pace.gone_gap):
        waits.append(pace.gone_gap - (now - since))  # a list may be quicker than the page it names
    values: dict[str, Any] = {"checked_at": now, "status": status, "error": "", "attempt": 0, "missing_since": since}
    suspected = [wait for wait in waits if wait is not None]
    if suspected:
        _settle(session, page, taken, values | {"due_at": now + min(suspected)})
        return False
    # A page may come back; it is looked at on the same schedule as if it were there. Its validators are forgotten, so
    # that it then comes whole: "not changed" would leave it gone.
    _settle(session, page, taken, values | _schedule(page, rows, (None,), pace, now))
    return True


def put_off(session: Session, page: Page, taken: ledger.Claim, until: dt.datetime) -> None:
    """Nobody could look; nothing is known of the page, and nothing is held against it."""
    _settle(session, page, taken, {"due_at": until, "attempt": 0})


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
        for row in held(session, page):
            if row.status is Status.CANDIDATE and row.decided_by is None:
                vanishing.to_person(session, row, [f"page_unreadable: {why[:300]}"], now=now)
    values = {
        "due_at": None if lasting else now + gap,
        "checked_at": now,
        "status": status,
        "error": why[:2000],
        "failures": failures,
        "attempt": 0,
    }
    _settle(session, page, taken, values)
