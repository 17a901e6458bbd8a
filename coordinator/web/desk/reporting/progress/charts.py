"""The charts of the progress page in a wide and a narrow form, each with the table of its numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from markupsafe import Markup

from campaigns.planning.forecasting import Forecast
from campaigns.planning.target_progress import MilestoneStatus, TargetProgress
from campaigns.reporting.activity import SiteActivity
from campaigns.reporting.republication_filter import DelayClass
from campaigns.reporting.tallies import AttributionShare, EvidenceFunnel, TallyRow
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.exports.charts.render import (
    HALF,
    WIDE,
    Bar,
    ForecastPoint,
    Heatmap,
    HorizontalBars,
    LineChart,
    MilestoneMark,
    NamedCount,
    Share,
    ShareBar,
    StackedBars,
    heatmap,
    heatmap_legend,
    horizontal_bars,
    line_chart,
    responsive,
    share_bar,
    stacked_bars,
)
from coordinator.exports.format import Locale
from coordinator.translation import _, language
from coordinator.web.desk.reporting.progress.queries import ProgressOverview, ProgressTiming
from coordinator.web.kit.lists.report_scope import ReportScope
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.formats import LinkedFigure
from coordinator.web.kit.text.state_labels import value_label

_MOST_POINTS = 40  # points of one line: more cannot be distinguished, and a year has 365 days
_MILESTONE_STYLES: Mapping[MilestoneStatus, Literal["met", "missed"]] = {
    MilestoneStatus.MET: "met",
    MilestoneStatus.LATE: "met",
    MilestoneStatus.MISSED: "missed",
}


def forecast_points(overview: ProgressOverview, path: Sequence[Forecast]) -> tuple[ForecastPoint, ...]:
    """Return a forecast for the end of each remaining day as points: every n-th day, and always the last."""
    step = -(-len(path) // _MOST_POINTS) or 1
    kept = [number for number in range(len(path)) if number % step == step - 1 or number == len(path) - 1]
    return tuple(
        ForecastPoint(
            overview.today + timedelta(days=number + 1), path[number].value, path[number].low, path[number].high
        )
        for number in kept
    )


def milestone_marks(target: TargetProgress | None) -> tuple[MilestoneMark, ...]:
    """Return the milestones of the headline target."""
    if target is None:
        return ()
    return tuple(
        MilestoneMark(
            progress.due_on,
            progress.figure,
            _("Mốc %(day)s: %(figure)s, %(stand)s", day=formats.day_month(progress.due_on),
              figure=formats.number(progress.figure, language()),
              stand=value_label("milestone", progress.standing).lower()),
            _MILESTONE_STYLES.get(progress.standing, ""),
        )
        for progress in target.milestones
    )  # fmt: skip


ChartCell = str | int | LinkedFigure | None


@dataclass(frozen=True)
class Chart:
    """An SVG with its heading for screen readers, and its numbers. ``legend``: (shade or None, label) beside it."""

    title: str
    svg: Markup
    heads: tuple[str, ...]
    rows: tuple[tuple[ChartCell, ...], ...]
    legend: tuple[tuple[int | str | None, str], ...] = ()


def _locale() -> Locale:
    return language()


def _number_label(value: float) -> str:
    return formats.number(value, language())


def _confirmed(choice: ReportScope, count: int, **filters: object) -> LinkedFigure:
    """Return a count of confirmed copies with its list."""
    return LinkedFigure(count, choice.rows_url(status="confirmed", **filters))


def cumulative_chart(overview: ProgressOverview, supposed: Sequence[Forecast] = (), *, low: bool = False) -> Chart:
    """Return the cumulative confirmed republications of the period, with target, milestones and forecast, and with the
    scenario (``supposed``) for the end of each remaining day. ``low``: on a page of one screen.
    """
    period, head = overview.choice.period, overview.head
    ahead = overview.days_left > 0
    quota = head.quota if head else None
    figure = LineChart(
        key="tien-trinh",
        title=_("Lượt lan tỏa đã xác nhận, cộng dồn"),
        description=_(
            "Từ %(first)s đến %(last)s: %(count)s lượt đã xác nhận.",
            first=formats.day(period.first),
            last=formats.day(period.last),
            count=_number_label(overview.totals.confirmed),
        ),
        first=period.first,
        last=period.last,
        actual=list(zip(overview.days, map(float, overview.running), strict=True)),
        today=overview.today,
        target=quota,
        forecast=forecast_points(overview, overview.path) if ahead else (),
        unit=_("đã xác nhận"),
        supposed=forecast_points(overview, supposed),
        marks=milestone_marks(head),
    )
    even = [round(quota * (n + 1) / period.length) if quota else None for n in range(len(overview.days))]
    shown = [n for n, day in enumerate(overview.days) if day.weekday() == 6 or n == len(overview.days) - 1]
    rows: list[tuple[ChartCell, ...]] = [
        (
            formats.day_month(overview.days[n]),
            _confirmed(overview.choice, overview.running[n], to=overview.days[n].isoformat()),
            even[n],
        )
        for n in shown
    ]
    if ahead:
        last = _("%(day)s, dự báo", day=formats.day_month(period.last))
        rows.append((last, round(overview.forecast.value), round(quota) if quota else None))
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
    return Chart(
        title=_("Đã xác nhận và đường chia đều"),
        svg=responsive(line_chart, figure, replace(WIDE, height=226.0) if low else WIDE, _locale()),
        heads=(_("Đến hết ngày"), _("Đã xác nhận"), _("Chia đều")),
        rows=tuple(rows),
        legend=tuple(legend),
    )


MOST_SERIES = 6  # number of available tones


def weekly_chart(timing: ProgressTiming) -> Chart:
    """Return a bar per week, divided by topic."""
    lines = timing.topics
    named, rest = (lines, ()) if len(lines) <= MOST_SERIES else (lines[: MOST_SERIES - 1], lines[MOST_SERIES - 1 :])
    series = [topic.name for topic in named] + ([_("Chuyên đề khác")] if rest else [])
    bars: list[Bar] = []
    rows: list[tuple[ChartCell, ...]] = []
    filters: list[dict[str, str]] = [{"topic": topic.code} for topic in named]
    if rest:
        filters.append({"but_topics": ",".join(topic.code for topic in named)})
    for week in timing.weeks:
        values = [week.counts.get(topic.code, 0) for topic in named]
        values += [sum(week.counts.get(topic.code, 0) for topic in rest)] if rest else []
        label = formats.day_month(week.first)
        bars.append(Bar(label, tuple(map(float, values))))
        days = _days_of_week(timing.choice, week.first)
        cells = [_confirmed(timing.choice, value, **days, **own) for value, own in zip(values, filters, strict=True)]
        rows.append((label, *cells, _confirmed(timing.choice, sum(values), **days)))
    unfinished = timing.weeks and timing.weeks[-1].first + timedelta(days=6) > timing.today
    figure = StackedBars(
        key="tuan",
        title=_("Lượt đã xác nhận theo tuần và chuyên đề"),
        description=_("Mỗi cột là một tuần, bắt đầu từ Thứ Hai."),
        series=tuple(series),
        bars=bars,
        note=_("tuần bắt đầu Thứ Hai; tuần này chưa đủ 7 ngày") if unfinished else _("tuần bắt đầu Thứ Hai"),
    )
    return Chart(
        title=figure.title,
        svg=responsive(stacked_bars, figure, HALF, _locale()),
        heads=(_("Tuần từ"), *series, _("Tổng")),
        rows=tuple(rows),
        legend=tuple((number, name) for number, name in enumerate(series, start=1)) if len(series) > 1 else (),
    )


def _days_of_week(choice: ReportScope, monday: date) -> dict[str, str]:
    """Return the days of a week that are in the period, as filters."""
    first, last = max(monday, choice.period.first), min(monday + timedelta(days=6), choice.period.last)
    return {"from": first.isoformat(), "to": last.isoformat()}


def daily_chart(timing: ProgressTiming) -> Chart:
    """Return a calendar of the period, darker on days with more confirmed republications."""
    period = timing.choice.period
    counts = dict(zip(timing.days, timing.daily, strict=True))
    figure = Heatmap(
        key="ngay",
        title=_("Lượt đã xác nhận từng ngày"),
        description=_("Ô đậm là nhiều lượt; ô gạch là ngày chưa tới."),
        first=period.first,
        last=period.last,
        counts={day: float(count) for day, count in counts.items()},
        today=timing.today,
        unit=_("lượt"),
    )
    monday = period.first - timedelta(days=period.first.weekday())
    rows: list[tuple[ChartCell, ...]] = [
        (
            formats.day_month(monday + timedelta(weeks=week)),
            *(_of_day(timing.choice, counts, monday + timedelta(weeks=week, days=day)) for day in range(7)),
        )
        for week in range((timing.days[-1] - monday).days // 7 + 1 if timing.days else 0)
    ]
    weekdays = (_("T2"), _("T3"), _("T4"), _("T5"), _("T6"), _("T7"), _("CN"))
    return Chart(
        title=figure.title,
        svg=heatmap(figure, locale=_locale()),
        heads=(_("Tuần từ"), *weekdays),
        rows=tuple(rows),
        legend=tuple((f"k{shade}", words) for shade, words in heatmap_legend(figure, _locale())),
    )


def _of_day(choice: ReportScope, counts: Mapping[date, int], day: date) -> LinkedFigure | None:
    if day not in counts:
        return None
    return _confirmed(choice, counts[day], **{"from": day.isoformat(), "to": day.isoformat()})


def funnel_chart(choice: ReportScope, found: EvidenceFunnel) -> Chart:
    """Return the funnel from reported to still live."""
    names = (
        (_("Được báo hoặc tự tìm thấy"), found.found, False, {"figure": "found"}),
        (_("Đã tải về"), found.fetched, False, {"figure": "fetched"}),
        (_("Khớp văn bản"), found.matched, False, {"figure": "matched"}),
        (_("Người xem xác nhận, không tải về"), found.by_person, False, {"figure": "by_person"}),
        (_("Đã xác nhận"), found.confirmed, True, {"status": "confirmed"}),
        (
            _("Dẫn nguồn đủ, có đường dẫn"),
            found.attributed,
            False,
            {"status": "confirmed", "attribution": Attribution.LINKED_AT_END.value},
        ),
        (_("Hiện còn trên trang"), found.live, False, {"figure": "live"}),
    )
    figure = HorizontalBars(
        key="bac",
        title=_("Từ lượt được báo đến lượt còn trên trang"),
        description=_("Số lượt ở từng bậc bằng chứng."),
        rows=[NamedCount(name, count, strong) for name, count, strong, _filters in names],
    )
    return Chart(
        title=_("Số lượt ở từng bậc bằng chứng"),
        svg=responsive(horizontal_bars, figure, HALF, _locale()),
        heads=(_("Bậc"), _("Số lượt")),
        rows=tuple((name, LinkedFigure(count, choice.rows_url(**filters))) for name, count, _strong, filters in names),
    )


def attribution_chart(
    shares: Sequence[AttributionShare],
) -> tuple[Markup, list[tuple[int, str, str, int, float]]]:
    """Return the bar of attributions, and (shade, verdict, label, count, share) for each that occurs. Copies whose
    source nobody saw are no part of the bar."""
    used = [share for share in shares if share.count and share.attribution is not Attribution.NOT_SEEN]
    whole = sum(share.count for share in used)
    lines = [
        (
            shade,
            share.attribution.value,
            value_label("attribution", share.attribution),
            share.count,
            share.count / whole,
        )
        for shade, share in enumerate(used, start=1)
    ]
    figure = ShareBar(
        key="nguon",
        title=_("Tỷ lệ dẫn nguồn của %(count)s lượt đã xác nhận, thấy được nguồn", count=_number_label(whole)),
        description=_("Số liệu ngay dưới hình."),
        parts=[Share(name, count) for _shade, _code, name, count, _share in lines],
    )
    return share_bar(figure, locale=_locale()), lines


def delay_chart(timing: ProgressTiming) -> Chart:
    """Return the distribution of delays between release and republication."""
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
        description=_("Số lượt đã xác nhận theo thời gian đăng lại."),
        series=(_("Số lượt"),),
        bars=[Bar(label, (float(count),)) for label, count in zip(short, timing.delays.counts, strict=True)],
    )
    return Chart(
        title=_("Thời gian đăng lại"),
        svg=responsive(stacked_bars, figure, HALF, _locale()),
        heads=(_("Sau giờ phát hành"), _("Số lượt")),
        rows=tuple(
            (label, LinkedFigure(count, timing.choice.rows_url(delay=delay.value)))
            for label, count, delay in zip(long, timing.delays.counts, DelayClass, strict=True)
        ),
    )


MOST_BARS = 10
MOST_NAMED = 24  # partners listed with their sites; the others share one row
MOST_SITES = 90  # sites with their own row, the largest
# The legal form that starts most names carries no information beside a short bar.
_COMMON = re.compile(
    r"^(?:công ty|cty)\s+(?:trách nhiệm hữu hạn|tnhh|cổ phần|cp|hợp danh)?\s*(?:một thành viên|mtv)?\s*", re.IGNORECASE
)


def short_company_name(name: str) -> str:
    """Return a partner's name without its legal form, unless nothing is left."""
    return _COMMON.sub("", name) or name


