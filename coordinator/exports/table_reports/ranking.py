"""The ranking of partners as a report: the rule, both lists, and partners with too few copies."""

from collections.abc import Callable, Sequence

from campaigns.reporting.table_reports.partner_report import LEAST_COPIES
from campaigns.reporting.table_reports.ranking import PartnerMerit, PartnerRanking, RankedPartner
from coordinator.exports.charts.render import HorizontalBars, NamedCount, horizontal_bars
from coordinator.exports.table_reports.context import ReportContext, file_label
from coordinator.exports.table_reports.report import Report, ReportChart, ReportFigure, ReportSection, report_chart
from coordinator.exports.tables import Row, RowColumn, Table, table_of
from coordinator.translation import _

MAX_BARS = 15  # partners that are drawn; the tables list all


def ranking_report(ranking: PartnerRanking, context: ReportContext) -> Report:
    """Return the report of one period; its main table is the list by number."""
    by_number = _table(ranking, context, ranking.by_number, _("Theo số bài đúng quy định"))
    by_share = _table(ranking, context, ranking.by_share, _("Theo tỷ lệ bài đúng quy định"))
    figures = (
        ReportFigure(_("Đối tác được xếp"), len(ranking.by_number), note=_("xem các bảng dưới")),
        ReportFigure(_("Đối tác chưa được xếp"), len(ranking.unranked), note=_("xem các bảng dưới")),
        ReportFigure(
            _("Bài đúng quy định của các đối tác được xếp"), sum(one.merit.proper for one in ranking.by_number),
            note=_("tổng của bảng dưới"),
        ),
    )  # fmt: skip
    nobody = () if ranking.by_number else (_("Chưa đối tác nào đủ bài để xếp trong kỳ này."),)
    drawings = (_drawing(ranking, context, by_number),) if ranking.by_number else ()
    parts = (
        ReportSection(_("Cách xếp"), _rule_section(), figures),
        ReportSection(_("Nhiều bài đúng quy định nhất"), nobody, drawings=drawings, tables=(by_number,)),
        ReportSection(_("Đúng quy định đều nhất"), nobody, tables=(by_share,)),
        _unranked_section(ranking, context),
    )
    stem = f"ghi-nhan-{file_label(ranking.period)}"
    return context.report(_("Ghi nhận đối tác"), stem, ranking.period, parts)


def _rule_section() -> tuple[str, ...]:
    return (
        _("Bài đúng quy định là bài đã xác nhận, đủ toàn văn, có đường dẫn tới bản tin ở cuối bài. Lượt xem không được "
          "tính vào đây."),
        _("Chỉ xếp đối tác có từ %(count)s bài đã xác nhận trong kỳ, vì ít hơn thì tỷ lệ chỉ là may rủi, và có ít nhất "
          "một bài đúng quy định.", count=LEAST_COPIES),
        _("Có hai bảng vì một con số sẽ bất công: bảng theo số bài lợi cho nơi nhiều trang, bảng theo tỷ lệ lợi cho "
          "nơi làm cẩn thận. Tỷ lệ được xếp theo cận dưới của khoảng tin cậy 95 phần trăm (Wilson), nên 9 trên 10 "
          "không đứng trên 95 trên 100."),
        _("Bằng số thì đồng hạng, và hạng sau bỏ trống bấy nhiêu."),
    )  # fmt: skip


def _merit_columns(
    ranking: PartnerRanking, context: ReportContext, merit: Callable[[Row], PartnerMerit]
) -> tuple[RowColumn[Row], ...]:
    """Return the columns of every table; ``merit``: returns the figures of a row."""

    def copies(**asked: str) -> Callable[[Row], str]:
        return lambda row: context.copies(ranking.period, partner=merit(row).code, **asked)

    return (
        RowColumn("name", _("Đối tác"), "text", lambda row: merit(row).name,
                  lambda row: f"/desk/partners/{merit(row).code}"),
        RowColumn("proper", _("Đúng quy định"), "number", lambda row: merit(row).proper,
                  copies(status="confirmed", attribution="linked_at_end", match="full")),
        RowColumn("confirmed", _("Đã xác nhận"), "number", lambda row: merit(row).confirmed,
                  copies(status="confirmed")),
    )  # fmt: skip


def _table(ranking: PartnerRanking, context: ReportContext, these: Sequence[RankedPartner], title: str) -> Table:
    columns: tuple[RowColumn[RankedPartner], ...] = (
        RowColumn("place", _("Hạng"), "number", lambda row: row.place),
        *_merit_columns(ranking, context, lambda row: row.merit),
        RowColumn("seen", _("Thấy được nguồn"), "number", lambda row: row.merit.source_seen,
                  lambda row: context.copies(ranking.period, partner=row.merit.code, figure="source_seen")),
        RowColumn("share", _("Tỷ lệ"), "percent", lambda row: row.merit.share),
        RowColumn("bound", _("Cận dưới"), "percent", lambda row: row.merit.bound),
    )  # fmt: skip
    return table_of(title, columns, these)


def _unranked_section(ranking: PartnerRanking, context: ReportContext) -> ReportSection:
    if not ranking.unranked:
        return ReportSection(_("Chưa được xếp"), (_("Không có đối tác nào."),))
    columns = _merit_columns(ranking, context, lambda merit: merit)
    return ReportSection(_("Chưa được xếp"), tables=(table_of(_("Chưa được xếp"), columns, ranking.unranked),))


def _drawing(ranking: PartnerRanking, context: ReportContext, table: Table) -> ReportChart:
    figure = HorizontalBars(
        key="ranking",
        title=_("Số bài đúng quy định"),
        description=_("Tối đa %(count)s đối tác đứng đầu; bảng bên dưới có đủ.", count=MAX_BARS),
        rows=[
            NamedCount(partner.merit.name, partner.merit.proper, partner.place == 1)
            for partner in ranking.by_number[:MAX_BARS]
        ],
    )
    figures = Table(figure.title, table.columns, table.rows)
    return report_chart(figures, lambda frame: horizontal_bars(figure, frame, context.locale))
