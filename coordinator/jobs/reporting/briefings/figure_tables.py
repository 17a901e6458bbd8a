"""The tables of a briefing, each declared once: the page makes every figure a link to its rows, Word, PDF and Excel
take the columns that they show. Their words are in the reader's language; files are made in Vietnamese."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from campaigns.compliance.cases.cases import DecisionForm
from campaigns.compliance.cases.figures import CaseFigures
from campaigns.core.clock import Period, city_day
from campaigns.planning.campaigns import Metric
from campaigns.planning.target_progress import TargetProgress
from campaigns.reporting.briefings.drilldown import FINDING_FIGURES, FigureSelection
from campaigns.reporting.briefings.figures import BriefingFigures, running_days
from campaigns.reporting.removals import PartnerRemovals
from campaigns.reporting.rollups.rollup_tables import ATTRIBUTION_FIGURES
from campaigns.reporting.tallies import PARTIAL_FROM, TallyRow
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.exports.figure_labels import (
    ATTRIBUTION_LABELS,
    DECISION_FORM_LABELS,
    GROUP_LABELS,
    GROUP_TITLES,
    METRIC_LABELS,
    SITE_KIND_LABELS,
    TARGET_STATUS_LABELS,
)
from coordinator.exports.format import ABSENT, vi_date, vi_number, vi_percent
from coordinator.exports.table_reports.context import url_with_query
from coordinator.exports.tables import CellValue, Column, ColumnKind, Table, display_value
from coordinator.translation import N_, _, language

COUNTED = (
    Column("delivered", N_("Đã tới"), "number"),
    Column("found", N_("Đã thấy"), "number"),
    Column("confirmed", N_("Đã xác nhận"), "number"),
    Column("review", N_("Chờ xem xét"), "number"),
    Column("rejected", N_("Đã loại"), "number"),
    Column("gone", N_("Đã gỡ"), "number"),
    Column("attributed", N_("Dẫn nguồn đủ"), "number"),
)
# A channel delivers and a republication stands on a site: neither has the figures of the other.
COUNTED_OF = {"channel": COUNTED[:1], "site": COUNTED[1:]}
_HOUR = 3600  # seconds
Side = Literal["now", "before"]


@dataclass(frozen=True)
class Figure:
    """One figure. ``which``: what opens its rows in the period ``side``, or ``href`` a page of the desk; neither where
    the table's note says why there is none. ``parts``: of a rate, its numerator and its denominator; ``counts``: it is
    the number of its rows, and no median of them; ``reported``: it was reported for a time before the product was in
    use, and is not what is proven."""

    value: CellValue
    which: FigureSelection | None = None
    kind: ColumnKind = "number"
    side: Side = "now"
    href: str = ""
    parts: tuple["Figure", ...] = ()
    counts: bool = True
    reported: bool = False

    @property
    def text(self) -> str:
        """The figure as text; a dash where it is not known."""
        words = ABSENT if self.value is None else display_value(self.value, self.kind, language())
        return _("%(count)s (báo cáo trước)", count=words) if self.reported else words


Cell = CellValue | Figure


@dataclass(frozen=True)
class FigureTable:
    """One table. ``key`` is its stable name; a row begins with its name, a cell without figure is text."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    footer: tuple[CellValue, ...] | None = None

    def only(self, *keys: str) -> "FigureTable":
        """Return the table with these columns, in this order."""
        places = [next(place for place, column in enumerate(self.columns) if column.key == key) for key in keys]
        footer = None if self.footer is None else tuple(self.footer[place] for place in places)
        rows = tuple(tuple(row[place] for place in places) for row in self.rows)
        return replace(self, columns=tuple(self.columns[place] for place in places), rows=rows, footer=footer)

    def for_file(self, *keys: str) -> Table:
        """Return the table with these columns, or all, for a file: figures are values, and text where they differ from
        their column's kind."""
        table = self.only(*keys) if keys else self
        rows = [
            tuple(_cell_value(cell, column) for cell, column in zip(row, table.columns, strict=True))
            for row in table.rows
        ]
        return Table(table.title, table.columns, rows, table.note, table.footer)


def _cell_value(cell: Cell, column: Column) -> CellValue:
    if not isinstance(cell, Figure):
        return cell
    return cell.text if cell.reported or cell.kind != column.kind else cell.value


