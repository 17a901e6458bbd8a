"""Valid targets, and the errors of invalid ones."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from campaigns.core.errors import Invalid
from campaigns.planning.campaigns import (
    MOST_MILESTONES,
    Campaign,
    Metric,
    MilestoneContent,
    Target,
    TargetContent,
)
from tests.factories import planned

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)


def saved(session: Session, *targets: TargetContent, campaign: Campaign | None = None, last: date = LAST) -> Campaign:
    return planned(session, FIRST, last, *targets, campaign=campaign)


def refused(session: Session, target: TargetContent) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as exception_info:
        saved(session, target)
    return [(error.field, error.code) for error in exception_info.value.errors]


def test_every_metric_can_be_a_target_with_a_topic_a_period_and_milestones(session: Session) -> None:
    wanted = [
        TargetContent(metric.value, 40, "dich-benh", "2026-11", (MilestoneContent(date(2026, 11, 15), 20),))
        for metric in Metric
    ]
    campaign = saved(session, *wanted)
    session.expire_all()
    assert [(target.metric, target.quota, target.period) for target in campaign.targets] == [
        (metric, 40, "2026-11") for metric in Metric
    ]
    assert {(step.due_on, step.figure) for target in campaign.targets for step in target.milestones} == {
        (date(2026, 11, 15), 20)
    }


def test_a_target_without_a_period_is_for_the_whole_campaign(session: Session) -> None:
    campaign = saved(session, TargetContent("views", 10), TargetContent("views", 10, period="2026-11"))
    whole, own = (target.days(campaign) for target in campaign.targets)
    assert (whole.first, whole.last) == (FIRST, LAST)
    assert (own.first, own.last) == (date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ("2026-12-31..2026-10-01", "before_start"),
        ("2026-11-02..2026-11-01", "before_start"),
        ("2026-Q3", "outside_campaign"),
        ("2026", "outside_campaign"),
        ("2026-12-31..2027-01-01", "outside_campaign"),
        ("2027-01", "outside_campaign"),
        ("mai", "period"),
        ("", "period"),
        ("2026-11-31", "period"),
    ],
)
def test_a_period_that_is_none_or_not_the_campaigns_is_refused_at_its_field(
    session: Session, period: str, code: str
) -> None:
    assert refused(session, TargetContent("views", 10, period=period)) == [("targets.0.period", code)]


@pytest.mark.parametrize(
    ("metric", "quota", "code"),
    [("median_delay", 0, "quota"), ("median_delay", 721, "delay"), ("attribution_rate", 101, "quota"),
     ("views", float("nan"), "quota")],
)  # fmt: skip
def test_a_quota_that_no_figure_could_be_is_refused(session: Session, metric: str, quota: float, code: str) -> None:
    assert refused(session, TargetContent(metric, quota)) == [("targets.0.quota", code)]


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        ([(date(2026, 9, 30), 5)], ["milestone_day"]),
        ([(date(2027, 1, 1), 5)], ["milestone_day"]),
        ([(date(2026, 11, 1), 0)], ["milestone_figure"]),
        ([(date(2026, 11, 1), 5), (date(2026, 11, 1), 6)], ["milestone_twice"]),
        ([(date(2026, 11, 2), 5), (date(2026, 11, 1), 6)], ["milestone_order"]),
        ([(date(2026, 11, 1 + day), 5 + day) for day in range(MOST_MILESTONES + 1)], ["milestones_many"]),
    ],
)
def test_milestones_lie_within_the_targets_days_and_rise(
    session: Session, steps: list[tuple[date, float]], codes: list[str]
) -> None:
    wanted = tuple(MilestoneContent(*step) for step in steps)
    found = refused(session, TargetContent("republications", 100, milestones=wanted))
    assert found == [("targets.0.milestones", code) for code in codes]


def test_milestones_of_a_delay_may_fall(session: Session) -> None:
    steps = (MilestoneContent(date(2026, 11, 1), 6), MilestoneContent(date(2026, 12, 1), 3))
    (target,) = saved(session, TargetContent("median_delay", 2, milestones=steps)).targets
    assert [milestone.figure for milestone in target.milestones] == [6, 3]


def test_milestones_within_the_campaign_and_outside_the_targets_own_period_are_refused(session: Session) -> None:
    step = MilestoneContent(date(2026, 12, 15), 5)
    assert refused(session, TargetContent("views", 10, period="2026-11", milestones=(step,))) == [
        ("targets.0.milestones", "milestone_day")
    ]


def test_a_campaign_that_becomes_shorter_than_its_targets_is_refused_and_stays_as_it_was(session: Session) -> None:
    campaign = saved(session, TargetContent("views", 10, period="2026-12"))
    with pytest.raises(Invalid):
        saved(session, TargetContent("views", 10, period="2026-12"), campaign=campaign, last=date(2026, 11, 30))
    assert campaign.ends_on == LAST


def test_what_is_saved_anew_leaves_no_milestone_behind(session: Session) -> None:
    step = (MilestoneContent(date(2026, 11, 1), 5),)
    campaign = saved(
        session, TargetContent("views", 10, milestones=step), TargetContent("bulletins", 9, milestones=step)
    )
    saved(session, TargetContent("views", 10, milestones=step), campaign=campaign)
    session.flush()
    assert session.query(Target).count() == 1
    assert len(session.query(Target).one().milestones) == 1


def test_of_a_delay_less_is_better() -> None:
    assert Metric.MEDIAN_DELAY.reaches(2, 3)
    assert not Metric.MEDIAN_DELAY.reaches(4, 3)
    assert Metric.VIEWS.reaches(4, 3)
    assert not Metric.VIEWS.reaches(2, 3)
