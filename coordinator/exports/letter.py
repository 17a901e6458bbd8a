"""The parts of a Word document in the administrative form, written with python-docx."""

import io
from collections.abc import Sequence
from datetime import UTC

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as Grid
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from coordinator.exports.charts import described
from coordinator.exports.document import Briefing, Section, roman
from coordinator.exports.fitting import words_width
from coordinator.exports.form import Form
from coordinator.exports.lettering import printable
from coordinator.exports.tables import Table, shown

_CENTRE, _RIGHT, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY
_LEFT = WD_ALIGN_PARAGRAPH.LEFT
# Elements that Word wants before w:tblCellMar and w:pBdr in their parents; it calls a file with another order damaged.
_AFTER_CELL_MARGINS = ("w:tblLook", "w:tblCaption", "w:tblDescription", "w:tblPrChange")
_AFTER_BORDERS = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr")


class Letter:
    """One report being written; ``written()`` gives its bytes."""

    def __init__(self, report: Briefing, form: Form) -> None:
        self.report = report
        self.form = form
        self.document = Document()
        self.drawings = 0

    def written(self) -> bytes:
        """The whole document."""
        self._page()
        self._styles()
        self._head()
        self._opening()
        for number, section in enumerate(self.report.sections, start=1):
            self._section(section, f"{roman(number)}. {section.heading.upper()}")
        self._close()
        for number, annex in enumerate(self.report.annexes, start=1):
            self._annex(annex, number)
        about = self.document.core_properties
        about.title = printable(f"{self.report.title}: {self.report.abstract}")
        about.author = printable(self.report.agency)
        about.language = "vi-VN"
        about.created = about.modified = self.report.as_of.astimezone(UTC).replace(tzinfo=None)
        about.comments = ""
        out = io.BytesIO()
        self.document.save(out)
        return out.getvalue()

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
        for name in ("Normal", "Heading 1", "Header"):
            style = self.document.styles[name]
            if not isinstance(style, ParagraphStyle):
                raise TypeError(f"{name} is not a paragraph style")
            style.font.name = self.form.font
            style.font.size = Pt(self.form.body_size)
            style.font.color.rgb = RGBColor(0, 0, 0)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            # Word takes a theme's font before the named one; Heading 1 of the template has such a theme.
            for key in list(fonts.attrib):
                del fonts.attrib[key]
            for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
                fonts.set(qn(script), self.form.font)
            language = OxmlElement("w:lang")
            language.set(qn("w:val"), "vi-VN")
            style.element.rPr.append(language)
            style.paragraph_format.space_before = Pt(0)
            style.paragraph_format.space_after = Pt(0)
        heading = self.document.styles["Heading 1"]
        heading.paragraph_format.space_before = Pt(self.form.paragraph_gap)
        heading.paragraph_format.keep_with_next = True

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
        """A paragraph of one run; the first one of a cell takes the empty paragraph a cell is born with."""
        if where is None:
            paragraph = self.document.add_paragraph()
        elif len(where.paragraphs) == 1 and not where.paragraphs[0].runs:
            paragraph = where.paragraphs[0]
        else:
            paragraph = where.add_paragraph()
        paragraph.alignment = align
        paragraph.paragraph_format.space_before = Pt(before)
        run = paragraph.add_run(printable(words))
        run.bold, run.italic = bold or None, italic or None
        run.font.size = Pt(size)
        return paragraph

    def _rule(self, length: int, width: int, where: _Cell | None = None) -> None:
        """A centred rule ``length`` mm long: the border of an empty paragraph indented from both sides of ``width``."""
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

    def _body(self, words: str, *, italic: bool = False) -> None:
        paragraph = self._line(words, size=self.form.body_size, italic=italic, align=_JUSTIFY)
        layout = paragraph.paragraph_format
        layout.first_line_indent = Mm(self.form.first_line)
        layout.space_before = Pt(self.form.paragraph_gap)
        layout.line_spacing = self.form.line_spacing

    def _halves(self) -> tuple[_Cell, _Cell]:
        """Two cells without borders side by side: the head and the end of the document."""
        grid = self.document.add_table(rows=1, cols=2)
        grid.autofit = False
        margins = OxmlElement("w:tblCellMar")
        for side in ("left", "right"):
            edge = OxmlElement(f"w:{side}")
            edge.set(qn("w:w"), "0")
            edge.set(qn("w:type"), "dxa")
            margins.append(edge)
        grid._tbl.tblPr.insert_element_before(margins, *_AFTER_CELL_MARGINS)
        left, right = grid.rows[0].cells
        left.width, right.width = Mm(self.form.left_column), Mm(self.form.right_column)
        grid.columns[0].width, grid.columns[1].width = left.width, right.width
        return left, right

    # Parts in order

    def _head(self) -> None:
        form, report = self.form, self.report
        left, right = self._halves()
        for words in report.parent_agency.upper().splitlines():
            self._line(words, left, size=form.agency_size)
        for words in report.agency.upper().splitlines():
            self._line(words, left, size=form.agency_size, bold=True)
        self._rule(form.agency_rule, form.left_column, left)
        self._line(report.number_line, left, size=form.number_size, before=6)
        self._line(form.nation, right, size=form.nation_size, bold=True)
        self._line(form.motto, right, size=form.motto_size, bold=True)
        self._rule(form.motto_rule, form.right_column, right)
        self._line(report.place_line, right, size=form.place_size, italic=True, before=6)

    def _opening(self) -> None:
        form, report = self.form, self.report
        self._line(report.title.upper(), size=form.title_size, bold=True, before=18)
        self._line(report.abstract, size=form.title_size, bold=True)
        self._rule(form.title_rule, form.width)
        if report.addressed_to:
            self._line("Kính gửi: " + "; ".join(report.addressed_to) + ".", size=form.body_size, before=12)
        for basis in report.basis_lines:
            self._body(basis, italic=True)
        self._body(report.counted_line)

    def _section(self, section: Section, heading: str) -> None:
        paragraph = self.document.add_heading(printable(heading), level=1)
        paragraph.paragraph_format.first_line_indent = Mm(self.form.first_line)
        self._content(section)

    def _content(self, section: Section) -> None:
        for words in section.paragraphs:
            self._body(words)
        for label, value in section.facts:
            self._body(f"- {label}: {value}")
        if section.chart is not None:
            title, description = described(section.chart)
            self.drawings += 1
            told = f"Biểu đồ {self.drawings}. {title.rstrip('.')}."
            self._body(told if description in {"", title} else f"{told} {description}", italic=True)
        for table in section.tables:
            self._table(table)

    def _table(self, table: Table) -> None:
        size = self.form.table_size
        if table.title:
            title = self._line(table.title, size=size, bold=True, before=self.form.paragraph_gap)
            title.paragraph_format.keep_with_next = True
        lines = [[shown(value, column.kind) for value, column in zip(values, table.columns, strict=True)]
                 for values in table.lines()]  # fmt: skip
        foot = [] if table.footer is None else [
            [shown(value, column.kind) for value, column in zip(table.cells(table.footer), table.columns, strict=True)]
        ]  # fmt: skip
        grid = self.document.add_table(rows=1 + len(lines) + len(foot), cols=len(table.columns))
        grid.style = "Table Grid"
        grid.autofit = False
        _repeat_header(grid)
        head = [column.title for column in table.columns]
        widths = [Mm(part) for part in _widths([head, *lines[:200], *foot], self.form.width)]
        for grid_column, width in zip(grid.columns, widths, strict=True):
            grid_column.width = width
        last = len(lines) + len(foot)
        for index, (row, words) in enumerate(zip(grid.rows, [head, *lines, *foot], strict=True)):
            _keep_whole(row._tr)
            bold = index == 0 or (bool(foot) and index == last)
            for cell, word, column, width in zip(row.cells, words, table.columns, widths, strict=True):
                cell.width = width
                align = _CENTRE if index == 0 else _RIGHT if column.numeric else _LEFT
                self._line(word, cell, size=size, bold=bold, align=align)
        if table.note:
            self._line(table.note, size=size, italic=True, align=_LEFT, before=3)

    def _close(self) -> None:
        form, report = self.form, self.report
        self._line("", size=form.body_size).paragraph_format.keep_with_next = True
        left, right = self._halves()
        if report.recipients:
            self._line("Nơi nhận:", left, size=form.recipients_head_size, bold=True, italic=True, align=_LEFT)
            for line in report.recipient_lines:
                self._line(line, left, size=form.recipients_size, align=_LEFT)
        for line in report.signature.title.splitlines():
            self._line(line.upper(), right, size=form.body_size, bold=True)
        for _ in range(4):  # room for the signature and the seal
            self._line("", right, size=form.body_size)
        self._line(report.signature.name, right, size=form.body_size, bold=True)

    def _annex(self, annex: Section, number: int) -> None:
        """An annex begins a page and numbers its own pages from 1 (not shown on its first)."""
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        section.different_first_page_header_footer = True
        numbering = OxmlElement("w:pgNumType")
        numbering.set(qn("w:start"), "1")
        section._sectPr.insert_element_before(numbering, "w:cols", "w:titlePg", "w:docGrid")
        name = "Phụ lục" if len(self.report.annexes) == 1 else f"Phụ lục {roman(number)}"
        self._line(name, size=self.form.title_size, bold=True)
        self._line(annex.heading.upper(), size=self.form.title_size, bold=True)
        self._content(annex)


def _widths(lines: Sequence[Sequence[str]], room: float) -> list[float]:
    """Column widths in mm that fill ``room``: what the longest cell wants, long text giving way to short figures."""
    columns = list(zip(*lines, strict=True))
    # Widths are judged for 12 px letters; 12 pt in Times are a quarter wider. A cell's own margins are 15 px.
    wanted = [min(max(map(words_width, cells)) * 1.25, 340.0) + 18 for cells in columns]
    # What cannot be broken needs its own width: 110 px hold a date or a figure.
    least = [min(want, 110.0) for want in wanted]
    spare = sum(wanted) - sum(least)
    share = (room * 96 / 25.4 - sum(least)) / spare if spare else 0.0
    sizes = [low + (want - low) * max(share, 0.0) for low, want in zip(least, wanted, strict=True)]
    return [size / sum(sizes) * room for size in sizes]


def _repeat_header(grid: Grid) -> None:
    """Write the first row again on every page the table runs over."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    grid.rows[0]._tr.get_or_add_trPr().append(mark)


def _keep_whole(row: object) -> None:
    """Do not break a row over two pages."""
    row.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))  # type: ignore[attr-defined] # python-docx's own element class
