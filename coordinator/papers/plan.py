"""A plan's result as a paper: targets, who carried it, through which weeks."""

from campaigns.planning.campaigns import Metric
from campaigns.planning.progress import Standing
from campaigns.reporting.plan_results import PlanResult
from campaigns.reporting.tallies import Row
from coordinator.exports.charts import NARROW, WIDE, Bar, StackedBars, stacked_bars
from coordinator.exports.format import vi_day
from coordinator.exports.paper import Drawing, Figure, Linked, Paper, Part, columns, linked
from coordinator.exports.tables import Table
from coordinator.papers.voice import Voice

MOST_PARTNERS = 100  # listed; the page of progress has all of them


def plan_paper(told: PlanResult, voice: Voice) -> Paper:
    """The paper of one plan; its main table is the targets."""
    _ = voice.say
    words = _("Kế hoạch đã kết thúc; đây là kết quả.") if told.over else _("Kế hoạch còn chạy; đây là số tới lúc lập.")
    parts = (
        Part(_("Kết quả chung"), (words,), _figures(told, voice), tables=(_targets(told, voice),)),
        Part(_("Theo tuần"), drawings=(_weeks(told, voice),)),
        Part(_("Theo chuyên đề"), tables=(_lines(told, voice, told.topics, "topic", _("Chuyên đề")),)),
        _partners(told, voice),
        _shares(told, voice),
        _furthest(told, voice),
    )
    return voice.paper(_("Kết quả kế hoạch %(number)s", number=told.number), told.period, parts)


def _figures(told: PlanResult, voice: Voice) -> tuple[Figure, ...]:
    _ = voice.say
    total, period = told.totals, told.period
    share = total.attributed / total.confirmed if total.confirmed else None
    return (
        Figure(_("Bản tin phát hành"), told.bulletins),
        Figure(_("Lượt phát đã tới"), total.delivered),
        Figure(
            _("Bài đã xác nhận"), total.confirmed, href=voice.copies(period, campaign=told.code, status="confirmed")
        ),
        Figure(_("Chờ xem xét"), total.review, href=voice.copies(period, campaign=told.code, status="review")),
        Figure(
            _("Đã gỡ, vẫn tính"), total.gone,
            href=voice.copies(period, campaign=told.code, status="confirmed", life="gone"),
        ),
        Figure(_("Tỷ lệ dẫn nguồn đủ"), share, "percent"),
        Figure(_("Đối tác có bài"), sum(bool(row.confirmed) for row in told.partners)),
        Figure(_("Đối tác chưa có bài"), told.silent),
    )  # fmt: skip


def _targets(told: PlanResult, voice: Voice) -> Linked:
    _ = voice.say
    metrics = {
        Metric.BULLETINS: _("Bản tin phát hành"), Metric.REPUBLICATIONS: _("Bài đã xác nhận"),
        Metric.PARTNERS: _("Đối tác có bài"), Metric.ATTRIBUTION_RATE: _("Tỷ lệ dẫn nguồn đủ, phần trăm"),
        Metric.VIEWS: _("Lượt xem đã lọc"),
    }  # fmt: skip
    states = {
        Standing.MET: _("đạt"), Standing.ON_COURSE: _("đúng tiến độ"),
        Standing.BEHIND: _("không đạt") if told.over else _("chậm"),
    }  # fmt: skip
    rows = [
        (
            (metrics.get(one.metric, one.metric.value), one.topic or _("tất cả"), one.quota, one.actual,
             one.actual / one.quota if one.quota else None, states.get(one.status, one.status.value)),
            {"actual": voice.copies(told.period, campaign=told.code, status="confirmed", topic=one.topic or "")}
            if one.metric is Metric.REPUBLICATIONS
            else {},
        )
        for one in told.targets
    ]  # fmt: skip
    note = "" if rows else _("Kế hoạch này không có chỉ tiêu.")
    return linked(
        _("Chỉ tiêu"),
        columns(
            ("metric", _("Chỉ tiêu")), ("topic", _("Chuyên đề")), ("quota", _("Giao"), "number"),
            ("actual", _("Đã đạt"), "number"), ("share", _("So với giao"), "percent"), ("status", _("Nhận định")),
        ),
        rows,
        note,
    )  # fmt: skip