def _count(value: int, kind: str, figure: str = "", by: str = "", key: str = "", side: Side = "now") -> Figure:
    return Figure(value, FigureSelection(kind, figure, by, key), side=side)


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / _HOUR, 1)


# The comparison with the previous period


@dataclass(frozen=True)
class ComparisonRow:
    """One row of the comparison: ``now`` and ``before`` are counts, or shares 0–1 where ``share``; None = undefined, as
    the share of zero. ``reported``, ``reported_now``: the figure before, or now, is what was reported for a time before
    the product was in use, and not what is proven."""

    key: str
    name: str
    now: float | None
    before: float | None
    share: bool = False
    reported: bool = False
    reported_now: bool = False

    @property
    def difference(self) -> str:
        """The change of the figure: ``+120 (+12,5%)``; of shares in percentage points."""
        if self.now is None or self.before is None:
            return ABSENT
        grown, locale = self.now - self.before, language()
        sign = "+" if grown > 0 else "−" if grown < 0 else ""
        if self.share:
            return sign + _("%(count)s điểm", count=vi_number(abs(grown) * 100, 1, locale))
        share = f" ({sign}{vi_percent(abs(grown) / self.before, locale=locale)})" if self.before and grown else ""
        return f"{sign}{vi_number(abs(grown), 0, locale)}{share}"


def comparison_rows(figures: BriefingFigures) -> list[ComparisonRow]:
    """Return the period's main figures with those of the previous period."""
    now, was = figures.totals, figures.before.totals
    partial = _("Trong đó đăng một phần, từ %(share)s nội dung", share=vi_percent(PARTIAL_FROM, 0, language()))
    pictures, media = now.pictures or was.pictures, _("Trong đó đăng bằng ảnh, video")
    return [
        _reportable_row(figures, "bulletins", _("Bản tin đã phát hành"), Metric.BULLETINS, figures.bulletins,
                        figures.before.bulletins),
        _reportable_row(figures, "confirmed", _("Lượt lan tỏa đã xác nhận"), Metric.REPUBLICATIONS, now.confirmed,
                        was.confirmed),
        ComparisonRow("partial", partial, now.partial, was.partial),
        *([ComparisonRow("pictures", media, now.pictures, was.pictures)] if pictures else []),
        _reportable_row(figures, "partners", _("Đối tác có lượt đã xác nhận"), Metric.PARTNERS, figures.partners,
                        figures.before.partners),
        ComparisonRow("rate", _("Tỷ lệ dẫn nguồn đủ"), now.attributed_share, was.attributed_share, share=True),
        ComparisonRow("review", _("Lượt chờ xem xét"), now.review, was.review),
        ComparisonRow("rejected", _("Lượt đã loại"), now.rejected, was.rejected),
        ComparisonRow("gone", _("Lượt đã xác nhận, nay đã gỡ"), now.gone, was.gone),
        ComparisonRow("unreadable", _("Lượt có trang không đọc được bằng cách này"), now.unreadable, was.unreadable),
    ]  # fmt: skip


def _reportable_row(
    figures: BriefingFigures, key: str, name: str, metric: Metric, now: int, before: int
) -> ComparisonRow:
    """A row whose figures may be what was reported for a time before the product was in use."""
    side, other = figures.reported.compared(metric, now), figures.before.reported.compared(metric, before)
    return ComparisonRow(
        key, name, side.figure, other.figure, reported=other.is_reported, reported_now=side.is_reported
    )


def comparison(figures: BriefingFigures) -> FigureTable:
    """Return the main figures beside those of the previous period."""
    columns = (
        Column("name", _("Nội dung")),
        Column("now", _("Kỳ này"), "number"),
        Column("before", _("Kỳ trước"), "number"),
        Column("grown", _("Chênh lệch"), "number"),
    )
    rows = tuple(
        (
            row.name,
            _compared_figure(row, row.now, figures.totals, "now", figures.period),
            _compared_figure(row, row.before, figures.before.totals, "before", figures.before.period),
            Figure(row.difference, kind="text"),
        )
        for row in comparison_rows(figures)
    )
    return FigureTable("chung", _("So với kỳ trước"), columns, rows)


