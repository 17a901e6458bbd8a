"""A PDF file as a page: its text as paragraphs, its link annotations as links, in HTML that is read like any page.

PDFium, the reader of Chromium, reads the file, in a child process with limited memory and time (``judging``), which a
hostile file cannot leave. Nothing is drawn and no script of the file runs.
"""

import ctypes
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain, pairwise
from typing import Any

MAX_PAGES = 100  # pages read; the first of a longer file
MAX_CHARACTERS = 600_000  # characters read
READING_SECONDS = 4.0  # seconds after which no further page is begun
_MAX_LINKS = 300  # link annotations of one page
_MAX_ADDRESS = 4000  # bytes
_MAX_TITLE = 300  # characters
_PICTURE_PAGES = 5  # pages on which pictures are looked for
# Distances between lines, as shares of what the page itself shows.
_OTHER_SIZE = 0.15  # of a line's height; fonts of such different sizes are headings, captions and notes
_FURTHER = 1.1  # of the usual distance of two lines
_INDENT = 0.5  # of a line's height
_LEAST_PITCH = 0.5  # of a line's height; less stands in the same line
_IN_COLUMN = 4.0  # of a line's height; further down another part of the page begins
_ITEM = re.compile(r"\W{1,3}\s|\(?\w{1,3}[.)]\s")  # the beginning of an item of a list, whose other lines are indented
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
    import pypdfium2 as pdfium  # noqa: PLC0415  # only in the child: it loads PDFium

    began = time.monotonic()
    try:
        document = pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        raise PdfRefused(f"the PDF file cannot be opened: {error}"[:300]) from error
    pages, parts, letters, pictures, characters, title = len(document), [], 0, False, 0, ""
    read = 0
    for number in range(min(pages, MAX_PAGES)):
        if time.monotonic() - began > READING_SECONDS or characters > MAX_CHARACTERS:
            break
        try:
            page = document[number]
            textpage = page.get_textpage()
            text = textpage.get_text_range()[: MAX_CHARACTERS + 1]
            links = list(_links(document, page, textpage))
            if number < _PICTURE_PAGES and not pictures:
                kinds = (pdfium.raw.FPDF_PAGEOBJ_IMAGE,)
                pictures = next(iter(page.get_objects(filter=kinds, max_depth=3)), None) is not None
        except pdfium.PdfiumError:
            continue  # one damaged page; the others may be whole, and the file counts as cut
        title = title or _title(document, text)
        characters += len(text)
        letters += sum(letter.isalnum() for letter in text)
        parts.append(_page_html(list(_lines(textpage, text)), links))
        read += 1
        textpage.close()
        page.close()
    html = f"<!doctype html><title>{escape(title)}</title><body><article>\n{chr(10).join(parts)}\n</article></body>"
    cut = read < pages or characters > MAX_CHARACTERS
    return PdfText(html, letters, pictures, pages, cut)


@dataclass(frozen=True)
class PdfLine:
    """One line of a page: its words, where it begins and ends, its baseline, and the height of its font; in points,
    upwards and to the right."""

    text: str
    left: float
    right: float
    baseline: float
    height: float


@dataclass(frozen=True)
class _Link:
    """A link of a page: the words under it, its address, and its area."""

    text: str
    href: str
    left: float
    bottom: float
    right: float
    top: float


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
        bottom, top = sorted((area.bottom, area.top))  # writers name them in either order
        under = textpage.get_text_bounded(area.left, bottom, area.right, top)
        href = buffer.value.decode("utf-8", "replace")
        yield _Link(under.strip(), href, area.left, bottom, area.right, top)


def _lines(textpage: Any, text: str) -> Iterator[PdfLine]:
    """The lines of one page's text, in the order of the file."""
    import pypdfium2.raw as pdfium  # noqa: PLC0415  # only in the child

    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
    at = 0
    for line in text.splitlines(keepends=True):
        words = line.strip()
        begin = at + len(line[: len(line) - len(line.lstrip())].encode("utf-16-le")) // 2
        end = begin + len(words.encode("utf-16-le")) // 2 - 1
        at += len(line.encode("utf-16-le")) // 2
        if not words:
            continue
        first, last = (pdfium.FPDFText_GetCharIndexFromTextIndex(textpage, index) for index in (begin, end))
        pdfium.FPDFText_GetLooseCharBox(textpage, last, box)
        right = box.right
        pdfium.FPDFText_GetLooseCharBox(textpage, first, box)
        pdfium.FPDFText_GetCharOrigin(textpage, first, x, y)
        yield PdfLine(words, box.left, max(right, box.left), y.value, max(box.top - box.bottom, 0.1))


