"""Receipts: a partner tells what it did with a bulletin that was pushed to it."""

from enum import Enum
from typing import Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import AliasChoices, Field
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.publishing import readings
from campaigns.publishing.outbox import Delivery, find_delivery
from campaigns.publishing.transport import Counts
from campaigns.tracking.claiming import claim
from campaigns.tracking.republications import Republication
from campaigns.tracking.sightings import How
from coordinator.api import fields
from coordinator.api.auth import caller, front
from coordinator.api.fields import Body, Shown
from coordinator.api.idempotency import Keep, once
from coordinator.api.reading import takes

bp = APIBlueprint("receipts", __name__, tag="Receipts")


class Did(Enum):
    """What the partner did with the bulletin."""

    RECEIVED = "received"  # taken, nothing decided yet
    SCHEDULED = "scheduled"  # will appear later
    PUBLISHED = "published"  # stands at ``url``
    CORRECTED = "corrected"  # the copy at ``url`` was brought up to date
    REMOVED = "removed"  # the copy was taken down
    REJECTED = "rejected"  # will not be used; ``reason`` says why


# What these two tell of is a page, so they must say where it is.
_AT_A_PAGE = frozenset({Did.PUBLISHED, Did.CORRECTED})


class Numbers(Body):
    """What your platform counts of the post so far; what you do not count is left out."""

    views: Annotated[int | None, Field(ge=0, le=10**12)] = None
    likes: Annotated[int | None, Field(ge=0, le=10**12)] = None
    shares: Annotated[int | None, Field(ge=0, le=10**12)] = None
    comments: Annotated[int | None, Field(ge=0, le=10**12)] = None


class Receipt(Body):
    """``delivery`` is the ``webhook-id`` of the message, and may be called ``webhook_id`` or ``id`` as well.
    ``counts`` are kept as your word, with their date, and added to nothing."""

    delivery: Annotated[
        fields.Code, Field(validation_alias=AliasChoices("delivery", "webhook_id", "id"), max_length=60)
    ]
    status: Did
    url: fields.Exact | None = None
    published_at: fields.Moment | None = None
    reason: fields.Paragraph = ""
    counts: Numbers | None = None


class ReceiptRow(Shown):
    """The receipt as it was noted; ``republication`` is the claim that follows from an address, to be checked."""

    delivery: str
    bulletin: str
    status: Did
    republication: str | None = None


@bp.post("/receipts")
@takes(Receipt)
@bp.output(ReceiptRow, 202)
def receipt(body: Receipt) -> Response:
    """Tell what became of a bulletin pushed to you. An address is a claim until we have read the page."""
    company_id = caller().require_partner()
    place = front().place
    if body.status in _AT_A_PAGE and body.url is None:
        raise Invalid([FieldError("url", "required", f"say where it was {body.status.value}")])

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            now = place.now()
            delivery = _own_delivery(session, company_id, body.delivery)
            copy: Republication | None = None
            if body.url is not None:
                copy = claim(
                    session, caller().actor.id, delivery.bulletin.code, body.url, body.published_at,
                    company_id=company_id, how=How.ANNOUNCED, now=now,
                )  # fmt: skip
            if body.counts is not None:
                readings.note(session, delivery, Counts(**body.counts.model_dump()), _source(), now=now)
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
            front().runner.nudge("check")

    return once(act)


def _source() -> str:
    return f"receipt: {caller().actor.name}"


def _own_delivery(session: Session, company_id: int, public: str) -> Delivery:
    unknown = Invalid([FieldError("delivery", "unknown_delivery", f"there is no delivery {public!r} to you")])
    try:
        row = find_delivery(session, public)
    except NotFound:
        raise unknown from None
    if row.channel.company_id != company_id:
        raise unknown
    return row
