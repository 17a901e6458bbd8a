"""Report documents as desk pages: their language, their cells and links, and the same documents as files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import Period, city_day, parse_period, quarter_of
from campaigns.matching.matcher import RULE_VERSION
from campaigns.people.office import office_name
from coordinator.exports.format import Locale
from coordinator.exports.table_reports.context import ReportContext
from coordinator.exports.table_reports.report import Report, ReportChart, ReportFigure
from coordinator.exports.tables import CellValue, Column, Table, display_value
from coordinator.jobs.reporting.table_report_files import file_context, rendered_file
from coordinator.translation import VIETNAMESE, language, speaking
from coordinator.web.auth.security import app_context
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.text import periods
from coordinator.web.kit.text.formats import FigureCell, LinkedFigure

ROWS_AT_FIRST = 100  # rows of a table shown at first; the rest on request
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DocumentCell:
    """One cell of a page; ``href``: "" for no link."""

    words: str
    href: str
    numeric: bool
    head: str


def locale() -> Locale:
    """Return the language of this page, in the exporters' terms."""
    return language()


def page_wording(session: Session, now: datetime) -> ReportContext:
    """Return the wording of a page, in its reader's language."""
    return ReportContext(periods.period_name, office_name(session), now, RULE_VERSION, locale())


class DocumentView:
    """The values of a document for a page's template, in the reader's language. ``whole``: a table is shown with all
    its rows, as files always do.
    """

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole

    def more(self, table: Table) -> int:
        """Return how many rows of a table are not shown."""
        return 0 if self._whole else max(len(table.rows) - ROWS_AT_FIRST, 0)

    def cells(self, table: Table) -> list[list[DocumentCell]]:
        """Return the shown rows of a table, each cell with its text and link."""
        return [
            [
                DocumentCell(
                    display_value(value, column.kind, locale()),
                    _href(table, number, column, value),
                    column.numeric,
                    column.title,
                )
                for column, value in zip(table.columns, line, strict=True)
            ]
            for number, line in enumerate(islice(table.lines(), None if self._whole else ROWS_AT_FIRST))
        ]

    def numbers(self, drawing: ReportChart) -> list[list[FigureCell]]:
        """Return the rows of the table beside a chart, its counts with their lists."""
        table = drawing.figures
        return [
            [
                LinkedFigure(value, href)
                if isinstance(value, int) and (href := table.href(number, column.key))
                else display_value(value, column.kind, locale()) or "–"
                for column, value in zip(table.columns, line, strict=True)
            ]
            for number, line in enumerate(table.lines())
        ]

    def figure(self, figure: ReportFigure) -> str:
        """Return a figure as text; a dash where there is none."""
        return display_value(figure.value, figure.kind, locale()) or "–"

    def before(self, figure: ReportFigure) -> str:
        """Return its comparison value as text."""
        return display_value(figure.before, figure.kind, locale()) or "–"


def _href(table: Table, row: int, column: Column, value: CellValue) -> str:
    """Return the address behind a cell; "" for a count of 0, since its list is empty."""
    if column.kind == "link" and value:
        return str(value)
    return "" if column.numeric and not value else table.href(row, column.key)


def all_rows_requested() -> bool:
    """Whether this page's address asks for every row."""
    return request.args.get("whole") == "1"


def one_page_requested() -> bool:
    """Whether this file's address asks for the summary on one page."""
    return request.args.get("one_page") == "1"


def document_view() -> DocumentView:
    """Return the view that this page's address asks for."""
    return DocumentView(whole=all_rows_requested())


def file_links(forms: Sequence[str], endpoint: str, **values: Any) -> list[tuple[str, str]]:
    """Return (label, address) of a document's file in each format."""
    labels = {"pdf": "PDF", "xlsx": "Excel", "csv": "CSV"}
    return [(labels[form], url_for(endpoint, form=form, **values)) for form in forms]


def render_document(
    template: str, paper: Report, files: Sequence[tuple[str, str]], **more: object
) -> ResponseReturnValue:
    """Render the page of a document. ``files``: (label, address) of each file format."""
    return render_template(template, paper=paper, files=files, show=document_view(), **more)


def document_file(form: str, build: Callable[[Session, ReportContext], Report]) -> Response:
    """Return a document as a download, in Vietnamese. Raises ``ExportError``."""
    context = app_context().job_context
    with context.database.read() as session, speaking(VIETNAMESE):
        paper = build(session, file_context(session, context.now()))
    made = rendered_file(paper, form, context.addresses.base)
    return attachment(made.body, made.media_type, made.name)


def requested_period(args: Mapping[str, str], now: datetime) -> Period:
    """Return the period named in an address, by default the last complete quarter. Raises ``Invalid``."""
    typed = args.get("period", "").strip()
    return parse_period(typed) if typed else quarter_of(quarter_of(city_day(now)).first - _A_DAY)


def document_period_choices(period: Period, now: datetime) -> list[tuple[str, str]]:
    """Return (label, name) of the periods offered, the present one included."""
    known = periods.period_choices(None, city_day(now))
    label = periods.canonical_period(period).label
    return known if label in dict(known) else [(label, periods.period_name(period)), *known]
