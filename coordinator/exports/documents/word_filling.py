"""Fills a document into a Word template, the shipped one or the office's.

A template has only fields, conditions and loops over ``briefing_context``: it comes from a user and is processed by a
machine with secrets.
"""

import copy
import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2 import DictLoader, StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree
from markupsafe import Markup

from coordinator.exports.charts.png import drawing_size, write_png
from coordinator.exports.charts.render import chart_description
from coordinator.exports.documents.briefing import Briefing, BriefingSection, head_lines, roman
from coordinator.exports.documents.layout import DocumentLayout
from coordinator.exports.documents.word_tables import word_table
from coordinator.exports.errors import ExportError
from coordinator.exports.printable_text import printable
from coordinator.sandbox import ChildAnswer, ChildFailed, run_child

BEFORE_SIGNATURE = "LanToaTruocChuKy"  # the empty line over the signature
FILLING_ERRORS = (TemplateError, zipfile.BadZipFile, etree.LxmlError, KeyError, ValueError, AttributeError, TypeError)
_WITH_SIGNATURE = 2  # paragraphs
_LINES_OF_SECTION = ("w:cols", "w:titlePg", "w:docGrid")  # elements that must follow w:pgNumType


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """The Jinja environment of templates: fields, conditions and loops, nothing is called, computed or loaded. Every
    value is escaped, and an undefined name is an error."""

    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=_printable_value, loader=DictLoader({}))
        for names in (self.globals, self.tests, self.filters):
            names.clear()
        self.filters.update({"upper": lambda words: str(words).upper(), "lower": lambda words: str(words).lower()})
        self.source = ""  # the part of the template that is filled in, one paragraph on each line

    def from_string(self, source: Any, *arguments: Any, **options: Any) -> Template:
        """Return the template of a part."""
        self.source = str(source)
        return super().from_string(source, *arguments, **options)

    def is_safe_callable(self, obj: Any) -> bool:
        """Refuse every call."""
        return False

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse every calculation."""
        raise SecurityError(f"{operator} is not taken")


def _printable_value(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def filled_in_child(fill: Callable[..., bytes], *arguments: Any) -> bytes:
    """Fill in the office's template in a child process with limits, since its loops and pictures are a user's. Raises
    ``ExportError``."""
    try:
        _, body = run_child(_filled, fill, *arguments, raises=(ExportError,))
    except ChildFailed as error:
        raise ExportError(f"the template cannot be filled in: {error}", code="template") from error
    return body


def _filled(fill: Callable[..., bytes], *arguments: Any) -> ChildAnswer:
    try:
        return {}, [fill(*arguments)]
    except FILLING_ERRORS as error:
        raise ExportError(f"the template cannot be filled in: {error}", code="template") from error


def fill_briefing(
    report: Briefing, form: DocumentLayout, template: bytes, environment: TemplateEnvironment | None = None
) -> bytes:
    """Return the document as a ``.docx``. Raises ``jinja2.TemplateError`` for an invalid template."""
    document = open_template(template)
    document.render(briefing_context(report, form, document), environment or TemplateEnvironment(), autoescape=True)
    if report.annexes:
        _restart_page_numbers(document.docx.element.body.sectPr)
    return finish_document(document, report.as_of)


def open_template(template: bytes) -> DocxTemplate:
    """Open a template."""
    document = DocxTemplate(io.BytesIO(template))
    document.init_docx()
    return document


def finish_document(document: DocxTemplate, made: datetime) -> bytes:
    """Return the filled template as a file, dated ``made`` (aware)."""
    _keep_with_signature(document.docx.element.body)
    about = document.docx.core_properties
    about.created = about.modified = made.astimezone(UTC).replace(tzinfo=None)
    out = io.BytesIO()
    document.save(out)
    return without_timestamps(out.getvalue())


def _keep_with_signature(body: Any) -> None:
    """Keep the last lines of the text on one page with the signature."""
    for mark in body.iterchildren(qn("w:p")):
        if mark.style != BEFORE_SIGNATURE:
            continue
        lines = list(mark.itersiblings(preceding=True))[:_WITH_SIGNATURE]
        for line in lines:
            for paragraph in [line] if line.tag == qn("w:p") else line.xpath("./w:tr[last()]//w:p"):
                paragraph.get_or_add_pPr().get_or_add_keepNext()


def without_timestamps(body: bytes) -> bytes:
    """Return the archive without the times of its entries, so that the same report gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as found, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in found.infolist():
            entry = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, found.read(part))
    return out.getvalue()


