"""Obligations: open requests to a partner, with their deadlines."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin
from campaigns.compliance import finding_workflow
from campaigns.core.clock import city_day
from campaigns.messages import notice_readers
from campaigns.partners.directory import Site
from campaigns.reporting.removals import ESCALATE_AFTER
from campaigns.reporting.tallies import count_if
from campaigns.republications.republications import (
    Republication,
    RepublicationLife,
    has_outdated_text,
    may_carry_text,
)
from campaigns.republications.review.corrections import needs_correction


class ObligationKind(Enum):
    """The kinds of obligations, the most urgent first."""

    RECALLED = "recalled"  # copies of recalled bulletins, to be removed
    OLD_TEXT = "old_text"  # copies of an earlier text, to be replaced
    FINDING = "finding"  # findings, to be answered
    CONFIRM = "confirm"  # notices to confirm
    READ = "read"  # notices to read
    MEND = "mend"  # copies with another fault; without a deadline


@dataclass(frozen=True)
class Obligation:
    """The obligations of one kind. ``by``: the nearest deadline, None without one; ``late``: the number of overdue
    ones."""

    what: ObligationKind
    count: int
    late: int
    by: datetime | date | None


def obligations_of(session: Session, company_id: int, *, now: datetime) -> list[Obligation]:
    """Return the obligations of a partner; kinds without any are left out."""
    found = [
        *_copies(session, company_id, now),
        *_notices(session, company_id, now),
        _findings(session, company_id, now),
    ]
    order = list(ObligationKind)
    return sorted(
        (obligation for obligation in found if obligation.count), key=lambda obligation: order.index(obligation.what)
    )


def _copies(session: Session, company_id: int, now: datetime) -> list[Obligation]:
    """Return the obligations about copies of published and recalled bulletins on the partner's sites."""
    stale = (
        has_outdated_text(),
        Republication.life != RepublicationLife.GONE,
        may_carry_text(),
    )
    late = Republication.stale_since <= now - ESCALATE_AFTER
    recalled = Bulletin.recalled_at.is_not(None)
    figures: list[Any] = []
    for kind in (recalled, sa.not_(recalled)):
        since = sa.func.min(sa.case((sa.and_(*stale, kind), Republication.stale_since)))
        figures += [count_if(*stale, kind), count_if(*stale, kind, late), since]
    figures.append(count_if(needs_correction(), sa.not_(has_outdated_text())))
    query = (
        sa.select(*figures)
        .select_from(Republication)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .where(Site.company_id == company_id, visibility.visible(now, with_recalled=True))
    )
    gone, gone_late, gone_since, old, old_late, old_since, mend = session.execute(query).one()
    return [
        Obligation(ObligationKind.RECALLED, gone, gone_late, gone_since + ESCALATE_AFTER if gone_since else None),
        Obligation(ObligationKind.OLD_TEXT, old, old_late, old_since + ESCALATE_AFTER if old_since else None),
        Obligation(ObligationKind.MEND, mend, 0, None),
    ]


def _findings(session: Session, company_id: int, now: datetime) -> Obligation:
    count, late, nearest = finding_workflow.unanswered_of(session, company_id, city_day(now))
    return Obligation(ObligationKind.FINDING, count, late, nearest)


def _notices(session: Session, company_id: int, now: datetime) -> list[Obligation]:
    waiting = [notice for notice in notice_readers.partner_notices(session, company_id, now=now) if notice.open]
    found = []
    for what, must in ((ObligationKind.CONFIRM, True), (ObligationKind.READ, False)):
        some = [notice for notice in waiting if notice.notice.must_confirm is must]
        days = [notice.notice.deadline for notice in some if notice.notice.deadline is not None]
        found.append(Obligation(what, len(some), sum(notice.late for notice in some), min(days, default=None)))
    return found