def _compared_figure(row: ComparisonRow, value: float | None, totals: TallyRow, side: Side, period: Period) -> Figure:
    if row.share:
        parts = (_count(getattr(totals, name), "copies", name, side=side) for name in ("attributed", "source_seen"))
        return Figure(value, kind="percent", parts=tuple(parts) if value is not None else ())
    if row.reported if side == "before" else row.reported_now:
        return Figure(value, href=url_with_query("/desk/history/", {"period": period.label}), reported=True)
    which = FigureSelection(row.key) if row.key in {"bulletins", "partners"} else FigureSelection("copies", row.key)
    return Figure(value, which, side=side)


def comparison_sheet(figures: BriefingFigures) -> Table:
    """Return the comparison with numbers for a spreadsheet: shares and their difference in percentage points."""
    columns = (
        Column("name", "Nội dung"),
        Column("unit", "Đơn vị"),
        Column("now", "Kỳ này", "number"),
        Column("before", "Kỳ trước", "number"),
        Column("grown", "Chênh lệch", "number"),
        Column("by", "Tăng, giảm", "percent"),
    )
    return Table(_("So với kỳ trước"), columns, [_comparison_sheet_row(row) for row in comparison_rows(figures)])


def _comparison_sheet_row(row: ComparisonRow) -> tuple[CellValue, ...]:
    scale = 100 if row.share else 1
    now, before = (None if value is None else value * scale for value in (row.now, row.before))
    grown = None if now is None or before is None else now - before
    share = grown / before if grown is not None and before and not row.share else None
    sides = [side for side, named in (("kỳ này", row.reported_now), ("kỳ trước", row.reported)) if named]
    name = f"{row.name} ({' và '.join(sides)}: số báo cáo trước)" if sides else row.name
    return (name, "%" if row.share else "", now, before, grown, share)


# Targets


def topic_name(figures: BriefingFigures, code: str) -> str:
    """Return the name of a topic: that in the period's figures, else that of the plan's target for it."""
    goals = figures.outline.goals if figures.outline is not None else ()
    named = [(row.key, row.name) for row in figures.by_topic]
    named += [(goal.topic, goal.topic_name) for goal in goals if goal.topic is not None and goal.topic_name]
    return next((name for key, name in named if key == code), code)


def target_name(figures: BriefingFigures, target: TargetProgress) -> str:
    """Return the name of a target, its topic beside its metric."""
    name = _(METRIC_LABELS[target.metric])
    return f"{name}: {topic_name(figures, target.topic)}" if target.topic else name


def targets(figures: BriefingFigures, shown: Sequence[TargetProgress] | None = None) -> FigureTable:
    """Return the targets and their status: all, or those ``shown``."""
    columns = (
        Column("name", _("Chỉ tiêu")),
        Column("metric", _("Chỉ tiêu")),
        Column("topic", _("Chuyên đề")),
        Column("quota", _("Giao"), "number"),
        Column("actual", _("Đã đạt"), "number"),
        Column("forecast", _("Dự báo cuối kỳ"), "number"),
        Column("status", _("Nhận định")),
    )
    plan = figures.outline.code if figures.outline is not None else "all"
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            target_name(figures, target),
            _(METRIC_LABELS[target.metric]),
            topic_name(figures, target.topic) if target.topic else _("tất cả"),
            Figure(target.quota, counts=False),
            Figure(target.actual, counts=False, href=url_with_query("/desk/progress/", {
                "campaign": plan, "period": target.period.label, "topic": target.topic or ""})),
            Figure(round(target.forecast.value, 1)),
            Figure(_(TARGET_STATUS_LABELS[target.status]), kind="text"),
        )
        for target in (figures.targets if shown is None else shown)
    )  # fmt: skip
    return FigureTable("chi-tieu", _("Chỉ tiêu"), columns, rows)


def headline(targets: Sequence[TargetProgress]) -> TargetProgress | None:
    """Return the main target of the campaign: republications over every topic, else the first of its kind."""
    wanted = [progress for progress in targets if progress.metric is Metric.REPUBLICATIONS]
    return next((progress for progress in wanted if progress.topic is None), wanted[0] if wanted else None)


# Figures by month, topic, channel, partner, site and day


