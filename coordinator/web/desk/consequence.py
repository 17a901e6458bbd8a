"""What a conclusion about one copy would change, in figures: the numbers come from the tallies."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.partners.directory import Site
from campaigns.reporting import tallies
from campaigns.reporting.tallies import ATTRIBUTED, Scope
from campaigns.tracking.republications import Republication, Status


@dataclass(frozen=True)
class Consequence:
    """The site's confirmed copies of the day now, after a confirmation and after a rejection; ``attributed``: whether
    the copy also counts as fully attributed."""

    site: str
    day: date
    now: int
    confirmed: int
    rejected: int
    attributed: bool


def consequence(session: Session, row: Republication) -> Consequence:
    """The figures for one copy, as they stand."""
    day = row.counted_on
    scope = Scope(Period(day, day, day.isoformat()))
    count = tallies.count_if(Republication.status == Status.CONFIRMED)
    query: sa.Select[Any] = tallies.republications(scope, count).where(Site.id == row.site_id)
    now = int(session.execute(query).scalar_one())
    counted = row.status is Status.CONFIRMED
    return Consequence(
        site=row.site.name,
        day=day,
        now=now,
        confirmed=now if counted else now + 1,
        rejected=now - 1 if counted else now,
        attributed=row.attribution in ATTRIBUTED,
    )
