"""Inspection of uploads in a child process with limited memory and time, which a hostile file cannot leave.

The child reads the file from its standard input and answers one line of JSON, followed by the clean file.
"""

import json
import sys
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
from coordinator.sandbox import ChildFailed, limit_resources, run_child

MAX_BYTES = 15 * 1024 * 1024
MAX_SCAN_BYTES = 20_000_000  # thirty pages in colour as office scanners write them; a request may have 20 MiB
MEMORY_LIMIT = 1536 * 1024 * 1024  # bytes of address space; a picture of 40 million pixels needs a third of it
CPU_SECONDS = 20  # of processor time; a page of screenshots takes two
WALL_SECONDS = 60  # seconds by the clock, on a busy machine


def clean_upload(body: bytes) -> CleanedFile:
    """Return the clean form of an uploaded picture or PDF, recognised by its content. Raises ``FileRejected``."""
    _check_size(body, MAX_BYTES, f"{MAX_BYTES // 1024 // 1024} MB")
    if picture_format(body) is None and not is_pdf(body):
        raise FileRejected("unknown_type", "only PNG, JPEG and WebP pictures and PDF files are taken")
    answer, clean = _run_child([], body)
    return CleanedFile(answer["kind"], answer["measure"], clean)


def check_scan(body: bytes) -> CleanedFile:
    """A scanned document: a picture made anew, a PDF file checked and unchanged. Raises ``FileRejected``."""
    _check_size(body, MAX_SCAN_BYTES, f"{MAX_SCAN_BYTES // 1_000_000} MB")
    if foreign := foreign_format(body):
        raise FileRejected(foreign, f"{foreign.upper()} pictures are not taken; save it as JPEG, PNG or PDF")
    if picture_format(body) not in {"PNG", "JPEG"} and not is_pdf(body):
        raise FileRejected("unknown_type", "only PDF files and JPEG and PNG pictures are taken")
    answer, clean = _run_child(["--scan"], body)
    return CleanedFile(answer["kind"], answer["measure"], clean)


def crop_picture(body: bytes, focus: tuple[float, float]) -> PreparedPicture:
    """A picture for bulletins with its crops. Raises ``FileRejected``."""
    _check_size(body, MAX_BYTES, f"{MAX_BYTES // 1024 // 1024} MB")
    if picture_format(body) is None:
        raise FileRejected("unknown_type", "only PNG, JPEG and WebP pictures are taken")
    answer, rest = _run_child(["--cut", str(focus[0]), str(focus[1])], body)
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


def _run_child(arguments: list[str], body: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        answer, rest = run_child("coordinator.imports.files.sandbox", arguments, body, seconds=WALL_SECONDS)
    except ChildFailed as error:
        raise FileRejected("too_heavy", str(error)) from error
    if "refused" in answer:
        raise FileRejected(answer["refused"], answer["message"])
    return answer, rest


def clean_file(body: bytes) -> CleanedFile:
    """Clean a picture or a PDF file in this process, without limits. Raises ``FileRejected``."""
    format_ = picture_format(body)
    return clean_pdf(body) if format_ is None else clean_picture(body, format_)


def _cleaned_answer(body: bytes, *, as_it_is: bool) -> tuple[dict[str, Any], list[bytes]]:
    clean = checked_pdf(body) if as_it_is and is_pdf(body) else clean_file(body)
    return {"kind": clean.kind, "measure": clean.measure}, [clean.body]


def _prepared_answer(body: bytes, focus: tuple[float, float]) -> tuple[dict[str, Any], list[bytes]]:
    found = prepare_picture(body, focus)
    pieces = {"whole": found.whole, **found.cuts}
    rows = [(name, piece.mime, piece.width, piece.height, len(piece.body)) for name, piece in pieces.items()]
    return {"pieces": rows}, [piece.body for piece in pieces.values()]


def main() -> int:
    """The child: a file in, one line of JSON and the clean file out; with ``--scan`` a PDF file unchanged, with
    ``--cut X Y`` a picture and its crops."""
    limit_resources(MEMORY_LIMIT, CPU_SECONDS)
    out = sys.stdout.buffer
    body = sys.stdin.buffer.read()
    try:
        if sys.argv[1:2] == ["--cut"]:
            answer, bodies = _prepared_answer(body, (float(sys.argv[2]), float(sys.argv[3])))
        else:
            answer, bodies = _cleaned_answer(body, as_it_is=sys.argv[1:2] == ["--scan"])
    except FileRejected as refused:
        out.write(json.dumps({"refused": refused.code, "message": str(refused)[:500]}).encode() + b"\n")
        return 0
    except (MemoryError, RecursionError):
        return 3
    out.write(json.dumps(answer).encode() + b"\n")
    for piece in bodies:
        out.write(piece)
    return 0


if __name__ == "__main__":
    sys.exit(main())
