"""Republications in the API: lists, claims, decisions, answers of partners, confirmation by upload."""

from typing import Annotated, Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload

from campaigns.core.contents import from_attributes
from campaigns.core.errors import NotFound
from campaigns.core.listing import ListQuery
from campaigns.partners.directory import Site
from campaigns.people.staff import Actor, Permission
from campaigns.reporting.republication_filter import RepublicationFilter
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.uploads import EvidenceUpload
from campaigns.republications.page_reports import PageClaim, claim_page, claim_pages
from campaigns.republications.republications import (
    NO_DAY,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    find_republication,
    has_outdated_text,
)
from campaigns.republications.review import decisions, partner_answers
from campaigns.republications.review.corrections import Correction
from campaigns.republications.review.partner_answers import LONGEST_ANSWER, PartnerAnswerKind
from campaigns.republications.review.review_reasons import ReviewReason
from campaigns.republications.social import reporting
from campaigns.republications.social.posts import PICTURE_ATTRIBUTIONS
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_partners, for_staff
from coordinator.api.fields import RequestBody
from coordinator.api.files import file_field, uploaded_form, with_upload
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import DaysQuery, PageQuery
from coordinator.api.partners.companies import is_own_company, known_rows, own_rows
from coordinator.api.republications.rows import (
    AnswerRow,
    ClaimedList,
    RepublicationList,
    RepublicationProof,
    RepublicationRow,
    answer_row,
    republication_proof,
    republication_row,
)
from coordinator.api.request_parsing import with_body, with_query
from coordinator.channels.settings import matching
from coordinator.imports.files.upload_inspection import MAX_BYTES
from coordinator.jobs.republications.upload_confirmation import UploadedProof, confirm_by_upload, store_upload

bp = APIBlueprint("republications", __name__, tag="Republications")


class RepublicationQuery(DaysQuery, PageQuery):
    """Filters of a list of republications. ``from`` and ``to``: the first and last day, in the city's zone, of the
    count."""

    bulletin: fields.Code | None = None
    site: fields.Code | None = None
    partner: fields.Code | None = None
    status: RepublicationStatus | None = None
    life: RepublicationLife | None = None
    stale: bool | None = None
    doubt: ReviewReason | None = None
    topic: fields.Code | None = None


class ClaimBody(RequestBody):
    """A claim of a partner that a page of its own site carries a bulletin."""

    bulletin: fields.Code
    url: fields.ExactText
    published_at: fields.Moment | None = None


MOST_CLAIMS = 100  # of one request


class ClaimsBody(RequestBody):
    """Several claims at once; all are recorded, or none. A partner's are of its own sites."""

    claims: Annotated[list[ClaimBody], Field(min_length=1, max_length=MOST_CLAIMS)]


class JudgementBody(RequestBody):
    """The note of a decision. ``reason``: the code of a predefined reason, such as ``other_origin``."""

    note: fields.Paragraph
    reason: Annotated[
        fields.Code, Field(max_length=40), matching("[a-z_]*", "a code of small letters and underscores")
    ] = ""


class ConfirmationBody(JudgementBody):
    """The note of a confirmation. ``attribution``: how the page names us, if it was not detected, or what the picture
    of a post shows; without it, what its reporter said. ``second_posting``: count it beside the counted address of the
    same site, since its text differs."""

    attribution: Attribution | None = None
    second_posting: bool = False


_PICTURE_ATTRIBUTION: dict[str, Any] = {
    "type": "string",
    "enum": [attribution.value for attribution in PICTURE_ATTRIBUTIONS],
    "default": Attribution.NOT_SEEN.value,
    "description": "what the file shows of the source: not to be seen, names us, names us and links, names another",
}
UPLOAD_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["bulletin", "url", "seen_at", "note", "file"],
    "properties": {
        "bulletin": {"type": "string", "description": "code of a released bulletin"},
        "url": {"type": "string", "description": "address of the page, on a registered site"},
        "seen_at": {"type": "string", "format": "date-time"},
        "note": {"type": "string", "description": "what is to be seen"},
        "attribution": _PICTURE_ATTRIBUTION,
        "second_posting": {
            "type": "boolean",
            "description": "count it beside the counted address of the same site, since its text differs",
        },
        "file": file_field("PNG, JPEG, WebP or PDF", MAX_BYTES),
    },
}
PICTURE_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "note": {"type": "string", "description": "the first words of the post"},
        "attribution": _PICTURE_ATTRIBUTION,
        "file": UPLOAD_FORM["properties"]["file"],
    },
}


