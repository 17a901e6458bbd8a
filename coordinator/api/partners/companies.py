"""Partners (companies) in the API. A partner's key sees its own company only."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.bulletins.visibility import visible
from campaigns.core.clock import city_day, quarter_of
from campaigns.core.contents import from_attributes
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.core.listing import ListQuery, unknown_code
from campaigns.partners import directory
from campaigns.partners.directory import COMPANY_IN_USE, Company, CompanyContent, PartnerMerged, Site
from campaigns.people.staff import Permission
from campaigns.reporting import partner_claims
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import ContentBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import changed, with_body, with_changes, with_query

bp = APIBlueprint("partners", __name__, tag="Partners")

DocumentNumber = Annotated[fields.ComposedText, Field(max_length=80)]  # of a licence or an agreement


class NewPartner(ContentBody, CompanyContent):
    """A new partner. Without a ``code`` one is derived from the name."""

    code: fields.Code | None = None


class PartnerChange(ContentBody, CompanyContent):
    """Absent fields stay unchanged."""


class PartnerRow(ResponseBody, CompanyContent):
    """A company that republishes. ``contact``: the person or address for corrections."""

    code: str
    created_at: Time


class ClaimsRow(ResponseBody):
    """The outcomes of the claims made with the partner's keys.

    ``pending``: not judged yet; ``review``: waiting for a person; ``duplicates``: other addresses of a counted copy,
    neither right nor false; ``false_share``: the rejected share of the judged claims, null if there are none;
    ``telling``: whether enough are judged for a meaningful share.
    """

    made: int
    confirmed: int
    review: int
    rejected: int
    pending: int
    duplicates: int
    false_share: float | None = None
    telling: bool


class PartnerQuery(PageQuery):
    """Filters of a list of a partner's rows."""

    partner: fields.Code | None = None


class PartnerDetail(PartnerRow):
    """A partner with its claims, in total and of the current quarter."""

    claims: ClaimsRow
    claims_this_quarter: ClaimsRow


class PartnerList(ListPage):
    """One page of partners."""

    items: list[PartnerRow]


@bp.get("/partners")
@for_staff(Permission.READ, partners=True)
@with_query(PageQuery)
@bp.output(PartnerList)
def partners(query: PageQuery) -> Response:
    """Partners in the order they were added; a partner's key sees its own company only."""
    with app_context().job_context.database.read() as session:
        listed = ListQuery(Company, sa.select(Company), [COMPANY_IN_USE, *own_rows(Company.id)], (Company.id,))
        page, listing = paging.cursor_page(session, listed, query)
        return row_response(PartnerList(items=[row_of(PartnerRow, row) for (row,) in page], **listing))


@bp.post("/partners")
@for_staff(Permission.CONFIGURE)
@with_body(NewPartner)
@bp.output(PartnerRow, 201)
def add_partner(body: NewPartner) -> Response:
    """Add a partner, a company that republishes bulletins; its sites and licences are entered separately."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            content = from_attributes(CompanyContent, body)
            row = directory.add_company(session, actor.id, content, code=body.code, now=context.now())
            keep(session, row_of(PartnerRow, row), 201, location=f"/api/v1/partners/{row.code}")

    return run_once(apply)


@bp.get("/partners/<code>")
@for_staff(Permission.READ, partners=True)
@bp.output(PartnerDetail)
def partner(code: str) -> Response:
    """One partner with the outcomes of its claims."""
    with app_context().job_context.database.read() as session:
        row = _visible_partner(session, code)
        quarter = quarter_of(city_day(app_context().job_context.now()))
        return row_response(
            row_of(
                PartnerDetail,
                row,
                claims=row_of(ClaimsRow, partner_claims.claim_counts(session, row.id)),
                claims_this_quarter=row_of(ClaimsRow, partner_claims.claim_counts(session, row.id, quarter)),
            )
        )


@bp.patch("/partners/<code>")
@for_staff(Permission.CONFIGURE)
@with_changes(PartnerChange)
@bp.output(PartnerRow)
def change_partner(code: str, changes: Mapping[str, Any]) -> Response:
    """Change a partner's name, tax code or contact; null removes the tax code."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = directory.find_company(session, code)
        content = from_attributes(CompanyContent, changed(PartnerChange, row, changes))
        directory.change_company(session, actor.id, row, content, now=context.now())
        return row_response(row_of(PartnerRow, row))


def _visible_partner(session: Session, code: str) -> Company:
    """The partner with this code, if the caller may see it.

    The partner into which it was merged is named to that partner and to staff only.
    """
    number = session.execute(sa.select(directory.current_company_id(code))).scalar_one()
    if number is None or not is_own_company(number):
        raise NotFound(f"there is no partner {code}", partner=code)
    return directory.find_company(session, code)


def own_rows(company_id: InstrumentedAttribute[int]) -> list[sa.ColumnElement[bool]]:
    """The conditions that limit a list to a partner key's own rows."""
    return [company_id == caller().company_id] if caller().is_partner else []


def rows_of_partner(
    session: Session, company_id: InstrumentedAttribute[int], partner: str | None
) -> list[sa.ColumnElement[bool]]:
    """``own_rows``, limited to the partner that a query names. Raises ``Invalid`` if the caller knows none such."""
    conditions = own_rows(company_id)
    if partner is None:
        return conditions
    if errors := unknown_code(session, "partner", Company, partner, known_rows().get("partner", ())):
        raise Invalid(errors)
    return [*conditions, company_id == directory.current_company_id(partner)]


def known_rows() -> Mapping[str, Collection[sa.ColumnElement[bool]]]:
    """What must hold for a row that a query names by its code, by field. For a partner's key all other rows are
    unknown, so that an answer tells nothing of other partners or of what is not released."""
    own = caller().company_id
    if own is None:
        return {}
    return {
        "partner": [sa.or_(Company.id == own, Company.merged_into_id == own)],
        "site": [Site.company_id == own],
        "bulletin": [visible(app_context().job_context.now(), with_recalled=True)],
    }


def is_own_company(company_id: int) -> bool:
    """Whether the caller may see the rows of this company."""
    return not caller().is_partner or company_id == caller().company_id


def named_partner(session: Session, code: str) -> Company:
    """The partner that a body names. Raises ``Invalid`` naming the field if there is none."""
    try:
        return directory.find_company(session, code)
    except PartnerMerged as merged:
        raise Invalid([FieldError("partner", merged.code, merged.message)]) from merged
    except NotFound as missing:
        raise Invalid([FieldError("partner", "unknown_partner", f"there is no partner {code!r}")]) from missing
