"""The sentences of a briefing on the register, the partners, the accounts and the topics, with the figures in them.

A document has the text; a page makes each figure a link to its rows. Both say the same, in Vietnamese.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.core.clock import Period
from campaigns.partners.directory import SiteKind
from campaigns.partners.expiries import EXPIRES_SOON
from campaigns.partners.register_figures import RegisterFigures
from campaigns.reporting.briefings.account_figures import AccountFigures
from campaigns.reporting.briefings.drilldown import FigureSelection
from campaigns.reporting.briefings.figures import BriefingFigures
from coordinator.exports.format import vi_date, vi_number
from coordinator.jobs.reporting.briefings.case_sections import handled_sentence

LICENSED_VI = {
    SiteKind.AGGREGATOR: "thiết lập trang thông tin điện tử tổng hợp",
    SiteKind.SOCIAL: "thiết lập mạng xã hội",
}
_HOUR, _DAY = 3600, 86_400  # seconds


@dataclass(frozen=True)
class SentenceFigure:
    """A figure in a sentence: its text, and what opens its rows."""

    text: str
    which: FigureSelection


Sentence = tuple[str | SentenceFigure, ...]


def sentence_text(sentence: Sentence) -> str:
    """Return the plain text of a sentence."""
    return "".join(part if isinstance(part, str) else part.text for part in sentence)


def summary_sentences(figures: BriefingFigures) -> list[Sentence]:
    """Return the sentences that sum up a briefing, in the order of its parts; what did not occur is left out."""
    return [
        *register_sentences(figures),
        *case_sentences(figures),
        *topic_sentences(figures),
        *account_sentences(figures.management.accounts),
        *partner_sentences(figures),
    ]


def register_sentences(figures: BriefingFigures) -> list[Sentence]:
    """Return the state of the register at the end of the period, what changed in it, and the difference from the
    previous one; nothing where there are no licences."""
    now, before = figures.management.register, figures.management.register_before
    if not now.licences and not before.licences and not any(row.new or row.ended for row in now.rows):
        return []
    state = _joined(
        (
            _licences(row.licences, "in_force", row.kind.value), " giấy phép của ",
            SentenceFigure(vi_number(row.companies), FigureSelection("licensed", "", "licence_kind", row.kind.value)),
            f" doanh nghiệp {LICENSED_VI[row.kind]}",
        )
        for row in now.rows
    )  # fmt: skip
    sums = {
        "new": (sum(row.new for row in now.rows), "cấp mới "),
        "changed": (sum(row.changed for row in now.rows), "thay đổi nội dung "),
        "expired": (sum(row.expired for row in now.rows), "hết hạn "),
        "withdrawn": (sum(row.withdrawn for row in now.rows), "thu hồi "),
    }
    changes = _joined(
        (words, _licences(count, name), " giấy phép") for name, (count, words) in sums.items() if count
    ) or ("không có giấy phép nào được cấp mới, thay đổi, hết hạn hoặc bị thu hồi",)
    ending = sum(row.ending for row in now.rows)
    soon: Sentence = ()
    if ending:
        soon = ("; ", _licences(ending, "ending"), f" giấy phép hết hạn trong {EXPIRES_SOON.days} ngày tới")
    found: list[Sentence] = [
        (f"{_until(now, figures.period)}, trên địa bàn có ", *state, "."),
        ("Trong kỳ ", *changes, *soon, "."),
    ]
    if before.licences:
        grown = {row.kind: row.licences - before.of(row.kind).licences for row in now.rows}
        words = "; ".join(f"{_growth(more)} giấy phép {LICENSED_VI[kind]}" for kind, more in grown.items() if more)
        found.append((f"So với hết kỳ trước{f': {words}' if words else ', số giấy phép mỗi loại không đổi'}.",))
    return found


def _until(register: RegisterFigures, period: Period) -> str:
    return "Đến hết kỳ" if register.day == period.last else f"Đến ngày {vi_date(register.day)}"


def _licences(count: int, figure: str, kind: str = "") -> SentenceFigure:
    return SentenceFigure(vi_number(count), FigureSelection("licences", figure, "licence_kind" if kind else "", kind))


def _growth(difference: int) -> str:
    return f"{'tăng' if difference > 0 else 'giảm'} {vi_number(abs(difference))}"


def case_sentences(figures: BriefingFigures) -> list[Sentence]:
    """Return the organisations and persons that were handled, with the fines and the most frequent faults."""
    subjects = figures.management.cases.subjects
    if not subjects:
        return []
    before, number, after = handled_sentence(figures.management.cases).partition(vi_number(subjects))
    return [(before, SentenceFigure(number, FigureSelection("cases", "subjects")), after)]


def topic_sentences(figures: BriefingFigures) -> list[Sentence]:
    """Return the republications, in total and by topic."""
    confirmed = figures.totals.confirmed
    if not confirmed:
        return []
    rows = sorted((row for row in figures.by_topic if row.confirmed), key=lambda row: (-row.confirmed, row.key))
    by_topic = _joined(
        (
            f"{row.name} ",
            SentenceFigure(vi_number(row.confirmed), FigureSelection("copies", "confirmed", "topic", row.key)),
            " lượt",
        )
        for row in rows
    )
    total = SentenceFigure(vi_number(confirmed), FigureSelection("copies", "confirmed"))
    return [("Theo chuyên đề, ", total, " lượt đăng lại đã xác nhận gồm: ", *by_topic, ".")]


def account_sentences(accounts: AccountFigures) -> list[Sentence]:
    """Return the bulletins on the department's own accounts."""
    if not accounts.bulletins:
        return []
    whole = SentenceFigure(vi_number(accounts.bulletins), FigureSelection("accounts"))
    names = ", ".join(row.name for row in accounts.accounts)
    if len(accounts.accounts) == 1:
        return [("Trong kỳ có ", whole, f" bản tin trên tài khoản chính thức {names}.")]
    each = _joined(
        (
            f"{row.name} ",
            SentenceFigure(vi_number(row.bulletins), FigureSelection("account_deliveries", "", "channel", row.code)),
        )
        for row in accounts.accounts
    )
    return [("Trong kỳ có ", whole, f" bản tin trên các tài khoản chính thức {names} (", *each, ").")]


