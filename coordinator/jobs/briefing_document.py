"""A briefing's figures and words as the document that is signed: parts, tables and drawings, in Vietnamese."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from campaigns.core.clock import Period, city_day
from campaigns.planning.campaigns import Metric
from campaigns.planning.progress import TargetProgress
from campaigns.reporting.briefing import Figures, days_so_far
from campaigns.reporting.signing import Letter
from campaigns.reporting.tallies import Row
from campaigns.tracking.attribution import Attribution
from coordinator.exports.charts import HALF, Bar, Course, Expected, StackedBars, line_chart, stacked_bars
from coordinator.exports.document import Briefing, Section, Signature
from coordinator.exports.format import ABSENT, vi_date, vi_number, vi_percent
from coordinator.exports.tables import Column, Table, Value
from coordinator.jobs.naming import ATTRIBUTION_VI, METRIC_VI, STANDING_VI

GROUP_VI = {
    "partner": "Đối tác",
    "site": "Trang",
    "topic": "Chuyên đề",
    "channel": "Kênh",
    "month": "Tháng",
    "day": "Ngày",
}
COUNTED = (
    Column("delivered", "Đã tới", "number"),
    Column("found", "Đã thấy", "number"),
    Column("confirmed", "Đã xác nhận", "number"),
    Column("review", "Chờ xem xét", "number"),
    Column("rejected", "Đã loại", "number"),
    Column("gone", "Đã gỡ", "number"),
    Column("attributed", "Dẫn nguồn đủ", "number"),
)
MOST_IN_THE_BODY = 10  # partners told before the annex, which has them all
_HOUR = 3600


@dataclass(frozen=True)
class Compared:
    """One line of the comparison: ``now`` and ``before`` are counts, or shares 0–1 where ``share``; None = cannot be
    said, since there was nothing to have a share of."""

    key: str
    name: str
    now: float | None
    before: float | None
    share: bool = False


def compared(told: Figures) -> list[Compared]:
    """The period's main figures beside those of the period before."""
    now, was = told.totals, told.before.totals
    return [
        Compared("bulletins", "Bản tin đã phát hành", told.bulletins, told.before.bulletins),
        Compared("confirmed", "Lượt lan tỏa đã xác nhận", now.confirmed, was.confirmed),
        Compared("partners", "Đối tác có lượt đã xác nhận", told.partners, told.before.partners),
        Compared("rate", "Tỷ lệ dẫn nguồn đủ", _rate(now), _rate(was), share=True),
        Compared("review", "Lượt chờ xem xét", now.review, was.review),
        Compared("rejected", "Lượt đã loại", now.rejected, was.rejected),
        Compared("gone", "Lượt đã xác nhận, nay đã gỡ", now.gone, was.gone),
    ]


def _rate(row: Row) -> float | None:
    return row.attributed / row.confirmed if row.confirmed else None


def difference(one: Compared) -> str:
    """By how much a figure grew: ``+120 (+12,5%)``; of shares in points."""
    if one.now is None or one.before is None:
        return ABSENT
    grown = one.now - one.before
    sign = "+" if grown > 0 else "−" if grown < 0 else ""
    if one.share:
        return f"{sign}{vi_number(abs(grown) * 100, 1)} điểm"
    share = f" ({sign}{vi_percent(abs(grown) / one.before)})" if one.before and grown else ""
    return f"{sign}{vi_number(abs(grown))}{share}"


def figure(value: float | None, *, share: bool) -> str:
    """A figure of the comparison as it is shown."""
    return vi_percent(value) if share else vi_number(value)


def compared_table(told: Figures) -> Table:
    """The comparison as a table."""
    columns = (
        Column("name", "Nội dung"),
        Column("now", "Kỳ này", "number"),
        Column("before", "Kỳ trước", "number"),
        Column("grown", "Chênh lệch", "number"),
    )
    lines: list[tuple[Value, ...]] = [
        (one.name, figure(one.now, share=one.share), figure(one.before, share=one.share), difference(one))
        for one in compared(told)
    ]
    note = f"Kỳ trước: {period_words(told.before.period)}, số liệu chốt cùng lúc."
    return Table("So với kỳ trước", columns, lines, note=note)


