"""Sources that a site offers, looked for once on request: what its front page, robots.txt and usual addresses name.

Nothing found is watched by itself: an administrator chooses from the offers.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import ledger
from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.partners.directory import Site
from campaigns.tracking.watching import SourceKind, wanted_sources


@dataclass(frozen=True)
class Offer:
    """A source that a site has. ``title``: what it calls it; ``items``: how many pages it names now; ``newest``: the
    time of the newest of them, ISO 8601, empty when it does not say; ``where``: how it was found."""

    kind: str
    url: str
    title: str
    items: int
    newest: str
    where: str


class Survey(ledger.Due, Base):
    """The search for one site's sources. ``done_at`` None: under way. ``found``: a list of ``Offer`` as objects."""

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
    """The latest search for a site's sources."""
    return session.execute(sa.select(Survey).where(Survey.site_id == site.id)).scalar_one_or_none()


def ask(session: Session, site: Site, *, now: datetime) -> Survey:
    """Look for the sources of a site, now. One search a site: asking again starts it anew."""
    row = survey_of(session, site)
    if row is None:
        row = Survey(site_id=site.id, asked_at=now, error="", found=[])
        session.add(row)
    row.asked_at, row.done_at, row.due_at, row.attempt, row.error = now, None, now, 0, ""
    session.flush()
    return row


def settle(session: Session, taken: ledger.Claim, offers: Sequence[Offer], error: str = "", *, now: datetime) -> None:
    """Write what was found."""
    values = {
        "found": [asdict(one) for one in offers],
        "error": error[:2000],
        "done_at": now,
        "attempt": 0,
        "due_at": None,
    }
    ledger.settle(session, Survey, taken, values)


def offers(session: Session, site: Site) -> list[Offer]:
    """What was found and is not watched yet, the best first."""
    row = survey_of(session, site)
    present = wanted_sources(site)
    order = [kind.value for kind in (SourceKind.FEED, SourceKind.SITEMAP, SourceKind.SEARCH, SourceKind.LISTING)]
    found = [Offer(**one) for one in row.found] if row is not None else []
    return sorted((one for one in found if one.url not in present), key=lambda one: order.index(one.kind))


def unsurveyed(session: Session, limit: int = 100) -> Sequence[Site]:
    """Active sites without any source, whose sources nobody has looked for yet."""
    query = sa.select(Site).where(Site.active, ~sa.exists().where(Survey.site_id == Site.id)).order_by(Site.id)
    return list(islice((site for site in session.execute(query).scalars() if not wanted_sources(site)), limit))