def partner_sentences(figures: BriefingFigures) -> list[Sentence]:
    """Return the notices to partners and their questions."""
    messages = figures.management.messages
    found: list[Sentence] = []
    if messages.notices:
        sentence: Sentence = (
            "Trong kỳ đã gửi ", SentenceFigure(vi_number(messages.notices), FigureSelection("notices")),
            " thông báo tới ", SentenceFigure(vi_number(messages.partners), FigureSelection("briefed")),
            f" đối tác; {vi_number(messages.read)} trên {vi_number(messages.sent)} lượt nhận đã đọc",
        )  # fmt: skip
        if messages.to_confirm:
            confirmed, wanted = vi_number(messages.confirmed), vi_number(messages.to_confirm)
            sentence = (*sentence, f", {confirmed} trên {wanted} lượt phải xác nhận đã xác nhận")
        found.append((*sentence, "."))
    if messages.questions:
        asked = SentenceFigure(vi_number(messages.questions), FigureSelection("questions"))
        answered = SentenceFigure(vi_number(messages.answered), FigureSelection("answered"))
        sentence = ("Đối tác gửi ", asked, " câu hỏi, đã trả lời ", answered, " câu")
        if messages.typical is not None:
            sentence = (*sentence, f"; thời gian trả lời điển hình {_duration(messages.typical)}")
        found.append((*sentence, "."))
    return found


def _duration(seconds: float) -> str:
    if seconds < _HOUR:
        return f"{vi_number(max(seconds / 60, 1))} phút"
    if seconds < 2 * _DAY:
        return f"{vi_number(seconds / _HOUR)} giờ"
    return f"{vi_number(seconds / _DAY, 1)} ngày"


def _joined(parts: Iterable[Sequence[str | SentenceFigure]]) -> Sentence:
    """Join parts of a sentence with commas."""
    found: list[str | SentenceFigure] = []
    for part in parts:
        found += [", ", *part] if found else part
    return tuple(found)
