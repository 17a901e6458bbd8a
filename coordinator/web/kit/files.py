"""Stored files on desk pages: read from storage, sent as inert downloads, and the errors of refused uploads."""

from flask import Response, abort

from coordinator.exports.downloads import content_disposition
from coordinator.imports.files.pictures import MAX_PIXELS, MIN_SIDE
from coordinator.storage.blobs import DamagedBody
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context
from coordinator.web.kit.security_headers import UNTRUSTED_CONTENT_HEADERS
from coordinator.web.kit.text import formats


def upload_error_messages(most_bytes: int, most_pages: int) -> dict[str, str]:
    """Return the messages by error code of ``imports``, for a form with these limits in bytes and pages."""
    million = formats.number(MAX_PIXELS // 1_000_000, language())
    return {
        "empty": _("Chọn một ảnh hoặc tệp PDF."),
        "too_large": _("Tệp lớn hơn %(most)s.", most=formats.file_size(most_bytes, language())),
        "too_many_pixels": _("Ảnh có hơn %(count)s triệu điểm ảnh. Chụp lại, hoặc chia làm nhiều ảnh.", count=million),
        "too_small": _(
            "Ảnh nhỏ quá để đọc được; ít nhất %(width)s × %(height)s điểm.", width=MIN_SIDE[0], height=MIN_SIDE[1]
        ),
        "unreadable": _("Tệp hỏng hoặc bị cắt ngang. Lưu lại rồi chọn lần nữa."),
        "too_heavy": _("Tệp cần quá nhiều bộ nhớ hoặc thời gian để đọc. Lưu lại dưới dạng ảnh."),
        "busy_reading": _("Máy đang đọc tệp khác. Mời thử lại sau một phút."),
        "encrypted": _("Tệp PDF có mật khẩu. Bỏ mật khẩu rồi chọn lại."),
        "too_many_pages": _("Tệp PDF phải có từ 1 đến %(count)s trang.", count=most_pages),
        "scripts": _("Tệp PDF có mã chạy bên trong. In lại thành PDF rồi chọn tệp mới."),
        "embedded": _("Tệp PDF có tệp khác đính kèm bên trong. In lại thành PDF rồi chọn tệp mới."),
        "launch": _("Tệp PDF có lệnh mở chương trình hoặc gửi dữ liệu. In lại thành PDF rồi chọn tệp mới."),
    }


def stored_body(key: str) -> bytes:
    """Return a stored file; 404 where it is missing or its hash differs from its name. Called outside of any session,
    because the storage may be on another machine.
    """
    try:
        return app_context().job_context.store.read(key)
    except (FileNotFoundError, DamagedBody):
        abort(404)


def download_response(body: bytes, content_type: str, name: str) -> Response:
    """Return a file as a download under ``name``, with a policy that denies everything if a browser opens it."""
    headers = {**UNTRUSTED_CONTENT_HEADERS, "Content-Disposition": content_disposition(name)}
    return Response(body, content_type=content_type, headers=headers)
