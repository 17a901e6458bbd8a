"""Removals: copies of recalled bulletins and outdated texts, how long partners take, and escalations.

A copy is *escalated* when it has had a recalled or an old text for a day; in the first day the partner, which was
informed through its channels, can act. The period is the same at every pace.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.channels.channels import Channel
from campaigns.channels.transport import DeliveryAct
from campaigns.core.clock import Period
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.matching.matcher import Match
from campaigns.partners.directory import Company, Site
from campaigns.reporting import tallies
from campaigns.reporting.rollups import tally_history
from campaigns.reporting.rollups.rollup_query import TallyScope
from campaigns.reporting.rollups.rollup_tables import COPY
from campaigns.republications.republications import (
    Republication,
    RepublicationLife,
    RepublicationStatus,
    has_outdated_text,
    is_correction_unclear,
    may_carry_text,
)

ESCALATE_AFTER = timedelta(hours=24)
# What carries a text that is to be removed or corrected; also another address of a counted copy, once it was read.
CARRYING_STATUSES = (RepublicationStatus.CONFIRMED, RepublicationStatus.REVIEW, RepublicationStatus.DUPLICATE)


@dataclass(frozen=True)
class RecallDelivery:
    """The delivery of a recall or correction to a partner: that of its best channel. ``at``: when it arrived; None
    while it has not."""

    state: DeliveryState
    at: datetime | None


@dataclass(frozen=True)
class OutdatedCopy:
    """One copy with a recalled text (``recalled``) or an old one, ``since`` when. ``delivery`` is None for a partner
    without a channel that had the bulletin, which was therefore not informed."""

    id: str
    bulletin: str
    title: str
    recalled: bool
    revision: int | None
    released: int | None
    status: RepublicationStatus
    site: str
    url: str
    company: str
    company_code: str
    contact: str
    since: datetime
    checked_at: datetime | None
    missing_since: datetime | None
    delivery: RecallDelivery | None


@dataclass(frozen=True)
class PartnerRemovals:
    """One partner's copies of recalled bulletins: the number of removed ones, the time in seconds (median and longest),
    and the number still up."""

    code: str
    name: str
    contact: str
    removed: int
    median: float | None
    longest: float | None
    still_up: int


def outdated_copies(session: Session, *, now: datetime, over: timedelta = ESCALATE_AFTER) -> list[OutdatedCopy]:
    """Return copies that have been outdated for at least ``over``, the longest first, recalled ones before old ones."""
    return _copies(session, *_is_outdated(now - over))


def unclear_copies(session: Session) -> list[OutdatedCopy]:
    """Return the copies of which a person has to say whether they follow a correction, the longest waiting first; they
    are in no other figure of this module."""
    return _copies(session, *_is_unclear())


def _copies(session: Session, *conditions: sa.ColumnElement[bool]) -> list[OutdatedCopy]:
    query = (
        sa.select(Republication, Bulletin, Revision.title, Site.name, Company)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .join(Site, Site.id == Republication.site_id)
        .join(Company, Company.id == Site.company_id)
        .where(*conditions)
        .order_by(Bulletin.recalled_at.is_(None), Republication.stale_since, Republication.id)
    )
    found = session.execute(query).all()
    deliveries = recall_deliveries(session, {bulletin.id for _, bulletin, *_ in found})
    return [
        _outdated_copy(row, bulletin, title, site, company, deliveries) for row, bulletin, title, site, company in found
    ]


def _is_outdated(until: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        has_outdated_text(),
        Republication.life != RepublicationLife.GONE,
        Republication.status.in_(CARRYING_STATUSES),
        may_carry_text(),
        Republication.stale_since <= until,
    )


def _is_unclear() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        is_correction_unclear(),
        Republication.life != RepublicationLife.GONE,
        Republication.status.in_(CARRYING_STATUSES),
        may_carry_text(),
    )


def _outdated_copy(
    row: Republication,
    bulletin: Bulletin,
    title: str,
    site: str,
    company: Company,
    deliveries: Mapping[tuple[int, int, DeliveryAct], RecallDelivery],
) -> OutdatedCopy:
    recalled = bulletin.recalled_at is not None
    return OutdatedCopy(
        id=row.public,
        bulletin=bulletin.code,
        title=title,
        recalled=recalled,
        revision=row.revision,
        released=bulletin.released,
        status=row.status,
        site=site,
        url=row.url,
        company=company.name,
        company_code=company.code,
        contact=company.contact,
        since=row.stale_since or row.first_seen_at,
        checked_at=row.checked_at,
        missing_since=row.missing_since,
        delivery=deliveries.get((bulletin.id, company.id, DeliveryAct.RECALL if recalled else DeliveryAct.CORRECT)),
    )


@dataclass(frozen=True)
class EscalationCounts:
    """The numbers of copies to escalate: of recalled bulletins, and with an old text. ``unclear``: those of which a
    person has to say whether they follow a correction, however short they wait."""

    recalled: int
    old: int
    unclear: int


def escalation_counts(session: Session, *, now: datetime) -> EscalationCounts:
    """Count the copies that ``outdated_copies`` and ``unclear_copies`` list."""
    outdated = _number_of(*_is_outdated(now - ESCALATE_AFTER)).join(Bulletin, Bulletin.id == Republication.bulletin_id)
    recalled, kept = Bulletin.recalled_at.is_not(None), Bulletin.recalled_at.is_(None)
    counts = (outdated.where(recalled), outdated.where(kept), _number_of(*_is_unclear()))
    return EscalationCounts(*session.execute(sa.select(*(count.scalar_subquery() for count in counts))).one())


def _number_of(*conditions: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(Republication).where(*conditions)


def recall_deliveries(session: Session, bulletins: set[int]) -> dict[tuple[int, int, DeliveryAct], RecallDelivery]:
    """Return, by bulletin, company and act, whether and when the recall or the last correction reached the partner."""
    columns: tuple[Any, ...] = (
        Delivery.bulletin_id, Channel.company_id, Delivery.act, Delivery.revision, Delivery.state, Delivery.settled_at,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(
            Delivery.bulletin_id.in_(bulletins),
            Delivery.act.in_((DeliveryAct.RECALL, DeliveryAct.CORRECT)),
            Channel.company_id.is_not(None),
        )
        .order_by(Delivery.revision, Delivery.id)
    )
    found: dict[tuple[int, int, DeliveryAct], tuple[int, RecallDelivery]] = {}
    for bulletin, company, act, revision, state, settled_at in session.execute(query):
        before = found.get((bulletin, company, act))
        if before is not None and before[0] == revision and before[1].state is DeliveryState.DELIVERED:
            continue  # an arrival through one of the partner's channels is enough
        at = settled_at if state is DeliveryState.DELIVERED else None
        found[bulletin, company, act] = (revision, RecallDelivery(state, at))
    return {key: delivery for key, (_, delivery) in found.items()}


def removals_by_partner(
    session: Session, *, company_id: int | None = None, period: Period | None = None
) -> list[PartnerRemovals]:
    """Return every partner that had a copy of a recalled bulletin when it was recalled, those with copies still up
    first; optionally of one partner, or of bulletins recalled in a period.

    The time runs from the recall, or from when a later copy was first seen, to the first look that did not find it.
    """
    columns: tuple[Any, ...] = (
        Company.code, Company.name, Company.contact, Bulletin.recalled_at, Republication.first_seen_at,
        sa.func.coalesce(Republication.missing_since, Republication.gone_at), Republication.life,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .select_from(Republication)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Site, Site.id == Republication.site_id)
        .join(Company, Company.id == Site.company_id)
        .where(
            Bulletin.recalled_at.is_not(None),
            Republication.status.in_(CARRYING_STATUSES),
            may_carry_text(),
            sa.or_(Republication.life != RepublicationLife.GONE, Republication.gone_at > Bulletin.recalled_at),
        )
    )
    if company_id is not None:
        query = query.where(Company.id == company_id)
    if period is not None:
        query = query.where(Bulletin.recalled_at >= period.start, Bulletin.recalled_at < period.end)
    names: dict[str, tuple[str, str]] = {}
    times: dict[str, list[float]] = {}
    up: dict[str, int] = {}
    for code, name, contact, recalled_at, first_seen_at, left_at, life in session.execute(query):
        names[code] = (name, contact)
        if life is RepublicationLife.GONE:
            took = left_at - max(recalled_at, first_seen_at)
            times.setdefault(code, []).append(max(took.total_seconds(), 0.0))
        else:
            up[code] = up.get(code, 0) + 1
    lines = [
        partner_removals(code, name, contact, times.get(code, []), up.get(code, 0))
        for code, (name, contact) in names.items()
    ]
    return sorted(lines, key=lambda removals: (-removals.still_up, -(removals.longest or 0), removals.name))


def partner_removals(code: str, name: str, contact: str, times: Sequence[float], up: int) -> PartnerRemovals:
    """Return one partner's row: ``times`` in seconds of the removed copies, ``up`` the number of the others."""
    median = statistics.median(times) if times else None
    return PartnerRemovals(code, name, contact, len(times), median, max(times, default=None), up)


