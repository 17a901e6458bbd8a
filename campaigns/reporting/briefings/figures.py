"""A briefing's figures for one period, now or as of an earlier time, for the document writers."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.compliance.findings import Finding, FindingStatus, FindingStep, StepKind
from campaigns.compliance.rules import Rule, rule_order
from campaigns.core.clock import Period, read_period
from campaigns.matching.matcher import RULE_VERSION
from campaigns.planning.campaign_snapshots import CampaignSnapshot
from campaigns.planning.campaigns import Metric
from campaigns.planning.target_progress import TargetProgress
from campaigns.reporting import tallies
from campaigns.reporting.briefings.management_figures import ManagementFigures, management_figures
from campaigns.reporting.history.reported import NOTHING_REPORTED, ReportedFigures, reported_figures
from campaigns.reporting.removals import RecallFigures, recall_figures
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.reporting.table_reports.social_totals import SocialTotals, social_totals
from campaigns.reporting.tallies import AttributionShare, TallyRow, TallyScope
from campaigns.reporting.target_status import goal_progress, goals_in

# Findings by rule, now or as of an earlier time.


@dataclass(frozen=True)
class FindingRow:
    """One rule's findings in a period: the numbers of proposed, confirmed and dismissed ones."""

    code: str
    name: str
    proposed: int
    confirmed: int
    dismissed: int


@dataclass(frozen=True)
class FindingsTotals:
    """The findings in a briefing; empty while none is concluded."""

    lines: tuple[FindingRow, ...] = ()


def findings_totals(session: Session, scope: TallyScope) -> FindingsTotals:
    """Return the findings about days of the scope's period, independent of the campaign, since they concern a partner's
    pages; what came of them counts by the day of the decision (``management_figures``). As of an earlier time, each has
    its standing at that time; later ones are left out.
    """
    counts: dict[str, Counter[FindingStatus]] = {}
    for _ident, code, standing in finding_standings(session, scope):
        counts.setdefault(code, Counter())[standing] += 1
    titles = _titles(session)
    return FindingsTotals(
        tuple(
            FindingRow(
                code=code,
                name=titles[code],
                proposed=line.total(),
                confirmed=line[FindingStatus.CONFIRMED],
                dismissed=line[FindingStatus.DISMISSED],
            )
            for code, line in sorted(counts.items(), key=lambda entry: rule_order(entry[0]))
        )
    )


def finding_standings(session: Session, scope: TallyScope) -> list[tuple[int, str, FindingStatus]]:
    """Return the findings about days of the scope's period with their rules and standings, now or as of its time."""
    query = sa.select(Finding.id, Finding.code, Finding.standing).where(
        Finding.day.between(scope.period.first, scope.period.last)
    )
    if scope.as_of is not None:
        query = query.where(Finding.proposed_at <= scope.as_of.moment)
    rows = session.execute(query.order_by(Finding.day, Finding.id)).all()
    standings = {ident: standing for ident, _code, standing in rows}
    if scope.as_of is not None:
        standings = _standings_at(session, standings, scope.as_of.moment)
    return [(ident, code, standings[ident]) for ident, code, _standing in rows]


_CONCLUDED = {StepKind.CONFIRMED: FindingStatus.CONFIRMED, StepKind.DISMISSED: FindingStatus.DISMISSED}


def _standings_at(session: Session, found: Collection[int], moment: datetime) -> dict[int, FindingStatus]:
    """Return the standings at that time, derived from the steps of each finding."""
    stood = dict.fromkeys(found, FindingStatus.PROPOSED)
    undone = aliased(FindingStep)
    query = (
        sa.select(FindingStep.finding_id, FindingStep.happened, undone.before)
        .outerjoin(undone, undone.id == FindingStep.undoes_id)
        .where(FindingStep.finding_id.in_(found), FindingStep.at <= moment)
        .order_by(FindingStep.id)
    )
    for ident, happened, before in session.execute(query):
        if happened in _CONCLUDED:
            stood[ident] = _CONCLUDED[happened]
        elif happened is StepKind.UNDONE and before:
            stood[ident] = FindingStatus(before["standing"])
    return stood


def _titles(session: Session) -> dict[str, str]:
    """Return the newest title of each rule."""
    return {row.code: row.title for row in session.execute(sa.select(Rule.code, Rule.title).order_by(Rule.version))}


@dataclass(frozen=True)
class PreviousPeriod:
    """The previous period, for comparison; ``partners``: companies with a confirmed copy. ``reported``: what was
    reported for it before the product was in use, beside what is proven."""

    period: Period
    bulletins: int
    partners: int
    totals: TallyRow
    reported: ReportedFigures = NOTHING_REPORTED


@dataclass(frozen=True)
class BriefingFigures:
    """All figures of a briefing. Rows with only zeros are left out; keys of ``by_month`` are ``2026-11``, of ``by_day``
    ISO days. ``outline``: the campaign at that time; None = all bulletins. ``entry``: the last entry of the history in
    frozen figures. ``reported``: what was reported for the period before the product was in use, beside what is proven.
    """

    as_of: datetime
    entry: int | None
    rule_version: str
    outline: CampaignSnapshot | None
    period: Period
    before: PreviousPeriod
    targets: tuple[TargetProgress, ...]
    totals: TallyRow
    bulletins: int
    partners: int
    by_month: tuple[TallyRow, ...]
    by_topic: tuple[TallyRow, ...]
    by_partner: tuple[TallyRow, ...]
    by_site: tuple[TallyRow, ...]
    by_channel: tuple[TallyRow, ...]
    by_day: tuple[TallyRow, ...]
    shares: tuple[AttributionShare, ...]
    recalled: RecallFigures
    findings: FindingsTotals
    social: SocialTotals
    management: ManagementFigures
    reported: ReportedFigures = NOTHING_REPORTED

    @property
    def plan_number(self) -> str:
        """The plan's number; '' for all bulletins."""
        return self.outline.plan_number if self.outline else ""


