"""The results of one partner as a report, the same in the portal and on the desk."""

from collections.abc import Callable
from datetime import date, timedelta

from campaigns.reporting.reports.obligations import ObligationKind
from campaigns.reporting.reports.partner_report import (
    LEAST_COPIES,
    MOST_COPIES,
    PartnerCopy,
    PartnerReport,
    PartnerScore,
)
from campaigns.republications.counted_copy import MOST_ADDRESSES
from coordinator.exports.charts.render import NARROW, WIDE, Bar, StackedBars, stacked_bars
from coordinator.exports.format import vi_day
from coordinator.exports.reports.context import ReportContext, unseen_note, whole_minutes
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


def partner_report(report: PartnerReport, context: ReportContext, copy_page: Callable[[PartnerCopy], str]) -> Report:
    """Return the report of one partner; its main table is the copies. ``copy_page``: returns the address of a copy."""
    parts = (
        _figures_section(report, context),
        _weeks_section(report, context),
        _obligations_section(report),
        _copies_section(report, context, copy_page),
    )
    title = _("Kết quả của %(name)s", name=report.name)
    return context.report(title, report.period, parts, compared=report.earlier)


def _figures_section(report: PartnerReport, context: ReportContext) -> ReportSection:
    now, before, period, code = report.now, report.before, report.period, report.code

    def share(score: PartnerScore, part: int) -> float | None:
        return score.share(part)

    # Other addresses of a counted copy are in the desk's list of all copies; a partner's own list has none.
    every = {"figure": "found"} if context.on_desk else {}

    def before_rows(**asked: str) -> str:
        """Return the list of the copies of the period before; a partner's own list has no days."""
        return context.copies(report.earlier, partner=code, **asked) if context.on_desk else ""

    below = _("xem cột Dẫn nguồn của bảng từng bài")
    removals = (
        _("không có danh sách riêng; bài chưa gỡ ở mục việc đang mở")
        if not context.on_desk
        else _("không có danh sách riêng theo kỳ; bài chưa gỡ ở trang Cần đôn đốc")
    )
    figures = [
        ReportFigure(
            _("Bản tin Sở đã gửi"), now.delivered, before=before.delivered,
            href=context.arrivals(period, partner=code), before_href=context.arrivals(report.earlier, partner=code),
        ),
        ReportFigure(
            _("Bài đã thấy"), now.found, before=before.found, href=context.copies(period, partner=code, **every),
            before_href=before_rows(**every),
        ),
        ReportFigure(
            _("Bài được tính"), now.confirmed, before=before.confirmed,
            href=context.copies(period, partner=code, status="confirmed"),
            before_href=before_rows(status="confirmed"),
        ),
        ReportFigure(
            _("Nêu tên nguồn"), now.named, before=before.named,
            href=context.copies(period, partner=code, status="confirmed", figure="named") if context.on_desk else "",
            before_href=before_rows(status="confirmed", figure="named"), note="" if context.on_desk else below,
        ),
        ReportFigure(
            _("Có đường dẫn tới bản tin"), now.linked, before=before.linked,
            href=context.copies(period, partner=code, status="confirmed", figure="linked") if context.on_desk else "",
            before_href=before_rows(status="confirmed", figure="linked"), note="" if context.on_desk else below,
        ),
        ReportFigure(
            _("Đường dẫn ở cuối bài"), now.at_end, before=before.at_end,
            href=context.copies(period, partner=code, status="confirmed", attribution="linked_at_end"),
            before_href=before_rows(status="confirmed", attribution="linked_at_end"),
        ),
        ReportFigure(
            _("Tỷ lệ dẫn nguồn đủ"), share(now, now.at_end), "percent", share(before, before.at_end),
            unseen_note(now.confirmed - now.source_seen, context)
            if now.telling
            else _("chưa đủ %(count)s bài để tính tỷ lệ", count=LEAST_COPIES),
            parts=(
                (now.at_end, context.copies(period, partner=code, status="confirmed", attribution="linked_at_end")),
                (
                    now.source_seen,
                    context.copies(period, partner=code, figure="source_seen")
                    if context.on_desk
                    else context.copies(period, partner=code, status="confirmed"),
                ),
            ),
        ),
        ReportFigure(
            _("Thời gian đăng lại điển hình (phút)"), whole_minutes(now.delay), before=whole_minutes(before.delay),
            note=_("mức giữa của các bài được tính"),
        ),
        ReportFigure(_("Bài đã gỡ sau thu hồi"), now.removed, before=before.removed, note=removals),
        ReportFigure(_("Bài thu hồi còn trên trang"), now.still_up, before=before.still_up, note=removals),
    ]  # fmt: skip
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
    return ReportSection(_("Số liệu trong kỳ"), words, tuple(figures))


