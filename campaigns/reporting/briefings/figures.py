"""A briefing's figures for one period, now or as of an earlier time, for the document writers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.compliance.findings import Finding, FindingOutcome, FindingStatus, FindingStep, StepKind
from campaigns.compliance.rules import Rule, rule_order
from campaigns.core.clock import Period, read_period
from campaigns.matching.matcher import RULE_VERSION
from campaigns.planning.campaign_snapshots import CampaignSnapshot
from campaigns.planning.campaigns import Metric
from campaigns.planning.progress import TargetProgress
from campaigns.reporting import tallies
from campaigns.reporting.briefings.management_figures import ManagementFigures, management_figures
from campaigns.reporting.removals import RecallFigures, recall_figures
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.reporting.tallies import AttributionShare, TallyRow, TallyScope
from campaigns.reporting.target_status import goal_progress, goals_in

# Findings by rule, now or as of an earlier time.


@dataclass(frozen=True)
class FindingRow:
    """One rule's findings in a period: the numbers of proposed, confirmed, dismissed, fixed and handed-on ones."""

    code: str
    name: str
    proposed: int
    confirmed: int
    dismissed: int
    mended: int
    handed_on: int


@dataclass(frozen=True)
class FindingsTotals:
    """The findings in a briefing; empty while none is concluded."""

    lines: tuple[FindingRow, ...] = ()


@dataclass(frozen=True)
class _FindingState:
    code: str
    standing: FindingStatus
    outcome: FindingOutcome | None


def findings_totals(session: Session, scope: TallyScope) -> FindingsTotals:
    """Return the findings about days of the scope's period, independent of the campaign, since they concern a partner's
    pages. As of an earlier time, each has its state at that time; later ones are left out.
    """
    query = sa.select(Finding.id, Finding.code, Finding.standing, Finding.outcome).where(
        Finding.day.between(scope.period.first, scope.period.last)
    )
    if scope.as_of is not None:
        query = query.where(Finding.proposed_at <= scope.as_of.moment)
    found = {ident: _FindingState(code, standing, outcome) for ident, code, standing, outcome in session.execute(query)}
    if scope.as_of is not None:
        found = _states_at(session, found, scope.as_of.moment)
    counts: dict[str, Counter[str]] = {}
    for state in found.values():
        line = counts.setdefault(state.code, Counter())
        line.update(
            ("proposed", state.standing.value) if state.standing is not FindingStatus.PROPOSED else ("proposed",)
        )
        if state.outcome is not None:
            line[state.outcome.value] += 1
    titles = _titles(session)
    return FindingsTotals(
        tuple(
            FindingRow(
                code=code,
                name=titles[code],
                proposed=line["proposed"],
                confirmed=line[FindingStatus.CONFIRMED.value],
                dismissed=line[FindingStatus.DISMISSED.value],
                mended=line[FindingOutcome.MENDED.value],
                handed_on=line[FindingOutcome.HANDED.value] + line[FindingOutcome.DECIDED.value],
            )
            for code, line in sorted(counts.items(), key=lambda entry: rule_order(entry[0]))
        )
    )


_CONCLUDED = {StepKind.CONFIRMED: FindingStatus.CONFIRMED, StepKind.DISMISSED: FindingStatus.DISMISSED}
_OUTCOMES = {StepKind(outcome.value): outcome for outcome in FindingOutcome}


def _states_at(session: Session, found: Mapping[int, _FindingState], moment: datetime) -> dict[int, _FindingState]:
    """Return the states at that time, derived from the steps of each finding."""
    stood = {ident: _FindingState(state.code, FindingStatus.PROPOSED, None) for ident, state in found.items()}
    undone = aliased(FindingStep)
    query = (
        sa.select(FindingStep.finding_id, FindingStep.happened, undone.before)
        .outerjoin(undone, undone.id == FindingStep.undoes_id)
        .where(FindingStep.finding_id.in_(found), FindingStep.at <= moment)
        .order_by(FindingStep.id)
    )
    for ident, happened, before in session.execute(query):
        state = stood[ident]
        if happened in _CONCLUDED:
            stood[ident] = replace(state, standing=_CONCLUDED[happened])
        elif happened in _OUTCOMES:
            stood[ident] = replace(state, outcome=_OUTCOMES[happened])
        elif happened is StepKind.UNDONE and before:
            outcome = FindingOutcome(before["outcome"]) if before["outcome"] is not None else None
            stood[ident] = replace(state, standing=FindingStatus(before["standing"]), outcome=outcome)
    return stood


def _titles(session: Session) -> dict[str, str]:
    """Return the newest title of each rule."""
    return {row.code: row.title for row in session.execute(sa.select(Rule.code, Rule.title).order_by(Rule.version))}


@dataclass(frozen=True)
class PreviousPeriod:
    """The previous period, for comparison; ``partners``: companies with a confirmed copy."""

    period: Period
    bulletins: int
    partners: int
    totals: TallyRow


@dataclass(frozen=True)
class BriefingFigures:
    """All figures of a briefing. Rows with only zeros are left out; keys of ``by_month`` are ``2026-11``, of ``by_day``
    ISO days. ``outline``: the campaign at that time; None = all bulletins. ``entry``: the last entry of the history in
    frozen figures."""

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
    management: ManagementFigures

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
    days = _nonzero_rows(session, scope, "day")
    return BriefingFigures(
        as_of=moment,
        entry=as_of.entry if as_of else None,
        rule_version=RULE_VERSION,
        outline=outline,
        period=period,
        before=_previous_period(session, replace(scope, period=period_before(period))),
        targets=tuple(goal_progress(session, outline, goal, moment, as_of) for goal in goals_in(outline, period))
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
        management=management_figures(session, scope, period_before(period), moment),
    )


def _bulletins(session: Session, scope: TallyScope) -> int:
    return sum(tallies.daily(session, scope, Metric.BULLETINS, scope.period.days()))


def _previous_period(session: Session, scope: TallyScope) -> PreviousPeriod:
    partners = int(tallies.actual(session, scope, Metric.PARTNERS))
    return PreviousPeriod(scope.period, _bulletins(session, scope), partners, tallies.totals(session, scope))


ROW_FIGURES = (
    *("delivered", "found", "confirmed", "review", "rejected", "gone", "attributed", "teasers", "partial"),
    "unreadable",
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
