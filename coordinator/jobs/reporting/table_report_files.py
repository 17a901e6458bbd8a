"""Table reports as files, in Vietnamese."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import Period
from campaigns.matching.matcher import RULE_VERSION
from campaigns.people.office import office_name
from coordinator.exports.csv import write_csv
from coordinator.exports.format import vi_date
from coordinator.exports.table_reports.context import ReportContext
from coordinator.exports.table_reports.report import Report, write_report_pdf, write_report_xlsx
from coordinator.jobs.reporting.briefings.briefing_document import period_words
from coordinator.jobs.reporting.rendered_report import FORMATS, RenderedReport


def period_name(period: Period) -> str:
    """A period in Vietnamese words; one day is its date."""
    return vi_date(period.first) if period.length == 1 else period_words(period)


def file_context(session: Session, now: datetime) -> ReportContext:
    """The context of reports as files; they are made within ``speaking(VIETNAMESE)``."""
    return ReportContext(period_name, office_name(session), now, RULE_VERSION)


def rendered_file(paper: Report, form: str, base: str) -> RenderedReport:
    """A paper as ``pdf``, ``xlsx`` or ``csv`` (its main table). Raises ``ExportError``."""
    match form:
        case "pdf":
            body = write_report_pdf(paper, base)
        case "xlsx":
            body = write_report_xlsx(paper)
        case _:
            body = write_csv(paper.tables[0])
    return RenderedReport(f"{paper.stem}.{form}", FORMATS[form], body)
