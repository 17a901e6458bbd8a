"""A document filled into a Word template, the shipped one or the office's own.

A template has no more than fields, conditions and loops over what ``context`` gives: it is brought by a person and
read by a machine that holds secrets.
"""

import copy
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree
from markupsafe import Markup

from coordinator.exports.charts import described
from coordinator.exports.document import Briefing, Section, head_lines, roman
from coordinator.exports.form import Form
from coordinator.exports.grids import grid
from coordinator.exports.lettering import printable
from coordinator.exports.raster import drawn_size, write_png

BEFORE_SIGNATURE = "LanToaTruocChuKy"  # the empty line over the signature
_WITH_SIGNATURE = 2  # paragraphs
_LINES_OF_SECTION = ("w:cols", "w:titlePg", "w:docGrid")  # what Word wants after w:pgNumType


def environment() -> ImmutableSandboxedEnvironment:
    """What templates are filled with: every word is written as text, and a name that is not given is an error."""
    made = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_letters)
    for names in (made.globals, made.tests, made.filters):
        names.clear()
    made.filters.update({"upper": lambda words: str(words).upper(), "lower": lambda words: str(words).lower()})
    return made


def _letters(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def filled(report: Briefing, form: Form, template: bytes) -> bytes:
    """The document as a ``.docx``. Raises ``jinja2.TemplateError`` for a template that does not fit."""
    document = opened(template)
    document.render(context(report, form, document), environment(), autoescape=True)
    if report.annexes:
        _count_from_one(document.docx.element.body.sectPr)
    return closed(document, report.as_of)


def opened(template: bytes) -> DocxTemplate:
    """A template to be filled in."""
    document = DocxTemplate(io.BytesIO(template))
    document.init_docx()
    return document


def closed(document: DocxTemplate, made: datetime) -> bytes:
    """A filled one as a file, dated ``made`` (aware)."""
    _keep_with_signature(document.docx.element.body)
    about = document.docx.core_properties
    about.created = about.modified = made.astimezone(UTC).replace(tzinfo=None)
    out = io.BytesIO()
    document.save(out)
    return undated(out.getvalue())


def _keep_with_signature(body: Any) -> None:
    """The last lines of the text go with the signature: nobody signs a page that says nothing."""
    for mark in body.iterchildren(qn("w:p")):
        if mark.style != BEFORE_SIGNATURE:
            continue
        lines = list(mark.itersiblings(preceding=True))[:_WITH_SIGNATURE]
        for line in lines:
            for paragraph in [line] if line.tag == qn("w:p") else line.xpath("./w:tr[last()]//w:p"):
                paragraph.get_or_add_pPr().get_or_add_keepNext()


def undated(body: bytes) -> bytes:
    """The same archive without the moment it was put together at: the same report is the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as found, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in found.infolist():
            entry = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, found.read(part))
    return out.getvalue()


def context(report: Briefing, form: Form, document: DocxTemplate) -> Mapping[str, Any]:
    """All that a template may name."""
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
            {"heading": f"{roman(number)}. {one.heading.upper()}", **_content(one, form, drawings)}
            for number, one in enumerate(report.sections, start=1)
        ],
        "recipient_lines": list(report.recipient_lines),
        "authority_lines": report.signature.title.upper().splitlines(),
        "signer": report.signature.name,
        "annexes": [
            {
                "label": "Phụ lục" if len(report.annexes) == 1 else f"Phụ lục {roman(number)}",
                "heading": one.heading.upper(),
                "attached": report.attached_line,
                "new_page": _new_page(document, number),
                **_content(one, form, drawings),
            }
            for number, one in enumerate(report.annexes, start=1)
        ],
    }


def _content(section: Section, form: Form, drawings: "_Drawings") -> dict[str, Any]:
    picture, drawing = drawings.of(section.chart) if section.chart is not None else ("", "")
    return {
        "paragraphs": [*section.paragraphs, *section.point_lines, *(f"- {a}: {b}" for a, b in section.facts)],
        "picture": picture,
        "drawing": drawing,
        "tables": [{"title": one.title, "grid": grid(one, form), "note": one.note} for one in section.tables],
    }


class _Drawings:
    """The drawings of one document, numbered as they come."""

    def __init__(self, document: DocxTemplate, form: Form) -> None:
        self.document, self.form, self.count = document, form, 0

    def of(self, svg: str) -> tuple[Markup, str]:
        """A paragraph with the picture, which says in words what it shows, and the line below it."""
        title, description = described(svg)
        self.count += 1
        told = f"Biểu đồ {self.count}. {title.rstrip('.')}."
        told = told if description in {"", title} else f"{told} {description}"
        across, down = drawn_size(svg)
        wide = min(self.form.width, self.form.drawing_height * across / down)
        picture = io.BytesIO(write_png(svg, wide))
        inline = self.document.docx.part.new_pic_inline(picture, width=Mm(wide))
        inline.docPr.set("descr", printable(told))
        inline.docPr.set("name", f"Biểu đồ {self.count}")
        drawing = etree.tostring(inline, encoding="unicode")
        return Markup(  # noqa: S704  # an element that python-docx made
            f'<w:p><w:pPr><w:keepNext/><w:jc w:val="center"/></w:pPr><w:r><w:drawing>{drawing}</w:drawing></w:r></w:p>'
        ), told


def _new_page(document: DocxTemplate, number: int) -> Markup:
    """The end of the pages before an annex: it begins a page and numbers its own from 1."""
    ends = copy.deepcopy(document.docx.element.body.sectPr)
    if number > 1:
        _count_from_one(ends)
    words = etree.tostring(ends, encoding="unicode")
    return Markup(f"<w:p><w:pPr>{words}</w:pPr></w:p>")  # noqa: S704  # an element of the template itself


def _count_from_one(section: Any) -> None:
    if section.find(qn("w:pgNumType")) is not None:
        section.remove(section.find(qn("w:pgNumType")))
    numbering = OxmlElement("w:pgNumType")
    numbering.set(qn("w:start"), "1")
    section.insert_element_before(numbering, *_LINES_OF_SECTION)
