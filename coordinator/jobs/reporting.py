"""Report: a period's figures as tables, a spreadsheet, a briefing or JSON. Every number is the tallies' own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core.clock import CITY, Period
from campaigns.core.errors import FieldError, Invalid
from campaigns.planning.campaigns import Campaign
from campaigns.planning.outlines import outline_of
from campaigns.reporting import canonical, history, templates
from campaigns.reporting.briefing import Figures, figures
from campaigns.reporting.history import AsOf
from campaigns.reporting.signing import Letter, first_letter, letter_of
from campaigns.reporting.tallies import Row
from campaigns.reporting.templates import TemplateOf
from campaigns.reporting.versions import BriefingVersion, frozen_as_of
from coordinator.exports.csv import write_csv
from coordinator.exports.docx import write_docx
from coordinator.exports.format import vi_number
from coordinator.exports.pdf import write_pdf
from coordinator.exports.tables import Table
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs.briefing_document import (
    COUNTED,
    as_briefing,
    compared_sheet,
    days_sheet,
    findings_table,
    period_words,
    removals_table,
    rows_table,
    shares_table,
    signed_table,
    targets_table,
    title_of,
)

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class Report:
    """One file of a report."""

    name: str
    media_type: str
    body: bytes


def make(
    session: Session, campaign: Campaign | None, period: Period, form: str, *, as_of: datetime | None = None,
    now: datetime,
) -> Report:  # fmt: skip
    """Write a period's report. ``form`` is one of ``FORMATS``; ``as_of``: with the figures as they stood then, of a
    frozen version to the figure. Raises ``Invalid``, ``ExportError``."""
    _known(form)
    told, version = figures_as_of(session, campaign, period, as_of, now=now)
    letter = (
        version.words if version else letter_of(session, campaign, period) or first_letter(session, campaign, period)
    )
    return written(told, letter, form, campaign.code if campaign else "", own_template(session))


def figures_as_of(
    session: Session, campaign: Campaign | None, period: Period, as_of: datetime | None, *, now: datetime
) -> tuple[Figures, BriefingVersion | None]:
    """A period's figures as they stand, or as they stood; with the version that was frozen at that very moment, whose
    campaign and entry of the history are then those used. Raises ``Invalid`` for a moment that nothing is known of."""
    outline = outline_of(campaign) if campaign else None
    if as_of is None:
        return figures(session, outline, period, now=now), None
    version = frozen_as_of(session, campaign, period, as_of)
    if version is not None:
        at = AsOf(version.as_of, version.entry)
        return figures(session, version.told.outline, period, as_of=at, now=now), version
    history.require(session, as_of, now=now)
    return figures(session, outline, period, as_of=AsOf(as_of), now=now), None


def of_version(session: Session, version: BriefingVersion, form: str) -> Report:
    """A frozen version's file: from the figures as they were frozen, whatever the rows say by now."""
    _known(form)
    told = version.told
    code = told.outline.code if told.outline else ""
    return written(told, version.words, form, code, own_template(session), version=version.number)


def own_template(session: Session) -> bytes | None:
    """The office's own Word template; None while the shipped one is used."""
    row = templates.in_use(session, TemplateOf.BRIEFING)
    return row.body if row is not None else None


def _known(form: str) -> None:
    if form not in FORMATS:
        raise Invalid([FieldError("format", "format", f"{form!r} is none of {', '.join(FORMATS)}")])


def written(
    told: Figures, letter: Letter, form: str, code: str, template: bytes | None, *, version: int | None = None
) -> Report:
    """The file of some figures and words. The same arguments give the same bytes."""
    writers: dict[str, Callable[[], bytes]] = {
        "csv": lambda: write_csv(rows_table("Theo đối tác", "partner", told.by_partner)),
        "json": lambda: json.dumps(as_json(told, letter), ensure_ascii=False, indent=2).encode(),
        "xlsx": lambda: write_xlsx(title_of(told), tables_of(told), facts=_facts(told, letter), made_at=told.as_of),
        "docx": lambda: write_docx(as_briefing(told, letter), template=template),
        "pdf": lambda: write_pdf(as_briefing(told, letter)),
    }
    parts = ["bao-cao", code, told.period.label.replace("..", "_"), f"ban-{version}" if version else ""]
    return Report(f"{'-'.join(part for part in parts if part)}.{form}", FORMATS[form], writers[form]())


def tables_of(told: Figures) -> list[Table]:
    """Every table of a report, as the spreadsheet has them: with our codes."""
    return [
        compared_sheet(told),
        targets_table(told),
        signed_table("Theo tháng", "month", told.by_month, told.totals),
        rows_table("Theo đối tác", "partner", told.by_partner, told.totals),
        rows_table("Theo trang", "site", told.by_site),
        rows_table("Theo chuyên đề", "topic", told.by_topic),
        rows_table("Theo kênh", "channel", told.by_channel),
        days_sheet(told),
        shares_table(told),
        removals_table(told),
        findings_table(told),
    ]


def _facts(told: Figures, letter: Letter) -> list[tuple[str, str]]:
    return [
        ("Cơ quan", letter.office),
        ("Kế hoạch", told.plan_number or "–"),
        ("Kỳ", period_words(told.period)),
        ("Số liệu lúc", told.as_of.astimezone(CITY).strftime("%H:%M %d/%m/%Y")),
        ("Luật đếm", told.rule_version),
        ("Bản tin đã phát hành", vi_number(told.bulletins)),
        ("Lượt lan tỏa đã xác nhận", vi_number(told.totals.confirmed)),
    ]


def as_json(told: Figures, letter: Letter) -> dict[str, Any]:
    """The figures for programs, with the names of the API's progress."""
    whole = canonical.to_json(told)
    before = whole["before"]
    return {
        "as_of": told.as_of.astimezone(CITY).isoformat(timespec="seconds"),
        "rule_version": told.rule_version,
        "office": letter.office,
        "plan_number": told.plan_number or None,
        "period": whole["period"],
        "bulletins": told.bulletins,
        "partners": told.partners,
        "totals": _counts(told.totals),
        "before": {**before, "totals": _counts(told.before.totals)},
        "targets": [
            {
                "metric": one.metric.value,
                "topic": one.topic,
                "quota": one.quota,
                "actual": one.actual,
                "forecast": round(one.forecast.value, 2),
                "status": one.status.value,
            }
            for one in told.targets
        ],
        "rows": {
            by: [{"key": row.key, "name": row.name, **_counts(row)} for row in getattr(told, f"by_{by}")]
            for by in canonical.GROUPS
        },
        **{name: whole[name] for name in ("attribution", "corrections", "recalls", "removals", "findings")},
    }


def _counts(row: Row) -> dict[str, int]:
    return {column.key: getattr(row, column.key) for column in COUNTED}
