"""Take back an import of history while no frozen briefing rests on it.

Totals and reported copies go, and so do the claims and bulletins that nothing else rests on. A copy whose page was read
and carries the text is evidence of its own: it stays with its bulletin, and is rejected like any other if it is wrong.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.base import Base, in_batches
from campaigns.core.errors import Conflict
from campaigns.core.import_runs import ImportKind, ImportRun, ImportStage, find_run
from campaigns.discovery.pending_pages import PendingComparison
from campaigns.discovery.sightings import Page, Sighting
from campaigns.matching.fingerprint_index import BulletinHash, IndexedRevision
from campaigns.people.staff import Actor, Permission
from campaigns.reporting.briefings.briefing_text import Briefing
from campaigns.reporting.briefings.figures import period_before, period_year_before
from campaigns.reporting.briefings.versions import BriefingVersion
from campaigns.reporting.history.reported import ReportedCopy, ReportedTotal
from campaigns.republications.counted_copy import lock_site_copies
from campaigns.republications.republications import Republication
from campaigns.search.documents import drop_documents
from campaigns.search.index import IndexedKind


@dataclass(frozen=True)
class UndoResult:
    """What was taken back. ``kept``: bulletins that stay, because something else rests on them."""

    bulletins: int
    copies: int
    totals: int
    kept: int


def undo_history(session: Session, actor: Actor, public: str, *, now: datetime) -> UndoResult:
    """Take back an import. Raises ``Forbidden``, ``NotFound``, and ``Conflict`` when it is not written, or when a
    frozen briefing rests on it (code ``history_frozen``)."""
    actor.require(Permission.CONFIGURE)
    acquire_until_commit(session, AdvisoryLock.HISTORY)
    run = find_run(session, ImportKind.HISTORY, public, for_update=True)
    if run.stage is not ImportStage.DONE:
        raise Conflict(f"this import is {run.stage.value}", code="import_stage", stage=run.stage.value)
    if (label := frozen_briefing(session, run)) is not None:
        message = f"the frozen briefing of {label} rests on this import"
        raise Conflict(message, code="history_frozen", briefing=label)
    copies = _delete(session, ReportedCopy, ReportedCopy.came_by == public)
    totals = _delete(session, ReportedTotal, ReportedTotal.came_by == public)
    _delete_claims(session, public)
    bulletins, kept = _delete_bulletins(session, public)
    result = UndoResult(bulletins, copies, totals, kept)
    run.stage, run.changed_at = ImportStage.UNDONE, now
    session.flush()
    details = {"file": run.name} | asdict(result)
    journal.record(session, actor.id, "history.undone", "history", public, details, now=now)
    return result


def frozen_briefing(session: Session, run: ImportRun) -> str | None:
    """The period of a briefing that was frozen after an import, and covers or is compared with some of its days; None
    without one."""
    days = _days_of(session, run.public)
    if days is None:
        return None
    query = sa.select(Briefing).join(BriefingVersion, BriefingVersion.briefing_id == Briefing.id)
    for briefing in session.execute(query.where(BriefingVersion.as_of >= run.changed_at)).scalars().unique():
        period = briefing.period
        for covered in (period, period_before(period), period_year_before(period)):
            if covered.first <= days[1] and days[0] <= covered.last:
                return briefing.label
    return None


def _days_of(session: Session, run: str) -> tuple[date, date] | None:
    """The first and the last day of which an import says anything."""
    columns: tuple[tuple[Any, Any, Any], ...] = (
        (Bulletin.reported_on, Bulletin.reported_on, Bulletin.came_by),
        (ReportedCopy.reported_on, ReportedCopy.reported_on, ReportedCopy.came_by),
        (ReportedTotal.first, ReportedTotal.last, ReportedTotal.came_by),
    )
    firsts, lasts = [], []
    for first, last, came_by in columns:
        found = session.execute(sa.select(sa.func.min(first), sa.func.max(last)).where(came_by == run)).one()
        if found[0] is not None:
            firsts.append(found[0])
            lasts.append(found[1])
    return (min(firsts), max(lasts)) if firsts else None


def _delete(session: Session, table: type[Base], *which: sa.ColumnElement[bool]) -> int:
    done: Any = session.execute(sa.delete(table).where(*which).execution_options(synchronize_session=False))
    return int(done.rowcount)


def _referenced(
    session: Session, table: type[Base], idents: Sequence[int], besides: Collection[type[Base]]
) -> set[int]:
    """Those of these rows that rows of other tables refer to, but for the tables ``besides``."""
    left_out = {other.__tablename__ for other in besides}
    found: set[int] = set()
    for other in Base.metadata.sorted_tables:
        for column in other.columns if other.name not in left_out else ():
            if any(key.column.table.name == table.__tablename__ for key in column.foreign_keys):
                found.update(session.execute(sa.select(column).where(column.in_(idents)).distinct()).scalars())
    return found


def _delete_claims(session: Session, run: str) -> None:
    """Delete the sightings of an import, and the claims that were known by it alone."""
    sighted = sa.select(Sighting.page_id, Sighting.bulletin_id).where(Sighting.source == run)
    pairs = {(page, bulletin) for page, bulletin in session.execute(sighted)}
    pages = sorted({page for page, _bulletin in pairs})
    sites: set[int] = set()
    for some in in_batches(pages):
        sites.update(session.execute(sa.select(Page.site_id).where(Page.id.in_(some)).distinct()).scalars())
    lock_site_copies(session, sites)
    _delete(session, Sighting, Sighting.source == run)
    for some in in_batches(pages):
        other = {
            (page, bulletin)
            for page, bulletin in session.execute(
                sa.select(Sighting.page_id, Sighting.bulletin_id).where(
                    Sighting.page_id.in_(some), Sighting.bulletin_id.is_not(None)
                )
            )
        }
        rows = session.execute(
            sa.select(Republication.id, Republication.page_id, Republication.bulletin_id).where(
                Republication.page_id.in_(some),
                Republication.reported_on.is_not(None),
                Republication.decided_by.is_(None),
                sa.not_(Republication.was_read),
            )
        ).all()
        alone = [row.id for row in rows if (row.page_id, row.bulletin_id) in pairs - other]
        gone = sorted(set(alone) - _referenced(session, Republication, alone, ()))
        _delete(session, Republication, Republication.id.in_(gone))
        drop_documents(session, [IndexedKind.COPY.key(ident) for ident in gone])
        # A page that nobody named otherwise and that was never read need not be fetched.
        unread = sa.update(Page).where(Page.id.in_(some), Page.checked_at.is_(None))
        unread = unread.where(sa.not_(sa.exists().where(Sighting.page_id == Page.id)))
        session.execute(unread.values(due_at=None).execution_options(synchronize_session=False))


def _delete_bulletins(session: Session, run: str) -> tuple[int, int]:
    """Delete the bulletins of an import that nothing refers to; return how many, and how many stay."""
    idents = session.execute(sa.select(Bulletin.id).where(Bulletin.came_by == run)).scalars().all()
    removed = 0
    for some in in_batches(idents):
        own: tuple[type[Base], ...] = (Revision, BulletinHash, IndexedRevision)
        gone = sorted(set(some) - _referenced(session, Bulletin, some, own))
        revisions = sa.select(Revision.id).where(Revision.bulletin_id.in_(gone))
        _delete(session, PendingComparison, PendingComparison.revision_id.in_(revisions))
        for table in (BulletinHash, IndexedRevision, Revision):
            _delete(session, table, table.bulletin_id.in_(gone))
        _delete(session, Bulletin, Bulletin.id.in_(gone))
        drop_documents(session, [IndexedKind.BULLETIN.key(ident) for ident in gone])
        removed += len(gone)
    session.expire_all()
    return removed, len(idents) - removed
