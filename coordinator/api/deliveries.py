"""Deliveries: what went to which channel, how often it was tried, and what a person does about it."""

from enum import Enum
from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload, selectinload

from campaigns.core.errors import Forbidden, NotFound
from campaigns.people.staff import May
from campaigns.publishing import release
from campaigns.publishing.bulletins import Bulletin, find_bulletin
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery, DeliveryState, Outcome, find_delivery
from campaigns.publishing.transport import Act
from coordinator.api import fields, paging
from coordinator.api.auth import caller, front
from coordinator.api.bulletins import entitlement
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing, PageQuery
from coordinator.api.reading import asks, takes
from coordinator.jobs import acts

bp = APIBlueprint("deliveries", __name__, tag="Deliveries")


class DeliveryQuery(PageQuery):
    """Which deliveries of a bulletin."""

    state: DeliveryState | None = None
    channel: fields.Code | None = None


class Settled(Enum):
    """What a person found out."""

    DELIVERED = "delivered"
    NOT_SENT = "not_sent"


class Resolution(Body):
    """What became of a delivery whose outcome nobody knew. With ``again`` one that was not sent is sent now."""

    outcome: Settled
    url: Annotated[fields.Exact | None, Field(max_length=1000)] = None
    again: fields.Yes = False


class AttemptRow(Shown):
    """One try."""

    at: Time
    ended_at: Time | None = None
    outcome: Outcome
    status: int | None = None
    error: str = ""


class DeliveryRow(Shown):
    """One revision to one channel. ``key`` is what the receiver sees as ``webhook-id``."""

    id: str
    bulletin: str
    channel: str
    state: DeliveryState
    key: str
    revision: int
    act: Act
    note: str = ""
    reason: str = ""
    due_at: Time | None = None
    created_at: Time
    settled_at: Time | None = None
    url: str | None = None
    attempts: list[AttemptRow]


class DeliveryList(Listing):
    """One page of deliveries."""

    items: list[DeliveryRow]


@bp.get("/bulletins/<code>/deliveries")
@asks(DeliveryQuery)
@bp.output(DeliveryList)
def deliveries(code: str, query: DeliveryQuery) -> Response:
    """The deliveries of a bulletin, oldest first; a partner's key sees those to its own channels."""
    place = front().place
    with place.database.read() as session:
        wanted = (
            sa.select(Delivery)
            .join(Channel, Channel.id == Delivery.channel_id)
            .where(Delivery.bulletin_id == _bulletin(session, code).id)
            .options(joinedload(Delivery.bulletin), joinedload(Delivery.channel), selectinload(Delivery.attempts))
        )
        if caller().is_partner:
            wanted = wanted.where(Channel.company_id == caller().company_id)
        if query.state is not None:
            wanted = wanted.where(Delivery.state == query.state)
        if query.channel is not None:
            wanted = wanted.where(Channel.code == query.channel)
        page, listing = paging.by_id(session, wanted, Delivery.id, query)
        return answer(DeliveryList(items=[row_of(row) for row in page], **listing))


@bp.get("/deliveries/<ident>")
@bp.output(DeliveryRow)
def delivery(ident: str) -> Response:
    """One delivery with its attempts."""
    with front().place.database.read() as session:
        row = find_delivery(session, ident)
        if caller().is_partner and row.channel.company_id != caller().company_id:
            raise NotFound(f"there is no delivery {ident}", delivery=ident)
        return answer(row_of(row))


@bp.post("/deliveries/<ident>/retry")
@bp.output(DeliveryRow)
def retry(ident: str) -> Response:
    """Try a delivery that failed or waits again now, with the same key. No body is read."""
    _require(May.APPROVE, May.CONFIGURE)

    def act(keep: Keep) -> None:
        acts.retry_delivery(front(), caller().actor, ident, also=lambda session, row: keep(session, row_of(row)))

    return once(act)


@bp.post("/deliveries/<ident>/resolve")
@takes(Resolution)
@bp.output(DeliveryRow)
def resolve(ident: str, body: Resolution) -> Response:
    """Say what became of an `unknown` delivery, or that a manual one was posted."""
    _require(May.APPROVE, May.REVIEW)

    def act(keep: Keep) -> None:
        acts.resolve_delivery(
            front(),
            caller().actor,
            ident,
            arrived=body.outcome is Settled.DELIVERED,
            url=body.url,
            again=body.again,
            also=lambda session, row: keep(session, row_of(row)),
        )

    return once(act)


def row_of(row: Delivery) -> DeliveryRow:
    """A delivery as a row."""
    return DeliveryRow(
        id=row.public,
        bulletin=row.bulletin.code,
        channel=row.channel.code,
        state=row.state,
        key=row.key,
        revision=row.revision,
        act=row.act,
        note=row.note,
        reason=row.reason,
        due_at=row.due_at,
        created_at=row.created_at,
        settled_at=row.settled_at,
        url=row.url,
        attempts=[
            AttemptRow(at=one.at, ended_at=one.ended_at, outcome=one.outcome, status=one.status, error=one.error)
            for one in row.attempts
        ],
    )


def _bulletin(session: Session, code: str) -> Bulletin:
    if not caller().is_partner:
        caller().require(May.READ)
        return find_bulletin(session, code)
    query = release.released(entitlement(session), now=front().place.now()).where(Bulletin.code == code)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no bulletin {code}", bulletin=code)
    return found[0]


def _require(*acts_allowed: May) -> None:
    """Any of these acts will do; asked before the delivery is looked up."""
    actor = caller().actor
    if not any(actor.may(one) for one in acts_allowed):
        raise Forbidden(f"this needs a role that may {' or '.join(one.value for one in acts_allowed)}")
