"""The context of every report: the office, the time of its figures, the names of periods."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from campaigns.core.clock import Period
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import RepublicationLife, RepublicationStatus
from coordinator.exports.format import Locale, vi_number
from coordinator.exports.table_reports.report import Report, ReportLabels, ReportSection
from coordinator.translation import _


@dataclass(frozen=True)
class ReportContext:
    """``name``: returns a period as text; ``rows``: returns the address of the list of copies with these conditions;
    ``on_desk``: whether its readers may open the desk's other lists.
    """

    name: Callable[[Period], str]
    office: str
    as_of: datetime
    rule_version: str
    locale: Locale = "vi"
    rows: Callable[[Mapping[str, str]], str] = lambda asked: url_with_query("/desk/republications", asked)
    on_desk: bool = True

    def report(
        self, title: str, stem: str, period: Period, parts: tuple[ReportSection, ...], compared: Period | None = None
    ) -> Report:
        """Return a report of these sections. ``compared``: the period that figures are compared with."""
        words = ReportLabels(
            counted=_("Số liệu lúc {at} (giờ Việt Nam), quy tắc tính, phiên bản {rule}"),
            compared=self.name(compared) if compared is not None else _("Kỳ trước"),
            figure=_("Chỉ số"),
            now=_("Kỳ này"),
        )
        return Report(
            title, stem, self.office, self.name(period), self.as_of, self.rule_version, parts, words, self.locale
        )

    def copies(self, period: Period | None = None, **asked: str) -> str:
        """Return the address of the list of copies of a period with these conditions; all statuses unless one is
        given."""
        days = {"from": period.first.isoformat(), "to": period.last.isoformat()} if period is not None else {}
        return self.rows({"status": "all", **asked, **days})

    def arrivals(self, period: Period, **asked: str) -> str:
        """Return the address of the list of the bulletins of a period that arrived at channels; "" off the desk."""
        return self._desk_list("/desk/deliveries", period, {"view": "all", "arrived": "1", **asked})

    def failures(self, period: Period) -> str:
        """Return the address of the list of dead and unknown deliveries of the bulletins of a period; "" off the
        desk."""
        return self._desk_list("/desk/deliveries", period, {"view": "all", "failed": "1"})

    def bulletins(self, period: Period, **asked: str) -> str:
        """Return the address of the list of the bulletins published in a period; "" off the desk."""
        return self._desk_list("/desk/bulletins", period, {"issued": "1", **asked})

    def partners(self, period: Period, **asked: str) -> str:
        """Return the address of the list of the partners with a confirmed copy in a period; "" off the desk."""
        if not self.on_desk:
            return ""
        return url_with_query("/desk/progress/partner", {"having": "confirmed", "period": period.label, **asked})

    def _desk_list(self, path: str, period: Period, asked: Mapping[str, str]) -> str:
        if not self.on_desk:
            return ""
        return url_with_query(path, {**asked, "from": period.first.isoformat(), "to": period.last.isoformat()})

    def status(self, status: RepublicationStatus) -> str:
        """Return the label of a copy's status."""
        return {
            RepublicationStatus.CONFIRMED: _("Đã xác nhận"),
            RepublicationStatus.REVIEW: _("Chờ xem xét"),
            RepublicationStatus.CANDIDATE: _("Chưa kiểm"),
            RepublicationStatus.REJECTED: _("Đã loại"),
            RepublicationStatus.DUPLICATE: _("Địa chỉ trùng"),
        }[status]

    def life(self, life: RepublicationLife) -> str:
        """Return the label of a copy's life."""
        return {
            RepublicationLife.LIVE: _("còn trên trang"),
            RepublicationLife.CHANGED: _("đã đổi"),
            RepublicationLife.GONE: _("đã gỡ"),
            RepublicationLife.UNREADABLE: _("không đọc được bằng cách này"),
        }[life]

    def attribution(self, way: Attribution) -> str:
        """Return the label of a copy's attribution."""
        return {
            Attribution.LINKED_AT_END: _("đường dẫn ở cuối bài"),
            Attribution.LINKED_ELSEWHERE: _("đường dẫn đặt chỗ khác"),
            Attribution.HOME_PAGE_ONLY: _("chỉ dẫn tới trang chủ"),
            Attribution.URL_TEXT_ONLY: _("địa chỉ viết thành chữ"),
            Attribution.NAMED_ONLY: _("chỉ nêu tên"),
            Attribution.NAMED_OTHER_SOURCE: _("nêu nguồn khác"),
            Attribution.NONE: _("không nêu nguồn"),
            Attribution.NOT_SEEN: _("không thấy được nguồn"),
        }[way]


def file_label(period: Period) -> str:
    """Return a period's label as part of a file's name."""
    return period.label.replace("..", "_")


def week_in(period: Period, first: date) -> Period:
    """Return the days of the week from ``first`` that are in a period."""
    return Period(max(first, period.first), min(first + timedelta(days=6), period.last), "")


def unseen_note(unseen: int, context: ReportContext) -> str:
    """Return what a rate of sources leaves out, '' for nothing."""
    if not unseen:
        return ""
    count = vi_number(unseen, 0, context.locale)
    return _("không kể %(count)s bài chỉ xem qua ảnh, không thấy được nguồn", count=count)


def url_with_query(path: str, asked: Mapping[str, str]) -> str:
    """Return a path with its query."""
    given = {key: value for key, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def whole_minutes(seconds: float | None) -> int | None:
    """Return whole minutes, at least 0; None stays None."""
    return None if seconds is None else max(round(seconds / 60), 0)
