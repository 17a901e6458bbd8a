"""Written consents of partners, each known by its number (which may contain slashes)."""

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import joinedload

from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners import agreements as consents
from campaigns.partners.agreements import Agreement
from campaigns.partners.directory import numbered
from campaigns.people.staff import May
from campaigns.planning.campaigns import all_topics
from coordinator.api import fields, paging
from coordinator.api.auth import front, staff
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing
from coordinator.api.partners import PaperNumber, PartnerQuery, is_own, named_partner, own
from coordinator.api.reading import asks, takes

bp = APIBlueprint("agreements", __name__, tag="Partners")


class NewAgreement(Body):
    """A written consent, for ``topics`` or, without any, for all of them."""

    partner: fields.Code
    number: PaperNumber
    starts_on: fields.Day
    ends_on: fields.Day | None = None
    topics: fields.Codes = []
    note: fields.Paragraph = ""


class AgreementChange(Body):
    """What is left out stays; ``ends_on: null`` means without an end."""

    starts_on: fields.Day | None = None
    ends_on: fields.Day | None = None
    topics: fields.Codes | None = None
    note: fields.Paragraph | None = None


class AgreementRow(Shown):
    """An agreement."""

    partner: str
    number: str
    starts_on: fields.Day
    ends_on: fields.Day | None = None
    topics: list[str]
    note: str
    created_at: Time


class AgreementList(Listing):
    """One page of agreements."""

    items: list[AgreementRow]


@bp.get("/agreements")
@asks(PartnerQuery)
@bp.output(AgreementList)
def agreements(query: PartnerQuery) -> Response:
    """Agreements in the order they were entered; a partner's key sees its own."""
    with front().place.database.read() as session:
        wanted = own(sa.select(Agreement).options(joinedload(Agreement.company)), Agreement.company_id)
        if query.partner is not None:
            wanted = wanted.where(Agreement.company_id == numbered(query.partner))
        page, listing = paging.by_id(session, wanted, Agreement.id, query)
        return answer(AgreementList(items=[agreement_row(row) for row in page], **listing))


@bp.post("/agreements")
@takes(NewAgreement)
@bp.output(AgreementRow, 201)
def add_agreement(body: NewAgreement) -> Response:
    """Enter an agreement."""
    actor = staff(May.CONFIGURE)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            company = named_partner(session, body.partner)
            check_topics({topic.code for topic in all_topics(session)}, body.topics)
            row = consents.add_agreement(
                session,
                actor.id,
                company,
                number=body.number,
                starts_on=body.starts_on,
                ends_on=body.ends_on,
                topics=body.topics,
                note=body.note,
                now=place.now(),
            )
            keep(session, agreement_row(row), 201, location="/api/v1/agreements")

    return once(act)


@bp.get("/agreements/<path:number>")
@bp.output(AgreementRow)
def agreement(number: str) -> Response:
    """One agreement."""
    with front().place.database.read() as session:
        row = consents.find_agreement(session, number)
        if not is_own(row.company_id):
            raise NotFound(f"there is no agreement {number}", agreement=number)
        return answer(agreement_row(row))


@bp.patch("/agreements/<path:number>")
@takes(AgreementChange)
@bp.output(AgreementRow)
def change_agreement(number: str, body: AgreementChange) -> Response:
    """Change an agreement's content under the same number."""
    actor = staff(May.CONFIGURE)
    place = front().place
    with place.database.write() as session:
        row = consents.find_agreement(session, number)
        check_topics({topic.code for topic in all_topics(session)}, body.topics or [])
        consents.change_agreement(
            session,
            actor.id,
            row,
            starts_on=body.starts_on or row.starts_on,
            ends_on=body.ends_on if "ends_on" in body.model_fields_set else row.ends_on,
            topics=body.topics if body.topics is not None else row.topics,
            note=body.note if body.note is not None else row.note,
            now=place.now(),
        )
        return answer(agreement_row(row))


def check_topics(known: set[str], topics: list[str]) -> None:
    """Raise ``Invalid`` naming every code that is no topic's."""
    errors = [
        FieldError(f"topics.{position}", "unknown_topic", f"there is no topic {code!r}")
        for position, code in enumerate(topics)
        if code not in known
    ]
    if errors:
        raise Invalid(errors)


def agreement_row(row: Agreement) -> AgreementRow:
    """An agreement as a row."""
    return AgreementRow(
        partner=row.company.code,
        number=row.number,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        topics=row.topics,
        note=row.note,
        created_at=row.created_at,
    )
