"""A briefing's figures for one period, as they stand or as they stood: what the document writers are handed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.core.clock import Period, parse_period
from campaigns.planning.campaigns import Metric
from campaigns.planning.outlines import Outline
from campaigns.planning.progress import TargetProgress
from campaigns.reporting import tallies
from campaigns.reporting.found import FindingsTotals, findings_of
from campaigns.reporting.history import AsOf
from campaigns.reporting.recalled import Recalled, recalled
from campaigns.reporting.standing import goal_progress
from campaigns.reporting.tallies import Row, Scope, Share
from campaigns.tracking.matching import RULE_VERSION


@dataclass(frozen=True)
class Before:
    """The period before, for comparison; ``partners``: companies with a confirmed copy."""

    period: Period
    bulletins: int
    partners: int
    totals: Row


@dataclass(frozen=True)
class Figures:
    """Everything a briefing says in numbers. Lines of nothing but zeros are left out; keys of ``by_month`` are
    ``2026-11``, of ``by_day`` ISO days. ``outline``: the campaign as it was; None = all bulletins. ``entry``: up to
    which entry of the history, of figures that are frozen."""

    as_of: datetime
    entry: int | None
    rule_version: str
    outline: Outline | None
    period: Period
    before: Before
    targets: tuple[TargetProgress, ...]
    totals: Row
    bulletins: int
    partners: int
    by_month: tuple[Row, ...]
    by_topic: tuple[Row, ...]
    by_partner: tuple[Row, ...]
    by_site: tuple[Row, ...]
    by_channel: tuple[Row, ...]
    by_day: tuple[Row, ...]
    shares: tuple[Share, ...]
    recalled: Recalled
    findings: FindingsTotals

    @property
    def plan_number(self) -> str:
        """The plan's own number; '' for all bulletins."""
        return self.outline.plan_number if self.outline else ""


def figures(
    session: Session,
    outline: Outline | None,
    period: Period,
    *,
    as_of: AsOf | None = None,
    now: datetime,
) -> Figures:
    """Collect the figures of a period in one consistent view of the database: as they stand ``now``, or stood."""
    moment = as_of.moment if as_of else now
    topics = outline.topics if outline and as_of else None
    scope = Scope(period, outline.id if outline else None, as_of=as_of, topics=topics)
    days = _lines(session, scope, "day")
    return Figures(
        as_of=moment,
        entry=as_of.entry if as_of else None,
        rule_version=RULE_VERSION,
        outline=outline,
        period=period,
        before=_before(session, replace(scope, period=period_before(period))),
        targets=tuple(goal_progress(session, outline, one, moment, as_of) for one in outline.goals) if outline else (),
        totals=tallies.totals(session, scope),
        bulletins=_bulletins(session, scope),
        partners=int(tallies.actual(session, scope, Metric.PARTNERS)),
        by_month=months_of(days),
        by_topic=_lines(session, scope, "topic"),
        by_partner=_lines(session, scope, "partner"),
        by_site=_lines(session, scope, "site"),
        by_channel=_lines(session, scope, "channel"),
        by_day=days,
        shares=tuple(tallies.attribution_shares(session, scope)),
        recalled=recalled(session, scope),
        findings=findings_of(session, scope),
    )


def _bulletins(session: Session, scope: Scope) -> int:
    return sum(tallies.daily(session, scope, Metric.BULLETINS, scope.period.days()))


def _before(session: Session, scope: Scope) -> Before:
    partners = int(tallies.actual(session, scope, Metric.PARTNERS))
    return Before(scope.period, _bulletins(session, scope), partners, tallies.totals(session, scope))


FIGURES = ("delivered", "found", "confirmed", "review", "rejected", "gone", "attributed", "teasers")


def _lines(session: Session, scope: Scope, by: str) -> tuple[Row, ...]:
    """Whoever came later, or has nothing, is no line: the same moment has the same lines for ever."""
    return tuple(row for row in tallies.rows(session, scope, by) if any(getattr(row, name) for name in FIGURES))


def months_of(days: Sequence[Row]) -> tuple[Row, ...]:
    """Lines of days added up by month."""
    found: dict[str, Row] = {}
    for day in days:
        month = day.key[:7]
        so_far = found.get(month, Row(month, month, *(0 for _ in FIGURES)))
        found[month] = so_far._replace(**{name: getattr(so_far, name) + getattr(day, name) for name in FIGURES})
    return tuple(found.values())


def period_before(period: Period) -> Period:
    """The quarter, month or year before; of other periods as many days before."""
    label, last = period.label, period.first - timedelta(days=1)
    if "-Q" in label:
        return parse_period(f"{last.year}-Q{(last.month + 2) // 3}")
    if len(label) == len("2026-11") and ".." not in label:
        return parse_period(f"{last:%Y-%m}")
    if len(label) == len("2026"):
        return parse_period(f"{last.year:04}")
    first = last - timedelta(days=period.length - 1)
    return Period(first, last, f"{first}..{last}")


def days_so_far(figures_: Figures, until: date) -> list[tuple[date, int]]:
    """Confirmed copies by day from the period's first day until ``until``, running."""
    counts = {one.key: one.confirmed for one in figures_.by_day}
    total, found = 0, []
    for day in figures_.period.days():
        if day > until:
            break
        total += counts.get(day.isoformat(), 0)
        found.append((day, total))
    return found