def compared_sheet(told: Figures) -> Table:
    """The comparison with figures that a spreadsheet goes on to count with: shares and their difference in points."""
    columns = (
        Column("name", "Nội dung"),
        Column("unit", "Đơn vị"),
        Column("now", "Kỳ này", "number"),
        Column("before", "Kỳ trước", "number"),
        Column("grown", "Chênh lệch", "number"),
        Column("by", "Tăng, giảm", "percent"),
    )
    return Table(
        "So với kỳ trước", columns, [_sheet_line(one) for one in compared(told)], note=compared_table(told).note
    )


def _sheet_line(one: Compared) -> tuple[Value, ...]:
    scale = 100 if one.share else 1
    now, before = (None if value is None else value * scale for value in (one.now, one.before))
    grown = None if now is None or before is None else now - before
    share = grown / before if grown is not None and before and not one.share else None
    return (one.name, "%" if one.share else "", now, before, grown, share)


def rows_table(title: str, by: str, rows: Sequence[Row], total: Row | None = None) -> Table:
    """Lines of progress as a table that any writer takes."""
    columns = (Column("key", "Mã"), Column("name", GROUP_VI[by]), *COUNTED)
    lines = [tuple(getattr(row, column.key) for column in columns) for row in rows]
    footer = ("", "Tổng", *(getattr(total, column.key) for column in COUNTED)) if total is not None else None
    return Table(title, columns, lines, footer=footer)


def signed_table(title: str, by: str, rows: Sequence[Row], total: Row | None = None) -> Table:
    """The same for a document that people sign: without our codes, days and months as a letter writes them."""
    columns = (Column("name", GROUP_VI[by]), *COUNTED)
    named = [row._replace(name=_named(row, by)) for row in rows]
    lines = [tuple(getattr(row, column.key) for column in columns) for row in named]
    footer = ("Tổng", *(getattr(total, column.key) for column in COUNTED)) if total is not None else None
    return Table(title, columns, lines, footer=footer, note="" if lines else "Trong kỳ không có.")


def days_sheet(told: Figures) -> Table:
    """Day by day, with days that a spreadsheet knows as such."""
    lines = [(date.fromisoformat(row.key), *(getattr(row, one.key) for one in COUNTED)) for row in told.by_day]
    return Table("Theo ngày", (Column("day", GROUP_VI["day"], "date"), *COUNTED), lines)


def _named(row: Row, by: str) -> str:
    if by == "day":
        return vi_date(date.fromisoformat(row.key))
    return f"{row.key[5:]}/{row.key[:4]}" if by == "month" else row.name


def topic_name(told: Figures, code: str) -> str:
    """A topic as people call it; its code where the period says nothing of it."""
    return next((row.name for row in told.by_topic if row.key == code), code)


def targets_table(told: Figures) -> Table:
    """Targets and how they stand."""
    columns = (
        Column("metric", "Chỉ tiêu"),
        Column("topic", "Chuyên đề"),
        Column("quota", "Giao", "number"),
        Column("actual", "Đã đạt", "number"),
        Column("forecast", "Dự báo cuối kỳ", "number"),
        Column("status", "Nhận định"),
    )
    lines = [
        (
            METRIC_VI[one.metric],
            topic_name(told, one.topic) if one.topic else "tất cả",
            one.quota,
            one.actual,
            round(one.forecast.value, 1),
            STANDING_VI[one.status],
        )
        for one in told.targets
    ]
    return Table("Chỉ tiêu", columns, lines)


def shares_table(told: Figures) -> Table:
    """How the source is named."""
    whole = sum(one.count for one in told.shares)
    columns = (
        Column("way", "Cách dẫn nguồn"),
        Column("count", "Số lượt", "number"),
        Column("share", "Tỷ lệ", "percent"),
    )
    # Of nothing there is no share: 0,0% would say that the source was never named.
    rows = [(ATTRIBUTION_VI[one.attribution], one.count, one.count / whole if whole else None) for one in told.shares]
    return Table("Dẫn nguồn", columns, rows)


