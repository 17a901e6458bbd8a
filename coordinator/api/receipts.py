"""Receipts in the API: a partner reports what it did with a bulletin pushed to it."""

from datetime import datetime
from enum import Enum
from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import AliasChoices, Field
from sqlalchemy.orm import Session

from campaigns.bulletins import visibility
from campaigns.channels.transport import PostCounts
from campaigns.core import journal
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.delivery import engagement
from campaigns.delivery.outbox import Delivery, find_delivery
from campaigns.discovery.sightings import SightingMethod
from campaigns.republications.page_reports import claim_page, recheck_page
from campaigns.republications.republications import Republication
from coordinator.api import fields
from coordinator.api.auth import app_context, caller, for_partners
from coordinator.api.fields import RequestBody, ResponseBody
from coordinator.api.idempotency import ReplyKeeper, run_once
from coordinator.api.request_parsing import with_body

bp = APIBlueprint("receipts", __name__, tag="Receipts")


class ReceiptAct(Enum):
    """What the partner did with the bulletin."""

    RECEIVED = "received"  # accepted, not decided yet
    SCHEDULED = "scheduled"  # will be published later
    PUBLISHED = "published"  # published at ``url``
    CORRECTED = "corrected"  # the copy at ``url`` was corrected
    REMOVED = "removed"  # the copy was removed
    REJECTED = "rejected"  # not used; ``reason`` gives the reason


# These two concern a page, so ``url`` is required.
_AT_A_PAGE = frozenset({ReceiptAct.PUBLISHED, ReceiptAct.CORRECTED})
# These two say that no page carries the bulletin: no claim is made.
_NOT_THERE = frozenset({ReceiptAct.REMOVED, ReceiptAct.REJECTED})


class ReceiptCounts(RequestBody):
    """Figures that the platform counts for the post so far; figures it does not count are absent."""

    views: Annotated[int | None, Field(ge=0, le=10**12)] = None
    likes: Annotated[int | None, Field(ge=0, le=10**12)] = None
    shares: Annotated[int | None, Field(ge=0, le=10**12)] = None
    comments: Annotated[int | None, Field(ge=0, le=10**12)] = None


class Receipt(RequestBody):
    """A receipt. ``delivery``: the ``webhook-id`` of the message, also accepted as ``webhook_id`` or ``id``.

    ``counts`` are stored as reported by the partner, with their date, and added to no other figure.
    """

    delivery: Annotated[
        fields.Code, Field(validation_alias=AliasChoices("delivery", "webhook_id", "id"), max_length=60)
    ]
    status: ReceiptAct
    url: fields.ExactText | None = None
    published_at: fields.Moment | None = None
    reason: fields.Paragraph = ""
    counts: ReceiptCounts | None = None


class ReceiptRow(ResponseBody):
    """The recorded receipt; ``republication``: the claim made from its address, which is checked. With `removed` and
    `rejected` no claim is made; it is the copy known at the address, if any."""

    delivery: str
    bulletin: str
    status: ReceiptAct
    republication: str | None = None


@bp.post("/receipts")
@for_partners
@with_body(Receipt)
@bp.output(ReceiptRow, 202)
def receipt(body: Receipt) -> Response:
    """Report what became of a pushed bulletin. An address is a claim until the page has been checked; with `removed`
    and `rejected` it is none, and a known page is read again."""
    company_id = caller().partner_id
    context = app_context().job_context
    if body.status in _AT_A_PAGE and body.url is None:
        raise Invalid([FieldError("url", "required", f"say where it was {body.status.value}")])

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            now = context.now()
            delivery = _own_delivery(session, company_id, body.delivery, now)
            copy: Republication | None = None
            if body.url is not None and body.status in _NOT_THERE:
                copy = recheck_page(session, delivery.bulletin, body.url, company_id=company_id, now=now)
            elif body.url is not None:
                copy = claim_page(
                    session, caller().actor.id, delivery.bulletin.code, body.url, body.published_at,
                    company_id=company_id, how=SightingMethod.ANNOUNCED, now=now,
                )  # fmt: skip
            if body.counts is not None:
                engagement.record_counts(session, delivery, PostCounts(**body.counts.model_dump()), _source(), now=now)
            details = {"status": body.status, "url": body.url, "reason": body.reason, "at": body.published_at}
            journal.record(session, caller().actor.id, "receipt.given", "delivery", delivery.public, details, now=now)
            row = ReceiptRow(
                delivery=delivery.public,
                bulletin=delivery.bulletin.code,
                status=body.status,
                republication=copy.public if copy is not None else None,
            )
            keep(session, row, 202)
        if body.url is not None:
            app_context().runner.nudge("page_check")

    return run_once(apply)


def _source() -> str:
    return f"receipt: {caller().actor.name}"


def _own_delivery(session: Session, company_id: int, public: str, now: datetime) -> Delivery:
    """The delivery to this partner with this id. One that is not released yet is unknown, in the same words."""
    unknown = Invalid([FieldError("delivery", "unknown_delivery", f"there is no delivery {public!r} to you")])
    try:
        row = find_delivery(session, public)
    except NotFound:
        raise unknown from None
    if row.channel.company_id != company_id or not visibility.is_released(session, row.bulletin_id, now=now):
        raise unknown
    return row