class PictureBody(RequestBody):
    """The fields sent with a picture. ``attribution``: what it shows of the source."""

    note: fields.ComposedText = ""
    attribution: Attribution = Attribution.NOT_SEEN


@bp.get("/republications")
@for_staff(Permission.READ, partners=True)
@with_query(RepublicationQuery)
@bp.output(RepublicationList)
def republications(query: RepublicationQuery) -> Response:
    """Republications, newest first; a partner's key sees those on its own sites only."""
    with app_context().job_context.database.read() as session:
        own = own_rows(Site.company_id)
        if query.doubt is not None:
            caller().actor.require(Permission.READ)  # review reasons are not shown to the copy's partner
        filters = query.filters(RepublicationFilter)
        filters.check_codes(session, known_rows())
        conditions = [*filters.conditions(), Republication.counted_on > NO_DAY]  # without the sample partner's
        if query.stale is not None:
            conditions.append(has_outdated_text() if query.stale else sa.not_(has_outdated_text()))
        if own:
            conditions.append(Republication.site_id.in_(sa.select(Site.id).where(*own)))
        select = sa.select(Republication).options(
            joinedload(Republication.bulletin), joinedload(Republication.site).joinedload(Site.company),
            joinedload(Republication.taken_from), joinedload(Republication.taken_from_site),
            joinedload(Republication.duplicate_of),
        )  # fmt: skip
        listed = ListQuery(Republication, select, conditions, (Republication.id.desc(),))
        page, listing = paging.cursor_page(session, listed, query)
        return row_response(RepublicationList(items=[republication_row(row) for (row,) in page], **listing))


@bp.post("/republications")
@for_partners
@with_body(ClaimBody)
@bp.output(RepublicationRow, 202)
def report(body: ClaimBody) -> Response:
    """Report a republication on one of the partner's own sites; it is a claim until the page has been checked."""
    company_id = caller().partner_id
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = claim_page(
                session, caller().actor.id, body.bulletin, body.url, body.published_at, company_id=company_id,
                now=context.now(),
            )  # fmt: skip
            keep(session, republication_row(row), 202, location=f"/api/v1/republications/{row.public}")
        app_context().runner.nudge("page_check")

    return run_once(apply)


@bp.post("/republications/batch")
@for_staff(Permission.READ, partners=True)
@with_body(ClaimsBody)
@bp.output(ClaimedList, 202)
def report_many(body: ClaimsBody) -> Response:
    """Report many republications at once, at most 100; a bad one is named by its position (`claims.3.url`), and then
    none is recorded. A key of staff claims on any registered site. Posts on social networks wait for a second person:
    add their pictures."""
    company_id = caller().company_id
    actor = caller().actor
    context = app_context().job_context
    claims = [PageClaim(claim.bulletin, claim.url, claim.published_at) for claim in body.claims]

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            rows = claim_pages(session, actor.id, claims, company_id=company_id, now=context.now())
            keep(session, ClaimedList(items=[republication_row(row) for row in rows]), 202)
        app_context().runner.nudge("page_check")

    return run_once(apply)


@bp.post("/republications/<ident>/picture")
@for_staff(Permission.READ, partners=True)
@with_upload("PictureForm")
@bp.output(RepublicationRow, 201)
def add_picture(ident: str) -> Response:
    """Add a picture or PDF to a reported post on a social network that waits for a second person."""
    company_id = caller().company_id
    actor = caller().actor
    body, _name, content = uploaded_form(PictureBody)

    def apply(keep: ReplyKeeper) -> None:
        context = app_context().job_context
        with context.database.read() as session:
            _own_copy(session, ident, company_id)
        kept = store_upload(context, content)
        with context.database.write() as session:
            row = _own_copy(session, ident, company_id)
            reporting.add_picture(session, actor, row, kept, body.note, attribution=body.attribution, now=context.now())
            keep(session, republication_row(row), 201, location=f"/api/v1/republications/{ident}")

    return run_once(apply)


def _own_copy(session: Session, ident: str, company_id: int | None) -> Republication:
    row = find_republication(session, ident)
    if company_id is not None and row.site.company_id != company_id:
        raise NotFound(f"there is no republication {ident}", republication=ident)
    return row


@bp.get("/republications/<ident>")
@for_staff(Permission.READ, partners=True)
@bp.output(RepublicationProof)
def republication(ident: str) -> Response:
    """One republication with its evidence: when and where it was seen, what matched, and the source line."""
    with app_context().job_context.database.read() as session:
        row = find_republication(session, ident)
        if not is_own_company(row.site.company_id):
            raise NotFound(f"there is no republication {ident}", republication=ident)
        return row_response(republication_proof(session, row, staff=not caller().is_partner))