def tallies_by(by: str, rows: Sequence[TallyRow], title: str = "", total: TallyRow | None = None) -> FigureTable:
    """Return rows of progress, with days and months in the form of a letter."""
    counted = _counted(by)
    columns = (Column("key", _("Mã")), Column("name", _(GROUP_LABELS[by])), *counted)
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row.key,
            row_name(row, by),
            *(
                _count(getattr(row, column.key), "delivered", "", by, row.key)
                if column.key == "delivered"
                else _count(getattr(row, column.key), "copies", column.key, by, row.key)
                for column in counted
            ),
        )
        for row in rows
    )
    footer = ("", _("Tổng"), *(getattr(total, column.key) for column in counted)) if total and rows else None
    note = "" if rows else _("Trong kỳ không có.")
    return FigureTable(f"theo-{by}", title or _(GROUP_TITLES[by]), columns, cells, note, footer)


def rows_table(by: str, rows: Iterable[TallyRow], total: TallyRow | None = None) -> Table:
    """Return rows of progress as a table with their codes, for a spreadsheet or a program."""
    counted = _counted(by)
    columns = (Column("key", _("Mã")), Column("name", _(GROUP_LABELS[by])), *counted)
    lines = [tuple(getattr(row, column.key) for column in columns) for row in rows]
    footer = ("", _("Tổng"), *(getattr(total, column.key) for column in counted)) if total is not None else None
    return Table(_(GROUP_TITLES[by]), columns, lines, footer=footer)


def _counted(by: str) -> tuple[Column, ...]:
    return tuple(replace(column, title=_(column.title)) for column in COUNTED_OF.get(by, COUNTED))


def row_name(row: TallyRow, by: str) -> str:
    """Return the name of a row: of a day and of a month as a letter writes them."""
    if by == "day":
        return vi_date(date.fromisoformat(row.key))
    return f"{row.key[5:]}/{row.key[:4]}" if by == "month" else row.name


def days_sheet(figures: BriefingFigures) -> Table:
    """Return the figures by day, with days as dates for a spreadsheet."""
    lines = [(date.fromisoformat(row.key), *(getattr(row, column.key) for column in COUNTED)) for row in figures.by_day]
    return Table(_(GROUP_TITLES["day"]), (Column("day", _(GROUP_LABELS["day"]), "date"), *_counted("day")), lines)


def course_sheet(figures: BriefingFigures) -> Table:
    """Return the confirmed copies until the end of each day for a spreadsheet, with the even pace of the target."""
    target, period = headline(figures.targets), figures.period
    if target is not None and (target.period.first, target.period.last) != (period.first, period.last):
        target = None
    columns = [Column("day", _(GROUP_LABELS["day"]), "date"), Column("confirmed", "Đã xác nhận, cộng dồn", "number")]
    if target is not None:
        columns.append(Column("even", "Chỉ tiêu chia đều", "number"))
    lines: list[tuple[CellValue, ...]] = []
    for number, (day, total) in enumerate(running_days(figures, city_day(figures.as_of)), start=1):
        even = (round(target.quota * number / period.length, 1),) if target is not None else ()
        lines.append((day, total, *even))
    return Table("Tiến trình", tuple(columns), lines)


# Attribution, corrections and recalls, findings


def shares(figures: BriefingFigures) -> FigureTable:
    """Return the forms of attribution."""
    seen = figures.totals.source_seen
    columns = (
        Column("way", _("Cách dẫn nguồn")),
        Column("count", _("Số lượt"), "number"),
        Column("share", _("Tỷ lệ"), "percent"),
    )
    # The share of zero is undefined: 0,0% would mean that the source was never named.
    rows = tuple(
        (
            _(ATTRIBUTION_LABELS[share.attribution]),
            _count(share.count, "copies", ATTRIBUTION_FIGURES[share.attribution]),
            share.count / seen if seen and share.attribution is not Attribution.NOT_SEEN else None,
        )
        for share in figures.shares
    )
    return FigureTable("dan-nguon", _("Dẫn nguồn"), columns, rows)


def occurring_shares(figures: BriefingFigures) -> Table:
    """Return the forms of attribution that occur."""
    return shares(replace(figures, shares=tuple(share for share in figures.shares if share.count))).for_file()


