"""A report for internal use, the same as a page, a PDF and a workbook. It has no administrative form.

A figure may have the address of the rows behind it, as a path of the desk (``/desk/republications?…``); the PDF has the
installation's address before it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coordinator.exports.charts.render import NARROW, WIDE, Frame
from coordinator.exports.documents.layout import ND30
from coordinator.exports.errors import ExportError
from coordinator.exports.format import Locale, vi_datetime
from coordinator.exports.printable_text import printable
from coordinator.exports.tables import CellValue, ColumnKind, Table, display_value
from coordinator.exports.xlsx import SheetChart, write_xlsx


@dataclass(frozen=True)
class ReportFigure:
    """One figure with its label. ``before``: the figure of the compared period, None where there is none; ``href`` and
    ``before_href``: the addresses of the rows behind them; ``parts``: of a rate, its numerator and its denominator with
    theirs; ``note``: a remark, which says where the rows are when there is no list of them."""

    label: str
    value: CellValue
    kind: ColumnKind = "number"
    before: CellValue = None
    note: str = ""
    href: str = ""
    before_href: str = ""
    parts: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class ReportChart:
    """A chart in three forms (``coordinator.exports.charts.render``): for the wide and the narrow page, and for paper
    with its legend; and the table with the same figures."""

    title: str
    wide: Markup
    narrow: Markup
    paper: Markup
    figures: Table


def report_chart(figures: Table, draw: Callable[[Frame], Markup], paper: Markup | None = None) -> ReportChart:
    """Return a chart with its table; ``paper``: where it is not the wide one."""
    wide = draw(WIDE)
    return ReportChart(figures.title, wide, draw(NARROW), wide if paper is None else paper, figures)


@dataclass(frozen=True)
class ReportSection:
    """One section with its heading."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[ReportFigure, ...] = ()
    drawings: tuple[ReportChart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class ReportLabels:
    """The fixed texts of a report, in its reader's language."""

    counted: str  # "Số liệu lúc {at} (giờ Việt Nam), quy tắc tính, phiên bản {rule}"
    compared: str  # the heading of the compared figures
    figure: str
    now: str


@dataclass(frozen=True)
class Report:
    """One report. ``period`` is text; ``stem``: the name of its files; its first table is the one of a CSV."""

    title: str
    stem: str
    office: str
    period: str
    as_of: datetime
    rule_version: str
    parts: tuple[ReportSection, ...]
    words: ReportLabels
    locale: Locale = "vi"

    @property
    def counted_line(self) -> str:
        """The sentence with the time of all figures."""
        return self.words.counted.format(at=vi_datetime(self.as_of, self.locale), rule=self.rule_version)

    @property
    def figures(self) -> tuple[ReportFigure, ...]:
        """Those of all parts, in order."""
        return tuple(figure for part in self.parts for figure in part.figures)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Those of all parts, in order."""
        return tuple(table for part in self.parts for table in part.tables)


def summary_lines(paper: Report) -> list[str]:
    """Return the first section's figures, one on a line, for a mail."""
    lines = []
    for figure in paper.parts[0].figures if paper.parts else ():
        value = display_value(figure.value, figure.kind, paper.locale) or "–"
        before = display_value(figure.before, figure.kind, paper.locale)
        lines.append(f"{figure.label}: {value}" + (f" ({paper.words.compared}: {before})" if before else ""))
    return lines


def write_report_xlsx(paper: Report) -> bytes:
    """Return a workbook with a sheet for every table, the figures on the first sheet, and Excel's own chart of every
    table of days that the report draws."""
    facts = [(figure.label, display_value(figure.value, figure.kind, paper.locale) or "–") for figure in paper.figures]
    # A chart of a table that is included anyway needs no sheet of its own.
    drawn = (chart.figures for part in paper.parts for chart in part.drawings)
    tables = [*paper.tables, *(one for one in drawn if all(one.rows != table.rows for table in paper.tables))]
    facts = [("", paper.period), ("", paper.counted_line), *facts]
    return write_xlsx(paper.title, tables, facts, paper.as_of, paper.locale, _sheet_charts(tables, paper))


def _sheet_charts(tables: Sequence[Table], paper: Report) -> list[SheetChart]:
    """Return the charts over time as Excel draws them, of the tables that have a sheet."""
    drawn = {id(chart.figures) for part in paper.parts for chart in part.drawings}
    charts = []
    for table in tables:
        if id(table) not in drawn:
            continue
        first, *others = table.columns
        values = tuple(column.key for column in others if column.kind == "number")
        if first.kind == "date" and values:
            charts.append(SheetChart("line", table.title, table, first.key, values))
    return charts


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("coordinator.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(shown=display_value)
    return environment


def report_html(paper: Report, base: str) -> str:
    """Return the report as one page for print, which loads nothing. ``base``: the installation's address."""
    return _templates().get_template("paper.html").render(paper=paper, base=base, form=ND30)


def write_report_pdf(paper: Report, base: str) -> bytes:
    """Return the report as a tagged PDF (PDF/UA-1). Raises ``ExportError`` where WeasyPrint's libraries are missing."""
    page = report_html(paper, base)
    try:
        from coordinator.exports.pdf import render_pdf  # noqa: PLC0415  # WeasyPrint costs 0.5 s and system libraries
    except OSError as missing:
        raise ExportError(f"PDF needs system libraries that are missing here: {missing}", code="pdf_libraries") from (
            missing
        )
    return render_pdf(page)
