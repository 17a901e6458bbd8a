"""Verification: the effect of a fetched page on republications, and when it is fetched again.

The machine confirms a full or partial copy that names or links us; the same text without either, excerpts and
disagreements wait for a person, whose decision overrides the machine. A copy is counted once for ever: a removed one
stays counted and is shown as gone.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.media import WITH_TRANSCRIPT
from campaigns.bulletins.media import from_json as media_from_json
from campaigns.bulletins.pictures import idents_in
from campaigns.core import journal, ledger
from campaigns.core.clock import city_day, quarter_of
from campaigns.core.intervals import Intervals
from campaigns.discovery import sightings
from campaigns.discovery.sightings import Page, Sighting, SightingMethod
from campaigns.discovery.unreadable_reasons import LASTING, SHELLS, UnreadableReason
from campaigns.discovery.urls import host_of, same_page
from campaigns.matching.classification import CARRIED
from campaigns.matching.matcher import Match
from campaigns.matching.pictures.comparison import PLAYED, MediaWay
from campaigns.republications import counted_copy, teasers
from campaigns.republications.attribution import copy_chains
from campaigns.republications.attribution.verdicts import NAMES_US
from campaigns.republications.evidence import evidence_seals
from campaigns.republications.evidence.browser_comparison import REASON_CODE, LookDifference, record_difference
from campaigns.republications.evidence.judgement import Judgement, MediaFind
from campaigns.republications.lifecycle import (
    outdated_copies,
    removal,
    removal_signs,
    unproven_history,
    unreadable_copies,
)
from campaigns.republications.lifecycle.correction_state import CorrectionState, PageContent
from campaigns.republications.lifecycle.removal_signs import RemovalSigns
from campaigns.republications.republications import (  # fmt: skip
    NO_COPIES,
    Evidence,
    EvidenceLevel,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    counted_as,
    counted_day,
    lock_copies_on_page,
    new_candidate,
    shown_attribution,
)

FAILURES_IN_A_ROW = 3  # failed requests after which a page counts as unreadable
# In a text of two hundred words, two reworded words change the share by this much.
CHANGED_SHARE = 0.005
MOST_TEXT = 10_000  # characters of the text read in a picture that its evidence keeps


@dataclass(frozen=True)
class PageDetails:
    """What the page shows around the text: headline, author line, and address of the lead picture.

    ``counters``: the tokens of its counter images; None if not looked for. ``text``: its main text; ``pictures``: the
    identifiers of our pictures in its addresses.
    """

    headline: str
    author: str = ""
    image: str = ""
    counters: frozenset[str] | None = None
    text: str = ""
    pictures: frozenset[str] = frozenset()

    @property
    def content(self) -> PageContent:
        """What a correction is compared with."""
        return PageContent(self.headline, self.text, self.image, self.pictures | frozenset(idents_in(self.image)))


def _played_correction(bulletin: Bulletin, find: MediaFind) -> CorrectionState | None:
    """What a copy that is a video or audio made of the last correction; None for a picture. Our player always shows the
    present text; a file is of the text that has it; an upload may be of any."""
    released = [revision for revision in bulletin.revisions if revision.released_at is not None]
    match find.by:
        case MediaWay.EMBED:
            return CorrectionState.FOLLOWED
        case MediaWay.FILE:
            return CorrectionState.NOT_AFFECTED if find.revision == bulletin.released else CorrectionState.OLD
        case MediaWay.UPLOAD:
            played = {_played_files(revision) for revision in released}
            return CorrectionState.NOT_AFFECTED if len(played) == 1 else CorrectionState.UNCLEAR
        case _:
            return None


def _played_files(revision: Revision) -> frozenset[str]:
    return frozenset(item.sha256 for item in media_from_json(revision.media) if item.kind in WITH_TRANSCRIPT)


def update_copy(
    session: Session, row: Republication, shown: PageDetails, judgement: Judgement, *, now: dt.datetime
) -> None:
    """Update a copy from a check that found it, including its life. A copy that was gone is live again."""
    removal.record_found_again(session, row, now=now)
    row.match, row.share = judgement.match.match, judgement.match.share
    row.revision, row.title_kept = judgement.match.revision, judgement.match.title_kept
    row.picture_agrees = judgement.medium.agrees if judgement.medium is not None else None
    row.attribution = shown_attribution(judgement.attribution.attribution, row.attribution_said)
    row.link_position = judgement.attribution.link_position
    row.headline, row.author, row.image = shown.headline, shown.author, shown.image
    if shown.counters is not None:
        row.counter_image = row.bulletin.counter_token in shown.counters
    row.checked_at = now
    played = _played_correction(row.bulletin, judgement.medium) if judgement.medium is not None else None
    settled = outdated_copies.update_outdated(session, row, shown.content, played, now=now)
    if row.confirmed_at is None or settled or row.confirmed_rule != judgement.match.rule_version:
        # The reference for later changes. Under other rules the same text may have another share.
        row.confirmed_share, row.confirmed_revision = row.share, row.revision
        row.confirmed_rule = judgement.match.rule_version
    _update_life(session, row, now)
    if row.confirmed_at is None:  # the counted day is fixed once it counts
        dated = judgement.published
        row.published_at, row.published_from = (dated.at, dated.origin.value) if dated is not None else (None, None)
        row.counted_on = counted_day(row.site, city_day(row.appeared_at))


def _update_life(session: Session, row: Republication, now: dt.datetime) -> None:
    """Set *changed* for a copy with an outdated text, or another share of the text than when confirmed; else *live*. A
    recalled bulletin has no newer text, so it does not make a copy changed."""
    before = row.life
    edited = row.confirmed_share is not None and abs(row.share - row.confirmed_share) > CHANGED_SHARE
    old = row.stale and row.bulletin.recalled_at is None and not row.correction_unclear
    row.life = RepublicationLife.CHANGED if old or edited else RepublicationLife.LIVE
    if edited and before is RepublicationLife.LIVE and row.confirmed_at is not None:
        session.flush()
        details = {"url": row.canonical_url, "share": round(row.share, 3), "was": round(row.confirmed_share or 0.0, 3)}
        journal.record(session, journal.SYSTEM, "republication.changed", "republication", row.public, details, now=now)


# Checks at the end of a quarter are spread over its last two days; the last hours are left for retries.
RECHECK_SPREAD = dt.timedelta(hours=46)
LEFT_FREE = dt.timedelta(hours=2)


@dataclass(frozen=True)
class WatchedPage:
    """The checks of a page so far. ``since``: when a copy on it was first verified, or seen to follow a correction.
    ``looks``: the number of checks since, the first included. ``behind_since``: when its text became outdated by a
    correction or recall; None if it is not."""

    host: str
    since: dt.datetime
    looks: int
    behind_since: dt.datetime | None = None


def quarter_end_looks(watched: WatchedPage, pace: Intervals) -> Iterator[dt.datetime]:
    """The checks of a page at quarter ends, from its first check to its last mark.

    Each host has its own time within the last two days, so that not all hosts are checked at once.
    """
    digest = hashlib.blake2b(watched.host.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    part = int.from_bytes(digest, "big") / 2**64
    last = watched.since + pace.rechecks[-1]
    quarter = quarter_of(city_day(watched.since))
    while True:
        slot = quarter.end - LEFT_FREE - part * RECHECK_SPREAD
        if slot > watched.since:  # a copy first seen in a quarter's last hours was just checked
            yield slot
        if quarter.end > last:
            return
        quarter = quarter_of(city_day(quarter.end))


def next_look(watched: WatchedPage, pace: Intervals, *, now: dt.datetime) -> dt.datetime | None:
    """The next check after one at ``now``; always later than ``now``, None when no more are due.

    A mark that passed without a check is made up for, no sooner than the shortest interval.
    """
    if watched.behind_since is not None:
        often, daily = pace.rechecks[0], pace.rechecks[1]
        return now + (often if now - watched.behind_since < daily else daily)
    quarters = list(quarter_end_looks(watched, pace))
    # Checks at quarter ends do not count as marks.
    made = max(watched.looks - 1 - sum(moment <= now for moment in quarters), 0)
    ahead = [moment for moment in quarters if moment > now]
    if made < len(pace.rechecks):
        mark = watched.since + pace.rechecks[made]
        ahead.append(mark if mark > now else now + pace.rechecks[0])
    return min(ahead, default=None)


@dataclass(frozen=True)
class KeptPicture:
    """The keys of a found picture in the store: the file made anew, and the web archive of its fetch."""

    file_key: str
    capture_key: str


@dataclass(frozen=True)
class FetchedPage:
    """A fetched page: HTTP status, final address, hash and key in the store, and text.

    ``capture_key``: the web archive of this fetch; ``headers``: of the response. ``links``: the external addresses that
    its article links. ``likeness``: similarity, 0–1, to the host's page for an address that does not exist; None if not
    requested or without such a page. ``counters``: the tokens of its counter images; None if not looked for.
    ``pictures``: the identifiers of our pictures in its addresses. ``found_pictures``: by bulletin, what was kept of a
    picture that carries it.
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
    pictures: frozenset[str] = frozenset()
    found_pictures: Mapping[str, KeptPicture] = field(default_factory=dict)


