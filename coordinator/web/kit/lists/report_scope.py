"""The scope of a report, read from the address: a campaign, a period, a topic, a partner."""

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
from campaigns.core.listing import ALL
from campaigns.partners.directory import Company, find_company
from campaigns.planning.campaigns import Campaign, Topic, all_topics, find_campaign, find_topic
from campaigns.reporting.tallies import TallyScope
from campaigns.reporting.target_status import current_campaign
from coordinator.web.kit.forms import autocomplete
from coordinator.web.kit.text import periods


@dataclass(frozen=True)
class CampaignLabel:
    """A campaign as pages name it."""

    code: str
    number: str
    name: str
    period: Period


@dataclass(frozen=True)
class CodeAndName:
    """The code and name of a topic or partner."""

    code: str
    name: str


@dataclass(frozen=True)
class ReportScope:
    """The scope. ``plan`` None = all bulletins of every campaign and of none."""

    plan: CampaignLabel | None
    period: Period
    topic: CodeAndName | None
    partner: CodeAndName | None
    scope: TallyScope

    @property
    def narrowed(self) -> bool:
        """Whether a topic or partner was selected, so that the campaign's own targets do not apply unchanged."""
        return self.topic is not None or self.partner is not None

    @property
    def whole(self) -> bool:
        """Whether the period is the campaign's own."""
        return self.plan is not None and same_days(self.plan.period, self.period)

    def query(self, **more: Any) -> dict[str, Any]:
        """Return the scope as query values of desk pages."""
        values: dict[str, Any] = {
            "campaign": self.plan.code if self.plan else ALL,
            "period": self.period.label,
            "topic": self.topic.code if self.topic else None,
            "partner": self.partner.code if self.partner else None,
        }
        return {key: value for key, value in {**values, **more}.items() if value is not None}

    def rows_url(self, **filters: object) -> str:
        """Return the address of the list of republications behind a figure."""
        values: dict[str, Any] = {
            "campaign": self.plan.code if self.plan else None,
            "topic": self.topic.code if self.topic else None,
            "partner": self.partner.code if self.partner else None,
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "status": ALL,  # explicit, because the list's default is the review queue
        } | filters
        # The path is computed once: a page of figures has dozens of these.
        return f"{self._rows_path}?{urlencode({key: value for key, value in values.items() if value is not None})}"

    def bulletins_url(self, **filters: object) -> str:
        """Return the address of the list of the bulletins published in the scope."""
        return self._list_url("bulletins.index", {"issued": "1"} | filters, partner=False)

    def deliveries_url(self, **filters: object) -> str:
        """Return the address of the list of the bulletins that arrived at channels in the scope."""
        return self._list_url("deliveries.index", {"view": ALL, "arrived": "1"} | filters)

    def lines_url(self, by: str, **filters: object) -> str:
        """Return the address of the rows by partner, site, topic, channel or day; ``having``: only those with a figure
        that is not 0."""
        return url_for("progress.lines", by=by, **self.query(**filters))

    def _list_url(self, endpoint: str, filters: dict[str, Any], *, partner: bool = True) -> str:
        values: dict[str, Any] = {
            "campaign": self.plan.code if self.plan else None,
            "topic": self.topic.code if self.topic else None,
            "partner": self.partner.code if self.partner and partner else None,
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
        } | filters
        return url_for(endpoint, **{key: value for key, value in values.items() if value is not None})

    @cached_property
    def _rows_path(self) -> str:
        return url_for("republications.index")


def same_days(period: Period, other: Period) -> bool:
    """Whether two periods cover the same days, whatever their labels."""
    return (period.first, period.last) == (other.first, other.last)


def requested_scope(session: Session, now: datetime, *, ignore_period: bool = False) -> ReportScope:
    """Return the scope of the address.

    Without one, or while a typed period is being corrected (``ignore_period``): the present campaign, else the one that
    began last, over its whole period. Raises ``NotFound`` for an unknown code, ``Invalid`` for an invalid period.
    """
    campaign = _campaign(session, now)
    asked = "" if ignore_period else request.args.get("period", "").strip()
    usual = campaign.period if campaign else quarter_of(city_day(now))
    period = parse_period(asked) if asked else usual
    topic, partner = _topic(session), _partner(session)
    return ReportScope(
        plan=campaign_label(campaign) if campaign else None,
        period=periods.canonical_period(period),
        topic=CodeAndName(topic.code, topic.name) if topic else None,
        partner=CodeAndName(partner.code, partner.name) if partner else None,
        scope=TallyScope(
            period,
            campaign.id if campaign else None,
            topic.id if topic else None,
            partner.id if partner else None,
        ),
    )


def campaign_label(campaign: Campaign) -> CampaignLabel:
    """Return a campaign's row as pages name it."""
    return CampaignLabel(campaign.code, campaign.plan_number, campaign.name, campaign.period)


def current_campaign_code(session: Session, now: datetime) -> str:
    """Return the code of the present campaign; ``ALL`` when there is none."""
    campaign = current_campaign(session, now)
    return campaign.code if campaign else ALL


def campaign_choices(session: Session) -> Sequence[CampaignLabel]:
    """Return every campaign, newest first."""
    rows = session.execute(sa.select(Campaign).order_by(Campaign.starts_on.desc(), Campaign.id.desc())).scalars()
    return [campaign_label(row) for row in rows]


def topic_choices(session: Session) -> Sequence[CodeAndName]:
    """Return every topic."""
    return [CodeAndName(row.code, row.name) for row in all_topics(session)]


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
    code = autocomplete.selected_code(request.args, "partner")
    return find_company(session, code) if code else None
