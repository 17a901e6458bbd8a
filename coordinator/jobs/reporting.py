"""Report: a period's figures as tables, a spreadsheet, a briefing or JSON. Every number is the tallies' own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core.clock import CITY, Period, city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.planning.campaigns import Campaign, Metric
from campaigns.planning.progress import TargetProgress, cumulative, day_list
from campaigns.reporting import tallies
from campaigns.reporting.briefing import Figures, figures
from campaigns.reporting.tallies import Row, Scope
from campaigns.tracking.attribution import Attribution
from coordinator.exports.charts import Course, Expected, line_chart
from coordinator.exports.csv import write_csv
from coordinator.exports.document import Briefing, Section, Signature
from coordinator.exports.docx import write_docx
from coordinator.exports.format import vi_date, vi_number, vi_percent
from coordinator.exports.pdf import write_pdf
from coordinator.exports.tables import Column, Table
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs.naming import ATTRIBUTION_VI, METRIC_VI, STANDING_VI

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
GROUP_VI = {"partner": "Đối tác", "site": "Trang", "topic": "Chuyên đề", "channel": "Kênh", "day": "Ngày"}

COUNTED = (
    Column("delivered", "Đã tới", "number"),
    Column("found", "Đã thấy", "number"),
    Column("confirmed", "Đã xác nhận", "number"),
    Column("review", "Chờ xem xét", "number"),
    Column("rejected", "Đã loại", "number"),
    Column("gone", "Đã gỡ", "number"),
    Column("attributed", "Dẫn nguồn đủ", "number"),
)


@dataclass(frozen=True)
class Report:
    """One file of a report."""

    name: str
    media_type: str
    body: bytes


def rows_table(title: str, by: str, rows: Sequence[Row], total: Row | None = None) -> Table:
    """Lines of progress as a table that any writer takes."""
    columns = (Column("key", "Mã"), Column("name", GROUP_VI[by]), *COUNTED)
    lines = [tuple(getattr(row, column.key) for column in columns) for row in rows]
    footer = ("", "Tổng", *(getattr(total, column.key) for column in COUNTED)) if total is not None else None
    return Table(title, columns, lines, footer=footer)


def signed_table(title: str, by: str, rows: Sequence[Row], total: Row | None = None) -> Table:
    """The same for a document that people sign: without our codes, days as a letter writes them."""
    columns = (Column("name", GROUP_VI[by]), *COUNTED)
    named = [replace(row, name=vi_date(date.fromisoformat(row.key))) for row in rows] if by == "day" else rows
    lines = [tuple(getattr(row, column.key) for column in columns) for row in named]
    footer = ("Tổng", *(getattr(total, column.key) for column in COUNTED)) if total is not None else None
    return Table(title, columns, lines, footer=footer)


def targets_table(targets: Sequence[TargetProgress]) -> Table:
    """Targets and how they stand."""
    columns = (
        Column("metric", "Chỉ tiêu"),
        Column("topic", "Chuyên đề"),
        Column("quota", "Giao", "number"),
        Column("actual", "Đã đạt", "number"),
        Column("forecast", "Dự báo cuối kỳ", "number"),
        Column("status", "Nhận định"),
    )
    lines = [
        (
            METRIC_VI[one.metric],
            one.topic or "tất cả",
            one.quota,
            one.actual,
            round(one.forecast.value, 1),
            STANDING_VI[one.status],
        )
        for one in targets
    ]
    return Table("Chỉ tiêu", columns, lines)


def course_chart(
    session: Session, campaign: Campaign | None, period: Period, target: TargetProgress | None, now: datetime
) -> str:
    """The course of confirmed republications through a period, with target and forecast, as SVG."""
    today = city_day(now)
    scope = Scope(period, campaign.id if campaign else None)
    days = day_list(period, today)
    totals = cumulative(tallies.daily(session, scope, Metric.REPUBLICATIONS, days))
    expected: tuple[Expected, ...] = ()
    if target is not None and today < period.last:
        expected = (Expected(period.last, target.forecast.value, target.forecast.low, target.forecast.high),)
    reached = totals[-1] if totals else 0
    course = Course(
        key="course",
        title="Lượt lan tỏa đã xác nhận",
        description=f"Từ {vi_date(period.first)} đến {vi_date(period.last)}: {vi_number(reached)} lượt.",
        first=period.first,
        last=period.last,
        actual=list(zip(days, map(float, totals), strict=True)),
        today=today,
        target=target.quota if target is not None else None,
        forecast=expected,
        unit="đã xác nhận",
    )
    return str(line_chart(course, with_key=True))


def headline(targets: Sequence[TargetProgress]) -> TargetProgress | None:
    """The target that stands for the whole campaign: republications over every topic, else the first of its kind."""
    wanted = [one for one in targets if one.metric is Metric.REPUBLICATIONS]
    return next((one for one in wanted if one.topic is None), wanted[0] if wanted else None)


def make(session: Session, campaign: Campaign | None, period: Period, form: str, *, now: datetime) -> Report:
    """Write a period's report. ``form`` is one of ``FORMATS``. Raises ``Invalid``, ``ExportError``."""
    if form not in FORMATS:
        raise Invalid([FieldError("format", "format", f"{form!r} is none of {', '.join(FORMATS)}")])
    told = figures(session, campaign, period, now=now)
    match form:
        case "csv":
            body = write_csv(rows_table("Theo đối tác", "partner", told.by_partner))
        case "json":
            body = json.dumps(as_json(told), ensure_ascii=False, indent=2).encode()
        case "xlsx":
            body = write_xlsx(_title(told), _tables(told), facts=_facts(told), made_at=now)
        case _:
            chart = course_chart(session, campaign, period, headline(told.targets), now)
            briefing = as_briefing(told, chart)
            body = write_docx(briefing) if form == "docx" else write_pdf(briefing)
    name = f"bao-cao-{campaign.code + '-' if campaign else ''}{period.label.replace('..', '_')}.{form}"
    return Report(name, FORMATS[form], body)


