"""The text of a PDF document for a bulletin: its own, or of a scan what is read in its first pages. Runs in a child."""

from typing import Any, Final

from coordinator.imports.pictures.text import can_read_text, read_text

_SCAN: Final = 20  # letters a page; a scan has at most a stamp of some words
MAX_READ_PAGES: Final = 4  # of a scan; a page takes some seconds
_WIDTH, _HEIGHT = 1500, 2400  # pixels of a page that is read; text of 12 points then has letters of 30


def document_text(body: bytes) -> str:
    """The text of all pages, a line a line of the page; of a scan, of its first pages, "" where nothing is read."""
    import pypdfium2 as pdfium  # noqa: PLC0415  # only in the child: it loads PDFium

    document = pdfium.PdfDocument(body)
    pages = [_tidy(page.get_textpage().get_text_range()) for page in document]
    text = "\n\n".join(page for page in pages if page)
    if sum(map(str.isalnum, text)) >= _SCAN * len(document) or not can_read_text():
        return text
    drawn = (document[number] for number in range(min(len(document), MAX_READ_PAGES)))
    read = [read_text(page.render(scale=_scale(page)).to_pil()) for page in drawn]
    return "\n\n".join(page for page in read if page)


def _scale(page: Any) -> float:
    width, height = float(page.get_width()), float(page.get_height())
    return min(_WIDTH / max(width, 1.0), _HEIGHT / max(height, 1.0))


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)
