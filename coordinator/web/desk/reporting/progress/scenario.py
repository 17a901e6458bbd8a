"""The scenario of the progress page: four assumptions in the address, and the forecast under them."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from campaigns.planning.forecasting import CurrentRates, Forecast, ForecastAssumptions, assumed_path, current_rates_of
from campaigns.planning.shortfalls import SilentPartners
from coordinator.translation import _
from coordinator.web.desk.reporting.progress.queries import ProgressOverview
from coordinator.web.kit.forms import fields
from coordinator.web.kit.text import formats

FIELDS = ("silent", "silent_weekly", "carried", "more_weekly")
MAX_VALUE = 10_000  # of each; a larger value is a typing error


@dataclass(frozen=True)
class ScenarioForm:
    """The form. ``typed``: as in the address, else the defaults; ``errors``: by field; ``path``: the forecast, empty
    without a scenario; ``requested``: whether one was requested.
    """

    typed: Mapping[str, str]
    errors: Mapping[str, str]
    habit: CurrentRates
    path: tuple[Forecast, ...] = ()
    requested: bool = False

    @property
    def ends(self) -> Forecast:
        """Return the final value of the forecast; only where there is a path."""
        return self.path[-1]


def scenario_form(overview: ProgressOverview, silence: SilentPartners) -> ScenarioForm | None:
    """Return the form with its forecast; None where no day remains."""
    if not overview.path:
        return None
    habit = current_rates_of(overview.published[:-1], overview.daily[:-1])
    typed = {name: request.args.get(name, "").strip() for name in FIELDS}
    shown = {**typed, "silent": typed["silent"] or (str(len(silence.partners)) if silence.partners else "")}
    figures, errors = _parse_values(typed, shown)
    wishes = ForecastAssumptions(
        figures.get("silent") or 0.0,
        figures.get("silent_weekly") or 0.0,
        figures.get("carried"),
        figures.get("more_weekly") or 0.0,
    )
    if errors or not wishes:
        return ScenarioForm(shown, errors, habit, requested=any(typed.values()))
    return ScenarioForm(
        shown, {}, habit, assumed_path(float(sum(overview.daily)), overview.path, wishes, habit), requested=True
    )


def _parse_values(typed: Mapping[str, str], shown: Mapping[str, str]) -> tuple[dict[str, float], dict[str, str]]:
    figures: dict[str, float] = {}
    errors: dict[str, str] = {}
    for name in FIELDS:
        # The number of silent partners is known; it is used only together with their expected contribution.
        words = shown[name] if name == "silent" and typed["silent_weekly"] else typed[name]
        if not words:
            continue
        figure = fields.parse_number(words)
        if figure is None or figure > MAX_VALUE:
            errors[name] = _("Nhập một số từ 0 đến %(most)s", most=formats.number(MAX_VALUE))
        else:
            figures[name] = figure
    return figures, errors
