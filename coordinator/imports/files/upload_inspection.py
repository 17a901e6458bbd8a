"""Inspection of uploads in a child process with limited memory and time, which a hostile file cannot leave.

A file is recognised by its first bytes here, and read in the child alone.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from coordinator.imports.files.captions import is_captions, read_captions, transcript_of, write_captions
from coordinator.imports.files.cleaned_file import CleanedFile, FileRejected
from coordinator.imports.files.document_text import document_text
from coordinator.imports.files.pdf import checked_pdf, clean_pdf, is_pdf
from coordinator.imports.files.pictures import (
    PictureFile,
    PreparedPicture,
    clean_picture,
    foreign_format,
    picture_format,
    prepare_picture,
)
from coordinator.imports.files.recordings import (
    MAX_BYTES as MAX_RECORDING_BYTES,
)
from coordinator.imports.files.recordings import (
    Recording,
    can_read_recordings,
    conversion,
    foreign_recording,
    inspect_recording,
    pack_anew,
    poster_frame,
    recording_format,
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


@dataclass(frozen=True)
class InspectedFile:
    """A file of a bulletin's media as it is kept. ``kind``: ``video``, ``audio``, ``document`` or ``captions``; pixels
    and ``seconds``: 0 for what has none; ``text``: its words, of captions and documents; ``poster``: a frame as JPEG,
    of a video."""

    kind: str
    mime: str
    body: bytes
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    text: str = ""
    poster: bytes = b""


def inspect_media(path: Path, name: str) -> InspectedFile:
    """A video, audio, document or captions file as it is kept, recognised by its content, captions also by their
    ``name``. Another file is written beside ``path``. Raises ``FileRejected``."""
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise FileRejected("empty", "the file is empty")
    if is_pdf(head):
        body = path.read_bytes()
        _check_size(body, MAX_BYTES, f"{MAX_BYTES // 1024 // 1024} MB")
        answer, clean = _run_child(_document_answer, body)
        return InspectedFile("document", "application/pdf", clean, text=answer["text"])
    if recording_format(head) is not None:
        return _inspected_recording(path)
    if (foreign := foreign_recording(head)) is not None:
        audio = foreign in {"Ogg", "FLAC", "WAVE"}
        raise FileRejected("foreign_recording", f"{foreign} is not taken", conversion(audio, MAX_RECORDING_BYTES))
    if is_captions(name, head):
        answer, clean = _run_child(_captions_answer, path.read_bytes())
        return InspectedFile("captions", "text/vtt", clean, seconds=answer["seconds"], text=answer["text"])
    raise FileRejected(
        "unknown_media_type", "MP4, MP3, M4A, PDF, JPEG, PNG, WebP and captions as .vtt or .srt are taken"
    )


def _inspected_recording(path: Path) -> InspectedFile:
    if not can_read_recordings():
        raise FileRejected("no_ffmpeg", "this machine has no ffmpeg to check video and audio with")
    packed = path.with_suffix(".packed")
    try:
        size = path.stat().st_size
        facts, poster = _run_child(_recording_answer, path, packed, size, most_written=MAX_RECORDING_BYTES)
        recording = Recording(**facts)
        kind = "video" if recording.mime == "video/mp4" else "audio"
        return InspectedFile(
            kind, recording.mime, packed.read_bytes(), recording.width, recording.height, recording.seconds, "", poster
        )
    finally:
        packed.unlink(missing_ok=True)


def _recording_answer(path: Path, packed: Path, size: int) -> ChildAnswer:
    recording = inspect_recording(path)
    if size > MAX_RECORDING_BYTES:
        message = f"{size / 1_000_000:.1f} MB; at most {MAX_RECORDING_BYTES // 1_000_000} MB"
        raise FileRejected("recording_too_large", message, conversion(recording.width == 0, recording.seconds))
    pack_anew(path, packed, recording)
    pieces = [poster_frame(packed, recording.seconds)] if recording.width else []
    return asdict(recording), pieces


def _captions_answer(body: bytes) -> ChildAnswer:
    cues = read_captions(body)
    return {"text": transcript_of(cues), "seconds": max(cue.end for cue in cues)}, [write_captions(cues)]


def _document_answer(body: bytes) -> ChildAnswer:
    clean = clean_pdf(body).body
    return {"text": document_text(clean)}, [clean]


def _check_size(body: bytes, most: int, megabytes: str) -> None:
    if not body:
        raise FileRejected("empty", "the file is empty")
    if len(body) > most:
        raise FileRejected("too_large", f"the file has more than {megabytes}")


def _run_child(read: Any, *arguments: Any, most_written: int = 0) -> tuple[dict[str, Any], bytes]:
    try:
        answer, rest = run_child(_answer, read, *arguments, most_written=most_written)
    except ChildFailed as error:
        raise FileRejected(error.code, str(error)) from error
    if "refused" in answer:
        raise FileRejected(answer["refused"], answer["message"], answer["command"])
    return answer, rest


def _answer(read: Any, *arguments: Any) -> ChildAnswer:
    """The answer of the child: what ``read`` returns, or why the file is refused."""
    try:
        answer: ChildAnswer = read(*arguments)
    except FileRejected as refused:
        return {"refused": refused.code, "message": str(refused)[:500], "command": refused.command}, ()
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
