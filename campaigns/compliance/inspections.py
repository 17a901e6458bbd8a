"""Inspections: each site's front page is fetched periodically or on request, and stored.

Checked are the front page's imprint and, on an article that carries one of our bulletins, whether readers can comment.
Pages that robots.txt disallows are not fetched.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal, ledger
from campaigns.core.base import Base, UTCDateTime, by_value, insert_into, public_id
from campaigns.core.intervals import Intervals
from campaigns.matching.classification import CARRIED
from campaigns.partners.directory import HAS_OWN_HOST, Site
from campaigns.people.staff import Actor, Permission
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus

MOST_ENROLLED = 500  # sites enrolled in one tick


class PageRole(Enum):
    """The role of a page on its site."""

    FRONT = "front"
    ARTICLE = "article"  # one that carries one of our bulletins


class Inspection(ledger.WorkItem, Base):
    """The inspections of one site's front page. ``done_at``: end of the last one, successful or not; ``read_at``: the
    last that read the page; ``error``: why the last one failed; ``asked_by``: who requested the next one, '' if it is
    periodic."""

    __tablename__ = "inspections"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), unique=True)
    done_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    read_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    asked_by: Mapped[str] = mapped_column(sa.String(200), default="")

    site: Mapped[Site] = relationship(innerjoin=True)

    __table_args__ = (ledger.due_index("inspections"),)


class PageSnapshot(Base):
    """One fetched page of a site, stored permanently. ``body_key`` and ``capture_key`` as in ``Evidence``."""

    __tablename__ = "page_snapshots"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    seen: Mapped[PageRole] = mapped_column(by_value(PageRole, "seen"))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    status: Mapped[int]
    final_url: Mapped[str] = mapped_column(sa.String(2000))
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    body_key: Mapped[str] = mapped_column(sa.String(200))
    capture_key: Mapped[str] = mapped_column(sa.String(200))
    headers: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)

    site: Mapped[Site] = relationship(innerjoin=True)

    # For the first fetch with the same bytes.
    __table_args__ = (sa.Index("ix_page_snapshots_site_id_body_hash", "site_id", "body_hash"),)

    @property
    def content_type(self) -> str:
        """The Content-Type header of the response; '' without one."""
        return next((str(value) for name, value in self.headers if str(name).lower() == "content-type"), "")


def enrol_sites(session: Session, pace: Intervals, *, now: dt.datetime) -> int:
    """Enrol active sites without an inspection row; returns how many. Their first inspections are spread over a whole
    interval, so that a register of hundreds of sites is not fetched in one night."""
    query = (
        sa.select(Site.id, Site.host)
        .where(Site.active, ~Site.sample, HAS_OWN_HOST, ~sa.exists().where(Inspection.site_id == Site.id))
        .order_by(Site.id)
        .limit(MOST_ENROLLED)
    )
    rows = [
        {"site_id": ident, "due_at": now + pace.inspect * _spread_of_host(host), "error": "", "asked_by": ""}
        for ident, host in session.execute(query)
    ]
    if rows:
        session.execute(insert_into(session, Inspection).on_conflict_do_nothing(index_elements=["site_id"]), rows)
    return len(rows)


def _spread_of_host(host: str) -> float:
    """A number from 0 to 1, constant for a host."""
    return int.from_bytes(hashlib.sha256(host.encode()).digest()[:4]) / 2**32


def request_inspection(session: Session, actor: Actor, site: Site, *, now: dt.datetime) -> Inspection:
    """Make a site's front page due now. Raises ``Forbidden``."""
    actor.require(Permission.REVIEW)
    made = insert_into(session, Inspection).values(site_id=site.id, error="", asked_by="")
    session.execute(made.on_conflict_do_nothing(index_elements=["site_id"]))
    query = sa.select(Inspection).where(Inspection.site_id == site.id).with_for_update(of=Inspection)
    row = session.execute(query.execution_options(populate_existing=True)).scalar_one()
    row.due_at, row.attempt, row.asked_by = now, 0, actor.id
    session.flush()
    journal.record(session, actor.id, "site.inspection_asked", "site", site.code, now=now)
    return row


def newest_article_of(session: Session, site: Site) -> str | None:
    """The address of the newest live copy on a site, to check how the site presents our articles."""
    query = (
        sa.select(Republication.url)
        .where(
            Republication.site_id == site.id,
            Republication.status == RepublicationStatus.CONFIRMED,
            Republication.life != RepublicationLife.GONE,
            Republication.match.in_(CARRIED),
        )
        .order_by(Republication.counted_on.desc(), Republication.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def first_fetch_with(session: Session, site_id: int, body_hash: str) -> PageSnapshot | None:
    """The first stored fetch of a page of this site with these bytes."""
    query = (
        sa.select(PageSnapshot)
        .where(
            PageSnapshot.site_id == site_id,
            PageSnapshot.body_hash == body_hash,
            PageSnapshot.body_key == PageSnapshot.capture_key,
        )
        .order_by(PageSnapshot.id)
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def record_page(session: Session, site_id: int, seen: PageRole, *, now: dt.datetime, **columns: Any) -> PageSnapshot:
    """Store the row of a fetched page whose bytes are already stored; ``columns``: its further columns."""
    row = PageSnapshot(public=public_id("fpg"), site_id=site_id, seen=seen, at=now, **columns)
    session.add(row)
    session.flush()
    return row


def settle_inspection(
    session: Session,
    taken: ledger.Claim,
    error: str,
    again: dt.timedelta,
    *,
    read: bool = True,
    keep_count: bool = False,
    now: dt.datetime,
) -> None:
    """Settle an inspection: write its result and when the next one is due. ``read``: whether the page was read;
    ``keep_count``: keep the count of tries since the last success."""
    columns: dict[str, Any] = {"due_at": now + again, "done_at": now, "error": error[:2000], "asked_by": ""}
    if read:
        columns["read_at"] = now
    if not keep_count:
        columns["attempt"] = 0
    ledger.settle(session, Inspection, taken, columns)


def latest_pages(session: Session, site_ids: Sequence[int]) -> dict[int, PageSnapshot]:
    """The newest stored front page of each of these sites."""
    last = (
        sa.select(sa.func.max(PageSnapshot.id))
        .where(PageSnapshot.site_id.in_(site_ids), PageSnapshot.seen == PageRole.FRONT)
        .group_by(PageSnapshot.site_id)
    )
    found = session.execute(sa.select(PageSnapshot).where(PageSnapshot.id.in_(last))).scalars()
    return {page.site_id: page for page in found}
