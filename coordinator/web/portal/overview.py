"""A partner's own figures of this quarter and the last, its obligations, and what would improve the figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day, quarter_of
from campaigns.reporting.table_reports.obligations import Obligation, ObligationKind, obligations_of
from campaigns.reporting.table_reports.partner_report import (
    LEAST_COPIES,
    PartnerScore,
    UsualFigures,
    partner_score,
    usual_figures,
)
from coordinator.translation import _, counted, language
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.periods import period_name

OBLIGATION_ICONS = {
    ObligationKind.RECALLED: "undo",
    ObligationKind.FINDING: "ask",
    ObligationKind.OLD_TEXT: "pen",
    ObligationKind.CONFIRM: "bell",
    ObligationKind.READ: "bell",
    ObligationKind.MEND: "link",
}


@dataclass(frozen=True)
class ObligationRow:
    """One kind of obligation. ``late``: a part of it is overdue."""

    icon: str
    title: str
    advice: str
    url: str
    button: str
    late: bool


def obligation_rows(session: Session, company_id: int, *, now: datetime) -> list[ObligationRow]:
    """Return all obligations, the most urgent first."""
    return [_obligation_row(obligation) for obligation in obligations_of(session, company_id, now=now)]


def _obligation_row(obligation: Obligation) -> ObligationRow:
    count = formats.number(obligation.count, language())
    title = {
        ObligationKind.RECALLED: counted(
            "Gỡ %(count)s bài của bản tin đã thu hồi",
            obligation.count,
            count=count,
        ),
        ObligationKind.OLD_TEXT: counted(
            "Thay %(count)s bài còn bản cũ sau đính chính",
            obligation.count,
            count=count,
        ),
        ObligationKind.FINDING: counted("Trả lời %(count)s điều Sở hỏi", obligation.count, count=count),
        ObligationKind.CONFIRM: counted("Xác nhận %(count)s thông báo", obligation.count, count=count),
        ObligationKind.READ: counted("Đọc %(count)s thông báo mới", obligation.count, count=count),
        ObligationKind.MEND: counted(
            "Sửa %(count)s bài: nguồn, đường dẫn hoặc ảnh đếm",
            obligation.count,
            count=count,
        ),
    }[obligation.what]
    url, button = {
        ObligationKind.RECALLED: (url_for("portal.removals"), _("Xem và gỡ")),
        ObligationKind.OLD_TEXT: (url_for("portal.removals"), _("Xem và thay")),
        ObligationKind.FINDING: (url_for("portal.findings.index"), _("Xem và trả lời")),
        ObligationKind.CONFIRM: (url_for("portal.notices.index"), _("Đọc và xác nhận")),
        ObligationKind.READ: (url_for("portal.notices.index"), _("Đọc")),
        ObligationKind.MEND: (url_for("portal.copies", mend="1"), _("Xem và trả lời")),
    }[obligation.what]
    return ObligationRow(
        OBLIGATION_ICONS[obligation.what], title, _deadline_sentence(obligation), url, button, bool(obligation.late)
    )


def _deadline_sentence(obligation: Obligation) -> str:
    if obligation.by is None:
        return (
            _("Không có hạn, nhưng sửa xong thì kết quả tốt hơn.")
            if obligation.what is ObligationKind.MEND
            else _("Không có hạn.")
        )
    at = (
        formats.full_moment(obligation.by)
        if isinstance(obligation.by, datetime)
        else _("hết ngày %(day)s", day=formats.day(obligation.by))
    )
    if obligation.late:
        late = formats.number(obligation.late, language())
        return _("Quá hạn %(count)s, sớm nhất từ %(at)s.", count=late, at=at)
    return _("Hạn gần nhất: %(at)s.", at=at)


@dataclass(frozen=True)
class ScoreRow:
    """One figure: this quarter so far, the last, and the usual value; ``rule`` says what the department asks."""

    name: str
    rule: str
    now: str
    before: str
    usual: str


@dataclass(frozen=True)
class QuarterScores:
    """The table, and what would improve it: a sentence with an address each. ``partners``: number of partners behind
    the usual value, 0 when it is not shown.
    """

    now: str
    before: str
    lines: Sequence[ScoreRow]
    raises: Sequence[tuple[str, str]]
    partners: int
    few: bool


def quarter_scores(session: Session, company_id: int, *, now: datetime) -> QuarterScores:
    """Return this quarter so far beside the whole of the last."""
    this = quarter_of(city_day(now))
    last = quarter_of(this.first - timedelta(days=1))
    mine, before, common = (
        partner_score(session, company_id, this),
        partner_score(session, company_id, last),
        usual_figures(session, this),
    )
    return QuarterScores(
        period_name(this), period_name(last), _score_rows(mine, before, common), _improvements(mine),
        common.partners if common else 0, not mine.telling,
    )  # fmt: skip


def _number_text(value: int) -> str:
    return formats.number(value, language())


def _too_few_copies() -> str:
    return _("chưa đủ bài để tính")


def _share_text(score: PartnerScore, part: int) -> str:
    share = score.share(part)
    if share is None:
        return f"{_number_text(part)}; {_too_few_copies()}" if score.source_seen else _too_few_copies()
    return f"{formats.percent(share, language(), 0)} ({_number_text(part)}/{_number_text(score.source_seen)})"


def _duration_text(seconds: float | None, otherwise: str) -> str:
    return otherwise if seconds is None else formats.duration(timedelta(seconds=seconds), language())


def _score_rows(mine: PartnerScore, before: PartnerScore, common: UsualFigures | None) -> list[ScoreRow]:
    none = "–"
    at_end = formats.percent(common.at_end, language(), 0) if common else none
    return [
        ScoreRow(
            _("Bản tin Sở đã gửi tới đơn vị"), "", _number_text(mine.delivered), _number_text(before.delivered), none
        ),
        ScoreRow(_("Bài thấy trên trang của đơn vị"), "", _number_text(mine.found), _number_text(before.found), none),
        ScoreRow(
            _("Bài được tính"),
            _("Đủ văn bản, nêu nguồn hoặc có người xác nhận."),
            _number_text(mine.confirmed),
            _number_text(before.confirmed),
            none,
        ),
        ScoreRow(
            _("Nêu tên nguồn"),
            _("Mọi bài phải nêu Sở là nguồn."),
            _share_text(mine, mine.named),
            _share_text(before, before.named),
            none,
        ),
        ScoreRow(
            _("Có đường dẫn tới bản tin"),
            _("Bấm được, tới đúng bản tin."),
            _share_text(mine, mine.linked),
            _share_text(before, before.linked),
            none,
        ),
        ScoreRow(
            _("Đường dẫn ở cuối bài"),
            _("Đúng quy định dẫn nguồn."),
            _share_text(mine, mine.at_end),
            _share_text(before, before.at_end),
            at_end,
        ),
        ScoreRow(
            _("Đăng sau khi Sở phát"),
            _("Thời gian điển hình: một nửa số bài nhanh hơn."),
            _duration_text(mine.delay, _too_few_copies()),
            _duration_text(before.delay, _too_few_copies()),
            _duration_text(common.delay if common else None, none),
        ),
        ScoreRow(
            _("Gỡ bài sau thu hồi"),
            _("Trong một ngày. Thời gian điển hình của các bài đã gỡ."),
            _removal_text(mine),
            _removal_text(before),
            none,
        ),
    ]


def _removal_text(score: PartnerScore) -> str:
    text = _duration_text(score.removal, _("chưa có bài nào phải gỡ") if not score.still_up else "–")
    return _("%(text)s; còn %(count)s bài", text=text, count=_number_text(score.still_up)) if score.still_up else text


def _improvements(mine: PartnerScore) -> list[tuple[str, str]]:
    found = []
    to_mend = url_for("portal.copies", mend="1")
    if mine.still_up:
        words = counted("Gỡ %(count)s bài của bản tin đã thu hồi.", mine.still_up, count=_number_text(mine.still_up))
        found.append((words, url_for("portal.removals")))
    if unnamed := mine.source_seen - mine.named:
        found.append((counted("Nêu nguồn ở %(count)s bài chưa nêu.", unnamed, count=_number_text(unnamed)), to_mend))
    if apart := mine.named - mine.at_end:
        words = counted("Đặt đường dẫn ở cuối %(count)s bài đã nêu nguồn mà chưa có.", apart, count=_number_text(apart))
        found.append((words, to_mend))
    if not mine.telling:
        words = counted(
            "Đăng thêm: từ %(count)s bài được tính trở lên mới có tỷ lệ.",
            LEAST_COPIES,
            count=_number_text(LEAST_COPIES),
        )
        found.append((words, url_for("portal.bulletins.index")))
    return found
