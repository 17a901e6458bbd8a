"""Figures drawn and documents written in the tests of this folder: an invented quarter."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from coordinator.exports import paper as papers
from coordinator.exports.charts import (
    HALF,
    Area,
    AreaMap,
    Bar,
    Course,
    Expected,
    HeatMap,
    HorizontalBars,
    Mark,
    NamedCount,
    Part,
    ShareBar,
    Sparkline,
    StackedBars,
    line_chart,
)
from coordinator.exports.document import Briefing, Section, Signature
from coordinator.exports.tables import Column, Table

FIRST, LAST, TODAY = date(2026, 10, 1), date(2026, 12, 31), date(2026, 11, 24)


def course(**changes: object) -> Course:
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
        "forecast": [Expected(LAST, 12790, 12180, 13420)],
        "unit": "đã xác nhận",
    }
    return Course(**{**values, **changes})


def milestones() -> list[Mark]:
    """One reached, one missed, one to come."""
    return [
        Mark(date(2026, 10, 31), 4000, "31/10: 4.000, đạt", "met"),
        Mark(date(2026, 11, 15), 7000, "15/11: 7.000, lỡ", "missed"),
        Mark(date(2026, 12, 10), 9900, "10/12: 9.900"),
    ]


def companies(areas: Sequence[Area] | None = None) -> AreaMap:
    """Companies with their sites, unless others are given."""
    known = [
        Area("Cổng Tin Sáng", 612, [Area("tin-sang.example", 400), Area("tin-sang-2.example", 150)]),
        Area("Nhịp Sông", 548, [Area("nhip-song.example", 548)]),
        Area("Phố Nhỏ", 203),
    ]
    return AreaMap("map", "Đối tác, trang và lượt", "Ba đối tác", known if areas is None else areas, "lượt")


def weeks(*bars: Bar, series: tuple[str, ...] = ("Dịch bệnh", "Kinh tế - xã hội")) -> StackedBars:
    """Bars by week, three of them unless others are given."""
    known = bars or (Bar("28/09", (174, 180)), Bar("05/10", (390, 547)), Bar("12/10", (400, 703)))
    return StackedBars("weeks", "Theo tuần", "Ba tuần", series, known, "tuần bắt đầu Thứ Hai")


def steps() -> HorizontalBars:
    """Three rungs of evidence."""
    rows = [
        NamedCount("Đã tải về", 8761),
        NamedCount("Đã xác nhận", 7412, strong=True),
        NamedCount("Còn trên trang", 7190),
    ]
    return HorizontalBars("steps", "Từ tin báo đến bằng chứng", "Ba bậc", rows)


def days(**changes: object) -> HeatMap:
    """The same quarter day by day."""
    counts = {FIRST + timedelta(days=index): float(index % 7 * 30) for index in range(55)}
    values = {"key": "days", "title": "Từng ngày", "description": "", "first": FIRST, "last": LAST, "counts": counts}
    return HeatMap(**{**values, "today": TODAY, "unit": "lượt", **changes})


def spark(*values: float) -> Sparkline:
    """A line of the values given."""
    return Sparkline("spark", "30 ngày qua", "thấp nhất 68, cao nhất 193", values)


def shares(*values: float) -> ShareBar:
    """Named shares of the values given."""
    return ShareBar("shares", "Dẫn nguồn", "", [Part(f"Cách {index}", value) for index, value in enumerate(values)])


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
            Section(
                "Kết quả chung", ("Ngưỡng dẫn nguồn Ễ Ậ ỵ được giữ đủ.",), (("Bản tin đã phát", "198"),), (), chart
            ),
            Section("Theo chuyên đề", (), (), (table,)),
        ),
        "signature": Signature("KT. Giám đốc\nPhó Giám đốc", "Trần Minh An"),
        "recipients": ("Như trên", "Lưu: VT, BC (3)."),
        "symbol": "BC-SVHTT",
        "date": date(2027, 1, 5),
        "addressed_to": ("Ủy ban nhân dân thành phố",),
        "basis": ("Căn cứ Kế hoạch số 174/KH-UBND",),
        "annexes": (Section("Danh sách trang", (), (), (links,)), Section("Ghi chú", ("Một dòng.",))),
    }
    return Briefing(**{**values, **changes})


def wide() -> Table:
    """As wide as the page lets it be: eight columns, whose widths come to a little more when they are rounded."""
    heads = ("Đã tới", "Đã thấy", "Đã xác nhận", "Chờ xem xét", "Đã loại", "Đã gỡ", "Dẫn nguồn đủ")
    given = (Column("month", "Tháng"), *(Column(f"c{place}", head, "number") for place, head in enumerate(heads)))
    return Table("Theo tháng", given, [("10/2026", 3168, 3323, 3168, 93, 62, 31, 1576)])


def paper() -> papers.Paper:
    """A report for the desk with every kind of content once."""
    given = (Column("name", "Đối tác"), Column("day", "Ngày", "date"), Column("count", "Lượt", "number"))
    rows = [("Nhịp Sông", FIRST, 548), ("Phố Nhỏ", LAST, 203)]
    table = Table("Theo đối tác", given, rows, note="Mỗi lượt được đếm một lần.")
    crowded = Table("Đủ cột", tuple(Column(f"c{one}", f"Cột {one}") for one in range(9)), [tuple("abcdefghi")])
    chart = line_chart(course(), HALF, with_key=True)
    confirmed = papers.Figure("Lượt đã xác nhận", 751, before=700, note="cả tuần", href="/desk/republications")
    leading = papers.Linked(table, [{"count": "/desk/republications?partner=nhip-song"}])
    return papers.Paper(
        title="Kết quả tuần 48",
        office="Sở Văn hóa và Truyền thông",
        period="từ 23/11 đến 29/11/2026",
        as_of=datetime(2026, 11, 30, 3, tzinfo=UTC),
        rule_version="2026.3",
        parts=(
            papers.Part("Chung", ("Tuần này có thêm một đối tác.",), (confirmed, papers.Figure("Đủ", 0.98, "percent"))),
            papers.Part("Hình", drawings=(papers.Drawing("Trong kỳ", chart, chart, chart, table),)),
            papers.Part("Bảng", tables=(leading, papers.Linked(crowded))),
        ),
        words=papers.Words("Số liệu lúc {at}, luật đếm {rule}", "Kỳ trước", "Số liệu", "Kỳ này"),
    )
