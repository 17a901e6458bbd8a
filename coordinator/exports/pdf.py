"""The briefing as PDF, from one HTML template, for reading on the screen and on paper."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coordinator.exports.charts import described
from coordinator.exports.document import Briefing, head_lines, roman
from coordinator.exports.errors import ExportError
from coordinator.exports.form import ND30, Form
from coordinator.exports.grids import KEPT_WHOLE, column_widths, kept_with_next
from coordinator.exports.lettering import printable
from coordinator.exports.tables import shown

_LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation"


def _letters(value: Any) -> Any:
    """What the template is about to write, composed; markup of ours stays markup."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _web_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("coordinator.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_letters,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        column_widths=column_widths,
        described=described,
        head_lines=head_lines,
        kept_with_next=kept_with_next,
        kept_whole=KEPT_WHOLE,
        roman=roman,
        shown=shown,
        zip=zip,
        web_address=_web_address,
    )
    return environment


def briefing_html(report: Briefing, form: Form = ND30) -> str:
    """The whole report as one HTML page for print, without anything to be fetched."""
    return _templates().get_template("briefing.html").render(report=report, form=form)


def write_pdf(report: Briefing, form: Form = ND30) -> bytes:
    """The report in the administrative form of Nghị định 30/2020 as a tagged PDF (PDF/UA-1).

    Nothing is fetched while it is made, neither from the network nor from the disk. Raises ``ExportError`` when this
    machine lacks the libraries WeasyPrint draws text with.
    """
    page = briefing_html(report, form)
    try:
        from coordinator.exports.press import printed  # noqa: PLC0415 - WeasyPrint costs 0.5 s and needs system libraries
    except OSError as missing:
        raise ExportError(
            f"PDF needs system libraries that are missing here; on Debian: apt-get install {_LIBRARIES}",
            code="pdf_libraries",
            packages=_LIBRARIES,
        ) from missing
    return printed(page)
