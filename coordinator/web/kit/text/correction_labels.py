"""Labels of corrections requested from a partner and of its answers, for staff and partners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.republications.review.corrections import Correction
from campaigns.republications.review.partner_answers import PartnerAnswer, PartnerAnswerKind
from coordinator.translation import _
from coordinator.web.kit.text.state_labels import value_label


@dataclass(frozen=True)
class AnswerRow:
    """One answer of a partner. ``about``: the correction it answers, '' for the copy in general; ``open``: it waits for
    a person; ``settled_at``: when a person handled it.
    """

    kind: PartnerAnswerKind
    name: str
    about: str
    text: str
    actor_name: str
    at: datetime
    open: bool
    settled_at: datetime | None


def correction_name(mend: Correction) -> str:
    """Return the label of a requested correction."""
    return {
        Correction.RECALLED: _("Bản tin đã thu hồi, bài còn trên trang"),
        Correction.OLD_TEXT: _("Còn bản cũ sau đính chính"),
        Correction.REJECTED: _("Bài không được tính"),
        Correction.NOT_FOUND: _("Không thấy bài ở địa chỉ này"),
        Correction.UNREADABLE: _("Không đọc được trang"),
        Correction.FRONT_PAGE: _("Bài nằm trên trang chủ"),
        Correction.OTHER_SOURCE: _("Ghi tên nguồn khác"),
        Correction.NO_SOURCE: _("Không nêu nguồn"),
        Correction.HOME_PAGE_ONLY: _("Đường dẫn chỉ tới trang chủ của Sở"),
        Correction.URL_TEXT_ONLY: _("Ghi địa chỉ bằng chữ, bấm không được"),
        Correction.NAMED_ONLY: _("Có tên nguồn, thiếu đường dẫn"),
        Correction.NOT_AT_END: _("Đường dẫn không ở cuối bài"),
        Correction.OTHER_FIGURES: _("Số liệu khác với bản tin"),
        Correction.EXCERPT: _("Chỉ trích một phần"),
        Correction.IMAGE_MISSING: _("Thiếu ảnh đếm"),
    }[mend]


def answer_kind_name(answer_kind: PartnerAnswerKind) -> str:
    """Return the label of a kind of answer."""
    return value_label("answer_kind", answer_kind)


def answer_rows(answers: Sequence[PartnerAnswer]) -> list[AnswerRow]:
    """Return answers for display, in the given order."""
    known = {correction.value: correction for correction in Correction}
    return [
        AnswerRow(
            answer.answer,
            answer_kind_name(answer.answer),
            correction_name(known[answer.finding]) if answer.finding in known else "",
            answer.text,
            answer.actor_name,
            answer.at,
            answer.settled_at is None and answer.answer is not PartnerAnswerKind.MENDED,
            answer.settled_at,
        )
        for answer in answers
    ]
