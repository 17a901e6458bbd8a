"""From what was reported or found to what is still there: how many republications reached each step of the evidence."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.reporting.tallies import ATTRIBUTED, Scope, count_if, republications
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Evidence, Life, Republication, Status

_CONFIRMED = Republication.status == Status.CONFIRMED


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


def funnel(session: Session, scope: Scope) -> Funnel:
    """Count each step in one query."""
    read = sa.exists().where(Evidence.republication_id == Republication.id)
    kept = Republication.match.in_((Match.FULL, Match.PARTIAL))
    query = republications(
        scope,
        sa.func.count(),
        count_if(sa.or_(read, _CONFIRMED)),
        count_if(sa.or_(sa.and_(read, kept), _CONFIRMED)),
        count_if(_CONFIRMED),
        count_if(_CONFIRMED, Republication.attribution.in_(ATTRIBUTED)),
        count_if(_CONFIRMED, Republication.life != Life.GONE),
    )
    return Funnel(*(int(figure) for figure in session.execute(query).one()))
