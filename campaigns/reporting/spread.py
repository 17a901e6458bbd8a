"""One bulletin's spread: who carried it when, from whom, and how long after its release."""

import statistics
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.partners.directory import Site
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.republications import Life, Republication, Status


@dataclass(frozen=True)
class Carrier:
    """One copy. ``delay``: seconds after the release, None without one; ``taken_from``: the id of the copy that its
    page names as its source, ``taken_from_site`` that one's site, where only the site is known this alone; ``steps``:
    how many copies lie between it and us, 0 for one taken from us."""

    id: str
    site: str
    company: str
    company_code: str
    url: str
    appeared_at: datetime
    delay: float | None
    status: Status
    life: Life
    attribution: Attribution
    taken_from: str | None
    taken_from_site: str | None
    steps: int


@dataclass(frozen=True)
class Spread:
    """Every copy that was not rejected, the first to appear first. ``median``: of the confirmed copies' delays, in
    seconds, None without any; ``chained``: how many were taken from another copy or site."""

    code: str
    title: str
    released_at: datetime | None
    recalled_at: datetime | None
    carriers: tuple[Carrier, ...]

    @property
    def confirmed(self) -> int:
        """How many copies are confirmed."""
        return sum(one.status is Status.CONFIRMED for one in self.carriers)

    @property
    def partners(self) -> int:
        """How many companies have a confirmed copy."""
        return len({one.company_code for one in self.carriers if one.status is Status.CONFIRMED})

    @property
    def chained(self) -> int:
        """How many were taken from elsewhere than from us."""
        return sum(one.taken_from_site is not None for one in self.carriers)

    @property
    def median(self) -> float | None:
        """The middle delay of the confirmed copies."""
        waits = [one.delay for one in self.carriers if one.delay is not None and one.status is Status.CONFIRMED]
        return max(statistics.median_low(waits), 0.0) if waits else None


def spread(session: Session, bulletin: Bulletin) -> Spread:
    """The spread of one bulletin."""
    query = (
        sa.select(Republication)
        .options(
            joinedload(Republication.bulletin),
            joinedload(Republication.site).joinedload(Site.company),
            joinedload(Republication.taken_from),
            joinedload(Republication.taken_from_site),
        )
        .where(Republication.bulletin_id == bulletin.id, Republication.status != Status.REJECTED)
    )
    rows = session.execute(query).scalars().all()
    parents = {row.id: row.taken_from_id for row in rows}
    carriers = [_carrier(row, _steps(row.id, parents) or int(row.taken_from_site_id is not None)) for row in rows]
    shown = bulletin.revision(bulletin.released or bulletin.latest)
    return Spread(
        code=bulletin.code,
        title=shown.title,
        released_at=bulletin.release_at if bulletin.released else None,
        recalled_at=bulletin.recalled_at,
        carriers=tuple(sorted(carriers, key=lambda one: (one.appeared_at, one.site, one.id))),
    )


def _steps(ident: int, parents: dict[int, int | None]) -> int:
    """How many copies a copy came through; what is known of chains runs in no circle, and one that did would end."""
    steps, at, seen = 0, parents.get(ident), {ident}
    while at is not None and at not in seen:
        seen.add(at)
        steps, at = steps + 1, parents.get(at)
    return steps


def _carrier(row: Republication, steps: int) -> Carrier:
    delay = row.delay
    return Carrier(
        id=row.public,
        site=row.site.name,
        company=row.site.company.name,
        company_code=row.site.company.code,
        url=row.url,
        appeared_at=row.appeared_at,
        delay=delay.total_seconds() if delay is not None else None,
        status=row.status,
        life=row.life,
        attribution=row.attribution,
        taken_from=row.taken_from.public if row.taken_from is not None else None,
        taken_from_site=row.taken_from_site.name if row.taken_from_site is not None else None,
        steps=steps,
    )