def record_page(
    session: Session,
    page: Page,
    taken: ledger.Claim,
    fetched: FetchedPage,
    judgements: Sequence[Judgement],
    pace: Intervals,
    *,
    asked: Collection[int] | None = None,
    differences: Mapping[int, LookDifference] = MappingProxyType({}),
    now: dt.datetime,
) -> list[Republication]:
    """Record what a readable page carries. Returns the republications concerned.

    ``asked``: the bulletins searched for, besides those found; None for all that it is claimed to carry. A claim made
    during the check is not judged by it. ``differences``: by bulletin, what a reader does not see of a copy that would
    count; it waits for a person.
    """
    ways = sightings.first_seen_by_method(session, page)
    if SightingMethod.FETCHED not in ways:
        session.add(Sighting(page_id=page.id, how=SightingMethod.FETCHED, source=fetched.final_url[:1000], at=now))
        ways[SightingMethod.FETCHED] = now
    present = {row.bulletin_id: row for row in lock_affected_copies(session, page, judgements)}
    carried = [judgement for judgement in judgements if is_carried(present, judgement)]
    touched = [
        _record_carried(session, page, fetched, judgement, present, ways, differences, now) for judgement in carried
    ]
    waits = []
    for row in lost_copies(present.values(), carried):
        if asked is not None and row.bulletin_id not in asked:
            continue
        if unproven_history.has_no_text(row):
            unproven_history.keep_unproven(session, row, fetched.links, now=now)
            continue
        words = f"{fetched.title}\n{fetched.text}"
        signs = RemovalSigns(page.url, fetched.final_url, _share(row, judgements), words, fetched.likeness)
        why = removal_signs.removal_reasons(signs)
        waits.append(removal.record_not_found(session, row, why, pace, page=fetched.body_hash, now=now))
        touched.append(row)
    # A former article address that leads to the front page announces nothing; teasers are those of the front page
    # itself.
    elsewhere = bool(waits) and not carried and not same_page(page.url, fetched.final_url)
    for judgement in judgements if not elsewhere else ():
        if judgement.match.match is Match.TEASER and int(judgement.bulletin) not in present:
            teasers.record_teaser(session, page, int(judgement.bulletin), fetched.title, now=now)
    columns: dict[str, Any] = {
        "etag": fetched.etag,
        "last_modified": fetched.last_modified,
        "checked_at": now,
        "status": fetched.status,
        "error": "",
        "failures": 0,
        "missing_since": None,
        "unreadable": None,
        "body_hash": fetched.body_hash,
        "attempt": 0,
    }
    _settle_page(session, page, taken, columns | _schedule(page, touched, waits, pace, now))
    return touched


