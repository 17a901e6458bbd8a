"""A PDF file as a page: its text as paragraphs, its link annotations as links, in HTML that is read like any page.

PDFium, the reader of Chromium, reads the file in a child process with limited memory and time, which a hostile file
cannot leave. Nothing is drawn and no script of the file runs.
"""

import ctypes
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from coordinator.sandbox import ChildAnswer, ChildFailed, run_child

MAX_PAGES = 100  # pages read; the first of a longer file
MAX_CHARACTERS = 600_000  # characters read
READING_SECONDS = 8.0  # seconds after which no further page is begun
_MAX_LINKS = 300  # link annotations of one page
_MAX_ADDRESS = 4000  # bytes
_MAX_TITLE = 300  # characters
_PICTURE_PAGES = 5  # pages on which pictures are looked for
_WHOLE_LINE = 0.8  # of the longest line of a page; a shorter line ends its paragraph
# Scanners and signing programs put a stamp of about this length on a page that is a picture.
_STAMP = 200  # characters a page
_ALMOST_NOTHING = 50  # characters of a whole file


class PdfRefused(Exception):
    """The file cannot be read: damaged, under a password, or heavier than the limits."""


@dataclass(frozen=True)
class PdfText:
    """The text of a file as HTML. ``letters``: the number of letters and digits in it; ``pictures``: whether its first
    pages show pictures; ``pages``: of the file, all counted; ``cut``: there is more than was read."""

    html: str
    letters: int
    pictures: bool
    pages: int
    cut: bool

    @property
    def has_text(self) -> bool:
        """Whether there is more than the stamp on a scan."""
        least = _STAMP * min(self.pages, MAX_PAGES) if self.pictures else _ALMOST_NOTHING
        return self.letters >= least


def is_pdf(body: bytes, content_type: str) -> bool:
    """Whether a response is a PDF file: by its beginning, since some sites send it as any bytes, else by its type."""
    return body[:1024].lstrip().startswith(b"%PDF-") or content_type in {"application/pdf", "application/x-pdf"}


def read_pdf(body: bytes) -> PdfText:
    """The text of a file. Raises ``PdfRefused``."""
    try:
        answer, html = run_child(_read, body, fetched=True)
    except ChildFailed as error:
        raise PdfRefused(str(error)) from error
    if "refused" in answer:
        raise PdfRefused(answer["refused"])
    return PdfText(
        html.decode("utf-8", "replace"), answer["letters"], answer["pictures"], answer["pages"], answer["cut"]
    )


@dataclass(frozen=True)
class _Link:
    text: str
    href: str


def _links(document: Any, page: Any, textpage: Any) -> Iterator[_Link]:
    """The links of one page to the web, from its annotations, each with the words under it."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415  # only in the child

    place, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    for _ in range(_MAX_LINKS):
        if not pdfium.FPDFLink_Enumerate(page, place, link):
            return
        action = pdfium.FPDFLink_GetAction(link)
        if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
            continue
        length = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
        if not 1 < length <= _MAX_ADDRESS:
            continue
        buffer = ctypes.create_string_buffer(length)
        pdfium.FPDFAction_GetURIPath(document, action, buffer, length)
        area = pdfium.FS_RECTF()
        if not pdfium.FPDFLink_GetAnnotRect(link, area):
            continue
        under = textpage.get_text_bounded(area.left, area.bottom, area.right, area.top)
        yield _Link(under.strip(), buffer.value.decode("utf-8", "replace"))


def _page_html(text: str, links: list[_Link]) -> str:
    """The paragraphs of one page. A link stands at its words; one whose words are not found stands at the end."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    shown = [escape(line) for line in lines]
    rest = []
    first: dict[str, int] = {}  # by words: the line from which the next link with the same words is looked for
    for link in links:
        placed = False
        for words in (escape(part.strip()) for part in link.text.splitlines() if part.strip()):
            at = next((at for at in range(first.get(words, 0), len(shown)) if words in shown[at]), None)
            if at is not None and "<a " not in shown[at]:
                shown[at] = shown[at].replace(words, f'<a href="{escape(link.href)}">{words}</a>', 1)
                first[words], placed = at + 1, True
        if not placed:
            rest.append(f'<p><a href="{escape(link.href)}">{escape(link.text)}</a></p>')
    longest = max(map(len, lines), default=0)
    paragraphs, lines_of = [], []
    for line, html in zip(lines, shown, strict=True):
        if html:
            lines_of.append(html)
        if lines_of and len(line) < _WHOLE_LINE * longest:
            paragraphs.append(f"<p>{' '.join(lines_of)}</p>")
            lines_of = []
    if lines_of:
        paragraphs.append(f"<p>{' '.join(lines_of)}</p>")
    return "\n".join([*paragraphs, *rest])


def _title(document: Any, first_page: str) -> str:
    """The title in the metadata, unless it is a file's name; else the first line."""
    title: str = " ".join(document.get_metadata_value("Title").split())
    if " " not in title or title.startswith("Microsoft Word"):
        title = next((line.strip() for line in first_page.splitlines() if line.strip()), "")
    return title[:_MAX_TITLE]


def _read(body: bytes) -> ChildAnswer:
    """The answer of the child for one file."""
    import pypdfium2 as pdfium  # noqa: PLC0415  # only in the child: it loads PDFium

    began = time.monotonic()
    try:
        document = pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        return {"refused": f"the PDF file cannot be opened: {error}"[:300]}, ()
    pages, parts, letters, pictures, characters, title = len(document), [], 0, False, 0, ""
    read = 0
    for number in range(min(pages, MAX_PAGES)):
        if time.monotonic() - began > READING_SECONDS or characters > MAX_CHARACTERS:
            break
        try:
            page = document[number]
            textpage = page.get_textpage()
            text = textpage.get_text_bounded()[: MAX_CHARACTERS + 1]
            links = list(_links(document, page, textpage))
            if number < _PICTURE_PAGES and not pictures:
                kinds = (pdfium.raw.FPDF_PAGEOBJ_IMAGE,)
                pictures = next(iter(page.get_objects(filter=kinds, max_depth=3)), None) is not None
        except pdfium.PdfiumError:
            continue  # one damaged page; the others may be whole, and the file counts as cut
        title = title or _title(document, text)
        characters += len(text)
        letters += sum(letter.isalnum() for letter in text)
        parts.append(_page_html(text, links))
        read += 1
        textpage.close()
        page.close()
    html = f"<!doctype html><title>{escape(title)}</title><body><article>\n{chr(10).join(parts)}\n</article></body>"
    cut = read < pages or characters > MAX_CHARACTERS
    return {"letters": letters, "pictures": pictures, "pages": pages, "cut": cut}, [html.encode("utf-8", "replace")]
