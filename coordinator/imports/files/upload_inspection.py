"""Inspection of uploads in a child process with limited memory and time, which a hostile file cannot leave.

A file is recognised by its first bytes here, and read in the child alone.
"""

from typing import Any

from coordinator.imports.files.cleaned_file import CleanedFile, FileRejected
from coordinator.imports.files.pdf import checked_pdf, clean_pdf, is_pdf
from coordinator.imports.files.pictures import (
    PictureFile,
    PreparedPicture,
    clean_picture,
    foreign_format,
    picture_format,
    prepare_picture,
)
from coordinator.sandbox import ChildAnswer, ChildFailed, run_child

MAX_BYTES = 15 * 1024 * 1024
MAX_SCAN_BYTES = 20_000_000  # thirty pages in colour as office scanners write them; a request may have 20 MiB


def clean_upload(body: bytes) -> CleanedFile:
    """Return the clean form of an uploaded picture or PDF, recognised by its content. Raises ``FileRejected``."""
    _check_size(body, MAX_BYTES, f"{MAX_BYTES // 1024 // 1024} MB")
    if picture_format(body) is None and not is_pdf(body):
        raise FileRejected("unknown_type", "only PNG, JPEG and WebP pictures and PDF files are taken")
    answer, clean = _run_child(_cleaned_answer, body, False)
    return CleanedFile(answer["kind"], answer["measure"], clean)


def check_scan(body: bytes) -> CleanedFile:
    """A scanned document: a picture made anew, a PDF file checked and unchanged. Raises ``FileRejected``."""
    _check_size(body, MAX_SCAN_BYTES, f"{MAX_SCAN_BYTES // 1_000_000} MB")
    if foreign := foreign_format(body):
        raise FileRejected(foreign, f"{foreign.upper()} pictures are not taken; save it as JPEG, PNG or PDF")
    if picture_format(body) not in {"PNG", "JPEG"} and not is_pdf(body):
        raise FileRejected("unknown_type", "only PDF files and JPEG and PNG pictures are taken")
    answer, clean = _run_child(_cleaned_answer, body, True)
    return CleanedFile(answer["kind"], answer["measure"], clean)


def crop_picture(body: bytes, focus: tuple[float, float]) -> PreparedPicture:
    """A picture for bulletins with its crops. Raises ``FileRejected``."""
    _check_size(body, MAX_BYTES, f"{MAX_BYTES // 1024 // 1024} MB")
    if picture_format(body) is None:
        raise FileRejected("unknown_type", "only PNG, JPEG and WebP pictures are taken")
    answer, rest = _run_child(_prepared_answer, body, focus)
    pieces: dict[str, PictureFile] = {}
    for name, mime, width, height, length in answer["pieces"]:
        pieces[name] = PictureFile(mime, width, height, rest[:length])
        rest = rest[length:]
    return PreparedPicture(pieces.pop("whole"), pieces)


def _check_size(body: bytes, most: int, megabytes: str) -> None:
    if not body:
        raise FileRejected("empty", "the file is empty")
    if len(body) > most:
        raise FileRejected("too_large", f"the file has more than {megabytes}")


def _run_child(read: Any, *arguments: Any) -> tuple[dict[str, Any], bytes]:
    try:
        answer, rest = run_child(_answer, read, *arguments)
    except ChildFailed as error:
        raise FileRejected(error.code, str(error)) from error
    if "refused" in answer:
        raise FileRejected(answer["refused"], answer["message"])
    return answer, rest


def _answer(read: Any, *arguments: Any) -> ChildAnswer:
    """The answer of the child: what ``read`` returns, or why the file is refused."""
    try:
        answer: ChildAnswer = read(*arguments)
    except FileRejected as refused:
        return {"refused": refused.code, "message": str(refused)[:500]}, ()
    return answer


def clean_file(body: bytes) -> CleanedFile:
    """Clean a picture or a PDF file in this process, without limits. Raises ``FileRejected``."""
    format_ = picture_format(body)
    return clean_pdf(body) if format_ is None else clean_picture(body, format_)


def _cleaned_answer(body: bytes, as_it_is: bool) -> ChildAnswer:
    clean = checked_pdf(body) if as_it_is and is_pdf(body) else clean_file(body)
    return {"kind": clean.kind, "measure": clean.measure}, [clean.body]


def _prepared_answer(body: bytes, focus: tuple[float, float]) -> ChildAnswer:
    found = prepare_picture(body, focus)
    pieces = {"whole": found.whole, **found.cuts}
    rows = [(name, piece.mime, piece.width, piece.height, len(piece.body)) for name, piece in pieces.items()]
    return {"pieces": rows}, [piece.body for piece in pieces.values()]
