"""The lists of new pages that partner sites are watched by: how each stands, and looking again at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.base import rows_changed
from campaigns.partners.directory import Site
from campaigns.tracking.watching import Source, SourceKind


@dataclass(frozen=True)
class SourceRow:
    """One feed, sitemap or listing as pages show it. ``ended``: no longer watched."""

    kind: SourceKind
    url: str
    looked_at: datetime | None
    succeeded_at: datetime | None
    due_at: datetime | None
    failures: int
    error: str
    daily: float

    @property
    def ended(self) -> bool:
        """Whether nobody looks there any more."""
        return self.due_at is None


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
                row.due_at,
                row.failures,
                row.error,
                row.daily,
            )
        )
    return found


def failing_by_company(session: Session) -> dict[int, int]:
    """How many watched sources of each company failed at the last look."""
    query = (
        sa.select(Site.company_id, sa.func.count())
        .join(Source, Source.site_id == Site.id)
        .where(Source.error != "", Source.due_at.is_not(None))
        .group_by(Site.company_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def look_now(session: Session, site: Site, *, now: datetime) -> int:
    """Make every watched source of a site due at once; returns how many. One that is being read stays leased."""
    done = session.execute(
        sa.update(Source)
        .where(Source.site_id == site.id, Source.due_at.is_not(None))
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)
