"""The figures of the progress page, read in one consistent snapshot of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, parse_period
from campaigns.matching.matcher import RULE_VERSION
from campaigns.planning.campaigns import Campaign, Metric, find_campaign
from campaigns.planning.forecasting import Forecast, forecast_path
from campaigns.planning.target_progress import TargetProgress, cumulative, day_list
from campaigns.reporting import tallies
from campaigns.reporting.activity import recent_by_partner, recent_days
from campaigns.reporting.table_reports.social_totals import SocialTotals, social_totals
from campaigns.reporting.tallies import CountedOnce, TallyRow, ViewFigures
from campaigns.reporting.target_status import target_progress
from campaigns.reporting.timing import DelayFigures, WeekCounts, delay_figures, weekly_counts
from campaigns.republications.silent_partners import silent_partner_codes
from coordinator.web.kit.lists.report_scope import CodeAndName, ReportScope, same_days
from coordinator.web.kit.text import periods


@dataclass(frozen=True)
class TargetRow:
    """A target of the campaign and its state. ``period``: its own label, '' for the whole campaign."""

    metric: Metric
    topic: CodeAndName | None
    period: str
    fits: bool  # whether its period is the one shown
    how: TargetProgress


@dataclass(frozen=True)
class TopicProgress:
    """One topic: its result, and its own target for exactly this period where it has one. ``shade``: its colour."""

    topic: CodeAndName
    shade: int
    row: TallyRow
    how: TargetProgress | None


@dataclass(frozen=True)
class ProgressOverview:
    """The figures of the page. ``head``: the headline target, None where there is none for this period; ``forecast`` is
    always present, ``path`` holds it for the end of each remaining day. ``daily``, ``running`` and ``published``
    (bulletins) correspond to ``days``. ``recent``: copies of the last days by partner code; ``silent``: codes of the
    partners that are silent today, or were at the period's end. ``began``: the day the product came into use.
    """

    as_of: datetime
    rule_version: str
    today: date
    began: date | None
    choice: ReportScope
    totals: TallyRow
    head: TargetProgress | None
    forecast: Forecast
    path: Sequence[Forecast]
    days_left: int
    targets: Sequence[TargetRow]
    topics: Sequence[TopicProgress]
    days: Sequence[date]
    daily: Sequence[int]
    running: Sequence[int]
    published: Sequence[int]
    recent: Mapping[str, int]
    silent: frozenset[str]
    weeks: Sequence[WeekCounts]
    partners: Sequence[TallyRow]
    sites: int  # of the scope
    active_sites: int  # those with at least one confirmed republication
    bulletins: int
    views: Sequence[ViewFigures]
    social: SocialTotals
    unlooked: int  # confirmed copies that need a look with a browser and were not seen by one

    @property
    def per_day(self) -> float:
        """Return the forecast's average for each remaining day."""
        gain = self.forecast.value - self.totals.confirmed
        return gain / self.days_left if self.days_left else 0.0

    def target_of(self, metric: Metric) -> TargetProgress | None:
        """Return the target of a metric over all topics for exactly this period."""
        if self.choice.narrowed:
            return None
        return next((row.how for row in self.targets if row.metric is metric and row.topic is None and row.fits), None)