def removals(figures: BriefingFigures) -> FigureTable:
    """Return the copies of recalled bulletins by partner, and the duration of their removal."""
    columns = (
        Column("name", _("Đối tác")),
        Column("removed", _("Đã gỡ"), "number"),
        Column("median", _("Điển hình (giờ)"), "number"),
        Column("longest", _("Lâu nhất (giờ)"), "number"),
        Column("still_up", _("Chưa gỡ"), "number"),
    )
    rows = tuple(_removal_row(row) for row in figures.recalled.partners)
    return FigureTable("thu-hoi", _("Thời gian gỡ bài của bản tin bị thu hồi"), columns, rows)


def _removal_row(row: PartnerRemovals) -> tuple[str | Figure, ...]:
    removed = _count(row.removed, "removed", "", "partner", row.code)
    median, longest = (replace(removed, value=_hours(seconds), counts=False) for seconds in (row.median, row.longest))
    return (row.name, removed, median, longest, _count(row.still_up, "still_up", "", "partner", row.code))


def recalls(figures: BriefingFigures) -> FigureTable:
    """Return the corrections and recalls, with the removals."""
    had, blank = figures.recalled, Figure("", kind="text")
    removed = removals(figures).only("name", "removed", "still_up", "median", "longest")
    heads = (_("Nội dung"), _("Số lần, bài đã gỡ"), _("Bài chưa gỡ"), _("Điển hình (giờ)"), _("Lâu nhất (giờ)"))
    return replace(
        removed,
        title=_("Đính chính và thu hồi"),
        columns=tuple(replace(column, title=head) for column, head in zip(removed.columns, heads, strict=True)),
        rows=(
            (_("Số lần đính chính"), _count(had.corrections, "corrections"), blank, blank, blank),
            (_("Số bản tin bị thu hồi"), _count(had.recalls, "recalls"), blank, blank, blank),
            *removed.rows,
        ),
    )


def findings(figures: BriefingFigures) -> FigureTable:
    """Return the findings by rule."""
    columns = (
        Column("name", _("Nội dung")),
        Column("proposed", _("Nghi vấn"), "number"),
        Column("confirmed", _("Kết luận có"), "number"),
        Column("dismissed", _("Kết luận không"), "number"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (row.name, *(_count(getattr(row, name), "findings", name, "", row.code) for name in FINDING_FIGURES))
        for row in figures.findings.lines
    )
    note = "" if rows else _("Trong kỳ chưa có kết luận nào.")
    return FigureTable("nghi-van", _("Nghi vấn và kết luận"), columns, rows, note)


# What was handled, the register, messages and accounts


def cases(figures: BriefingFigures) -> FigureTable:
    """Return the cases handled in the period."""
    had = figures.management.cases
    columns = (Column("name", _("Nội dung")), Column("count", _("Số lượng"), "number"))
    rows: tuple[tuple[str, Figure], ...] = (
        (_("Tổ chức, cá nhân bị xử lý"), _count(had.subjects, "cases", "subjects")),
        (_("Tổ chức bị xử lý"), _count(had.organisations, "cases", "organisations")),
        (_("Cá nhân bị xử lý"), _count(had.persons, "cases", "persons")),
        (_("Lần xử lý"), _count(had.decisions, "cases", "decisions")),
        *(
            (
                _("Hình thức: %(form)s", form=_(DECISION_FORM_LABELS[DecisionForm(row.key)])),
                _count(row.count, "cases", "form", "", row.key),
            )
            for row in had.forms
        ),
        (_("Tổng số tiền phạt (đồng)"), _count(had.amount, "cases", "amount")),
        (_("Số tiền phạt đã nộp (đồng)"), _count(had.paid, "cases", "paid")),
        (_("Lần xử lý vi phạm của kỳ trước"), _count(len(had.earlier), "cases", "earlier")),
        *(
            (_("Lỗi vi phạm: %(fault)s", fault=row.name), _count(row.count, "cases", "fault", "", row.key))
            for row in had.faults
        ),
    )
    note = _("Tính theo ngày của quyết định, không theo ngày vi phạm; mỗi lỗi theo số vụ việc.")
    return FigureTable("xu-ly", _("Xử lý vi phạm"), columns, rows, note)


def faults(figures: BriefingFigures) -> Table:
    """Return the faults by the number of cases."""
    columns = (Column("fault", "Lỗi vi phạm"), Column("count", "Số vụ việc", "number"))
    rows = [(row.name, row.count) for row in figures.management.cases.faults]
    return Table("Lỗi vi phạm phổ biến", columns, rows)


def earlier_faults(had: CaseFigures) -> Table:
    """Return the decisions of the period about faults from before it, each with its case."""
    columns = (
        Column("number", "Số"), Column("on", "Ngày", "date"), Column("form", "Hình thức"),
        Column("amount", "Số tiền (đồng)", "number"), Column("fault", "Lỗi vi phạm"),
        Column("fault_on", "Ngày vi phạm", "date"), Column("case", "Vụ việc"),
    )  # fmt: skip
    rows = [
        (row.number or ABSENT, row.on, _(DECISION_FORM_LABELS[DecisionForm(row.form)]), row.amount, row.fault,
         row.fault_on, row.case)
        for row in had.earlier
    ]  # fmt: skip
    return Table("Xử lý trong kỳ về vi phạm của kỳ trước", columns, rows)


def register(figures: BriefingFigures) -> FigureTable:
    """Return the register by kind, with what was in force at the end of the previous period."""
    columns = (
        Column("kind", _("Loại giấy phép")),
        Column("before", _("Hết kỳ trước"), "number"),
        Column("new", _("Cấp mới"), "number"),
        Column("changed", _("Thay đổi"), "number"),
        Column("expired", _("Hết hạn"), "number"),
        Column("withdrawn", _("Thu hồi"), "number"),
        Column("licences", _("Còn hiệu lực"), "number"),
        Column("companies", _("Doanh nghiệp"), "number"),
        Column("ending", _("Sắp hết hạn"), "number"),
    )
    before = figures.management.register_before

    def licences(kind: str, value: int, figure: str, side: Side = "now") -> Figure:
        return _count(value, "licences", figure, "licence_kind", kind, side)

    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            _(SITE_KIND_LABELS[row.kind]),
            licences(row.kind.value, before.of(row.kind).licences, "in_force", "before"),
            *(
                licences(row.kind.value, getattr(row, name), name)
                for name in ("new", "changed", "expired", "withdrawn")
            ),
            licences(row.kind.value, row.licences, "in_force"),
            _count(row.companies, "licensed", "", "licence_kind", row.kind.value),
            licences(row.kind.value, row.ending, "ending"),
        )
        for row in figures.management.register.rows
    )
    return FigureTable("giay-phep", _("Giấy phép"), columns, rows)


