"""Partners that may be the same: one name in two spellings, or one tax code under two names.

Proposals are not stored: they are computed from the directory when they are shown. What is stored is a person's
statement that two partners are not the same, until it is taken back.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.partners.directory import COMPANY_IN_USE, Company, current_company
from campaigns.partners.normalisation import company_key
from campaigns.partners.register.cells import same_tax_payer
from campaigns.people.staff import Actor, Permission

# Of a larger group of similar partners each is paired with the next one only: merging pair by pair joins the group.
MOST_CROSSED = 6


class NotDuplicates(Base):
    """Two partners that a person has marked as not the same; ``low_id`` is the smaller id."""

    __tablename__ = "not_duplicates"

    low_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True, autoincrement=False)
    high_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True, autoincrement=False)
    by: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.Index("ix_not_duplicates_high_id", "high_id"),)


@dataclass(frozen=True)
class PartnerName:
    """A partner as the directory names it."""

    company_id: int
    code: str
    name: str
    tax_code: str | None


@dataclass(frozen=True)
class DuplicatePair:
    """Two partners that may be the same, the older one first. ``spelling``: their names are two spellings of one;
    ``tax``: their tax codes are equal; ``other_tax``: both have a tax code, of different companies."""

    first: PartnerName
    second: PartnerName
    spelling: bool
    tax: bool
    other_tax: bool

    @property
    def ids(self) -> tuple[int, int]:
        """Their ids, the smaller first."""
        return self.first.company_id, self.second.company_id


def duplicate_pairs(companies: Iterable[PartnerName], apart: Collection[tuple[int, int]] = ()) -> list[DuplicatePair]:
    """The pairs of these that may be the same, without those marked as distinct (``apart``, smaller id first), in the
    order of their ids."""
    by_key: dict[str, list[PartnerName]] = {}
    by_tax: dict[str, list[PartnerName]] = {}
    for company in sorted(companies, key=lambda company: company.company_id):
        by_key.setdefault(company_key(company.name), []).append(company)
        if company.tax_code:
            by_tax.setdefault(company.tax_code, []).append(company)
    found: dict[tuple[int, int], DuplicatePair] = {}
    for group in (*by_key.values(), *by_tax.values()):
        for first, second in combinations(group, 2) if len(group) <= MOST_CROSSED else pairwise(group):
            ids = (first.company_id, second.company_id)
            if ids not in apart and ids not in found:
                found[ids] = _compare_pair(first, second)
    return [found[ids] for ids in sorted(found)]


def _compare_pair(first: PartnerName, second: PartnerName) -> DuplicatePair:
    tax = bool(first.tax_code) and first.tax_code == second.tax_code
    both = bool(first.tax_code and second.tax_code)
    other_tax = both and not same_tax_payer(first.tax_code, second.tax_code)
    spelling = company_key(first.name) == company_key(second.name)
    return DuplicatePair(first, second, spelling=spelling, tax=tax, other_tax=other_tax)


def duplicate_proposals(session: Session) -> list[DuplicatePair]:
    """The pairs of partners in use that may be the same."""
    query = sa.select(Company.id, Company.code, Company.name, Company.tax_code).where(COMPANY_IN_USE)
    apart = {(row[0], row[1]) for row in session.execute(sa.select(NotDuplicates.low_id, NotDuplicates.high_id))}
    return duplicate_pairs((PartnerName(*row) for row in session.execute(query)), apart)


@dataclass(frozen=True)
class DistinctPair:
    """Two partners that a person has marked as not the same."""

    first: PartnerName
    second: PartnerName
    by: str
    at: datetime


def distinct_pairs(session: Session) -> Sequence[DistinctPair]:
    """All pairs marked as not the same, the newest first."""
    cls, other = sa.orm.aliased(Company), sa.orm.aliased(Company)
    query = (
        sa.select(NotDuplicates, cls, other)
        .join(cls, cls.id == NotDuplicates.low_id)
        .join(other, other.id == NotDuplicates.high_id)
        .order_by(NotDuplicates.at.desc(), NotDuplicates.low_id, NotDuplicates.high_id)
    )
    return [
        DistinctPair(_partner_name(first), _partner_name(second), row.by, row.at)
        for row, first, second in session.execute(query)
    ]


def mark_distinct(session: Session, actor: Actor, company: Company, other: Company, *, now: datetime) -> None:
    """Mark two partners as not the same, so that they are no longer proposed. Raises ``Conflict`` when they are marked
    already, ``Invalid`` for one partner given twice, ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    low, high = _ordered_ids(current_company(session, company), current_company(session, other))
    if session.get(NotDuplicates, (low.id, high.id)) is not None:
        raise Conflict(f"{low.code} and {high.code} are held apart", code="held_apart", one=low.name, other=high.name)
    session.add(NotDuplicates(low_id=low.id, high_id=high.id, by=actor.id, at=now))
    session.flush()
    for mine, others in ((low, high), (high, low)):
        journal.record(session, actor.id, "partner.held_apart", "partner", mine.code, {"from": others.code}, now=now)


def unmark_distinct(session: Session, actor: Actor, company: Company, other: Company, *, now: datetime) -> None:
    """Remove the mark that two partners are not the same. Raises ``Conflict`` when there is none, ``Invalid``,
    ``Forbidden``."""
    actor.require(Permission.CONFIGURE)
    low, high = _ordered_ids(company, other)
    row = session.get(NotDuplicates, (low.id, high.id))
    if row is None:
        raise Conflict(f"{low.code} and {high.code} are not held apart", code="not_held_apart")
    session.delete(row)
    session.flush()
    for mine, others in ((low, high), (high, low)):
        journal.record(session, actor.id, "partner.let_go", "partner", mine.code, {"from": others.code}, now=now)


def _ordered_ids(company: Company, other: Company) -> tuple[Company, Company]:
    if company.id == other.id:
        raise Invalid([FieldError("other", "same_partner", f"{company.code} is one partner; choose another")])
    return (company, other) if company.id < other.id else (other, company)


def _partner_name(company: Company) -> PartnerName:
    return PartnerName(company.id, company.code, company.name, company.tax_code)
