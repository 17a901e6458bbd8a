"""What a partner should put right and what it answers, in plain words for staff and partners. Pure but for the
language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.tracking.answers import Answer, Said
from campaigns.tracking.mending import Mend
from coordinator.web.saying import _


@dataclass(frozen=True)
class AnswerLine:
    """One answer of a partner. ``about``: what it answers, '' for the copy as such; ``open``: it waits for a person;
    ``settled_at``: when somebody dealt with it."""

    said: Said
    name: str
    about: str
    text: str
    who: str
    at: datetime
    open: bool
    settled_at: datetime | None


def mend_name(mend: Mend) -> str:
    """What is to be put right, in a few words."""
    return {
        Mend.RECALLED: _("Bản tin đã thu hồi, bài còn trên trang"),
        Mend.OLD_TEXT: _("Còn bản cũ sau đính chính"),
        Mend.REJECTED: _("Bài không được tính"),
        Mend.NOT_FOUND: _("Không thấy bài ở địa chỉ này"),
        Mend.UNREADABLE: _("Không đọc được trang"),
        Mend.FRONT_PAGE: _("Bài nằm trên trang chủ"),
        Mend.OTHER_SOURCE: _("Ghi tên nguồn khác"),
        Mend.NO_SOURCE: _("Không nêu nguồn"),
        Mend.HOME_PAGE_ONLY: _("Đường dẫn chỉ tới trang chủ của Sở"),
        Mend.URL_TEXT_ONLY: _("Ghi địa chỉ bằng chữ, bấm không được"),
        Mend.NAMED_ONLY: _("Có tên nguồn, thiếu đường dẫn"),
        Mend.NOT_AT_END: _("Đường dẫn không ở cuối bài"),
        Mend.EXCERPT: _("Chỉ trích một phần"),
        Mend.IMAGE_MISSING: _("Thiếu ảnh đếm"),
    }[mend]


def said_name(said: Said) -> str:
    """What kind of answer it is."""
    return {Said.MENDED: _("Đã sửa"), Said.DISAGREE: _("Không đồng ý"), Said.NOTE: _("Giải thích")}[said]


def answer_lines(answers: Sequence[Answer]) -> list[AnswerLine]:
    """Answers as pages show them, in the order given."""
    known = {one.value: one for one in Mend}
    return [
        AnswerLine(
            one.answer,
            said_name(one.answer),
            mend_name(known[one.finding]) if one.finding in known else "",
            one.text,
            one.actor_name,
            one.at,
            one.settled_at is None and one.answer is not Said.MENDED,
            one.settled_at,
        )
        for one in answers
    ]