@bp.post("/republications/<ident>/confirm")
@for_staff(Permission.REVIEW)
@with_body(ConfirmationBody)
@bp.output(RepublicationRow)
def confirm(ident: str, body: ConfirmationBody) -> Response:
    """Confirm a republication with a note; a person's decision overrides the automatic one.

    A post on a social network is confirmed by another person than reported it: a key that belongs to nobody may not
    confirm what a member of staff reported (403 `key_without_person`).
    """
    return _record_judgement(ident, body, body.attribution)


@bp.post("/republications/<ident>/reject")
@for_staff(Permission.REVIEW)
@with_body(JudgementBody)
@bp.output(RepublicationRow)
def reject(ident: str, body: JudgementBody) -> Response:
    """Reject a republication with a note, so that it does not count."""
    return _record_judgement(ident, body)


def _record_judgement(ident: str, body: JudgementBody, attribution: Attribution | None = None) -> Response:
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = find_republication(session, ident)
            made = decisions.decide(
                session, actor, row, confirm=isinstance(body, ConfirmationBody), note=body.note, reason=body.reason,
                attribution=attribution,
                second_posting=isinstance(body, ConfirmationBody) and body.second_posting, now=context.now(),
            )  # fmt: skip
            keep(session, republication_row(row, decision=made.public))

    return run_once(apply)


class AnswerBody(RequestBody):
    """A partner's answer to a finding. ``mended``: corrected, the page is checked again at once; ``disagree``: a person
    reviews it; ``note``: an explanation. ``text`` is optional for ``mended`` only; ``finding``: one of the copy's
    ``to_mend``."""

    answer: PartnerAnswerKind
    text: Annotated[fields.ComposedText, Field(max_length=LONGEST_ANSWER)] = ""
    finding: Correction | None = None


class UndoBody(RequestBody):
    """The decision to undo: the ``decision`` in the answer to ``confirm`` or ``reject``, or in one republication."""

    decision: fields.Code


@bp.post("/republications/<ident>/answer")
@for_partners
@with_body(AnswerBody)
@bp.output(AnswerRow, 201)
def give(ident: str, body: AnswerBody) -> Response:
    """Answer a finding on one of the partner's own copies. A person reads it; no status or figure changes."""
    company_id = caller().partner_id
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = find_republication(session, ident)
            if row.site.company_id != company_id:
                raise NotFound(f"there is no republication {ident}", republication=ident)
            sender = Actor(caller().actor.id, row.site.company.name, None)
            finding = body.finding.value if body.finding is not None else ""
            made = partner_answers.record_answer(
                session, sender, row, body.answer, body.text, finding, now=context.now()
            )
            keep(session, answer_row(made), 201, location=f"/api/v1/republications/{ident}")
        if body.answer is PartnerAnswerKind.MENDED:
            app_context().runner.nudge("page_check")

    return run_once(apply)


@bp.post("/republications/<ident>/undo")
@for_staff(Permission.REVIEW)
@with_body(UndoBody)
@bp.output(RepublicationRow)
def undo(ident: str, body: UndoBody) -> Response:
    """Undo a decision: the republication returns to its state before it. 409 if there is a newer decision."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = find_republication(session, ident)
            decisions.undo_decision(session, actor, row, body.decision, now=context.now())
            last = decisions.latest_decision(session, row)
            keep(session, republication_row(row, decision=last.public if last is not None else None))

    return run_once(apply)


class UploadBody(RequestBody):
    """The fields sent with the file."""

    bulletin: fields.Code
    url: fields.ExactText
    seen_at: fields.Moment
    note: fields.Paragraph = Field(min_length=1)
    attribution: Attribution | None = None
    second_posting: bool = False


@bp.post("/republications/vouch")
@for_staff(Permission.REVIEW)
@with_upload("VouchForm")
@bp.output(RepublicationRow, 201)
def vouch_for() -> Response:
    """Confirm a copy on a page behind a sign-in by a picture or PDF of it; it counts at once, under the caller's
    name."""
    actor = caller().actor
    body, _name, content = uploaded_form(UploadBody)
    proof = from_attributes(UploadedProof, body, body=content)

    def apply(keep: ReplyKeeper) -> None:
        def also(session: Session, exhibit: EvidenceUpload) -> None:
            row = exhibit.republication
            keep(session, republication_row(row), 201, location=f"/api/v1/republications/{row.public}")

        confirm_by_upload(app_context().job_context, actor, proof, also)

    return run_once(apply)
