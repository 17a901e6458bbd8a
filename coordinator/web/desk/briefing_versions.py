"""Frozen versions of a briefing: their figures, their files, what differs, and the same derived anew."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import May
from campaigns.reporting import versions
from campaigns.reporting.behind import Slice
from campaigns.reporting.history import AsOf
from campaigns.reporting.reading import Scope
from campaigns.reporting.signing import Briefing
from coordinator.exports.errors import ExportError
from coordinator.jobs import reporting
from coordinator.jobs.reporting import FORMATS
from coordinator.web.desk import briefing_differences, inputs, periods
from coordinator.web.desk.briefing_figures import Page
from coordinator.web.desk.briefing_rows import address, rows_page
from coordinator.web.desk.progress import attachment
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("versions", __name__, url_prefix="/versions")


@dataclass(frozen=True)
class Line:
    """A version on the list. ``last``: the newest; every earlier one is superseded."""

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


def lines(session: Session, row: Briefing) -> list[Line]:
    """A briefing's versions, the newest first, each with what differs from the one before it."""
    made = versions.versions_of(session, row)
    found = []
    for one in reversed(made):
        said = briefing_differences.said(one.changes)
        line = Line(
            one.public, one.number, one.as_of, one.rule_version, one.made_by_name, one.reason, said,
            len(one.differences) - len(said), one is made[-1], one.words.number,
        )  # fmt: skip
        found.append(line)
    return found


@blueprint.get("/<public>")
@staff()
def show(public: str) -> ResponseReturnValue:
    """One version as it was frozen."""
    return _page(public, {})


@blueprint.post("/<public>/number")
@staff(May.REPORT)
def number(public: str) -> ResponseReturnValue:
    """Write down the number and day that the records office gave."""
    place = front().place
    errors: list[FieldError] = []
    signed_on = inputs.day("signed_on", errors)
    try:
        if errors:
            raise Invalid(errors)
        with place.database.write() as session:
            row = versions.find_version(session, public)
            versions.give_number(session, actor(), row, inputs.text("number"), signed_on, now=place.now())
    except Invalid as invalid:
        return _page(public, inputs.said(invalid))
    say_done(_("Đã ghi số và ngày ký."))
    return redirect(url_for("briefings.versions.show", public=public), 303)


@blueprint.get("/<public>/file.<form>")
@staff(May.REPORT)
def file(public: str, form: str) -> ResponseReturnValue:
    """A version's file, from the figures as they were frozen."""
    if form not in FORMATS:
        abort(404)
    try:
        with front().place.database.read() as session:
            made = reporting.of_version(session, versions.find_version(session, public), form)
    except ExportError as error:
        say_trouble(error_sentence(error, language()))
        return redirect(url_for("briefings.versions.show", public=public), 303)
    return attachment(made.body, made.media_type, made.name)


@blueprint.get("/<public>/again")
@staff()
def again(public: str) -> ResponseReturnValue:
    """The version derived anew from the history, and every figure that comes out differently."""
    with front().place.database.read() as session:
        row = versions.find_version(session, public)
        derived = versions.derive(session, row)
        period = periods.period_name(row.briefing.period)
        said = briefing_differences.said(derived.changes)
    return render_template(
        "briefings/again.html", version=row, derived=derived, said=said, more=len(derived.changes) - len(said),
        period_name=period,
    )  # fmt: skip


@blueprint.get("/<public>/rows")
@staff()
def rows(public: str) -> ResponseReturnValue:
    """The rows behind one figure, as they were counted when it was frozen."""
    with front().place.database.read() as session:
        row = versions.find_version(session, public)
        outline, period = row.told.outline, row.briefing.period
        topics = outline.topics if outline else None
        scope = Scope(period, outline.id if outline else None, as_of=AsOf(row.as_of, row.entry), topics=topics)
        name = _("%(period)s, bản %(number)s", period=periods.period_name(period), number=row.number)
        return rows_page(session, scope, (str(name), url_for("briefings.versions.show", public=public)))


def _page(public: str, errors: dict[str, str]) -> ResponseReturnValue:
    with front().place.database.read() as session:
        row = versions.find_version(session, public)
        told, words = row.told, row.words
        made = lines(session, row.briefing)
        period = periods.period_name(row.briefing.period)

    def link(which: Slice, period: str) -> str:
        return address("briefings.versions.rows", public, which, period)

    page = render_template(
        "briefings/version.html",
        version=row, told=told, words=words, made=made, grids=Page(told, link).grids(), period_name=period,
        errors=errors, forms=FORMATS, may_report=actor().may(May.REPORT),
        mine=next(one for one in made if one.public == public),
    )  # fmt: skip
    return (page, 422) if errors else page