def lock_affected_copies(
    session: Session, page: Page, judgements: Sequence[Judgement], rivals: Sequence[int] = ()
) -> Sequence[Republication]:
    """Lock the copies on a page together with all others that recording these judgements may change: the other
    addresses of each on the site, copies without an origin that may be linked to it, and those of the pages it may be
    merged with."""
    pages = [page.id, *rivals]
    known = sa.select(Republication.bulletin_id).where(Republication.page_id.in_(pages))
    found = [int(judgement.bulletin) for judgement in judgements]
    bulletins = [*found, *session.execute(known).scalars()]
    also = [
        sa.and_(Republication.site_id == page.site_id, Republication.bulletin_id.in_(bulletins)),
        Republication.page_id.in_(pages),
    ]
    if found:
        also.append(copy_chains.copies_without_origin(page.site_id, found))
    return lock_copies_on_page(session, page, *also)


def _settle_page(session: Session, page: Page, taken: ledger.Claim, columns: Mapping[str, Any]) -> None:
    """Settle a check of a page held by the caller. A fetch requested during the check stays due at its time, as a full
    fetch."""
    if sightings.was_fetch_requested(page):
        due = min(moment for moment in (page.due_at, columns["due_at"]) if moment is not None)
        columns = {**columns, "due_at": due, "etag": None, "last_modified": None}
    ledger.settle(session, Page, taken, columns)


