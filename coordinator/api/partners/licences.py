"""Licences of partners in the API, identified by their number, which may contain slashes."""

from typing import Annotated
from urllib.parse import quote

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from campaigns.core.clock import city_day, parse_period, quarter_of
from campaigns.core.errors import NotFound
from campaigns.partners import licences as licence_rows
from campaigns.partners.directory import SiteKind
from campaigns.partners.licences import LONGEST_BASIS, Licence
from campaigns.partners.register_figures import LicenceFilter, RegisterFigure, licence_list, register_figures
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
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
Basis = Annotated[fields.ComposedText, Field(max_length=LONGEST_BASIS)]
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
    """Absent fields stay unchanged; ``expires_on: null`` means no end date. ``withdrawn_on``: the first day on which it
    is not in force because it was withdrawn, by the decision in ``withdrawal``; null and an empty text undo it."""

    kind: SiteKind | None = None
    issuer: Issuer | None = None
    issued_on: fields.Day | None = None
    expires_on: fields.Day | None = None
    withdrawn_on: fields.Day | None = None
    withdrawal: Basis | None = None
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
    withdrawn_on: fields.Day | None = None
    withdrawal: str
    domains: list[str]
    scope: list[str]
    created_at: Time


class LicenceList(ListPage):
    """One page of licences."""

    items: list[LicenceRow]


class LicenceQuery(PartnerQuery):
    """Filters of the list. ``q``: a part of the number or of the partner's name; ``figure``: those that are counted in
    a figure of the register in the ``period``, which is the current quarter without one."""

    q: fields.ShortText = ""
    kind: SiteKind | None = None
    figure: RegisterFigure | None = None
    period: fields.ShortText | None = None


class RegisterQuery(RequestBody):
    """``period``: such as ``2026-Q4``; the current quarter without one."""

    period: fields.ShortText | None = None


class RegisterRow(ResponseBody):
    """The figures of one kind. ``licences`` and ``companies``: in force at the end of the period, or today while it
    lasts; ``ended``: ``expired`` and ``withdrawn`` together; ``ending``: in force, and expiring within 60 days."""

    kind: SiteKind
    licences: int
    companies: int
    new: int
    changed: int
    ended: int
    expired: int
    withdrawn: int
    ending: int


class RegisterReport(ResponseBody):
    """The register in a period. ``day``: the day of the figures; ``companies``: those with any licence, each once."""

    period: str
    first: fields.Day
    last: fields.Day
    day: fields.Day
    licences: int
    companies: int
    rows: list[RegisterRow]


@bp.get("/licences")
@for_staff(Permission.READ, partners=True)
@with_query(LicenceQuery)
@bp.output(LicenceList)
def licences(query: LicenceQuery) -> Response:
    """Licences in the order they were entered; a partner's key sees its own only."""
    now = app_context().job_context.now()
    period = parse_period(query.period) if query.period is not None else quarter_of(city_day(now))
    filters = LicenceFilter(q=query.q, kind=query.kind, figure=query.figure)
    with app_context().job_context.database.read() as session:
        visible = rows_of_partner(session, Licence.company_id, query.partner)
        listed = licence_list(session, filters, period, visible, order="entered", now=now)
        page, listing = paging.cursor_page(session, listed, query)
        return row_response(LicenceList(items=[licence_row(row) for row, _company in page], **listing))


@bp.get("/register")
@for_staff(Permission.READ)
@with_query(RegisterQuery)
@bp.output(RegisterReport)
def register(query: RegisterQuery) -> Response:
    """The register at the end of a period, and what changed in it; for staff."""
    context = app_context().job_context
    now = context.now()
    period = parse_period(query.period) if query.period is not None else quarter_of(city_day(now))
    with context.database.read() as session:
        found = register_figures(session, period, now=now)
    return row_response(
        RegisterReport(
            period=period.label,
            first=period.first,
            last=period.last,
            day=found.day,
            licences=found.licences,
            companies=found.companies,
            rows=[
                RegisterRow(
                    kind=row.kind, licences=row.licences, companies=row.companies, new=row.new, changed=row.changed,
                    ended=row.ended, expired=row.expired, withdrawn=row.withdrawn, ending=row.ending,
                )
                for row in found.rows
            ],
        )
    )  # fmt: skip


@bp.post("/licences")
@for_staff(Permission.CONFIGURE)
@with_body(NewLicence)
@bp.output(LicenceRow, 201)
def add_licence(body: NewLicence) -> Response:
    """Enter a licence of a partner with its issuer, days, domains and scope."""
    actor = caller().actor
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
            keep(session, licence_row(row), 201, location=f"/api/v1/licences/{quote(row.number)}")

    return run_once(apply)


@bp.get("/licences/<path:number>")
@for_staff(Permission.READ, partners=True)
@bp.output(LicenceRow)
def licence(number: str) -> Response:
    """One licence by its number, with its partner, days, domains and scope."""
    with app_context().job_context.database.read() as session:
        row = licence_rows.find_licence(session, number)
        if not is_own_company(row.company_id):
            raise NotFound(f"there is no licence {number}", licence=number)
        return row_response(licence_row(row))


@bp.patch("/licences/<path:number>")
@for_staff(Permission.CONFIGURE)
@with_body(LicenceChange)
@bp.output(LicenceRow)
def change_licence(number: str, body: LicenceChange) -> Response:
    """Change a licence's content under the same number."""
    actor = caller().actor
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
            withdrawn_on=body.withdrawn_on if "withdrawn_on" in body.model_fields_set else row.withdrawn_on,
            withdrawal=body.withdrawal if body.withdrawal is not None else row.withdrawal,
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
        withdrawn_on=row.withdrawn_on,
        withdrawal=row.withdrawal,
        domains=row.domains,
        scope=row.scope,
        created_at=row.created_at,
    )
