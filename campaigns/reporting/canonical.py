"""Frozen figures as text: the one text that is hashed and kept, read back, and compared figure by figure."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from campaigns.core.clock import Period, parse_period
from campaigns.planning import outlines
from campaigns.planning.campaigns import Metric
from campaigns.planning.forecasting import Forecast
from campaigns.planning.progress import MilestoneProgress, MilestoneStanding, Standing, TargetProgress
from campaigns.reporting.briefing import FIGURES, Before, Figures
from campaigns.reporting.found import FindingLine, FindingsTotals
from campaigns.reporting.recalled import Recalled
from campaigns.reporting.removals import Removals
from campaigns.reporting.tallies import Row, Share
from campaigns.tracking.attribution import Attribution

GROUPS = ("month", "topic", "partner", "site", "channel", "day")
_REMOVED = ("removed", "median", "longest", "still_up")
_FOUND = ("proposed", "confirmed", "dismissed", "mended", "handed_on")


def to_json(figures: Figures) -> dict[str, Any]:
    """The figures as plain values."""
    return {
        "as_of": figures.as_of.isoformat(),
        "entry": figures.entry,
        "rule_version": figures.rule_version,
        "campaign": outlines.to_json(figures.outline) if figures.outline else None,
        "period": _period(figures.period),
        "bulletins": figures.bulletins,
        "partners": figures.partners,
        "totals": _counts(figures.totals),
        "before": {
            "period": _period(figures.before.period),
            "bulletins": figures.before.bulletins,
            "partners": figures.before.partners,
            "totals": _counts(figures.before.totals),
        },
        "targets": [_target(one) for one in figures.targets],
        "rows": {
            by: [{"key": row.key, "name": row.name, **_counts(row)} for row in getattr(figures, f"by_{by}")]
            for by in GROUPS
        },
        "attribution": {one.attribution.value: one.count for one in figures.shares},
        "corrections": figures.recalled.corrections,
        "recalls": figures.recalled.recalls,
        "removals": [
            {"key": one.code, "name": one.name, **{name: getattr(one, name) for name in _REMOVED}}
            for one in figures.recalled.partners
        ],
        "findings": [asdict(one) for one in figures.findings.lines],
    }


def from_json(kept: Mapping[str, Any]) -> Figures:
    """The figures that ``to_json`` told."""
    before = kept["before"]
    rows = {
        f"by_{by}": tuple(Row(one["key"], one["name"], *(one[name] for name in FIGURES)) for one in kept["rows"][by])
        for by in GROUPS
    }
    return Figures(
        as_of=datetime.fromisoformat(kept["as_of"]),
        entry=kept["entry"],
        rule_version=kept["rule_version"],
        outline=outlines.from_json(kept["campaign"]) if kept["campaign"] else None,
        period=parse_period(kept["period"]["label"]),
        before=Before(
            parse_period(before["period"]["label"]), before["bulletins"], before["partners"], _row(before["totals"])
        ),
        targets=tuple(_target_of(one) for one in kept["targets"]),
        totals=_row(kept["totals"]),
        bulletins=kept["bulletins"],
        partners=kept["partners"],
        shares=tuple(Share(Attribution(way), count) for way, count in kept["attribution"].items()),
        recalled=Recalled(
            kept["corrections"],
            kept["recalls"],
            tuple(Removals(one["key"], one["name"], "", *(one[name] for name in _REMOVED)) for one in kept["removals"]),
        ),
        findings=FindingsTotals(tuple(FindingLine(**one) for one in kept["findings"])),
        **rows,
    )


def written(figures: Figures) -> str:
    """The canonical text: no spaces, keys in the figures' own order."""
    return json.dumps(to_json(figures), ensure_ascii=False, separators=(",", ":"))


def digest(text: str) -> str:
    """The SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _period(period: Period) -> dict[str, str]:
    return {"label": period.label, "from": period.first.isoformat(), "to": period.last.isoformat()}


def _counts(row: Row) -> dict[str, int]:
    return {name: getattr(row, name) for name in FIGURES}


def _row(counts: Mapping[str, int]) -> Row:
    return Row("", "", *(counts[name] for name in FIGURES))


def _target(one: TargetProgress) -> dict[str, Any]:
    # Its path is only drawn, and made of the days that are told.
    told = {name: value for name, value in asdict(replace(one, path=(), milestones=())).items() if name != "path"}
    return {
        **told,
        "metric": one.metric.value,
        "status": one.status.value,
        "period": _period(one.period),
        "milestones": [
            {**asdict(step), "due_on": step.due_on.isoformat(), "standing": step.standing.value}
            for step in one.milestones
        ],
    }


def _target_of(kept: Mapping[str, Any]) -> TargetProgress:
    told = {
        **kept,
        "metric": Metric(kept["metric"]),
        "status": Standing(kept["status"]),
        "forecast": Forecast(**kept["forecast"]),
        "period": parse_period(kept["period"]["label"]),
        "milestones": tuple(
            MilestoneProgress(
                date.fromisoformat(step["due_on"]), step["figure"], step["reached"], MilestoneStanding(step["standing"])
            )
            for step in kept["milestones"]
        ),
    }
    return TargetProgress(**told)


@dataclass(frozen=True)
class Change:
    """One figure that differs. ``part``: where it stands (``totals``, ``rows.partner`` …); ``key`` and ``name``: whose
    line it is; None before or after where there was no such line."""

    part: str
    key: str
    name: str
    figure: str
    before: float | None
    after: float | None


def changes_between(old: Figures, new: Figures) -> list[Change]:
    """Every figure that is not the same, in the order of the briefing. Names are no figures."""
    before, after = dict(_figures(to_json(old))), dict(_figures(to_json(new)))
    found = []
    for place in dict.fromkeys([*after, *before]):
        (was, is_), name = (before.get(place), after.get(place)), after.get(place) or before.get(place)
        if (was[0] if was else None) != (is_[0] if is_ else None):
            part, key, figure = place
            found.append(
                Change(part, key, name[1] if name else "", figure, was[0] if was else None, is_[0] if is_ else None)
            )
    return found


def _figures(told: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], tuple[float | None, str]]]:
    """Every figure by its place: part, whose line, which figure; with the line's name."""
    for name in ("bulletins", "partners", "corrections", "recalls"):
        yield ("whole", "", name), (told[name], "")
    for name, value in told["totals"].items():
        yield ("totals", "", name), (value, "")
    for name in ("bulletins", "partners"):
        yield ("before", "", name), (told["before"][name], "")
    for name, value in told["before"]["totals"].items():
        yield ("before", "", name), (value, "")
    for number, one in enumerate(told["targets"]):
        key = f"{number}:{one['metric']}:{one['topic'] or ''}"
        for name in ("quota", "actual"):
            yield ("targets", key, name), (one[name], one["metric"])
    for by, lines in told["rows"].items():
        for one in lines:
            for name in FIGURES:
                yield (f"rows.{by}", one["key"], name), (one[name], one["name"])
    for way, value in told["attribution"].items():
        yield ("attribution", way, "count"), (value, way)
    for one in told["removals"]:
        for name in _REMOVED:
            yield ("removals", one["key"], name), (one[name], one["name"])
    for one in told["findings"]:
        for name in _FOUND:
            yield ("findings", one["code"], name), (one[name], one["name"])
