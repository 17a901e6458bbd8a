"""Counted copies with more addresses than usual: a task for a person, and a flag beside the partner's figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import Period
from campaigns.partners.directory import Site
from campaigns.reporting.tallies import on_partner_sites
from campaigns.republications.counted_copy import with_many_addresses
from campaigns.republications.republications import Republication


@dataclass(frozen=True)
class ManyAddressesCopy:
    """One counted copy; ``addresses``: their number, its own included."""

    id: str
    bulletin: str
    site: str
    addresses: int


def unseen_count(session: Session) -> int:
    """Return the number of copies with more addresses than usual, and than when a person last looked at them."""
    query = sa.select(sa.func.count()).select_from(Republication).where(with_many_addresses(unseen=True))
    return session.execute(query).scalar_one()


def unseen_copies(session: Session, most: int) -> Sequence[ManyAddressesCopy]:
    """Return these copies, the newest first, at most ``most``."""
    return _copies(session, most, with_many_addresses(unseen=True))


def partner_copies(session: Session, company_id: int, period: Period, most: int) -> Sequence[ManyAddressesCopy]:
    """Return a partner's copies of a period with more addresses than usual, seen or not, the newest first."""
    return _copies(session, most, with_many_addresses(), *_of_partner(company_id, period))


def partner_count(session: Session, company_id: int, period: Period) -> int:
    """Return their number."""
    query = sa.select(sa.func.count()).select_from(Republication)
    query = query.where(with_many_addresses(), *_of_partner(company_id, period))
    return session.execute(query).scalar_one()


def _of_partner(company_id: int, period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    return on_partner_sites(company_id), Republication.counted_on.between(period.first, period.last)


def _copies(session: Session, most: int, *which: sa.ColumnElement[bool]) -> Sequence[ManyAddressesCopy]:
    other = aliased(Republication)
    number = sa.select(sa.func.count() + 1).where(other.duplicate_of_id == Republication.id).scalar_subquery()
    query = (
        sa.select(Republication.public, Bulletin.code, Site.name, number)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .where(*which)
        .order_by(Republication.id.desc())
        .limit(most)
    )
    return [ManyAddressesCopy(*row) for row in session.execute(query)]
