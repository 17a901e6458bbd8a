"""The spread of one bulletin as a report: the timeline, and a table of copies with time and origin."""

from datetime import date

from campaigns.core.clock import Period, city_day
from campaigns.reporting.reports.spread import BulletinSpread, SpreadCopy
from campaigns.republications.republications import RepublicationStatus
from coordinator.exports.charts.render import NARROW, WIDE
from coordinator.exports.charts.timeline import Timeline, TimelineStop, timeline
from coordinator.exports.format import vi_datetime, vi_number
from coordinator.exports.reports.context import ReportContext, whole_minutes
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
        ReportSection(
            _("Đường thời gian"), drawings=(_drawing(spread, context, table.table),) if spread.carriers else ()
        ),
        ReportSection(
            _("Từng bài theo thời gian"), () if spread.carriers else (_("Chưa thấy bài nào."),), tables=(table,)
        ),
    )
    period = Period(min(first, last), last, f"{min(first, last)}..{last}")
    return context.report(_("Lan tỏa của %(code)s: %(title)s", code=spread.code, title=spread.title), period, parts)


def _first(spread: BulletinSpread, context: ReportContext) -> date:
    return city_day(spread.released_at if spread.released_at is not None else context.as_of)


def _table(spread: BulletinSpread, context: ReportContext) -> LinkedTable:
    rows = []
    for number, copy in enumerate(spread.carriers, start=1):
        source = copy.taken_from_site or _("từ bản tin")
        hrefs = {"site": f"/desk/republications/{copy.id}", "company": f"/desk/partners/{copy.company_code}"}
        if copy.taken_from is not None:
            hrefs["source"] = f"/desk/republications/{copy.taken_from}"
        rows.append(
            (
                (number, copy.appeared_at, _("giờ báo") if copy.by_report else None, whole_minutes(copy.delay),
                 copy.site, copy.company, source, copy.steps,
                 context.status(copy.status), context.life(copy.life), context.attribution(copy.attribution), copy.url),
                hrefs,
            )
        )  # fmt: skip
    return linked_table(
        _("Ai đăng, lúc nào"),
        table_columns(
            ("number", _("Thứ tự"), "number"), ("at", _("Đăng lúc"), "datetime"),
            ("time_from", _("Căn cứ giờ đăng")), ("delay", _("Trễ (phút)"), "number"),
            ("site", _("Trang")), ("company", _("Đối tác")), ("source", _("Lấy từ")),
            ("steps", _("Số trang trung gian"), "number"), ("status", _("Trạng thái")), ("life", _("Trên trang")),
            ("attribution", _("Dẫn nguồn")),
            ("url", _("Địa chỉ"), "link"),
        ),
        rows,
    )  # fmt: skip


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
    return ReportChart(
        figure.title, timeline(figure, WIDE, context.locale), timeline(figure, NARROW, context.locale),
        timeline(figure, WIDE, context.locale), Table(figure.title, table.columns, table.rows),
    )  # fmt: skip


def _timeline_stop(copy: SpreadCopy, places: dict[str, int], context: ReportContext) -> TimelineStop:
    says = f"{copy.site}: {vi_datetime(copy.appeared_at, context.locale)}"
    origin = places.get(copy.taken_from) if copy.taken_from is not None else None
    return TimelineStop(
        copy.site, max(copy.delay or 0.0, 0.0), says, origin, copy.status is not RepublicationStatus.CONFIRMED
    )
