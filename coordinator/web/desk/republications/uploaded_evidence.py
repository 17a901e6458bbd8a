"""Confirmation of a page behind a sign-in with an uploaded picture or PDF; staff download the stored file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import FileField

from campaigns.core.contents import from_attributes
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import Permission
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence.uploads import (
    CHECKER_PICTURE_BY,
    SCREENSHOT_BY,
    EvidenceUploadKind,
    find_upload,
    uploads_of,
)
from campaigns.republications.republications import BrowserLook, Republication
from campaigns.republications.social.posts import PICTURE_ATTRIBUTIONS
from campaigns.search.autocomplete import PickableKind
from coordinator.imports.files.pdf import MAX_PAGES
from coordinator.imports.files.upload_inspection import MAX_BYTES
from coordinator.jobs.republications.upload_confirmation import UploadedProof, confirm_by_upload
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.republications.labels import look_cause_sentence, look_difference_sentence
from coordinator.web.kit.files import download_response, stored_body, upload_error_messages
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.field_types import DateField, FlagField, MomentForm, PickField, TextField, TimeField
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("vouching", __name__)

MEDIA = {
    EvidenceUploadKind.PNG: "image/png",
    EvidenceUploadKind.JPEG: "image/jpeg",
    EvidenceUploadKind.PDF: "application/pdf",
}


@dataclass(frozen=True)
class UploadRow:
    """One upload as the copy's page lists it. ``picture``: it has a thumbnail."""

    id: str
    picture: bool
    kind: str
    measure: str
    size: int
    body_hash: str
    seen_at: datetime
    at: datetime
    actor_name: str
    note: str


def upload_rows(session: Session, row: Republication) -> list[UploadRow]:
    """Return the uploads of a copy, oldest first."""
    return [
        from_attributes(
            UploadRow,
            upload,
            id=upload.public,
            picture=upload.kind is not EvidenceUploadKind.PDF,
            kind=upload.kind.value.upper(),
        )
        for upload in uploads_of(session, row)
    ]


def picture_attributions() -> list[tuple[str, str]]:
    """Return what a person may say that a picture shows of the source, the default first."""
    words = {
        Attribution.NOT_SEEN: _("Không thấy được trên ảnh"),
        Attribution.NAMED_ONLY: _("Nêu tên Sở"),
        Attribution.LINKED_AT_END: _("Nêu tên Sở và có đường dẫn"),
        Attribution.NAMED_OTHER_SOURCE: _("Nêu nguồn khác"),
    }
    return [(way.value, words[way]) for way in PICTURE_ATTRIBUTIONS]


class EvidenceForm(MomentForm):
    """The copy, when it was seen, and the picture or PDF that shows it."""

    bulletin = PickField(PickableKind.BULLETIN, required=True)
    url = TextField(required=True)
    day = DateField(required=True)
    time = TimeField(required=True)
    file = FileField()
    note = TextField(required=True)
    attribution = TextField()
    second_posting = FlagField()


@blueprint.route("/_vouch", methods=["GET", "POST"])
@staff_required(Permission.REVIEW)
def form() -> ResponseReturnValue:
    """Show the form, for a known copy (bulletin and address filled in) or a new one."""
    now = app_context().job_context.now()
    known = {name: request.args.get(name, "").strip() for name in ("bulletin", "url")}
    form = EvidenceForm.of_request(EvidenceForm.values_of(now) | known)
    if request.method == "GET":
        return _render_form(form)
    timed = form.validate()
    upload = request.files.get("file")
    body = upload.stream.read(MAX_BYTES + 1) if upload is not None and timed else b""
    # With a bad time the other fields are validated as well, so that all errors are reported at once.
    seen_at = form.moment if timed else now
    second = bool(form.second_posting.data)
    said = {way.value: way for way in PICTURE_ATTRIBUTIONS}.get(form.attribution.data)
    proof = UploadedProof(form.bulletin.data, form.url.data, seen_at, form.note.data, body, second, said)
    try:
        ident, _exhibit = confirm_by_upload(app_context().job_context, current_actor(), proof)
    except Invalid as invalid:
        errors = [error for error in invalid.errors if timed or error.field not in {"seen_at", "file"}]
        form.add_messages(_error_messages(errors))
        return _render_form(form)
    except Conflict as conflict:
        form.add_messages({"url": error_sentence(conflict)})
        return _render_form(form)
    flash_done(_("Đã ghi nhận và xác nhận bằng ảnh chụp."))
    return redirect(url_for("republications.show", ident=ident, _anchor="anh-chup"), 303)


