"""Pending pages: hashes of pages read before the bulletin they carry was known, kept for a month.

A partner may break an embargo, and old texts may be imported long after others printed them. The winnowed hashes of
every page read are kept, eight bytes each and about seventy per page; the text cannot be recovered from them. When a
text is new to the index, the pages that share hashes with it are fetched again at once and judged as usual.

A page's hashes are packed into one row and compared by a full scan: a text comes a few dozen times a day, a page twenty
thousand times, so that an index would cost a row per hash for rare queries.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.bulletins.bulletins import Revision
from campaigns.core.base import Base, UTCDateTime, insert_into, rows_changed
from campaigns.discovery.sightings import Page, lock_pages
from campaigns.matching.candidates import LEAST_SHARED
from campaigns.matching.fingerprint_index import IndexedRevision, prepare_revision
from campaigns.matching.fingerprints import FP_VERSION, Hashes

PENDING_LIFETIME = timedelta(days=30)
PAGES_PER_STEP = 4000  # pages; about 2 MB of hashes
TEXTS_PER_PASS = 200  # texts compared in one pass over the pages
REFETCHES_PER_PASS = 2000  # pages; a text that shares hashes with more is a form


class PendingPage(Base):
    """The hashes of one page as last read. ``hashes``: little-endian signed 64-bit integers, sorted."""

    __tablename__ = "pending_pages"

    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    fp_version: Mapped[str] = mapped_column(sa.String(20))
    hashes: Mapped[bytes] = mapped_column(sa.LargeBinary)


class PendingComparison(Base):
    """A text that the pending pages were compared with."""

    __tablename__ = "pending_comparisons"

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revisions.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


def pack_hashes(hashes: Hashes) -> bytes:
    """Hashes in their stored form."""
    return np.unique(np.asarray(hashes, dtype=np.int64)).astype("<i8").tobytes()


def keep_page(session: Session, page_id: int, hashes: Hashes, *, now: datetime) -> None:
    """Store a page's hashes, replacing earlier ones.

    To be committed before the page is judged: a text indexed after that finds the page here, and the page is judged by
    an index with all earlier texts.
    """
    if len(hashes) == 0:
        session.execute(sa.delete(PendingPage).where(PendingPage.page_id == page_id))
        return
    columns = {"at": now, "fp_version": FP_VERSION, "hashes": pack_hashes(hashes)}
    session.execute(
        insert_into(session, PendingPage)
        .values(page_id=page_id, **columns)
        .on_conflict_do_update(index_elements=["page_id"], set_=columns)
    )


def uncompared_texts(session: Session, limit: int = TEXTS_PER_PASS) -> list[Revision]:
    """Indexed texts that the pending pages were not compared with yet, oldest first."""
    query = (
        sa.select(Revision)
        .join(IndexedRevision, IndexedRevision.revision_id == Revision.id)
        .join(PendingComparison, PendingComparison.revision_id == Revision.id, isouter=True)
        .where(PendingComparison.revision_id.is_(None))
        .order_by(Revision.id)
        .limit(limit)
    )
    return list(session.execute(query).scalars())


def sharing_pages(session: Session, texts: Iterable[Revision], least: int = LEAST_SHARED) -> list[int]:
    """The pending pages that share at least ``least`` hashes with one of these texts, most shared first.

    Reads every pending page once, whatever the number of texts. A text with fewer hashes than ``least`` needs all of
    them.
    """
    owners: list[int] = []
    wanted: list[int] = []
    needed: list[int] = []
    for number, text in enumerate(texts):
        own = {int(hash_value) for hash_value in prepare_revision(text).fingerprint}
        needed.append(min(least, len(own)) or 1)
        wanted += sorted(own)
        owners += [number] * len(own)
    if not wanted:
        return []
    order = np.argsort(np.asarray(wanted, dtype=np.int64), kind="stable")
    hashes = np.asarray(wanted, dtype=np.int64)[order]
    whose, enough = np.asarray(owners, dtype=np.int64)[order], np.asarray(needed, dtype=np.int64)
    found: dict[int, int] = {}
    for pages, counts, page_hashes in _load_pending(session):
        # Texts share phrases, so that a hash may occur several times in ``wanted``; every occurrence counts.
        first, last = np.searchsorted(hashes, page_hashes, "left"), np.searchsorted(hashes, page_hashes, "right")
        (hit,) = np.nonzero(last > first)
        if not len(hit):
            continue
        page_of = np.repeat(np.arange(len(pages)), counts)
        tally: dict[tuple[int, int], int] = {}
        for place in hit.tolist():
            for text_number in whose[first[place] : last[place]].tolist():
                key = (int(page_of[place]), text_number)
                tally[key] = tally.get(key, 0) + 1
        for (page, text_number), shared in tally.items():
            if shared >= enough[text_number]:
                found[pages[page]] = max(found.get(pages[page], 0), shared)
    return sorted(found, key=lambda page: (-found[page], page))


def _load_pending(session: Session) -> Iterator[tuple[list[int], list[int], Hashes]]:
    """All pending pages of the present hash version, in batches: their ids, the number of hashes of each, and all
    hashes."""
    last = 0
    while True:
        query = (
            sa.select(PendingPage.page_id, PendingPage.hashes)
            .where(PendingPage.page_id > last, PendingPage.fp_version == FP_VERSION)
            .order_by(PendingPage.page_id)
            .limit(PAGES_PER_STEP)
        )
        rows = session.execute(query).all()
        if not rows:
            return
        pages, parts = [row[0] for row in rows], [row[1] for row in rows]
        yield pages, [len(part) // 8 for part in parts], np.frombuffer(b"".join(parts), dtype="<i8")
        last = pages[-1]


def fetch_again(session: Session, pages: Iterable[int], *, now: datetime) -> bool:
    """Make these pages due for a full fetch at once, without validators, since a "not changed" answer has no text.
    False when one of them is being read: that result would undo this, so the caller tries again later."""
    wanted = list(pages)[:REFETCHES_PER_PASS]
    if not wanted:
        return True
    free = sa.or_(Page.lease_until.is_(None), Page.lease_until <= now)
    lock_pages(session, Page.id.in_(wanted))
    session.execute(
        sa.update(Page)
        .where(Page.id.in_(wanted), Page.alias_of_id.is_(None), free)
        .values(due_at=now, etag=None, last_modified=None, attempt=0)
        .execution_options(synchronize_session=False)
    )
    taken = sa.select(Page.id).where(Page.id.in_(wanted), Page.lease_until > now).limit(1)
    return session.execute(taken).first() is None


def mark_compared(session: Session, revisions: Iterable[int], *, now: datetime) -> None:
    """Mark these texts as compared."""
    rows = [{"revision_id": ident, "at": now} for ident in revisions]
    if rows:
        session.execute(insert_into(session, PendingComparison).on_conflict_do_nothing(), rows)


def delete_expired(session: Session, *, now: datetime) -> int:
    """Delete pages kept for a month and those of an earlier hash version; returns how many."""
    done = session.execute(
        sa.delete(PendingPage)
        .where(sa.or_(PendingPage.at < now - PENDING_LIFETIME, PendingPage.fp_version != FP_VERSION))
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
