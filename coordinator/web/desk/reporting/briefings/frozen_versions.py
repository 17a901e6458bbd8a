"""Frozen versions of a briefing: their figures, files, differences, and a new derivation of the same figures."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.contents import from_attributes
from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Permission
from campaigns.reporting.briefings import versions
from campaigns.reporting.briefings.briefing_text import Briefing
from campaigns.reporting.briefings.drilldown import FigureSelection
from campaigns.reporting.rollups.rollup_query import TallyScope
from campaigns.reporting.rollups.tally_history import AsOf
from coordinator.exports.errors import ExportError
from coordinator.jobs.reporting.briefings import briefing_files
from coordinator.jobs.reporting.briefings.briefing_files import ONE_PAGE_FORMATS
from coordinator.jobs.reporting.rendered_report import FORMATS
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.reporting.briefings import labels
from coordinator.web.desk.reporting.briefings.figures import BriefingPage, rows_page, rows_url
from coordinator.web.desk.reporting.documents import one_page_requested
from coordinator.web.kit.forms import fields
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import periods
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("versions", __name__, url_prefix="/versions")


@dataclass(frozen=True)
class VersionRow:
    """A version in the list. ``last``: the newest; every earlier one is superseded."""

    public: str
    number: int
    as_of: datetime
    rule_version: str
    by: str
    reason: str
    differences: list[str]
    more: int
    last: bool
    given_number: str


def version_rows(session: Session, row: Briefing) -> list[VersionRow]:
    """Return a briefing's versions, newest first, each with its differences from the one before."""
    made = versions.versions_of(session, row)
    found = []
    for version in reversed(made):
        messages = labels.difference_messages(version.changes)
        line = from_attributes(
            VersionRow,
            version,
            by=version.made_by_name,
            differences=messages,
            more=len(version.differences) - len(messages),
            last=version is made[-1],
            given_number=version.frozen_text.number,
        )
        found.append(line)
    return found


@blueprint.get("/<public>")
@staff_required()
def show(public: str) -> ResponseReturnValue:
    """Show one version as frozen."""
    return _render_page(public, {})


@blueprint.post("/<public>/number")
@staff_required(Permission.REPORT)
def number(public: str) -> ResponseReturnValue:
    """Record the number and day that the records office assigned."""
    context = app_context().job_context
    errors: list[FieldError] = []
    signed_on = fields.day("signed_on", errors)
    try:
        if errors:
            raise Invalid(errors)
        with context.database.write() as session:
            row = versions.find_version(session, public)
            versions.give_number(session, current_actor(), row, fields.text("number"), signed_on, now=context.now())
    except Invalid as invalid:
        return _render_page(public, fields.error_messages(invalid))
    flash_done(_("Đã ghi số và ngày ký."))
    return redirect(url_for("briefings.versions.show", public=public), 303)


@blueprint.get("/<public>/file.<form>")
@staff_required(Permission.REPORT)
def file(public: str, form: str) -> ResponseReturnValue:
    """Return a version's file, from the frozen figures; ``one_page=1``: its summary on one page."""
    one_page = one_page_requested()
    if form not in (ONE_PAGE_FORMATS if one_page else FORMATS):
        abort(404)
    try:
        with app_context().job_context.database.read() as session:
            made = briefing_files.version_file(session, versions.find_version(session, public), form, one_page=one_page)
    except ExportError as error:
        flash_trouble(error_sentence(error))
        return redirect(url_for("briefings.versions.show", public=public), 303)
    return attachment(made.body, made.media_type, made.name)


@blueprint.get("/<public>/again")
@staff_required()
def again(public: str) -> ResponseReturnValue:
    """Derive the version again from the history, and show every figure that differs."""
    with app_context().job_context.database.read() as session:
        row = versions.find_version(session, public)
        derived = versions.rederive(session, row)
        period = periods.period_name(row.briefing.period)
        messages = labels.difference_messages(derived.changes)
    return render_template(
        "desk/reporting/briefings/rederived.html",
        version=row,
        derived=derived,
        messages=messages,
        more=len(derived.changes) - len(messages),
        period_name=period,
    )


@blueprint.get("/<public>/rows")
@staff_required()
def rows(public: str) -> ResponseReturnValue:
    """Show the rows behind one figure, as counted when the version was frozen."""
    with app_context().job_context.database.read() as session:
        row = versions.find_version(session, public)
        outline, period = row.frozen_figures.outline, row.briefing.period
        topics = outline.topics if outline else None
        scope = TallyScope(period, outline.id if outline else None, as_of=AsOf(row.as_of, row.entry), topics=topics)
        name = _("%(period)s, phiên bản %(number)s", period=periods.period_name(period), number=row.number)
        return rows_page(session, scope, (str(name), url_for("briefings.versions.show", public=public)), row.as_of)


def _render_page(public: str, errors: dict[str, str]) -> ResponseReturnValue:
    with app_context().job_context.database.read() as session:
        row = versions.find_version(session, public)
        figures, words = row.frozen_figures, row.frozen_text
        made = version_rows(session, row.briefing)
        period = periods.period_name(row.briefing.period)

    def link(which: FigureSelection, period: str) -> str:
        return rows_url("briefings.versions.rows", public, which, period)

    page = render_template(
        "desk/reporting/briefings/version.html",
        version=row,
        words=words,
        made=made,
        shown=BriefingPage(figures, link),
        period_name=period,
        errors=errors,
        forms=FORMATS,
        may_report=current_actor().may(Permission.REPORT),
        mine=next(row for row in made if row.public == public),
    )
    return (page, 422) if errors else page
