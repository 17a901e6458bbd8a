"""Frozen snapshots of campaigns: figures of a report are computed for the snapshot, not for a row that may change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.core.clock import Period
from campaigns.planning.campaigns import Campaign, Metric, MilestoneContent, Target


@dataclass(frozen=True)
class TargetSnapshot:
    """A target. ``topic``: its code; ``period``: as it was written, None for the campaign's own; ``milestones``: in
    the order of their days."""

    metric: Metric
    quota: float
    topic_id: int | None
    topic: str | None
    topic_name: str | None
    period: str | None
    milestones: tuple[MilestoneContent, ...] = ()


@dataclass(frozen=True)
class CampaignSnapshot:
    """A campaign: its days, the ids of its topics, and its targets in order."""

    id: int
    code: str
    plan_number: str
    name: str
    first: date
    last: date
    topics: tuple[int, ...]
    goals: tuple[TargetSnapshot, ...]

    @property
    def period(self) -> Period:
        """The campaign's own days."""
        return Period(self.first, self.last, f"{self.first}..{self.last}")


def snapshot_target(target: Target) -> TargetSnapshot:
    """The snapshot of a target's row."""
    topic = target.topic
    return TargetSnapshot(
        target.metric, target.quota, target.topic_id, topic.code if topic else None, topic.name if topic else None,
        target.period, tuple(MilestoneContent(row.due_on, row.figure) for row in target.milestones),
    )  # fmt: skip


def snapshot_campaign(campaign: Campaign) -> CampaignSnapshot:
    """The snapshot of a campaign's row."""
    return CampaignSnapshot(
        id=campaign.id,
        code=campaign.code,
        plan_number=campaign.plan_number,
        name=campaign.name,
        first=campaign.starts_on,
        last=campaign.ends_on,
        topics=tuple(topic.id for topic in campaign.topics),
        goals=tuple(snapshot_target(target) for target in campaign.targets),
    )


def to_json(snapshot: CampaignSnapshot) -> dict[str, Any]:
    """The snapshot as JSON values, which ``from_json`` reads."""
    return {
        "id": snapshot.id,
        "code": snapshot.code,
        "plan_number": snapshot.plan_number,
        "name": snapshot.name,
        "first": snapshot.first.isoformat(),
        "last": snapshot.last.isoformat(),
        "topics": list(snapshot.topics),
        "goals": [
            {
                "metric": target.metric.value,
                "quota": target.quota,
                "topic_id": target.topic_id,
                "topic": target.topic,
                "topic_name": target.topic_name,
                "period": target.period,
                "milestones": [[step.due_on.isoformat(), step.figure] for step in target.milestones],
            }
            for target in snapshot.goals
        ],
    }


def from_json(kept: Mapping[str, Any]) -> CampaignSnapshot:
    """The snapshot that ``to_json`` wrote."""
    return CampaignSnapshot(
        id=kept["id"],
        code=kept["code"],
        plan_number=kept["plan_number"],
        name=kept["name"],
        first=date.fromisoformat(kept["first"]),
        last=date.fromisoformat(kept["last"]),
        topics=tuple(kept["topics"]),
        goals=tuple(_target_from_json(goal) for goal in kept["goals"]),
    )


def _target_from_json(kept: Mapping[str, Any]) -> TargetSnapshot:
    steps = tuple(MilestoneContent(date.fromisoformat(day), figure) for day, figure in kept["milestones"])
    return TargetSnapshot(**{**kept, "metric": Metric(kept["metric"]), "milestones": steps})
