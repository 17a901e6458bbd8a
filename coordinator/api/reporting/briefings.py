"""Quarterly briefings in the API: the text being edited, and the frozen versions with their figures."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session, joinedload

from campaigns.core.clock import parse_period
from campaigns.core.errors import FieldError, Invalid, NotFound
from campaigns.core.listing import ListQuery
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import Campaign, find_campaign
from campaigns.reporting.briefings import briefing_text, versions
from campaigns.reporting.briefings.briefing_text import (
    LONGEST_LINE,
    LONGEST_TEXT,
    Briefing,
    BriefingText,
    find_briefing,
)
from campaigns.reporting.briefings.versions import (
    LONGEST_NUMBER,
    LONGEST_REASON,
    BriefingVersion,
    find_version,
    versions_of,
)
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time
from coordinator.api.idempotency import row_response, run_act
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import with_body, with_query

bp = APIBlueprint("briefings", __name__, tag="Briefings")

Lines = Annotated[list[fields.Paragraph], Field(max_length=50)]


class BriefingQuery(PageQuery):
    """Filters of the list."""

    campaign: fields.Code | None = None


class NewBriefing(RequestBody):
    """``period``: ``2026-Q4``, ``2026-11``, ``2026`` or ``2026-10-01..2026-12-31``; without a ``campaign``: of all."""

    period: Annotated[fields.Code, Field(max_length=30)]
    campaign: fields.Code | None = None


class TextChange(RequestBody):
    """The text around the figures; absent fields stay unchanged. ``edits``: of the briefing as it was read; a save
    since is a 409."""

    edits: fields.Count
    symbol: Annotated[fields.ComposedText, Field(max_length=LONGEST_LINE)] | None = None
    place: Annotated[fields.ComposedText, Field(max_length=LONGEST_LINE)] | None = None
    office: Annotated[fields.ComposedText, Field(max_length=LONGEST_LINE)] | None = None
    parent: Annotated[fields.ComposedText, Field(max_length=LONGEST_LINE)] | None = None
    authority: Annotated[fields.ComposedText, Field(max_length=LONGEST_LINE)] | None = None
    signer: Annotated[fields.ComposedText, Field(max_length=LONGEST_LINE)] | None = None
    addressed_to: Lines | None = None
    basis: Lines | None = None
    recipients: Lines | None = None
    difficulties: Annotated[fields.ComposedText, Field(max_length=LONGEST_TEXT)] | None = None
    proposals: Annotated[fields.ComposedText, Field(max_length=LONGEST_TEXT)] | None = None


class FreezeBody(RequestBody):
    """``edits``: of the briefing as it was read. ``reason``: needed for every version after the first."""

    edits: fields.Count
    reason: Annotated[fields.ComposedText, Field(max_length=LONGEST_REASON)] = ""


class NumberBody(RequestBody):
    """The number and day that the records office gave."""

    number: Annotated[fields.ComposedText, Field(max_length=LONGEST_NUMBER)]
    signed_on: fields.Day | None = None


class TextRow(ResponseBody):
    """The text around the figures."""

    number: str
    symbol: str
    signed_on: str
    place: str
    office: str
    parent: str
    authority: str
    signer: str
    addressed_to: list[str]
    basis: list[str]
    recipients: list[str]
    difficulties: str
    proposals: str


class VersionRow(ResponseBody):
    """A frozen version. ``sha256``: of the canonical text of its figures; ``differences``: the number of figures that
    differ from the version before; ``checkpoint``: of the journal when it was frozen, for ``lantoa journal verify
    --against``."""

    id: str
    briefing: str
    number: int
    as_of: Time
    rule_version: str
    sha256: str
    reason: str
    differences: int
    checkpoint: str
    made_by: str
    given_number: str
    signed_on: fields.Day | None = None


class VersionView(VersionRow):
    """A version with its figures and its text."""

    figures: dict[str, Any]
    text: TextRow


class BriefingRow(ResponseBody):
    """A briefing. ``edits``: the number of saves, to be given with an act."""

    id: str
    period: str
    first: fields.Day
    last: fields.Day
    campaign: str | None = None
    edits: int
    edited_at: Time
    edited_by: str


class BriefingView(BriefingRow):
    """A briefing with the text being edited and its versions, oldest first."""

    text: TextRow
    versions: list[VersionRow]


class BriefingList(ListPage):
    """One page of briefings."""

    items: list[BriefingRow]


@bp.get("/briefings")
@for_staff(Permission.READ)
@with_query(BriefingQuery)
@bp.output(BriefingList)
def briefings(query: BriefingQuery) -> Response:
    """Briefings of quarters and other periods with their versions, newest first."""
    with app_context().job_context.database.read() as session:
        where = []
        if query.campaign is not None:
            where.append(Briefing.campaign_id == _named_campaign(session, query.campaign).id)
        select = sa.select(Briefing).options(joinedload(Briefing.campaign))
        page, listing = paging.cursor_page(session, ListQuery(Briefing, select, where, (Briefing.id.desc(),)), query)
        return row_response(BriefingList(items=[BriefingRow(**_values(row)) for (row,) in page], **listing))


@bp.post("/briefings")
@for_staff(Permission.REPORT)
@with_body(NewBriefing)
@bp.output(BriefingView, 201)
def begin(body: NewBriefing) -> Response:
    """Begin a briefing, or get the existing one of the same days."""
    actor = caller().actor
    period = parse_period(body.period)

    def act(session: Session) -> BriefingView:
        campaign = _named_campaign(session, body.campaign) if body.campaign is not None else None
        return briefing_view(session, briefing_text.begin_briefing(session, actor, campaign, period, now=_now()))

    return run_act(act, 201, location=lambda row: f"/api/v1/briefings/{row.id}")


@bp.get("/briefings/<ident>")
@for_staff(Permission.READ)
@bp.output(BriefingView)
def briefing(ident: str) -> Response:
    """One briefing with its text and its frozen versions."""
    with app_context().job_context.database.read() as session:
        return row_response(briefing_view(session, find_briefing(session, ident)))


@bp.patch("/briefings/<ident>")
@for_staff(Permission.REPORT)
@with_body(TextChange)
@bp.output(BriefingView)
def change(ident: str, body: TextChange) -> Response:
    """Change the text; frozen versions keep theirs."""
    actor = caller().actor
    with app_context().job_context.database.write() as session:
        row = find_briefing(session, ident, for_update=True)
        given = body.model_dump(exclude={"edits"}, exclude_none=True)
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
        }
        letter = replace(BriefingText.from_json(row.letter), **values)
        briefing_text.edit_text(session, actor, row, letter, edits=body.edits, now=_now())
        return row_response(briefing_view(session, row))


@bp.post("/briefings/<ident>/freeze")
@for_staff(Permission.REPORT)
@with_body(FreezeBody)
@bp.output(VersionView, 201)
def freeze(ident: str, body: FreezeBody) -> Response:
    """Freeze the present figures and text of a briefing as a new version."""
    actor = caller().actor
    return run_act(
        lambda session: version_view(
            versions.freeze_version(session, actor, ident, reason=body.reason, edits=body.edits, now=_now())
        ),
        201,
        location=lambda row: f"/api/v1/briefings/versions/{row.id}",
    )


@bp.get("/briefings/versions/<ident>")
@for_staff(Permission.READ)
@bp.output(VersionView)
def version(ident: str) -> Response:
    """One frozen version of a briefing with its figures and text."""
    with app_context().job_context.database.read() as session:
        return row_response(version_view(find_version(session, ident)))


@bp.post("/briefings/versions/<ident>/number")
@for_staff(Permission.REPORT)
@with_body(NumberBody)
@bp.output(VersionView)
def number(ident: str, body: NumberBody) -> Response:
    """Record the number and day that the records office gave."""
    actor = caller().actor

    def act(session: Session) -> VersionView:
        row = find_version(session, ident)
        versions.give_number(session, actor, row, body.number, body.signed_on, now=_now())
        return version_view(row)

    return run_act(act)


def _now() -> datetime:
    return app_context().job_context.now()


def _named_campaign(session: Session, code: str) -> Campaign:
    """The campaign that a body or query names. Raises ``Invalid`` naming the field if there is none."""
    try:
        return find_campaign(session, code)
    except NotFound as missing:
        raise Invalid([FieldError("campaign", "unknown_code", f"there is no campaign {code!r}")]) from missing


def briefing_view(session: Session, row: Briefing) -> BriefingView:
    """A briefing with its text and versions."""
    text = TextRow(**BriefingText.from_json(row.letter).to_json())
    made = [VersionRow(**_version_values(version)) for version in versions_of(session, row)]
    return BriefingView(**_values(row), text=text, versions=made)


def version_view(row: BriefingVersion) -> VersionView:
    """A frozen version with its figures and text."""
    return VersionView(
        **_version_values(row), figures=json.loads(row.figures), text=TextRow(**row.frozen_text.to_json())
    )


def _values(row: Briefing) -> dict[str, Any]:
    return {
        "id": row.public,
        "period": row.label,
        "first": row.first,
        "last": row.last,
        "campaign": row.campaign.code if row.campaign is not None else None,
        "edits": row.edits,
        "edited_at": row.edited_at,
        "edited_by": row.edited_by_name,
    }


def _version_values(row: BriefingVersion) -> dict[str, Any]:
    return {
        "id": row.public,
        "briefing": row.briefing.public,
        "number": row.number,
        "as_of": row.as_of,
        "rule_version": row.rule_version,
        "sha256": row.hash,
        "reason": row.reason,
        "differences": len(row.differences),
        "checkpoint": row.checkpoint,
        "made_by": row.made_by_name,
        "given_number": row.given_number,
        "signed_on": row.signed_on,
    }