def paragraphs_of(lines: Sequence[PdfLine]) -> list[list[int]]:
    """The numbers of the lines of each paragraph of a page.

    Fonts differ in the height of their lines, so that no distance alone says where a paragraph ends. A line begins one
    where it is further from the line before than lines of this font stand on this page, has another size, is indented,
    or where its first word would have found room in the line before.
    """
    edges = _right_edges(lines)
    pitches = _pitches(lines)
    found: list[list[int]] = []
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else None
        if before is None or _begins_paragraph(before, line, edges[number - 1], pitches):
            found.append([])
        found[-1].append(number)
    return found


def _begins_paragraph(before: PdfLine, line: PdfLine, edge: float, pitches: dict[int, float]) -> bool:
    if abs(line.height - before.height) > _OTHER_SIZE * before.height:
        return True
    pitch = before.baseline - line.baseline
    if pitch > _FURTHER * pitches.get(_size(line), pitch):
        return True
    letter = (line.right - line.left) / len(line.text)
    first_word = (len(line.text.split()[0]) + 1) * letter
    if before.right + first_word < edge - letter:
        return True
    in_column = 0 < pitch < _IN_COLUMN * line.height
    return in_column and line.left - before.left > _INDENT * line.height and not _ITEM.match(before.text)


def _size(line: PdfLine) -> int:
    """The height of a line's font in half points."""
    return round(line.height * 2)


def _pitches(lines: Sequence[PdfLine]) -> dict[int, float]:
    """By the size of the font: the usual distance of two lines below each other, the smaller of those that a quarter of
    such lines keep."""
    distances: dict[int, list[float]] = {}
    for before, line in pairwise(lines):
        pitch = before.baseline - line.baseline
        if _LEAST_PITCH * line.height < pitch < _IN_COLUMN * line.height and _size(line) == _size(before):
            distances.setdefault(_size(line), []).append(pitch)
    return {size: sorted(each)[len(each) // 4] for size, each in distances.items()}


def _right_edges(lines: Sequence[PdfLine]) -> list[float]:
    """For each line the right edge of its column: where the longest fifth of the column's lines end. A column ends
    where the next line stands higher."""
    edges: list[float] = []
    column: list[PdfLine] = []
    for line in chain(lines, (None,)):
        if column and (line is None or line.baseline > column[-1].baseline + line.height):
            ends = sorted((each.right for each in column), reverse=True)
            edges += [ends[len(ends) // 5]] * len(column)
            column = []
        if line is not None:
            column.append(line)
    return edges


def _page_html(lines: Sequence[PdfLine], links: Sequence[_Link]) -> str:
    """The paragraphs of one page. A link stands at its words; one whose words are not found stands at the end."""
    shown = [escape(line.text) for line in lines]
    rest = []
    for link in links:
        placed = False
        for at, line in enumerate(lines):
            if not (link.bottom <= line.baseline <= link.top and line.left < link.right and link.left < line.right):
                continue
            for words in (escape(part.strip()) for part in link.text.splitlines() if part.strip()):
                if words in shown[at] and "<a " not in shown[at]:
                    shown[at] = shown[at].replace(words, f'<a href="{escape(link.href)}">{words}</a>', 1)
                    placed = True
                    break
        if not placed:
            rest.append(f'<p><a href="{escape(link.href)}">{escape(link.text)}</a></p>')
    paragraphs = (f"<p>{' '.join(shown[at] for at in numbers)}</p>" for numbers in paragraphs_of(lines))
    return "\n".join([*paragraphs, *rest])


def _title(document: Any, first_page: str) -> str:
    """The title in the metadata, unless it is a file's name; else the first line."""
    title: str = " ".join(document.get_metadata_value("Title").split())
    if " " not in title or title.startswith("Microsoft Word"):
        title = next((line.strip() for line in first_page.splitlines() if line.strip()), "")
    return title[:_MAX_TITLE]
