"""Campaigns: a communication plan with its number, period, topics and targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

import sqlalchemy as sa
from annotated_types import Ge, Le, MaxLen
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.clock import Period, parse_period
from campaigns.core.contents import Code, Day, limit_errors
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound

Figure = Annotated[float, Ge(-1e12), Le(1e12)]

# Milestones: figures that a target is to reach by a day before its end.
MOST_MILESTONES = 12  # of one target: one a month for a year


class Milestone(Base):
    """A figure that is to be reached by the end of a day."""

    __tablename__ = "milestones"

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("targets.id", ondelete="CASCADE"))
    due_on: Mapped[date]
    figure: Mapped[float]

    __table_args__ = (
        sa.UniqueConstraint("target_id", "due_on"),
        sa.CheckConstraint("figure > 0", name="figure_positive"),
    )


@dataclass(frozen=True)
class MilestoneContent:
    """A milestone as it is entered."""

    due_on: Day
    figure: Figure


def milestone_errors(
    wanted: Sequence[MilestoneContent], field: str, period: Period, *, adds_up: bool
) -> list[FieldError]:
    """The errors of one target's milestones, all at ``field``. ``adds_up``: whether the metric never decreases, so that
    a later milestone must not be below an earlier one."""
    errors = []
    if len(wanted) > MOST_MILESTONES:
        errors.append(FieldError(field, "milestones_many", f"a target has at most {MOST_MILESTONES} milestones"))
    ordered = sorted(wanted, key=lambda milestone: milestone.due_on)
    for milestone in ordered:
        day = milestone.due_on
        if not milestone.figure > 0:
            errors.append(FieldError(field, "milestone_figure", f"the milestone of {day} must be more than zero"))
        if day not in period:
            message = f"{day} is not within the target's days, {period.first} to {period.last}"
            errors.append(FieldError(field, "milestone_day", message))
    for before, after in pairwise(ordered):
        if before.due_on == after.due_on:
            errors.append(FieldError(field, "milestone_twice", f"{before.due_on} has two milestones"))
        elif adds_up and after.figure < before.figure:
            message = f"the milestone of {after.due_on} is below that of {before.due_on}"
            errors.append(FieldError(field, "milestone_order", message))
    return errors


# The topics of plan 174-KH/UBND; staff add more.
FIRST_TOPICS = {
    "dich-benh": "Dịch bệnh",
    "kinh-te-xa-hoi": "Kinh tế - xã hội",
    "an-ninh-quoc-phong": "An ninh - quốc phòng",
}


LONGEST_DELAY = 720  # hours


class Metric(StrEnum):
    """What a target counts."""

    BULLETINS = "bulletins"  # bulletins published
    REPUBLICATIONS = "republications"  # confirmed republications
    PARTNERS = "partners"  # companies with at least one confirmed republication
    ATTRIBUTION_RATE = "attribution_rate"  # per cent of confirmed republications linked at the end; quota 0-100
    VIEWS = "views"  # guarded views of counter images
    MEDIAN_DELAY = "median_delay"  # median hours from release to copy; quota: an upper bound

    @property
    def adds_up(self) -> bool:
        """Whether it is a sum over days, which never decreases."""
        return self in {Metric.BULLETINS, Metric.REPUBLICATIONS, Metric.VIEWS}

    def reaches(self, figure: float, wanted: float) -> bool:
        """Whether a figure reaches the wanted one: a delay is at most that, every other metric at least."""
        return figure <= wanted if self is Metric.MEDIAN_DELAY else figure >= wanted


class Topic(Base):
    """The subject of bulletins. ``retired_at``: when it was taken out of use for new bulletins; None while in use."""

    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


campaign_topics = sa.Table(
    "campaign_topics",
    Base.metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("topic_id", sa.ForeignKey("topics.id"), primary_key=True),
)


@dataclass(frozen=True)
class TargetContent:
    """A target as it is entered. ``metric``: value of a ``Metric``; ``topic``: a code; ``period``: a label, None for
    all of the campaign's days."""

    metric: Code
    quota: Figure
    topic: Code | None = None
    period: Annotated[str, MaxLen(30)] | None = None
    milestones: Annotated[Sequence[MilestoneContent], MaxLen(MOST_MILESTONES)] = ()


