"""A briefing as a file: Word, PDF, a spreadsheet of its tables, one table as CSV, or JSON. Every figure is from the
tallies."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core.clock import CITY, Period
from campaigns.core.errors import FieldError, Invalid
from campaigns.planning.campaign_snapshots import snapshot_campaign
from campaigns.planning.campaigns import Campaign
from campaigns.reporting import word_templates
from campaigns.reporting.briefings import canonical_text, management_figures
from campaigns.reporting.briefings.briefing_text import BriefingText, initial_text, text_of
from campaigns.reporting.briefings.figures import BriefingFigures, collect_figures
from campaigns.reporting.briefings.versions import BriefingVersion, frozen_as_of
from campaigns.reporting.rollups import tally_history
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.reporting.tallies import PARTIAL_FROM, TallyRow
from campaigns.reporting.word_templates import TemplateKind
from coordinator.exports.csv import write_csv
from coordinator.exports.documents.briefing_files import write_docx, write_pdf
from coordinator.exports.documents.layout import ONE_PAGE
from coordinator.exports.format import vi_number, vi_percent
from coordinator.exports.tables import Table
from coordinator.exports.xlsx import SheetChart, write_xlsx
from coordinator.jobs.reporting.briefings import figure_tables
from coordinator.jobs.reporting.briefings.briefing_document import (
    briefing_letter,
    briefing_title,
    comparison_note,
    period_words,
    signed_table,
)
from coordinator.jobs.reporting.briefings.figure_tables import COUNTED, COUNTED_OF, rows_table
from coordinator.jobs.reporting.briefings.one_page import one_page_briefing
from coordinator.jobs.reporting.rendered_report import FORMATS, RenderedReport
from coordinator.translation import VIETNAMESE, speaking

# The tables that charts are drawn from.
COURSE, BY_TOPIC, BY_PARTNER = "Tiến trình", "Theo chuyên đề", "Theo đối tác"
ONE_PAGE_FORMATS = ("docx", "pdf")


def make_briefing_file(
    session: Session, campaign: Campaign | None, period: Period, form: str, *, as_of: datetime | None = None,
    one_page: bool = False, now: datetime,
) -> RenderedReport:  # fmt: skip
    """Return a period's report. ``form`` is one of ``FORMATS``; ``as_of``: with the figures of that time, which for a
    frozen version are exactly its own; ``one_page``: the summary for a head, as ``docx`` or ``pdf``. Raises
    ``Invalid``, ``ExportError``."""
    _check_format(form, one_page=one_page)
    figures, version = figures_as_of(session, campaign, period, as_of, now=now)
    letter = version.frozen_text if version else report_text(session, campaign, period)
    code = campaign.code if campaign else ""
    checkpoint = version.checkpoint if version else ""
    return report_file(figures, letter, form, code, own_template(session), checkpoint=checkpoint, one_page=one_page)


def report_text(session: Session, campaign: Campaign | None, period: Period) -> BriefingText:
    """Return the text of a report that is made at once: that of the briefing of these days, else the one that a new
    briefing begins with."""
    return text_of(session, campaign, period) or initial_text(session, campaign, period)


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


def version_file(session: Session, version: BriefingVersion, form: str, *, one_page: bool = False) -> RenderedReport:
    """Return the file of a frozen version, from its frozen figures."""
    _check_format(form, one_page=one_page)
    figures = version.frozen_figures
    code = figures.outline.code if figures.outline else ""
    template = own_template(session)
    return report_file(
        figures, version.frozen_text, form, code, template, version=version.number, checkpoint=version.checkpoint,
        one_page=one_page,
    )  # fmt: skip


def own_template(session: Session) -> bytes | None:
    """Return the office's Word template; None while the shipped one is used."""
    row = word_templates.current_template(session, TemplateKind.BRIEFING)
    return row.body if row is not None else None


def _check_format(form: str, *, one_page: bool) -> None:
    if form not in FORMATS:
        raise Invalid([FieldError("format", "format", f"{form!r} is none of {', '.join(FORMATS)}")])
    if one_page and form not in ONE_PAGE_FORMATS:
        expected = " or ".join(ONE_PAGE_FORMATS)
        raise Invalid([FieldError("format", "format", f"one page is written as {expected}, not as {form}")])


