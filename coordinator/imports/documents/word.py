"""Word documents: the bytes of a .docx as a text."""

import io
import re
import zipfile
import zlib
from typing import Any, Final
from xml.parsers.expat import ExpatError

from coordinator.imports.decoding import UnreadableDocument, check_size
from coordinator.imports.documents.imported_text import ImportedText, make_from_document
from coordinator.imports.text.html_reader import HtmlContent, read_fragment
from coordinator.imports.text.notes import ImportNote

MAX_DOCX_BYTES: Final = 20_000_000  # bytes of the file, pictures included
MAX_XML_BYTES: Final = 10_000_000  # bytes of all its XML unpacked; 45 pages need 1 MB, the tree takes 20 times as much
MAX_TAGS: Final = 500_000  # of all its XML; 300 pages with much formatting have 350,000
MAX_UNPACKED_BYTES: Final = 100_000_000  # bytes of all its parts; drawings (EMF) shrink to a tenth in the archive
MAX_PARTS: Final = 3000
_XML_BEGINNINGS: Final = frozenset({b"<", b" ", b"\t", b"\r", b"\n", b"\xef", b"\0", b"L"})
_OLE_SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TITLE_STYLES: Final = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def read_docx(data: bytes) -> ImportedText:
    """The text of a .docx: title and lead as ``make_from_document`` finds them, pictures left out with a note.

    Raises ``UnreadableDocument`` for anything but a sound .docx of sensible size, ``Invalid`` for one without a title
    or a body.
    """
    check_container(data, MAX_DOCX_BYTES)
    html, pictures = _convert(data)
    content = read_fragment(html)
    notes = content.notes + ((ImportNote("image", pictures),) if pictures else ())
    return make_from_document(HtmlContent(content.root, notes))


def _convert(data: bytes) -> tuple[str, int]:
    """The document as HTML, and the number of pictures left out."""
    import mammoth  # noqa: PLC0415  # heavy, and needed for Word files only

    pictures = 0

    def leave_out(_: Any) -> list[Any]:
        nonlocal pictures
        pictures += 1
        return []

    try:
        result = mammoth.convert_to_html(io.BytesIO(data), style_map=_TITLE_STYLES, convert_image=leave_out)
    except (ExpatError, zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise UnreadableDocument(f"the Word file is damaged: {error}", code="damaged") from error
    except RecursionError as error:
        raise UnreadableDocument("the Word file is nested absurdly deep", code="damaged") from error
    # Exceptions of the converter for a part that is missing or malformed.
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        message = f"the Word file lacks a part that every Word file has ({error})"
        raise UnreadableDocument(message, code="damaged") from error
    return str(result.value), pictures


def check_container(data: bytes, most: int) -> None:
    """Raise ``UnreadableDocument`` for anything but a sound .docx of at most ``most`` bytes: no macros, no password,
    nothing that unpacks to far more than it is."""
    check_size(data, most)
    if data.startswith(_OLE_SIGNATURE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableDocument(
                "the Word file is locked with a password; save it without one", code="password_protected"
            )
        raise UnreadableDocument("this is an old Word file (.doc); save it as .docx", code="old_format")
    if not data:
        raise UnreadableDocument("the file is empty", code="empty")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            _check_parts(container)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError) as error:
        raise UnreadableDocument(
            f"this is not a Word file (.docx), or it is damaged: {error}", code="damaged"
        ) from error
    except RuntimeError as error:  # what the standard library raises for an encrypted member
        raise UnreadableDocument(
            "parts of the Word file are locked with a password", code="password_protected"
        ) from error


def _check_parts(container: zipfile.ZipFile) -> None:
    parts = container.infolist()
    names = {part.filename for part in parts}
    if not any(re.fullmatch(r"/?word/document\d*\.xml", name) for name in names):
        kind = "an Excel file" if "xl/workbook.xml" in names else "some other kind of archive"
        raise UnreadableDocument(f"this is not a Word file (.docx) but {kind}", code="not_word")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnreadableDocument(
            "the Word file carries macros; save it as .docx without them, then bring it again", code="macros"
        )
    # The sizes that the archive declares are enough: the standard library stops reading a member at them.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise UnreadableDocument("the Word file unpacks to far more than a bulletin has", code="too_big_unpacked")
    # A relationship may name any part as any kind, so that a part is XML by its beginning and not by its name.
    xml = [part for part in parts if may_begin_xml(_beginning(container, part))]
    if sum(part.file_size for part in xml) > MAX_XML_BYTES:
        largest = max(xml, key=lambda part: part.file_size).filename
        raise UnreadableDocument(
            f"the Word file unpacks to far more text than a bulletin has; most of it is in {largest}",
            code="too_big_unpacked",
        )
    tags = 0
    for part in xml:
        head = container.read(part)
        tags += head.count(b"<")
        # No Word file has a document type; entities that multiply themselves need one.
        if b"<!DOCTYPE" in head or "<!DOCTYPE".encode("utf-16-le") in head or "<!DOCTYPE".encode("utf-16-be") in head:
            raise UnreadableDocument(
                f"{part.filename} in the Word file declares a document type", code="doctype", part=part.filename
            )
    if tags > MAX_TAGS:
        raise UnreadableDocument(
            f"the Word file has {tags:,} tags of XML; at most {MAX_TAGS:,} are taken", code="too_big_unpacked"
        )


def _beginning(container: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with container.open(part) as opened:
        return opened.read(2)


def may_begin_xml(beginning: bytes) -> bool:
    """Whether a parser may take bytes that begin so for XML: white space or ``<`` in an encoding that is like ASCII, in
    UTF-16 or in UTF-32, a byte order mark, or EBCDIC. No picture begins so."""
    return beginning[:1] in _XML_BEGINNINGS or beginning in {b"\xff\xfe", b"\xfe\xff"}
