"""The figures of a briefing as tables, in which each count links to the rows behind it, and the page of those rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from campaigns.compliance.cases.cases import DecisionForm
from campaigns.planning.progress import TargetProgress
from campaigns.reporting.briefings import drilldown
from campaigns.reporting.briefings.drilldown import FigureSelection
from campaigns.reporting.briefings.figures import BriefingFigures, period_before
from campaigns.reporting.rollups.rollup_query import TallyScope
from campaigns.reporting.rollups.rollup_tables import ATTRIBUTION_FIGURES
from campaigns.reporting.tallies import PARTIAL_FROM, TallyRow
from coordinator.jobs.reporting.briefings.briefing_document import (
    COUNTED,
    COUNTED_OF,
    ComparisonRow,
    comparison_rows,
    topic_name,
)
from coordinator.jobs.reporting.briefings.briefing_sentences import SentenceFigure, summary_sentences
from coordinator.translation import N_, _, language
from coordinator.web.desk.reporting.briefings import labels
from coordinator.web.kit.links import bulletin_url, case_url, finding_url, notice_url, partner_url, question_url
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.text import formats, periods
from coordinator.web.kit.text.state_labels import value_label

HOUR = 3600  # seconds
_KINDS = {"bulletins": "bulletins", "partners": "partners"}


@dataclass(frozen=True)
class FigureCell:
    """One figure for display, and the address of its rows; None for 0, and for a figure of which the table's note says
    why it has none. ``parts``: of a rate, its numerator and its denominator; ``counts``: it is the number of its rows,
    and no median of them."""

    text: str
    href: str | None = None
    parts: tuple["FigureCell", ...] = ()
    counts: bool = True


@dataclass(frozen=True)
class FigureTable:
    """One table: its caption, its headings, and rows of a name and cells. ``note``: shown below, or
    in place of rows.
    """

    id: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[FigureCell, ...]], ...]
    note: str = ""


RowsLink = Callable[[FigureSelection, str], str]


class BriefingTables:
    """The tables of a briefing. ``link`` builds the address of a figure's rows, in the period ``now`` or ``before``."""

    def __init__(self, figures: BriefingFigures, link: RowsLink) -> None:
        self.figures, self.link, self.locale = figures, link, language()

    def grids(self) -> list[FigureTable]:
        """Return every table, in the order of the document."""
        return [
            self._compared(),
            *([self._targets()] if self.figures.targets else []),
            self._lines("month", _("Theo tháng"), _("Tháng"), self.figures.by_month),
            self._lines("topic", _("Theo chuyên đề"), _("Chuyên đề"), self.figures.by_topic),
            self._lines("channel", _("Theo kênh"), _("Kênh"), self.figures.by_channel),
            self._lines("partner", _("Theo đối tác"), _("Đối tác"), self.figures.by_partner),
            self._shares(),
            self._recalled(),
            self._findings(),
            self._cases(),
            self._register(),
            self._messages(),
            self._accounts(),
            self._lines("site", _("Theo trang"), _("Trang"), self.figures.by_site),
            self._lines("day", _("Theo ngày"), _("Ngày"), self.figures.by_day),
        ]

    def _cell(self, value: int, which: FigureSelection, period: str = "now") -> FigureCell:
        return FigureCell(formats.number(value, self.locale), self.link(which, period) if value else None)

    def _compared(self) -> FigureTable:
        names = {
            "bulletins": _("Bản tin đã phát hành"),
            "confirmed": _("Lượt lan tỏa đã xác nhận"),
            "partial": _(
                "Trong đó đăng một phần, từ %(share)s nội dung", share=formats.percent(PARTIAL_FROM, self.locale, 0)
            ),
            "partners": _("Đối tác có lượt đã xác nhận"),
            "rate": _("Tỷ lệ dẫn nguồn đủ"),
            "review": _("Lượt chờ xem xét"),
            "rejected": _("Lượt đã loại"),
            "gone": _("Lượt đã xác nhận, nay đã gỡ"),
            "unreadable": _("Lượt có trang không đọc được bằng cách này"),
        }
        rows = []
        for row in comparison_rows(self.figures):
            now, before = self._measured(row, row.now, "now"), self._measured(row, row.before, "before")
            rows.append((names[row.key], (now, before, FigureCell(_difference_text(row, self.locale)))))
        return FigureTable(
            "chung", _("So với kỳ trước"), (_("Nội dung"), _("Kỳ này"), _("Kỳ trước"), _("Chênh lệch")), tuple(rows)
        )

    def _reported_link(self, period: str) -> str:
        """The page of what was reported, for the days of a period."""
        days = self.figures.before.period if period == "before" else self.figures.period
        return url_for("history.reported", period=days.label)

    def _measured(self, row: ComparisonRow, value: float | None, period: str) -> FigureCell:
        if value is None:
            return FigureCell("–")
        if row.share:
            totals = self.figures.totals if period == "now" else self.figures.before.totals
            parts = tuple(
                self._cell(getattr(totals, figure), FigureSelection("copies", figure), period)
                for figure in ("attributed", "source_seen")
            )
            return FigureCell(formats.percent(value, self.locale), parts=parts)
        if row.reported if period == "before" else row.reported_now:
            count = formats.number(value, self.locale)
            return FigureCell(_("%(count)s (báo cáo trước)", count=count), self._reported_link(period))
        which = FigureSelection(_KINDS[row.key]) if row.key in _KINDS else FigureSelection("copies", row.key)
        return self._cell(int(value), which, period)

    def _targets(self) -> FigureTable:
        rows = []
        for progress in self.figures.targets:
            name = value_label("metric", progress.metric)
            whole, quota = (
                FigureCell(formats.number(value, self.locale, 0 if value % 1 == 0 else 1), href, counts=False)
                for value, href in ((progress.actual, self._progress_url(progress)), (progress.quota, None))
            )
            rows.append(
                (
                    f"{name} · {topic_name(self.figures, progress.topic)}" if progress.topic else name,
                    (whole, quota, FigureCell(value_label("target", progress.status))),
                )
            )
        heads = (_("Chỉ tiêu"), _("Đã đạt"), _("Giao"), _("Nhận định"))
        note = _(
            "Chỉ tiêu tính trong kỳ riêng của nó, có thể dài hơn kỳ báo cáo; số đã đạt mở ra trang Tiến độ của đúng kỳ "
            "đó, với số liệu lúc này. Số giao lấy từ kế hoạch nên không có danh sách."
        )
        return FigureTable("chi-tieu", _("Chỉ tiêu"), heads, tuple(rows), note)

    def _progress_url(self, progress: TargetProgress) -> str | None:
        """The page of progress on the days of a target; None when nothing is reached."""
        if not progress.actual:
            return None
        plan = self.figures.outline.code if self.figures.outline is not None else "all"
        return url_for("progress.index", campaign=plan, period=progress.period.label, topic=progress.topic or None)

    def _lines(self, by: str, caption: str, head: str, rows: Sequence[TallyRow]) -> FigureTable:
        words = {
            "delivered": _("Đã tới"),
            "found": _("Đã thấy"),
            "confirmed": _("Đã xác nhận"),
            "review": _("Chờ xem xét"),
            "rejected": _("Đã loại"),
            "gone": _("Đã gỡ"),
            "attributed": _("Dẫn nguồn đủ"),
        }
        figures = tuple(column.key for column in COUNTED_OF.get(by, COUNTED))
        heads = (head, *(words[figure] for figure in figures))
        made = []
        for row in rows:
            cells = tuple(
                self._cell(
                    getattr(row, figure),
                    FigureSelection("delivered", "", by, row.key)
                    if figure == "delivered"
                    else FigureSelection("copies", figure, by, row.key),
                )
                for figure in figures
            )
            made.append((self._named(by, row), cells))
        return FigureTable(f"theo-{by}", caption, heads, tuple(made), "" if made else _("Trong kỳ không có."))

    def _named(self, by: str, row: TallyRow) -> str:
        if by == "day":
            return formats.day(date.fromisoformat(row.key))
        return f"{row.key[5:]}/{row.key[:4]}" if by == "month" else row.name

    def _shares(self) -> FigureTable:
        rows = tuple(
            (
                value_label("attribution", share.attribution),
                (self._cell(share.count, FigureSelection("copies", ATTRIBUTION_FIGURES[share.attribution])),),
            )
            for share in self.figures.shares
        )
        return FigureTable("dan-nguon", _("Dẫn nguồn"), (_("Cách dẫn nguồn"), _("Số lượt")), rows)

    def _recalled(self) -> FigureTable:
        had = self.figures.recalled
        rows = [
            (
                _("Số lần đính chính"),
                (self._cell(had.corrections, FigureSelection("corrections")), *_blank_for_zero(3)),
            ),
            (_("Số bản tin bị thu hồi"), (self._cell(had.recalls, FigureSelection("recalls")), *_blank_for_zero(3))),
        ]
        for removals in had.partners:
            removed = self._cell(removals.removed, FigureSelection("removed", "", "partner", removals.code))
            up = self._cell(removals.still_up, FigureSelection("still_up", "", "partner", removals.code))
            rows.append(
                (
                    removals.name,
                    (
                        removed,
                        up,
                        *(
                            FigureCell(self._hours(seconds), removed.href, counts=False)
                            for seconds in (removals.median, removals.longest)
                        ),
                    ),
                )
            )
        heads = (_("Nội dung"), _("Số lần, bài đã gỡ"), _("Bài chưa gỡ"), _("Điển hình (giờ)"), _("Lâu nhất (giờ)"))
        return FigureTable("thu-hoi", _("Đính chính và thu hồi"), heads, tuple(rows))

    def _hours(self, seconds: float | None) -> str:
        return "–" if seconds is None else formats.number(seconds / HOUR, self.locale, 1)

    def _findings(self) -> FigureTable:
        heads = (
            _("Nội dung"),
            _("Nghi vấn"),
            _("Kết luận có"),
            _("Kết luận không"),
        )
        rows = tuple(
            (
                row.name,
                tuple(
                    self._cell(getattr(row, figure), FigureSelection("findings", figure, "", row.code))
                    for figure in drilldown.FINDING_FIGURES
                ),
            )
            for row in self.figures.findings.lines
        )
        return FigureTable(
            "nghi-van", _("Nghi vấn và kết luận"), heads, rows, "" if rows else _("Trong kỳ chưa có kết luận nào.")
        )

    def _register(self) -> FigureTable:
        rows = []
        before = self.figures.management.register_before
        for row in self.figures.management.register.rows:
            kind = row.kind.value

            def cell(value: int, figure: str, period: str = "now", kind: str = kind) -> FigureCell:
                return self._cell(value, FigureSelection("licences", figure, "licence_kind", kind), period)

            cells = (
                cell(before.of(row.kind).licences, "in_force", "before"),
                cell(row.new, "new"),
                cell(row.changed, "changed"),
                cell(row.expired, "expired"),
                cell(row.withdrawn, "withdrawn"),
                cell(row.licences, "in_force"),
                self._cell(row.companies, FigureSelection("licensed", "", "licence_kind", kind)),
                cell(row.ending, "ending"),
            )
            rows.append((value_label("site", row.kind), cells))
        heads = (
            _("Loại giấy phép"),
            _("Hết kỳ trước"),
            _("Cấp mới"),
            _("Thay đổi"),
            _("Hết hạn"),
            _("Thu hồi"),
            _("Còn hiệu lực"),
            _("Doanh nghiệp"),
            _("Sắp hết hạn"),
        )
        return FigureTable("giay-phep", _("Quản lý giấy phép"), heads, tuple(rows))

    def _messages(self) -> FigureTable:
        messages = self.figures.management.messages

        def pairs(name: str, figure: str) -> tuple[str, tuple[FigureCell, ...]]:
            return name, (self._cell(getattr(messages, figure), FigureSelection("notices", figure)),)

        answered = self.link(FigureSelection("answered"), "now") if messages.answered else None
        typical = "–" if messages.typical is None else formats.number(messages.typical / HOUR, self.locale, 1)
        rows = (
            (_("Thông báo đã gửi"), (self._cell(messages.notices, FigureSelection("notices")),)),
            (_("Đối tác được gửi"), (self._cell(messages.partners, FigureSelection("briefed")),)),
            pairs(_("Lượt nhận"), "sent"),
            pairs(_("Lượt nhận đã đọc"), "read"),
            pairs(_("Lượt phải xác nhận"), "to_confirm"),
            pairs(_("Lượt đã xác nhận nội dung"), "confirmed"),
            (_("Câu hỏi của đối tác"), (self._cell(messages.questions, FigureSelection("questions")),)),
            (_("Câu hỏi đã trả lời"), (self._cell(messages.answered, FigureSelection("answered")),)),
            (_("Thời gian trả lời điển hình (giờ)"), (FigureCell(typical, answered, counts=False),)),
        )
        heads = (_("Nội dung"), _("Số"))
        return FigureTable("huong-dan", _("Hướng dẫn và trả lời đối tác"), heads, rows)

    def _accounts(self) -> FigureTable:
        accounts = self.figures.management.accounts
        rows = [
            (_("Mọi tài khoản, mỗi bản tin một lần"), (self._cell(accounts.bulletins, FigureSelection("accounts")),))
        ]
        rows += [
            (row.name, (self._cell(row.bulletins, FigureSelection("account_deliveries", "", "channel", row.code)),))
            for row in accounts.accounts
        ]
        heads = (_("Tài khoản"), _("Bản tin"))
        return FigureTable("tai-khoan", _("Bản tin trên tài khoản chính thức"), heads, tuple(rows))

    def sentences(self) -> list[list[tuple[str, str | None]]]:
        """Return the sentences that sum up the document, as they stand in it: each a list of texts with the address of
        the rows behind it, or None."""
        return [
            [(part, None) if isinstance(part, str) else (part.text, self._sentence_link(part)) for part in sentence]
            for sentence in summary_sentences(self.figures)
        ]

    def _sentence_link(self, part: SentenceFigure) -> str | None:
        return self.link(part.which, "now") if part.text != "0" else None

    def _cases(self) -> FigureTable:
        cases = self.figures.management.cases

        def row(name: str, value: int, figure: str, key: str = "") -> tuple[str, tuple[FigureCell, ...]]:
            return name, (self._cell(value, FigureSelection("cases", figure, "", key)),)

        rows = [
            row(_("Tổ chức, cá nhân bị xử lý"), cases.subjects, "subjects"),
            row(_("Tổ chức"), cases.organisations, "organisations"),
            row(_("Cá nhân"), cases.persons, "persons"),
            row(_("Lần xử lý"), cases.decisions, "decisions"),
            *(row(_decision_form(form.key), form.count, "form", form.key) for form in cases.forms),
            row(_("Tổng số tiền phạt (đồng)"), cases.amount, "amount"),
            row(_("Số tiền phạt đã nộp (đồng)"), cases.paid, "paid"),
            row(_("Lần xử lý vi phạm của kỳ trước"), len(cases.earlier), "earlier"),
            *(row(_("Lỗi: %(fault)s", fault=fault.name), fault.count, "fault", fault.key) for fault in cases.faults),
        ]
        note = _("Tính theo ngày của quyết định, không theo ngày vi phạm.")
        return FigureTable("xu-ly", _("Xử lý vi phạm"), (_("Nội dung"), _("Số lượng")), tuple(rows), note)