def partner_chart(choice: ReportScope, partners: Sequence[TallyRow]) -> Chart:
    """Return the partners with the most confirmed copies, and the sum of all others."""
    carried = [row for row in partners if row.confirmed]
    named, rest = carried[:MOST_BARS], carried[MOST_BARS:]
    rows: list[tuple[ChartCell, ...]] = [
        (row.name, _confirmed(choice, row.confirmed, partner=row.key)) for row in named
    ]
    bars = [NamedCount(short_company_name(row.name), row.confirmed, strong=True) for row in named]
    if rest:
        others = _("%(count)s đối tác khác", count=formats.number(len(rest), language()))
        together = sum(row.confirmed for row in rest)
        rows.append((others, _confirmed(choice, together, but_partners=",".join(row.key for row in named))))
        bars.append(NamedCount(others, together))
    figure = HorizontalBars(
        key="doi-tac",
        title=_("Lượt đã xác nhận theo đối tác"),
        description=_("Các đối tác mang nhiều nhất, rồi mọi đối tác khác gộp lại."),
        rows=bars,
    )
    return Chart(
        title=figure.title,
        svg=responsive(horizontal_bars, figure, HALF, language()),
        heads=(_("Đối tác"), _("Số lượt")),
        rows=tuple(rows),
    )


