"""Campaigns with their targets, and topics, in the API."""

from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.listing import ListQuery
from campaigns.core.vietnamese import slug
from campaigns.people.staff import Permission
from campaigns.planning import campaigns as campaign_rows
from campaigns.planning.campaigns import MOST_MILESTONES, Campaign, Metric, MilestoneInput, TargetInput, Topic
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import ReplyKeeper, row_response, run_once
from coordinator.api.paging import ListPage, PageQuery
from coordinator.api.request_parsing import with_body, with_query

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


class MilestoneBody(RequestBody):
    """The figure a target should reach by the end of a day."""

    due_on: fields.Day
    figure: fields.Number


class TargetBody(RequestBody):
    """A target. ``metric``: bulletins, republications, partners, attribution_rate (per cent), views, or
    median_delay (hours from release to copy, at most).

    ``period``: within the campaign's days; without one the target covers the whole campaign.
    """

    metric: fields.Code
    quota: fields.Number
    topic: fields.Code | None = None
    period: Annotated[fields.Code | None, Field(max_length=30)] = None
    milestones: Annotated[list[MilestoneBody], Field(max_length=MOST_MILESTONES)] = []


Targets = Annotated[list[TargetBody], Field(max_length=200)]


class NewCampaign(RequestBody):
    """A new campaign. Without a ``code`` one is derived from the plan's number."""

    code: fields.Code | None = None
    plan_number: Annotated[fields.ComposedText, Field(max_length=60)]
    name: Annotated[fields.ComposedText, Field(max_length=300)]
    starts_on: fields.Day
    ends_on: fields.Day
    topics: fields.Codes = []
    targets: Targets = []


class CampaignChange(RequestBody):
    """Absent fields stay unchanged; ``topics`` and ``targets`` replace the existing ones."""

    plan_number: Annotated[fields.ComposedText | None, Field(max_length=60)] = None
    name: Annotated[fields.ComposedText | None, Field(max_length=300)] = None
    starts_on: fields.Day | None = None
    ends_on: fields.Day | None = None
    topics: fields.Codes | None = None
    targets: Targets | None = None


class MilestoneRow(ResponseBody):
    """A milestone of a target."""

    due_on: fields.Day
    figure: float


class TargetRow(ResponseBody):
    """A target of a campaign."""

    metric: Metric
    quota: float
    topic: str | None = None
    period: str | None = None
    milestones: list[MilestoneRow]


class CampaignRow(ResponseBody):
    """A campaign."""

    code: str
    plan_number: str
    name: str
    starts_on: fields.Day
    ends_on: fields.Day
    topics: list[str]
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
                code=code,
                plan_number=body.plan_number,
                name=body.name,
                starts_on=body.starts_on,
                ends_on=body.ends_on,
                topics=body.topics,
                targets=[_new_target(target) for target in body.targets],
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
@with_body(CampaignChange)
@bp.output(CampaignRow)
def change(code: str, body: CampaignChange) -> Response:
    """Change a campaign; absent fields stay unchanged, lists are replaced as a whole."""
    actor = caller().actor
    context = app_context().job_context
    with context.database.write() as session:
        row = campaign_rows.find_campaign(session, code)
        before = [
            TargetInput(
                target.metric.value,
                target.quota,
                target.topic.code if target.topic else None,
                target.period,
                tuple(MilestoneInput(step.due_on, step.figure) for step in target.milestones),
            )
            for target in row.targets
        ]
        changed = campaign_rows.save_campaign(
            session,
            actor.id,
            row,
            code=row.code,
            plan_number=body.plan_number if body.plan_number is not None else row.plan_number,
            name=body.name if body.name is not None else row.name,
            starts_on=body.starts_on or row.starts_on,
            ends_on=body.ends_on or row.ends_on,
            topics=body.topics if body.topics is not None else [topic.code for topic in row.topics],
            targets=[_new_target(target) for target in body.targets] if body.targets is not None else before,
            now=context.now(),
        )
        return row_response(campaign_row(changed))


def campaign_row(row: Campaign) -> CampaignRow:
    """The row of a campaign; requires its session to be open."""
    return row_of(
        CampaignRow,
        row,
        topics=[topic.code for topic in row.topics],
        targets=[
            TargetRow(
                metric=target.metric,
                quota=target.quota,
                topic=target.topic.code if target.topic else None,
                period=target.period,
                milestones=[MilestoneRow(due_on=step.due_on, figure=step.figure) for step in target.milestones],
            )
            for target in row.targets
        ],
    )


def _new_target(body: TargetBody) -> TargetInput:
    steps = tuple(MilestoneInput(milestone.due_on, milestone.figure) for milestone in body.milestones)
    return TargetInput(body.metric, body.quota, body.topic, body.period, steps)
