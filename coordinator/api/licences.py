"""Licences and agreements of partners, each known by its number (which may contain slashes)."""

from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import joinedload

from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners import agreements as consents
from campaigns.partners import licences as register
from campaigns.partners.agreements import Agreement
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import Licence
from campaigns.people.staff import May
from campaigns.planning.campaigns import all_topics
from coordinator.api import fields, paging
from coordinator.api.auth import front, staff
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing, PageQuery
from coordinator.api.partners import is_own, named_partner, own
from coordinator.api.reading import asks, takes

bp = APIBlueprint("licences", __name__, tag="Partners")

Number = Annotated[fields.Words, Field(max_length=80)]
Issuer = Annotated[fields.Words, Field(max_length=300)]
Lines = Annotated[list[fields.Line], Field(max_length=200)]


class PartnerQuery(PageQuery):
    """Whose."""

    partner: fields.Code | None = None


class NewLicence(Body):
    """A licence as it was issued. ``domains`` are those it covers."""

    partner: fields.Code
    number: Number
    kind: SiteKind
    issuer: Issuer
    issued_on: fields.Day
    expires_on: fields.Day | None = None
    domains: Lines = []
    scope: Lines = []


class LicenceChange(Body):
    """What is left out stays; ``expires_on: null`` means without an end."""

    kind: SiteKind | None = None
    issuer: Issuer | None = None
    issued_on: fields.Day | None = None
    expires_on: fields.Day | None = None
    domains: Lines | None = None
    scope: Lines | None = None


class LicenceRow(Shown):
    """A licence."""

    partner: str
    number: str
    kind: SiteKind
    issuer: str
    issued_on: fields.Day
    expires_on: fields.Day | None = None
    domains: list[str]
    scope: list[str]
    created_at: Time


class LicenceList(Listing):
    """One page of licences."""

    items: list[LicenceRow]


class NewAgreement(Body):
    """A written consent, for ``topics`` or, without any, for all of them."""

    partner: fields.Code
    number: Number
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


@bp.get("/licences")
@asks(PartnerQuery)
@bp.output(LicenceList)
def licences(query: PartnerQuery) -> Response:
    """Licences in the order they were entered; a partner's key sees its own."""
    with front().place.database.read() as session:
        wanted = own(sa.select(Licence).options(joinedload(Licence.company)), Licence.company_id)
        wanted = wanted.order_by(Licence.id).limit(query.limit + 1)
        if query.partner is not None:
            wanted = wanted.where(Licence.company.has(Company.code == query.partner))
        if (last := paging.after_id(query)) is not None:
            wanted = wanted.where(Licence.id > last)
        rows = session.execute(wanted).scalars().all()
        page, listing = paging.cut(rows, query, lambda row: {"id": str(row.id)})
        return answer(LicenceList(items=[licence_row(row) for row in page], **listing))


@bp.post("/licences")
@takes(NewLicence)
@bp.output(LicenceRow, 201)
def add_licence(body: NewLicence) -> Response:
    """Enter a licence."""
    actor = staff(May.CONFIGURE)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = register.add_licence(
                session,
                actor.id,
                named_partner(session, body.partner),
                number=body.number,
                kind=body.kind,
                issuer=body.issuer,
                issued_on=body.issued_on,
                expires_on=body.expires_on,
                domains=body.domains,
                scope=body.scope,
                now=place.now(),
            )
            keep(session, licence_row(row), 201, location="/api/v1/licences")

    return once(act)


@bp.get("/licences/<path:number>")
@bp.output(LicenceRow)
def licence(number: str) -> Response:
    """One licence."""
    with front().place.database.read() as session:
        row = register.find_licence(session, number)
        if not is_own(row.company_id):
            raise NotFound(f"there is no licence {number}", licence=number)
        return answer(licence_row(row))


@bp.patch("/licences/<path:number>")
@takes(LicenceChange)
@bp.output(LicenceRow)
def change_licence(number: str, body: LicenceChange) -> Response:
    """Change a licence's content under the same number."""
    actor = staff(May.CONFIGURE)
    place = front().place
    with place.database.write() as session:
        row = register.find_licence(session, number)
        register.change_licence(
            session,
            actor.id,
            row,
            kind=body.kind or row.kind,
            issuer=body.issuer if body.issuer is not None else row.issuer,
            issued_on=body.issued_on or row.issued_on,
            expires_on=body.expires_on if "expires_on" in body.model_fields_set else row.expires_on,
            domains=body.domains if body.domains is not None else row.domains,
            scope=body.scope if body.scope is not None else row.scope,
            now=place.now(),
        )
        return answer(licence_row(row))


@bp.get("/agreements")
@asks(PartnerQuery)
@bp.output(AgreementList)
def agreements(query: PartnerQuery) -> Response:
    """Agreements in the order they were entered; a partner's key sees its own."""
    with front().place.database.read() as session:
        wanted = own(sa.select(Agreement).options(joinedload(Agreement.company)), Agreement.company_id)
        wanted = wanted.order_by(Agreement.id).limit(query.limit + 1)
        if query.partner is not None:
            wanted = wanted.where(Agreement.company.has(Company.code == query.partner))
        if (last := paging.after_id(query)) is not None:
            wanted = wanted.where(Agreement.id > last)
        rows = session.execute(wanted).scalars().all()
        page, listing = paging.cut(rows, query, lambda row: {"id": str(row.id)})
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


def licence_row(row: Licence) -> LicenceRow:
    """A licence as a row."""
    return LicenceRow(
        partner=row.company.code,
        number=row.number,
        kind=row.kind,
        issuer=row.issuer,
        issued_on=row.issued_on,
        expires_on=row.expires_on,
        domains=row.domains,
        scope=row.scope,
        created_at=row.created_at,
    )


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
