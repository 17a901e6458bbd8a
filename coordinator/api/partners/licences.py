"""Licences of partners in the API, identified by their number, which may contain slashes."""

from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import joinedload

from campaigns.core.errors import NotFound
from campaigns.core.listing import ListQuery
from campaigns.partners import licences as licence_rows
from campaigns.partners.directory import SiteKind
from campaigns.partners.licences import Licence
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, require_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage
from coordinator.api.partners.companies import (
    DocumentNumber,
    PartnerQuery,
    is_own_company,
    named_partner,
    rows_of_partner,
)
from coordinator.api.request_parsing import with_body, with_query

bp = APIBlueprint("licences", __name__, tag="Partners")

Issuer = Annotated[fields.ComposedText, Field(max_length=300)]
Lines = Annotated[list[fields.ShortText], Field(max_length=200)]


class NewLicence(RequestBody):
    """A new licence. ``domains``: the domains it covers."""

    partner: fields.Code
    number: DocumentNumber
    kind: SiteKind
    issuer: Issuer
    issued_on: fields.Day
    expires_on: fields.Day | None = None
    domains: Lines = []
    scope: Lines = []


class LicenceChange(RequestBody):
    """Absent fields stay unchanged; ``expires_on: null`` means no end date."""

    kind: SiteKind | None = None
    issuer: Issuer | None = None
    issued_on: fields.Day | None = None
    expires_on: fields.Day | None = None
    domains: Lines | None = None
    scope: Lines | None = None


class LicenceRow(ResponseBody):
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


class LicenceList(ListPage):
    """One page of licences."""

    items: list[LicenceRow]


@bp.get("/licences")
@with_query(PartnerQuery)
@bp.output(LicenceList)
def licences(query: PartnerQuery) -> Response:
    """Licences in the order they were entered; a partner's key sees its own only."""
    with app_context().job_context.database.read() as session:
        select = sa.select(Licence).options(joinedload(Licence.company))
        listed = ListQuery(Licence, select, rows_of_partner(session, Licence.company_id, query.partner), (Licence.id,))
        page, listing = paging.cursor_page(session, listed, query)
        return row_response(LicenceList(items=[licence_row(row) for (row,) in page], **listing))


@bp.post("/licences")
@with_body(NewLicence)
@bp.output(LicenceRow, 201)
def add_licence(body: NewLicence) -> Response:
    """Enter a licence."""
    actor = require_staff(Permission.CONFIGURE)
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = licence_rows.add_licence(
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
                now=context.now(),
            )
            keep(session, licence_row(row), 201, location="/api/v1/licences")

    return run_once(apply)


@bp.get("/licences/<path:number>")
@bp.output(LicenceRow)
def licence(number: str) -> Response:
    """One licence."""
    with app_context().job_context.database.read() as session:
        row = licence_rows.find_licence(session, number)
        if not is_own_company(row.company_id):
            raise NotFound(f"there is no licence {number}", licence=number)
        return row_response(licence_row(row))


@bp.patch("/licences/<path:number>")
@with_body(LicenceChange)
@bp.output(LicenceRow)
def change_licence(number: str, body: LicenceChange) -> Response:
    """Change a licence's content under the same number."""
    actor = require_staff(Permission.CONFIGURE)
    context = app_context().job_context
    with context.database.write() as session:
        row = licence_rows.find_licence(session, number)
        licence_rows.change_licence(
            session,
            actor.id,
            row,
            kind=body.kind or row.kind,
            issuer=body.issuer if body.issuer is not None else row.issuer,
            issued_on=body.issued_on or row.issued_on,
            expires_on=body.expires_on if "expires_on" in body.model_fields_set else row.expires_on,
            domains=body.domains if body.domains is not None else row.domains,
            scope=body.scope if body.scope is not None else row.scope,
            now=context.now(),
        )
        return row_response(licence_row(row))


def licence_row(row: Licence) -> LicenceRow:
    """The row of a licence."""
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
