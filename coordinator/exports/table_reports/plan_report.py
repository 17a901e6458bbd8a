"""The results of a plan as a report: targets, partners, weeks."""

from collections.abc import Callable

from campaigns.planning.campaigns import Metric
from campaigns.planning.target_progress import TargetProgress, TargetStatus
from campaigns.reporting.reach import FurthestBulletin
from campaigns.reporting.table_reports.plan_report import PlanReport
from campaigns.reporting.tallies import AttributionShare, TallyRow
from campaigns.reporting.timing import WeekCounts
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.exports.charts.render import Bar, StackedBars, stacked_bars
from coordinator.exports.figure_labels import METRIC_LABELS
from coordinator.exports.format import vi_day
from coordinator.exports.table_reports.context import ReportContext, unseen_note, week_in
from coordinator.exports.table_reports.report import Report, ReportChart, ReportFigure, ReportSection, report_chart
from coordinator.exports.tables import RowColumn, Table, table_of
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
    title = _("Kết quả kế hoạch %(number)s", number=report.number)
    return context.report(title, f"ket-qua-{report.code}", report.period, parts)


def _figures(report: PlanReport, context: ReportContext) -> tuple[ReportFigure, ...]:
    def copies(**asked: str) -> str:
        return context.copies(report.period, campaign=report.code, **asked)

    total, period = report.totals, report.period
    return (
        ReportFigure(_("Bản tin phát hành"), report.bulletins, href=context.bulletins(period, campaign=report.code)),
        ReportFigure(_("Lượt phát đã tới"), total.delivered, href=context.arrivals(period, campaign=report.code)),
        ReportFigure(_("Bài đã xác nhận"), total.confirmed, href=copies(status="confirmed")),
        ReportFigure(_("Chờ xem xét"), total.review, href=copies(status="review")),
        ReportFigure(_("Đã gỡ, vẫn tính"), total.gone, href=copies(status="confirmed", life="gone")),
        ReportFigure(_("Không đọc được bằng cách này"), total.unreadable, href=copies(figure="unreadable")),
        ReportFigure(
            _("Tỷ lệ dẫn nguồn đủ"), total.attributed_share, "percent",
            parts=(
                (total.attributed, copies(status="confirmed", attribution="linked_at_end")),
                (total.source_seen, copies(figure="source_seen")),
            ),
            note=unseen_note(total.source_unseen, context),
        ),
        ReportFigure(
            _("Đối tác có bài"), sum(bool(row.confirmed) for row in report.partners),
            href=context.partners(period, campaign=report.code),
        ),
        ReportFigure(
            _("Đối tác chưa có bài"), report.silent,
            note=_("đối tác đang hoạt động không có trong bảng theo đối tác"),
        ),
    )  # fmt: skip


def _targets_table(report: PlanReport, context: ReportContext) -> Table:
    states = {
        TargetStatus.MET: _("đạt"), TargetStatus.ON_COURSE: _("đúng tiến độ"),
        TargetStatus.BEHIND: _("không đạt") if report.over else _("chậm"),
    }  # fmt: skip
    columns: tuple[RowColumn[TargetProgress], ...] = (
        RowColumn("metric", _("Chỉ tiêu"), "text", lambda target: _(METRIC_LABELS[target.metric])),
        RowColumn("topic", _("Chuyên đề"), "text", lambda target: target.topic or _("tất cả")),
        RowColumn("quota", _("Giao"), "number", lambda target: target.quota),
        RowColumn("actual", _("Đã đạt"), "number", lambda target: target.actual,
                  lambda target: _actual_rows(report, context, target)),
        RowColumn("share", _("So với giao"), "percent",
                  lambda target: target.actual / target.quota if target.quota else None),
        RowColumn("status", _("Nhận định"), "text", lambda target: states.get(target.status, target.status.value)),
    )  # fmt: skip
    note = (
        _(
            "Số giao lấy từ kế hoạch. Tỷ lệ dẫn nguồn mở ra ở Kết quả chung. Lượt xem không có danh sách: không giữ "
            "thông tin người xem."
        )
        if report.targets
        else _("Kế hoạch này không có chỉ tiêu.")
    )
    return table_of(_("Chỉ tiêu"), columns, report.targets, note)


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
    columns: list[RowColumn[WeekCounts]] = [RowColumn("first", _("Tuần từ"), "date", lambda week: week.first)]
    for code, name in topics:

        def count(week: WeekCounts, code: str = code) -> int:
            return week.counts.get(code, 0)

        def copies(week: WeekCounts, code: str = code) -> str:
            days = week_in(report.period, week.first)
            return context.copies(days, status="confirmed", campaign=report.code, topic=code)

        columns.append(RowColumn(code, name, "number", count, copies))
    return report_chart(
        table_of(figure.title, columns, report.weeks),
        lambda frame: stacked_bars(figure, frame, context.locale, with_key=True),
    )


