"""A campaign as it stands or stood: by what its figures are asked, apart from a row that may be changed later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.core.clock import Period
from campaigns.planning.campaigns import Campaign, Metric, Target
from campaigns.planning.milestones import MilestoneInput


@dataclass(frozen=True)
class Goal:
    """A target. ``topic``: its code; ``period``: as it was asked for, None for the campaign's own; ``milestones``: by
    their days."""

    metric: Metric
    quota: float
    topic_id: int | None
    topic: str | None
    topic_name: str | None
    period: str | None
    milestones: tuple[MilestoneInput, ...] = ()


@dataclass(frozen=True)
class Outline:
    """A campaign: its days, the topics it is about by id, and its targets in order."""

    id: int
    code: str
    plan_number: str
    name: str
    first: date
    last: date
    topics: tuple[int, ...]
    goals: tuple[Goal, ...]

    @property
    def period(self) -> Period:
        """The campaign's own days."""
        return Period(self.first, self.last, f"{self.first}..{self.last}")


def goal_of(target: Target) -> Goal:
    """A target's row as it stands."""
    topic = target.topic
    return Goal(
        target.metric, target.quota, target.topic_id, topic.code if topic else None, topic.name if topic else None,
        target.period, tuple(MilestoneInput(one.due_on, one.figure) for one in target.milestones),
    )  # fmt: skip


def outline_of(campaign: Campaign) -> Outline:
    """A campaign's row as it stands."""
    return Outline(
        id=campaign.id,
        code=campaign.code,
        plan_number=campaign.plan_number,
        name=campaign.name,
        first=campaign.starts_on,
        last=campaign.ends_on,
        topics=tuple(topic.id for topic in campaign.topics),
        goals=tuple(goal_of(one) for one in campaign.targets),
    )


def to_json(outline: Outline) -> dict[str, Any]:
    """For keeping; ``from_json`` gives the same one again."""
    return {
        "id": outline.id,
        "code": outline.code,
        "plan_number": outline.plan_number,
        "name": outline.name,
        "first": outline.first.isoformat(),
        "last": outline.last.isoformat(),
        "topics": list(outline.topics),
        "goals": [
            {
                "metric": one.metric.value,
                "quota": one.quota,
                "topic_id": one.topic_id,
                "topic": one.topic,
                "topic_name": one.topic_name,
                "period": one.period,
                "milestones": [[step.due_on.isoformat(), step.figure] for step in one.milestones],
            }
            for one in outline.goals
        ],
    }


def from_json(kept: Mapping[str, Any]) -> Outline:
    """The outline that ``to_json`` wrote."""
    return Outline(
        id=kept["id"],
        code=kept["code"],
        plan_number=kept["plan_number"],
        name=kept["name"],
        first=date.fromisoformat(kept["first"]),
        last=date.fromisoformat(kept["last"]),
        topics=tuple(kept["topics"]),
        goals=tuple(_goal(one) for one in kept["goals"]),
    )


def _goal(kept: Mapping[str, Any]) -> Goal:
    steps = tuple(MilestoneInput(date.fromisoformat(day), figure) for day, figure in kept["milestones"])
    return Goal(**{**kept, "metric": Metric(kept["metric"]), "milestones": steps})
