"""Republications: found, claimed by partners, confirmed and rejected by people."""

from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload

from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners.directory import Company, Site, site_of
from campaigns.people.staff import May
from campaigns.planning.campaigns import Topic
from campaigns.publishing import release
from campaigns.publishing.bulletins import Bulletin
from campaigns.tracking import deciding
from campaigns.tracking import republications as copies
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.doubts import Doubt, condition
from campaigns.tracking.republications import Level, Life, Republication, Status, find_republication
from campaigns.tracking.sightings import How, see
from coordinator.api import fields, paging
from coordinator.api.auth import caller, front, staff
from coordinator.api.fields import Body
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import PageQuery
from coordinator.api.partners import is_own, own
from coordinator.api.reading import asks, takes
from coordinator.api.republication_rows import RepublicationList, RepublicationProof, RepublicationRow, proof_of, row_of

bp = APIBlueprint("republications", __name__, tag="Republications")

# A partner's clock may run a little ahead of ours; a copy of tomorrow is a mistake.
AHEAD = timedelta(hours=1)


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
            now = place.now()
            row = claim(
                session,
                company_id,
                body.bulletin,
                body.url,
                body.published_at,
                how=How.REPORTED,
                level=Level.REPORTED,
                now=now,
            )
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


def claim(
    session: Session,
    company_id: int,
    code: str,
    url: str,
    published_at: datetime | None,
    *,
    how: How,
    level: Level,
    now: datetime,
) -> Republication:
    """Note a partner's word that ``url`` carries a bulletin. Raises ``Invalid`` naming every bad field."""
    errors = []
    query = release.released(release.PUBLIC, now=now).where(Bulletin.code == code)
    found = session.execute(query).one_or_none()
    if found is None:
        errors.append(FieldError("bulletin", "unknown_bulletin", f"there is no bulletin {code!r}"))
    site = site_of(session, url)
    # A stranger's site and one of another partner are told apart by nobody but us.
    if site is None or site.company_id != company_id:
        errors.append(FieldError("url", "not_your_site", f"{url!r} does not lie on one of your sites"))
    if published_at is not None and published_at > now + AHEAD:
        errors.append(FieldError("published_at", "future", f"{published_at.isoformat()} is in the future"))
    if errors or found is None or site is None:
        raise Invalid(errors)
    bulletin: Bulletin = found[0]
    page, _ = see(
        session, site, url, how, caller().actor.id,
        bulletin=bulletin, claimed_at=published_at, claimed_from="claim", now=now,
    )  # fmt: skip
    return copies.claim_copy(session, caller().actor.id, bulletin, page, level, day=city_day(now), now=now)


def _conditions(query: RepublicationQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if query.bulletin is not None:
        conditions.append(Bulletin.code == query.bulletin)
    if query.site is not None:
        conditions.append(Site.code == query.site)
    if query.partner is not None:
        conditions.append(Site.company.has(Company.code == query.partner))
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
