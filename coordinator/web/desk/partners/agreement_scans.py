"""The scans of an agreement: every member of staff may download them; those who configure partners
add and remove them.
"""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Invalid
from campaigns.partners.agreements import MOST_SCANS, find_scan, remove_scan
from campaigns.people.staff import Permission
from coordinator.imports.files.pdf import MAX_SCAN_PAGES
from coordinator.imports.files.upload_inspection import MAX_SCAN_BYTES
from coordinator.jobs.partners.agreement_scans import file_scan
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.partners.agreements import agreement_view, scan_row
from coordinator.web.kit.files import download_response, stored_body, upload_error_messages
from coordinator.web.kit.forms.fields import field_error_messages
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("scans", __name__, url_prefix="/_agreements/_scans")


@blueprint.get("")
@staff_required()
def page() -> ResponseReturnValue:
    """One agreement with its scans; ``?number=`` names it, because numbers have slashes."""
    return _render_page({})


@blueprint.post("")
@staff_required(Permission.CONFIGURE)
def add() -> ResponseReturnValue:
    """Add a scan to the agreement; the same file twice is one scan."""
    number, upload = request.args.get("number", ""), request.files.get("file")
    name, body = "", b""
    if upload is not None:
        name = upload.filename or ""
        with upload.stream as stream:  # a large upload is a temporary file until it is closed
            body = stream.read(MAX_SCAN_BYTES + 1)
    try:
        filed = file_scan(app_context().job_context, current_actor(), number, name, body)
    except Invalid as invalid:
        return _render_page(_error_messages(invalid)), 422
    if filed.new:
        flash_done(_("Đã thêm bản quét %(name)s.", name=filed.name))
    else:
        flash_done(_("Văn bản đã có bản quét này: %(name)s.", name=filed.name))
    return redirect(url_for("partners.scans.page", number=number, _anchor="ban-quet"), 303)


@blueprint.get("/<public>")
@staff_required()
def download(public: str) -> Response:
    """The file as a download: a PDF is kept as uploaded, so it is never shown within a page of this site."""
    with app_context().job_context.database.read() as session:
        row = find_scan(session, public)
        key, kind, name = row.body_key, row.kind, row.name
    return download_response(stored_body(key), kind.media_type, name)


@blueprint.route("/<public>/remove", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def remove(public: str) -> ResponseReturnValue:
    """Confirm the removal of a scan with its consequence, then remove it."""
    context = app_context().job_context
    if request.method == "POST":
        with context.database.write() as session:
            row = remove_scan(session, current_actor(), public, now=context.now())
            number, name = row.agreement.number, row.name
        flash_done(_("Đã gỡ bản quét %(name)s.", name=name))
        return redirect(url_for("partners.scans.page", number=number, _anchor="ban-quet"), 303)
    with context.database.read() as session:
        row = find_scan(session, public)
        line, number = scan_row(row), row.agreement.number
        owner = (row.agreement.company.code, row.agreement.company.name)
    return render_template("desk/partners/agreements/scan_remove.html", scan=line, number=number, owner=owner)


def _render_page(errors: dict[str, str]) -> str:
    context = app_context().job_context
    with context.database.read() as session:
        view = agreement_view(session, request.args.get("number", ""), context.now())
    return render_template(
        "desk/partners/agreements/scans.html",
        agreement=view,
        errors=errors,
        most=MOST_SCANS,
        largest=MAX_SCAN_BYTES,
        pages=MAX_SCAN_PAGES,
        may_configure=current_actor().may(Permission.CONFIGURE),
    )


def _error_messages(invalid: Invalid) -> dict[str, str]:
    words = upload_error_messages(MAX_SCAN_BYTES, MAX_SCAN_PAGES) | {
        "unknown_type": _("Chỉ nhận tệp PDF, ảnh JPEG và PNG, xét theo nội dung chứ không theo tên tệp."),
        "heic": _(
            "Đây là ảnh HEIC của điện thoại. Mở ảnh rồi lưu hoặc xuất thành JPEG; trên iPhone có thể đặt Cài đặt → "
            "Camera → Định dạng → Tương thích nhất rồi chụp lại."
        ),
        "tiff": _("Đây là ảnh TIFF. Mở bằng phần mềm quét hoặc xem ảnh rồi lưu thành PDF, hoặc quét lại thành PDF."),
        "too_many_scans": _(
            "Văn bản đã có đủ %(count)s bản quét. Gỡ bớt, hoặc gộp các trang vào một tệp PDF.", count=MOST_SCANS
        ),
    }
    return {
        error.field: words.get(error.code) or field_error_messages([error])[error.field] for error in invalid.errors
    }
