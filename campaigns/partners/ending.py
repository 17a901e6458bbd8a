"""What of partners ends soon: licences and agreements in force whose last day is near."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.agreements import Agreement
from campaigns.partners.directory import Company
from campaigns.partners.licences import Licence

SOON: Final = timedelta(days=60)  # a licensing office takes that long to renew; a warning later comes too late


@dataclass(frozen=True)
class Ending:
    """One licence, or one agreement if ``agreed``, with its partner."""

    partner: str
    name: str
    number: str
    ends_on: date
    agreed: bool


def ending(session: Session, today: date, most: int) -> tuple[Sequence[Ending], int]:
    """Those that end within ``SOON``, today among them, the first to end first: at most so many, and how many there
    are."""

    def some(kind: Any, starts: Any, ends: Any, *, agreed: bool) -> sa.Select[Any]:
        told = (Company.code, Company.name, kind.number, ends.label("ends_on"), sa.literal(agreed).label("agreed"))
        near = sa.and_(starts <= today, ends.between(today, today + SOON))
        return sa.select(*told).join_from(kind, Company, Company.id == kind.company_id).where(near)

    both = sa.union_all(
        some(Licence, Licence.issued_on, Licence.expires_on, agreed=False),
        some(Agreement, Agreement.starts_on, Agreement.ends_on, agreed=True),
    ).subquery()
    total = session.execute(sa.select(sa.func.count()).select_from(both)).scalar_one()
    first = sa.select(both).order_by(both.c.ends_on, both.c.name, both.c.number).limit(most)
    return tuple(Ending(*row) for row in session.execute(first)), total
