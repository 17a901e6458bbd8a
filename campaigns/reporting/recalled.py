"""What became of recalls and corrections in a period: how many there were, and how long partners took to remove copies.

Read from the history (``history``), so that it can be had as of an earlier moment: which copies counted then, and which
of them were gone by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.reporting import history, tallies
from campaigns.reporting.reading import Scope
from campaigns.reporting.removals import COUNTED, Removals, of_partner
from campaigns.reporting.sums import COPY
from campaigns.tracking.republications import Life, Republication


@dataclass(frozen=True)
class Recalled:
    """Corrections and recalls in a scope's period, and by partner the copies of what was recalled: removed, in how
    many seconds, and still up."""

    corrections: int
    recalls: int
    partners: tuple[Removals, ...]


@dataclass(frozen=True)
class Held:
    """One copy of a recalled bulletin. ``took``: seconds until it was gone, None while it is not."""

    copy_id: int
    partner: str
    partner_name: str
    took: float | None

    @property
    def gone(self) -> bool:
        """Whether it was removed."""
        return self.took is not None


def recalled(session: Session, scope: Scope) -> Recalled:
    """Count them as they stand, or stood."""
    found = recalled_at(session, scope)
    return Recalled(len(corrected(session, scope)), len(found), _partners(copies(session, scope, found)))


def _until(scope: Scope) -> datetime:
    return min(scope.period.end, scope.as_of.moment) if scope.as_of else scope.period.end


def recalled_at(session: Session, scope: Scope) -> dict[int, datetime]:
    """The bulletins recalled in the period, by id, and when."""
    query = sa.select(Bulletin.id, Bulletin.recalled_at).where(
        Bulletin.recalled_at >= scope.period.start, Bulletin.recalled_at < _until(scope)
    )
    found = {number: at for number, at in session.execute(query) if at is not None}
    if not found:
        return {}
    out = {bulletin for bulletin, _day in tallies.issued(session, scope)}
    return {bulletin: at for bulletin, at in found.items() if bulletin in out}


def corrected(session: Session, scope: Scope) -> list[int]:
    """The bulletins corrected in the period, by id, each as often as it was: texts that took the place of one out."""
    before = sa.orm.aliased(Revision)
    earlier = sa.exists().where(
        before.bulletin_id == Revision.bulletin_id, before.number < Revision.number, before.released_at.is_not(None)
    )
    query = sa.select(Revision.bulletin_id).where(
        Revision.released_at >= scope.period.start, Revision.released_at < _until(scope), earlier
    )
    found = session.execute(query).scalars().all()
    if not found:
        return []
    out = {bulletin for bulletin, _day in tallies.issued(session, scope)}
    return [bulletin for bulletin in found if bulletin in out]


def copies(session: Session, scope: Scope, found: Mapping[int, datetime]) -> list[Held]:
    """The copies of recalled bulletins (``found``: when each was recalled) that counted and were up at the recall.

    The time runs from the recall, or from when a later copy was first seen, to the first look that did not find it.
    """
    if not found:
        return []
    source = history.noted(scope.as_of)
    last: tuple[Any, ...] = (source.c.copy_id, source.c.bulletin_id, source.c.life, source.c.left_at)
    counted = [
        source.c.kind == COPY,
        source.c.bulletin_id.in_(list(found)),
        source.c.status.in_([one.value for one in COUNTED]),
    ]
    net = sa.func.sum(source.c.sign) > 0
    held = sa.select(*last).where(*counted).group_by(*last).having(net).subquery()
    owner = history.owners(scope.as_of, "site_id")
    columns: tuple[Any, ...] = (*held.c, Republication.first_seen_at, Company.code, Company.name)
    query = (
        sa.select(*columns)
        .join(Republication, Republication.id == held.c.copy_id)
        .join(owner, owner.c.place_id == Republication.site_id)
        .join(Company, Company.id == owner.c.company_id)
        .order_by(held.c.copy_id)
    ).params(history.asked(scope.as_of))
    made = []
    for copy_id, bulletin, life, left_at, first_seen_at, code, name in session.execute(query):
        took = None
        if life == Life.GONE.value:
            left = datetime.fromtimestamp(left_at, UTC)
            # A second begun counts as not gone before the recall: ``left_at`` is cut off at the second.
            if left < found[bulletin].replace(microsecond=0):
                continue
            took = max((left - max(found[bulletin], first_seen_at)).total_seconds(), 0.0)
        made.append(Held(copy_id, code, name, took))
    return made


def _partners(held: list[Held]) -> tuple[Removals, ...]:
    names = {one.partner: one.partner_name for one in held}
    lines = []
    for code, name in names.items():
        mine = [one for one in held if one.partner == code]
        times = [one.took for one in mine if one.took is not None]
        lines.append(of_partner(code, name, "", times, len(mine) - len(times)))
    return tuple(sorted(lines, key=lambda one: (-one.still_up, -(one.longest or 0), one.code)))
