"""Targets that fall behind and milestones that are missed: found each hour, told once, and once more when mended."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import spells
from campaigns.core.clock import city_day
from campaigns.planning.campaigns import Campaign, Target
from campaigns.planning.progress import MilestoneProgress, MilestoneStanding, Standing, TargetProgress
from campaigns.reporting.standing import target_progress
from coordinator.exports.format import vi_date, vi_number
from coordinator.exports.lettering import shortened
from coordinator.jobs.findings import Finding
from coordinator.jobs.naming import METRIC_VI
from coordinator.jobs.workplace import Workplace

BEHIND, MISSED = "target_behind", "milestone_missed"
# Days until a target's own pace says something: before a week is over, its quiet days stand for all.
FIRST_DAYS = 7
# Of the quota: a forecast between this and the whole neither begins an alarm nor ends one, or it would come and go.
NEARLY = 0.98
LONGEST_NAME = 120  # what a letter has room for


def look(session: Session, place: Workplace) -> list[Finding]:
    """How every target of the campaigns that run today stands, and every milestone whose day is over; what is no longer
    there, or whose campaign has ended, is no alarm any more."""
    now = place.now()
    today = city_day(now)
    running = sa.select(Campaign).where(Campaign.starts_on <= today, Campaign.ends_on >= today).order_by(Campaign.id)
    found: list[Finding] = []
    for campaign in session.execute(running).scalars():
        for target in campaign.targets:
            if today in target.days(campaign):
                found += _of_target(campaign, target, target_progress(session, campaign, target, now))
    there = {(one.code, one.subject) for one in found}
    gone = [one for one in spells.ongoing(session) if one.code in {BEHIND, MISSED}]
    over = [Finding(one.code, one.subject, False, {}, str(one.details.get("name", "")))
            for one in gone if (one.code, one.subject) not in there]  # fmt: skip
    return found + over


def _of_target(campaign: Campaign, target: Target, how: TargetProgress) -> Iterator[Finding]:
    name = f"{campaign.plan_number}: {METRIC_VI[how.metric].lower()}"
    name = shortened(name + (f", {target.topic.name}" if target.topic else ""), LONGEST_NAME)
    about = {"campaign": campaign.code, "metric": how.metric.value, "topic": how.topic, "name": name}
    told = about | {"quota": how.quota, "actual": how.actual, "forecast": round(how.forecast.value, 1)}
    yield Finding(BEHIND, _subject(campaign, target), _behind(how), told, name)
    for step in how.milestones:
        if (wrong := _missed(step)) is not None:
            figures = {"due_on": step.due_on.isoformat(), "figure": step.figure, "reached": step.reached}
            goal = f", {vi_number(step.figure)} {vi_date(step.due_on)}"
            called = shortened(name, LONGEST_NAME - len(goal)) + goal
            yield Finding(MISSED, _subject(campaign, target, step), wrong, about | figures | {"name": called}, called)


def _behind(how: TargetProgress) -> bool | None:
    if how.status is not Standing.BEHIND:
        return False
    begun = how.period.length - how.days_left > FIRST_DAYS
    clearly = how.forecast.value < NEARLY * how.quota if how.metric.adds_up else True
    return True if begun and clearly else None


def _missed(step: MilestoneProgress) -> bool | None:
    """True or False for a milestone whose day is over, None for one to come."""
    if step.standing is MilestoneStanding.MISSED:
        return True
    return False if step.standing in {MilestoneStanding.MET, MilestoneStanding.LATE} else None


def _subject(campaign: Campaign, target: Target, step: MilestoneProgress | None = None) -> str:
    """The same for the same target when its campaign is saved anew, which makes every target another row."""
    parts: list[Any] = [target.metric.value, target.topic.code if target.topic else "", target.period or ""]
    parts += [step.due_on] if step is not None else []
    digest = blake2b("\n".join(map(str, parts)).encode(), digest_size=6).hexdigest()
    return f"{campaign.code[:46]}.{digest}"
