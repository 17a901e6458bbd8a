"""The figures of a briefing on a page, each a link to the rows behind it, and the page of those rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from campaigns.reporting.briefings import drilldown
from campaigns.reporting.briefings.drilldown import FigureSelection
from campaigns.reporting.briefings.figures import BriefingFigures, period_before
from campaigns.reporting.rollups.rollup_query import TallyScope
from coordinator.jobs.reporting.briefings import figure_tables
from coordinator.jobs.reporting.briefings.briefing_sentences import SentenceFigure, summary_sentences
from coordinator.jobs.reporting.briefings.figure_tables import Figure, FigureTable, tallies_by
from coordinator.translation import N_, _
from coordinator.web.desk.reporting.briefings import labels
from coordinator.web.kit.links import bulletin_url, case_url, finding_url, notice_url, partner_url, question_url
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.text import periods
from coordinator.web.kit.text.state_labels import value_label

RowsLink = Callable[[FigureSelection, str], str]


@dataclass(frozen=True)
class BriefingPage:
    """The figures of a briefing on a page. ``link`` builds the address of a figure's rows, in the period ``now`` or
    ``before``."""

    figures: BriefingFigures
    link: RowsLink

    def href(self, figure: Figure) -> str:
        """Return the address behind a figure; "" for 0, and where there is none."""
        if not figure.value:
            return ""
        return figure.href or (self.link(figure.which, figure.side) if figure.which is not None else "")

    def tables(self) -> list[FigureTable]:
        """Return every table, in the order of the document."""
        figures = self.figures
        targets = replace(
            figure_tables.targets(figures).only("name", "actual", "quota", "status"),
            note=_(
                "Chỉ tiêu tính trong kỳ riêng của nó, có thể dài hơn kỳ báo cáo; số đã đạt mở ra trang Tiến độ của "
                "đúng kỳ đó, với số liệu lúc này. Số giao lấy từ kế hoạch nên không có danh sách."
            ),
        )
        month, topic, channel, partner, site, day = (
            self._tallies(by) for by in ("month", "topic", "channel", "partner", "site", "day")
        )
        return [
            figure_tables.comparison(figures),
            *([targets] if figures.targets else []),
            month,
            topic,
            channel,
            partner,
            figure_tables.shares(figures).only("way", "count"),
            figure_tables.recalls(figures),
            figure_tables.findings(figures),
            figure_tables.cases(figures),
            replace(figure_tables.register(figures), title=_("Quản lý giấy phép")),
            figure_tables.messages(figures),
            figure_tables.accounts(figures),
            site,
            day,
        ]

    def _tallies(self, by: str) -> FigureTable:
        table = tallies_by(by, getattr(self.figures, f"by_{by}"))
        return table.only(*(column.key for column in table.columns[1:]))

    def sentences(self) -> list[list[tuple[str, str | None]]]:
        """Return the sentences that sum up the document, as they stand in it: each a list of texts with the address of
        the rows behind it, or None."""
        return [
            [(part, None) if isinstance(part, str) else (part.text, self._sentence_link(part)) for part in sentence]
            for sentence in summary_sentences(self.figures)
        ]

    def _sentence_link(self, part: SentenceFigure) -> str | None:
        return self.link(part.which, "now") if part.text != "0" else None


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
