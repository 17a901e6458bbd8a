"""Owed: what a partner is asked for and has not done, and by when."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import replying
from campaigns.core.clock import city_day
from campaigns.partners.directory import Site
from campaigns.publishing import release
from campaigns.publishing.bulletins import Bulletin
from campaigns.reporting.removals import ESCALATE_AFTER
from campaigns.reporting.tallies import count_if
from campaigns.talking import readers
from campaigns.tracking.mending import needs_mending
from campaigns.tracking.republications import Life, Republication, Status


class Owing(Enum):
    """What is asked for, the most pressing first."""

    RECALLED = "recalled"  # copies of withdrawn bulletins, to be taken down
    OLD_TEXT = "old_text"  # copies of an earlier text, to be replaced
    FINDING = "finding"  # what the department asks about, to be answered
    CONFIRM = "confirm"  # notices to confirm
    READ = "read"  # notices to read
    MEND = "mend"  # copies with something else to put right; there is no day by which


@dataclass(frozen=True)
class Owed:
    """So many things of one kind. ``by``: the nearest moment or day by which, None without one; ``late``: for how many
    it is over."""

    what: Owing
    count: int
    late: int
    by: datetime | date | None


def owed(session: Session, company_id: int, *, now: datetime) -> list[Owed]:
    """Everything that a partner is asked for, kinds without any left out."""
    found = [
        *_copies(session, company_id, now),
        *_notices(session, company_id, now),
        _findings(session, company_id, now),
    ]
    order = list(Owing)
    return sorted((one for one in found if one.count), key=lambda one: order.index(one.what))


def _copies(session: Session, company_id: int, now: datetime) -> list[Owed]:
    """Of bulletins that are out or were, on the partner's own sites."""
    stale = (Republication.stale.is_(True), Republication.life != Life.GONE, Republication.status != Status.REJECTED)
    late = Republication.stale_since <= now - ESCALATE_AFTER
    recalled = Bulletin.recalled_at.is_not(None)
    figures: list[Any] = []
    for kind in (recalled, sa.not_(recalled)):
        since = sa.func.min(sa.case((sa.and_(*stale, kind), Republication.stale_since)))
        figures += [count_if(*stale, kind), count_if(*stale, kind, late), since]
    figures.append(count_if(needs_mending(), Republication.stale.is_(False)))
    query = (
        sa.select(*figures)
        .select_from(Republication)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .where(Site.company_id == company_id, release.visible(now, with_recalled=True))
    )
    gone, gone_late, gone_since, old, old_late, old_since, mend = session.execute(query).one()
    return [
        Owed(Owing.RECALLED, gone, gone_late, gone_since + ESCALATE_AFTER if gone_since else None),
        Owed(Owing.OLD_TEXT, old, old_late, old_since + ESCALATE_AFTER if old_since else None),
        Owed(Owing.MEND, mend, 0, None),
    ]


def _findings(session: Session, company_id: int, now: datetime) -> Owed:
    count, late, nearest = replying.asked_of(session, company_id, city_day(now))
    return Owed(Owing.FINDING, count, late, nearest)


def _notices(session: Session, company_id: int, now: datetime) -> list[Owed]:
    waiting = [one for one in readers.told(session, company_id, now=now) if one.open]
    found = []
    for what, must in ((Owing.CONFIRM, True), (Owing.READ, False)):
        some = [one for one in waiting if one.notice.must_confirm is must]
        days = [one.notice.deadline for one in some if one.notice.deadline is not None]
        found.append(Owed(what, len(some), sum(one.late for one in some), min(days, default=None)))
    return found