def removals_table(told: Figures) -> Table:
    """By partner, the copies of what was recalled, and how long their removal took."""
    columns = (
        Column("name", "Đối tác"),
        Column("removed", "Đã gỡ", "number"),
        Column("median", "Trung vị (giờ)", "number"),
        Column("longest", "Lâu nhất (giờ)", "number"),
        Column("still_up", "Chưa gỡ", "number"),
    )
    lines = [
        (one.name, one.removed, _hours(one.median), _hours(one.longest), one.still_up) for one in told.recalled.partners
    ]
    return Table("Thời gian gỡ bài của bản tin bị thu hồi", columns, lines)


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / _HOUR, 1)


def findings_table(told: Figures) -> Table:
    """By rule, what was proposed and concluded."""
    columns = (
        Column("name", "Nội dung"),
        Column("proposed", "Nghi vấn", "number"),
        Column("confirmed", "Kết luận có", "number"),
        Column("dismissed", "Kết luận không", "number"),
        Column("mended", "Đã khắc phục", "number"),
        Column("handed_on", "Chuyển xử lý", "number"),
    )
    lines = [
        (f"{one.code}. {one.name}", one.proposed, one.confirmed, one.dismissed, one.mended, one.handed_on)
        for one in told.findings.lines
    ]
    return Table("Nghi vấn và kết luận", columns, lines)


def headline(targets: Sequence[TargetProgress]) -> TargetProgress | None:
    """The target that stands for the whole campaign: republications over every topic, else the first of its kind."""
    wanted = [one for one in targets if one.metric is Metric.REPUBLICATIONS]
    return next((one for one in wanted if one.topic is None), wanted[0] if wanted else None)


def course_chart(told: Figures) -> str:
    """The course of confirmed republications through the period, with target and forecast, as SVG."""
    period, today, target = told.period, city_day(told.as_of), headline(told.targets)
    days = days_so_far(told, today)
    own = target is not None and told.outline is not None and told.outline.period.last == period.last
    own = own and told.outline is not None and told.outline.period.first == period.first
    expected: tuple[Expected, ...] = ()
    if target is not None and own and today < period.last:
        expected = (Expected(period.last, target.forecast.value, target.forecast.low, target.forecast.high),)
    reached = days[-1][1] if days else 0
    course = Course(
        key="course",
        title="Lượt lan tỏa đã xác nhận",
        description=f"Từ {vi_date(period.first)} đến {vi_date(period.last)}: {vi_number(reached)} lượt.",
        first=period.first,
        last=period.last,
        actual=[(day, float(total)) for day, total in days],
        today=today,
        # A target of another length of time is no line in this one.
        target=target.quota if target is not None and own else None,
        forecast=expected,
        unit="đã xác nhận",
    )
    return str(line_chart(course, HALF, with_key=True))


def months_chart(told: Figures) -> str:
    """Confirmed republications by month, as SVG."""
    bars = [Bar(_named(row, "month"), (row.confirmed,)) for row in told.by_month]
    said = "; ".join(f"{bar.label}: {vi_number(bar.values[0])}" for bar in bars)
    drawn = StackedBars("months", "Lượt đã xác nhận theo tháng", f"{said}.", ("đã xác nhận",), bars)
    return str(stacked_bars(drawn, HALF, with_key=True))


def period_words(period: Period) -> str:
    """A period as a Vietnamese sentence has it."""
    label = period.label
    if "-Q" in label:
        year, quarter = label.split("-Q")
        return f"quý {['I', 'II', 'III', 'IV'][int(quarter) - 1]} năm {year}"
    if len(label) == 7 and label[4] == "-":
        return f"tháng {int(label[5:])} năm {label[:4]}"
    if len(label) == 4:
        return f"năm {label}"
    return f"từ {vi_date(period.first)} đến {vi_date(period.last)}"


def title_of(told: Figures) -> str:
    """The trích yếu."""
    return f"Kết quả lan tỏa bản tin {period_words(told.period)}"


