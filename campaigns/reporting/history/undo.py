"""Take back an import of history while no frozen briefing rests on it.

Totals and reported copies go, and so do the claims and bulletins that nothing else rests on. A copy whose page was read
and carries the text is evidence of its own: it stays with its bulletin, and is rejected like any other if it is wrong.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.base import Base, delete_rows, in_batches
from campaigns.core.clock import Period
from campaigns.core.import_runs import ImportRun
from campaigns.core.imports.row_uses import referring_columns
from campaigns.discovery.pending_pages import PendingComparison
from campaigns.discovery.sightings import Page, Sighting
from campaigns.matching.fingerprint_index import BulletinHash, IndexedRevision
from campaigns.reporting.briefings.briefing_text import Briefing
from campaigns.reporting.briefings.figures import period_before, period_year_before
from campaigns.reporting.briefings.versions import briefings_frozen_since
from campaigns.reporting.history.reported import ReportedCopy, ReportedTotal
from campaigns.republications.counted_copy import lock_site_copies
from campaigns.republications.republications import Republication


def briefings_on_history(session: Session, run: ImportRun) -> list[Briefing]:
    """The briefings that were frozen after an import, and cover or are compared with some of its days."""
    if (days := _days_of(session, run.public)) is None:
        return []
    return [one for one in briefings_frozen_since(session, run) if _reads_days(one.period, *days)]


def _reads_days(period: Period, first: date, last: date) -> bool:
    periods = (period, period_before(period), period_year_before(period))
    return any(covered.first <= last and first <= covered.last for covered in periods)


def undo_history(session: Session, run: ImportRun) -> dict[str, int]:
    """Delete the rows of an import, and return how many; ``kept``: bulletins that stay, because something else rests on
    them. No frozen briefing may rest on them (``briefings_on_history``)."""
    acquire_until_commit(session, AdvisoryLock.HISTORY)
    copies = delete_rows(session, ReportedCopy, ReportedCopy.came_by == run.public)
    totals = delete_rows(session, ReportedTotal, ReportedTotal.came_by == run.public)
    _delete_claims(session, run.public)
    bulletins, kept = _delete_bulletins(session, run.public)
    return {"bulletins": bulletins, "copies": copies, "totals": totals, "kept": kept}


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


def _referenced(
    session: Session, table: type[Base], idents: Sequence[int], besides: Collection[type[Base]]
) -> set[int]:
    """Those of these rows that rows of other tables refer to, but for the tables ``besides``."""
    left_out = {other.__tablename__ for other in besides}
    found: set[int] = set()
    for column in referring_columns(table):
        if column.table.name not in left_out:
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
    delete_rows(session, Sighting, Sighting.source == run)
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
        delete_rows(session, Republication, Republication.id.in_(gone))
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
        delete_rows(session, PendingComparison, PendingComparison.revision_id.in_(revisions))
        for table in (BulletinHash, IndexedRevision, Revision):
            delete_rows(session, table, table.bulletin_id.in_(gone))
        delete_rows(session, Bulletin, Bulletin.id.in_(gone))
        removed += len(gone)
    session.expire_all()
    return removed, len(idents) - removed