def _weeks(told: PlanResult, voice: Voice) -> Drawing:
    _ = voice.say
    topics = [(row.key, row.name) for row in told.topics]
    figure = StackedBars(
        key="weeks",
        title=_("Bài đã xác nhận theo tuần"),
        description=_("Mỗi cột một tuần, chia theo chuyên đề."),
        series=tuple(name for _code, name in topics),
        bars=[
            Bar(vi_day(one.first, voice.locale), tuple(float(one.counts.get(code, 0)) for code, _name in topics))
            for one in told.weeks
        ],
        note=_("Nhãn là ngày Thứ Hai của tuần."),
    )
    given = columns(("first", _("Tuần từ"), "date"), *((code, name, "number") for code, name in topics))
    table = Table(
        figure.title, given, [(one.first, *(one.counts.get(code, 0) for code, _name in topics)) for one in told.weeks]
    )
    return Drawing(
        figure.title, stacked_bars(figure, WIDE, voice.locale, with_key=True),
        stacked_bars(figure, NARROW, voice.locale, with_key=True),
        stacked_bars(figure, WIDE, voice.locale, with_key=True), table,
    )  # fmt: skip


def _lines(told: PlanResult, voice: Voice, these: tuple[Row, ...], by: str, name: str, note: str = "") -> Linked:
    _ = voice.say
    rows = [
        (
            (row.name, row.delivered, row.confirmed, row.review, row.gone, row.attributed),
            {
                "confirmed": voice.copies(told.period, campaign=told.code, status="confirmed", **{by: row.key}),
                "review": voice.copies(told.period, campaign=told.code, status="review", **{by: row.key}),
            },
        )
        for row in these
    ]
    return linked(
        name,
        columns(
            ("name", name), ("delivered", _("Đã tới"), "number"), ("confirmed", _("Đã xác nhận"), "number"),
            ("review", _("Chờ xem xét"), "number"), ("gone", _("Đã gỡ"), "number"),
            ("attributed", _("Dẫn nguồn đủ"), "number"),
        ),
        rows,
        note,
    )  # fmt: skip


def _partners(told: PlanResult, voice: Voice) -> Part:
    _ = voice.say
    shown = told.partners[:MOST_PARTNERS]
    note = _("Chỉ nêu %(count)s đối tác đầu.", count=MOST_PARTNERS) if len(told.partners) > len(shown) else ""
    words = () if shown else (_("Chưa đối tác nào nhận hay đăng bản tin của kế hoạch."),)
    return Part(_("Theo đối tác"), words, tables=(_lines(told, voice, shown, "partner", _("Đối tác"), note),))


def _shares(told: PlanResult, voice: Voice) -> Part:
    _ = voice.say
    whole = sum(one.count for one in told.shares)
    rows = [
        (
            (voice.attribution(one.attribution), one.count, one.count / whole if whole else None),
            {
                "count": voice.copies(
                    told.period, campaign=told.code, status="confirmed", attribution=one.attribution.value
                )
            },
        )
        for one in told.shares
    ]
    given = columns(("way", _("Dẫn nguồn")), ("count", _("Bài"), "number"), ("share", _("Tỷ lệ"), "percent"))
    return Part(_("Cách dẫn nguồn"), tables=(linked(_("Cách dẫn nguồn"), given, rows),))


def _furthest(told: PlanResult, voice: Voice) -> Part:
    _ = voice.say
    rows = [
        (
            (one.code, one.title, one.confirmed),
            {"code": f"/desk/bulletins/{one.code}", "confirmed": f"/desk/bulletins/{one.code}/spread"},
        )
        for one in told.furthest
    ]
    given = columns(("code", _("Mã")), ("title", _("Tiêu đề")), ("confirmed", _("Đã xác nhận"), "number"))
    words = () if rows else (_("Chưa bản tin nào có bài được xác nhận."),)
    return Part(_("Bản tin đi xa nhất"), words, tables=(linked(_("Bản tin đi xa nhất"), given, rows),))