# The recalls and corrections of a period: their numbers, and how long partners took to remove copies.


@dataclass(frozen=True)
class RecallFigures:
    """The numbers of corrections and recalls in a scope's period, and the copies of recalled bulletins by partner."""

    corrections: int
    recalls: int
    partners: tuple[PartnerRemovals, ...]


@dataclass(frozen=True)
class RecalledCopy:
    """One copy of a recalled bulletin. ``took``: seconds until it was removed, None while it is not."""

    copy_id: int
    partner: str
    partner_name: str
    took: float | None

    @property
    def gone(self) -> bool:
        """Whether it was removed."""
        return self.took is not None


def recall_figures(session: Session, scope: TallyScope) -> RecallFigures:
    """Count them, now or as of an earlier time."""
    found = recalls_in(session, scope)
    return RecallFigures(
        len(corrections_in(session, scope)), len(found), _removals_of_copies(recalled_copies(session, scope, found))
    )


def _until(scope: TallyScope) -> datetime:
    return min(scope.period.end, scope.as_of.moment) if scope.as_of else scope.period.end


def recalls_in(session: Session, scope: TallyScope) -> dict[int, datetime]:
    """Return the bulletins recalled in the period, by id, with the time."""
    query = sa.select(Bulletin.id, Bulletin.recalled_at).where(
        Bulletin.recalled_at >= scope.period.start, Bulletin.recalled_at < _until(scope)
    )
    found = {number: at for number, at in session.execute(query) if at is not None}
    if not found:
        return {}
    out = {bulletin for bulletin, _day in tallies.issued_bulletins(session, scope)}
    return {bulletin: at for bulletin, at in found.items() if bulletin in out}


