"""A period beside the one before it and the same one of the year before, with what was reported named as such."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.planning.campaigns import Metric
from campaigns.reporting import tallies
from campaigns.reporting.briefings.figures import period_before, period_year_before
from campaigns.reporting.history.reported import NOTHING_REPORTED, ComparedFigure, has_history, reported_figures
from campaigns.reporting.tallies import TallyScope

COMPARED_METRICS = (Metric.BULLETINS, Metric.REPUBLICATIONS)


@dataclass(frozen=True)
class ComparedPeriod:
    """One period with a figure for each of ``COMPARED_METRICS``."""

    period: Period
    figures: tuple[ComparedFigure, ...]

    @property
    def known(self) -> bool:
        """Whether anything is known of it."""
        return any(figure.figure or figure.reported is not None for figure in self.figures)


def compared_periods(session: Session, scope: TallyScope) -> Sequence[ComparedPeriod]:
    """The period of a scope, the one before and the same one of the year before.

    What was reported belongs to no campaign, and stands beside the figures of each.
    """
    periods = (scope.period, period_before(scope.period), period_year_before(scope.period))
    found, anything = [], has_history(session)
    for period in periods:
        there = replace(scope, period=period)
        reported = reported_figures(session, there) if anything else NOTHING_REPORTED
        figures = tuple(
            reported.compared(metric, tallies.actual(session, there, metric)) for metric in COMPARED_METRICS
        )
        found.append(ComparedPeriod(period, figures))
    return found
