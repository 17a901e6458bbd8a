"""The question "what if" as the progress page asks it: four figures in the address, and what the forecast says then."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from campaigns.planning.forecasting import Forecast
from campaigns.planning.shortfalls import Silence
from campaigns.planning.supposing import Habit, Wishes, habit_of, suppose
from coordinator.web import formats
from coordinator.web.desk import inputs
from coordinator.web.desk.progress_figures import Overview
from coordinator.web.saying import _

FIELDS = ("silent", "silent_weekly", "carried", "more_weekly")
LARGEST = 10_000  # of each: beyond it somebody's finger slipped


@dataclass(frozen=True)
class Question:
    """What the form shows. ``typed``: as in the address, else what would be asked first; ``errors``: by field;
    ``path``: the forecast if so, empty while nothing is asked; ``asked``: whether anything was."""

    typed: Mapping[str, str]
    errors: Mapping[str, str]
    habit: Habit
    path: tuple[Forecast, ...] = ()
    asked: bool = False

    @property
    def ends(self) -> Forecast:
        """Where it ends if so; only where there is a path."""
        return self.path[-1]


def question(told: Overview, silence: Silence) -> Question | None:
    """What was asked, with the answer; None where no day is left to suppose anything of."""
    if not told.path:
        return None
    habit = habit_of(told.published[:-1], told.daily[:-1])
    typed = {name: request.args.get(name, "").strip() for name in FIELDS}
    shown = {**typed, "silent": typed["silent"] or (str(len(silence.partners)) if silence.partners else "")}
    figures, errors = _read(typed, shown)
    wishes = Wishes(
        figures.get("silent") or 0.0,
        figures.get("silent_weekly") or 0.0,
        figures.get("carried"),
        figures.get("more_weekly") or 0.0,
    )
    if errors or not wishes:
        return Question(shown, errors, habit, asked=any(typed.values()))
    return Question(shown, {}, habit, suppose(float(sum(told.daily)), told.path, wishes, habit), asked=True)


def _read(typed: Mapping[str, str], shown: Mapping[str, str]) -> tuple[dict[str, float], dict[str, str]]:
    figures: dict[str, float] = {}
    errors: dict[str, str] = {}
    for name in FIELDS:
        # How many are silent is known; it is asked of only with what each of them would carry.
        words = shown[name] if name == "silent" and typed["silent_weekly"] else typed[name]
        if not words:
            continue
        figure = inputs.figure(words)
        if figure is None or figure > LARGEST:
            errors[name] = _("Nhập một số từ 0 đến %(most)s", most=formats.number(LARGEST))
        else:
            figures[name] = figure
    return figures, errors