@dataclass(frozen=True)
class NumberTable:
    """A table of numbers without a chart."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[ChartCell, ...], ...]


def site_table(choice: ReportScope, partners: Sequence[TallyRow], sites: Sequence[SiteActivity]) -> NumberTable:
    """Return the partners with the most confirmed copies, each by its largest ``sites``."""
    with_copies = [row for row in partners if row.confirmed]
    named, rest = with_copies[:MOST_NAMED], with_copies[MOST_NAMED:]
    rows: list[tuple[ChartCell, ...]] = []

    for row in named:
        own = [site for site in sites if site.partner == row.key]
        rows += [
            (f"{row.name} · {_short_host(site.name)}", _confirmed(choice, site.confirmed, site=site.code))
            for site in own
        ]
        if left := row.confirmed - sum(site.confirmed for site in own):
            others_own = _confirmed(choice, left, partner=row.key, but_sites=",".join(site.code for site in own))
            rows.append((_("%(partner)s · trang khác", partner=row.name), others_own))
    if rest:
        others = _("%(count)s đối tác khác", count=formats.number(len(rest), language()))
        together = sum(row.confirmed for row in rest)
        rows.append((others, _confirmed(choice, together, but_partners=",".join(row.key for row in named))))
    return NumberTable(_("Đối tác, trang và số lượt đã xác nhận"), (_("Đối tác và trang"), _("Số lượt")), tuple(rows))


def _short_host(name: str) -> str:
    """Return a site's host without "www"."""
    return name.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
