"""The results of a plan as a report: targets, partners, weeks."""

from datetime import date, timedelta

from campaigns.planning.campaigns import Metric
from campaigns.planning.progress import TargetProgress, TargetStatus
from campaigns.reporting.reports.plan_report import PlanReport
from campaigns.reporting.tallies import TallyRow
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.exports.charts.render import NARROW, WIDE, Bar, StackedBars, stacked_bars
from coordinator.exports.format import vi_day
from coordinator.exports.reports.context import ReportContext, unseen_note
from coordinator.exports.reports.report import (
    LinkedTable,
    Report,
    ReportChart,
    ReportFigure,
    ReportSection,
    linked_table,
    table_columns,
)
from coordinator.exports.tables import Table
from coordinator.translation import _

MAX_PARTNERS = 100  # rows of the table; the page of progress has all partners


def plan_report(report: PlanReport, context: ReportContext) -> Report:
    """Return the report of one plan; its main table is the targets."""
    words = (
        _("Kế hoạch đã kết thúc; đây là kết quả.") if report.over else _("Kế hoạch còn chạy; đây là số tới lúc lập.")
    )
    parts = (
        ReportSection(
            _("Kết quả chung"), (words,), _figures(report, context), tables=(_targets_table(report, context),)
        ),
        ReportSection(_("Theo tuần"), drawings=(_weeks_chart(report, context),)),
        ReportSection(
            _("Theo chuyên đề"), tables=(_tally_table(report, context, report.topics, "topic", _("Chuyên đề")),)
        ),
        _partners_section(report, context),
        _shares_section(report, context),
        _widest_reach_section(report),
    )
    return context.report(_("Kết quả kế hoạch %(number)s", number=report.number), report.period, parts)


def _figures(report: PlanReport, context: ReportContext) -> tuple[ReportFigure, ...]:
    total, period = report.totals, report.period
    share = total.attributed_share
    return (
        ReportFigure(_("Bản tin phát hành"), report.bulletins, href=context.bulletins(period, campaign=report.code)),
        ReportFigure(_("Lượt phát đã tới"), total.delivered, href=context.arrivals(period, campaign=report.code)),
        ReportFigure(
            _("Bài đã xác nhận"), total.confirmed, href=context.copies(period, campaign=report.code, status="confirmed")
        ),
        ReportFigure(
            _("Chờ xem xét"), total.review, href=context.copies(period, campaign=report.code, status="review")
        ),
        ReportFigure(
            _("Đã gỡ, vẫn tính"),
            total.gone,
            href=context.copies(period, campaign=report.code, status="confirmed", life="gone"),
        ),
        ReportFigure(
            _("Không đọc được bằng cách này"),
            total.unreadable,
            href=context.copies(period, campaign=report.code, figure="unreadable"),
        ),
        ReportFigure(
            _("Tỷ lệ dẫn nguồn đủ"),
            share,
            "percent",
            parts=(
                (
                    total.attributed,
                    context.copies(period, campaign=report.code, status="confirmed", attribution="linked_at_end"),
                ),
                (total.source_seen, context.copies(period, campaign=report.code, figure="source_seen")),
            ),
            note=unseen_note(total.source_unseen, context),
        ),
        ReportFigure(
            _("Đối tác có bài"),
            sum(bool(row.confirmed) for row in report.partners),
            href=context.partners(period, campaign=report.code),
        ),
        ReportFigure(
            _("Đối tác chưa có bài"),
            report.silent,
            note=_("đối tác đang hoạt động không có trong bảng theo đối tác"),
        ),
    )


def _targets_table(report: PlanReport, context: ReportContext) -> LinkedTable:
    metrics = {
        Metric.BULLETINS: _("Bản tin phát hành"), Metric.REPUBLICATIONS: _("Bài đã xác nhận"),
        Metric.PARTNERS: _("Đối tác có bài"), Metric.ATTRIBUTION_RATE: _("Tỷ lệ dẫn nguồn đủ, phần trăm"),
        Metric.VIEWS: _("Lượt xem đã lọc"),
    }  # fmt: skip
    states = {
        TargetStatus.MET: _("đạt"), TargetStatus.ON_COURSE: _("đúng tiến độ"),
        TargetStatus.BEHIND: _("không đạt") if report.over else _("chậm"),
    }  # fmt: skip
    rows = [
        (
            (
                metrics.get(progress.metric, progress.metric.value),
                progress.topic or _("tất cả"),
                progress.quota,
                progress.actual,
                progress.actual / progress.quota if progress.quota else None,
                states.get(progress.status, progress.status.value),
            ),
            {"actual": _actual_rows(report, context, progress)},
        )
        for progress in report.targets
    ]
    note = (
        _(
            "Số giao lấy từ kế hoạch. Tỷ lệ dẫn nguồn mở ra ở Kết quả chung. Lượt xem không có danh sách: không giữ "
            "thông tin người xem."
        )
        if rows
        else _("Kế hoạch này không có chỉ tiêu.")
    )
    return linked_table(
        _("Chỉ tiêu"),
        table_columns(
            ("metric", _("Chỉ tiêu")), ("topic", _("Chuyên đề")), ("quota", _("Giao"), "number"),
            ("actual", _("Đã đạt"), "number"), ("share", _("So với giao"), "percent"), ("status", _("Nhận định")),
        ),
        rows,
        note,
    )  # fmt: skip