def _title(told: Figures) -> str:
    return f"Kết quả lan tỏa bản tin {period_words(told.period)}"


def period_words(period: Period) -> str:
    """A period as a Vietnamese sentence has it."""
    label = period.label
    if "-Q" in label:
        year, quarter = label.split("-Q")
        return f"quý {['I', 'II', 'III', 'IV'][int(quarter) - 1]} năm {year}"
    if len(label) == 7 and label[4] == "-":
        return f"tháng {int(label[5:])} năm {label[:4]}"
    if len(label) == 4:
        return f"năm {label}"
    return f"từ {vi_date(period.first)} đến {vi_date(period.last)}"


def _tables(told: Figures) -> list[Table]:
    return [
        targets_table(told.targets),
        rows_table("Theo đối tác", "partner", told.by_partner, told.totals),
        rows_table("Theo trang", "site", told.by_site),
        rows_table("Theo chuyên đề", "topic", told.by_topic),
        rows_table("Theo kênh", "channel", told.by_channel),
        rows_table("Theo ngày", "day", told.by_day),
        _shares_table(told),
    ]


def _shares_table(told: Figures) -> Table:
    whole = sum(one.count for one in told.shares)
    columns = (
        Column("way", "Cách dẫn nguồn"),
        Column("count", "Số lượt", "number"),
        Column("share", "Tỷ lệ", "percent"),
    )
    rows = [(ATTRIBUTION_VI[one.attribution], one.count, one.count / whole if whole else 0.0) for one in told.shares]
    return Table("Dẫn nguồn", columns, rows)


def _facts(told: Figures) -> list[tuple[str, str]]:
    return [
        ("Cơ quan", told.office),
        ("Kế hoạch", told.plan_number or "–"),
        ("Kỳ", period_words(told.period)),
        ("Số liệu lúc", told.as_of.astimezone(CITY).strftime("%H:%M %d/%m/%Y")),
        ("Luật đếm", told.rule_version),
        ("Bản tin đã phát hành", vi_number(told.bulletins)),
        ("Lượt lan tỏa đã xác nhận", vi_number(told.totals.confirmed)),
    ]


def as_json(told: Figures) -> dict[str, Any]:
    """The figures for programs, with the names of the API's progress."""
    rows = {
        "partner": told.by_partner,
        "site": told.by_site,
        "topic": told.by_topic,
        "channel": told.by_channel,
        "day": told.by_day,
    }
    return {
        "as_of": told.as_of.astimezone(CITY).isoformat(timespec="seconds"),
        "rule_version": told.rule_version,
        "office": told.office,
        "plan_number": told.plan_number or None,
        "period": {
            "label": told.period.label,
            "from": told.period.first.isoformat(),
            "to": told.period.last.isoformat(),
        },
        "bulletins": told.bulletins,
        "totals": _counts(told.totals),
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
            by: [{"key": row.key, "name": row.name, **_counts(row)} for row in lines] for by, lines in rows.items()
        },
        "attribution": {one.attribution.value: one.count for one in told.shares},
    }


def _counts(row: Row) -> dict[str, int]:
    return {column.key: getattr(row, column.key) for column in COUNTED}


def as_briefing(told: Figures, chart: str | None) -> Briefing:
    """The figures in the administrative form, for an officer to finish and sign."""
    total = told.totals
    named = sum(one.count for one in told.shares if one.attribution is Attribution.LINKED_AT_END)
    rate = vi_percent(named / total.confirmed) if total.confirmed else "chưa có"
    paragraphs = (
        f"Trong kỳ, {told.office} phát hành {vi_number(told.bulletins)} bản tin. Các trang đối tác đăng lại "
        f"{vi_number(total.confirmed)} lượt đã được xác nhận; {vi_number(total.review)} lượt đang chờ xem xét.",
        f"Tỷ lệ nêu nguồn và dẫn đường dẫn ở cuối bài: {rate}. "
        f"Số lượt đã xác nhận nhưng hiện đã gỡ: {vi_number(total.gone)}.",
    )
    active = [row for row in told.by_partner if row.found or row.delivered]
    sections = [
        Section("Kết quả chung", paragraphs, (), (targets_table(told.targets),) if told.targets else (), chart),
        Section(
            "Theo chuyên đề và kênh",
            (),
            tables=(
                signed_table("Theo chuyên đề", "topic", told.by_topic),
                signed_table("Theo kênh", "channel", told.by_channel),
            ),
        ),
        Section("Dẫn nguồn", (), tables=(_shares_table(told),)),
    ]
    return Briefing(
        parent_agency=told.parent,
        agency=told.office,
        place=told.place or "Thành phố",
        title="BÁO CÁO",
        abstract=_title(told),
        period=period_words(told.period),
        as_of=told.as_of,
        rule_version=told.rule_version,
        sections=tuple(sections),
        signature=Signature("GIÁM ĐỐC"),
        recipients=("Như trên", "Lưu: VT") if told.parent else ("Lưu: VT",),
        addressed_to=(told.parent,) if told.parent else (),
        basis=(f"Căn cứ Kế hoạch số {told.plan_number}",) if told.plan_number else (),
        annexes=(
            Section("Theo đối tác", (), tables=(signed_table("Theo đối tác", "partner", active, total),)),
            Section("Theo ngày", (), tables=(signed_table("Theo ngày", "day", told.by_day),)),
        ),
    )
