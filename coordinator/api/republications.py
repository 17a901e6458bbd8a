"""Republications: found, claimed by partners, confirmed and rejected by people."""

from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import joinedload

from campaigns.core.errors import NotFound
from campaigns.partners.directory import Site, numbered
from campaigns.people.staff import May
from campaigns.planning.campaigns import Topic
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking import deciding
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.claiming import claim
from campaigns.tracking.doubts import Doubt, condition
from campaigns.tracking.republications import Life, Republication, Status, find_republication
from coordinator.api import fields, paging
from coordinator.api.auth import caller, front, staff
from coordinator.api.fields import Body
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import PageQuery
from coordinator.api.partners import is_own, own
from coordinator.api.reading import asks, takes
from coordinator.api.republication_rows import RepublicationList, RepublicationProof, RepublicationRow, proof_of, row_of

bp = APIBlueprint("republications", __name__, tag="Republications")


class RepublicationQuery(PageQuery):
    """Which republications. ``from`` and ``to``: days of the city, both included, that they are counted on."""

    bulletin: fields.Code | None = None
    site: fields.Code | None = None
    partner: fields.Code | None = None
    status: Status | None = None
    life: Life | None = None
    stale: bool | None = None
    doubt: Doubt | None = None
    topic: fields.Code | None = None
    first: Annotated[fields.Day | None, Field(alias="from")] = None
    last: Annotated[fields.Day | None, Field(alias="to")] = None


class Claim(Body):
    """A partner says that a page of its own site carries a bulletin."""

    bulletin: fields.Code
    url: fields.Exact
    published_at: fields.Moment | None = None


class Judged(Body):
    """Why. ``reason``: the code of a usual reason beside the note, such as ``other_origin``."""

    note: fields.Paragraph
    reason: Annotated[str, Field(max_length=40, pattern="^[a-z_]*$")] = ""


class Confirmed(Judged):
    """Why. ``attribution``: how the page names us, where no machine saw it."""

    attribution: Attribution | None = None


@bp.get("/republications")
@asks(RepublicationQuery)
@bp.output(RepublicationList)
def republications(query: RepublicationQuery) -> Response:
    """Republications, newest first; a partner's key sees those on its own sites."""
    with front().place.database.read() as session:
        wanted = (
            sa.select(Republication)
            .join(Site, Site.id == Republication.site_id)
            .join(Bulletin, Bulletin.id == Republication.bulletin_id)
            .options(
                joinedload(Republication.bulletin), joinedload(Republication.site).joinedload(Site.company),
                joinedload(Republication.taken_from), joinedload(Republication.taken_from_site),
            )
        )  # fmt: skip
        wanted = own(wanted, Site.company_id)
        wanted = wanted.where(*_conditions(query))
        page, listing = paging.by_id(session, wanted, Republication.id, query, newest=True)
        return answer(RepublicationList(items=[row_of(row) for row in page], **listing))


@bp.post("/republications")
@takes(Claim)
@bp.output(RepublicationRow, 202)
def report(body: Claim) -> Response:
    """Report a republication on one of your own sites; it is a claim until we have read the page."""
    company_id = caller().require_partner()
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = claim(
                session, caller().actor.id, body.bulletin, body.url, body.published_at, company_id=company_id,
                now=place.now(),
            )  # fmt: skip
            keep(session, row_of(row), 202, location=f"/api/v1/republications/{row.public}")
        front().runner.nudge("check")

    return once(act)


@bp.get("/republications/<ident>")
@bp.output(RepublicationProof)
def republication(ident: str) -> Response:
    """One republication with its evidence."""
    with front().place.database.read() as session:
        row = find_republication(session, ident)
        if not is_own(row.site.company_id):
            raise NotFound(f"there is no republication {ident}", republication=ident)
        return answer(proof_of(session, row, staff=not caller().is_partner))


@bp.post("/republications/<ident>/confirm")
@takes(Confirmed)
@bp.output(RepublicationRow)
def confirm(ident: str, body: Confirmed) -> Response:
    """Confirm it, with a note; a person's word stands over the machine's."""
    return _judge(ident, body, body.attribution)


@bp.post("/republications/<ident>/reject")
@takes(Judged)
@bp.output(RepublicationRow)
def reject(ident: str, body: Judged) -> Response:
    """Reject it, with a note."""
    return _judge(ident, body)


def _conditions(query: RepublicationQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if query.bulletin is not None:
        conditions.append(Bulletin.code == query.bulletin)
    if query.site is not None:
        conditions.append(Site.code == query.site)
    if query.partner is not None:
        conditions.append(Site.company_id == numbered(query.partner))
    if query.status is not None:
        conditions.append(Republication.status == query.status)
    if query.life is not None:
        conditions.append(Republication.life == query.life)
    if query.stale is not None:
        conditions.append(Republication.stale.is_(query.stale))
    if query.doubt is not None:
        staff(May.READ)  # what we doubt about a copy is not for its partner
        conditions.append(condition(query.doubt))
    if query.topic is not None:
        conditions.append(Bulletin.topic.has(Topic.code == query.topic))
    if query.first is not None:
        conditions.append(Republication.counted_on >= query.first)
    if query.last is not None:
        conditions.append(Republication.counted_on <= query.last)
    return conditions


def _judge(ident: str, body: Judged, attribution: Attribution | None = None) -> Response:
    actor = staff(May.REVIEW)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = find_republication(session, ident)
            made = deciding.decide(
                session, actor, row, confirm=isinstance(body, Confirmed), note=body.note, reason=body.reason,
                attribution=attribution, now=place.now(),
            )  # fmt: skip
            keep(session, row_of(row, decision=made.public))

    return once(act)