def as_briefing(told: Figures, letter: Letter, *, drawn: bool = True) -> Briefing:
    """Figures and words in the administrative form, for an officer to finish and sign."""
    active = sorted(told.by_partner, key=lambda row: (-row.confirmed, row.key))
    sections = [
        # Line breaks of a name are for the head alone.
        _general(told, " ".join(letter.office.split()), drawn=drawn),
        Section(
            "Kết quả theo tháng",
            tables=(signed_table("Theo tháng", "month", told.by_month, told.totals),),
            chart=months_chart(told) if drawn and told.by_month else None,
        ),
        Section(
            "Kết quả theo chuyên đề và kênh",
            tables=(
                signed_table("Theo chuyên đề", "topic", told.by_topic),
                signed_table("Theo kênh", "channel", told.by_channel),
            ),
        ),
        Section(
            "Kết quả theo đối tác",
            (_partners_said(told, len(active)),),
            tables=(signed_table("Đối tác có nhiều lượt nhất", "partner", active[:MOST_IN_THE_BODY]),),
        ),
        Section("Dẫn nguồn", (_attribution_said(told),), tables=(shares_table(told),)),
        _recalled(told),
        _findings(told),
    ]
    for heading, words in (("Khó khăn, vướng mắc", letter.difficulties), ("Đề xuất, kiến nghị", letter.proposals)):
        if paragraphs := tuple(line.strip() for line in words.splitlines() if line.strip()):
            sections.append(Section(heading, paragraphs))
    return Briefing(
        parent_agency=letter.parent,
        agency=letter.office,
        place=letter.place,
        title="BÁO CÁO",
        abstract=title_of(told),
        period=period_words(told.period),
        as_of=told.as_of,
        rule_version=told.rule_version,
        sections=tuple(sections),
        signature=Signature(letter.authority, letter.signer),
        recipients=letter.recipients,
        number=letter.number,
        symbol=letter.symbol,
        date=date.fromisoformat(letter.signed_on) if letter.signed_on else None,
        addressed_to=letter.addressed_to,
        basis=letter.basis,
        annexes=(
            # The annex's own heading says what its table is of.
            Section("Kết quả theo đối tác", tables=(signed_table("", "partner", active, told.totals),)),
            Section("Kết quả theo trang", tables=(signed_table("", "site", told.by_site),)),
            Section("Kết quả theo ngày", tables=(signed_table("", "day", told.by_day, told.totals),)),
        ),
    )


def _general(told: Figures, office: str, *, drawn: bool) -> Section:
    total = told.totals
    paragraphs = (
        f"Trong kỳ, {office} phát hành {vi_number(told.bulletins)} bản tin. Các trang đối tác đăng lại "
        f"{vi_number(total.confirmed)} lượt đã được xác nhận; {vi_number(total.review)} lượt đang chờ xem xét.",
        f"Số lượt đã xác nhận nhưng hiện đã gỡ: {vi_number(total.gone)}. Lượt đã gỡ vẫn được tính.",
    )
    tables = (compared_table(told), *((targets_table(told),) if told.targets else ()))
    return Section("Kết quả chung", paragraphs, (), tables, course_chart(told) if drawn else None)


def _partners_said(told: Figures, active: int) -> str:
    return (
        f"Trong kỳ có {vi_number(told.partners)} đối tác có lượt đã xác nhận, trong tổng số {vi_number(active)} đối "
        f"tác đã nhận bản tin hoặc đã đăng lại. Bảng đầy đủ ở Phụ lục I."
    )


def _attribution_said(told: Figures) -> str:
    named = sum(one.count for one in told.shares if one.attribution is Attribution.LINKED_AT_END)
    if not told.totals.confirmed:
        return "Trong kỳ chưa có lượt nào được xác nhận nên chưa có tỷ lệ dẫn nguồn."
    rate = vi_percent(named / told.totals.confirmed)
    return f"{vi_number(named)} lượt nêu nguồn và dẫn đường dẫn ở cuối bài, đạt {rate}."


def _recalled(told: Figures) -> Section:
    had = told.recalled
    points = (f"Đính chính: {vi_number(had.corrections)} lần", f"Thu hồi: {vi_number(had.recalls)} bản tin")
    tables = (removals_table(told),) if had.partners else ()
    words = () if had.partners else ("Không có bài nào của bản tin bị thu hồi trong kỳ phải gỡ.",)
    return Section("Đính chính và thu hồi", words, (), tables, points=points)


def _findings(told: Figures) -> Section:
    if not told.findings.lines:
        return Section("Nghi vấn và kết luận", ("Trong kỳ chưa có kết luận nào.",))
    return Section("Nghi vấn và kết luận", tables=(findings_table(told),))
