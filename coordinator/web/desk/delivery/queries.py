"""Queries of the delivery pages: the filtered list with the last attempt of each delivery, the same by bulletin, and
one delivery with all attempts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.channels.channels import Channel
from campaigns.channels.transport import DeliveryAct
from campaigns.core.contents import from_attributes
from campaigns.core.listing import ListPage, ListQuery
from campaigns.delivery import engagement
from campaigns.delivery.engagement import EngagementCheck, EngagementMetric
from campaigns.delivery.outbox import (
    HOLD_REASONS,
    NOT_SENT,
    OPEN_STATES,
    Attempt,
    AttemptOutcome,
    Delivery,
    DeliveryFilter,
    DeliveryModes,
    DeliveryState,
    find_delivery,
    last_delivered,
    void_reason,
)
from campaigns.reporting.pending_work import deliveries_in_need
from coordinator.channels import registry
from coordinator.jobs.context import JobContext
from coordinator.web.desk.channels.responses import receipt_message
from coordinator.web.desk.delivery.problems import DeliveryFacts, DeliveryProblem, answer_message, find_problem

GROUPS_ON_PAGE = 20  # bulletins
ROWS_IN_GROUP = 6  # deliveries; the others are on the bulletin's own list


@dataclass(frozen=True)
class DeliveryRow:
    """One row. ``next_at``: time of the next attempt; ``tries``: number of attempts."""

    id: str
    bulletin: str
    title: str
    revision: int
    channel: str
    channel_code: str
    act: DeliveryAct
    state: DeliveryState
    next_at: datetime | None
    last_at: datetime | None
    tries: int
    trouble: DeliveryProblem | None


def _delivery_list(
    filters: DeliveryFilter,
    delivery_modes: DeliveryModes,
    now: datetime,
    conditions: Sequence[sa.ColumnElement[bool]] = (),
) -> ListQuery[*tuple[Any, ...]]:
    # Looked up for each row shown, however many attempts there are of others.
    own = aliased(Attempt)
    last = sa.select(sa.func.max(own.id)).where(own.delivery_id == Delivery.id).correlate(Delivery).scalar_subquery()
    tries = sa.select(sa.func.count(own.id)).where(own.delivery_id == Delivery.id).correlate(Delivery).scalar_subquery()
    columns: tuple[Any, ...] = (
        Delivery, Channel, Bulletin.code, Bulletin.release_at, Revision.title, Attempt, tries,
    )  # fmt: skip
    select = (
        sa.select(*columns)
        .options(contains_eager(Delivery.bulletin))
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Bulletin, Bulletin.id == Delivery.bulletin_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Delivery.revision))
        .outerjoin(Attempt, Attempt.id == last)
    )
    wanted = [*filters.conditions(), *conditions]
    if filters.needs:
        wanted.append(deliveries_in_need(delivery_modes, now))
    return ListQuery(Delivery, select, wanted, (Delivery.id.desc(),))


def count_deliveries(session: Session, filters: DeliveryFilter, delivery_modes: DeliveryModes, *, now: datetime) -> int:
    """Return the number of deliveries that match the filters."""
    return _delivery_list(filters, delivery_modes, now).count(session)


def list_deliveries(
    session: Session,
    filters: DeliveryFilter,
    delivery_modes: DeliveryModes,
    number: int,
    *,
    now: datetime,
    counted: bool = True,
    conditions: Sequence[sa.ColumnElement[bool]] = (),
) -> ListPage[DeliveryRow]:
    """Return one page of the list, newest first; beyond the end, the last page. ``counted``: with the total.
    ``conditions``: further ones, beside the filters."""
    wanted = _delivery_list(filters, delivery_modes, now, conditions)
    page = wanted.page(session, number) if counted else wanted.uncounted_page(session, number)
    return page.with_rows(_rows(page.rows, delivery_modes, now))


def _rows(rows: Sequence[sa.Row[*tuple[Any, ...]]], delivery_modes: DeliveryModes, now: datetime) -> list[DeliveryRow]:
    """Return the rows of ``_delivery_list`` as they are shown."""
    return [
        DeliveryRow(
            id=delivery.public,
            bulletin=code,
            title=title,
            revision=delivery.revision,
            channel=channel.name,
            channel_code=channel.code,
            act=delivery.act,
            state=delivery.state,
            next_at=delivery.due_at if delivery.state in OPEN_STATES else None,
            last_at=last.at if last is not None else None,
            tries=tries,
            trouble=find_problem(delivery_facts(delivery, channel, release_at, last, delivery_modes, now)),
        )
        for delivery, channel, code, release_at, title, last, tries in rows
    ]


@dataclass(frozen=True)
class DeliveryGroup:
    """The deliveries of one bulletin that match the filters. ``states``: how many are in each state, those that did
    not arrive first; ``rows``: the first ones, in that order; ``title``: of the newest revision among these.
    """

    bulletin: str
    title: str
    states: Sequence[tuple[DeliveryState, int]]
    rows: Sequence[DeliveryRow]

    @property
    def total(self) -> int:
        """How many deliveries match."""
        return sum(count for _state, count in self.states)


def list_delivery_groups(
    session: Session, filters: DeliveryFilter, delivery_modes: DeliveryModes, number: int, *, now: datetime
) -> ListPage[DeliveryGroup]:
    """Return one page of the bulletins with deliveries that match the filters, newest first, each with its sums."""
    wanted = _delivery_list(filters, delivery_modes, now)
    matching = sa.select(Delivery.bulletin_id).where(*wanted.conditions)
    # Few deliveries wait or failed, and their bulletins are looked up by them. Of the others nearly every bulletin has
    # one, which the index of bulletins finds at once.
    few = filters.needs or filters.failed or filters.state not in {None, DeliveryState.DELIVERED}
    having = Bulletin.id.in_(matching) if few else matching.where(Delivery.bulletin_id == Bulletin.id).exists()
    bulletins = ListQuery(Bulletin, sa.select(Bulletin.id, Bulletin.code), [having], (Bulletin.id.desc(),))
    page = bulletins.page(session, number, size=GROUPS_ON_PAGE)
    of_page = (*wanted.conditions, Delivery.bulletin_id.in_([ident for ident, _code in page.rows]))
    arrived_last = sa.case((Delivery.state == DeliveryState.DELIVERED, 1), else_=0)
    sums = (
        sa.select(Delivery.bulletin_id, Delivery.state, sa.func.count())
        .where(*of_page)
        .group_by(Delivery.bulletin_id, Delivery.state)
        .order_by(arrived_last, Delivery.state)
    )
    states: dict[int, list[tuple[DeliveryState, int]]] = {}
    for ident, state, count in session.execute(sums):
        states.setdefault(ident, []).append((state, count))
    place = sa.func.row_number().over(partition_by=Delivery.bulletin_id, order_by=(arrived_last, Delivery.id.desc()))
    ranked = sa.select(Delivery.id, place.label("place")).where(*of_page).subquery()
    shown = sa.select(ranked.c.id).where(ranked.c.place <= ROWS_IN_GROUP)
    select = wanted.select.where(Delivery.id.in_(shown)).order_by(arrived_last, Delivery.id.desc())
    rows: dict[str, list[DeliveryRow]] = {}
    for row in _rows(session.execute(select).all(), delivery_modes, now):
        rows.setdefault(row.bulletin, []).append(row)
    return page.with_rows(
        [
            DeliveryGroup(code, max(rows[code], key=lambda row: row.revision).title, states[ident], rows[code])
            for ident, code in page.rows
        ]
    )


def delivery_facts(
    delivery: Delivery,
    channel: Channel,
    release_at: datetime | None,
    last: Attempt | None,
    delivery_modes: DeliveryModes,
    now: datetime,
) -> DeliveryFacts:
    """Return the input of ``find_problem`` for a row."""
    return DeliveryFacts(
        state=delivery.state,
        reason=delivery.reason,
        status=last.status if last is not None else None,
        error=last.error if last is not None else "",
        channel=channel.state,
        manual=channel.kind in delivery_modes.manual,
        pulled=channel.kind in delivery_modes.pulled,
        released=release_at is not None and release_at <= now,
        act=delivery.act,
        rests_until=channel.open_until if channel.open_until is not None and channel.open_until > now else None,
        void=void_reason(delivery) if delivery.state is DeliveryState.DEAD else "",
    )


@dataclass(frozen=True)
class AttemptRow:
    """One attempt. ``words``: the response as a sentence, '' where there is none; ``error``: the
    receiver's own text.
    """

    at: datetime
    seconds: float | None
    outcome: AttemptOutcome
    status: int | None
    words: str
    error: str


@dataclass(frozen=True)
class ManualPost:
    """The plain text to post by hand, and the address to post it at."""

    title: str
    lead: str
    text: str
    link: str
    kit: str
    page_url: str | None
    instructions: str


@dataclass(frozen=True)
class DeliveryView:
    """Content of the page. ``before_url``: address of the earlier revision on this channel; ``held``: too late to be
    sent automatically; ``given_up``: failed, and nobody has said what comes of it; ``void``: why its text must not be
    sent again; ``lease_until``: when it is claimed again if the present sender has stopped.
    """

    id: str
    key: str
    bulletin: str
    title: str
    revision: int
    channel: str
    channel_code: str
    kind: str
    act: DeliveryAct
    state: DeliveryState
    note: str
    created_at: datetime
    due_at: datetime | None
    next_at: datetime | None
    lease_until: datetime | None
    settled_at: datetime | None
    release_at: datetime | None
    url: str | None
    remote_id: str | None
    before_url: str | None
    tries: tuple[AttemptRow, ...]
    trouble: DeliveryProblem | None
    by_hand: ManualPost | None
    idempotent: bool
    lookup: bool
    manual: bool
    readings: Sequence[tuple[datetime, str, Mapping[EngagementMetric, int]]]
    read_next: datetime | None
    read_error: str
    held: bool
    given_up: bool
    void: str

    @property
    def may_retry(self) -> bool:
        """Whether it can be tried again now."""
        return self.state in {DeliveryState.DEAD, DeliveryState.RETRYING} and not self.void

    @property
    def may_settle(self) -> bool:
        """Whether a person has to record the outcome."""
        return self.state is DeliveryState.UNKNOWN or self.by_hand is not None or self.held or self.given_up


def delivery_view(session: Session, context: JobContext, ident: str) -> DeliveryView:
    """Return one delivery. Raises ``NotFound``."""
    row = find_delivery(session, ident)
    bulletin, channel = row.bulletin, row.channel
    revision = bulletin.revision(row.revision)
    now = context.now()
    capabilities = registry.channel_kind(channel.kind).capabilities
    last = row.attempts[-1] if row.attempts else None
    facts = delivery_facts(row, channel, bulletin.release_at, last, context.delivery_modes, now)
    waits_by_hand = facts.manual and row.state is DeliveryState.DUE and row.due_at is None and facts.released
    before = last_delivered(session, row)
    asking = session.query(EngagementCheck).filter_by(delivery_id=row.id).one_or_none()
    return from_attributes(
        DeliveryView,
        row,
        id=row.public,
        bulletin=bulletin.code,
        title=revision.title,
        channel=channel.name,
        channel_code=channel.code,
        kind=registry.kind_name(channel.kind),
        next_at=row.due_at if row.state in OPEN_STATES else None,
        lease_until=row.lease_until if row.state is DeliveryState.SENDING else None,
        release_at=bulletin.release_at,
        before_url=before.url if before is not None else None,
        tries=tuple(
            AttemptRow(
                attempt.at,
                (attempt.ended_at - attempt.at).total_seconds() if attempt.ended_at is not None else None,
                attempt.outcome,
                attempt.status,
                _attempt_message(attempt),
                attempt.error,
            )
            for attempt in row.attempts
        ),
        trouble=find_problem(facts),
        by_hand=_manual_post(
            context, channel.settings, bulletin.code, revision.title, revision.lead, revision.body_text
        )
        if waits_by_hand
        else None,
        idempotent=capabilities.idempotent,
        lookup=capabilities.lookup,
        manual=facts.manual,
        readings=engagement.count_history(session, row.id),
        read_next=asking.due_at if asking is not None else None,
        read_error=asking.error if asking is not None else "",
        held=row.state is DeliveryState.DUE and row.reason in HOLD_REASONS,
        given_up=row.state is DeliveryState.DEAD and row.reason != NOT_SENT and not facts.void,
        void=void_reason(row),
    )


# The delivery's state after an attempt with this outcome; attempts with other outcomes have no problem to show.
_AFTER = {
    AttemptOutcome.FAILED: DeliveryState.RETRYING,
    AttemptOutcome.UNKNOWN: DeliveryState.UNKNOWN,
    AttemptOutcome.REFUSED: DeliveryState.DEAD,
}


def _attempt_message(attempt: Attempt) -> str:
    if (after := _AFTER.get(attempt.outcome)) is None:
        return receipt_message(attempt.error)
    return answer_message(
        DeliveryFacts(
            after, "refused" if attempt.outcome is AttemptOutcome.REFUSED else "", attempt.status, attempt.error
        )
    )


def _manual_post(
    context: JobContext, settings: Mapping[str, Any], code: str, title: str, lead: str, text: str
) -> ManualPost:
    return ManualPost(
        title=title,
        lead=lead,
        text=text,
        link=context.addresses.bulletin(code),
        kit=context.addresses.republish(code),
        page_url=settings.get("page_url"),
        instructions=settings.get("instructions") or "",
    )
