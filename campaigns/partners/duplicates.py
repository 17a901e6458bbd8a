"""Partners that may be one and the same: one name in two spellings, or one tax code under two names.

A suspicion is never kept: it is read from the directory whenever somebody asks. What is kept is a person's word that
two are not the same, until it is taken back.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import combinations, pairwise

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.partners.cells import same_tax_payer
from campaigns.partners.directory import IN_USE, Company
from campaigns.partners.spelling import company_key
from campaigns.people.staff import Actor, May

# Of more companies that look like one, each is shown beside the next: one after the other they become one all the same.
MOST_CROSSED = 6
_key = lru_cache(maxsize=65_536)(company_key)  # the same names, for every reader of the list


class HeldApart(Base):
    """Two partners of which a person has said that they are not the same; ``low_id`` is the smaller number."""

    __tablename__ = "partners_held_apart"

    low_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True, autoincrement=False)
    high_id: Mapped[int] = mapped_column(sa.ForeignKey("companies.id"), primary_key=True, autoincrement=False)
    by: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.Index("ix_partners_held_apart_high_id", "high_id"),)


@dataclass(frozen=True)
class Named:
    """A partner as the directory names it."""

    number: int
    code: str
    name: str
    tax_code: str | None


@dataclass(frozen=True)
class Pair:
    """Two that may be one, the one that came first before the other. ``spelling``: their names are one in two
    spellings; ``tax``: their tax codes are one; ``other_tax``: both have one, and not the same."""

    first: Named
    second: Named
    spelling: bool
    tax: bool
    other_tax: bool

    @property
    def numbers(self) -> tuple[int, int]:
        """Their numbers, the smaller first."""
        return self.first.number, self.second.number


def pairs_among(companies: Iterable[Named], apart: Collection[tuple[int, int]] = ()) -> list[Pair]:
    """Every two of these that may be one, besides those that are held ``apart`` (smaller number first), in the order
    in which the first of each came."""
    by_key: dict[str, list[Named]] = {}
    by_tax: dict[str, list[Named]] = {}
    for one in sorted(companies, key=lambda one: one.number):
        by_key.setdefault(_key(one.name), []).append(one)
        if one.tax_code:
            by_tax.setdefault(one.tax_code, []).append(one)
    found: dict[tuple[int, int], Pair] = {}
    for group in (*by_key.values(), *by_tax.values()):
        for one, other in combinations(group, 2) if len(group) <= MOST_CROSSED else pairwise(group):
            numbers = (one.number, other.number)
            if numbers not in apart and numbers not in found:
                found[numbers] = _pair(one, other)
    return [found[numbers] for numbers in sorted(found)]


def _pair(one: Named, other: Named) -> Pair:
    tax = bool(one.tax_code) and one.tax_code == other.tax_code
    both = bool(one.tax_code and other.tax_code)
    other_tax = both and not same_tax_payer(one.tax_code, other.tax_code)
    return Pair(one, other, spelling=_key(one.name) == _key(other.name), tax=tax, other_tax=other_tax)


def proposals(session: Session) -> list[Pair]:
    """Every two partners that may be one: two statements, however many there are."""
    query = sa.select(Company.id, Company.code, Company.name, Company.tax_code).where(IN_USE)
    apart = {(row[0], row[1]) for row in session.execute(sa.select(HeldApart.low_id, HeldApart.high_id))}
    return pairs_among((Named(*row) for row in session.execute(query)), apart)


@dataclass(frozen=True)
class Apart:
    """Two that a person holds apart."""

    first: Named
    second: Named
    by: str
    at: datetime


def held_apart(session: Session) -> Sequence[Apart]:
    """Every two that are held apart, the newest first."""
    one, other = sa.orm.aliased(Company), sa.orm.aliased(Company)
    query = (
        sa.select(HeldApart, one, other)
        .join(one, one.id == HeldApart.low_id)
        .join(other, other.id == HeldApart.high_id)
        .order_by(HeldApart.at.desc(), HeldApart.low_id, HeldApart.high_id)
    )
    return [Apart(_named(first), _named(second), row.by, row.at) for row, first, second in session.execute(query)]


def hold_apart(session: Session, actor: Actor, one: Company, other: Company, *, now: datetime) -> None:
    """Say that two are not the same: they are proposed no more. Raises ``Conflict`` when that was said before,
    ``Invalid`` for one and the same, ``Forbidden``."""
    actor.require(May.CONFIGURE)
    low, high = _two(one, other)
    if session.get(HeldApart, (low.id, high.id)) is not None:
        raise Conflict(f"{low.code} and {high.code} are held apart", code="held_apart", one=low.name, other=high.name)
    session.add(HeldApart(low_id=low.id, high_id=high.id, by=actor.id, at=now))
    session.flush()
    for mine, others in ((low, high), (high, low)):
        journal.record(session, actor.id, "partner.held_apart", "partner", mine.code, {"from": others.code}, now=now)


def let_go(session: Session, actor: Actor, one: Company, other: Company, *, now: datetime) -> None:
    """Take back that two are not the same. Raises ``Conflict`` when nobody says so, ``Invalid``, ``Forbidden``."""
    actor.require(May.CONFIGURE)
    low, high = _two(one, other)
    row = session.get(HeldApart, (low.id, high.id))
    if row is None:
        raise Conflict(f"{low.code} and {high.code} are not held apart", code="not_held_apart")
    session.delete(row)
    session.flush()
    for mine, others in ((low, high), (high, low)):
        journal.record(session, actor.id, "partner.let_go", "partner", mine.code, {"from": others.code}, now=now)


def _two(one: Company, other: Company) -> tuple[Company, Company]:
    if one.id == other.id:
        raise Invalid([FieldError("other", "same_partner", f"{one.code} is one partner; choose another")])
    return (one, other) if one.id < other.id else (other, one)


def _named(company: Company) -> Named:
    return Named(company.id, company.code, company.name, company.tax_code)