@dataclass(frozen=True, kw_only=True)
class CampaignContent:
    """What is entered about a campaign, but for its code. ``plan_number``: the document's own (174-KH/UBND);
    ``topics``: their codes."""

    plan_number: Annotated[str, MaxLen(60)]
    name: Annotated[str, MaxLen(300)]
    starts_on: Day
    ends_on: Day
    topics: Annotated[Sequence[Code], MaxLen(1000)] = ()
    targets: Annotated[Sequence[TargetContent], MaxLen(200)] = ()


class Campaign(Base):
    """One plan, with the fields of a ``CampaignContent``. ``code`` is used in addresses."""

    __tablename__ = "campaigns"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    plan_number: Mapped[str] = mapped_column(sa.String(60))
    name: Mapped[str] = mapped_column(sa.String(300))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    topics: Mapped[list[Topic]] = relationship(secondary=campaign_topics, order_by=Topic.id)
    targets: Mapped[list["Target"]] = relationship(
        back_populates="campaign", cascade="all, delete-orphan", order_by="Target.id"
    )

    __table_args__ = (sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),)

    @property
    def period(self) -> Period:
        """The campaign's own days."""
        return Period(self.starts_on, self.ends_on, f"{self.starts_on}..{self.ends_on}")

    @property
    def content(self) -> CampaignContent:
        """What was entered; requires the session to be open."""
        return CampaignContent(
            plan_number=self.plan_number,
            name=self.name,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            topics=[topic.code for topic in self.topics],
            targets=[target.content for target in self.targets],
        )


class Target(Base):
    """A figure to reach. Without a topic it covers all of the campaign's topics; without a period, its whole period."""

    __tablename__ = "targets"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    metric: Mapped[Metric] = mapped_column(by_value(Metric, "metric"))
    quota: Mapped[float]
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"))
    period: Mapped[str | None] = mapped_column(sa.String(30))

    campaign: Mapped[Campaign] = relationship(back_populates="targets")
    topic: Mapped[Topic | None] = relationship()
    milestones: Mapped[list[Milestone]] = relationship(
        cascade="all, delete-orphan", order_by=Milestone.due_on, lazy="selectin"
    )

    __table_args__ = (sa.CheckConstraint("quota > 0", name="quota_positive"),)

    @property
    def content(self) -> TargetContent:
        """What was entered; requires the session to be open."""
        steps = [MilestoneContent(step.due_on, step.figure) for step in self.milestones]
        topic = self.topic.code if self.topic is not None else None
        return TargetContent(self.metric.value, self.quota, topic, self.period, steps)

    def days(self, campaign: Campaign) -> Period:
        """Its own period, or its campaign's."""
        return parse_period(self.period) if self.period else campaign.period


def add_topic(session: Session, actor: str, *, code: str, name: str, now: datetime) -> Topic:
    """Add a topic. Raises ``Invalid`` for a code that is not lower-case words and hyphens, ``Conflict`` if taken."""
    errors = []
    if not code or len(code) > 60 or not all(part.isascii() and part.isalnum() for part in code.split("-")):
        errors.append(FieldError("code", "code", f"{code!r} is not made of latin letters, digits and hyphens"))
    if not name.strip():
        errors.append(FieldError("name", "required", "a topic needs a name"))
    if errors:
        raise Invalid(errors)
    if find_topic(session, code.lower()) is not None:
        raise Conflict(f"topic {code} exists", code="topic_taken", topic=code)
    topic = Topic(code=code.lower(), name=name.strip())
    session.add(topic)
    session.flush()
    journal.record(session, actor, "topic.added", "topic", topic.code, {"name": topic.name}, now=now)
    return topic


def find_topic(session: Session, code: str) -> Topic | None:
    """The topic with this code, or None."""
    return session.execute(sa.select(Topic).where(Topic.code == code)).scalar_one_or_none()


def all_topics(session: Session) -> Sequence[Topic]:
    """All topics in the order they were added."""
    return session.execute(sa.select(Topic).order_by(Topic.id)).scalars().all()