def _decision_form(value: str) -> str:
    return value_label("decision_form", DecisionForm(value))


def _blank_for_zero(count: int) -> tuple[FigureCell, ...]:
    return tuple(FigureCell("") for _number in range(count))


def _difference_text(row: ComparisonRow, locale: str) -> str:
    if row.now is None or row.before is None:
        return "–"
    grown = row.now - row.before
    sign = "+" if grown > 0 else "−" if grown < 0 else ""
    if row.share:
        return sign + _("%(count)s điểm", count=formats.number(abs(grown) * 100, locale, 1))
    return f"{sign}{formats.number(abs(grown), locale)}"


def rows_url(endpoint: str, public: str, which: FigureSelection, period: str) -> str:
    """Return the address of the rows behind a figure."""
    values = {"kind": which.kind, "figure": which.figure, "by": which.by, "key": which.key, "period": period}
    given: dict[str, Any] = {name: value for name, value in values.items() if value}
    return url_for(endpoint, public=public, **given)


def slice_label(which: FigureSelection) -> str:
    """Return a label for the rows of a figure."""
    kinds = {
        "delivered": _("Bản tin đã tới kênh"),
        "bulletins": _("Bản tin đã phát hành"),
        "partners": _("Đối tác có lượt đã xác nhận"),
        "corrections": _("Bản tin được đính chính"),
        "recalls": _("Bản tin bị thu hồi"),
        "removed": _("Bài đã gỡ sau thu hồi"),
        "still_up": _("Bài chưa gỡ sau thu hồi"),
    }
    if which.kind in kinds:
        return str(kinds[which.kind])
    if which.kind in drilldown.MANAGEMENT_KINDS:
        return labels.management_label(which)
    if which.kind == "findings":
        return str(labels.finding_figure_label(which.figure))
    if which.kind == "cases":
        return str(_("Xử lý vi phạm: %(figure)s", figure=labels.case_figure_label(which.figure)))
    return str(_("Lượt lan tỏa: %(figure)s", figure=labels.figure_label(which.figure)))


