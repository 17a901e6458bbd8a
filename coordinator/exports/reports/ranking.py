"""The ranking of partners as a report: the rule, both lists, and partners with too few copies."""

from collections.abc import Sequence

from campaigns.reporting.reports.partner_report import LEAST_COPIES
from campaigns.reporting.reports.ranking import PartnerMerit, PartnerRanking, RankedPartner
from coordinator.exports.charts.render import NARROW, WIDE, HorizontalBars, NamedCount, horizontal_bars
from coordinator.exports.reports.context import ReportContext
from coordinator.exports.reports.report import (
    LinkedTable,
    Report,
    ReportChart,
    ReportFigure,
    ReportSection,
    linked_table,
    table_columns,
)
from coordinator.exports.tables import CellValue, Table
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
    drawings = (_drawing(ranking, context, by_number.table),) if ranking.by_number else ()
    parts = (
        ReportSection(_("Cách xếp"), _rule_section(), figures),
        ReportSection(_("Nhiều bài đúng quy định nhất"), nobody, drawings=drawings, tables=(by_number,)),
        ReportSection(_("Đúng quy định đều nhất"), nobody, tables=(by_share,)),
        _unranked_section(ranking, context),
    )
    return context.report(_("Ghi nhận đối tác"), ranking.period, parts)


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


def _columns() -> tuple[tuple[str, str] | tuple[str, str, str], ...]:
    return (
        ("place", _("Hạng"), "number"), ("name", _("Đối tác")), ("proper", _("Đúng quy định"), "number"),
        ("confirmed", _("Đã xác nhận"), "number"), ("seen", _("Thấy được nguồn"), "number"),
        ("share", _("Tỷ lệ"), "percent"), ("bound", _("Cận dưới"), "percent"),
    )  # fmt: skip


def _table(ranking: PartnerRanking, context: ReportContext, these: Sequence[RankedPartner], title: str) -> LinkedTable:
    rows = [
        (
            (
                partner.place,
                partner.merit.name,
                partner.merit.proper,
                partner.merit.confirmed,
                partner.merit.source_seen,
                partner.merit.share,
                partner.merit.bound,
            ),
            _hrefs(ranking, context, partner.merit),
        )
        for partner in these
    ]
    return linked_table(title, table_columns(*_columns()), rows)  # type: ignore[arg-type]  # kinds as words


def _hrefs(ranking: PartnerRanking, context: ReportContext, merit: PartnerMerit) -> dict[str, str]:
    return {
        "name": f"/desk/partners/{merit.code}",
        "confirmed": context.copies(ranking.period, partner=merit.code, status="confirmed"),
        "seen": context.copies(ranking.period, partner=merit.code, figure="source_seen"),
        "proper": context.copies(
            ranking.period, partner=merit.code, status="confirmed", attribution="linked_at_end", match="full"
        ),
    }


def _unranked_section(ranking: PartnerRanking, context: ReportContext) -> ReportSection:
    rows: list[tuple[tuple[CellValue, ...], dict[str, str]]] = [
        ((merit.name, merit.proper, merit.confirmed), _hrefs(ranking, context, merit)) for merit in ranking.unranked
    ]
    given = table_columns(
        ("name", _("Đối tác")), ("proper", _("Đúng quy định"), "number"), ("confirmed", _("Đã xác nhận"), "number")
    )
    tables = (linked_table(_("Chưa được xếp"), given, rows),) if rows else ()
    return ReportSection(_("Chưa được xếp"), () if rows else (_("Không có đối tác nào."),), tables=tables)


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
    return ReportChart(
        figure.title, horizontal_bars(figure, WIDE, context.locale), horizontal_bars(figure, NARROW, context.locale),
        horizontal_bars(figure, WIDE, context.locale), Table(figure.title, table.columns, table.rows),
    )  # fmt: skip
