"""Partners. A partner's key sees its own company and nothing of another."""

from typing import Annotated, Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, quarter_of
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners import directory
from campaigns.partners.directory import IN_USE, Company, Merged
from campaigns.people.staff import May
from campaigns.reporting import claims
from coordinator.api import fields, paging
from coordinator.api.auth import caller, front, staff
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing, PageQuery
from coordinator.api.reading import asks, takes

bp = APIBlueprint("partners", __name__, tag="Partners")

Name = Annotated[fields.Words, Field(max_length=300)]
PaperNumber = Annotated[fields.Words, Field(max_length=80)]  # of a licence or an agreement


class NewPartner(Body):
    """Without a ``code`` one is made from the name."""

    code: fields.Code | None = None
    name: Name
    tax_code: fields.Code | None = None
    contact: fields.Line = ""


class PartnerChange(Body):
    """What is left out stays."""

    name: Name | None = None
    tax_code: fields.Code | None = None
    contact: fields.Line | None = None


class PartnerRow(Shown):
    """A company that republishes. ``contact``: whom to call or write to when something must be put right."""

    code: str
    name: str
    tax_code: str | None = None
    contact: str
    created_at: Time


class ClaimsRow(Shown):
    """What became of the claims made with the partner's keys. ``pending`` is not judged yet, ``review`` waits for a
    person; ``false_share``: rejected of those judged, null while none is; ``telling``: enough are judged for the share
    to mean something."""

    made: int
    confirmed: int
    review: int
    rejected: int
    pending: int
    false_share: float | None = None
    telling: bool


class PartnerQuery(PageQuery):
    """Whose."""

    partner: fields.Code | None = None


class PartnerShown(PartnerRow):
    """A partner with its claims, of all time and of the present quarter."""

    claims: ClaimsRow
    claims_this_quarter: ClaimsRow


class PartnerList(Listing):
    """One page of partners."""

    items: list[PartnerRow]


@bp.get("/partners")
@asks(PageQuery)
@bp.output(PartnerList)
def partners(query: PageQuery) -> Response:
    """Partners in the order they were added; a partner's key sees itself."""
    with front().place.database.read() as session:
        wanted = own(sa.select(Company).where(IN_USE), Company.id)
        page, listing = paging.by_id(session, wanted, Company.id, query)
        return answer(PartnerList(items=[partner_row(row) for row in page], **listing))


@bp.post("/partners")
@takes(NewPartner)
@bp.output(PartnerRow, 201)
def add_partner(body: NewPartner) -> Response:
    """Add a partner."""
    actor = staff(May.CONFIGURE)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = directory.add_company(
                session, actor.id, code=body.code, name=body.name, tax_code=body.tax_code, contact=body.contact,
                now=place.now(),
            )  # fmt: skip
            keep(session, partner_row(row), 201, location=f"/api/v1/partners/{row.code}")

    return once(act)


@bp.get("/partners/<code>")
@bp.output(PartnerShown)
def partner(code: str) -> Response:
    """One partner, with what became of its claims."""
    with front().place.database.read() as session:
        row = _seen(session, code)
        quarter = quarter_of(city_day(front().place.now()))
        return answer(
            PartnerShown(
                **partner_row(row).model_dump(),
                claims=_claims(claims.claims_of(session, row.id)),
                claims_this_quarter=_claims(claims.claims_of(session, row.id, quarter)),
            )
        )


@bp.patch("/partners/<code>")
@takes(PartnerChange)
@bp.output(PartnerRow)
def change_partner(code: str, body: PartnerChange) -> Response:
    """Change a partner's name, tax code or contact; null takes the tax code away."""
    actor = staff(May.CONFIGURE)
    place = front().place
    tax_code = (body.tax_code or "") if "tax_code" in body.model_fields_set else None
    with place.database.write() as session:
        row = directory.find_company(session, code)
        directory.change_company(
            session, actor.id, row, name=body.name, tax_code=tax_code, contact=body.contact, now=place.now()
        )
        return answer(partner_row(row))


def _seen(session: Session, code: str) -> Company:
    """The partner with this code, for who may see it; of which other partner it is now is told to that one and to
    staff."""
    number = session.execute(sa.select(directory.numbered(code))).scalar_one()
    if number is None or not is_own(number):
        raise NotFound(f"there is no partner {code}", partner=code)
    return directory.find_company(session, code)


def own(query: sa.Select[Any], company_id: Any) -> sa.Select[Any]:
    """A query limited to the caller's own rows when a partner calls. Raises ``Forbidden`` for a role that reads
    nothing."""
    if caller().is_partner:
        return query.where(company_id == caller().company_id)
    caller().require(May.READ)
    return query


def is_own(company_id: int) -> bool:
    """Whether the caller may see what belongs to this company."""
    if caller().is_partner:
        return company_id == caller().company_id
    caller().require(May.READ)
    return True


def named_partner(session: Session, code: str) -> Company:
    """The partner a body names. Raises ``Invalid`` on its field."""
    try:
        return directory.find_company(session, code)
    except Merged as merged:
        raise Invalid([FieldError("partner", merged.code, merged.message)]) from merged
    except NotFound as missing:
        raise Invalid([FieldError("partner", "unknown_partner", f"there is no partner {code!r}")]) from missing


def partner_row(row: Company) -> PartnerRow:
    """A partner as a row."""
    return PartnerRow(
        code=row.code, name=row.name, tax_code=row.tax_code, contact=row.contact, created_at=row.created_at
    )


def _claims(one: claims.Claims) -> ClaimsRow:
    return ClaimsRow(
        made=one.made,
        confirmed=one.confirmed,
        review=one.review,
        rejected=one.rejected,
        pending=one.pending,
        false_share=one.false_share,
        telling=one.telling,
    )
