"""An agreement with its scans: seen and saved by all staff, added and removed by who configures partners."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Invalid
from campaigns.partners.scans import MOST, find_scan, remove_scan
from campaigns.people.staff import May
from coordinator.imports.inspecting import MOST_BYTES_OF_A_SCAN
from coordinator.imports.papers import MOST_PAGES_AS_IT_IS
from coordinator.jobs.filing import file_scan
from coordinator.web.desk.agreement_rows import agreement_page, scan_line
from coordinator.web.desk.file_words import refusals
from coordinator.web.desk.inputs import said_of
from coordinator.web.desk.stored import body_of, to_be_saved
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("scans", __name__, url_prefix="/_agreements/_scans")


@blueprint.get("")
@staff()
def page() -> ResponseReturnValue:
    """One agreement with its scans; ``?number=`` names it, because numbers have slashes."""
    return _shown({})


@blueprint.post("")
@staff(May.CONFIGURE)
def add() -> ResponseReturnValue:
    """Put one file to the agreement; the same one twice is one scan."""
    number, upload = request.args.get("number", ""), request.files.get("file")
    name, body = "", b""
    if upload is not None:
        name = upload.filename or ""
        with upload.stream as stream:  # a large one lies in a file until it is closed
            body = stream.read(MOST_BYTES_OF_A_SCAN + 1)
    try:
        filed = file_scan(front().place, actor(), number, name, body)
    except Invalid as invalid:
        return _shown(_said(invalid)), 422
    if filed.new:
        say_done(_("Đã thêm bản quét %(name)s.", name=filed.name))
    else:
        say_done(_("Văn bản đã có bản quét này: %(name)s.", name=filed.name))
    return redirect(url_for("partners.scans.page", number=number, _anchor="ban-quet"), 303)


@blueprint.get("/<public>")
@staff()
def download(public: str) -> Response:
    """The file, to be saved: a PDF is kept as it came, so that it is never opened on a page of ours."""
    with front().place.database.read() as session:
        row = find_scan(session, public)
        key, kind, name = row.body_key, row.kind, row.name
    return to_be_saved(body_of(key), kind.media_type, name)


@blueprint.route("/<public>/remove", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def remove(public: str) -> ResponseReturnValue:
    """Say what removing means, then do it."""
    place = front().place
    if request.method == "POST":
        with place.database.write() as session:
            row = remove_scan(session, actor(), public, now=place.now())
            number, name = row.agreement.number, row.name
        say_done(_("Đã gỡ bản quét %(name)s.", name=name))
        return redirect(url_for("partners.scans.page", number=number, _anchor="ban-quet"), 303)
    with place.database.read() as session:
        row = find_scan(session, public)
        line, number = scan_line(row), row.agreement.number
        owner = (row.agreement.company.code, row.agreement.company.name)
    return render_template("partners/scan_remove.html", one=line, number=number, owner=owner)


def _shown(errors: dict[str, str]) -> str:
    place = front().place
    with place.database.read() as session:
        told = agreement_page(session, request.args.get("number", ""), place.now())
    return render_template(
        "partners/scans.html",
        told=told,
        errors=errors,
        most=MOST,
        largest=MOST_BYTES_OF_A_SCAN,
        pages=MOST_PAGES_AS_IT_IS,
        may_configure=actor().may(May.CONFIGURE),
    )


def _said(invalid: Invalid) -> dict[str, str]:
    words = refusals(MOST_BYTES_OF_A_SCAN, MOST_PAGES_AS_IT_IS) | {
        "unknown_type": _("Chỉ nhận tệp PDF, ảnh JPEG và PNG, xét theo nội dung chứ không theo tên tệp."),
        "heic": _(
            "Đây là ảnh HEIC của điện thoại. Mở ảnh rồi lưu hoặc xuất thành JPEG; trên iPhone có thể đặt Cài đặt → "
            "Camera → Định dạng → Tương thích nhất rồi chụp lại."
        ),
        "tiff": _("Đây là ảnh TIFF. Mở bằng phần mềm quét hoặc xem ảnh rồi lưu thành PDF, hoặc quét lại thành PDF."),
        "too_many_scans": _(
            "Văn bản đã có đủ %(count)s bản quét. Gỡ bớt, hoặc gộp các trang vào một tệp PDF.", count=MOST
        ),
    }
    return {one.field: words.get(one.code) or said_of([one])[one.field] for one in invalid.errors}
