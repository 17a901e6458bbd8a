"""The shipped Word template of the briefing: the form of Nghị định 30/2020, with fields.

It is built from ``layout`` and not stored as a file, so that Word and PDF follow the same numbers. An office downloads
it, edits it in Word and uploads it; the fields are those of ``word_filling.briefing_context``.
"""

import io
from datetime import UTC, datetime
from functools import cache

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from coordinator.exports.documents.layout import ND30, DocumentLayout
from coordinator.exports.documents.word_filling import BEFORE_SIGNATURE, without_timestamps
from coordinator.exports.documents.word_tables import CELL_STYLE

_CENTRE, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
_LEFT = WD_ALIGN_PARAGRAPH.LEFT
# Elements that must precede w:tblCellMar and w:pBdr in their parents; Word reports another order as a damaged file.
_AFTER_CELL_MARGINS = ("w:tblLook", "w:tblCaption", "w:tblDescription", "w:tblPrChange")
_AFTER_BORDERS = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr")
BODY, CAPTION, NOTE, ANNEX = "LanToaThanBai", "LanToaTenBang", "LanToaGhiChu", "LanToaPhuLuc"
DRAWING, ATTACHED = "LanToaTenHinh", "LanToaKemTheo"
RECIPIENTS = "Nơi nhận:"
_MADE = datetime(2026, 1, 1, tzinfo=UTC)  # a fixed date, so that the bytes are always the same


