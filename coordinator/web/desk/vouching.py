"""A page behind a sign-in is confirmed at the desk with a picture or PDF; the kept file is shown to staff, inert."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import May
from campaigns.tracking.exhibits import ExhibitKind, exhibits_of, find_exhibit
from campaigns.tracking.republications import Republication
from coordinator.imports.inspecting import MOST_BYTES
from coordinator.imports.papers import MOST_PAGES
from coordinator.jobs.vouching import Vouched, vouch
from coordinator.web import formats
from coordinator.web.desk import inputs
from coordinator.web.desk.file_words import refusals
from coordinator.web.desk.moments import fields_of, sent_moment
from coordinator.web.desk.stored import body_of, to_be_saved
from coordinator.web.look import language, say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("vouching", __name__)

MEDIA = {ExhibitKind.PNG: "image/png", ExhibitKind.JPEG: "image/jpeg", ExhibitKind.PDF: "application/pdf"}


@dataclass(frozen=True)
class ExhibitLine:
    """One exhibit as the page of its copy lists it. ``picture``: it can be shown small."""

    id: str
    picture: bool
    kind: str
    measure: str
    size: int
    body_hash: str
    seen_at: datetime
    at: datetime
    who: str
    note: str


def exhibit_lines(session: Session, row: Republication) -> list[ExhibitLine]:
    """The exhibits of a copy, oldest first."""
    return [
        ExhibitLine(
            one.public,
            one.kind is not ExhibitKind.PDF,
            one.kind.value.upper(),
            one.measure,
            one.size,
            one.body_hash,
            one.seen_at,
            one.at,
            one.actor_name,
            one.note,
        )
        for one in exhibits_of(session, row)
    ]


@blueprint.route("/_vouch", methods=["GET", "POST"])
@staff(May.REVIEW)
def form() -> ResponseReturnValue:
    """The form, for a copy that is known (its bulletin and address filled in) or a new one."""
    if request.method == "GET":
        day, clock = fields_of(front().place.now())
        known = {name: request.args.get(name, "").strip() for name in ("bulletin", "url")}
        return _form({**known, "day": day, "time": clock, "note": ""}, {})
    typed = {name: inputs.text(name) for name in ("bulletin", "url", "day", "time", "note")}
    errors: list[FieldError] = []
    try:
        seen_at = sent_moment()
    except Invalid as invalid:
        errors += invalid.errors
        # The other fields are looked at all the same, so that everything wrong is said at once.
        seen_at = front().place.now()
    upload = request.files.get("file")
    body = upload.stream.read(MOST_BYTES + 1) if upload is not None and not errors else b""
    try:
        ident, _exhibit = vouch(
            front().place, actor(), Vouched(typed["bulletin"], typed["url"], seen_at, typed["note"], body)
        )
    except Invalid as invalid:
        told = [one for one in invalid.errors if not (errors and one.field in {"seen_at", "file"})]
        return _form(typed, _said([*errors, *told])), 422
    say_done(_("Đã ghi nhận và xác nhận bằng ảnh chụp."))
    return redirect(url_for("republications.show", ident=ident, _anchor="anh-chup"), 303)


def _form(typed: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "republications/vouch.html",
        typed=typed,
        errors=errors,
        most=formats.file_size(MOST_BYTES, language()),
        pages=MOST_PAGES,
    )


@blueprint.get("/_exhibits/<ident>")
@staff()
def exhibit(ident: str) -> ResponseReturnValue:
    """The kept file. Somebody handed it in: even made anew it is saved, not opened."""
    with front().place.database.read() as session:
        row = find_exhibit(session, ident)
        key, kind = row.body_key, row.kind
    return to_be_saved(body_of(key), MEDIA[kind], f"{ident}.{'jpg' if kind is ExhibitKind.JPEG else kind.value}")


def _said(errors: list[FieldError]) -> dict[str, str]:
    words = refusals(MOST_BYTES, MOST_PAGES) | {
        "unknown_bulletin": _("Không có bản tin nào đã phát hành mang mã này."),
        "unknown_site": _("Địa chỉ này không thuộc trang nào trong danh bạ. Thêm trang ở mục Đối tác trước."),
        "before_release": _("Lúc đó bản tin chưa phát hành. Xem lại ngày giờ."),
        "future": _("Ngày giờ này chưa tới."),
        "known_file": _("Tệp này đã được giữ cho bài này rồi."),
        "unknown_type": _("Chỉ nhận ảnh PNG, JPEG, WebP và tệp PDF, xét theo nội dung chứ không theo tên tệp."),
    }
    found: dict[str, str] = {}
    for one in errors:
        field = "day" if one.field == "seen_at" else one.field
        found.setdefault(field, words.get(one.code) or inputs.said_of([one])[one.field])
    return found
