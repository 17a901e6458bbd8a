"""Frozen figures as canonical JSON, which is hashed, stored, parsed, and compared figure by figure."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from campaigns.core.clock import Period, parse_period
from campaigns.planning import campaign_snapshots
from campaigns.planning.campaigns import Metric
from campaigns.planning.forecasting import Forecast
from campaigns.planning.target_progress import MilestoneProgress, MilestoneStatus, TargetProgress, TargetStatus
from campaigns.reporting.briefings import management_figures
from campaigns.reporting.briefings.figures import (
    ROW_FIGURES,
    BriefingFigures,
    FindingRow,
    FindingsTotals,
    PreviousPeriod,
)
from campaigns.reporting.history.reported import NOTHING_REPORTED, ReportedFigures
from campaigns.reporting.removals import PartnerRemovals, RecallFigures
from campaigns.reporting.table_reports.social_totals import SocialRow, SocialTotals
from campaigns.reporting.tallies import AttributionShare, TallyRow
from campaigns.republications.attribution.verdicts import Attribution

BRIEFING_GROUPS = ("month", "topic", "partner", "site", "channel", "day")
REPORTED_FIGURES = ("bulletins", "republications", "partners", "views")
_REMOVED = ("removed", "median", "longest", "still_up")
_FOUND = ("proposed", "confirmed", "dismissed")


def figures_to_json(figures: BriefingFigures) -> dict[str, Any]:
    """Return the figures as JSON values."""
    return {
        "as_of": figures.as_of.isoformat(),
        "entry": figures.entry,
        "rule_version": figures.rule_version,
        "campaign": campaign_snapshots.to_json(figures.outline) if figures.outline else None,
        "period": _period(figures.period),
        "bulletins": figures.bulletins,
        "partners": figures.partners,
        "totals": _counts(figures.totals),
        "before": {
            "period": _period(figures.before.period),
            "bulletins": figures.before.bulletins,
            "partners": figures.before.partners,
            "totals": _counts(figures.before.totals),
            **_reported_values(figures.before.reported),
        },
        **_reported_values(figures.reported),
        "targets": [_target_values(progress) for progress in figures.targets],
        "rows": {
            by: [{"key": row.key, "name": row.name, **_counts(row)} for row in getattr(figures, f"by_{by}")]
            for by in BRIEFING_GROUPS
        },
        "attribution": {
            share.attribution.value: share.count
            for share in figures.shares
            if share.count or share.attribution is not Attribution.NOT_SEEN
        },
        "corrections": figures.recalled.corrections,
        "recalls": figures.recalled.recalls,
        "removals": [
            {"key": removals.code, "name": removals.name, **{name: getattr(removals, name) for name in _REMOVED}}
            for removals in figures.recalled.partners
        ],
        "findings": [asdict(row) for row in figures.findings.lines],
        "social": asdict(figures.social),
        **management_figures.to_json(figures.management),
    }


def figures_from_json(kept: Mapping[str, Any]) -> BriefingFigures:
    """Return the figures from the values of ``figures_to_json``."""
    before = kept["before"]
    rows = {
        f"by_{by}": tuple(_row_from(item)._replace(key=item["key"], name=item["name"]) for item in kept["rows"][by])
        for by in BRIEFING_GROUPS
    }
    return BriefingFigures(
        as_of=datetime.fromisoformat(kept["as_of"]),
        entry=kept["entry"],
        rule_version=kept["rule_version"],
        outline=campaign_snapshots.from_json(kept["campaign"]) if kept["campaign"] else None,
        period=parse_period(kept["period"]["label"]),
        before=PreviousPeriod(
            parse_period(before["period"]["label"]),
            before["bulletins"],
            before["partners"],
            _row_from(before["totals"]),
            _reported_from(before),
        ),
        targets=tuple(_target_from(item) for item in kept["targets"]),
        totals=_row_from(kept["totals"]),
        bulletins=kept["bulletins"],
        partners=kept["partners"],
        shares=tuple(AttributionShare(way, kept["attribution"].get(way.value, 0)) for way in Attribution),
        recalled=RecallFigures(
            kept["corrections"],
            kept["recalls"],
            tuple(
                PartnerRemovals(item["key"], item["name"], "", *(item[name] for name in _REMOVED))
                for item in kept["removals"]
            ),
        ),
        findings=FindingsTotals(tuple(FindingRow(**item) for item in kept["findings"])),
        social=SocialTotals(
            kept["social"]["confirmed"],
            tuple(SocialRow(**item) for item in kept["social"]["networks"]),
            tuple(SocialRow(**item) for item in kept["social"]["companies"]),
        ),
        management=management_figures.from_json(kept),
        reported=_reported_from(kept),
        **rows,
    )


def canonical_text(figures: BriefingFigures) -> str:
    """Return the canonical text: no spaces, keys in the order of the figures."""
    return json.dumps(figures_to_json(figures), ensure_ascii=False, separators=(",", ":"))


def text_hash(text: str) -> str:
    """Return the SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _period(period: Period) -> dict[str, str]:
    return {"label": period.label, "from": period.first.isoformat(), "to": period.last.isoformat()}


