"""The cover on the form: uploaded, cut another way, taken off. Each gives the form back; saving is another button."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError, Invalid
from campaigns.people.staff import May
from campaigns.publishing.pictures import by_ident
from coordinator.imports.cutting import CENTRE, RATIOS
from coordinator.imports.inspecting import MOST_BYTES
from coordinator.imports.pictures import LEAST, MOST_PIXELS
from coordinator.jobs.picturing import Focus, Shown, cut_again, shown, take
from coordinator.web import formats
from coordinator.web.desk import inputs
from coordinator.web.desk.bulletin_form import Form
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

# Thirds, as photographers see a picture; the middle of each.
_PLACES: Final[Mapping[str, Focus]] = {
    f"{row}-{column}": ((column - 0.5) / 3 if (row, column) != (2, 2) else 0.5, (row - 0.5) / 3 if row != 2 else 0.5)
    for row in (1, 2, 3)
    for column in (1, 2, 3)
}


@dataclass(frozen=True)
class CoverShown:
    """The cover as the form shows it: the picture, its crops by ratio, and which part they keep (``row-column``)."""

    picture: Shown
    cuts: Mapping[str, str]
    place: str


def focuses() -> list[tuple[str, str]]:
    """The parts of a picture that crops can keep, in words."""
    return [
        ("2-2", str(_("Giữa ảnh"))), ("1-2", str(_("Phía trên"))), ("3-2", str(_("Phía dưới"))),
        ("2-1", str(_("Bên trái"))), ("2-3", str(_("Bên phải"))), ("1-1", str(_("Góc trên, trái"))),
        ("1-3", str(_("Góc trên, phải"))), ("3-1", str(_("Góc dưới, trái"))), ("3-3", str(_("Góc dưới, phải"))),
    ]  # fmt: skip


def cover_of(form: Form) -> CoverShown | None:
    """The cover that a form names, if there is such a picture."""
    place = front().place
    with place.database.read() as session:
        row = by_ident(session, [form.cover]).get(form.cover)
        if row is None:
            return None
        found = shown(place, row)
    nearest = min(_PLACES, key=lambda name: sum(abs(a - b) for a, b in zip(_PLACES[name], found.focus, strict=True)))
    cuts = {ratio: place.addresses.picture(found.ident, ratio=ratio) for ratio in RATIOS}
    return CoverShown(found, cuts, nearest)


def _sent() -> tuple[bytes, str]:
    file = request.files.get("picture")
    # One byte more than is taken, so that a larger file is told from one that just fits.
    return (b"", "") if file is None else (file.stream.read(MOST_BYTES + 1), file.filename or "")


def _uploaded(form: Form) -> Form:
    body, name = _sent()
    return replace(form, cover=take(front().place, actor(), body, name).ident)


def _cut(form: Form) -> Form:
    focus = _PLACES.get(request.form.get("focus", ""), CENTRE)
    return replace(form, cover=cut_again(front().place, actor(), form.cover, focus).ident)


def _taken_off(form: Form) -> Form:
    return replace(form, cover="", cover_alt="")


ACTS: Final[Mapping[str, Callable[[Form], Form]]] = {"picture": _uploaded, "cut": _cut, "uncover": _taken_off}


@staff(May.WRITE)
def upload() -> ResponseReturnValue:
    """A picture for the body, from the rich editor: ``{"url"}``, or 422 with ``message``."""
    body, name = _sent()
    try:
        found = take(front().place, actor(), body, name)
    except CampaignError as error:
        return jsonify(message=said(error).get("picture", "")), 422
    return jsonify(url=found.url, width=found.width, height=found.height)


def said(error: CampaignError) -> dict[str, str]:
    """Why a picture was refused, in words that say what to do."""
    if not isinstance(error, Invalid):
        return {"picture": str(_("Không có ảnh này; mời chọn lại."))}
    words = {
        "empty": _("Chọn một ảnh trước đã."),
        "too_large": _("Ảnh nặng hơn %(most)s. Lưu lại nhỏ hơn rồi chọn lần nữa.", most=_size()),
        "unknown_type": _("Chỉ nhận ảnh JPEG, PNG hoặc WebP, xét theo nội dung chứ không theo tên tệp."),
        "too_many_pixels": _(
            "Ảnh có hơn %(count)s triệu điểm ảnh. Thu nhỏ ảnh (ví dụ còn 4.000 điểm chiều ngang) rồi chọn lại.",
            count=formats.number(MOST_PIXELS // 1_000_000, language()),
        ),
        "too_small": _("Ảnh nhỏ quá; ít nhất %(width)s × %(height)s điểm ảnh.", width=LEAST[0], height=LEAST[1]),
        "unreadable": _("Ảnh hỏng hoặc bị cắt ngang. Lưu lại rồi chọn lần nữa."),
        "too_heavy": _("Ảnh cần quá nhiều bộ nhớ hoặc thời gian để đọc. Thu nhỏ rồi chọn lại."),
    }
    return {
        one.field: str(words[one.code])
        if one.field == "picture" and one.code in words
        else inputs.said_of([one])[one.field]
        for one in error.errors
    }


def _size() -> str:
    return formats.file_size(MOST_BYTES, language())
