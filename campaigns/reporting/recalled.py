"""What became of recalls and corrections in a period: how many there were, and how long partners took to remove copies.

Read from the history (``history``), so that it can be had as of an earlier moment: which copies counted then, and which
of them were gone by then.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company, Site
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


def recalled(session: Session, scope: Scope) -> Recalled:
    """Count them as they stand, or stood."""
    out = {bulletin for bulletin, _day in tallies.issued(session, scope)}
    until = min(scope.period.end, scope.as_of.moment) if scope.as_of else scope.period.end
    gone = sa.select(Bulletin.id, Bulletin.recalled_at).where(
        Bulletin.recalled_at >= scope.period.start, Bulletin.recalled_at < until
    )
    found = {row[0]: row[1] for row in session.execute(gone) if row[0] in out}
    return Recalled(_corrections(session, scope, out, until), len(found), _partners(session, scope, found))


def _corrections(session: Session, scope: Scope, out: set[int], until: datetime) -> int:
    """Texts that took the place of one already out."""
    before = sa.orm.aliased(Revision)
    earlier = sa.exists().where(
        before.bulletin_id == Revision.bulletin_id, before.number < Revision.number, before.released_at.is_not(None)
    )
    query = sa.select(Revision.bulletin_id).where(
        Revision.released_at >= scope.period.start, Revision.released_at < until, earlier
    )
    return sum(bulletin in out for bulletin in session.execute(query).scalars())


def _partners(session: Session, scope: Scope, found: dict[int, datetime]) -> tuple[Removals, ...]:
    """The time runs from the recall, or from when a later copy was first seen, to the first look that did not find it.
    A copy that was gone before the recall is none of them."""
    if not found:
        return ()
    source = history.noted(scope.as_of)
    last: tuple[Any, ...] = (source.c.copy_id, source.c.bulletin_id, source.c.life, source.c.left_at)
    held = (
        sa.select(*last)
        .where(
            source.c.kind == COPY,
            source.c.bulletin_id.in_(found),
            source.c.status.in_([one.value for one in COUNTED]),
        )
        .group_by(*last)
        .having(sa.func.sum(source.c.sign) > 0)
        .subquery()
    )
    query = (
        sa.select(
            held.c.bulletin_id, held.c.life, held.c.left_at, Republication.first_seen_at, Company.code, Company.name
        )
        .join(Republication, Republication.id == held.c.copy_id)
        .join(Site, Site.id == Republication.site_id)
        .join(Company, Company.id == Site.company_id)
    ).params(history.asked(scope.as_of))
    names: dict[str, str] = {}
    times: dict[str, list[float]] = {}
    up: dict[str, int] = {}
    for bulletin, life, left_at, first_seen_at, code, name in session.execute(query):
        left = datetime.fromtimestamp(left_at, UTC) if life == Life.GONE.value else None
        # A second begun counts as not gone before the recall: ``left_at`` is cut off at the second.
        if left is not None and left < found[bulletin].replace(microsecond=0):
            continue
        names[code] = name
        if left is None:
            up[code] = up.get(code, 0) + 1
        else:
            took = left - max(found[bulletin], first_seen_at)
            times.setdefault(code, []).append(max(took.total_seconds(), 0.0))
    lines = [of_partner(code, name, "", times.get(code, []), up.get(code, 0)) for code, name in names.items()]
    return tuple(sorted(lines, key=lambda one: (-one.still_up, -(one.longest or 0), one.code)))
