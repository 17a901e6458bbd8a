"""What a reader has chosen to count, read from the address: a campaign, a period, a topic, a partner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request, url_for
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.core.errors import NotFound
from campaigns.partners.directory import Company, find_company
from campaigns.planning.campaigns import Campaign, Topic, all_topics, find_campaign, find_topic
from campaigns.reporting.standing import current_campaign
from campaigns.reporting.tallies import Scope
from coordinator.web.desk import periods, picking

ALL = "all"  # in place of a campaign's code, or of a status: every one


@dataclass(frozen=True)
class Plan:
    """A campaign as pages name it."""

    code: str
    number: str
    name: str
    period: Period


@dataclass(frozen=True)
class Named:
    """A topic or a partner: its code, and its name."""

    code: str
    name: str


@dataclass(frozen=True)
class Choice:
    """What is counted. ``plan`` None = every bulletin, whatever campaign it belongs to."""

    plan: Plan | None
    period: Period
    topic: Named | None
    partner: Named | None
    scope: Scope

    @property
    def narrowed(self) -> bool:
        """Whether a topic or a partner was chosen, so that the campaign's own targets do not apply as they are."""
        return self.topic is not None or self.partner is not None

    @property
    def whole(self) -> bool:
        """Whether the period is the campaign's own."""
        return self.plan is not None and same_days(self.plan.period, self.period)

    def query(self, **more: Any) -> dict[str, Any]:
        """The choice as query values of our own pages."""
        values: dict[str, Any] = {
            "campaign": self.plan.code if self.plan else ALL,
            "period": self.period.label,
            "topic": self.topic.code if self.topic else None,
            "partner": self.partner.code if self.partner else None,
        }
        return {key: value for key, value in {**values, **more}.items() if value is not None}

    def rows_url(self, **filters: object) -> str:
        """The list of republications behind a figure."""
        values: dict[str, Any] = {
            "campaign": self.plan.code if self.plan else None,
            "topic": self.topic.code if self.topic else None,
            "partner": self.partner.code if self.partner else None,
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "status": ALL,  # named, or the list would show what waits for review
        } | filters
        # The path is worked out once: a page of figures has dozens of these.
        return f"{self._rows_path}?{urlencode({key: value for key, value in values.items() if value is not None})}"

    @cached_property
    def _rows_path(self) -> str:
        return url_for("republications.index")


def same_days(one: Period, other: Period) -> bool:
    """Whether two periods are the same days, whatever they are called."""
    return (one.first, one.last) == (other.first, other.last)


def choose(session: Session, now: datetime, *, ignore_period: bool = False) -> Choice:
    """Read the choice from the address.

    Without one, or while a typed period is being mended (``ignore_period``): the campaign running today, else the one
    that began last, over its whole time. Raises ``NotFound`` for a code nobody has, ``Invalid`` for a period that is
    none.
    """
    campaign = _campaign(session, now)
    asked = "" if ignore_period else request.args.get("period", "").strip()
    usual = campaign.period if campaign else quarter_of(city_day(now))
    period = parse_period(asked) if asked else usual
    topic, partner = _topic(session), _partner(session)
    return Choice(
        plan=plan_of(campaign) if campaign else None,
        period=periods.settled(period),
        topic=Named(topic.code, topic.name) if topic else None,
        partner=Named(partner.code, partner.name) if partner else None,
        scope=Scope(
            period,
            campaign.id if campaign else None,
            topic.id if topic else None,
            partner.id if partner else None,
        ),
    )


def plan_of(campaign: Campaign) -> Plan:
    """A campaign's row as pages name it."""
    return Plan(campaign.code, campaign.plan_number, campaign.name, campaign.period)


def current_code(session: Session, now: datetime) -> str:
    """The code of the campaign running today; ``ALL`` when none is."""
    campaign = current_campaign(session, now)
    return campaign.code if campaign else ALL


def plans(session: Session) -> Sequence[Plan]:
    """Every campaign, the newest first."""
    rows = session.execute(sa.select(Campaign).order_by(Campaign.starts_on.desc(), Campaign.id.desc())).scalars()
    return [plan_of(row) for row in rows]


def topics(session: Session) -> Sequence[Named]:
    """Every topic."""
    return [Named(row.code, row.name) for row in all_topics(session)]


def _campaign(session: Session, now: datetime) -> Campaign | None:
    code = request.args.get("campaign", "").strip()
    if code == ALL:
        return None
    if code:
        return find_campaign(session, code)
    newest = sa.select(Campaign).order_by(Campaign.starts_on.desc(), Campaign.id.desc()).limit(1)
    return current_campaign(session, now) or session.execute(newest).scalar_one_or_none()


def _topic(session: Session) -> Topic | None:
    code = request.args.get("topic", "").strip()
    if not code:
        return None
    row = find_topic(session, code)
    if row is None:
        raise NotFound(f"there is no topic {code}", topic=code)
    return row


def _partner(session: Session) -> Company | None:
    code = picking.code_in(request.args, "partner")
    return find_company(session, code) if code else None
