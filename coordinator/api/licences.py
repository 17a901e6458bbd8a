"""Licences of partners, each known by its number (which may contain slashes)."""

from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import joinedload

from campaigns.core.errors import NotFound
from campaigns.partners import licences as register
from campaigns.partners.directory import SiteKind, numbered
from campaigns.partners.licences import Licence
from campaigns.people.staff import May
from coordinator.api import fields, paging
from coordinator.api.auth import front, staff
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing
from coordinator.api.partners import PaperNumber, PartnerQuery, is_own, named_partner, own
from coordinator.api.reading import asks, takes

bp = APIBlueprint("licences", __name__, tag="Partners")

Issuer = Annotated[fields.Words, Field(max_length=300)]
Lines = Annotated[list[fields.Line], Field(max_length=200)]


class NewLicence(Body):
    """A licence as it was issued. ``domains`` are those it covers."""

    partner: fields.Code
    number: PaperNumber
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


@bp.get("/licences")
@asks(PartnerQuery)
@bp.output(LicenceList)
def licences(query: PartnerQuery) -> Response:
    """Licences in the order they were entered; a partner's key sees its own."""
    with front().place.database.read() as session:
        wanted = own(sa.select(Licence).options(joinedload(Licence.company)), Licence.company_id)
        if query.partner is not None:
            wanted = wanted.where(Licence.company_id == numbered(query.partner))
        page, listing = paging.by_id(session, wanted, Licence.id, query)
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