def _weeks_section(report: PartnerReport, context: ReportContext) -> ReportSection:
    counts = [(counts.first, counts.total) for counts in report.weeks]
    figure = StackedBars(
        key="weeks",
        title=_("Bài được tính theo tuần"),
        description=_("Mỗi cột một tuần, bắt đầu từ Thứ Hai."),
        series=(_("Bài được tính"),),
        bars=[Bar(vi_day(first, context.locale), (float(count),)) for first, count in counts],
        note=_("Nhãn là ngày Thứ Hai của tuần."),
    )
    given = table_columns(("first", _("Tuần từ"), "date"), ("last", _("đến"), "date"), ("count", _("Bài"), "number"))
    table = Table(figure.title, given, [(first, first + timedelta(days=6), count) for first, count in counts])

    def week(first: date) -> str:
        """Return the copies of the days of a week that are in the period."""
        days = {"from": max(first, report.period.first), "to": min(first + timedelta(days=6), report.period.last)}
        asked = {name: day.isoformat() for name, day in days.items()}
        return context.rows({"status": "confirmed", "partner": report.code, **asked})

    drawing = ReportChart(
        figure.title, stacked_bars(figure, WIDE, context.locale), stacked_bars(figure, NARROW, context.locale),
        stacked_bars(figure, WIDE, context.locale, with_key=True), table,
        [{"count": week(first)} for first, _count in counts] if context.on_desk else [],
    )  # fmt: skip
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
    rows: list[tuple[tuple[CellValue, ...], dict[str, str]]] = [
        ((words[obligation.what], obligation.count, obligation.late), {}) for obligation in report.obligations
    ]
    given = table_columns(("what", _("Việc")), ("count", _("Số việc"), "number"), ("late", _("Quá hạn"), "number"))
    tables: tuple[LinkedTable, ...] = (linked_table(_("Việc đang mở"), given, rows),) if rows else ()
    return ReportSection(
        _("Việc đang mở, tính tới lúc lập"), () if rows else (_("Không có việc nào đang mở."),), tables=tables
    )


def _copies_section(
    report: PartnerReport, context: ReportContext, copy_page: Callable[[PartnerCopy], str]
) -> ReportSection:
    rows = [
        (
            (copy.appeared_at, copy.bulletin, copy.title, copy.site, context.attribution(copy.attribution),
             context.life(copy.life), copy.url),
            {"title": copy_page(copy)},
        )
        for copy in report.copies
    ]  # fmt: skip
    note = _("Chỉ nêu %(count)s bài đầu của kỳ.", count=MOST_COPIES) if report.now.confirmed > len(rows) else ""
    table = linked_table(
        _("Từng bài được tính"),
        table_columns(
            ("at", _("Đăng lúc"), "datetime"), ("bulletin", _("Bản tin")), ("title", _("Tiêu đề")),
            ("site", _("Trang")), ("attribution", _("Dẫn nguồn")), ("life", _("Trên trang")),
            ("url", _("Địa chỉ"), "link"),
        ),
        rows,
        note,
    )  # fmt: skip
    return ReportSection(
        _("Bài được tính"), () if rows else (_("Chưa có bài nào được tính trong kỳ."),), tables=(table,)
    )