def _render_form(form: EvidenceForm) -> ResponseReturnValue:
    page = render_template(
        "desk/republications/upload_evidence.html",
        form=form,
        most=formats.file_size(MAX_BYTES, language()),
        pages=MAX_PAGES,
        attributions=[("", _("Như người báo đã ghi, hoặc không thấy được")), *picture_attributions()],
    )
    return page, form.status


@blueprint.get("/_exhibits/<ident>")
@staff_required()
def exhibit(ident: str) -> ResponseReturnValue:
    """Return the stored file as a download, never inline, because a person uploaded it."""
    with app_context().job_context.database.read() as session:
        row = find_upload(session, ident)
        key, kind = row.body_key, row.kind
    return download_response(
        stored_body(key), MEDIA[kind], f"{ident}.{'jpg' if kind is EvidenceUploadKind.JPEG else kind.value}"
    )


def _error_messages(errors: list[FieldError]) -> dict[str, str]:
    words = upload_error_messages(MAX_BYTES, MAX_PAGES) | {
        "unknown_bulletin": _("Không có bản tin nào đã phát hành mang mã này."),
        "unknown_site": _("Địa chỉ này không thuộc trang nào trong danh bạ. Thêm trang ở mục Đối tác trước."),
        "before_release": _("Lúc đó bản tin chưa phát hành. Xem lại ngày giờ."),
        "future": _("Ngày giờ này chưa tới."),
        "not_to_say": _("Máy đã thấy cách dẫn nguồn của trang này; không khai khác được"),
        "known_file": _("Tệp này đã được giữ cho bài này rồi."),
        "unknown_type": _("Chỉ nhận ảnh PNG, JPEG, WebP và tệp PDF, xét theo nội dung chứ không theo tên tệp."),
    }
    found: dict[str, str] = {}
    for error in errors:
        field = "day" if error.field == "seen_at" else error.field
        found.setdefault(field, words.get(error.code) or fields.field_error_messages([error])[error.field])
    return found


@dataclass(frozen=True)
class BrowserLookView:
    """The look at one copy. ``said``: why it is needed or what differs; ``reader`` and ``checker``: the newest pictures
    of the page as a reader's browser shows it and as the checker's own agent gets it."""

    state: BrowserLook
    at: datetime | None
    said: str
    reader: UploadRow | None
    checker: UploadRow | None


def browser_look_view(row: Republication, uploads: Sequence[UploadRow]) -> BrowserLookView | None:
    """Return the look at a copy; None for one of the many that are not looked at."""
    if row.browser_look is BrowserLook.NOT_NEEDED:
        return None
    newest = {upload.actor_name: upload for upload in uploads}
    return BrowserLookView(
        row.browser_look, row.looked_at, _look_sentence(row), newest.get(SCREENSHOT_BY), newest.get(CHECKER_PICTURE_BY)
    )


def _look_sentence(row: Republication) -> str:
    match row.browser_look:
        case BrowserLook.NEEDED:
            return look_cause_sentence(row.look_note)
        case BrowserLook.DIFFERS:
            return look_difference_sentence(row.look_note)
        case BrowserLook.FAILED:
            return _("Lần xem không tới cùng: %(why)s. Máy xem lại ở lần kiểm tra sau.", why=row.look_note)
        case BrowserLook.PARTLY_SEEN:
            return _("Trình duyệt của người đọc thấy bài ít chữ hơn bản máy tải về, nhưng vẫn đủ để tính.")
        case _:
            return _("Trình duyệt của người đọc thấy văn bản, dòng nguồn và đường dẫn như bản máy tải về.")
