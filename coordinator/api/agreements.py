"""Written consents of partners, each known by its number (which may contain slashes)."""

from typing import Literal

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import joinedload

from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.partners import agreements as consents
from campaigns.partners.agreements import Agreement
from campaigns.partners.directory import numbered
from campaigns.partners.scans import Scan, find_scan, scans_of
from campaigns.people.staff import May
from campaigns.planning.campaigns import all_topics
from coordinator.api import fields, paging
from coordinator.api.auth import caller, front, staff
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing
from coordinator.api.partners import PaperNumber, PartnerQuery, is_own, named_partner, own
from coordinator.api.reading import asks, takes
from coordinator.exports.attaching import attachment_of
from coordinator.keeping.blobs import Damaged

FILE = "x-file"  # marks an operation that answers with a file, for the document; taken out of it again

bp = APIBlueprint("agreements", __name__, tag="Partners")


class NewAgreement(Body):
    """A written consent, for ``topics`` or, without any, for all of them."""

    partner: fields.Code
    number: PaperNumber
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


class ScanRow(Shown):
    """One scan of an agreement. ``size`` in bytes; ``sha256``: of the file as it can be saved;
    ``added_by`` is told to staff alone."""

    id: str
    name: str
    kind: Literal["pdf", "jpeg", "png"]
    size: int
    sha256: str
    added_at: Time
    added_by: str


class ScanList(Shown):
    """All scans of an agreement."""

    items: list[ScanRow]


@bp.get("/agreements")
@asks(PartnerQuery)
@bp.output(AgreementList)
def agreements(query: PartnerQuery) -> Response:
    """Agreements in the order they were entered; a partner's key sees its own."""
    with front().place.database.read() as session:
        wanted = own(sa.select(Agreement).options(joinedload(Agreement.company)), Agreement.company_id)
        if query.partner is not None:
            wanted = wanted.where(Agreement.company_id == numbered(query.partner))
        page, listing = paging.by_id(session, wanted, Agreement.id, query)
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


@bp.get("/agreements/<path:number>/scans")
@bp.output(ScanList)
def scans(number: str) -> Response:
    """The scans of an agreement, oldest first; at most ten."""
    with front().place.database.read() as session:
        row = consents.find_agreement(session, number)
        if not is_own(row.company_id):
            raise NotFound(f"there is no agreement {number}", agreement=number)
        return answer(ScanList(items=[_scan_row(one, not caller().is_partner) for one in scans_of(session, row)]))


@bp.get("/agreements/<path:number>/scans/<ident>")
@bp.doc(extensions={FILE: True})
def scan(number: str, ident: str) -> Response:
    """The file itself, to be saved."""
    with front().place.database.read() as session:
        row = find_scan(session, ident)
        if row.agreement.number != number or not is_own(row.agreement.company_id):
            raise NotFound(f"there is no scan {ident}", scan=ident)
        key, kind, name = row.body_key, row.kind, row.name
    try:
        body = front().place.store.read(key)
    except (FileNotFoundError, Damaged) as error:
        raise NotFound(f"the file of {ident} is no longer where it was kept", scan=ident) from error
    # A PDF is kept as it came: whatever opens it here has no rights.
    headers = {
        "Content-Disposition": attachment_of(name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(body, content_type=kind.media_type, headers=headers)


def check_topics(known: set[str], topics: list[str]) -> None:
    """Raise ``Invalid`` naming every code that is no topic's."""
    errors = [
        FieldError(f"topics.{position}", "unknown_topic", f"there is no topic {code!r}")
        for position, code in enumerate(topics)
        if code not in known
    ]
    if errors:
        raise Invalid(errors)


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


def _scan_row(row: Scan, staff: bool) -> ScanRow:
    return ScanRow(
        id=row.public,
        name=row.name,
        kind=row.kind.value,
        size=row.size,
        sha256=row.body_hash,
        added_at=row.at,
        added_by=row.actor_name if staff else "",
    )
