"""The briefing as a PDF and as a Word file."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coordinator.exports.charts.render import chart_description
from coordinator.exports.documents.briefing import Briefing, head_lines, roman
from coordinator.exports.documents.layout import ND30, DocumentLayout
from coordinator.exports.documents.word_tables import KEPT_WHOLE, column_widths, kept_with_next
from coordinator.exports.errors import ExportError
from coordinator.exports.printable_text import printable
from coordinator.exports.tables import display_value

# The briefing as a Word file that the office can edit.


def write_docx(report: Briefing, form: DocumentLayout = ND30, template: bytes | None = None) -> bytes:
    """Return the report in the administrative form of Nghị định 30/2020 as a ``.docx``, or in the office's
    ``template``.

    Charts are pictures with a description. A missing number and date are left blank for the records office; nothing is
    signed. The same arguments give the same bytes. Raises ``ExportError`` for a template that cannot be filled in.
    """
    from coordinator.exports.documents.word_filling import fill_briefing, filled_in_child  # noqa: PLC0415 - python-docx costs every start 70 ms otherwise
    from coordinator.exports.documents.word_template import default_briefing_template  # noqa: PLC0415 - the same

    if template is not None:
        return filled_in_child(fill_briefing, report, form, template)
    return fill_briefing(report, form, default_briefing_template(form))


_LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation"


def _printable_value(value: Any) -> Any:
    """Return a value for the template in NFC without characters that cannot be printed; markup stays markup."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("coordinator.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable_value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        column_widths=column_widths,
        described=chart_description,
        head_lines=head_lines,
        kept_with_next=kept_with_next,
        kept_whole=KEPT_WHOLE,
        roman=roman,
        shown=display_value,
        zip=zip,
    )
    return environment


def briefing_html(report: Briefing, form: DocumentLayout = ND30) -> str:
    """Return the whole report as one HTML page for print, which loads nothing."""
    return _templates().get_template("briefing.html").render(report=report, form=form)


def write_pdf(report: Briefing, form: DocumentLayout = ND30) -> bytes:
    """Return the report in the administrative form of Nghị định 30/2020 as a tagged PDF (PDF/UA-1).

    Nothing is loaded while it is made, neither from the network nor from the disk. Raises ``ExportError`` when this
    machine lacks WeasyPrint's libraries.
    """
    page = briefing_html(report, form)
    try:
        from coordinator.exports.pdf import render_pdf  # noqa: PLC0415 - WeasyPrint costs 0.5 s and needs system libraries
    except OSError as missing:
        raise ExportError(
            f"PDF needs system libraries that are missing here; on Debian: apt-get install {_LIBRARIES}",
            code="pdf_libraries",
            packages=_LIBRARIES,
        ) from missing
    return render_pdf(page)
