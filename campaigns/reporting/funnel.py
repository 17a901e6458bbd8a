"""From what was reported or found to what is still there: how many republications reached each step of the evidence."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.reporting import reading
from campaigns.reporting.sums import SHARES
from campaigns.reporting.tallies import Scope, Share, cube_of
from campaigns.tracking.attribution import Attribution


@dataclass(frozen=True)
class Funnel:
    """Counts of republications in a scope, by how far their evidence reaches.

    ``found``: reported by somebody or discovered by us, whatever became of it. ``fetched``: read by us. ``matched``:
    read, and carrying all or most of the text. A person's confirmation stands in for both, so that ``found``,
    ``fetched``, ``matched`` and ``confirmed`` never grow. ``attributed`` and ``live`` are parts of ``confirmed``.
    """

    found: int
    fetched: int
    matched: int
    confirmed: int
    attributed: int
    live: int


def funnel_and_shares(session: Session, scope: Scope) -> tuple[Funnel, list[Share]]:
    """Each step, and how the confirmed name the source as ``tallies.attribution_shares`` tells, in one query."""
    steps = ("found", "fetched", "matched", "confirmed", "gone")
    found, fetched, matched, confirmed, gone, *ways = reading.total(
        session, cube_of(scope), scope, (*steps, *SHARES.values())
    )
    shares = [Share(one, count) for one, count in zip(SHARES, ways, strict=True)]
    attributed = next(one.count for one in shares if one.attribution is Attribution.LINKED_AT_END)
    return Funnel(found, fetched, matched, confirmed, attributed, confirmed - gone), shares