def lost_copies(present: Iterable[Republication], carried: Sequence[Judgement]) -> list[Republication]:
    """The copies that were on the page before and are not among those it carries now."""
    found_ids = {int(judgement.bulletin) for judgement in carried}
    return [row for row in present if row.bulletin_id not in found_ids]


def is_carried(present: Mapping[int, Republication], judgement: Judgement) -> bool:
    """Whether the page carries the bulletin, with enough of the text it carried before. A page that had a confirmed
    copy and now has the same sentences with other figures carries another day's text."""
    if judgement.match.match in {Match.NONE, Match.TEASER}:
        return False
    row = present.get(int(judgement.bulletin))
    if judgement.has_other_figures and row is not None and row.confirmed_at is not None:
        return False
    return row is None or not removal_signs.has_lost_text(row.confirmed_share, judgement.match.share)


def _share(row: Republication, judgements: Sequence[Judgement]) -> float:
    return next((judgement.match.share for judgement in judgements if int(judgement.bulletin) == row.bulletin_id), 0.0)


def _schedule(
    page: Page,
    rows: Sequence[Republication],
    waits: Sequence[dt.timedelta | None],
    pace: Intervals,
    now: dt.datetime,
) -> dict[str, Any]:
    """Schedule the next fetch of a page that was read. ``waits``: until the checks that would make missing copies
    gone."""
    since, checks = page.watched_since, page.checks + 1
    if not rows:
        return {"due_at": None, "checks": checks}
    if since is None or any(row.followed_at == now for row in rows):
        since, checks = now, 1
    behind = [row.stale_since or now for row in rows if row.stale and row.life is not RepublicationLife.GONE]
    watched = WatchedPage(host_of(page.canonical_url), since, checks, max(behind, default=None))
    due = next_look(watched, pace, now=now)
    columns: dict[str, Any] = {"due_at": due, "checks": checks, "watched_since": since}
    suspected = [wait for wait in waits if wait is not None]
    if suspected:
        # A check for a suspicion does not count as a mark.
        columns["checks"] = checks - 1
        columns["due_at"] = min(now + min(suspected), due or dt.datetime.max.replace(tzinfo=dt.UTC))
    if waits:
        # "Not changed" would refer to the page that replaced the copy, so a full fetch is needed.
        columns |= {"etag": None, "last_modified": None}
    return columns