def messages(figures: BriefingFigures) -> FigureTable:
    """Return the notices to partners and their questions."""
    had = figures.management.messages
    typical = Figure(_hours(had.typical), FigureSelection("answered") if had.answered else None, counts=False)
    rows = (
        (_("Thông báo đã gửi"), _count(had.notices, "notices")),
        (_("Đối tác được gửi"), _count(had.partners, "briefed")),
        (_("Lượt nhận"), _count(had.sent, "notices", "sent")),
        (_("Lượt nhận đã đọc"), _count(had.read, "notices", "read")),
        (_("Lượt phải xác nhận"), _count(had.to_confirm, "notices", "to_confirm")),
        (_("Lượt đã xác nhận nội dung"), _count(had.confirmed, "notices", "confirmed")),
        (_("Câu hỏi của đối tác"), _count(had.questions, "questions")),
        (_("Câu hỏi đã trả lời"), _count(had.answered, "answered")),
        (_("Thời gian trả lời điển hình (giờ)"), typical),
    )
    columns = (Column("name", _("Nội dung")), Column("count", _("Số"), "number"))
    return FigureTable("huong-dan", _("Hướng dẫn và trả lời đối tác"), columns, rows)


def accounts(figures: BriefingFigures) -> FigureTable:
    """Return the bulletins on the department's own accounts."""
    had = figures.management.accounts
    rows = (
        (_("Mọi tài khoản, mỗi bản tin một lần"), _count(had.bulletins, "accounts")),
        *((row.name, _count(row.bulletins, "account_deliveries", "", "channel", row.code)) for row in had.accounts),
    )
    columns = (Column("name", _("Tài khoản")), Column("count", _("Bản tin"), "number"))
    return FigureTable("tai-khoan", _("Bản tin trên tài khoản chính thức"), columns, rows)
