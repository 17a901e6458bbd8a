"""Inspections: each site's front page is looked at once in a long while or when somebody asks, and is kept.

Only what the page has to tell of itself is asked, and of an article that carries a bulletin of ours whether readers may
comment there. A page that robots.txt keeps us from is not read.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal, ledger
from campaigns.core.base import Base, by_value, insert_into, public_id
from campaigns.core.clock import UTCDateTime
from campaigns.core.pace import Pace
from campaigns.partners.directory import Site
from campaigns.people.staff import Actor, May
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Life, Republication, Status

MOST_ENROLLED = 500  # sites taken up in one tick


class Seen(Enum):
    """Which page of a site."""

    FRONT = "front"
    ARTICLE = "article"  # one that carries a bulletin of ours


class Inspection(ledger.Due, Base):
    """The looks at one site's front page. ``done_at``: the last that is over, well or ill; ``read_at``: the last that
    read the page; ``error``: why the last one did not; ``asked_by``: who wanted the next one, '' for the rhythm."""

    __tablename__ = "inspections"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), unique=True)
    done_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    read_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    asked_by: Mapped[str] = mapped_column(sa.String(200), default="")

    site: Mapped[Site] = relationship(innerjoin=True)

    __table_args__ = (ledger.due_index("inspections"),)


class KeptFront(Base):
    """One page of a site as it was fetched, kept for good. ``body_key`` and ``capture_key`` as of ``Evidence``."""

    __tablename__ = "kept_fronts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    seen: Mapped[Seen] = mapped_column(by_value(Seen, "seen"))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    status: Mapped[int]
    final_url: Mapped[str] = mapped_column(sa.String(2000))
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    body_key: Mapped[str] = mapped_column(sa.String(200))
    capture_key: Mapped[str] = mapped_column(sa.String(200))
    headers: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)

    site: Mapped[Site] = relationship(innerjoin=True)

    # The first fetch that brought the same bytes.
    __table_args__ = (sa.Index("ix_kept_fronts_site_id_body_hash", "site_id", "body_hash"),)

    @property
    def content_type(self) -> str:
        """As the answer's header said it; '' when it did not."""
        return next((str(value) for name, value in self.headers if str(name).lower() == "content-type"), "")


def inspection_of(session: Session, site: Site) -> Inspection | None:
    """How the looks at a site's front page stand; None for one that was not taken up yet."""
    return session.execute(sa.select(Inspection).where(Inspection.site_id == site.id)).scalar_one_or_none()


def enrol(session: Session, pace: Pace, *, now: dt.datetime) -> int:
    """Take up the active sites that nobody looks at yet; how many. Their first looks are spread over one whole round,
    so that a register of hundreds of sites is not read in one night."""
    query = (
        sa.select(Site.id, Site.host)
        .where(Site.active, ~sa.exists().where(Inspection.site_id == Site.id))
        .order_by(Site.id)
        .limit(MOST_ENROLLED)
    )
    rows = [
        {"site_id": ident, "due_at": now + pace.inspect * _part(host), "error": "", "asked_by": ""}
        for ident, host in session.execute(query)
    ]
    if rows:
        session.execute(insert_into(session, Inspection).on_conflict_do_nothing(index_elements=["site_id"]), rows)
    return len(rows)


def _part(host: str) -> float:
    """From 0 to 1, always the same for a host."""
    return int.from_bytes(hashlib.sha256(host.encode()).digest()[:4]) / 2**32


def ask(session: Session, actor: Actor, site: Site, *, now: dt.datetime) -> Inspection:
    """Have a site's front page looked at now. Raises ``Forbidden``."""
    actor.require(May.REVIEW)
    made = insert_into(session, Inspection).values(site_id=site.id, error="", asked_by="")
    session.execute(made.on_conflict_do_nothing(index_elements=["site_id"]))
    query = sa.select(Inspection).where(Inspection.site_id == site.id).with_for_update(of=Inspection)
    row = session.execute(query.execution_options(populate_existing=True)).scalar_one()
    row.due_at, row.attempt, row.asked_by = now, 0, actor.id
    session.flush()
    journal.record(session, actor.id, "site.inspection_asked", "site", site.code, now=now)
    return row


def article_of(session: Session, site: Site) -> str | None:
    """The address of the newest copy that stands on a site, to see how an article of ours is presented there."""
    query = (
        sa.select(Republication.url)
        .where(
            Republication.site_id == site.id,
            Republication.status == Status.CONFIRMED,
            Republication.life != Life.GONE,
            Republication.match.in_((Match.FULL, Match.PARTIAL)),
        )
        .order_by(Republication.counted_on.desc(), Republication.id.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def first_with(session: Session, site_id: int, body_hash: str) -> KeptFront | None:
    """The first fetch of a page of this site that brought these bytes and kept them."""
    query = (
        sa.select(KeptFront)
        .where(
            KeptFront.site_id == site_id, KeptFront.body_hash == body_hash, KeptFront.body_key == KeptFront.capture_key
        )
        .order_by(KeptFront.id)
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def keep(session: Session, site_id: int, seen: Seen, *, now: dt.datetime, **told: Any) -> KeptFront:
    """Put down a page that was fetched and is in the store; ``told``: the columns that say what came."""
    row = KeptFront(public=public_id("fpg"), site_id=site_id, seen=seen, at=now, **told)
    session.add(row)
    session.flush()
    return row


def settle(
    session: Session,
    taken: ledger.Claim,
    error: str,
    again: dt.timedelta,
    *,
    read: bool = True,
    keep_count: bool = False,
    now: dt.datetime,
) -> None:
    """Write how a look went, and when the next one is. ``read``: whether the page was; ``keep_count``: the tries since
    the last success go on being counted."""
    values: dict[str, Any] = {"due_at": now + again, "done_at": now, "error": error[:2000], "asked_by": ""}
    if read:
        values["read_at"] = now
    if not keep_count:
        values["attempt"] = 0
    ledger.settle(session, Inspection, taken, values)


def latest_of(session: Session, site_ids: Sequence[int]) -> dict[int, KeptFront]:
    """The newest kept front page of each of these sites."""
    last = (
        sa.select(sa.func.max(KeptFront.id))
        .where(KeptFront.site_id.in_(site_ids), KeptFront.seen == Seen.FRONT)
        .group_by(KeptFront.site_id)
    )
    found = session.execute(sa.select(KeptFront).where(KeptFront.id.in_(last))).scalars()
    return {one.site_id: one for one in found}
