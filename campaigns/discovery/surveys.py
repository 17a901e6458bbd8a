"""Surveys: a search for a site's sources on request, on its front page, in robots.txt and at usual addresses.

Found sources are offers; none is used until an administrator chooses it. An administrator may search all sites that
have no source at once, and choose beforehand that the best sources found are used (``Survey.adopts``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal, ledger
from campaigns.core.base import Base, UTCDateTime, insert_into, public_id
from campaigns.core.contents import from_attributes
from campaigns.discovery.site_sources import Source, SourceKind, sync_sources, wanted_sources
from campaigns.partners.directory import HAS_OWN_HOST, Site, SiteStanding, change_site, lock_site
from campaigns.people.staff import Actor, Permission


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
    """The survey of one site. ``done_at`` None: running. ``found``: a list of ``OfferedSource`` as JSON objects.

    ``batch``: shared by the surveys that were requested together, with ``asked_by`` by whom; ``adopts``: the best
    sources found are used, if the site has none by then."""

    __tablename__ = "surveys"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    found: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    batch: Mapped[str | None] = mapped_column(sa.String(30), index=True)
    asked_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    adopts: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

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
    row.batch, row.asked_by, row.adopts = None, "", False
    session.flush()
    return row


def lacks_sources() -> sa.ColumnElement[bool]:
    """The condition of active sites without any watched source."""
    watched = sa.exists().where(Source.site_id == Site.id, Source.due_at.is_not(None))
    return sa.and_(Site.active, ~watched)


def count_lacking(session: Session) -> int:
    """The number of active sites without any watched source."""
    # Counts sites, not copies.
    return session.execute(sa.select(sa.func.count()).select_from(Site).where(lacks_sources())).scalar_one()


@dataclass(frozen=True)
class SurveyBatch:
    """The progress of surveys requested together: ``total`` sites, of which ``done`` were searched; ``found``: those
    that have a source now."""

    batch: str
    asked_by: str
    asked_at: datetime
    total: int
    done: int
    found: int

    @property
    def running(self) -> bool:
        """Whether a site is still to be searched."""
        return self.done < self.total


def request_missing_surveys(session: Session, actor: Actor, *, now: datetime) -> SurveyBatch | None:
    """Search every site without a source, and use the best sources found; None when there is no such site.

    While such a batch runs, another request returns it unchanged. Sites that were searched before are searched again.
    Raises ``Forbidden``.
    """
    actor.require(Permission.CONFIGURE)
    running = latest_batch(session)
    if running is not None and running.running:
        return running
    sites = list(session.execute(sa.select(Site.id).where(lacks_sources()).order_by(Site.id)).scalars())
    if not sites:
        return None
    batch = public_id("bat")
    rows = [{"site_id": site, "asked_at": now, "error": "", "found": []} for site in sites]
    session.execute(insert_into(session, Survey).on_conflict_do_nothing(), rows)
    asked = {
        "batch": batch, "asked_by": actor.id, "adopts": True, "asked_at": now, "done_at": None, "error": "",
        "due_at": now, "attempt": 0,
    }  # fmt: skip
    session.execute(
        sa.update(Survey)
        .where(Survey.site_id.in_(sa.select(Site.id).where(lacks_sources())))
        .values(asked)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    journal.record(session, actor.id, "surveys.requested", "surveys", batch, {"sites": len(sites)}, now=now)
    return _progress_of(session, batch)


def latest_batch(session: Session) -> SurveyBatch | None:
    """The surveys that were requested together last; None before the first time."""
    last = sa.select(Survey.batch).where(Survey.batch.is_not(None)).order_by(Survey.asked_at.desc(), Survey.id).limit(1)
    batch = session.execute(last).scalar_one_or_none()
    return _progress_of(session, batch) if batch is not None else None


def _progress_of(session: Session, batch: str) -> SurveyBatch:
    watched = sa.exists().where(Source.site_id == Survey.site_id, Source.due_at.is_not(None))
    query = sa.select(
        sa.func.max(Survey.asked_by),
        sa.func.max(Survey.asked_at),
        sa.func.count(),
        sa.func.count(Survey.done_at),
        sa.func.count().filter(watched),
    ).where(Survey.batch == batch)
    return SurveyBatch(batch, *session.execute(query).one())


def settle_survey(
    session: Session, taken: ledger.Claim, offers: Sequence[OfferedSource], error: str = "", *, now: datetime
) -> None:
    """Record the result of a survey; use the best sources found where that was asked for and the site has none."""
    columns = {
        "found": [asdict(offer) for offer in offers],
        "error": error[:2000],
        "done_at": now,
        "attempt": 0,
        "due_at": None,
    }
    ledger.settle(session, Survey, taken, columns)
    row = session.get_one(Survey, taken.id, populate_existing=True)
    if row.adopts and row.site.active and not wanted_sources(row.site):
        use_offers(session, row.asked_by, row.site, best_offers(offers), now=now)


def best_offers(offers: Iterable[OfferedSource]) -> list[OfferedSource]:
    """The sources to watch when nobody chooses: the best feed, sitemap and search; a listing only without any of them.

    Of one kind the site's own come before those at usual addresses, then those that name more pages.
    """
    best: dict[str, OfferedSource] = {}
    for offer in sorted(offers, key=lambda offer: (offer.where == "usual", -offer.items)):
        best.setdefault(offer.kind, offer)
    listing = best.pop(SourceKind.LISTING.value, None)
    return list(best.values()) or ([listing] if listing is not None else [])


def use_offers(session: Session, actor: str, site: Site, offers: Sequence[OfferedSource], *, now: datetime) -> None:
    """Watch these sources of a site besides its others, from now on."""
    if not offers:
        return
    content = from_attributes(SiteStanding, lock_site(session, site))
    lists: dict[SourceKind, list[str]] = {kind: [] for kind in SourceKind}
    for offer in offers:
        lists[SourceKind(offer.kind)].append(offer.url)
    content = replace(
        content,
        feeds=[*content.feeds, *lists[SourceKind.FEED]],
        sitemaps=[*content.sitemaps, *lists[SourceKind.SITEMAP]],
        listings=[*content.listings, *lists[SourceKind.LISTING]],
        searches=[*content.searches, *lists[SourceKind.SEARCH]],
    )
    change_site(session, actor, site, content, now=now)
    sync_sources(session, site, now=now)


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