def briefing_context(report: Briefing, form: DocumentLayout, document: DocxTemplate) -> Mapping[str, Any]:
    """Return all fields of a template."""
    drawings = _Drawings(document, form)
    return {
        "document": f"{report.title}: {report.abstract}",
        "agency": report.agency,
        "parent_lines": list(head_lines(report.parent_agency, form)),
        "agency_lines": list(head_lines(report.agency, form)),
        "number_line": report.number_line,
        "place_line": report.place_line,
        "title": report.title.upper(),
        "abstract": report.abstract,
        "period": report.period,
        "addressed_to": "; ".join(report.addressed_to),
        "addressed_lines": list(report.addressed_lines),
        "basis_lines": list(report.basis_lines),
        "counted_line": report.counted_line,
        "sections": [
            {"heading": f"{roman(number)}. {section.heading.upper()}", **_section_context(section, form, drawings)}
            for number, section in enumerate(report.sections, start=1)
        ],
        "recipient_lines": list(report.recipient_lines),
        "authority_lines": report.signature.title.upper().splitlines(),
        "signer": report.signature.name,
        "annexes": [
            {
                "label": "Phụ lục" if len(report.annexes) == 1 else f"Phụ lục {roman(number)}",
                "heading": section.heading.upper(),
                "attached": report.attached_line,
                "new_page": _annex_page_break(document, number),
                **_section_context(section, form, drawings),
            }
            for number, section in enumerate(report.annexes, start=1)
        ],
    }


def _section_context(section: BriefingSection, form: DocumentLayout, drawings: "_Drawings") -> dict[str, Any]:
    picture, drawing = drawings.add(section.chart) if section.chart is not None else ("", "")
    return {
        "paragraphs": [*section.paragraphs, *section.point_lines],
        "picture": picture,
        "drawing": drawing,
        "tables": [
            {"title": table.title, "grid": word_table(table, form), "note": table.note} for table in section.tables
        ],
    }


class _Drawings:
    """The charts of one document, numbered in order."""

    def __init__(self, document: DocxTemplate, form: DocumentLayout) -> None:
        self.document, self.form, self.count = document, form, 0

    def add(self, svg: str) -> tuple[Markup, str]:
        """Return a paragraph with the picture and its description, and the caption."""
        title, description = chart_description(svg)
        self.count += 1
        text = f"Biểu đồ {self.count}. {title.rstrip('.')}."
        text = text if description in {"", title} else f"{text} {description}"
        across, down = drawing_size(svg)
        wide = min(self.form.width, self.form.drawing_height * across / down)
        picture = io.BytesIO(write_png(svg, wide))
        inline = self.document.docx.part.new_pic_inline(picture, width=Mm(wide))
        inline.docPr.set("descr", printable(text))
        inline.docPr.set("name", f"Biểu đồ {self.count}")
        drawing = etree.tostring(inline, encoding="unicode")
        return Markup(  # noqa: S704  # an element that python-docx made
            f'<w:p><w:pPr><w:keepNext/><w:jc w:val="center"/></w:pPr><w:r><w:drawing>{drawing}</w:drawing></w:r></w:p>'
        ), text


def _annex_page_break(document: DocxTemplate, number: int) -> Markup:
    """Return a section break before an annex, which begins on a new page and numbers its pages from 1."""
    ends = copy.deepcopy(document.docx.element.body.sectPr)
    if number > 1:
        _restart_page_numbers(ends)
    words = etree.tostring(ends, encoding="unicode")
    return Markup(f"<w:p><w:pPr>{words}</w:pPr></w:p>")  # noqa: S704  # an element of the template itself


def _restart_page_numbers(section: Any) -> None:
    if section.find(qn("w:pgNumType")) is not None:
        section.remove(section.find(qn("w:pgNumType")))
    numbering = OxmlElement("w:pgNumType")
    numbering.set(qn("w:start"), "1")
    section.insert_element_before(numbering, *_LINES_OF_SECTION)
