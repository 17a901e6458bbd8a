"""Licences and agreements in force that expire soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.agreements import Agreement
from campaigns.partners.directory import Company
from campaigns.partners.licences import Licence, is_in_force

EXPIRES_SOON: Final = timedelta(days=60)  # a licensing office needs that long for a renewal


@dataclass(frozen=True)
class ExpiringDocument:
    """A licence, or an agreement if ``agreed``, with its partner."""

    partner: str
    name: str
    number: str
    ends_on: date
    agreed: bool


def expiring_soon(session: Session, today: date, most: int) -> tuple[Sequence[ExpiringDocument], int]:
    """The documents that end within ``EXPIRES_SOON``, today included, the first to end first: at most ``most`` of them,
    and the number of all."""

    def query(kind: Any, starts: Any, ends: Any, *in_force: sa.ColumnElement[bool], agreed: bool) -> sa.Select[Any]:
        columns = (Company.code, Company.name, kind.number, ends.label("ends_on"), sa.literal(agreed).label("agreed"))
        near = sa.and_(starts <= today, ends.between(today, today + EXPIRES_SOON), *in_force)
        return sa.select(*columns).join_from(kind, Company, Company.id == kind.company_id).where(near)

    both = sa.union_all(
        query(Licence, Licence.issued_on, Licence.expires_on, is_in_force(today), agreed=False),
        query(Agreement, Agreement.starts_on, Agreement.ends_on, agreed=True),
    ).subquery()
    total = session.execute(sa.select(sa.func.count()).select_from(both)).scalar_one()
    first = sa.select(both).order_by(both.c.ends_on, both.c.name, both.c.number).limit(most)
    return tuple(ExpiringDocument(*row) for row in session.execute(first)), total
