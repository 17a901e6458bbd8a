"""A paper: a report for the desk's own use, the same as a page, a PDF and a workbook. No administrative form.

Every figure may carry the address of the rows behind it, as a path of the desk (``/desk/republications?…``); the PDF
puts the installation's own address before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coordinator.exports.errors import ExportError
from coordinator.exports.form import ND30
from coordinator.exports.format import Locale, vi_datetime
from coordinator.exports.lettering import printable
from coordinator.exports.tables import Column, Kind, Row, Table, Value, shown
from coordinator.exports.xlsx import write_xlsx


@dataclass(frozen=True)
class Figure:
    """One figure with its name. ``before``: the same of the time it is compared with, None where there is none."""

    label: str
    value: Value
    kind: Kind = "number"
    before: Value = None
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class Linked:
    """A table, and for each of its rows the addresses behind its cells, by column key."""

    table: Table
    hrefs: Sequence[Mapping[str, str]] = ()

    def href(self, row: int, key: str) -> str:
        """Where a cell leads; "" for nowhere."""
        return self.hrefs[row].get(key, "") if row < len(self.hrefs) else ""


@dataclass(frozen=True)
class Drawing:
    """A picture in its three forms (``coordinator.exports.charts``): for the wide and the narrow page, and for paper
    with its key; and the table that says the same in figures."""

    title: str
    wide: Markup
    narrow: Markup
    paper: Markup
    figures: Table


@dataclass(frozen=True)
class Part:
    """One part with its heading."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    tables: tuple[Linked, ...] = ()


@dataclass(frozen=True)
class Words:
    """What a paper says by itself, in its reader's language."""

    counted: str  # "Số liệu lúc {at} (giờ Việt Nam), luật đếm {rule}"
    compared: str  # heads the figures that are compared with
    figure: str
    now: str


@dataclass(frozen=True)
class Paper:
    """One report. ``period`` is in words; ``lead``: which of the tables a CSV holds, counted over all parts."""

    title: str
    office: str
    period: str
    as_of: datetime
    rule_version: str
    parts: tuple[Part, ...]
    words: Words
    locale: Locale = "vi"
    lead: int = 0

    @property
    def counted_line(self) -> str:
        """The sentence that dates every figure."""
        return self.words.counted.format(at=vi_datetime(self.as_of, self.locale), rule=self.rule_version)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Those of all parts, in order."""
        return tuple(one for part in self.parts for one in part.figures)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Those of all parts, in order."""
        return tuple(one.table for part in self.parts for one in part.tables)


def summary_lines(paper: Paper) -> list[str]:
    """The first part's figures, a line each, for a letter."""
    lines = []
    for one in paper.parts[0].figures if paper.parts else ():
        value = shown(one.value, one.kind, paper.locale) or "–"
        before = shown(one.before, one.kind, paper.locale)
        lines.append(f"{one.label}: {value}" + (f" ({paper.words.compared}: {before})" if before else ""))
    return lines


def write_paper_xlsx(paper: Paper) -> bytes:
    """Every table of the paper as a sheet, its figures on the first."""
    facts = [(one.label, shown(one.value, one.kind, paper.locale) or "–") for one in paper.figures]
    # A drawing of a table that is there anyway needs no sheet of its own.
    drawn = (one.figures for part in paper.parts for one in part.drawings)
    tables = [*paper.tables, *(one for one in drawn if all(one.rows != table.rows for table in paper.tables))]
    return write_xlsx(
        paper.title, tables, [("", paper.period), ("", paper.counted_line), *facts], paper.as_of, paper.locale
    )


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
    environment.globals.update(shown=shown)
    return environment


def paper_html(paper: Paper, base: str) -> str:
    """The whole paper as one page for print, without anything to be fetched. ``base``: the installation's address."""
    return _templates().get_template("paper.html").render(paper=paper, base=base, form=ND30)


def write_paper_pdf(paper: Paper, base: str) -> bytes:
    """The paper as a tagged PDF (PDF/UA-1). Raises ``ExportError`` where this machine lacks what draws text."""
    page = paper_html(paper, base)
    try:
        from coordinator.exports.press import printed  # noqa: PLC0415  # WeasyPrint costs 0.5 s and system libraries
    except OSError as missing:
        raise ExportError(f"PDF needs system libraries that are missing here: {missing}", code="pdf_libraries") from (
            missing
        )
    return printed(page)


def columns(*given: tuple[str, str] | tuple[str, str, Kind]) -> tuple[Column, ...]:
    """Columns from (key, title) or (key, title, kind)."""
    return tuple(Column(*one) for one in given)


def linked(
    title: str, given: tuple[Column, ...], rows: Sequence[tuple[Row, Mapping[str, str]]], note: str = ""
) -> Linked:
    """A table of rows that come each with its addresses."""
    return Linked(Table(title, given, [row for row, _ in rows], note), [hrefs for _, hrefs in rows])
