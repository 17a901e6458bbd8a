"""Everything the progress page says in numbers, collected in one consistent view of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, parse_period
from campaigns.planning import progress
from campaigns.planning.campaigns import Campaign, Metric, find_campaign
from campaigns.planning.forecasting import Forecast, forecast_path
from campaigns.planning.progress import TargetProgress
from campaigns.reporting import tallies, viewing
from campaigns.reporting.carrying import recent_by_partner
from campaigns.reporting.funnel import Funnel, funnel_and_shares
from campaigns.reporting.rhythm import Delays, Week, delays, weekly
from campaigns.reporting.standing import target_progress
from campaigns.reporting.tallies import Daily, Row, Share
from campaigns.reporting.viewing import Views
from campaigns.tracking.matching import RULE_VERSION
from coordinator.web.desk import periods
from coordinator.web.desk.choosing import Choice, Named, same_days


@dataclass(frozen=True)
class TargetLine:
    """A target of the campaign and how it stands. ``period`` is its own name for its days, '' for the whole time."""

    metric: Metric
    topic: Named | None
    period: str
    fits: bool  # whether its days are the ones being looked at
    how: TargetProgress


@dataclass(frozen=True)
class TopicLine:
    """One topic: what it reached, and its own target over these very days where it has one. ``shade``: its colour."""

    topic: Named
    shade: int
    row: Row
    how: TargetProgress | None


@dataclass(frozen=True)
class Overview:
    """The figures of the page. ``head`` is the target that the headline stands against, None where there is none for
    these days; ``forecast`` is there either way, and ``path`` for the end of each day left. ``daily``, ``running`` and
    ``published`` (bulletins) go with ``days``. ``recent``: copies of the last days by the partner's code."""

    as_of: datetime
    rule_version: str
    today: date
    choice: Choice
    totals: Row
    head: TargetProgress | None
    forecast: Forecast
    path: Sequence[Forecast]
    days_left: int
    targets: Sequence[TargetLine]
    topics: Sequence[TopicLine]
    days: Sequence[date]
    daily: Sequence[int]
    running: Sequence[int]
    published: Sequence[int]
    recent: Mapping[str, int]
    weeks: Sequence[Week]
    funnel: Funnel
    shares: Sequence[Share]
    delays: Delays
    partners: Sequence[Row]
    sites: int  # of the scope
    active_sites: int  # those with at least one confirmed republication
    bulletins: int
    views: Sequence[Views]

    @property
    def per_day(self) -> float:
        """What the forecast expects of each day that is left, on average."""
        gain = self.forecast.value - self.totals.confirmed
        return gain / self.days_left if self.days_left else 0.0

    def target_of(self, metric: Metric) -> TargetProgress | None:
        """The target of a metric over all topics for these very days."""
        if self.choice.narrowed:
            return None
        return next((one.how for one in self.targets if one.metric is metric and one.topic is None and one.fits), None)


def overview(session: Session, choice: Choice, topics_by_code: Mapping[str, str], now: datetime) -> Overview:
    """Collect the figures of one choice. ``topics_by_code``: the names of all topics."""
    scope, today = choice.scope, city_day(now)
    campaign = find_campaign(session, choice.plan.code) if choice.plan else None
    names = {code: Named(code, name) for code, name in topics_by_code.items()}
    told = tallies.asked_once()  # of a target and of the page, which often are about the same days
    targets = _targets(session, campaign, choice, names, now, told) if campaign else []
    head = _head(targets, choice)
    days = progress.day_list(choice.period, today)
    daily = told(session, scope, Metric.REPUBLICATIONS, days)
    published = told(session, scope, Metric.BULLETINS, choice.period.days())
    path = head.path if head else forecast_path(daily, choice.period, today)
    topics = tallies.rows(session, scope, "topic")
    steps, shares = funnel_and_shares(session, scope)
    here = Forecast(*(float(sum(daily)),) * 3)
    return Overview(
        as_of=now,
        rule_version=RULE_VERSION,
        today=today,
        choice=choice,
        totals=tallies.sum_of(topics),  # every bulletin has its one topic
        head=head,
        forecast=head.forecast if head else path[-1] if path else here,
        path=path,
        days_left=min(max((choice.period.last - today).days, 0), choice.period.length),
        targets=targets,
        topics=_topics(topics, targets, choice),
        days=days,
        daily=daily,
        running=progress.cumulative(daily),
        published=published[: len(days)],
        recent=recent_by_partner(session, scope, today),
        weeks=weekly(session, scope, today),
        funnel=steps,
        shares=shares,
        delays=delays(session, scope),
        partners=tallies.rows(session, scope, "partner"),
        sites=tallies.sites(session, scope),
        active_sites=tallies.active_sites(session, scope),
        bulletins=sum(published),
        views=viewing.by_rules(session, scope),
    )


def _targets(
    session: Session, campaign: Campaign, choice: Choice, names: Mapping[str, Named], now: datetime, daily: Daily
) -> list[TargetLine]:
    lines = []
    for target in campaign.targets:
        own = parse_period(target.period) if target.period else campaign.period
        how = target_progress(session, campaign, target, now, daily)
        topic = names[how.topic] if how.topic else None
        name = periods.period_name(own) if target.period else ""
        lines.append(TargetLine(target.metric, topic, name, same_days(own, choice.period), how))
    return lines


def _head(targets: Sequence[TargetLine], choice: Choice) -> TargetProgress | None:
    """The target for confirmed republications over exactly what is looked at."""
    if choice.partner is not None:
        return None
    wanted = (one for one in targets if one.metric is Metric.REPUBLICATIONS and one.fits and one.topic == choice.topic)
    return next((one.how for one in wanted), None)


def _topics(rows: Sequence[Row], targets: Sequence[TargetLine], choice: Choice) -> list[TopicLine]:
    own = {
        one.topic.code: one.how
        for one in targets
        if one.metric is Metric.REPUBLICATIONS and one.fits and one.topic is not None and choice.partner is None
    }
    lines = [
        # Six colours tell topics apart; later ones share the grey of "others".
        TopicLine(Named(row.key, row.name), min(number, 6), row, own.get(row.key))
        for number, row in enumerate(rows, start=1)
    ]
    return [one for one in lines if choice.topic is None or one.topic == choice.topic]