def progress_overview(
    session: Session, choice: ReportScope, topics_by_code: Mapping[str, str], now: datetime
) -> ProgressOverview:
    """Return the figures of one scope. ``topics_by_code``: the names of all topics."""
    scope, today = choice.scope, city_day(now)
    campaign = find_campaign(session, choice.plan.code) if choice.plan else None
    names = {code: CodeAndName(code, name) for code, name in topics_by_code.items()}
    counted = CountedOnce()
    sites = counted.sites(session, scope, recent_days(scope, today))
    targets = _target_rows(session, campaign, choice, names, now, counted) if campaign else []
    head = _headline_target(targets, choice)
    days = day_list(choice.period, today)
    daily = counted.daily(session, scope, Metric.REPUBLICATIONS, days)
    published = counted.daily(session, scope, Metric.BULLETINS, choice.period.days())
    path = head.path if head else forecast_path(daily, choice.period, today)
    topics = tallies.rows(session, scope, "topic")
    here = Forecast(*(float(sum(daily)),) * 3)
    return ProgressOverview(
        as_of=now,
        rule_version=RULE_VERSION,
        today=today,
        began=counted.use_began_on(session),
        choice=choice,
        totals=tallies.summed_row(topics),  # every bulletin has its one topic
        head=head,
        forecast=head.forecast if head else path[-1] if path else here,
        path=path,
        days_left=min(max((choice.period.last - today).days, 0), choice.period.length),
        targets=targets,
        topics=_topic_progress(topics, targets, choice),
        days=days,
        daily=daily,
        running=cumulative(daily),
        published=published[: len(days)],
        recent=recent_by_partner(session, sites),
        silent=silent_partner_codes(session, min(today, choice.period.last)),
        weeks=weekly_counts(session, scope, today),
        partners=tallies.rows(session, scope, "partner", sites),
        sites=tallies.site_count(session, scope),
        active_sites=sum(1 for site in sites.values() if site.confirmed),
        bulletins=sum(published),
        views=tallies.views_by_rules(session, scope),
        social=social_totals(session, scope),
        unlooked=tallies.unlooked_count(session, scope),
    )


@dataclass(frozen=True)
class ProgressTiming:
    """When the copies of one scope appeared. ``topics``: those of ``weeks``; ``daily`` corresponds to ``days``."""

    as_of: datetime
    today: date
    choice: ReportScope
    topics: Sequence[CodeAndName]
    weeks: Sequence[WeekCounts]
    days: Sequence[date]
    daily: Sequence[int]
    delays: DelayFigures


def progress_timing(
    session: Session, choice: ReportScope, topics_by_code: Mapping[str, str], now: datetime
) -> ProgressTiming:
    """Return the weeks, days and delays of one scope. ``topics_by_code``: the names of all topics."""
    today = city_day(now)
    days = day_list(choice.period, today)
    topics = [CodeAndName(code, name) for code, name in topics_by_code.items()]
    return ProgressTiming(
        as_of=now,
        today=today,
        choice=choice,
        topics=[topic for topic in topics if choice.topic in {None, topic}],
        weeks=weekly_counts(session, choice.scope, today),
        days=days,
        daily=tallies.daily(session, choice.scope, Metric.REPUBLICATIONS, days),
        delays=delay_figures(session, choice.scope),
    )


def _target_rows(
    session: Session,
    campaign: Campaign,
    choice: ReportScope,
    names: Mapping[str, CodeAndName],
    now: datetime,
    counted: CountedOnce,
) -> list[TargetRow]:
    lines = []
    for target in campaign.targets:
        own = parse_period(target.period) if target.period else campaign.period
        how = target_progress(session, campaign, target, now, counted)
        topic = names[how.topic] if how.topic else None
        name = periods.period_name(own) if target.period else ""
        lines.append(TargetRow(target.metric, topic, name, same_days(own, choice.period), how))
    return lines


def _headline_target(targets: Sequence[TargetRow], choice: ReportScope) -> TargetProgress | None:
    """Return the target for confirmed republications over exactly the scope shown."""
    if choice.partner is not None:
        return None
    wanted = (row for row in targets if row.metric is Metric.REPUBLICATIONS and row.fits and row.topic == choice.topic)
    return next((row.how for row in wanted), None)


def _topic_progress(rows: Sequence[TallyRow], targets: Sequence[TargetRow], choice: ReportScope) -> list[TopicProgress]:
    own = {
        row.topic.code: row.how
        for row in targets
        if row.metric is Metric.REPUBLICATIONS and row.fits and row.topic is not None and choice.partner is None
    }
    lines = [
        # Six colours distinguish topics; later ones share the grey of "others".
        TopicProgress(CodeAndName(row.key, row.name), min(number, 6), row, own.get(row.key))
        for number, row in enumerate(rows, start=1)
    ]
    return [topic_progress for topic_progress in lines if choice.topic is None or topic_progress.topic == choice.topic]
