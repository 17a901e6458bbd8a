"""A briefing's figures on the page: tables whose every count leads to the rows behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from campaigns.reporting.behind import Slice
from campaigns.reporting.briefing import Figures
from campaigns.reporting.sums import SHARES
from campaigns.reporting.tallies import Row
from coordinator.jobs.briefing_document import Compared, compared, topic_name
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.wording import name_for

HOUR = 3600  # seconds
_KINDS = {"bulletins": "bulletins", "partners": "partners"}


@dataclass(frozen=True)
class Cell:
    """One figure as it is shown, and where its rows are; None for what is no count of rows, and for 0."""

    text: str
    href: str | None = None


@dataclass(frozen=True)
class Grid:
    """One table: its caption, its heads, and rows of a name and cells. ``note``: said below, or in place of rows."""

    id: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    note: str = ""


Link = Callable[[Slice, str], str]


class Page:
    """A briefing's tables. ``link`` makes the address of a figure's rows, in the period ``now`` or ``before``."""

    def __init__(self, told: Figures, link: Link) -> None:
        self.told, self.link, self.locale = told, link, language()

    def grids(self) -> list[Grid]:
        """Every table, in the order of the document."""
        return [
            self._compared(),
            *([self._targets()] if self.told.targets else []),
            self._lines("month", _("Theo tháng"), _("Tháng"), self.told.by_month),
            self._lines("topic", _("Theo chuyên đề"), _("Chuyên đề"), self.told.by_topic),
            self._lines("channel", _("Theo kênh"), _("Kênh"), self.told.by_channel),
            self._lines("partner", _("Theo đối tác"), _("Đối tác"), self.told.by_partner),
            self._shares(),
            self._recalled(),
            self._findings(),
            self._lines("site", _("Theo trang"), _("Trang"), self.told.by_site),
            self._lines("day", _("Theo ngày"), _("Ngày"), self.told.by_day),
        ]

    def _cell(self, value: int, which: Slice, period: str = "now") -> Cell:
        return Cell(formats.number(value, self.locale), self.link(which, period) if value else None)

    def _compared(self) -> Grid:
        names = {
            "bulletins": _("Bản tin đã phát hành"),
            "confirmed": _("Lượt lan tỏa đã xác nhận"),
            "partners": _("Đối tác có lượt đã xác nhận"),
            "rate": _("Tỷ lệ dẫn nguồn đủ"),
            "review": _("Lượt chờ xem xét"),
            "rejected": _("Lượt đã loại"),
            "gone": _("Lượt đã xác nhận, nay đã gỡ"),
        }
        rows = []
        for one in compared(self.told):
            now, before = self._measured(one, one.now, "now"), self._measured(one, one.before, "before")
            rows.append((names[one.key], (now, before, Cell(_difference(one, self.locale)))))
        return Grid(
            "chung", _("So với kỳ trước"), (_("Nội dung"), _("Kỳ này"), _("Kỳ trước"), _("Chênh lệch")), tuple(rows)
        )

    def _measured(self, one: Compared, value: float | None, period: str) -> Cell:
        if value is None:
            return Cell("–")
        if one.share:
            return Cell(formats.percent(value, self.locale))
        which = Slice(_KINDS[one.key]) if one.key in _KINDS else Slice("copies", one.key)
        return self._cell(int(value), which, period)

    def _targets(self) -> Grid:
        rows = []
        for one in self.told.targets:
            name = name_for("metric", one.metric, self.locale)
            whole, quota = (
                Cell(formats.number(value, self.locale, 0 if value % 1 == 0 else 1))
                for value in (one.actual, one.quota)
            )
            rows.append(
                (
                    f"{name} · {topic_name(self.told, one.topic)}" if one.topic else name,
                    (whole, quota, Cell(name_for("target", one.status, self.locale))),
                )
            )
        heads = (_("Chỉ tiêu"), _("Đã đạt"), _("Giao"), _("Nhận định"))
        note = _("Chỉ tiêu tính trong kỳ riêng của nó, có thể dài hơn kỳ báo cáo.")
        return Grid("chi-tieu", _("Chỉ tiêu"), heads, tuple(rows), note)

    def _lines(self, by: str, caption: str, head: str, rows: Sequence[Row]) -> Grid:
        figures = ("delivered", "found", "confirmed", "review", "rejected", "gone", "attributed")
        heads = (
            head,
            _("Đã tới"),
            _("Đã thấy"),
            _("Đã xác nhận"),
            _("Chờ xem xét"),
            _("Đã loại"),
            _("Đã gỡ"),
            _("Dẫn nguồn đủ"),
        )
        made = []
        for row in rows:
            cells = tuple(
                self._cell(
                    getattr(row, figure),
                    Slice("delivered", "", by, row.key)
                    if figure == "delivered"
                    else Slice("copies", figure, by, row.key),
                )
                for figure in figures
            )
            made.append((self._named(by, row), cells))
        return Grid(f"theo-{by}", caption, heads, tuple(made), "" if made else _("Trong kỳ không có."))

    def _named(self, by: str, row: Row) -> str:
        if by == "day":
            return formats.day(date.fromisoformat(row.key))
        return f"{row.key[5:]}/{row.key[:4]}" if by == "month" else row.name

    def _shares(self) -> Grid:
        rows = tuple(
            (
                name_for("attribution", one.attribution, self.locale),
                (self._cell(one.count, Slice("copies", SHARES[one.attribution])),),
            )
            for one in self.told.shares
        )
        return Grid("dan-nguon", _("Dẫn nguồn"), (_("Cách dẫn nguồn"), _("Số lượt")), rows)

    def _recalled(self) -> Grid:
        had = self.told.recalled
        rows = [
            (_("Số lần đính chính"), (self._cell(had.corrections, Slice("corrections")), *_blank(3))),
            (_("Số bản tin bị thu hồi"), (self._cell(had.recalls, Slice("recalls")), *_blank(3))),
        ]
        for one in had.partners:
            removed = self._cell(one.removed, Slice("removed", "", "partner", one.code))
            up = self._cell(one.still_up, Slice("still_up", "", "partner", one.code))
            rows.append((one.name, (removed, up, Cell(self._hours(one.median)), Cell(self._hours(one.longest)))))
        heads = (_("Nội dung"), _("Số lần, bài đã gỡ"), _("Bài chưa gỡ"), _("Trung vị (giờ)"), _("Lâu nhất (giờ)"))
        return Grid("thu-hoi", _("Đính chính và thu hồi"), heads, tuple(rows))

    def _hours(self, seconds: float | None) -> str:
        return "–" if seconds is None else formats.number(seconds / HOUR, self.locale, 1)

    def _findings(self) -> Grid:
        heads = (
            _("Nội dung"),
            _("Nghi vấn"),
            _("Kết luận có"),
            _("Kết luận không"),
            _("Đã khắc phục"),
            _("Chuyển xử lý"),
        )
        rows = tuple(
            (
                f"{one.code}. {one.name}",
                tuple(
                    Cell(formats.number(value, self.locale))
                    for value in (one.proposed, one.confirmed, one.dismissed, one.mended, one.handed_on)
                ),
            )
            for one in self.told.findings.lines
        )
        return Grid(
            "nghi-van", _("Nghi vấn và kết luận"), heads, rows, "" if rows else _("Trong kỳ chưa có kết luận nào.")
        )


def _blank(count: int) -> tuple[Cell, ...]:
    return tuple(Cell("") for _number in range(count))


def _difference(one: Compared, locale: str) -> str:
    if one.now is None or one.before is None:
        return "–"
    grown = one.now - one.before
    sign = "+" if grown > 0 else "−" if grown < 0 else ""
    if one.share:
        return f"{sign}{_('%(count)s điểm', count=formats.number(abs(grown) * 100, locale, 1))}"
    return f"{sign}{formats.number(abs(grown), locale)}"
