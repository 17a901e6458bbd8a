"""Surveys: a search for a site's sources on request, on its front page, in robots.txt and at usual addresses.

Found sources are offers; none is used until an administrator chooses it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import ledger
from campaigns.core.base import Base, UTCDateTime
from campaigns.discovery.site_sources import SourceKind, wanted_sources
from campaigns.partners.directory import HAS_OWN_HOST, Site


@dataclass(frozen=True)
class OfferedSource:
    """A source found on a site. ``title``: the site's name for it; ``items``: the number of pages it names; ``newest``:
    the time of the newest of them, ISO 8601, empty if unknown; ``where``: how it was found."""

    kind: str
    url: str
    title: str
    items: int
    newest: str
    where: str


class Survey(ledger.WorkItem, Base):
    """The survey of one site. ``done_at`` None: running. ``found``: a list of ``OfferedSource`` as JSON objects."""

    __tablename__ = "surveys"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    found: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)

    site: Mapped[Site] = relationship()

    __table_args__ = (ledger.due_index("surveys"),)


def survey_of(session: Session, site: Site) -> Survey | None:
    """The latest survey of a site."""
    return session.execute(sa.select(Survey).where(Survey.site_id == site.id)).scalar_one_or_none()


def request_survey(session: Session, site: Site, *, now: datetime) -> Survey:
    """Start a survey of a site now. A site has one survey: another request restarts it."""
    row = survey_of(session, site)
    if row is None:
        row = Survey(site_id=site.id, asked_at=now, error="", found=[])
        session.add(row)
    row.asked_at, row.done_at, row.due_at, row.attempt, row.error = now, None, now, 0, ""
    session.flush()
    return row


def settle_survey(
    session: Session, taken: ledger.Claim, offers: Sequence[OfferedSource], error: str = "", *, now: datetime
) -> None:
    """Record the result of a survey."""
    columns = {
        "found": [asdict(offer) for offer in offers],
        "error": error[:2000],
        "done_at": now,
        "attempt": 0,
        "due_at": None,
    }
    ledger.settle(session, Survey, taken, columns)


def open_offers(session: Session, site: Site) -> list[OfferedSource]:
    """Sources found but not used yet, the best kind first."""
    row = survey_of(session, site)
    present = wanted_sources(site)
    order = [kind.value for kind in (SourceKind.FEED, SourceKind.SITEMAP, SourceKind.SEARCH, SourceKind.LISTING)]
    found = [OfferedSource(**offer) for offer in row.found] if row is not None else []
    return sorted((offer for offer in found if offer.url not in present), key=lambda offer: order.index(offer.kind))


def unsurveyed_sites(session: Session, limit: int = 100) -> Sequence[Site]:
    """Active sites without any source and without a survey."""
    query = sa.select(Site).where(Site.active, HAS_OWN_HOST, ~sa.exists().where(Survey.site_id == Site.id))
    query = query.order_by(Site.id)
    return list(islice((site for site in session.execute(query).scalars() if not wanted_sources(site)), limit))
