"""The cover on the form: upload, crop, removal, and pictures for the body. Each action changes the form; nothing is
saved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from campaigns.bulletins.pictures import find_picture, pictures_by_ident
from campaigns.core.errors import CampaignError, Invalid
from campaigns.people.staff import Permission
from coordinator.imports.files.pictures import CENTRE_FOCUS, CROP_RATIOS, MAX_PIXELS, MIN_SIDE
from coordinator.imports.files.upload_inspection import MAX_BYTES
from coordinator.jobs.bulletins.pictures import Focus, PictureView, crop_again, picture_view, store_picture
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins.forms import BulletinForm
from coordinator.web.kit.forms import fields
from coordinator.web.kit.text import formats

FIND_PICTURES: Final = "find_pictures"  # the button that searches the library, where no script does

# The middle of each third of the picture (rule of thirds).
_PLACES: Final[Mapping[str, Focus]] = {
    f"{row}-{column}": ((column - 0.5) / 3 if (row, column) != (2, 2) else 0.5, (row - 0.5) / 3 if row != 2 else 0.5)
    for row in (1, 2, 3)
    for column in (1, 2, 3)
}


@dataclass(frozen=True)
class CoverView:
    """The cover as the form shows it: the picture, its crops by ratio, and the part they keep (``row-column``)."""

    picture: PictureView
    cuts: Mapping[str, str]
    place: str


def focus_choices() -> list[tuple[str, str]]:
    """Return the labels of the parts of a picture that crops can keep."""
    return [
        ("2-2", str(_("Giữa ảnh"))), ("1-2", str(_("Phía trên"))), ("3-2", str(_("Phía dưới"))),
        ("2-1", str(_("Bên trái"))), ("2-3", str(_("Bên phải"))), ("1-1", str(_("Góc trên, trái"))),
        ("1-3", str(_("Góc trên, phải"))), ("3-1", str(_("Góc dưới, trái"))), ("3-3", str(_("Góc dưới, phải"))),
    ]  # fmt: skip


def cover_view(form: BulletinForm) -> CoverView | None:
    """Return the cover that a form names, if the picture exists."""
    context = app_context().job_context
    with context.database.read() as session:
        row = pictures_by_ident(session, [form.cover.data]).get(form.cover.data)
        if row is None:
            return None
        found = picture_view(context, row)
    nearest = min(_PLACES, key=lambda name: sum(abs(a - b) for a, b in zip(_PLACES[name], found.focus, strict=True)))
    cuts = {ratio: context.addresses.picture(found.ident, ratio=ratio) for ratio in CROP_RATIOS}
    return CoverView(found, cuts, nearest)


def _uploaded_file() -> tuple[bytes, str]:
    file = request.files.get("picture")
    # One byte above the limit, so that a larger file can be distinguished from one of exactly the limit.
    return (b"", "") if file is None else (file.stream.read(MAX_BYTES + 1), file.filename or "")


def _upload_cover(form: BulletinForm) -> None:
    body, name = _uploaded_file()
    _fill_cover(form, store_picture(app_context().job_context, current_actor(), body, name))


def _choose_cover(form: BulletinForm) -> None:
    with app_context().job_context.database.read() as session:
        found = picture_view(app_context().job_context, find_picture(session, request.form.get("library", "")))
    # Another picture needs other words than those of the one before.
    form.fill({"cover_alt": ""})
    _fill_cover(form, found)


def _fill_cover(form: BulletinForm, picture: PictureView) -> None:
    form.fill({"cover": picture.ident} | ({} if form.cover_alt.data else {"cover_alt": picture.alt}))


def _find_pictures(form: BulletinForm) -> None:
    del form  # the form stays as it is; the page shows what is found


def _crop_cover(form: BulletinForm) -> None:
    focus = _PLACES.get(request.form.get("focus", ""), CENTRE_FOCUS)
    form.fill({"cover": crop_again(app_context().job_context, current_actor(), form.cover.data, focus).ident})


def _remove_cover(form: BulletinForm) -> None:
    form.fill({"cover": "", "cover_alt": ""})


FORM_ACTIONS: Final[Mapping[str, Callable[[BulletinForm], None]]] = {
    "picture": _upload_cover,
    "library": _choose_cover,
    FIND_PICTURES: _find_pictures,
    "cut": _crop_cover,
    "uncover": _remove_cover,
}


@staff_required(Permission.WRITE)
def upload() -> ResponseReturnValue:
    """Store a picture for the body, sent by the rich editor, or for the library: ``{"url", "ident"}``, or 422 with
    ``message``."""
    body, name = _uploaded_file()
    try:
        found = store_picture(app_context().job_context, current_actor(), body, name)
    except CampaignError as error:
        return jsonify(message=picture_error_messages(error).get("picture", "")), 422
    return jsonify(url=found.url, ident=found.ident, width=found.width, height=found.height)


def picture_error_messages(error: CampaignError) -> dict[str, str]:
    """Return why a picture was refused and what to do."""
    if not isinstance(error, Invalid):
        return {"picture": str(_("Không có ảnh này; mời chọn lại."))}
    words = {
        "empty": _("Chọn một ảnh trước đã."),
        "too_large": _("Ảnh nặng hơn %(most)s. Lưu lại nhỏ hơn rồi chọn lần nữa.", most=_size_limit()),
        "unknown_type": _("Chỉ nhận ảnh JPEG, PNG hoặc WebP, xét theo nội dung chứ không theo tên tệp."),
        "too_many_pixels": _(
            "Ảnh có hơn %(count)s triệu điểm ảnh. Thu nhỏ ảnh (ví dụ còn 4.000 điểm chiều ngang) rồi chọn lại.",
            count=formats.number(MAX_PIXELS // 1_000_000, language()),
        ),
        "too_small": _("Ảnh nhỏ quá; ít nhất %(width)s × %(height)s điểm ảnh.", width=MIN_SIDE[0], height=MIN_SIDE[1]),
        "unreadable": _("Ảnh hỏng hoặc bị cắt ngang. Lưu lại rồi chọn lần nữa."),
        "too_heavy": _("Ảnh cần quá nhiều bộ nhớ hoặc thời gian để đọc. Thu nhỏ rồi chọn lại."),
    }
    return {
        error.field: str(words[error.code])
        if error.field == "picture" and error.code in words
        else fields.field_error_messages([error])[error.field]
        for error in error.errors
    }


def _size_limit() -> str:
    return formats.file_size(MAX_BYTES, language())
