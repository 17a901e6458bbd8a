"""Campaigns with their targets, and topics, in the API."""

from collections.abc import Mapping
from typing import Annotated, Any

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from campaigns.core.contents import from_attributes
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.listing import ListQuery
from campaigns.core.vietnamese import slug
from campaigns.people.staff import Permission
from campaigns.planning import campaigns as campaign_rows
from campaigns.planning.campaigns import (
    MOST_MILESTONES,
    Campaign,
    CampaignContent,
    Metric,
    MilestoneContent,
    TargetContent,
    Topic,
)
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import ContentBody, RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import changed, with_body, with_changes, with_query

bp = APIBlueprint("campaigns", __name__, tag="Campaigns")


class NewTopic(RequestBody):
    """A new topic. ``code`` consists of Latin letters, digits and hyphens."""

    code: fields.Code
    name: Annotated[fields.ComposedText, Field(max_length=120)]


class TopicRow(ResponseBody):
    """A topic of bulletins."""

    code: str
    name: str


class TopicList(ListPage):
    """One page of topics."""

    items: list[TopicRow]


class MilestoneBody(ContentBody, MilestoneContent):
    """The figure a target should reach by the end of a day."""


class TargetBody(ContentBody, TargetContent):
    """A target. ``metric``: bulletins, republications, partners, attribution_rate (per cent), views, or
    median_delay (hours from release to copy, at most).

    ``period``: within the campaign's days; without one the target covers the whole campaign.
    """

    milestones: Annotated[list[MilestoneBody], Field(max_length=MOST_MILESTONES)] = []


Targets = Annotated[list[TargetBody], Field(max_length=200)]


class NewCampaign(ContentBody, CampaignContent):
    """A new campaign. Without a ``code`` one is derived from the plan's number."""

    code: fields.Code | None = None
    targets: Targets = []


class CampaignChange(ContentBody, CampaignContent):
    """Absent fields stay unchanged; ``topics`` and ``targets`` replace the existing ones."""

    targets: Targets = []


class MilestoneRow(ResponseBody, MilestoneContent):
    """A milestone of a target."""


class TargetRow(ResponseBody, TargetContent):
    """A target of a campaign."""

    metric: Metric
    milestones: list[MilestoneRow]


class CampaignRow(ResponseBody, CampaignContent):
    """A campaign."""

    code: str
    targets: list[TargetRow]
    created_at: Time


class CampaignList(ListPage):
    """One page of campaigns."""

    items: list[CampaignRow]


@bp.get("/topics")
@for_staff(Permission.READ, partners=True)
@with_query(PageQuery)
@bp.output(TopicList)
def topics(query: PageQuery) -> Response:
    """Topics in the order they were added. A partner's key may read them, because bulletins carry these codes."""
    with app_context().job_context.database.read() as session:
        page, listing = paging.cursor_page(session, ListQuery(Topic, sa.select(Topic), (), (Topic.id,)), query)
        return row_response(TopicList(items=[TopicRow(code=row.code, name=row.name) for (row,) in page], **listing))


@bp.post("/topics")
@for_staff(Permission.PLAN)
@with_body(NewTopic)
@bp.output(TopicRow, 201)
def add_topic(body: NewTopic) -> Response:
    """Add a topic that bulletins, plans and channels are then filed under."""
    actor = caller().actor
    context = app_context().job_context

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = campaign_rows.add_topic(session, actor.id, code=body.code, name=body.name, now=context.now())
            keep(session, TopicRow(code=row.code, name=row.name), 201, location="/api/v1/topics")

    return run_once(apply)


@bp.get("/campaigns")
@for_staff(Permission.READ)
@with_query(PageQuery)
@bp.output(CampaignList)
def campaigns(query: PageQuery) -> Response:
    """Campaigns with their topics, targets and milestones, newest first."""
    with app_context().job_context.database.read() as session:
        listed = ListQuery(Campaign, sa.select(Campaign), (), (Campaign.id.desc(),))
        page, listing = paging.cursor_page(session, listed, query)
        return row_response(CampaignList(items=[campaign_row(row) for (row,) in page], **listing))


@bp.post("/campaigns")
@for_staff(Permission.PLAN)
@with_body(NewCampaign)
@bp.output(CampaignRow, 201)
def add(body: NewCampaign) -> Response:
    """Add a campaign with its topics and targets."""
    actor = caller().actor
    context = app_context().job_context
    code = body.code if body.code is not None else slug(body.plan_number)[:60]
    if not code:
        raise Invalid([FieldError("plan_number", "required", "a campaign needs its plan's number")])

    def apply(keep: ReplyKeeper) -> None:
        with context.database.write() as session:
            row = campaign_rows.save_campaign(
                session,
                actor.id,
                None,
                code,
                from_attributes(CampaignContent, body),
                now=context.now(),
            )
            keep(session, campaign_row(row), 201, location=f"/api/v1/campaigns/{row.code}")

    return run_once(apply)


@bp.get("/campaigns/<code>")
@for_staff(Permission.READ)
@bp.output(CampaignRow)
def campaign(code: str) -> Response:
    """One campaign with its topics, targets and milestones."""
    with app_context().job_context.database.read() as session:
        return row_response(campaign_row(campaign_rows.find_campaign(session, code)))


@bp.patch("/campaigns/<code>")
@for_staff(Permission.PLAN)
@with_changes(CampaignChange)
@bp.output(CampaignRow)
def change(code: str, changes: Mapping[str, Any]) -> Response:
    """Change a campaign; absent fields stay unchanged, lists are replaced as a whole."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = campaign_rows.find_campaign(session, code)
        content = from_attributes(CampaignContent, changed(CampaignChange, row.content, changes))
        return row_response(
            campaign_row(campaign_rows.save_campaign(session, actor.id, row, code, content, now=context.now()))
        )


def campaign_row(row: Campaign) -> CampaignRow:
    """The row of a campaign; requires its session to be open."""
    content = row.content
    targets = [
        row_of(
            TargetRow,
            target,
            metric=Metric(target.metric),
            milestones=[row_of(MilestoneRow, step) for step in target.milestones],
        )
        for target in content.targets
    ]
    return row_of(CampaignRow, content, code=row.code, targets=targets, created_at=row.created_at)
