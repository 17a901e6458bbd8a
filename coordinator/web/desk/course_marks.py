"""What the course of a plan shows besides its count: forecasts day by day, and milestones."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from campaigns.planning.forecasting import Forecast
from campaigns.planning.progress import MilestoneStanding, TargetProgress
from coordinator.exports.charts import Expected, Mark
from coordinator.web import formats
from coordinator.web.desk.progress_figures import Overview
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.wording import STATES

_MOST_POINTS = 40  # of one line: more are not seen, and a year has 365
_LOOKS: Mapping[MilestoneStanding, Literal["met", "missed"]] = {
    MilestoneStanding.MET: "met",
    MilestoneStanding.LATE: "met",
    MilestoneStanding.MISSED: "missed",
}


def along(told: Overview, path: Sequence[Forecast]) -> tuple[Expected, ...]:
    """A forecast for the end of each day left as points of the drawing: every n-th day, and always the last."""
    step = -(-len(path) // _MOST_POINTS) or 1
    kept = [number for number in range(len(path)) if number % step == step - 1 or number == len(path) - 1]
    return tuple(
        Expected(told.today + timedelta(days=number + 1), path[number].value, path[number].low, path[number].high)
        for number in kept
    )


def marks_of(target: TargetProgress | None) -> tuple[Mark, ...]:
    """The milestones of the target that the headline stands against."""
    if target is None:
        return ()
    return tuple(
        Mark(
            one.due_on,
            one.figure,
            _("Mốc %(day)s: %(figure)s, %(stand)s", day=formats.day_month(one.due_on),
              figure=formats.number(one.figure, language()),
              stand=STATES["milestone"][one.standing.value].say(language()).lower()),
            _LOOKS.get(one.standing, ""),
        )
        for one in target.milestones
    )  # fmt: skip
