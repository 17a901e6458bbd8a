"""The lists of new pages that partner sites are watched by: how each stands, and which need somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company, Site
from campaigns.tracking.intervals import ALARM_AFTER
from campaigns.tracking.watching import Source, SourceKind, Trouble
from coordinator.web.desk.source_words import trouble_words


@dataclass(frozen=True)
class SourceRow:
    """One feed, sitemap, listing or search as pages show it. ``ended``: no longer watched."""

    kind: SourceKind
    url: str
    looked_at: datetime | None
    succeeded_at: datetime | None
    named_at: datetime | None
    due_at: datetime | None
    failures: int
    error: str
    trouble: Trouble
    failing_since: datetime | None
    silent_since: datetime | None
    daily: float

    @property
    def ended(self) -> bool:
        """Whether nobody looks there any more."""
        return self.due_at is None

    @property
    def what(self) -> str:
        """What is the matter, in the reader's language."""
        return trouble_words(self.trouble)[0]

    @property
    def advice(self) -> str:
        """What helps, in the reader's language."""
        return trouble_words(self.trouble)[1]

    @property
    def every(self) -> timedelta | None:
        """The wait between the last look and the next."""
        return self.due_at - self.looked_at if self.due_at and self.looked_at else None


@dataclass(frozen=True)
class Alarm:
    """A watched source that has failed for a day or been silent for long, with where it belongs."""

    partner: str
    site: str
    site_code: str
    kind: SourceKind
    since: datetime
    silent: bool
    trouble: Trouble


def sources_of(session: Session, sites: Sequence[int]) -> Mapping[int, list[SourceRow]]:
    """The sources of several sites by the site's row, those still watched first."""
    query = sa.select(Source).where(Source.site_id.in_(sites)).order_by(Source.due_at.is_(None), Source.kind, Source.id)
    found: dict[int, list[SourceRow]] = {ident: [] for ident in sites}
    for row in session.execute(query).scalars():
        found[row.site_id].append(
            SourceRow(
                row.kind,
                row.url,
                row.looked_at,
                row.succeeded_at,
                row.named_at,
                row.due_at,
                row.failures,
                row.error,
                row.trouble,
                row.failing_since,
                row.silent_since,
                row.daily,
            )
        )
    return found


def failing_by_company(session: Session) -> dict[int, int]:
    """How many watched sources of each company failed at the last look, or are silent."""
    query = (
        sa.select(Site.company_id, sa.func.count())
        .join(Source, Source.site_id == Site.id)
        .where(sa.or_(Source.error != "", Source.silent_since.is_not(None)), Source.due_at.is_not(None))
        .group_by(Site.company_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def alarms(session: Session, limit: int, *, now: datetime) -> list[Alarm]:
    """Watched sources of active sites that have failed for a day or been silent for long, those longest so first."""
    since = sa.func.coalesce(Source.failing_since, Source.silent_since)
    query = (
        sa.select(
            Company.code, Site.name, Site.code, Source.kind, since, Source.failing_since.is_(None), Source.trouble
        )
        .select_from(Source)
        .join(Site, Site.id == Source.site_id)
        .join(Company, Company.id == Site.company_id)
        .where(
            Source.due_at.is_not(None),
            Site.active,
            sa.or_(Source.failing_since <= now - ALARM_AFTER, Source.silent_since.is_not(None)),
        )
        .order_by(since)
        .limit(limit)
    )
    return [Alarm(*row) for row in session.execute(query)]
