"""Agreements of partners in the API, identified by their number, which may contain slashes."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import joinedload

from campaigns.core.contents import from_attributes
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.core.listing import ListQuery
from campaigns.partners import agreements as agreement_rows
from campaigns.partners.agreements import Agreement, AgreementContent, AgreementScan, find_scan, scans_of
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import all_topics
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import ContentBody, ResponseBody, Time, row_of
from coordinator.api.files import FILE, kept_file
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

bp = APIBlueprint("agreements", __name__, tag="Partners")


class NewAgreement(ContentBody, AgreementContent):
    """A written consent for ``topics``; without any it covers all topics. ``delay_minutes``: how long after a release
    the partner waits before it republishes; 0 for no delay."""

    partner: fields.Code
    number: DocumentNumber


class AgreementChange(ContentBody, AgreementContent):
    """Absent fields stay unchanged; ``ends_on: null`` means no end date."""


class AgreementRow(ResponseBody, AgreementContent):
    """An agreement."""

    partner: str
    number: str
    created_at: Time


class AgreementList(ListPage):
    """One page of agreements."""

    items: list[AgreementRow]


class ScanRow(ResponseBody):
    """One scan of an agreement. ``size`` in bytes; ``sha256``: of the stored file; ``added_by`` is shown to staff
    only."""

    id: str
    name: str
    kind: Literal["pdf", "jpeg", "png"]
    size: int
    sha256: str
    added_at: Time
    added_by: str


class ScanList(ResponseBody):
    """All scans of an agreement."""

    items: list[ScanRow]


@bp.get("/agreements")
@for_staff(Permission.READ, partners=True)
@with_query(PartnerQuery)
@bp.output(AgreementList)
def agreements(query: PartnerQuery) -> Response:
    """Agreements in the order they were entered; a partner's key sees its own only."""
    with app_context().job_context.database.read() as session:
        select = sa.select(Agreement).options(joinedload(Agreement.company))
        listed = ListQuery(
            Agreement, select, rows_of_partner(session, Agreement.company_id, query.partner), (Agreement.id,)
        )
        page, listing = paging.cursor_page(session, listed, query)
        return row_response(AgreementList(items=[agreement_row(row) for (row,) in page], **listing))


@bp.post("/agreements")
@for_staff(Permission.CONFIGURE)
@with_body(NewAgreement)
@bp.output(AgreementRow, 201)
def add_agreement(body: NewAgreement) -> Response:
    """Enter the written agreement with a partner under which it republishes bulletins."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            company = named_partner(session, body.partner)
            check_topics({topic.code for topic in all_topics(session)}, body.topics)
            content = from_attributes(AgreementContent, body)
            row = agreement_rows.add_agreement(session, actor.id, company, body.number, content, now=context.now())
            keep(session, agreement_row(row), 201, location=f"/api/v1/agreements/{quote(row.number)}")

    return run_once(apply)


@bp.get("/agreements/<path:number>")
@for_staff(Permission.READ, partners=True)
@bp.output(AgreementRow)
def agreement(number: str) -> Response:
    """One agreement by its number, with its partner, days and conditions."""
    with app_context().job_context.database.read() as session:
        row = agreement_rows.find_agreement(session, number)
        if not is_own_company(row.company_id):
            raise NotFound(f"there is no agreement {number}", agreement=number)
        return row_response(agreement_row(row))


@bp.patch("/agreements/<path:number>")
@for_staff(Permission.CONFIGURE)
@with_changes(AgreementChange)
@bp.output(AgreementRow)
def change_agreement(number: str, changes: Mapping[str, Any]) -> Response:
    """Change an agreement's content under the same number."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = agreement_rows.find_agreement(session, number)
        content = from_attributes(AgreementContent, changed(AgreementChange, row, changes))
        if "topics" in changes:  # one that is no longer in use stays
            check_topics({topic.code for topic in all_topics(session)}, content.topics)
        agreement_rows.change_agreement(session, actor.id, row, content, now=context.now())
        return row_response(agreement_row(row))


@bp.get("/agreements/<path:number>/scans")
@for_staff(Permission.READ, partners=True)
@bp.output(ScanList)
def scans(number: str) -> Response:
    """The scans of an agreement, oldest first; at most ten."""
    with app_context().job_context.database.read() as session:
        row = agreement_rows.find_agreement(session, number)
        if not is_own_company(row.company_id):
            raise NotFound(f"there is no agreement {number}", agreement=number)
        return row_response(
            ScanList(items=[_scan_row(scan, not caller().is_partner) for scan in scans_of(session, row)])
        )


@bp.get("/agreements/<path:number>/scans/<ident>")
@for_staff(Permission.READ, partners=True)
@bp.doc(extensions={FILE: True})
def scan(number: str, ident: str) -> Response:
    """The file of a scan, as a download."""
    with app_context().job_context.database.read() as session:
        row = find_scan(session, ident)
        if row.agreement.number != number or not is_own_company(row.agreement.company_id):
            raise NotFound(f"there is no scan {ident}", scan=ident)
        key, kind, name = row.body_key, row.kind, row.name
    return kept_file(key, kind.media_type, name, ident)


def check_topics(known: set[str], topics: Sequence[str]) -> None:
    """Raise ``Invalid`` naming every code without a topic."""
    errors = [
        FieldError(f"topics.{position}", "unknown_topic", f"there is no topic {code!r}")
        for position, code in enumerate(topics)
        if code not in known
    ]
    if errors:
        raise Invalid(errors)


def agreement_row(row: Agreement) -> AgreementRow:
    """The row of an agreement."""
    return row_of(AgreementRow, row, partner=row.company.code)


def _scan_row(row: AgreementScan, staff: bool) -> ScanRow:
    return ScanRow(
        id=row.public,
        name=row.name,
        kind=row.kind.value,
        size=row.size,
        sha256=row.body_hash,
        added_at=row.at,
        added_by=row.actor_name if staff else "",
    )
