"""Reports: choose a plan, a period and a form, see what will be in it, and take the file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day, parse_period
from campaigns.core.errors import CampaignError, Invalid
from campaigns.people.office import the_office
from campaigns.people.staff import May
from campaigns.planning.campaigns import Metric, find_campaign
from campaigns.reporting import tallies
from campaigns.reporting.tallies import Row
from campaigns.tracking.matching import RULE_VERSION
from coordinator.exports.errors import ExportError
from coordinator.jobs import reporting
from coordinator.web.desk import choosing, inputs, periods
from coordinator.web.desk.choosing import Choice
from coordinator.web.desk.progress import attachment
from coordinator.web.look import language, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("reports", __name__, url_prefix="/desk/reports")

# In the order people ask for them; JSON is for programs and comes last.
FORMS = ("docx", "pdf", "xlsx", "csv", "json")
OTHER = "other"  # in place of a period: the one typed beside it


@dataclass(frozen=True)
class Preview:
    """What a report made now would say: the office it speaks for, and its first figures."""

    office: str
    parent: str
    place: str
    totals: Row
    bulletins: int
    targets: int
    partners: int
    topics: int
    days: int
    as_of: datetime
    rule_version: str


@blueprint.get("/")
@staff()
def index() -> ResponseReturnValue:
    """The choice, and what would be in the file."""
    place = front().place
    errors: dict[str, str] = {}
    asked = request.args.get("period", "")
    if asked == OTHER or request.args.get("other", "").strip():
        typed = request.args.get("other", "").strip()
        try:
            period = parse_period(typed, "other")
        except Invalid as invalid:
            errors = inputs.said(invalid)
        else:
            values = {**request.args.to_dict(), "period": period.label}
            values.pop("other", None)
            return redirect(url_for("reports.index", **values), 303)  # type: ignore[arg-type]  # query values
    with place.database.read() as session:
        now = place.now()
        choice = choosing.choose(session, now, ignore_period=bool(errors))
        plans = choosing.plans(session)
        offered = periods.offered(choice.plan.period if choice.plan else None, city_day(now))
        office = the_office(session)
        scope = choice.scope
        campaign = find_campaign(session, choice.plan.code) if choice.plan else None
        by_day = tallies.rows(session, scope, "day")
        preview = Preview(
            office=office.name,
            parent=office.parent,
            place=office.place,
            totals=tallies.totals(session, scope),
            bulletins=sum(tallies.daily(session, scope, Metric.BULLETINS, choice.period.days())),
            targets=len(campaign.targets) if campaign else 0,
            partners=sum(bool(row.found or row.delivered) for row in tallies.rows(session, scope, "partner")),
            topics=len(tallies.rows(session, scope, "topic")),
            days=len(by_day),
            as_of=now,
            rule_version=RULE_VERSION,
        )
    if choice.period.label not in dict(offered):
        offered = [(choice.period.label, periods.period_name(choice.period)), *offered]
    page = render_template(
        "reports/index.html",
        choice=choice,
        plans=[(one.code, f"{one.number} · {one.name}") for one in plans],
        offered=[*offered, (OTHER, _("Kỳ khác…"))],
        preview=preview,
        forms=FORMS,
        errors=errors,
        other=request.args.get("other", ""),
        may_report=actor().may(May.REPORT),
        period_name=periods.period_name,
        span=periods.span,
    )
    return (page, 422) if errors else page


@blueprint.get("/file.<form>")
@staff(May.REPORT)
def file(form: str) -> ResponseReturnValue:
    """The report in one form, with the figures of this moment."""
    if form not in FORMS:
        abort(404)
    place = front().place
    try:
        with place.database.read() as session:
            now = place.now()
            choice = choosing.choose(session, now)
            campaign = find_campaign(session, choice.plan.code) if choice.plan else None
            made = reporting.make(session, campaign, choice.period, form, now=now)
    except ExportError as error:
        say_trouble(_unwritable(error, form))
        return redirect(url_for("reports.index", **_address()), 303)
    return attachment(made.body, made.media_type, made.name)


def _unwritable(error: CampaignError, form: str) -> str:
    """A sentence on a file that this machine cannot write, with what the writer itself said."""
    return str(
        _(
            "Máy chủ chưa lập được tệp %(form)s. Các dạng khác vẫn lập được; mời báo người quản trị: %(detail)s",
            form=form.upper(),
            detail=error_sentence(error, language()),
        )
    )


def _address() -> dict[str, Any]:
    return {name: value for name, value in request.args.items() if name in {"campaign", "period"}}


def report_values(choice: Choice) -> dict[str, str]:
    """The choice as the address of a file has it; a report knows no topic and no partner."""
    values = choice.query()
    return {"campaign": values["campaign"], "period": values["period"]}


@blueprint.context_processor
def _values() -> dict[str, object]:
    return {"report_values": report_values}
