"""Pages read before we had the bulletin they carry: kept for a month as numbers, and read again when it comes.

A partner may break an embargo, and old texts are brought in long after others have printed them. Of every page that
was read its winnowed hashes are kept, eight bytes each and some seventy a page; nothing can be read out of them. When a
text is new to the index, the pages that share hashes with it are fetched again at once and judged as any other.

The hashes lie packed, one row a page, and are compared by reading them all: a text comes a few dozen times a day, a
page twenty thousand times, and an index would write a row for every hash of every page to be asked so seldom.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core.base import Base, insert_into, rows_changed
from campaigns.core.clock import UTCDateTime
from campaigns.publishing.bulletins import Revision
from campaigns.tracking.candidates import LEAST_SHARED
from campaigns.tracking.fingerprints import FP_VERSION, Hashes
from campaigns.tracking.prints import Indexed, prepare_revision
from campaigns.tracking.sightings import Page, together

KEPT = timedelta(days=30)
AT_ONCE = 4000  # pages compared in one step: about 2 MB of hashes
MOST_TEXTS = 200  # compared in one pass over the pages
MOST_AGAIN = 2000  # pages fetched again for one pass; a text that shares hashes with more is no text but a form


class HeldPage(Base):
    """The hashes of one page as it was last read: ``hashes`` is little-endian signed 64-bit integers, sorted."""

    __tablename__ = "held_pages"

    page_id: Mapped[int] = mapped_column(sa.ForeignKey("pages.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    fp_version: Mapped[str] = mapped_column(sa.String(20))
    hashes: Mapped[bytes] = mapped_column(sa.LargeBinary)


class HeldCompared(Base):
    """Texts that the held pages were compared with."""

    __tablename__ = "held_compared"

    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("revisions.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


def packed(hashes: Hashes) -> bytes:
    """Hashes as they are kept."""
    return np.unique(np.asarray(hashes, dtype=np.int64)).astype("<i8").tobytes()


def hold(session: Session, page_id: int, hashes: Hashes, *, now: datetime) -> None:
    """Keep a page's hashes in the place of those it had.

    To be committed before the page is judged: a text that comes later than that finds the page here, and one that came
    earlier is in the index that the page is judged by. Nothing falls between.
    """
    if len(hashes) == 0:
        session.execute(sa.delete(HeldPage).where(HeldPage.page_id == page_id))
        return
    values = {"at": now, "fp_version": FP_VERSION, "hashes": packed(hashes)}
    session.execute(
        insert_into(session, HeldPage)
        .values(page_id=page_id, **values)
        .on_conflict_do_update(index_elements=["page_id"], set_=values)
    )


def uncompared(session: Session, limit: int = MOST_TEXTS) -> list[Revision]:
    """Texts in the index that the held pages were not compared with yet, oldest first."""
    query = (
        sa.select(Revision)
        .join(Indexed, Indexed.revision_id == Revision.id)
        .join(HeldCompared, HeldCompared.revision_id == Revision.id, isouter=True)
        .where(HeldCompared.revision_id.is_(None))
        .order_by(Revision.id)
        .limit(limit)
    )
    return list(session.execute(query).scalars())


def sharing_pages(session: Session, texts: Iterable[Revision], least: int = LEAST_SHARED) -> list[int]:
    """The held pages that share at least ``least`` hashes with any one of these texts, most first.

    Reads every held page once, whatever the number of texts. A text with fewer hashes than ``least`` is found by any.
    """
    owners: list[int] = []
    wanted: list[int] = []
    needed: list[int] = []
    for number, text in enumerate(texts):
        own = {int(one) for one in prepare_revision(text).fingerprint}
        needed.append(min(least, len(own)) or 1)
        wanted += sorted(own)
        owners += [number] * len(own)
    if not wanted:
        return []
    order = np.argsort(np.asarray(wanted, dtype=np.int64), kind="stable")
    hashes = np.asarray(wanted, dtype=np.int64)[order]
    whose, enough = np.asarray(owners, dtype=np.int64)[order], np.asarray(needed, dtype=np.int64)
    found: dict[int, int] = {}
    for pages, counts, values in _held(session):
        # Texts share phrases, so one hash may stand several times among those wanted: every place it stands counts.
        first, last = np.searchsorted(hashes, values, "left"), np.searchsorted(hashes, values, "right")
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


def _held(session: Session) -> Iterator[tuple[list[int], list[int], Hashes]]:
    """All held pages of the present version in parcels: their keys, how many hashes each has, and all hashes."""
    last = 0
    while True:
        query = (
            sa.select(HeldPage.page_id, HeldPage.hashes)
            .where(HeldPage.page_id > last, HeldPage.fp_version == FP_VERSION)
            .order_by(HeldPage.page_id)
            .limit(AT_ONCE)
        )
        rows = session.execute(query).all()
        if not rows:
            return
        pages, parts = [row[0] for row in rows], [row[1] for row in rows]
        yield pages, [len(part) // 8 for part in parts], np.frombuffer(b"".join(parts), dtype="<i8")
        last = pages[-1]


def fetch_again(session: Session, pages: Iterable[int], *, now: datetime) -> bool:
    """Make these pages due for fetching at once, whole: their validators are forgotten, or "not changed" would be the
    answer. False when somebody is reading one of them now; its outcome would undo that, so it is to be asked again."""
    wanted = list(pages)[:MOST_AGAIN]
    if not wanted:
        return True
    free = sa.or_(Page.lease_until.is_(None), Page.lease_until <= now)
    together(session, Page.id.in_(wanted))
    session.execute(
        sa.update(Page)
        .where(Page.id.in_(wanted), Page.alias_of_id.is_(None), free)
        .values(due_at=now, etag=None, last_modified=None, attempt=0)
        .execution_options(synchronize_session=False)
    )
    taken = sa.select(Page.id).where(Page.id.in_(wanted), Page.lease_until > now).limit(1)
    return session.execute(taken).first() is None


def note_compared(session: Session, revisions: Iterable[int], *, now: datetime) -> None:
    """These texts need not be compared again."""
    rows = [{"revision_id": ident, "at": now} for ident in revisions]
    if rows:
        session.execute(insert_into(session, HeldCompared).on_conflict_do_nothing(), rows)


def forget(session: Session, *, now: datetime) -> int:
    """Drop the pages that were held for a month, and those of a version that is compared no more; returns how many."""
    done = session.execute(
        sa.delete(HeldPage)
        .where(sa.or_(HeldPage.at < now - KEPT, HeldPage.fp_version != FP_VERSION))
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
