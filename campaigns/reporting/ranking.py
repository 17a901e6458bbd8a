"""Recognition: which partners carry bulletins as they should, so ranked that neither luck nor size alone decides.

What is ranked is *proper* copies: confirmed, the whole text (``Match.FULL``), the source linked where the rule wants.
Views are never looked at. There are two lists, since one number would be unfair to somebody: by how many proper copies
there are, and by which share of the confirmed copies is proper. A share is judged by the lower bound of its interval
(E. B. Wilson, 1927, at 95 %), so that nine of ten does not stand above ninety-five of a hundred. Equal figures have
equal places, and the places after them are left out.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.partners.directory import Company
from campaigns.reporting import reading
from campaigns.reporting.reading import Scope
from campaigns.reporting.score import LEAST_COPIES
from campaigns.reporting.sums import BY_SITE

SURE = 1.96  # standard deviations on either side: 95 cases in 100
DIGITS = 3  # of a bound: two shares that differ by less than a tenth of a per cent are equal


@dataclass(frozen=True)
class Merit:
    """One partner in a period: how many copies are confirmed, and how many of them are proper."""

    code: str
    name: str
    confirmed: int
    proper: int

    @property
    def share(self) -> float:
        """The proper part of the confirmed copies, 0–1; 0 without any."""
        return self.proper / self.confirmed if self.confirmed else 0.0

    @property
    def bound(self) -> float:
        """What the share is at least, at 95 %, 0–1, to a tenth of a per cent."""
        return round(lower_bound(self.proper, self.confirmed), DIGITS)


@dataclass(frozen=True)
class Placed:
    """A partner at its place, from 1."""

    place: int
    merit: Merit


@dataclass(frozen=True)
class Recognition:
    """Both lists, best first, and by name those with too few confirmed copies to be in either."""

    period: Period
    by_number: tuple[Placed, ...]
    by_share: tuple[Placed, ...]
    few: tuple[Merit, ...]


def lower_bound(good: int, of: int) -> float:
    """The lower end of Wilson's score interval for ``good`` of ``of``, 0–1; 0 for none."""
    if good == 0:
        return 0.0
    share, spread = good / of, SURE * SURE / of
    middle = share + spread / 2
    width = SURE * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max((middle - width) / (1 + spread), 0.0)


def merits(session: Session, period: Period) -> list[Merit]:
    """Every partner with a confirmed copy in the period, by name."""
    figures = reading.read(session, BY_SITE, Scope(period), ("company_id",), ("confirmed", "proper"))
    query = sa.select(Company.id, Company.code, Company.name).order_by(Company.name, Company.code)
    return [
        Merit(code, name, *figures[number,])
        for number, code, name in session.execute(query)
        if figures.get((number,), (0, 0))[0]
    ]


def recognition(session: Session, period: Period) -> Recognition:
    """The lists of a period. Who has fewer than ``LEAST_COPIES`` confirmed copies, or no proper one, has no place."""
    every = merits(session, period)
    enough = [one for one in every if one.confirmed >= LEAST_COPIES and one.proper]
    return Recognition(
        period=period,
        by_number=placed(enough, lambda one: one.proper),
        by_share=placed(enough, lambda one: one.bound),
        few=tuple(one for one in every if one.confirmed < LEAST_COPIES),
    )


def placed(these: Sequence[Merit], figure: Callable[[Merit], float]) -> tuple[Placed, ...]:
    """Places by a figure, the highest first; equal figures share one, in the order given."""
    found: list[Placed] = []
    for number, one in enumerate(sorted(these, key=figure, reverse=True), start=1):
        same = bool(found) and figure(found[-1].merit) == figure(one)
        found.append(Placed(found[-1].place if same else number, one))
    return tuple(found)