def _record_carried(
    session: Session,
    page: Page,
    fetched: FetchedPage,
    judgement: Judgement,
    present: dict[int, Republication],
    ways: dict[SightingMethod, dt.datetime],
    differences: Mapping[int, LookDifference],
    now: dt.datetime,
) -> Republication:
    bulletin = session.get_one(Bulletin, int(judgement.match.bulletin))
    row = present.get(bulletin.id)
    fresh = row is None
    if row is None:
        row = new_candidate(bulletin, page, EvidenceLevel.FETCHED, city_day(page.first_seen_at))
        session.add(row)
        teasers.remove_teaser(session, page, bulletin.id)
    before = None if fresh else row.status
    shown = PageDetails(
        fetched.title, fetched.author, fetched.image, fetched.counters, fetched.text, fetched.pictures
    )  # fmt: skip
    update_copy(session, row, shown, judgement, now=now)
    difference = differences.get(bulletin.id) if row.decided_by is None else None
    row.looks_disagree = row.looks_disagree or difference is not None
    if row.decided_by is None:
        disputed = [reason for reason in row.reasons if row.looks_disagree and reason.startswith(f"{REASON_CODE}:")]
        row.reasons = [*judgement.reasons, *disputed]
        if row.status is not RepublicationStatus.CONFIRMED:
            # Counted once for ever: later changes appear in life and evidence. What a reader's browser did not show
            # waits until it does, or a person decides.
            outcome = RepublicationStatus(judgement.decision.outcome.value)
            counts = outcome is RepublicationStatus.CONFIRMED and not row.looks_disagree
            own = outcome if counts or outcome is not RepublicationStatus.CONFIRMED else RepublicationStatus.REVIEW
            counted_copy.set_status(session, row, own, now=now)
    row.level = evidence_level(row, ways)
    session.flush()
    copy_chains.record_origin(session, row, judgement.attribution, fetched.links)
    if fresh:
        copy_chains.link_waiting_copies(session, row)
    made = new_evidence(row, fetched, judgement, now)
    session.add(made)
    session.flush()
    if row.status is before:
        evidence_seals.record_look(session, journal.SYSTEM, row, made, now=now)
    else:
        details = {
            **counted_as(row),
            "url": row.canonical_url,
            "match": judgement.match.match,
            "share": round(judgement.match.share, 3),
            "attribution": judgement.attribution.attribution,
            "page": fetched.body_hash,
            "evidence": evidence_seals.evidence_hash(row.public, made),
        }
        if row.duplicate_of is not None:
            details["duplicate_of"] = row.duplicate_of.public
        act = f"republication.{row.status.value}"
        journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
    if difference is not None:
        record_difference(session, row, difference, now=now)
    return row


def evidence_level(row: Republication, ways: dict[SightingMethod, dt.datetime]) -> EvidenceLevel:
    """The evidence level of a copy; ``ways``: when its page was first seen, by method."""
    if (
        row.decided_by is not None
        and row.status is RepublicationStatus.CONFIRMED
        and row.match in {Match.NONE, Match.TEASER}
    ):
        return EvidenceLevel.PERSON
    if row.match in CARRIED:
        if row.attribution not in NAMES_US:
            return EvidenceLevel.MATCHED
        return EvidenceLevel.ATTRIBUTED if row.life is RepublicationLife.GONE else EvidenceLevel.LIVE
    # After an undone decision, a person's sighting is still how the page became known if nothing else saw it.
    order = [
        SightingMethod.FETCHED,
        SightingMethod.DISCOVERED,
        SightingMethod.COUNTED_IMAGE,
        SightingMethod.ANNOUNCED,
        SightingMethod.REPORTED,
        SightingMethod.PERSON,
    ]
    return next((EvidenceLevel(way.value) for way in order if way in ways), EvidenceLevel.REPORTED)


def new_evidence(row: Republication, fetched: FetchedPage, judgement: Judgement, now: dt.datetime) -> Evidence:
    """The evidence row of a judgement of a fetched page, to be added."""
    match, source, dated = judgement.match, judgement.attribution, judgement.published
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
        published_at=dated.at if dated is not None else None,
        published_from=dated.origin.value if dated is not None else None,
        reasons=list(judgement.reasons),
        rule_version=match.rule_version,
        fp_version=match.fp_version,
        picture=medium_evidence(judgement.medium, fetched.found_pictures) if judgement.medium is not None else None,
    )


def medium_evidence(find: MediaFind, kept: Mapping[str, KeptPicture]) -> dict[str, Any]:
    """What the evidence of a bulletin found as a picture, video or audio holds: the address on the page, ``sha256`` of
    the file, the ``picture`` or other medium of ours, what the comparison said, and the keys of what was kept of a
    picture: ``file`` to be shown, ``capture`` the web archive of its fetch."""
    found = kept.get(find.bulletin)
    return {
        "address": find.address,
        "sha256": find.digest,
        "picture": find.ident,
        "by": find.by.value,
        "agrees": find.agrees,
        "distance": find.distance,
        "share": find.share,
        "text": find.text[:MOST_TEXT] if find.text is not None else None,
        **({"framed": find.framed} if find.by in PLAYED else {}),
        "file": found.file_key if found is not None else None,
        "capture": found.capture_key if found is not None else None,
    }


