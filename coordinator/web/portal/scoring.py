"""A partner's own figures of this quarter and the last, in plain words, with what would raise them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, quarter_of
from campaigns.reporting.score import LEAST_COPIES, Score, Usual, score, usual
from coordinator.web import formats
from coordinator.web.desk.periods import period_name
from coordinator.web.look import language
from coordinator.web.saying import _


@dataclass(frozen=True)
class Line:
    """One figure: this quarter so far, the last, and what is usual; ``rule`` says what the department asks."""

    name: str
    rule: str
    now: str
    before: str
    usual: str


@dataclass(frozen=True)
class Quarters:
    """The table, and what would raise it: a sentence with an address each. ``partners``: how many stand behind what is
    usual, 0 when nothing is shown of it."""

    now: str
    before: str
    lines: Sequence[Line]
    raises: Sequence[tuple[str, str]]
    partners: int
    few: bool


def quarters(session: Session, company_id: int, *, now: datetime) -> Quarters:
    """This quarter so far beside the whole of the last."""
    this = quarter_of(city_day(now))
    last = quarter_of(this.first - timedelta(days=1))
    mine, before, common = score(session, company_id, this), score(session, company_id, last), usual(session, this)
    return Quarters(
        period_name(this), period_name(last), _lines(mine, before, common), _raises(mine),
        common.partners if common else 0, not mine.telling,
    )  # fmt: skip


def _number(value: int) -> str:
    return formats.number(value, language())


def _few() -> str:
    return _("chưa đủ bài để tính")


def _share(one: Score, part: int) -> str:
    share = one.share(part)
    if share is None:
        return f"{_number(part)}; {_few()}" if one.confirmed else _few()
    return f"{formats.percent(share, language(), 0)} ({_number(part)}/{_number(one.confirmed)})"


def _span(seconds: float | None, otherwise: str) -> str:
    return otherwise if seconds is None else formats.duration(timedelta(seconds=seconds), language())


def _lines(mine: Score, before: Score, common: Usual | None) -> list[Line]:
    none = "–"
    at_end = formats.percent(common.at_end, language(), 0) if common else none
    return [
        Line(_("Bản tin Sở đã gửi tới bạn"), "", _number(mine.delivered), _number(before.delivered), none),
        Line(_("Bài thấy trên trang của bạn"), "", _number(mine.found), _number(before.found), none),
        Line(
            _("Bài được tính"), _("Đủ văn bản, nêu nguồn hoặc có người xác nhận."), _number(mine.confirmed),
            _number(before.confirmed), none,
        ),
        Line(
            _("Nêu tên nguồn"), _("Mọi bài phải nêu Sở là nguồn."), _share(mine, mine.named),
            _share(before, before.named), none,
        ),
        Line(
            _("Có đường dẫn tới bản tin"), _("Bấm được, tới đúng bản tin."), _share(mine, mine.linked),
            _share(before, before.linked), none,
        ),
        Line(
            _("Đường dẫn ở cuối bài"), _("Đúng quy định dẫn nguồn."), _share(mine, mine.at_end),
            _share(before, before.at_end), at_end,
        ),
        Line(
            _("Đăng sau khi Sở phát"), _("Trung vị: một nửa số bài nhanh hơn."), _span(mine.delay, _few()),
            _span(before.delay, _few()), _span(common.delay if common else None, none),
        ),
        Line(
            _("Gỡ bài sau thu hồi"), _("Trong một ngày. Trung vị của các bài đã gỡ."), _removal(mine),
            _removal(before), none,
        ),
    ]  # fmt: skip


def _removal(one: Score) -> str:
    told = _span(one.removal, _("chưa có bài nào phải gỡ") if not one.still_up else "–")
    return _("%(told)s; còn %(count)s bài", told=told, count=_number(one.still_up)) if one.still_up else told


def _raises(mine: Score) -> list[tuple[str, str]]:
    found = []
    to_mend = url_for("portal.copies", mend="1")
    if mine.still_up:
        words = _("Gỡ %(count)s bài của bản tin đã thu hồi.", count=_number(mine.still_up))
        found.append((words, url_for("portal.removals")))
    if unnamed := mine.confirmed - mine.named:
        found.append((_("Nêu nguồn ở %(count)s bài chưa nêu.", count=_number(unnamed)), to_mend))
    if apart := mine.named - mine.at_end:
        words = _("Đặt đường dẫn ở cuối %(count)s bài đã nêu nguồn mà chưa có.", count=_number(apart))
        found.append((words, to_mend))
    if not mine.telling:
        words = _("Đăng thêm: từ %(count)s bài được tính trở lên mới có tỷ lệ.", count=_number(LEAST_COPIES))
        found.append((words, url_for("portal.bulletins.index")))
    return found