def _key_label(which: FigureSelection) -> str:
    if which.kind == "findings":
        return ""
    return value_label("site", which.key) if which.by == "licence_kind" and which.key else which.key


COUNT_HEADS = {"licensed": N_("Giấy phép"), "briefed": N_("Thông báo"), "notices": N_("Đối tác được gửi")}


def rows_page(session: Session, scope: TallyScope, back: tuple[str, str], now: datetime) -> str:
    """Show the rows behind the figure named in the address, fifty a page."""
    asked = request.args
    if asked.get("period") == "before":
        scope = TallyScope(period_before(scope.period), scope.campaign_id, as_of=scope.as_of, topics=scope.topics)
    which = FigureSelection(asked.get("kind", ""), asked.get("figure", ""), asked.get("by", ""), asked.get("key", ""))
    found = drilldown.drilldown_rows(session, scope, which, now=now)
    part = pagination.paginate(found)
    # Of pairs of a notice and a partner there is one row for each notice.
    pairs = which.kind == "notices" and bool(which.figure)
    total = sum(row.count or 0 for row in found) if pairs else len(found)
    return render_template(
        "desk/reporting/briefings/rows.html",
        part=part, total=total, back=back, which=which, period=periods.period_name(scope.period),
        bulletin_page=bulletin_url,
        partner_page=partner_url, case_page=case_url, notice_page=notice_url, question_page=question_url,
        finding_page=finding_url,
        counts=_(COUNT_HEADS[which.kind]) if which.kind in COUNT_HEADS else "", key_name=_key_label(which),
        words=slice_label(which),
    )  # fmt: skip
