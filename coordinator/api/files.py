"""Files in the API: uploads as forms with fields beside the file, and kept files as downloads."""

from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from apiflask.scaffold import APIScaffold
from flask import Response, request
from pydantic import BaseModel
from werkzeug.datastructures import FileStorage

from campaigns.core.errors import FieldError, Invalid, NotFound
from coordinator.api.auth import app_context
from coordinator.api.problems import RequestRefused
from coordinator.api.request_parsing import View, refuse_repeated, validated
from coordinator.exports.downloads import content_disposition
from coordinator.storage.blobs import DamagedBody

# Mark an operation that takes or answers a file; removed from the finished document. ``UPLOAD`` names the form.
UPLOAD, FILE = "x-upload", "x-file"

Shape = TypeVar("Shape", bound=BaseModel)


def file_field(kinds: str, most: int) -> dict[str, Any]:
    """The description of a form's file: its kinds in words, and the most bytes of it."""
    return {
        "type": "string",
        "contentMediaType": "application/octet-stream",
        "description": f"{kinds}, recognised by content; at most {most // 1024 // 1024} MB",
    }


def with_upload(form: str) -> Callable[[View], View]:
    """Mark a view that reads ``uploaded_form``; ``form`` is the name of its schema in the document."""

    def decorate(view: View) -> View:
        described: View = APIScaffold().doc(extensions={UPLOAD: form})(view)
        described.takes_body = True  # type: ignore[attr-defined]
        return described

    return decorate


def uploaded_form(shape: type[Shape]) -> tuple[Shape, str, bytes]:
    """The fields of a form, and the name and content of its file, empty without one. Raises as ``uploaded_file``."""
    body, upload = uploaded_file(shape)
    return (body, "", b"") if upload is None else (body, upload.filename or "", upload.stream.read())


def uploaded_file(shape: type[Shape]) -> tuple[Shape, FileStorage | None]:
    """The fields of a form, and its file. Raises ``RequestRefused`` (415) for another media type, ``Invalid`` for
    fields."""
    if request.mimetype != "multipart/form-data":
        raise RequestRefused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_multipart", f"expected multipart/form-data, not {request.mimetype}"
        )
    request.get_data()  # read whole before the form is parsed: an Idempotency-Key is bound to the bytes
    named = [name for parts in (request.form, request.files) for name, _part in parts.items(multi=True)]
    refuse_repeated(Counter(named), "field")
    unknown = [name for name in request.files if name != "file"]
    if unknown:
        raise Invalid([FieldError(name, "unknown_field", "the file's field is called file") for name in unknown])
    body = validated(shape, request.form.to_dict(), "body")
    return body, request.files.get("file")


def kept_file(key: str, media_type: str, name: str, ident: str) -> Response:
    """A kept file as a download. Raises ``NotFound`` where it is no longer kept."""
    try:
        body = app_context().job_context.store.read(key)
    except (FileNotFoundError, DamagedBody) as error:
        raise NotFound(f"the file of {ident} is no longer where it was kept", file=ident) from error
    # An uploaded PDF is stored unchanged: this policy gives its viewer no rights.
    headers = {
        "Content-Disposition": content_disposition(name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(body, content_type=media_type, headers=headers)
