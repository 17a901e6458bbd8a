"""The spread of one bulletin as a report: the timeline, and a table of copies with time and origin."""

from datetime import date

from campaigns.core.clock import Period, city_day
from campaigns.reporting.table_reports.spread import BulletinSpread, SpreadCopy
from campaigns.republications.republications import RepublicationStatus
from coordinator.exports.charts.timeline import Timeline, TimelineStop, timeline
from coordinator.exports.format import vi_datetime, vi_number
from coordinator.exports.table_reports.context import ReportContext, whole_minutes
from coordinator.exports.table_reports.report import Report, ReportChart, ReportFigure, ReportSection, report_chart
from coordinator.exports.tables import RowColumn, Table, table_of
from coordinator.translation import _


def spread_report(spread: BulletinSpread, context: ReportContext) -> Report:
    """Return the report of one bulletin; its main table is the copies."""
    here = f"/desk/bulletins/{spread.code}/copies"
    first, last = _first(spread, context), city_day(context.as_of)
    figures = (
        ReportFigure(_("Bài đã xác nhận"), spread.confirmed, href=f"{here}?status=confirmed"),
        ReportFigure(_("Bài chưa kết luận"), len(spread.carriers) - spread.confirmed, href=here),
        ReportFigure(_("Đối tác có bài"), spread.partners, note=_("xem cột Đối tác của bảng dưới")),
        ReportFigure(_("Lấy lại từ trang khác"), spread.chained, note=_("xem cột Lấy từ của bảng dưới")),
        ReportFigure(_("Thời gian đăng lại điển hình (phút)"), whole_minutes(spread.median),
                     note=_("mức giữa của cột Trễ ở bảng dưới")),
    )  # fmt: skip
    words = []
    if spread.released_at is not None:
        words.append(_("Phát lúc %(at)s.", at=vi_datetime(spread.released_at, context.locale)))
    if spread.recalled_at is not None:
        words.append(_("Thu hồi lúc %(at)s.", at=vi_datetime(spread.recalled_at, context.locale)))
    table = _table(spread, context)
    parts = (
        ReportSection(_("Tóm tắt"), tuple(words), figures),
        ReportSection(_("Đường thời gian"), drawings=(_drawing(spread, context, table),) if spread.carriers else ()),
        ReportSection(
            _("Từng bài theo thời gian"), () if spread.carriers else (_("Chưa thấy bài nào."),), tables=(table,)
        ),
    )
    period = Period(min(first, last), last, f"{min(first, last)}..{last}")
    title = _("Lan tỏa của %(code)s: %(title)s", code=spread.code, title=spread.title)
    return context.report(title, f"{spread.code}-lan-toa", period, parts)


def _first(spread: BulletinSpread, context: ReportContext) -> date:
    return city_day(spread.released_at if spread.released_at is not None else context.as_of)


def _table(spread: BulletinSpread, context: ReportContext) -> Table:
    numbers = {copy.id: number for number, copy in enumerate(spread.carriers, start=1)}
    columns: tuple[RowColumn[SpreadCopy], ...] = (
        RowColumn("number", _("Thứ tự"), "number", lambda copy: numbers[copy.id]),
        RowColumn("at", _("Đăng lúc"), "datetime", lambda copy: copy.appeared_at),
        RowColumn("time_from", _("Căn cứ giờ đăng"), "text", lambda copy: _("giờ báo") if copy.by_report else None),
        RowColumn("delay", _("Trễ (phút)"), "number", lambda copy: whole_minutes(copy.delay)),
        RowColumn("site", _("Trang"), "text", lambda copy: copy.site, lambda copy: _page(copy.id)),
        RowColumn("company", _("Đối tác"), "text", lambda copy: copy.company,
                  lambda copy: f"/desk/partners/{copy.company_code}"),
        RowColumn("source", _("Lấy từ"), "text", lambda copy: copy.taken_from_site or _("từ bản tin"),
                  lambda copy: _page(copy.taken_from) if copy.taken_from is not None else ""),
        RowColumn("steps", _("Số trang trung gian"), "number", lambda copy: copy.steps),
        RowColumn("status", _("Trạng thái"), "text", lambda copy: context.status(copy.status)),
        RowColumn("life", _("Trên trang"), "text", lambda copy: context.life(copy.life)),
        RowColumn("attribution", _("Dẫn nguồn"), "text", lambda copy: context.attribution(copy.attribution)),
        RowColumn("url", _("Địa chỉ"), "link", lambda copy: copy.url),
    )  # fmt: skip
    return table_of(_("Ai đăng, lúc nào"), columns, spread.carriers)


def _page(copy: str) -> str:
    return f"/desk/republications/{copy}"


def _drawing(spread: BulletinSpread, context: ReportContext, table: Table) -> ReportChart:
    places = {copy.id: number for number, copy in enumerate(spread.carriers)}
    figure = Timeline(
        key="spread",
        title=_("Đường thời gian của %(code)s", code=spread.code),
        description=_(
            "%(count)s bài, mỗi dòng một bài, từ giờ phát sang phải. Nét đứt nối bài lấy lại với bài gốc của nó; vòng "
            "rỗng là bài chưa kết luận.", count=vi_number(len(spread.carriers), 0, context.locale),
        ),
        begin=_("Giờ phát"),
        stops=[_timeline_stop(copy, places, context) for copy in spread.carriers],
    )  # fmt: skip
    figures = Table(figure.title, table.columns, table.rows)
    return report_chart(figures, lambda frame: timeline(figure, frame, context.locale))


def _timeline_stop(copy: SpreadCopy, places: dict[str, int], context: ReportContext) -> TimelineStop:
    says = f"{copy.site}: {vi_datetime(copy.appeared_at, context.locale)}"
    origin = places.get(copy.taken_from) if copy.taken_from is not None else None
    return TimelineStop(
        copy.site, max(copy.delay or 0.0, 0.0), says, origin, copy.status is not RepublicationStatus.CONFIRMED
    )