class WordTemplateBuilder:
    """Builds the template; ``written()`` returns its bytes."""

    def __init__(self, form: DocumentLayout) -> None:
        self.form = form
        self.document = Document()

    def written(self) -> bytes:
        """Return the whole template."""
        self._page()
        self._styles()
        self._head()
        self._opening()
        self._sections()
        if self.form.signed:
            self._close()
        self._annexes()
        about = self.document.core_properties
        about.title, about.author, about.language, about.comments = "{{ document }}", "{{ agency }}", "vi-VN", ""
        about.created = about.modified = _MADE.replace(tzinfo=None)
        out = io.BytesIO()
        self.document.save(out)
        return without_timestamps(out.getvalue())

    # The page and its type

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(self.form.top), Mm(self.form.bottom)
        section.left_margin, section.right_margin = Mm(self.form.left), Mm(self.form.right)
        section.header_distance = Mm(self.form.top / 2)
        section.different_first_page_header_footer = True
        number = section.header.paragraphs[0]
        number.alignment = _CENTRE
        run = number.add_run()
        for kind, words in (("begin", ""), ("", "PAGE"), ("end", "")):
            part = OxmlElement("w:instrText" if words else "w:fldChar")
            if words:
                part.text = words
            else:
                part.set(qn("w:fldCharType"), kind)
            run._r.append(part)

    def _styles(self) -> None:
        form = self.form
        for name in ("Normal", "Heading 1", "Header"):
            style = self.document.styles[name]
            if not isinstance(style, ParagraphStyle):
                raise TypeError(f"{name} is not a paragraph style")
            self._type(style, form.body_size)
        heading = self.document.styles["Heading 1"]
        heading.paragraph_format.space_before = Pt(form.paragraph_gap * 2)
        heading.paragraph_format.first_line_indent = Mm(form.first_line)
        heading.paragraph_format.keep_with_next = True
        body = self._style(BODY, form.body_size, _JUSTIFY, form.paragraph_gap)
        body.paragraph_format.first_line_indent = Mm(form.first_line)
        body.paragraph_format.line_spacing = form.line_spacing
        self._style(CELL_STYLE, form.table_size, _LEFT, 0)
        caption = self._style(CAPTION, form.table_size, _CENTRE, form.paragraph_gap)
        caption.font.bold = caption.paragraph_format.keep_with_next = True
        self._style(NOTE, form.table_size, _LEFT, 3).font.italic = True
        annex = self._style(ANNEX, form.title_size, _CENTRE, 0)
        annex.font.bold = annex.paragraph_format.keep_with_next = True
        attached = self._style(ATTACHED, form.body_size, _CENTRE, 0)
        attached.font.italic = attached.paragraph_format.keep_with_next = True
        self._style(BEFORE_SIGNATURE, form.body_size, _LEFT, 0).paragraph_format.keep_with_next = True
        drawing = self._style(DRAWING, form.table_size, _CENTRE, 3)
        drawing.font.italic = drawing.paragraph_format.keep_with_next = True  # its table follows

    def _style(self, name: str, size: int, align: WD_ALIGN_PARAGRAPH, before: int) -> ParagraphStyle:
        style = self.document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if not isinstance(style, ParagraphStyle):
            raise TypeError(f"{name} is not a paragraph style")
        style.base_style = self.document.styles["Normal"]
        style.font.size = Pt(size)
        style.paragraph_format.alignment = align
        style.paragraph_format.space_before = Pt(before)
        return style

    def _type(self, style: ParagraphStyle, size: int) -> None:
        style.font.name, style.font.size = self.form.font, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        # Word prefers a theme's font to the named one; Heading 1 of the template has such a theme.
        for key in list(fonts.attrib):
            del fonts.attrib[key]
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), self.form.font)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "vi-VN")
        style.element.rPr.append(language)
        style.paragraph_format.space_before = Pt(0)
        style.paragraph_format.space_after = Pt(0)

    # Lines

    def _line(
        self,
        words: str,
        where: _Cell | None = None,
        *,
        size: int,
        bold: bool = False,
        italic: bool = False,
        align: WD_ALIGN_PARAGRAPH = _CENTRE,
        before: int = 0,
    ) -> Paragraph:
        """Add a paragraph of one run; the first one of a cell uses the empty paragraph of a new cell."""
        if where is None:
            paragraph = self.document.add_paragraph()
        elif len(where.paragraphs) == 1 and not where.paragraphs[0].runs:
            paragraph = where.paragraphs[0]
        else:
            paragraph = where.add_paragraph()
        paragraph.alignment = align
        paragraph.paragraph_format.space_before = Pt(before)
        run = paragraph.add_run(words)
        run.bold, run.italic = bold or None, italic or None
        run.font.size = Pt(size)
        return paragraph

    def _each(self, names: str, line: str, where: _Cell | None = None, **look: object) -> None:
        """Add one line for each of ``names``."""
        size = int(str(look["size"]))
        self._line(f"{{%p for {line} in {names} %}}", where, size=size)
        self._line(f"{{{{ {line} }}}}", where, **look)  # type: ignore[arg-type]  # the keyword arguments of ``_line``
        self._line("{%p endfor %}", where, size=size)

    def _paragraph(self, words: str, style: str | None = None, *, italic: bool = False) -> Paragraph:
        """Add a paragraph of a named style, or the line of a tag."""
        paragraph = self.document.add_paragraph(style=style)
        paragraph.add_run(words).italic = italic or None
        return paragraph

    def _rule(self, length: int, width: int, where: _Cell | None = None) -> None:
        """Add a centred rule ``length`` mm long: the border of an empty paragraph indented from both sides of
        ``width``."""
        paragraph = self._line("", where, size=2)
        paragraph.paragraph_format.line_spacing = Pt(3)
        indent = Mm((width - length) / 2)
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = indent
        borders = OxmlElement("w:pBdr")
        bottom = OxmlElement("w:bottom")
        for key, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
            bottom.set(qn(f"w:{key}"), value)
        borders.append(bottom)
        paragraph._p.get_or_add_pPr().insert_element_before(borders, *_AFTER_BORDERS)

    def _halves(self, rows: int = 1) -> list[tuple[_Cell, _Cell]]:
        """Add rows of two cells without borders, for the head and the end of the document."""
        grid = self.document.add_table(rows=rows, cols=2)
        grid.autofit = False
        margins = OxmlElement("w:tblCellMar")
        for side in ("left", "right"):
            edge = OxmlElement(f"w:{side}")
            edge.set(qn("w:w"), "0")
            edge.set(qn("w:type"), "dxa")
            margins.append(edge)
        grid._tbl.tblPr.insert_element_before(margins, *_AFTER_CELL_MARGINS)
        for column, width in zip(grid.columns, (self.form.left_column, self.form.right_column), strict=True):
            column.width = Mm(width)
            for cell in column.cells:
                cell.width = Mm(width)
        return [(row.cells[0], row.cells[1]) for row in grid.rows]

    # Parts in order

    def _head(self) -> None:
        form = self.form
        # Number and place are on one line, also with a long agency's name (Phụ lục I, ô số 3 and 4).
        (left, right), (number, place) = self._halves(rows=2)
        self._each("parent_lines", "line", left, size=form.agency_size)
        self._each("agency_lines", "line", left, size=form.agency_size, bold=True)
        self._rule(form.agency_rule, form.left_column, left)
        self._line("{{ number_line }}", number, size=form.number_size, before=6)
        self._line(form.nation, right, size=form.nation_size, bold=True)
        self._line(form.motto, right, size=form.motto_size, bold=True)
        self._rule(form.motto_rule, form.right_column, right)
        self._line("{{ place_line }}", place, size=form.place_size, italic=True, before=6)

    def _opening(self) -> None:
        form = self.form
        self._line("{{ title }}", size=form.title_size, bold=True, before=18)
        self._line("{{ abstract }}", size=form.title_size, bold=True)
        self._rule(form.title_rule, form.width)
        self._paragraph("{%p if addressed_lines %}")
        self._line("Kính gửi:", size=form.body_size, before=12)
        self._paragraph("{%p for line in addressed_lines %}")
        several = self._line("{{ line }}", size=form.body_size, align=_LEFT)
        several.paragraph_format.left_indent = Mm(form.addressed_indent)
        self._paragraph("{%p endfor %}")
        self._paragraph("{%p elif addressed_to %}")
        self._line("Kính gửi: {{ addressed_to }}.", size=form.body_size, before=12)
        self._paragraph("{%p endif %}")
        self._paragraph("{%p for line in basis_lines %}")
        self._paragraph("{{ line }}", BODY, italic=True)
        self._paragraph("{%p endfor %}")
        self._paragraph("{{ counted_line }}", BODY)

    def _sections(self) -> None:
        self._paragraph("{%p for part in sections %}")
        self.document.add_heading("{{ part.heading }}", level=1)
        self._content("part")
        self._paragraph("{%p endfor %}")

    def _content(self, part: str) -> None:
        self._paragraph(f"{{%p for line in {part}.paragraphs %}}")
        self._paragraph("{{ line }}", BODY)
        self._paragraph("{%p endfor %}")
        self._paragraph(f"{{%p if {part}.picture %}}")
        self._paragraph(f"{{{{p {part}.picture }}}}")
        self._paragraph(f"{{{{ {part}.drawing }}}}", DRAWING)
        self._paragraph("{%p endif %}")
        self._paragraph(f"{{%p for table in {part}.tables %}}")
        self._paragraph("{%p if table.title %}")
        self._paragraph("{{ table.title }}", CAPTION)
        self._paragraph("{%p endif %}")
        self._paragraph("{{p table.grid }}")
        self._paragraph("{%p if table.note %}")
        self._paragraph("{{ table.note }}", NOTE)
        self._paragraph("{%p endif %}")
        self._paragraph("{%p endfor %}")

    def _close(self) -> None:
        form = self.form
        self.document.add_paragraph(style=BEFORE_SIGNATURE)
        ((left, right),) = self._halves()
        # The signature stays on one page with the signer's name.
        self.document.tables[-1].rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for words in self._recipients():
            if words == RECIPIENTS:
                self._line(words, left, size=form.recipients_head_size, bold=True, italic=True, align=_LEFT)
            else:
                self._line(words, left, size=form.recipients_size, align=_LEFT)
        self._line("", left, size=form.recipients_size)
        self._each("authority_lines", "line", right, size=form.body_size, bold=True)
        for _ in range(4):  # space for the signature and the stamp
            self._line("", right, size=form.body_size)
        self._line("{{ signer }}", right, size=form.body_size, bold=True)

    def _recipients(self) -> list[str]:
        """Add the recipients beside the signature, one in each paragraph."""
        each = ["{%p for line in recipient_lines %}", "{{ line }}", "{%p endfor %}"]
        return ["{%p if recipient_lines %}", RECIPIENTS, *each, "{%p endif %}"]

    def _annexes(self) -> None:
        self._paragraph("{%p for annex in annexes %}")
        self._paragraph("{{p annex.new_page }}")
        self._paragraph("{{ annex.label }}", ANNEX)
        self._paragraph("{{ annex.heading }}", ANNEX)
        self._paragraph("{{ annex.attached }}", ATTACHED)
        self._content("annex")
        self._paragraph("{%p endfor %}")


@cache
def default_briefing_template(form: DocumentLayout = ND30) -> bytes:
    """Return the shipped template, a ``.docx``."""
    return WordTemplateBuilder(form).written()
