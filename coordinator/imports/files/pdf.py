"""Uploaded PDF files, made anew from their pages without scripts, embedded files and actions.

Files with scripts, embedded files or actions are refused with the reason rather than cleaned silently, so that the
person knows about them; annotations, links, forms and metadata are removed. Run it through ``upload_inspection``.
"""

import contextlib
import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pikepdf

from coordinator.imports.files.cleaned_file import CleanedFile, FileRejected

PdfObject = TypeVar("PdfObject")

MAX_PAGES = 50
MAX_SCAN_PAGES = 300  # an agreement with all its annexes
# Bytes unpacked; a colour scan of A3 at 600 dots an inch without compression has as many.
MAX_STREAM_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 1_000_000_000  # bytes of all its streams; 30 pages scanned in colour at 300 dots an inch
MAX_DEPTH = 60  # levels of nested values in one object; honest files have fewer than ten

# Keys and action types of ISO 32000 that run something, reach out, or carry another file.
ACTION_KEYS = {
    "/JS": "scripts",
    "/JavaScript": "scripts",
    "/EF": "embedded",
    "/EmbeddedFiles": "embedded",
    "/RichMediaContent": "embedded",
    "/XFA": "scripts",
}
ACTION_TYPES = {"/EmbeddedFile": "embedded", "/Filespec": "", "/JavaScript": "scripts"}
FORBIDDEN_ACTIONS = {
    "/JavaScript": "scripts",
    "/Launch": "launch",
    "/ImportData": "launch",
    "/SubmitForm": "launch",
    "/GoToE": "embedded",
    "/Rendition": "launch",
    "/RichMediaExecute": "launch",
}
# Filters whose output may be far larger than their input; those of pictures are checked where a picture is drawn.
UNPACKING_FILTERS = frozenset({"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"})
PIECE_BYTES = 1 << 20  # bytes unpacked at once
FORBIDDEN_WORDS = {
    "scripts": "the file holds scripts",
    "embedded": "the file holds other files",
    "launch": "the file starts programs or sends data",
}
# Entries of a page besides its drawing, which are removed.
LEFT_BEHIND = ("/Annots", "/AA", "/Metadata", "/PieceInfo", "/StructParents", "/B", "/PZ", "/Thumb", "/LastModified")


def is_pdf(body: bytes) -> bool:
    """Whether the body begins with the signature of a PDF file."""
    return body.startswith(b"%PDF-")


def clean_pdf(body: bytes) -> CleanedFile:
    """A new file of the same pages. Raises ``FileRejected``."""
    return _opened(body, _rebuilt)


def checked_pdf(body: bytes) -> CleanedFile:
    """The file unchanged, after the checks: for documents whose bytes count, such as signed ones.

    It may be served as a download only. Raises ``FileRejected``.
    """
    return CleanedFile("pdf", str(_opened(body, _pages_without_actions)), body)


def _opened(body: bytes, look: Callable[[pikepdf.Pdf], PdfObject]) -> PdfObject:
    try:
        with pikepdf.open(io.BytesIO(body), attempt_recovery=False) as opened:
            if opened.is_encrypted:
                raise FileRejected("encrypted", "the file is locked with a password")
            return look(opened)
    except pikepdf.PasswordError as error:
        raise FileRejected("encrypted", "the file is locked with a password") from error
    except (pikepdf.PdfError, ValueError, TypeError, LookupError, RuntimeError, OverflowError) as error:
        # qpdf's own errors, and Python's where a value is not of the type that the standard requires.
        raise FileRejected("unreadable", "the file is damaged, cut off or no PDF") from error


def _pages_without_actions(opened: pikepdf.Pdf) -> int:
    count = _checked_page_count(opened, MAX_SCAN_PAGES)
    _reject_actions(opened)
    return count


def _checked_page_count(opened: pikepdf.Pdf, most: int) -> int:
    count = len(opened.pages)
    if not 0 < count <= most:
        raise FileRejected("too_many_pages", f"{count} pages; from 1 to {most} are taken")
    return count


def _rebuilt(opened: pikepdf.Pdf) -> CleanedFile:
    count = _checked_page_count(opened, MAX_PAGES)
    _reject_actions(opened)
    with pikepdf.new() as bare:
        bare.pages.extend(opened.pages)
        for page in bare.pages:
            for name in LEFT_BEHIND:
                if name in page.obj:
                    del page.obj[name]
        bare.remove_unreferenced_resources()
        _reject_actions(bare)
        out = io.BytesIO()
        bare.save(out, deterministic_id=True)
    return CleanedFile("pdf", str(count), out.getvalue())


def _reject_actions(pdf: pikepdf.Pdf) -> None:
    unpacked = 0
    for found in pdf.objects:
        if isinstance(found, pikepdf.Stream):
            unpacked += _unpacked_size(found)
            if unpacked > MAX_UNPACKED_BYTES:
                most = MAX_UNPACKED_BYTES // 1_000_000
                raise FileRejected("too_heavy", f"the file unpacks to more than {most} MB")
        for entry in _dictionaries(found, 0):
            for key in entry.keys():  # noqa: SIM118  # pikepdf's dictionaries are iterated over by keys() alone
                if code := ACTION_KEYS.get(key, ""):
                    raise FileRejected(code, FORBIDDEN_WORDS[code])
            for name, table in (("/S", FORBIDDEN_ACTIONS), ("/Type", ACTION_TYPES)):
                if code := table.get(str(entry.get(name, "")), ""):
                    raise FileRejected(code, FORBIDDEN_WORDS[code])


def _dictionaries(value: Any, depth: int) -> Iterator[Any]:
    """The dictionaries directly in an object; those it refers to are objects of their own."""
    if depth > MAX_DEPTH:
        raise FileRejected("unreadable", "the file nests its values too deeply")
    if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        yield value
        inner: Any = [value.get(key) for key in value.keys()]  # noqa: SIM118  # see above
    elif isinstance(value, pikepdf.Array):
        inner = list(value)
    else:
        return
    for part in inner:
        if isinstance(part, pikepdf.Object) and not part.is_indirect:
            yield from _dictionaries(part, depth + 1)


def _unpacked_size(stream: pikepdf.Stream) -> int:
    """Bytes that a stream unpacks to; 0 for pictures. Raises ``FileRejected`` for more than a reader's machine should
    hold."""
    filters = stream.get("/Filter")
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    size = 0
    if names == ["/FlateDecode"]:
        size = _inflated_size(stream.read_raw_bytes(), MAX_STREAM_BYTES)
    elif set(names) & UNPACKING_FILTERS:
        try:
            size = len(stream.read_bytes(pikepdf.StreamDecodeLevel.generalized))
        except MemoryError:
            size = MAX_STREAM_BYTES + 1
    if size > MAX_STREAM_BYTES:
        number, most = stream.objgen[0], MAX_STREAM_BYTES // 1_000_000
        raise FileRejected("too_heavy", f"object {number} of the file unpacks to more than {most} MB")
    return size


def _inflated_size(packed: bytes, most: int) -> int:
    """Bytes that deflated ones unpack to, counted until ``most`` is exceeded; a damaged end does not count."""
    unpacker = zlib.decompressobj()
    size, rest = 0, packed
    with contextlib.suppress(zlib.error):
        while rest and not unpacker.eof and size <= most:
            size += len(unpacker.decompress(rest, PIECE_BYTES))
            rest = unpacker.unconsumed_tail
    return size