@speaking(VIETNAMESE)
def report_file(
    figures: BriefingFigures,
    letter: BriefingText,
    form: str,
    code: str,
    template: bytes | None,
    *,
    version: int | None = None,
    checkpoint: str = "",
    one_page: bool = False,
) -> RenderedReport:
    """Return the file of given figures and text; ``checkpoint``: of the journal, of a frozen version. The same
    arguments give the same bytes."""
    if one_page:
        page = one_page_briefing(figures, letter)
        body = write_docx(page, ONE_PAGE) if form == "docx" else write_pdf(page, ONE_PAGE)
        return RenderedReport(_file_name(figures, code, version, form, "mot-trang"), FORMATS[form], body)
    writers: dict[str, Callable[[], bytes]] = {
        "csv": lambda: write_csv(rows_table("partner", figures.by_partner)),
        "json": lambda: json.dumps(as_json(figures, letter, checkpoint), ensure_ascii=False, indent=2).encode(),
        "xlsx": lambda: _workbook(figures, letter, checkpoint),
        "docx": lambda: write_docx(briefing_letter(figures, letter, checkpoint), template=template),
        "pdf": lambda: write_pdf(briefing_letter(figures, letter, checkpoint)),
    }
    return RenderedReport(_file_name(figures, code, version, form), FORMATS[form], writers[form]())


def _file_name(figures: BriefingFigures, code: str, version: int | None, form: str, kind: str = "") -> str:
    label = figures.period.label.replace("..", "_")
    parts = ["bao-cao", kind, code, label, f"ban-{version}" if version else ""]
    return f"{'-'.join(part for part in parts if part)}.{form}"


def _workbook(figures: BriefingFigures, letter: BriefingText, checkpoint: str) -> bytes:
    tables = report_tables(figures)
    facts = _facts(figures, letter)
    if checkpoint:
        facts.append(("Mốc kiểm tra nhật ký", checkpoint))
    return write_xlsx(
        briefing_title(figures), tables, facts=facts, made_at=figures.as_of,
        charts=report_charts(tables),
    )  # fmt: skip


def report_charts(tables: Sequence[Table]) -> list[SheetChart]:
    """Return the charts of a report's spreadsheet: the course of the period, by topic, by partner."""
    by_title = {table.title: table for table in tables}
    course = by_title[COURSE]
    return [
        SheetChart(
            "line", "Lượt lan tỏa đã xác nhận, cộng dồn", course, "day",
            tuple(column.key for column in course.columns[1:]),
        ),
        SheetChart("bar", "Lượt đã xác nhận theo chuyên đề", by_title[BY_TOPIC], "name", ("confirmed",)),
        SheetChart("bar", "Lượt đã xác nhận theo đối tác", by_title[BY_PARTNER], "name", ("confirmed",)),
    ]  # fmt: skip


def report_tables(figures: BriefingFigures) -> list[Table]:
    """Return every table of a report for the spreadsheet, with codes."""
    return [
        replace(figure_tables.comparison_sheet(figures), note=comparison_note(figures)),
        *([_targets(figures)] if figures.targets else []),
        figure_tables.course_sheet(figures),
        signed_table("month", figures.by_month, total=figures.totals),
        rows_table("partner", figures.by_partner, figures.totals),
        *(rows_table(by, getattr(figures, f"by_{by}")) for by in ("site", "topic", "channel")),
        figure_tables.days_sheet(figures),
        figure_tables.occurring_shares(figures),
        figure_tables.removals(figures).for_file(),
        replace(figure_tables.findings(figures).for_file(), note=""),
        figure_tables.register(figures).for_file(),
        figure_tables.cases(figures).for_file(),
        figure_tables.earlier_faults(figures.management.cases),
    ]


def _targets(figures: BriefingFigures) -> Table:
    return figure_tables.targets(figures).for_file("metric", "topic", "quota", "actual", "forecast", "status")


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
        *([("Trong đó đăng bằng ảnh, video", vi_number(figures.totals.pictures))] if figures.totals.pictures else []),
    ]


def as_json(figures: BriefingFigures, letter: BriefingText, checkpoint: str = "") -> dict[str, Any]:
    """Return the figures for programs, with the names of the API's progress; ``checkpoint``: of a frozen version."""
    whole = canonical_text.figures_to_json(figures)
    before = whole["before"]
    return {
        "as_of": figures.as_of.astimezone(CITY).isoformat(timespec="seconds"),
        "rule_version": figures.rule_version,
        "journal_checkpoint": checkpoint or None,
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
            by: [{"key": row.key, "name": row.name, **_counts(row, by)} for row in getattr(figures, f"by_{by}")]
            for by in canonical_text.BRIEFING_GROUPS
        },
        **{name: whole[name] for name in ("attribution", "corrections", "recalls", "removals", "findings", "cases")},
        **management_figures.to_json(figures.management),
    }


def _counts(row: TallyRow, by: str = "") -> dict[str, int | None]:
    """Return the figures of a row; None for those that a channel or a site cannot have."""
    own = {column.key for column in COUNTED_OF.get(by, COUNTED)}
    figures = {column.key: getattr(row, column.key) if column.key in own else None for column in COUNTED}
    return figures | {name: None if by == "channel" else getattr(row, name) for name in ("partial", "pictures")}