def collect_figures(
    session: Session,
    outline: CampaignSnapshot | None,
    period: Period,
    *,
    as_of: AsOf | None = None,
    now: datetime,
) -> BriefingFigures:
    """Collect the figures of a period in one snapshot of the database: ``now``, or as of an earlier time."""
    moment = as_of.moment if as_of else now
    topics = outline.topics if outline and as_of else None
    scope = TallyScope(period, outline.id if outline else None, as_of=as_of, topics=topics)
    days, counted = _nonzero_rows(session, scope, "day"), tallies.CountedOnce()
    return BriefingFigures(
        as_of=moment,
        entry=as_of.entry if as_of else None,
        rule_version=RULE_VERSION,
        outline=outline,
        period=period,
        before=_previous_period(session, replace(scope, period=period_before(period))),
        targets=tuple(
            goal_progress(session, outline, goal, moment, as_of, counted) for goal in goals_in(outline, period)
        )
        if outline
        else (),
        totals=tallies.totals(session, scope),
        bulletins=_bulletins(session, scope),
        partners=int(tallies.actual(session, scope, Metric.PARTNERS)),
        by_month=months_of(days),
        by_topic=_nonzero_rows(session, scope, "topic"),
        by_partner=_nonzero_rows(session, scope, "partner"),
        by_site=_nonzero_rows(session, scope, "site"),
        by_channel=_nonzero_rows(session, scope, "channel"),
        by_day=days,
        shares=tuple(tallies.attribution_shares(session, scope)),
        recalled=recall_figures(session, scope),
        findings=findings_totals(session, scope),
        social=social_totals(session, scope),
        management=management_figures(session, scope, period_before(period), moment),
        reported=reported_figures(session, scope),
    )


def _bulletins(session: Session, scope: TallyScope) -> int:
    return sum(tallies.daily(session, scope, Metric.BULLETINS, scope.period.days()))


def _previous_period(session: Session, scope: TallyScope) -> PreviousPeriod:
    partners = int(tallies.actual(session, scope, Metric.PARTNERS))
    return PreviousPeriod(
        scope.period, _bulletins(session, scope), partners, tallies.totals(session, scope),
        reported_figures(session, scope),
    )  # fmt: skip


ROW_FIGURES = (
    *("delivered", "found", "confirmed", "review", "rejected", "gone", "attributed", "teasers", "partial"),
    "unreadable",
    "source_unseen",
    "pictures",
)


def _nonzero_rows(session: Session, scope: TallyScope, by: str) -> tuple[TallyRow, ...]:
    """Return the rows without those of only zeros; partners that joined later are omitted, so that the same time always
    has the same rows."""
    return tuple(row for row in tallies.rows(session, scope, by) if any(getattr(row, name) for name in ROW_FIGURES))


def months_of(days: Sequence[TallyRow]) -> tuple[TallyRow, ...]:
    """Return the rows of days summed by month."""
    found: dict[str, TallyRow] = {}
    for day in days:
        month = day.key[:7]
        so_far = found.get(month, TallyRow(month, month, *(0 for _ in ROW_FIGURES)))
        found[month] = so_far._replace(**{name: getattr(so_far, name) + getattr(day, name) for name in ROW_FIGURES})
    return tuple(found.values())


def period_before(period: Period) -> Period:
    """Return the previous quarter, month or year; for other periods as many days before."""
    label, last = period.label, period.first - timedelta(days=1)
    if "-Q" in label:
        return read_period(f"{last.year}-Q{(last.month + 2) // 3}")
    if len(label) == len("2026-11") and ".." not in label:
        return read_period(f"{last:%Y-%m}")
    if len(label) == len("2026"):
        return read_period(f"{last.year:04}")
    first = last - timedelta(days=period.length - 1)
    return Period(first, last, f"{first}..{last}")


def period_year_before(period: Period) -> Period:
    """Return the same period of the year before; 29 February becomes 28 February."""
    label = period.label
    if re.fullmatch(r"\d{4}(-Q[1-4]|-\d{2})?", label):
        return read_period(f"{int(label[:4]) - 1:04}{label[4:]}")
    first, last = (_year_before(day) for day in (period.first, period.last))
    return Period(first, last, f"{first}..{last}")


def _year_before(day: date) -> date:
    last_day = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - 1, day=last_day)


def running_days(figures_: BriefingFigures, until: date) -> list[tuple[date, int]]:
    """Return the running count of confirmed copies by day from the period's first day until ``until``."""
    counts = {entry.key: entry.confirmed for entry in figures_.by_day}
    total, found = 0, []
    for day in figures_.period.days():
        if day > until:
            break
        total += counts.get(day.isoformat(), 0)
        found.append((day, total))
    return found
