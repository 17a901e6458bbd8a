"""The ranking of partners by copies that follow the rules.

A *proper* copy is confirmed, has the whole text (``Match.FULL``), and links the source at the end as the rule requires.
Views are not considered. There are two lists: by the number of proper copies, and by their share of the confirmed
copies whose source could be seen. A share is ranked by the lower bound of its interval (E. B. Wilson, 1927, at 95 %),
so that nine of ten does not rank above ninety-five of a hundred. Equal figures have equal places, and the places after
them are left out.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.partners.directory import Company
from campaigns.reporting.rollups.rollup_query import TallyScope, copy_figures
from campaigns.reporting.rollups.rollup_tables import ATTRIBUTION_FIGURES
from campaigns.reporting.table_reports.partner_report import LEAST_COPIES
from campaigns.republications.attribution.verdicts import Attribution

CONFIDENCE_Z = 1.96  # standard deviations on either side: 95 cases in 100
BOUND_DIGITS = 3  # digits of a bound: shares that differ by less than a tenth of a per cent are equal


@dataclass(frozen=True)
class PartnerMerit:
    """One partner in a period: the number of confirmed copies, of proper ones among them, and of those whose source
    could be seen."""

    code: str
    name: str
    confirmed: int
    proper: int
    source_seen: int

    @property
    def share(self) -> float:
        """The share of proper copies among those whose source could be seen, 0–1; 0 without any."""
        return self.proper / self.source_seen if self.source_seen else 0.0

    @property
    def bound(self) -> float:
        """The lower bound of the share at 95 %, 0–1, to a tenth of a per cent."""
        return round(lower_bound(self.proper, self.source_seen), BOUND_DIGITS)


@dataclass(frozen=True)
class RankedPartner:
    """A partner with its place, from 1."""

    place: int
    merit: PartnerMerit


@dataclass(frozen=True)
class PartnerRanking:
    """Both lists, best first, and the partners that have no place, by name."""

    period: Period
    by_number: tuple[RankedPartner, ...]
    by_share: tuple[RankedPartner, ...]
    unranked: tuple[PartnerMerit, ...]


def lower_bound(good: int, of: int) -> float:
    """Return the lower bound of Wilson's score interval for ``good`` of ``of``, 0–1; 0 for none."""
    if good == 0:
        return 0.0
    share, spread = good / of, CONFIDENCE_Z * CONFIDENCE_Z / of
    middle = share + spread / 2
    width = CONFIDENCE_Z * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max((middle - width) / (1 + spread), 0.0)


def partner_merits(session: Session, period: Period) -> list[PartnerMerit]:
    """Return every partner with a confirmed copy in the period, by name."""
    unseen = ATTRIBUTION_FIGURES[Attribution.NOT_SEEN]
    figures = copy_figures(session, TallyScope(period), ("company_id",), ("confirmed", "proper", unseen))
    query = sa.select(Company.id, Company.code, Company.name).order_by(Company.name, Company.code)
    found = []
    for number, code, name in session.execute(query):
        confirmed, proper, hidden = figures.get((number,), (0, 0, 0))
        if confirmed:
            found.append(PartnerMerit(code, name, confirmed, proper, confirmed - hidden))
    return found


def _has_place(merit: PartnerMerit) -> bool:
    return merit.source_seen >= LEAST_COPIES and merit.proper > 0


def rank_partners(session: Session, period: Period) -> PartnerRanking:
    """Return the lists of a period. A partner with fewer than ``LEAST_COPIES`` confirmed copies whose source could be
    seen, or no proper one, has no place."""
    every = partner_merits(session, period)
    ranked = [merit for merit in every if _has_place(merit)]
    return PartnerRanking(
        period=period,
        by_number=ranked_by(ranked, lambda merit: merit.proper),
        by_share=ranked_by(ranked, lambda merit: merit.bound),
        unranked=tuple(merit for merit in every if not _has_place(merit)),
    )


def ranked_by(these: Sequence[PartnerMerit], figure: Callable[[PartnerMerit], float]) -> tuple[RankedPartner, ...]:
    """Return places by a figure, the highest first; equal figures share one, in the given order."""
    found: list[RankedPartner] = []
    for number, merit in enumerate(sorted(these, key=figure, reverse=True), start=1):
        same = bool(found) and figure(found[-1].merit) == figure(merit)
        found.append(RankedPartner(found[-1].place if same else number, merit))
    return tuple(found)
