"""Licences of partners in the API, identified by their number, which may contain slashes."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from apiflask import APIBlueprint
from flask import Response

from campaigns.core.clock import city_day, parse_period, quarter_of
from campaigns.core.contents import from_attributes
from campaigns.core.errors import NotFound
from campaigns.partners import licences as licence_rows
from campaigns.partners.directory import SiteKind
from campaigns.partners.licences import Licence, LicenceContent, LicenceStanding
from campaigns.partners.register_figures import LicenceFilter, RegisterFigure, licence_list, register_figures
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import ContentBody, RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage
from coordinator.api.partners.companies import (
    DocumentNumber,
    PartnerQuery,
    is_own_company,
    named_partner,
    rows_of_partner,
)
from coordinator.api.request_parsing import changed, with_body, with_changes, with_query

bp = APIBlueprint("licences", __name__, tag="Partners")


class NewLicence(ContentBody, LicenceContent):
    """A new licence. ``domains``: the domains it covers."""

    partner: fields.Code
    number: DocumentNumber


class LicenceChange(ContentBody, LicenceStanding):
    """Absent fields stay unchanged; ``expires_on: null`` means no end date. ``withdrawn_on``: the first day on which it
    is not in force because it was withdrawn, by the decision in ``withdrawal``; null and an empty text undo it."""


class LicenceRow(ResponseBody, LicenceStanding):
    """A licence."""

    partner: str
    number: str
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
                row_of(RegisterRow, row)
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
            company = named_partner(session, body.partner)
            content = from_attributes(LicenceContent, body)
            row = licence_rows.add_licence(session, actor.id, company, body.number, content, now=context.now())
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
@with_changes(LicenceChange)
@bp.output(LicenceRow)
def change_licence(number: str, changes: Mapping[str, Any]) -> Response:
    """Change a licence's content under the same number."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = licence_rows.find_licence(session, number)
        content = from_attributes(LicenceStanding, changed(LicenceChange, row, changes))
        licence_rows.change_licence(session, actor.id, row, content, now=context.now())
        return row_response(licence_row(row))


def licence_row(row: Licence) -> LicenceRow:
    """The row of a licence."""
    return row_of(LicenceRow, row, partner=row.company.code)