def find_campaign(session: Session, code: str) -> Campaign:
    """The campaign with this code. Raises ``NotFound``."""
    row = session.execute(sa.select(Campaign).where(Campaign.code == code)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no campaign {code}", campaign=code)
    return row


def save_campaign(
    session: Session,
    actor: str,
    campaign: Campaign | None,
    code: str,
    content: CampaignContent,
    *,
    now: datetime,
) -> Campaign:
    """Add a campaign (``campaign=None``) or change one as a whole.

    Raises ``Invalid`` naming every bad field (``targets.0.quota``), ``Conflict`` when the code is taken.
    """
    errors = limit_errors(content)
    if not code or len(code) > 60 or not all(part.isascii() and part.isalnum() for part in code.split("-")):
        errors.append(FieldError("code", "code", f"{code!r} is not made of latin letters, digits and hyphens"))
    if not content.plan_number.strip():
        errors.append(FieldError("plan_number", "required", "a campaign needs its plan's number"))
    if not content.name.strip():
        errors.append(FieldError("name", "required", "a campaign needs a name"))
    starts_on, ends_on = content.starts_on, content.ends_on
    if ends_on < starts_on:
        errors.append(FieldError("ends_on", "before_start", f"{ends_on} is before the start, {starts_on}"))
    known = {topic.code: topic for topic in all_topics(session)}
    for position, topic in enumerate(content.topics):
        if topic not in known:
            errors.append(FieldError(f"topics.{position}", "unknown_topic", f"there is no topic {topic!r}"))
    # While the campaign's own days are invalid, days within them are not checked.
    days = Period(starts_on, ends_on, "") if ends_on >= starts_on else None
    rows = [
        _target_from_input(position, wanted, known, days, errors) for position, wanted in enumerate(content.targets)
    ]
    if errors:
        raise Invalid(errors)
    other = session.execute(sa.select(Campaign).where(Campaign.code == code)).scalar_one_or_none()
    if other is not None and other is not campaign:
        raise Conflict(f"campaign {code} exists", code="campaign_taken", campaign=code)
    act = "campaign.changed" if campaign is not None else "campaign.added"
    if campaign is None:
        campaign = Campaign(code=code, created_at=now)
        session.add(campaign)
    campaign.code, campaign.plan_number, campaign.name = code, content.plan_number.strip(), content.name.strip()
    campaign.starts_on, campaign.ends_on = starts_on, ends_on
    campaign.topics = [known[topic] for topic in dict.fromkeys(content.topics)]
    campaign.targets = [row for row in rows if row is not None]
    session.flush()
    details = {**vars(content), "targets": len(content.targets)}
    journal.record(session, actor, act, "campaign", code, details, now=now)
    return campaign


def _target_from_input(
    position: int, wanted: TargetContent, known: dict[str, Topic], days: Period | None, errors: list[FieldError]
) -> Target | None:
    before = len(errors)
    at = f"targets.{position}"
    metrics = {metric.value: metric for metric in Metric}
    if wanted.metric not in metrics:
        errors.append(FieldError(f"{at}.metric", "metric", f"{wanted.metric!r} is none of {', '.join(metrics)}"))
    if not wanted.quota > 0:
        errors.append(FieldError(f"{at}.quota", "quota", "a target must be more than zero"))
    elif wanted.metric == Metric.ATTRIBUTION_RATE.value and wanted.quota > 100:
        errors.append(FieldError(f"{at}.quota", "quota", "a rate is at most 100 per cent"))
    elif wanted.metric == Metric.MEDIAN_DELAY.value and wanted.quota > LONGEST_DELAY:
        errors.append(FieldError(f"{at}.quota", "delay", f"a delay is at most {LONGEST_DELAY} hours, a month"))
    if wanted.topic is not None and wanted.topic not in known:
        errors.append(FieldError(f"{at}.topic", "unknown_topic", f"there is no topic {wanted.topic!r}"))
    period = _target_period(wanted, f"{at}.period", days, errors)
    if wanted.milestones and period is not None and wanted.metric in metrics:
        adds_up = metrics[wanted.metric].adds_up
        errors.extend(milestone_errors(wanted.milestones, f"{at}.milestones", period, adds_up=adds_up))
    if len(errors) > before:
        return None
    topic = known[wanted.topic] if wanted.topic else None
    steps = [Milestone(due_on=entered.due_on, figure=entered.figure) for entered in wanted.milestones]
    return Target(
        metric=metrics[wanted.metric], quota=wanted.quota, topic=topic, period=wanted.period, milestones=steps
    )


def _target_period(wanted: TargetContent, field: str, days: Period | None, errors: list[FieldError]) -> Period | None:
    """A target's days; None when they are invalid or unknown. Days outside the campaign are an error: they have none of
    its bulletins, so that a target over them would always be behind."""
    if wanted.period is None:
        return days
    try:
        period = parse_period(wanted.period, field)
    except Invalid as invalid:
        errors.extend(invalid.errors)
        return None
    if days is not None and not (period.first in days and period.last in days):
        message = f"{period.label} is not within the campaign's days, {days.first} to {days.last}"
        errors.append(FieldError(field, "outside_campaign", message))
        return None
    return period
