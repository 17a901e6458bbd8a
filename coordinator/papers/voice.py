"""In whose language a paper speaks, for which office, and as of when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode

from campaigns.core.clock import Period
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.republications import Life, Status
from coordinator.exports.format import Locale
from coordinator.exports.paper import Paper, Part, Words


class Say(Protocol):
    """Words in the reader's language, with values in their places (``%(name)s``)."""

    def __call__(self, words: str, **values: object) -> str: ...


def plainly(words: str, **values: object) -> str:
    """The words as they stand in the code, which is in Vietnamese."""
    return words % values if values else words


@dataclass(frozen=True)
class Voice:
    """``name``: a period in words; ``rows``: the address of the list of copies that meet some conditions."""

    say: Say
    name: Callable[[Period], str]
    office: str
    as_of: datetime
    rule_version: str
    locale: Locale = "vi"
    rows: Callable[[Mapping[str, str]], str] = lambda asked: address("/desk/republications", asked)

    def paper(
        self, title: str, period: Period, parts: tuple[Part, ...], *, compared: Period | None = None, lead: int = 0
    ) -> Paper:
        """The parts with their frame. ``compared``: the period that figures are compared with."""
        _ = self.say
        words = Words(
            counted=_("Số liệu lúc {at} (giờ Việt Nam), luật đếm {rule}"),
            compared=self.name(compared) if compared is not None else _("Kỳ trước"),
            figure=_("Chỉ số"),
            now=_("Kỳ này"),
        )
        return Paper(
            title, self.office, self.name(period), self.as_of, self.rule_version, parts, words, self.locale, lead
        )

    def copies(self, period: Period | None = None, **asked: str) -> str:
        """The list of copies of a period that meet these conditions; all statuses unless one is named."""
        days = {"from": period.first.isoformat(), "to": period.last.isoformat()} if period is not None else {}
        return self.rows({"status": "all", **asked, **days})

    def status(self, status: Status) -> str:
        """Whether a copy counts."""
        _ = self.say
        return {
            Status.CONFIRMED: _("Đã xác nhận"),
            Status.REVIEW: _("Chờ xem xét"),
            Status.CANDIDATE: _("Chưa kiểm"),
            Status.REJECTED: _("Đã loại"),
        }[status]

    def life(self, life: Life) -> str:
        """What became of a copy."""
        _ = self.say
        return {Life.LIVE: _("còn trên trang"), Life.CHANGED: _("đã đổi"), Life.GONE: _("đã gỡ")}[life]

    def attribution(self, way: Attribution) -> str:
        """How a copy names the source."""
        _ = self.say
        return {
            Attribution.LINKED_AT_END: _("đường dẫn ở cuối bài"),
            Attribution.LINKED_ELSEWHERE: _("đường dẫn đặt chỗ khác"),
            Attribution.HOME_PAGE_ONLY: _("chỉ dẫn tới trang chủ"),
            Attribution.URL_TEXT_ONLY: _("địa chỉ viết thành chữ"),
            Attribution.NAMED_ONLY: _("chỉ nêu tên"),
            Attribution.NAMED_OTHER_SOURCE: _("nêu nguồn khác"),
            Attribution.NONE: _("không nêu nguồn"),
        }[way]


def address(path: str, asked: Mapping[str, str]) -> str:
    """A path with its query."""
    given = {key: value for key, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def minutes(seconds: float | None) -> int | None:
    """Whole minutes, never fewer than none; None stays None."""
    return None if seconds is None else max(round(seconds / 60), 0)
