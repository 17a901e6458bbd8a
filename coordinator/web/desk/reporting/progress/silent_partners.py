"""Silent partners of a campaign and period: those with copies in it before they became silent, each with its rows."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from campaigns.core.clock import city_day
from campaigns.matching.matcher import RULE_VERSION
from campaigns.reporting import tallies
from campaigns.reporting.activity import partner_silence, quiet_partners, recent_by_partner, recent_days
from campaigns.republications.silent_partners import SILENT_DAYS, silent_partner_codes
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.kit.lists import pagination, report_scope
from coordinator.web.kit.text import periods

blueprint = Blueprint("progress_quiet", __name__, url_prefix="/desk/progress/quiet")


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the silent partners of one campaign and period, the largest contributors first."""
    context = app_context().job_context
    with context.database.read() as session:
        now = context.now()
        choice, today = report_scope.requested_scope(session, now), city_day(now)
        sites = tallies.site_figures(session, choice.scope, recent_days(choice.scope, today))
        rows = tallies.rows(session, choice.scope, "partner", sites)
        confirmed = {row.key: row.confirmed for row in rows}
        recent = recent_by_partner(session, sites)
        silent = silent_partner_codes(session, min(today, choice.period.last))
        found = partner_silence(confirmed, recent, silent, choice.period, today)
        partners = quiet_partners(session, choice.scope, found, confirmed, today)
    return render_template(
        "desk/reporting/progress/silent_partners.html",
        part=pagination.paginate(partners),
        confirmed=confirmed,
        silence=found,
        days=SILENT_DAYS,
        choice=choice,
        as_of=now,
        rule_version=RULE_VERSION,
        period_name=periods.period_name,
    )
