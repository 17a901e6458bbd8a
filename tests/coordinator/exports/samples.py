"""Sample figures and documents for the tests of this folder: an invented quarter."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from coordinator.exports.charts.render import (
    HALF,
    Bar,
    ForecastPoint,
    Heatmap,
    HorizontalBars,
    LineChart,
    MilestoneMark,
    NamedCount,
    Share,
    ShareBar,
    Sparkline,
    StackedBars,
    line_chart,
)
from coordinator.exports.documents.briefing import Briefing, BriefingSection, Signature
from coordinator.exports.table_reports import report as report_module
from coordinator.exports.tables import Column, Table

FIRST, LAST, TODAY = date(2026, 10, 1), date(2026, 12, 31), date(2026, 11, 24)


def course(**changes: object) -> LineChart:
    """55 days of 134 a day, with a target and a forecast."""
    values = {
        "key": "course",
        "title": "Lượt lan tỏa đã xác nhận, cộng dồn",
        "description": "Đến 24/11 đạt 7.370 lượt.",
        "first": FIRST,
        "last": LAST,
        "actual": [(FIRST + timedelta(days=index), 134 * (index + 1)) for index in range(55)],
        "today": TODAY,
        "target": 12500,
        "forecast": [ForecastPoint(LAST, 12790, 12180, 13420)],
        "unit": "đã xác nhận",
    }
    return LineChart(**{**values, **changes})


def milestones() -> list[MilestoneMark]:
    """One reached, one missed, one to come."""
    return [
        MilestoneMark(date(2026, 10, 31), 4000, "31/10: 4.000, đạt", "met"),
        MilestoneMark(date(2026, 11, 15), 7000, "15/11: 7.000, lỡ", "missed"),
        MilestoneMark(date(2026, 12, 10), 9900, "10/12: 9.900"),
    ]


def weeks(*bars: Bar, series: tuple[str, ...] = ("Dịch bệnh", "Kinh tế - xã hội")) -> StackedBars:
    """Bars by week, three of them unless others are given."""
    known = bars or (Bar("28/09", (174, 180)), Bar("05/10", (390, 547)), Bar("12/10", (400, 703)))
    return StackedBars("weeks", "Theo tuần", "Ba tuần", series, known, "tuần bắt đầu Thứ Hai")


def steps() -> HorizontalBars:
    """Three levels of evidence."""
    rows = [
        NamedCount("Đã tải về", 8761),
        NamedCount("Đã xác nhận", 7412, strong=True),
        NamedCount("Còn trên trang", 7190),
    ]
    return HorizontalBars("steps", "Từ tin báo đến bằng chứng", "Ba bậc", rows)


def days(**changes: object) -> Heatmap:
    """The same quarter day by day."""
    counts = {FIRST + timedelta(days=index): float(index % 7 * 30) for index in range(55)}
    values = {"key": "days", "title": "Từng ngày", "description": "", "first": FIRST, "last": LAST, "counts": counts}
    return Heatmap(**{**values, "today": TODAY, "unit": "lượt", **changes})


def spark(*values: float) -> Sparkline:
    """A line of the values given."""
    return Sparkline("spark", "30 ngày qua", "thấp nhất 68, cao nhất 193", values)


def shares(*values: float) -> ShareBar:
    """Named shares of the values given."""
    return ShareBar("shares", "Dẫn nguồn", "", [Share(f"Cách {index}", value) for index, value in enumerate(values)])


def briefing(**changes: object) -> Briefing:
    """A short report with every kind of content once."""
    table = Table(
        "Bảng 1. Kết quả theo chuyên đề",
        (Column("topic", "Chuyên đề"), Column("count", "Đã xác nhận", "number"), Column("share", "Đạt", "percent")),
        [("Dịch bệnh", 2806, 0.624), ("=1+1 & <b>", 12500, 1.0)],
        note="Mỗi lượt được đếm một lần.",
        footer=("Tổng", 15306, None),
    )
    links = Table("", (Column("url", "Địa chỉ", "link"),), [("https://nhip-song.example/a",), ("javascript:alert(1)",)])
    chart = line_chart(course(), HALF, with_key=True)
    values = {
        "parent_agency": "Ủy ban nhân dân thành phố",
        "agency": "Sở Văn hóa và Truyền thông",
        "place": "Đà Sông",
        "title": "Báo cáo",
        "abstract": "Kết quả lan tỏa quý IV năm 2026",
        "period": "quý IV năm 2026",
        "as_of": datetime(2026, 11, 24, 3, 42, tzinfo=UTC),
        "rule_version": "2026.3",
        "sections": (
            BriefingSection("Kết quả chung", ("Ngưỡng dẫn nguồn Ễ Ậ ỵ được giữ đủ.",), (), chart),
            BriefingSection("Theo chuyên đề", (), (table,)),
        ),
        "signature": Signature("KT. Giám đốc\nPhó Giám đốc", "Trần Minh An"),
        "recipients": ("Như trên", "Lưu: VT, BC (3)."),
        "symbol": "BC-SVHTT",
        "date": date(2027, 1, 5),
        "addressed_to": ("Ủy ban nhân dân thành phố",),
        "basis": ("Căn cứ Kế hoạch số 174/KH-UBND",),
        "annexes": (BriefingSection("Danh sách trang", (), (links,)), BriefingSection("Ghi chú", ("Một dòng.",))),
    }
    return Briefing(**{**values, **changes})


def wide() -> Table:
    """As wide as the page lets it be: eight columns, whose widths come to a little more when they are rounded."""
    heads = ("Đã tới", "Đã thấy", "Đã xác nhận", "Chờ xem xét", "Đã loại", "Đã gỡ", "Dẫn nguồn đủ")
    given = (Column("month", "Tháng"), *(Column(f"c{place}", head, "number") for place, head in enumerate(heads)))
    return Table("Theo tháng", given, [("10/2026", 3168, 3323, 3168, 93, 62, 31, 1576)])


def paper() -> report_module.Report:
    """A report for the desk with every kind of content once."""
    given = (Column("name", "Đối tác"), Column("day", "Ngày", "date"), Column("count", "Lượt", "number"))
    rows = [("Nhịp Sông", FIRST, 548), ("Phố Nhỏ", LAST, 203)]
    table = Table("Theo đối tác", given, rows, note="Mỗi lượt được đếm một lần.")
    crowded = Table("Đủ cột", tuple(Column(f"c{one}", f"Cột {one}") for one in range(9)), [tuple("abcdefghi")])
    chart = line_chart(course(), HALF, with_key=True)
    confirmed = report_module.ReportFigure(
        "Lượt đã xác nhận", 751, before=700, note="cả tuần", href="/desk/republications"
    )
    leading = replace(table, hrefs=[{"count": "/desk/republications?partner=nhip-song"}])
    return report_module.Report(
        title="Kết quả tuần 48",
        stem="tuan-48",
        office="Sở Văn hóa và Truyền thông",
        period="từ 23/11 đến 29/11/2026",
        as_of=datetime(2026, 11, 30, 3, tzinfo=UTC),
        rule_version="2026.3",
        parts=(
            report_module.ReportSection(
                "Chung",
                ("Tuần này có thêm một đối tác.",),
                (confirmed, report_module.ReportFigure("Đủ", 0.98, "percent")),
            ),
            report_module.ReportSection(
                "Hình", drawings=(report_module.ReportChart("Trong kỳ", chart, chart, chart, table),)
            ),
            report_module.ReportSection("Bảng", tables=(leading, crowded)),
        ),
        words=report_module.ReportLabels(
            "Số liệu lúc {at}, quy tắc tính, phiên bản {rule}", "Kỳ trước", "Số liệu", "Kỳ này"
        ),
    )
