"""The results of one partner as a report, the same in the portal and on the desk."""

from collections.abc import Callable
from datetime import date, timedelta

from campaigns.core.clock import Period
from campaigns.reporting.table_reports.obligations import Obligation, ObligationKind
from campaigns.reporting.table_reports.partner_report import (
    LEAST_COPIES,
    MOST_COPIES,
    PartnerCopy,
    PartnerReport,
    PartnerScore,
)
from campaigns.republications.counted_copy import MOST_ADDRESSES
from coordinator.exports.charts.render import WIDE, Bar, StackedBars, stacked_bars
from coordinator.exports.format import vi_day
from coordinator.exports.table_reports.context import ReportContext, file_label, unseen_note, week_in, whole_minutes
from coordinator.exports.table_reports.report import Report, ReportFigure, ReportSection, report_chart
from coordinator.exports.tables import RowColumn, table_of
from coordinator.translation import _


def partner_report(report: PartnerReport, context: ReportContext, copy_page: Callable[[PartnerCopy], str]) -> Report:
    """Return the report of one partner; its main table is the copies. ``copy_page``: returns the address of a copy."""
    parts = (
        _figures_section(report, context),
        _weeks_section(report, context),
        _obligations_section(report),
        _copies_section(report, context, copy_page),
    )
    title = _("Kết quả của %(name)s", name=report.name)
    stem = f"{'doi-tac' if context.on_desk else 'ket-qua'}-{report.code}-{file_label(report.period)}"
    return context.report(title, stem, report.period, parts, report.earlier)


def _figures_section(report: PartnerReport, context: ReportContext) -> ReportSection:
    def copies(**asked: str) -> Callable[[Period], str]:
        return lambda period: context.copies(period, partner=report.code, **asked)

    def compared(
        label: str, value: Callable[[PartnerScore], int | None], rows: Callable[[Period], str] | None, note: str = ""
    ) -> ReportFigure:
        return ReportFigure(
            label, value(report.now), before=value(report.before), note=note,
            href=rows(report.period) if rows is not None else "",
            # A partner's own list has no days.
            before_href=rows(report.earlier) if rows is not None and context.on_desk else "",
        )  # fmt: skip

    now, before, desk = report.now, report.before, context.on_desk
    confirmed, at_end = copies(status="confirmed"), copies(status="confirmed", attribution="linked_at_end")
    # Other addresses of a counted copy are in the desk's list of all copies; a partner's own list has none.
    found = copies(figure="found") if desk else copies()
    below = "" if desk else _("xem cột Dẫn nguồn của bảng từng bài")
    removals = (
        _("không có danh sách riêng theo kỳ; bài chưa gỡ ở trang Cần đôn đốc")
        if desk
        else _("không có danh sách riêng; bài chưa gỡ ở mục việc đang mở")
    )
    figures = (
        compared(_("Bản tin Sở đã gửi"), lambda score: score.delivered,
                 lambda period: context.arrivals(period, partner=report.code)),
        compared(_("Bài đã thấy"), lambda score: score.found, found),
        compared(_("Bài được tính"), lambda score: score.confirmed, confirmed),
        compared(_("Nêu tên nguồn"), lambda score: score.named,
                 copies(status="confirmed", figure="named") if desk else None, below),
        compared(_("Có đường dẫn tới bản tin"), lambda score: score.linked,
                 copies(status="confirmed", figure="linked") if desk else None, below),
        compared(_("Đường dẫn ở cuối bài"), lambda score: score.at_end, at_end),
        ReportFigure(
            _("Tỷ lệ dẫn nguồn đủ"), now.share(now.at_end), "percent", before.share(before.at_end),
            unseen_note(now.confirmed - now.source_seen, context)
            if now.telling
            else _("chưa đủ %(count)s bài để tính tỷ lệ", count=LEAST_COPIES),
            parts=(
                (now.at_end, at_end(report.period)),
                (now.source_seen, (copies(figure="source_seen") if desk else confirmed)(report.period)),
            ),
        ),
        compared(_("Thời gian đăng lại điển hình (phút)"), lambda score: whole_minutes(score.delay), None,
                 _("mức giữa của các bài được tính")),
        compared(_("Bài đã gỡ sau thu hồi"), lambda score: score.removed, None, removals),
        compared(_("Bài thu hồi còn trên trang"), lambda score: score.still_up, None, removals),
    )  # fmt: skip
    words: tuple[str, ...] = ()
    if report.many_addresses:
        flag = _("Cần xem: %(count)s bài được tính có hơn %(most)s địa chỉ trên cùng một trang; mỗi bài chỉ tính một.",
                 count=report.many_addresses, most=MOST_ADDRESSES)  # fmt: skip
        words = (flag,)
    if report.usual is not None:
        words += (
            _("Mức thường gặp của %(count)s đối tác đủ bài: dẫn nguồn đủ %(share)s phần trăm.",
              count=report.usual.partners, share=round(report.usual.at_end * 100)),
        )  # fmt: skip
    return ReportSection(_("Số liệu trong kỳ"), words, figures)


