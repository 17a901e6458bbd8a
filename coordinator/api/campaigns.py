"""Campaigns with their targets, and the topics bulletins are about."""

from typing import Annotated

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import slug
from campaigns.people.staff import May
from campaigns.planning import campaigns as plans
from campaigns.planning.campaigns import Campaign, Metric, TargetInput, Topic
from campaigns.planning.milestones import MOST, MilestoneInput
from coordinator.api import fields, paging
from coordinator.api.auth import caller, front, staff
from coordinator.api.fields import Body, Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.paging import Listing, PageQuery
from coordinator.api.reading import asks, takes

bp = APIBlueprint("campaigns", __name__, tag="Campaigns")


class NewTopic(Body):
    """``code`` is made of latin letters, digits and hyphens."""

    code: fields.Code
    name: Annotated[fields.Words, Field(max_length=120)]


class TopicRow(Shown):
    """What a bulletin is about."""

    code: str
    name: str


class TopicList(Listing):
    """One page of topics."""

    items: list[TopicRow]


class MilestoneBody(Body):
    """What a target is to have reached by the end of a day."""

    due_on: fields.Day
    figure: fields.Number


class TargetBody(Body):
    """A number to reach. ``metric``: bulletins, republications, partners, attribution_rate (per cent), views, or
    median_delay (hours from release to copy, at most).

    ``period``: within the campaign's days; without one the target is for all of them.
    """

    metric: fields.Code
    quota: fields.Number
    topic: fields.Code | None = None
    period: Annotated[fields.Code | None, Field(max_length=30)] = None
    milestones: Annotated[list[MilestoneBody], Field(max_length=MOST)] = []


Targets = Annotated[list[TargetBody], Field(max_length=200)]


class NewCampaign(Body):
    """Without a ``code`` one is made from the plan's number."""

    code: fields.Code | None = None
    plan_number: Annotated[fields.Words, Field(max_length=60)]
    name: Annotated[fields.Words, Field(max_length=300)]
    starts_on: fields.Day
    ends_on: fields.Day
    topics: fields.Codes = []
    targets: Targets = []


class CampaignChange(Body):
    """What is left out stays; ``topics`` and ``targets`` take the place of those there are."""

    plan_number: Annotated[fields.Words | None, Field(max_length=60)] = None
    name: Annotated[fields.Words | None, Field(max_length=300)] = None
    starts_on: fields.Day | None = None
    ends_on: fields.Day | None = None
    topics: fields.Codes | None = None
    targets: Targets | None = None


class MilestoneRow(Shown):
    """A milestone as it was set."""

    due_on: fields.Day
    figure: float


class TargetRow(Shown):
    """A target as it was set."""

    metric: Metric
    quota: float
    topic: str | None = None
    period: str | None = None
    milestones: list[MilestoneRow]


class CampaignRow(Shown):
    """A plan."""

    code: str
    plan_number: str
    name: str
    starts_on: fields.Day
    ends_on: fields.Day
    topics: list[str]
    targets: list[TargetRow]
    created_at: Time


class CampaignList(Listing):
    """One page of campaigns."""

    items: list[CampaignRow]


@bp.get("/topics")
@asks(PageQuery)
@bp.output(TopicList)
def topics(query: PageQuery) -> Response:
    """Topics in the order they were added. Partners may read them: their bulletins carry these codes."""
    with front().place.database.read() as session:
        page, listing = paging.by_id(session, sa.select(Topic), Topic.id, query)
        return answer(TopicList(items=[TopicRow(code=row.code, name=row.name) for row in page], **listing))


@bp.post("/topics")
@takes(NewTopic)
@bp.output(TopicRow, 201)
def add_topic(body: NewTopic) -> Response:
    """Add a topic."""
    actor = staff(May.PLAN)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = plans.add_topic(session, actor.id, code=body.code, name=body.name, now=place.now())
            keep(session, TopicRow(code=row.code, name=row.name), 201, location="/api/v1/topics")

    return once(act)


@bp.get("/campaigns")
@asks(PageQuery)
@bp.output(CampaignList)
def campaigns(query: PageQuery) -> Response:
    """Campaigns, newest first."""
    caller().require(May.READ)
    with front().place.database.read() as session:
        page, listing = paging.by_id(session, sa.select(Campaign), Campaign.id, query, newest=True)
        return answer(CampaignList(items=[row_of(row) for row in page], **listing))


@bp.post("/campaigns")
@takes(NewCampaign)
@bp.output(CampaignRow, 201)
def add(body: NewCampaign) -> Response:
    """Add a campaign with its topics and targets."""
    actor = staff(May.PLAN)
    place = front().place
    code = body.code if body.code is not None else slug(body.plan_number)[:60]
    if not code:
        raise Invalid([FieldError("plan_number", "required", "a campaign needs its plan's number")])

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = plans.save_campaign(
                session,
                actor.id,
                None,
                code=code,
                plan_number=body.plan_number,
                name=body.name,
                starts_on=body.starts_on,
                ends_on=body.ends_on,
                topics=body.topics,
                targets=[_target(one) for one in body.targets],
                now=place.now(),
            )
            keep(session, row_of(row), 201, location=f"/api/v1/campaigns/{row.code}")

    return once(act)


@bp.get("/campaigns/<code>")
@bp.output(CampaignRow)
def campaign(code: str) -> Response:
    """One campaign."""
    caller().require(May.READ)
    with front().place.database.read() as session:
        return answer(row_of(plans.find_campaign(session, code)))


@bp.patch("/campaigns/<code>")
@takes(CampaignChange)
@bp.output(CampaignRow)
def change(code: str, body: CampaignChange) -> Response:
    """Change a campaign."""
    actor = staff(May.PLAN)
    place = front().place
    with place.database.write() as session:
        row = plans.find_campaign(session, code)
        before = [
            TargetInput(
                one.metric.value,
                one.quota,
                one.topic.code if one.topic else None,
                one.period,
                tuple(MilestoneInput(step.due_on, step.figure) for step in one.milestones),
            )
            for one in row.targets
        ]
        changed = plans.save_campaign(
            session,
            actor.id,
            row,
            code=row.code,
            plan_number=body.plan_number if body.plan_number is not None else row.plan_number,
            name=body.name if body.name is not None else row.name,
            starts_on=body.starts_on or row.starts_on,
            ends_on=body.ends_on or row.ends_on,
            topics=body.topics if body.topics is not None else [topic.code for topic in row.topics],
            targets=[_target(one) for one in body.targets] if body.targets is not None else before,
            now=place.now(),
        )
        return answer(row_of(changed))


def row_of(row: Campaign) -> CampaignRow:
    """A campaign as a row, while its session is open."""
    return CampaignRow(
        code=row.code,
        plan_number=row.plan_number,
        name=row.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        topics=[topic.code for topic in row.topics],
        targets=[
            TargetRow(
                metric=one.metric,
                quota=one.quota,
                topic=one.topic.code if one.topic else None,
                period=one.period,
                milestones=[MilestoneRow(due_on=step.due_on, figure=step.figure) for step in one.milestones],
            )
            for one in row.targets
        ],
        created_at=row.created_at,
    )


def _target(body: TargetBody) -> TargetInput:
    steps = tuple(MilestoneInput(one.due_on, one.figure) for one in body.milestones)
    return TargetInput(body.metric, body.quota, body.topic, body.period, steps)