def _actual_rows(report: PlanReport, context: ReportContext, target: TargetProgress) -> str:
    """Return the address of the rows behind what a target has reached; "" for what is no number of
    rows."""
    topic = target.topic or ""
    match target.metric:
        case Metric.BULLETINS:
            return context.bulletins(report.period, campaign=report.code, topic=topic)
        case Metric.PARTNERS:
            return context.partners(report.period, campaign=report.code, topic=topic)
        case Metric.ATTRIBUTION_RATE | Metric.MEDIAN_DELAY | Metric.VIEWS:
            return ""
    return context.copies(report.period, campaign=report.code, status="confirmed", topic=topic)


def _weeks_chart(report: PlanReport, context: ReportContext) -> ReportChart:
    topics = [(row.key, row.name) for row in report.topics]
    figure = StackedBars(
        key="weeks",
        title=_("Bài đã xác nhận theo tuần"),
        description=_("Mỗi cột một tuần, chia theo chuyên đề."),
        series=tuple(name for _code, name in topics),
        bars=[
            Bar(
                vi_day(counts.first, context.locale), tuple(float(counts.counts.get(code, 0)) for code, _name in topics)
            )
            for counts in report.weeks
        ],
        note=_("Nhãn là ngày Thứ Hai của tuần."),
    )
    given = table_columns(("first", _("Tuần từ"), "date"), *((code, name, "number") for code, name in topics))
    table = Table(
        figure.title,
        given,
        [(counts.first, *(counts.counts.get(code, 0) for code, _name in topics)) for counts in report.weeks],
    )

    def cell(first: date, topic: str) -> str:
        days = {"from": max(first, report.period.first), "to": min(first + timedelta(days=6), report.period.last)}
        asked = {name: day.isoformat() for name, day in days.items()}
        return context.rows({"status": "confirmed", "campaign": report.code, "topic": topic, **asked})

    hrefs = [{code: cell(counts.first, code) for code, _name in topics} for counts in report.weeks]
    return ReportChart(
        figure.title, stacked_bars(figure, WIDE, context.locale, with_key=True),
        stacked_bars(figure, NARROW, context.locale, with_key=True),
        stacked_bars(figure, WIDE, context.locale, with_key=True), table, hrefs,
    )  # fmt: skip


def _tally_table(
    report: PlanReport, context: ReportContext, these: tuple[TallyRow, ...], by: str, name: str, note: str = ""
) -> LinkedTable:
    rows = [
        (
            (row.name, row.delivered, row.confirmed, row.review, row.gone, row.attributed),
            {
                "confirmed": context.copies(report.period, campaign=report.code, status="confirmed", **{by: row.key}),
                "review": context.copies(report.period, campaign=report.code, status="review", **{by: row.key}),
                "delivered": context.arrivals(report.period, campaign=report.code, **{by: row.key}),
                "gone": context.copies(
                    report.period, campaign=report.code, status="confirmed", life="gone", **{by: row.key}
                ),
                "attributed": context.copies(
                    report.period,
                    campaign=report.code,
                    status="confirmed",
                    attribution="linked_at_end",
                    **{by: row.key},
                ),
            },
        )
        for row in these
    ]
    return linked_table(
        name,
        table_columns(
            ("name", name), ("delivered", _("Đã tới"), "number"), ("confirmed", _("Đã xác nhận"), "number"),
            ("review", _("Chờ xem xét"), "number"), ("gone", _("Đã gỡ"), "number"),
            ("attributed", _("Dẫn nguồn đủ"), "number"),
        ),
        rows,
        note,
    )  # fmt: skip


def _partners_section(report: PlanReport, context: ReportContext) -> ReportSection:
    shown = report.partners[:MAX_PARTNERS]
    note = _("Chỉ nêu %(count)s đối tác đầu.", count=MAX_PARTNERS) if len(report.partners) > len(shown) else ""
    words = () if shown else (_("Chưa đối tác nào nhận hay đăng bản tin của kế hoạch."),)
    return ReportSection(
        _("Theo đối tác"), words, tables=(_tally_table(report, context, shown, "partner", _("Đối tác"), note),)
    )


def _shares_section(report: PlanReport, context: ReportContext) -> ReportSection:
    seen = report.totals.source_seen
    rows = [
        (
            (
                context.attribution(share.attribution),
                share.count,
                share.count / seen if seen and share.attribution is not Attribution.NOT_SEEN else None,
            ),
            {
                "count": context.copies(
                    report.period, campaign=report.code, status="confirmed", attribution=share.attribution.value
                )
            },
        )
        for share in report.shares
    ]
    given = table_columns(("way", _("Dẫn nguồn")), ("count", _("Bài"), "number"), ("share", _("Tỷ lệ"), "percent"))
    return ReportSection(_("Cách dẫn nguồn"), tables=(linked_table(_("Cách dẫn nguồn"), given, rows),))


def _widest_reach_section(report: PlanReport) -> ReportSection:
    rows = [
        (
            (bulletin.code, bulletin.title, bulletin.confirmed),
            {
                "code": f"/desk/bulletins/{bulletin.code}",
                "confirmed": f"/desk/bulletins/{bulletin.code}/copies?status=confirmed",
            },
        )
        for bulletin in report.furthest
    ]
    given = table_columns(("code", _("Mã")), ("title", _("Tiêu đề")), ("confirmed", _("Đã xác nhận"), "number"))
    words = () if rows else (_("Chưa bản tin nào có bài được xác nhận."),)
    return ReportSection(_("Bản tin đi xa nhất"), words, tables=(linked_table(_("Bản tin đi xa nhất"), given, rows),))