def _weeks_section(report: PartnerReport, context: ReportContext) -> ReportSection:
    counts = [(counts.first, counts.total) for counts in report.weeks]

    def copies(week: tuple[date, int]) -> str:
        return context.copies(week_in(report.period, week[0]), status="confirmed", partner=report.code)

    figure = StackedBars(
        key="weeks",
        title=_("Bài được tính theo tuần"),
        description=_("Mỗi cột một tuần, bắt đầu từ Thứ Hai."),
        series=(_("Bài được tính"),),
        bars=[Bar(vi_day(first, context.locale), (float(count),)) for first, count in counts],
        note=_("Nhãn là ngày Thứ Hai của tuần."),
    )
    columns: tuple[RowColumn[tuple[date, int]], ...] = (
        RowColumn("first", _("Tuần từ"), "date", lambda week: week[0]),
        RowColumn("last", _("đến"), "date", lambda week: week[0] + timedelta(days=6)),
        RowColumn("count", _("Bài"), "number", lambda week: week[1], copies if context.on_desk else None),
    )
    drawing = report_chart(
        table_of(figure.title, columns, counts),
        lambda frame: stacked_bars(figure, frame, context.locale),
        stacked_bars(figure, WIDE, context.locale, with_key=True),
    )
    return ReportSection(_("Theo tuần"), drawings=(drawing,))


def _obligations_section(report: PartnerReport) -> ReportSection:
    words = {
        ObligationKind.RECALLED: _("Bài của bản tin đã thu hồi, phải gỡ"),
        ObligationKind.FINDING: _("Nghi vấn phải trả lời"),
        ObligationKind.OLD_TEXT: _("Bài mang văn bản cũ, phải thay"),
        ObligationKind.CONFIRM: _("Thông báo phải xác nhận"),
        ObligationKind.READ: _("Thông báo chưa đọc"),
        ObligationKind.MEND: _("Bài nên sửa"),
    }
    columns: tuple[RowColumn[Obligation], ...] = (
        RowColumn("what", _("Việc"), "text", lambda obligation: words[obligation.what]),
        RowColumn("count", _("Số việc"), "number", lambda obligation: obligation.count),
        RowColumn("late", _("Quá hạn"), "number", lambda obligation: obligation.late),
    )
    heading, rows = _("Việc đang mở, tính tới lúc lập"), report.obligations
    if not rows:
        return ReportSection(heading, (_("Không có việc nào đang mở."),))
    return ReportSection(heading, tables=(table_of(_("Việc đang mở"), columns, rows),))


def _copies_section(
    report: PartnerReport, context: ReportContext, copy_page: Callable[[PartnerCopy], str]
) -> ReportSection:
    columns: tuple[RowColumn[PartnerCopy], ...] = (
        RowColumn("at", _("Đăng lúc"), "datetime", lambda copy: copy.appeared_at),
        RowColumn("bulletin", _("Bản tin"), "text", lambda copy: copy.bulletin),
        RowColumn("title", _("Tiêu đề"), "text", lambda copy: copy.title, copy_page),
        RowColumn("site", _("Trang"), "text", lambda copy: copy.site),
        RowColumn("attribution", _("Dẫn nguồn"), "text", lambda copy: context.attribution(copy.attribution)),
        RowColumn("life", _("Trên trang"), "text", lambda copy: context.life(copy.life)),
        RowColumn("url", _("Địa chỉ"), "link", lambda copy: copy.url),
    )
    rows = report.copies
    note = _("Chỉ nêu %(count)s bài đầu của kỳ.", count=MOST_COPIES) if report.now.confirmed > len(rows) else ""
    table = table_of(_("Từng bài được tính"), columns, rows, note)
    return ReportSection(
        _("Bài được tính"), () if rows else (_("Chưa có bài nào được tính trong kỳ."),), tables=(table,)
    )
