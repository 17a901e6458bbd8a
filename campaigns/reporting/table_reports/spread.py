"""The spread of one bulletin: its copies with their time after the release and their origin."""

import statistics
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.bulletins.bulletins import Bulletin
from campaigns.partners.directory import Site
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import (
    NO_COPIES,
    NO_DAY,
    Republication,
    RepublicationLife,
    RepublicationStatus,
)
from campaigns.republications.social.posts import is_social_report


@dataclass(frozen=True)
class SpreadCopy:
    """One copy. ``delay``: seconds after the release, None without one; ``taken_from``: the id of the copy that its
    page names as its source, ``taken_from_site`` that one's site, which may be known alone; ``steps``: the number of
    copies between it and the original, 0 for one taken from us. ``by_report``: of a post on a social network whose own
    time nobody gave, ``appeared_at`` is when it was reported."""

    id: str
    site: str
    company: str
    company_code: str
    url: str
    appeared_at: datetime
    by_report: bool
    delay: float | None
    status: RepublicationStatus
    life: RepublicationLife
    attribution: Attribution
    taken_from: str | None
    taken_from_site: str | None
    steps: int


@dataclass(frozen=True)
class BulletinSpread:
    """Every copy that was not rejected, the earliest first. ``median``: of the confirmed copies' delays, in seconds,
    None without any; ``chained``: the number taken from another copy or site."""

    code: str
    title: str
    released_at: datetime | None
    recalled_at: datetime | None
    carriers: tuple[SpreadCopy, ...]

    @property
    def confirmed(self) -> int:
        """The number of confirmed copies."""
        return sum(copy.status is RepublicationStatus.CONFIRMED for copy in self.carriers)

    @property
    def partners(self) -> int:
        """The number of companies with a confirmed copy."""
        return len({copy.company_code for copy in self.carriers if copy.status is RepublicationStatus.CONFIRMED})

    @property
    def chained(self) -> int:
        """The number of copies that were not taken from us."""
        return sum(copy.taken_from_site is not None for copy in self.carriers)

    @property
    def median(self) -> float | None:
        """The median delay of the confirmed copies."""
        waits = [
            copy.delay
            for copy in self.carriers
            if copy.delay is not None and copy.status is RepublicationStatus.CONFIRMED
        ]
        return max(statistics.median_low(waits), 0.0) if waits else None


def spread_of(session: Session, bulletin: Bulletin) -> BulletinSpread:
    """Return the spread of one bulletin."""
    query = (
        sa.select(Republication)
        .options(
            joinedload(Republication.bulletin),
            joinedload(Republication.page),
            joinedload(Republication.site).joinedload(Site.company),
            joinedload(Republication.taken_from),
            joinedload(Republication.taken_from_site),
        )
        .where(
            Republication.bulletin_id == bulletin.id,
            Republication.status.not_in(NO_COPIES),
            Republication.counted_on > NO_DAY,
        )
    )
    rows = session.execute(query).scalars().all()
    parents = {row.id: row.taken_from_id for row in rows}
    carriers = [_carrier(row, _steps(row.id, parents) or int(row.taken_from_site_id is not None)) for row in rows]
    shown = bulletin.revision(bulletin.released or bulletin.latest)
    return BulletinSpread(
        code=bulletin.code,
        title=shown.title,
        released_at=bulletin.release_at if bulletin.released else None,
        recalled_at=bulletin.recalled_at,
        carriers=tuple(sorted(carriers, key=lambda copy: (copy.appeared_at, copy.site, copy.id))),
    )


def _steps(ident: int, parents: dict[int, int | None]) -> int:
    """Return the number of copies in the chain before a copy. Stored chains have no cycle, and a cycle would end
    here."""
    steps, at, seen = 0, parents.get(ident), {ident}
    while at is not None and at not in seen:
        seen.add(at)
        steps, at = steps + 1, parents.get(at)
    return steps


def _carrier(row: Republication, steps: int) -> SpreadCopy:
    delay = row.delay
    return SpreadCopy(
        id=row.public,
        site=row.site.name,
        company=row.site.company.name,
        company_code=row.site.company.code,
        url=row.url,
        appeared_at=row.appeared_at,
        by_report=is_social_report(row) and row.published_at is None,
        delay=delay.total_seconds() if delay is not None else None,
        status=row.status,
        life=row.life,
        attribution=row.attribution,
        taken_from=row.taken_from.public if row.taken_from is not None else None,
        taken_from_site=row.taken_from_site.name if row.taken_from_site is not None else None,
        steps=steps,
    )