def corrections_in(session: Session, scope: TallyScope) -> list[int]:
    """Return the ids of the bulletins corrected in the period, one for each correction of a published text."""
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
    out = {bulletin for bulletin, _day in tallies.issued_bulletins(session, scope)}
    return [bulletin for bulletin in found if bulletin in out]


def recalled_copies(session: Session, scope: TallyScope, found: Mapping[int, datetime]) -> list[RecalledCopy]:
    """Return the copies of recalled bulletins (``found``: the time of each recall) that counted and were up at the
    recall.

    The time runs from the recall, or from when a later copy was first seen, to the first look that did not find it.
    """
    if not found:
        return []
    source = tally_history.changes_until(scope.as_of)
    last: tuple[Any, ...] = (source.c.copy_id, source.c.bulletin_id, source.c.life, source.c.left_at)
    counted = [
        source.c.kind == COPY,
        source.c.bulletin_id.in_(list(found)),
        source.c.status.in_([status.value for status in CARRYING_STATUSES]),
        sa.or_(source.c.status != RepublicationStatus.DUPLICATE.value, source.c.match != Match.NONE.value),
    ]
    net = sa.func.sum(source.c.sign) > 0
    held = sa.select(*last).where(*counted).group_by(*last).having(net).subquery()
    owner = tally_history.owners(scope.as_of, "site_id")
    columns: tuple[Any, ...] = (*held.c, Republication.first_seen_at, Company.code, Company.name)
    query = (
        sa.select(*columns)
        .join(Republication, Republication.id == held.c.copy_id)
        .join(owner, owner.c.place_id == Republication.site_id)
        .join(Company, Company.id == owner.c.company_id)
        .order_by(held.c.copy_id)
    )
    made = []
    for copy_id, bulletin, life, left_at, first_seen_at, code, name in session.execute(query):
        took = None
        if life == RepublicationLife.GONE.value:
            left = datetime.fromtimestamp(left_at, UTC)
            # ``left_at`` is truncated to the second, so that the second of the recall counts as not removed before it.
            if left < found[bulletin].replace(microsecond=0):
                continue
            took = max((left - max(found[bulletin], first_seen_at)).total_seconds(), 0.0)
        made.append(RecalledCopy(copy_id, code, name, took))
    return made


def _removals_of_copies(held: list[RecalledCopy]) -> tuple[PartnerRemovals, ...]:
    names = {copy.partner: copy.partner_name for copy in held}
    lines = []
    for code, name in names.items():
        mine = [copy for copy in held if copy.partner == code]
        times = [copy.took for copy in mine if copy.took is not None]
        lines.append(partner_removals(code, name, "", times, len(mine) - len(times)))
    return tuple(sorted(lines, key=lambda removals: (-removals.still_up, -(removals.longest or 0), removals.code)))
