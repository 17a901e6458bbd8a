"""The report of a period: its figures as tables, a spreadsheet, a briefing or JSON. Every figure is from the
tallies."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core.clock import CITY, Period
from campaigns.core.errors import FieldError, Invalid
from campaigns.planning.campaign_snapshots import snapshot_campaign
from campaigns.planning.campaigns import Campaign
from campaigns.reporting import word_templates
from campaigns.reporting.briefings import canonical_text
from campaigns.reporting.briefings.briefing_text import BriefingText, initial_text, text_of
from campaigns.reporting.briefings.figures import BriefingFigures, collect_figures
from campaigns.reporting.briefings.versions import BriefingVersion, frozen_as_of
from campaigns.reporting.rollups import tally_history
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.reporting.tallies import PARTIAL_FROM, TallyRow
from campaigns.reporting.word_templates import TemplateKind
from coordinator.exports.csv import write_csv
from coordinator.exports.documents.briefing_files import write_docx, write_pdf
from coordinator.exports.format import vi_number, vi_percent
from coordinator.exports.tables import Table
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs.reporting.briefing_document import (
    COUNTED,
    briefing_letter,
    briefing_title,
    comparison_sheet,
    days_sheet,
    findings_table,
    period_words,
    removals_table,
    rows_table,
    shares_table,
    signed_table,
    targets_table,
)

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class RenderedReport:
    """One file of a report."""

    name: str
    media_type: str
    body: bytes


def make_report(
    session: Session, campaign: Campaign | None, period: Period, form: str, *, as_of: datetime | None = None,
    now: datetime,
) -> RenderedReport:  # fmt: skip
    """Return a period's report. ``form`` is one of ``FORMATS``; ``as_of``: with the figures of that time, which for a
    frozen version are exactly its own. Raises ``Invalid``, ``ExportError``."""
    _check_format(form)
    figures, version = figures_as_of(session, campaign, period, as_of, now=now)
    letter = (
        version.frozen_text
        if version
        else text_of(session, campaign, period) or initial_text(session, campaign, period)
    )
    return report_file(figures, letter, form, campaign.code if campaign else "", own_template(session))


def figures_as_of(
    session: Session, campaign: Campaign | None, period: Period, as_of: datetime | None, *, now: datetime
) -> tuple[BriefingFigures, BriefingVersion | None]:
    """Return a period's present or earlier figures; with the version that was frozen at exactly that time, whose
    campaign and entry of the history are used then. Raises ``Invalid`` for a time before the history."""
    outline = snapshot_campaign(campaign) if campaign else None
    if as_of is None:
        return collect_figures(session, outline, period, now=now), None
    version = frozen_as_of(session, campaign, period, as_of)
    if version is not None:
        at = AsOf(version.as_of, version.entry)
        return collect_figures(session, version.frozen_figures.outline, period, as_of=at, now=now), version
    tally_history.require_as_of(session, as_of, now=now)
    return collect_figures(session, outline, period, as_of=AsOf(as_of), now=now), None


def version_report(session: Session, version: BriefingVersion, form: str) -> RenderedReport:
    """Return the file of a frozen version, from its frozen figures."""
    _check_format(form)
    figures = version.frozen_figures
    code = figures.outline.code if figures.outline else ""
    return report_file(figures, version.frozen_text, form, code, own_template(session), version=version.number)


def own_template(session: Session) -> bytes | None:
    """Return the office's Word template; None while the shipped one is used."""
    row = word_templates.current_template(session, TemplateKind.BRIEFING)
    return row.body if row is not None else None


def _check_format(form: str) -> None:
    if form not in FORMATS:
        raise Invalid([FieldError("format", "format", f"{form!r} is none of {', '.join(FORMATS)}")])


def report_file(
    figures: BriefingFigures,
    letter: BriefingText,
    form: str,
    code: str,
    template: bytes | None,
    *,
    version: int | None = None,
) -> RenderedReport:
    """Return the file of given figures and text. The same arguments give the same bytes."""
    writers: dict[str, Callable[[], bytes]] = {
        "csv": lambda: write_csv(rows_table("Theo đối tác", "partner", figures.by_partner)),
        "json": lambda: json.dumps(as_json(figures, letter), ensure_ascii=False, indent=2).encode(),
        "xlsx": lambda: write_xlsx(
            briefing_title(figures), report_tables(figures), facts=_facts(figures, letter), made_at=figures.as_of
        ),
        "docx": lambda: write_docx(briefing_letter(figures, letter), template=template),
        "pdf": lambda: write_pdf(briefing_letter(figures, letter)),
    }
    parts = ["bao-cao", code, figures.period.label.replace("..", "_"), f"ban-{version}" if version else ""]
    return RenderedReport(f"{'-'.join(part for part in parts if part)}.{form}", FORMATS[form], writers[form]())


def report_tables(figures: BriefingFigures) -> list[Table]:
    """Return every table of a report for the spreadsheet, with codes."""
    return [
        comparison_sheet(figures),
        targets_table(figures),
        signed_table("Theo tháng", "month", figures.by_month, figures.totals),
        rows_table("Theo đối tác", "partner", figures.by_partner, figures.totals),
        rows_table("Theo trang", "site", figures.by_site),
        rows_table("Theo chuyên đề", "topic", figures.by_topic),
        rows_table("Theo kênh", "channel", figures.by_channel),
        days_sheet(figures),
        shares_table(figures),
        removals_table(figures),
        findings_table(figures),
    ]


def _facts(figures: BriefingFigures, letter: BriefingText) -> list[tuple[str, str]]:
    return [
        ("Cơ quan", letter.office),
        ("Kế hoạch", figures.plan_number or "–"),
        ("Kỳ", period_words(figures.period)),
        ("Số liệu lúc", figures.as_of.astimezone(CITY).strftime("%H:%M %d/%m/%Y")),
        ("Quy tắc tính, phiên bản", figures.rule_version),
        ("Bản tin đã phát hành", vi_number(figures.bulletins)),
        ("Lượt lan tỏa đã xác nhận", vi_number(figures.totals.confirmed)),
        (f"Trong đó đăng một phần, từ {vi_percent(PARTIAL_FROM, 0)} nội dung", vi_number(figures.totals.partial)),
    ]


def as_json(figures: BriefingFigures, letter: BriefingText) -> dict[str, Any]:
    """Return the figures for programs, with the names of the API's progress."""
    whole = canonical_text.figures_to_json(figures)
    before = whole["before"]
    return {
        "as_of": figures.as_of.astimezone(CITY).isoformat(timespec="seconds"),
        "rule_version": figures.rule_version,
        "office": letter.office,
        "plan_number": figures.plan_number or None,
        "period": whole["period"],
        "bulletins": figures.bulletins,
        "partners": figures.partners,
        "totals": _counts(figures.totals),
        "before": {**before, "totals": _counts(figures.before.totals)},
        "targets": [
            {
                "metric": progress.metric.value,
                "topic": progress.topic,
                "quota": progress.quota,
                "actual": progress.actual,
                "forecast": round(progress.forecast.value, 2),
                "status": progress.status.value,
            }
            for progress in figures.targets
        ],
        "rows": {
            by: [{"key": row.key, "name": row.name, **_counts(row)} for row in getattr(figures, f"by_{by}")]
            for by in canonical_text.BRIEFING_GROUPS
        },
        **{name: whole[name] for name in ("attribution", "corrections", "recalls", "removals", "findings")},
    }


def _counts(row: TallyRow) -> dict[str, int]:
    return {column.key: getattr(row, column.key) for column in COUNTED} | {"partial": row.partial}
