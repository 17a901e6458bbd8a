"""Deliveries in the API: their state and attempts, retry, and resolution by a person."""

from enum import Enum
from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload, selectinload

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.channels.channels import Channel
from campaigns.channels.transport import DeliveryAct
from campaigns.core.errors import NotFound
from campaigns.core.listing import ListQuery
from campaigns.delivery.outbox import AttemptOutcome, Delivery, DeliveryFilter, DeliveryState, find_delivery
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.bulletins.bulletins import entitlement
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import refuse_unused, with_body, with_query
from coordinator.jobs.release import commands

bp = APIBlueprint("deliveries", __name__, tag="Deliveries")


class DeliveryQuery(PageQuery):
    """Filters of a list of deliveries."""

    state: DeliveryState | None = None
    channel: fields.Code | None = None


class ResolutionOutcome(Enum):
    """The outcome that a person determined."""

    DELIVERED = "delivered"
    NOT_SENT = "not_sent"


class Resolution(RequestBody):
    """The outcome of an `unknown` or `dead` delivery. With ``again``, an `unknown` one that was not sent is sent now;
    ``note``: why a `dead` one is not sent, which it requires."""

    outcome: ResolutionOutcome
    url: Annotated[fields.ExactText | None, Field(max_length=1000)] = None
    again: fields.StrictBool = False
    note: Annotated[fields.ExactText, Field(max_length=1000)] = ""


class AttemptRow(ResponseBody):
    """One attempt of a delivery."""

    at: Time
    ended_at: Time | None = None
    outcome: AttemptOutcome
    status: int | None = None
    error: str = ""


class DeliveryRow(ResponseBody):
    """A delivery of one revision to one channel. ``key`` is sent to the receiver as ``webhook-id``."""

    id: str
    bulletin: str
    channel: str
    state: DeliveryState
    key: str
    revision: int
    act: DeliveryAct
    note: str = ""
    reason: str = ""
    due_at: Time | None = None
    created_at: Time
    settled_at: Time | None = None
    url: str | None = None
    attempts: list[AttemptRow]


class DeliveryList(ListPage):
    """One page of deliveries."""

    items: list[DeliveryRow]


@bp.get("/bulletins/<code>/deliveries")
@for_staff(Permission.READ, partners=True)
@with_query(DeliveryQuery)
@bp.output(DeliveryList)
def deliveries(code: str, query: DeliveryQuery) -> Response:
    """The deliveries of a bulletin, oldest first; a partner's key sees those to its own channels only."""
    context = app_context().job_context
    with context.database.read() as session:
        filters = query.filters(DeliveryFilter)
        conditions = [*filters.conditions(), Delivery.bulletin_id == _visible_bulletin(session, code).id]
        own = [Channel.company_id == caller().company_id] if caller().is_partner else []
        filters.check_codes(session, {"channel": own})
        if own:
            conditions.append(Delivery.channel_id.in_(sa.select(Channel.id).where(*own)))
        select = sa.select(Delivery).options(
            joinedload(Delivery.bulletin), joinedload(Delivery.channel), selectinload(Delivery.attempts)
        )
        page, listing = paging.cursor_page(session, ListQuery(Delivery, select, conditions, (Delivery.id,)), query)
        return row_response(DeliveryList(items=[delivery_row(row) for (row,) in page], **listing))


@bp.get("/deliveries/<ident>")
@for_staff(Permission.READ, partners=True)
@bp.output(DeliveryRow)
def delivery(ident: str) -> Response:
    """One delivery with its attempts; a partner's key finds those to its own channels, from the release on."""
    context = app_context().job_context
    with context.database.read() as session:
        row = find_delivery(session, ident)
        if caller().is_partner and (
            row.channel.company_id != caller().company_id
            or not visibility.is_released(session, row.bulletin_id, now=context.now())
        ):
            raise NotFound(f"there is no delivery {ident}", delivery=ident)
        return row_response(delivery_row(row))


@bp.post("/deliveries/<ident>/retry")
@for_staff(Permission.APPROVE, Permission.CONFIGURE)
@bp.output(DeliveryRow)
def retry(ident: str) -> Response:
    """Retry a failed or waiting delivery now, under the same key."""

    def apply(keep: ReplyKeeper) -> None:
        commands.retry_delivery(
            app_context(), caller().actor, ident, also=lambda session, row: keep(session, delivery_row(row))
        )

    return run_once(apply)


@bp.post("/deliveries/<ident>/resolve")
@for_staff(Permission.APPROVE, Permission.REVIEW)
@with_body(Resolution)
@bp.output(DeliveryRow)
def resolve(ident: str, body: Resolution) -> Response:
    """Record the outcome of an `unknown` or `dead` delivery, or that a manual one was posted."""
    arrived = body.outcome is ResolutionOutcome.DELIVERED
    refuse_unused(body, ["again"] if arrived else ["url"], f"the outcome {body.outcome.value}")

    def apply(keep: ReplyKeeper) -> None:
        commands.resolve_delivery(
            app_context(),
            caller().actor,
            ident,
            arrived=arrived,
            url=body.url,
            again=body.again,
            note=body.note,
            also=lambda session, row: keep(session, delivery_row(row)),
        )

    return run_once(apply)


def delivery_row(row: Delivery) -> DeliveryRow:
    """The row of a delivery."""
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
        attempts=[row_of(AttemptRow, attempt) for attempt in row.attempts],
    )


def _visible_bulletin(session: Session, code: str) -> Bulletin:
    if not caller().is_partner:
        return find_bulletin(session, code)
    query = visibility.select_released(entitlement(session), now=app_context().job_context.now()).where(
        Bulletin.code == code
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no bulletin {code}", bulletin=code)
    return found[0]
