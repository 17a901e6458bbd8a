"""Outdated copies: which copies carry a text replaced by a correction or recall, since when, and when each followed."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.media import from_json as media_from_json
from campaigns.bulletins.media import picture_alts
from campaigns.bulletins.pictures import idents_in
from campaigns.bulletins.presentation import from_json
from campaigns.core import journal
from campaigns.core.base import rows_changed
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.intervals import Intervals
from campaigns.discovery import sightings
from campaigns.discovery.sightings import Page
from campaigns.people.staff import Actor, Permission
from campaigns.republications.lifecycle.correction_state import (
    ChangedPart,
    CorrectionState,
    CorrectionVerdict,
    PageContent,
    RevisionContent,
    judge_against,
)
from campaigns.republications.republications import (
    Evidence,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    lock_copies_on_page,
    may_carry_text,
)


def outdated_since(bulletin: Bulletin, revision: int | None) -> dt.datetime | None:
    """When the text of a revision became outdated: at the recall, else when the next one was released; None while
    current."""
    if bulletin.recalled_at is not None:
        return bulletin.recalled_at
    if revision is None or bulletin.released is None or revision == bulletin.released:
        return None
    later = [
        newer.released_at for newer in bulletin.revisions if newer.number > revision and newer.released_at is not None
    ]
    return min(later, default=bulletin.changed_at)


def update_outdated(
    session: Session, row: Republication, page: PageContent, played: CorrectionState | None = None, *, now: dt.datetime
) -> bool:
    """Set whether a copy that was just read is outdated, since when, and what the page made of the last correction.
    Returns whether this check ended what a correction asked of it. ``played``: what it made of it where the copy is a
    video or audio, which the page's text does not tell.

    What a person said stands against what cannot be told, and against *old*: until the page has the new text, or the
    bulletin is corrected again.
    """
    bulletin = row.bulletin
    verdict = _correction_verdict(session, row, page) if bulletin.recalled_at is None else None
    if verdict is not None and played is not None:
        verdict = CorrectionVerdict(played, (f"{ChangedPart.TEXT.value}:{played.value}",))
    if verdict is not None:
        return _update_corrected(session, row, verdict, now=now)
    overtaken = outdated_since(bulletin, row.revision)
    if overtaken is not None:
        row.stale, row.stale_since = True, max(overtaken, row.first_seen_at)
        row.correction_state, row.correction_why = None, []
        return False
    row.stale, row.stale_since = False, None
    return False


def _correction_verdict(session: Session, row: Republication, page: PageContent) -> CorrectionVerdict | None:
    """The verdict on a copy of a corrected bulletin; None for one that was never corrected."""
    bulletin = row.bulletin
    if bulletin.released is None or bulletin.changed_at == bulletin.release_at:
        return None
    released = {item.number: item for item in bulletin.revisions if item.released_at is not None}
    current = released.get(bulletin.released)
    earlier = [item for number, item in sorted(released.items()) if number < bulletin.released]
    if current is None or current.released_at is None or not earlier:
        return None
    before = _page_before(session, row, current.released_at)
    return judge_against(_content(current), [_content(item) for item in earlier], page, before)


def _content(revision: Revision) -> RevisionContent:
    cover = from_json(revision.presentation).cover
    shown = picture_alts(media_from_json(revision.media))
    pictures = {*idents_in(revision.body_html), *shown, *((cover.picture,) if cover is not None else ())}
    return RevisionContent(revision.title, revision.lead, revision.body_text, frozenset(pictures))


def _page_before(session: Session, row: Republication, moment: dt.datetime) -> PageContent | None:
    """The page as it was last read before a correction; None where it was not, or its text was not kept."""
    query = sa.select(Evidence.page_title, Evidence.page_text, Evidence.image).where(
        Evidence.republication_id == row.id, Evidence.at <= moment, Evidence.page_text != ""
    )
    found = session.execute(query.order_by(Evidence.id.desc()).limit(1)).first()
    return PageContent(*found) if found is not None else None


def _update_corrected(session: Session, row: Republication, verdict: CorrectionVerdict, *, now: dt.datetime) -> bool:
    bulletin, before = row.bulletin, row.correction_state
    state = verdict.state
    if row.correction_said is not None and state in {CorrectionState.UNCLEAR, CorrectionState.OLD}:
        state = row.correction_said
    row.correction_state, row.correction_why = state, list(verdict.reasons)
    released = bulletin.released or 1
    if state in {CorrectionState.OLD, CorrectionState.UNCLEAR}:
        earlier = [item.number for item in bulletin.revisions if item.released_at and item.number < released]
        if state is CorrectionState.OLD and row.revision not in earlier:
            row.revision = max(earlier)
        overtaken = outdated_since(bulletin, row.revision) or bulletin.changed_at or now
        row.stale, row.stale_since = True, max(overtaken, row.first_seen_at)
        if state is CorrectionState.UNCLEAR and before is not state:
            session.flush()
            details = {"url": row.canonical_url, "revision": row.revision, "why": list(verdict.reasons)}
            act = "republication.correction_unclear"
            journal.record(session, journal.SYSTEM, act, "republication", row.public, details, now=now)
        return False
    row.revision = released
    return settle(session, journal.SYSTEM, row, state, now=now)


def settle(session: Session, actor: str, row: Republication, state: CorrectionState, *, now: dt.datetime) -> bool:
    """End what was asked of a copy after a correction: it followed, or is not affected. Returns whether anything was
    asked, so that later changes are measured from here on."""
    asked, since = row.stale, row.stale_since
    row.stale, row.stale_since = False, None
    if not asked or since is None:
        return False
    followed = state is CorrectionState.FOLLOWED
    if followed:
        row.followed_at = now
    session.flush()
    details = {"url": row.canonical_url, "revision": row.revision, "seconds": round((now - since).total_seconds())}
    act = "republication.followed" if followed else "republication.not_affected"
    journal.record(session, actor, act, "republication", row.public, details, now=now)
    return True


def say_correction(
    session: Session, actor: Actor, row: Republication, state: CorrectionState, note: str, *, now: dt.datetime
) -> None:
    """Take a person's word on whether a copy follows the last correction; it stands until the next one.

    Raises ``Forbidden``, ``Invalid`` for *unclear* or without a note, ``Conflict`` (``nothing_to_say``) for a copy of
    which nothing is asked after a correction.
    """
    actor.require(Permission.REVIEW)
    lock_copies_on_page(session, row.page)
    if state is CorrectionState.UNCLEAR:
        raise Invalid([FieldError("state", "required", "followed, old or not_affected")])
    if not note.strip():
        raise Invalid([FieldError("note", "required", "say why")])
    if not row.stale or row.bulletin.recalled_at is not None or row.life is RepublicationLife.GONE:
        raise Conflict("nothing is asked of this copy after a correction", code="nothing_to_say", copy=row.public)
    row.correction_state = row.correction_said = state
    session.flush()
    details = {"url": row.canonical_url, "revision": row.revision, "state": state, "note": note.strip()}
    act = "republication.correction_said"
    journal.record(session, actor.id, act, "republication", row.public, details, now=now)
    if state is CorrectionState.OLD:
        row.life = RepublicationLife.CHANGED
        return
    row.revision = row.bulletin.released
    settle(session, actor.id, row, state, now=now)
    row.life = RepublicationLife.LIVE
    row.confirmed_share, row.confirmed_revision = row.share, row.revision


def request_refetch(session: Session, bulletin: Bulletin, pace: Intervals, *, now: dt.datetime) -> int:
    """Make every page that carries the bulletin due soon after a correction or recall, and again until it follows.

    Returns the number of pages.
    """
    conditions = (Republication.bulletin_id == bulletin.id, Republication.life != RepublicationLife.GONE)
    sightings.lock_pages(session, Page.id.in_(sa.select(Republication.page_id).where(*conditions)))
    copies = sa.select(Republication.id).where(*conditions).order_by(Republication.id)
    session.execute(copies.with_for_update(key_share=True))
    pages = sa.select(Republication.page_id).where(
        *conditions, may_carry_text(), Republication.status != RepublicationStatus.CANDIDATE
    )
    # A copy outdated by a correction keeps its time; a recall is a new demand on all copies.
    since: object = now
    if bulletin.recalled_at is None:
        since = sa.func.coalesce(Republication.stale_since, sa.literal(now, Republication.stale_since.type))
    session.execute(
        sa.update(Republication)
        .where(*conditions)
        .values(
            stale=True,
            stale_since=since,
            followed_at=None,
            correction_state=None,
            correction_why=[],
            correction_said=None,
        )
    )
    done = session.execute(
        sa.update(Page)
        .where(Page.id.in_(pages), sa.not_(Page.behind_sign_in))
        .values(due_at=now + pace.rechecks[0], etag=None, last_modified=None, attempt=0)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
