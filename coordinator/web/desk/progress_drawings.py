"""The drawings of the progress page: each the wide and the narrow one, and the numbers that stand below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from campaigns.planning.forecasting import Forecast
from coordinator.exports.charts import (
    HALF,
    WIDE,
    Bar,
    Course,
    HeatMap,
    HorizontalBars,
    NamedCount,
    Part,
    ShareBar,
    StackedBars,
    heat_key,
    heat_map,
    horizontal_bars,
    line_chart,
    responsive,
    share_bar,
    stacked_bars,
)
from coordinator.exports.format import Locale
from coordinator.web import formats
from coordinator.web.desk.course_marks import along, marks_of
from coordinator.web.desk.progress_figures import Overview
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.wording import name_for

Cell = str | int | None


@dataclass(frozen=True)
class Drawing:
    """An SVG with its heading for readers, and its numbers. ``legend``: (shade or None, words) beside it."""

    title: str
    svg: Markup
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    legend: tuple[tuple[int | str | None, str], ...] = ()


def _locale() -> Locale:
    return "en" if language() == "en" else "vi"


def _number(value: float) -> str:
    return formats.number(value, language())


def course(told: Overview, supposed: Sequence[Forecast] = ()) -> Drawing:
    """Confirmed republications adding up through the period, with target, milestones and forecast, and with what is
    ``supposed`` for the end of each day left."""
    period, head = told.choice.period, told.head
    ahead = told.days_left > 0
    quota = head.quota if head else None
    figure = Course(
        key="tien-trinh",
        title=_("Lượt lan tỏa đã xác nhận, cộng dồn"),
        description=_(
            "Từ %(first)s đến %(last)s: %(count)s lượt đã xác nhận.",
            first=formats.day(period.first),
            last=formats.day(period.last),
            count=_number(told.totals.confirmed),
        ),
        first=period.first,
        last=period.last,
        actual=list(zip(told.days, map(float, told.running), strict=True)),
        today=told.today,
        target=quota,
        forecast=along(told, told.path) if ahead else (),
        unit=_("đã xác nhận"),
        supposed=along(told, supposed),
        marks=marks_of(head),
    )
    even = [round(quota * (n + 1) / period.length) if quota else None for n in range(len(told.days))]
    shown = [n for n, day in enumerate(told.days) if day.weekday() == 6 or n == len(told.days) - 1]
    rows: list[tuple[Cell, ...]] = [(formats.day_month(told.days[n]), told.running[n], even[n]) for n in shown]
    if ahead:
        last = _("%(day)s, dự báo", day=formats.day_month(period.last))
        rows.append((last, round(told.forecast.value), round(quota) if quota else None))
    legend = [(None, _("Nét liền: đã xác nhận"))]
    if ahead:
        legend.append((None, _("Nét đứt: dự báo, vùng nhạt là khoảng")))
    if supposed:
        legend.append((None, _("Gạch chấm: nếu vậy")))
        rows.append((_("%(day)s, nếu vậy", day=formats.day_month(period.last)), round(supposed[-1].value), None))
    if figure.marks:
        legend.append((None, _("Hình thoi: mốc; đặc là đã đạt, gạch chéo là lỡ")))
    if quota:
        legend.append((None, _("Chấm: chỉ tiêu chia đều")))
    return Drawing(
        title=_("Đã xác nhận và đường chia đều"),
        svg=responsive(line_chart, figure, WIDE, _locale()),
        heads=(_("Đến hết ngày"), _("Đã xác nhận"), _("Chia đều")),
        rows=tuple(rows),
        legend=tuple(legend),
    )


MOST_SERIES = 6  # tones there are


def weeks(told: Overview) -> Drawing:
    """A bar a week, its parts the topics."""
    lines = told.topics
    named, rest = (lines, ()) if len(lines) <= MOST_SERIES else (lines[: MOST_SERIES - 1], lines[MOST_SERIES - 1 :])
    series = [one.topic.name for one in named] + ([_("Chuyên đề khác")] if rest else [])
    bars: list[Bar] = []
    rows: list[tuple[Cell, ...]] = []
    for week in told.weeks:
        values = [week.counts.get(one.topic.code, 0) for one in named]
        values += [sum(week.counts.get(one.topic.code, 0) for one in rest)] if rest else []
        label = formats.day_month(week.first)
        bars.append(Bar(label, tuple(map(float, values))))
        rows.append((label, *values, sum(values)))
    unfinished = told.weeks and told.weeks[-1].first + timedelta(days=6) > told.today
    figure = StackedBars(
        key="tuan",
        title=_("Lượt đã xác nhận theo tuần và chuyên đề"),
        description=_("Mỗi cột là một tuần, bắt đầu từ Thứ Hai."),
        series=tuple(series),
        bars=bars,
        note=_("tuần bắt đầu Thứ Hai; tuần này chưa đủ 7 ngày") if unfinished else _("tuần bắt đầu Thứ Hai"),
    )
    return Drawing(
        title=figure.title,
        svg=responsive(stacked_bars, figure, HALF, _locale()),
        heads=(_("Tuần từ"), *series, _("Tổng")),
        rows=tuple(rows),
        legend=tuple((number, name) for number, name in enumerate(series, start=1)) if len(series) > 1 else (),
    )


def days(told: Overview) -> Drawing:
    """A calendar of the period, darker where more was confirmed."""
    period = told.choice.period
    counts = dict(zip(told.days, told.daily, strict=True))
    figure = HeatMap(
        key="ngay",
        title=_("Lượt đã xác nhận từng ngày"),
        description=_("Ô đậm là nhiều lượt; ô gạch là ngày chưa tới."),
        first=period.first,
        last=period.last,
        counts={day: float(count) for day, count in counts.items()},
        today=told.today,
        unit=_("lượt"),
    )
    monday = period.first - timedelta(days=period.first.weekday())
    rows: list[tuple[Cell, ...]] = [
        (
            formats.day_month(monday + timedelta(weeks=week)),
            *(counts.get(monday + timedelta(weeks=week, days=day)) for day in range(7)),
        )
        for week in range((told.days[-1] - monday).days // 7 + 1 if told.days else 0)
    ]
    weekdays = (_("T2"), _("T3"), _("T4"), _("T5"), _("T6"), _("T7"), _("CN"))
    return Drawing(
        title=figure.title,
        svg=heat_map(figure, locale=_locale()),
        heads=(_("Tuần từ"), *weekdays),
        rows=tuple(rows),
        legend=tuple((f"k{shade}", words) for shade, words in heat_key(figure, _locale())),
    )


def steps(told: Overview) -> Drawing:
    """From what was reported to what is still there."""
    found = told.funnel
    names = (
        (_("Được báo hoặc tự tìm thấy"), found.found, False),
        (_("Đã tải về"), found.fetched, False),
        (_("Khớp văn bản"), found.matched, False),
        (_("Đã xác nhận"), found.confirmed, True),
        (_("Dẫn nguồn đủ, có đường dẫn"), found.attributed, False),
        (_("Hiện còn trên trang"), found.live, False),
    )
    figure = HorizontalBars(
        key="bac",
        title=_("Từ lượt được báo đến lượt còn trên trang"),
        description=_("Số lượt ở từng bậc bằng chứng."),
        rows=[NamedCount(name, count, strong) for name, count, strong in names],
    )
    return Drawing(
        title=_("Số lượt ở từng bậc bằng chứng"),
        svg=responsive(horizontal_bars, figure, HALF, _locale()),
        heads=(_("Bậc"), _("Số lượt")),
        rows=tuple((name, count) for name, count, _strong in names),
    )


def sources(told: Overview) -> tuple[Markup, list[tuple[int, str, str, int, float]]]:
    """The bar of how copies name the source, and (shade, verdict, words, count, share) for each that occurs."""
    used = [one for one in told.shares if one.count]
    whole = sum(one.count for one in used)
    lines = [
        (
            shade,
            one.attribution.value,
            name_for("attribution", one.attribution, language()),
            one.count,
            one.count / whole,
        )
        for shade, one in enumerate(used, start=1)
    ]
    figure = ShareBar(
        key="nguon",
        title=_("Tỷ lệ dẫn nguồn của %(count)s lượt đã xác nhận", count=_number(whole)),
        description=_("Số liệu ngay dưới hình."),
        parts=[Part(name, count) for _shade, _code, name, count, _share in lines],
    )
    return share_bar(figure, locale=_locale()), lines


def waits(told: Overview) -> Drawing:
    """How long after the release copies appeared."""
    short = ("<1h", "1–3h", "3–6h", "6–12h", "12–24h", ">24h")
    long = (
        _("dưới 1 giờ"),
        _("1–3 giờ"),
        _("3–6 giờ"),
        _("6–12 giờ"),
        _("12–24 giờ"),
        _("trên 24 giờ"),
    )
    figure = StackedBars(
        key="tre",
        title=_("Bản sao xuất hiện sau giờ phát hành bao lâu"),
        description=_("Số lượt đã xác nhận theo độ trễ."),
        series=(_("Số lượt"),),
        bars=[Bar(label, (float(count),)) for label, count in zip(short, told.delays.counts, strict=True)],
    )
    return Drawing(
        title=_("Độ trễ xuất hiện"),
        svg=responsive(stacked_bars, figure, HALF, _locale()),
        heads=(_("Sau giờ phát hành"), _("Số lượt")),
        rows=tuple(zip(long, told.delays.counts, strict=True)),
    )