def _reported_values(reported: ReportedFigures) -> dict[str, Any]:
    """What was reported before, left out where nothing was."""
    return {"reported": asdict(reported)} if reported else {}


def _reported_from(kept: Mapping[str, Any]) -> ReportedFigures:
    return ReportedFigures(**kept["reported"]) if "reported" in kept else NOTHING_REPORTED


# Left out where it is 0, so that the text of figures without such copies is as it was before there was the figure.
_LATER_FIGURES = frozenset({"source_unseen", "pictures"})


def _counts(row: TallyRow) -> dict[str, int]:
    counts = {name: getattr(row, name) for name in ROW_FIGURES}
    return {name: count for name, count in counts.items() if count or name not in _LATER_FIGURES}


def _row_from(counts: Mapping[str, Any]) -> TallyRow:
    return TallyRow(
        "", "", *(counts[name] if name not in _LATER_FIGURES else counts.get(name, 0) for name in ROW_FIGURES)
    )


def _target_values(progress: TargetProgress) -> dict[str, Any]:
    # The path is only for the chart and derived from the figures by day.
    values = {
        name: value for name, value in asdict(replace(progress, path=(), milestones=())).items() if name != "path"
    }
    return {
        **values,
        "metric": progress.metric.value,
        "status": progress.status.value,
        "period": _period(progress.period),
        "milestones": [
            {**asdict(step), "due_on": step.due_on.isoformat(), "standing": step.standing.value}
            for step in progress.milestones
        ],
    }


def _target_from(kept: Mapping[str, Any]) -> TargetProgress:
    values = {
        **kept,
        "metric": Metric(kept["metric"]),
        "status": TargetStatus(kept["status"]),
        "forecast": Forecast(**kept["forecast"]),
        "period": parse_period(kept["period"]["label"]),
        "milestones": tuple(
            MilestoneProgress(
                date.fromisoformat(step["due_on"]), step["figure"], step["reached"], MilestoneStatus(step["standing"])
            )
            for step in kept["milestones"]
        ),
    }
    return TargetProgress(**values)


@dataclass(frozen=True)
class FigureChange:
    """One figure that differs. ``part``: its section (``totals``, ``rows.partner`` …); ``key`` and ``name``: its row;
    None before or after where there was no such row."""

    part: str
    key: str
    name: str
    figure: str
    before: float | None
    after: float | None


def changes_between(old: BriefingFigures, new: BriefingFigures) -> list[FigureChange]:
    """Return every figure that differs, in the order of the briefing. Names are not compared."""
    before, after = dict(_figures_by_place(figures_to_json(old))), dict(_figures_by_place(figures_to_json(new)))
    found = []
    for place in dict.fromkeys([*after, *before]):
        (was, is_), name = (before.get(place), after.get(place)), after.get(place) or before.get(place)
        if (was[0] if was else None) != (is_[0] if is_ else None):
            part, key, figure = place
            found.append(
                FigureChange(
                    part, key, name[1] if name else "", figure, was[0] if was else None, is_[0] if is_ else None
                )
            )
    return found


def _figures_by_place(values: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], tuple[float | None, str]]]:
    """Return every figure by section, row and figure, with the row's name."""
    for name in ("bulletins", "partners", "corrections", "recalls"):
        yield ("whole", "", name), (values[name], "")
    for name, value in values["totals"].items():
        yield ("totals", "", name), (value, "")
    for name in ("bulletins", "partners"):
        yield ("before", "", name), (values["before"][name], "")
    for name, value in values["before"]["totals"].items():
        yield ("before", "", name), (value, "")
    for part, side in (("reported", values), ("reported_before", values["before"])):
        for name in REPORTED_FIGURES if "reported" in side else ():
            yield (part, "", name), (side["reported"][name], "")
    for number, item in enumerate(values["targets"]):
        key = f"{number}:{item['metric']}:{item['topic'] or ''}"
        for name in ("quota", "actual"):
            yield ("targets", key, name), (item[name], item["metric"])
    for by, lines in values["rows"].items():
        for item in lines:
            for name in ROW_FIGURES:
                yield (f"rows.{by}", item["key"], name), (item.get(name, 0), item["name"])
    for way, value in values["attribution"].items():
        yield ("attribution", way, "count"), (value, way)
    for item in values["removals"]:
        for name in _REMOVED:
            yield ("removals", item["key"], name), (item[name], item["name"])
    yield ("social", "", "confirmed"), (values["social"]["confirmed"], "")
    for part in ("networks", "companies"):
        for item in values["social"][part]:
            yield (f"social.{part}", item["key"], "confirmed"), (item["confirmed"], item["name"])
    for item in values["findings"]:
        for name in _FOUND:
            yield ("findings", item["code"], name), (item[name], item["name"])
    yield from management_figures.figures_by_place(values)