def _tally_table(
    report: PlanReport, context: ReportContext, these: tuple[TallyRow, ...], by: str, name: str, note: str = ""
) -> Table:
    def copies(**asked: str) -> Callable[[TallyRow], str]:
        return lambda row: context.copies(report.period, campaign=report.code, **{**asked, by: row.key})

    columns: tuple[RowColumn[TallyRow], ...] = (
        RowColumn("name", name, "text", lambda row: row.name),
        RowColumn("delivered", _("Đã tới"), "number", lambda row: row.delivered,
                  lambda row: context.arrivals(report.period, campaign=report.code, **{by: row.key})),
        RowColumn("confirmed", _("Đã xác nhận"), "number", lambda row: row.confirmed, copies(status="confirmed")),
        RowColumn("review", _("Chờ xem xét"), "number", lambda row: row.review, copies(status="review")),
        RowColumn("gone", _("Đã gỡ"), "number", lambda row: row.gone, copies(status="confirmed", life="gone")),
        RowColumn("attributed", _("Dẫn nguồn đủ"), "number", lambda row: row.attributed,
                  copies(status="confirmed", attribution="linked_at_end")),
    )  # fmt: skip
    return table_of(name, columns, these, note)


def _partners_section(report: PlanReport, context: ReportContext) -> ReportSection:
    shown = report.partners[:MAX_PARTNERS]
    note = _("Chỉ nêu %(count)s đối tác đầu.", count=MAX_PARTNERS) if len(report.partners) > len(shown) else ""
    words = () if shown else (_("Chưa đối tác nào nhận hay đăng bản tin của kế hoạch."),)
    return ReportSection(
        _("Theo đối tác"), words, tables=(_tally_table(report, context, shown, "partner", _("Đối tác"), note),)
    )


def _shares_section(report: PlanReport, context: ReportContext) -> ReportSection:
    seen = report.totals.source_seen
    columns: tuple[RowColumn[AttributionShare], ...] = (
        RowColumn("way", _("Dẫn nguồn"), "text", lambda share: context.attribution(share.attribution)),
        RowColumn("count", _("Bài"), "number", lambda share: share.count,
                  lambda share: context.copies(report.period, campaign=report.code, status="confirmed",
                                               attribution=share.attribution.value)),
        RowColumn("share", _("Tỷ lệ"), "percent", lambda share: (
            share.count / seen if seen and share.attribution is not Attribution.NOT_SEEN else None)),
    )  # fmt: skip
    return ReportSection(_("Cách dẫn nguồn"), tables=(table_of(_("Cách dẫn nguồn"), columns, report.shares),))


def _widest_reach_section(report: PlanReport) -> ReportSection:
    columns: tuple[RowColumn[FurthestBulletin], ...] = (
        RowColumn("code", _("Mã"), "text", lambda row: row.code, lambda row: f"/desk/bulletins/{row.code}"),
        RowColumn("title", _("Tiêu đề"), "text", lambda row: row.title),
        RowColumn("confirmed", _("Đã xác nhận"), "number", lambda row: row.confirmed,
                  lambda row: f"/desk/bulletins/{row.code}/copies?status=confirmed"),
    )  # fmt: skip
    words = () if report.furthest else (_("Chưa bản tin nào có bài được xác nhận."),)
    table = table_of(_("Bản tin đi xa nhất"), columns, report.furthest)
    return ReportSection(_("Bản tin đi xa nhất"), words, tables=(table,))
