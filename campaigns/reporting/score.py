"""A partner's score: its own figures of a period against the department's rule, beside what is usual.

No partner is ranked against a named other. Where few copies would make a share a matter of luck, there is none.
"""

import statistics
from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.reporting import rhythm, tallies
from campaigns.reporting.removals import removals
from campaigns.reporting.tallies import Scope
from campaigns.tracking.attribution import Attribution

LEAST_COPIES = 10  # confirmed copies of a period; a share of fewer says nothing about a partner
LEAST_PARTNERS = 5  # with enough copies; among fewer, what is usual would tell of single ones
UNNAMED = frozenset({Attribution.NONE, Attribution.NAMED_OTHER_SOURCE})
LINKED = frozenset({Attribution.LINKED_AT_END, Attribution.LINKED_ELSEWHERE})


@dataclass(frozen=True)
class Score:
    """One partner in one period. ``named``, ``linked`` and ``at_end`` are parts of ``confirmed``: it names the source,
    links to the bulletin, links where the rule wants it. ``delay``: seconds from the release to the copy, the median,
    None with too few. ``removed`` and ``still_up``: copies of bulletins recalled in the period; ``removal``: seconds
    until they were gone, the median, None without any."""

    period: Period
    delivered: int
    found: int
    confirmed: int
    named: int
    linked: int
    at_end: int
    delay: float | None
    removed: int
    still_up: int
    removal: float | None

    @property
    def telling(self) -> bool:
        """Whether there are enough copies for shares to mean something."""
        return self.confirmed >= LEAST_COPIES

    def share(self, part: int) -> float | None:
        """A part of the confirmed copies, 0–1; None while there are too few."""
        return part / self.confirmed if self.telling else None


def score(session: Session, company_id: int, period: Period) -> Score:
    """The figures of one partner."""
    scope = Scope(period, company_id=company_id)
    whole = tallies.totals(session, scope)
    shares = {one.attribution: one.count for one in tallies.attribution_shares(session, scope)}
    delay = rhythm.delays(session, scope).median if whole.confirmed >= LEAST_COPIES else None
    taken_down = removals(session, company_id=company_id, period=period)
    removed = taken_down[0] if taken_down else None
    return Score(
        period=period,
        delivered=whole.delivered,
        found=whole.found,
        confirmed=whole.confirmed,
        named=sum(count for way, count in shares.items() if way not in UNNAMED),
        linked=sum(shares[way] for way in LINKED),
        at_end=whole.attributed,
        delay=delay,
        removed=removed.removed if removed else 0,
        still_up=removed.still_up if removed else 0,
        removal=removed.median if removed else None,
    )


@dataclass(frozen=True)
class Usual:
    """What is usual in a period: the median over partners of the share that links where the rule wants it, and the
    median delay over all copies, in seconds. ``partners``: how many had enough copies."""

    partners: int
    at_end: float
    delay: float | None


def usual(session: Session, period: Period) -> Usual | None:
    """None while too few partners have enough copies."""
    rows = tallies.rows(session, Scope(period), "partner")
    shares = [row.attributed / row.confirmed for row in rows if row.confirmed >= LEAST_COPIES]
    if len(shares) < LEAST_PARTNERS:
        return None
    return Usual(len(shares), statistics.median(shares), rhythm.delays(session, Scope(period)).median)