def record_unchanged(session: Session, page: Page, taken: ledger.Claim, pace: Intervals, *, now: dt.datetime) -> None:
    """Record a "not changed" answer. Suspicions since the last judgement are cleared: a page that had lost its copy
    gets a full fetch."""
    rows = lock_copies_on_page(session, page)
    for row in rows:
        row.checked_at = now
        if row.life is RepublicationLife.GONE:
            continue
        was_unreadable = row.life is RepublicationLife.UNREADABLE
        removal.record_found_again(session, row, now=now)
        if was_unreadable:  # the page is again the one that was judged
            _update_life(session, row, now)
    columns: dict[str, Any] = {
        "checked_at": now,
        "failures": 0,
        "error": "",
        "missing_since": None,
        "unreadable": None,
        "attempt": 0,
    }
    _settle_page(session, page, taken, columns | _schedule(page, rows, (), pace, now))


def record_missing(
    session: Session, page: Page, taken: ledger.Claim, status: int, why: str, pace: Intervals, *, now: dt.datetime
) -> bool:
    """Record that there is no page: status 404 or 410, or a redirect to another site. Twice, a day apart, makes the
    copy gone; returns whether nothing is left to wait for."""
    rows = lock_affected_copies(session, page, ())
    waits = [removal.record_not_found(session, row, [why], pace, now=now) for row in rows]
    since = page.missing_since or now
    if not rows and (page.missing_since is None or now - since < pace.gone_gap):
        waits.append(pace.gone_gap - (now - since))  # a list may name a page before it exists
    columns: dict[str, Any] = {
        "checked_at": now,
        "status": status,
        "error": "",
        "attempt": 0,
        "missing_since": since,
        "unreadable": None,
    }
    suspected = [wait for wait in waits if wait is not None]
    if suspected:
        _settle_page(session, page, taken, columns | {"due_at": now + min(suspected)})
        return False
    # A page may come back, so it keeps its schedule. Its validators are cleared for a full fetch: "not changed" would
    # leave it gone.
    _settle_page(session, page, taken, columns | _schedule(page, rows, (None,), pace, now))
    return True


def postpone(session: Session, page: Page, taken: ledger.Claim, until: dt.datetime) -> None:
    """Postpone a check that could not be made; nothing is known of the page, and no failure is counted."""
    _settle_page(session, page, taken, {"due_at": until, "attempt": 0})


def record_failure(
    session: Session,
    page: Page,
    taken: ledger.Claim,
    why: str,
    pace: Intervals,
    *,
    status: int | None = None,
    wait: float | None = None,
    unreadable: UnreadableReason | None = None,
    now: dt.datetime,
) -> None:
    """Record that the page could not be read. It is tried again at growing intervals of at most a day, without end.

    ``unreadable``: the reason, where it is known at the first failure: claims on the page then go to review at once,
    not after the third. A shell is looked at again at the intervals of rechecks while there is a copy or a claim on it.
    A page with one of the ``LASTING`` reasons is not tried again.
    """
    lasting = unreadable in LASTING
    failures = page.failures + 1
    gap = min(pace.rechecks[0] * 2 ** min(failures - 1, 10), max(pace.rechecks[1], pace.rechecks[0]))
    if wait is not None:
        gap = max(gap, dt.timedelta(seconds=wait))
    if unreadable is None and failures >= FAILURES_IN_A_ROW:
        unreadable = page.unreadable or UnreadableReason.NO_ANSWER
    if unreadable is not None:
        rows = lock_affected_copies(session, page, ())
        unreadable_copies.record_unreadable(session, rows, unreadable, why, now=now)
        # What was reported before the product was in use stays reported: nobody waits for its page.
        lasting = lasting or (bool(rows) and all(unproven_history.is_unproven(row) for row in rows))
        if unreadable in SHELLS:
            gap = pace.rechecks[min(failures, len(pace.rechecks)) - 1]
            lasting = lasting or not any(row.status not in NO_COPIES for row in rows)
    columns = {
        "due_at": None if lasting else now + gap,
        "checked_at": now,
        "status": status,
        "error": why[:2000],
        "unreadable": unreadable or page.unreadable,
        "failures": failures,
        "attempt": 0,
    }
    _settle_page(session, page, taken, columns)
